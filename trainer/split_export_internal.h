/* What the files of the export share. */
#ifndef PROFICIO_TRAINER_SPLIT_EXPORT_INTERNAL_H
#define PROFICIO_TRAINER_SPLIT_EXPORT_INTERNAL_H

#include <stdio.h>

#include "datasets/csv_out.h"
#include "trainer/judged_rows.h"
#include "trainer/split_export.h"
#include "trainer/train_internal.h"

/* A dataset and what is known of whom, when. */
typedef struct pfc__export_side {
  const pfc_dataset *ds;
  const pfc_history *h;
  const pfc_catalogue *cat;
  int64_t *role_row; /* row in table roles, -1 none */
} pfc__export_side;

/* Features as plain columns: the same names, in the same order, on both sides. */
typedef struct pfc__plain_column {
  char name[PFC_COLUMN_NAME + 32]; /* "role_id", "people.x_grade" */
  int table;                       /* pfc_table_id; -1: computed */
  int what;                        /* which computed one */
  char column[PFC_COLUMN_NAME + 1];
} pfc__plain_column;

typedef struct pfc__plain_columns {
  int n, capacity;
  pfc__plain_column *at;
} pfc__plain_columns;

/* With those of table episodes or without. Cleared with pfc_free(c->at). */
PFC_MUST_USE pfc_status pfc__plain_list(const pfc_dataset *ds, bool of_episodes,
                                        pfc__plain_columns *c, pfc_error *err);
void pfc__plain_names(const pfc__plain_columns *c, pfc_csv_out *out);
/* As known of the decision on the morning of its day. */
void pfc__plain_cells(const pfc__plain_columns *c, const pfc__export_side *side,
                      const pfc_decision *d, pfc_csv_out *out);

typedef struct pfc__split_export {
  const pfc_dataset *ds;
  const pfc_split_export_settings *settings;
  pfc__training training; /* the training view */
  pfc__labelled labelled; /* training starts */
  pfc_episodes *episodes; /* training episodes */
  pfc_history *h;         /* of all there is */
  pfc_catalogue *cat;
  pfc_judged_rows *rows;
  pfc__export_side train, test;
} pfc__split_export;

/* Each writes one file under the name given; *n = its rows, -1 when it is to be left out. */
typedef pfc_status (*pfc__split_file_fn)(const pfc__split_export *x, const char *path,
                                         int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_interactions(const pfc__split_export *x, const char *path,
                                                 int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_matrix(const pfc__split_export *x, const char *path,
                                           int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_train_starts(const pfc__split_export *x, const char *path,
                                                 int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_train_episodes(const pfc__split_export *x, const char *path,
                                                   int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_queries(const pfc__split_export *x, const char *path,
                                            int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_candidates(const pfc__split_export *x, const char *path,
                                               int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_test_starts(const pfc__split_export *x, const char *path,
                                                int64_t *n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__export_test_episodes(const pfc__split_export *x, const char *path,
                                                  int64_t *n, pfc_error *err);

#endif
