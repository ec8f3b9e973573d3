/* What a run amounts to, as JSON and back. */
#ifndef PROFICIO_CLI_RECOMMEND_TOTALS_H
#define PROFICIO_CLI_RECOMMEND_TOTALS_H

#include <cjson/cJSON.h>

#include "engine/recommend.h"

/* Keys named like the fields; "rules": name -> pairs. */
PFC_MUST_USE pfc_status totals_put(cJSON *json, const pfc_recommend_totals *t, pfc_error *err);
/* False when one is missing. */
bool totals_take(const cJSON *json, pfc_recommend_totals *t);

#endif
