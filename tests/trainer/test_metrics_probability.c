// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "trainer/metrics.h"

enum { N = 60, N_COPIES = 4 * N };

typedef struct sample {
  int64_t n;
  double p[N_COPIES], observed[N_COPIES], weight[N_COPIES];
  int8_t y[N_COPIES];
} sample;

/* n rows on a grid of n_levels predictions (so that many are tied), weights 0..3. */
static void draw_sample(sample *s, uint64_t seed, uint64_t trial) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.sample", trial);
  const uint64_t n_levels = 2 + pfc_rng_below(&rng, 40);
  s->n = 5 + (int64_t)pfc_rng_below(&rng, N - 4);
  for (int64_t i = 0; i < s->n; i++) {
    s->p[i] = (1 + (double)pfc_rng_below(&rng, n_levels)) / (double)(n_levels + 1);
    s->y[i] = pfc_rng_uniform(&rng) < s->p[i];
    s->weight[i] = (double)pfc_rng_below(&rng, 4);
  }
  /* Both classes are there. */
  s->y[0] = 0;
  s->y[1] = 1;
  s->weight[0] = s->weight[1] = 1;
  for (int64_t i = 0; i < s->n; i++) s->observed[i] = s->y[i];
}

/* Every row as often as its weight says. */
static void copy_rows(const sample *s, sample *copies) {
  copies->n = 0;
  for (int64_t i = 0; i < s->n; i++) {
    for (int k = 0; k < (int)s->weight[i]; k++) {
      copies->p[copies->n] = s->p[i];
      copies->observed[copies->n] = s->observed[i];
      copies->y[copies->n++] = s->y[i];
    }
  }
}

static double auc_of(const sample *s, const double *weight) {
  double auc = -1;
  assert_ok(pfc_auc(s->n, s->p, s->y, weight, &auc, &err));
  return auc;
}

static double ece_of(const sample *s, const double *weight, int n_bins) {
  double ece = -1;
  assert_ok(pfc_ece(s->n, s->p, s->observed, weight, n_bins, &ece, &err));
  return ece;
}

static void small_samples_by_hand(void **state) {
  (void)state;
  const sample s = {.n = 4,
                    .p = {0.1, 0.4, 0.4, 0.8},
                    .y = {0, 0, 1, 1},
                    .observed = {0, 0, 1, 1},
                    .weight = {1, 2, 1, 1}};
  assert_near(auc_of(&s, NULL), 3.5 / 4, 1e-15);
  assert_near(auc_of(&s, s.weight), 5.0 / 6, 1e-15);
  assert_near(pfc_brier(4, s.p, s.y, NULL), (.01 + .16 + .36 + .04) / 4, 1e-15);
  assert_near(pfc_mean_gap(4, s.p, s.y, NULL), 1.7 / 4 - 0.5, 1e-15);
  assert_near(pfc_log_loss(4, s.p, s.y, NULL), -(log(.9) + log(.6) + log(.4) + log(.8)) / 4,
              1e-15);
  /* Two bins of two rows would part the tie at 0.4, whose middle falls on the border: the
   * tie goes up as a whole. */
  assert_near(ece_of(&s, NULL, 2), (0.1 + fabs(0.4 + 0.4 + 0.8 - 2)) / 4, 1e-15);
  assert_near(ece_of(&s, NULL, 1), fabs(1.7 - 2) / 4, 1e-15);
  assert_near(ece_of(&s, NULL, 10000), (0.1 + 0.2 + 0.2) / 4, 1e-15);
}

/* i = 0..199: p = (1 + (i*29) % 41) / 43, y = (i*i*3 + i) % 43 < (i*29) % 41,
 * w = 1 + i % 3.
 * scikit-learn 1.2.1: roc_auc_score(y, p, sample_weight=w), log_loss and
 *   brier_score_loss likewise.
 * R 4.2.2: coef(glm(y ~ qlogis(p), family = binomial, weights = w,
 *   control = glm.control(epsilon = 1e-15, maxit = 100))) */
static void same_as_scikit_learn_and_glm(void **state) {
  (void)state;
  enum { ROWS = 200 };
  double p[ROWS], w[ROWS], auc, slope, intercept;
  int8_t y[ROWS];
  for (int i = 0; i < ROWS; i++) {
    p[i] = (1 + (i * 29) % 41) / 43.0;
    y[i] = (i * i * 3 + i) % 43 < (i * 29) % 41;
    w[i] = 1 + i % 3;
  }
  assert_ok(pfc_auc(ROWS, p, y, w, &auc, &err));
  assert_near(auc, 0.858693439201914, 1e-13);
  assert_near(pfc_log_loss(ROWS, p, y, w), 0.477903835705915, 1e-13);
  assert_near(pfc_brier(ROWS, p, y, w), 0.158455901788002, 1e-13);
  assert_ok(pfc_calibration(ROWS, p, y, w, &slope, &intercept, &err));
  assert_near(slope, 1.280850870462121, 1e-11);
  assert_near(intercept, 0.452008383563371, 1e-11);
}

static void random_samples_equal_the_definitions(void **state) {
  (void)state;
  const uint64_t seed = test_seed(3);
  for (uint64_t trial = 0; trial < 300; trial++) {
    sample s;
    draw_sample(&s, seed, trial);
    const int n_bins = 1 + (int)(trial % 12);
    assert_near(auc_of(&s, s.weight), oracle_auc(s.n, s.p, s.y, s.weight), 1e-12);
    assert_near(auc_of(&s, NULL), oracle_auc(s.n, s.p, s.y, NULL), 1e-12);
    assert_near(ece_of(&s, s.weight, n_bins),
                oracle_ece(s.n, s.p, s.observed, s.weight, n_bins), 1e-12);
    /* Outcomes between 0 and 1, weights that are no counts (but add up exactly, so that
     * both sides agree on which bin a row on a border belongs to). */
    for (int64_t i = 0; i < s.n; i++) {
      s.observed[i] = 0.25 + s.observed[i] / 2;
      s.weight[i] = s.weight[i] * 0.375 + 0.125;
    }
    assert_near(auc_of(&s, s.weight), oracle_auc(s.n, s.p, s.y, s.weight), 1e-12);
    assert_near(ece_of(&s, s.weight, n_bins),
                oracle_ece(s.n, s.p, s.observed, s.weight, n_bins), 1e-12);
  }
}

static void weights_count_as_copies(void **state) {
  (void)state;
  const uint64_t seed = test_seed(4);
  for (uint64_t trial = 0; trial < 200; trial++) {
    sample s, c;
    draw_sample(&s, seed, trial);
    copy_rows(&s, &c);
    assert_near(auc_of(&s, s.weight), auc_of(&c, NULL), 1e-12);
    assert_near(ece_of(&s, s.weight, 7), ece_of(&c, NULL, 7), 1e-12);
    assert_near(pfc_log_loss(s.n, s.p, s.y, s.weight), pfc_log_loss(c.n, c.p, c.y, NULL),
                1e-12);
    assert_near(pfc_brier(s.n, s.p, s.y, s.weight), pfc_brier(c.n, c.p, c.y, NULL), 1e-12);
    assert_near(pfc_mean_gap(s.n, s.p, s.y, s.weight), pfc_mean_gap(c.n, c.p, c.y, NULL),
                1e-12);
    double slope[2], intercept[2];
    assert_ok(pfc_calibration(s.n, s.p, s.y, s.weight, &slope[0], &intercept[0], &err));
    assert_ok(pfc_calibration(c.n, c.p, c.y, NULL, &slope[1], &intercept[1], &err));
    assert_int_equal(isnan(slope[0]), isnan(slope[1]));
    if (isnan(slope[0])) continue;
    assert_near(slope[0], slope[1], 1e-7 * (1 + fabs(slope[1])));
    assert_near(intercept[0], intercept[1], 1e-7 * (1 + fabs(intercept[1])));
  }
}

/* The gradient of the likelihood is zero: predictions moved by the fit agree with the
 * outcomes on average, and along the logit. */
static void assert_recalibrated(int64_t n, const double *p, const int8_t *y, double slope,
                                double intercept) {
  double g[2] = {0, 0}, scale = 0;
  for (int64_t i = 0; i < n; i++) {
    const double logit = log(p[i] / (1 - p[i]));
    const double q = 1 / (1 + exp(-intercept - slope * logit));
    g[0] += q - y[i];
    g[1] += (q - y[i]) * logit;
    scale += fabs(logit);
  }
  assert_near(g[0] / (double)n, 0, 1e-9);
  assert_near(g[1] / scale, 0, 1e-9);
}

static void calibration_is_the_likelihood_maximum(void **state) {
  (void)state;
  const uint64_t seed = test_seed(5);
  int n_fitted = 0;
  for (uint64_t trial = 0; trial < 300; trial++) {
    sample s;
    draw_sample(&s, seed, trial);
    /* Predictions far off, nearly alike, or the wrong way round. */
    for (int64_t i = 0; i < s.n; i++) {
      const double odd[] = {s.p[i], pow(s.p[i], 6), 0.5 + 1e-6 * s.p[i], 1 - s.p[i]};
      s.p[i] = odd[trial % 4];
    }
    double slope, intercept;
    assert_ok(pfc_calibration(s.n, s.p, s.y, NULL, &slope, &intercept, &err));
    if (isnan(slope)) continue;
    assert_recalibrated(s.n, s.p, s.y, slope, intercept);
    n_fitted++;
  }
  assert_true(n_fitted > 250);
}

/* Thousands of rows on either side and one overlap between: the slope is steep, and
 * still found. */
static void calibration_of_almost_separated_classes(void **state) {
  (void)state;
  enum { ROWS = 4000 };
  static double p[ROWS];
  static int8_t y[ROWS];
  for (int i = 0; i < ROWS; i++) {
    p[i] = (i + 0.5) / ROWS;
    y[i] = i >= ROWS / 2;
  }
  y[ROWS / 2 - 2] = 1;
  y[ROWS / 2 + 1] = 0;
  double slope, intercept;
  assert_ok(pfc_calibration(ROWS, p, y, NULL, &slope, &intercept, &err));
  assert_true(slope > 100);
  assert_recalibrated(ROWS, p, y, slope, intercept);
}

static void calibrated_probabilities_have_slope_one(void **state) {
  (void)state;
  enum { ROWS = 40000 };
  static double p[ROWS], observed[ROWS];
  static int8_t y[ROWS];
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(6), "test.calibrated", 0);
  for (int i = 0; i < ROWS; i++) {
    p[i] = 1 / (1 + exp(-1.5 * pfc_rng_normal(&rng)));
    observed[i] = y[i] = pfc_rng_uniform(&rng) < p[i];
  }
  double slope, intercept, ece;
  assert_ok(pfc_calibration(ROWS, p, y, NULL, &slope, &intercept, &err));
  assert_near(slope, 1, 0.05);
  assert_near(intercept, 0, 0.05);
  assert_ok(pfc_ece(ROWS, p, observed, NULL, 10, &ece, &err));
  assert_true(ece < 0.015);
}

static void one_class_is_undefined(void **state) {
  (void)state;
  const double p[4] = {0.2, 0.4, 0.6, 0.8}, w[4] = {1, 1, 0, 0}, none[4] = {0};
  const int8_t ones[4] = {1, 1, 1, 1}, zeros[4] = {0}, parted[4] = {0, 0, 1, 1};
  const int8_t *labels[] = {ones, zeros, parted};
  double auc, slope, intercept;
  for (int k = 0; k < 3; k++) {
    assert_ok(pfc_auc(4, p, labels[k], w, &auc, &err));
    assert_nan(auc);
    assert_ok(pfc_calibration(4, p, labels[k], NULL, &slope, &intercept, &err));
    assert_nan(slope);
    assert_nan(intercept);
  }
  assert_nan(pfc_brier(4, p, ones, none));
  assert_nan(pfc_log_loss(0, p, ones, NULL));
  assert_ok(pfc_ece(4, p, p, none, 5, &auc, &err));
  assert_nan(auc);
}

static void certain_predictions_stay_finite(void **state) {
  (void)state;
  const double p[2] = {0, 1};
  const int8_t right[2] = {0, 1}, wrong[2] = {1, 0};
  assert_near(pfc_log_loss(2, p, right, NULL), 1e-15, 1e-17);
  assert_near(pfc_log_loss(2, p, wrong, NULL), -log(1e-15), 0.1);
}

static void bad_input_is_named(void **state) {
  (void)state;
  const double p[2] = {0.5, NAN}, good[2] = {0.5, 0.6}, minus[2] = {1, -1};
  const int8_t y[2] = {0, 1}, unknown[2] = {0, -1};
  double x, z;
  assert_fails(pfc_auc(2, p, y, NULL, &x, &err), PFC_EDATA, "row 1: score");
  assert_fails(pfc_auc(2, good, unknown, NULL, &x, &err), PFC_EDATA, "outcome is -1");
  assert_fails(pfc_auc(2, good, y, minus, &x, &err), PFC_EDATA, "weight -1");
  assert_fails(pfc_calibration(2, p, y, NULL, &x, &z, &err), PFC_EDATA, "row 1: probability");
  assert_fails(pfc_calibration(2, good, unknown, NULL, &x, &z, &err), PFC_EDATA, "outcome");
  assert_fails(pfc_calibration(2, good, y, minus, &x, &z, &err), PFC_EDATA, "weight");
  assert_fails(pfc_ece(2, p, good, NULL, 5, &x, &err), PFC_EDATA, "row 1: probability");
  assert_fails(pfc_ece(2, good, good, NULL, 0, &x, &err), PFC_EUSAGE, "number of bins is 0");
  assert_nan(pfc_log_loss(2, p, y, NULL));
  assert_nan(pfc_brier(2, good, unknown, NULL));
  assert_nan(pfc_mean_gap(2, good, y, minus));
  assert_fails(pfc_ece(2, good, p, NULL, 5, &x, &err), PFC_EDATA, "row 1: outcome is nan");
  assert_fails(pfc_ece(2, good, minus, NULL, 5, &x, &err), PFC_EDATA, "outcome is -1");
}

static pfc_status run(int which, pfc_error *err) {
  static const double p[4] = {0.2, 0.6, 0.4, 0.8};
  static const int8_t y[4] = {0, 0, 1, 1};
  double a, b;
  if (which == 0) return pfc_auc(4, p, y, NULL, &a, err);
  if (which == 1) return pfc_calibration(4, p, y, NULL, &a, &b, err);
  return pfc_ece(4, p, p, NULL, 3, &a, err);
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
      cmocka_unit_test(small_samples_by_hand),
      cmocka_unit_test(same_as_scikit_learn_and_glm),
      cmocka_unit_test(random_samples_equal_the_definitions),
      cmocka_unit_test(weights_count_as_copies),
      cmocka_unit_test(calibration_is_the_likelihood_maximum),
      cmocka_unit_test(calibration_of_almost_separated_classes),
      cmocka_unit_test(calibrated_probabilities_have_slope_one),
      cmocka_unit_test(one_class_is_undefined),
      cmocka_unit_test(certain_predictions_stay_finite),
      cmocka_unit_test(bad_input_is_named),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_probability", tests, NULL, NULL);
}
