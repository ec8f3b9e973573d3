/* What a run has done: OUT/run.json, of these very inputs. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/run.h"
#include "cli/signals.h"

enum { MOST_FILES = 4096 };

const char *run_step_name(run_step step) {
  static const char *const NAMES[RUN_N_STEPS] = {"import", "check", "refit", "recommend",
                                                 "report"};
  return NAMES[step];
}

pfc_status run_path(const run_job *job, const char *name, char path[RUN_PATH], pfc_error *err) {
  const int n = snprintf(path, RUN_PATH, "%s/%s", job->c->settings.run.out, name);
  if (n > 0 && n < RUN_PATH) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "run.out: too long a name: '%.80s...'",
                  job->c->settings.run.out);
}

/* --- inputs ----------------------------------------------------------------------------------
 */

static void add_text(pfc_sha256 *d, const char *text) {
  pfc_sha256_add(d, text, strlen(text) + 1);
}

static pfc_status add_file(pfc_sha256 *d, const char *path, pfc_error *err) {
  char hex[PFC_SHA256_HEX];
  pfc_status st = signals_check(err);
  if (st == PFC_OK) st = pfc_sha256_file(path, hex, err);
  if (st != PFC_OK) return st;
  add_text(d, path);
  add_text(d, hex);
  return PFC_OK;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* Every file of a source folder, by name; those of folders within it are none of ours. */
static pfc_status add_source(pfc_sha256 *d, const char *folder, pfc_error *err) {
  pfc_status st = PFC_OK;
  struct dirent **entry = NULL;
  const int n = scandir(folder, &entry, is_visible, alphasort);
  if (n < 0)
    return pfc_fail(err, PFC_EIO, "run.sources: cannot read the folder '%s': %s", folder,
                    strerror(errno));
  if (n == 0 || n > MOST_FILES)
    st = pfc_fail(err, PFC_EDATA, "run.sources: 1 to %d files expected in '%s', not %d",
                  MOST_FILES, folder, n);
  for (int i = 0; i < n; i++) {
    char path[RUN_PATH];
    struct stat info;
    const int size = snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
    const bool fits = size > 0 && size < RUN_PATH;
    if (st == PFC_OK && fits && stat(path, &info) == 0 && S_ISREG(info.st_mode))
      st = add_file(d, path, err);
    free(entry[i]);
  }
  free((void *)entry);
  return st;
}

static pfc_status add_sources(pfc_sha256 *d, const char *sources, pfc_error *err) {
  pfc_status st = PFC_OK;
  char list[SETTING_TEXT], *rest = list;
  (void)snprintf(list, sizeof list, "%s", sources);
  for (char *folder = strsep(&rest, ","); folder && st == PFC_OK; folder = strsep(&rest, ","))
    st = add_source(d, folder, err);
  return st;
}

static pfc_status add_settings(pfc_sha256 *d, const settings *s, pfc_error *err) {
  cJSON *json = settings_json(s, "");
  char *text = json ? cJSON_PrintUnformatted(json) : NULL;
  if (text) add_text(d, text);
  cJSON_Delete(json);
  const bool failed = !text;
  cJSON_free(text);
  return failed ? pfc_fail_memory(err, "settings") : PFC_OK;
}

/* The store may be written meanwhile: its size and the day of its last change are enough to
 * tell that there is more, and what there is is read by the steps themselves. */
static void add_store(pfc_sha256 *d, const char *store) {
  static const char *const PARTS[] = {"", "-wal"};
  for (int k = 0; *store && k < 2; k++) {
    char path[RUN_PATH], text[96] = "";
    struct stat info;
    (void)snprintf(path, sizeof path, "%s%s", store, PARTS[k]);
    if (stat(path, &info) == 0)
      (void)snprintf(text, sizeof text, "%lld %lld.%09ld", (long long)info.st_size,
                     (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    add_text(d, text);
  }
}

static pfc_status digest_inputs(const run_job *job, char hex[PFC_SHA256_HEX], pfc_error *err) {
  pfc_status st = PFC_OK;
  const settings *s = &job->c->settings;
  char day[PFC_DATE_TEXT];
  pfc_sha256 *d = pfc_sha256_create();
  if (!d) return pfc_fail_memory(err, "digest");
  pfc_date_format(job->c->as_of, day);
  add_text(d, PFC_VERSION);
  add_text(d, job->c->as_of == PFC_NO_DATE ? "" : day);
  PFC_TRY(add_settings(d, s, err));
  PFC_TRY(add_sources(d, s->run.sources, err));
  add_store(d, s->feedback_store);
  pfc_sha256_hex(d, hex);
done:
  pfc_sha256_destroy(d);
  return st;
}

/* --- the file --------------------------------------------------------------------------------
 */

static pfc_status begin(run_job *job, const char *inputs, pfc_error *err) {
  cJSON_Delete(job->state);
  job->state = cJSON_CreateObject();
  if (!job->state) return pfc_fail_memory(err, "state");
  const pfc_status st = pfc_json_put_text(job->state, "inputs", inputs, err);
  if (st != PFC_OK) return st;
  job->results = json_object(job->state, "steps", err);
  return job->results ? PFC_OK : PFC_ENOMEM;
}

/* Of other inputs, or of none: nothing is done yet. */
pfc_status run_state_open(run_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[RUN_PATH], inputs[PFC_SHA256_HEX];
  struct stat info;
  PFC_TRY(run_path(job, "run.json", path, err));
  PFC_TRY(digest_inputs(job, inputs, err));
  if (stat(path, &info) == 0) PFC_TRY(pfc_json_load(path, &job->state, err));
  const cJSON *known = cJSON_GetObjectItem(job->state, "inputs");
  job->results = cJSON_GetObjectItem(job->state, "steps");
  if (cJSON_IsString(known) && strcmp(known->valuestring, inputs) == 0 &&
      cJSON_IsObject(job->results)) {
    return PFC_OK;
  }
  PFC_TRY(begin(job, inputs, err));
done:
  return st;
}

const cJSON *run_state_of(const run_job *job, run_step step) {
  return cJSON_GetObjectItem(job->results, run_step_name(step));
}

/* What a command tells in a word or a number; its tables stand in files of their own. */
static void shorten(cJSON *result) {
  cJSON *next;
  for (cJSON *item = result->child; item; item = next) {
    next = item->next;
    if (cJSON_IsObject(item) || cJSON_IsArray(item))
      cJSON_Delete(cJSON_DetachItemViaPointer(result, item));
  }
}

pfc_status run_state_done(run_job *job, run_step step, cJSON *result, pfc_error *err) {
  char path[RUN_PATH];
  shorten(result);
  if (!cJSON_AddItemToObject(job->results, run_step_name(step), result)) {
    cJSON_Delete(result);
    return pfc_fail_memory(err, "state");
  }
  if (job->dry_run) return PFC_OK;
  const pfc_status st = run_path(job, "run.json", path, err);
  return st == PFC_OK ? json_write(job->state, path, err) : st;
}
