/* Sparse matrices in compressed rows. */
#ifndef PROFICIO_BASE_SPARSE_H
#define PROFICIO_BASE_SPARSE_H

#include <stdint.h>

#include "base/error.h"

typedef struct pfc_csr {
  int64_t n_rows;
  int32_t n_cols;
  int64_t *start; /* n_rows + 1 offsets */
  int32_t *col;   /* start[n_rows] columns, ascending within a row */
  float *val;
  int64_t max_rows; /* room in start, without the last offset */
  int64_t capacity; /* of col and val while growing */
} pfc_csr;

/* An empty matrix of n_cols columns with room for max_rows row offsets; more are made
 * room for as they come. */
PFC_API PFC_MUST_USE pfc_status pfc_csr_init(pfc_csr *m, int64_t max_rows, int32_t n_cols,
                                             pfc_error *err);

/* Appends a row of n entries (sorted by column here; equal columns are summed, in the
 * order given). PFC_EUSAGE when a column is outside 0 .. n_cols - 1. A failure leaves the
 * matrix as it was. */
PFC_API PFC_MUST_USE pfc_status pfc_csr_append(pfc_csr *m, int n, const int32_t *col,
                                               const float *val, pfc_error *err);

/* The transpose, owned by the caller (pfc_csr_clear). */
PFC_API PFC_MUST_USE pfc_status pfc_csr_transpose(const pfc_csr *m, pfc_csr *out,
                                                  pfc_error *err);

/* Frees the arrays and zeroes the struct. */
PFC_API void pfc_csr_clear(pfc_csr *m);

#endif
