/* The steps of a run. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/run.h"
#include "datasets/storage.h"
#include "models/registry.h"

static const int NONE[] = {0}, NOTHING[] = {EXIT_NOTHING, 0},
                 REFUSED[] = {EXIT_REJECTED, EXIT_NOTHING, 0};

/* Runs a command, or tells it with --dry-run; its result, with the exit code, goes to *result.
 */
static pfc_status execute(run_job *job, const run_command *cmd, const int *allowed, int *code,
                          cJSON **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  char text[2 * RUN_PATH];
  run_command_text(cmd, text, sizeof text);
  *code = EXIT_OKAY;
  if (job->dry_run) {
    if (!job->c->json) (void)printf("%s\n", text);
  } else {
    PFC_TRY(run_child(job, cmd, allowed, code, &json, err));
  }
  if (!json && !(json = cJSON_CreateObject())) return pfc_fail_memory(err, "result");
  PFC_TRY(pfc_json_put_text(json, "ran", text, err));
  PFC_TRY(pfc_json_put_number(json, "exit_code", *code, err));
  *result = json;
  json = NULL;
done:
  cJSON_Delete(json);
  return st;
}

static double rows_of_tables(const cJSON *told) {
  double sum = 0;
  const cJSON *table;
  cJSON_ArrayForEach(table, cJSON_GetObjectItem(told, "tables")) {
    sum += json_number(table, "rows");
  }
  return sum;
}

static pfc_status import(run_job *job, cJSON **result, pfc_error *err) {
  const run_settings *s = &job->c->settings.run;
  char list[SETTING_TEXT], rejects[RUN_PATH], *rest = list;
  run_command cmd = {{"import"}};
  int n = 1, code;
  (void)snprintf(list, sizeof list, "%s", s->sources);
  for (char *folder = strsep(&rest, ","); folder; folder = strsep(&rest, ",")) {
    if (n > RUN_MOST_ARGS - 6)
      return pfc_fail(err, PFC_EUSAGE, "run.sources: at most %d folders expected",
                      RUN_MOST_ARGS - 7);
    cmd.args[n++] = folder;
  }
  pfc_status st = run_path(job, "rejects.csv", rejects, err);
  if (st != PFC_OK) return st;
  cmd.args[n++] = "-o";
  cmd.args[n++] = s->data;
  cmd.args[n++] = "--rejects";
  cmd.args[n] = rejects;
  st = execute(job, &cmd, NONE, &code, result, err);
  return st == PFC_OK ? pfc_json_put_number(*result, "rows", rows_of_tables(*result), err) : st;
}

static pfc_status check(run_job *job, cJSON **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[RUN_PATH];
  int code;
  PFC_TRY(run_path(job, "check.txt", path, err));
  const run_command cmd = {{"check", job->c->settings.run.data, "-o", path}};
  PFC_TRY(execute(job, &cmd, NONE, &code, result, err));
  if (!job->dry_run) PFC_TRY(run_feeds_check(job, job->c->settings.run.data, err));
done:
  return st;
}

/* --- refit -----------------------------------------------------------------------------------
 */

/* The last day that the champion knows; *is_there: is there one? */
static pfc_status champion_day(const run_job *job, bool *is_there, int32_t *day,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_registry *r = NULL;
  pfc_bundle *b = NULL;
  char *path = NULL;
  struct stat info;
  *is_there = false;
  *day = PFC_NO_DATE;
  if (stat(job->c->settings.run.registry, &info) != 0) return PFC_OK;
  PFC_TRY(pfc_registry_open(job->c->settings.run.registry, false, &r, err));
  const int32_t number = pfc_registry_alias(r, PFC_CHAMPION);
  if (number == 0) goto done;
  *is_there = true;
  PFC_TRY(pfc_registry_path(r, number, &path, err));
  PFC_TRY(pfc_bundle_load(path, &b, err));
  *day = b->trained_as_of;
done:
  pfc_bundle_destroy(b);
  pfc_free(path);
  pfc_registry_close(r);
  return st;
}

/* Why a refit is due; "" when it is not. */
static pfc_status trigger(run_job *job, char why[128], pfc_error *err) {
  pfc_status st = PFC_OK;
  const run_settings *s = &job->c->settings.run;
  bool is_there;
  int32_t day;
  int code = EXIT_NOTHING;
  cJSON *told = NULL;
  why[0] = '\0';
  PFC_TRY(champion_day(job, &is_there, &day, err));
  if (!is_there) {
    (void)snprintf(why, 128, "there is no champion yet");
  } else if (s->refit == RUN_REFIT_ALWAYS) {
    (void)snprintf(why, 128, "run.refit is always");
  } else if (s->refit == RUN_REFIT_AUTO && day != PFC_NO_DATE &&
             job->today - day >= s->refit_days) {
    (void)snprintf(why, 128, "the champion knows nothing of the last %d days",
                   job->today - day);
  }
  if (*why || s->refit == RUN_REFIT_NEVER || job->dry_run) goto done;
  const run_command cmd = {{"check", s->data, "--drift", "--model", job->champion}};
  PFC_TRY(run_child(job, &cmd, NOTHING, &code, &told, err));
  if (code == EXIT_OKAY) (void)snprintf(why, 128, "what is new has drifted");
done:
  cJSON_Delete(told);
  return st;
}

static pfc_status refit(run_job *job, cJSON **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  const settings *s = &job->c->settings;
  char why[128];
  int code;
  PFC_TRY(trigger(job, why, err));
  if (!*why) {
    if (!(*result = cJSON_CreateObject())) return pfc_fail_memory(err, "result");
    PFC_TRY(pfc_json_put_text(*result, "outcome", "not due", err));
    goto done;
  }
  common_note(job->c, "refit: %s", why);
  const run_command cmd = {{"refit", "--registry", s->run.registry, "--data", s->run.data}};
  PFC_TRY(execute(job, &cmd, REFUSED, &code, result, err));
  PFC_TRY(pfc_json_put_text(*result, "trigger", why, err));
done:
  return st;
}

/* --- what people get -------------------------------------------------------------------------
 */

static pfc_status recommend(run_job *job, cJSON **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  char lists[RUN_PATH], prom[RUN_PATH], log[RUN_PATH], answers[RUN_PATH];
  int code;
  PFC_TRY(run_path(job, "lists.csv", lists, err));
  PFC_TRY(run_path(job, "decisions.jsonl", log, err));
  PFC_TRY(run_path(job, "recommend.prom", prom, err));
  PFC_TRY(run_path(job, "answers.csv", answers, err));
  const run_command cmd = {{"recommend", job->champion, job->c->settings.run.data, "--all",
                            "-o", lists, "--log", log, "--prom", prom, "--answer-sheet",
                            answers}};
  PFC_TRY(execute(job, &cmd, NONE, &code, result, err));
done:
  return st;
}

/* Levels by unit, where the champion tells levels and roles ask for some. */
static pfc_status report(run_job *job, cJSON **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  pfc_bundle *b = NULL;
  char *path = NULL, gaps[RUN_PATH];
  int code;
  bool tells = true;
  PFC_TRY(run_path(job, "gaps.csv", gaps, err));
  if (!job->dry_run) {
    PFC_TRY(pfc_registry_resolve(job->champion, &path, err));
    PFC_TRY(pfc_bundle_load(path, &b, err));
    PFC_TRY(pfc_dataset_load(job->c->settings.run.data, &ds, err));
    tells = b->has_profile && ds->tables[PFC_REQUIREMENTS].n_rows > 0;
  }
  const run_command cmd = {
      {"gaps", job->champion, job->c->settings.run.data, "--by", "unit", "-o", gaps}};
  if (tells) {
    PFC_TRY(execute(job, &cmd, NONE, &code, result, err));
  } else if (!(*result = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "result");
  }
done:
  pfc_free(path);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
  return st;
}

pfc_status run_step_do(run_job *job, run_step step, cJSON **result, pfc_error *err) {
  static pfc_status (*const DO[RUN_N_STEPS])(run_job *, cJSON **, pfc_error *) = {
      import, check, refit, recommend, report};
  return DO[step](job, result, err);
}
