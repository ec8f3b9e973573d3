#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/check.h"
#include "cli/output_internal.h"
#include "cli/signals.h"
#include "cli/training.h"
#include "datasets/storage.h"

enum { KEY_REQUIRE = OWN_KEY, KEY_DRIFT, KEY_MODEL, KEY_FROM };

/* Where no terminal tells how wide it is. */
enum { WIDTH = 96, NARROWEST = 60 };

typedef struct check_options {
  unsigned required; /* PFC_TRAIN_... */
  check_drift_options drift;
} check_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  check_options *o = own;
  if (key == KEY_REQUIRE) return training_models("--require", arg, &o->required, err);
  if (key == KEY_DRIFT) o->drift.is_asked = true;
  if (key == KEY_MODEL) o->drift.model = arg;
  if (key == KEY_FROM && !pfc_date_parse(arg, &o->drift.from))
    return pfc_fail(err, PFC_EUSAGE, "--from '%s': a date like 2025-04-01 expected", arg);
  return PFC_OK;
}

static const struct argp_option OPTIONS[] = {
    {"require", KEY_REQUIRE, "MODEL,...", 0,
     "exit 3 where one of these (profile, affinity, success, accept, time) cannot be trained",
     0},
    {"drift", KEY_DRIFT, NULL, 0,
     "instead: are the newest rows of the kind that came before? Exit 0: the world has "
     "changed, a "
     "refit is due; 99: nothing to do; 3: a feed is broken, mend it",
     0},
    {"model", KEY_MODEL, "MODEL", 0,
     "with --drift: hold what this model promises against what came, and begin the day after "
     "its "
     "last one",
     0},
    {"from", KEY_FROM, "DATE", 0, "with --drift: first of the newest days [the last 91]", 0},
    {0},
};

int64_t check_age(const check_report *r, int32_t latest) {
  if (latest == PFC_NO_DATE || r->quality->as_of == PFC_NO_DATE) return NO_INT;
  return (int64_t)r->quality->as_of - latest;
}

bool check_fails(const check_report *r, const pfc_ready_model *m) {
  return (r->required & m->bit) && m->verdict == PFC_CANNOT;
}

/* --- looking ------------------------------------------------------------------------- */

/* Quality speaks of all rows. Readiness speaks of those that `train`, with the same --as-of,
 * would see, but where the dataset has a split of its own that one counts. */
static pfc_status look(common *c, pfc_dataset *ds, check_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool cuts;
  settings *s = &c->settings;
  s->quality.as_of = c->as_of;
  s->train.progress = progress_of(&c->progress);
  PFC_TRY(pfc_quality_create(ds, &s->quality, &r->quality, err));
  PFC_TRY(training_cuts(ds, c->as_of, &cuts, err));
  if (cuts) PFC_TRY(training_cut(ds, c->as_of, err));
  pfc_split_describe(&ds->split, r->rows);
  if (ds->split.kind == PFC_SPLIT_NONE) (void)snprintf(r->rows, sizeof r->rows, "all");
  PFC_TRY(pfc_readiness_assess(ds, &s->train, &s->readiness, &r->readiness, err));
done:
  return st;
}

/* --- telling ------------------------------------------------------------------------- */

static pfc_status text_to_file(const char *path, const check_report *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile file = {0};
  FILE *to = NULL;
  bool failed = false;
  PFC_TRY(pfc_newfile_begin(&file, path, 0644, err));
  to = fopen(file.temp, "we");
  if (to) check_text(r, to, WIDTH);
  failed = !to || ferror(to);
  if (to) failed = fclose(to) != 0 || failed;
  if (failed) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
    goto done;
  }
  PFC_TRY(signals_check(err));
  PFC_TRY(pfc_newfile_commit(&file, err));
done:
  pfc_newfile_drop(&file);
  return st;
}

/* A table is a report to read; every other format has a row for each figure. */
static pfc_status print_report(common *c, const check_report *r, pfc_error *err) {
  if (output_format_resolve(c->format, c->output) != OUTPUT_TABLE) return check_rows(c, r, err);
  if (c->output) return text_to_file(c->output, r, err);
  if (c->json) return PFC_OK;
  const int width = terminal_width();
  progress_end(&c->progress);
  check_text(r, stdout, width == 0 ? WIDTH : width < NARROWEST ? NARROWEST : width);
  return PFC_OK;
}

static pfc_status require(const check_report *r, pfc_error *err) {
  char text[sizeof err->msg] = "";
  size_t at = 0;
  for (int k = 0; k < r->readiness.n_models; k++) {
    const pfc_ready_model *m = &r->readiness.models[k];
    if (!check_fails(r, m) || at >= sizeof text) continue;
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s cannot be trained: %s; %s",
                           at ? "\n  " : "", m->model, m->reason, m->change);
  }
  return at == 0 ? PFC_OK : pfc_fail(err, PFC_EDATA, "%s", text);
}

static pfc_status report(common *c, unsigned required, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  cJSON *json = NULL;
  check_report r = {
      .file = c->args[0], .as_of_given = c->as_of != PFC_NO_DATE, .required = required};
  PFC_TRY(pfc_dataset_load(c->args[0], &ds, err));
  r.ds = ds;
  PFC_TRY(look(c, ds, &r, err));
  PFC_TRY(print_report(c, &r, err));
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(check_json(&r, json, err));
  PFC_TRY(common_print(c, json, err));
  PFC_TRY(require(&r, err));
done:
  cJSON_Delete(json);
  pfc_quality_destroy(r.quality);
  pfc_dataset_destroy(ds);
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const check_options *o = c->own;
  if (o->drift.is_asked && o->required)
    return pfc_fail(err, PFC_EUSAGE, "--drift and --require ask for different things");
  if (o->drift.is_asked) return check_drift(c, &o->drift, err);
  if (o->drift.model || o->drift.from != PFC_NO_DATE)
    return pfc_fail(err, PFC_EUSAGE, "--model and --from go with --drift");
  return report(c, o->required, err);
}

static const command_spec SPEC = {
    .name = "check",
    .args = "DATA",
    .min_args = 1,
    .max_args = 1,
    .doc =
        "Tells how ready a dataset is: rows and freshness of tables and feeds, missing cells, "
        "contradictions, coverage, and which models can be trained, which cannot, and what "
        "would change that. With --drift, whether its newest rows are of the kind that came "
        "before: a trigger for schedulers.",
    .example =
        "  proficio check data.h5\n"
        "  proficio check data.h5 --as-of 2014-10-01 --require success,time\n"
        "  proficio check data.h5 --json -o report.txt\n"
        "  proficio check data.h5 --drift --model registry/@champion\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF | TABLE_TO_O,
    .output_doc = "the report [standard output]; .txt is to read, .csv has a row a figure",
    .setting_groups = {"check.", "drift."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_check(int argc, char **argv) {
  check_options options = {.drift = {.from = PFC_NO_DATE}};
  return common_main(&SPEC, argc, argv, &options);
}
