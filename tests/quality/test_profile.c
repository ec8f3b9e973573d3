// labels: quality nightly
/* The profile model on preset medium, held against the truth, and on a plain table of ratings:
 * the bars are what a user may rely on. PFC_TEST_SEED draws another organisation. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/par.h"
#include "tests/support/figures.h"
#include "tests/support/organisation.h"
#include "tests/support/tables.h"
#include "trainer/recovery.h"
#include "trainer/train.h"

static test_organisation org;
static cJSON *recovered;

static pfc_bundle *train(const pfc_dataset *ds) {
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  pfc_train_defaults(&settings);
  settings.models = settings.require = PFC_TRAIN_PROFILE;
  assert_ok(pfc_train(ds, &settings, &bundle, &report, &err));
  return bundle;
}

static int set_up(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc_recovery_settings recovery;
  assert_ok(pfc_par_init(0, &err));
  pfc_dataset *frame = test_frame();
  assert_ok(pfc_simulate_preset("medium", &settings, &err));
  settings.seed = test_seed(1);
  org = test_simulate(frame, &settings);
  pfc_dataset_destroy(frame);
  org.ds->split.kind = PFC_SPLIT_AT;
  assert_true(pfc_date_parse("2025-04-01", &org.ds->split.date));
  pfc_bundle *bundle = train(org.ds);
  pfc_recovery_defaults(&recovery);
  recovery.resamples = 200;
  assert_ok(pfc_recovery(bundle, org.ds, org.truth, &recovery, &recovered, &err));
  pfc_bundle_destroy(bundle);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  cJSON_Delete(recovered);
  test_organisation_clear(&org);
  return 0;
}

/* How many of the bars so far were missed. */
static int missed;

/* All that are missed are told before the test fails. */
static void bar(const cJSON *json, const char *figure, const char *part, double lo, double hi) {
  const double value = figure_part(json, figure, part);
  const int holds = value >= lo && value <= hi;
  printf("  %-52s %8.4f, bar %g to %g%s\n", figure, value, lo, hi, holds ? "" : ": missed");
  missed += !holds;
}

static void levels(void **state) {
  (void)state;
  missed = 0;
  bar(recovered, "level.rated.improvement", "lo", 0.2, 1);
  bar(recovered, "level.rated.at_truth.ratio", "value", 0, 1.05);
  bar(recovered, "level.unrated.at_truth.ratio", "value", 0, 1.05);
  bar(recovered, "level.rated.coverage90", "value", 0.87, 0.93);
  bar(recovered, "level.unrated.coverage90", "value", 0.87, 0.93);
  assert_int_equal(missed, 0);
}

static void sources(void **state) {
  (void)state;
  missed = 0;
  bar(recovered, "sources.max_bias_error", "value", 0, 0.05);
  bar(recovered, "sources.max_noise_error", "value", 0, 0.1);
  assert_int_equal(missed, 0);
}

static void gaps(void **state) {
  (void)state;
  missed = 0;
  bar(recovered, "gaps.ece", "value", 0, 0.02);
  bar(recovered, "gaps.orders.largest_gap.priority_more", "lo", 1e-9, 1);
  assert_int_equal(missed, 0);
}

/* The tests that people sat, as anybody might have them: person, competency, level. Of a cell
 * the first one alone, so that nothing but other cells tells what is judged. */
static int64_t pick_tests(const pfc_dataset *from, uint8_t *is_picked) {
  const int32_t *person = pfc_dataset_codes(from, PFC_ASSESSMENTS, "person_id");
  const int32_t *competency = pfc_dataset_codes(from, PFC_ASSESSMENTS, "competency_id");
  const int32_t *source = pfc_dataset_codes(from, PFC_ASSESSMENTS, "source");
  const int32_t test = test_code(from, "source", "test");
  const size_t n_people = (size_t)pfc_dataset_count(from, "person");
  const size_t n_competencies = (size_t)pfc_dataset_count(from, "competency");
  uint8_t *is_seen = pfc_alloc_array(n_people * n_competencies, 1);
  int64_t n = 0;
  assert_non_null(is_seen);
  for (int64_t r = 0; r < from->tables[PFC_ASSESSMENTS].n_rows; r++) {
    uint8_t *cell = &is_seen[(size_t)person[r] * n_competencies + (size_t)competency[r]];
    is_picked[r] = source[r] == test && !*cell;
    *cell |= is_picked[r];
    n += is_picked[r];
  }
  pfc_free(is_seen);
  return n;
}

static pfc_dataset *plain_table(void) {
  const pfc_dataset *from = org.ds;
  const pfc_dict *people = pfc_dataset_find_dict(from, "person");
  const pfc_dict *competencies = pfc_dataset_find_dict(from, "competency");
  const int32_t *person = pfc_dataset_codes(from, PFC_ASSESSMENTS, "person_id");
  const int32_t *competency = pfc_dataset_codes(from, PFC_ASSESSMENTS, "competency_id");
  const double *level = pfc_dataset_reals(from, PFC_ASSESSMENTS, "level");
  const int64_t n = from->tables[PFC_ASSESSMENTS].n_rows;
  int64_t row = 0;
  uint8_t *is_picked = pfc_alloc_array((size_t)n, 1);
  pfc_dataset *ds = pfc_dataset_create();
  assert_true(is_picked && ds);
  ds->scale_min = 0;
  ds->scale_max = 7;
  test_table(ds, PFC_ASSESSMENTS, pick_tests(from, is_picked), "person_id,competency_id,level");
  for (int64_t r = 0; r < n; r++) {
    if (!is_picked[r]) continue;
    test_cell(ds, PFC_ASSESSMENTS, row, "person_id", pfc_dict_text(people, person[r]));
    test_cell(ds, PFC_ASSESSMENTS, row, "competency_id",
              pfc_dict_text(competencies, competency[r]));
    test_number(ds, PFC_ASSESSMENTS, row++, "level", level[r] * 7 / 100);
  }
  pfc_free(is_picked);
  ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.2, .seed = 1};
  return ds;
}

static void a_plain_table(void **state) {
  (void)state;
  cJSON *json = NULL;
  pfc_dataset *ds = plain_table();
  pfc_bundle *bundle = train(ds);
  const pfc_evaluate_settings settings = figures_settings(500);
  assert_ok(figures_judge(bundle, ds, &settings, &json, &err));
  missed = 0;
  bar(json, "profile.improvement.person_competency_means", "lo", 1e-9, 1);
  bar(json, "profile.coverage90", "value", 0.87, 0.93);
  assert_int_equal(missed, 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels),
      cmocka_unit_test(sources),
      cmocka_unit_test(gaps),
      cmocka_unit_test(a_plain_table),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
