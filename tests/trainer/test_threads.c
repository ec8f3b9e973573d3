// labels: property check
/* Fits that are large enough to be shared among threads (PFC_WORTH_THREADS): the same bytes
 * for one, two and three of them. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "trainer/als.h"
#include "trainer/hazard_fit.h"
#include "trainer/logit.h"

/* Twelve one-hot fields, the last of them a number. */
enum { ROWS = 100000, FIELDS = 12, LEVELS = 4, D = FIELDS * LEVELS };

static void draw_features(pfc_csr *x, uint64_t seed, int32_t n_cols) {
  assert_ok(pfc_csr_init(x, ROWS, n_cols, &err));
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.threads", 0);
  for (int i = 0; i < ROWS; i++) {
    int32_t col[FIELDS];
    float val[FIELDS];
    for (int f = 0; f < FIELDS; f++) {
      col[f] = f * LEVELS + (int32_t)(pfc_rng_next(&rng) >> 62);
      val[f] = f + 1 < FIELDS ? 1 : (float)pfc_rng_normal(&rng);
    }
    assert_ok(pfc_csr_append(x, FIELDS, col, val, &err));
  }
  assert_true(PFC_WORTH_THREADS(x->start[ROWS]));
}

/* Runs fn with 1, 2 and 3 threads; size bytes of its results must not differ. */
static void assert_same_bytes(void (*fn)(const void *user, void *result), const void *user,
                              size_t size) {
  unsigned char *result[3];
  for (int threads = 1; threads <= 3; threads++) {
    omp_set_num_threads(threads);
    result[threads - 1] = pfc_alloc_array(size, 1);
    fn(user, result[threads - 1]);
  }
  omp_set_num_threads(2);
  for (int t = 1; t < 3; t++) assert_memory_equal(result[0], result[t], size);
  for (int t = 0; t < 3; t++) pfc_free(result[t]);
}

static void run_logit(const void *user, void *result) {
  pfc_newton_settings settings;
  pfc_newton_defaults(&settings);
  pfc_newton_report report;
  assert_ok(pfc_logit_fit(user, &settings, result, &report, &err));
  assert_int_equal(report.converged, 1);
}

static void logistic_regression(void **state) {
  (void)state;
  pfc_csr x;
  draw_features(&x, 1, D);
  float *y = pfc_alloc_array(ROWS, sizeof *y);
  double ridge[D];
  int32_t field[D];
  pfc_rng rng;
  pfc_rng_init(&rng, 2, "test.threads", 0);
  for (int i = 0; i < ROWS; i++) y[i] = pfc_rng_uniform(&rng) < 0.1 + 0.2 * (x.col[i] % 4);
  for (int j = 0; j < D; j++) {
    ridge[j] = 1;
    field[j] = j / LEVELS;
  }
  const pfc_logit_problem p = {
      .x = &x, .y = y, .ridge = ridge, .field = field, .n_fields = FIELDS};
  assert_same_bytes(run_logit, &p, (D + 1) * sizeof(double));
  pfc_free(y);
  pfc_csr_clear(&x);
}

enum { SEGMENTS = 20 };

static void run_hazard(const void *user, void *result) {
  pfc_hazard_fit_settings settings;
  pfc_hazard_fit_defaults(&settings);
  settings.max_em = 2;
  pfc_newton_report report;
  double *w = result;
  assert_ok(pfc_hazard_fit(user, PFC_PROFICIENT, &settings, w, w + SEGMENTS, &report, &err));
}

static void hazards(void **state) {
  (void)state;
  double from[SEGMENTS], to[SEGMENTS], ridge[D], baseline_ridge[SEGMENTS] = {0};
  int32_t param[SEGMENTS][PFC_N_CAUSES][PFC_CURVE_PARAMS];
  for (int s = 0; s < SEGMENTS; s++) {
    from[s] = 5 * s;
    to[s] = 5 * (s + 1);
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      param[s][r][0] = s;
      param[s][r][1] = -1;
    }
  }
  const pfc_curve curve = {SEGMENTS, from, to, param};
  pfc_csr x;
  draw_features(&x, 3, D);
  pfc_episode *spell = pfc_alloc_array(ROWS, sizeof *spell);
  int32_t *curve_of = pfc_alloc_array(ROWS, sizeof *curve_of);
  pfc_rng rng;
  pfc_rng_init(&rng, 4, "test.threads", 0);
  for (int i = 0; i < ROWS; i++) {
    spell[i].duration_days = 1 + floor(109 * sqrt(pfc_rng_uniform(&rng)));
    spell[i].event = (pfc_cause)((int)(pfc_rng_next(&rng) >> 63) - 1);
    spell[i].last_below_days = i % 50 ? NAN : spell[i].duration_days / 2;
  }
  for (int j = 0; j < D; j++) ridge[j] = 1;
  const pfc_hazard_problem p = {.n = ROWS,
                                .spell = spell,
                                .curve_of = curve_of,
                                .n_curves = 1,
                                .curves = &curve,
                                .x = &x,
                                .ridge = ridge,
                                .tick_days = 1,
                                .n_baseline = SEGMENTS,
                                .baseline_ridge = baseline_ridge};
  assert_same_bytes(run_hazard, &p, (SEGMENTS + D) * sizeof(double));
  pfc_free(spell);
  pfc_free(curve_of);
  pfc_csr_clear(&x);
}

enum { ITEMS = 40, RANK = 3, MANY_ATTRIBUTES = 2100 };

typedef struct als_problem {
  pfc_csr conf, attributes;
} als_problem;

static void run_als(const void *user, void *result) {
  const als_problem *p = user;
  pfc_als_settings settings;
  pfc_als_defaults(&settings);
  settings.rank = RANK;
  settings.max_sweeps = 2;
  pfc_affinity m = {0};
  pfc_als_report report;
  assert_ok(pfc_als_fit(&p->conf, &p->attributes, NULL, &settings, &m, &report, &err));
  float *out = result;
  memcpy(out, m.people, sizeof *out * ROWS * RANK);
  memcpy(out + ROWS * RANK, m.items, sizeof *out * ITEMS * RANK);
  memcpy(out + (ROWS + ITEMS) * RANK, m.person_prior, sizeof *out * MANY_ATTRIBUTES * RANK);
  pfc_affinity_clear(&m);
}

/* Attributes too many for a factorization: their regression runs by conjugate gradients. */
static void least_squares(void **state) {
  (void)state;
  als_problem p;
  draw_features(&p.attributes, 5, MANY_ATTRIBUTES);
  assert_ok(pfc_csr_init(&p.conf, ROWS, ITEMS, &err));
  for (int i = 0; i < ROWS; i++) {
    const int32_t col[] = {i % ITEMS, (i * 7 + i / ITEMS) % ITEMS};
    const float val[] = {1, 0.5F};
    assert_ok(pfc_csr_append(&p.conf, 2, col, val, &err));
  }
  assert_same_bytes(run_als, &p,
                    sizeof(float) * RANK * (size_t)(ROWS + ITEMS + MANY_ATTRIBUTES));
  pfc_csr_clear(&p.conf);
  pfc_csr_clear(&p.attributes);
}

static int set_up(void **state) {
  (void)state;
  return pfc_par_init(2, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(logistic_regression),
      cmocka_unit_test(hazards),
      cmocka_unit_test(least_squares),
  };
  return cmocka_run_group_tests_name("trainer/threads", tests, set_up, NULL);
}
