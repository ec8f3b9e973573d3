// labels: property check
/* Drift where there is none, where there is some, and where a feed is broken. Seeds are fixed;
 * where chance has a say the error rate stands beside the bound. */
#include <math.h>

#include "base/par.h"
#include "tests/support/countdown.h"
#include "tests/support/drifted.h"
#include "tests/support/poisoned.h"
#include "tests/support/tables.h"

static const feeds STEADY = {.seed = 1, .n_people = 300, .n_days = 364, .n_newest = 91};
static const int32_t FROM = FEEDS_FIRST + 364;

static feeds steady(uint64_t seed) {
  feeds f = STEADY;
  f.seed = seed;
  return f;
}

/* --- without drift --------------------------------------------------------------------------
 */

/* At alpha = 0.05 an alarm in 8 worlds has a chance of a third; 4 or more come once in 2,500
 * such tests. */
static void a_steady_world_raises_no_alarm(void **state) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.05);
  int alarms = 0;
  (void)state;
  for (uint64_t seed = 1; seed <= 8; seed++) {
    const feeds f = steady(seed);
    pfc_dataset *ds = feeds_draw(&f);
    drifted d = drifted_judge(ds, &s);
    alarms += d.world || d.feed;
    drifted_clear(&d);
    pfc_dataset_destroy(ds);
  }
  assert_in_range(alarms, 0, 3);
}

/* --- with drift ------------------------------------------------------------------------------
 */

/* Is there an alarm of this row, of this kind, and none of the other kind? */
static void assert_told(const feeds *f, const char *name, const char *of, bool is_feed) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.01);
  pfc_dataset *ds = feeds_draw(f);
  drifted d = drifted_judge(ds, &s);
  if (!drifted_alarm(&d, name, of)) fail_msg("no alarm of %s", name);
  assert_int_equal(is_feed ? d.feed : d.world, true);
  if (!is_feed) assert_false(d.feed);
  drifted_clear(&d);
  pfc_dataset_destroy(ds);
}

static void a_change_is_told_by_its_row(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 2; seed++) {
    feeds f = steady(seed);
    f.shift = 1;
    assert_told(&f, "scale", "assessments.level of review", true);
    f = steady(seed);
    f.twice = 0.3;
    assert_told(&f, "told_twice", "enrolments", true);
    f = steady(seed);
    f.odds = -2;
    assert_told(&f, "cusum", NULL, false);
    f = steady(seed);
    f.taste = 0.6;
    assert_told(&f, "psi", "interventions.kind", false);
    assert_told(&f, "classifier", "enrolments", false);
  }
}

/* Levels move by a third of a standard deviation, results by 0.4 log odds: less than what
 * matters, whatever the number of rows. */
static void a_small_change_is_no_broken_feed(void **state) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.01);
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    feeds f = steady(seed);
    f.shift = 0.33;
    f.odds = -0.4;
    pfc_dataset *ds = feeds_draw(&f);
    drifted d = drifted_judge(ds, &s);
    assert_false(d.feed);
    drifted_clear(&d);
    pfc_dataset_destroy(ds);
  }
}

static void every_poison_is_found(void **state) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.01);
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    const feeds f = steady(seed);
    pfc_dataset *ds = feeds_draw(&f);
    for (int how = 0; how < TEST_N_POISONS; how++) {
      pfc_dataset *poisoned = test_poisoned(ds, (test_poison)how, FROM, seed);
      drifted d = drifted_judge(poisoned, &s);
      if (!d.feed) fail_msg("seed %d: %s not found", (int)seed, test_poison_name(how));
      drifted_clear(&d);
      pfc_dataset_destroy(poisoned);
    }
    pfc_dataset_destroy(ds);
  }
}

/* --- figures
 * ---------------------------------------------------------------------------------- */

/* Rows of which everything is known: 40 people, one rating of level 0 or 2 every tenth day for
 * 400 days; then, for 100 days, 1 or 3, and every rating of the first 10 people twice. */
static void figures_by_hand(void **state) {
  enum { N = 40 * 50, TWICE = 10 * 10 };
  pfc_dataset *ds = pfc_dataset_create();
  char text[32];
  int64_t n = 0;
  (void)state;
  assert_non_null(ds);
  test_table(ds, PFC_ASSESSMENTS, N + TWICE,
             "person_id,competency_id,level,source,assessed_on");
  for (int day = 0; day < 500; day += 10) {
    for (int p = 0; p < 40; p++) {
      for (int k = 0; k < (day >= 400 && p < 10 ? 2 : 1); k++, n++) {
        (void)snprintf(text, sizeof text, "P%02d", p);
        test_cell(ds, PFC_ASSESSMENTS, n, "person_id", text);
        test_cell(ds, PFC_ASSESSMENTS, n, "competency_id", "C");
        test_cell(ds, PFC_ASSESSMENTS, n, "source", "test");
        test_number(ds, PFC_ASSESSMENTS, n, "level", 2 * ((p + day / 10) % 2) + (day >= 400));
        (void)snprintf(text, sizeof text, "%d", FEEDS_FIRST + day);
        test_cell(ds, PFC_ASSESSMENTS, n, "assessed_on", text);
      }
    }
  }
  pfc_drift_settings s = drifted_settings(FEEDS_FIRST + 400, 0.01);
  s.before_days = 400;
  drifted d = drifted_judge(ds, &s);
  /* 100 of 500 newest rows repeat another one. */
  const cJSON *row = drifted_row(&d, "told_twice", "assessments");
  assert_float_equal(drifted_number(row, "figure"), 0.2, 1e-12);
  assert_float_equal(drifted_number(row, "limit"), 0.02, 1e-12);
  assert_float_equal(drifted_number(row, "n"), 500, 0);
  assert_true(drifted_alarm(&d, "told_twice", "assessments"));
  /* Levels were 0 or 2, mean 1, deviation 1: now 1 or 3. */
  row = drifted_row(&d, "scale", "assessments.level of test");
  assert_float_equal(drifted_number(row, "figure"), 1, 1e-12);
  row = drifted_row(&d, "stretch", "assessments.level of test");
  assert_float_equal(drifted_number(row, "figure"), 1, 1e-12);
  /* 50 rows every tenth day against 40. */
  row = drifted_row(&d, "burst", "assessments");
  assert_float_equal(drifted_number(row, "figure"), 1.25, 1e-12);
  /* The newest days are 400..490, 91 of them. Stretches as long before them end on days 399,
   * 308, 217 and 126, and hold nine days with ratings: 310..390, 220..300, 130..210, 40..120.
   */
  row = drifted_row(&d, "volume", "assessments");
  assert_float_equal(drifted_number(row, "figure"), 500.0 / 360, 1e-12);
  drifted_clear(&d);
  pfc_dataset_destroy(ds);
}

static void days_are_those_asked_for(void **state) {
  pfc_drift_settings s = drifted_settings(PFC_NO_DATE, 0.01);
  pfc_dataset *ds = feeds_draw(&STEADY), *empty = pfc_dataset_create();
  drifted d = drifted_judge(ds, &s);
  char text[PFC_DATE_TEXT];
  bool world, feed;
  cJSON *json = NULL;
  (void)state;
  /* The last day has a row in one of 300 people's; the newest begin 90 days before. */
  pfc_date_format(FROM, text);
  assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(d.json, "from")), text);
  drifted_clear(&d);
  s.from = FROM + 200;
  assert_fails(pfc_drift_judge(ds, NULL, &s, &world, &feed, &json, &err), PFC_EDATA,
               "no rows from");
  assert_fails(pfc_drift_judge(empty, NULL, &s, &world, &feed, &json, &err), PFC_EDATA,
               "told by days");
  s.alpha = 0.9;
  assert_fails(pfc_drift_judge(ds, NULL, &s, &world, &feed, &json, &err), PFC_EUSAGE,
               "alpha is 0.9; 0.001..0.5");
  s = drifted_settings(FROM, 0.01);
  s.before_days = 6;
  assert_fails(pfc_drift_check(&s, &err), PFC_EUSAGE, "before_days is 6");
  s.before_days = 365;
  s.resamples = 99;
  assert_fails(pfc_drift_check(&s, &err), PFC_EUSAGE, "resamples is 99");
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(empty);
}

static void threads_do_not_show(void **state) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.01);
  pfc_dataset *ds = feeds_draw(&STEADY);
  char *text[2];
  (void)state;
  for (int k = 0; k < 2; k++) {
    assert_ok(pfc_par_init(k ? 3 : 1, &err));
    drifted d = drifted_judge(ds, &s);
    text[k] = cJSON_PrintUnformatted(d.json);
    drifted_clear(&d);
  }
  assert_string_equal(text[0], text[1]);
  cJSON_free(text[0]);
  cJSON_free(text[1]);
  pfc_dataset_destroy(ds);
}

static pfc_status judge(void *user) {
  pfc_error err = PFC_ERROR_INIT;
  pfc_drift_settings s = drifted_settings(FROM, 0.5);
  bool world, feed;
  cJSON *json = NULL;
  s.resamples = 100;
  const pfc_status st = pfc_drift_judge(user, NULL, &s, &world, &feed, &json, &err);
  cJSON_Delete(json);
  return st;
}

static void memory_may_be_short(void **state) {
  feeds f = STEADY;
  (void)state;
  f.n_people = 60;
  pfc_dataset *ds = feeds_draw(&f);
  assert_ok(pfc_par_init(1, &err));
  assert_true(count_down(judge, ds) > 50);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_steady_world_raises_no_alarm),
      cmocka_unit_test(a_change_is_told_by_its_row),
      cmocka_unit_test(a_small_change_is_no_broken_feed),
      cmocka_unit_test(every_poison_is_found),
      cmocka_unit_test(figures_by_hand),
      cmocka_unit_test(days_are_those_asked_for),
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
