#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* --- writing -------------------------------------------------------------------------------
 */

enum { PLACES = 4, PLACES_UNIT = 10000 }; /* decimals of numbers that are written quickly */

/* A whole number of ten-thousandths: of these the quotient is the number nearest to the text,
 * so that it is read back. Up to 15 digits, no other text is shorter. */
static size_t format_places(double value, char *text) {
  const double units = nearbyint(value * PLACES_UNIT);
  if (!(fabs(units) < 1e15) || units / PLACES_UNIT != value || (units == 0 && signbit(value)))
    return 0;
  char digits[24];
  int n = 0, zeros = 0;
  for (uint64_t rest = (uint64_t)fabs(units); rest > 0 || n <= PLACES; rest /= 10)
    digits[n++] = (char)('0' + rest % 10);
  while (zeros < PLACES && digits[zeros] == '0') zeros++;
  char *to = text;
  if (units < 0) *to++ = '-';
  for (int i = n - 1; i >= zeros; i--) {
    if (i == PLACES - 1) *to++ = '.';
    *to++ = digits[i];
  }
  *to = '\0';
  return (size_t)(to - text);
}

/* The digits of "-d.ddde-07", whatever stands for the point, without zeros at the end. */
static int take_scientific(const char *text, char digits[24], int *exponent) {
  int n = 0;
  const char *e = strchr(text, 'e');
  for (const char *at = text; at < e; at++)
    if (is_digit(*at)) digits[n++] = *at;
  while (n > 1 && digits[n - 1] == '0') n--;
  digits[n] = '\0';
  *exponent = (int)strtol(e + 1, NULL, 10);
  return n;
}

static size_t put_decimal(bool negative, const char *digits, int n, int exponent, char *text) {
  const char *sign = negative ? "-" : "";
  int size;
  if (exponent < -5 || exponent > 16)
    size = snprintf(text, PFC_NUMBER_TEXT, "%s%c%s%se%+03d", sign, digits[0], n > 1 ? "." : "",
                    digits + 1, exponent);
  else if (exponent < 0)
    size = snprintf(text, PFC_NUMBER_TEXT, "%s0.%.*s%s", sign, -exponent - 1, "0000", digits);
  else if (n <= exponent + 1)
    size = snprintf(text, PFC_NUMBER_TEXT, "%s%s%.*s", sign, digits, exponent + 1 - n,
                    "0000000000000000");
  else
    size = snprintf(text, PFC_NUMBER_TEXT, "%s%.*s.%s", sign, exponent + 1, digits,
                    digits + exponent + 1);
  return (size_t)size;
}

size_t pfc_number_format(double value, char text[PFC_NUMBER_TEXT]) {
  text[0] = '\0';
  if (!isfinite(value)) return 0;
  size_t size = format_places(value, text);
  for (int n_digits = 15; size == 0; n_digits++) {
    char scientific[64], digits[24];
    int exponent;
    double back;
    (void)snprintf(scientific, sizeof scientific, "%.*e", n_digits - 1, value);
    const int n = take_scientific(scientific, digits, &exponent);
    const size_t tried = put_decimal(signbit(value), digits, n, exponent, text);
    if (n_digits >= 17 || (pfc_number_parse(text, tried, &back) && back == value)) size = tried;
  }
  return size;
}

/* --- six digits ----------------------------------------------------------------------------
 */

/* Exponents that are written without "e", and those whose powers of ten are doubles. */
enum { DIGITS6 = 6, LEAST6 = -4, MOST6 = 5, LEAST_QUICK = -17, MOST_QUICK = 22 };

static const double TEN6[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The power of ten that size is at least, as far as its logarithm to base two tells: it, or one
 * less. */
static int guess6(double size) {
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  return (int)floor(((int)(bits >> 52) - 1023) * 0.30102999566398);
}

/* size / 10^e, times 10^5; rounded once, as powers up to 10^22 are exact. */
static double scale6(double size, int e) {
  return e <= MOST6 ? size * TEN6[MOST6 - e] : size / TEN6[e - MOST6];
}

/* The six digits of size, rounded, as a whole number, and the exponent of the first; 0 where
 * what was itself rounded cannot tell which way. */
static uint32_t digits6(double size, int *e) {
  *e = guess6(size);
  if (*e < LEAST_QUICK || *e >= MOST_QUICK) return 0;
  double scaled = scale6(size, *e);
  if (scaled >= 1e6) scaled = scale6(size, ++*e);
  const double below = floor(scaled), rest = scaled - below;
  if (fabs(rest - 0.5) < 1e-6 || below < 1e5) return 0;
  const uint32_t whole = (uint32_t)below + (rest > 0.5);
  if (whole < 1000000) return whole;
  ++*e; /* 9.999996: rounded up to the next power */
  return 100000;
}

/* "e-07". */
static char *put_exponent(int e, char *to) {
  *to++ = 'e';
  *to++ = e < 0 ? '-' : '+';
  *to++ = (char)('0' + abs(e) / 10);
  *to++ = (char)('0' + abs(e) % 10);
  return to;
}

static size_t put6(bool negative, uint32_t whole, int e, char *text) {
  char digits[DIGITS6];
  int n = DIGITS6;
  for (int i = DIGITS6 - 1; i >= 0; i--, whole /= 10) digits[i] = (char)('0' + whole % 10);
  while (n > 1 && digits[n - 1] == '0') n--;
  const bool is_plain = e >= LEAST6 && e <= MOST6;
  const int before = is_plain ? e : 0; /* the point stands behind that digit */
  char *to = text;
  if (negative) *to++ = '-';
  if (before < 0) {
    *to++ = '0';
    *to++ = '.';
    for (int i = before + 1; i < 0; i++) *to++ = '0';
  }
  for (int i = 0; i < n || i <= before; i++) {
    if (before >= 0 && i == before + 1) *to++ = '.';
    *to++ = i < n ? digits[i] : '0';
  }
  if (!is_plain) to = put_exponent(e, to);
  *to = '\0';
  return (size_t)(to - text);
}

size_t pfc_number_format6(double value, char text[PFC_NUMBER_TEXT]) {
  int e;
  text[0] = '\0';
  if (!isfinite(value)) return 0;
  const double size = fabs(value);
  if (size == 0) return put6(signbit(value), 0, 0, text);
  const uint32_t whole = digits6(size, &e);
  if (whole == 0) return (size_t)snprintf(text, PFC_NUMBER_TEXT, "%.6g", value);
  return put6(signbit(value), whole, e, text);
}

/* --- fixed places --------------------------------------------------------------------------
 */

/* The digits of a whole number, at least so many, end before `end`; returns where they begin.
 */
static char *put_whole(uint64_t value, int least, char *end) {
  for (; value > 0 || least > 0; value /= 10, least--) *--end = (char)('0' + value % 10);
  return end;
}

size_t pfc_number_format_whole(int64_t value, char text[PFC_NUMBER_TEXT]) {
  char room[PFC_NUMBER_TEXT];
  char *end = room + sizeof room;
  char *from = put_whole(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1, end);
  if (value < 0) *--from = '-';
  const size_t n = (size_t)(end - from);
  memcpy(text, from, n);
  text[n] = '\0';
  return n;
}

size_t pfc_number_format_places(double value, int places, char text[PFC_NUMBER_TEXT]) {
  static const double TEN[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  text[0] = '\0';
  if (!(fabs(value) < 1e20)) return 0;
  const double scaled = fabs(value) * TEN[places], below = floor(scaled);
  const double rest = scaled - below;
  /* A product that is itself rounded cannot tell which way. */
  if (scaled >= 1e9 || fabs(rest - 0.5) < 1e-6)
    return (size_t)snprintf(text, PFC_NUMBER_TEXT, "%.*f", places, value);
  char room[PFC_NUMBER_TEXT];
  char *end = room + sizeof room;
  char *from = put_whole((uint64_t)below + (rest > 0.5), places + 1, end);
  char *to = text;
  if (signbit(value)) *to++ = '-';
  const size_t n = (size_t)(end - from) - (size_t)places;
  memcpy(to, from, n);
  to += n;
  if (places > 0) *to++ = '.';
  memcpy(to, from + n, (size_t)places);
  to[places] = '\0';
  return (size_t)(to - text) + (size_t)places;
}
