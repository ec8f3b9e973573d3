/* What a refit tells: manifests, notes, the table of the gate's rows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/refit.h"

const char *refit_outcome_name(refit_outcome outcome) {
  static const char *const NAMES[] = {[REFIT_NOTHING] = "nothing",
                                      [REFIT_FIRST] = "first",
                                      [REFIT_PROMOTE] = "promote",
                                      [REFIT_REJECT] = "reject",
                                      [REFIT_UNDECIDED] = "undecided"};
  return NAMES[outcome];
}

/* --- manifests ------------------------------------------------------------------------------
 */

static pfc_status put_models(cJSON *about, const pfc_train_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *models = json_object(about, "models", err);
  if (!models) return PFC_ENOMEM;
  for (int n = 0; n < r->n_notes; n++) {
    cJSON *model = json_object(models, r->notes[n].model, err);
    if (!model) return PFC_ENOMEM;
    if (!cJSON_AddBoolToObject(model, "trained", r->notes[n].trained))
      return pfc_fail_memory(err, "manifest");
    PFC_TRY(pfc_json_put_number(model, "rows", (double)r->notes[n].n_rows, err));
    PFC_TRY(pfc_json_put_text(model, "note", r->notes[n].text, err));
  }
done:
  return st;
}

static pfc_status put_tried(cJSON *about, const pfc_refit_report *report, pfc_error *err) {
  cJSON *copy = report->tried ? cJSON_Duplicate(report->tried, true) : cJSON_CreateArray();
  if (copy && cJSON_AddItemToObject(about, "tried", copy)) return PFC_OK;
  cJSON_Delete(copy);
  return pfc_fail_memory(err, "manifest");
}

pfc_status refit_about(const refit_job *job, const pfc_refit_report *report, cJSON **about,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  char from[PFC_DATE_TEXT];
  cJSON *json = cJSON_CreateObject();
  if (!json) return pfc_fail_memory(err, "manifest");
  pfc_date_format(report->slice_from, from);
  PFC_TRY(pfc_json_put_text(json, "made_by", "refit", err));
  PFC_TRY(pfc_json_put_text(json, "inputs", job->inputs, err));
  PFC_TRY(pfc_json_put_text(json, "settings_sha256", job->settings_sha256, err));
  PFC_TRY(pfc_json_put_number(json, "champion", job->champion_number, err));
  PFC_TRY(pfc_json_put_text(json, "slice_from", from, err));
  if (report->method) PFC_TRY(pfc_json_put_text(json, "method", report->method, err));
  PFC_TRY(pfc_json_put_number(json, "new_rows", (double)report->n_new, err));
  PFC_TRY(pfc_json_put_number(json, "new_share", report->new_share, err));
  PFC_TRY(pfc_json_put_number(json, "candidates", report->n_candidates, err));
  PFC_TRY(put_tried(json, report, err));
  PFC_TRY(put_models(json, &report->models, err));
  *about = json;
  json = NULL;
done:
  cJSON_Delete(json);
  return st;
}

/* --- the table ------------------------------------------------------------------------------
 */

static const char *text_of(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  return cJSON_IsString(item) ? item->valuestring : "";
}

refit_outcome refit_outcome_of(const cJSON *verdict) {
  for (int k = REFIT_PROMOTE; k <= REFIT_REJECT; k++)
    if (strcmp(text_of(verdict, "verdict"), refit_outcome_name((refit_outcome)k)) == 0)
      return (refit_outcome)k;
  return REFIT_UNDECIDED;
}

void refit_reasons(const cJSON *verdict, refit_outcome outcome, size_t room, char *text) {
  static const char *const ROWS[] = {
      [REFIT_PROMOTE] = "better", [REFIT_REJECT] = "worse", [REFIT_UNDECIDED] = "unclear"};
  size_t at = 0;
  const cJSON *row;
  text[0] = '\0';
  cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(verdict, "rows")) {
    if (strcmp(text_of(row, "verdict"), ROWS[outcome]) != 0 || at >= room) continue;
    at += (size_t)snprintf(text + at, room - at, "%s%s (%s)", at ? ", " : "",
                           text_of(row, "name"), text_of(row, "slice"));
  }
  if (at == 0 && outcome == REFIT_UNDECIDED)
    (void)snprintf(text, room, "no figure is better beyond doubt");
}

static pfc_status print_rows(refit_job *job, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"name", COLUMN_TEXT, false},     {"slice", COLUMN_TEXT, false},
      {"champion", COLUMN_REAL, false}, {"candidate", COLUMN_REAL, false},
      {"figure", COLUMN_REAL, false},   {"lo", COLUMN_REAL, false},
      {"hi", COLUMN_REAL, false},       {"n", COLUMN_INT, false},
      {"limit", COLUMN_REAL, false},    {"must", COLUMN_TEXT, false},
      {"verdict", COLUMN_TEXT, false},  {"note", COLUMN_TEXT, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  const cJSON *at;
  PFC_TRY(common_table(job->c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(job->verdict, "rows")) {
    const double n = json_number(at, "n");
    const cell row[] = {cell_text(text_of(at, "name")),
                        cell_text(text_of(at, "slice")),
                        cell_real(json_number(at, "champion")),
                        cell_real(json_number(at, "candidate")),
                        cell_real(json_number(at, "figure")),
                        cell_real(json_number(at, "lo")),
                        cell_real(json_number(at, "hi")),
                        cell_int(isnan(n) ? 0 : (int64_t)n),
                        cell_real(json_number(at, "limit")),
                        cell_text(cJSON_IsTrue(cJSON_GetObjectItem(at, "must")) ? "yes" : "no"),
                        cell_text(text_of(at, "verdict")),
                        cell_text(text_of(at, "note"))};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

/* --- notes, and the object ------------------------------------------------------------------
 */

static void note_candidate(refit_job *job) {
  common *c = job->c;
  char name[32] = "candidate";
  if (job->number) (void)snprintf(name, sizeof name, "version %d", (int)job->number);
  const char *earlier = !job->went_on                 ? ""
                        : job->outcome == REFIT_FIRST ? "; an earlier run made it"
                                                      : "; an earlier run of the same made it";
  common_note(c, "%s: %s, %.0f new rows (%.1f %%)%s", name, text_of(job->about, "method"),
              json_number(job->about, "new_rows"), 100 * json_number(job->about, "new_share"),
              earlier);
}

static void note_outcome(refit_job *job) {
  static const char *const MEANING[] = {
      [REFIT_NOTHING] = "nothing to do",
      [REFIT_FIRST] = "the first model is the champion",
      [REFIT_PROMOTE] = "promote: the candidate is the champion",
      [REFIT_REJECT] = "reject: the candidate is worse, the champion stays",
      [REFIT_UNDECIDED] = "undecided: not enough evidence, the champion stays"};
  common_note(job->c, "%s%s%s%s", job->dry_run ? "dry run, nothing is changed: " : "",
              MEANING[job->outcome], job->why[0] ? ": " : "", job->why);
}

/* Copies under their names what the manifest tells. */
static pfc_status put_about(cJSON *json, const cJSON *about, pfc_error *err) {
  static const char *const KEYS[] = {"method", "new_rows",   "new_share", "slice_from",
                                     "tried",  "candidates", "models"};
  for (size_t k = 0; k < sizeof KEYS / sizeof *KEYS; k++) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(about, KEYS[k]);
    cJSON *copy = item ? cJSON_Duplicate(item, true) : cJSON_CreateNull();
    if (copy && cJSON_AddItemToObject(json, KEYS[k], copy)) continue;
    cJSON_Delete(copy);
    return pfc_fail_memory(err, "report");
  }
  return PFC_OK;
}

static pfc_status print_json(const refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL, *gate = NULL;
  PFC_TRY(common_object(job->c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "registry", job->folder, err));
  PFC_TRY(pfc_json_put_text(json, "outcome", refit_outcome_name(job->outcome), err));
  PFC_TRY(pfc_json_put_text(json, "why", job->why, err));
  PFC_TRY(pfc_json_put_number(
      json, "champion", job->registry ? pfc_registry_alias(job->registry, PFC_CHAMPION) : 0,
      err));
  PFC_TRY(pfc_json_put_number(json, "candidate", job->number, err));
  if (!cJSON_AddBoolToObject(json, "dry_run", job->dry_run) ||
      !cJSON_AddBoolToObject(json, "went_on", job->went_on)) {
    st = pfc_fail_memory(err, "report");
    goto done;
  }
  PFC_TRY(put_about(json, job->about, err));
  gate = job->verdict ? cJSON_Duplicate(job->verdict, true) : cJSON_CreateNull();
  if (!gate || !cJSON_AddItemToObject(json, "gate", gate)) {
    cJSON_Delete(gate);
    st = pfc_fail_memory(err, "report");
    goto done;
  }
  PFC_TRY(common_print(job->c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

pfc_status refit_tell(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  progress_end(&job->c->progress);
  if (job->candidate || job->number) note_candidate(job);
  note_outcome(job);
  if (job->verdict) PFC_TRY(print_rows(job, err));
  PFC_TRY(print_json(job, err));
done:
  return st;
}
