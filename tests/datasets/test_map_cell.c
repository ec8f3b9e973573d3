// labels: property check
/* Cells of foreign files: dates by their format, numbers by their marks. */
#include "tests/support/test.h"

#include <stdbool.h>

#include "base/date.h"
#include "base/rng.h"
#include "datasets/map_internal.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static void dates_are_read_by_their_format(void **state) {
  (void)state;
  static const struct {
    const char *format, *text;
    int32_t days; /* PFC_NO_DATE: refused */
    int seconds;
  } CASES[] = {
      {"DD.MM.YYYY", "01.10.2014", 16344, 0},
      {"DD.MM.YYYY", "1.10.2014", PFC_NO_DATE, 0},
      {"DD.MM.YYYY", "01.10.2014 ", PFC_NO_DATE, 0},
      {"DD.MM.YYYY", "01.10.14", PFC_NO_DATE, 0},
      {"DD.MM.YYYY", "29.02.2023", PFC_NO_DATE, 0},
      {"DD.MM.YYYY", "", PFC_NO_DATE, 0},
      {"D.M.YYYY", "1.10.2014", 16344, 0},
      {"D.M.YYYY", "01.10.2014", 16344, 0},
      {"D.M.YYYY", "001.10.2014", PFC_NO_DATE, 0},
      {"MM/DD/YYYY", "10/01/2014", 16344, 0},
      {"MM/DD/YYYY", "13/01/2014", PFC_NO_DATE, 0},
      {"YYYYMMDD", "20141001", 16344, 0},
      {"YYYY-MM", "2014-10", 16344, 0},
      {"YYYY-MM-DDThh:mm:ssZ", "2014-10-01T23:59:58Z", 16344, 86398},
      {"DD.MM.YYYY hh:mm", "01.10.2014 08:30", 16344, 30600},
      {"DD.MM.YYYY hh:mm", "01.10.2014 24:00", PFC_NO_DATE, 0},
      {"DD.MM.YYYY hh:mm", "01.10.2014 08:60", PFC_NO_DATE, 0},
      {"M/D/YYYY h:mm AM", "10/1/2014 12:05 am", 16344, 300},
      {"M/D/YYYY h:mm AM", "10/1/2014 12:05 PM", 16344, 43500},
      {"M/D/YYYY h:mm AM", "10/1/2014 1:05 PM", 16344, 47100},
      {"M/D/YYYY h:mm AM", "10/1/2014 0:05 PM", PFC_NO_DATE, 0},
      {"M/D/YYYY h:mm AM", "10/1/2014 13:05 PM", PFC_NO_DATE, 0},
      {"M/D/YYYY h:mm AM", "10/1/2014 1:05 XM", PFC_NO_DATE, 0},
      {"excel", "41913", 16344, 0},
      {"excel", "41913.5", 16344, 43200},
      {"excel", "61", -25508, 0}, /* 1900-03-01 */
      {"excel", "60", PFC_NO_DATE, 0},
      {"excel", "2958465.999", PFC_LAST_DAY, 86314},
      {"excel", "2958466", PFC_NO_DATE, 0},
      {"excel", "2014-10-01", PFC_NO_DATE, 0},
  };
  for (int i = 0; i < COUNT(CASES); i++) {
    pfc__date_format f;
    char reason[PFC__REASON];
    int32_t days = PFC_NO_DATE;
    int seconds = 0;
    assert_true(pfc__date_format_parse(CASES[i].format, &f, reason));
    if (!pfc__date_by_format(&f, CASES[i].text, &days, &seconds))
      days = PFC_NO_DATE, seconds = 0;
    if (days != CASES[i].days || seconds != CASES[i].seconds)
      fail_msg("%s as %s: day %d, second %d", CASES[i].text, CASES[i].format, days, seconds);
  }
}

static void formats_that_mean_nothing_are_refused(void **state) {
  (void)state;
  static const char *const BAD[] = {"",
                                    "YYYY",
                                    "MM.YYYY.MM",
                                    "DD.YYYY",
                                    "YY-MM-DD",
                                    "DD.MM.YYYY mm",
                                    "DD.MM.YYYY hh",
                                    "hh:mm YYYY-MM",
                                    "YYYY-MM-DD hh:ss",
                                    "DMYYYY",
                                    "dd.mm.yyyy",
                                    "%d.%m.%Y x",
                                    "YYYY-MM-DD AM",
                                    "YYYY-MM-DD-------------------------"};
  for (int i = 0; i < COUNT(BAD); i++) {
    pfc__date_format f;
    char reason[PFC__REASON] = "";
    if (pfc__date_format_parse(BAD[i], &f, reason)) fail_msg("'%s' was taken", BAD[i]);
    assert_non_null(strstr(reason, "expected \"iso\", \"excel\" or a format"));
  }
}

/* Every day that ISO 8601 can write is the same day in any other way of writing it. */
static void any_day_is_the_same_day_however_written(void **state) {
  (void)state;
  static const char *const FORMATS[] = {"DD.MM.YYYY", "D.M.YYYY", "MM/DD/YYYY", "YYYYMMDD"};
  static const char *const PRINTED[] = {"%3$02d.%2$02d.%1$04d", "%3$d.%2$d.%1$04d",
                                        "%2$02d/%3$02d/%1$04d", "%1$04d%2$02d%3$02d"};
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(7), "test.map.dates", 0);
  for (int i = 0; i < 4000; i++) {
    const int32_t day =
        PFC_FIRST_DAY + (int32_t)pfc_rng_below(&rng, PFC_LAST_DAY - PFC_FIRST_DAY + 1);
    char iso[PFC_DATE_TEXT], text[64], reason[PFC__REASON];
    int year, month, dom, seconds;
    int32_t got = PFC_NO_DATE;
    pfc__date_format f;
    pfc_date_format(day, iso);
    assert_int_equal(sscanf(iso, "%d-%d-%d", &year, &month, &dom), 3);
    (void)snprintf(text, sizeof text, PRINTED[i % 4], year, month, dom);
    assert_true(pfc__date_format_parse(FORMATS[i % 4], &f, reason));
    assert_true(pfc__date_by_format(&f, text, &got, &seconds));
    assert_int_equal(got, day);
  }
}

static void numbers_are_read_by_their_marks(void **state) {
  (void)state;
  static const struct {
    const char *text;
    char decimal, thousands;
    const char *plain; /* NULL: refused */
  } CASES[] = {
      {"1234,5", ',', 0, "1234.5"},
      {"1234.5", ',', 0, NULL},
      {"1234.5", '.', 0, "1234.5"},
      {"1,234.5", '.', 0, NULL},
      {"1,234.5", '.', ',', "1234.5"},
      {"1.234,5", ',', '.', "1234.5"},
      {"1.234.567", ',', '.', "1234567"},
      {"1.5", ',', '.', NULL},
      {"1.23,5", ',', '.', NULL},
      {"1234.567,5", ',', '.', NULL},
      {".234", ',', '.', NULL},
      {"-1.234", ',', '.', "-1234"},
      {"1 234,5", ',', ' ', "1234.5"},
      {"1\u00a0234,5", ',', ' ', "1234.5"},
      {"1\u202f234,5", ',', ' ', "1234.5"},
      {"1\u2009234\u2009567", ',', ' ', "1234567"},
      {"1\u00a023,5", ',', ' ', NULL},
      {"1\u00a0234,5", ',', '.', NULL},
      {"1'234.50", '.', '\'', "1234.50"},
      {"1.234,567.8", ',', '.', NULL},
      {"1,5,5", ',', 0, NULL},
      {"1,5e3", ',', '.', "1.5e3"},
      {"1.234e3", ',', '.', "1234e3"},
      {"1..234", ',', '.', NULL},
      {"1.2345", ',', '.', NULL},
      {"12", ',', '.', "12"},
      {"1.", ',', '.', NULL},
      {"-.123", ',', '.', NULL},
  };
  for (int i = 0; i < COUNT(CASES); i++) {
    char plain[PFC__NUMBER] = "";
    const bool read =
        pfc__plain_number(CASES[i].text, CASES[i].decimal, CASES[i].thousands, plain);
    if (read != (CASES[i].plain != NULL) || (read && strcmp(plain, CASES[i].plain) != 0))
      fail_msg("%s: %s", CASES[i].text, read ? plain : "refused");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dates_are_read_by_their_format),
      cmocka_unit_test(formats_that_mean_nothing_are_refused),
      cmocka_unit_test(any_day_is_the_same_day_however_written),
      cmocka_unit_test(numbers_are_read_by_their_marks),
  };
  return cmocka_run_group_tests_name("datasets/map cells", tests, NULL, NULL);
}
