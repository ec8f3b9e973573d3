/* A profile made by hand, so that levels can be told by hand. */
#ifndef PROFICIO_TESTS_SUPPORT_PROFILED_H
#define PROFICIO_TESTS_SUPPORT_PROFILED_H

#include "datasets/dataset.h"
#include "models/bundle.h"

/* A profile without factors, effects or lessons. Whoever was never rated holds level[c], n of
 * them (those after the n-th: the middle of the scale), in each competency of ds, with variance
 * PROFILED_VARIANCE in all; a rating by the source "test" is true but for noise of
 * PROFILED_NOISE, and nothing ages. */
#define PROFILED_VARIANCE 1.0
#define PROFILED_NOISE 0.5
void profiled_put(pfc_bundle *bundle, const pfc_dataset *ds, int32_t n, const double *level);

/* The same in a bundle of its own. pfc_bundle_destroy. */
pfc_bundle *profiled_bundle(const pfc_dataset *ds, int32_t n, const double *level);

#endif
