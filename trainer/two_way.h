/* rating = mean + competency + person + noise: the classic for a table of people, competencies
 * and ratings, and what the profile model's factors must beat. */
#ifndef PROFICIO_TRAINER_TWO_WAY_H
#define PROFICIO_TRAINER_TWO_WAY_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/evidence.h"

/* Effects are normal, with variances that are fitted with them, so that who was rated rarely is
 * taken nearer to the average. */
typedef struct pfc_two_way {
  double mean, noise_var, person_var, competency_var;
  int32_t n_competencies;
  double *competency; /* n_competencies; 0 of one nobody was rated in */
  double *plain;      /* n_competencies: mean rating; that of all where there is none */
} pfc_two_way;

/* From all ratings of the evidence, whatever their source and day; all 0 without any. The
 * caller's, to clear. */
PFC_API PFC_MUST_USE pfc_status pfc_two_way_fit(const pfc_evidence *e, pfc_two_way *t,
                                                pfc_error *err);
PFC_API void pfc_two_way_clear(pfc_two_way *t);

/* The person's effect by what a decision on `date` may see (pfc_seen_before); 0 of somebody
 * without ratings. */
PFC_API double pfc_two_way_person(const pfc_two_way *t, const pfc_evidence *e, int32_t person,
                                  int32_t date);

#endif
