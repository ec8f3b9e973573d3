/* One way to order interventions for a decision, whatever the model behind it: the affinity or
 * the baseline of a bundle. What judging ranks by, and what recommend serves of a baseline. */
#ifndef PROFICIO_ENGINE_RANKER_H
#define PROFICIO_ENGINE_RANKER_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "datasets/lens.h"
#include "models/bundle.h"

typedef struct pfc_ranker pfc_ranker;

/* Decisions scored at once. */
enum { PFC_RANKER_TILE = 64 };

/* What the ranker looks at: a dataset through the model's eyes. All borrowed; must outlive it.
 */
typedef struct pfc_ranker_world {
  const pfc_dataset *ds;
  const pfc_history *history;
  const pfc_catalogue *cat;
  const pfc_lens *lens; /* of the bundle's dictionaries */
  int32_t as_of; /* up to here levels of others are seen that stand in for missing ones */
} pfc_ranker_world;

/* Has the bundle anything to rank by? An affinity model goes before a baseline. */
PFC_API int pfc_ranker_is_in(const pfc_bundle *b);

/* PFC_EDATA when it has not. n_threads workspaces. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_ranker_create(const pfc_bundle *b,
                                                  const pfc_ranker_world *world, int n_threads,
                                                  pfc_ranker **ranker, pfc_error *err);
PFC_API void pfc_ranker_destroy(pfc_ranker *r); /* NULL is allowed */

/* score[n x n_interventions], row-major, dataset codes: the higher the better, finite; of n <=
 * PFC_RANKER_TILE decisions, each as seen from its own date (its intervention does not count).
 * Distinct `thread`s (0..n_threads-1) may run side by side. A decision scored alone gets the
 * same bits as in a tile. Of affinity: x.y; of a baseline: what models/baseline.h says, and
 * where that is alike the more popular one is a hair's breadth ahead. */
PFC_API PFC_MUST_USE pfc_status pfc_ranker_score(const pfc_ranker *r, int thread, int n,
                                                 const pfc_decision *d, float *score,
                                                 pfc_error *err);

/* What speaks for an intervention in the eyes of a baseline. */
typedef enum pfc_basis_group {
  PFC_BASIS_EVERYBODY,
  PFC_BASIS_ROLE,    /* people of the same role */
  PFC_BASIS_MANAGER, /* people who report to the same manager */
} pfc_basis_group;
typedef struct pfc_basis {
  pfc_baseline_kind kind; /* PFC_BASELINE_NONE: no baseline ranks */
  pfc_basis_group group;  /* the nearest one with take-ups of it */
  double n;               /* take-ups there */
  double n_like; /* where there are none by anybody: those on average of the interventions that
                    share a competency with it, and in whose place it stands; else 0 */
  int32_t like;  /* itemknn, ease: of what the person took up, the one that says most
                    for it; -1 none */
} pfc_basis;

/* Shares scratch with pfc_ranker_score of the same thread. */
PFC_API void pfc_ranker_basis(const pfc_ranker *r, int thread, const pfc_decision *d,
                              int32_t intervention, pfc_basis *basis);

#endif
