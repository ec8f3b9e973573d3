/* Drift: are the newest rows of the kind that a model was made from? docs/METHODS.md, "Drift".
 */
#ifndef PROFICIO_TRAINER_DRIFT_H
#define PROFICIO_TRAINER_DRIFT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "models/bundle.h"

typedef enum pfc_drift_kind {
  PFC_DRIFT_WORLD, /* people, choices or results are others than they were: refit */
  PFC_DRIFT_FEED,  /* rows are not what they were: twice there, missing, on another scale, with
                      results that contradict themselves: mend the feed, do not refit */
} pfc_drift_kind;

typedef struct pfc_drift_settings {
  uint32_t struct_size;
  int32_t from; /* first day of the newest rows; PFC_NO_DATE: the day after the model's last,
                   without a model the last 91 days */
  int32_t before_days; /* compared with this many days before them, 7..3650 [365] */
  double alpha;        /* chance of an alarm without drift, all figures together, and of a CUSUM
                          in a year, 0.001..0.5 [0.01] */
  int resamples;       /* of null distributions [500] */
  uint64_t seed;       /* [1] */
} pfc_drift_settings;
PFC_API void pfc_drift_defaults(pfc_drift_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_drift_check(const pfc_drift_settings *s, pfc_error *err);

/* Looks at ds as it is (its split does not count). bundle: NULL, or the model whose chances are
 * held against what came of them. *feed, *world: is there an alarm of that kind? *json, the
 * caller's: {"from", "rows": [{"name", "of", "kind", "figure", "limit", "p", "n", "alarm",
 * "note"}]} of docs/FORMATS.md. PFC_EDATA without dates. */
PFC_API PFC_MUST_USE pfc_status pfc_drift_judge(const pfc_dataset *ds, const pfc_bundle *bundle,
                                                const pfc_drift_settings *settings, bool *world,
                                                bool *feed, cJSON **json, pfc_error *err);

#endif
