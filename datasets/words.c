#include "datasets/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* --- characters --------------------------------------------------------------------------- */

/* Code point of the valid character of n bytes at s. */
static uint32_t code_point(const char *s, size_t n) {
  const unsigned char *b = (const unsigned char *)s;
  if (n == 1) return b[0];
  uint32_t c = b[0] & (0xffu >> (n + 1));
  for (size_t i = 1; i < n; i++) c = c << 6 | (b[i] & 0x3fu);
  return c;
}

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static bool is_letter(uint32_t c) {
  if (c < 0x80) return is_digit(c) || (c | 0x20) - 'a' < 26u;
  if (c < 0xc0) return c == 0xaa || c == 0xb5 || c == 0xba; /* signs of Latin-1 */
  if (c == 0xd7 || c == 0xf7) return false;
  if (c >= 0x2000 && c <= 0x2bff) return false; /* punctuation, arrows, boxes */
  if (c >= 0x3000 && c <= 0x303f) return false; /* CJK punctuation */
  return c < 0xfe30 || c > 0xff20 || (c >= 0xff10 && c <= 0xff19);
}

/* Lower case where upper and lower stand in a regular distance: Latin, Greek, Cyrillic. */
static uint32_t lower(uint32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c + (c & 1);
  if (c >= 0x391 && c <= 0x3a9) return c + 32;
  if (c >= 0x410 && c <= 0x42f) return c + 32;
  if (c >= 0x400 && c <= 0x40f) return c + 80;
  return c;
}

static size_t put_utf8(uint32_t c, char to[4]) {
  if (c < 0x80) {
    to[0] = (char)c;
    return 1;
  }
  const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n; --i > 0; c >>= 6) to[i] = (char)(0x80 | (c & 0x3f));
  to[0] = (char)((0xf00u >> n & 0xf0u) | c);
  return n;
}

/* Does a name end here? */
static bool parts_names(uint32_t c) {
  return c < 0x80 && c != 0 && strchr(".;:!?()[]{}\n\r|\"", (int)c) != NULL;
}

/* --- words -------------------------------------------------------------------------------- */

/* Of the character at s: its bytes (1 where it is not valid), and itself (0 where not). */
static size_t read_character(const char *s, uint32_t *c) {
  const size_t n = pfc_utf8_length(s, strnlen(s, 4));
  *c = n > 0 ? code_point(s, n) : 0;
  return n > 0 ? n : 1;
}

static const char *skip_to_word(const char *s, bool *opens) {
  uint32_t c;
  while (*s) {
    const size_t n = read_character(s, &c);
    if (is_letter(c)) break;
    *opens |= parts_names(c);
    s += n;
  }
  return s;
}

/* Bytes of what goes on inside a word though it is no letter: the point of "4.75". */
static size_t inner_mark(const char *s, uint32_t before) {
  return *s == '.' && is_digit(before) && is_digit((unsigned char)s[1]);
}

/* "driver's", with either apostrophe; else 0. */
static size_t possessive(const char *s) {
  const size_t n = *s == '\'' ? 1 : strncmp(s, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
  uint32_t after;
  if (n == 0 || (s[n] | 0x20) != 's') return 0;
  (void)read_character(s + n + 1, &after);
  return s[n + 1] && is_letter(after) ? 0 : n + 1;
}

/* The plural's ending goes (Harman, "How effective is suffixing?", JASIS 1991). */
static void cut_plural(char *stem, size_t n) {
  if (n < 3 || stem[n - 1] != 's' || (unsigned char)stem[n - 2] >= 0x80) return;
  const char before = stem[n - 2], third = stem[n - 3];
  if (n > 3 && before == 'e' && third == 'i' && !strchr("ea", stem[n - 4])) {
    stem[n - 3] = 'y';
    stem[n - 2] = '\0';
  } else if (before == 'e' ? !strchr("aeo", third) : !strchr("us0123456789", before)) {
    stem[n - 1] = '\0';
  }
}

bool pfc_word_next(const char **text, pfc_word *word) {
  const char *s = *text;
  uint32_t c, last = 0;
  size_t used = 0;
  bool room = true;
  word->opens = word->at == NULL;
  s = skip_to_word(s, &word->opens);
  *text = s;
  if (!*s) return false;
  word->at = s;
  for (size_t n; *s; s += n, last = c) {
    n = read_character(s, &c);
    const bool joins = (c == '+' || c == '#') && last != 0; /* C++, C# */
    if (!is_letter(c) && !joins && !inner_mark(s, last)) break;
    char small[4];
    const size_t size = put_utf8(lower(c), small);
    if (used + size >= PFC_STEM) room = false;
    if (!room) continue;
    memcpy(word->stem + used, small, size);
    used += size;
  }
  word->stem[used] = '\0';
  word->size = (size_t)(s - word->at);
  cut_plural(word->stem, used);
  *text = s + possessive(s);
  return true;
}

static int by_text(const void *a, const void *b) { return strcmp(a, *(const char *const *)b); }

bool pfc_word_is_common(const char *stem) {
  static const char *const WORDS[] = {
      "a",  "all", "an", "and", "as", "at",    "be",   "by",   "for", "from", "in", "is",
      "it", "not", "of", "on",  "or", "other", "such", "that", "the", "this", "to", "with"};
  return bsearch(stem, WORDS, sizeof WORDS / sizeof *WORDS, sizeof *WORDS, by_text) != NULL;
}
