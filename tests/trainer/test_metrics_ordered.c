// labels: property check
/* Figures by rows sorted once, and the parts of the Brier score. */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/bootstrap.h"
#include "trainer/metrics.h"

enum { N = 80 };

typedef struct sample {
  int64_t n;
  double p[N], share[N], weight[N];
  int8_t y[N];
  int32_t person[N];
} sample;

/* Quarters, whose sums are exact: where a tie lies in the middle between two bins, a sum in
 * another order must not decide. */
static void draw_weights(sample *x, pfc_rng *rng) {
  for (int64_t i = 0; i < x->n; i++)
    x->weight[i] = (double)pfc_rng_below(rng, 4) * (pfc_rng_below(rng, 2) ? 1 : 0.25);
  x->weight[0] = 1;
}

/* Few distinct predictions, so that most are tied. */
static void draw_sample(sample *x, pfc_rng *rng) {
  x->n = 2 + (int64_t)pfc_rng_below(rng, N - 1);
  const uint64_t n_levels = 1 + pfc_rng_below(rng, 40);
  for (int64_t i = 0; i < x->n; i++) {
    x->p[i] = (double)pfc_rng_below(rng, n_levels + 1) / (double)n_levels;
    x->y[i] = (int8_t)pfc_rng_below(rng, 2);
    x->share[i] = x->y[i];
    x->person[i] = (int32_t)pfc_rng_below(rng, 30);
  }
  draw_weights(x, rng);
}

static void one_order_serves_all_weights(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(51), "test.ordered", 0);
  for (int trial = 0; trial < 60; trial++) {
    sample x;
    draw_sample(&x, &rng);
    pfc_order *order = NULL;
    assert_ok(pfc_order_create(x.n, x.p, &order, &err));
    for (int again = 0; again < 5; again++) {
      const int n_bins = 1 + (int)pfc_rng_below(&rng, 12);
      double plain, ece;
      draw_weights(&x, &rng);
      assert_ok(pfc_auc(x.n, x.p, x.y, x.weight, &plain, &err));
      assert_near(pfc_auc_ordered(order, x.y, x.weight), plain, 0);
      assert_near(plain, oracle_auc(x.n, x.p, x.y, x.weight), 1e-12);
      assert_ok(pfc_ece(x.n, x.p, x.share, x.weight, n_bins, &plain, &err));
      assert_ok(pfc_ece_ordered(order, x.share, x.weight, n_bins, &ece, &err));
      assert_near(ece, plain, 0);
    }
    assert_near(pfc_auc_ordered(order, x.y, NULL), oracle_auc(x.n, x.p, x.y, NULL), 1e-12);
    pfc_order_destroy(order);
  }
}

static void nothing_counted_is_undefined(void **state) {
  (void)state;
  const double p[3] = {.1, .2, .2}, none[3] = {0, 0, 0}, share[3] = {0, 1, 1};
  const int8_t y[3] = {0, 1, 1};
  double ece = 0;
  pfc_brier_parts parts;
  pfc_order *order = NULL;
  assert_ok(pfc_order_create(3, p, &order, &err));
  assert_nan(pfc_auc_ordered(order, y, none));
  assert_ok(pfc_ece_ordered(order, share, none, 4, &ece, &err));
  assert_nan(ece);
  assert_ok(pfc_brier_decomposition_ordered(order, y, none, 4, &parts, &err));
  assert_nan(parts.brier);
  assert_nan(parts.within_covariance);
  pfc_order_destroy(order);
  assert_ok(pfc_order_create(0, p, &order, &err));
  assert_nan(pfc_auc_ordered(order, y, NULL));
  pfc_order_destroy(order);
}

static void wrong_rows_are_named_or_no_figure(void **state) {
  (void)state;
  const double p[2] = {.1, .2}, lost[2] = {.1, NAN}, negative[2] = {1, -1}, shares[2] = {0, 2};
  const int8_t y[2] = {0, 1}, wrong[2] = {0, 7};
  double ece = 5;
  pfc_brier_parts parts;
  pfc_order *order = NULL;
  assert_fails(pfc_order_create(2, lost, &order, &err), PFC_EDATA,
               "row 1: value is not a number");
  assert_null(order);
  assert_ok(pfc_order_create(2, p, &order, &err));
  assert_nan(pfc_auc_ordered(order, wrong, NULL));
  assert_nan(pfc_auc_ordered(order, y, negative));
  assert_fails(pfc_ece_ordered(order, shares, NULL, 2, &ece, &err), PFC_EDATA,
               "row 1: outcome is 2");
  assert_fails(pfc_ece_ordered(order, p, negative, 2, &ece, &err), PFC_EDATA,
               "row 1: weight -1");
  assert_fails(pfc_brier_decomposition_ordered(order, wrong, NULL, 2, &parts, &err), PFC_EDATA,
               "row 1: outcome is 7");
  assert_fails(pfc_brier_decomposition(2, p, y, NULL, 0, &parts, &err), PFC_EUSAGE,
               "number of bins is 0");
  assert_fails(pfc_brier_decomposition(2, lost, y, NULL, 2, &parts, &err), PFC_EDATA,
               "row 1: probability is not a number");
  assert_near(ece, 5, 0);
  pfc_order_destroy(order);
  pfc_order_destroy(NULL);
}

/* --- parts of the Brier score ---------------------------------------------- */

static void brier_parts_by_hand(void **state) {
  (void)state;
  /* Bins {.1, .3} and {.6, .8}: mean p .2 and .7, mean y .5 and 1, mean of all y .75. */
  const double p[4] = {.8, .1, .3, .6};
  const int8_t y[4] = {1, 0, 1, 1};
  pfc_brier_parts parts;
  assert_ok(pfc_brier_decomposition(4, p, y, NULL, 2, &parts, &err));
  assert_near(parts.brier, (.04 + .01 + .49 + .16) / 4, 1e-15);
  assert_near(parts.reliability, .09, 1e-15);
  assert_near(parts.resolution, .0625, 1e-15);
  assert_near(parts.uncertainty, .1875, 1e-15);
  assert_near(parts.within_variance, .01, 1e-15);
  assert_near(parts.within_covariance, 2 * (.05 + .05) / 4, 1e-15);
}

static void brier_parts_equal_their_definition_and_add_up(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(52), "test.brier", 0);
  for (int trial = 0; trial < 300; trial++) {
    sample x;
    draw_sample(&x, &rng);
    const double *weight = trial % 3 ? x.weight : NULL;
    const int n_bins = 1 + (int)pfc_rng_below(&rng, 12);
    pfc_brier_parts got, expected = {0};
    assert_ok(pfc_brier_decomposition(x.n, x.p, x.y, weight, n_bins, &got, &err));
    oracle_brier_parts(x.n, x.p, x.y, weight, n_bins, &expected);
    assert_near(got.reliability, expected.reliability, 1e-12);
    assert_near(got.resolution, expected.resolution, 1e-12);
    assert_near(got.uncertainty, expected.uncertainty, 1e-12);
    assert_near(got.within_variance, expected.within_variance, 1e-12);
    assert_near(got.within_covariance, expected.within_covariance, 1e-12);
    assert_near(got.brier, pfc_brier(x.n, x.p, x.y, weight), 1e-12);
    assert_near(got.brier,
                got.reliability - got.resolution + got.uncertainty + got.within_variance -
                    got.within_covariance,
                1e-12);
  }
}

/* --- a bootstrap over an order --------------------------------------------- */

typedef struct judged {
  sample x;
  pfc_order *order;
} judged;

static pfc_status figures(const double *weight, void *user, double *value, pfc_error *err) {
  const judged *j = user;
  value[0] = pfc_auc_ordered(j->order, j->x.y, weight);
  return pfc_ece_ordered(j->order, j->x.share, weight, 5, &value[1], err);
}

static void threads_share_an_order(void **state) {
  (void)state;
  enum { RESAMPLES = 30000 };
  judged j;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(53), "test.ordered.threads", 0);
  do draw_sample(&j.x, &rng);
  while (j.x.n < N / 2);
  assert_ok(pfc_order_create(j.x.n, j.x.p, &j.order, &err));
  const pfc_owned rows = {j.x.n, j.x.person, 30};
  assert_true(PFC_WORTH_THREADS(rows.n * RESAMPLES));
  static double value[3][2 * RESAMPLES];
  for (int threads = 1; threads <= 3; threads++) {
    assert_ok(pfc_par_init(threads, &err));
    assert_ok(pfc_bootstrap(&rows, 2, RESAMPLES, 3, figures, &j, value[threads - 1], &err));
    assert_memory_equal(value[threads - 1], value[0], sizeof value[0]);
  }
  pfc_order_destroy(j.order);
}

static pfc_status all_of_them(void *user) {
  sample *x = user;
  pfc_status st = PFC_OK;
  pfc_order *order = NULL;
  pfc_brier_parts parts;
  double ece;
  PFC_TRY(pfc_order_create(x->n, x->p, &order, NULL));
  PFC_TRY(pfc_ece_ordered(order, x->share, x->weight, 5, &ece, NULL));
  PFC_TRY(pfc_brier_decomposition(x->n, x->p, x->y, x->weight, 5, &parts, NULL));
done:
  pfc_order_destroy(order);
  return st;
}

static void short_memory_is_an_error(void **state) {
  (void)state;
  sample x;
  pfc_rng rng;
  pfc_rng_init(&rng, 1, "test.ordered.memory", 0);
  draw_sample(&x, &rng);
  /* The order and its keys, the ends of bins; keys and ends again. */
  assert_int_equal(count_down(all_of_them, &x), 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_order_serves_all_weights),
      cmocka_unit_test(nothing_counted_is_undefined),
      cmocka_unit_test(wrong_rows_are_named_or_no_figure),
      cmocka_unit_test(brier_parts_by_hand),
      cmocka_unit_test(brier_parts_equal_their_definition_and_add_up),
      cmocka_unit_test(threads_share_an_order),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_ordered", tests, NULL, NULL);
}
