#include "datasets/import_hint_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "datasets/import_internal.h"

#define SHORT 64 /* bytes of a text that is looked at */

static bool say(char hint[PFC__HINT], const char *fmt, const char *value) {
  (void)snprintf(hint, PFC__HINT, fmt, value);
  return true;
}

/* --- words that mean nothing ---------------------------------------------- */

bool pfc__is_missing_word(const char *text) {
  static const char *const WORDS[] = {"n/a",     "na",     "#n/a",  "null",     "\\n", "none",
                                      "nil",     "nan",    "-",     "--",       "---", "?",
                                      "missing", "empty",  "blank", "unknown",  ".",   "<na>",
                                      "nat",     "(null)", "tbd",   "undefined"};
  for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
    if (strcasecmp(WORDS[i], text) == 0) return true;
  return false;
}

/* --- blanks --------------------------------------------------------------- */

/* Bytes of the blank at s, those that look like nothing included; 0: it is none. */
static size_t blank_length(const char *s) {
  static const char *const BLANKS[] = {"\xc2\xa0",     "\xe2\x80\xaf", "\xe2\x80\x89",
                                       "\xe2\x80\x8b", "\xe3\x80\x80", "\xef\xbb\xbf"};
  if (*s == ' ' || (*s >= '\t' && *s <= '\r')) return 1;
  for (size_t i = 0; i < sizeof BLANKS / sizeof *BLANKS; i++) {
    const size_t n = strlen(BLANKS[i]);
    if (strncmp(s, BLANKS[i], n) == 0) return n;
  }
  return 0;
}

bool pfc__trim(const char *text, char *room, size_t size) {
  const char *begin = text;
  for (size_t n; (n = blank_length(begin)) > 0;) begin += n;
  const char *end = begin;
  for (const char *s = begin; *s;) {
    const size_t n = blank_length(s);
    s += n ? n : 1;
    if (!n) end = s;
  }
  const size_t n = (size_t)(end - begin);
  if (n == strlen(text) || n >= size) return false;
  memcpy(room, begin, n);
  room[n] = '\0';
  return true;
}

/* --- numbers -------------------------------------------------------------- */

static bool is_number(const char *text) {
  double value;
  return pfc_number_parse(text, strlen(text), &value);
}

/* Copies what is no group separator; a decimal mark becomes a point. */
static void ungroup(const char *text, char decimal, char room[SHORT]) {
  size_t n = 0;
  for (const char *s = text; *s && n < SHORT - 1;) {
    const size_t blank = blank_length(s);
    const bool group = *s == ',' || *s == '.' || *s == '\'' || blank;
    if (*s == decimal)
      room[n++] = '.';
    else if (!group)
      room[n++] = *s;
    s += blank ? blank : 1;
  }
  room[n] = '\0';
}

static int count(const char *text, char c) {
  int n = 0;
  for (; *text; text++) n += *text == c;
  return n;
}

/* "1,234": thousands or a decimal comma? */
static bool is_ambiguous(const char *text) {
  const char *comma = strchr(text, ',');
  const size_t before = strspn(text, "0123456789");
  return count(text, ',') == 1 && !strchr(text, '.') && comma == text + before && before > 0 &&
         before < 4 && text[0] != '0' && strspn(comma + 1, "0123456789") == 3 &&
         comma[4] == '\0';
}

/* Behind every mark but the decimal one stand three digits. */
static bool is_grouped(const char *text, const char *decimal) {
  for (const char *s = text; *s;) {
    const size_t blank = blank_length(s);
    const bool mark = *s == ',' || *s == '.' || *s == '\'' || blank;
    s += blank ? blank : 1;
    if (mark && (!decimal || s != decimal + 1) && strspn(s, "0123456789") != 3) return false;
  }
  return true;
}

static bool hint_marks(const char *text, char hint[PFC__HINT]) {
  char plain[SHORT], pointed[SHORT];
  const char *comma = strrchr(text, ','), *point = strrchr(text, '.');
  const int n_commas = count(text, ','), n_points = count(text, '.');
  ungroup(text, '\0', plain);
  if (is_ambiguous(text)) {
    ungroup(text, ',', pointed);
    (void)snprintf(hint, PFC__HINT, "the comma can mean two things: write %s or %s", plain,
                   pointed);
    return true;
  }
  const bool decimal_comma = n_commas == 1 && (!point || point < comma);
  const bool decimal_point = n_points == 1 && (!comma || comma < point);
  const char *decimal = decimal_comma ? comma : decimal_point ? point : NULL;
  ungroup(text, decimal ? *decimal : '\0', pointed);
  if (strcmp(pointed, text) == 0 || !is_number(pointed) || !is_grouped(text, decimal))
    return false;
  if (decimal_comma)
    return say(hint, "it has a decimal comma: write %s, or read it by a mapping (--map)",
               pointed);
  return say(hint,
             "it has separators between thousands: write %s, or read it by a mapping (--map)",
             pointed);
}

/* "12%", "$12", "12 EUR", "4h": one number with something before or behind it. */
static bool hint_unit(const char *text, char hint[PFC__HINT]) {
  char number[SHORT], pointed[SHORT];
  const size_t before = strcspn(text, "0123456789");
  const size_t n = strspn(text + before, "0123456789.,");
  const char *rest = text + before + n;
  const char *digits = text + before - (before > 0 && text[before - 1] == '-');
  if (n == 0 || n >= SHORT - 1 || (before == 0 && !*rest) ||
      rest[strcspn(rest, "0123456789")] != '\0')
    return false;
  (void)snprintf(number, sizeof number, "%.*s", (int)(rest - digits), digits);
  ungroup(number, count(number, ',') == 1 && !strchr(number, '.') ? ',' : '.', pointed);
  if (!is_number(pointed)) return false;
  if ((*text == '(' && *rest == ')') || *rest == '-')
    return say(hint, "a negative number is written -%s", pointed);
  if (strchr(rest, '%'))
    return say(hint, "it has a percent sign: write the number alone, %s", pointed);
  return say(hint, "write the number alone: %s", pointed);
}

static bool hint_number(const char *text, char hint[PFC__HINT]) {
  double value;
  if (strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0 ||
      ((*text == '-' || *text == '+') && strncasecmp(text + 1, "inf", 3) == 0))
    return say(hint, "%s", "there is no infinite figure: leave the cell empty");
  if (pfc_number_parse(text, strlen(text), &value) && isinf(value))
    return say(hint, "%s", "it is larger than any number a computer holds");
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    return say(hint, "%s", "hexadecimal is not read: write it in decimal");
  if (strncmp(text, "\xe2\x88\x92", 3) == 0 || strncmp(text, "\xe2\x80\x93", 3) == 0)
    return say(hint, "the minus is not '-' but a dash: write -%s", text + 3);
  if (hint_marks(text, hint)) return true;
  return hint_unit(text, hint);
}

static bool hint_whole(const char *text, char hint[PFC__HINT]) {
  double value;
  if (!pfc_number_parse(text, strlen(text), &value) || isinf(value))
    return hint_number(text, hint);
  if (value != floor(value)) return say(hint, "%s", "it has a fraction");
  return fabs(value) > INT32_MAX &&
         say(hint, "%s", "it is larger than 2147483647, the largest that fits");
}

/* --- words and flags ------------------------------------------------------ */

const char *pfc__nearest_word(const char *words, const char *text, char room[64]) {
  const char *best = NULL;
  int least = 3; /* two edits are a slip, three another word */
  char word[64];
  for (const char *at = words; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
    (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(at, "|"), at);
    const int distance = pfc__edit_distance(text, word);
    if (distance >= least || distance >= (int)strlen(word)) continue;
    least = distance;
    best = memcpy(room, word, sizeof word);
  }
  return best;
}

static bool hint_word(const pfc_column_decl *decl, const char *text, char hint[PFC__HINT]) {
  char room[64];
  const char *near = decl && decl->words ? pfc__nearest_word(decl->words, text, room) : NULL;
  return near && strcmp(near, text) != 0 && say(hint, "did you mean '%s'?", near);
}

static bool hint_flag(const char *text, char hint[PFC__HINT]) {
  static const char *const YES[] = {"yes", "y", "t", "on", "x", "ja", "oui", "si", "1.0"};
  static const char *const NO[] = {"no", "n", "f", "off", "nein", "non", "0.0"};
  for (size_t i = 0; i < sizeof YES / sizeof *YES; i++)
    if (strcasecmp(text, YES[i]) == 0) return say(hint, "write %s", "1");
  for (size_t i = 0; i < sizeof NO / sizeof *NO; i++)
    if (strcasecmp(text, NO[i]) == 0) return say(hint, "write %s", "0");
  return false;
}

/* --- all of them ---------------------------------------------------------- */

static bool hint_of_type(const pfc_column_decl *decl, pfc_type type, const char *text,
                         char hint[PFC__HINT]) {
  char first[16];
  switch (type) {
    case PFC_CODE:
      return hint_word(decl, text, hint);
    case PFC_REAL:
      return hint_number(text, hint);
    case PFC_INT:
      return hint_whole(text, hint);
    case PFC_FLAG:
      return hint_flag(text, hint);
    case PFC_DATE:
    case PFC_TIME:
      if (decl && (decl->flags & PFC_MONTH) && strlen(text) == 7) {
        if (text[4] != '-') return say(hint, "%s", "a hyphen stands between year and month");
        (void)snprintf(first, sizeof first, "%s-01", text);
        return pfc__hint_date(first, hint);
      }
      return pfc__hint_date(text, hint);
  }
  return false;
}

bool pfc__hint(const pfc_column_decl *decl, pfc_type type, const char *text,
               char hint[PFC__HINT]) {
  char trimmed[SHORT], inner[PFC__HINT];
  hint[0] = '\0';
  if (strlen(text) >= SHORT) return false;
  if (!pfc__trim(text, trimmed, sizeof trimmed)) {
    if (pfc__is_missing_word(text))
      return say(hint, "%s", "leave the cell empty where there is no value");
    return hint_of_type(decl, type, text, hint);
  }
  if (!trimmed[0])
    return say(hint, "%s", "it is blank: leave the cell empty where there is no value");
  if (hint_of_type(decl, type, trimmed, inner)) {
    (void)snprintf(hint, PFC__HINT, "it has blanks around it, and %.150s", inner);
    return true;
  }
  return say(hint, "it has blanks around it: write '%s'", trimmed);
}
