/* A model's scores of all people on a day, as the problem of the day counts them. */
#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "bench/loop_internal.h"
#include "engine/scorer.h"

typedef struct board {
  const pfc_scorer *scorer;
  const pfc_policy_problem *problem;
  float *score;
  int n_threads;
  pfc_score **scores; /* one a thread: a tile of people x candidates */
  uint8_t **allowed;
} board;

static void board_clear(board *b) {
  for (int k = 0; k < b->n_threads; k++) {
    if (b->scores) pfc_free(b->scores[k]);
    if (b->allowed) pfc_free(b->allowed[k]);
  }
  pfc_free(b->scores);
  pfc_free(b->allowed);
}

static pfc_status board_init(board *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t n = (size_t)PFC_SCORER_TILE * (size_t)pfc_scorer_n_candidates(b->scorer);
  b->n_threads = pfc_par_threads();
  PFC_NEW(b->scores, b->n_threads);
  PFC_NEW(b->allowed, b->n_threads);
  for (int k = 0; k < b->n_threads; k++) {
    PFC_NEW(b->scores[k], n);
    PFC_NEW(b->allowed[k], n);
  }
done:
  return st;
}

static pfc_status score_tile(const board *b, int thread, int32_t first, pfc_error *err) {
  const pfc_policy_problem *problem = b->problem;
  const int32_t left = problem->n_people - first;
  const int n = left < PFC_SCORER_TILE ? (int)left : PFC_SCORER_TILE;
  const int32_t n_candidates = pfc_scorer_n_candidates(b->scorer);
  const int32_t *candidate = pfc_scorer_candidates(b->scorer);
  const pfc_status st = pfc_scorer_tile(b->scorer, thread, n, problem->person + first,
                                        b->scores[thread], b->allowed[thread], err);
  for (int64_t p = 0; st == PFC_OK && p < n; p++) {
    const pfc_score *of = b->scores[thread] + p * n_candidates;
    float *to = b->score + (first + p) * problem->n_items;
    for (int32_t c = 0; c < n_candidates; c++)
      if (isfinite(of[c].value)) to[candidate[c]] = (float)of[c].value;
  }
  return st;
}

static pfc_status score_tiles(const board *b, pfc_error *err) {
  pfc_status failed = PFC_OK;
  pfc_error why = PFC_ERROR_INIT;
  int32_t failed_at = INT32_MAX;
  const int32_t n_tiles = (b->problem->n_people + PFC_SCORER_TILE - 1) / PFC_SCORER_TILE;
#pragma omp parallel for schedule(dynamic) num_threads(b->n_threads)
  for (int32_t t = 0; t < n_tiles; t++) {
    pfc_error e = PFC_ERROR_INIT;
    const pfc_status st = score_tile(b, omp_get_thread_num(), t * PFC_SCORER_TILE, &e);
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

pfc_status pfc__loop_score(const pfc_bundle *bundle, const pfc_dataset *ds,
                           const pfc_policy_problem *problem, float *score, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer *scorer = NULL;
  board b = {.problem = problem, .score = score};
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = problem->day;
  PFC_TRY(pfc_scorer_create(bundle, ds, &s, &scorer, err));
  b.scorer = scorer;
  PFC_TRY(board_init(&b, err));
  for (int64_t k = 0; k < (int64_t)problem->n_people * problem->n_items; k++)
    score[k] = -INFINITY;
  PFC_TRY(score_tiles(&b, err));
done:
  board_clear(&b);
  pfc_scorer_destroy(scorer);
  return st;
}
