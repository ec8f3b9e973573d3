#include <math.h>
#include <string.h>

#include "base/json_internal.h"
#include "base/number.h"
#include "base/utf8.h"

#define MAX_NUMBER 63 /* characters; cJSON takes no more */

typedef pfc__json_scan scan;

static bool fault(scan *s, const char *what) {
  s->fault = what;
  return false;
}

/* The byte i places ahead; -1 behind the end. */
static int peek(const scan *s, size_t i) {
  return i < s->size - s->at ? (unsigned char)s->text[s->at + i] : -1;
}

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static void skip_space(scan *s) {
  for (int c = peek(s, 0); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(s, 0)) {
    s->at++;
  }
}

/* Four hex digits behind "\u"; -1 when there are none. */
static int hex4(const scan *s, size_t i) {
  int value = 0;
  for (size_t end = i + 4; i < end; i++) {
    const int c = peek(s, i);
    if (is_digit(c))
      value = 16 * value + (c - '0');
    else if (c >= 'a' && c <= 'f')
      value = 16 * value + (c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      value = 16 * value + (c - 'A' + 10);
    else
      return -1;
  }
  return value;
}

static bool scan_escape(scan *s) {
  const int c = peek(s, 1);
  if (c > 0 && strchr("\"\\/bfnrt", c)) {
    s->at += 2;
    return true;
  }
  const int unit = c == 'u' ? hex4(s, 2) : -1;
  if (unit < 0) return fault(s, "unknown escape in text");
  if (unit == 0) return fault(s, "text holds a NUL character");
  if (unit < 0xd800 || unit > 0xdfff) {
    s->at += 6;
    return true;
  }
  const int low = peek(s, 6) == '\\' && peek(s, 7) == 'u' ? hex4(s, 8) : -1;
  if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
    return fault(s, "half of a surrogate pair in text");
  s->at += 12;
  return true;
}

static bool scan_character(scan *s) {
  const size_t length = pfc_utf8_length(s->text + s->at, s->size - s->at);
  s->at += length;
  return length > 0 || fault(s, "text is not valid UTF-8");
}

static bool scan_string(scan *s) {
  s->at++;
  for (int c = peek(s, 0); c != '"'; c = peek(s, 0)) {
    if (c < 0) return fault(s, "text has no closing quote");
    if (c < 0x20) return fault(s, "control character in text");
    if (!(c == '\\' ? scan_escape(s) : scan_character(s))) return false;
  }
  s->at++;
  return true;
}

/* Index behind the digits that begin at i; 0 when there are none. */
static size_t skip_digits(const scan *s, size_t i) {
  if (!is_digit(peek(s, i))) return 0;
  while (is_digit(peek(s, i))) i++;
  return i;
}

/* Length of the number at the scan's place; 0 when it is malformed. */
static size_t number_length(const scan *s) {
  const size_t first = peek(s, 0) == '-';
  size_t n = skip_digits(s, first);
  if (n == 0 || (peek(s, first) == '0' && n > first + 1)) return 0;
  if (peek(s, n) == '.' && (n = skip_digits(s, n + 1)) == 0) return 0;
  if (peek(s, n) == 'e' || peek(s, n) == 'E') {
    const size_t sign = peek(s, n + 1) == '+' || peek(s, n + 1) == '-';
    n = skip_digits(s, n + 1 + sign);
  }
  return n;
}

/* Doubles hold whole numbers up to 2^53; of a larger one the last digits would go. By the
 * digits, since the double next above it is already rounded. */
static bool is_beyond_2_53(const char *text, size_t n) {
  static const char LARGEST[] = "9007199254740992";
  const size_t size = sizeof LARGEST - 1;
  if (*text == '-') {
    text++;
    n--;
  }
  for (size_t i = 0; i < n; i++)
    if (!is_digit(text[i])) return false;
  return n != size ? n > size : memcmp(text, LARGEST, size) > 0;
}

static bool scan_number(scan *s) {
  const size_t n = number_length(s);
  double value = 0;
  if (n == 0) return fault(s, "malformed number");
  if (n > MAX_NUMBER) return fault(s, "number of more than 63 characters");
  (void)pfc_number_parse(s->text + s->at, n, &value);
  if (!isfinite(value)) return fault(s, "number is too large; 1.7e308 is the end");
  if (is_beyond_2_53(s->text + s->at, n))
    return fault(s, "whole number beyond 2^53, which would be rounded; write it as text");
  s->at += n;
  return true;
}

static bool scan_scalar(scan *s) {
  const int c = peek(s, 0);
  if (c == '"') return scan_string(s);
  if (c == '-' || is_digit(c)) return scan_number(s);
  static const char *const words[] = {"true", "false", "null"};
  for (int i = 0; i < 3; i++) {
    const size_t n = strlen(words[i]);
    if (s->size - s->at < n || memcmp(s->text + s->at, words[i], n) != 0) continue;
    s->at += n;
    return true;
  }
  return fault(s, "expected a value");
}

/* "key" : */
static bool scan_key(scan *s) {
  skip_space(s);
  if (peek(s, 0) != '"') return fault(s, "expected a key in quotes");
  if (s->n_keys++ == s->stop_key) return fault(s, "duplicate key");
  if (!scan_string(s)) return false;
  skip_space(s);
  if (peek(s, 0) != ':') return fault(s, "expected ':'");
  s->at++;
  return true;
}

static char closing(char open) { return open == '{' ? '}' : ']'; }

/* Steps into an object or array; *empty when it ends at once. */
static bool scan_open(scan *s, bool *empty) {
  if (s->depth == PFC_JSON_MAX_DEPTH) return fault(s, "nested too deeply");
  const char open = s->text[s->at++];
  skip_space(s);
  *empty = peek(s, 0) == closing(open);
  if (*empty) {
    s->at++;
    return true;
  }
  s->open[s->depth++] = open;
  return open == '[' || scan_key(s);
}

/* Behind a value in an object or array: the next one, or the end. */
static bool scan_next(scan *s, bool *value_follows) {
  const char open = s->open[s->depth - 1];
  *value_follows = peek(s, 0) == ',';
  if (!*value_follows && peek(s, 0) != closing(open))
    return fault(s, open == '{' ? "expected ',' or '}'" : "expected ',' or ']'");
  s->at++;
  if (!*value_follows) s->depth--;
  return !*value_follows || open == '[' || scan_key(s);
}

bool pfc__json_scan_text(scan *s) {
  bool value_follows = true;
  do {
    skip_space(s);
    const int c = peek(s, 0);
    if (!value_follows) {
      if (!scan_next(s, &value_follows)) return false;
    } else if (c == '{' || c == '[') {
      bool empty;
      if (!scan_open(s, &empty)) return false;
      value_follows = !empty;
    } else {
      if (!scan_scalar(s)) return false;
      value_follows = false;
    }
  } while (value_follows || s->depth > 0);
  skip_space(s);
  return s->at == s->size || fault(s, "expected the end of the text");
}
