#include "cli/recommend_totals.h"

#include <math.h>

#include "base/json.h"
#include "base/number.h"
#include "cli/common.h"

static const struct {
  const char *name;
  size_t at;
} COUNTS[] = {
    {"with_list", offsetof(pfc_recommend_totals, with_list)},
    {"allowed", offsetof(pfc_recommend_totals, allowed)},
    {"mandates", offsetof(pfc_recommend_totals, mandates)},
    {"forced", offsetof(pfc_recommend_totals, forced)},
    {"kept", offsetof(pfc_recommend_totals, kept)},
};
enum { N_COUNTS = sizeof COUNTS / sizeof *COUNTS };

static int64_t count_of(const pfc_recommend_totals *t, int i) {
  return *(const int64_t *)((const char *)t + COUNTS[i].at);
}

static int64_t *count_at(pfc_recommend_totals *t, int i) {
  return (int64_t *)((char *)t + COUNTS[i].at);
}

/* cJSON writes 15 digits where the 17 that a double may need are nearly the same: not enough
 * for a sum that is taken up again. */
static pfc_status put_exact(cJSON *json, const char *key, double value, pfc_error *err) {
  char text[PFC_NUMBER_TEXT];
  const bool is_number = pfc_number_format(value, text) > 0;
  return cJSON_AddRawToObject(json, key, is_number ? text : "null")
             ? PFC_OK
             : pfc_fail_memory(err, "report");
}

pfc_status totals_put(cJSON *json, const pfc_recommend_totals *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_json_put_number(json, "people", (double)t->people, err));
  for (int i = 0; i < N_COUNTS; i++)
    PFC_TRY(pfc_json_put_number(json, COUNTS[i].name, (double)count_of(t, i), err));
  PFC_TRY(put_exact(json, "value", t->value, err));
  PFC_TRY(put_exact(json, "value_undiverse", t->value_undiverse, err));
  cJSON *rules = json_object(json, "rules", err);
  if (!rules) return PFC_ENOMEM;
  for (int r = 0; r < PFC_N_RULES; r++)
    PFC_TRY(pfc_json_put_number(rules, pfc_rule_name((pfc_rule)r), (double)t->broken[r], err));
done:
  return st;
}

static bool take(const cJSON *json, const char *key, double *value) {
  *value = json_number(json, key);
  return isfinite(*value);
}

bool totals_take(const cJSON *json, pfc_recommend_totals *t) {
  double value;
  const cJSON *rules = cJSON_GetObjectItemCaseSensitive(json, "rules");
  if (!take(json, "people", &value)) return false;
  t->people = (int64_t)value;
  for (int i = 0; i < N_COUNTS; i++) {
    if (!take(json, COUNTS[i].name, &value)) return false;
    *count_at(t, i) = (int64_t)value;
  }
  for (int r = 0; r < PFC_N_RULES; r++) {
    if (!take(rules, pfc_rule_name((pfc_rule)r), &value)) return false;
    t->broken[r] = (int64_t)value;
  }
  return take(json, "value", &t->value) && take(json, "value_undiverse", &t->value_undiverse);
}
