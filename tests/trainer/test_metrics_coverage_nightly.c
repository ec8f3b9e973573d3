// labels: property nightly
/* Intervals of 95 % hold the truth in 93 to 97 % of samples.
 *
 * Over 8,000 samples and more the three held it in 94.6, 94.6 and 94.4 %. With 4,000 the share
 * has a standard deviation of 0.36 %, so that the lower limit is nearly four of them away: a
 * right bootstrap fails in fewer than 1 of 5,000 seeds. Rows drawn in the place of people cover
 * 84 %. */
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
