// labels: unit check
#include "tests/support/test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/sparse.h"
#include "tests/support/oom.h"

enum { ROWS = 60, COLS = 37 };

/* Small integers add up exactly in any order, so the dense oracle can be compared bit
 * by bit. */
static void random_matrix(uint64_t seed, pfc_csr *m, double dense[ROWS][COLS]) {
  pfc_rng rng;
  int32_t col[200];
  float val[200];
  pfc_rng_init(&rng, seed, "test.sparse", 0);
  memset(dense, 0, sizeof(double[ROWS][COLS]));
  assert_ok(pfc_csr_init(m, 3, COLS, &err)); /* far fewer rows than will come */
  for (int i = 0; i < ROWS; i++) {
    const int n = i % 5 == 0 ? 0 : (int)pfc_rng_below(&rng, i % 7 == 0 ? 200 : 12);
    for (int k = 0; k < n; k++) {
      col[k] = (int32_t)pfc_rng_below(&rng, COLS);
      val[k] = (float)pfc_rng_below(&rng, 9) - 4;
      dense[i][col[k]] += (double)val[k];
    }
    assert_ok(pfc_csr_append(m, n, col, val, &err));
  }
}

/* Every stored entry is right, columns ascend, and nothing is missing. */
static void assert_equals_dense(const pfc_csr *m, double dense[ROWS][COLS], int transposed) {
  double sum = 0, expected = 0;
  for (int64_t i = 0; i < m->n_rows; i++) {
    for (int64_t k = m->start[i]; k < m->start[i + 1]; k++) {
      const int32_t j = m->col[k];
      if (k > m->start[i]) assert_true(m->col[k - 1] < j);
      assert_float_equal(m->val[k], transposed ? dense[j][i] : dense[i][j], 0);
      sum += (double)m->val[k] * m->val[k];
    }
  }
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLS; j++) expected += dense[i][j] * dense[i][j];
  assert_float_equal(sum, expected, 0);
}

static void rows_are_sorted_and_summed(void **state) {
  (void)state;
  static double dense[ROWS][COLS];
  const uint64_t seed = test_seed(11);
  for (uint64_t s = seed; s < seed + 20; s++) {
    pfc_csr m;
    random_matrix(s, &m, dense);
    assert_int_equal(m.n_rows, ROWS);
    assert_equals_dense(&m, dense, 0);
    pfc_csr_clear(&m);
  }
}

static void transposing_twice_gives_the_same(void **state) {
  (void)state;
  static double dense[ROWS][COLS];
  pfc_csr m, t, back;
  random_matrix(5, &m, dense);
  assert_ok(pfc_csr_transpose(&m, &t, &err));
  assert_int_equal(t.n_rows, COLS);
  assert_int_equal(t.n_cols, ROWS);
  assert_equals_dense(&t, dense, 1);
  assert_ok(pfc_csr_transpose(&t, &back, &err));
  assert_int_equal(back.n_rows, m.n_rows);
  assert_memory_equal(back.start, m.start, (ROWS + 1) * sizeof *m.start);
  assert_memory_equal(back.col, m.col, (size_t)m.start[ROWS] * sizeof *m.col);
  assert_memory_equal(back.val, m.val, (size_t)m.start[ROWS] * sizeof *m.val);
  pfc_csr_clear(&m);
  pfc_csr_clear(&t);
  pfc_csr_clear(&back);
}

/* 1 + 1e8 - 1e8 depends on the order in float32: it must be the order given. */
static void equal_columns_are_summed_in_order(void **state) {
  (void)state;
  int32_t col[103];
  float val[103];
  for (int n_others = 1; n_others <= 100; n_others += 33) {
    pfc_csr m;
    assert_ok(pfc_csr_init(&m, 1, 200, &err));
    for (int k = 0; k < n_others; k++) {
      col[k] = 199 - k;
      val[k] = 1;
    }
    const float parts[] = {1e8f, 1, -1e8f};
    for (int k = 0; k < 3; k++) {
      col[n_others + k] = 0;
      val[n_others + k] = parts[k];
    }
    assert_ok(pfc_csr_append(&m, n_others + 3, col, val, &err));
    assert_int_equal(m.col[0], 0);
    assert_float_equal(m.val[0], 0, 0);
    pfc_csr_clear(&m);
  }
}

static void a_column_outside_is_refused(void **state) {
  (void)state;
  pfc_csr m;
  const float val[] = {1, 1};
  const int32_t high[] = {0, 4}, low[] = {-1, 0}, right[] = {3, 0};
  assert_ok(pfc_csr_init(&m, 2, 4, &err));
  assert_fails(pfc_csr_append(&m, 2, high, val, &err), PFC_EUSAGE, "column 4 is outside 0..3");
  assert_fails(pfc_csr_append(&m, 2, low, val, &err), PFC_EUSAGE, "column -1");
  assert_int_equal(m.n_rows, 0);
  assert_ok(pfc_csr_append(&m, 2, right, val, &err));
  assert_int_equal(m.start[1], 2);
  pfc_csr_clear(&m);
  pfc_csr_clear(&m);
  pfc_csr_clear(NULL);
}

static void short_memory_leaves_the_matrix(void **state) {
  (void)state;
  int32_t col[90];
  float val[90];
  for (int k = 0; k < 90; k++) {
    col[k] = 89 - k;
    val[k] = (float)k;
  }
  int failures = 0;
  for (long after = 0;; after++) {
    pfc_csr m, t = {0};
    assert_ok(pfc_csr_init(&m, 0, 90, &err));
    assert_ok(pfc_csr_append(&m, 3, col, val, &err));
    oom_after(after);
    pfc_status st = pfc_csr_append(&m, 90, col, val, NULL);
    if (st == PFC_OK) st = pfc_csr_transpose(&m, &t, NULL);
    const int happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
    assert_int_equal(m.start[1], 3);
    assert_int_equal(m.col[0], 87);
    if (happened) assert_null(t.start);
    pfc_csr_clear(&m);
    pfc_csr_clear(&t);
    if (!happened) break;
    failures++;
  }
  assert_true(failures >= 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_sorted_and_summed),
      cmocka_unit_test(transposing_twice_gives_the_same),
      cmocka_unit_test(equal_columns_are_summed_in_order),
      cmocka_unit_test(a_column_outside_is_refused),
      cmocka_unit_test(short_memory_leaves_the_matrix),
  };
  return cmocka_run_group_tests_name("base/sparse", tests, NULL, NULL);
}
