// labels: unit property check
#include "tests/support/test.h"

#include "base/rng.h"
#include "models/spd.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/support/near.h"

enum { MOST = 33, STRIDE = 40, ABOVE = 777 };

/* B B' + I; what lies above the diagonal is no business of the factorization. */
static void draw(pfc_rng *rng, int n, double *dense, double *lower) {
  static double b[MOST][MOST];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) b[i][j] = pfc_rng_normal(rng);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      double sum = i == j;
      for (int k = 0; k < n; k++) sum += b[i][k] * b[j][k];
      dense[i * n + j] = sum;
      lower[i * STRIDE + j] = j <= i ? sum : ABOVE;
    }
  }
}

static void solves_as_elimination_does(void **state) {
  (void)state;
  static double dense[MOST * MOST], lower[MOST * STRIDE], inverse[MOST * MOST];
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "spd", 0);
  for (int n = 0; n <= MOST; n++) {
    double x[MOST], y[MOST];
    draw(&rng, n, dense, lower);
    for (int i = 0; i < n; i++) x[i] = y[i] = pfc_rng_normal(&rng);
    assert_true(pfc_spd_factor(n, STRIDE, lower));
    pfc_spd_solve(n, STRIDE, lower, x);
    pfc_spd_invert(n, STRIDE, lower, inverse);
    for (int i = 0; i < n; i++) {
      double product = 0;
      for (int j = 0; j < n; j++) product += inverse[i * n + j] * y[j];
      assert_near(product, x[i], 1e-9);
      for (int j = 0; j < i; j++) assert_near(inverse[i * n + j], inverse[j * n + i], 0);
      for (int j = i + 1; j < n; j++) assert_near(lower[i * STRIDE + j], ABOVE, 0);
    }
    if (n > 0) oracle_solve(n, dense, y);
    for (int i = 0; i < n; i++) assert_near(x[i], y[i], 1e-9);
  }
}

static void what_is_not_positive_definite_is_told(void **state) {
  (void)state;
  double singular[] = {1, 0, 1, 1}, negative[] = {-1}, zero[] = {0};
  double nan[] = {1, 0, NAN, 1}, infinite[] = {INFINITY};
  assert_false(pfc_spd_factor(2, 2, singular));
  assert_false(pfc_spd_factor(1, 1, negative));
  assert_false(pfc_spd_factor(1, 1, zero));
  assert_false(pfc_spd_factor(2, 2, nan));
  assert_false(pfc_spd_factor(1, 1, infinite));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solves_as_elimination_does),
      cmocka_unit_test(what_is_not_positive_definite_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
