/* Rows of one-hot fields with a known linear predictor, for the logistic fits. */
#ifndef PROFICIO_BENCH_ONEHOT_INTERNAL_H
#define PROFICIO_BENCH_ONEHOT_INTERNAL_H

#include "base/error.h"
#include "base/sparse.h"

typedef struct pfc__onehot {
  pfc_csr x;      /* one entry of 1 a row and field */
  int32_t *field; /* x.n_cols: which field a column belongs to */
  double *ridge;  /* x.n_cols: 1 */
  double *eta;    /* x.n_rows: true linear predictor */
} pfc__onehot;

/* Field f has few categories for f = 0 and about `largest` for the last, growing by equal
 * factors; low categories are far more frequent than high ones. Row i is drawn from its own
 * stream. Cleared by pfc__onehot_clear, also after a failure. */
PFC_MUST_USE pfc_status pfc__onehot_init(pfc__onehot *o, int32_t n_rows, int n_fields,
                                         int32_t largest, uint64_t seed, pfc_error *err);
void pfc__onehot_clear(pfc__onehot *o);

/* Bytes that a product X' C X v moves at least: X, and of each row its offset and curvature. */
double pfc__onehot_bytes(const pfc__onehot *o);

#endif
