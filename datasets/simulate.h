/* An organisation whose truth is known: canonical tables drawn from the laws of
 * datasets/truth.h on the frame of real O*NET occupations. docs/SIMULATOR.md. */
#ifndef PROFICIO_DATASETS_SIMULATE_H
#define PROFICIO_DATASETS_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"
#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"
#include "datasets/truth.h"

typedef struct pfc_simulate_settings {
  uint32_t struct_size;
  uint64_t seed;
  int32_t n_people;        /* 20..10,000,000 */
  int32_t n_interventions; /* 20..100,000 */
  int32_t n_months;        /* of history, 3..240 */
  int32_t n_roles;         /* 2..800 */
  int32_t last_day;        /* as of: the history ends with it [2025-12-31] */
  bool hard;               /* laws that no model of ours has */
  bool random;             /* offers are drawn evenly of what is open to the person, not by
                              managers and popularity */
  double bias;             /* what belonging to the protected group costs, 0..3 [0] */
  int32_t drift_on;        /* the laws change on that day; PFC_NO_DATE never [never] */
  double dirty;            /* share of rows that get a defect, 0..0.2 [0] */
  const char *families;    /* NULL: drawn; else two-digit SOC groups, "15,13" [NULL] */
  pfc_progress progress;
} pfc_simulate_settings;

/* Settings of a preset: "small", "medium", "large", "hard". PFC_EUSAGE names them all. */
PFC_API PFC_MUST_USE pfc_status pfc_simulate_preset(const char *name, pfc_simulate_settings *s,
                                                    pfc_error *err);
/* PFC_EUSAGE names the first bad field and its allowed range. */
PFC_API PFC_MUST_USE pfc_status pfc_simulate_check(const pfc_simulate_settings *s,
                                                   pfc_error *err);

/* Draws an organisation on `frame`: a dataset imported with preset onet (roles, competencies,
 * requirements, scale). Both results are the caller's; the same settings and frame give the
 * same tables for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_simulate(const pfc_dataset *frame,
                                             const pfc_simulate_settings *s, pfc_dataset **ds,
                                             pfc_truth **truth, pfc_error *err);

#endif
