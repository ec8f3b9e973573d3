/* Names and types of packed datasets, shared by writing and reading. docs/FORMATS.md
 * describes them. */
#ifndef PROFICIO_DATASETS_STORAGE_INTERNAL_H
#define PROFICIO_DATASETS_STORAGE_INTERNAL_H

#include "base/h5.h"
#include "datasets/dataset.h"

#define PFC__DATASET_FORMAT "proficio dataset"
#define PFC__PROTECTED_FORMAT "proficio protected"
#define PFC__PROTECTED_FILE "protected.h5"
#define PFC__DATASET_SCHEMA 2
#define PFC__PATH 256 /* room for any path inside a file */

static inline pfc_h5_type pfc__stored_type(pfc_type type) {
  static const pfc_h5_type STORED[] = {PFC_H5_I32, PFC_H5_F64, PFC_H5_I32,
                                       PFC_H5_I8,  PFC_H5_I32, PFC_H5_I64};
  return STORED[type];
}

/* Words of the attribute `kind` of /split, by pfc_split_kind; the first is not stored. */
static const char *const PFC__SPLIT_KINDS[] = {"none", "at", "person", "random", "column"};

/* Types, ranges, words, keys and references of all tables, sizes and texts of the rest. What
 * is wrong is told by its path in the file, with this status. */
PFC_MUST_USE pfc_status pfc__dataset_check(const pfc_dataset *ds, pfc_status as,
                                           pfc_error *err);

/* FOLDER/protected.h5 beside path; the caller's. NULL when memory is short. */
char *pfc__protected_path(const char *path);

/* All of an open file into a new dataset, checked; what is wrong is told without the file's
 * name, and what was read until then is freed with the dataset. */
PFC_MUST_USE pfc_status pfc__dataset_read(hid_t file, pfc_dataset *ds, pfc_error *err);

#endif
