/* A table of weighted means over people, with intervals: what figures at the truth are made of.
 */
#ifndef PROFICIO_TRAINER_MEANS_H
#define PROFICIO_TRAINER_MEANS_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"

/* Mean k is the sum of `sum` over people by that of `count`. */
typedef struct pfc_means {
  int32_t n_people;
  int m;
  double *sum, *count; /* n_people x m */
  int64_t *n;          /* m: what was added */
  double *value;       /* m; NaN where nothing was */
  int n_resamples;
  double *resampled; /* n_resamples x m */
} pfc_means;

PFC_API PFC_MUST_USE pfc_status pfc_means_init(pfc_means *t, int32_t n_people, int m,
                                               pfc_error *err);
PFC_API void pfc_means_clear(pfc_means *t);

/* A person's share of mean k: any number of times. Without count, nothing is added. */
PFC_API void pfc_means_add(pfc_means *t, int32_t person, int k, double sum, double count);

/* After everything was added, once: values, and resamples of people (0: none). */
PFC_API PFC_MUST_USE pfc_status pfc_means_draw(pfc_means *t, int n_resamples, uint64_t seed,
                                               pfc_error *err);

/* What a mean is told as. */
typedef enum pfc_means_as {
  PFC_MEANS_PLAIN,
  PFC_MEANS_ROOT, /* its square root: of squares, the root mean square */
} pfc_means_as;

/* Adds "name": {"value", "lo", "hi", "n"} of mean k to the object; limits are null without
 * resamples. */
PFC_API PFC_MUST_USE pfc_status pfc_means_put(const pfc_means *t, int k, pfc_means_as as,
                                              const char *name, cJSON *object, pfc_error *err);

#endif
