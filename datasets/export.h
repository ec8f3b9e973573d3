/* Export: a dataset as a folder of canonical CSV files, which import reads again. */
#ifndef PROFICIO_DATASETS_EXPORT_H
#define PROFICIO_DATASETS_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"

typedef struct pfc_export_settings {
  uint32_t struct_size;
  bool replace; /* files of tables (TABLE.csv, TABLE.csv.gz) that stand in the folder give way,
                   also those of tables that the dataset does not have [false] */
  /* Called when every file is written and none is in its place yet, for what belongs to them;
   * when it fails, none appears. May be NULL [NULL]. */
  pfc_status (*before_commit)(void *user, pfc_error *err);
  void *user;
  pfc_progress progress; /* in rows */
} pfc_export_settings;
PFC_API void pfc_export_defaults(pfc_export_settings *s);

/* PFC_EUSAGE when a file of a table stands in the folder already. A folder that is not there
 * is no error; PFC_EIO when it is no folder. */
PFC_API PFC_MUST_USE pfc_status pfc_export_check(const char *folder, pfc_error *err);

/* Writes each table with rows as FOLDER/TABLE.csv: UTF-8, lines ending in LF, the columns of
 * the dataset in their order, dates ISO 8601, flags 0 and 1, reals so that they are read back
 * as the same numbers, missing cells empty. An empty text is a missing one. protected.csv has
 * mode 0600.
 *
 * The folder is made when it is not there (those above it are not), and taken away again on
 * failure. Files appear once all are written, each whole; a failure before that leaves those
 * that were there. Scale, framework and split of the dataset have no place in CSV (but for
 * columns `split`). PFC_EUSAGE for a dataset that import could not have made, and, unless
 * `replace`, for a folder with tables. The same bytes for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_export(const pfc_dataset *ds, const char *folder,
                                           const pfc_export_settings *s, pfc_error *err);

#endif
