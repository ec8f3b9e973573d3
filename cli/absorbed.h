/* The dataset of a command, with what has been fed back since it was packed. */
#ifndef PROFICIO_CLI_ABSORBED_H
#define PROFICIO_CLI_ABSORBED_H

#include "cli/common.h"
#include "datasets/feedback_absorb.h"

/* Loads a packed dataset and, where --feedback (setting feedback.store) names a store, absorbs
 * it; a note tells what came of that. head: of the store, "" without one. The caller's. */
PFC_MUST_USE pfc_status absorbed_load(common *c, const char *path, pfc_dataset **ds,
                                      char head[PFC_HEAD_TEXT], pfc_error *err);

#endif
