// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "trainer/metrics.h"

enum { N = 40, N_COPIES = 3 * N, N_DAYS = 6 };
static const double DAYS[N_DAYS] = {0, 1, 3, 4.5, 8, 20};

typedef struct sample {
  double entry[N_COPIES], time[N_COPIES], weight[N_COPIES], risk[N_COPIES];
  int8_t event[N_COPIES];
  pfc_spells s;
} sample;

/* Few days and few risks, so that everything is tied with something; weights 0..2, of
 * kinds: 0 no weights, no entries; 1 weights; 2 entries, at times after the end. */
static void draw_sample(sample *x, uint64_t seed, uint64_t trial, int kind) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.spells", trial);
  const uint64_t n_times = 2 + pfc_rng_below(&rng, 14), n_risks = 1 + pfc_rng_below(&rng, 12);
  const int64_t n = 4 + (int64_t)pfc_rng_below(&rng, N - 3);
  for (int64_t i = 0; i < n; i++) {
    x->time[i] = (double)pfc_rng_below(&rng, n_times);
    x->entry[i] = fmax(0, (double)pfc_rng_below(&rng, n_times) - (double)n_times / 2);
    x->event[i] = (int8_t)pfc_rng_below(&rng, 3);
    x->weight[i] = (double)pfc_rng_below(&rng, 3);
    x->risk[i] = (double)pfc_rng_below(&rng, n_risks) / (double)n_risks;
  }
  x->weight[0] = 1;
  x->entry[0] = 0;
  x->s = (pfc_spells){.n = n,
                      .entry = kind == 2 ? x->entry : NULL,
                      .time = x->time,
                      .event = x->event,
                      .weight = kind ? x->weight : NULL};
}

/* Every spell as often as its weight says. */
static void copy_rows(const sample *x, sample *c) {
  int64_t n = 0;
  for (int64_t i = 0; i < x->s.n; i++) {
    for (int k = 0; k < (int)x->weight[i]; k++, n++) {
      c->entry[n] = x->entry[i];
      c->time[n] = x->time[i];
      c->event[n] = x->event[i];
      c->risk[n] = x->risk[i];
    }
  }
  c->s = (pfc_spells){.n = n,
                      .entry = x->s.entry ? c->entry : NULL,
                      .time = c->time,
                      .event = c->event,
                      .weight = NULL};
}

static double concordance_of(const sample *x) {
  double c = -1;
  assert_ok(pfc_concordance(&x->s, x->risk, &c, &err));
  return c;
}

/* --- concordance ----------------------------------------------------------- */

/* a has the event on day 2, b on day 2 too, c is censored on day 2, d has the event on day
 * 5, e is censored on day 4, f has the other event on day 3. Pairs: a and b against each of
 * c, d, e, f; d against nobody. */
static void concordance_by_hand(void **state) {
  (void)state;
  sample x = {.time = {2, 2, 2, 5, 4, 3},
              .event = {1, 1, 0, 1, 0, 2},
              .risk = {.9, .5, .5, .1, .9, .6},
              .entry = {0, 0, 0, 2, 1, 0}};
  x.s = (pfc_spells){.n = 6, .time = x.time, .event = x.event};
  assert_near(concordance_of(&x), ((1 + 1 + .5 + 1) + (.5 + 1 + 0 + 0)) / 8, 1e-15);
  /* d enters on day 2, after a and b have ended: no pair. */
  x.s.entry = x.entry;
  assert_near(concordance_of(&x), ((1 + .5 + 1) + (.5 + 0 + 0)) / 6, 1e-15);
}

static void concordance_equals_all_pairs(void **state) {
  (void)state;
  const uint64_t seed = test_seed(7);
  int n_defined = 0;
  for (uint64_t trial = 0; trial < 900; trial++) {
    sample x;
    draw_sample(&x, seed, trial, (int)(trial % 3));
    assert_near(concordance_of(&x), oracle_concordance(&x.s, x.risk), 1e-12);
    n_defined += !isnan(concordance_of(&x));
    /* Weights that are no counts. */
    for (int64_t i = 0; i < x.s.n; i++) x.weight[i] = x.weight[i] / 3 + 0.1;
    assert_near(concordance_of(&x), oracle_concordance(&x.s, x.risk), 1e-9);
  }
  assert_true(n_defined > 700);
}

static void concordance_only_sees_order(void **state) {
  (void)state;
  const uint64_t seed = test_seed(8);
  for (uint64_t trial = 0; trial < 50; trial++) {
    sample x;
    draw_sample(&x, seed, trial, 1);
    const double c = concordance_of(&x);
    for (int64_t i = 0; i < x.s.n; i++) x.risk[i] = exp(3 * x.risk[i]);
    assert_near(concordance_of(&x), c, 0);
    for (int64_t i = 0; i < x.s.n; i++) x.risk[i] = -x.risk[i];
    assert_near(concordance_of(&x), 1 - c, 1e-12);
  }
}

static void concordance_without_pairs_is_undefined(void **state) {
  (void)state;
  sample x = {.time = {1, 1, 3}, .event = {1, 1, 0}, .entry = {0, 0, 1}};
  x.s = (pfc_spells){.n = 3, .time = x.time, .event = x.event, .entry = x.entry};
  assert_nan(concordance_of(&x));
  x.event[0] = x.event[1] = 2;
  x.s.entry = NULL;
  assert_nan(concordance_of(&x));
  x.s.n = 0;
  assert_nan(concordance_of(&x));
}

/* --- curves ---------------------------------------------------------------- */

static void curves_by_hand(void **state) {
  (void)state;
  /* Day 2: 5 at risk, 1 event, and 1 of the 4 others censored. Day 3: 3 at risk, 1 of the
   * other cause. Day 6: 2 at risk, 1 event; the last is censored on day 7. */
  const double time[5] = {2, 2, 3, 6, 7}, days[5] = {1, 2, 3, 6, 9};
  const int8_t event[5] = {1, 0, 2, 1, 0};
  const pfc_spells s = {.n = 5, .time = time, .event = event};
  double v[5];
  assert_ok(pfc_kaplan_meier(&s, 0, 0, 5, days, v, &err));
  const double survival[5] = {1, .8, .8 * 2 / 3, .4 * 2 / 3, .4 * 2 / 3};
  for (int d = 0; d < 5; d++) assert_near(v[d], survival[d], 1e-15);
  assert_ok(pfc_kaplan_meier(&s, 0, 1, 5, days, v, &err));
  const double before[5] = {1, 1, .8, .8 * 2 / 3, .4 * 2 / 3};
  for (int d = 0; d < 5; d++) assert_near(v[d], before[d], 1e-15);
  assert_ok(pfc_kaplan_meier(&s, 1, 0, 5, days, v, &err));
  const double uncensored[5] = {1, .75, .75, .75, 0};
  for (int d = 0; d < 5; d++) assert_near(v[d], uncensored[d], 1e-15);
  assert_ok(pfc_aalen_johansen(&s, 5, days, v, &err));
  const double incidence[5] = {0, .2, .2, .2 + .4 * 2 / 3, .2 + .4 * 2 / 3};
  for (int d = 0; d < 5; d++) assert_near(v[d], incidence[d], 1e-15);
}

static void curves_equal_the_definitions(void **state) {
  (void)state;
  const uint64_t seed = test_seed(9);
  for (uint64_t trial = 0; trial < 600; trial++) {
    sample x;
    draw_sample(&x, seed, trial, (int)(trial % 3));
    for (int form = 0; form < 4; form++) {
      double v[N_DAYS];
      assert_ok(pfc_kaplan_meier(&x.s, form & 1, form >> 1, N_DAYS, DAYS, v, &err));
      for (int d = 0; d < N_DAYS; d++)
        assert_near(v[d], oracle_kaplan_meier(&x.s, form & 1, form >> 1, DAYS[d]), 1e-12);
    }
    double v[N_DAYS];
    assert_ok(pfc_aalen_johansen(&x.s, N_DAYS, DAYS, v, &err));
    for (int d = 0; d < N_DAYS; d++)
      assert_near(v[d], oracle_aalen_johansen(&x.s, DAYS[d]), 1e-12);
  }
}

/* Survival and censoring multiply to the share still at risk, and the incidences of both
 * causes and survival add up to one. */
static void curves_agree_with_each_other(void **state) {
  (void)state;
  const uint64_t seed = test_seed(10);
  for (uint64_t trial = 0; trial < 200; trial++) {
    sample x;
    draw_sample(&x, seed, trial, 1);
    double survival[N_DAYS], uncensored[N_DAYS], cause[2][N_DAYS];
    assert_ok(pfc_kaplan_meier(&x.s, 0, 0, N_DAYS, DAYS, survival, &err));
    assert_ok(pfc_kaplan_meier(&x.s, 1, 0, N_DAYS, DAYS, uncensored, &err));
    for (int k = 0; k < 2; k++) {
      assert_ok(pfc_aalen_johansen(&x.s, N_DAYS, DAYS, cause[k], &err));
      for (int64_t i = 0; i < x.s.n; i++)
        x.event[i] = (int8_t)(x.event[i] ? 3 - x.event[i] : 0);
    }
    for (int d = 0; d < N_DAYS; d++) {
      double later = 0, all = 0;
      for (int64_t i = 0; i < x.s.n; i++) {
        all += x.weight[i];
        later += x.time[i] > DAYS[d] ? x.weight[i] : 0;
      }
      assert_near(survival[d] * uncensored[d], later / all, 1e-12);
      assert_near(survival[d] + cause[0][d] + cause[1][d], 1, 1e-12);
    }
  }
}

static void spells_never_at_risk_do_not_count(void **state) {
  (void)state;
  const double time[3] = {4, 5, 6}, entry[3] = {4, 7, 0}, day = 10;
  const int8_t event[3] = {1, 1, 0};
  const pfc_spells s = {.n = 3, .entry = entry, .time = time, .event = event};
  double v;
  assert_ok(pfc_kaplan_meier(&s, 0, 0, 1, &day, &v, &err));
  assert_near(v, 1, 0);
  const pfc_spells none = {.n = 2, .entry = entry, .time = time, .event = event};
  assert_ok(pfc_kaplan_meier(&none, 0, 0, 1, &day, &v, &err));
  assert_nan(v);
  assert_ok(pfc_aalen_johansen(&none, 1, &day, &v, &err));
  assert_nan(v);
}

/* --- all ------------------------------------------------------------------- */

static void weights_count_as_copies(void **state) {
  (void)state;
  const uint64_t seed = test_seed(11);
  for (uint64_t trial = 0; trial < 200; trial++) {
    sample x, c;
    draw_sample(&x, seed, trial, 1 + (int)(trial % 2));
    copy_rows(&x, &c);
    assert_near(concordance_of(&x), concordance_of(&c), 1e-12);
    double a[N_DAYS], b[N_DAYS];
    assert_ok(pfc_aalen_johansen(&x.s, N_DAYS, DAYS, a, &err));
    assert_ok(pfc_aalen_johansen(&c.s, N_DAYS, DAYS, b, &err));
    for (int d = 0; d < N_DAYS; d++) assert_near(a[d], b[d], 1e-12);
  }
}

static void interval_score_by_hand(void **state) {
  (void)state;
  const double lo[4] = {0, 0, 2, 1}, hi[4] = {1, 2, 3, 1}, y[4] = {2, 2, 1.5, 1};
  const double weight[4] = {1, 2, 1, 0}, none[4] = {0};
  double score, coverage;
  pfc_interval_score(4, lo, hi, y, NULL, 0.2, &score, &coverage);
  assert_near(score, (1 + 10 + 2 + 1 + 5) / 4.0, 1e-15);
  assert_near(coverage, 0.5, 0);
  pfc_interval_score(4, lo, hi, y, weight, 0.2, &score, NULL);
  assert_near(score, (1 + 10 + 2 * 2 + 1 + 5) / 4.0, 1e-15);
  pfc_interval_score(4, lo, hi, y, weight, 0.2, NULL, &coverage);
  assert_near(coverage, 0.5, 0);
  const double unknown[4] = {2, 2, NAN, 1};
  pfc_interval_score(4, lo, hi, unknown, NULL, 0.2, &score, &coverage);
  assert_nan(score);
  assert_nan(coverage);
  pfc_interval_score(4, lo, hi, y, none, 0.2, &score, &coverage);
  assert_nan(score);
  assert_nan(coverage);
}

static void bad_spells_are_named(void **state) {
  (void)state;
  const double time[2] = {1, 2}, bad_time[2] = {1, -2}, nan_entry[2] = {0, NAN};
  const double bad_weight[2] = {1, INFINITY}, risk[2] = {NAN, 1}, down[2] = {2, 1};
  const int8_t event[2] = {0, 1}, bad_event[2] = {3, 1};
  const pfc_spells good = {2, NULL, time, event, NULL};
  const pfc_spells bad[4] = {{2, NULL, bad_time, event, NULL},
                             {2, nan_entry, time, event, NULL},
                             {2, NULL, time, bad_event, NULL},
                             {2, NULL, time, event, bad_weight}};
  const char *said[4] = {"row 1: time -2", "row 1: entry", "row 0: event 3", "weight inf"};
  double v[2];
  for (int k = 0; k < 4; k++) {
    assert_fails(pfc_concordance(&bad[k], time, v, &err), PFC_EDATA, said[k]);
    assert_fails(pfc_kaplan_meier(&bad[k], 0, 0, 2, time, v, &err), PFC_EDATA, said[k]);
    assert_fails(pfc_aalen_johansen(&bad[k], 2, time, v, &err), PFC_EDATA, said[k]);
  }
  assert_fails(pfc_concordance(&good, risk, v, &err), PFC_EDATA, "row 0: risk");
  assert_fails(pfc_kaplan_meier(&good, 0, 0, 2, down, v, &err), PFC_EUSAGE, "day 1 is 1");
  assert_fails(pfc_aalen_johansen(&good, 2, down, v, &err), PFC_EUSAGE, "must ascend");
}

static pfc_status run(int which, pfc_error *err) {
  static const double entry[4] = {0, 1, 0, 0}, time[4] = {2, 3, 4, 5}, day = 3;
  static const int8_t event[4] = {1, 1, 0, 2};
  const pfc_spells s = {4, entry, time, event, NULL};
  double v;
  if (which == 0) return pfc_concordance(&s, time, &v, err);
  if (which == 1) return pfc_kaplan_meier(&s, 0, 0, 1, &day, &v, err);
  return pfc_aalen_johansen(&s, 1, &day, &v, err);
}

static void short_memory_is_an_error(void **state) {
  (void)state;
  for (int which = 0; which < 3; which++) {
    for (long n = 0;; n++) {
      oom_after(n);
      pfc_error err = PFC_ERROR_INIT;
      const pfc_status st = run(which, &err);
      const bool failed = oom_happened();
      oom_after(-1);
      assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
      if (!failed) break;
    }
  }
}

/* --- against R 4.2.2 with survival 3.5-3, on rows that both can make ------------ */

/* library(survival); i <- 0:199
 * time <- (i*37) %% 53 + 1; entry <- ifelse(i %% 4 == 0 & (i*11) %% 20 < time, (i*11) %% 20, 0)
 * event <- (i*i + i) %% 5 %% 3; w <- 1 + i %% 3; risk <- ((i*29) %% 41) / 41 */
enum { R_ROWS = 200 };
static double r_entry[R_ROWS], r_time[R_ROWS], r_weight[R_ROWS], r_risk[R_ROWS];
static int8_t r_event[R_ROWS];
static const double R_DAYS[3] = {5, 20, 40};
static const pfc_spells PLAIN = {R_ROWS, NULL, r_time, r_event, NULL};
static const pfc_spells WEIGHTED = {R_ROWS, NULL, r_time, r_event, r_weight};
static const pfc_spells LATE = {R_ROWS, r_entry, r_time, r_event, r_weight};

static int make_r_rows(void **state) {
  (void)state;
  for (int i = 0; i < R_ROWS; i++) {
    r_time[i] = (i * 37) % 53 + 1;
    r_entry[i] = i % 4 == 0 && (i * 11) % 20 < r_time[i] ? (i * 11) % 20 : 0;
    r_event[i] = (int8_t)((i * i + i) % 5 % 3);
    r_weight[i] = 1 + i % 3;
    r_risk[i] = (i * 29) % 41 / 41.0;
  }
  return 0;
}

static double r_concordance(const pfc_spells *s) {
  double c = -1;
  assert_ok(pfc_concordance(s, r_risk, &c, &err));
  return c;
}

/* concordance(Surv(time, event == 1) ~ risk, reverse = TRUE)$concordance
 * concordance(Surv(time, event == 1) ~ risk, weights = w, reverse = TRUE)$concordance
 * concordance(Surv(ifelse(entry > 0, entry, -1), time, event == 1) ~ risk, weights = w,
 *   reverse = TRUE)$concordance */
static void concordance_as_in_r(void **state) {
  (void)state;
  assert_near(r_concordance(&PLAIN), 0.524321796071094, 1e-14);
  assert_near(r_concordance(&WEIGHTED), 0.513886473009799, 1e-14);
  assert_near(r_concordance(&LATE), 0.511299262959128, 1e-14);
}

/* summary(survfit(Surv(entry, time, event > 0) ~ 1, weights = w), times = c(5, 20, 40))$surv
 * summary(survfit(Surv(entry, time, factor(event)) ~ 1, weights = w, id = i),
 *   times = c(5, 20, 40))$pstate[, 2] */
static void curves_as_in_r(void **state) {
  (void)state;
  const double survival[3] = {0.922604490960881, 0.739003782166099, 0.436281023477104};
  const double incidence[3] = {0.017821689855271, 0.103893984501100, 0.201960790155085};
  double v[3];
  assert_ok(pfc_kaplan_meier(&LATE, 0, 0, 3, R_DAYS, v, &err));
  for (int d = 0; d < 3; d++) assert_near(v[d], survival[d], 1e-14);
  assert_ok(pfc_aalen_johansen(&LATE, 3, R_DAYS, v, &err));
  for (int d = 0; d < 3; d++) assert_near(v[d], incidence[d], 1e-14);
}

/* Half a day apart, censoring follows the events of its day and entries the rest:
 *   G <- survfit(Surv(ifelse(entry > 0, entry + .5, -1), time + .5 * (event == 0),
 *     event == 0) ~ 1, weights = w)
 *   g <- function(t) sapply(t, function(x) summary(G, times = max(x, -.9),
 *     extend = TRUE)$surv)
 *   g(c(5, 20, 40) - .25)
 *   for (day in c(5, 20, 40)) {
 *     Ge <- ifelse(entry > 0, g(entry + .5), 1); ended <- event > 0 & time <= day
 *     W <- ifelse(ended, Ge / g(time - .25), ifelse(time >= day, Ge / g(day - .25), 0))
 *     k <- entry < day; F <- risk * day / 60
 *     print(sum((w * W * ((ended & event == 1) - F)^2)[k]) / sum(w[k])) } */
static void censoring_as_in_r(void **state) {
  (void)state;
  const double uncensored[3] = {0.975514951141028, 0.828172855812426, 0.582197193619364};
  const double brier[3] = {0.017358395493240, 0.099892330179042, 0.207445010493323};
  double v[3], incidence[R_ROWS];
  assert_ok(pfc_kaplan_meier(&LATE, 1, 1, 3, R_DAYS, v, &err));
  for (int d = 0; d < 3; d++) {
    assert_near(v[d], uncensored[d], 1e-14);
    for (int i = 0; i < R_ROWS; i++) incidence[i] = r_risk[i] * R_DAYS[d] / 60;
    double b;
    assert_ok(pfc_ipcw_brier(&LATE, R_DAYS[d], incidence, &b, &err));
    assert_near(b, brier[d], 1e-14);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(concordance_by_hand),
      cmocka_unit_test(concordance_equals_all_pairs),
      cmocka_unit_test(concordance_only_sees_order),
      cmocka_unit_test(concordance_without_pairs_is_undefined),
      cmocka_unit_test(curves_by_hand),
      cmocka_unit_test(curves_equal_the_definitions),
      cmocka_unit_test(curves_agree_with_each_other),
      cmocka_unit_test(spells_never_at_risk_do_not_count),
      cmocka_unit_test(weights_count_as_copies),
      cmocka_unit_test(interval_score_by_hand),
      cmocka_unit_test(bad_spells_are_named),
      cmocka_unit_test(short_memory_is_an_error),
      cmocka_unit_test(concordance_as_in_r),
      cmocka_unit_test(curves_as_in_r),
      cmocka_unit_test(censoring_as_in_r),
  };
  return cmocka_run_group_tests_name("trainer/metrics_spells", tests, make_r_rows, NULL);
}
