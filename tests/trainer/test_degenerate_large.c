// labels: degenerate nightly
/* Degenerate by size: a category, an id or a start of its own for every row of a million. */
#include "tests/support/test.h"

#include "base/par.h"
#include "tests/support/degenerate.h"
#include "tests/support/sound.h"

static sound_tally tally;

/* Trains what the words allow, with few sweeps, and looks at all of it. */
static void train_large(const char *base, const char *edits, unsigned models) {
  pfc_train_settings s;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&s);
  s.als.rank = 2;
  s.als.max_sweeps = 3;
  s.models = s.require = models;
  pfc_dataset *ds = degenerate_create(base, edits, &s);
  assert_ok(pfc_train(ds, &s, &b, &report, &err));
  sound_bundle(b, &tally);
  sound_predictions(b, ds, &tally);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void a_million_categories(void **state) {
  (void)state;
  train_large("learning", "people 1000000; starts 1; apart people.c_region",
              PFC_TRAIN_AFFINITY);
}

/* Two dozen fits, to choose ridges. */
static void a_quarter_of_a_million_categories(void **state) {
  (void)state;
  train_large("learning", "people 62500; apart enrolments.c_mode",
              PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS);
}

static void a_million_people(void **state) {
  (void)state;
  train_large("pairs", "people 1000000; starts 1", PFC_TRAIN_AFFINITY);
}

static void a_million_spells_of_one_day(void **state) {
  (void)state;
  train_large("spells", "people 250000; set episodes.duration_days all 40", PFC_TRAIN_TIME);
}

static void twenty_thousand_interventions(void **state) {
  (void)state;
  train_large("learning", "people 100; courses 20000; apart enrolments.c_mode",
              PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS);
}

static void ids_of_ten_thousand_characters(void **state) {
  (void)state;
  train_large("offers", "people 2000; pad 10000", PFC_TRAIN_ALL);
}

static void one_person_who_never_stops(void **state) {
  (void)state;
  train_large("offers", "people 1; starts 5000", PFC_TRAIN_ALL);
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  print_error("{\"model_numbers\":%lld,\"scores\":%lld,\"lists\":%lld}\n",
              (long long)tally.numbers, (long long)tally.scores, (long long)tally.lists);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_million_categories),
      cmocka_unit_test(a_quarter_of_a_million_categories),
      cmocka_unit_test(a_million_people),
      cmocka_unit_test(a_million_spells_of_one_day),
      cmocka_unit_test(twenty_thousand_interventions),
      cmocka_unit_test(ids_of_ten_thousand_characters),
      cmocka_unit_test(one_person_who_never_stops),
  };
  return cmocka_run_group_tests_name("trainer/degenerate large", tests, set_up, tear_down);
}
