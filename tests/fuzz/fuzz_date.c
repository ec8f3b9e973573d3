// labels: fuzz check
/* Dates: what is taken is what a reader that goes day by day through the calendar takes,
 * what is written reads back, and a format of a mapping reads what it writes.
 *
 * An input is a text, or, with a line end in it, a format and a text. */
#include <stdbool.h>

#include "base/date.h"
#include "datasets/map_internal.h"
#include "tests/fuzz/input.h"

enum { YEARS = 10000 };

/* --- the slow reader -------------------------------------------------------- */

static bool is_leap(int y) { return y % 400 == 0 || (y % 4 == 0 && y % 100 != 0); }

static int month_length(int y, int m) {
  return m == 2 ? 28 + is_leap(y) : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

/* Days from 1970-01-01 by counting years and months; -1 in *exists when there is none. */
static int64_t count_days(int y, int m, int d, bool *exists) {
  int64_t days = d - 1;
  *exists = y >= 1 && y < YEARS && m >= 1 && m <= 12 && d >= 1 && d <= month_length(y, m);
  for (int i = 1; *exists && i < m; i++) days += month_length(y, i);
  for (int i = 1970; i < y; i++) days += 365 + is_leap(i);
  for (int i = y; i < 1970; i++) days -= 365 + is_leap(i);
  return days;
}

/* Does the text look like the pattern, where 0 is any digit? */
static bool looks_like(const char *text, size_t n, const char *pattern) {
  if (n != strlen(pattern)) return false;
  for (size_t i = 0; i < n; i++) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '0' ? !is_digit : text[i] != pattern[i]) return false;
  }
  return true;
}

static int two(const char *s) { return 10 * (s[0] - '0') + s[1] - '0'; }

/* Seconds behind "T"; -1 when it is no clock. What follows the seconds is *rest. */
static int64_t slow_clock(const char *s, const char **rest) {
  const size_t n = strlen(s);
  *rest = s;
  if (n < 5 || !looks_like(s, 5, "00:00") || two(s) > 23 || two(s + 3) > 59) return -1;
  int64_t seconds = 3600 * two(s) + 60 * two(s + 3);
  *rest = s + 5;
  if (n < 8 || !looks_like(s + 5, 3, ":00")) return s[5] == ':' ? -1 : seconds;
  if (two(s + 6) > 59) return -1;
  *rest = s + 8;
  if (s[8] == '.') {
    const size_t digits = strspn(s + 9, "0123456789");
    if (digits == 0) return -1;
    *rest = s + 9 + digits;
  }
  return seconds + two(s + 6);
}

/* False: not ISO 8601 as this project has it. */
static bool slow_parse(const char *s, int64_t *days, int64_t *seconds) {
  bool exists;
  const size_t n = strlen(s);
  *seconds = 0;
  if (n < 10 || !looks_like(s, 10, "0000-00-00")) return false;
  *days = count_days(100 * two(s) + two(s + 2), two(s + 5), two(s + 8), &exists);
  if (!exists || n == 10) return exists;
  if (s[10] != 'T' && s[10] != ' ') return false;
  *seconds = slow_clock(s + 11, &s);
  if (*seconds < 0) return false;
  if (!*s || strcmp(s, "Z") == 0) return true;
  if (!looks_like(s, strlen(s), "+00:00") && !looks_like(s, strlen(s), "-00:00")) return false;
  if (two(s + 1) > 23 || two(s + 4) > 59) return false;
  *seconds -= (s[0] == '-' ? -1 : 1) * (3600 * two(s + 1) + 60 * two(s + 4));
  return true;
}

/* --- ISO 8601 ----------------------------------------------------------------- */

static void iso_holds(const char *text) {
  int64_t days = 0, seconds = 0, time = -1;
  int32_t day = -1;
  char written[PFC_TIME_TEXT], date[PFC_DATE_TEXT];
  const bool taken = slow_parse(text, &days, &seconds);
  HOLDS(pfc_date_parse(text, &day) == taken);
  HOLDS(day == (taken ? days : -1));
  const int64_t wanted = days * PFC_DAY_S + seconds;
  const bool named = taken && wanted >= (int64_t)PFC_FIRST_DAY * PFC_DAY_S &&
                     wanted < (int64_t)(PFC_LAST_DAY + 1) * PFC_DAY_S;
  HOLDS(pfc_time_parse(text, &time) == named);
  if (!named) return;
  HOLDS(time == wanted);
  pfc_time_format(time, written);
  HOLDS(pfc_time_parse(written, &time) && time == wanted);
  pfc_date_format(day, date);
  HOLDS(strncmp(date, text, 10) == 0 && pfc_date_parse(date, &day) && day == days);
}

/* --- formats of mappings -------------------------------------------------------- */

static int add_part(char *text, const pfc__date_token *token, const int part[PFC__N_PARTS]) {
  const int hour = part[PFC__HALF] < 0 ? part[PFC__HOUR] : (part[PFC__HOUR] + 11) % 12 + 1;
  if (token->part == PFC__LITERAL) return sprintf(text, "%c", token->literal);
  if (token->part == PFC__HALF) return sprintf(text, "%s", part[PFC__HALF] ? "PM" : "AM");
  return sprintf(text, "%0*d", token->min_digits,
                 token->part == PFC__HOUR ? hour : part[token->part]);
}

/* Writes the moment in the format and reads it again. */
static void format_holds(const pfc__date_format *f, int32_t days, int seconds) {
  int part[PFC__N_PARTS] = {0}, again_seconds = -1;
  int32_t again = PFC_NO_DATE;
  char iso[PFC_TIME_TEXT], text[8 * PFC__DATE_TOKENS];
  int n = 0;
  pfc_time_format((int64_t)days * PFC_DAY_S + seconds, iso);
  HOLDS(sscanf(iso, "%d-%d-%dT%d:%d:%d", &part[PFC__YEAR], &part[PFC__MONTH], &part[PFC__DAY],
               &part[PFC__HOUR], &part[PFC__MINUTE], &part[PFC__SECOND]) == 6);
  part[PFC__HALF] = pfc__date_format_has(f, PFC__HALF) ? (part[PFC__HOUR] >= 12) : -1;
  for (int i = 0; i < f->n_tokens; i++) n += add_part(text + n, &f->token[i], part);
  HOLDS(pfc__date_by_format(f, text, &again, &again_seconds));
  HOLDS(again == days && again_seconds == seconds);
}

static void mapped_holds(const char *format, const char *text) {
  pfc__date_format f;
  char reason[PFC__REASON] = "";
  int32_t days;
  int seconds;
  const bool taken = pfc__date_format_parse(format, &f, reason);
  HOLDS(taken == (reason[0] == '\0'));
  if (!taken || (!f.excel && f.n_tokens == 0)) return;
  if (!pfc__date_by_format(&f, text, &days, &seconds)) return;
  HOLDS(days >= PFC_FIRST_DAY && days <= PFC_LAST_DAY && seconds >= 0 && seconds < PFC_DAY_S);
  if (!f.excel) format_holds(&f, days, seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char text[200];
  if (size >= sizeof text) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  char *line_end = strchr(text, '\n');
  if (!line_end) {
    iso_holds(text);
    return 0;
  }
  *line_end = '\0';
  mapped_holds(text, line_end + 1);
  return 0;
}
