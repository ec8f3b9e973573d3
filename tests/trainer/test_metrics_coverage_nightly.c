// labels: property nightly
/* Intervals of 95 % hold the truth in 93 to 97 % of samples. */
#include "tests/support/coverage.h"
#include "tests/support/test.h"

static void intervals_hold_the_truth(void **state) {
  (void)state;
  enum { REPLICATIONS = 4000 };
  const coverage c = coverage_count(test_seed(82), REPLICATIONS, 399);
  const int low = REPLICATIONS * 93 / 100, high = REPLICATIONS * 97 / 100;
  assert_in_range(c.recall, low, high);
  assert_in_range(c.auc, low, high);
  assert_in_range(c.concordance, low, high);
  assert_true(c.naive < low);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_hold_the_truth)};
  return cmocka_run_group_tests_name("trainer/metrics_coverage_nightly", tests, NULL, NULL);
}
