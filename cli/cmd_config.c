#include "base/json.h"
#include "cli/common.h"

static const char *type_text(const setting *row) {
  static const char *const TEXTS[] = {
      [SETTING_I32] = "whole number",   [SETTING_I64] = "whole number",
      [SETTING_U64] = "whole number",   [SETTING_REAL] = "number",
      [SETTING_WORD] = "word",          [SETTING_NAME] = "name",
      [SETTING_INTS] = "whole numbers", [SETTING_REALS] = "numbers",
      [SETTING_PAIR] = "two numbers",   [SETTING_LIMIT] = "number or share"};
  return TEXTS[row->type];
}

static pfc_status print_rows(common *c, const settings *defaults, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"setting", COLUMN_TEXT, false}, {"value", COLUMN_TEXT, false},
      {"default", COLUMN_TEXT, false}, {"type", COLUMN_TEXT, true},
      {"range", COLUMN_TEXT, false},   {"unit", COLUMN_TEXT, true},
      {"meaning", COLUMN_TEXT, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  int n;
  const setting *table = settings_table(&n);
  PFC_TRY(common_table(c, 7, COLUMNS, &out, err));
  for (int i = 0; i < n; i++) {
    const setting *row = &table[i];
    char value[256], normal[256], range[128];
    const cell cells[] = {cell_text(row->name),
                          cell_text(setting_value(row, &c->settings, value)),
                          cell_text(setting_value(row, defaults, normal)),
                          cell_text(type_text(row)),
                          cell_text(setting_range(row, range)),
                          cell_text(row->unit),
                          cell_text(row->meaning)};
    PFC_TRY(table_row(out, cells, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  settings defaults;
  cJSON *json = NULL, *values = NULL;
  settings_defaults(&defaults);
  PFC_TRY(print_rows(c, &defaults, err));
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "config", c->config ? c->config : "", err));
  values = settings_json(&c->settings, "");
  if (!values || !cJSON_AddItemToObject(json, "settings", values)) {
    cJSON_Delete(values);
    st = pfc_fail_memory(err, "settings");
    goto done;
  }
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static const command_spec SPEC = {
    .name = "config",
    .args = "",
    .min_args = 0,
    .max_args = 0,
    .doc =
        "Prints every setting as it is in effect: defaults, overridden by proficio.json, "
        "overridden by --set; with range and meaning.",
    .example =
        "  proficio config\n"
        "  proficio config --set train.affinity.rank=32 --json\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the table [standard output]",
    .run = run,
};

int cmd_config(int argc, char **argv) { return common_main(&SPEC, argc, argv, NULL); }
