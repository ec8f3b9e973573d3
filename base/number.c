#include "base/number.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* 767 significant digits decide between any two doubles; of more, only whether they are
 * all zero. */
enum { MAX_DIGITS = 800, MAX_EXPONENT = 100000 };

/* A number as digits[0..n_digits) * 10^exponent. */
typedef struct decimal {
  bool negative;
  int n_digits;
  char digits[MAX_DIGITS];
  bool more; /* digits that were cut are not all zero */
  int64_t exponent;
} decimal;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Takes the digits from `at`; returns the place behind them. */
static size_t take_digits(const char *text, size_t size, size_t at, bool fraction, decimal *d) {
  for (; at < size && is_digit(text[at]); at++) {
    if (fraction) d->exponent--;
    if (d->n_digits == 0 && text[at] == '0') continue;
    if (d->n_digits < MAX_DIGITS) {
      d->digits[d->n_digits++] = text[at];
    } else {
      d->more = d->more || text[at] != '0';
      d->exponent++;
    }
  }
  return at;
}

static bool take_exponent(const char *text, size_t size, size_t at, decimal *d) {
  int64_t e = 0;
  const bool has_sign = at < size && (text[at] == '+' || text[at] == '-');
  const bool negative = has_sign && text[at] == '-';
  at += has_sign;
  if (at == size) return false;
  for (; at < size && is_digit(text[at]); at++)
    if (e < MAX_EXPONENT) e = 10 * e + (text[at] - '0');
  d->exponent += negative ? -e : e;
  return at == size;
}

static bool take(const char *text, size_t size, decimal *d) {
  size_t at = size > 0 && (text[0] == '+' || text[0] == '-');
  const size_t first = at;
  d->negative = at > 0 && text[0] == '-';
  at = take_digits(text, size, at, false, d);
  size_t n = at - first;
  if (at < size && text[at] == '.') {
    const size_t point = at;
    at = take_digits(text, size, at + 1, true, d);
    n += at - point - 1;
  }
  if (n == 0) return false;
  if (at == size) return true;
  return (text[at] == 'e' || text[at] == 'E') && take_exponent(text, size, at + 1, d);
}

/* Where digits and power of ten are doubles, one rounding makes the quotient or product. */
static bool is_exact(const decimal *d, double *value) {
  static const double TEN[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  uint64_t whole = 0;
  if (d->n_digits > 15 || d->exponent < -22 || d->exponent > 22) return false;
  for (int i = 0; i < d->n_digits; i++) whole = 10 * whole + (uint64_t)(d->digits[i] - '0');
  *value =
      d->exponent < 0 ? (double)whole / TEN[-d->exponent] : (double)whole * TEN[d->exponent];
  return true;
}

/* Without a point there is nothing in it that a locale could read otherwise. */
static double by_strtod(const decimal *d) {
  char text[MAX_DIGITS + 32];
  const int64_t bound = 2 * (int64_t)MAX_EXPONENT;
  const int64_t e = d->exponent > bound ? bound : d->exponent < -bound ? -bound : d->exponent;
  if (d->n_digits == 0) return 0;
  (void)snprintf(text, sizeof text, "%.*s%se%lld", d->n_digits, d->digits, d->more ? "1" : "",
                 (long long)(e - d->more));
  return strtod(text, NULL);
}

bool pfc_number_parse(const char *text, size_t size, double *value) {
  decimal d;
  d.n_digits = 0;
  d.exponent = 0;
  d.more = false;
  if (!take(text, size, &d)) return false;
  if (!is_exact(&d, value)) *value = by_strtod(&d);
  if (d.negative) *value = -*value;
  return true;
}
