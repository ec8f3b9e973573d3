/* What an evaluation said, by path ("success.auc"). A test fails where there is no such
 * figure. */
#ifndef PROFICIO_TESTS_SUPPORT_FIGURES_H
#define PROFICIO_TESTS_SUPPORT_FIGURES_H

#include <cjson/cJSON.h>

#include "trainer/evaluate.h"

/* Default settings but for the number of resamples, and time judged by days 30 and 60. */
pfc_evaluate_settings figures_settings(int resamples);

/* Judges one bundle, by the name "model". */
pfc_status figures_judge(const pfc_bundle *bundle, const pfc_dataset *ds,
                         const pfc_evaluate_settings *s, cJSON **json, pfc_error *error);

/* Evaluates without resamples; cJSON_Delete. */
cJSON *figures_of(const pfc_bundle *bundle, const pfc_dataset *ds);

const cJSON *figure_at(const cJSON *json, const char *path);

/* "value", "lo", "hi" or "n" of a figure; NaN for null. */
double figure_part(const cJSON *json, const char *path, const char *part);
double figure_value(const cJSON *json, const char *path);
double figure_baseline(const cJSON *json, const char *path, const char *name);

#endif
