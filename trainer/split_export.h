/* A split dataset as plain files for other tools: what may be learned from, and what is to be
 * predicted, row by row as pfc_evaluate judges it, without any outcome. docs/FORMATS.md,
 * "split --export", has the files and their columns. */
#ifndef PROFICIO_TRAINER_SPLIT_EXPORT_H
#define PROFICIO_TRAINER_SPLIT_EXPORT_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"

typedef enum pfc_split_file {
  PFC_TRAIN_INTERACTIONS,
  PFC_TRAIN_MATRIX,
  PFC_TRAIN_STARTS,
  PFC_TRAIN_EPISODES,
  PFC_TEST_QUERIES,
  PFC_TEST_CANDIDATES,
  PFC_TEST_STARTS,
  PFC_TEST_EPISODES,
  PFC_N_SPLIT_FILES,
} pfc_split_file;

/* "train_interactions.csv" ... */
PFC_API const char *pfc_split_file_name(pfc_split_file file);

typedef struct pfc_split_export_settings {
  uint32_t struct_size;
  int64_t
      max_candidates; /* test_candidates.csv is left out when it would have more rows [1e7] */
  /* Called when every file is written and none is in its place yet, for what belongs to them;
   * when it fails, none appears. May be NULL [NULL]. */
  pfc_status (*before_commit)(void *user, pfc_error *err);
  void *user;
  pfc_progress progress; /* in files */
} pfc_split_export_settings;
PFC_API void pfc_split_export_defaults(pfc_split_export_settings *s);

/* Writes the files into the folder, which is made when it is not there; files of these names
 * that stand there give way. n_rows: of each file (of the matrix, its non-zeros), -1 of one
 * that was left out. They appear once all are written, each whole. PFC_EUSAGE without a split.
 * The same bytes for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_split_export(const pfc_dataset *ds, const char *folder,
                                                 const pfc_split_export_settings *s,
                                                 int64_t n_rows[PFC_N_SPLIT_FILES],
                                                 pfc_error *err);

#endif
