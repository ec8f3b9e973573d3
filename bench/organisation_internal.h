/* An organisation in memory: catalogue, enrolments, episodes. */
#ifndef PROFICIO_BENCH_ORGANISATION_INTERNAL_H
#define PROFICIO_BENCH_ORGANISATION_INTERNAL_H

#include "datasets/dataset.h"

typedef struct pfc__organisation {
  int32_t n_people, n_interventions, n_competencies;
  int64_t n_enrolments; /* about */
  int32_t n_targets;    /* an intervention; 0: one */
  int32_t n_roles;      /* 0: no roles, and nothing is required */
  int32_t n_ratings;    /* a person; 0: nobody is rated */
  uint64_t seed;
} pfc__organisation;

/* Tables interventions, targets, enrolments and episodes (one an enrolment, of its first
 * target). Results hang on person, intervention and chance. With roles people, roles and
 * requirements too (a role asks for a third of the competencies), with ratings assessments by a
 * test and by managers. Codes, and what interventions and roles are, hang on numbers alone: a
 * model of a few of the people serves for more. Owned by the caller. */
PFC_MUST_USE pfc_status pfc__organisation_create(const pfc__organisation *shape,
                                                 pfc_dataset **ds, pfc_error *err);

#endif
