/* A simulated organisation up to its catalogue, for tests of single parts. */
#ifndef PROFICIO_TESTS_SUPPORT_SIMULATED_H
#define PROFICIO_TESTS_SUPPORT_SIMULATED_H

#include "datasets/simulate_internal.h"

/* A framework of four roles in two families, three competencies and a group of them, for what
 * walks through every allocation; owned by the caller. */
pfc_dataset *simulated_little(void);

/* Ready for pfc__sim_frame: an empty dataset and truth, the history's days set. Borrows the
 * settings and the framework. */
void simulated_begin(pfc__sim *s, const pfc_dataset *frame,
                     const pfc_simulate_settings *settings);
void simulated_end(pfc__sim *s); /* frees dataset and truth too */

/* The preset's settings. */
pfc_simulate_settings simulated_preset(const char *name);

#endif
