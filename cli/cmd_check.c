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

enum { KEY_REQUIRE = OWN_KEY };

/* Where no terminal tells how wide it is. */
enum { WIDTH = 96, NARROWEST = 60 };

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  (void)key;
  return training_models("--require", arg, own, err);
}

static const struct argp_option OPTIONS[] = {
    {"require", KEY_REQUIRE, "MODEL,...", 0,
     "exit 3 where one of these (profile, affinity, success, accept, time) cannot be trained",
     0},
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

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  cJSON *json = NULL;
  check_report r = {.file = c->args[0],
                    .as_of_given = c->as_of != PFC_NO_DATE,
                    .required = *(const unsigned *)c->own};
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

static const command_spec SPEC = {
    .name = "check",
    .args = "DATA",
    .min_args = 1,
    .max_args = 1,
    .doc =
        "Tells how ready a dataset is: rows and freshness of tables and feeds, missing cells, "
        "contradictions, coverage, and which models can be trained, which cannot, and what "
        "would change that.",
    .example =
        "  proficio check data.h5\n"
        "  proficio check data.h5 --as-of 2014-10-01 --require success,time\n"
        "  proficio check data.h5 --json -o report.txt\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF | TABLE_TO_O,
    .output_doc = "the report [standard output]; .txt is to read, .csv has a row a figure",
    .setting_groups = {"check."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_check(int argc, char **argv) {
  unsigned required = 0;
  return common_main(&SPEC, argc, argv, &required);
}
