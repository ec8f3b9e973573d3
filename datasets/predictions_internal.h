/* A table of predictions while it is being read: which column of a file tells what, and the
 * rows so far, in the order of the file. */
#ifndef PROFICIO_DATASETS_PREDICTIONS_INTERNAL_H
#define PROFICIO_DATASETS_PREDICTIONS_INTERNAL_H

#include "base/h5.h"
#include "datasets/predictions.h"

typedef enum pfc__told {
  PFC__TOLD_PERSON,
  PFC__TOLD_INTERVENTION,
  PFC__TOLD_COMPETENCY,
  PFC__TOLD_DATE,
  PFC__TOLD_RANK,
  PFC__TOLD_SCORE,
  PFC__TOLD_SUCCESS,
  PFC__TOLD_QUANTILE,                     /* three of them */
  PFC__TOLD_DAY = PFC__TOLD_QUANTILE + 3, /* as many as there are days, ascending */
  PFC__N_TOLD = PFC__TOLD_DAY + PFC_MOST_PREDICTION_DAYS,
} pfc__told;

typedef struct pfc__prediction_table {
  const char *path;
  bool is_hdf5; /* then a line is a row, from 1 */
  const pfc_dataset *ds;
  int column[PFC__N_TOLD]; /* of the file, -1: not told */
  char name[PFC__N_TOLD][32];
  pfc_predictions *p; /* rows in the order of the file until they are sorted */
  int64_t capacity;
  int64_t *line; /* of each row */
} pfc__prediction_table;

/* Takes the names of a file's columns. PFC_EDATA when one stands there twice, an id is missing
 * or nothing is predicted. */
PFC_MUST_USE pfc_status pfc__predictions_columns(pfc__prediction_table *t, int n,
                                                 const char *const *names, pfc_error *err);

/* What the name of a column tells; PFC__N_TOLD of one that is ignored. Of "p_by_Nd" it is
 * PFC__TOLD_DAY, and *day = N. */
pfc__told pfc__prediction_column(const char *name, double *day);

/* Makes room for one more row, in which nothing is told yet, and counts it. */
PFC_MUST_USE pfc_status pfc__predictions_add_row(pfc__prediction_table *t, int64_t line,
                                                 pfc_error *err);

/* Sets what the file tells of row r. PFC_EDATA with its place when it cannot be meant. Missing
 * are "", NaN and PFC_NO_DATE. */
PFC_MUST_USE pfc_status pfc__predictions_set_id(pfc__prediction_table *t, int64_t r,
                                                pfc__told what, const char *text,
                                                pfc_error *err);
PFC_MUST_USE pfc_status pfc__predictions_set_number(pfc__prediction_table *t, int64_t r,
                                                    pfc__told what, double value,
                                                    pfc_error *err);
PFC_MUST_USE pfc_status pfc__predictions_set_date(pfc__prediction_table *t, int64_t r,
                                                  const char *text, pfc_error *err);

/* "FILE:7: column p_success: 'TEXT'; expected a number, or nothing". */
pfc_status pfc__predictions_fail(const pfc__prediction_table *t, int64_t r, pfc__told what,
                                 const char *text, const char *expected, pfc_error *err);

/* Checks each row, sorts, and takes rows that stand there twice once. */
PFC_MUST_USE pfc_status pfc__predictions_finish(pfc__prediction_table *t, pfc_error *err);

/* The two ways in. Each begins with pfc__predictions_columns. */
PFC_MUST_USE pfc_status pfc__predictions_read_csv(pfc__prediction_table *t, pfc_error *err);
PFC_MUST_USE pfc_status pfc__predictions_read_jsonl(pfc__prediction_table *t, pfc_error *err);
PFC_MUST_USE pfc_status pfc__predictions_read_hdf5(pfc__prediction_table *t, hid_t file,
                                                   pfc_error *err);

#endif
