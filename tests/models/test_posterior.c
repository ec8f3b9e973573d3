// labels: unit property check
/* Posteriors against dense matrices: P is built whole from its definition, and what is
 * marginalized out of it goes by inverting it, not by Schur complements. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/rng.h"
#include "models/posterior.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"

enum { COMMON = 7, PEOPLE = 5, D = COMMON + PEOPLE, N = D + 1, ROWS = 60, MANY = 1100 };

/* Rows with a dense number, one of three categories, two that are seldom, and one person. */
typedef struct drawn {
  pfc_csr x;
  double weight[ROWS];
  double ridge[N];
  uint8_t single[N];
} drawn;

static void draw(pfc_rng *rng, drawn *w) {
  *w = (drawn){0};
  assert_ok(pfc_csr_init(&w->x, ROWS, D, &err));
  for (int i = 0; i < ROWS; i++) {
    const int32_t person = (int32_t)pfc_rng_below(rng, PEOPLE);
    const int32_t col[] = {0, 1 + (int32_t)pfc_rng_below(rng, 3),
                           4 + (int32_t)pfc_rng_below(rng, 3), COMMON + person};
    const float val[] = {(float)pfc_rng_normal(rng), 1, (float)pfc_rng_normal(rng), 1.5F};
    assert_ok(pfc_csr_append(&w->x, 4, col, val, &err));
    w->weight[i] = pfc_rng_uniform(rng) / 4;
  }
  for (int j = 0; j < N; j++) {
    w->ridge[j] = 0.1 + pfc_rng_uniform(rng);
    w->single[j] = j >= COMMON && j < D;
  }
}

/* prior[N x N] += sum of weight x x', from the definition. */
static void add_rows(const drawn *w, double *dense) {
  for (int i = 0; i < ROWS; i++) {
    double row[N] = {0};
    row[D] = 1;
    for (int64_t e = w->x.start[i]; e < w->x.start[i + 1]; e++)
      row[w->x.col[e]] = (double)w->x.val[e];
    for (int a = 0; a < N; a++)
      for (int b = 0; b < N; b++) dense[a * N + b] += w->weight[i] * row[a] * row[b];
  }
}

static void invert(int n, const double *a, double *inverse) {
  double *scratch = pfc_alloc_array((size_t)n * (size_t)n, sizeof *scratch);
  double *unit = pfc_alloc_array((size_t)n, sizeof *unit);
  for (int j = 0; j < n; j++) {
    memcpy(scratch, a, sizeof *a * (size_t)n * (size_t)n);
    memset(unit, 0, sizeof *unit * (size_t)n);
    unit[j] = 1;
    oracle_solve(n, scratch, unit);
    for (int i = 0; i < n; i++) inverse[i * n + j] = unit[i];
  }
  pfc_free(scratch);
  pfc_free(unit);
}

/* The marginal precision of the coefficients `keep` of a dense P of n: the inverse of their
 * covariance. */
static void marginal(int n, const double *dense, int n_keep, const int32_t *keep, double *out) {
  double *cov = pfc_alloc_array((size_t)n * (size_t)n, sizeof *cov);
  double *part = pfc_alloc_array((size_t)n_keep * (size_t)n_keep, sizeof *part);
  invert(n, dense, cov);
  for (int a = 0; a < n_keep; a++)
    for (int b = 0; b < n_keep; b++) part[a * n_keep + b] = cov[keep[a] * n + keep[b]];
  invert(n_keep, part, out);
  pfc_free(cov);
  pfc_free(part);
}

static void assert_whole(const pfc_posterior *p, int n_full, const double *expected) {
  size_t at = 0;
  assert_int_equal(p->n_full, n_full);
  for (int a = 0; a < n_full; a++)
    for (int b = 0; b <= a; b++, at++)
      assert_near(p->precision[at], expected[a * n_full + b], 1e-9);
}

/* Dense P of what p says: block of the full ones, and the diagonal of the others. */
static void densify(const pfc_posterior *p, double *dense) {
  size_t at = 0;
  memset(dense, 0, sizeof *dense * (size_t)p->n * (size_t)p->n);
  for (int a = 0; a < p->n_full; a++) {
    for (int b = 0; b <= a; b++, at++) {
      dense[p->full[a] * p->n + p->full[b]] = p->precision[at];
      dense[p->full[b] * p->n + p->full[a]] = p->precision[at];
    }
  }
  for (int j = 0; j < p->n; j++) dense[j * p->n + j] += p->diagonal[j];
}

static void list_full(int32_t *keep) {
  for (int j = 0; j < COMMON; j++) keep[j] = j;
  keep[COMMON] = D;
}

static void people_are_marginalized_out(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "posterior", 0);
  for (int round = 0; round < 20; round++) {
    drawn w;
    pfc_posterior p;
    double dense[N * N] = {0}, expected[(COMMON + 1) * (COMMON + 1)];
    int32_t keep[COMMON + 1];
    draw(&rng, &w);
    list_full(keep);
    for (int j = 0; j < N; j++) dense[j * N + j] = w.ridge[j];
    add_rows(&w, dense);
    marginal(N, dense, COMMON + 1, keep, expected);
    assert_ok(pfc_posterior_fit(&w.x, w.weight, true, NULL, w.ridge, w.single, &p, &err));
    assert_int_equal(p.n, N);
    assert_whole(&p, COMMON + 1, expected);
    for (int k = 0; k <= COMMON; k++) assert_int_equal(p.full[k], keep[k]);
    for (int j = 0; j < N; j++)
      assert_near(p.diagonal[j], w.single[j] ? dense[j * N + j] : 0, 1e-9);
    pfc_posterior_clear(&p);
    pfc_csr_clear(&w.x);
  }
}

/* What a fit knew, rows added to it, and someone dropped from those kept whole. */
static void a_prior_is_added_to(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(2), "posterior", 0);
  for (int round = 0; round < 20; round++) {
    drawn first, second;
    pfc_posterior p, q;
    double before[N * N], dense[N * N] = {0}, expected[COMMON * COMMON];
    int32_t keep[COMMON];
    draw(&rng, &first);
    draw(&rng, &second);
    assert_ok(pfc_posterior_fit(&first.x, first.weight, true, NULL, first.ridge, first.single,
                                &p, &err));
    second.single[2] = 1; /* was kept whole; out of the prior it goes by its own marginal */
    for (int j = 0, k = 0; j < N; j++)
      if (!second.single[j]) keep[k++] = j;
    assert_ok(
        pfc_posterior_fit(&second.x, second.weight, true, &p, NULL, second.single, &q, &err));
    assert_int_equal(q.n_full, COMMON);
    /* Expected: the prior's marginal of those kept, beside it the prior's diagonal. Category 2
     * and a person meet in a row; there the row counts twice in the diagonal of both. */
    densify(&p, before);
    double kept[COMMON * COMMON];
    marginal(N, before, COMMON, keep, kept);
    for (int a = 0; a < COMMON; a++)
      for (int b = 0; b < COMMON; b++) dense[keep[a] * N + keep[b]] = kept[a * COMMON + b];
    for (int j = 0; j < N; j++)
      if (second.single[j]) dense[j * N + j] = before[j * N + j];
    add_rows(&second, dense);
    for (int j = COMMON; j < D; j++) dense[2 * N + j] = dense[j * N + 2] = 0;
    for (int i = 0; i < ROWS; i++) {
      int has = 0, person = -1;
      for (int64_t e = second.x.start[i]; e < second.x.start[i + 1]; e++) {
        has |= second.x.col[e] == 2;
        if (second.x.col[e] >= COMMON) person = second.x.col[e];
      }
      if (!has) continue;
      dense[2 * N + 2] += second.weight[i];
      dense[person * N + person] += second.weight[i] * 1.5 * 1.5;
    }
    marginal(N, dense, COMMON, keep, expected);
    assert_whole(&q, COMMON, expected);
    pfc_posterior_clear(&p);
    pfc_posterior_clear(&q);
    pfc_csr_clear(&first.x);
    pfc_csr_clear(&second.x);
  }
}

/* Columns dropped, new ones, and others in another order: the covariance of those that stay is
 * what it was. */
static void remapped_it_is_the_same_belief(void **state) {
  (void)state;
  enum { M = 9 };
  const int32_t from[M] = {D, -1, 0, 9, 5, 1, -1, COMMON, 3};
  double fresh[M] = {0}, before[N * N], after[M * M], cov[N * N], now[M * M];
  pfc_rng rng;
  drawn w;
  pfc_posterior p, q;
  pfc_rng_init(&rng, test_seed(3), "posterior", 0);
  draw(&rng, &w);
  fresh[1] = 2;
  fresh[6] = 3;
  assert_ok(pfc_posterior_fit(&w.x, w.weight, true, NULL, w.ridge, w.single, &p, &err));
  assert_ok(pfc_posterior_remap(&p, M, from, fresh, &q, &err));
  assert_int_equal(q.n, M);
  densify(&p, before);
  densify(&q, after);
  invert(N, before, cov);
  invert(M, after, now);
  for (int a = 0; a < M; a++) {
    for (int b = 0; b < M; b++) {
      double expected = a == b ? 1 / fmax(fresh[a], 1e-300) : 0;
      if (from[a] >= 0 || from[b] >= 0)
        expected = from[a] >= 0 && from[b] >= 0 ? cov[from[a] * N + from[b]] : 0;
      assert_near(now[a * M + b], expected, 1e-9);
    }
  }
  const int32_t twice[2] = {1, 1}, beyond[1] = {N};
  pfc_posterior none;
  assert_fails(pfc_posterior_remap(&p, 2, twice, fresh, &none, &err), PFC_EUSAGE, "each once");
  assert_fails(pfc_posterior_remap(&p, 1, beyond, fresh, &none, &err), PFC_EUSAGE, "expected");
  pfc_posterior_clear(&p);
  pfc_posterior_clear(&q);
  pfc_csr_clear(&w.x);
}

static void as_a_prior_it_is_a_quadratic_form(void **state) {
  (void)state;
  pfc_rng rng;
  drawn w;
  pfc_posterior p;
  double dense[N * N], mean[N], at[N], g[N] = {0}, image[N] = {0}, d[N] = {0}, value = 0;
  pfc_rng_init(&rng, test_seed(4), "posterior", 0);
  draw(&rng, &w);
  assert_ok(pfc_posterior_fit(&w.x, w.weight, true, NULL, w.ridge, w.single, &p, &err));
  densify(&p, dense);
  for (int j = 0; j < N; j++) {
    mean[j] = pfc_rng_normal(&rng);
    at[j] = pfc_rng_normal(&rng);
  }
  const double got = pfc_posterior_pull(&p, mean, at, g);
  pfc_posterior_times(&p, at, image);
  pfc_posterior_add_diagonal(&p, d);
  for (int a = 0; a < N; a++) {
    double pull = 0, product = 0;
    for (int b = 0; b < N; b++) {
      pull += dense[a * N + b] * (at[b] - mean[b]);
      product += dense[a * N + b] * at[b];
    }
    value += (at[a] - mean[a]) * pull / 2;
    assert_near(g[a], pull, 1e-9);
    assert_near(image[a], product, 1e-9);
    assert_near(d[a], dense[a * N + a], 1e-9);
    /* and it is the slope of the value */
    const double h = 1e-4, was = at[a];
    at[a] = was + h;
    const double up = pfc_posterior_pull(&p, mean, at, NULL);
    at[a] = was - h;
    const double down = pfc_posterior_pull(&p, mean, at, NULL);
    at[a] = was;
    assert_near(g[a], (up - down) / (2 * h), 1e-6);
  }
  assert_near(got, value, 1e-9);
  pfc_posterior_clear(&p);
  pfc_csr_clear(&w.x);
}

/* Rows of many columns, of which no more than the limit are kept whole. */
static void draw_many(pfc_rng *rng, pfc_csr *x, double *weight, int rows) {
  assert_ok(pfc_csr_init(x, rows, MANY, &err));
  for (int i = 0; i < rows; i++) {
    int32_t col[6];
    float val[6];
    for (int e = 0; e < 6; e++) {
      col[e] = e * (MANY / 6) + (int32_t)pfc_rng_below(rng, MANY / 6);
      val[e] = (float)pfc_rng_normal(rng);
    }
    assert_ok(pfc_csr_append(x, 6, col, val, &err));
    weight[i] = 0.25;
  }
}

static void too_many_stay_positive_definite(void **state) {
  (void)state;
  enum { LOTS = 2000 };
  static double weight[LOTS], ridge[MANY + 1];
  static uint8_t single[MANY + 1];
  pfc_rng rng;
  pfc_csr x;
  pfc_posterior p, q;
  pfc_rng_init(&rng, test_seed(5), "posterior", 0);
  draw_many(&rng, &x, weight, LOTS);
  for (int j = 0; j <= MANY; j++) ridge[j] = 0.01;
  omp_set_num_threads(1);
  assert_ok(pfc_posterior_fit(&x, weight, true, NULL, ridge, single, &p, &err));
  omp_set_num_threads(3);
  assert_ok(pfc_posterior_fit(&x, weight, true, NULL, ridge, single, &q, &err));
  assert_int_equal(p.n_full, PFC_POSTERIOR_FULL);
  assert_int_equal(p.full[p.n_full - 1], MANY); /* the intercept */
  const size_t size = (size_t)p.n_full * ((size_t)p.n_full + 1) / 2;
  assert_memory_equal(p.precision, q.precision, size * sizeof *p.precision);
  /* v' P v > 0, and no more than without elimination, for any v */
  double *v = pfc_alloc_array(MANY + 1, sizeof *v);
  for (int round = 0; round < 50; round++) {
    double most = 0;
    for (int j = 0; j <= MANY; j++) v[j] = 0;
    for (int k = 0; k < p.n_full; k++) v[p.full[k]] = pfc_rng_normal(&rng);
    for (int j = 0; j <= MANY; j++) most += ridge[j] * v[j] * v[j] / 2;
    for (int i = 0; i < LOTS; i++) {
      double eta = v[MANY];
      for (int64_t e = x.start[i]; e < x.start[i + 1]; e++)
        eta += (double)x.val[e] * v[x.col[e]];
      most += weight[i] * eta * eta / 2;
    }
    const double value = pfc_posterior_pull(&p, NULL, v, NULL);
    assert_true(value > 0 && value <= most * (1 + 1e-9));
  }
  pfc_free(v);
  pfc_posterior_clear(&p);
  pfc_posterior_clear(&q);
  pfc_csr_clear(&x);
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  pfc_rng rng;
  drawn w;
  pfc_posterior p = {.n = 3}, q;
  pfc_rng_init(&rng, test_seed(6), "posterior", 0);
  draw(&rng, &w);
  assert_fails(pfc_posterior_fit(&w.x, w.weight, true, &p, NULL, w.single, &q, &err),
               PFC_EUSAGE, "3 coefficients for 13");
  w.weight[7] = NAN;
  assert_fails(pfc_posterior_fit(&w.x, w.weight, true, NULL, w.ridge, w.single, &q, &err),
               PFC_EUSAGE, "weight 7");
  w.weight[7] = 0;
  w.ridge[2] = -1;
  assert_fails(pfc_posterior_fit(&w.x, w.weight, true, NULL, w.ridge, w.single, &q, &err),
               PFC_EUSAGE, "ridge 2");
  pfc_csr_clear(&w.x);
}

/* --- the ledger --------------------------------------------------------------------------- */

static void keys_tell_rows_apart(void **state) {
  (void)state;
  pfc_sha256 *d = pfc_sha256_create();
  const uint64_t key = pfc_ledger_key(d, "anna", "sql", "data", 17000);
  /* SHA-256 of "anna\0sql\0data\0" and 17000 as four bytes, by Python's hashlib. */
  assert_true(key == UINT64_C(0xb28b492240ee55aa));
  assert_true(key == pfc_ledger_key(d, "anna", "sql", "data", 17000));
  assert_true(key != pfc_ledger_key(d, "annas", "ql", "data", 17000));
  assert_true(key != pfc_ledger_key(d, "anna", "sql", "data", 17001));
  assert_true(key != pfc_ledger_key(d, "anna", "sqldata", "", 17000));
  pfc_sha256_destroy(d);
}

static void ledgers_join(void **state) {
  (void)state;
  uint64_t first[] = {5, 9, 7}, second[] = {8, 7, UINT64_MAX, 8};
  float days[] = {1, 2, 3}, later[] = {4, -5, 6, 7};
  const pfc_ledger a = {3, first, days}, b = {4, second, later}, none = {0};
  pfc_ledger joined, empty;
  assert_ok(pfc_ledger_join(&a, &b, &joined, &err));
  const uint64_t expected[] = {5, 7, 8, 9, UINT64_MAX};
  const float told[] = {1, -5, 7, 2, 6};
  assert_int_equal(joined.n, 5);
  for (int i = 0; i < 5; i++) {
    assert_true(joined.key[i] == expected[i]);
    assert_near(joined.days[i], told[i], 0);
    assert_int_equal(pfc_ledger_find(&joined, expected[i]), i);
  }
  assert_int_equal(pfc_ledger_find(&joined, 0), -1);
  assert_int_equal(pfc_ledger_find(&joined, 6), -1);
  assert_ok(pfc_ledger_join(&none, &none, &empty, &err));
  assert_int_equal(empty.n, 0);
  assert_int_equal(pfc_ledger_find(&empty, 6), -1);
  pfc_ledger_clear(&joined);
  pfc_ledger_clear(&empty);
}

/* --- memory ------------------------------------------------------------------------------- */

static pfc_status all_of_it(void *user) {
  pfc_status st = PFC_OK;
  pfc_error e = PFC_ERROR_INIT, *err = &e;
  const drawn *w = user;
  uint64_t key[] = {2, 1};
  float days[] = {0, 0};
  const int32_t from[3] = {D, 2, -1};
  const double fresh[3] = {0, 0, 1};
  const pfc_ledger l = {2, key, days};
  pfc_posterior p = {0}, q = {0}, r = {0}, s = {0};
  pfc_ledger joined = {0};
  pfc_strengths strengths = {0};
  PFC_TRY(pfc_posterior_fit(&w->x, w->weight, true, NULL, w->ridge, w->single, &p, err));
  PFC_TRY(pfc_posterior_fit(&w->x, w->weight, true, &p, NULL, w->single, &q, err));
  PFC_TRY(pfc_posterior_remap(&p, 3, from, fresh, &r, err));
  PFC_TRY(pfc_posterior_copy(&q, &s, err));
  PFC_TRY(pfc_ledger_join(&l, &l, &joined, err));
  PFC_TRY(pfc_strengths_add(&strengths, "role", 10, err));
  PFC_TRY(pfc_strengths_add(&strengths, "person", 20, err));
  assert_near(pfc_strengths_of(&strengths, "person", 1), 20, 0);
  assert_near(pfc_strengths_of(&strengths, "other", 1), 1, 0);
done:
  pfc_posterior_clear(&p);
  pfc_posterior_clear(&q);
  pfc_posterior_clear(&r);
  pfc_posterior_clear(&s);
  pfc_ledger_clear(&joined);
  pfc_strengths_clear(&strengths);
  return st;
}

static void memory_may_fail_anywhere(void **state) {
  (void)state;
  pfc_rng rng;
  drawn w;
  pfc_rng_init(&rng, test_seed(7), "posterior", 0);
  draw(&rng, &w);
  assert_true(count_down(all_of_it, &w) > 30);
  pfc_csr_clear(&w.x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(people_are_marginalized_out),
      cmocka_unit_test(a_prior_is_added_to),
      cmocka_unit_test(remapped_it_is_the_same_belief),
      cmocka_unit_test(as_a_prior_it_is_a_quadratic_form),
      cmocka_unit_test(too_many_stay_positive_definite),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(keys_tell_rows_apart),
      cmocka_unit_test(ledgers_join),
      cmocka_unit_test(memory_may_fail_anywhere),
  };
  return cmocka_run_group_tests_name("posterior", tests, NULL, NULL);
}
