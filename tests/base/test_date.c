#include "tests/support/test.h"

#include "base/date.h"

static bool leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int month_length(int y, int m) {
  static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return n[m - 1] + (m == 2 && leap(y));
}

/* Counts every day of 9999 years one by one: each is its predecessor plus one, and
 * reads and writes as itself. */
static void every_day_follows_the_one_before(void **state) {
  (void)state;
  int32_t expected = -719162, days = 0;
  for (int y = 1; y <= 9999; y++) {
    for (int m = 1; m <= 12; m++) {
      for (int d = 1; d <= month_length(y, m); d++, expected++) {
        if (!pfc_date_from_ymd(y, m, d, &days) || days != expected)
          fail_msg("%04d-%02d-%02d is %d, not %d", y, m, d, days, expected);
        if (y % 7 != 0 && (y < 1900 || y > 2100)) continue;
        char text[PFC_DATE_TEXT], want[64];
        (void)snprintf(want, sizeof want, "%04d-%02d-%02d", y, m, d);
        pfc_date_format(expected, text);
        assert_string_equal(text, want);
        assert_true(pfc_date_parse(text, &days));
        assert_int_equal(days, expected);
      }
    }
  }
  assert_int_equal(expected, 2932897);
}

static void days_that_do_not_exist_are_refused(void **state) {
  (void)state;
  int32_t days = 42;
  for (int y = 1880; y <= 2110; y++) {
    for (int m = -1; m <= 14; m++) {
      for (int d = -1; d <= 33; d++) {
        const bool exists = m >= 1 && m <= 12 && d >= 1 && d <= month_length(y, m);
        assert_int_equal(pfc_date_from_ymd(y, m, d, &days), exists);
      }
    }
  }
  assert_false(pfc_date_from_ymd(0, 1, 1, &days));
  assert_false(pfc_date_from_ymd(10000, 1, 1, &days));
}

static void times_round_trip(void **state) {
  (void)state;
  const int64_t first = -719162LL * 86400, last = 2932897LL * 86400 - 1;
  for (int64_t t = first; t <= last; t += 86400 * 37 + 12345) {
    char text[PFC_TIME_TEXT];
    int64_t back = 0;
    pfc_time_format(t, text);
    assert_true(pfc_time_parse(text, &back));
    assert_true(back == t);
  }
  char text[PFC_TIME_TEXT];
  pfc_time_format(last, text);
  assert_string_equal(text, "9999-12-31T23:59:59Z");
  pfc_time_format(first, text);
  assert_string_equal(text, "0001-01-01T00:00:00Z");
}

static void all_forms_mean_the_same_moment(void **state) {
  (void)state;
  static const char *const forms[] = {
      "2014-10-01T08:30:00Z",      "2014-10-01 08:30:00",       "2014-10-01T08:30",
      "2014-10-01T08:30Z",         "2014-10-01T08:30:00",       "2014-10-01T10:30:00+02:00",
      "2014-10-01 04:00:00-04:30", "2014-10-01T08:30:00.9",     "2014-10-01T08:30:00.123456Z",
      "2014-10-02T00:30:00+16:00", "2014-10-01T08:30:00-00:00",
  };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    int64_t t = 0;
    if (!pfc_time_parse(forms[i], &t) || t != 1412152200) fail_msg("%s", forms[i]);
  }
  int64_t midnight = 0;
  assert_true(pfc_time_parse("2014-10-01", &midnight));
  assert_true(midnight == 16344LL * 86400);
}

static void malformed_text_is_refused(void **state) {
  (void)state;
  static const char *const wrong[] = {
      "",
      " ",
      "2014",
      "2014-10",
      "2014-1-01",
      "2014-10-1",
      "14-10-01",
      "2014/10/01",
      "2014-10-01 ",
      " 2014-10-01",
      "2014-10-01T",
      "2014-10-01T8:30",
      "2014-10-01T08",
      "2014-10-01T24:00:00",
      "2014-10-01T08:60:00",
      "2014-10-01T08:30:60",
      "2014-10-01T08:30:",
      "2014-10-01T08:30:00.",
      "2014-10-01T08:30:00z",
      "2014-10-01T08:30:00+2:00",
      "2014-10-01T08:30:00+02",
      "2014-10-01T08:30:00+24:00",
      "2014-10-01T08:30:00Zx",
      "2014-10-01Z",
      "2023-02-29",
      "1900-02-29",
      "0000-01-01",
      "20141001",
      "+014-10-01",
      "-001-10-01",
      "2014-10-01x",
      "2014-13-01",
      "2014-00-10",
      "2014-10-00",
      "2014-10-01\n",
      "NaT",
      "null",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    int32_t days = 42;
    int64_t seconds = 43;
    if (pfc_date_parse(wrong[i], &days) || pfc_time_parse(wrong[i], &seconds))
      fail_msg("accepted '%s'", wrong[i]);
    assert_int_equal(days, 42);
    assert_true(seconds == 43);
  }
}

static void zones_cannot_lead_out_of_the_calendar(void **state) {
  (void)state;
  int64_t t = 0;
  assert_false(pfc_time_parse("0001-01-01T00:00:00+00:01", &t));
  assert_false(pfc_time_parse("9999-12-31T23:59:59-00:01", &t));
  assert_true(pfc_time_parse("0001-01-01T00:00:00-00:01", &t));
}

static void missing_and_nameless_days_are_empty_text(void **state) {
  (void)state;
  static const int32_t nameless[] = {PFC_NO_DATE, INT32_MAX, -719163, 2932897};
  for (size_t i = 0; i < sizeof nameless / sizeof nameless[0]; i++) {
    char text[PFC_DATE_TEXT] = "x";
    pfc_date_format(nameless[i], text);
    assert_string_equal(text, "");
  }
  static const int64_t timeless[] = {PFC_NO_TIME, INT64_MAX, INT64_MIN + 1,
                                     -719162LL * 86400 - 1, 2932897LL * 86400};
  for (size_t i = 0; i < sizeof timeless / sizeof timeless[0]; i++) {
    char text[PFC_TIME_TEXT] = "x";
    pfc_time_format(timeless[i], text);
    assert_string_equal(text, "");
  }
}

static void seconds_before_1970_belong_to_their_own_day(void **state) {
  (void)state;
  assert_int_equal(pfc_time_day(0), 0);
  assert_int_equal(pfc_time_day(PFC_DAY_S - 1), 0);
  assert_int_equal(pfc_time_day(-1), -1);
  assert_int_equal(pfc_time_day(-PFC_DAY_S), -1);
  assert_int_equal(pfc_time_day(-PFC_DAY_S - 1), -2);
}

/* Against a walk over the days: the day after the 31st is a month later whatever it is. */
static void months_are_added_by_the_calendar(void **state) {
  (void)state;
  int32_t first = 0;
  int day;
  assert_true(pfc_date_from_ymd(1999, 1, 1, &first));
  int64_t month = 12 * 1999;
  for (int32_t d = first, expected = 1; d < first + 1500; d++, expected++) {
    const int64_t found = pfc_date_month(d, &day);
    if (day == 1 && d > first) {
      month++;
      expected = 1;
    }
    assert_int_equal(found, month);
    assert_int_equal(day, expected);
    for (int64_t n = -14; n <= 30; n++) {
      int moved_day, next_day;
      const int32_t moved = pfc_date_add_months(d, n);
      assert_int_equal(pfc_date_month(moved, &moved_day), month + n);
      assert_true(moved_day <= day);
      if (moved_day < day)
        assert_int_equal(pfc_date_month(moved + 1, &next_day), month + n + 1);
    }
  }
  assert_int_equal(pfc_date_add_months(PFC_LAST_DAY, 1), INT32_MAX);
  assert_int_equal(pfc_date_add_months(PFC_FIRST_DAY, -1), INT32_MAX);
  assert_true(pfc_date_add_months(PFC_FIRST_DAY, 12 * 9999 - 1) < PFC_LAST_DAY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_day_follows_the_one_before),
      cmocka_unit_test(days_that_do_not_exist_are_refused),
      cmocka_unit_test(times_round_trip),
      cmocka_unit_test(all_forms_mean_the_same_moment),
      cmocka_unit_test(malformed_text_is_refused),
      cmocka_unit_test(zones_cannot_lead_out_of_the_calendar),
      cmocka_unit_test(missing_and_nameless_days_are_empty_text),
      cmocka_unit_test(seconds_before_1970_belong_to_their_own_day),
      cmocka_unit_test(months_are_added_by_the_calendar),
  };
  return cmocka_run_group_tests_name("base/date", tests, NULL, NULL);
}
