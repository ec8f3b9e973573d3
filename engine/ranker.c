#include "engine/ranker.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "engine/ranker_internal.h"

int pfc_ranker_is_in(const pfc_bundle *b) { return b->has_affinity || b->has_baseline; }

/* --- affinity -------------------------------------------------------------------------- */

static pfc_status affinity_init(pfc_ranker *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = &r->bundle->affinity;
  const pfc_ranker_world *w = &r->world;
  const size_t k = (size_t)m->rank;
  PFC_TRY(pfc_fold_create(m, w->lens, w->history, w->cat, r->n_threads, &r->fold, err));
  PFC_NEW(r->Y, (size_t)r->n * k);
  for (int32_t i = 0; i < r->n; i++) {
    memcpy(r->Y + (size_t)i * k, pfc_fold_item(r->fold, i), k * sizeof *r->Y);
  }
  for (int t = 0; t < r->n_threads; t++) {
    PFC_NEW(r->work[t].X, PFC_RANKER_TILE * k);
    PFC_NEW(r->work[t].score, (size_t)PFC_RANKER_TILE * (size_t)r->n);
  }
done:
  return st;
}

/* Every tile runs the same shape of GEMM, full or not, so that the bits of a decision do not
 * depend on which others are in it. */
static pfc_status affinity_score(const pfc_ranker *r, int thread, int n, const pfc_decision *d,
                                 float *score, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__ranker_work *w = &r->work[thread];
  const int k = r->bundle->affinity.rank;
  memset(w->X, 0, sizeof *w->X * PFC_RANKER_TILE * (size_t)k);
  for (int p = 0; p < n; p++) {
    int64_t n_items = 0;
    PFC_TRY(pfc_fold_person(r->fold, thread, &d[p], w->X + (ptrdiff_t)p * k, &n_items, err));
  }
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, PFC_RANKER_TILE, r->n, k, 1, w->X, k,
              r->Y, k, 0, w->score, r->n);
  memcpy(score, w->score, sizeof *score * (size_t)n * (size_t)r->n);
done:
  return st;
}

/* --- all kinds ------------------------------------------------------------------------- */

/* BLAS takes its dimensions as int: checked once, here. */
static pfc_status check_sizes(const pfc_ranker *r, pfc_error *err) {
  if ((int64_t)r->n * PFC_RANKER_TILE > INT_MAX) {
    return pfc_fail(err, PFC_EDATA,
                    "%d interventions are more than a tile of %d decisions can hold", r->n,
                    PFC_RANKER_TILE);
  }
  return PFC_OK;
}

pfc_status pfc_ranker_create(const pfc_bundle *b, const pfc_ranker_world *world, int n_threads,
                             pfc_ranker **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_ranker *r = NULL;
  if (!pfc_ranker_is_in(b)) {
    return pfc_fail(err, PFC_EDATA,
                    "the model bundle holds neither an affinity model nor a baseline: there is "
                    "nothing to rank by");
  }
  PFC_NEW(r, 1);
  r->bundle = b;
  r->world = *world;
  r->n = world->cat->n_interventions;
  PFC_NEW(r->work, n_threads);
  r->n_threads = n_threads;
  PFC_TRY(check_sizes(r, err));
  PFC_TRY(b->has_affinity ? affinity_init(r, err) : pfc__ranker_baseline_init(r, err));
  *out = r;
  r = NULL;
done:
  pfc_ranker_destroy(r);
  return st;
}

void pfc_ranker_destroy(pfc_ranker *r) {
  if (!r) return;
  for (int t = 0; t < r->n_threads; t++) {
    pfc__ranker_work *w = &r->work[t];
    pfc_free(w->X);
    pfc_free(w->score);
    pfc_free(w->share);
    pfc_free(w->taken);
    pfc_free(w->is_new);
    pfc_free(w->sum);
    pfc_free(w->need);
  }
  pfc_free(r->work);
  pfc_free(r->Y);
  pfc_fold_destroy(r->fold);
  pfc__ranker_baseline_clear(r);
  pfc_free(r);
}

pfc_status pfc_ranker_score(const pfc_ranker *r, int thread, int n, const pfc_decision *d,
                            float *score, pfc_error *err) {
  if (n == 0 || r->n == 0) return PFC_OK;
  if (r->fold) return affinity_score(r, thread, n, d, score, err);
  for (int k = 0; k < n; k++) {
    pfc__ranker_baseline_score(r, thread, &d[k], score + (ptrdiff_t)k * r->n);
  }
  return PFC_OK;
}
