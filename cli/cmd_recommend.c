#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "cli/recommend.h"

enum {
  KEY_SHARD = AFTER_PEOPLE,
  KEY_LOG,
  KEY_CHANGES,
  KEY_SHEET,
  KEY_PREVIOUS,
  KEY_MANIFEST,
  KEY_PROM,
  KEY_GOAL,
};

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  recommend_options *o = own;
  if (key == KEY_SHARD) return shard_parse(arg, &o->shard, err);
  if (key == KEY_LOG) o->log = arg;
  if (key == KEY_CHANGES) o->changes = arg;
  if (key == KEY_SHEET) o->sheet = arg;
  if (key == KEY_PREVIOUS) o->previous = arg;
  if (key == KEY_MANIFEST) o->manifest = arg;
  if (key == KEY_PROM) o->prom = arg;
  if (key == KEY_GOAL) o->goal = arg;
  return people_take(&o->whom, key, arg, err);
}

static const struct argp_option OPTIONS[] = {
    PEOPLE_OPTION_PERSON,
    PEOPLE_OPTION_ALL,
    PEOPLE_OPTION_FILE,
    {"shard", KEY_SHARD, "I/N", 0,
     "only the I-th of N shares of these people, which hang on their ids alone", 0},
    {"goal", KEY_GOAL, "ROLE", 0,
     "the goal role of all, whatever their own is: what it asks for counts in full", 0},
    {"previous", KEY_PREVIOUS, "FILE", 0,
     "yesterday's lists, CSV or JSON Lines of this command: for --changes and "
     "--keep-unless-gain",
     0},
    {"changes", KEY_CHANGES, "FILE", 0, "what became of yesterday's lists, and why: CSV", 0},
    {"answer-sheet", KEY_SHEET, "FILE", 0,
     "the lists once more, CSV for people to write their answers into; `proficio feedback "
     "import` takes it back",
     0},
    {"log", KEY_LOG, "FILE", 0, "the decision log: JSON Lines, one a place", 0},
    {"manifest", KEY_MANIFEST, "FILE", 0,
     "digests, settings, counts and seconds of the run: JSON [with -o FILE: "
     "FILE.manifest.json]",
     0},
    {"prom", KEY_PROM, "FILE", 0, "the counts for Prometheus' textfile collector", 0},
    {0},
};

/* --- what goes together ----------------------------------------------------------------------
 */

static pfc_status check_combination(const common *c, const recommend_options *o,
                                    pfc_error *err) {
  const double keep = c->settings.recommend.choice.keep_unless_gain;
  if (people_ways(&o->whom) != 1) {
    return pfc_fail(err, PFC_EUSAGE, "say for whom: --person ID, --all or --people FILE");
  }
  if (o->shard.n > 0 && o->whom.n_people > 0) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--shard shares out many people: it goes with --all or --people FILE");
  }
  if (o->changes && !o->previous) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--changes compares with yesterday's lists: name them, --previous FILE");
  }
  if (!isnan(keep) && !o->previous) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--keep-unless-gain keeps yesterday's lists: name them, --previous FILE");
  }
  if (o->previous && !o->changes && isnan(keep)) {
    return pfc_fail(err, PFC_EUSAGE,
                    "--previous alone changes nothing: say what yesterday's lists are for, "
                    "--keep-unless-gain G or --changes FILE");
  }
  return PFC_OK;
}

/* Nothing that is read is written over, but for yesterday's lists, which today's may replace;
 * and no two outputs are one. */
static pfc_status check_files(const common *c, const recommend_options *o, pfc_error *err) {
  const struct {
    const char *option, *path;
  } outputs[] = {{"-o", c->output},           {"--log", o->log},
                 {"--changes", o->changes},   {"--answer-sheet", o->sheet},
                 {"--manifest", o->manifest}, {"--prom", o->prom}};
  const char *store = c->settings.feedback_store;
  const char *const inputs[] = {
      c->args[0], c->args[1], c->config, o->whom.file, *store ? store : NULL, o->previous};
  enum { N_OUTPUTS = 6, N_INPUTS = 6, PREVIOUS = 5 };
  for (int i = 0; i < N_OUTPUTS; i++) {
    for (int k = 0; k < N_INPUTS; k++) {
      if (i == 0 && k == PREVIOUS) continue;
      const pfc_status st = common_reads(outputs[i].option, outputs[i].path, inputs[k], err);
      if (st != PFC_OK) return st;
    }
    for (int k = 0; k < i && outputs[i].path; k++) {
      if (!outputs[k].path || strcmp(outputs[k].path, outputs[i].path) != 0) continue;
      return pfc_fail(err, PFC_EUSAGE, "%s: '%s' is what %s names", outputs[i].option,
                      outputs[i].path, outputs[k].option);
    }
  }
  return PFC_OK;
}

/* --- the run ---------------------------------------------------------------------------------
 */

/* Digests name the inputs in the manifest and in what a run leaves that is killed. */
static pfc_status load(recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double began = seconds_now();
  PFC_TRY(scoring_load(j->c, &j->s, err));
  if (j->c->output || j->o->manifest) {
    PFC_TRY(pfc_sha256_file(j->c->args[0], j->model_sha256, err));
    PFC_TRY(pfc_sha256_file(j->c->args[1], j->data_sha256, err));
  }
  j->seconds.load = seconds_now() - began;
done:
  return st;
}

static pfc_status load_previous(recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!j->o->previous) return PFC_OK;
  PFC_TRY(previous_load(j->o->previous, j->s.ds, &j->before, err));
  j->c->settings.recommend.before = &j->before.known;
  if (j->before.n_strangers > 0) {
    common_note(j->c, "%lld rows of '%s' are of people whom the dataset does not know",
                (long long)j->before.n_strangers, j->o->previous);
  }
done:
  return st;
}

static pfc_status prepare(recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double began = seconds_now();
  PFC_TRY(people_choose(j->c, j->s.ds, &j->o->whom, &j->people, err));
  j->n_asked = j->people.n;
  shard_keep(&j->o->shard, pfc_dataset_find_dict(j->s.ds, "person"), &j->people);
  PFC_TRY(load_previous(j, err));
  if (j->o->goal) {
    PFC_TRY(role_code(j->s.ds, j->o->goal, &j->c->settings.scorer.gaps.goal_role, err));
  }
  PFC_TRY(scoring_begin(j->c, &j->s, 0, err));
  pfc_date_format(pfc_scorer_as_of(j->s.scorer), j->as_of);
  j->seconds.prepare = seconds_now() - began;
done:
  return st;
}

/* FILE.manifest.json beside the lists, unless it is told otherwise. */
static pfc_status name_manifest(const common *c, recommend_options *o, char **named,
                                pfc_error *err) {
  static const char ENDING[] = ".manifest.json";
  pfc_status st = PFC_OK;
  if (!c->output || o->manifest) return PFC_OK;
  const size_t n = strlen(c->output);
  PFC_NEW(*named, n + sizeof ENDING);
  memcpy(*named, c->output, n);
  memcpy(*named + n, ENDING, sizeof ENDING);
  o->manifest = *named;
done:
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  recommend_options *o = c->own;
  recommend_job j = {.c = c, .o = o};
  char *manifest = NULL;
  PFC_TRY(name_manifest(c, o, &manifest, err));
  PFC_TRY(check_combination(c, o, err));
  PFC_TRY(check_files(c, o, err));
  PFC_TRY(load(&j, err));
  PFC_TRY(prepare(&j, err));
  PFC_TRY(recommend_run(&j, err));
  if (j.n_rows == 0) common_note(c, "nothing is recommended to anyone");
  PFC_TRY(recommend_tell(&j, err));
done:
  previous_clear(&j.before);
  code_list_clear(&j.people);
  scoring_clear(&j.s);
  pfc_free(manifest);
  return st;
}

static const command_spec SPEC = {
    .name = "recommend",
    .args = "MODEL DATA",
    .min_args = 2,
    .max_args = 2,
    .doc =
        "Ranks, for each person, the interventions that can be started on the day, with "
        "chances and times, and the reason why. One who is helped by none gets none. With -o, "
        "a run that was stopped goes on where it was when the same command is given again.",
    .example =
        "  proficio recommend model.h5 data.h5 --person P017 --top 5\n"
        "  proficio recommend model.h5 data.h5 --all --top 3 -o lists.csv\n"
        "  proficio recommend model.h5 data.h5 --all --answer-sheet answers.csv -o lists.csv\n"
        "  proficio recommend model.h5 data.h5 --all --shard 1/4 --log decisions.jsonl \\\n"
        "    --previous yesterday.csv --changes changes.csv -o lists.csv\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF | TABLE_TO_O | TABLE_IS_ALL,
    .output_doc = "the lists [standard output]",
    .setting_groups = {"recommend.", "value.", "rules.", "feedback."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_recommend(int argc, char **argv) {
  recommend_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
