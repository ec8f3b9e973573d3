#include <string.h>

#include "datasets/import_columns_internal.h"

/* A quotient of two numbers that are exact in binary is rounded once, as strtod rounds: so the
 * digits may have 15 places (below 2^53), and the power of ten may be up to 10^22. */
#define MAX_DIGITS 15

static const double POWER_OF_TEN[MAX_DIGITS + 1] = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

bool pfc__quick_number(const char *text, size_t size, double *value) {
  const bool is_negative = size > 0 && text[0] == '-';
  size_t i = is_negative;
  int64_t digits = 0;
  if (size > MAX_DIGITS + 1 || i == size || !is_digit(text[i])) return false;
  for (; i < size && is_digit(text[i]); i++) digits = 10 * digits + (text[i] - '0');
  size_t n_decimals = 0;
  if (i < size && text[i] == '.') {
    const size_t point = i++;
    for (; i < size && is_digit(text[i]); i++) digits = 10 * digits + (text[i] - '0');
    n_decimals = i - point - 1;
  }
  if (i < size || digits >= (int64_t)1 << 53) return false;
  const double number = (double)digits / POWER_OF_TEN[n_decimals];
  *value = is_negative ? -number : number;
  return true;
}

/* Two digits, or something above 99. */
static int two(const char *s) {
  const unsigned tens = (unsigned char)(s[0] - '0'), ones = (unsigned char)(s[1] - '0');
  return tens < 10 && ones < 10 ? (int)(10 * tens + ones) : 1000;
}

bool pfc__quick_date(const char *text, size_t size, int32_t *days) {
  if (size != 10 || text[4] != '-' || text[7] != '-') return false;
  const int century = two(text), year = two(text + 2), month = two(text + 5),
            day = two(text + 8);
  if (century > 99 || year > 99) return false;
  return pfc_date_from_ymd(100 * century + year, month, day, days);
}
