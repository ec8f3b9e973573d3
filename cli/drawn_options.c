#include "cli/drawn_options.h"

#include <string.h>

#include "base/json.h"
#include "base/number.h"

pfc_status drawn_take_count(const char *option, const char *arg, int32_t *value,
                            pfc_error *err) {
  double number;
  if (pfc_number_parse(arg, strlen(arg), &number) && number >= 0 && number <= INT32_MAX &&
      number == (double)(int32_t)number) {
    *value = (int32_t)number;
    return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "--%s: a whole number expected, not '%s'", option, arg);
}

static pfc_status take_policy(drawn_options *o, const char *arg, pfc_error *err) {
  o->random = strcmp(arg, "random") == 0;
  if (o->random || strcmp(arg, "managers") == 0) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--policy: random or managers expected, not '%s'", arg);
}

pfc_status drawn_take(drawn_options *o, int key, const char *arg, pfc_error *err) {
  switch (key) {
    case KEY_DRAWN_PEOPLE:
      return drawn_take_count("people", arg, &o->people, err);
    case KEY_DRAWN_INTERVENTIONS:
      return drawn_take_count("interventions", arg, &o->interventions, err);
    case KEY_DRAWN_MONTHS:
      return drawn_take_count("months", arg, &o->months, err);
    case KEY_DRAWN_POLICY:
      return take_policy(o, arg, err);
    case KEY_DRAWN_PRESET:
      o->preset = arg;
      return PFC_OK;
    default:
      o->framework = arg;
      return PFC_OK;
  }
}

void drawn_set(int32_t *to, int32_t given) {
  if (given >= 0) *to = given;
}

pfc_status drawn_settings(const drawn_options *o, const char *preset, uint64_t seed,
                          pfc_simulate_settings *s, pfc_error *err) {
  const pfc_status st = pfc_simulate_preset(o->preset ? o->preset : preset, s, err);
  if (st != PFC_OK) return st;
  s->seed = seed;
  s->random = o->random;
  drawn_set(&s->n_people, o->people);
  drawn_set(&s->n_interventions, o->interventions);
  drawn_set(&s->n_months, o->months);
  return PFC_OK;
}

pfc_status drawn_object(const common *c, const drawn_options *o, const char *preset,
                        cJSON *figures, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(common_object(c, json, err));
  PFC_TRY(pfc_json_put_text(*json, "preset", o->preset ? o->preset : preset, err));
  PFC_TRY(pfc_json_put_text(*json, "history", o->random ? "random" : "managers", err));
  PFC_TRY(pfc_json_put_number(*json, "seed", (double)c->seed, err));
  while (figures->child) {
    cJSON *item = cJSON_DetachItemViaPointer(figures, figures->child);
    if (cJSON_AddItemToObject(*json, item->string, item)) continue;
    cJSON_Delete(item);
    return pfc_fail_memory(err, "report");
  }
done:
  return st;
}
