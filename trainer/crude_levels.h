/* Levels as simple rules tell them, which everybody uses who has ratings of several sources and
 * no model of these: what the profile model (models/profile.h) must beat. */
#ifndef PROFICIO_TRAINER_CRUDE_LEVELS_H
#define PROFICIO_TRAINER_CRUDE_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/evidence.h"

typedef enum pfc_crude {
  PFC_LATEST_RATING,  /* of two of one day the one in the later row */
  PFC_HIGHEST_SOURCE, /* the latest one of the source that ranks highest */
  PFC_MEAN_RATING,
  PFC_N_CRUDE,
} pfc_crude;

/* "latest_rating", ... */
PFC_API const char *pfc_crude_name(pfc_crude rule);

/* rank[sources of the dataset], higher first: anchors, then by their words certificate, test,
 * review, report, manager, peer, whatever else there is, self. */
PFC_API void pfc_crude_ranks(const pfc_dataset *ds, const pfc_evidence *e, int32_t *rank);

/* From the person's ratings of the competency that a decision on `date` may see
 * (pfc_seen_before); an undated one counts as the latest. False, and NaN, where there are none.
 */
PFC_API bool pfc_crude_levels(const pfc_evidence *e, const int32_t *rank, int32_t person,
                              int32_t competency, int32_t date, double level[PFC_N_CRUDE]);

#endif
