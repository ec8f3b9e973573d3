// labels: property check
/* Intervals hold the truth about as often as they say; test_metrics_coverage_nightly.c counts
 * long enough to tell 93 from 95 %. */
#include "tests/support/coverage.h"
#include "tests/support/test.h"

/* Of 100 intervals that hold the truth with probability 0.94 to 0.945, fewer than 84 do in 1 of
 * 10,000 seeds. Had queries been drawn in the place of people, 84 would. */
static void intervals_hold_the_truth(void **state) {
  (void)state;
  const coverage c = coverage_count(test_seed(81), 100, 159);
  assert_in_range(c.recall, 84, 100);
  assert_in_range(c.auc, 84, 100);
  assert_in_range(c.concordance, 84, 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_hold_the_truth)};
  return cmocka_run_group_tests_name("trainer/metrics_coverage", tests, NULL, NULL);
}
