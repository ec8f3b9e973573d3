#include "base/utf8.h"

#include <stdint.h>
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

/* ASCII goes 32 bytes at a time: most text is. */
static size_t ascii_prefix(const char *s, size_t n) {
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    uint64_t word[4];
    memcpy(word, s + i, sizeof word);
    if ((word[0] | word[1] | word[2] | word[3]) & 0x8080808080808080u) break;
  }
  while (i < n && (unsigned char)s[i] < 0x80) i++;
  return i;
}

size_t pfc_utf8_prefix(const char *s, size_t n) {
  size_t i = 0;
  while (i < n) {
    const size_t length = pfc_utf8_length(s + i, n - i);
    if (length == 0) break;
    i += length > 1 ? length : ascii_prefix(s + i, n - i);
  }
  return i;
}

size_t pfc_utf8_cut(const char *s, size_t max) { return pfc_utf8_prefix(s, strnlen(s, max)); }

bool pfc_utf8_valid(const char *s, size_t n) { return pfc_utf8_prefix(s, n) == n; }
