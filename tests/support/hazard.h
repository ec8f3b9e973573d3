/* Random hazard models on whole days, for tests of curves and of fits. */
#ifndef PROFICIO_TESTS_SUPPORT_HAZARD_H
#define PROFICIO_TESTS_SUPPORT_HAZARD_H

#include "base/rng.h"
#include "models/hazard.h"

/* Ticks of a day; every cause with 2 to 6 bins of whole days, the first one on the clock
 * "x_day_due" (typical day 10), the others on days since the start; baselines around
 * exp(level) a tick. pfc_hazard_clear. */
pfc_hazard test_hazard(pfc_rng *rng, int horizon_days, int n_groups, double level);

#endif
