#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/common.h"
#include "cli/framework.h"
#include "datasets/import.h"
#include "datasets/storage.h"
#include "engine/suggest.h"

enum { KEY_FRAMEWORK = OWN_KEY };

typedef struct suggest_options {
  const char *framework;
} suggest_options;

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  (void)err;
  if (key == KEY_FRAMEWORK) ((suggest_options *)own)->framework = arg;
  return PFC_OK;
}

static const struct argp_option OPTIONS[] = {
    {"framework", KEY_FRAMEWORK, "DIR", 0, FRAMEWORK_DOC, 0},
    {0},
};

/* What is read, and the table that proposals go to. */
typedef struct work {
  common *c;
  pfc_dataset *ds, *own_frame;
  const pfc_dataset *frame; /* own_frame, or ds */
  pfc_alternate_titles titles;
  output *out;
  const pfc_dict *items, *answers;
  const char **title; /* by role */
} work;

/* --- reading ------------------------------------------------------------------------------ */

static bool is_packed(const char *path) {
  struct stat s;
  const char *dot = strstr(path, ".csv");
  return stat(path, &s) == 0 && S_ISREG(s.st_mode) && !dot;
}

static pfc_status count_reject(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)err;
  *(int64_t *)user += !reject->is_remark;
  return PFC_OK;
}

/* A dataset as it is, CSV as import would read it. */
static pfc_status read_data(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  common *c = w->c;
  settings *s = &c->settings;
  int64_t n_rejects = 0;
  if (c->n_args == 2 && is_packed(c->args[1])) {
    return pfc_dataset_load(c->args[1], &w->ds, err);
  }
  s->import.preset = s->preset[0] ? s->preset : NULL;
  s->import.map = s->map[0] ? s->map : NULL;
  s->import.encoding = s->encoding;
  s->import.scale_min = s->scale[0];
  s->import.scale_max = s->scale[1];
  s->import.on_reject = count_reject;
  s->import.reject_user = &n_rejects;
  s->import.progress = progress_of(&c->progress);
  PFC_TRY(pfc_import((const char *const *)c->args + 1, c->n_args - 1, &s->import, &w->ds, err));
  if (n_rejects > 0)
    common_note(c, "%lld cells or rows rejected; `proficio import` tells them",
                (long long)n_rejects);
done:
  return st;
}

static bool has_names(const pfc_dataset *ds) {
  return pfc_dataset_column(ds, PFC_COMPETENCIES, "name") != NULL;
}

/* Competencies of the data's own come before those of a framework that nobody named. */
static pfc_status read_frame(work *w, bool is_targets, pfc_error *err) {
  pfc_status st = PFC_OK;
  const suggest_options *o = w->c->own;
  w->frame = w->ds;
  if (is_targets && !o->framework && has_names(w->ds)) return PFC_OK;
  PFC_TRY(framework_load(w->c, o->framework, &w->own_frame, err));
  w->frame = w->own_frame;
  if (is_targets) return PFC_OK;
  PFC_TRY(pfc_alternate_titles_read(framework_folder(o->framework), w->frame, &w->titles, err));
  if (w->titles.n == 0)
    common_note(
        w->c,
        "the framework has no 'Alternate Titles.txt': roles are compared with the titles "
        "of its occupations alone");
done:
  return st;
}

/* --- telling ------------------------------------------------------------------------------ */

static pfc_status put_target(const pfc_suggestion *s, void *user, pfc_error *err) {
  work *w = user;
  const cell row[] = {cell_text(pfc_dict_text(w->items, s->item)),
                      cell_text(pfc_dict_text(w->answers, s->answer)),
                      cell_real(s->from_level),
                      cell_real(s->to_level),
                      cell_real(s->confidence),
                      cell_text("proposed"),
                      cell_text(s->evidence)};
  return table_row(w->out, row, err);
}

static pfc_status suggest_targets(work *w, pfc_suggest_totals *totals, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"intervention_id", COLUMN_TEXT, false}, {"competency_id", COLUMN_TEXT, false},
      {"from_level", COLUMN_REAL, false},      {"to_level", COLUMN_REAL, false},
      {"confidence", COLUMN_REAL, false},      {"status", COLUMN_TEXT, false},
      {"evidence", COLUMN_TEXT, false}};
  pfc_status st = PFC_OK;
  const pfc_progress progress = progress_of(&w->c->progress);
  w->items = pfc_dataset_find_dict(w->ds, "intervention");
  w->answers = pfc_dataset_find_dict(w->frame, "competency");
  PFC_TRY(common_table(w->c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &w->out, err));
  PFC_TRY(pfc_suggest_targets(w->ds, w->frame, &progress, put_target, w, totals, err));
done:
  return st;
}

static pfc_status put_role(const pfc_suggestion *s, void *user, pfc_error *err) {
  work *w = user;
  const cell row[] = {
      cell_text(pfc_dict_text(w->items, s->item)),          cell_text(w->title[s->item]),
      cell_text(pfc_dict_text(w->answers, s->answer)),      cell_real(s->confidence),
      cell_text(s->rank == 1 ? "proposed" : "alternative"), cell_text(s->evidence)};
  return table_row(w->out, row, err);
}

static pfc_status list_titles(work *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *role = pfc_dataset_codes(w->ds, PFC_ROLES, "role_id");
  const pfc_column *title = pfc_dataset_column(w->ds, PFC_ROLES, "title");
  PFC_NEW(w->title, pfc_dataset_count(w->ds, "role"));
  for (int64_t r = 0; title && r < w->ds->tables[PFC_ROLES].n_rows; r++)
    w->title[role[r]] = pfc_dict_text(title->dict, title->code[r]);
done:
  return st;
}

static pfc_status suggest_roles(work *w, pfc_suggest_totals *totals, pfc_error *err) {
  static const output_column COLUMNS[] = {
      {"role_id", COLUMN_TEXT, false},       {"title", COLUMN_TEXT, false},
      {"framework_ref", COLUMN_TEXT, false}, {"confidence", COLUMN_REAL, false},
      {"status", COLUMN_TEXT, false},        {"evidence", COLUMN_TEXT, false}};
  pfc_status st = PFC_OK;
  const pfc_progress progress = progress_of(&w->c->progress);
  w->items = pfc_dataset_find_dict(w->ds, "role");
  w->answers = pfc_dataset_find_dict(w->frame, "role");
  PFC_TRY(list_titles(w, err));
  PFC_TRY(common_table(w->c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &w->out, err));
  PFC_TRY(pfc_suggest_roles(w->ds, w->frame, &w->titles, &progress, put_role, w, totals, err));
done:
  return st;
}

static pfc_status report(common *c, const pfc_suggest_totals *t, const char *items,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  common_note(c,
              "%lld proposals for %lld of %lld %s; edit column status (accepted, rejected) "
              "and give the file to `proficio import`",
              (long long)t->n_proposed, (long long)t->with_any, (long long)t->items, items);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "of", c->args[0], err));
  PFC_TRY(pfc_json_put_number(json, "items", (double)t->items, err));
  PFC_TRY(pfc_json_put_number(json, "with_proposals", (double)t->with_any, err));
  PFC_TRY(pfc_json_put_number(json, "proposals", (double)t->n_proposed, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static void work_clear(work *w) {
  output_destroy(w->out);
  pfc_free(w->title);
  pfc_alternate_titles_clear(&w->titles);
  pfc_dataset_destroy(w->own_frame);
  pfc_dataset_destroy(w->ds);
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const suggest_options *o = c->own;
  const bool is_targets = strcmp(c->args[0], "targets") == 0;
  work w = {.c = c};
  pfc_suggest_totals totals;
  if (!is_targets && strcmp(c->args[0], "roles") != 0)
    return pfc_fail(err, PFC_EUSAGE, "targets or roles expected, not '%.100s'", c->args[0]);
  if (c->n_args < 2)
    return pfc_fail(err, PFC_EUSAGE,
                    "name the data: a folder of CSV files, or what import has packed");
  PFC_TRY(common_reads("-o", c->output, o->framework, err));
  PFC_TRY(read_data(&w, err));
  PFC_TRY(read_frame(&w, is_targets, err));
  PFC_TRY(is_targets ? suggest_targets(&w, &totals, err) : suggest_roles(&w, &totals, err));
  PFC_TRY(table_close(w.out, err));
  progress_end(&c->progress);
  PFC_TRY(report(c, &totals, is_targets ? "interventions without targets" : "roles", err));
done:
  work_clear(&w);
  return st;
}

static const command_spec SPEC = {
    .name = "suggest",
    .args = "targets|roles DATA",
    .min_args = 1,
    .max_args = INT_MAX,
    .doc =
        "Proposes, for people to edit, what interventions teach (by title and description) or "
        "which occupations of O*NET roles are (by title), for data without tables targets or "
        "requirements. DATA is a folder of CSV files or what import has packed. "
        "docs/SUGGEST.md shows the whole way.",
    .example =
        "  proficio suggest targets exports/ -o targets.csv\n"
        "  proficio suggest roles exports/ -o roles.csv\n"
        "  proficio import exports/ targets.csv roles.csv --framework "
        "datasets/samples/onet29 -o data.h5\n",
    .takes = TAKES_FORMAT | TABLE_TO_O | TABLE_IS_ALL,
    .output_doc = "the proposals, in the columns of table targets or roles [standard output]",
    .setting_groups = {"import."},
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_suggest(int argc, char **argv) {
  suggest_options o = {0};
  return common_main(&SPEC, argc, argv, &o);
}
