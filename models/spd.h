/* Small symmetric positive definite systems, where a call to LAPACK costs more than the work.
 */
#ifndef PROFICIO_MODELS_SPD_H
#define PROFICIO_MODELS_SPD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* a, n x n with rows `stride` apart, becomes its Cholesky factor in the lower triangle, which
 * alone is read and written; the diagonal holds the reciprocals of the factor's. False when
 * the matrix is not positive definite. */
PFC_API bool pfc_spd_factor(int n, int stride, double *a);

/* x[n] becomes A^-1 x. */
PFC_API void pfc_spd_solve(int n, int stride, const double *factor, double *x);

/* inverse[n x n], dense; not the factor itself. */
PFC_API void pfc_spd_invert(int n, int stride, const double *factor, double *inverse);

#endif
