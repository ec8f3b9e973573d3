/* Logarithm, exponential and the normal distribution for loops over arrays: no branches, no
 * calls, no tables, so that the compiler makes vectors of them, and every product that is added
 * to something is an fma, so that a vector has the bits of a number alone. The first two within
 * 4 units in the last place of the true value, relatively, over the ranges below. Polynomials:
 * the odd series of atanh (fdlibm's minimax coefficients for log), Taylor's for exp on a range
 * so small that the rest is below rounding, Chebyshev's interpolation for the normal tail. */
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

/* x, or 0 where it is less. */
static inline double pfc__not_below_0(double x) {
  const uint64_t bits = pfc__double_bits(x);
  return pfc__bits_double(bits & ((bits >> 63) - 1));
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

/* exp(-y) = scale (1 + less) of y >= 0, cut at 700: y = k log 2 - r with |r| at most half of
 * log 2. */
static inline double pfc__exp_parts(double y, double *less) {
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
  *less = fma(r * r, p, r); /* exp(r) - 1 */
  return pfc__bits_double((pfc__double_bits(shifted) << 52) + 0x3ff0000000000000u);
}

/* 1 - exp(-y) of y >= 0; 1 beyond 700. */
static inline double pfc__one_less_exp(double y) {
  double less;
  const double scale = pfc__exp_parts(y, &less);
  return fma(-scale, less, 1 - scale);
}

/* exp(-y) of y >= 0; exp(-700) beyond. */
static inline double pfc__exp_minus(double y) {
  double less;
  const double scale = pfc__exp_parts(y, &less);
  return fma(scale, less, scale);
}

/* For what is so long that the compiler would call it, which no vector can. */
#define PFC__INLINE static inline __attribute__((always_inline))

/* P(Z < z) of a standard normal Z, and the density there, within 2e-13 relatively for z from
 * -37.4 on; 0 below. With x = |z| / sqrt(2) the tail is exp(-z^2 / 2) / 2 erfcx(x), and
 * erfcx(x) / t a polynomial, of degree 20, in t = 1 / (1 + 0.35 x), here moved to u from -1 to
 * 1; even and odd powers beside each other. */
PFC__INLINE double pfc__normal(double z, double *density) {
  const double far = pfc__lesser(fabs(z), 40), y = 0.5 * far * far;
  /* All or no bits, since a choice would be a branch. */
  const uint64_t is_seen = -((pfc__double_bits(y) - pfc__double_bits(700)) >> 63);
  const double e = pfc__bits_double(pfc__double_bits(pfc__exp_minus(y)) & is_seen);
  const double t = 1 / fma(far, 0.2474873734152916, 1);
  const double u = fma(t, 2.2159796988624154, -1.2159796988624154), v = u * u;
  double even = fma(v, 4.970112145672547e-10, -5.4227595832053346e-09);
  double odd = fma(v, -1.5633001516875537e-10, 5.284227071015647e-09);
  even = fma(v, even, 3.3822000635005576e-08);
  odd = fma(v, odd, -6.823036860073143e-08);
  even = fma(v, even, -1.6529892186658833e-07);
  odd = fma(v, odd, 6.295402337259536e-07);
  even = fma(v, even, 7.503750427928775e-07);
  odd = fma(v, odd, -5.270373901224686e-06);
  even = fma(v, even, -4.481195576358748e-06);
  odd = fma(v, odd, 4.516309545900766e-05);
  even = fma(v, even, 5.701379820505154e-05);
  odd = fma(v, odd, -0.0003953725233715924);
  even = fma(v, even, -0.0011639632066599462);
  odd = fma(v, odd, 0.002090201839544798);
  even = fma(v, even, 0.022440243907418764);
  odd = fma(v, odd, 0.07933507032446536);
  even = fma(v, even, 0.18237009693110134);
  odd = fma(v, odd, 0.3096122558426649);
  even = fma(v, even, 0.4056178611505146);
  const double tail = 0.5 * e * t * fma(u, odd, even);
  *density = e * 0.39894228040143268;
  const uint64_t is_below = -(pfc__double_bits(z) >> 63);
  const uint64_t lower = pfc__double_bits(tail), upper = pfc__double_bits(1 - tail);
  return pfc__bits_double(upper ^ ((upper ^ lower) & is_below));
}

#endif
