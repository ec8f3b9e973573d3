/* Reading table enrolments: what history, episodes and splits agree on. */
#ifndef PROFICIO_DATASETS_HISTORY_INTERNAL_H
#define PROFICIO_DATASETS_HISTORY_INTERNAL_H

#include "datasets/history.h"

/* The columns, any of which may be NULL, the codes of the words of `status` (-1 where a
 * word is not there) and what the whole table tells. */
typedef struct pfc__enrolments {
  int64_t n_rows;
  const int32_t *person, *intervention, *enrolled_on, *started_on, *ended_on, *status;
  int32_t enrolled, passed, failed, dropped;
  bool has_dates;            /* some row has any date */
  bool has_starts, has_ends; /* some row has a started_on, an ended_on */
  int32_t last_day;          /* latest in enrolments and assessments; PFC_NO_DATE none */
} pfc__enrolments;

void pfc__enrolments_open(const pfc_dataset *ds, pfc__enrolments *e);

/* Reads one row. */
void pfc__enrolments_attempt(const pfc__enrolments *e, int64_t row, pfc_attempt *a);

#endif
