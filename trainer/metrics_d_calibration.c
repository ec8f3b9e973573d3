#include <math.h>

#include "base/mem.h"
#include "trainer/metrics_internal.h"

/* P(chi square with f degrees of freedom > x), the sum of (x/2)^a e^(-x/2) / Gamma(a + 1) over
 * a = 0, 1 .. f/2 - 1 for even f, or a = 1/2, 3/2 .. f/2 - 1 and erfc(sqrt(x/2)) for odd f
 * (Abramowitz and Stegun 26.4.4, 26.4.5). All terms are positive, so no digits are lost. */
static double chi_square_tail(int f, double x) {
  if (x == 0 || isinf(x)) return x == 0;
  const double half = x / 2;
  const int odd = f % 2;
  double tail = odd ? erfc(sqrt(half)) : 0, log_term = -half;
  if (odd) log_term += 0.5 * log(half) - log(0.5 * sqrt(acos(-1)));
  for (int k = 0; k < f / 2; k++) { /* a = k, or k + 1/2 */
    tail += exp(log_term);
    log_term += log(half / (k + 1 + 0.5 * odd));
  }
  return fmin(tail, 1);
}

static pfc_status check_row(const double *survival, const int8_t *observed, int64_t i,
                            pfc_error *err) {
  if (!(survival[i] >= 0 && survival[i] <= 1))
    return pfc_fail(err, PFC_EDATA, "row %lld: survival is %g; allowed are 0 to 1",
                    (long long)i, survival[i]);
  if (observed[i] != 0 && observed[i] != 1)
    return pfc_fail(err, PFC_EDATA, "row %lld: observed is %d; allowed are 0 and 1",
                    (long long)i, observed[i]);
  return PFC_OK;
}

static int bin_of(double survival, int n_bins) {
  const int b = (int)(survival * n_bins);
  return b < n_bins ? b : n_bins - 1;
}

/* Given survival s at its end, a censored spell's survival at the event it did not live to show
 * is uniform over [0, s]: the bins below s share what does not fall into the bin of s. */
static void spread(double s, double weight, int n_bins, double *mass) {
  const int own = bin_of(s, n_bins);
  const double whole = s > 0 ? 1 / (s * n_bins) : 0;
  for (int b = 0; b < own; b++) mass[b] += weight * whole;
  mass[own] += weight * (1 - own * whole);
}

pfc_status pfc_d_calibration(int64_t n, const double *survival, const int8_t *observed,
                             const double *weight, int n_bins, double *statistic,
                             double *p_value, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *mass = NULL, total = 0, chi_square = 0;
  PFC_TRY(pfc__check_bins(n_bins, err));
  if (n_bins < 2) {
    st = pfc_fail(err, PFC_EUSAGE, "number of bins is %d; at least 2", n_bins);
    goto done;
  }
  PFC_NEW(mass, n_bins);
  for (int64_t i = 0; i < n; i++) {
    PFC_TRY(pfc__check_weight(weight, i, err));
    PFC_TRY(check_row(survival, observed, i, err));
    const double w = pfc__times(weight, i);
    if (observed[i])
      mass[bin_of(survival[i], n_bins)] += w;
    else
      spread(survival[i], w, n_bins, mass);
    total += w;
  }
  const double expected = total / n_bins;
  for (int b = 0; b < n_bins; b++)
    chi_square += (mass[b] - expected) * (mass[b] - expected) / expected;
  if (statistic) *statistic = total > 0 ? chi_square : NAN;
  if (p_value) *p_value = total > 0 ? chi_square_tail(n_bins - 1, chi_square) : NAN;
done:
  pfc_free(mass);
  return st;
}
