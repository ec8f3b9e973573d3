// labels: unit check
#include "tests/support/test.h"

#include <float.h>
#include <math.h>

#include "base/rng.h"
#include "models/vector_math.h"

/* Against the C library's, which are right to a unit in the last place. */

static void assert_ulps(double got, double want, double of) {
  if (!(fabs(got - want) <= 4 * DBL_EPSILON * fabs(want)))
    fail_msg("of %.17g: %.17g, not %.17g", of, got, want);
}

static void check(double x) {
  assert_ulps(pfc__log1p(x), log1p(x), x);
  assert_ulps(pfc__one_less_exp(x), -expm1(-x), x);
  if (x <= 700) assert_ulps(pfc__exp_minus(x), exp(-x), x);
}

static void all_sizes_are_right(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(5), "test.vector", 0);
  for (int k = 0; k < 200000; k++) check(exp2(-60 + 70 * pfc_rng_uniform(&rng)));
  for (int k = 0; k < 20000; k++) {
    const double x = exp2(996 * pfc_rng_uniform(&rng));
    assert_ulps(pfc__log1p(x), log1p(x), x);
  }
}

/* In vectors too, and one alone has the same bits. */
static void the_normal_distribution_is_right(void **state) {
  (void)state;
  enum { N = 20001 };
  static double below[N], density[N];
#pragma omp simd
  for (int k = 0; k < N; k++) below[k] = pfc__normal(2e-3 * k - 37, &density[k]);
  for (int k = 0; k < N; k++) {
    const double z = 2e-3 * k - 37, want = 0.5 * erfc(-z * M_SQRT1_2);
    double alone_density;
    const double alone = pfc__normal(z, &alone_density);
    if (!(fabs(below[k] - want) <= 3e-13 * want))
      fail_msg("below %g: %.17g, not %.17g", z, below[k], want);
    assert_ulps(density[k] / (M_2_SQRTPI * M_SQRT1_2 / 2), exp(-0.5 * z * z), z);
    assert_memory_equal(&alone, &below[k], sizeof alone);
    assert_memory_equal(&alone_density, &density[k], sizeof alone_density);
  }
  double far;
  assert_float_equal(pfc__normal(0, &far), 0.5, 1e-15);
  assert_true(pfc__normal(-INFINITY, &far) == 0 && far == 0);
  assert_true(pfc__normal(-38, &far) == 0 && far == 0);
  assert_true(pfc__normal(INFINITY, &far) == 1 && pfc__normal(1e200, &far) == 1);
}

static void edges_are_right(void **state) {
  (void)state;
  static const double EDGES[] = {DBL_MIN,
                                 1e-300,
                                 0x1p-53,
                                 0x1p-52,
                                 0.4142135623730950,
                                 0.4142135623730951,
                                 0.41421356237309515,
                                 1,
                                 3,
                                 0.34657359,
                                 0.3465735902799726,
                                 0.3465735902799727,
                                 699,
                                 700,
                                 1e290};
  assert_true(pfc__log1p(0) == 0);
  assert_true(pfc__one_less_exp(0) == 0);
  for (size_t k = 0; k < sizeof EDGES / sizeof *EDGES; k++) check(EDGES[k]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_sizes_are_right),
                                     cmocka_unit_test(the_normal_distribution_is_right),
                                     cmocka_unit_test(edges_are_right)};
  return cmocka_run_group_tests_name("models/vector_math", tests, NULL, NULL);
}
