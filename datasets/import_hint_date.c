#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/number.h"
#include "datasets/import_hint_internal.h"

static bool say(char hint[PFC__HINT], const char *what) {
  (void)snprintf(hint, PFC__HINT, "%s", what);
  return true;
}

/* "...: write 2014-10-01"; false when there is no such day. */
static bool say_day(char hint[PFC__HINT], const char *what, int year, int month, int day) {
  char text[PFC_DATE_TEXT];
  int32_t days;
  if (!pfc_date_from_ymd(year, month, day, &days)) return false;
  pfc_date_format(days, text);
  (void)snprintf(hint, PFC__HINT, "%s: write %s", what, text);
  return true;
}

/* --- counts of days and seconds ------------------------------------------- */

enum {
  EXCEL_EPOCH = -25569, /* 1899-12-30, from which Excel counts since its false leap day */
  EXCEL_FIRST = 15000,  /* 1941: smaller numbers are something else */
  EXCEL_LAST = 80000,   /* 2119 */
};

static bool hint_serial(const char *text, char hint[PFC__HINT]) {
  char date[PFC_DATE_TEXT];
  double value;
  if (!pfc_number_parse(text, strlen(text), &value)) return false;
  const size_t n = strspn(text, "0123456789");
  if (value >= EXCEL_FIRST && value <= EXCEL_LAST) {
    pfc_date_format((int32_t)value + EXCEL_EPOCH, date);
    (void)snprintf(hint, PFC__HINT,
                   "it looks like an Excel serial date: %s is %s; format the column as "
                   "YYYY-MM-DD before exporting, or read it by a mapping (--map)",
                   text, date);
    return true;
  }
  if (n == 8 && !text[8]) {
    const int ymd = (int)value;
    if (say_day(hint, "it has no hyphens", ymd / 10000, ymd / 100 % 100, ymd % 100))
      return true;
  }
  if ((n == 10 || n == 13) && value > 1e8 && value < 1e13) { /* "1000000000e9" is neither */
    pfc_date_format((int32_t)floor(value / (n == 13 ? 1000 : 1) / PFC_DAY_S), date);
    (void)snprintf(hint, PFC__HINT, "it looks like %sseconds since 1970: write %s",
                   n == 13 ? "milli" : "", date);
    return true;
  }
  return false;
}

/* --- three numbers in another order --------------------------------------- */

/* The numbers of a text that is digits, and one kind of mark between them. */
static int split(const char *text, int number[3], int n_digits[3]) {
  const char mark = text[strspn(text, "0123456789")];
  int n = 0;
  if (!mark || !strchr("./-", mark)) return 0;
  for (const char *s = text; n < 3; s++) {
    n_digits[n] = (int)strspn(s, "0123456789");
    if (n_digits[n] == 0 || n_digits[n] > 4) return 0;
    number[n] = (int)strtol(s, NULL, 10);
    s += n_digits[n++];
    if (!*s || *s == ' ' || *s == 'T') return n;
    if (*s != mark) return 0;
  }
  return 0;
}

/* The year stands last; which is the day shows when one is above 12. */
static bool hint_year_last(const int n[3], char hint[PFC__HINT]) {
  char one[PFC_DATE_TEXT] = "", other[PFC_DATE_TEXT] = "";
  int32_t days;
  if (pfc_date_from_ymd(n[2], n[1], n[0], &days)) pfc_date_format(days, one);
  if (pfc_date_from_ymd(n[2], n[0], n[1], &days)) pfc_date_format(days, other);
  if (n[0] == 0 && n[1] == 0 && n[2] == 0)
    return say(hint, "leave the cell empty where there is no value");
  if (!one[0] && !other[0]) return say(hint, "the year comes first, then month and day");
  if (one[0] && other[0] && strcmp(one, other) != 0)
    (void)snprintf(
        hint, PFC__HINT,
        "the year comes first: write %s or %s, whichever is meant, or read it by a mapping "
        "(--map)",
        one, other);
  else
    (void)snprintf(hint, PFC__HINT,
                   "the year comes first: write %s, or read it by a mapping (--map)",
                   one[0] ? one : other);
  return true;
}

static bool hint_order(const char *text, char hint[PFC__HINT]) {
  int n[3], digits[3];
  const int parts = split(text, n, digits);
  if (parts == 2 && digits[0] == 4) return say(hint, "the day is missing");
  if (parts != 3) return false;
  if (digits[2] == 4) return hint_year_last(n, hint);
  if (digits[0] < 4) return say(hint, "write the year first, with four digits");
  if (text[4] == '-' && digits[1] == 2 && digits[2] == 2) return false;
  return say_day(
      hint,
      text[4] == '-' ? "month and day have two digits" : "hyphens stand between the numbers",
      n[0], n[1], n[2]);
}

/* --- months by name ------------------------------------------------------- */

static int month_named(const char *text) {
  static const char *const NAMES[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec"};
  for (; *text; text++)
    for (int m = 0; m < 12; m++)
      if (strncasecmp(text, NAMES[m], 3) == 0) return m + 1;
  return 0;
}

static bool hint_name(const char *text, char hint[PFC__HINT]) {
  const int month = month_named(text);
  int year = 0, day = 0;
  if (!month) return false;
  for (const char *s = text; *s;) {
    const size_t n = strspn(s, "0123456789");
    if (n == 4) year = (int)strtol(s, NULL, 10);
    if (n == 1 || n == 2) day = (int)strtol(s, NULL, 10);
    s += n ? n : 1;
  }
  if (say_day(hint, "months are numbers", year, month, day)) return true;
  if (year && !day) {
    (void)snprintf(hint, PFC__HINT, "months are numbers: %04d-%02d", year, month);
    return true;
  }
  return say(hint, "months are numbers");
}

/* --- days and hours that do not exist ------------------------------------- */

static int month_length(int year, int month) {
  int32_t days;
  for (int day = 31; day > 28; day--)
    if (pfc_date_from_ymd(year, month, day, &days)) return day;
  return 28;
}

static bool hint_day(int year, int month, int day, char hint[PFC__HINT]) {
  static const char *const NAMES[] = {"January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December"};
  if (year == 0 && month == 0 && day == 0)
    return say(hint, "leave the cell empty where there is no value");
  if (year == 0) return say(hint, "years go from 0001 to 9999");
  if (month < 1 || month > 12) {
    (void)snprintf(hint, PFC__HINT, "there is no month %02d", month);
    return true;
  }
  const int length = month_length(year, month);
  if (day >= 1 && day <= length) return false;
  (void)snprintf(hint, PFC__HINT, "%s %04d has %d days", NAMES[month - 1], year, length);
  return true;
}

/* What follows the day: "T24:00", "T8:30", "+0200", " CET". */
static bool hint_clock(const char *s, char hint[PFC__HINT]) {
  int hour = 0, minute = 0, second = 0;
  if (*s != 'T' && *s != ' ')
    return say(hint, "behind the day stands T and the time, or nothing");
  s++;
  if (s[strspn(s, "0123456789")] != ':' || strspn(s, "0123456789") != 2)
    return say(hint, "the time is hh:mm or hh:mm:ss, with two digits each");
  const int n =
      sscanf(s, "%2d:%2d:%2d", &hour, &minute, &second);  // NOLINT(cert-err34-c): two digits
  if (n < 2) return say(hint, "the time is hh:mm or hh:mm:ss, with two digits each");
  if (hour == 24) return say(hint, "24:00 is 00:00 of the next day");
  if (hour > 23) return say(hint, "hours go from 00 to 23");
  if (minute > 59) return say(hint, "minutes go from 00 to 59");
  if (second > 59) return say(hint, "seconds go from 00 to 59");
  if (strcasestr(s, "am") || strcasestr(s, "pm"))
    return say(hint, "hours go from 00 to 23, without am and pm");
  return say(hint, "a time zone is Z, +hh:mm or -hh:mm");
}

static bool hint_iso(const char *text, char hint[PFC__HINT]) {
  const bool is_iso = strspn(text, "0123456789") == 4 && text[4] == '-' &&
                      strspn(text + 5, "0123456789") == 2 && text[7] == '-' &&
                      strspn(text + 8, "0123456789") == 2;
  if (!is_iso) return false;
  if (hint_day((int)strtol(text, NULL, 10), (int)strtol(text + 5, NULL, 10),
               (int)strtol(text + 8, NULL, 10), hint))
    return true;
  return text[10] != '\0' && hint_clock(text + 10, hint);
}

bool pfc__hint_date(const char *text, char hint[PFC__HINT]) {
  if (hint_iso(text, hint) || hint_serial(text, hint) || hint_order(text, hint)) return true;
  if (strspn(text, "0123456789") == 4 && !text[4])
    return say(hint, "month and day are missing");
  return hint_name(text, hint);
}
