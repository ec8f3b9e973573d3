/* Ratings of people, drawn from the profile model itself. */
#ifndef PROFICIO_BENCH_RATINGS_INTERNAL_H
#define PROFICIO_BENCH_RATINGS_INTERNAL_H

#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

enum { PFC__RATINGS_SOURCES = 5, PFC__RATINGS_ROLES = 40, PFC__RATINGS_RANK = 4 };

typedef struct pfc__ratings {
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_profile truth; /* what the ratings were drawn with */
} pfc__ratings;

/* each: ratings of everybody, in half as many competencies. A role asks for a third of the
 * competencies; four in five rated cells are among these. One person in four has changed roles,
 * one cell in ten was taught. Five sources: self, manager and peer with raters, review, and
 * test, the anchor. Every person is drawn from a stream of their own. *out is cleared by the
 * caller, also after a failure. n_competencies >= 4; 2 <= each <= 1024. */
PFC_MUST_USE pfc_status pfc__ratings_draw(int32_t n_people, int32_t n_competencies,
                                          int32_t each, uint64_t seed, pfc__ratings *out,
                                          pfc_error *err);
void pfc__ratings_clear(pfc__ratings *r);

#endif
