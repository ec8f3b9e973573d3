// labels: unit check
/* EASE and item neighbours (trainer/ease.h, trainer/item_neighbours.h): examples by hand, the
 * conditions that make the minimum what it is, a slow twin, the same bytes for any number of
 * threads. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "models/baseline.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/ease.h"
#include "trainer/item_neighbours.h"

/* Rows of letters, A the first column: "AB CD". */
static pfc_csr rows(const char *text, int32_t n_cols) {
  pfc_csr x = {0};
  assert_ok(pfc_csr_init(&x, 1, n_cols, &err));
  while (*text) {
    int32_t col[26];
    float one[26];
    int n = 0;
    for (; *text && *text != ' '; text++) {
      col[n] = *text - 'A';
      one[n++] = 1;
    }
    if (*text) text++;
    assert_ok(pfc_csr_append(&x, n, col, one, &err));
  }
  return x;
}

/* Each of n_rows takes up each item with a chance of its own, some never. */
static pfc_csr random_rows(uint64_t seed, int32_t n_rows, int32_t n_cols) {
  pfc_csr x = {0};
  pfc_rng rng;
  int32_t col[256];
  float one[256];
  assert_true(n_cols <= 256);
  pfc_rng_init(&rng, seed, "test take-ups", 0);
  assert_ok(pfc_csr_init(&x, n_rows, n_cols, &err));
  for (int32_t r = 0; r < n_rows; r++) {
    int n = 0;
    for (int32_t i = 0; i < n_cols; i++) {
      if (pfc_rng_uniform(&rng) >= 0.5 * (i % 7) / (1 + i % 5)) continue;
      col[n] = i;
      one[n++] = 1;
    }
    assert_ok(pfc_csr_append(&x, n, col, one, &err));
  }
  return x;
}

/* --- EASE -------------------------------------------------------------------------- */

/* One takes up A and B, one B; one C and D, one C, D and E. With lambda = 1
 *
 *   G + I of A, B:     2 1     P = 1/5   3 -1
 *                      1 3              -1  2
 *
 *   of C, D, E:        3 2 1   P = 1/8   5 -3 -1
 *                      2 3 1            -3  5 -1
 *                      1 1 2            -1 -1  5
 *
 * (determinant 3 (6 - 1) - 2 (4 - 1) + (2 - 3) = 8), so that B_ji = - P_ji / P_ii is 1/2 from A
 * to B and 1/3 from B to A, 3/5 between C and D, 1/5 between either and E, and 0 between the
 * two blocks. What is left is 1 / P_jj - 1: 2/3 of A, 3/2 of B, 3/5 each of C, D and E. */
static void ease_by_hand(void **state) {
  (void)state;
  static const double expected[5][5] = {
      {0, 1. / 2, 0, 0, 0},      {1. / 3, 0, 0, 0, 0},      {0, 0, 0, 3. / 5, 1. / 5},
      {0, 0, 3. / 5, 0, 1. / 5}, {0, 0, 1. / 5, 1. / 5, 0},
  };
  pfc_csr x = rows("AB B CD CDE", 5);
  float *B = NULL;
  pfc_ease_report report;
  assert_ok(pfc_ease_fit(&x, 1, &B, &report, &err));
  for (int j = 0; j < 5; j++) {
    for (int i = 0; i < 5; i++) assert_near((double)B[5 * j + i], expected[j][i], 1e-7);
    assert_true(B[5 * j + j] == 0);
  }
  assert_near(report.objective, 2. / 3 + 3. / 2 + 3 * 3. / 5, 1e-12);
  assert_true(report.gradient < 1e-7);
  pfc_free(B);
  pfc_csr_clear(&x);
}

static void fill_gram(const pfc_csr *x, double *G) {
  const ptrdiff_t n = x->n_cols;
  for (int64_t r = 0; r < x->n_rows; r++) {
    for (int64_t a = x->start[r]; a < x->start[r + 1]; a++) {
      for (int64_t b = x->start[r]; b < x->start[r + 1]; b++)
        G[x->col[a] * n + x->col[b]] += (double)x->val[a] * (double)x->val[b];
    }
  }
}

/* With multipliers on the diagonal, (X'X + lambda I) B = X'X - diag(mu): off the diagonal both
 * sides agree, and B has none. These conditions have one solution. The objective at B is what
 * the report says, summed up here entry by entry. */
static void ease_solves_its_normal_equations(void **state) {
  (void)state;
  const uint64_t seed = test_seed(5);
  for (int k = 0; k < 4; k++) {
    const int32_t n = k ? 30 * k : 1;
    const double lambda = pow(10, k - 1);
    pfc_csr x = random_rows(seed + (uint64_t)k, 200, n);
    float *B = NULL;
    double *G = pfc_alloc_array((size_t)n * (size_t)n, sizeof *G), objective = 0;
    pfc_ease_report report;
    assert_non_null(G);
    fill_gram(&x, G);
    assert_ok(pfc_ease_fit(&x, lambda, &B, &report, &err));
    for (ptrdiff_t j = 0; j < n; j++) {
      assert_true(B[j * n + j] == 0);
      for (ptrdiff_t i = 0; i < n; i++) {
        const double b = (double)B[j * n + i];
        double left = lambda * b;
        for (ptrdiff_t l = 0; l < n; l++) left += G[j * n + l] * (double)B[l * n + i];
        if (i != j) assert_near(left, G[j * n + i], 1e-5 * 200);
        objective += lambda * b * b - 2 * b * G[j * n + i] + b * (left - lambda * b);
      }
      objective += G[j * n + j];
    }
    assert_near(report.objective, objective, 1e-4 * (1 + objective));
    assert_true(report.gradient < 1e-5);
    pfc_free(G);
    pfc_free(B);
    pfc_csr_clear(&x);
  }
}

static void ease_tells_what_it_cannot_do(void **state) {
  (void)state;
  float *B = NULL;
  pfc_ease_report report;
  pfc_csr x = {0};
  assert_ok(pfc_csr_init(&x, 0, PFC_EASE_MOST_ITEMS + 1, &err));
  assert_fails(pfc_ease_fit(&x, 1, &B, &report, &err), PFC_EDATA, "would take 4.8 GB");
  pfc_csr_clear(&x);
  x = rows("AB AB AB AB", 2); /* two columns alike, and a ridge below the last bit */
  assert_fails(pfc_ease_fit(&x, 1e-18, &B, &report, &err), PFC_ENUMERIC, "ease_lambda");
  assert_null(B);
  pfc_csr_clear(&x);
  x = rows("", 0);
  assert_ok(pfc_ease_fit(&x, 1, &B, &report, &err));
  assert_true(report.objective == 0 && report.gradient == 0);
  pfc_free(B);
  pfc_csr_clear(&x);
}

/* --- item neighbours --------------------------------------------------------------- */

static float entry(const pfc_csr *m, int32_t row, int32_t col) {
  for (int64_t k = m->start[row]; k < m->start[row + 1]; k++)
    if (m->col[k] == col) return m->val[k];
  return 0;
}

/* A is taken up by 3, B and D by 2, C and E by 1. Shrinkage 2 makes 1/2 of two in common and
 * 1/3 of one: A and B 2 / sqrt(6) / 2, A and C 1 / sqrt(3) / 3, A and D 1 / sqrt(6) / 3, B and
 * C 1 / sqrt(2) / 3, D and E the same. A's third, D, is one too many; D keeps A. */
static void neighbours_by_hand(void **state) {
  (void)state;
  const double ab = 1 / sqrt(6), ac = 1 / sqrt(27), ad = 1 / sqrt(54), bc = 1 / sqrt(18),
               de = bc;
  const double expected[5][5] = {
      {0, ab, ac, 0, 0}, {ab, 0, bc, 0, 0}, {ac, bc, 0, 0, 0},
      {ad, 0, 0, 0, de}, {0, 0, 0, de, 0},
  };
  pfc_csr x = rows("ABC AB AD DE", 5), near = {0};
  assert_ok(pfc_item_neighbours(&x, 2, 2, &near, &err));
  assert_int_equal(near.n_rows, 5);
  for (int32_t j = 0; j < 5; j++) {
    for (int32_t i = 0; i < 5; i++)
      assert_near((double)entry(&near, j, i), expected[j][i], 1e-7);
  }
  assert_int_equal(near.start[5], 9);
  pfc_csr_clear(&near);
  pfc_csr_clear(&x);
}

static void of_equal_neighbours_the_lower_stays(void **state) {
  (void)state;
  pfc_csr x = rows("AB BC BD", 4), near = {0};
  assert_ok(pfc_item_neighbours(&x, 2, 20, &near, &err));
  assert_true(entry(&near, 1, 0) > 0 && entry(&near, 1, 2) > 0 && entry(&near, 1, 3) == 0);
  pfc_csr_clear(&near);
  pfc_csr_clear(&x);
}

static double slow_weight(const pfc_csr *x, int32_t i, int32_t j, double shrinkage) {
  double common = 0, n_i = 0, n_j = 0;
  for (int64_t r = 0; r < x->n_rows; r++) {
    const double a = (double)entry(x, (int32_t)r, i), b = (double)entry(x, (int32_t)r, j);
    common += a * b;
    n_i += a;
    n_j += b;
  }
  return common > 0 ? common / sqrt(n_i * n_j) * common / (common + shrinkage) : 0;
}

/* Each weight is the slow one; each item has as many as asked for, or all that share a row; and
 * none that was left out is nearer than one that was kept. */
static void neighbours_are_the_nearest(void **state) {
  (void)state;
  enum { N = 60, MOST = 9 };
  const uint64_t seed = test_seed(9);
  pfc_csr x = random_rows(seed, 120, N), near = {0};
  int full = 0, short_of = 0;
  assert_ok(pfc_item_neighbours(&x, MOST, 20, &near, &err));
  for (int32_t j = 0; j < N; j++) {
    double least = INFINITY, most_left = 0;
    int sharing = 0;
    for (int32_t i = 0; i < N; i++) {
      if (i == j) continue;
      const double slow = slow_weight(&x, i, j, 20), kept = (double)entry(&near, j, i);
      sharing += slow > 0;
      if (kept > 0) {
        assert_near(kept, slow, 1e-7);
        least = fmin(least, kept);
      } else {
        most_left = fmax(most_left, slow);
      }
    }
    const int64_t n = near.start[j + 1] - near.start[j];
    assert_int_equal(n, sharing < MOST ? sharing : MOST);
    assert_true(n == 0 || least >= most_left - 1e-7);
    assert_true(entry(&near, j, j) == 0);
    full += n == MOST;
    short_of += n < MOST;
  }
  assert_true(full > 20 && short_of > 3);
  pfc_csr_clear(&near);
  pfc_csr_clear(&x);
}

static void threads_do_not_change_neighbours(void **state) {
  (void)state;
  pfc_csr x = random_rows(4, 150, 250), one = {0};
  assert_ok(pfc_par_init(1, &err));
  assert_ok(pfc_item_neighbours(&x, 20, 5, &one, &err));
  for (int threads = 2; threads <= 3; threads++) {
    pfc_csr many = {0};
    assert_ok(pfc_par_init(threads, &err));
    assert_ok(pfc_item_neighbours(&x, 20, 5, &many, &err));
    const size_t n = (size_t)one.start[250];
    assert_memory_equal(one.start, many.start, 251 * sizeof *one.start);
    assert_memory_equal(one.col, many.col, n * sizeof *one.col);
    assert_memory_equal(one.val, many.val, n * sizeof *one.val);
    pfc_csr_clear(&many);
  }
  pfc_csr_clear(&one);
  pfc_csr_clear(&x);
}

/* --- memory ------------------------------------------------------------------------ */

static pfc_status fit_ease(void *user) {
  float *B = NULL;
  pfc_ease_report report;
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = pfc_ease_fit(user, 1, &B, &report, &err);
  pfc_free(B);
  return st;
}

static pfc_status fit_neighbours(void *user) {
  pfc_csr near = {0};
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = pfc_item_neighbours(user, 3, 1, &near, &err);
  pfc_csr_clear(&near);
  return st;
}

static void fits_survive_lack_of_memory(void **state) {
  (void)state;
  pfc_csr x = rows("ABC AB AD DE", 5);
  assert_ok(pfc_par_init(2, &err));
  assert_true(count_down(fit_ease, &x) >= 4);
  assert_true(count_down(fit_neighbours, &x) > 8);
  pfc_csr_clear(&x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ease_by_hand),
      cmocka_unit_test(ease_solves_its_normal_equations),
      cmocka_unit_test(ease_tells_what_it_cannot_do),
      cmocka_unit_test(neighbours_by_hand),
      cmocka_unit_test(of_equal_neighbours_the_lower_stays),
      cmocka_unit_test(neighbours_are_the_nearest),
      cmocka_unit_test(threads_do_not_change_neighbours),
      cmocka_unit_test(fits_survive_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
