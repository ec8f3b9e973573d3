/* What the files of the posterior share. */
#ifndef PROFICIO_MODELS_POSTERIOR_INTERNAL_H
#define PROFICIO_MODELS_POSTERIOR_INTERNAL_H

#include "models/posterior.h"

/* precision: lower triangle of the kept ones of p's full coefficients (places among these), the
 * dropped ones marginalized out. */
PFC_MUST_USE pfc_status pfc__posterior_keep(const pfc_posterior *p, int32_t n_kept,
                                            const int32_t *kept, int32_t n_dropped,
                                            const int32_t *dropped, double *precision,
                                            pfc_error *err);

#endif
