// labels: property nightly
/* Error rates of drift over many worlds. Where a part's p is asked at the limit itself, or of
 * shares that did not change, it may fall below 0.05 in one of 20 worlds; counts that come in
 * one of 10,000 such tests fail. */
#include <math.h>

#include "tests/support/drifted.h"
#include "tests/support/poisoned.h"
#include "tests/support/test.h"

enum { WORLDS = 200 };
static const double LEVEL = 0.05;
static const feeds STEADY = {.n_people = 300, .n_days = 364, .n_newest = 91};
static const int32_t FROM = FEEDS_FIRST + 364;

/* How often is p of the row below the level? */
static int count(const feeds *law, drifted_part part, const char *of) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.01);
  int below = 0;
  for (uint64_t seed = 1; seed <= WORLDS; seed++) {
    feeds f = *law;
    f.seed = seed;
    pfc_dataset *ds = feeds_draw(&f);
    const double p = drifted_p(ds, &s, part, of);
    assert_false(isnan(p));
    below += p <= LEVEL;
    pfc_dataset_destroy(ds);
  }
  printf("%s: %d of %d below %g\n", of, below, WORLDS, LEVEL);
  return below;
}

/* Rows of people lean on each other; an index that did not know it would cry out far more often
 * (the share of starts that follow a person's taste is half). */
static void an_index_keeps_its_error_rate(void **state) {
  static const char *const of[] = {"interventions.kind", "enrolments.unit",
                                   "assessments.source"};
  (void)state;
  for (int k = 0; k < 3; k++)
    assert_in_range(count(&STEADY, pfc__drift_psi, of[k]), 0, drifted_most(WORLDS, LEVEL));
}

static void a_classifier_keeps_its_error_rate(void **state) {
  (void)state;
  assert_in_range(count(&STEADY, pfc__drift_starts, "enrolments"), 0,
                  drifted_most(WORLDS, LEVEL));
}

/* The worlds' shift is the limit: half of the errors lie beyond it. */
static void a_scale_at_its_limit_keeps_the_error_rate(void **state) {
  feeds f = STEADY;
  (void)state;
  f.shift = 0.5;
  const int below = count(&f, pfc__drift_scale, "assessments.level of review");
  assert_in_range(below, 0, drifted_most(WORLDS, LEVEL));
}

/* In a year of newest days, one alarm in five. */
static void a_cusum_keeps_its_error_rate(void **state) {
  pfc_drift_settings s = drifted_settings(FEEDS_FIRST + 364, 0.2);
  int alarms = 0;
  (void)state;
  for (uint64_t seed = 1; seed <= WORLDS; seed++) {
    feeds f = STEADY;
    f.seed = seed;
    f.n_newest = 364;
    pfc_dataset *ds = feeds_draw(&f);
    pfc__drift d = {.ds = ds, .settings = &s};
    assert_ok(pfc__drift_open(&d, &err));
    assert_ok(pfc__drift_chances(&d, &err));
    for (int k = 0; k < d.n_rows; k++) alarms += d.rows[k].beyond;
    pfc__drift_close(&d);
    pfc_dataset_destroy(ds);
  }
  printf("cusum: %d of %d\n", alarms, WORLDS);
  /* Fewer than a fifth: the same people stand on both sides. */
  assert_in_range(alarms, 1, drifted_most(WORLDS, 0.2));
}

static void steady_worlds_and_poisoned_ones(void **state) {
  const pfc_drift_settings s = drifted_settings(FROM, 0.01);
  int alarms = 0, missed = 0;
  (void)state;
  for (uint64_t seed = 1; seed <= WORLDS; seed++) {
    feeds f = STEADY;
    f.seed = seed;
    f.n_people = 600;
    pfc_dataset *ds = feeds_draw(&f);
    drifted d = drifted_judge(ds, &s);
    alarms += d.world || d.feed;
    drifted_clear(&d);
    pfc_dataset *poisoned = test_poisoned(ds, (test_poison)(seed % TEST_N_POISONS), FROM, seed);
    d = drifted_judge(poisoned, &s);
    missed += !d.feed;
    drifted_clear(&d);
    pfc_dataset_destroy(poisoned);
    pfc_dataset_destroy(ds);
  }
  printf("alarms in steady worlds: %d, poisoned ones missed: %d, of %d\n", alarms, missed,
         WORLDS);
  assert_in_range(alarms, 0, drifted_most(WORLDS, 0.02)); /* Holm and the CUSUM, 0.01 each */
  assert_int_equal(missed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_index_keeps_its_error_rate),
      cmocka_unit_test(a_classifier_keeps_its_error_rate),
      cmocka_unit_test(a_scale_at_its_limit_keeps_the_error_rate),
      cmocka_unit_test(a_cusum_keeps_its_error_rate),
      cmocka_unit_test(steady_worlds_and_poisoned_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
