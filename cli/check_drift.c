/* `check --drift`: are the newest rows of the kind that came before, and is a refit due? */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/check.h"
#include "datasets/storage.h"
#include "models/registry.h"
#include "trainer/drift.h"

static const output_column COLUMNS[] = {
    {"kind", COLUMN_TEXT, false}, {"name", COLUMN_TEXT, false},   {"of", COLUMN_TEXT, false},
    {"n", COLUMN_INT, false},     {"figure", COLUMN_REAL, false}, {"limit", COLUMN_REAL, false},
    {"p", COLUMN_REAL, false},    {"alarm", COLUMN_INT, false},   {"note", COLUMN_TEXT, false},
};

typedef struct drift_look {
  const check_drift_options *options;
  pfc_dataset *ds, *view; /* view: as of a day that is over; NULL: ds itself */
  pfc_bundle *bundle;
  char *version_file; /* of a registry's version */
  cJSON *drift;
  bool world, feed;
} drift_look;

static void clear(drift_look *l) {
  cJSON_Delete(l->drift);
  pfc_bundle_destroy(l->bundle);
  pfc_dataset_destroy(l->view);
  pfc_dataset_destroy(l->ds);
  pfc_free(l->version_file);
}

static pfc_status load(common *c, drift_look *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *model = l->options->model;
  PFC_TRY(pfc_dataset_load(c->args[0], &l->ds, err));
  if (c->as_of != PFC_NO_DATE) {
    l->ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = c->as_of};
    PFC_TRY(pfc_split_training_view(l->ds, &l->view, err));
  }
  if (!model) goto done;
  if (pfc_registry_is_named(model)) {
    PFC_TRY(pfc_registry_resolve(model, &l->version_file, err));
    model = l->version_file;
  }
  PFC_TRY(pfc_bundle_load(model, &l->bundle, err));
done:
  return st;
}

static pfc_status judge(common *c, drift_look *l, pfc_error *err) {
  pfc_drift_settings s = c->settings.drift;
  s.from = l->options->from;
  s.seed = c->seed;
  return pfc_drift_judge(l->view ? l->view : l->ds, l->bundle, &s, &l->world, &l->feed,
                         &l->drift, err);
}

/* --- telling ------------------------------------------------------------------------------ */

static const char *text_of(const cJSON *row, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(row, key));
  return text ? text : "";
}

static bool is_alarm(const cJSON *row) {
  return cJSON_IsTrue(cJSON_GetObjectItem(row, "alarm"));
}

static pfc_status print_rows(common *c, const drift_look *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  output *out = NULL;
  const cJSON *row;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  cJSON_ArrayForEach(row, cJSON_GetObjectItem(l->drift, "rows")) {
    const cell cells[] = {
        cell_text(text_of(row, "kind")),       cell_text(text_of(row, "name")),
        cell_text(text_of(row, "of")),         cell_int((int64_t)json_number(row, "n")),
        cell_real(json_number(row, "figure")), cell_real(json_number(row, "limit")),
        cell_real(json_number(row, "p")),      cell_int(is_alarm(row)),
        cell_text(text_of(row, "note")),
    };
    PFC_TRY(table_row(out, cells, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static const char *verdict(const drift_look *l) {
  if (l->feed) return "mend";
  return l->world ? "refit" : "nothing";
}

static pfc_status print_json(common *c, drift_look *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "file", c->args[0], err));
  PFC_TRY(pfc_json_put_text(json, "sha256", l->ds->sha256, err));
  PFC_TRY(pfc_json_put_text(json, "model", l->bundle ? l->options->model : "", err));
  PFC_TRY(pfc_json_put_text(json, "verdict", verdict(l), err));
  if (!cJSON_AddItemReferenceToObject(json, "drift", l->drift)) {
    st = pfc_fail_memory(err, "report");
    goto done;
  }
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

/* All that is broken, in one message. */
static pfc_status refuse(const drift_look *l, pfc_error *err) {
  char text[sizeof err->msg] = "";
  size_t at = 0;
  const cJSON *row;
  cJSON_ArrayForEach(row, cJSON_GetObjectItem(l->drift, "rows")) {
    if (!is_alarm(row) || strcmp(text_of(row, "kind"), "feed") != 0 || at >= sizeof text)
      continue;
    at += (size_t)snprintf(text + at, sizeof text - at, "\n  %s, %s: %s", text_of(row, "of"),
                           text_of(row, "name"), text_of(row, "note"));
  }
  return pfc_fail(err, PFC_EDATA, "mend the feed before a model is fitted to it:%s", text);
}

pfc_status check_drift(common *c, const check_drift_options *options, pfc_error *err) {
  pfc_status st = PFC_OK;
  drift_look l = {.options = options};
  PFC_TRY(common_reads("-o", c->output, options->model, err));
  PFC_TRY(load(c, &l, err));
  PFC_TRY(judge(c, &l, err));
  PFC_TRY(print_rows(c, &l, err));
  PFC_TRY(print_json(c, &l, err));
  if (l.feed) {
    st = refuse(&l, err);
    goto done;
  }
  if (l.world) common_note(c, "the newest rows are not what the ones before were: refit");
  if (!l.world) c->code = EXIT_NOTHING;
done:
  clear(&l);
  return st;
}
