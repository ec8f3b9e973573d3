#include "tests/support/hazard.h"

#include "base/mem.h"
#include "tests/support/test.h"

/* Whole days, ascending, from `first` on. */
static void draw_clock(pfc_clock *clock, pfc_rng *rng, int first, int span) {
  clock->n_bins = 2 + (int32_t)pfc_rng_below(rng, 5);
  clock->edge = pfc_alloc_array((size_t)clock->n_bins + 1, sizeof *clock->edge);
  assert_non_null(clock->edge);
  clock->edge[0] = first;
  const uint64_t step = (uint64_t)(span / clock->n_bins);
  for (int32_t e = 1; e <= clock->n_bins; e++) {
    clock->edge[e] = clock->edge[e - 1] + 1 + (double)pfc_rng_below(rng, step);
  }
}

pfc_hazard test_hazard(pfc_rng *rng, int horizon_days, int n_groups, double level) {
  pfc_hazard m = {.tick_days = 1, .horizon_days = horizon_days, .n_groups = n_groups};
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const int due = r == PFC_PROFICIENT;
    draw_clock(&m.clock[r], rng, due ? -10 : 0, horizon_days);
    m.clock[r].column = pfc_strdup(due ? "x_day_due" : "");
    m.clock[r].typical_day = due ? 10 : 0;
    const int32_t n = pfc_hazard_n_baseline(&m, (pfc_cause)r);
    m.baseline[r] = pfc_alloc_array((size_t)n, sizeof *m.baseline[r]);
    assert_non_null(m.baseline[r]);
    for (int32_t j = 0; j < n; j++) {
      const double noise = 0.7 * pfc_rng_normal(rng);
      m.baseline[r][j] = j < m.clock[r].n_bins ? level + noise : noise / 2;
    }
  }
  return m;
}
