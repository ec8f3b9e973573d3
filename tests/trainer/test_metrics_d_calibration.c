// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/metrics.h"

enum { N = 200 };

static double statistic_of(int64_t n, const double *survival, const int8_t *observed,
                           const double *weight, int n_bins, double *p) {
  double statistic = -1;
  assert_ok(pfc_d_calibration(n, survival, observed, weight, n_bins, &statistic, p, &err));
  return statistic;
}

/* Events in the lower and the upper half; a censored spell of 0.8 has 0.5/0.8 of itself below
 * one half. One degree of freedom: the tail of a squared normal. */
static void two_bins_by_hand(void **state) {
  (void)state;
  const double survival[3] = {.2, .7, .8};
  const int8_t observed[3] = {1, 1, 0};
  double p;
  const double expected = 2 * .125 * .125 / 1.5;
  assert_near(statistic_of(3, survival, observed, NULL, 2, &p), expected, 1e-15);
  assert_near(p, erfc(sqrt(expected / 2)), 1e-15);
}

static void ends_belong_to_the_outer_bins(void **state) {
  (void)state;
  const double survival[4] = {0, 1, .25, 0};
  const int8_t observed[4] = {1, 1, 1, 0};
  /* 0, 0 below; .25 opens the second of four bins; 1 closes the last: masses 2, 1, 0, 1. */
  assert_near(statistic_of(4, survival, observed, NULL, 4, NULL), 1 + 0 + 1 + 0, 1e-15);
  /* A spell of survival 1 is spread over all bins alike. */
  const int8_t censored[1] = {0};
  double p;
  assert_near(statistic_of(1, &survival[1], censored, NULL, 4, &p), 0, 1e-15);
  assert_near(p, 1, 1e-15);
}

static void equals_its_definition(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(61), "test.d", 0);
  for (int trial = 0; trial < 300; trial++) {
    const int64_t n = 1 + (int64_t)pfc_rng_below(&rng, N);
    double survival[N], weight[N], p;
    int8_t observed[N];
    for (int64_t i = 0; i < n; i++) {
      survival[i] = (double)pfc_rng_below(&rng, 41) / 40;
      observed[i] = (int8_t)pfc_rng_below(&rng, 2);
      weight[i] = (double)pfc_rng_below(&rng, 3) + (i == 0);
    }
    const int n_bins = 2 + (int)pfc_rng_below(&rng, 15);
    const double *w = trial % 2 ? weight : NULL;
    const double statistic = statistic_of(n, survival, observed, w, n_bins, &p);
    const double expected = oracle_d_calibration(n, survival, observed, w, n_bins);
    assert_near(statistic, expected, 1e-10 * (1 + expected));
    if (n_bins > 2 && trial % 10 < 2)
      assert_near(p, oracle_chi_square_tail(n_bins - 1, statistic), 1e-8);
  }
}

/* R 4.2.2: pchisq(x, f, lower.tail = FALSE) where all n events fall into the first of f + 1
 * bins: x = n f. */
static void tails_as_in_r(void **state) {
  (void)state;
  static const struct {
    int64_t n;
    int n_bins;
    double p;
  } KNOWN[] = {{1, 10, 0.437274188913867},
               {5, 2, 0.0253473186774683},
               {3, 11, 8.56641210775301e-04},
               {20, 10, 5.06674642266393e-34}};
  const double survival[20] = {0};
  int8_t observed[20];
  memset(observed, 1, sizeof observed);
  for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++) {
    double p;
    (void)statistic_of(KNOWN[k].n, survival, observed, NULL, KNOWN[k].n_bins, &p);
    assert_near(p / KNOWN[k].p, 1, 1e-12);
  }
}

/* Exponential times at rates of their own, all seen: 1000 samples of 200, of which 5 % are
 * refused at the 5 % level, give or take 0.7 %: the band is four times that on either side. */
static void right_curves_are_refused_as_often_as_stated(void **state) {
  (void)state;
  enum { SAMPLES = 1000 };
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(62), "test.d", 1);
  int refused = 0;
  for (int s = 0; s < SAMPLES; s++) {
    double survival[N], p;
    int8_t observed[N];
    for (int i = 0; i < N; i++) {
      const double rate = exp(pfc_rng_normal(&rng));
      const double time = -log1p(-pfc_rng_uniform(&rng)) / rate;
      survival[i] = exp(-rate * time);
      observed[i] = 1;
    }
    (void)statistic_of(N, survival, observed, NULL, 10, &p);
    refused += p <= 0.05;
  }
  print_message("%d of %d right curves refused\n", refused, SAMPLES);
  assert_in_range(refused, 22, 80);
}

/* Half of them censored: the spreading makes bins more alike than chance would, so right curves
 * are hardly ever refused; wrong ones nearly always. */
static void censored_spells_do_not_make_right_curves_wrong(void **state) {
  (void)state;
  enum { SAMPLES = 1000 };
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(63), "test.d", 2);
  int refused = 0, wrong_refused = 0;
  for (int s = 0; s < SAMPLES; s++) {
    double survival[N], wrong[N], p;
    int8_t observed[N];
    for (int i = 0; i < N; i++) {
      const double rate = exp(pfc_rng_normal(&rng));
      const double time = -log1p(-pfc_rng_uniform(&rng)) / rate;
      const double limit = -log1p(-pfc_rng_uniform(&rng)) / rate;
      observed[i] = time <= limit;
      survival[i] = exp(-rate * fmin(time, limit));
      wrong[i] = survival[i] * survival[i]; /* twice the hazard */
    }
    (void)statistic_of(N, survival, observed, NULL, 10, &p);
    refused += p <= 0.05;
    (void)statistic_of(N, wrong, observed, NULL, 10, &p);
    wrong_refused += p <= 0.05;
  }
  print_message("%d of %d right, %d wrong curves refused\n", refused, SAMPLES, wrong_refused);
  assert_true(refused <= 20);
  assert_true(wrong_refused > 900);
}

static void bad_rows_are_named(void **state) {
  (void)state;
  const double survival[2] = {.5, 1.5}, negative[2] = {1, -1};
  const int8_t observed[2] = {1, 1}, wrong[2] = {2, 1};
  double statistic = 7, p = 7;
  assert_fails(pfc_d_calibration(2, survival, observed, NULL, 10, &statistic, &p, &err),
               PFC_EDATA, "row 1: survival is 1.5; allowed are 0 to 1");
  assert_fails(pfc_d_calibration(2, survival, wrong, NULL, 10, &statistic, &p, &err), PFC_EDATA,
               "row 0: observed is 2; allowed are 0 and 1");
  assert_fails(pfc_d_calibration(2, survival, observed, negative, 10, &statistic, &p, &err),
               PFC_EDATA, "row 1: weight -1");
  assert_fails(pfc_d_calibration(1, survival, observed, NULL, 1, &statistic, &p, &err),
               PFC_EUSAGE, "number of bins is 1; at least 2");
  assert_near(statistic, 7, 0);
  assert_near(p, 7, 0);
  assert_ok(pfc_d_calibration(0, survival, observed, NULL, 10, &statistic, &p, &err));
  assert_nan(statistic);
  assert_nan(p);
}

static pfc_status once(void *user) {
  const double survival[1] = {.5};
  const int8_t observed[1] = {1};
  return pfc_d_calibration(1, survival, observed, NULL, 10, user, NULL, NULL);
}

static void short_memory_is_an_error(void **state) {
  (void)state;
  double statistic;
  assert_int_equal(count_down(once, &statistic), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_bins_by_hand),
      cmocka_unit_test(ends_belong_to_the_outer_bins),
      cmocka_unit_test(equals_its_definition),
      cmocka_unit_test(tails_as_in_r),
      cmocka_unit_test(right_curves_are_refused_as_often_as_stated),
      cmocka_unit_test(censored_spells_do_not_make_right_curves_wrong),
      cmocka_unit_test(bad_rows_are_named),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_d_calibration", tests, NULL, NULL);
}
