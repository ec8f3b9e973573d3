/* Baselines: simple ways to order interventions, as models of their own. They are fitted by
 * `train --baseline`, stand in a bundle, and are judged and served like the rest.
 *
 *   popularity  people of the same role who took it up, shrunk towards all people
 *   recent      the same, older starts counting less
 *   manager     what people who report to the same manager took up, shrunk towards the role
 *   itemknn     what is taken up by those who took up what the person did: cosine of the items'
 *               columns with shrinkage, the nearest neighbours of each item alone (Deshpande and
 *               Karypis, TOIS 2004)
 *   ease        linear regression of each item on all others, in closed form (Steck, WWW 2019)
 *   gap         the largest gap of the person first, by what they need of each competency
 *   random      in an order of its own for every person, from the seed */
#ifndef PROFICIO_MODELS_BASELINE_H
#define PROFICIO_MODELS_BASELINE_H

#include <stdint.h>

#include "base/error.h"

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

#endif
