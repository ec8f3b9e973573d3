/* Logarithm and exponential for loops over arrays: no branches, no calls, no tables, so that
 * the compiler makes vectors of them. Both within 4 units in the last place of the true value,
 * relatively, over the ranges below. Polynomials: the odd series of atanh (fdlibm's minimax
 * coefficients for log), Taylor's for exp on a range so small that the rest is below rounding.
 */
#ifndef PROFICIO_MODELS_VECTOR_MATH_H
#define PROFICIO_MODELS_VECTOR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline double pfc__bits_double(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint64_t pfc__double_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* Of numbers that are 0 or more, whose bits have their order. A comparison of doubles may trap,
 * and keeps a loop from becoming vectors. */
static inline double pfc__lesser(double x, double y) {
  const int64_t a = (int64_t)pfc__double_bits(x), b = (int64_t)pfc__double_bits(y);
  return pfc__bits_double((uint64_t)(a < b ? a : b));
}

/* log(1 + x) of 0 <= x < 1e300. 1 + x = 2^k m with m from sqrt(1/2) to sqrt(2), log m by
 * s = f / (2 + f), f = m - 1; what 1 + x lost in rounding is added at the end. */
static inline double pfc__log1p(double x) {
  const double u = 1 + x;
  /* The exponent after sqrt(1/2) has been taken for the lower end of the mantissa. */
  const uint64_t moved = pfc__double_bits(u) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const uint64_t mantissa = (moved & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  /* An integer below 2^52 beside the exponent of 2^52 is 2^52 plus it. */
  const double k = pfc__bits_double((moved >> 52) | 0x4330000000000000u) - (0x1p52 + 1023);
  const double f = pfc__bits_double(mantissa) - 1;
  const double lost = (x - (u - 1)) / u;
  const double s = f / (2 + f), z = s * s;
  double r = fma(z, 1.479819860511658591e-01, 1.531383769920937332e-01);
  r = fma(z, r, 1.818357216161805012e-01);
  r = fma(z, r, 2.222219843214978396e-01);
  r = fma(z, r, 2.857142874366239149e-01);
  r = fma(z, r, 3.999999999940941908e-01);
  r = fma(z, r, 6.666666666666735130e-01);
  const double half = 0.5 * f * f;
  const double low = fma(k, 1.90821492927058770002e-10, lost);
  return fma(k, 6.93147180369123816490e-01, f - (half - fma(s, fma(z, r, half), low)));
}

/* 1 - exp(-y) of y >= 0; 1 beyond 700. y = k log 2 - r with |r| at most half of log 2. */
static inline double pfc__one_less_exp(double y) {
  const double cut = pfc__lesser(y, 700);
  const double shifted = fma(cut, -1.44269504088896340736, 0x1.8p52);
  const double k = shifted - 0x1.8p52;
  const double r = -fma(k, 1.90821492927058770002e-10, fma(k, 6.93147180369123816490e-01, cut));
  double p = fma(r, 1.0 / 6227020800, 1.0 / 479001600);
  p = fma(r, p, 1.0 / 39916800);
  p = fma(r, p, 1.0 / 3628800);
  p = fma(r, p, 1.0 / 362880);
  p = fma(r, p, 1.0 / 40320);
  p = fma(r, p, 1.0 / 5040);
  p = fma(r, p, 1.0 / 720);
  p = fma(r, p, 1.0 / 120);
  p = fma(r, p, 1.0 / 24);
  p = fma(r, p, 1.0 / 6);
  p = fma(r, p, 0.5);
  const double less = fma(r * r, p, r); /* exp(r) - 1 */
  const double scale =
      pfc__bits_double((pfc__double_bits(shifted) << 52) + 0x3ff0000000000000u);
  return fma(-scale, less, 1 - scale);
}

#endif
