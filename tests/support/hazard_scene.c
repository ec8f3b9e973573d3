#include "tests/support/hazard_scene.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/test.h"

static pfc_episode draw_spell(pfc_rng *rng) {
  pfc_episode s = {.last_below_days = NAN};
  if (pfc_rng_below(rng, 3) == 0) s.entry_days = (double)pfc_rng_below(rng, H + 10);
  s.duration_days = s.entry_days + 1 + (double)pfc_rng_below(rng, 50);
  s.event = (pfc_cause)((int)pfc_rng_below(rng, 4) - 1);
  return s;
}

static void draw_features(scene *s, pfc_rng *rng) {
  int32_t col[D];
  float val[D];
  int n = 0;
  for (int32_t j = 0; j < D; j++) {
    if (pfc_rng_below(rng, 2) == 0) continue;
    col[n] = j;
    val[n++] = j < 2 ? 1 : (float)pfc_rng_normal(rng);
  }
  assert_ok(pfc_csr_append(&s->x, n, col, val, &err));
}

scene *scene_draw(uint64_t seed, int n, pfc_cause cause) {
  scene *s = pfc_alloc_array(1, sizeof *s);
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.hazard_fit", (uint64_t)n);
  s->m = test_hazard(&rng, H, 1, -4);
  for (int c = 0; c < CURVES; c++) {
    const double clock_day[] = {10.0 * c, NAN, NAN};
    assert_ok(pfc_hazard_curve(&s->m, c % 2 - 1, clock_day, H, &s->curve[c], &err));
  }
  assert_ok(pfc_csr_init(&s->x, n, D, &err));
  for (int i = 0; i < n; i++) {
    s->spell[i] = draw_spell(&rng);
    s->curve_of[i] = (int32_t)pfc_rng_below(&rng, CURVES);
    draw_features(s, &rng);
  }
  for (int j = 0; j < D; j++) s->ridge[j] = 0.1 + 0.1 * j;
  for (int j = 0; j < MAX_BASELINE; j++) s->baseline_ridge[j] = 0.05;
  s->link[0][1] = 1;
  s->link[1][0] = 1;
  s->link_weight[0] = 0.3;
  s->link_weight[1] = 0.7;
  s->p = (pfc_hazard_problem){.n = n,
                              .spell = s->spell,
                              .curve_of = s->curve_of,
                              .n_curves = CURVES,
                              .curves = s->curve,
                              .x = &s->x,
                              .ridge = s->ridge,
                              .tick_days = 1,
                              .n_baseline = pfc_hazard_n_baseline(&s->m, cause),
                              .baseline_ridge = s->baseline_ridge,
                              .n_links = 2,
                              .link = (const int32_t(*)[2])s->link,
                              .link_weight = s->link_weight};
  assert_true(s->p.n_baseline <= MAX_BASELINE);
  return s;
}

void scene_drop(scene *s) {
  for (int c = 0; c < CURVES; c++) pfc_curve_clear(&s->curve[c]);
  pfc_csr_clear(&s->x);
  pfc_hazard_clear(&s->m);
  pfc_free(s);
}
