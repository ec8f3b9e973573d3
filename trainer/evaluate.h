/* Judging a bundle on the test rows of a dataset, beside baselines, with intervals. */
#ifndef PROFICIO_TRAINER_EVALUATE_H
#define PROFICIO_TRAINER_EVALUATE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"
#include "models/bundle.h"

enum { PFC_MAX_CUTOFFS = 16 };

typedef struct pfc_evaluate_settings {
  uint32_t struct_size;
  int n_k;                /* ranking cut-offs */
  int k[PFC_MAX_CUTOFFS]; /* [1, 2, 5, 10, 20] */
  int n_days;
  double days[PFC_MAX_CUTOFFS]; /* time is judged by these days [90, 120, 150, 180] */
  int resamples;                /* bootstrap over people; 0: no intervals [500] */
  uint64_t seed;                /* [1] */
  pfc_progress progress;
} pfc_evaluate_settings;
PFC_API void pfc_evaluate_defaults(pfc_evaluate_settings *s);

/* *json: the object of docs/FORMATS.md ("evaluate"), the caller's (cJSON_Delete). Refused
 * with PFC_EUSAGE when the dataset has no split, or when the bundle was trained on other
 * rows than the split's training rows (its data digest or split differ and so its training
 * rows may be among the test rows). */
PFC_API PFC_MUST_USE pfc_status pfc_evaluate(const pfc_bundle *bundle, const pfc_dataset *ds,
                                             const pfc_evaluate_settings *settings,
                                             cJSON **json, pfc_error *err);

#endif
