#include "cli/numeral.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE "\xE2\x80\x93"       /* en dash */
#define MINUS "\xE2\x88\x92"      /* U+2212 */
#define THIN_SPACE "\xE2\x80\xAF" /* U+202F, which does not break */

static size_t add(char text[NUMERAL], size_t at, const char *bytes, size_t n) {
  if (at + n >= NUMERAL) return at;
  memcpy(text + at, bytes, n);
  text[at + n] = '\0';
  return at + n;
}

static size_t add_text(char text[NUMERAL], size_t at, const char *word) {
  return add(text, at, word, strlen(word));
}

/* Digits with a space before every three of the whole part; numbers of four digits need none.
 */
static void group(const char *digits, size_t at, char text[NUMERAL]) {
  const size_t n = strcspn(digits, ".");
  for (size_t i = 0; i < n; i++) {
    if (n > 4 && i > 0 && (n - i) % 3 == 0) at = add_text(text, at, THIN_SPACE);
    at = add(text, at, digits + i, 1);
  }
  (void)add_text(text, at, digits + n);
}

const char *numeral_fixed(double value, int decimals, char text[NUMERAL]) {
  char digits[NUMERAL];
  const double size = fabs(value);
  text[0] = '\0';
  if (!isfinite(value)) {
    (void)add_text(text, 0, NONE);
    return text;
  }
  (void)snprintf(digits, sizeof digits, size < 1e12 ? "%.*f" : "%.*g",
                 size < 1e12 ? decimals : 3, size);
  /* What rounds to nothing has no sign. */
  const size_t at = value < 0 && strpbrk(digits, "123456789") ? add_text(text, 0, MINUS) : 0;
  if (size < 1e12) {
    group(digits, at, text);
  } else {
    (void)add_text(text, at, digits);
  }
  return text;
}

int numeral_decimals(double size) {
  if (!(size > 0) || !isfinite(size)) return 0;
  const int power = (int)floor(log10(size));
  return power >= 0 ? (power < 2 ? 2 - power : 0) : (power >= -2 ? 3 : 1 - power);
}

const char *numeral_short(double value, char text[NUMERAL]) {
  const double size = fabs(value);
  if (!(size < 1e-6) || size == 0) return numeral_fixed(value, numeral_decimals(size), text);
  (void)snprintf(text, NUMERAL, "%s%.2g", value < 0 ? MINUS : "", size);
  return text;
}

const char *numeral_percent_fixed(double share, int decimals, char text[NUMERAL]) {
  (void)numeral_fixed(100 * share, decimals, text);
  if (isfinite(share)) (void)add_text(text, strlen(text), THIN_SPACE "%");
  return text;
}

const char *numeral_percent(double share, char text[NUMERAL]) {
  return numeral_percent_fixed(share, fabs(share) < 0.0995 ? 1 : 0, text);
}
