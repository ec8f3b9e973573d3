/* What is said of resampled values: limits, p values, and p values of many comparisons. */
#include <math.h>

#include "base/mem.h"
#include "trainer/bootstrap.h"
#include "trainer/metrics_internal.h"

/* Quantile q of m sorted values: the (m + 1) q-th, between its neighbours by interpolation
 * (Davison and Hinkley 1997, section 5.2.1, for percentile limits). */
static double quantile(int m, const pfc__key *sorted, double q) {
  if (m == 0) return NAN;
  const double place = fmin(fmax((m + 1) * q, 1), m);
  const int below = (int)place;
  const double above = sorted[below < m ? below : m - 1].value;
  return sorted[below - 1].value + (place - below) * (above - sorted[below - 1].value);
}

pfc_status pfc_percentile_interval(int n, const double *value, int stride, double *lo,
                                   double *hi, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__key *sorted = NULL;
  int m = 0;
  PFC_NEW(sorted, n);
  for (int i = 0; i < n; i++) {
    const double v = value[(int64_t)i * stride];
    if (!isnan(v)) sorted[m++] = (pfc__key){v, i};
  }
  pfc__sort_keys(m, sorted);
  *lo = quantile(m, sorted, 0.025);
  *hi = quantile(m, sorted, 0.975);
done:
  pfc_free(sorted);
  return st;
}

double pfc_bootstrap_p(int n, const double *difference) {
  int all = 0, below = 0, above = 0;
  for (int i = 0; i < n; i++) {
    if (isnan(difference[i])) continue;
    all++;
    below += difference[i] <= 0;
    above += difference[i] >= 0;
  }
  if (all == 0) return NAN;
  const int smaller = below < above ? below : above;
  return fmin(2 * (smaller + 1.0) / (all + 1.0), 1);
}

pfc_status pfc_holm(int n, const double *p, double *adjusted, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__key *sorted = NULL;
  int m = 0;
  PFC_NEW(sorted, n);
  for (int i = 0; i < n; i++)
    if (!isnan(p[i])) sorted[m++] = (pfc__key){p[i], i};
  pfc__sort_keys(m, sorted);
  for (int i = 0; i < n; i++) adjusted[i] = NAN;
  double last = 0;
  for (int k = 0; k < m; k++) {
    last = fmax(last, fmin((m - k) * sorted[k].value, 1));
    adjusted[sorted[k].row] = last;
  }
done:
  pfc_free(sorted);
  return st;
}
