#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/lock.h"
#include "cli/run.h"
#include "cli/signals.h"

enum { KEY_DRY_RUN = OWN_KEY };
static const int32_t SECONDS_A_DAY = 86400;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  (void)arg;
  (void)err;
  if (key == KEY_DRY_RUN) ((run_job *)own)->dry_run = true;
  return PFC_OK;
}

static const struct argp_option OPTIONS[] = {
    {"dry-run", KEY_DRY_RUN, NULL, 0, "print the commands, and run none", 0},
    {0},
};

/* --- telling ---------------------------------------------------------------------------------
 */

static const char *text_of(const cJSON *object, const char *key, const char *otherwise) {
  const cJSON *item = cJSON_GetObjectItem(object, key);
  return cJSON_IsString(item) ? item->valuestring : otherwise;
}

/* One line, for the log of a scheduler. */
static void tell(const run_job *job) {
  const cJSON *lists = run_state_of(job, RUN_RECOMMEND);
  (void)printf(
      "proficio run: %.0f rows imported; refit: %s; %.0f rows of lists in %s; %.0f s\n",
      json_number(run_state_of(job, RUN_IMPORT), "rows"),
      text_of(run_state_of(job, RUN_REFIT), "outcome", "none"), json_number(lists, "rows"),
      job->c->settings.run.out, seconds_now() - job->c->began);
}

static pfc_status print(const run_job *job, const char *outcome, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(common_object(job->c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "outcome", outcome, err));
  if (!cJSON_AddItemReferenceToObject(json, "steps", job->results)) {
    st = pfc_fail_memory(err, "result");
    goto done;
  }
  PFC_TRY(common_print(job->c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

/* --- all of it -------------------------------------------------------------------------------
 */

static pfc_status prepare(run_job *job, pfc_error *err) {
  const run_settings *s = &job->c->settings.run;
  const int n = snprintf(job->champion, sizeof job->champion, "%s/@champion", s->registry);
  job->today =
      job->c->as_of != PFC_NO_DATE ? job->c->as_of : (int32_t)(time(NULL) / SECONDS_A_DAY);
  if (!*s->sources || !*s->data || !*s->registry || !*s->out)
    return pfc_fail(err, PFC_EUSAGE,
                    "run.sources, run.data, run.registry and run.out name where things are: "
                    "`proficio init DIR` writes a proficio.json to begin with");
  if (n < 0 || n >= RUN_PATH) return pfc_fail(err, PFC_EUSAGE, "run.registry: too long a name");
  return PFC_OK;
}

static pfc_status steps(run_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < RUN_N_STEPS; k++) {
    cJSON *result = NULL;
    if (run_state_of(job, (run_step)k)) continue;
    PFC_TRY(signals_check(err));
    st = run_step_do(job, (run_step)k, &result, err);
    if (st != PFC_OK) {
      cJSON_Delete(result);
      return st;
    }
    PFC_TRY(run_state_done(job, (run_step)k, result, err));
  }
done:
  return st;
}

static bool is_done(const run_job *job) {
  for (int k = 0; k < RUN_N_STEPS; k++)
    if (!run_state_of(job, (run_step)k)) return false;
  return true;
}

static pfc_status work(run_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(run_state_open(job, err));
  if (is_done(job)) {
    common_note(job->c, "nothing is new since the last run");
    job->c->code = EXIT_NOTHING;
    return print(job, "nothing new", err);
  }
  PFC_TRY(steps(job, err));
  if (!job->c->json && !job->dry_run) tell(job);
  PFC_TRY(print(job, job->dry_run ? "dry run" : "done", err));
done:
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  run_job *job = c->own;
  pfc_lock lock = PFC_LOCK_INIT;
  char path[RUN_PATH];
  bool made;
  job->c = c;
  PFC_TRY(prepare(job, err));
  if (!job->dry_run) {
    PFC_TRY(pfc_folder_make(c->settings.run.out, &made, err));
    PFC_TRY(run_path(job, "run.lock", path, err));
    PFC_TRY(pfc_lock_take(&lock, path, "a run", err));
  }
  PFC_TRY(work(job, err));
done:
  pfc_lock_drop(&lock);
  cJSON_Delete(job->state);
  return st;
}

static const command_spec SPEC = {
    .name = "run",
    .args = "",
    .min_args = 0,
    .max_args = 0,
    .doc =
        "The nightly job, from one proficio.json: imports the source folders, checks feeds, "
        "refits where that is due, recommends for everybody and maps gaps. A run that was "
        "stopped goes on where it was; where nothing is new it exits 99.",
    .example =
        "  proficio run\n"
        "  proficio run --config /srv/skills/proficio.json --quiet\n"
        "  proficio run --dry-run\n",
    .takes = TAKES_AS_OF,
    .as_of_doc = "the day to which the age of feeds counts [today]",
    .setting_groups = {"run."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_run(int argc, char **argv) {
  run_job job = {0};
  return common_main(&SPEC, argc, argv, &job);
}
