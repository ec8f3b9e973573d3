/* What the files of the posterior share. */
#ifndef PROFICIO_MODELS_POSTERIOR_INTERNAL_H
#define PROFICIO_MODELS_POSTERIOR_INTERNAL_H

#include <stddef.h>

#include "models/posterior.h"

/* Elements of a lower triangle of n rows; where row n begins. */
static inline size_t pfc__triangle(int32_t n) { return (size_t)n * ((size_t)n + 1) / 2; }

/* Zeros of these sizes; what was made before a failure is the caller's to clear. */
PFC_MUST_USE pfc_status pfc__posterior_init(pfc_posterior *p, int32_t n, int32_t n_full,
                                            pfc_error *err);

/* Of the a-th and b-th full coefficient. */
double pfc__precision_at(const pfc_posterior *p, int32_t a, int32_t b);

/* precision: lower triangle of the kept ones of p's full coefficients (places among these), the
 * dropped ones marginalized out. */
PFC_MUST_USE pfc_status pfc__posterior_keep(const pfc_posterior *p, int32_t n_kept,
                                            const int32_t *kept, int32_t n_dropped,
                                            const int32_t *dropped, double *precision,
                                            pfc_error *err);

#endif
