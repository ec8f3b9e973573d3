#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/common.h"
#include "datasets/schema.h"

/* --- proficio.json ---------------------------------------------------------------------------
 */

/* What a beginner looks at first, in the order in which it is thought about; `config` prints
 * the others. */
static const char *const SHOWN[] = {
    "run.sources",         "run.data",         "run.registry",     "run.out",
    "run.max_age",         "run.min_rows",     "run.refit",        "run.refit_days",
    "import.preset",       "import.map",       "feedback.store",   "recommend.top",
    "recommend.min_value", "value.hour_price", "refit.slice_days", "gate.alpha",
};
enum { N_SHOWN = sizeof SHOWN / sizeof *SHOWN };

static const setting *find(const char *name) {
  int n;
  const setting *table = settings_table(&n);
  for (int i = 0; i < n; i++)
    if (strcmp(table[i].name, name) == 0) return &table[i];
  return NULL;
}

/* The group of a setting, its remark and its value as it is without the file. */
static pfc_status put(cJSON *json, const setting *row, const settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *key = strrchr(row->name, '.') + 1;
  char group[64], remark[96], range[128], text[512];
  (void)snprintf(group, sizeof group, "%.*s", (int)(key - 1 - row->name), row->name);
  (void)snprintf(remark, sizeof remark, "// %s", key);
  const bool is_free = row->type == SETTING_NAME;
  (void)snprintf(text, sizeof text, "%s%s%s%s%s%s", row->meaning, is_free ? "" : " (",
                 is_free ? "" : setting_range(row, range), *row->unit && !is_free ? " " : "",
                 is_free ? "" : row->unit, is_free ? "" : ")");
  cJSON *to = cJSON_GetObjectItem(json, group), *all = NULL;
  if (!to && !(to = json_object(json, group, err))) return PFC_ENOMEM;
  PFC_TRY(pfc_json_put_text(to, remark, text, err));
  if (!(all = settings_json(s, row->name))) return pfc_fail_memory(err, "settings");
  cJSON *value = cJSON_DetachItemFromObject(cJSON_GetObjectItem(all, group), key);
  if (!value || !cJSON_AddItemToObject(to, key, value)) {
    cJSON_Delete(value);
    st = pfc_fail_memory(err, "settings");
  }
done:
  cJSON_Delete(all);
  return st;
}

static pfc_status write_settings(const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  settings s;
  settings_defaults(&s);
  cJSON *json = cJSON_CreateObject();
  if (!json) return pfc_fail_memory(err, "settings");
  PFC_TRY(pfc_json_put_text(json, "//",
                            "Names that begin with // are remarks. `proficio config` prints "
                            "all settings; what stands here is how things are without it.",
                            err));
  for (int k = 0; k < N_SHOWN; k++) {
    const setting *row = find(SHOWN[k]);
    if (row) PFC_TRY(put(json, row, &s, err));
  }
  PFC_TRY(json_write(json, path, err));
done:
  cJSON_Delete(json);
  return st;
}

/* --- exports/README.txt
 * ------------------------------------------------------------------------
 */

static pfc_status write_tables(const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile file = {0};
  FILE *to = NULL;
  PFC_TRY(pfc_newfile_begin(&file, path, 0644, err));
  if (!(to = fopen(file.temp, "we"))) return pfc_fail(err, PFC_EIO, "cannot write '%s'", path);
  (void)fputs(
      "One CSV file a table goes here, TABLE.csv or TABLE.csv.gz; any one of enrolments,\n"
      "assessments or episodes is enough to begin. Dates are 2026-01-31, empty cells are\n"
      "missing, columns of your own begin with x_ (numbers) or c_ (categories).\n\n",
      to);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table_decl *table = pfc_schema((pfc_table_id)t);
    (void)fprintf(to, "%s.csv\n  %s\n  ", table->name, table->meaning);
    for (int c = 0; c < table->n_columns; c++)
      (void)fprintf(to, "%s%s", c ? "," : "", table->columns[c].name);
    (void)fputs("\n\n", to);
  }
  const bool failed = ferror(to) != 0;
  if (fclose(to) != 0 || failed) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s'", path);
    goto done;
  }
  PFC_TRY(pfc_newfile_commit(&file, err));
done:
  pfc_newfile_drop(&file);
  return st;
}

/* --- all of it
 * ---------------------------------------------------------------------------------
 */

enum { PATH = 512 };

/* DIR/NAME, which must not be there. */
static pfc_status place(const char *folder, const char *name, char path[PATH], pfc_error *err) {
  struct stat info;
  const int n = snprintf(path, PATH, "%s/%s", folder, name);
  if (n < 0 || n >= PATH) return pfc_fail(err, PFC_EUSAGE, "too long a name: '%.80s'", folder);
  if (lstat(path, &info) != 0) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "'%s' is there already, and stays as it is", path);
}

static pfc_status run(common *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  char settings_path[PATH], exports[PATH], tables[PATH];
  bool made;
  cJSON *json = NULL;
  PFC_TRY(place(c->args[0], "proficio.json", settings_path, err));
  PFC_TRY(place(c->args[0], "exports/README.txt", tables, err));
  (void)snprintf(exports, sizeof exports, "%.480s/exports", c->args[0]);
  PFC_TRY(pfc_folder_make(c->args[0], &made, err));
  PFC_TRY(pfc_folder_make(exports, &made, err));
  PFC_TRY(write_tables(tables, err));
  PFC_TRY(write_settings(settings_path, err));
  if (!c->json)
    (void)printf("Wrote %s and %s. Put exports there, then: cd %s && proficio run\n",
                 settings_path, tables, c->args[0]);
  PFC_TRY(common_object(c, &json, err));
  PFC_TRY(pfc_json_put_text(json, "settings", settings_path, err));
  PFC_TRY(common_print(c, json, err));
done:
  cJSON_Delete(json);
  return st;
}

static const command_spec SPEC = {
    .name = "init",
    .args = "DIR",
    .min_args = 1,
    .max_args = 1,
    .doc =
        "Begins a folder for the nightly job: a proficio.json whose settings say what they "
        "mean, "
        "and a folder for exports with a list of the tables and columns that go there.",
    .example =
        "  proficio init skills\n"
        "  cd skills && proficio run --dry-run\n",
    .run = run,
};

int cmd_init(int argc, char **argv) { return common_main(&SPEC, argc, argv, NULL); }
