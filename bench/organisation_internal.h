/* An organisation in memory: catalogue, enrolments, episodes. */
#ifndef PROFICIO_BENCH_ORGANISATION_INTERNAL_H
#define PROFICIO_BENCH_ORGANISATION_INTERNAL_H

#include "datasets/dataset.h"

typedef struct pfc__organisation {
  int32_t n_people, n_interventions, n_competencies;
  int64_t n_enrolments; /* about */
  uint64_t seed;
} pfc__organisation;

/* Tables interventions, targets (one an intervention), enrolments and episodes (one an
 * enrolment). Results hang on person, intervention and chance. Owned by the caller. */
PFC_MUST_USE pfc_status pfc__organisation_create(const pfc__organisation *shape,
                                                 pfc_dataset **ds, pfc_error *err);

#endif
