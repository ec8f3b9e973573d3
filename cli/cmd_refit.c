#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/absorbed.h"
#include "cli/refit.h"
#include "cli/signals.h"
#include "cli/training.h"

enum { KEY_REGISTRY = OWN_KEY, KEY_DATA, KEY_DRY_RUN };

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  refit_job *job = own;
  (void)err;
  if (key == KEY_REGISTRY) job->folder = arg;
  if (key == KEY_DATA) job->data = arg;
  if (key == KEY_DRY_RUN) job->dry_run = true;
  return PFC_OK;
}

static const struct argp_option OPTIONS[] = {
    {"registry", KEY_REGISTRY, "FOLDER", 0,
     "whose champion is challenged; made where it is missing (needed)", 0},
    {"data", KEY_DATA, "DATA", 0, "everything that is known today (needed)", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "tell what would come of it, and change nothing", 0},
    {0},
};

/* --- candidates ----------------------------------------------------------------------------
 */

/* For the record: no paths, no threads. */
static pfc_status record_settings(refit_job *job, pfc_error *err) {
  cJSON *json = settings_json(&job->c->settings, "train.");
  char *text = json ? cJSON_PrintUnformatted(json) : NULL;
  pfc_free(job->candidate->settings);
  job->candidate->settings = text ? pfc_strdup(text) : NULL;
  cJSON_free(text);
  cJSON_Delete(json);
  return job->candidate->settings ? PFC_OK : pfc_fail_memory(err, "settings");
}

/* Fits and publishes one, unless nothing is new: job->why says so then. */
static pfc_status make(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_refit_report report = {0};
  pfc_refit_settings s = job->settings;
  s.min_new += refit_judged_rows(job);
  PFC_TRY(pfc_refit(job->ds, job->champion, &s, &job->candidate, &report, err));
  if (!job->candidate) {
    (void)snprintf(job->why, sizeof job->why, "%s", report.why);
    goto done;
  }
  PFC_TRY(record_settings(job, err));
  PFC_TRY(signals_check(err));
  PFC_TRY(refit_publish(job, &report, err));
done:
  pfc_refit_report_clear(&report);
  return st;
}

/* --- verdicts ------------------------------------------------------------------------------
 */

static pfc_status judge(refit_job *job, pfc_error *err) {
  (void)err;
  job->outcome = REFIT_UNDECIDED;
  return PFC_OK;
}

/* Of a candidate that there is. */
static pfc_status decide(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!job->champion) {
    job->outcome = REFIT_FIRST;
    goto done;
  }
  if (!job->verdict) {
    PFC_TRY(refit_challenge(job, err));
    PFC_TRY(judge(job, err));
  }
done:
  if (st == PFC_OK) st = signals_check(err);
  return st == PFC_OK ? refit_settle(job, err) : st;
}

static pfc_status refit(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(refit_open(job, err));
  PFC_TRY(refit_find(job, err));
  if (job->number == 0) {
    PFC_TRY(make(job, err));
    if (job->candidate) PFC_TRY(decide(job, err));
  } else {
    PFC_TRY(decide(job, err));
  }
  PFC_TRY(refit_tell(job, err));
done:
  return st;
}

/* --- all of it -----------------------------------------------------------------------------
 */

static bool is_there(const char *path) {
  struct stat info;
  return stat(path, &info) == 0;
}

static void prepare(refit_job *job) {
  const settings *s = &job->c->settings;
  job->settings = s->refit;
  job->settings.train = s->train;
  job->settings.progress = progress_of(&job->c->progress);
}

static int code_of(refit_outcome outcome) {
  if (outcome == REFIT_REJECT) return EXIT_REJECTED;
  return outcome == REFIT_NOTHING || outcome == REFIT_UNDECIDED ? EXIT_NOTHING : EXIT_OKAY;
}

static pfc_status run(common *c, pfc_error *err) {
  refit_job *job = c->own;
  pfc_status st = PFC_OK;
  job->c = c;
  if (!job->folder || !job->data)
    return pfc_fail(err, PFC_EUSAGE,
                    "name the registry and the data: --registry FOLDER "
                    "--data DATA");
  prepare(job);
  if (!job->dry_run || is_there(job->folder))
    PFC_TRY(pfc_registry_open(job->folder, !job->dry_run, &job->registry, err));
  PFC_TRY(absorbed_load(c, job->data, &job->ds, job->head, err));
  PFC_TRY(training_cut(job->ds, c->as_of, err));
  PFC_TRY(refit(job, err));
  c->code = code_of(job->outcome);
done:
  pfc_registry_close(job->registry);
  pfc_dataset_destroy(job->ds);
  pfc_bundle_destroy(job->champion);
  pfc_bundle_destroy(job->candidate);
  cJSON_Delete(job->about);
  cJSON_Delete(job->verdict);
  return st;
}

static const command_spec SPEC = {
    .name = "refit",
    .args = "--registry REGISTRY --data DATA",
    .doc =
        "Makes a candidate of what is new since the champion was trained, judges it on days "
        "and "
        "people that trained neither, and promotes it if it is better: exit 0. Else the "
        "champion "
        "stays: exit 5 where the candidate is worse, 99 where nothing is new or the evidence "
        "is "
        "not enough. Without a champion the first model is trained. docs/REFIT.md tells more.",
    .example =
        "  proficio refit --registry registry --data data.h5\n"
        "  proficio refit --registry registry --data data.h5 --feedback feedback.db --json\n"
        "  proficio refit --registry registry --data data.h5 --dry-run\n",
    .takes = TAKES_FORMAT | TABLE_TO_O | TAKES_AS_OF,
    .output_doc = "what the gate weighed [standard output]",
    .setting_groups = {"refit.", "gate.", "feedback.", "train."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_refit(int argc, char **argv) {
  refit_job job = {0};
  return common_main(&SPEC, argc, argv, &job);
}
