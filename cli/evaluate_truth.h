/* What `evaluate --truth` adds: policies and recovery, where the truth is known. */
#ifndef PROFICIO_CLI_EVALUATE_TRUTH_H
#define PROFICIO_CLI_EVALUATE_TRUTH_H

#include "cli/common.h"
#include "datasets/dataset.h"
#include "datasets/truth.h"
#include "models/bundle.h"

/* Reads the truth and sees that it is of this dataset, before anything else takes time. Owned
 * by the caller. */
PFC_MUST_USE pfc_status evaluate_truth_load(const char *path, const pfc_dataset *ds,
                                            pfc_truth **truth, pfc_error *err);

/* Adds objects "policy" and "recovery" to json; their figures are told like all others. */
PFC_MUST_USE pfc_status evaluate_truth(common *c, const pfc_truth *truth,
                                       const pfc_bundle *bundle, const pfc_dataset *ds,
                                       cJSON *json, pfc_error *err);

#endif
