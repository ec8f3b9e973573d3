/* Packed datasets: HDF5 files as docs/FORMATS.md describes. */
#ifndef PROFICIO_DATASETS_STORAGE_H
#define PROFICIO_DATASETS_STORAGE_H

#include "base/error.h"
#include "datasets/dataset.h"

/* Writes path whole or not at all. The table `protected` goes to a file of its own
 * beside it (FOLDER/protected.h5, mode 0600) when it has rows; else such a file is left
 * alone; the main file cannot have that name. Both appear, or neither: only a failure of the
 * last rename leaves a new protected.h5 beside an old main file, and says so. The same
 * dataset gives the same bytes. PFC_EIO when a file cannot be written; PFC_EUSAGE names what
 * is wrong with a dataset that pfc_dataset_load would refuse. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_save(const pfc_dataset *ds, const char *path,
                                                 pfc_error *err);

/* Checks the seal (base/seal.h), then reads and checks every array: types, lengths, codes
 * within their dictionaries, values within their ranges, keys, references. `protected` is not
 * read. PFC_EFORMAT names the file and the path inside it; PFC_EIO when it cannot be read.
 * Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_dataset_load(const char *path, pfc_dataset **ds,
                                                 pfc_error *err);

/* The table `protected` of what was saved at path, from the file beside it: alone in a dataset
 * of its own, for those who audit. *ds: NULL where there is no such file. Errors as above. */
PFC_API PFC_MUST_USE pfc_status pfc_protected_load(const char *path, pfc_dataset **ds,
                                                   pfc_error *err);

#endif
