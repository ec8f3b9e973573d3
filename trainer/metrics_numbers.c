/* Predictions of numbers: how far off, and how often below. */
#include <math.h>

#include "trainer/metrics_internal.h"

typedef double (*loss_fn)(double f, double y, double q);

static double squared(double f, double y, double q) {
  (void)q;
  return (f - y) * (f - y);
}

static double absolute(double f, double y, double q) {
  (void)q;
  return fabs(f - y);
}

static double pinball(double f, double y, double q) {
  return y >= f ? q * (y - f) : (1 - q) * (f - y);
}

static double covered(double f, double y, double q) {
  (void)q;
  return y <= f;
}

static double mean_loss(loss_fn loss, int64_t n, const double *f, const double *y,
                        const double *weight, double q) {
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < n; i++) {
    const double w = pfc__times(weight, i);
    if (w == 0) continue;
    /* No error to report through: what is wrong must not look like a figure. */
    if (!(w > 0) || isnan(f[i]) || isnan(y[i])) return NAN;
    sum += w * loss(f[i], y[i], q);
    mass += w;
  }
  return mass > 0 ? sum / mass : NAN;
}

double pfc_rmse(int64_t n, const double *prediction, const double *y, const double *weight) {
  return sqrt(mean_loss(squared, n, prediction, y, weight, 0));
}

double pfc_mae(int64_t n, const double *prediction, const double *y, const double *weight) {
  return mean_loss(absolute, n, prediction, y, weight, 0);
}

double pfc_pinball(int64_t n, const double *quantile, const double *y, const double *weight,
                   double q) {
  return q >= 0 && q <= 1 ? mean_loss(pinball, n, quantile, y, weight, q) : NAN;
}

double pfc_quantile_coverage(int64_t n, const double *quantile, const double *y,
                             const double *weight) {
  return mean_loss(covered, n, quantile, y, weight, 0);
}
