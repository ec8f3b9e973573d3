/* How near fitted models come to the truth of a simulated organisation. */
#ifndef PROFICIO_TRAINER_RECOVERY_H
#define PROFICIO_TRAINER_RECOVERY_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/truth.h"
#include "models/bundle.h"

typedef struct pfc_recovery_settings {
  uint32_t struct_size;
  int resamples; /* bootstrap over people [500] */
  uint64_t seed; /* [1] */
} pfc_recovery_settings;
PFC_API void pfc_recovery_defaults(pfc_recovery_settings *s);

/* On the day of the dataset's split and on its test rows. *json, the caller's: "level" (what
 * the profile says people hold), "sources" (bias, slope, noise), "effects" (what programmes
 * teach), "gaps" (their probabilities and order), "success" and "accept" (probabilities),
 * "time" (incidence by day, and the share of the true time's distribution that lies within p10
 * to p90), each
 * {"rmse": F, "bias": F, ...}, "recommended" (the same of what stands on everybody's list,
 * where luck with a number and being recommended go together, and how many programmes there do
 * nothing or harm), and beside it, where it can be had, the same at the true parameters; null
 * where the bundle lacks the model. docs/FORMATS.md has every key. */
PFC_API PFC_MUST_USE pfc_status pfc_recovery(const pfc_bundle *bundle, const pfc_dataset *ds,
                                             const pfc_truth *truth,
                                             const pfc_recovery_settings *settings,
                                             cJSON **json, pfc_error *err);

#endif
