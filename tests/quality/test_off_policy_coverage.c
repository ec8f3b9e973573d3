// labels: quality nightly
/* Intervals of 95 % of off-policy estimates hold the truth in at least 93 % of 500 runs, in
 * each kind of world by itself: rewards from one in a hundred decisions to one in four,
 * effective samples from 140 to 950.
 *
 * The trainer's own test pools the worlds; here a share has a standard deviation of 0.9 %, so
 * that a coverage of 95 % falls below the bar with one seed in fifty. */
#include "tests/support/logged_world.h"
#include "tests/support/test.h"

enum { RUNS = 500, LEAST = 93 };

static void intervals_hold(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  for (int k = 0; k < LOGGED_SHAPES; k++) {
    logged_coverage c = {0};
    for (uint64_t more = 0; c.enough < RUNS; more++)
      logged_coverage_count(&LOGGED_SHAPE[k], 100, seed * 1000 + 100 * (uint64_t)k + more, &c);
    for (int f = 0; f < LOGGED_FIGURES; f++) {
      printf("world %d, ess %.0f, %s: %.3f of %d\n", k, c.ess / c.runs, LOGGED_FIGURE[f],
             (double)c.held[f] / c.enough, c.enough);
      if (100 * c.held[f] < LEAST * c.enough) fail();
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_hold)};
  return cmocka_run_group_tests_name("quality/off_policy_coverage", tests, NULL, NULL);
}
