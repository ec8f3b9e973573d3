/* Candidates: what may be put before a person on a day. */
#ifndef PROFICIO_ENGINE_CANDIDATES_H
#define PROFICIO_ENGINE_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"

/* Has the person, as known to the decision, passed something after which the intervention
 * has nothing more to give (pfc_catalogue_covers)? */
PFC_API bool pfc_candidate_is_covered(const pfc_history *h, const pfc_catalogue *cat,
                                      const pfc_decision *d, int32_t intervention);

#endif
