// labels: unit check
#include "tests/support/test.h"

#include <math.h>

#include "datasets/catalogue.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

static pfc_dataset *small_catalogue(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_INTERVENTIONS,
            "intervention_id,hours,cost,opens_on,closes_on,recurs_months",
            "always,10,,,,;"
            "spring,,99,2020-03-01,2020-03-31,12;"
            "month_end,,,2020-01-31,2020-02-03,1;"
            "once,,,2020-03-01,2020-03-31,;"
            "from_then,,,2020-03-01,,6;"
            "until,,,,2020-03-31,6");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,from_level,to_level",
            "spring,sql,1,3;once,sql,1,2;spring,r,,2;other,sql,,;always,r,0,");
  return ds;
}

static void targets_are_grouped_by_intervention(void **state) {
  (void)state;
  pfc_dataset *ds = small_catalogue();
  pfc_catalogue *cat;
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_int_equal(cat->n_interventions, 7);
  assert_int_equal(cat->n_targets, 8); /* five rows, and three that aim at nothing */

  const int32_t spring = test_code(ds, "intervention", "spring");
  const int32_t at = cat->first[spring];
  assert_int_equal(cat->first[spring + 1] - at, 2);
  assert_int_equal(cat->competency[at], test_code(ds, "competency", "sql"));
  assert_int_equal(cat->competency[at + 1], test_code(ds, "competency", "r"));
  assert_float_equal(cat->from_level[at], 1, 0);
  assert_float_equal(cat->to_level[at], 3, 0);
  assert_true(isnan(cat->from_level[at + 1]));
  for (int32_t i = 0; i < cat->n_interventions; i++)
    for (int32_t k = cat->first[i]; k < cat->first[i + 1]; k++)
      assert_int_equal(cat->intervention[k], i);

  const int32_t until = test_code(ds, "intervention", "until");
  assert_int_equal(cat->first[until + 1] - cat->first[until], 1);
  assert_int_equal(cat->competency[cat->first[until]], -1);
  assert_true(isnan(cat->to_level[cat->first[until]]));

  const int32_t other = test_code(ds, "intervention", "other");
  assert_int_equal(cat->row[other], -1);
  assert_true(isnan(cat->cost[other]));
  assert_float_equal(cat->cost[spring], 99, 0);
  assert_float_equal(cat->hours[test_code(ds, "intervention", "always")], 10, 0);
  pfc_catalogue_destroy(cat);
  pfc_dataset_destroy(ds);
}

static void windows_open_close_and_recur(void **state) {
  (void)state;
  static const struct {
    const char *id, *date;
    int open;
  } cases[] = {
      {"always", "1950-01-01", 1},    {"other", "2020-01-01", 1},
      {"once", "2020-02-29", 0},      {"once", "2020-03-01", 1},
      {"once", "2020-03-31", 1},      {"once", "2020-04-01", 0},
      {"once", "2021-03-10", 0},      {"spring", "2020-02-29", 0},
      {"spring", "2020-03-15", 1},    {"spring", "2020-04-01", 0},
      {"spring", "2021-02-28", 0},    {"spring", "2021-03-01", 1},
      {"spring", "2021-03-31", 1},    {"spring", "2021-04-01", 0},
      {"spring", "2019-03-15", 0},    {"spring", "2120-03-15", 1},
      {"month_end", "2020-01-30", 0}, {"month_end", "2020-02-03", 1},
      {"month_end", "2020-02-04", 0}, {"month_end", "2020-02-28", 0},
      {"month_end", "2020-02-29", 1}, {"month_end", "2020-03-03", 1},
      {"month_end", "2020-03-04", 0}, {"month_end", "2021-02-28", 1},
      {"from_then", "2020-02-29", 0}, {"from_then", "2025-01-01", 1},
      {"until", "2020-03-31", 1},     {"until", "2022-08-08", 1},
  };
  pfc_dataset *ds = small_catalogue();
  pfc_catalogue *cat;
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    int32_t day;
    assert_true(pfc_date_parse(cases[k].date, &day));
    const int32_t i = test_code(ds, "intervention", cases[k].id);
    if (pfc_catalogue_is_open(cat, i, day) != cases[k].open)
      fail_msg("%s on %s should be %s", cases[k].id, cases[k].date,
               cases[k].open ? "open" : "shut");
    assert_true(pfc_catalogue_is_open(cat, i, PFC_NO_DATE));
  }
  pfc_catalogue_destroy(cat);
  pfc_dataset_destroy(ds);
}

/* Every month has the same window again: as many open days in each of 40 years. */
static void a_recurring_window_is_open_each_year(void **state) {
  (void)state;
  pfc_dataset *ds = small_catalogue();
  pfc_catalogue *cat;
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  const int32_t spring = test_code(ds, "intervention", "spring");
  for (int year = 2020; year < 2060; year++) {
    int32_t first, last;
    int n = 0;
    assert_true(pfc_date_from_ymd(year, 1, 1, &first));
    assert_true(pfc_date_from_ymd(year, 12, 31, &last));
    for (int32_t day = first; day <= last; day++) n += pfc_catalogue_is_open(cat, spring, day);
    assert_int_equal(n, 31);
  }
  pfc_catalogue_destroy(cat);
  pfc_dataset_destroy(ds);
}

static void covering_needs_every_competency_at_its_level(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "big,sql,3;big,r,3;low,sql,2;same,sql,3;high,sql,4;"
            "both,sql,3;both,r,2;vague,sql,;none,,");
  static const struct {
    const char *done, *i;
    int covers;
  } cases[] = {
      {"big", "big", 1},  {"big", "low", 1},   {"big", "same", 1},  {"big", "high", 0},
      {"big", "both", 1}, {"both", "big", 0},  {"low", "both", 0},  {"same", "both", 0},
      {"low", "same", 0}, {"big", "vague", 1}, {"vague", "low", 0}, {"vague", "vague", 1},
      {"none", "low", 0}, {"big", "none", 0},  {"none", "none", 1},
  };
  pfc_catalogue *cat;
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    if (pfc_catalogue_covers(cat, test_code(ds, "intervention", cases[k].done),
                             test_code(ds, "intervention", cases[k].i)) != cases[k].covers)
      fail_msg("%s covers %s should be %d", cases[k].done, cases[k].i, cases[k].covers);
  pfc_catalogue_destroy(cat);
  pfc_dataset_destroy(ds);
}

static pfc_status create(void *ds) {
  pfc_catalogue *cat;
  const pfc_status st = pfc_catalogue_create(ds, &cat, NULL);
  if (st != PFC_OK) assert_null(cat);
  pfc_catalogue_destroy(cat);
  return st;
}

static void nothing_and_short_memory_are_survived(void **state) {
  (void)state;
  pfc_catalogue *cat;
  pfc_dataset *empty = pfc_dataset_create(), *ds = small_catalogue();
  assert_ok(pfc_catalogue_create(empty, &cat, &err));
  assert_int_equal(cat->n_targets, 0);
  pfc_catalogue_destroy(cat);
  assert_true(count_down(create, ds) >= 10);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(empty);
}

/* A start counts once it could have ended; one that nobody tells the length of always does. */
static void starts_ripen(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,weeks", "two,2;untold,");
  pfc_catalogue *cat;
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  const int32_t two = test_code(ds, "intervention", "two");
  assert_false(pfc_catalogue_is_mature(cat, two, 100, 113));
  assert_true(pfc_catalogue_is_mature(cat, two, 100, 114));
  assert_true(pfc_catalogue_is_mature(cat, two, PFC_NO_DATE, 113));
  assert_true(pfc_catalogue_is_mature(cat, two, 100, PFC_NO_DATE));
  assert_true(pfc_catalogue_is_mature(cat, test_code(ds, "intervention", "untold"), 100, 101));
  pfc_catalogue_destroy(cat);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(targets_are_grouped_by_intervention),
      cmocka_unit_test(windows_open_close_and_recur),
      cmocka_unit_test(a_recurring_window_is_open_each_year),
      cmocka_unit_test(covering_needs_every_competency_at_its_level),
      cmocka_unit_test(nothing_and_short_memory_are_survived),
      cmocka_unit_test(starts_ripen),
  };
  return cmocka_run_group_tests_name("datasets/catalogue", tests, NULL, NULL);
}
