// labels: property check
/* Means resampled by products, limits, p values: held against the bootstrap of any figure,
 * against counting, and against figures worked out by hand. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/bootstrap.h"

/* --- means by products ----------------------------------------------------- */

enum { PEOPLE = 90, MEANS = 3, MAX_ROWS = 4 * PEOPLE, RESAMPLES = 150 };

/* Rows of people, of whom every seventh owns none; row i counts in mean j unless it is
 * missing there. */
typedef struct table {
  int64_t n;
  int32_t person[MAX_ROWS];
  double x[MAX_ROWS][MEANS];
  bool missing[MAX_ROWS][MEANS];
  double sum[PEOPLE * MEANS], count[PEOPLE * MEANS];
} table;

static void draw_table(table *t, uint64_t seed, double share_missing) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.resamples", 0);
  memset(t, 0, sizeof *t);
  for (int32_t p = 0; p < PEOPLE; p++) {
    for (uint64_t k = p % 7 == 3 ? 0 : 1 + pfc_rng_below(&rng, 4); k > 0; k--) {
      const int64_t i = t->n++;
      t->person[i] = p;
      for (int j = 0; j < MEANS; j++) {
        t->x[i][j] = pfc_rng_normal(&rng);
        /* Nobody's rows are missing everywhere: all means have the same owners. */
        t->missing[i][j] = j > 0 && pfc_rng_uniform(&rng) < share_missing;
        if (t->missing[i][j]) continue;
        t->sum[p * MEANS + j] += t->x[i][j];
        t->count[p * MEANS + j]++;
      }
    }
  }
}

static pfc_status means_of_rows(const double *weight, void *user, double *value,
                                pfc_error *err) {
  (void)err;
  const table *t = user;
  for (int j = 0; j < MEANS; j++) {
    double sum = 0, mass = 0;
    for (int64_t i = 0; i < t->n; i++) {
      if (t->missing[i][j]) continue;
      sum += weight[i] * t->x[i][j];
      mass += weight[i];
    }
    value[j] = mass > 0 ? sum / mass : (double)NAN;
  }
  return PFC_OK;
}

static void the_same_people_are_drawn_either_way(void **state) {
  (void)state;
  for (int k = 0; k < 2; k++) {
    table t;
    draw_table(&t, test_seed(31), k == 0 ? 0.3 : 0.99); /* then some means are undefined */
    const pfc_owned rows = {t.n, t.person, PEOPLE};
    double by_rows[RESAMPLES * MEANS], by_products[RESAMPLES * MEANS];
    assert_ok(pfc_bootstrap(&rows, MEANS, RESAMPLES, 5, means_of_rows, &t, by_rows, &err));
    assert_ok(
        pfc_bootstrap_means(PEOPLE, MEANS, t.sum, t.count, RESAMPLES, 5, by_products, &err));
    for (int i = 0; i < RESAMPLES * MEANS; i++) assert_near(by_products[i], by_rows[i], 1e-12);
  }
}

/* Whole sums leave nothing to round, so not a bit may differ; and the many people are more
 * than one block of resamples holds. */
static void whole_sums_give_equal_bits(void **state) {
  (void)state;
  enum { MANY = 70000, FEW_RESAMPLES = 70 };
  double *sum = pfc_alloc_array(MANY, sizeof *sum), *count = pfc_alloc_array(MANY, sizeof *sum);
  double *value = pfc_alloc_array(FEW_RESAMPLES, sizeof *value);
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(32), "test.resamples", 1);
  for (int p = 0; p < MANY; p++) {
    sum[p] = (double)pfc_rng_below(&rng, 1000);
    count[p] = (double)pfc_rng_below(&rng, 3);
  }
  double expected[FEW_RESAMPLES];
  int32_t *owner = pfc_alloc_array(MANY, sizeof *owner), n_owners = 0;
  for (int32_t p = 0; p < MANY; p++)
    if (count[p] > 0) owner[n_owners++] = p;
  for (uint64_t r = 0; r < FEW_RESAMPLES; r++) {
    double total = 0, times = 0;
    pfc_rng_init(&rng, 8, "bootstrap", r);
    for (int32_t p = 0; p < n_owners; p++) {
      const int32_t who = owner[pfc_rng_below(&rng, (uint64_t)n_owners)];
      total += sum[who];
      times += count[who];
    }
    expected[r] = total / times;
  }
  for (int threads = 1; threads <= 3; threads++) {
    assert_ok(pfc_par_init(threads, &err));
    memset(value, 0, FEW_RESAMPLES * sizeof *value);
    assert_ok(pfc_bootstrap_means(MANY, 1, sum, count, FEW_RESAMPLES, 8, value, &err));
    assert_memory_equal(value, expected, sizeof expected);
  }
  pfc_free(owner);
  pfc_free(value);
  pfc_free(count);
  pfc_free(sum);
}

static void any_number_of_threads_gives_the_same_bits(void **state) {
  (void)state;
  enum { SHARED = 5000 };
  assert_true(PFC_WORTH_THREADS(SHARED * MEANS * (PEOPLE - PEOPLE / 7 - 1)));
  table t;
  draw_table(&t, test_seed(33), 0.3);
  static double value[3][SHARED * MEANS];
  for (int threads = 1; threads <= 3; threads++) {
    assert_ok(pfc_par_init(threads, &err));
    assert_ok(pfc_bootstrap_means(PEOPLE, MEANS, t.sum, t.count, SHARED, 5, value[threads - 1],
                                  &err));
    assert_memory_equal(value[threads - 1], value[0], sizeof value[0]);
  }
}

static void nobody_has_no_mean(void **state) {
  (void)state;
  const double zero[4] = {0};
  double value[6] = {0};
  assert_ok(pfc_bootstrap_means(2, 2, zero, zero, 3, 1, value, &err));
  for (int i = 0; i < 6; i++) assert_nan(value[i]);
  assert_ok(pfc_bootstrap_means(0, 2, zero, zero, 3, 1, value, &err));
  assert_nan(value[0]);
}

static void bad_sums_are_named(void **state) {
  (void)state;
  double value[4] = {7, 7, 7, 7};
  const double one[4] = {1, 1, 1, 1}, lost[4] = {1, 1, 1, NAN}, negative[4] = {1, 1, -1, 1};
  assert_fails(pfc_bootstrap_means(2, 2, lost, one, 2, 1, value, &err), PFC_EDATA,
               "person 1, mean 1: sum nan of count 1");
  assert_fails(pfc_bootstrap_means(2, 2, one, negative, 2, 1, value, &err), PFC_EDATA,
               "person 1, mean 0: sum 1 of count -1");
  assert_fails(pfc_bootstrap_means(2, 0, one, one, 2, 1, value, &err), PFC_EUSAGE,
               "number of models is 0");
  assert_fails(pfc_bootstrap_means(2, 2, one, one, 0, 1, value, &err), PFC_EUSAGE,
               "number of resamples is 0");
  assert_near(value[0], 7, 0);
}

/* --- limits ---------------------------------------------------------------- */

static void limits_lie_between_their_neighbours(void **state) {
  (void)state;
  /* 99 values 1 to 99 in disorder, every other place of the array: (99 + 1) * 0.025 = 2.5, so
   * the lower limit lies halfway between the second and the third. */
  double value[198], lo, hi;
  for (int i = 0; i < 99; i++) {
    value[2 * i] = (i * 37) % 99 + 1;
    value[2 * i + 1] = -1000;
  }
  assert_ok(pfc_percentile_interval(99, value, 2, &lo, &hi, &err));
  assert_near(lo, 2.5, 1e-12);
  assert_near(hi, 97.5, 1e-12);
  /* Without 99 and 98, 97 are left, and 98 * 0.025 = 2.45. */
  for (int i = 0; i < 99; i++)
    if (value[2 * i] > 97) value[2 * i] = NAN;
  assert_ok(pfc_percentile_interval(99, value, 2, &lo, &hi, &err));
  assert_near(lo, 2.45, 1e-12);
  assert_near(hi, 95.55, 1e-12);
  assert_ok(pfc_percentile_interval(0, value, 1, &lo, &hi, &err));
  assert_nan(lo);
  assert_nan(hi);
}

/* --- p values -------------------------------------------------------------- */

static void p_values_count_either_side(void **state) {
  (void)state;
  const double all_above[4] = {1, 2, 0.5, 3}, mixed[5] = {-1, 2, NAN, 3, 4},
               at_zero[4] = {0, 0, 1, 1}, none[2] = {NAN, NAN};
  assert_near(pfc_bootstrap_p(4, all_above), 2 * 1 / 5.0, 1e-15); /* 0 below, plus one */
  assert_near(pfc_bootstrap_p(5, mixed), 2 * 2 / 5.0, 1e-15);     /* 1 below of 4 */
  assert_near(pfc_bootstrap_p(4, at_zero), 1, 0);                 /* 2 * 3 / 5 is above 1 */
  assert_nan(pfc_bootstrap_p(2, none));
  assert_nan(pfc_bootstrap_p(0, none));
}

/* Under "no difference" a p value is at most 0.05 with that probability; at 60 people a
 * percentile bootstrap is a little too sure, and it is 0.057. Of 1000 samples that is 57, and
 * the band is more than four standard deviations (7.3) wide on either side. */
static void p_values_are_rarely_small_without_a_difference(void **state) {
  (void)state;
  enum { SAMPLES = 1000, N = 60, DRAWS = 199 };
  const uint64_t seed = test_seed(34);
  assert_ok(pfc_par_init(1, &err));
  int small = 0;
  for (uint64_t s = 0; s < SAMPLES; s++) {
    double x[N], one[N], value[DRAWS];
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.p", s);
    for (int i = 0; i < N; i++) {
      x[i] = pfc_rng_normal(&rng);
      one[i] = 1;
    }
    assert_ok(pfc_bootstrap_means(N, 1, x, one, DRAWS, s, value, &err));
    small += pfc_bootstrap_p(DRAWS, value) <= 0.05;
  }
  print_message("%d of %d p values at or below 0.05\n", small, SAMPLES);
  assert_in_range(small, 27, 88);
}

static void holm_adjusts_in_order(void **state) {
  (void)state;
  /* In order 0.01, 0.02, 0.03, 0.04: 4 * 0.01 = 0.04, 3 * 0.02 = 0.06, then 2 * 0.03 = 0.06
   * and 0.04, which may not fall below. */
  const double p[5] = {0.03, 0.01, NAN, 0.04, 0.02};
  double adjusted[5];
  assert_ok(pfc_holm(5, p, adjusted, &err));
  assert_near(adjusted[0], 0.06, 1e-15);
  assert_near(adjusted[1], 0.04, 1e-15);
  assert_nan(adjusted[2]);
  assert_near(adjusted[3], 0.06, 1e-15);
  assert_near(adjusted[4], 0.06, 1e-15);
  const double large[2] = {0.7, 0.6};
  assert_ok(pfc_holm(2, large, adjusted, &err));
  assert_near(adjusted[0], 1, 0);
  assert_near(adjusted[1], 1, 0);
}

/* Whatever the p values under eight true null hypotheses, the chance of any adjusted one at or
 * below 0.05 is at most that: of 4000 families at most 200 + 4 standard deviations of 13.8. */
static void holm_holds_the_error_of_the_family(void **state) {
  (void)state;
  const uint64_t seed = test_seed(35);
  int families = 0;
  for (uint64_t s = 0; s < 4000; s++) {
    double p[8], adjusted[8];
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.holm", s);
    for (int i = 0; i < 8; i++) p[i] = pfc_rng_uniform(&rng);
    assert_ok(pfc_holm(8, p, adjusted, &err));
    bool any = false;
    for (int i = 0; i < 8; i++) any |= adjusted[i] <= 0.05;
    families += any;
  }
  assert_in_range(families, 140, 255);
}

/* --- memory ---------------------------------------------------------------- */

static pfc_status summarize(void *user) {
  (void)user;
  const double sum[3] = {1, 2, 3}, count[3] = {1, 1, 1};
  double value[5], lo, hi, adjusted[5];
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_bootstrap_means(3, 1, sum, count, 5, 1, value, NULL));
  PFC_TRY(pfc_percentile_interval(5, value, 1, &lo, &hi, NULL));
  PFC_TRY(pfc_holm(5, value, adjusted, NULL));
done:
  return st;
}

static void short_memory_is_an_error(void **state) {
  (void)state;
  assert_true(count_down(summarize, NULL) == 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_people_are_drawn_either_way),
      cmocka_unit_test(whole_sums_give_equal_bits),
      cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
      cmocka_unit_test(nobody_has_no_mean),
      cmocka_unit_test(bad_sums_are_named),
      cmocka_unit_test(limits_lie_between_their_neighbours),
      cmocka_unit_test(p_values_count_either_side),
      cmocka_unit_test(p_values_are_rarely_small_without_a_difference),
      cmocka_unit_test(holm_adjusts_in_order),
      cmocka_unit_test(holm_holds_the_error_of_the_family),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_resamples", tests, NULL, NULL);
}
