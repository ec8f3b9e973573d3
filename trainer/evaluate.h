/* Judging models, and anybody's predictions, on the test rows of a dataset: on the same rows,
 * by the same rules, with intervals. */
#ifndef PROFICIO_TRAINER_EVALUATE_H
#define PROFICIO_TRAINER_EVALUATE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"
#include "datasets/predictions.h"
#include "models/bundle.h"

enum { PFC_MAX_CUTOFFS = 16 };
enum { PFC_MAX_CONTESTANTS = 16 };

typedef struct pfc_evaluate_settings {
  uint32_t struct_size;
  int n_k;                /* ranking cut-offs */
  int k[PFC_MAX_CUTOFFS]; /* [1, 2, 5, 10, 20] */
  int n_days;
  double days[PFC_MAX_CUTOFFS]; /* time is judged by these days [90, 120, 150, 180] */
  int resamples;                /* bootstrap over people; 0: no intervals [500] */
  bool lists;                   /* how interventions are ranked, too [true] */
  bool curves;                  /* what plots are drawn from, too [false] */
  uint64_t seed;                /* [1] */
  pfc_progress progress;
} pfc_evaluate_settings;
PFC_API void pfc_evaluate_defaults(pfc_evaluate_settings *s);

/* One of those who are judged: a bundle, or predictions of whatever made them. */
typedef struct pfc_contestant {
  const char *name;                   /* as figures name it: the file */
  const pfc_bundle *bundle;           /* or NULL */
  const pfc_predictions *predictions; /* or NULL */
} pfc_contestant;

/* Judges n contestants (1 to PFC_MAX_CONTESTANTS) on the same rows, by the same rules. *json:
 * the object of docs/FORMATS.md ("evaluate"), the caller's (cJSON_Delete): figures of the
 * first, those of the others under "against", and with two or more the paired differences of
 * the first to each under "comparisons". Refused with PFC_EUSAGE when the dataset has no split,
 * or when a bundle was trained on other rows than the split's training rows (its data digest or
 * split differ and so its training rows may be among the test rows; under a split by person the
 * same fraction, or fold, and seed are enough, whatever the dataset, if all rows name
 * somebody); with PFC_EDATA when predictions of success or time lack a row that is judged: the
 * first such row is named. */
PFC_API PFC_MUST_USE pfc_status pfc_evaluate(int n, const pfc_contestant *contestants,
                                             const pfc_dataset *ds,
                                             const pfc_evaluate_settings *settings,
                                             cJSON **json, pfc_error *err);

#endif
