/* What `evaluate --truth` adds: policies and recovery, where the truth is known. */
#ifndef PROFICIO_CLI_EVALUATE_TRUTH_H
#define PROFICIO_CLI_EVALUATE_TRUTH_H

#include "cli/common.h"
#include "datasets/dataset.h"
#include "models/bundle.h"

/* Reads the truth and adds objects "policy" and "recovery" to json; their figures are told like
 * all others. */
PFC_MUST_USE pfc_status evaluate_truth(common *c, const char *path, const pfc_bundle *bundle,
                                       const pfc_dataset *ds, cJSON *json, pfc_error *err);

#endif
