/* The catalogue: what each intervention aims at and when it can be started. */
#ifndef PROFICIO_DATASETS_CATALOGUE_H
#define PROFICIO_DATASETS_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* Interventions are codes of the dictionary "intervention". Targets are the pairs
 * (intervention, competency) that models predict for: those of intervention i are
 * first[i] .. first[i+1]-1. An intervention without targets has one, with
 * competency -1 and levels NaN. */
typedef struct pfc_catalogue {
  int32_t n_interventions;
  int32_t n_targets;
  int32_t *first;               /* n_interventions + 1 */
  int32_t *intervention;        /* n_targets */
  int32_t *competency;          /* n_targets; -1 none */
  double *from_level;           /* n_targets; NaN unknown */
  double *to_level;             /* n_targets; NaN unknown */
  int64_t *row;                 /* n_interventions; row in table interventions, -1 none */
  int32_t *opens_on;            /* n_interventions; PFC_NO_DATE: always open */
  int32_t *closes_on;           /* n_interventions; PFC_NO_DATE: never closes */
  int32_t *recurs_months;       /* n_interventions; 0: does not recur */
  double *cost, *hours, *weeks; /* n_interventions; NaN unknown */
} pfc_catalogue;

/* Owned by the caller; does not borrow from ds. */
PFC_API PFC_MUST_USE pfc_status pfc_catalogue_create(const pfc_dataset *ds, pfc_catalogue **cat,
                                                     pfc_error *err);
PFC_API void pfc_catalogue_destroy(pfc_catalogue *cat);

/* The target of that intervention and competency; the intervention's first one where it does
 * not aim at that competency, -1 for an intervention of -1. */
PFC_API int32_t pfc_catalogue_target(const pfc_catalogue *cat, int32_t intervention,
                                     int32_t competency);

/* Can it be started on that day? opens_on <= date <= closes_on, and the same
 * window again every recurs_months. PFC_NO_DATE: true. */
PFC_API bool pfc_catalogue_is_open(const pfc_catalogue *cat, int32_t intervention,
                                   int32_t date);

/* Could a start on that day have ended before `today`, by the weeks the intervention takes?
 * Whoever drops out is known early, whoever passes only at the end: of starts that could not
 * have ended yet the failures alone are known. True where the catalogue does not tell. */
PFC_API bool pfc_catalogue_is_mature(const pfc_catalogue *cat, int32_t intervention,
                                     int32_t start, int32_t today);

/* True when passing `done` leaves nothing to gain from i: it is the same intervention,
 * or i has targets and `done` carries each of i's competencies to at least i's level
 * (another run of the same course). Where i's level is unknown, the competency is enough;
 * where only done's is, it does not count. */
PFC_API bool pfc_catalogue_covers(const pfc_catalogue *cat, int32_t done, int32_t i);

#endif
