#include "base/date.h"

#include <string.h>

enum {
  DAYS_IN_400_YEARS = 146097,
  EPOCH_FROM_MARCH_0000 = 719468, /* 1970-01-01 counted from 0000-03-01 */
};

static bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

static int days_in_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Years are counted from 1 March, so that the leap day is the last of its year and
 * the months before a date add up to (153 m + 2) / 5 days: 31 30 31 30 31, twice,
 * then 31 and what is left. */
bool pfc_date_from_ymd(int year, int month, int day, int32_t *days) {
  if (year < 1 || year > 9999 || month < 1 || month > 12) return false;
  if (day < 1 || day > days_in_month(year, month)) return false;
  const int y = month > 2 ? year : year - 1;
  const int m = month > 2 ? month - 3 : month + 9;
  const int leap_days = y / 4 - y / 100 + y / 400;
  *days = 365 * y + leap_days + (153 * m + 2) / 5 + day - 1 - EPOCH_FROM_MARCH_0000;
  return true;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t pfc_time_day(int64_t seconds) { return floor_div(seconds, PFC_DAY_S); }

typedef struct ymd {
  int64_t year;
  int month, day;
} ymd;

/* The inverse, for any day: first the span of 400 years, then the year in it. Every
 * 4 years (1460 days) bring a leap day, every 100 (36524) skip one, every 400 do not. */
static ymd civil(int64_t days) {
  const int64_t n = days + EPOCH_FROM_MARCH_0000;
  const int64_t span = floor_div(n, DAYS_IN_400_YEARS);
  const int64_t d = n - span * DAYS_IN_400_YEARS;
  const int64_t y = (d - d / 1460 + d / 36524 - d / (DAYS_IN_400_YEARS - 1)) / 365;
  const int64_t in_year = d - (365 * y + y / 4 - y / 100);
  const int64_t m = (5 * in_year + 2) / 153;
  return (ymd){
      .year = 400 * span + y + (m >= 10),
      .month = (int)(m < 10 ? m + 3 : m - 9),
      .day = (int)(in_year - (153 * m + 2) / 5 + 1),
  };
}

int64_t pfc_date_month(int32_t days, int *day) {
  const ymd d = civil(days);
  *day = d.day;
  return 12 * d.year + d.month - 1;
}

int32_t pfc_date_add_months(int32_t days, int64_t months) {
  int day;
  const int64_t at = pfc_date_month(days, &day) + months;
  const int64_t year = floor_div(at, 12);
  const int month = (int)(at - 12 * year) + 1;
  if (year < 1 || year > 9999) return INT32_MAX;
  const int last = days_in_month((int)year, month);
  int32_t moved = INT32_MAX;
  (void)pfc_date_from_ymd((int)year, month, day < last ? day : last, &moved);
  return moved;
}

/* Reads exactly n digits; false when there are fewer. */
static bool digits(const char **s, int n, int *value) {
  int v = 0;
  for (int i = 0; i < n; i++) {
    const char c = (*s)[i];
    if (c < '0' || c > '9') return false;
    v = 10 * v + (c - '0');
  }
  *s += n;
  *value = v;
  return true;
}

static bool symbol(const char **s, char c) {
  if (**s != c) return false;
  ++*s;
  return true;
}

static bool parse_day(const char **s, int32_t *days) {
  int year, month, day;
  return digits(s, 4, &year) && symbol(s, '-') && digits(s, 2, &month) && symbol(s, '-') &&
         digits(s, 2, &day) && pfc_date_from_ymd(year, month, day, days);
}

/* hh:mm, hh:mm:ss or hh:mm:ss.fff, where the fraction is cut. */
static bool parse_clock(const char **s, int *seconds) {
  int hour, minute, second = 0, digit;
  if (!digits(s, 2, &hour) || !symbol(s, ':') || !digits(s, 2, &minute)) return false;
  if (symbol(s, ':')) {
    if (!digits(s, 2, &second)) return false;
    if (symbol(s, '.')) {
      if (!digits(s, 1, &digit)) return false;
      while (digits(s, 1, &digit)) continue;
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  *seconds = 3600 * hour + 60 * minute + second;
  return true;
}

/* Z, +hh:mm, -hh:mm, or nothing; *seconds is what local time is ahead of UTC. */
static bool parse_zone(const char **s, int *seconds) {
  *seconds = 0;
  if (**s == '\0' || symbol(s, 'Z')) return true;
  const int sign = **s == '-' ? -1 : 1;
  int hour, minute;
  if (!symbol(s, '+') && !symbol(s, '-')) return false;
  if (!digits(s, 2, &hour) || !symbol(s, ':') || !digits(s, 2, &minute)) return false;
  if (hour > 23 || minute > 59) return false;
  *seconds = sign * (3600 * hour + 60 * minute);
  return true;
}

/* The day as written, and the seconds from its UTC midnight to the moment meant. */
static bool parse(const char *s, int32_t *days, int *seconds) {
  int clock = 0, zone = 0;
  if (!parse_day(&s, days)) return false;
  if (symbol(&s, 'T') || symbol(&s, ' ')) {
    if (!parse_clock(&s, &clock) || !parse_zone(&s, &zone)) return false;
  }
  *seconds = clock - zone;
  return *s == '\0';
}

bool pfc_date_parse(const char *s, int32_t *days) {
  int32_t day;
  int seconds;
  if (!parse(s, &day, &seconds)) return false;
  *days = day;
  return true;
}

bool pfc_time_parse(const char *s, int64_t *seconds) {
  int32_t day;
  int within;
  if (!parse(s, &day, &within)) return false;
  const int64_t t = (int64_t)day * PFC_DAY_S + within;
  /* A zone can lead out of the years that have a name. */
  if (pfc_time_day(t) < PFC_FIRST_DAY || pfc_time_day(t) > PFC_LAST_DAY) return false;
  *seconds = t;
  return true;
}

/* Writes n decimal digits and what follows them; returns the place behind. */
static char *put(char *text, int64_t value, int n, const char *end) {
  for (int i = n - 1; i >= 0; i--) {
    text[i] = (char)('0' + value % 10);
    value /= 10;
  }
  return stpcpy(text + n, end);
}

/* A day outside the years 1..9999 has no four digits, and gets no text. */
static char *put_day(char *text, int64_t days) {
  *text = '\0';
  if (days < PFC_FIRST_DAY || days > PFC_LAST_DAY) return text;
  const ymd d = civil(days);
  return put(put(put(text, d.year, 4, "-"), d.month, 2, "-"), d.day, 2, "");
}

void pfc_date_format(int32_t days, char text[PFC_DATE_TEXT]) { (void)put_day(text, days); }

void pfc_time_format(int64_t seconds, char text[PFC_TIME_TEXT]) {
  const int64_t day = pfc_time_day(seconds);
  char *end = put_day(text, day);
  if (end == text) return; /* also because the product below would not fit */
  const int64_t rest = seconds - day * PFC_DAY_S;
  *end++ = 'T';
  end = put(put(end, rest / 3600, 2, ":"), rest / 60 % 60, 2, ":");
  (void)put(end, rest % 60, 2, "Z");
}
