// labels: property check
/* Logistic fits with a Gaussian prior, against Newton on dense matrices from the definition. */
#include "tests/support/test.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/logit.h"

enum { D = 7, N = D + 1, FULL = 6, ROWS = 60, DRAWS = 30 };

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(81);
  return pfc_par_init(2, NULL);
}

/* Coefficients 1 and 4 stand alone in the prior, all others hang together. */
static const int32_t KEPT[FULL] = {0, 2, 3, 5, 6, 7};

typedef struct world {
  pfc_csr x;
  float y[ROWS];
  double row[ROWS][N]; /* the same, dense, with the intercept */
  double dense[N][N];  /* P */
  double mean[N];
  pfc_posterior prior;
} world;

static void draw_rows(pfc_rng *rng, world *w) {
  assert_ok(pfc_csr_init(&w->x, ROWS, D, &err));
  for (int i = 0; i < ROWS; i++) {
    int32_t col[D];
    float val[D];
    int n = 0;
    for (int32_t j = 0; j < D; j++) {
      if (pfc_rng_below(rng, 3) == 0) continue;
      col[n] = j;
      val[n] = (float)pfc_rng_normal(rng);
      w->row[i][j] = (double)val[n++];
    }
    w->row[i][D] = 1;
    w->y[i] = (float)pfc_rng_below(rng, 2);
    assert_ok(pfc_csr_append(&w->x, n, col, val, &err));
  }
}

/* A A' + I of the kept ones, a number of its own for each of the others. */
static void draw_prior(pfc_rng *rng, world *w) {
  double A[FULL][FULL];
  for (int a = 0; a < FULL; a++)
    for (int b = 0; b < FULL; b++) A[a][b] = pfc_rng_normal(rng);
  w->prior = (pfc_posterior){.n = N, .n_full = FULL};
  w->prior.full = pfc_alloc_array(FULL, sizeof *w->prior.full);
  w->prior.precision = pfc_alloc_array(FULL * (FULL + 1) / 2, sizeof *w->prior.precision);
  w->prior.diagonal = pfc_alloc_array(N, sizeof *w->prior.diagonal);
  int at = 0;
  for (int a = 0; a < FULL; a++) {
    w->prior.full[a] = KEPT[a];
    for (int b = 0; b <= a; b++) {
      double sum = a == b;
      for (int k = 0; k < FULL; k++) sum += A[a][k] * A[b][k];
      w->prior.precision[at++] = sum;
      w->dense[KEPT[a]][KEPT[b]] = w->dense[KEPT[b]][KEPT[a]] = sum;
    }
  }
  w->prior.diagonal[1] = w->dense[1][1] = 0.5 + pfc_rng_uniform(rng);
  w->prior.diagonal[4] = w->dense[4][4] = 3 + pfc_rng_uniform(rng);
  for (int j = 0; j < N; j++) w->mean[j] = pfc_rng_normal(rng);
}

static world *draw(uint64_t id) {
  world *w = pfc_alloc_array(1, sizeof *w);
  pfc_rng rng;
  assert_non_null(w);
  pfc_rng_init(&rng, seed, "logit prior", id);
  draw_rows(&rng, w);
  draw_prior(&rng, w);
  return w;
}

static void drop(world *w) {
  pfc_csr_clear(&w->x);
  pfc_posterior_clear(&w->prior);
  pfc_free(w);
}

static pfc_logit_problem problem_of(const world *w) {
  return (pfc_logit_problem){.x = &w->x, .y = w->y, .prior = &w->prior, .prior_mean = w->mean};
}

static pfc_newton_settings tight(void) {
  pfc_newton_settings s;
  pfc_newton_defaults(&s);
  s.tolerance = 1e-11;
  return s;
}

/* Gradient and Hessian as they are written, and whole Newton steps: the prior is strong enough
 * for these to arrive. */
static void dense_newton(const world *w, double *at) {
  memcpy(at, w->mean, sizeof w->mean);
  for (int step = 0; step < 60; step++) {
    double g[N], H[N * N];
    for (int a = 0; a < N; a++) {
      g[a] = 0;
      for (int b = 0; b < N; b++) {
        H[a * N + b] = w->dense[a][b];
        g[a] += w->dense[a][b] * (at[b] - w->mean[b]);
      }
    }
    for (int i = 0; i < ROWS; i++) {
      double eta = 0;
      for (int a = 0; a < N; a++) eta += w->row[i][a] * at[a];
      const double p = 1 / (1 + exp(-eta));
      for (int a = 0; a < N; a++) {
        g[a] += (p - (double)w->y[i]) * w->row[i][a];
        for (int b = 0; b < N; b++) H[a * N + b] += p * (1 - p) * w->row[i][a] * w->row[i][b];
      }
    }
    oracle_solve(N, H, g);
    for (int a = 0; a < N; a++) at[a] -= g[a];
  }
}

static void fits_as_dense_newton_does(void **state) {
  (void)state;
  const pfc_newton_settings s = tight();
  for (uint64_t k = 0; k < DRAWS; k++) {
    world *w = draw(k);
    double expected[N], got[N];
    pfc_newton_report report;
    const pfc_logit_problem p = problem_of(w);
    memcpy(got, w->mean, sizeof got);
    dense_newton(w, expected);
    assert_ok(pfc_logit_fit(&p, &s, got, &report, &err));
    for (int j = 0; j < N; j++) assert_near(got[j], expected[j], 1e-7);
    drop(w);
  }
}

/* Without a prior no intercept fits rows that came out alike. */
static void rows_of_one_result_move_it_no_further_than_the_prior_lets_them(void **state) {
  (void)state;
  const pfc_newton_settings s = tight();
  world *w = draw(DRAWS);
  double expected[N], got[N] = {0};
  pfc_newton_report report;
  for (int i = 0; i < ROWS; i++) w->y[i] = 1;
  dense_newton(w, expected);
  const pfc_logit_problem p = problem_of(w);
  assert_ok(pfc_logit_fit(&p, &s, got, &report, &err));
  for (int j = 0; j < N; j++) assert_near(got[j], expected[j], 1e-7);
  drop(w);
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  const pfc_newton_settings s = tight();
  world *w = draw(0);
  double got[N] = {0};
  pfc_newton_report report;
  const pfc_logit_problem p = problem_of(w);
  w->prior.n--;
  assert_fails(pfc_logit_fit(&p, &s, got, &report, &err), PFC_EUSAGE,
               "a prior of 7 coefficients, but there are 8");
  w->prior.n++;
  w->mean[2] = NAN;
  assert_fails(pfc_logit_fit(&p, &s, got, &report, &err), PFC_EUSAGE,
               "mean of coefficient 2 is not finite");
  w->mean[2] = 0;
  w->prior.precision[2] = -1; /* of coefficient 2 with itself */
  assert_fails(pfc_logit_fit(&p, &s, got, &report, &err), PFC_ENUMERIC,
               "not positive definite at coefficient 2");
  drop(w);
}

static pfc_status fit_once(void *user) {
  const world *w = user;
  const pfc_newton_settings s = tight();
  const pfc_logit_problem p = problem_of(w);
  double got[N] = {0};
  pfc_newton_report report;
  return pfc_logit_fit(&p, &s, got, &report, NULL);
}

static void memory_may_run_out(void **state) {
  (void)state;
  world *w = draw(1);
  assert_true(count_down(fit_once, w) > 5);
  drop(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fits_as_dense_newton_does),
      cmocka_unit_test(rows_of_one_result_move_it_no_further_than_the_prior_lets_them),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
