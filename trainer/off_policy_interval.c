/* Intervals of ratios of sums over clusters, when few of them may carry most of the weight. */
#include <math.h>

#include "trainer/off_policy_internal.h"

const pfc_estimate PFC__NOT_TOLD = {(double)NAN, (double)NAN, (double)NAN};

/* --- Student's t ---------------------------------------------------------------------------
 */

/* The continued fraction of the incomplete beta function, by the method of Lentz (Numerical
 * Recipes, section 6.4, has the coefficients). */
static double beta_fraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs(d) < tiny ? tiny : d);
  double f = d;
  for (int m = 1; m <= 500; m++) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + even * d;
    c = 1 + even / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    f *= d * c;
    d = 1 + odd * d;
    c = 1 + odd / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    f *= d * c;
    if (fabs(d * c - 1) < 1e-15) break;
  }
  return f;
}

/* P(|T| > t). */
static double beyond(double df, double t) {
  const double a = df / 2, b = 0.5, x = df / (df + t * t);
  const double scale = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  return x < (a + 1) / (a + b + 2) ? scale * beta_fraction(a, b, x) / a
                                   : 1 - scale * beta_fraction(b, a, 1 - x) / b;
}

double pfc__student(double df) {
  const double normal = 1.959963984540054;
  if (!(df < 1e6)) return normal; /* 1e-6 apart */
  double lo = normal, hi = 1e6;
  for (int k = 0; k < 200 && hi - lo > 1e-12 * hi; k++) {
    const double middle = sqrt(lo * hi);
    if (beyond(df, middle) > 0.05) {
      lo = middle;
    } else {
      hi = middle;
    }
  }
  return hi;
}

/* --- jackknife -----------------------------------------------------------------------------
 */

typedef struct sums {
  double top, below;
} sums;

static sums sums_of(int32_t n, pfc__ratio r) {
  sums s = {0, 0};
  for (int32_t p = 0; r.top && p < n; p++) {
    s.top += r.top[p];
    s.below += r.below[p];
  }
  return s;
}

/* The ratio without cluster p, less what it is with all. */
static double change(sums s, pfc__ratio r, int32_t p) {
  if (!r.top) return 0;
  return (s.top - r.top[p]) / (s.below - r.below[p]) - s.top / s.below;
}

/* The degrees of freedom are those of a sum of squares of such different sizes (Satterthwaite,
 * Biometrics Bulletin 2, 1946): as many as there are equal ones that would spread like it. */
pfc__spread pfc__ratio_spread(int32_t n, pfc__ratio of, pfc__ratio minus) {
  const sums a = sums_of(n, of), b = sums_of(n, minus);
  double squares = 0, fourths = 0;
  for (int32_t p = 0; p < n; p++) {
    const double d = change(a, of, p) - change(b, minus, p);
    squares += d * d;
    fourths += d * d * d * d;
  }
  return (pfc__spread){
      .value = a.top / a.below - (minus.top ? b.top / b.below : 0),
      .variance = n > 1 ? squares * (n - 1) / n : (double)NAN,
      .df = fourths > 0 ? fmax(squares * squares / fourths, 1) : n - 1.0,
  };
}

/* --- intervals -----------------------------------------------------------------------------
 */

/* Wilson, Journal of the American Statistical Association 22 (1927), of as many independent
 * results as the figure is worth (Kish 1965; Korn and Graubard, Survey Methodology 24, 1998):
 * it neither leaves 0..1 nor shrinks to nothing where no reward was seen. */
pfc_estimate pfc__share_interval(double value, double n, double df) {
  if (!isfinite(value) || !(n > 0) || !(df > 0)) return (pfc_estimate){value, NAN, NAN};
  const double p = fmin(fmax(value, 0), 1), z = pfc__student(df), z2n = z * z / n;
  const double centre = (p + z2n / 2) / (1 + z2n);
  const double half = sqrt(p * (1 - p) * z2n + z2n * z2n / 4) / (1 + z2n);
  return (pfc_estimate){value, fmin(fmax(centre - half, 0), value),
                        fmax(fmin(centre + half, 1), value)};
}

pfc_estimate pfc__real_interval(const pfc__spread *s, double floor) {
  const double half = pfc__student(s->df) * sqrt(fmax(s->variance, floor));
  if (!isfinite(s->value) || !isfinite(s->variance)) return (pfc_estimate){s->value, NAN, NAN};
  return (pfc_estimate){s->value, s->value - half, s->value + half};
}
