#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/common.h"
#include "datasets/storage.h"
#include "trainer/evaluate.h"

enum { NAME_TEXT = 160, BASELINES_TEXT = 400 };

/* "popularity 0.31; items 0.42" */
static const char *baselines(const cJSON *figure, char text[BASELINES_TEXT]) {
  const cJSON *item;
  size_t at = 0;
  text[0] = '\0';
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(figure, "baselines")) {
    if (!cJSON_IsNumber(item) || at >= BASELINES_TEXT - 1) continue;
    at += (size_t)snprintf(text + at, BASELINES_TEXT - at, "%s%s %.4g", at ? "; " : "",
                           item->string, item->valuedouble);
  }
  return text;
}

static pfc_status put_figure(output *out, const char *name, const cJSON *figure,
                             pfc_error *err) {
  char text[BASELINES_TEXT];
  const double n = json_number(figure, "n");
  const cell row[] = {cell_text(name),
                      cell_real(json_number(figure, "value")),
                      cell_real(json_number(figure, "lo")),
                      cell_real(json_number(figure, "hi")),
                      cell_int(isnan(n) ? NO_INT : (int64_t)n),
                      cell_text(baselines(figure, text))};
  return table_row(out, row, err);
}

/* Every object that has a "value" is a figure, however deep it stands: "success.auc". */
static pfc_status put_figures(output *out, const char *path, const cJSON *json,
                              pfc_error *err) {
  const cJSON *item;
  cJSON_ArrayForEach(item, json) {
    char name[NAME_TEXT];
    if (!cJSON_IsObject(item)) continue;
    (void)snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "", item->string);
    const bool is_figure = cJSON_HasObjectItem(item, "value");
    const pfc_status st =
        is_figure ? put_figure(out, name, item, err) : put_figures(out, name, item, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static pfc_status print_figures(common *c, const cJSON *json, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"figure", COLUMN_TEXT, false}, {"value", COLUMN_REAL, false},
      {"lo", COLUMN_REAL, false},     {"hi", COLUMN_REAL, false},
      {"n", COLUMN_INT, false},       {"baselines", COLUMN_TEXT, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, 6, COLUMNS, &out, err));
  PFC_TRY(put_figures(out, "", json, err));
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *bundle = NULL;
  pfc_dataset *ds = NULL;
  cJSON *json = NULL;
  c->settings.evaluate.progress = progress_of(&c->progress);
  PFC_TRY(pfc_bundle_load(c->args[0], &bundle, err));
  PFC_TRY(pfc_dataset_load(c->args[1], &ds, err));
  PFC_TRY(pfc_evaluate(bundle, ds, &c->settings.evaluate, &json, err));
  progress_end(&c->progress);
  PFC_TRY(print_figures(c, json, err));
  PFC_TRY(pfc_json_put_text(json, "model", c->args[0], err));
  PFC_TRY(pfc_json_put_text(json, "model_version", bundle->version, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", c->args[1], err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  pfc_dataset_destroy(ds);
  pfc_bundle_destroy(bundle);
  return st;
}

static const command_spec SPEC = {
    .name = "evaluate",
    .args = "MODEL DATA",
    .min_args = 2,
    .max_args = 2,
    .doc =
        "Judges a model on the test rows of a dataset that is split, beside simpler models, "
        "with 95 % intervals. Rows the model was trained on are refused.",
    .example =
        "  proficio evaluate model.h5 data.h5\n"
        "  proficio evaluate model.h5 data.h5 --k 10,20 --resamples 0 --json\n",
    .takes = TAKES_FORMAT | TABLE_TO_O,
    .output_doc = "the figures [standard output]",
    .setting_groups = {"evaluate."},
    .run = run,
};

int cmd_evaluate(int argc, char **argv) { return common_main(&SPEC, argc, argv, NULL); }
