/* Upper tails of the distributions that figures of drift have without drift. */
#include <math.h>

#include "trainer/drift_internal.h"

static const double SMALL = 1e-300, ENOUGH = 1e-15;
enum { MOST_TERMS = 10000 };

double pfc__normal_tail(double z) { return 0.5 * erfc(z / sqrt(2)); }

/* Regularized upper incomplete gamma function Q(a, x), a > 0: by the series of P below a + 1
 * (DLMF 8.7.1), by the continued fraction above (DLMF 8.9.2). */
static double upper_gamma(double a, double x) {
  if (x <= 0) return 1;
  const double scale = exp(a * log(x) - x - lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int k = 1; k < MOST_TERMS && term > sum * ENOUGH; k++) sum += term *= x / (a + k);
    return fmax(1 - scale * sum, 0);
  }
  /* Lentz's way from the front. */
  double b = x + 1 - a, c = 1 / SMALL, e = 1 / b, f = e;
  for (int k = 1; k < MOST_TERMS; k++) {
    const double top = -k * (k - a);
    b += 2;
    e = 1 / (fabs(top * e + b) < SMALL ? SMALL : top * e + b);
    c = fabs(b + top / c) < SMALL ? SMALL : b + top / c;
    f *= c * e;
    if (fabs(c * e - 1) < ENOUGH) break;
  }
  return scale * f;
}

double pfc__chi2_tail(double x, double df) { return upper_gamma(df / 2, x / 2); }

double pfc__poisson_tail(int64_t k, double mean) {
  if (k <= 0) return 1;
  if (mean <= 0) return 0;
  /* P(N >= k) = P(k, mean), the lower one; near 0 it would drown in 1 - Q. */
  const double a = (double)k;
  if (mean >= a + 1) return 1 - upper_gamma(a, mean);
  double term = 1 / a, sum = term;
  for (int j = 1; j < MOST_TERMS && term > sum * ENOUGH; j++) sum += term *= mean / (a + j);
  return exp(a * log(mean) - mean - lgamma(a)) * sum;
}

/* Continued fraction of the regularized incomplete beta function (DLMF 8.17.22), without the
 * factor before it. */
static double beta_fraction(double a, double b, double x) {
  double c = 1, e = 1 - (a + b) * x / (a + 1);
  e = 1 / (fabs(e) < SMALL ? SMALL : e);
  double f = e;
  for (int m = 1; m < MOST_TERMS; m++) {
    const double twice = a + 2 * m;
    const double even = m * (b - m) * x / ((twice - 1) * twice);
    const double odd = -(a + m) * (a + b + m) * x / (twice * (twice + 1));
    e = 1 / (fabs(1 + even * e) < SMALL ? SMALL : 1 + even * e);
    c = fabs(1 + even / c) < SMALL ? SMALL : 1 + even / c;
    f *= c * e;
    e = 1 / (fabs(1 + odd * e) < SMALL ? SMALL : 1 + odd * e);
    c = fabs(1 + odd / c) < SMALL ? SMALL : 1 + odd / c;
    f *= c * e;
    if (fabs(c * e - 1) < ENOUGH) break;
  }
  return f;
}

static double lower_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double scale = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return scale * beta_fraction(a, b, x) / a;
  return 1 - scale * beta_fraction(b, a, 1 - x) / b;
}

double pfc__student_tail(double t, double df) {
  if (!(df > 0) || isnan(t)) return NAN;
  if (isinf(t)) return t > 0 ? 0 : 1;
  const double half = 0.5 * lower_beta(df / 2, 0.5, df / (df + t * t));
  return t >= 0 ? half : 1 - half;
}
