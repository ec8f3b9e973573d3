#include "cli/lists_inputs.h"

#include <string.h>

#include "base/digest.h"
#include "base/json.h"

static const char BUILD[] = "proficio " PFC_VERSION;

static pfc_status put_settings(const common *c, const char *group, cJSON *json,
                               pfc_error *err) {
  cJSON *all = settings_json(&c->settings, group);
  if (!all) return pfc_fail_memory(err, "settings");
  for (cJSON *item = all->child; item;) {
    cJSON *next = item->next;
    (void)cJSON_DetachItemViaPointer(all, item);
    if (!cJSON_AddItemToObject(json, item->string, item)) {
      cJSON_Delete(item);
      cJSON_Delete(all);
      return pfc_fail_memory(err, "settings");
    }
    item = next;
  }
  cJSON_Delete(all);
  return PFC_OK;
}

pfc_status recommend_settings_json(const common *c, cJSON **json, pfc_error *err) {
  static const char *const GROUPS[] = {"recommend.", "value.", "rules.", "gaps."};
  pfc_status st = PFC_OK;
  cJSON *all = cJSON_CreateObject();
  if (!all) return pfc_fail_memory(err, "settings");
  for (size_t g = 0; g < sizeof GROUPS / sizeof *GROUPS && st == PFC_OK; g++) {
    st = put_settings(c, GROUPS[g], all, err);
  }
  if (st == PFC_OK) {
    *json = all;
  } else {
    cJSON_Delete(all);
  }
  return st;
}

static pfc_status put_digest(cJSON *inputs, const char *name, int n, const char *const *texts,
                             pfc_error *err) {
  char hex[PFC_SHA256_HEX];
  pfc_sha256 *d = pfc_sha256_create();
  if (!d) return pfc_fail_memory(err, "digest");
  for (int i = 0; i < n; i++) {
    const char *text = texts[i] ? texts[i] : "";
    pfc_sha256_add(d, text, strlen(text) + 1);
  }
  pfc_sha256_hex(d, hex);
  pfc_sha256_destroy(d);
  return pfc_json_put_text(inputs, name, hex, err);
}

static pfc_status put_settings_digest(const recommend_job *j, output_format format,
                                      cJSON *inputs, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *effective = NULL;
  char kind[32], *text = NULL;
  PFC_TRY(recommend_settings_json(j->c, &effective, err));
  if (!(text = cJSON_PrintUnformatted(effective))) {
    st = pfc_fail_memory(err, "settings");
    goto done;
  }
  (void)snprintf(kind, sizeof kind, "%d", (int)format);
  const char *const texts[] = {text, kind, j->o->goal, j->as_of, BUILD};
  PFC_TRY(put_digest(inputs, "setting", sizeof texts / sizeof *texts, texts, err));
done:
  cJSON_free(text);
  cJSON_Delete(effective);
  return st;
}

static pfc_status put_people(const recommend_job *j, cJSON *inputs, pfc_error *err) {
  char hex[PFC_SHA256_HEX];
  pfc_sha256 *d = pfc_sha256_create();
  if (!d) return pfc_fail_memory(err, "digest");
  for (int64_t p = 0; p < j->people.n; p++) {
    const char *id = pfc_dict_text(j->s.people, j->people.code[p]);
    pfc_sha256_add(d, id, strlen(id) + 1);
  }
  pfc_sha256_hex(d, hex);
  pfc_sha256_destroy(d);
  return pfc_json_put_text(inputs, "set of people", hex, err);
}

pfc_status inputs_of(const recommend_job *j, output_format format, cJSON **inputs,
                     pfc_error *err) {
  pfc_status st = PFC_OK;
  char before[PFC_SHA256_HEX] = "";
  cJSON *json = cJSON_CreateObject();
  if (!json) return pfc_fail_memory(err, "inputs");
  if (j->o->previous) PFC_TRY(pfc_sha256_file(j->o->previous, before, err));
  PFC_TRY(pfc_json_put_text(json, "model", j->model_sha256, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", j->data_sha256, err));
  PFC_TRY(pfc_json_put_text(json, "feedback", j->s.ds->feedback_head, err));
  PFC_TRY(put_settings_digest(j, format, json, err));
  PFC_TRY(put_people(j, json, err));
  PFC_TRY(pfc_json_put_text(json, "file of yesterday's lists", before, err));
  const char *const outputs[] = {j->o->log ? "log" : "", j->o->changes ? "changes" : "",
                                 j->o->sheet ? "answer sheet" : ""};
  PFC_TRY(put_digest(json, "choice of outputs", 3, outputs, err));
  *inputs = json;
  json = NULL;
done:
  cJSON_Delete(json);
  return st;
}

const char *inputs_difference(const cJSON *ours, const cJSON *theirs) {
  if (!theirs) return NULL;
  for (const cJSON *item = ours->child; item; item = item->next) {
    const cJSON *other = cJSON_GetObjectItemCaseSensitive(theirs, item->string);
    if (!cJSON_IsString(other) || strcmp(other->valuestring, item->valuestring) != 0)
      return item->string;
  }
  return NULL;
}
