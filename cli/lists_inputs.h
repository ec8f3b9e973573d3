/* All that bears on the bytes of a run's outputs, so that what one run began no other takes
 * up. */
#ifndef PROFICIO_CLI_LISTS_INPUTS_H
#define PROFICIO_CLI_LISTS_INPUTS_H

#include "cli/recommend.h"

/* Name -> text or digest: "model", "data", "settings" ... The caller's. */
PFC_MUST_USE pfc_status inputs_of(const recommend_job *j, output_format format, cJSON **inputs,
                                  pfc_error *err);

/* Name of the first that differs, NULL when none does. */
const char *inputs_difference(const cJSON *ours, const cJSON *theirs);

/* The settings that recommendations follow, nested as in proficio.json. The caller's. */
PFC_MUST_USE pfc_status recommend_settings_json(const common *c, cJSON **json, pfc_error *err);

#endif
