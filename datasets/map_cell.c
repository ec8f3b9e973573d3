#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "datasets/map_internal.h"

/* --- formats of dates ------------------------------------------------------ */

/* Longer ones first: "MM" is not "M" twice. */
static const struct {
  const char *text;
  pfc__date_token token;
} TOKENS[] = {
    {"YYYY", {PFC__YEAR, 4, 4, 0}}, {"MM", {PFC__MONTH, 2, 2, 0}},
    {"DD", {PFC__DAY, 2, 2, 0}},    {"hh", {PFC__HOUR, 2, 2, 0}},
    {"mm", {PFC__MINUTE, 2, 2, 0}}, {"ss", {PFC__SECOND, 2, 2, 0}},
    {"AM", {PFC__HALF, 0, 0, 0}},   {"M", {PFC__MONTH, 1, 2, 0}},
    {"D", {PFC__DAY, 1, 2, 0}},     {"h", {PFC__HOUR, 1, 2, 0}},
};

/* Bytes of the token at s, which may be a character that stands for itself; 0 for a letter
 * or digit without meaning. */
static int token_at(const char *s, pfc__date_token *token) {
  for (size_t i = 0; i < sizeof TOKENS / sizeof *TOKENS; i++) {
    const size_t n = strlen(TOKENS[i].text);
    if (strncmp(s, TOKENS[i].text, n) != 0) continue;
    *token = TOKENS[i].token;
    return (int)n;
  }
  *token = (pfc__date_token){.part = PFC__LITERAL, .literal = *s};
  return isalnum((unsigned char)*s) && *s != 'T' && *s != 'Z' ? 0 : 1;
}

bool pfc__date_format_has(const pfc__date_format *f, pfc__date_part part) {
  for (int i = 0; i < f->n_tokens; i++)
    if (f->token[i].part == part) return true;
  return false;
}

/* Where one or two digits may stand, another digit must not follow. */
static bool is_ambiguous(const pfc__date_format *f) {
  for (int i = 0; i + 1 < f->n_tokens; i++)
    if (f->token[i].min_digits < f->token[i].max_digits && f->token[i + 1].max_digits > 0)
      return true;
  return false;
}

static bool is_whole(const pfc__date_format *f) {
  static const pfc__date_part NEEDS[][2] = {{PFC__DAY, PFC__MONTH},
                                            {PFC__MINUTE, PFC__HOUR},
                                            {PFC__SECOND, PFC__MINUTE},
                                            {PFC__HALF, PFC__HOUR},
                                            {PFC__HOUR, PFC__MINUTE}};
  for (size_t i = 0; i < sizeof NEEDS / sizeof *NEEDS; i++)
    if (pfc__date_format_has(f, NEEDS[i][0]) && !pfc__date_format_has(f, NEEDS[i][1]))
      return false;
  return pfc__date_format_has(f, PFC__YEAR) && pfc__date_format_has(f, PFC__MONTH) &&
         (pfc__date_format_has(f, PFC__DAY) || !pfc__date_format_has(f, PFC__HOUR));
}

static bool refuse(char reason[PFC__REASON], const char *text, const char *why) {
  (void)snprintf(reason, PFC__REASON,
                 "'%.40s': %s; expected \"iso\", \"excel\" or a format of YYYY, MM or M, DD or "
                 "D, hh or h, mm, ss, AM, like \"DD.MM.YYYY\"",
                 text, why);
  return false;
}

bool pfc__date_format_parse(const char *text, pfc__date_format *f, char reason[PFC__REASON]) {
  *f = (pfc__date_format){.text = text, .excel = strcmp(text, "excel") == 0};
  if (f->excel || strcmp(text, "iso") == 0) return true;
  for (const char *s = text; *s;) {
    pfc__date_token token;
    const int n = token_at(s, &token);
    if (n == 0) return refuse(reason, text, "a letter or digit without meaning");
    if (token.part != PFC__LITERAL && pfc__date_format_has(f, token.part))
      return refuse(reason, text, "the same part twice");
    if (f->n_tokens == PFC__DATE_TOKENS) return refuse(reason, text, "too long");
    f->token[f->n_tokens++] = token;
    s += n;
  }
  if (!is_whole(f)) return refuse(reason, text, "not a whole date");
  if (is_ambiguous(f)) return refuse(reason, text, "one or two digits before other digits");
  return true;
}

/* --- dates ----------------------------------------------------------------- */

/* Reads a number of min to max digits. */
static bool take_digits(const char **s, const pfc__date_token *token, int *value) {
  int n = 0;
  *value = 0;
  for (; n < token->max_digits && isdigit((unsigned char)**s); n++)
    *value = 10 * *value + (*(*s)++ - '0');
  return n >= token->min_digits;
}

static bool take_half(const char **s, int *half) {
  if (strncasecmp(*s, "AM", 2) != 0 && strncasecmp(*s, "PM", 2) != 0) return false;
  *half = (**s | 0x20) == 'p';
  *s += 2;
  return true;
}

static bool take_token(const char **s, const pfc__date_token *token, int part[PFC__N_PARTS]) {
  if (token->part == PFC__HALF) return take_half(s, &part[PFC__HALF]);
  if (token->part != PFC__LITERAL) return take_digits(s, token, &part[token->part]);
  return *(*s)++ == token->literal;
}

/* 12 AM is midnight, 12 PM noon; hours 0 and 13 have no half. */
static bool apply_half(int part[PFC__N_PARTS]) {
  if (part[PFC__HALF] < 0) return true;
  if (part[PFC__HOUR] < 1 || part[PFC__HOUR] > 12) return false;
  part[PFC__HOUR] = part[PFC__HOUR] % 12 + 12 * part[PFC__HALF];
  return true;
}

/* Day 60 of the serial calendar is 29 February 1900, which never was: what comes before it
 * is counted differently by different programs, and refused. */
static bool excel_date(const char *text, int32_t *days, int *seconds) {
  enum { EPOCH = 25569 /* 1970-01-01 */, FIRST = 61, LAST = 2958465 /* 9999-12-31 */ };
  char reason[PFC__REASON];
  pfc__cell cell;
  if (!pfc__cell_parse(PFC_REAL, NULL, text, &cell, reason)) return false;
  if (!(cell.real >= FIRST && cell.real < LAST + 1)) return false;
  const double day = floor(cell.real);
  *seconds = (int)((cell.real - day) * PFC_DAY_S + 0.5);
  if (*seconds == PFC_DAY_S) *seconds = PFC_DAY_S - 1;
  *days = (int32_t)day - EPOCH;
  return true;
}

bool pfc__date_by_format(const pfc__date_format *f, const char *text, int32_t *days,
                         int *seconds) {
  int part[PFC__N_PARTS] = {[PFC__DAY] = 1, [PFC__HALF] = -1};
  if (f->excel) return excel_date(text, days, seconds);
  for (int i = 0; i < f->n_tokens; i++)
    if (!take_token(&text, &f->token[i], part)) return false;
  if (*text || !apply_half(part)) return false;
  if (part[PFC__HOUR] > 23 || part[PFC__MINUTE] > 59 || part[PFC__SECOND] > 59) return false;
  *seconds = 3600 * part[PFC__HOUR] + 60 * part[PFC__MINUTE] + part[PFC__SECOND];
  return pfc_date_from_ymd(part[PFC__YEAR], part[PFC__MONTH], part[PFC__DAY], days);
}

/* --- numbers ---------------------------------------------------------------- */

/* Bytes of the separator that text begins with, 0 for none. A space may be one that does not
 * break a line: no-break, thin or narrow. */
static size_t separator_size(const char *text, char thousands) {
  static const char *const SPACES[] = {" ", "\u00a0", "\u2009", "\u202f"};
  if (!thousands) return 0;
  if (thousands != ' ') return *text == thousands;
  for (size_t i = 0; i < sizeof SPACES / sizeof *SPACES; i++) {
    const size_t size = strlen(SPACES[i]);
    if (strncmp(text, SPACES[i], size) == 0) return size;
  }
  return 0;
}

bool pfc__plain_number(const char *text, char decimal, char thousands,
                       char plain[PFC__NUMBER]) {
  int n = 0, n_digits = 0; /* of the group */
  bool grouped = false, behind = false;
  for (const char *s = text;; s++) {
    const bool is_digit = isdigit((unsigned char)*s);
    const size_t separator = behind ? 0 : separator_size(s, thousands);
    /* A group ends here: three digits, or, before the first separator, one to three. */
    if (!is_digit && !behind && grouped && n_digits != 3) return false;
    if (separator && (n_digits < 1 || n_digits > 3)) return false;
    if (n == PFC__NUMBER - 1) return false;
    if (!*s) break;
    if (separator) {
      grouped = true;
      n_digits = 0;
      s += separator - 1;
      continue;
    }
    if (*s == decimal) {
      if (behind) return false;
      plain[n++] = '.';
    } else if (*s == '.' || *s == ',') {
      return false;
    } else {
      plain[n++] = *s;
    }
    n_digits = is_digit ? n_digits + 1 : 0;
    if (!is_digit && *s != '+' && *s != '-') behind = true;
  }
  plain[n] = '\0';
  return true;
}
