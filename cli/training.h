/* What `train` and `check` agree on: lists of models, and the world as of a day. */
#ifndef PROFICIO_CLI_TRAINING_H
#define PROFICIO_CLI_TRAINING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

typedef struct training_model {
  const char *name;
  unsigned bit; /* PFC_TRAIN_... */
} training_model;

/* The models that can be named; *n rows. */
const training_model *training_model_table(int *n);

/* "affinity,time" to bits. PFC_EUSAGE names the option. */
PFC_MUST_USE pfc_status training_models(const char *option, const char *arg, unsigned *models,
                                        pfc_error *err);

/* --as-of is a split that is not kept: what began later, or became known later, is unseen.
 * That nothing began later is the rule for a job that trains as of today. Nothing happens for
 * PFC_NO_DATE; PFC_EUSAGE where another split stands against it. */
PFC_MUST_USE pfc_status training_cut(pfc_dataset *ds, int32_t as_of, pfc_error *err);

/* Would it take rows away? False where the dataset is split in another way, or earlier. */
PFC_MUST_USE pfc_status training_cuts(pfc_dataset *ds, int32_t as_of, bool *cuts,
                                      pfc_error *err);

#endif
