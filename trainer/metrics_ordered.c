/* Figures of probabilities that go through the rows in order: AUC, and those of bins of equal
 * mass. */
#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

static pfc_status check_labels(int64_t n, const int8_t *y, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int64_t i = 0; i < n && st == PFC_OK; i++) st = pfc__check_label(y, i, err);
  return st;
}

static pfc_status check_weights(int64_t n, const double *weight, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int64_t i = 0; i < n && st == PFC_OK; i++) st = pfc__check_weight(weight, i, err);
  return st;
}

/* --- ranks ----------------------------------------------------------------- */

double pfc_auc_ordered(const pfc_order *order, const int8_t *y, const double *weight) {
  const int64_t n = order->n;
  const pfc__key *keys = order->keys;
  const double unit = pfc__weight_unit(n, weight);
  double wins = 0, positives = 0, negatives = 0;
  for (int64_t j = 0, next; j < n; j = next) {
    double tied[2] = {0, 0};
    for (next = j; next < n && keys[next].value == keys[j].value; next++) {
      const int64_t row = keys[next].row;
      const double w = pfc__times(weight, row);
      if ((y[row] != 0 && y[row] != 1) || !(w >= 0)) return NAN;
      tied[y[row]] += w / unit;
    }
    wins += tied[1] * (negatives + tied[0] / 2);
    negatives += tied[0];
    positives += tied[1];
  }
  return positives > 0 && negatives > 0 ? wins / (positives * negatives) : NAN;
}

/* An order on the stack; the word for what is no number goes into the message. */
static pfc_status sort(int64_t n, const double *value, const char *what, pfc_order *order,
                       pfc_error *err) {
  return pfc__sort_rows(n, value, NULL, what, &order->keys, &order->n, err);
}

pfc_status pfc_auc(int64_t n, const double *score, const int8_t *y, const double *weight,
                   double *auc, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_order order = {0};
  PFC_TRY(check_labels(n, y, err));
  PFC_TRY(check_weights(n, weight, err));
  PFC_TRY(sort(n, score, "score", &order, err));
  *auc = pfc_auc_ordered(&order, y, weight);
done:
  pfc_free(order.keys);
  return st;
}

/* --- bins of equal mass ---------------------------------------------------- */

/* Checks the weights and cuts; *end is freed with pfc_free. */
static pfc_status cut_order(const pfc_order *order, const double *weight, int n_bins,
                            int64_t **end, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__check_bins(n_bins, err));
  PFC_TRY(check_weights(order->n, weight, err));
  PFC_NEW(*end, n_bins);
  pfc__cut_bins(order->n, order->keys, weight, n_bins, *end);
done:
  return st;
}

static pfc_status check_shares(int64_t n, const double *y, pfc_error *err) {
  for (int64_t i = 0; i < n; i++)
    if (!(y[i] >= 0 && y[i] <= 1))
      return pfc_fail(err, PFC_EDATA, "row %lld: outcome is %g; allowed are 0 to 1",
                      (long long)i, y[i]);
  return PFC_OK;
}

pfc_status pfc_ece_ordered(const pfc_order *order, const double *y, const double *weight,
                           int n_bins, double *ece, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *end = NULL;
  PFC_TRY(check_shares(order->n, y, err));
  PFC_TRY(cut_order(order, weight, n_bins, &end, err));

  /* share * |mean p - mean y| = |sum of w (p - y)| / total weight. */
  double sum = 0, mass = 0;
  for (int64_t j = 0, b = 0; b < n_bins; b++) {
    double gap = 0;
    for (; j < end[b]; j++) {
      const pfc__key key = order->keys[j];
      gap += pfc__times(weight, key.row) * (key.value - y[key.row]);
      mass += pfc__times(weight, key.row);
    }
    sum += fabs(gap);
  }
  *ece = mass > 0 ? sum / mass : NAN;
done:
  pfc_free(end);
  return st;
}

pfc_status pfc_ece(int64_t n, const double *p, const double *y, const double *weight,
                   int n_bins, double *ece, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_order order = {0};
  PFC_TRY(pfc__check_bins(n_bins, err));
  PFC_TRY(sort(n, p, "probability", &order, err));
  PFC_TRY(pfc_ece_ordered(&order, y, weight, n_bins, ece, err));
done:
  pfc_free(order.keys);
  return st;
}

/* --- parts of the Brier score ---------------------------------------------- */

/* One bin: its weight, its means, and the sums of squares and products about them. */
typedef struct bin {
  double mass, p, y, pp, py;
} bin;

static bin sum_bin(const pfc_order *order, const int8_t *y, const double *weight, int64_t from,
                   int64_t to) {
  bin b = {0};
  for (int64_t j = from; j < to; j++) {
    const pfc__key key = order->keys[j];
    const double w = pfc__times(weight, key.row);
    b.mass += w;
    b.p += w * key.value;
    b.y += w * y[key.row];
  }
  if (b.mass == 0) return b;
  b.p /= b.mass;
  b.y /= b.mass;
  for (int64_t j = from; j < to; j++) {
    const pfc__key key = order->keys[j];
    const double w = pfc__times(weight, key.row);
    b.pp += w * (key.value - b.p) * (key.value - b.p);
    b.py += w * (key.value - b.p) * (y[key.row] - b.y);
  }
  return b;
}

static pfc_brier_parts divide(const pfc_brier_parts *sum, double mass) {
  return (pfc_brier_parts){sum->brier / mass,           sum->reliability / mass,
                           sum->resolution / mass,      sum->uncertainty / mass,
                           sum->within_variance / mass, sum->within_covariance / mass};
}

pfc_status pfc_brier_decomposition_ordered(const pfc_order *order, const int8_t *y,
                                           const double *weight, int n_bins,
                                           pfc_brier_parts *parts, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *end = NULL;
  PFC_TRY(check_labels(order->n, y, err));
  PFC_TRY(cut_order(order, weight, n_bins, &end, err));

  const bin all = sum_bin(order, y, weight, 0, order->n);
  pfc_brier_parts sum = {.uncertainty = all.mass * all.y * (1 - all.y)};
  for (int64_t b = 0, from = 0; b < n_bins; from = end[b++]) {
    const bin here = sum_bin(order, y, weight, from, end[b]);
    sum.reliability += here.mass * (here.p - here.y) * (here.p - here.y);
    sum.resolution += here.mass * (here.y - all.y) * (here.y - all.y);
    sum.within_variance += here.pp;
    sum.within_covariance += 2 * here.py;
  }
  for (int64_t j = 0; j < order->n; j++) {
    const pfc__key key = order->keys[j];
    const double miss = key.value - y[key.row];
    sum.brier += pfc__times(weight, key.row) * miss * miss;
  }
  *parts = divide(&sum, all.mass);
done:
  pfc_free(end);
  return st;
}

pfc_status pfc_brier_decomposition(int64_t n, const double *p, const int8_t *y,
                                   const double *weight, int n_bins, pfc_brier_parts *parts,
                                   pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_order order = {0};
  PFC_TRY(sort(n, p, "probability", &order, err));
  PFC_TRY(pfc_brier_decomposition_ordered(&order, y, weight, n_bins, parts, err));
done:
  pfc_free(order.keys);
  return st;
}
