// labels: property check
/* Against the definition: what pairs connect, found by spreading from each thing anew. */
#include "tests/support/test.h"

#include "base/forest.h"
#include "base/rng.h"

enum { N = 40 };

static void spread(const uint8_t near[N][N], int from, uint8_t *met) {
  met[from] = 1;
  for (int i = 0; i < N; i++)
    if (near[from][i] && !met[i]) spread(near, i, met);
}

static void what_pairs_connect_belongs_together(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(7), "forest", 0);
  int n_apart = 0, n_together = 0;
  for (int round = 0; round < 200; round++) {
    uint8_t near[N][N] = {{0}};
    int32_t parent[N];
    pfc_forest_init(N, parent);
    for (int k = (int)pfc_rng_below(&rng, 2 * N); k > 0; k--) {
      const int a = (int)pfc_rng_below(&rng, N), b = (int)pfc_rng_below(&rng, N);
      near[a][b] = near[b][a] = 1;
      pfc_forest_join(parent, a, b);
    }
    for (int a = 0; a < N; a++) {
      uint8_t met[N] = {0};
      spread(near, a, met);
      for (int b = 0; b < N; b++) {
        assert_int_equal(pfc_forest_root(parent, a) == pfc_forest_root(parent, b), met[b]);
        n_together += met[b];
        n_apart += !met[b];
      }
    }
  }
  assert_true(n_apart > 1000 && n_together > 1000);
}

/* A long chain, joined from either end. */
static void chains_are_no_trouble(void **state) {
  (void)state;
  enum { LONG = 100000 };
  static int32_t parent[LONG];
  for (int back = 0; back < 2; back++) {
    pfc_forest_init(LONG, parent);
    for (int32_t k = 1; k < LONG; k++) {
      const int32_t i = back ? LONG - k : k;
      pfc_forest_join(parent, i - 1, i);
    }
    for (int32_t i = 0; i < LONG; i++)
      assert_int_equal(pfc_forest_root(parent, i), pfc_forest_root(parent, 0));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_pairs_connect_belongs_together),
      cmocka_unit_test(chains_are_no_trouble),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
