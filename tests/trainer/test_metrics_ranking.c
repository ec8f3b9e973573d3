// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "trainer/metrics.h"

#define EPS 1e-12

/* Hits at ranks 2, 3, 6 and 8 of ten; a fifth relevant item is not on the list. */
static const uint8_t HIT[10] = {0, 1, 1, 0, 0, 1, 0, 1, 0, 0};

static void small_lists_by_hand(void **state) {
  (void)state;
  assert_near(pfc_recall_at(3, 10, HIT, 5), 2.0 / 3, EPS);
  assert_near(pfc_recall_at(10, 10, HIT, 5), 4.0 / 5, EPS);
  assert_near(pfc_recall_at(50, 10, HIT, 5), 4.0 / 5, EPS);
  assert_near(pfc_ndcg_at(3, 10, HIT, 5), (1 / log2(3) + 0.5) / (1 + 1 / log2(3) + 0.5), EPS);
  assert_near(pfc_average_precision_at(10, 10, HIT, 5),
              (1.0 / 2 + 2.0 / 3 + 3.0 / 6 + 4.0 / 8) / 5, EPS);
  assert_near(pfc_average_precision_at(5, 10, HIT, 5), (1.0 / 2 + 2.0 / 3) / 5, EPS);
  assert_near(pfc_reciprocal_rank(10, HIT), 0.5, EPS);
  assert_near(pfc_precision_at(3, 10, HIT, 5), 2.0 / 3, EPS);
  assert_near(pfc_precision_at(10, 10, HIT, 5), 4.0 / 10, EPS);
  assert_near(pfc_precision_at(50, 10, HIT, 5), 4.0 / 50, EPS);
  assert_near(pfc_hit_rate_at(1, 10, HIT, 5), 0, 0);
  assert_near(pfc_hit_rate_at(2, 10, HIT, 5), 1, 0);
}

/* scikit-learn 1.2.1, score = arange(10, 0, -1)[None]:
 *   ndcg_score([HIT], score, k=5), ndcg_score([HIT], score, k=10),
 *   average_precision_score(HIT, score[0]) */
static void same_as_scikit_learn(void **state) {
  (void)state;
  assert_near(pfc_ndcg_at(5, 10, HIT, 4), 0.441492413736781, 1e-14);
  assert_near(pfc_ndcg_at(10, 10, HIT, 4), 0.703699787617922, 1e-14);
  assert_near(pfc_average_precision_at(10, 10, HIT, 4), 0.541666666666667, 1e-14);
}

static void perfect_lists_score_one(void **state) {
  (void)state;
  const uint8_t best[6] = {1, 1, 1, 0, 0, 0};
  for (int k = 1; k <= 8; k++) {
    assert_near(pfc_recall_at(k, 6, best, 3), 1, EPS);
    assert_near(pfc_ndcg_at(k, 6, best, 3), 1, EPS);
    assert_near(pfc_average_precision_at(k, 6, best, 3), fmin(k, 3) / 3, EPS);
  }
}

static void empty_cases(void **state) {
  (void)state;
  assert_near(pfc_recall_at(5, 0, HIT, 3), 0, 0);
  assert_near(pfc_ndcg_at(5, 0, HIT, 3), 0, 0);
  assert_near(pfc_average_precision_at(5, 0, HIT, 3), 0, 0);
  assert_near(pfc_reciprocal_rank(0, HIT), 0, 0);
  assert_near(pfc_reciprocal_rank(1, HIT), 0, 0);
  assert_near(pfc_precision_at(5, 0, HIT, 3), 0, 0);
  assert_near(pfc_hit_rate_at(5, 0, HIT, 3), 0, 0);
  assert_nan(pfc_precision_at(5, 10, HIT, 0));
  assert_nan(pfc_precision_at(0, 10, HIT, 5));
  assert_nan(pfc_hit_rate_at(5, 10, HIT, 0));
  assert_nan(pfc_hit_rate_at(0, 10, HIT, 5));
  assert_nan(pfc_recall_at(5, 10, HIT, 0));
  assert_nan(pfc_recall_at(0, 10, HIT, 5));
  assert_nan(pfc_ndcg_at(5, 10, HIT, 0));
  assert_nan(pfc_ndcg_at(0, 10, HIT, 5));
  assert_nan(pfc_average_precision_at(5, 10, HIT, 0));
  assert_nan(pfc_average_precision_at(0, 10, HIT, 5));
}

static void average_precision_equals_its_definition(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  for (uint64_t trial = 0; trial < 300; trial++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.ap", trial);
    const int n = 1 + (int)pfc_rng_below(&rng, 30), k = 1 + (int)pfc_rng_below(&rng, 40);
    uint8_t hit[30];
    int n_relevant = 1 + (int)pfc_rng_below(&rng, 3);
    for (int j = 0; j < n; j++) n_relevant += hit[j] = (uint8_t)pfc_rng_below(&rng, 2);
    assert_near(pfc_average_precision_at(k, n, hit, n_relevant),
                oracle_average_precision(k, n, hit, n_relevant), EPS);
  }
}

static double gini_of(int n, const double *exposure) {
  double gini = -1;
  assert_ok(pfc_gini(n, exposure, &gini, &err));
  return gini;
}

static void gini_by_hand_and_by_definition(void **state) {
  (void)state;
  assert_near(gini_of(4, (double[]){2, 2, 2, 2}), 0, EPS);
  assert_near(gini_of(4, (double[]){0, 5, 0, 0}), 0.75, EPS);
  assert_near(gini_of(2, (double[]){3, 1}), 0.25, EPS);
  assert_near(gini_of(1, (double[]){7}), 0, EPS);
  const uint64_t seed = test_seed(2);
  for (uint64_t trial = 0; trial < 100; trial++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.gini", trial);
    double exposure[50] = {1};
    const int n = 1 + (int)pfc_rng_below(&rng, 50);
    for (int i = 1; i < n; i++) exposure[i] = (double)pfc_rng_below(&rng, 6);
    assert_near(gini_of(n, exposure), oracle_gini(n, exposure), EPS);
  }
}

static void gini_is_undefined_without_exposure(void **state) {
  (void)state;
  assert_nan(gini_of(0, (double[]){1}));
  assert_nan(gini_of(2, (double[]){0, 0}));
  assert_nan(gini_of(2, (double[]){-1, 2}));
  assert_nan(gini_of(2, (double[]){NAN, 2}));
  double gini;
  pfc_error told = PFC_ERROR_INIT;
  oom_after(0);
  assert_int_equal(pfc_gini(2, (double[]){1, 2}, &gini, &told), PFC_ENOMEM);
  oom_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_lists_by_hand),
      cmocka_unit_test(same_as_scikit_learn),
      cmocka_unit_test(perfect_lists_score_one),
      cmocka_unit_test(empty_cases),
      cmocka_unit_test(average_precision_equals_its_definition),
      cmocka_unit_test(gini_by_hand_and_by_definition),
      cmocka_unit_test(gini_is_undefined_without_exposure),
  };
  return cmocka_run_group_tests_name("trainer/metrics_ranking", tests, NULL, NULL);
}
