/* How levels are seen: ratings of one person, as the simulator and what goes on after it
 * (datasets/respond.h) draw them. */
#ifndef PROFICIO_DATASETS_SIMULATE_ASSESS_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_ASSESS_INTERNAL_H

#include "datasets/simulate_internal.h"

typedef struct pfc__rating {
  int32_t person, competency, source, rater, day, valid_until; /* rater: -1 none */
  float level;                                                 /* on the source's scale */
} pfc__rating;

/* Ratings of one person, or of all. */
typedef struct pfc__ratings {
  pfc__rating *row;
  int64_t n, capacity;
} pfc__ratings;

enum { PFC__SIM_SOURCES = 6, PFC__SIM_YEAR = 365 }; /* sources; days from review to review */

/* code[PFC__SIM_SOURCES]: of the sources' names in that dictionary of the dataset. */
pfc_status pfc__sim_source_words(pfc__sim *s, int32_t *code, pfc_error *err);

/* A year's review, first to last day, and what managers and peers say in between. */
pfc_status pfc__sim_assess_year(const pfc__sim *s, int32_t person, int32_t first, int32_t last,
                                pfc_rng *rng, pfc__ratings *out, pfc_error *err);

/* What is looked at after an intervention that was passed or failed on its last day, as far as
 * the history goes. */
pfc_status pfc__sim_assess_finished(const pfc__sim *s, int32_t person, int32_t intervention,
                                    int32_t ended_on, bool passed, pfc_rng *rng,
                                    pfc__ratings *out, pfc_error *err);

/* Ratings of one person by day; nobody rates the same thing twice on one day. */
void pfc__sim_sort_ratings(pfc__ratings *r);

#endif
