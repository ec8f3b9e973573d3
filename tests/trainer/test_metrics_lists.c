/* What lists are like, and predictions of numbers: by hand. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/near.h"
#include "trainer/metrics.h"

#define EPS 1e-15

/* --- lists ----------------------------------------------------------------- */

static void novelty_is_the_surprise_of_a_random_person(void **state) {
  (void)state;
  /* Of 14 people 7 took item 0 up, 1 item 1, none item 2: shares 8/16, 2/16 and 1/16. */
  const int32_t takers[3] = {7, 1, 0}, item[3] = {0, 2, 1};
  assert_near(pfc_novelty_at(1, 3, item, takers, 14), 1, EPS);
  assert_near(pfc_novelty_at(2, 3, item, takers, 14), (1 + 4) / 2.0, EPS);
  assert_near(pfc_novelty_at(9, 3, item, takers, 14), (1 + 4 + 3) / 3.0, EPS);
  assert_near(pfc_novelty_at(1, 1, item, takers, 7), log2(9) - 3, EPS); /* everybody's */
  assert_nan(pfc_novelty_at(3, 0, item, takers, 14));
  assert_nan(pfc_novelty_at(0, 3, item, takers, 14));
}

static double distance_of_numbers(int32_t a, int32_t b, void *user) {
  const double *unit = user;
  return 1 - abs(a - b) / *unit;
}

static void diversity_is_the_mean_over_pairs(void **state) {
  (void)state;
  const int32_t item[4] = {0, 3, 1, 9};
  double unit = 10;
  /* Distances of 0, 3, 1: 3, 1 and 2. */
  assert_near(pfc_diversity_at(3, 4, item, distance_of_numbers, &unit), (.3 + .1 + .2) / 3,
              EPS);
  assert_near(pfc_diversity_at(2, 4, item, distance_of_numbers, &unit), .3, EPS);
  assert_near(pfc_diversity_at(9, 2, item, distance_of_numbers, &unit), .3, EPS);
  assert_nan(pfc_diversity_at(1, 4, item, distance_of_numbers, &unit));
  assert_nan(pfc_diversity_at(3, 1, item, distance_of_numbers, &unit));
}

static void sets_share_members(void **state) {
  (void)state;
  /* {4, 7, 2}, {7, 4}, {9}, nothing (a target without competency), nothing. */
  const int32_t first[6] = {0, 3, 5, 6, 7, 7}, member[7] = {4, 7, 2, 7, 4, 9, -1};
  pfc_item_sets sets = {first, member};
  assert_near(pfc_jaccard(0, 1, &sets), 2.0 / 3, EPS);
  assert_near(pfc_jaccard(1, 0, &sets), 2.0 / 3, EPS);
  assert_near(pfc_jaccard(0, 2, &sets), 0, 0);
  assert_near(pfc_jaccard(2, 3, &sets), 0, 0);
  assert_near(pfc_jaccard(3, 4, &sets), 0, 0);
  assert_near(pfc_jaccard(3, 3, &sets), 1, 0);
  assert_near(pfc_jaccard(0, 0, &sets), 1, 0);
  const int32_t item[3] = {0, 1, 2};
  assert_near(pfc_diversity_at(3, 3, item, pfc_jaccard, &sets), (1.0 / 3 + 1 + 1) / 3, EPS);
}

static void coverage_counts_what_is_shown(void **state) {
  (void)state;
  assert_near(pfc_coverage(4, (double[]){0, 3, 0.5, 0}), 0.5, 0);
  assert_near(pfc_coverage(2, (double[]){0, 0}), 0, 0);
  assert_nan(pfc_coverage(0, (double[]){1}));
  assert_nan(pfc_coverage(2, (double[]){1, -1}));
  assert_nan(pfc_coverage(2, (double[]){1, NAN}));
}

/* --- numbers --------------------------------------------------------------- */

static const double F[4] = {1, 5, 2, 4}, Y[4] = {3, 4, 2, 100}, W[4] = {1, 2, 1, 0};

static void losses_by_hand(void **state) {
  (void)state;
  /* Errors -2, 1, 0 with weights 1, 2, 1; the last row does not count. */
  assert_near(pfc_rmse(4, F, Y, W), sqrt((4 + 2 * 1 + 0) / 4.0), EPS);
  assert_near(pfc_mae(4, F, Y, W), (2 + 2 * 1 + 0) / 4.0, EPS);
  assert_near(pfc_pinball(4, F, Y, W, 0.9), (0.9 * 2 + 2 * 0.1 * 1) / 4, EPS);
  assert_near(pfc_pinball(4, F, Y, W, 0.5), pfc_mae(4, F, Y, W) / 2, EPS);
  assert_near(pfc_quantile_coverage(4, F, Y, W), 3.0 / 4, EPS);
  assert_near(pfc_mae(3, F, Y, NULL), 1, EPS);
}

static void wrong_rows_are_no_figure(void **state) {
  (void)state;
  const double lost[2] = {NAN, 1}, y[2] = {1, 1}, negative[2] = {-1, 1}, no_weight[2] = {0, 1};
  assert_nan(pfc_rmse(2, lost, y, NULL));
  assert_nan(pfc_mae(2, y, lost, NULL));
  assert_nan(pfc_mae(2, y, y, negative));
  assert_near(pfc_mae(2, lost, y, no_weight), 0, 0);
  assert_nan(pfc_mae(0, y, y, NULL));
  assert_nan(pfc_pinball(2, y, y, NULL, 1.5));
  assert_nan(pfc_quantile_coverage(2, lost, y, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(novelty_is_the_surprise_of_a_random_person),
      cmocka_unit_test(diversity_is_the_mean_over_pairs),
      cmocka_unit_test(sets_share_members),
      cmocka_unit_test(coverage_counts_what_is_shown),
      cmocka_unit_test(losses_by_hand),
      cmocka_unit_test(wrong_rows_are_no_figure),
  };
  return cmocka_run_group_tests_name("trainer/metrics_lists", tests, NULL, NULL);
}
