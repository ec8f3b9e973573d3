// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "models/affinity.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"

enum { MAX_K = 33, MAX_ITEMS = 400 };

/* A random row problem. */
typedef struct row_problem {
  int k, n_items, n;
  float Y[MAX_ITEMS * MAX_K];
  int32_t cols[MAX_ITEMS];
  float conf[MAX_ITEMS];
  float prior[MAX_K];
  double alpha0, lambda, kappa;
} row_problem;

static void draw(row_problem *r, uint64_t seed, uint64_t trial) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.affinity", trial);
  r->k = 1 + (int)pfc_rng_below(&rng, MAX_K);
  r->n_items = 1 + (int)pfc_rng_below(&rng, MAX_ITEMS);
  r->n = 0;
  const double density = pfc_rng_uniform(&rng);
  for (int i = 0; i < r->n_items; i++) {
    for (int f = 0; f < r->k; f++) r->Y[i * r->k + f] = (float)pfc_rng_normal(&rng) / 2;
    if (pfc_rng_uniform(&rng) > density) continue;
    r->cols[r->n] = i;
    r->conf[r->n++] = (float)pfc_rng_uniform(&rng) * 3;
  }
  for (int f = 0; f < r->k; f++) r->prior[f] = (float)pfc_rng_normal(&rng);
  r->alpha0 = 0.01 + pfc_rng_uniform(&rng);
  r->lambda = 0.05 + pfc_rng_uniform(&rng);
  r->kappa = trial % 3 == 0 ? 0 : pfc_rng_uniform(&rng);
}

static double dot(int k, const float *x, const float *y) {
  double sum = 0;
  for (int f = 0; f < k; f++) sum += (double)x[f] * (double)y[f];
  return sum;
}

/* Half the gradient of the row's objective at x, pair by pair, and the size of its terms. */
static double half_gradient(const row_problem *r, const float *x, int f, double *size) {
  const double pull = r->kappa * ((double)x[f] - (double)r->prior[f]);
  double g = r->lambda * (double)x[f] + pull;
  *size = fabs(r->lambda * (double)x[f]) + fabs(pull);
  for (int i = 0; i < r->n_items; i++) {
    const double term = r->alpha0 * dot(r->k, x, r->Y + i * r->k) * (double)r->Y[i * r->k + f];
    g += term;
    *size += fabs(term);
  }
  for (int j = 0; j < r->n; j++) {
    const float *y = r->Y + r->cols[j] * r->k;
    const double term = (double)r->conf[j] * (dot(r->k, x, y) - 1) * (double)y[f];
    g += term;
    *size += fabs(term);
  }
  return g;
}

static pfc_status solve(const row_problem *r, float *x, pfc_error *err) {
  float G[MAX_K * MAX_K], scratch[PFC_AFFINITY_SCRATCH(MAX_K)];
  const pfc_status st = pfc_affinity_gram(r->k, r->n_items, r->Y, r->alpha0, G, err);
  if (st != PFC_OK) return st;
  const pfc_affinity_rows rows = {r->k, r->Y, G, r->kappa};
  return pfc_affinity_row(&rows, r->n, r->cols, r->conf, r->lambda, r->prior, scratch, x, err);
}

/* Rows of none to 400 observations (several panels), ranks that fill no vector register. */
static void a_row_minimizes_its_objective(void **state) {
  (void)state;
  static row_problem r;
  const uint64_t seed = test_seed(11);
  int longest = 0;
  for (uint64_t trial = 0; trial < 150; trial++) {
    float x[MAX_K];
    draw(&r, seed, trial);
    assert_ok(solve(&r, x, &err));
    for (int f = 0; f < r.k; f++) {
      double size;
      const double g = half_gradient(&r, x, f, &size);
      assert_near(g, 0, 3e-6 * (size + 1));
    }
    if (r.n > longest) longest = r.n;
  }
  assert_true(longest > 128);
}

static void a_row_without_observations_leans_on_its_prior(void **state) {
  (void)state;
  static row_problem r;
  draw(&r, 1, 1);
  r.n = r.n_items = 0;
  r.lambda = 0.5;
  r.kappa = 1.5;
  float x[MAX_K];
  assert_ok(solve(&r, x, &err));
  for (int f = 0; f < r.k; f++) assert_near(x[f], 0.75 * (double)r.prior[f], 1e-6);
  float zero[PFC_AFFINITY_SCRATCH(MAX_K)], G[MAX_K * MAX_K] = {0};
  const pfc_affinity_rows rows = {r.k, r.Y, G, r.kappa};
  assert_ok(pfc_affinity_row(&rows, 0, NULL, NULL, r.lambda, NULL, zero, x, &err));
  for (int f = 0; f < r.k; f++) assert_near(x[f], 0, 0);
}

static void bad_arithmetic_is_reported(void **state) {
  (void)state;
  static row_problem r;
  draw(&r, 1, 2);
  float x[MAX_K], scratch[PFC_AFFINITY_SCRATCH(MAX_K)], G[MAX_K * MAX_K] = {0};
  const pfc_affinity_rows rows = {r.k, r.Y, G, 1};
  for (int f = 0; f < r.k; f++) G[f * r.k + f] = -5;
  assert_fails(pfc_affinity_row(&rows, 0, NULL, NULL, 1, r.prior, scratch, x, &err),
               PFC_ENUMERIC, "pivot 1 is not positive");
  for (int f = 0; f < r.k; f++) G[f * r.k + f] = 1;
  r.prior[0] = NAN;
  assert_fails(pfc_affinity_row(&rows, 0, NULL, NULL, 1, r.prior, scratch, x, &err),
               PFC_ENUMERIC, "not finite");
}

enum { MANY = 40 * PFC_TILE + 17, RANK = 5 };

static float *many_rows(void) {
  float *Y = pfc_alloc_array((size_t)MANY * RANK, sizeof *Y);
  pfc_rng rng;
  pfc_rng_init(&rng, 3, "test.affinity.many", 0);
  for (int i = 0; i < MANY * RANK; i++) Y[i] = (float)pfc_rng_normal(&rng);
  return Y;
}

static void moments_are_sums_of_products(void **state) {
  (void)state;
  float *Y = many_rows(), G[RANK * RANK];
  const int32_t sizes[] = {0, 1, 255, 257, PFC_TILE, PFC_TILE + 1, 17 * PFC_TILE, MANY};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    double S[RANK * RANK];
    assert_ok(pfc_affinity_moments(RANK, sizes[s], Y, S, &err));
    assert_ok(pfc_affinity_gram(RANK, sizes[s], Y, 0.25, G, &err));
    for (int e = 0; e < RANK * RANK; e++) {
      double sum = 0;
      for (int i = 0; i < sizes[s]; i++)
        sum += (double)Y[i * RANK + e / RANK] * (double)Y[i * RANK + e % RANK];
      assert_near(S[e], sum, 1e-12 * (fabs(sum) + sizes[s]));
      assert_near(G[e], 0.25 * sum, 1e-7 * (fabs(sum) + 1));
    }
  }
  pfc_free(Y);
}

static void moments_keep_their_bits_for_any_threads(void **state) {
  (void)state;
  float *Y = many_rows();
  double S[3][RANK * RANK];
  for (int threads = 1; threads <= 3; threads++) {
    omp_set_num_threads(threads);
    assert_ok(pfc_affinity_moments(RANK, MANY, Y, S[threads - 1], &err));
  }
  omp_set_num_threads(2);
  assert_memory_equal(S[0], S[1], sizeof S[0]);
  assert_memory_equal(S[0], S[2], sizeof S[0]);
  pfc_free(Y);
}

static void priors_add_up(void **state) {
  (void)state;
  const float A[] = {1, 2, 10, 20, 100, 200};
  const int32_t col[] = {0, 2, 0};
  const float val[] = {1, -2, 0.5F};
  float prior[2] = {7, 7};
  pfc_affinity_prior(2, A, 3, col, val, prior);
  assert_near(prior[0], -198.5, 0);
  assert_near(prior[1], -397, 0);
  pfc_affinity_prior(2, A, 0, NULL, NULL, prior);
  assert_near(prior[0], 0, 0);
}

static void the_ridge_grows_with_frequency(void **state) {
  (void)state;
  pfc_affinity m = {.alpha0 = 0.1, .lambda = 0.5, .nu = 0.5};
  assert_near(pfc_affinity_ridge(&m, 6, 100), 0.5 * 4, 1e-15);
  m.nu = 0;
  assert_near(pfc_affinity_ridge(&m, 6, 100), 0.5, 0);
}

static void confidence_follows_what_was_known(void **state) {
  (void)state;
  pfc_affinity_weights w = {.registered = 0.5, .started = 1, .passed = 3};
  pfc_attempt a = {
      .registered = 90, .start = 100, .end = 120, .known = 120, .started = 1, .result = 1};
  assert_near(pfc_affinity_confidence(&w, &a, 110), 1, 0);
  assert_near(pfc_affinity_confidence(&w, &a, 120), 1, 0);
  assert_near(pfc_affinity_confidence(&w, &a, 121), 3, 0);
  assert_near(pfc_affinity_confidence(&w, &a, PFC_NO_DATE), 3, 0);
  a.result = 0;
  assert_near(pfc_affinity_confidence(&w, &a, 200), 1, 0);
  a.result = -1;
  a.started = 0;
  assert_near(pfc_affinity_confidence(&w, &a, 200), 0.5, 0);
}

static void confidence_halves_with_age(void **state) {
  (void)state;
  pfc_affinity_weights w = {.registered = 0.5, .started = 1, .passed = 1, .half_life_days = 50};
  pfc_attempt a = {.registered = 50,
                   .start = 100,
                   .end = PFC_NO_DATE,
                   .known = PFC_NO_DATE,
                   .started = 1,
                   .result = -1};
  assert_near(pfc_affinity_confidence(&w, &a, 100), 1, 0);
  assert_near(pfc_affinity_confidence(&w, &a, 150), 0.5, 1e-15);
  assert_near(pfc_affinity_confidence(&w, &a, 200), 0.25, 1e-15);
  assert_near(pfc_affinity_confidence(&w, &a, PFC_NO_DATE), 1, 0);
  a.started = 0;
  assert_near(pfc_affinity_confidence(&w, &a, 150), 0.125, 1e-15);
  a.registered = PFC_NO_DATE;
  assert_near(pfc_affinity_confidence(&w, &a, 150), 0.5, 0);
}

static pfc_status gram_of_many(void *user) {
  float G[RANK * RANK];
  return pfc_affinity_gram(RANK, 3000, user, 1, G, NULL);
}

static void memory_may_run_out(void **state) {
  (void)state;
  float *Y = many_rows();
  assert_true(count_down(gram_of_many, Y) >= 3);
  pfc_free(Y);
}

static void clearing_is_safe_at_any_time(void **state) {
  (void)state;
  pfc_affinity m = {0};
  pfc_affinity_clear(&m);
  m.people = pfc_alloc_array(4, sizeof *m.people);
  m.item_count = pfc_alloc_array(4, sizeof *m.item_count);
  m.rank = 4;
  pfc_affinity_clear(&m);
  assert_null(m.people);
  assert_null(m.item_count);
  assert_int_equal(m.rank, 0);
  pfc_affinity_clear(&m);
}

static int set_up(void **state) {
  (void)state;
  return pfc_par_init(2, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_row_minimizes_its_objective),
      cmocka_unit_test(a_row_without_observations_leans_on_its_prior),
      cmocka_unit_test(bad_arithmetic_is_reported),
      cmocka_unit_test(moments_are_sums_of_products),
      cmocka_unit_test(moments_keep_their_bits_for_any_threads),
      cmocka_unit_test(priors_add_up),
      cmocka_unit_test(the_ridge_grows_with_frequency),
      cmocka_unit_test(confidence_follows_what_was_known),
      cmocka_unit_test(confidence_halves_with_age),
      cmocka_unit_test(memory_may_run_out),
      cmocka_unit_test(clearing_is_safe_at_any_time),
  };
  return cmocka_run_group_tests_name("models/affinity", tests, set_up, NULL);
}
