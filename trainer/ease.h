/* EASE: what each item says of every other, by a ridge regression of each column of the
 * take-ups on all others, in closed form. Source: Steck, "Embarrassingly shallow autoencoders
 * for sparse data", WWW 2019, eq. 8: with P = (X'X + lambda I)^-1,
 *
 *   B = I - P diag(1 / P_jj),
 *
 * the minimizer of |X - X B|^2 + lambda |B|^2 among all B with a diagonal of 0. */
#ifndef PROFICIO_TRAINER_EASE_H
#define PROFICIO_TRAINER_EASE_H

#include <stdint.h>

#include "base/error.h"
#include "base/sparse.h"

typedef struct pfc_ease_report {
  double objective; /* at B, by the columns' 1 / P_jj - lambda */
  double gradient;  /* of the first, the middle and the last column of B as stored: norm of
                       X'(x_j - X b_j) - lambda b_j off the diagonal, over that at b_j = 0; the
                       largest of the three */
} pfc_ease_report;

/* *B: n x n, row-major, n = x->n_cols; B[j n + i] is what item j says of item i. Owned by the
 * caller (pfc_free). x holds finite numbers; in double precision, with 8 n^2 bytes of scratch.
 * PFC_EDATA for more than PFC_EASE_MOST_ITEMS items, with the memory that they would take;
 * PFC_ENUMERIC when lambda is too small for X'X + lambda I to be positive definite in float64.
 */
PFC_API PFC_MUST_USE pfc_status pfc_ease_fit(const pfc_csr *x, double lambda, float **B,
                                             pfc_ease_report *report, pfc_error *err);

#endif
