#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/number.h"
#include "cli/common.h"
#include "cli/framework.h"
#include "cli/places.h"
#include "cli/signals.h"
#include "datasets/export.h"
#include "datasets/simulate.h"
#include "datasets/simulate_completions.h"

enum {
  KEY_PRESET = OWN_KEY,
  KEY_PEOPLE,
  KEY_INTERVENTIONS,
  KEY_MONTHS,
  KEY_ROLES,
  KEY_FAMILIES,
  KEY_BIAS,
  KEY_POLICY,
  KEY_DRIFT_AT,
  KEY_COMPLETIONS_ONLY,
  KEY_DIRTY,
  KEY_FRAMEWORK,
};

/* What the command line says besides the preset. */
typedef struct simulate_options {
  const char *preset, *families, *framework;
  int32_t people, interventions, months, roles; /* -1: the preset's */
  double bias, dirty;                           /* NaN: the preset's */
  int32_t drift_on;
  bool random, completions_only;
} simulate_options;

static pfc_status take_count(const char *option, const char *arg, int32_t *value,
                             pfc_error *err) {
  char *end = NULL;
  const bool has_digit = *arg >= '0' && *arg <= '9';
  const unsigned long n = has_digit ? strtoul(arg, &end, 10) : 0;
  if (!has_digit || *end || n > INT32_MAX) {
    return pfc_fail(err, PFC_EUSAGE, "--%s: a whole number expected, not '%s'", option, arg);
  }
  *value = (int32_t)n;
  return PFC_OK;
}

static pfc_status take_real(const char *option, const char *arg, double *value,
                            pfc_error *err) {
  if (pfc_number_parse(arg, strlen(arg), value) && isfinite(*value)) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--%s: a number expected, not '%s'", option, arg);
}

static pfc_status take_policy(simulate_options *o, const char *arg, pfc_error *err) {
  o->random = strcmp(arg, "random") == 0;
  if (o->random || strcmp(arg, "managers") == 0) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--policy: random or managers expected, not '%s'", arg);
}

static pfc_status take_date(simulate_options *o, const char *arg, pfc_error *err) {
  if (pfc_date_parse(arg, &o->drift_on)) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "--drift-at: a date such as 2025-01-01 expected, not '%s'",
                  arg);
}

static pfc_status take(int key, const char *arg, void *own, pfc_error *err) {
  simulate_options *o = own;
  switch (key) {
    case KEY_PRESET:
      o->preset = arg;
      return PFC_OK;
    case KEY_PEOPLE:
      return take_count("people", arg, &o->people, err);
    case KEY_INTERVENTIONS:
      return take_count("interventions", arg, &o->interventions, err);
    case KEY_MONTHS:
      return take_count("months", arg, &o->months, err);
    case KEY_ROLES:
      return take_count("roles", arg, &o->roles, err);
    case KEY_FAMILIES:
      o->families = arg;
      return PFC_OK;
    case KEY_BIAS:
      return take_real("bias", arg, &o->bias, err);
    case KEY_POLICY:
      return take_policy(o, arg, err);
    case KEY_DRIFT_AT:
      return take_date(o, arg, err);
    case KEY_DIRTY:
      return take_real("dirty", arg, &o->dirty, err);
    case KEY_FRAMEWORK:
      o->framework = arg;
      return PFC_OK;
    default:
      o->completions_only = true;
      return PFC_OK;
  }
}

static const struct argp_option OPTIONS[] = {
    {"preset", KEY_PRESET, "small|medium|large|hard", 0,
     "500, 5,000 or 200,000 people; hard: medium, by laws that no model here has [small]", 0},
    {"people", KEY_PEOPLE, "N", 0, "20 to 10,000,000 [the preset's]", 0},
    {"interventions", KEY_INTERVENTIONS, "N", 0, "20 to 100,000 [the preset's]", 0},
    {"months", KEY_MONTHS, "N", 0, "of history, 3 to 240 [the preset's]", 0},
    {"roles", KEY_ROLES, "N", 0, "2 to 800 [the preset's]", 0},
    {"families", KEY_FAMILIES, "LIST", 0,
     "job families of the roles, as two-digit SOC groups: 15,13 [drawn]", 0},
    {"bias", KEY_BIAS, "B", 0, "what belonging to the protected group costs, 0 to 3 [0]", 0},
    {"policy", KEY_POLICY, "random|managers", 0,
     "who offers: managers, with their preferences, or chance [managers]", 0},
    {"drift-at", KEY_DRIFT_AT, "DATE", 0, "from this day on the laws are others [never]", 0},
    {"completions-only", KEY_COMPLETIONS_ONLY, NULL, 0,
     "what a bare learning system exports: people with role titles, catalogue, completions", 0},
    {"dirty", KEY_DIRTY, "RATE", 0,
     "share of rows with a defect that `check` finds, 0 to 0.2 [0]", 0},
    {"framework", KEY_FRAMEWORK, "DIR", 0, FRAMEWORK_DOC, 0},
    {0},
};

static pfc_status read_options(const common *c, pfc_simulate_settings *s, pfc_error *err) {
  const simulate_options *o = c->own;
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_simulate_preset(o->preset ? o->preset : "small", s, err));
  s->seed = c->seed;
  if (o->people >= 0) s->n_people = o->people;
  if (o->interventions >= 0) s->n_interventions = o->interventions;
  if (o->months >= 0) s->n_months = o->months;
  if (o->roles >= 0) s->n_roles = o->roles;
  if (!isnan(o->bias)) s->bias = o->bias;
  if (!isnan(o->dirty)) s->dirty = o->dirty;
  s->families = o->families;
  s->drift_on = o->drift_on;
  s->random = o->random;
  PFC_TRY(pfc_simulate_check(s, err));
  if (o->completions_only && s->dirty > 0) {
    st = pfc_fail(err, PFC_EUSAGE,
                  "--dirty: of --completions-only nothing is left that a defect could break");
  }
done:
  return st;
}

/* --- writing ---------------------------------------------------------------------------------
 */

typedef struct truth_file {
  const pfc_truth *truth;
  char path[PATH_MAX];
} truth_file;

static pfc_status save_truth(void *user, pfc_error *err) {
  const truth_file *file = user;
  const pfc_status st = signals_check(err);
  return st == PFC_OK ? pfc_truth_save(file->truth, file->path, err) : st;
}

/* Is it a file of ours, as far as its first bytes tell? False for what is not there. */
static pfc_status look_for_truth(const char *path, bool *is_there, pfc_error *err) {
  static const char HDF5[] = "\x89HDF\r\n";
  char head[sizeof HDF5] = "";
  FILE *file = fopen(path, "rbe");
  *is_there = false;
  if (!file && errno == ENOENT) return PFC_OK;
  const size_t n = file ? fread(head, 1, sizeof HDF5 - 1, file) : 0;
  const bool failed = !file || ferror(file);
  const int why = errno;
  if (file) (void)fclose(file);
  if (failed) return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(why));
  *is_there = n == sizeof HDF5 - 1 && memcmp(head, HDF5, n) == 0;
  return PFC_OK;
}

/* An earlier simulation gives way, and nothing else does: where tables stand beside a truth,
 * both were simulated. */
static pfc_status check_folder(const common *c, truth_file *file, bool *replace,
                               pfc_error *err) {
  const simulate_options *o = c->own;
  pfc_status st = PFC_OK;
  if (!c->output) return pfc_fail(err, PFC_EUSAGE, "name the folder to write: -o DIR");
  const int n = snprintf(file->path, sizeof file->path, "%s/truth.h5", c->output);
  if (n < 0 || (size_t)n >= sizeof file->path)
    return pfc_fail(err, PFC_EUSAGE, "-o: the name is too long");
  PFC_TRY(common_reads("-o", c->output, o->framework, err));
  PFC_TRY(look_for_truth(file->path, replace, err));
  if (!*replace) PFC_TRY(pfc_export_check(c->output, err));
done:
  return st;
}

static pfc_status write_folder(common *c, const pfc_dataset *ds, truth_file *file, bool replace,
                               pfc_error *err) {
  pfc_export_settings s;
  pfc_export_defaults(&s);
  s.replace = replace;
  s.before_commit = save_truth;
  s.user = file;
  s.progress = progress_of(&c->progress);
  return pfc_export(ds, c->output, &s, err);
}

/* --- telling ---------------------------------------------------------------------------------
 */

static pfc_status print_table(common *c, const pfc_dataset *ds, pfc_error *err) {
  static const output_column COLUMNS[] = {{"table", COLUMN_TEXT, false},
                                          {"rows", COLUMN_INT, false},
                                          {"columns", COLUMN_INT, false}};
  pfc_status st = PFC_OK;
  output *out = NULL;
  PFC_TRY(common_table(c, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS, &out, err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *table = &ds->tables[t];
    if (table->n_rows == 0) continue;
    const cell row[] = {cell_text(table->decl->name), cell_int(table->n_rows),
                        cell_int(table->n_columns)};
    PFC_TRY(table_row(out, row, err));
  }
  PFC_TRY(table_close(out, err));
done:
  output_destroy(out);
  return st;
}

static pfc_status put_tables(cJSON *json, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *tables = json_array(json, "tables", err);
  if (!tables) return PFC_ENOMEM;
  for (int t = 0; t < PFC_N_TABLES && st == PFC_OK; t++) {
    const pfc_table *table = &ds->tables[t];
    if (table->n_rows == 0) continue;
    cJSON *object = json_element(tables, err);
    if (!object) return PFC_ENOMEM;
    PFC_TRY(pfc_json_put_text(object, "table", table->decl->name, err));
    PFC_TRY(pfc_json_put_number(object, "rows", (double)table->n_rows, err));
  }
done:
  return st;
}

static pfc_status put_day(cJSON *json, const char *name, int32_t day, pfc_error *err) {
  char text[PFC_DATE_TEXT];
  pfc_date_format(day, text);
  return pfc_json_put_text(json, name, text, err);
}

static pfc_status report(common *c, const pfc_dataset *ds, const truth_file *file,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  const pfc_truth *t = file->truth;
  PFC_TRY(print_table(c, ds, err));
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "folder", c->output, err));
  PFC_TRY(pfc_json_put_text(json, "truth", file->path, err));
  PFC_TRY(pfc_json_put_number(json, "seed", (double)t->seed, err));
  PFC_TRY(put_day(json, "first_day", t->first_day, err));
  PFC_TRY(put_day(json, "last_day", t->last_day, err));
  PFC_TRY(pfc_json_put_number(json, "scale_min", ds->scale_min, err));
  PFC_TRY(pfc_json_put_number(json, "scale_max", ds->scale_max, err));
  PFC_TRY(pfc_json_put_number(json, "defects", (double)t->n_dirt, err));
  PFC_TRY(put_tables(json, ds, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

/* CSV does not tell the scale. */
static void tell(common *c, const pfc_dataset *ds) {
  if (ds->tables[PFC_REQUIREMENTS].n_rows == 0) return;
  common_note(c, "levels lie on %g to %g: proficio import %s --scale %g,%g -o data.h5",
              ds->scale_min, ds->scale_max, c->output, ds->scale_min, ds->scale_max);
}

static pfc_status run(common *c, pfc_error *err) {
  const simulate_options *o = c->own;
  pfc_status st = PFC_OK;
  pfc_simulate_settings s;
  pfc_dataset *frame = NULL, *ds = NULL, *kept = NULL;
  pfc_truth *truth = NULL;
  truth_file file = {0};
  bool replace;
  PFC_TRY(read_options(c, &s, err));
  PFC_TRY(check_folder(c, &file, &replace, err));
  PFC_TRY(framework_load(c, o->framework, &frame, err));
  s.progress = progress_of(&c->progress);
  PFC_TRY(pfc_simulate(frame, &s, &ds, &truth, err));
  if (o->completions_only) {
    PFC_TRY(pfc_simulate_completions(ds, &kept, err));
    pfc_dataset_destroy(ds);
    ds = kept;
  }
  file.truth = truth;
  PFC_TRY(write_folder(c, ds, &file, replace, err));
  progress_end(&c->progress);
  tell(c, ds);
  PFC_TRY(report(c, ds, &file, err));
done:
  pfc_truth_destroy(truth);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(frame);
  return st;
}

static const command_spec SPEC = {
    .name = "simulate",
    .args = "-o DIR",
    .doc =
        "Draws an organisation whose truth is known, on real occupations and their published "
        "requirements: canonical tables to import, and truth.h5, in which stands what no log "
        "shows. The same options give the same files.",
    .example =
        "  proficio simulate -o org\n"
        "  proficio import org --scale 0,7 -o data.h5\n"
        "  proficio simulate -o other --preset hard --people 2000 --dirty 0.02 --seed 7\n",
    .takes = TAKES_FORMAT,
    .output_doc = "the folder to write; an earlier simulation there is replaced (needed)",
    .options = OPTIONS,
    .take = take,
    .run = run,
};

int cmd_simulate(int argc, char **argv) {
  simulate_options o = {.people = -1,
                        .interventions = -1,
                        .months = -1,
                        .roles = -1,
                        .bias = (double)NAN,
                        .dirty = (double)NAN,
                        .drift_on = PFC_NO_DATE};
  return common_main(&SPEC, argc, argv, &o);
}
