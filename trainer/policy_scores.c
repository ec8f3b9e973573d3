/* What policies go by: scores of everything for everybody, as of the day. */
#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/ranker.h"
#include "engine/scorer.h"
#include "trainer/policy_internal.h"

/* --- tiles side by side --------------------------------------------------------------------
 */

/* First of the people of a tile, and how many they are. */
static int32_t begin_of(int64_t tile, int size, int32_t n_people, int *n) {
  const int32_t first = (int32_t)tile * size, left = n_people - first;
  *n = left < size ? left : size;
  return first;
}

static int32_t n_tiles(int32_t n_people, int size) { return (n_people + size - 1) / size; }

/* --- rankers --------------------------------------------------------------------------------
 */

typedef struct ranking {
  const pfc_policy_problem *problem;
  pfc_ranker *ranker;
  float *score;
} ranking;

static pfc_status rank_tile(int thread, int64_t tile, void *user, pfc_error *err) {
  const ranking *r = user;
  int n;
  const int32_t first = begin_of(tile, PFC_RANKER_TILE, r->problem->n_people, &n);
  pfc_decision d[PFC_RANKER_TILE];
  for (int32_t p = 0; p < n; p++)
    d[p] = (pfc_decision){r->problem->person[first + p], -1, -1, r->problem->day, -1, -1};
  return pfc_ranker_score(r->ranker, thread, n, d,
                          r->score + (int64_t)first * r->problem->n_items, err);
}

pfc_status pfc__policy_rank(const pfc_bundle *bundle, const pfc_dataset *ds,
                            const pfc_policy_problem *problem, float *score, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_history *history = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  ranking r = {.problem = problem, .score = score};
  PFC_TRY(pfc_history_create(ds, &history, err));
  PFC_TRY(pfc_catalogue_create(ds, &cat, err));
  PFC_TRY(pfc_lens_create(ds, history, cat, bundle->dicts, bundle->n_dicts, &lens, err));
  const pfc_ranker_world world = {ds, history, cat, lens, problem->day};
  PFC_TRY(pfc_ranker_create(bundle, &world, pfc_par_threads(), &r.ranker, err));
  PFC_TRY(pfc_par_each(n_tiles(problem->n_people, PFC_RANKER_TILE), 1, 1, rank_tile, &r, err));
done:
  pfc_ranker_destroy(r.ranker);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(history);
  return st;
}

/* --- models ---------------------------------------------------------------------------------
 */

typedef struct scoring {
  const pfc_policy_problem *problem;
  const pfc_scorer *scorer;
  const pfc_policy_scores *out;
  pfc_score **scores; /* one tile a thread */
  uint8_t **allowed;
} scoring;

static void put_score(float *to, int64_t at, double score) {
  if (to && isfinite(score)) to[at] = (float)score;
}

static pfc_status score_tile(int thread, int64_t tile, void *user, pfc_error *err) {
  const scoring *s = user;
  const pfc_policy_scores *out = s->out;
  int n;
  const int32_t first = begin_of(tile, PFC_SCORER_TILE, s->problem->n_people, &n);
  const int32_t n_candidates = pfc_scorer_n_candidates(s->scorer);
  const pfc_status st = pfc_scorer_tile(s->scorer, thread, n, s->problem->person + first,
                                        s->scores[thread], s->allowed[thread], err);
  if (st != PFC_OK) return st;
  for (int32_t p = 0; p < n; p++) {
    const int64_t row = (int64_t)(first + p) * s->problem->n_items;
    for (int32_t c = 0; c < n_candidates; c++) {
      const pfc_score *score = &s->scores[thread][(int64_t)p * n_candidates + c];
      put_score(out->affinity, row + score->intervention, score->affinity);
      put_score(out->success, row + score->intervention, score->p_success);
      put_score(out->value, row + score->intervention, score->value);
    }
  }
  return PFC_OK;
}

static pfc_status run_scorer(scoring *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_threads = pfc_par_threads();
  const size_t pairs = (size_t)PFC_SCORER_TILE * (size_t)pfc_scorer_n_candidates(s->scorer);
  PFC_NEW(s->scores, n_threads);
  PFC_NEW(s->allowed, n_threads);
  for (int t = 0; t < n_threads; t++) {
    PFC_NEW(s->scores[t], pairs);
    PFC_NEW(s->allowed[t], pairs);
  }
  PFC_TRY(
      pfc_par_each(n_tiles(s->problem->n_people, PFC_SCORER_TILE), 1, 1, score_tile, s, err));
done:
  for (int t = 0; t < n_threads; t++) {
    if (s->scores) pfc_free(s->scores[t]);
    if (s->allowed) pfc_free(s->allowed[t]);
  }
  pfc_free(s->scores);
  pfc_free(s->allowed);
  return st;
}

pfc_status pfc_policy_score(const pfc_bundle *bundle, const pfc_dataset *ds,
                            const pfc_policy_problem *problem, const pfc_policy_scores *scores,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings settings;
  const int64_t pairs = (int64_t)problem->n_people * problem->n_items;
  float *const all[] = {scores->affinity, scores->success, scores->value};
  for (int m = 0; m < 3; m++)
    for (int64_t k = 0; all[m] && k < pairs; k++) all[m][k] = -INFINITY;
  pfc_scorer_defaults(&settings);
  settings.as_of = problem->day;
  PFC_TRY(pfc_scorer_create(bundle, ds, &settings, &scorer, err));
  scoring s = {.problem = problem, .scorer = scorer, .out = scores};
  PFC_TRY(run_scorer(&s, err));
done:
  pfc_scorer_destroy(scorer);
  return st;
}

/* --- chance ---------------------------------------------------------------------------------
 */

void pfc__policy_draw(const pfc_policy_problem *problem, uint64_t seed, int draw,
                      float *score) {
  const int64_t pairs = (int64_t)problem->n_people * problem->n_items;
#pragma omp parallel for schedule(static) if (PFC_WORTH_THREADS(10 * pairs))
  for (int32_t p = 0; p < problem->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "policy.random",
                 (uint64_t)draw << 32 | (uint32_t)problem->person[p]);
    for (int32_t i = 0; i < problem->n_items; i++)
      score[(int64_t)p * problem->n_items + i] = (float)pfc_rng_uniform(&rng);
  }
}
