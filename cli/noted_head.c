#include "cli/noted_head.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "models/registry.h"

static pfc_status take(const char *where, const char *noted, char head[PFC_HEAD_TEXT],
                       pfc_error *err) {
  if (!noted || noted[0] == '\0')
    return pfc_fail(err, PFC_EDATA, "%s was made without a feedback store: it notes no head",
                    where);
  (void)snprintf(head, PFC_HEAD_TEXT, "%s", noted);
  return PFC_OK;
}

static pfc_status read_manifest(const char *path, char head[PFC_HEAD_TEXT], pfc_error *err) {
  cJSON *json = NULL;
  pfc_status st = pfc_json_load(path, &json, err);
  if (st == PFC_OK)
    st = take(path,
              cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "feedback_head")),
              head, err);
  cJSON_Delete(json);
  return st;
}

static pfc_status read_model(const char *path, const char *name, char head[PFC_HEAD_TEXT],
                             pfc_error *err) {
  pfc_bundle *bundle = NULL;
  pfc_status st = pfc_bundle_load(path, &bundle, err);
  if (st == PFC_OK) st = take(name, bundle->feedback_head, head, err);
  pfc_bundle_destroy(bundle);
  return st;
}

static bool is_manifest(const char *path) {
  const size_t n = strlen(path);
  return n > 5 && strcmp(path + n - 5, ".json") == 0;
}

pfc_status noted_head(const char *text, char head[PFC_HEAD_TEXT], pfc_error *err) {
  pfc_status st = PFC_OK;
  char *file = NULL;
  if (pfc_registry_is_named(text)) {
    PFC_TRY(pfc_registry_resolve(text, &file, err));
    PFC_TRY(read_model(file, text, head, err));
  } else if (access(text, F_OK) != 0) {
    (void)snprintf(head, PFC_HEAD_TEXT, "%s", text);
  } else {
    PFC_TRY(is_manifest(text) ? read_manifest(text, head, err)
                              : read_model(text, text, head, err));
  }
done:
  pfc_free(file);
  return st;
}
