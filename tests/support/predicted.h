/* A dataset that predictions are of. */
#ifndef PROFICIO_TESTS_SUPPORT_PREDICTED_H
#define PROFICIO_TESTS_SUPPORT_PREDICTED_H

#include "datasets/dataset.h"

/* People P0 to P5, interventions I0 to I3, competencies C0 to C2, whose codes are not in the
 * order of their ids: what is read goes by text. Owned by the caller. */
pfc_dataset *predicted_world(void);

#endif
