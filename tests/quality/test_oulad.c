// labels: quality check
/* The whole chain on real data: the OULAD sample, split at the last presentation, trained with
 * the defaults and judged on what came after. The bars are what a user may rely on; a change
 * that misses one has made the models worse. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/par.h"
#include "tests/support/figures.h"
#include "tests/support/told.h"
#include "trainer/train.h"

static cJSON *figures;

static pfc_dataset *open_sample(void) {
  char folder[4096];
  const char *src = getenv("SRC");
  static told said;
  pfc_dataset *ds = NULL;
  (void)snprintf(folder, sizeof folder, "%s/datasets/samples/oulad", src ? src : ".");
  assert_ok(told_import(&said, "oulad", folder, 0, &ds, &err));
  ds->split.kind = PFC_SPLIT_AT;
  assert_true(pfc_date_parse("2014-10-01", &ds->split.date));
  return ds;
}

static pfc_bundle *train(const pfc_dataset *ds) {
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  pfc_train_defaults(&settings);
  settings.models = settings.require =
      PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS | PFC_TRAIN_TIME; /* no bar of levels */
  assert_ok(pfc_train(ds, &settings, &bundle, &report, &err));
  return bundle;
}

static int set_up(void **state) {
  (void)state;
  pfc_evaluate_settings settings;
  assert_ok(pfc_par_init(0, &err));
  pfc_dataset *ds = open_sample();
  pfc_bundle *bundle = train(ds);
  pfc_evaluate_defaults(&settings);
  settings.resamples = 10;
  assert_ok(figures_judge(bundle, ds, &settings, &figures, &err));
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  cJSON_Delete(figures);
  return 0;
}

/* How many of the bars so far were missed. */
static int missed;

static void expect(const char *path, double least, double most) {
  const double x = figure_value(figures, path);
  const int holds = x >= least && x <= most;
  print_message("%s %-22s %8.4f  [%g, %g]\n", holds ? "  " : "!!", path, x, least, most);
  missed += !holds;
}

static int begin(void **state) {
  (void)state;
  missed = 0;
  return 0;
}

static void success(void **state) {
  (void)state;
  expect("success.auc", 0.645, 1);
  expect("success.calibration_slope", 0.80, 1.10);
  expect("success.mean_gap", -0.03, 0.03);
  assert_int_equal(missed, 0);
}

static void dropping_out(void **state) {
  (void)state;
  expect("dropped.c_index", 0.632, 1);
  assert_int_equal(missed, 0);
}

static void time_to_proficiency(void **state) {
  (void)state;
  expect("time.ece_by_day.120", 0, 0.06);
  expect("time.ece_by_day.150", 0, 0.06);
  expect("time.ece_by_day.180", 0, 0.06);
  expect("time.interval_score", 0, 95);
  expect("time.interval_coverage", 0.70, 0.90);
  assert_int_equal(missed, 0);
}

static void affinity(void **state) {
  (void)state;
  static const char *const paths[] = {"affinity.recall_at_1", "affinity.recall_at_2"};
  for (int i = 0; i < 2; i++) {
    const double popularity = figure_baseline(figures, paths[i], "popularity");
    assert_true(popularity > 0);
    expect(paths[i], nextafter(popularity, 1), 1);
  }
  assert_int_equal(missed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(success, begin),
      cmocka_unit_test_setup(dropping_out, begin),
      cmocka_unit_test_setup(time_to_proficiency, begin),
      cmocka_unit_test_setup(affinity, begin),
  };
  return cmocka_run_group_tests_name("quality/oulad", tests, set_up, tear_down);
}
