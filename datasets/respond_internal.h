/* What the parts of datasets/respond.h share: the simulator, standing on `day` of an
 * organisation that it drew. People, interventions and competencies are rows of the truth. */
#ifndef PROFICIO_DATASETS_RESPOND_INTERNAL_H
#define PROFICIO_DATASETS_RESPOND_INTERNAL_H

#include "datasets/respond.h"
#include "datasets/simulate_history_internal.h"

/* What somebody made of a recommendation. */
typedef struct pfc__response {
  int32_t person, intervention;
  bool accepted;
  int32_t second;       /* of the day on which it was shown */
  pfc__sim_start start; /* where accepted */
  double score, rating; /* of the start; NaN none */
} pfc__response;

typedef struct pfc__respond {
  int32_t day, end; /* lived are the days from `day` to the one before `end` */
  pfc_simulate_settings settings;
  pfc__sim sim;        /* its dataset and its truth are the results */
  int32_t *person_row; /* of the dataset's codes, -1 in no truth ... */
  int32_t *intervention_row;
  int32_t *person_code; /* ... and codes of the truth's rows */
  int32_t *intervention_code, *competency_code;
  int64_t n;
  pfc__response *responses;
} pfc__respond;

/* Copies the truth and reads the simulator's own arrays back from the tables. */
pfc_status pfc__respond_open(pfc__respond *r, const pfc_dataset *ds, const pfc_truth *truth,
                             pfc_error *err);
/* Copies the dataset and cuts both: the organisation as it stands on the day, and what no
 * policy moves. */
pfc_status pfc__respond_cut(pfc__respond *r, const pfc_dataset *ds, pfc_error *err);
/* Frees everything, the results too. */
void pfc__respond_close(pfc__respond *r);

/* Rows of table enrolments by person: those of p are row[start[p]] .. row[start[p + 1] - 1]. */
typedef struct pfc__taken {
  int64_t *start, *row;
  const int32_t *intervention; /* codes of the dataset */
  const int32_t *enrolled_on, *started_on, *ended_on, *status;
  int32_t passed, failed, dropped; /* codes of status */
} pfc__taken;
pfc_status pfc__taken_init(pfc__taken *t, const pfc__respond *r, const pfc_dataset *ds,
                           pfc_error *err);
void pfc__taken_clear(pfc__taken *t);

/* Appends the responses, and then what is seen of people in these days. */
pfc_status pfc__respond_tell(pfc__respond *r, pfc_error *err);
pfc_status pfc__respond_assess(pfc__respond *r, pfc_error *err);

/* Codes or dates of a column that may be written; NULL where there is none. */
static inline int32_t *pfc__respond_ints(const pfc__respond *r, pfc_table_id table,
                                         const char *name) {
  const pfc_column *column = pfc_dataset_column(r->sim.ds, table, name);
  const bool is_int = column && (column->type == PFC_CODE || column->type == PFC_DATE);
  return is_int ? column->code : NULL;
}

static inline double *pfc__respond_reals(const pfc__respond *r, pfc_table_id table,
                                         const char *name) {
  const pfc_column *column = pfc_dataset_column(r->sim.ds, table, name);
  return column && column->type == PFC_REAL ? column->real : NULL;
}

/* The stream of one use, person and number. */
static inline pfc_rng pfc__respond_stream(const pfc__respond *r, const char *what,
                                          int32_t person, int32_t number) {
  return pfc__sim_stream(&r->sim, what, (uint64_t)(uint32_t)person << 32 | (uint32_t)number);
}

#endif
