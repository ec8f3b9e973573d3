/* The registry, changed: versions published and collected, aliases moved. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "models/registry_internal.h"

static pfc_status check_writable(const pfc_registry *r, pfc_error *err) {
  if (r->lock.fd >= 0) return PFC_OK;
  return pfc_fail(err, PFC_EUSAGE, "registry '%s' is open for reading", r->folder);
}

static pfc_status write_json(const cJSON *json, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile file = {0};
  FILE *out = NULL;
  char *text = cJSON_Print(json);
  if (!text) return pfc_fail_memory(err, path);
  PFC_TRY(pfc_newfile_begin(&file, path, 0644, err));
  out = fopen(file.temp, "we");
  const bool is_written = out && fprintf(out, "%s\n", text) >= 0;
  if ((out && fclose(out) != 0) || !is_written) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
    goto done;
  }
  PFC_TRY(pfc_newfile_commit(&file, err));
done:
  pfc_newfile_drop(&file);
  cJSON_free(text);
  return st;
}

/* --- folders of versions -------------------------------------------------------------------
 */

/* A folder without folders in it. What cannot be removed is left for the next time. */
static void remove_folder(const char *path) {
  char name[PATH_MAX];
  DIR *list = opendir(path);
  if (!list) return;
  for (const struct dirent *entry; (entry = readdir(list));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
      (void)unlink(name);
  }
  (void)closedir(list);
  (void)rmdir(path);
}

pfc_status pfc__registry_clean(const pfc_registry *r, pfc_error *err) {
  char path[PATH_MAX], name[PATH_MAX];
  (void)snprintf(path, sizeof path, "%s/versions", r->folder);
  DIR *list = opendir(path);
  if (!list) return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
  for (const struct dirent *entry; (entry = readdir(list));) {
    if (strncmp(entry->d_name, PFC__REGISTRY_TEMP, strlen(PFC__REGISTRY_TEMP)) != 0) continue;
    if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
      remove_folder(name);
  }
  (void)closedir(list);
  return PFC_OK;
}

static bool temp_name(const pfc_registry *r, int32_t number, const char *tail,
                      char name[PATH_MAX]) {
  return snprintf(name, PATH_MAX, "%s/versions/" PFC__REGISTRY_TEMP "%06d%s", r->folder,
                  (int)number, tail) < PATH_MAX;
}

/* --- publishing ----------------------------------------------------------------------------
 */

static pfc_status put_about(cJSON *manifest, const cJSON *about, pfc_error *err) {
  for (const cJSON *item = about ? about->child : NULL; item; item = item->next) {
    cJSON *copy = NULL;
    if (cJSON_HasObjectItem(manifest, item->string))
      return pfc_fail(err, PFC_EUSAGE, "a manifest tells '%s' by itself", item->string);
    if (!(copy = cJSON_Duplicate(item, true)) ||
        !cJSON_AddItemToObject(manifest, item->string, copy)) {
      cJSON_Delete(copy);
      return pfc_fail_memory(err, "manifest");
    }
  }
  return PFC_OK;
}

/* What the bundle tells of itself, and `about`. */
static pfc_status write_manifest(const char *model, const char *path, int32_t number,
                                 const pfc_bundle *b, const cJSON *about, pfc_error *err) {
  pfc_status st = PFC_OK;
  char hex[PFC_SHA256_HEX];
  struct stat info;
  cJSON *json = cJSON_CreateObject();
  if (!json) return pfc_fail_memory(err, "manifest");
  PFC_TRY(pfc_sha256_file(model, hex, err));
  if (stat(model, &info) != 0) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", model, strerror(errno));
    goto done;
  }
  PFC_TRY(pfc_json_put_number(json, "version", number, err));
  PFC_TRY(pfc_json_put_text(json, "sha256", hex, err));
  PFC_TRY(pfc_json_put_number(json, "size", (double)info.st_size, err));
  PFC_TRY(pfc_json_put_text(json, "data_sha256", b->data_sha256, err));
  PFC_TRY(
      pfc_json_put_text(json, "feedback_head", b->feedback_head ? b->feedback_head : "", err));
  PFC_TRY(pfc_json_put_text(json, "split", b->split ? b->split : "", err));
  PFC_TRY(pfc_json_put_text(json, "build", b->build ? b->build : "", err));
  PFC_TRY(put_about(json, about, err));
  PFC_TRY(write_json(json, path, err));
done:
  cJSON_Delete(json);
  return st;
}

/* Makes the folder of a version beside its place. */
static pfc_status fill_folder(const pfc_registry *r, int32_t number, const pfc_bundle *bundle,
                              const cJSON *about, pfc_error *err) {
  pfc_status st = PFC_OK;
  char folder[PATH_MAX], model[PATH_MAX], manifest[PATH_MAX];
  if (!temp_name(r, number, "", folder) || !temp_name(r, number, "/model.h5", model) ||
      !temp_name(r, number, "/manifest.json", manifest))
    return pfc_fail(err, PFC_EIO, "registry '%s': its name is too long", r->folder);
  if (mkdir(folder, 0755) != 0)
    return pfc_fail(err, PFC_EIO, "cannot make '%s': %s", folder, strerror(errno));
  PFC_TRY(pfc_bundle_save(bundle, model, err));
  PFC_TRY(write_manifest(model, manifest, number, bundle, about, err));
done:
  return st;
}

/* The whole folder comes into its place at once. */
static pfc_status put_in_place(const pfc_registry *r, int32_t number, int32_t *published,
                               pfc_error *err) {
  char temp[PATH_MAX], place[PATH_MAX];
  (void)temp_name(r, number, "", temp);
  (void)pfc__registry_name(r, number, "", place);
  if (rename(temp, place) != 0)
    return pfc_fail(err, PFC_EIO, "cannot make '%s': %s", place, strerror(errno));
  *published = number;
  return pfc_folder_sync(place, err);
}

pfc_status pfc_registry_publish(pfc_registry *r, const pfc_bundle *bundle, const cJSON *about,
                                int32_t *number, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_version v = {0};
  char name[PATH_MAX] = "";
  const int32_t next = r->n_versions > 0 ? r->version[r->n_versions - 1].number + 1 : 1;
  *number = 0;
  PFC_TRY(check_writable(r, err));
  (void)temp_name(r, next, "", name);
  PFC_TRY(fill_folder(r, next, bundle, about, err));
  PFC_TRY(put_in_place(r, next, number, err));
  (void)pfc__registry_name(r, next, "", name);
  PFC_TRY(pfc__registry_read_version(name, next, &v, err));
  PFC_TRY(pfc__registry_add(r, &v, err));
  v = (pfc_version){0};
done:
  pfc__version_clear(&v);
  if (st != PFC_OK && *number == 0 && name[0]) remove_folder(name);
  return st;
}

/* --- verdicts ------------------------------------------------------------------------------
 */

pfc_status pfc_registry_judge(pfc_registry *r, int32_t number, const cJSON *verdict,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  cJSON *copy = NULL;
  const pfc_version *v = pfc__registry_version(r, number);
  PFC_TRY(check_writable(r, err));
  if (!v)
    return pfc_fail(err, PFC_EDATA, "registry '%s' has no version %d", r->folder, (int)number);
  if (v->verdict)
    return pfc_fail(err, PFC_EUSAGE, "version %d has been judged already", (int)number);
  if (!pfc__registry_name(r, number, "/verdict.json", path))
    return pfc_fail(err, PFC_EIO, "registry '%s': its name is too long", r->folder);
  if (!(copy = cJSON_Duplicate(verdict, true))) return pfc_fail_memory(err, "verdict");
  PFC_TRY(write_json(copy, path, err));
  r->version[v - r->version].verdict = copy;
  copy = NULL;
done:
  cJSON_Delete(copy);
  return st;
}

/* --- aliases -------------------------------------------------------------------------------
 */

/* "at", "alias", "from", "to", "by", "why". */
static pfc_status record(cJSON *history, pfc_alias alias, int32_t from, int32_t to,
                         const pfc_move *move, pfc_error *err) {
  pfc_status st = PFC_OK;
  char at[PFC_TIME_TEXT];
  cJSON *json = cJSON_CreateObject();
  if (!json || !cJSON_AddItemToArray(history, json)) {
    cJSON_Delete(json);
    return pfc_fail_memory(err, "history");
  }
  pfc_time_format(move->at, at);
  PFC_TRY(pfc_json_put_text(json, "at", at, err));
  PFC_TRY(pfc_json_put_text(json, "alias", pfc_alias_name(alias), err));
  PFC_TRY(pfc_json_put_number(json, "from", from, err));
  PFC_TRY(pfc_json_put_number(json, "to", to, err));
  PFC_TRY(pfc_json_put_text(json, "by", move->by ? move->by : "", err));
  PFC_TRY(pfc_json_put_text(json, "why", move->why ? move->why : "", err));
done:
  return st;
}

static pfc_status write_aliases(const pfc_registry *r, const int32_t alias[PFC_N_ALIASES],
                                cJSON *history, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  cJSON *json = cJSON_CreateObject();
  if (!json) return pfc_fail_memory(err, "aliases");
  for (int a = 0; a < PFC_N_ALIASES; a++)
    PFC_TRY(pfc_json_put_number(json, pfc_alias_name((pfc_alias)a),
                                alias[a] > 0 ? alias[a] : (double)NAN, err));
  if (!cJSON_AddItemReferenceToObject(json, "history", history)) {
    st = pfc_fail_memory(err, "aliases");
    goto done;
  }
  (void)snprintf(path, sizeof path, "%s/aliases.json", r->folder);
  PFC_TRY(write_json(json, path, err));
done:
  cJSON_Delete(json);
  return st;
}

/* Puts new aliases and the record of the move in their place, on the disk and here. */
static pfc_status take_aliases(pfc_registry *r, const int32_t alias[PFC_N_ALIASES],
                               pfc_alias moved, const pfc_move *move, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *history = cJSON_Duplicate(r->history, true);
  if (!history) return pfc_fail_memory(err, "history");
  PFC_TRY(record(history, moved, r->alias[moved], alias[moved], move, err));
  PFC_TRY(write_aliases(r, alias, history, err));
  memcpy(r->alias, alias, sizeof r->alias);
  cJSON_Delete(r->history);
  r->history = history;
  history = NULL;
done:
  cJSON_Delete(history);
  return st;
}

pfc_status pfc_registry_move(pfc_registry *r, pfc_alias alias, int32_t number,
                             const pfc_move *move, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t next[PFC_N_ALIASES];
  const pfc_version *v = pfc__registry_version(r, number);
  PFC_TRY(check_writable(r, err));
  if (alias == PFC_PREVIOUS)
    return pfc_fail(err, PFC_EUSAGE, "previous is not moved by hand: rollback goes back to it");
  if (number != 0 && !v)
    return pfc_fail(err, PFC_EDATA, "registry '%s' has no version %d", r->folder, (int)number);
  if (number == 0 && alias == PFC_CHAMPION)
    return pfc_fail(err, PFC_EUSAGE, "a champion can be followed by another, not by none");
  if (number == r->alias[alias]) return PFC_OK;
  if (v) PFC_TRY(pfc__registry_check(r, v, err));
  memcpy(next, r->alias, sizeof next);
  next[alias] = number;
  if (alias == PFC_CHAMPION) next[PFC_PREVIOUS] = r->alias[PFC_CHAMPION];
  if (alias == PFC_CHAMPION && next[PFC_CHALLENGER] == number) next[PFC_CHALLENGER] = 0;
  PFC_TRY(take_aliases(r, next, alias, move, err));
done:
  return st;
}

pfc_status pfc_registry_rollback(pfc_registry *r, const pfc_move *move, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t next[PFC_N_ALIASES];
  const int32_t back = r->alias[PFC_PREVIOUS];
  const pfc_version *v = pfc__registry_version(r, back);
  PFC_TRY(check_writable(r, err));
  if (!v) return pfc_fail(err, PFC_EUSAGE, "registry '%s' has no previous champion", r->folder);
  PFC_TRY(pfc__registry_check(r, v, err));
  memcpy(next, r->alias, sizeof next);
  next[PFC_CHAMPION] = back;
  next[PFC_PREVIOUS] = r->alias[PFC_CHAMPION];
  PFC_TRY(take_aliases(r, next, PFC_CHAMPION, move, err));
done:
  return st;
}

/* --- collecting ----------------------------------------------------------------------------
 */

static bool is_needed(const pfc_registry *r, int32_t place, int32_t keep) {
  if (place >= r->n_versions - keep) return true;
  for (int a = 0; a < PFC_N_ALIASES; a++)
    if (r->alias[a] == r->version[place].number) return true;
  return false;
}

/* Gone from its place at once; what is left of it goes now or with the next writer. */
static pfc_status remove_version(const pfc_registry *r, int32_t number, pfc_error *err) {
  char place[PATH_MAX], temp[PATH_MAX];
  if (!pfc__registry_name(r, number, "", place) || !temp_name(r, number, "-old", temp))
    return pfc_fail(err, PFC_EIO, "registry '%s': its name is too long", r->folder);
  if (rename(place, temp) != 0)
    return pfc_fail(err, PFC_EIO, "cannot remove '%s': %s", place, strerror(errno));
  remove_folder(temp);
  return PFC_OK;
}

pfc_status pfc_registry_collect(pfc_registry *r, int32_t keep, int32_t *removed,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t kept = 0, k = 0;
  const int32_t n = r->n_versions;
  *removed = 0;
  PFC_TRY(check_writable(r, err));
  if (keep < 1) return pfc_fail(err, PFC_EUSAGE, "keep: 1 or more expected, not %d", (int)keep);
  for (; k < n; k++) {
    if (is_needed(r, k, keep)) {
      r->version[kept++] = r->version[k];
      continue;
    }
    if ((st = remove_version(r, r->version[k].number, err)) != PFC_OK) break;
    pfc__version_clear(&r->version[k]);
    *removed += 1;
  }
  for (; k < n; k++) r->version[kept++] = r->version[k];
  r->n_versions = kept;
done:
  return st;
}
