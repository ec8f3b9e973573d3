/* What is judged: the test rows of a dataset, listed once, so that whoever is judged is judged
 * on the same rows, and whoever predicts them elsewhere gets the same rows (`split --export`).
 *
 * Queries: each person and day on which something was started in a test row. Starts: test
 * starts whose result is known, and would be known however it had turned out (mature).
 * Episodes: test episodes, or derived ones of test enrolments. */
#ifndef PROFICIO_TRAINER_JUDGED_ROWS_H
#define PROFICIO_TRAINER_JUDGED_ROWS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/episodes.h"
#include "datasets/features.h"
#include "datasets/history.h"

/* Attempts first .. last - 1 of the history began on one day, one of them at least in a test
 * row; in an undated table each stands alone. */
typedef struct pfc_judged_query {
  pfc_decision d; /* at no intervention; of the first of the attempts */
  int64_t first, last;
} pfc_judged_query;

typedef struct pfc_judged_start {
  pfc_decision d; /* at no competency */
  int8_t result;  /* 1 passed, 0 failed or dropped */
} pfc_judged_start;

typedef struct pfc__open_days pfc__open_days;

typedef struct pfc_judged_rows {
  uint8_t *is_test; /* of table enrolments */
  int64_t n_queries, n_starts, n_episodes;
  pfc_judged_query *query; /* by person, then day; some candidate is relevant in each */
  pfc_judged_start *start; /* by person, then day, then row */
  pfc_episode *episode;    /* as pfc_episodes_create orders them */
  pfc__open_days *days;    /* what candidates are made of */
} pfc_judged_rows;

/* Everything is borrowed and must outlive the rows. Without a split there are none. Owned by
 * the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_judged_rows_create(const pfc_dataset *ds,
                                                       const pfc_history *h,
                                                       const pfc_catalogue *cat,
                                                       pfc_judged_rows **rows, pfc_error *err);
PFC_API void pfc_judged_rows_destroy(pfc_judged_rows *rows); /* NULL is allowed */

/* What could be recommended to the person that day, in candidate[n_interventions], ascending;
 * returns how many. relevant[n_interventions]: 1 of a candidate that was started in a test row
 * that day.
 *
 * A candidate is open on the day and not covered by what the person has passed before
 * (pfc_candidate_is_covered), unless it was started all the same. What was started in a
 * training row of that day is neither right nor wrong, and what a mandate requires of the
 * person's role or unit, or of everybody, needs no recommendation: both are no candidates.
 * Thread-safe. */
PFC_API int32_t pfc_judged_candidates(const pfc_judged_rows *rows,
                                      const pfc_judged_query *query, int32_t *candidate,
                                      uint8_t *relevant);

#endif
