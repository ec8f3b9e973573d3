#include "cli/evaluate_pages.h"

#include "base/json.h"
#include "cli/places.h"
#include "cli/plots.h"
#include "cli/report.h"
#include "datasets/split.h"
#include "models/describe.h"

pfc_status evaluate_pages_check(const common *c, const evaluate_pages *pages, const char *input,
                                pfc_error *err) {
  if (pages->report && c->output && is_same_place(pages->report, c->output)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--report and -o both name '%s'; the page and the table "
                    "are two files",
                    c->output);
  }
  const pfc_status st = common_reads("--report", pages->report, input, err);
  return st == PFC_OK ? common_reads("--report", pages->report, c->config, err) : st;
}

/* --- provenance ------------------------------------------------------------------------------
 */

static pfc_status add(cJSON *json, const char *name, cJSON *item, pfc_error *err) {
  if (item && cJSON_AddItemToObject(json, name, item)) return PFC_OK;
  cJSON_Delete(item);
  return pfc_fail_memory(err, "report");
}

static pfc_status put_bundle(cJSON *json, const pfc_bundle *bundle, pfc_error *err) {
  cJSON *told = NULL;
  pfc_status st = pfc_bundle_describe(bundle, &told, err);
  if (st != PFC_OK) return st;
  cJSON *provenance = cJSON_DetachItemFromObjectCaseSensitive(told, "provenance");
  if (provenance) st = add(json, "provenance", provenance, err);
  cJSON_Delete(told);
  return st;
}

/* Settings hold numbers as the text they were given as; pages want what a reader of the printed
 * object has. */
static cJSON *settings_as_read(const common *c) {
  cJSON *told = settings_json(&c->settings, "evaluate.");
  char *text = told ? cJSON_PrintUnformatted(told) : NULL;
  cJSON *read = text ? cJSON_Parse(text) : NULL;
  cJSON_free(text);
  cJSON_Delete(told);
  return read;
}

static pfc_status put_test(const common *c, const pfc_dataset *ds, cJSON *json,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  char split[PFC_SPLIT_TEXT];
  cJSON *test = json_object(json, "test", err);
  if (!test) return PFC_ENOMEM;
  pfc_split_describe(&ds->split, split);
  PFC_TRY(pfc_json_put_text(test, "data_sha256", ds->sha256, err));
  PFC_TRY(pfc_json_put_text(test, "feedback_head", ds->feedback_head, err));
  PFC_TRY(pfc_json_put_text(test, "split", split, err));
  PFC_TRY(add(test, "settings", settings_as_read(c), err));
done:
  return st;
}

pfc_status evaluate_provenance(const common *c, int n, const pfc_contestant *contestants,
                               const pfc_dataset *ds, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *at = json;
  cJSON *against = cJSON_GetObjectItemCaseSensitive(json, "against");
  for (int i = 0; i < n && at; i++) {
    if (contestants[i].bundle) PFC_TRY(put_bundle(at, contestants[i].bundle, err));
    at = i == 0 ? (against ? against->child : NULL) : at->next;
  }
  PFC_TRY(put_test(c, ds, json, err));
done:
  return st;
}

/* --- files -----------------------------------------------------------------------------------
 */

pfc_status evaluate_pages_write(common *c, const evaluate_pages *pages, const cJSON *json,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  int n = 0;
  if (pages->plots) {
    PFC_TRY(plots_write(json, pages->plots, &n, err));
    common_note(c, "%d picture%s in %s", n, n == 1 ? "" : "s", pages->plots);
  }
  if (pages->report) {
    PFC_TRY(report_write(json, pages->report, err));
    common_note(c, "%s written", pages->report);
  }
done:
  return st;
}
