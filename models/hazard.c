#include "models/hazard.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

const char *pfc_cause_name(pfc_cause cause) {
  static const char *const names[PFC_N_CAUSES] = {
      [PFC_PROFICIENT] = "proficient", [PFC_DROPPED] = "dropped", [PFC_LEFT] = "left"};
  return names[cause];
}

void pfc_hazard_clear(pfc_hazard *m) {
  pfc_features_destroy(m->features);
  pfc_free(m->group_of);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    pfc_free(m->clock[r].column);
    pfc_free(m->clock[r].edge);
    pfc_free(m->baseline[r]);
    pfc_free(m->coef[r]);
    pfc_posterior_clear(&m->posterior[r]);
  }
  pfc_strengths_clear(&m->strengths);
  pfc_ledger_clear(&m->ledger);
  memset(m, 0, sizeof *m);
}

void pfc_curve_clear(pfc_curve *curve) {
  pfc_free(curve->from);
  pfc_free(curve->to);
  pfc_free(curve->param);
  memset(curve, 0, sizeof *curve);
}

/* Inserts day into the ascending cuts unless it is one of them (or within rounding of one);
 * returns how many there are. */
static int insert_cut(double *cut, int n, double day, double rounding) {
  int at = n;
  while (at > 0 && cut[at - 1] > day) at--;
  if (at > 0 && day - cut[at - 1] <= rounding) return n;
  if (at < n && cut[at] - day <= rounding) return n;
  memmove(cut + at + 1, cut + at, sizeof *cut * (size_t)(n - at));
  cut[at] = day;
  return n + 1;
}

/* Day since the start at which a cause's clock stands at 0. */
static double clock_zero(const pfc_clock *clock, const double *clock_day, int cause) {
  if (!clock->column || clock->column[0] == '\0') return 0;
  return clock_day && !isnan(clock_day[cause]) ? clock_day[cause] : clock->typical_day;
}

/* The days where any cause's hazard changes; -1 when they are too many for a curve. */
static int find_cuts(const pfc_hazard *m, const double *clock_day, double end_days,
                     double cut[PFC_CURVE_SEGMENTS + 1]) {
  int n = 2;
  cut[0] = 0;
  cut[1] = end_days;
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const double zero = clock_zero(&m->clock[r], clock_day, r);
    for (int32_t e = 1; e < m->clock[r].n_bins; e++) {
      const double day = zero + m->clock[r].edge[e];
      if (!(day > 0 && day < end_days)) continue;
      if (n > PFC_CURVE_SEGMENTS) return -1;
      n = insert_cut(cut, n, day, 1e-9 * end_days);
    }
  }
  return n;
}

/* The bin that a day on the clock lies in. */
static int32_t bin_of(const pfc_clock *clock, double day) {
  int32_t at = 0;
  while (at + 1 < clock->n_bins && clock->edge[at + 1] <= day) at++;
  return at;
}

static void set_params(const pfc_hazard *m, int32_t group, const double *clock_day, double day,
                       int32_t param[PFC_N_CAUSES][PFC_CURVE_PARAMS]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const pfc_clock *clock = &m->clock[r];
    param[r][0] = param[r][1] = -1;
    if (clock->n_bins == 0) continue;
    param[r][0] = bin_of(clock, day - clock_zero(clock, clock_day, r));
    if (group >= 0) param[r][1] = clock->n_bins * (1 + group) + param[r][0];
  }
}

pfc_status pfc_hazard_curve(const pfc_hazard *m, int32_t group, const double *clock_day,
                            double end_days, pfc_curve *curve, pfc_error *err) {
  pfc_status st = PFC_OK;
  double cut[PFC_CURVE_SEGMENTS + 1];
  pfc_curve made = {0};
  memset(curve, 0, sizeof *curve);
  const int n_cuts = find_cuts(m, clock_day, end_days, cut);
  if (n_cuts < 0) {
    return pfc_fail(err, PFC_EUSAGE, "time: the bins of all causes make more than %d segments",
                    PFC_CURVE_SEGMENTS);
  }
  made.n = n_cuts - 1;
  PFC_NEW(made.from, made.n);
  PFC_NEW(made.to, made.n);
  PFC_NEW(made.param, made.n);
  for (int32_t s = 0; s < made.n; s++) {
    made.from[s] = cut[s];
    made.to[s] = cut[s + 1];
    set_params(m, group, clock_day, (cut[s] + cut[s + 1]) / 2, made.param[s]);
  }
  *curve = made;
  made = (pfc_curve){0};
done:
  pfc_curve_clear(&made);
  return st;
}

void pfc_hazard_levels(const pfc_hazard *m, const pfc_curve *curve, double *levels) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    for (int32_t s = 0; s < curve->n; s++) {
      double eta = 0;
      for (int i = 0; m->baseline[r] && i < PFC_CURVE_PARAMS; i++) {
        if (curve->param[s][r][i] >= 0) eta += m->baseline[r][curve->param[s][r][i]];
      }
      levels[r * curve->n + s] = m->baseline[r] ? exp(fmin(eta, 300)) : 0;
    }
  }
}
