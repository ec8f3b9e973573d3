/* Baselines: simple ways to order interventions, as models of their own. They are fitted by
 * `train --baseline`, stand in a bundle, and are judged and served like the rest.
 *
 *   popularity  people of the same role who took it up, shrunk towards all people
 *   recent      the same, older starts counting less
 *   manager     what people who report to the same manager took up, shrunk towards the role
 *   itemknn     what those took up who took up what the person did: cosine with shrinkage of
 *               the nearest neighbours (Deshpande and Karypis, TOIS 2004)
 *   ease        linear regression of each item on all others, in closed form (Steck, WWW 2019)
 *   gap         the largest gap of the person first, by what they need of each competency
 *   random      in an order of its own for every person, from the seed */
#ifndef PROFICIO_MODELS_BASELINE_H
#define PROFICIO_MODELS_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sparse.h"
#include "models/affinity.h"

typedef enum pfc_baseline_kind {
  PFC_BASELINE_NONE,
  PFC_BASELINE_POPULARITY,
  PFC_BASELINE_RECENT,
  PFC_BASELINE_MANAGER,
  PFC_BASELINE_ITEMKNN,
  PFC_BASELINE_EASE,
  PFC_BASELINE_GAP,
  PFC_BASELINE_RANDOM,
  PFC_N_BASELINES,
} pfc_baseline_kind;

/* "popularity" ...; NULL for PFC_BASELINE_NONE and whatever is no kind. */
PFC_API const char *pfc_baseline_name(pfc_baseline_kind kind);

/* Does it count take-ups by role? */
PFC_API bool pfc_baseline_counts_roles(pfc_baseline_kind kind);

enum { PFC_EASE_MOST_ITEMS = 20000 }; /* 1.6 GB of weights */

/* Taking up. Of popularity, recent and manager a take-up is a person and an intervention that
 * the person started; of itemknn and ease one with a confidence above 0 by `weights`, as of
 * affinity. Matrices of take-ups hold 1 or nothing.
 *
 * Counts of a group are those of a role (held on the day before the start) or of those who
 * report to a manager (on that day). As seen from a group g whose level above thinks p of an
 * intervention, its share of take-ups is (count_g + shrinkage p) / (n_g + shrinkage), n_g all
 * take-ups of the group; the level above roles is everybody, that above managers the role. */
typedef struct pfc_baseline {
  pfc_baseline_kind kind;
  int32_t n_items; /* model codes of "intervention" */
  double *count;   /* n_items: take-ups by anybody; of recent halved with every half-life */
  double shrinkage;
  pfc_affinity_weights weights; /* half_life_days: of recent that of the counts, else 0 */
  pfc_csr by_role;              /* popularity, recent, manager: model codes of "role" */
  pfc_csr by_manager;           /* manager: model codes of "person" */
  pfc_csr neighbours;           /* itemknn: a row an item, weights of those near to it */
  int32_t n_fitted;             /* ease: items with take-ups */
  int32_t *fitted;              /* n_fitted: their model codes, ascending */
  float *ease; /* n_fitted x n_fitted: row j is what a take-up of fitted[j] says of each */
} pfc_baseline;

/* Frees what the struct holds; safe on a zeroed struct. */
PFC_API void pfc_baseline_clear(pfc_baseline *m);

#endif
