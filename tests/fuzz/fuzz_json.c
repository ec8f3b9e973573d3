// labels: fuzz check
/* The strict scan and cJSON agree: what passes prints, with or without blanks, and parses
 * again to the same, numbers beyond 2^53 apart; and an object or list that ends early is
 * refused. */
#include <math.h>
#include <stdbool.h>

#include "base/json.h"
#include "tests/fuzz/input.h"

/* cJSON may print a number beyond 2^53 that had a fraction or an exponent as a whole number,
 * and such ones are refused. */
static bool has_large_number(const cJSON *json) {
  bool large = cJSON_IsNumber(json) && fabs(json->valuedouble) > 9007199254740992.0;
  for (const cJSON *part = json->child; part && !large; part = part->next)
    large = has_large_number(part);
  return large;
}

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
  if (!has_large_number(json)) {
    prints_and_parses(json, cJSON_PrintUnformatted(json));
    prints_and_parses(json, cJSON_Print(json));
  }
  ends_too_early(json, (const char *)data, size);
  cJSON_Delete(json);
  return 0;
}
