#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

#define MAX_BINS 10000

static int by_value(const void *a, const void *b) {
  const pfc__key *x = a, *y = b;
  if (x->value != y->value) return x->value < y->value ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

void pfc__sort_keys(int64_t n, pfc__key *keys) {
  qsort(keys, (size_t)n, sizeof *keys, by_value);
}

double pfc__weight_unit(int64_t n, const double *weight) {
  double largest = 0;
  int exponent = 0;
  for (int64_t i = 0; weight && i < n; i++) largest = fmax(largest, weight[i]);
  if (largest > 0 && isfinite(largest)) (void)frexp(largest, &exponent);
  return ldexp(1, exponent > 1000 ? 1000 : exponent);
}

pfc_status pfc__check_weight(const double *weight, int64_t i, pfc_error *err) {
  const double w = pfc__times(weight, i);
  if (w >= 0 && isfinite(w)) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "row %lld: weight %g; allowed are finite values >= 0",
                  (long long)i, w);
}

pfc_status pfc__check_bins(int n_bins, pfc_error *err) {
  if (n_bins >= 1 && n_bins <= MAX_BINS) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "number of bins is %d; allowed are 1 to %d", n_bins,
                  MAX_BINS);
}

pfc_status pfc__sort_rows(int64_t n, const double *value, const double *weight,
                          const char *what, pfc__key **keys, int64_t *n_keys, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__key *sorted = NULL;
  int64_t n_sorted = 0;
  PFC_NEW(sorted, n);
  for (int64_t i = 0; i < n; i++) {
    PFC_TRY(pfc__check_weight(weight, i, err));
    if (isnan(value[i])) {
      st = pfc_fail(err, PFC_EDATA, "row %lld: %s is not a number", (long long)i, what);
      goto done;
    }
    if (pfc__times(weight, i) > 0) sorted[n_sorted++] = (pfc__key){value[i], i};
  }
  pfc__sort_keys(n_sorted, sorted);
  *keys = sorted;
  *n_keys = n_sorted;
  sorted = NULL;
done:
  pfc_free(sorted);
  return st;
}

void pfc__cut_bins(int64_t n, const pfc__key *keys, const double *weight, int n_bins,
                   int64_t *end) {
  double total = 0, before = 0;
  for (int64_t j = 0; j < n; j++) total += pfc__times(weight, keys[j].row);
  if (total == 0) n = 0;

  int bin = 0;
  for (int64_t j = 0, next; j < n; j = next) {
    double mass = 0;
    for (next = j; next < n && keys[next].value == keys[j].value; next++)
      mass += pfc__times(weight, keys[next].row);
    const int middle = (int)(n_bins * (before + mass / 2) / total);
    for (; bin < middle && bin < n_bins - 1; bin++) end[bin] = j;
    before += mass;
  }
  for (; bin < n_bins; bin++) end[bin] = n;
}

pfc_status pfc_order_create(int64_t n, const double *value, pfc_order **order, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_order *o = NULL;
  PFC_NEW(o, 1);
  PFC_TRY(pfc__sort_rows(n, value, NULL, "value", &o->keys, &o->n, err));
  *order = o;
  o = NULL;
done:
  pfc_order_destroy(o);
  return st;
}

void pfc_order_destroy(pfc_order *order) {
  if (!order) return;
  pfc_free(order->keys);
  pfc_free(order);
}
