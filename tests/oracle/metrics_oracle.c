#include "tests/oracle/metrics_oracle.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static double times(const double *weight, int64_t i) { return weight ? weight[i] : 1; }

/* --- ranking --------------------------------------------------------------- */

double oracle_average_precision(int k, int n_ranked, const uint8_t *hit, int n_relevant) {
  double sum = 0;
  for (int j = 0; j < n_ranked && j < k; j++) {
    int hits_so_far = 0;
    for (int l = 0; l <= j; l++) hits_so_far += hit[l];
    if (hit[j]) sum += (double)hits_so_far / (j + 1);
  }
  return sum / n_relevant;
}

/* Mean absolute difference over twice the mean. */
double oracle_gini(int n, const double *exposure) {
  double difference = 0, sum = 0;
  for (int i = 0; i < n; i++) {
    sum += exposure[i];
    for (int j = 0; j < n; j++) difference += fabs(exposure[i] - exposure[j]);
  }
  return difference / n / n / (2 * sum / n);
}

/* --- probabilities --------------------------------------------------------- */

double oracle_auc(int64_t n, const double *score, const int8_t *y, const double *weight) {
  double wins = 0, pairs = 0;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) {
      if (y[i] != 1 || y[j] != 0) continue;
      const double w = times(weight, i) * times(weight, j);
      pairs += w;
      wins += score[i] > score[j] ? w : score[i] == score[j] ? w / 2 : 0;
    }
  }
  return wins / pairs;
}

/* The bin of row i: where the middle of the mass with its very prediction falls. */
static int bin_of(int64_t n, const double *p, const double *weight, int n_bins, int64_t i) {
  double below = 0, tied = 0, total = 0;
  for (int64_t j = 0; j < n; j++) {
    total += times(weight, j);
    if (p[j] < p[i]) below += times(weight, j);
    if (p[j] == p[i]) tied += times(weight, j);
  }
  const int bin = (int)floor(n_bins * (below + tied / 2) / total);
  return bin < n_bins ? bin : n_bins - 1;
}

double oracle_ece(int64_t n, const double *p, const double *y, const double *weight,
                  int n_bins) {
  double ece = 0, total = 0;
  for (int64_t i = 0; i < n; i++) total += times(weight, i);
  for (int b = 0; b < n_bins; b++) {
    double mass = 0, predicted = 0, observed = 0;
    for (int64_t i = 0; i < n; i++) {
      if (bin_of(n, p, weight, n_bins, i) != b) continue;
      mass += times(weight, i);
      predicted += times(weight, i) * p[i];
      observed += times(weight, i) * y[i];
    }
    if (mass > 0) ece += mass / total * fabs(predicted / mass - observed / mass);
  }
  return ece;
}

static double mean_in(int64_t n, const double *value, const int8_t *y, const double *inside) {
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < n; i++) {
    sum += inside[i] * (y ? y[i] : value[i]);
    mass += inside[i];
  }
  return sum / mass;
}

void oracle_brier_parts(int64_t n, const double *p, const int8_t *y, const double *weight,
                        int n_bins, pfc_brier_parts *parts) {
  double *all = calloc((size_t)n + 1, sizeof *all),
         *inside = calloc((size_t)n + 1, sizeof *all);
  if (!all || !inside) abort();
  double total = 0;
  for (int64_t i = 0; i < n; i++) total += all[i] = times(weight, i);
  const double base = mean_in(n, NULL, y, all);
  *parts = (pfc_brier_parts){.brier = parts->brier, .uncertainty = base - base * base};
  for (int b = 0; b < n_bins; b++) {
    for (int64_t i = 0; i < n; i++)
      inside[i] = bin_of(n, p, weight, n_bins, i) == b ? all[i] : 0;
    const double mean_p = mean_in(n, p, NULL, inside), mean_y = mean_in(n, NULL, y, inside);
    for (int64_t i = 0; i < n; i++) {
      if (inside[i] == 0) continue;
      const double share = inside[i] / total;
      parts->reliability += share * pow(mean_p - mean_y, 2);
      parts->resolution += share * pow(mean_y - base, 2);
      parts->within_variance += share * pow(p[i] - mean_p, 2);
      parts->within_covariance += 2 * share * (p[i] - mean_p) * (y[i] - mean_y);
    }
  }
  free(all);
  free(inside);
}

/* --- spells ---------------------------------------------------------------- */

static double entry_of(const pfc_spells *s, int64_t i) {
  return s->entry && s->entry[i] > 0 ? s->entry[i] : -INFINITY;
}

static bool at_risk(const pfc_spells *s, int64_t i, double day) {
  return entry_of(s, i) < day && day <= s->time[i];
}

double oracle_concordance(const pfc_spells *s, const double *risk) {
  double wins = 0, pairs = 0;
  for (int64_t i = 0; i < s->n; i++) {
    if (s->event[i] != 1 || !at_risk(s, i, s->time[i])) continue;
    for (int64_t j = 0; j < s->n; j++) {
      if (!at_risk(s, j, s->time[i])) continue;
      if (s->time[j] == s->time[i] && s->event[j] == 1) continue;
      const double w = times(s->weight, i) * times(s->weight, j);
      pairs += w;
      wins += risk[i] > risk[j] ? w : risk[i] == risk[j] ? w / 2 : 0;
    }
  }
  return pairs > 0 ? wins / pairs : NAN;
}

double oracle_ipcw_concordance(const pfc_spells *s, const double *risk, double tau) {
  double wins = 0, pairs = 0;
  for (int64_t i = 0; i < s->n; i++) {
    if (s->event[i] != 1 || s->time[i] > tau || !at_risk(s, i, s->time[i])) continue;
    if (times(s->weight, i) == 0) continue;
    const double g = oracle_kaplan_meier(s, 1, 1, s->time[i]);
    if (g == 0) return NAN;
    for (int64_t j = 0; j < s->n; j++) {
      if (!at_risk(s, j, s->time[i]) || times(s->weight, j) == 0) continue;
      if (s->time[j] == s->time[i] && s->event[j] == 1) continue;
      const double w = times(s->weight, i) * times(s->weight, j) *
                       (oracle_kaplan_meier(s, 1, 0, entry_of(s, i)) / g) *
                       (oracle_kaplan_meier(s, 1, 0, entry_of(s, j)) / g);
      pairs += w;
      wins += risk[i] > risk[j] ? w : risk[i] == risk[j] ? w / 2 : 0;
    }
  }
  return pairs > 0 ? wins / pairs : NAN;
}

/* True for the first of the spells that end on the day of spell i. */
static bool is_first_of_its_day(const pfc_spells *s, int64_t i) {
  for (int64_t j = 0; j < i; j++)
    if (s->time[j] == s->time[i] && at_risk(s, j, s->time[j])) return false;
  return at_risk(s, i, s->time[i]);
}

double oracle_kaplan_meier(const pfc_spells *s, int censoring, int left, double day) {
  double value = 1;
  for (int64_t i = 0; i < s->n; i++) {
    const double t = s->time[i];
    if (!is_first_of_its_day(s, i) || t > day || (left && t == day)) continue;
    double risk = 0, lost = 0;
    for (int64_t j = 0; j < s->n; j++) {
      if (!at_risk(s, j, t)) continue;
      const bool ends = s->time[j] == t;
      if (censoring && ends && s->event[j] != 0) continue;
      risk += times(s->weight, j);
      if (ends && (s->event[j] == 0) == (censoring != 0)) lost += times(s->weight, j);
    }
    if (lost > 0) value *= 1 - lost / risk;
  }
  return value;
}

double oracle_aalen_johansen(const pfc_spells *s, double day) {
  double value = 0;
  for (int64_t i = 0; i < s->n; i++) {
    const double t = s->time[i];
    if (!is_first_of_its_day(s, i) || t > day) continue;
    double risk = 0, events = 0;
    for (int64_t j = 0; j < s->n; j++) {
      if (!at_risk(s, j, t)) continue;
      risk += times(s->weight, j);
      if (s->time[j] == t && s->event[j] == 1) events += times(s->weight, j);
    }
    if (events > 0) value += oracle_kaplan_meier(s, 0, 1, t) * events / risk;
  }
  return value;
}

double oracle_brier(const pfc_spells *s, double day, const double *incidence) {
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < s->n; i++) {
    const double entry = entry_of(s, i);
    if (entry >= day || entry >= s->time[i]) continue;
    mass += times(s->weight, i);
    const bool ended = s->time[i] <= day && s->event[i] != 0;
    if (!ended && s->time[i] < day) continue;
    const double happened = ended && s->event[i] == 1;
    const double known = oracle_kaplan_meier(s, 1, 1, ended ? s->time[i] : day) /
                         oracle_kaplan_meier(s, 1, 0, entry);
    sum += times(s->weight, i) * pow(happened - incidence[i], 2) / known;
  }
  return sum / mass;
}

double oracle_incidence_ece(const pfc_spells *s, double day, const double *incidence,
                            int n_bins) {
  double *inside = calloc((size_t)s->n, sizeof *inside);
  if (!inside) abort();
  double sum = 0, judged = 0;
  for (int b = 0; b < n_bins; b++) {
    double mass = 0, predicted = 0;
    for (int64_t i = 0; i < s->n; i++) {
      const bool in = bin_of(s->n, incidence, s->weight, n_bins, i) == b;
      inside[i] = in ? times(s->weight, i) : 0;
      mass += inside[i];
      predicted += inside[i] * incidence[i];
    }
    pfc_spells part = *s;
    part.weight = inside;
    if (mass == 0 || oracle_kaplan_meier(&part, 1, 1, day) < 1e-12) continue;
    sum += fabs(predicted - mass * oracle_aalen_johansen(&part, day));
    judged += mass;
  }
  free(inside);
  return sum / judged;
}

/* Share of [0, s] that lies in bin b of n_bins. */
static double share_in(double s, int b, int n_bins) {
  const double from = (double)b / n_bins, to = (b + 1.0) / n_bins;
  if (s <= from) return s == 0 && b == 0;
  return (fmin(s, to) - from) / s;
}

double oracle_d_calibration(int64_t n, const double *survival, const int8_t *observed,
                            const double *weight, int n_bins) {
  double total = 0, statistic = 0;
  for (int64_t i = 0; i < n; i++) total += times(weight, i);
  for (int b = 0; b < n_bins; b++) {
    const double from = (double)b / n_bins, to = (b + 1.0) / n_bins;
    double mass = 0;
    for (int64_t i = 0; i < n; i++) {
      const double s = survival[i];
      const bool inside = s >= from && (s < to || b == n_bins - 1);
      mass += times(weight, i) * (observed[i] ? inside : share_in(s, b, n_bins));
    }
    statistic += pow(mass - total / n_bins, 2) / (total / n_bins);
  }
  return statistic;
}

double oracle_chi_square_tail(int f, double x) {
  enum { STEPS = 200000 };
  const double step = (40.0 * f + 400) / STEPS;
  double sum = 0;
  for (int k = 0; k <= STEPS; k++) {
    const double at = x + k * step;
    const double log_density =
        at > 0 ? (0.5 * f - 1) * log(at / 2) - at / 2 - lgamma(0.5 * f) - log(2)
               : (f == 2 ? -log(2) : -INFINITY);
    sum += exp(log_density) * (k == 0 || k == STEPS ? 1 : k % 2 ? 4 : 2);
  }
  return sum * step / 3;
}
