/* What the readers of feedback files share: feedback_read.c knows CSV and JSON Lines,
 * feedback_sheet.c the rows of answer sheets. */
#ifndef PROFICIO_DATASETS_FEEDBACK_READ_INTERNAL_H
#define PROFICIO_DATASETS_FEEDBACK_READ_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "datasets/csv.h"
#include "datasets/feedback_internal.h"

/* A file being read. */
typedef struct pfc__feedback {
  const char *path;
  pfc_feedback_file *file;
  pfc_event_fn fn;
  void *user;
  int64_t line; /* of the row at hand */
  bool is_bad;  /* a cell of it was rejected */
} pfc__feedback;

/* Reports what is wrong with the row at hand; without anybody to report to it is the error. */
PFC_MUST_USE pfc_status pfc__feedback_reject(pfc__feedback *r, const char *column,
                                             const char *value, const char *reason,
                                             pfc_error *err);

/* Sets a field of an event of that row, whose cell stands in `column` of the file. */
PFC_MUST_USE pfc_status pfc__feedback_cell(pfc__feedback *r, pfc_event *e, const char *field,
                                           const char *column, const char *text,
                                           pfc_error *err);

/* Checks the event and hands it on, unless the row is bad already; what the taker holds to be
 * bad data is rejected too. */
PFC_MUST_USE pfc_status pfc__feedback_take(pfc__feedback *r, const pfc_event *e,
                                           pfc_error *err);

/* Is it the header of an answer sheet? */
bool pfc__sheet_is(const pfc_csv_row *header);

/* Places of the columns that a sheet has, in the order in which feedback_sheet.c names them. */
enum { PFC__SHEET_COLUMNS = 11 };
typedef struct pfc__sheet {
  int at[PFC__SHEET_COLUMNS]; /* -1: not there */
} pfc__sheet;
PFC_MUST_USE pfc_status pfc__sheet_begin(const char *path, const pfc_csv_row *header,
                                         pfc__sheet *sheet, pfc_error *err);
/* The events of a row: shown, and answered where it is. */
PFC_MUST_USE pfc_status pfc__sheet_row(const pfc__sheet *sheet, const pfc_csv_row *row,
                                       pfc__feedback *r, pfc_error *err);

#endif
