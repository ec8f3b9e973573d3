// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "trainer/metrics.h"

enum { N = 40, N_COPIES = 3 * N, N_DAYS = 4 };
static const double DAYS[N_DAYS] = {1, 3, 4.5, 8};

typedef struct sample {
  double entry[N_COPIES], time[N_COPIES], weight[N_COPIES], incidence[N_COPIES];
  int8_t event[N_COPIES];
  pfc_spells s;
} sample;

/* Ties everywhere; kinds: 0 no weights, no entries; 1 weights 0..2; 2 late entries too.
 * The first spell lasts from the start past the last of DAYS, so that G never falls to 0. */
static void draw_sample(sample *x, uint64_t seed, uint64_t trial, int kind) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.ipcw", trial);
  const uint64_t n_levels = 1 + pfc_rng_below(&rng, 12);
  const int64_t n = 10 + (int64_t)pfc_rng_below(&rng, N - 9);
  for (int64_t i = 0; i < n; i++) {
    x->time[i] = (double)(1 + pfc_rng_below(&rng, 12));
    x->entry[i] = fmax(0, (double)pfc_rng_below(&rng, 6) - 2);
    x->event[i] = (int8_t)pfc_rng_below(&rng, 3);
    x->weight[i] = (double)pfc_rng_below(&rng, 3);
    x->incidence[i] = (double)pfc_rng_below(&rng, n_levels) / (double)n_levels;
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

static double brier_of(const sample *x, double day) {
  double brier = -1;
  assert_ok(pfc_ipcw_brier(&x->s, day, x->incidence, &brier, &err));
  return brier;
}

static double ece_of(const sample *x, double day, int n_bins) {
  double ece = -1;
  assert_ok(pfc_incidence_ece(&x->s, day, x->incidence, n_bins, &ece, &err));
  return ece;
}

/* --- Brier score ----------------------------------------------------------- */

/* Judged on day 4. One of the four still there after day 1 is censored on day 2: G(4-) is
 * 3/4 for those who last, as for the event on day 4; 1 for the event on day 1. The spell
 * censored on day 4 itself is known to have lasted. */
static void brier_by_hand(void **state) {
  (void)state;
  sample x = {
      .time = {1, 2, 4, 4, 9}, .event = {1, 0, 1, 0, 2}, .incidence = {.5, .3, .8, .1, .2}};
  x.s = (pfc_spells){.n = 5, .time = x.time, .event = x.event};
  assert_near(brier_of(&x, 4), (.25 + (.04 + .01 + .04) * 4 / 3) / 5, 1e-15);
  /* The other cause is no event of this one, and counts from its own day on. */
  x.event[0] = 2;
  assert_near(brier_of(&x, 4), (.25 + (.04 + .01 + .04) * 4 / 3) / 5, 1e-15);
  x.incidence[0] = .1;
  assert_near(brier_of(&x, 4), (.01 + (.04 + .01 + .04) * 4 / 3) / 5, 1e-15);
}

static void brier_without_censoring_is_the_mean_square(void **state) {
  (void)state;
  const uint64_t seed = test_seed(12);
  for (uint64_t trial = 0; trial < 50; trial++) {
    sample x;
    draw_sample(&x, seed, trial, 0);
    double sum = 0;
    for (int64_t i = 0; i < x.s.n; i++) {
      if (x.event[i] == 0) x.event[i] = 2;
      const double happened = x.event[i] == 1 && x.time[i] <= 4.5;
      sum += (happened - x.incidence[i]) * (happened - x.incidence[i]);
    }
    assert_near(brier_of(&x, 4.5), sum / (double)x.s.n, 1e-12);
  }
}

static void brier_equals_the_definition(void **state) {
  (void)state;
  const uint64_t seed = test_seed(13);
  for (uint64_t trial = 0; trial < 600; trial++) {
    sample x;
    draw_sample(&x, seed, trial, (int)(trial % 3));
    for (int d = 0; d < N_DAYS; d++)
      assert_near(brier_of(&x, DAYS[d]), oracle_brier(&x.s, DAYS[d], x.incidence), 1e-9);
  }
}

static void integrated_brier_is_the_trapezoid(void **state) {
  (void)state;
  sample x;
  draw_sample(&x, test_seed(14), 0, 2);
  float incidence[N][N_DAYS];
  double at[N_DAYS], ibs;
  for (int d = 0; d < N_DAYS; d++) {
    for (int64_t i = 0; i < x.s.n; i++) {
      incidence[i][d] = (float)(x.incidence[i] * DAYS[d] / 10);
      x.incidence[i] = (double)incidence[i][d];
    }
    at[d] = brier_of(&x, DAYS[d]);
  }
  double area = 0;
  for (int d = 1; d < N_DAYS; d++) area += (at[d] + at[d - 1]) / 2 * (DAYS[d] - DAYS[d - 1]);
  assert_ok(pfc_integrated_brier(&x.s, N_DAYS, DAYS, incidence[0], &ibs, &err));
  assert_near(ibs, area / (DAYS[N_DAYS - 1] - DAYS[0]), 1e-14);
  float column[N];
  for (int64_t i = 0; i < x.s.n; i++) column[i] = incidence[i][1];
  assert_ok(pfc_integrated_brier(&x.s, 1, &DAYS[1], column, &ibs, &err));
  assert_near(ibs, at[1], 1e-14);
  assert_ok(pfc_integrated_brier(&x.s, 0, DAYS, column, &ibs, &err));
  assert_nan(ibs);
}

static void nobody_followed_to_the_day_is_undefined(void **state) {
  (void)state;
  sample x = {.time = {1, 2, 3}, .event = {1, 2, 0}, .incidence = {.5, .5, .5}};
  x.s = (pfc_spells){.n = 3, .time = x.time, .event = x.event};
  assert_near(brier_of(&x, 3), .25, 1e-15);
  assert_nan(brier_of(&x, 4));
  assert_nan(ece_of(&x, 4, 2));
  /* Everybody's end is known: nobody need be there any more. */
  x.event[2] = 1;
  assert_near(brier_of(&x, 4), .25, 1e-15);
  x.s.n = 0;
  assert_nan(brier_of(&x, 4));
  assert_nan(ece_of(&x, 4, 2));
}

/* --- calibration ----------------------------------------------------------- */

static void incidence_ece_by_hand(void **state) {
  (void)state;
  /* Low bin: 1 of 2 by day 3. High bin: day 1 takes 1 of 3, censoring one of the two left,
   * day 3 the last. */
  sample x = {
      .time = {5, 3, 1, 2, 3}, .event = {2, 1, 1, 0, 1}, .incidence = {.1, .1, .6, .6, .9}};
  x.s = (pfc_spells){.n = 5, .time = x.time, .event = x.event};
  assert_near(ece_of(&x, 3, 2), .4 * (.5 - .1) + .6 * (1 - .7), 1e-15);
}

static void incidence_ece_equals_aalen_johansen(void **state) {
  (void)state;
  const uint64_t seed = test_seed(15);
  for (uint64_t trial = 0; trial < 400; trial++) {
    sample x;
    draw_sample(&x, seed, trial, (int)(trial % 2));
    const int n_bins = 1 + (int)(trial % 6);
    for (int d = 0; d < N_DAYS; d++)
      assert_near(ece_of(&x, DAYS[d], n_bins),
                  oracle_incidence_ece(&x.s, DAYS[d], x.incidence, n_bins), 1e-12);
  }
}

static void weights_count_as_copies(void **state) {
  (void)state;
  const uint64_t seed = test_seed(16);
  for (uint64_t trial = 0; trial < 200; trial++) {
    sample x, c;
    draw_sample(&x, seed, trial, 2);
    int64_t n = 0;
    for (int64_t i = 0; i < x.s.n; i++) {
      for (int k = 0; k < (int)x.weight[i]; k++, n++) {
        c.entry[n] = x.entry[i];
        c.time[n] = x.time[i];
        c.event[n] = x.event[i];
        c.incidence[n] = x.incidence[i];
      }
    }
    c.s = (pfc_spells){n, c.entry, c.time, c.event, NULL};
    for (int d = 0; d < N_DAYS; d++) {
      assert_near(brier_of(&x, DAYS[d]), brier_of(&c, DAYS[d]), 1e-12);
      assert_near(ece_of(&x, DAYS[d], 4), ece_of(&c, DAYS[d], 4), 1e-12);
    }
  }
}

/* Spells with two competing causes of known constant hazards, half of them seen only from
 * some later day on, censored at random. True conditional incidences are calibrated, and
 * their Brier score is the mean of F (1 - F): both hold only if censoring and late entry
 * are weighted right. 20000 spells leave a standard error of about 0.003. */
static void truth_is_calibrated_under_censoring_and_late_entry(void **state) {
  (void)state;
  enum { ROWS = 20000 };
  static double entry[ROWS], time[ROWS], incidence[ROWS];
  static int8_t event[ROWS];
  const double day = 60;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(17), "test.truth", 0);
  double expected = 0;
  int64_t n = 0, n_judged = 0;
  while (n < ROWS) {
    const double hazard = 0.004 + 0.03 * pfc_rng_uniform(&rng), share = 0.7;
    const double end = -log(1 - pfc_rng_uniform(&rng)) / hazard;
    const double censored = 120 * pfc_rng_uniform(&rng);
    const int cause = pfc_rng_uniform(&rng) < share ? 1 : 2;
    entry[n] = pfc_rng_uniform(&rng) < 0.5 ? 0 : 80 * pfc_rng_uniform(&rng);
    if (entry[n] >= fmin(end, censored)) continue; /* never seen */
    time[n] = fmin(end, censored);
    event[n] = (int8_t)(end <= censored ? cause : 0);
    const double ahead = fmax(day - entry[n], 0);
    incidence[n] = share * (1 - exp(-hazard * ahead));
    if (ahead > 0) {
      expected += incidence[n] * (1 - incidence[n]);
      n_judged++;
    }
    n++;
  }
  const pfc_spells s = {n, entry, time, event, NULL};
  double brier, ece;
  assert_ok(pfc_ipcw_brier(&s, day, incidence, &brier, &err));
  assert_near(brier, expected / (double)n_judged, 0.01);
  assert_ok(pfc_incidence_ece(&s, day, incidence, 10, &ece, &err));
  assert_true(ece < 0.02);
  for (int64_t i = 0; i < n; i++) incidence[i] *= 0.8;
  assert_ok(pfc_incidence_ece(&s, day, incidence, 10, &ece, &err));
  assert_true(ece > 0.05);
}

/* --- failures -------------------------------------------------------------- */

static void bad_input_is_named(void **state) {
  (void)state;
  const double time[2] = {1, 2}, incidence[2] = {.5, NAN}, nan_days[2] = {NAN, 2};
  const float matrix[2] = {.5f, .5f}, nan_matrix[2] = {.5f, NAN};
  const int8_t event[2] = {0, 1}, bad_event[2] = {0, -1};
  const pfc_spells s = {2, NULL, time, event, NULL}, bad = {2, NULL, time, bad_event, NULL};
  double v;
  assert_fails(pfc_ipcw_brier(&bad, 1, time, &v, &err), PFC_EDATA, "event -1");
  assert_fails(pfc_integrated_brier(&bad, 1, time, matrix, &v, &err), PFC_EDATA, "event -1");
  assert_fails(pfc_incidence_ece(&bad, 1, time, 2, &v, &err), PFC_EDATA, "event -1");
  assert_fails(pfc_ipcw_brier(&s, 1, incidence, &v, &err), PFC_EDATA, "row 1: incidence");
  assert_fails(pfc_integrated_brier(&s, 1, time, nan_matrix, &v, &err), PFC_EDATA,
               "row 1: incidence");
  assert_fails(pfc_incidence_ece(&s, 1, incidence, 2, &v, &err), PFC_EDATA, "row 1: incid");
  assert_fails(pfc_incidence_ece(&s, 1, time, -1, &v, &err), PFC_EUSAGE, "bins is -1");
  assert_fails(pfc_incidence_ece(&s, NAN, time, 2, &v, &err), PFC_EUSAGE, "day 0");
  assert_fails(pfc_ipcw_brier(&s, NAN, time, &v, &err), PFC_EUSAGE, "day 0");
  assert_fails(pfc_integrated_brier(&s, 2, nan_days, matrix, &v, &err), PFC_EUSAGE, "day 0");
}

static pfc_status run(int which, pfc_error *err) {
  static const double entry[4] = {0, 1, 0, 0}, time[4] = {2, 3, 4, 5};
  static const float incidence[4] = {.2f, .3f, .4f, .5f};
  static const int8_t event[4] = {1, 1, 0, 2};
  static const double day = 3;
  const pfc_spells s = {4, entry, time, event, NULL};
  double v;
  if (which == 0) return pfc_ipcw_brier(&s, day, time, &v, err);
  if (which == 1) return pfc_integrated_brier(&s, 1, &day, incidence, &v, err);
  return pfc_incidence_ece(&s, day, time, 2, &v, err);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(brier_by_hand),
      cmocka_unit_test(brier_without_censoring_is_the_mean_square),
      cmocka_unit_test(brier_equals_the_definition),
      cmocka_unit_test(integrated_brier_is_the_trapezoid),
      cmocka_unit_test(nobody_followed_to_the_day_is_undefined),
      cmocka_unit_test(incidence_ece_by_hand),
      cmocka_unit_test(incidence_ece_equals_aalen_johansen),
      cmocka_unit_test(weights_count_as_copies),
      cmocka_unit_test(truth_is_calibrated_under_censoring_and_late_entry),
      cmocka_unit_test(bad_input_is_named),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_ipcw", tests, NULL, NULL);
}
