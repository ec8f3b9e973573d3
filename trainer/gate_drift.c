/* Are the newest rows of the kind that the champion was made from? A broken feed refuses the
 * candidate, whatever it says of it: what it was made from and what it is judged by come from
 * there. A world that has changed is what refits are for. */
#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "trainer/drift.h"
#include "trainer/gate_internal.h"

static double number_of(const cJSON *object, const char *key) {
  const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
  return cJSON_IsNumber(number) ? number->valuedouble : (double)NAN;
}

static const char *text_of(const cJSON *object, const char *key) {
  const cJSON *text = cJSON_GetObjectItemCaseSensitive(object, key);
  return cJSON_IsString(text) ? text->valuestring : "";
}

/* Alarms alone: of feeds and of the world. */
static pfc_status add_alarms(pfc__gate *g, const cJSON *told, pfc_error *err) {
  const cJSON *alarm;
  cJSON_ArrayForEach(alarm, cJSON_GetObjectItemCaseSensitive(told, "rows")) {
    char name[64];
    const char *kind = text_of(alarm, "kind");
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(alarm, "alarm"))) continue;
    (void)snprintf(name, sizeof name, "%s.%s", kind, text_of(alarm, "name"));
    pfc__gate_row *row = pfc__gate_add(g, name, "data", err);
    if (!row) return PFC_ENOMEM;
    row->candidate = number_of(alarm, "figure");
    row->limit = number_of(alarm, "limit");
    const double n = number_of(alarm, "n");
    row->n = isnan(n) ? 0 : (int64_t)n;
    (void)snprintf(row->note, sizeof row->note, "%s: %s", text_of(alarm, "of"),
                   text_of(alarm, "note"));
  }
  return PFC_OK;
}

pfc_status pfc__gate_drift(pfc__gate *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_drift_settings s;
  cJSON *told = NULL;
  bool world = false, feed = false;
  pfc_drift_defaults(&s);
  s.from = g->settings->slice_from;
  s.seed = g->settings->seed;
  PFC_TRY(pfc_drift_judge(g->ds, g->champion, &s, &world, &feed, &told, err));
  pfc__gate_row *row = pfc__gate_add(g, "feed", "data", err);
  if (!row) {
    st = PFC_ENOMEM;
    goto done;
  }
  row->role = PFC__MUST_HOLD;
  row->figure = feed ? -1 : 0;
  row->limit = 0;
  row->is_refused = feed;
  (void)snprintf(row->note, sizeof row->note, "%s",
                 feed    ? "a feed is not what it was: mend it, then refit"
                 : world ? "the world has changed, which is no reason to refuse"
                         : "");
  PFC_TRY(add_alarms(g, told, err));
done:
  cJSON_Delete(told);
  return st;
}
