// labels: fuzz check
/* The strict scan and cJSON agree: what passes prints, and parses again to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cJSON *json = NULL, *again = NULL;
  pfc_error err = PFC_ERROR_INIT;
  if (pfc_json_parse("input", (const char *)data, size, &json, &err) != PFC_OK) {
    if (err.status == PFC_OK || json) abort();
    return 0;
  }
  char *text = cJSON_PrintUnformatted(json);
  if (!text || pfc_json_parse("again", text, strlen(text), &again, &err) != PFC_OK) abort();
  if (!cJSON_Compare(json, again, 1)) abort();
  cJSON_Delete(again);
  cJSON_Delete(json);
  cJSON_free(text);
  return 0;
}
