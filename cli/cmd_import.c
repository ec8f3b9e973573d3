#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/json.h"
#include "cli/common.h"
#include "cli/places.h"
#include "cli/rejects.h"
#include "cli/signals.h"
#include "cli/summary.h"
#include "datasets/storage.h"

enum { KEY_REJECTS = OWN_KEY, KEY_FRAMEWORK };

typedef struct import_options {
  const char *rejects;   /* NULL: OUT.rejects.csv, only when there are any */
  const char *framework; /* NULL: none */
} import_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  import_options *o = own;
  (void)err;
  if (key == KEY_REJECTS) o->rejects = arg;
  if (key == KEY_FRAMEWORK) o->framework = arg;
  return PFC_OK;
}

static const struct argp_option OPTIONS[] = {
    {"rejects", KEY_REJECTS, "FILE", 0,
     "rejected rows as CSV [OUT.rejects.csv, only where there are any]", 0},
    {"framework", KEY_FRAMEWORK, "DIR", 0,
     "O*NET tables: what occupations ask for, for roles with a framework_ref and without "
     "requirements; competencies where there are none",
     0},
    {0},
};

/* The first rejects, and where the others are. */
static void tell_rejects(common *c, const rejects *rejected) {
  const int64_t n_remarks = rejected->n_remarks, n = rejected->n - n_remarks;
  for (int i = 0; i < n_remarks && i < REMARKS_TOLD; i++)
    common_note(c, "%s", rejected->remark[i]);
  for (int i = 0; i < n && i < REJECTS_TOLD; i++)
    common_note(c, "rejected: %s", rejected->told[i]);
  if (n > REJECTS_TOLD)
    common_note(c, "rejected: %lld more, see %s", (long long)(n - REJECTS_TOLD),
                rejected->path);
}

/* Facts of tomorrow are mistakes. What the day is, only this floor asks. */
static int32_t today(void) { return (int32_t)pfc_time_day((int64_t)time(NULL)); }

/* Rejects are kept also when there were too many of them to go on: they tell what to mend. */
static pfc_status read_sources(common *c, rejects *rejected, bool even_empty, pfc_dataset **ds,
                               pfc_error *err) {
  settings *s = &c->settings;
  pfc_error inner = PFC_ERROR_INIT;
  s->import.preset = s->preset[0] ? s->preset : NULL;
  s->import.map = s->map[0] ? s->map : NULL;
  s->import.framework = ((const import_options *)c->own)->framework;
  s->import.encoding = s->encoding;
  s->import.scale_min = s->scale[0];
  s->import.scale_max = s->scale[1];
  s->import.as_of = c->as_of == PFC_NO_DATE ? today() : c->as_of;
  s->import.on_reject = rejects_add;
  s->import.reject_user = rejected;
  s->import.progress = progress_of(&c->progress);
  const pfc_status st =
      pfc_import((const char *const *)c->args, c->n_args, &s->import, ds, &inner);
  if (st != PFC_OK && st != PFC_EDATA) return pfc_fail(err, st, "%s", inner.msg);
  const pfc_status kept = rejects_commit(rejected, even_empty, err);
  if (kept != PFC_OK || st == PFC_OK) return kept;
  tell_rejects(c, rejected);
  return pfc_fail(err, st, "%s%s%s", inner.msg, rejected->n ? "; see " : "",
                  rejected->n ? rejected->path : "");
}

static void tell(common *c, const rejects *rejected, bool is_default, const pfc_dataset *ds) {
  int64_t n_rows = 0;
  for (int t = 0; t < PFC_N_TABLES; t++) n_rows += ds->tables[t].origin.rows_rejected;
  tell_rejects(c, rejected);
  if (rejected->n > 0) {
    common_note(c, "rows left out: %lld, remarks: %lld; see %s", (long long)n_rows,
                (long long)rejected->n_remarks, rejected->path);
  } else if (is_default && access(rejected->path, F_OK) == 0) {
    common_note(c, "nothing was rejected; %s is of an earlier import", rejected->path);
  }
}

/* Proposals count like all else, so people should know that they do. */
static void tell_proposals(common *c, const pfc_dataset *ds) {
  static const struct {
    pfc_table_id table;
    const char *what;
  } OF[] = {{PFC_TARGETS, "targets are proposals"},
            {PFC_ROLES, "roles have a proposed occupation"},
            {PFC_REQUIREMENTS, "requirements are proposals"}};
  for (size_t k = 0; k < sizeof OF / sizeof *OF; k++) {
    const pfc_column *status = pfc_dataset_column(ds, OF[k].table, "status");
    int64_t n = 0;
    if (!status) continue;
    const int32_t proposed = pfc_dict_find(status->dict, "proposed");
    for (int64_t r = 0; r < ds->tables[OF[k].table].n_rows; r++)
      n += proposed >= 0 && status->code[r] == proposed;
    if (n > 0) common_note(c, "%lld %s that nobody has accepted yet", (long long)n, OF[k].what);
  }
}

static pfc_status report(common *c, const rejects *rejected, const pfc_dataset *ds,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(summary_table(c, ds, err));
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "dataset", c->output, err));
  PFC_TRY(pfc_json_put_number(json, "rejects", (double)rejected->n, err));
  PFC_TRY(pfc_json_put_text(json, "rejects_file", rejected->n ? rejected->path : "", err));
  PFC_TRY(summary_json(json, ds, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

/* Does the file begin with this? False for what is not there. */
static bool begins_with(const char *path, const char *text) {
  char head[64] = "";
  FILE *file = fopen(path, "rbe");
  const size_t n = file ? fread(head, 1, strlen(text), file) : 0;
  if (file) (void)fclose(file);
  return n == strlen(text) && memcmp(head, text, n) == 0;
}

/* Every file in a folder of sources may be one of them; what an earlier import has written
 * there is not, and may be replaced. */
static pfc_status check_folder(const char *option, const char *path, const char *folder,
                               const char *beginning, pfc_error *err) {
  if (access(path, F_OK) != 0 || !is_in_folder(path, folder)) return PFC_OK;
  if (begins_with(path, beginning)) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE,
                  "%s: '%s' stands among what is read, and no import wrote it; name another "
                  "file",
                  option, path);
}

static pfc_status check_places(const common *c, const char *rejects_path, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (is_same_place(c->output, rejects_path)) {
    return pfc_fail(err, PFC_EUSAGE, "--rejects: '%s' is what -o names", rejects_path);
  }
  for (int i = 0; i < c->n_args; i++) {
    PFC_TRY(common_reads("--rejects", rejects_path, c->args[i], err));
    PFC_TRY(check_folder("-o", c->output, c->args[i], "\x89HDF\r\n", err));
    PFC_TRY(check_folder("--rejects", rejects_path, c->args[i], REJECTS_HEADER, err));
  }
  const char *const files[] = {c->config, c->settings.map[0] ? c->settings.map : NULL,
                               ((const import_options *)c->own)->framework};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    PFC_TRY(common_reads("-o", c->output, files[i], err));
    PFC_TRY(common_reads("--rejects", rejects_path, files[i], err));
  }
done:
  return st;
}

static pfc_status run(common *c, pfc_error *err) {
  const import_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_dataset *ds = NULL;
  char path[PATH_MAX];
  rejects rejected = {.path = o->rejects};
  if (!c->output) return pfc_fail(err, PFC_EUSAGE, "name the dataset to write: -o FILE");
  if (!o->rejects) {
    (void)snprintf(path, sizeof path, "%s.rejects.csv", c->output);
    rejected.path = path;
  }
  PFC_TRY(check_places(c, rejected.path, err));
  PFC_TRY(read_sources(c, &rejected, o->rejects != NULL, &ds, err));
  PFC_TRY(signals_check(err));
  PFC_TRY(pfc_dataset_save(ds, c->output, err));
  progress_end(&c->progress);
  tell(c, &rejected, !o->rejects, ds);
  tell_proposals(c, ds);
  PFC_TRY(report(c, &rejected, ds, err));
done:
  rejects_drop(&rejected);
  pfc_dataset_destroy(ds);
  return st;
}

static const command_spec SPEC = {
    .name = "import",
    .args = "SRC... -o DATA",
    .min_args = 1,
    .max_args = INT_MAX,
    .doc =
        "Reads folders or files of CSV (TABLE.csv, TABLE.csv.gz), checks every row and packs "
        "them into one HDF5 dataset. Rows that break a rule are left out and reported.",
    .example =
        "  proficio import exports/ -o data.h5\n"
        "  proficio import oulad/ --preset oulad -o oulad.h5\n"
        "  proficio import lms/ hris/ --map mapping.json -o data.h5\n",
    .takes = TAKES_FORMAT | TAKES_AS_OF,
    .as_of_doc = "what is told to have happened later is rejected [today]",
    .output_doc = "the dataset to write (needed)",
    .setting_groups = {"import."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_import(int argc, char **argv) {
  import_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
