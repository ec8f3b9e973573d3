#include "cli/evaluate_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/output_internal.h"
#include "trainer/evaluate.h"

enum { NAME_TEXT = 160, BASELINES_TEXT = 400, BAR_CELLS = 10, BAR_TEXT = 4 * BAR_CELLS };

typedef struct table {
  output *out;
  bool is_seen; /* on a terminal */
  int n;        /* models */
  const cJSON *of[PFC_MAX_CONTESTANTS];
  const cJSON *comparisons;
} table;

/* --- cells -------------------------------------------------------------------------------- */

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

/* A share as a bar of ten cells, in eighths; nothing for what is no share. */
static const char *bar(double value, char text[BAR_TEXT]) {
  static const char *const EIGHTHS[] = {"",
                                        "\xE2\x96\x8F",
                                        "\xE2\x96\x8E",
                                        "\xE2\x96\x8D",
                                        "\xE2\x96\x8C",
                                        "\xE2\x96\x8B",
                                        "\xE2\x96\x8A",
                                        "\xE2\x96\x89"};
  text[0] = '\0';
  if (!(value >= 0 && value <= 1)) return text;
  const int eighths = (int)lround(value * BAR_CELLS * 8);
  size_t at = 0;
  for (int full = 0; full < eighths / 8; full++) {
    at += (size_t)snprintf(text + at, BAR_TEXT - at, "\xE2\x96\x88");
  }
  (void)snprintf(text + at, BAR_TEXT - at, "%s", EIGHTHS[eighths % 8]);
  return text;
}

/* --- figures ------------------------------------------------------------------------------ */

static const cJSON *at_path(const cJSON *json, const char *path) {
  char text[NAME_TEXT];
  char *save = NULL;
  (void)snprintf(text, sizeof text, "%s", path);
  for (char *name = strtok_r(text, ".", &save); json && name;
       name = strtok_r(NULL, ".", &save)) {
    json = cJSON_GetObjectItemCaseSensitive(json, name);
  }
  return json;
}

static const char *model_of(const cJSON *json) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "model"));
  return name ? name : "";
}

/* Of the first model with another one; NULL where they were not compared. */
static const cJSON *comparison(const table *t, const char *figure, const char *against) {
  const cJSON *item;
  cJSON_ArrayForEach(item, t->comparisons) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "figure"));
    const char *other = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "against"));
    if (name && other && strcmp(name, figure) == 0 && strcmp(other, against) == 0) return item;
  }
  return NULL;
}

static pfc_status put_figure(const table *t, const char *name, int model, const cJSON *figure,
                             pfc_error *err) {
  char simpler[BASELINES_TEXT], share[BAR_TEXT];
  const double n = json_number(figure, "n"), value = json_number(figure, "value");
  const cJSON *c = model > 0 ? comparison(t, name, model_of(t->of[model])) : NULL;
  const cell row[] = {cell_text(name),
                      cell_real(value),
                      cell_text(bar(value, share)),
                      cell_real(json_number(figure, "lo")),
                      cell_real(json_number(figure, "hi")),
                      cell_int(isnan(n) ? NO_INT : (int64_t)n),
                      cell_text(baselines(figure, simpler)),
                      cell_text(model_of(t->of[model])),
                      cell_real(json_number(c, "difference")),
                      cell_real(json_number(c, "lo")),
                      cell_real(json_number(c, "hi")),
                      cell_real(json_number(c, "p")),
                      cell_real(json_number(c, "p_holm"))};
  enum { N = sizeof row / sizeof *row, BAR = 2, N_ALONE = 7 };
  cell kept[N];
  int n_kept = 0;
  for (int i = 0; i < (t->n > 1 ? N : N_ALONE); i++) {
    if (i != BAR || t->is_seen) kept[n_kept++] = row[i];
  }
  return table_row(t->out, kept, err);
}

/* A figure of model `first` and of those after it; those before it do not have it. */
static pfc_status put_side_by_side(const table *t, const char *name, int first,
                                   pfc_error *err) {
  for (int i = first; i < t->n; i++) {
    const cJSON *figure = at_path(t->of[i], name);
    const pfc_status st = figure ? put_figure(t, name, i, figure, err) : PFC_OK;
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

static bool is_had_before(const table *t, const char *name, int model) {
  for (int i = 0; i < model; i++) {
    if (at_path(t->of[i], name)) return true;
  }
  return false;
}

/* A policy may be called "value" too, and is an object then. */
static bool is_figure(const cJSON *item) {
  const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, "value");
  return value && !cJSON_IsObject(value);
}

static pfc_status put_figures(const table *t, int model, const char *path, const cJSON *json,
                              pfc_error *err) {
  const cJSON *item;
  cJSON_ArrayForEach(item, json) {
    char name[NAME_TEXT];
    if (!cJSON_IsObject(item)) continue;
    (void)snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "", item->string);
    pfc_status st = PFC_OK;
    if (!is_figure(item)) {
      st = put_figures(t, model, name, item, err);
    } else if (!is_had_before(t, name, model)) {
      st = put_side_by_side(t, name, model, err);
    }
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

/* --- policies ----------------------------------------------------------------------------- */

/* What a comparison says, as a figure: `key` of the object and its limits. */
static pfc_status as_figure(const cJSON *of, const char *key, const cJSON *p_holm,
                            cJSON *figure, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *beside = json_object(figure, "baselines", err);
  if (!beside) return PFC_ENOMEM;
  PFC_TRY(pfc_json_put_number(figure, "value", json_number(of, key), err));
  PFC_TRY(pfc_json_put_number(figure, "lo", json_number(of, "lo"), err));
  PFC_TRY(pfc_json_put_number(figure, "hi", json_number(of, "hi"), err));
  if (p_holm) PFC_TRY(pfc_json_put_number(beside, "p_holm", cJSON_GetNumberValue(p_holm), err));
done:
  return st;
}

static pfc_status put_contrast(const table *t, const cJSON *c, const char *part,
                               const char *key, const char *name, pfc_error *err) {
  pfc_status st = PFC_OK;
  char text[NAME_TEXT];
  const cJSON *of = part ? cJSON_GetObjectItemCaseSensitive(c, part) : c;
  const cJSON *p_holm = part ? NULL : cJSON_GetObjectItemCaseSensitive(c, "p_holm");
  const char *against = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c, "against"));
  cJSON *figure = cJSON_CreateObject();
  if (!figure) return pfc_fail_memory(err, "figures");
  (void)snprintf(text, sizeof text, "policy.%s.%s", name, against ? against : "");
  PFC_TRY(as_figure(of, key, p_holm, figure, err));
  PFC_TRY(put_figure(t, text, 0, figure, err));
done:
  cJSON_Delete(figure);
  return st;
}

/* Rows for each other policy: what value closes more, a person and an hour, and by which share
 * it leaves less to be regretted. */
static pfc_status put_policies(const table *t, const cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *policy = cJSON_GetObjectItemCaseSensitive(json, "policy"), *c;
  cJSON_ArrayForEach(c, cJSON_GetObjectItemCaseSensitive(policy, "comparisons")) {
    PFC_TRY(put_contrast(t, c, NULL, "difference", "value_less", err));
    PFC_TRY(put_contrast(t, c, "per_hour", "difference", "value_less_per_hour", err));
    PFC_TRY(put_contrast(t, c, "regret_less", "value", "regret_less", err));
  }
done:
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

static pfc_status open_columns(common *c, table *t, pfc_error *err) {
  static const output_column COLUMNS[] = {{"figure", COLUMN_TEXT, false},
                                          {"value", COLUMN_REAL, false},
                                          {"0 to 1", COLUMN_TEXT, false},
                                          {"lo", COLUMN_REAL, false},
                                          {"hi", COLUMN_REAL, false},
                                          {"n", COLUMN_INT, false},
                                          {"baselines", COLUMN_TEXT, false},
                                          {"model", COLUMN_TEXT, false},
                                          {"difference", COLUMN_REAL, false},
                                          {"difference_lo", COLUMN_REAL, false},
                                          {"difference_hi", COLUMN_REAL, false},
                                          {"p", COLUMN_REAL, true},
                                          {"p_holm", COLUMN_REAL, false}};
  enum { N = sizeof COLUMNS / sizeof *COLUMNS, BAR = 2, BASELINES = 6, N_ALONE = 7 };
  output_column kept[N];
  int n_kept = 0;
  for (int i = 0; i < (t->n > 1 ? N : N_ALONE); i++) {
    if (i == BAR && !t->is_seen) continue;
    kept[n_kept] = COLUMNS[i];
    kept[n_kept++].not_in_table |= i == BASELINES && t->n > 1;
  }
  return common_table(c, n_kept, kept, &t->out, err);
}

pfc_status evaluate_table(common *c, const cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool is_table = output_format_resolve(c->format, c->output) == OUTPUT_TABLE;
  table t = {.is_seen = is_table && !c->output && terminal_width() > 0,
             .comparisons = cJSON_GetObjectItemCaseSensitive(json, "comparisons")};
  const cJSON *other;
  t.of[t.n++] = json;
  cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(json, "against")) {
    if (t.n < PFC_MAX_CONTESTANTS) t.of[t.n++] = other;
  }
  PFC_TRY(open_columns(c, &t, err));
  for (int i = 0; i < t.n; i++) PFC_TRY(put_figures(&t, i, "", t.of[i], err));
  PFC_TRY(put_policies(&t, json, err));
  PFC_TRY(table_close(t.out, err));
done:
  output_destroy(t.out);
  return st;
}
