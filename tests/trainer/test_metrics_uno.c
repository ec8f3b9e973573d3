// labels: property check
/* Concordance free of the censoring (Uno et al. 2011), and concordances by spells sorted once.
 */
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/metrics.h"

enum { N = 40 };

typedef struct sample {
  double entry[N], time[N], weight[N], risk[N];
  int8_t event[N];
  pfc_spells s;
} sample;

static double uno_of(const sample *x, double tau) {
  double c = -1;
  assert_ok(pfc_ipcw_concordance(&x->s, x->risk, tau, &c, &err));
  return c;
}

/* Of b, c, d and e, b is censored on day 3: G is 3/4 from then on, and a pair of c or d stands
 * for 16/9. */
static void by_hand(void **state) {
  (void)state;
  sample x = {.time = {2, 3, 4, 5, 6},
              .event = {1, 0, 1, 1, 0},
              .risk = {.9, .1, .5, .7, .2},
              .entry = {0, 0, 0, 0, 3.5}};
  x.s = (pfc_spells){.n = 5, .time = x.time, .event = x.event};
  const double w = 16.0 / 9;
  assert_near(uno_of(&x, INFINITY), (4 + w + w) / (4 + 2 * w + w), 1e-15);
  assert_near(uno_of(&x, 5), (4 + w + w) / (4 + 2 * w + w), 1e-15); /* day 5 counts */
  assert_near(uno_of(&x, 4.5), (4 + w) / (4 + 2 * w), 1e-15);
  assert_near(uno_of(&x, 3), 1, 1e-15);
  assert_nan(uno_of(&x, 1));
  /* Another cause is no censoring: then every pair stands for itself. */
  x.event[1] = 2;
  assert_near(uno_of(&x, INFINITY), (4 + 1 + 1) / 7.0, 1e-15);
  x.event[1] = 0;
  /* e enters on day 3.5: G is 2/3 from day 3 on, at its entry too. */
  x.s.entry = x.entry;
  const double late = 2.0 / 3, v = 9.0 / 4;
  assert_near(uno_of(&x, INFINITY), (3 + v * late + v * late) / (3 + v * (1 + late) + v * late),
              1e-15);
}

/* Kinds: 0 no weights, no entries; 1 weights; 2 late entries too. The first spell lasts from
 * the start to the end, so that G never falls to 0 before. */
static void draw_sample(sample *x, pfc_rng *rng, int kind) {
  const uint64_t n_risks = 1 + pfc_rng_below(rng, 12);
  const int64_t n = 4 + (int64_t)pfc_rng_below(rng, N - 3);
  for (int64_t i = 0; i < n; i++) {
    x->time[i] = (double)pfc_rng_below(rng, 12);
    x->entry[i] = fmax(0, (double)pfc_rng_below(rng, 9) - 4);
    x->event[i] = (int8_t)pfc_rng_below(rng, 3);
    x->weight[i] = (double)pfc_rng_below(rng, 3) / (pfc_rng_below(rng, 2) ? 1 : 3);
    x->risk[i] = (double)pfc_rng_below(rng, n_risks) / (double)n_risks;
  }
  x->weight[0] = 1;
  x->entry[0] = 0;
  x->time[0] = 12;
  x->s = (pfc_spells){.n = n,
                      .entry = kind == 2 ? x->entry : NULL,
                      .time = x->time,
                      .event = x->event,
                      .weight = kind ? x->weight : NULL};
}

static void equals_all_pairs(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(71), "test.uno", 0);
  int n_defined = 0;
  for (int trial = 0; trial < 300; trial++) {
    sample x;
    draw_sample(&x, &rng, trial % 3);
    const double tau = trial % 2 ? (double)INFINITY : (double)pfc_rng_below(&rng, 13);
    assert_near(uno_of(&x, tau), oracle_ipcw_concordance(&x.s, x.risk, tau), 1e-9);
    n_defined += !isnan(uno_of(&x, tau));
  }
  assert_true(n_defined > 200);
}

static void one_order_serves_all_weights(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(72), "test.uno", 1);
  for (int trial = 0; trial < 60; trial++) {
    sample x;
    draw_sample(&x, &rng, trial % 3);
    pfc_concordance_order *order = NULL;
    assert_ok(pfc_concordance_order_create(&x.s, x.risk, &order, &err));
    for (int again = 0; again < 4; again++) {
      for (int64_t i = 1; i < x.s.n; i++) x.weight[i] = (double)pfc_rng_below(&rng, 4);
      x.s.weight = x.weight;
      double c = -1;
      assert_ok(pfc_concordance_ordered(order, x.weight, &c, &err));
      assert_near(c, oracle_concordance(&x.s, x.risk), 1e-12);
      assert_ok(pfc_ipcw_concordance_ordered(order, x.weight, 9, &c, &err));
      assert_near(c, oracle_ipcw_concordance(&x.s, x.risk, 9), 1e-9);
    }
    x.s.weight = NULL;
    double c = -1;
    assert_ok(pfc_concordance_ordered(order, NULL, &c, &err));
    assert_near(c, oracle_concordance(&x.s, x.risk), 1e-12);
    pfc_concordance_order_destroy(order);
  }
}

/* What it is for. Risks matter early and not at all later: hazard exp(2 z) before day 1, the
 * same for all after it. Censoring hides late pairs, which are decided by a coin, so Harrell's
 * C rises with it; Uno's C stays with that of the uncensored spells. Of 5,000 spells the
 * standard errors are about 0.005; the bounds are four of them and more. */
static void does_not_depend_on_the_censoring(void **state) {
  (void)state;
  enum { MANY = 5000 };
  static double full[MANY], time[MANY], risk[MANY];
  static int8_t all[MANY], event[MANY];
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(73), "test.uno", 2);
  for (int i = 0; i < MANY; i++) {
    risk[i] = pfc_rng_normal(&rng);
    const double rate = 0.4 * exp(2 * risk[i]), need = -log1p(-pfc_rng_uniform(&rng));
    full[i] = need < rate ? need / rate : 1 + (need - rate);
    const double limit = -log1p(-pfc_rng_uniform(&rng)) / 1.5;
    all[i] = 1;
    event[i] = full[i] <= limit;
    time[i] = fmin(full[i], limit);
  }
  const double tau = 1.8; /* P(uncensored) is still 7 % */
  pfc_spells s = {.n = MANY, .time = full, .event = all};
  double truth, harrell, uno;
  assert_ok(pfc_ipcw_concordance(&s, risk, tau, &truth, &err));
  s.time = time;
  s.event = event;
  assert_ok(pfc_concordance(&s, risk, &harrell, &err));
  assert_ok(pfc_ipcw_concordance(&s, risk, tau, &uno, &err));
  print_message("uncensored %.4f, Uno %.4f, Harrell %.4f\n", truth, uno, harrell);
  assert_true(fabs(uno - truth) < 0.03);
  assert_true(harrell - truth > 0.04);
}

static void undefined_and_wrong(void **state) {
  (void)state;
  sample x = {.time = {2, 3}, .event = {0, 1}, .entry = {0, 2.5}, .risk = {1, 2}};
  /* All who were seen before day 2.5 are censored on day 2: of the follow-up of those who enter
   * then nothing is known. */
  x.s = (pfc_spells){.n = 2, .time = x.time, .event = x.event, .entry = x.entry};
  assert_nan(uno_of(&x, INFINITY));
  double c = 7;
  assert_fails(pfc_ipcw_concordance(&x.s, x.risk, NAN, &c, &err), PFC_EUSAGE, "day 0 is nan");
  x.weight[1] = -2;
  x.s.weight = x.weight;
  assert_fails(pfc_ipcw_concordance(&x.s, x.risk, 3, &c, &err), PFC_EDATA, "row 1: weight -2");
  pfc_concordance_order *order = NULL;
  assert_ok(pfc_concordance_order_create(&x.s, x.risk, &order, &err));
  assert_fails(pfc_concordance_ordered(order, x.weight, &c, &err), PFC_EDATA,
               "row 1: weight -2");
  pfc_concordance_order_destroy(order);
  pfc_concordance_order_destroy(NULL);
  order = NULL;
  x.risk[0] = NAN;
  assert_fails(pfc_concordance_order_create(&x.s, x.risk, &order, &err), PFC_EDATA,
               "row 0: risk is not a number");
  assert_null(order);
  x.event[1] = 9;
  assert_fails(pfc_concordance_order_create(&x.s, x.risk, &order, &err), PFC_EDATA,
               "row 1: event 9");
  assert_near(c, 7, 0);
}

static pfc_status both(void *user) {
  sample *x = user;
  pfc_status st = PFC_OK;
  pfc_concordance_order *order = NULL;
  double c;
  PFC_TRY(pfc_concordance_order_create(&x->s, x->risk, &order, NULL));
  PFC_TRY(pfc_concordance_ordered(order, x->weight, &c, NULL));
  PFC_TRY(pfc_ipcw_concordance_ordered(order, x->weight, 9, &c, NULL));
  PFC_TRY(pfc_ipcw_concordance(&x->s, x->risk, 9, &c, NULL));
done:
  pfc_concordance_order_destroy(order);
  return st;
}

static void short_memory_is_an_error(void **state) {
  (void)state;
  sample x;
  pfc_rng rng;
  pfc_rng_init(&rng, 1, "test.uno", 3);
  draw_sample(&x, &rng, 2);
  assert_true(count_down(both, &x) > 15);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand),
      cmocka_unit_test(equals_all_pairs),
      cmocka_unit_test(one_order_serves_all_weights),
      cmocka_unit_test(does_not_depend_on_the_censoring),
      cmocka_unit_test(undefined_and_wrong),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_uno", tests, NULL, NULL);
}
