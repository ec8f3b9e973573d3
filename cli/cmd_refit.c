#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/absorbed.h"
#include "cli/refit.h"
#include "cli/signals.h"
#include "cli/training.h"
#include "datasets/split.h"
#include "datasets/storage.h"

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
    (void)snprintf(job->why, sizeof job->why, "%s%s", report.why,
                   s.min_new > job->settings.min_new ? " (more than were judged before)" : "");
    PFC_TRY(refit_about(job, &report, &job->about, err));
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

/* What the gate may see: what the dataset's own split leaves to training. */
static pfc_status ask_gate(refit_job *job, const pfc_gate_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *own = NULL;
  pfc_gate_verdict verdict;
  if (job->ds->split.kind != PFC_SPLIT_NONE)
    PFC_TRY(pfc_split_training_view(job->ds, &own, err));
  PFC_TRY(pfc_gate_judge(job->champion, job->candidate, own ? own : job->ds, s, &verdict,
                         &job->verdict, err));
done:
  pfc_dataset_destroy(own);
  return st;
}

static pfc_status judge(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_gate_settings s = job->settings.gate;
  pfc_dataset *audited = NULL; /* looked at here alone, and by nothing that is fitted */
  const cJSON *from = cJSON_GetObjectItemCaseSensitive(job->about, "slice_from");
  s.round = refit_round(job);
  s.candidates = (int32_t)json_number(job->about, "candidates");
  s.progress = job->settings.progress;
  if (!cJSON_IsString(from) || !pfc_date_parse(from->valuestring, &s.slice_from))
    return pfc_fail(err, PFC_EFORMAT, "version %d: its manifest tells no newest slice",
                    (int)job->number);
  PFC_TRY(pfc_protected_load(job->data, &audited, err));
  s.audited = audited;
  PFC_TRY(ask_gate(job, &s, err));
  PFC_TRY(pfc_json_put_number(job->verdict, "round", s.round, err));
  PFC_TRY(signals_check(err));
  if (!job->dry_run) PFC_TRY(pfc_registry_judge(job->registry, job->number, job->verdict, err));
done:
  pfc_dataset_destroy(audited);
  return st;
}

/* The outcome, as the verdict says; a champion that somebody went back from stays away. */
static void conclude(refit_job *job) {
  job->outcome = refit_outcome_of(job->verdict);
  refit_reasons(job->verdict, job->outcome, sizeof job->why, job->why);
  if (!job->went_on || job->outcome != REFIT_PROMOTE || !refit_was_champion(job)) return;
  job->outcome = REFIT_NOTHING;
  (void)snprintf(job->why, sizeof job->why,
                 "version %d was made of the same and was the champion already; somebody went "
                 "back from it",
                 (int)job->number);
}

/* Of a candidate that there is. */
static pfc_status decide(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (job->champion && !job->verdict) {
    PFC_TRY(refit_challenge(job, err));
    PFC_TRY(judge(job, err));
  }
  job->outcome = REFIT_FIRST;
  if (job->champion) conclude(job);
  PFC_TRY(refit_settle(job, err));
done:
  return st;
}

static pfc_status go_on(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (job->champion && !job->verdict) PFC_TRY(refit_load(job, err));
  PFC_TRY(decide(job, err));
done:
  return st;
}

static pfc_status refit(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(refit_open(job, err));
  PFC_TRY(refit_find(job, err));
  if (job->number) {
    PFC_TRY(go_on(job, err));
  } else {
    PFC_TRY(make(job, err));
    if (job->candidate) PFC_TRY(decide(job, err));
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
  job->settings.gate = s->gate;
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
  PFC_TRY(absorbed_load(c, job->data, &job->ds, err));
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
