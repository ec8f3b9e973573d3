/* One page that tells how good a model is, to whoever has to decide: headline figures and what
 * to mind, pictures, every figure with its meaning, comparisons, and where all of it is from.
 */
#ifndef PROFICIO_CLI_REPORT_H
#define PROFICIO_CLI_REPORT_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "cli/markup.h"

/* The page, from nothing but the JSON object that `evaluate` prints: HTML that is XML too, and
 * holds all it needs: no script, no font, nothing to fetch. What the object does not hold the
 * page does not tell. */
PFC_MUST_USE pfc_status report_make(const cJSON *json, markup *page, pfc_error *err);

/* The same as a file, whole or not at all. */
PFC_MUST_USE pfc_status report_write(const cJSON *json, const char *path, pfc_error *err);

#endif
