// labels: property check
/* The ALS fit and its regression on attributes from one pair up, against float64: with and
 * without attributes, collinear ones, people and items nobody observed, and confidences over
 * eight decades. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/oracle/als_oracle.h"
#include "tests/support/near.h"
#include "trainer/als.h"

enum { MOST = 40, MOST_RANK = 9, MOST_COLUMNS = 8 };

typedef struct sample {
  int n[2], d[2]; /* people, items; 0 columns: no attributes */
  int decades;    /* that confidences span */
  pfc_csr conf, attributes[2];
  pfc_als_settings s;
} sample;

static void draw_attributes(sample *w, int side, pfc_rng *rng) {
  assert_ok(pfc_csr_init(&w->attributes[side], w->n[side], w->d[side], &err));
  for (int i = 0; i < w->n[side]; i++) {
    int32_t col[MOST_COLUMNS];
    float val[MOST_COLUMNS];
    int n = 0;
    for (int32_t a = 0; a < w->d[side]; a++) {
      if (a % 4 == 3) continue; /* nobody has it */
      if (a % 3 == 1 && pfc_rng_below(rng, 2)) continue;
      col[n] = a;
      /* The third column is the first once more. */
      val[n] = a == 2 && n > 0 ? val[0] : a % 3 == 1 ? 1 : (float)pfc_rng_normal(rng);
      n++;
    }
    assert_ok(pfc_csr_append(&w->attributes[side], n, col, val, &err));
  }
}

static void draw_pairs(sample *w, pfc_rng *rng) {
  const double density = pow(pfc_rng_uniform(rng), 2);
  assert_ok(pfc_csr_init(&w->conf, w->n[0], w->n[1], &err));
  for (int p = 0; p < w->n[0]; p++) {
    int32_t col[MOST];
    float val[MOST];
    int n = 0;
    for (int32_t i = 0; i < w->n[1]; i++) {
      const int first = p == w->n[0] / 2 && i == w->n[1] / 2; /* there is one pair at least */
      if (!first && pfc_rng_uniform(rng) > density) continue;
      col[n] = i;
      val[n++] = (float)pow(10, w->decades * (pfc_rng_uniform(rng) - 0.5));
    }
    assert_ok(pfc_csr_append(&w->conf, n, col, val, &err));
  }
}

static void draw(sample *w, pfc_rng *rng, int decades) {
  *w = (sample){.decades = decades};
  for (int side = 0; side < 2; side++) {
    w->n[side] = pfc_rng_below(rng, 4) ? 1 + (int)pfc_rng_below(rng, MOST) : 1;
    w->d[side] = (int)pfc_rng_below(rng, MOST_COLUMNS + 1);
    if (w->d[side]) draw_attributes(w, side, rng);
  }
  draw_pairs(w, rng);
  pfc_als_defaults(&w->s);
  w->s.rank = 1 + (int32_t)pfc_rng_below(rng, MOST_RANK);
  w->s.tolerance = 0;
  w->s.alpha0 = 0.01 + pfc_rng_uniform(rng);
  w->s.lambda = 0.05 + pfc_rng_uniform(rng);
  w->s.nu = pfc_rng_uniform(rng);
  w->s.kappa_people = pfc_rng_below(rng, 4) ? pfc_rng_uniform(rng) : 0;
  w->s.kappa_items = pfc_rng_below(rng, 4) ? 3 * pfc_rng_uniform(rng) : 0;
  w->s.prior_ridge = 0.05 + pfc_rng_uniform(rng);
}

static void drop(sample *w) {
  pfc_csr_clear(&w->conf);
  pfc_csr_clear(&w->attributes[0]);
  pfc_csr_clear(&w->attributes[1]);
}

static pfc_status fit(const sample *w, int sweeps, pfc_affinity *m, pfc_als_report *report,
                      pfc_error *err) {
  pfc_als_settings s = w->s;
  s.max_sweeps = sweeps;
  return pfc_als_fit(&w->conf, w->d[0] ? &w->attributes[0] : NULL,
                     w->d[1] ? &w->attributes[1] : NULL, &s, m, report, err);
}

static double *densify(const pfc_csr *m) {
  double *dense = pfc_alloc_array((size_t)m->n_rows * (size_t)m->n_cols, sizeof *dense);
  for (int64_t i = 0; i < m->n_rows; i++)
    for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
      dense[i * m->n_cols + m->col[e]] = (double)m->val[e];
  return dense;
}

/* The oracle in the state of m, or, NULL, where a fit begins. */
static oracle_als open_oracle(const sample *w, const pfc_affinity *m) {
  oracle_als o = {.k = w->s.rank,
                  .n = {w->n[0], w->n[1]},
                  .d = {w->d[0], w->d[1]},
                  .alpha0 = w->s.alpha0,
                  .lambda = w->s.lambda,
                  .nu = w->s.nu,
                  .kappa = {w->s.kappa_people, w->s.kappa_items},
                  .prior_ridge = w->s.prior_ridge};
  o.conf = densify(&w->conf);
  for (int side = 0; side < 2; side++) {
    const float *X = !m ? NULL : side ? m->items : m->people;
    const float *A = !m ? NULL : side ? m->item_prior : m->person_prior;
    o.F[side] = densify(&w->attributes[side]);
    o.X[side] = pfc_alloc_array((size_t)o.n[side] * (size_t)o.k, sizeof(double));
    o.A[side] = pfc_alloc_array((size_t)o.d[side] * (size_t)o.k, sizeof(double));
    for (int e = 0; X && e < o.n[side] * o.k; e++) o.X[side][e] = (double)X[e];
    for (int e = 0; A && e < o.d[side] * o.k; e++) o.A[side][e] = (double)A[e];
  }
  return o;
}

static void close_oracle(oracle_als *o) {
  pfc_free(o->conf);
  for (int side = 0; side < 2; side++) {
    pfc_free(o->F[side]);
    pfc_free(o->X[side]);
    pfc_free(o->A[side]);
  }
}

static int is_observed(const oracle_als *o, int side, int i) {
  for (int j = 0; j < o->n[1 - side]; j++)
    if (o->conf[side ? j * o->n[1] + i : i * o->n[1] + j] > 0) return 1;
  return 0;
}

/* The first items, as trainer/als.c states them. */
static void draw_items(oracle_als *o, uint64_t seed) {
  for (int i = 0; i < o->n[1]; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "als.items", (uint64_t)i);
    for (int f = 0; f < o->k && is_observed(o, 1, i); f++)
      o->X[1][i * o->k + f] = (double)(float)(0.1 / sqrt(o->k) * pfc_rng_normal(&rng));
  }
}

/* Three sweeps in float64 end where three in float32 do. Factors carry 2^-24 a solve, times
 * what the few equations of a row may amplify; the objective is flat there, so that it shows
 * the square of that: 1e-5 is ample, and a wrong term would cost far more. */
static void sweeps_of_any_shape_follow_dense_least_squares(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(121), "test.als_shapes", 0);
  for (int trial = 0; trial < 150; trial++) {
    sample w;
    pfc_affinity m = {0};
    pfc_als_report report;
    draw(&w, &rng, 1);
    assert_ok(fit(&w, 3, &m, &report, &err));
    oracle_als o = open_oracle(&w, NULL);
    draw_items(&o, w.s.seed);
    for (int part = 0; part < 6; part++) {
      oracle_als_solve_side(&o, part % 2);
      if (o.d[part % 2]) oracle_als_regress_side(&o, part % 2);
    }
    const double expected = oracle_als_objective(&o);
    assert_near(report.objective, expected, 1e-5 * expected);
    close_oracle(&o);
    pfc_affinity_clear(&m);
    drop(&w);
  }
}

/* (kappa F'F + ridge) B = kappa F'Y holds at the end, since the regression of the items is the
 * last step: B is rounded to float32, so its residual is 2^-24 of the sizes in it. */
static void check_regression(const oracle_als *o) {
  const int d = o->d[1], k = o->k;
  for (int a = 0; a < d; a++) {
    for (int f = 0; f < k; f++) {
      double sum = o->prior_ridge * o->A[1][a * k + f], size = fabs(sum);
      for (int i = 0; i < o->n[1]; i++) {
        if (!is_observed(o, 1, i)) continue;
        double prior = 0, prior_size = 0;
        for (int b = 0; b < d; b++) {
          const double term = o->F[1][i * d + b] * o->A[1][b * k + f];
          prior += term;
          prior_size += fabs(term);
        }
        const double scaled = o->kappa[1] * o->F[1][i * d + a];
        sum += scaled * (prior - o->X[1][i * k + f]);
        size += fabs(scaled) * (prior_size + fabs(o->X[1][i * k + f]));
      }
      assert_near(sum, 0, 4 * 0x1p-24 * size + 1e-30);
    }
  }
}

/* Confidences from 1e-4 to 1e4, the widest that float32 solves nearly always: the objective
 * never rises from sweep to sweep, is the sum over all pairs, and the regression is exact;
 * nothing is lost on the way. */
static void wide_confidences_keep_the_fit_sound(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(122), "test.als_shapes", 1);
  int n_refused = 0;
  for (int trial = 0; trial < 120; trial++) {
    sample w;
    draw(&w, &rng, 8);
    double before = INFINITY;
    for (int sweeps = 1; sweeps <= 4; sweeps += 3) {
      pfc_affinity m = {0};
      pfc_als_report report;
      pfc_error err = PFC_ERROR_INIT;
      if (fit(&w, sweeps, &m, &report, &err) != PFC_OK) {
        if (!strstr(err.msg, "not positive definite in float32")) fail_msg("%s", err.msg);
        n_refused++;
        break;
      }
      assert_true(report.objective <= before * (1 + 1e-5));
      before = report.objective;
      oracle_als o = open_oracle(&w, &m);
      const double expected = oracle_als_objective(&o);
      assert_near(report.objective, expected, 2e-6 * expected); /* priors are float32 */
      check_regression(&o);
      for (int e = 0; e < w.n[0] * w.s.rank; e++) assert_true(isfinite(m.people[e]));
      for (int e = 0; e < w.n[1] * w.s.rank; e++) assert_true(isfinite(m.items[e]));
      close_oracle(&o);
      pfc_affinity_clear(&m);
    }
    drop(&w);
  }
  assert_true(n_refused <= 4);
}

/* From one confidence of 1e-30 to one of 1e30, alone or beside ordinary ones: a fit, or the row
 * that float32 cannot solve. */
static void extreme_confidences_are_fitted_or_named(void **state) {
  (void)state;
  const float extremes[] = {1e-38F, 1e-30F, 1e-10F, 1e10F, 1e30F, 3e38F};
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(123), "test.als_shapes", 2);
  int n_fitted = 0;
  for (int trial = 0; trial < 60; trial++) {
    sample w;
    pfc_affinity m = {0};
    pfc_als_report report;
    pfc_error err = PFC_ERROR_INIT;
    draw(&w, &rng, 1);
    const int64_t n = w.conf.start[w.conf.n_rows];
    const float extreme = extremes[trial % 6];
    if (trial % 12 < 6) w.conf.val[pfc_rng_below(&rng, (uint64_t)n)] = extreme;
    for (int64_t e = 0; e < n && trial % 12 >= 6; e++) w.conf.val[e] = extreme;
    if (fit(&w, 3, &m, &report, &err) == PFC_OK) {
      assert_true(isfinite(report.objective));
      for (int e = 0; e < w.n[1] * w.s.rank; e++) assert_true(isfinite(m.items[e]));
      n_fitted++;
    } else {
      assert_int_equal(err.status, PFC_ENUMERIC);
      assert_true(strstr(err.msg, "affinity: ") == err.msg);
    }
    pfc_affinity_clear(&m);
    drop(&w);
  }
  assert_true(n_fitted >= 30);
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sweeps_of_any_shape_follow_dense_least_squares),
      cmocka_unit_test(wide_confidences_keep_the_fit_sound),
      cmocka_unit_test(extreme_confidences_are_fitted_or_named),
  };
  return cmocka_run_group_tests_name("trainer/als shapes", tests, set_up, NULL);
}
