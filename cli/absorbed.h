/* The dataset of a command, with what has been fed back since it was packed. */
#ifndef PROFICIO_CLI_ABSORBED_H
#define PROFICIO_CLI_ABSORBED_H

#include "cli/common.h"
#include "datasets/dataset.h"

/* Loads a packed dataset and, where --feedback (setting feedback.store) names a store, absorbs
 * it; a note tells what came of that, the dataset's feedback_head of which store. The
 * caller's. */
PFC_MUST_USE pfc_status absorbed_load(common *c, const char *path, pfc_dataset **ds,
                                      pfc_error *err);

#endif
