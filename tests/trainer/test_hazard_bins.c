// labels: property check
/* Where the time model's bins are cut, and where its horizon is. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/near.h"
#include "trainer/hazard_fit.h"

static void bins_are_quantiles(void **state) {
  (void)state;
  double day[1000], *edge;
  int32_t n;
  for (int i = 0; i < 1000; i++) day[i] = (i * 37) % 1000 / 10.0 + 0.1; /* 0.1 .. 100 */
  assert_ok(pfc_hazard_bins(1000, day, 0, 100, 25, &edge, &n, &err));
  assert_int_equal(n, 25);
  for (int e = 0; e <= n; e++) assert_near(edge[e], 4 * e, 1e-12);
  pfc_free(edge);
}

/* Ties make no empty bins, long gaps are cut, the ends are what was asked for. */
static void bins_are_distinct_and_not_too_long(void **state) {
  (void)state;
  const uint64_t seed = test_seed(72);
  for (uint64_t trial = 0; trial < 200; trial++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.bins", trial);
    double day[300], *edge;
    int32_t n;
    const int m = 1 + (int)pfc_rng_below(&rng, 300), bins = 1 + (int)pfc_rng_below(&rng, 60);
    for (int i = 0; i < m; i++) day[i] = floor(pow(pfc_rng_uniform(&rng), 4) * 90) - 30;
    assert_ok(pfc_hazard_bins(m, day, -30, 200, bins, &edge, &n, &err));
    assert_in_range(n, 1, bins + 21);
    assert_near(edge[0], -30, 0);
    assert_near(edge[n], 200, 0);
    for (int e = 0; e < n; e++) {
      assert_true(edge[e + 1] > edge[e]);
      assert_true(edge[e + 1] - edge[e] <= 230 / 20.0 * (1 + 1e-9));
    }
    pfc_free(edge);
  }
}

static void bins_need_events_and_a_span(void **state) {
  (void)state;
  double day = 3, *edge;
  int32_t n;
  assert_fails(pfc_hazard_bins(0, &day, 0, 1, 5, &edge, &n, &err), PFC_EUSAGE, "bins need");
  assert_fails(pfc_hazard_bins(1, &day, 1, 1, 5, &edge, &n, &err), PFC_EUSAGE, "span");
  assert_fails(pfc_hazard_bins(1, &day, 0, 1, 0, &edge, &n, &err), PFC_EUSAGE, "quantile");
}

static void the_horizon_is_where_follow_up_ends(void **state) {
  (void)state;
  static pfc_episode spell[1000];
  double horizon;
  /* Half have their event early; the rest are censored, one a day, on days 1 .. 500. */
  for (int i = 0; i < 1000; i++)
    spell[i] = (pfc_episode){.duration_days = i < 500 ? 0.5 : i - 499,
                             .event = i < 500 ? PFC_PROFICIENT : PFC_CENSORED};
  assert_ok(pfc_hazard_horizon(1000, spell, 0.05, &horizon, &err));
  assert_near(horizon, 0, 30); /* the 5 % censored first: by day 26, events aside */
  assert_true(horizon >= 25 && horizon <= 26);
  assert_ok(pfc_hazard_horizon(1000, spell, 0.5, &horizon, &err));
  assert_near(horizon, 240, 0); /* day 251, in whole 30 days */
  for (int i = 0; i < 1000; i++) spell[i].event = PFC_LEFT;
  assert_ok(pfc_hazard_horizon(1000, spell, 0.05, &horizon, &err));
  assert_near(horizon, 480, 0); /* nobody was censored: the last day, 500 */
  assert_fails(pfc_hazard_horizon(0, spell, 0.05, &horizon, &err), PFC_EUSAGE, "needs spells");
  assert_fails(pfc_hazard_horizon(9, spell, 1, &horizon, &err), PFC_EUSAGE, "tail");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bins_are_quantiles),
      cmocka_unit_test(bins_are_distinct_and_not_too_long),
      cmocka_unit_test(bins_need_events_and_a_span),
      cmocka_unit_test(the_horizon_is_where_follow_up_ends),
  };
  return cmocka_run_group_tests_name("trainer/hazard bins", tests, NULL, NULL);
}
