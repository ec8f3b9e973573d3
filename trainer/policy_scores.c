/* What policies go by: scores of everything for everybody, as of the day. */
#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/ranker.h"
#include "engine/scorer.h"
#include "trainer/policy_internal.h"

/* --- tiles side by side --------------------------------------------------------------------
 */

typedef pfc_status (*tile_fn)(int thread, int32_t first, int32_t n, void *user, pfc_error *err);

/* fn for `size` people at a time, in parallel; of failures that of the first tile is told. */
static pfc_status each_tile(int32_t n_people, int32_t size, tile_fn fn, void *user,
                            pfc_error *err) {
  int32_t failed_at = INT32_MAX;
  pfc_status failed = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  const int32_t n_tiles = (n_people + size - 1) / size;
#pragma omp parallel for schedule(dynamic, 1)
  for (int32_t t = 0; t < n_tiles; t++) {
    pfc_error e = PFC_ERROR_INIT;
    const int32_t first = t * size, left = n_people - first;
    const pfc_status st = fn(omp_get_thread_num(), first, left < size ? left : size, user, &e);
    if (st == PFC_OK) continue;
#pragma omp critical
    if (t < failed_at) {
      failed_at = t;
      failed = st;
      why = e;
    }
  }
  return failed == PFC_OK ? PFC_OK : pfc_fail(err, failed, "%s", why.msg);
}

/* --- rankers --------------------------------------------------------------------------------
 */

typedef struct ranking {
  const pfc_policy_problem *problem;
  pfc_ranker *ranker;
  float *score;
} ranking;

static pfc_status rank_tile(int thread, int32_t first, int32_t n, void *user, pfc_error *err) {
  const ranking *r = user;
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
  PFC_TRY(each_tile(problem->n_people, PFC_RANKER_TILE, rank_tile, &r, err));
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
  const pfc__policy_models *out;
  pfc_score **scores; /* one tile a thread */
  uint8_t **allowed;
} scoring;

static pfc_status score_tile(int thread, int32_t first, int32_t n, void *user, pfc_error *err) {
  const scoring *s = user;
  const pfc__policy_models *out = s->out;
  const int32_t n_candidates = pfc_scorer_n_candidates(s->scorer);
  const pfc_status st = pfc_scorer_tile(s->scorer, thread, n, s->problem->person + first,
                                        s->scores[thread], s->allowed[thread], err);
  if (st != PFC_OK) return st;
  for (int32_t p = 0; p < n; p++) {
    const int64_t row = (int64_t)(first + p) * s->problem->n_items;
    for (int32_t c = 0; c < n_candidates; c++) {
      const pfc_score *score = &s->scores[thread][(int64_t)p * n_candidates + c];
      out->affinity[row + score->intervention] = (float)score->affinity;
      out->success[row + score->intervention] = (float)score->p_success;
      out->value[row + score->intervention] = (float)score->value;
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
  PFC_TRY(each_tile(s->problem->n_people, PFC_SCORER_TILE, score_tile, s, err));
done:
  for (int t = 0; t < n_threads; t++) {
    if (s->scores) pfc_free(s->scores[t]);
    if (s->allowed) pfc_free(s->allowed[t]);
  }
  pfc_free(s->scores);
  pfc_free(s->allowed);
  return st;
}

pfc_status pfc__policy_score(const pfc_bundle *bundle, const pfc_dataset *ds,
                             const pfc_policy_problem *problem, pfc__policy_models *models,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings settings;
  const size_t pairs = (size_t)problem->n_people * (size_t)problem->n_items;
  pfc_scorer_defaults(&settings);
  settings.as_of = problem->day;
  PFC_NEW(models->affinity, pairs);
  PFC_NEW(models->success, pairs);
  PFC_NEW(models->value, pairs);
  for (size_t k = 0; k < pairs; k++)
    models->affinity[k] = models->success[k] = models->value[k] = NAN;
  PFC_TRY(pfc_scorer_create(bundle, ds, &settings, &scorer, err));
  scoring s = {.problem = problem, .scorer = scorer, .out = models};
  PFC_TRY(run_scorer(&s, err));
done:
  pfc_scorer_destroy(scorer);
  return st;
}

void pfc__policy_models_clear(pfc__policy_models *models) {
  pfc_free(models->affinity);
  pfc_free(models->success);
  pfc_free(models->value);
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
