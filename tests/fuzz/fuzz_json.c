// labels: fuzz check
/* The strict scan and cJSON agree: what passes prints, with or without blanks, and parses
 * again to the same; and an object or list that ends early is refused. */
#include "base/json.h"
#include "tests/fuzz/input.h"

static void prints_and_parses(const cJSON *json, char *text) {
  cJSON *again = NULL;
  pfc_error err = PFC_ERROR_INIT;
  HOLDS(text);
  HOLDS(pfc_json_parse("again", text, strlen(text), &again, &err) == PFC_OK);
  HOLDS(cJSON_Compare(json, again, 1));
  cJSON_Delete(again);
  cJSON_free(text);
}

/* Cut anywhere before its last bracket, which place the bytes choose. */
static void ends_too_early(const cJSON *json, const char *text, size_t size) {
  cJSON *part = NULL;
  pfc_error err = PFC_ERROR_INIT;
  size_t sum = 0, end = size;
  if (!cJSON_IsObject(json) && !cJSON_IsArray(json)) return;
  while (text[end - 1] != '}' && text[end - 1] != ']') end--;
  for (size_t i = 0; i < size; i++) sum = 31 * sum + (unsigned char)text[i];
  HOLDS(pfc_json_parse("part", text, sum % end, &part, &err) == PFC_EDATA);
  HOLDS(!part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cJSON *json = NULL;
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = pfc_json_parse("input", (const char *)data, size, &json, &err);
  holds_error(st, &err);
  HOLDS((st == PFC_OK) == (json != NULL));
  if (st != PFC_OK) return 0;
  prints_and_parses(json, cJSON_PrintUnformatted(json));
  prints_and_parses(json, cJSON_Print(json));
  ends_too_early(json, (const char *)data, size);
  cJSON_Delete(json);
  return 0;
}
