#include "datasets/import.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "datasets/import_internal.h"
#include "datasets/text_source.h"

void pfc_import_defaults(pfc_import_settings *s) {
  *s = (pfc_import_settings){.struct_size = sizeof *s};
  s->scale_min = NAN;
  s->scale_max = NAN;
  s->max_bad = -1;
  s->as_of = PFC_NO_DATE;
  s->max_bad_share = NAN;
}

static pfc_status check_settings(const pfc_import_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "import settings were not made by pfc_import_defaults");
  if (s->preset && s->map)
    return pfc_fail(err, PFC_EUSAGE, "preset %s and mapping %s: give one of the two", s->preset,
                    s->map);
  const pfc_status st = pfc__text_check_encoding(s->encoding, err);
  if (st != PFC_OK) return st;
  if (isnan(s->scale_min) != isnan(s->scale_max))
    return pfc_fail(err, PFC_EUSAGE, "scale_min and scale_max: give both or neither");
  if (!isnan(s->scale_min) &&
      !(isfinite(s->scale_min) && isfinite(s->scale_max) && s->scale_min < s->scale_max))
    return pfc_fail(err, PFC_EUSAGE,
                    "scale_min %g, scale_max %g: expected scale_min < scale_max", s->scale_min,
                    s->scale_max);
  if (s->max_bad < -1) return pfc_fail(err, PFC_EUSAGE, "max_bad: expected at least 0");
  if (s->max_bad_share < 0 || s->max_bad_share > 1)
    return pfc_fail(err, PFC_EUSAGE, "max_bad_share: expected 0 to 1");
  return PFC_OK;
}

/* --- canonical sources ---------------------------------------------------- */

/* "people" of ".../people.csv.gz"; false when the name is of no CSV file, or longer than
 * any table's. */
static bool stem_of(const char *path, char stem[64]) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  const char *dot = strstr(name, ".csv");
  if (!dot || (strcmp(dot, ".csv") != 0 && strcmp(dot, ".csv.gz") != 0)) return false;
  if (dot - name >= 64) return false;
  (void)snprintf(stem, 64, "%.*s", (int)(dot - name), name);
  return true;
}

static bool is_folder(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* A source that is a file must be of a table. */
static pfc_status check_source(const char *path, pfc_error *err) {
  char stem[64] = "";
  struct stat s;
  if (stat(path, &s) != 0)
    return pfc_fail(err, PFC_EIO, "cannot open %s: %s", path, strerror(errno));
  if (S_ISDIR(s.st_mode) || (stem_of(path, stem) && pfc_schema_find(stem) >= 0)) return PFC_OK;
  const char *near = pfc__nearest_name(NULL, stem);
  return pfc_fail(err, PFC_EDATA,
                  "%s: expected a folder or a file named after a table, like %s.csv", path,
                  near ? near : "enrolments");
}

static int is_csv(const struct dirent *entry) {
  char stem[64];
  return stem_of(entry->d_name, stem);
}

/* CSV files of a folder that are of no table: a misspelt name must not pass in silence. */
static pfc_status report_strays(const pfc__import *run, const char *folder, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_import_settings *s = run->settings;
  struct dirent **entries = NULL;
  const int n = s->on_reject ? scandir(folder, &entries, is_csv, alphasort) : 0;
  for (int i = 0; i < n && st == PFC_OK; i++) {
    char stem[64] = "", reason[160], path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    (void)stem_of(entries[i]->d_name, stem);
    if (pfc_schema_find(stem) >= 0) continue;
    const char *near = pfc__nearest_name(NULL, stem);
    (void)snprintf(reason, sizeof reason, "no table has this name, file ignored%s%s%s",
                   near ? "; did you mean " : "", near ? near : "", near ? ".csv?" : "");
    const pfc_reject reject = {path, 1, "", stem, reason, true};
    st = s->on_reject(&reject, s->reject_user, err);
  }
  for (int i = 0; i < n; i++) free(entries[i]);
  free(entries);
  return st;
}

/* The files of one table, in the order of the sources. */
static pfc_status read_table(pfc__import *run, pfc_table_id table, const char *const *sources,
                             int n_sources, pfc_error *err) {
  pfc_status st = PFC_OK;
  char name[64], stem[64];
  char *found = NULL;
  (void)snprintf(name, sizeof name, "%s.csv", pfc_schema(table)->name);
  for (int s = 0; s < n_sources; s++) {
    pfc_free(found);
    found = NULL;
    if (is_folder(sources[s]))
      PFC_TRY(pfc__find_file(sources[s], name, &found, err));
    else if (stem_of(sources[s], stem) && pfc_schema_find(stem) == (int)table &&
             !(found = pfc_strdup(sources[s])))
      PFC_TRY(pfc_fail_memory(err, "path"));
    if (found) PFC_TRY(pfc__import_table(run, table, found, err));
  }
done:
  pfc_free(found);
  return st;
}

static pfc_status read_canonical(pfc__import *run, const char *const *sources, int n_sources,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int s = 0; s < n_sources; s++) {
    PFC_TRY(check_source(sources[s], err));
    if (is_folder(sources[s])) PFC_TRY(report_strays(run, sources[s], err));
  }
  for (int t = 0; t < PFC_N_TABLES; t++)
    PFC_TRY(read_table(run, (pfc_table_id)t, sources, n_sources, err));
done:
  return st;
}

/* --- the run -------------------------------------------------------------- */

static pfc_status read_preset(pfc__import *run, const char *const *sources, int n_sources,
                              pfc_error *err) {
  char known[200] = "";
  for (const pfc__preset *p = pfc__presets; p->name; p++) {
    if (strcmp(p->name, run->settings->preset) == 0)
      return p->read(run, sources, n_sources, err);
    pfc__list_name(known, sizeof known, p->name);
  }
  return pfc_fail(err, PFC_EUSAGE, "no preset '%s'; there are: %s", run->settings->preset,
                  known);
}

static bool has_table(const pfc__import *run) {
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (run->builders[t]) return true;
  return false;
}

static pfc_status read_sources(pfc__import *run, const char *const *sources, int n_sources,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_import_settings *s = run->settings;
  if (n_sources < 1) return pfc_fail(err, PFC_EUSAGE, "import: no source given");
  PFC_TRY(s->preset ? read_preset(run, sources, n_sources, err)
          : s->map  ? pfc__import_mapped(run, sources, n_sources, err)
                    : read_canonical(run, sources, n_sources, err));
  if (!has_table(run))
    return pfc_fail(err, PFC_EDATA,
                    "%s: no table found; expected files like enrolments.csv, "
                    "assessments.csv or episodes.csv (or .csv.gz)",
                    sources[0]);
  PFC_TRY(pfc__import_proposals(run, err));
  if (!isnan(s->scale_min)) {
    run->ds->scale_min = s->scale_min;
    run->ds->scale_max = s->scale_max;
  }
  if (s->framework) PFC_TRY(pfc__import_framework(run, err));
  PFC_TRY(pfc__import_finish(run, err));
done:
  return st;
}

pfc_status pfc_import(const char *const *sources, int n_sources,
                      const pfc_import_settings *settings, pfc_dataset **ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__import run = {.settings = settings};
  /* Decimal points are points, whatever language the program around us speaks. */
  const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t before = uselocale(plain);
  PFC_TRY(check_settings(settings, err));
  if (!(run.ds = pfc_dataset_create())) PFC_TRY(pfc_fail_memory(err, "dataset"));
  PFC_TRY(read_sources(&run, sources, n_sources, err));
  *ds = run.ds;
  run.ds = NULL;
done:
  for (int t = 0; t < PFC_N_TABLES; t++) pfc__builder_destroy(run.builders[t]);
  pfc_dataset_destroy(run.ds);
  (void)uselocale(before);
  if (plain != (locale_t)0) freelocale(plain);
  return st;
}
