#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"

/* The first outputs of the published algorithm from the state 1, 2, 3, 4. */
static void xoshiro_known_answers(void **state) {
  (void)state;
  static const uint64_t known[] = {
      41943041U,
      58720359U,
      3588806011781223U,
      3591011842654386U,
      9228616714210784205U,
      9973669472204895162U,
      14011001112246962877U,
      12406186145184390807U,
      15849039046786891736U,
      10450023813501588000U,
  };
  pfc_rng rng = {{1, 2, 3, 4}};
  for (size_t i = 0; i < 10; i++) assert_true(pfc_rng_next(&rng) == known[i]);
}

static uint64_t first_of(uint64_t seed, const char *what, uint64_t id) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, what, id);
  return pfc_rng_next(&rng);
}

/* A stream is a function of its key: written down here, so that a change of it, which
 * would change every model, cannot pass unseen. */
static void ids_are_fnv_1a(void **state) {
  (void)state;
  assert_true(pfc_rng_id("") == 0xcbf29ce484222325U);
  assert_true(pfc_rng_id("a") == 0xaf63dc4c8601ec8cU);
  assert_true(pfc_rng_id("foobar") == 0x85944171f73967e8U);
}

static void streams_belong_to_their_key(void **state) {
  (void)state;
  assert_true(first_of(1, "als.items", 7) == first_of(1, "als.items", 7));
  assert_true(first_of(1, "als.items", 7) == 3088313473453005326U);
  assert_true(first_of(0, "", 0) == 1290946985979278527U);
}

static int compare(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static void neighbouring_keys_share_nothing(void **state) {
  (void)state;
  enum { SEEDS = 40, IDS = 1000 };
  static const char *const uses[] = {"", "a", "b", "als.items", "als.people"};
  static uint64_t first[5 * SEEDS * IDS];
  size_t n = 0;
  for (int u = 0; u < 5; u++) {
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
      for (uint64_t id = 0; id < IDS; id++) first[n++] = first_of(seed, uses[u], id);
    }
  }
  qsort(first, n, sizeof *first, compare);
  for (size_t i = 1; i < n; i++) assert_true(first[i] != first[i - 1]);
}

static void uniform_has_its_moments(void **state) {
  (void)state;
  enum { N = 1000000 };
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "uniform", 0);
  double sum = 0, squares = 0, low = 1, high = 0;
  for (int i = 0; i < N; i++) {
    const double u = pfc_rng_uniform(&rng);
    assert_true(u >= 0 && u < 1);
    sum += u;
    squares += u * u;
    low = fmin(low, u);
    high = fmax(high, u);
  }
  /* Five standard errors: sqrt(1/12/N) and sqrt(4/45/N). */
  assert_true(fabs(sum / N - 0.5) < 5 * 0.2887 / sqrt(N));
  assert_true(fabs(squares / N - 1.0 / 3) < 5 * 0.2981 / sqrt(N));
  assert_true(low < 1e-4 && high > 1 - 1e-4);
}

static void normal_has_its_moments(void **state) {
  (void)state;
  enum { N = 1000000 };
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "normal", 0);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, beyond = 0;
  for (int i = 0; i < N; i++) {
    const double z = pfc_rng_normal(&rng);
    m1 += z / N;
    m2 += z * z / N;
    m3 += z * z * z / N;
    m4 += z * z * z * z / N;
    beyond += (fabs(z) > 1.959964) / (double)N;
  }
  /* Five standard errors of each moment: the variances are 1, 2, 15, 96. */
  const double se = 5 / sqrt(N);
  assert_true(fabs(m1) < se);
  assert_true(fabs(m2 - 1) < se * sqrt(2));
  assert_true(fabs(m3) < se * sqrt(15));
  assert_true(fabs(m4 - 3) < se * sqrt(96));
  assert_true(fabs(beyond - 0.05) < se * sqrt(0.05 * 0.95));
}

static void below_is_unbiased(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "below", 0);
  static const uint64_t sizes[] = {1, 2, 3, 6, 7, 100, 1000};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
    const uint64_t n = sizes[k];
    double count[1000] = {0}, chi2 = 0;
    const double expected = 1000;
    for (uint64_t i = 0; i < 1000 * n; i++) {
      const uint64_t x = pfc_rng_below(&rng, n);
      assert_true(x < n);
      count[x]++;
    }
    for (uint64_t x = 0; x < n; x++) chi2 += pow(count[x] - expected, 2) / expected;
    const double df = (double)n - 1;
    assert_true(chi2 <= df + 5 * sqrt(2 * df) + 10);
  }
  /* Three quarters of the range: a plain remainder would give the low third twice, a
   * product without refusals every third value twice. */
  const uint64_t n = (uint64_t)3 << 62;
  int low = 0, third = 0;
  for (int i = 0; i < 30000; i++) {
    const uint64_t x = pfc_rng_below(&rng, n);
    assert_true(x < n);
    low += x < n / 3;
    third += x % 3 == 0;
  }
  assert_true(abs(low - 10000) < 500);
  assert_true(abs(third - 10000) < 500);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(xoshiro_known_answers),
      cmocka_unit_test(ids_are_fnv_1a),
      cmocka_unit_test(streams_belong_to_their_key),
      cmocka_unit_test(neighbouring_keys_share_nothing),
      cmocka_unit_test(uniform_has_its_moments),
      cmocka_unit_test(normal_has_its_moments),
      cmocka_unit_test(below_is_unbiased),
  };
  return cmocka_run_group_tests_name("base/rng", tests, NULL, NULL);
}
