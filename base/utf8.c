#include "base/utf8.h"

#include <string.h>

size_t pfc_utf8_length(const char *s, size_t n) {
  const unsigned char *b = (const unsigned char *)s;
  if (n == 0) return 0;
  if (b[0] < 0x80) return 1;
  const size_t length = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
  if (b[0] < 0xc2 || b[0] > 0xf4 || n < length) return 0;
  /* The second byte of these leads is bounded, which rules out what is overlong, a
   * surrogate, or too large. */
  const unsigned low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
  const unsigned high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
  if (b[1] < low || b[1] > high) return 0;
  for (size_t i = 2; i < length; i++) {
    if ((b[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

/* Length of the longest valid prefix of n bytes. */
static size_t valid_prefix(const char *s, size_t n) {
  size_t i = 0;
  for (size_t length; (length = pfc_utf8_length(s + i, n - i)) > 0;) i += length;
  return i;
}

size_t pfc_utf8_cut(const char *s, size_t max) { return valid_prefix(s, strnlen(s, max)); }

bool pfc_utf8_valid(const char *s, size_t n) { return valid_prefix(s, n) == n; }
