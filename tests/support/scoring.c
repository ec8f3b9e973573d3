#include "tests/support/scoring.h"

#include "base/mem.h"
#include "tests/support/test.h"
#include "trainer/train.h"

pfc_bundle *scoring_train(const pfc_dataset *ds, unsigned models) {
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  pfc_train_defaults(&settings);
  settings.models = settings.require = models;
  settings.profile.rank = 1;
  settings.als.rank = 5;
  settings.als.max_sweeps = 15;
  settings.als.alpha0 = 0.1;
  settings.time_tail = 0.5;
  assert_ok(pfc_train(ds, &settings, &bundle, &report, &err));
  return bundle;
}

int scoring_same(const pfc_score *a, const pfc_score *b) {
  const size_t numbers = offsetof(pfc_score, cold);
  return memcmp(a, b, numbers) == 0 && a->cold == b->cold && a->evidence_n == b->evidence_n;
}

static void run_tiles(scored *s) {
  int32_t people[PFC_SCORER_TILE];
  for (int32_t first = 0; first < s->n_people; first += PFC_SCORER_TILE) {
    const int32_t left = s->n_people - first,
                  n = left < PFC_SCORER_TILE ? left : PFC_SCORER_TILE;
    for (int32_t p = 0; p < n; p++) people[p] = first + p;
    const ptrdiff_t at = (ptrdiff_t)first * s->n;
    assert_ok(pfc_scorer_tile(s->scorer, 0, n, people, s->scores + at, s->allowed + at, &err));
    for (int32_t k = 0; k < n * s->n; k++) {
      pfc_scorer_tell_times(s->scorer, 0, k / s->n, &s->scores[at + k]);
    }
  }
}

scored scoring_run(const pfc_bundle *bundle, const pfc_dataset *ds,
                   const pfc_scorer_settings *settings) {
  scored s = {.n_people = pfc_dataset_count(ds, "person")};
  assert_ok(pfc_scorer_create(bundle, ds, settings, &s.scorer, &err));
  s.n = pfc_scorer_n_candidates(s.scorer);
  const size_t pairs = (size_t)s.n_people * (size_t)s.n;
  s.scores = pfc_alloc_array(pairs, sizeof *s.scores);
  s.allowed = pfc_alloc_array(pairs, 1);
  assert_true(s.scores && s.allowed);
  run_tiles(&s);
  return s;
}

void scoring_clear(scored *s) {
  pfc_scorer_destroy(s->scorer);
  pfc_free(s->scores);
  pfc_free(s->allowed);
  *s = (scored){0};
}
