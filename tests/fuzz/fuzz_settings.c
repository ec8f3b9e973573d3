// labels: fuzz check
/* Settings from any JSON: refused with the setting's name, or kept within their ranges, and
 * what `config` prints of them is taken back to the same. */
#include "base/json.h"
#include "cli/settings.h"
#include "tests/fuzz/input.h"

static char *printed(const settings *s) {
  cJSON *json = settings_json(s, "");
  HOLDS(json);
  char *text = cJSON_PrintUnformatted(json);
  HOLDS(text);
  cJSON_Delete(json);
  return text;
}

static void take_text(settings *s, const char *text) {
  cJSON *json = NULL;
  pfc_error err = PFC_ERROR_INIT;
  settings_defaults(s);
  HOLDS(pfc_json_parse("config", text, strlen(text), &json, &err) == PFC_OK);
  HOLDS(settings_take(s, json, "config", &err) == PFC_OK);
  cJSON_Delete(json);
}

/* One by one, as --set takes them; what is not set has no text. */
static void take_values(settings *to, const settings *from) {
  int n;
  const setting *row = settings_table(&n);
  settings_defaults(to);
  for (int i = 0; i < n; i++) {
    char value[256];
    pfc_error err = PFC_ERROR_INIT;
    const char *text = setting_value(&row[i], from, value);
    if (text[0]) HOLDS(settings_set(to, row[i].name, text, &err) == PFC_OK);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cJSON *json = NULL;
  settings s, again;
  pfc_error err = PFC_ERROR_INIT;
  settings_defaults(&s);
  if (pfc_json_parse("config", (const char *)data, size, &json, NULL) != PFC_OK) return 0;
  const pfc_status st = settings_take(&s, json, "config", &err);
  cJSON_Delete(json);
  holds_error(st, &err);
  HOLDS(st == PFC_OK || st == PFC_EUSAGE);
  char *text = printed(&s);
  take_text(&again, text);
  char *twice = printed(&again);
  HOLDS(strcmp(text, twice) == 0);
  cJSON_free(twice);
  take_values(&again, &s);
  cJSON_free(text);
  return 0;
}
