#include "models/registry.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "models/registry_internal.h"

static const char *const ALIASES[PFC_N_ALIASES] = {
    [PFC_CHAMPION] = "champion", [PFC_CHALLENGER] = "challenger", [PFC_PREVIOUS] = "previous"};

const char *pfc_alias_name(pfc_alias alias) { return ALIASES[alias]; }

bool pfc__registry_name(const pfc_registry *r, int32_t number, const char *tail,
                        char name[PATH_MAX]) {
  return snprintf(name, PATH_MAX, "%s/versions/%06d%s", r->folder, (int)number, tail) <
         PATH_MAX;
}

static pfc_status too_long(const pfc_registry *r, pfc_error *err) {
  return pfc_fail(err, PFC_EIO, "registry '%s': its name is too long", r->folder);
}

/* --- versions ------------------------------------------------------------------------------
 */

static bool is_digest(const char *text) {
  return strlen(text) == PFC_SHA256_HEX - 1 && strspn(text, "0123456789abcdef") == strlen(text);
}

/* *verdict is NULL where there is none. */
static pfc_status read_verdict(const char *folder, cJSON **verdict, pfc_error *err) {
  char path[PATH_MAX];
  struct stat info;
  *verdict = NULL;
  if (snprintf(path, sizeof path, "%s/verdict.json", folder) >= (int)sizeof path)
    return pfc_fail(err, PFC_EIO, "'%s': the name is too long", folder);
  if (stat(path, &info) != 0 && errno == ENOENT) return PFC_OK;
  const pfc_status st = pfc_json_load(path, verdict, err);
  if (st != PFC_OK || cJSON_IsObject(*verdict)) return st;
  cJSON_Delete(*verdict);
  *verdict = NULL;
  return pfc_fail(err, PFC_EFORMAT, "%s: not what was said of a version", path);
}

pfc_status pfc__registry_read_version(const char *folder, int32_t number, pfc_version *v,
                                      pfc_error *err) {
  char path[PATH_MAX];
  cJSON *json = NULL;
  if (snprintf(path, sizeof path, "%s/manifest.json", folder) >= (int)sizeof path)
    return pfc_fail(err, PFC_EIO, "'%s': the name is too long", folder);
  const pfc_status st = pfc_json_load(path, &json, err);
  if (st != PFC_OK) return st;
  const cJSON *digest = cJSON_GetObjectItem(json, "sha256");
  const cJSON *size = cJSON_GetObjectItem(json, "size");
  const cJSON *version = cJSON_GetObjectItem(json, "version");
  if (!cJSON_IsString(digest) || !is_digest(digest->valuestring) || !cJSON_IsNumber(size) ||
      !cJSON_IsNumber(version) || version->valuedouble != number) {
    cJSON_Delete(json);
    return pfc_fail(err, PFC_EFORMAT, "%s: not the manifest of version %d", path, (int)number);
  }
  cJSON *verdict = NULL;
  const pfc_status read = read_verdict(folder, &verdict, err);
  if (read != PFC_OK) {
    cJSON_Delete(json);
    return read;
  }
  *v = (pfc_version){.number = number,
                     .size = (int64_t)size->valuedouble,
                     .manifest = json,
                     .verdict = verdict};
  memcpy(v->sha256, digest->valuestring, sizeof v->sha256);
  return PFC_OK;
}

void pfc__version_clear(pfc_version *v) {
  cJSON_Delete(v->manifest);
  cJSON_Delete(v->verdict);
}

/* Versions stand by number. */
pfc_status pfc__registry_add(pfc_registry *r, const pfc_version *v, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(r->version, r->versions_room, r->n_versions + 1);
  int32_t at = r->n_versions++;
  for (; at > 0 && r->version[at - 1].number > v->number; at--)
    r->version[at] = r->version[at - 1];
  r->version[at] = *v;
done:
  return st;
}

/* "000004"; 0: the name of something else. */
static int32_t number_of(const char *name) {
  if (strlen(name) < 6 || strlen(name) > 9 || strspn(name, "0123456789") != strlen(name))
    return 0;
  return (int32_t)strtol(name, NULL, 10);
}

static pfc_status read_versions(pfc_registry *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/versions", r->folder) >= (int)sizeof path)
    return too_long(r, err);
  DIR *list = opendir(path);
  if (!list)
    return pfc_fail(err, errno == ENOENT ? PFC_EFORMAT : PFC_EIO, "'%s' is no registry: %s",
                    r->folder, strerror(errno));
  for (const struct dirent *entry; st == PFC_OK && (entry = readdir(list));) {
    pfc_version v = {0};
    const int32_t number = number_of(entry->d_name);
    if (number == 0) continue;
    if (!pfc__registry_name(r, number, "", path)) {
      st = too_long(r, err);
      break;
    }
    st = pfc__registry_read_version(path, number, &v, err);
    if (st == PFC_OK) st = pfc__registry_add(r, &v, err);
    if (st != PFC_OK) pfc__version_clear(&v);
  }
  (void)closedir(list);
  return st;
}

/* --- aliases -------------------------------------------------------------------------------
 */

static pfc_status take_aliases(pfc_registry *r, const char *path, cJSON *json, pfc_error *err) {
  for (int a = 0; a < PFC_N_ALIASES; a++) {
    const cJSON *number = cJSON_GetObjectItem(json, ALIASES[a]);
    if (!number || cJSON_IsNull(number)) continue;
    if (!cJSON_IsNumber(number) || number->valuedouble < 1 || number->valuedouble > INT32_MAX)
      return pfc_fail(err, PFC_EFORMAT, "%s: '%s' is no number of a version", path, ALIASES[a]);
    r->alias[a] = (int32_t)number->valuedouble;
  }
  r->history = cJSON_DetachItemFromObject(json, "history");
  if (cJSON_IsArray(r->history)) return PFC_OK;
  return pfc_fail(err, PFC_EFORMAT, "%s: 'history' is missing", path);
}

static pfc_status read_aliases(pfc_registry *r, pfc_error *err) {
  char path[PATH_MAX];
  struct stat info;
  cJSON *json = NULL;
  if (snprintf(path, sizeof path, "%s/aliases.json", r->folder) >= (int)sizeof path)
    return too_long(r, err);
  if (stat(path, &info) != 0 && errno == ENOENT) { /* nothing was ever moved */
    r->history = cJSON_CreateArray();
    return r->history ? PFC_OK : pfc_fail_memory(err, "history");
  }
  pfc_status st = pfc_json_load(path, &json, err);
  if (st == PFC_OK) st = take_aliases(r, path, json, err);
  cJSON_Delete(json);
  return st;
}

/* --- the folder ----------------------------------------------------------------------------
 */

static pfc_status begin_to_write(pfc_registry *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PATH_MAX], what[PATH_MAX + 16];
  bool made;
  if (snprintf(path, sizeof path, "%s/versions", r->folder) >= (int)sizeof path)
    return too_long(r, err);
  PFC_TRY(pfc_folder_make(r->folder, &made, err));
  PFC_TRY(pfc_folder_make(path, &made, err));
  (void)snprintf(path, sizeof path, "%s/registry.lock", r->folder);
  (void)snprintf(what, sizeof what, "registry '%s'", r->folder);
  PFC_TRY(pfc_lock_take(&r->lock, path, what, err));
  PFC_TRY(pfc__registry_clean(r, err));
done:
  return st;
}

pfc_status pfc_registry_open(const char *folder, bool to_write, pfc_registry **registry,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_registry *r = NULL;
  PFC_NEW(r, 1);
  r->lock = (pfc_lock)PFC_LOCK_INIT;
  if (!(r->folder = pfc_strdup(folder))) {
    st = pfc_fail_memory(err, "registry");
    goto done;
  }
  if (to_write) PFC_TRY(begin_to_write(r, err));
  PFC_TRY(read_versions(r, err));
  PFC_TRY(read_aliases(r, err));
  *registry = r;
  r = NULL;
done:
  pfc_registry_close(r);
  return st;
}

void pfc_registry_close(pfc_registry *r) {
  if (!r) return;
  for (int32_t k = 0; k < r->n_versions; k++) pfc__version_clear(&r->version[k]);
  pfc_free(r->version);
  cJSON_Delete(r->history);
  pfc_lock_drop(&r->lock);
  pfc_free(r->folder);
  pfc_free(r);
}

/* --- looking -------------------------------------------------------------------------------
 */

int32_t pfc_registry_size(const pfc_registry *r) { return r->n_versions; }
const pfc_version *pfc_registry_at(const pfc_registry *r, int32_t place) {
  return &r->version[place];
}
int32_t pfc_registry_alias(const pfc_registry *r, pfc_alias alias) { return r->alias[alias]; }
const cJSON *pfc_registry_history(const pfc_registry *r) { return r->history; }

const pfc_version *pfc__registry_version(const pfc_registry *r, int32_t number) {
  for (int32_t k = 0; k < r->n_versions; k++)
    if (r->version[k].number == number) return &r->version[k];
  return NULL;
}

static pfc_status find_alias(const pfc_registry *r, pfc_alias alias, int32_t *number,
                             pfc_error *err) {
  *number = r->alias[alias];
  if (*number > 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "registry '%s' has no %s yet", r->folder, ALIASES[alias]);
}

pfc_status pfc_registry_find(const pfc_registry *r, const char *name, int32_t *number,
                             pfc_error *err) {
  char *end = NULL;
  const char *text = name + (name[0] == '@');
  for (int a = 0; a < PFC_N_ALIASES; a++)
    if (strcmp(ALIASES[a], text) == 0) return find_alias(r, (pfc_alias)a, number, err);
  const long asked = strtol(text, &end, 10);
  if (end != text && *end == '\0' && asked > 0 && asked <= INT32_MAX &&
      pfc__registry_version(r, (int32_t)asked)) {
    *number = (int32_t)asked;
    return PFC_OK;
  }
  const int32_t n = r->n_versions;
  return pfc_fail(
      err, PFC_EDATA,
      "registry '%s' has no '%.60s': champion, challenger, previous or the number of a "
      "version expected (%s%d)",
      r->folder, name, n ? "the latest is " : "there are ",
      n ? (int)r->version[n - 1].number : 0);
}

pfc_status pfc_registry_path(const pfc_registry *r, int32_t number, char **path,
                             pfc_error *err) {
  char name[PATH_MAX];
  if (!pfc__registry_name(r, number, "/model.h5", name)) return too_long(r, err);
  *path = pfc_strdup(name);
  return *path ? PFC_OK : pfc_fail_memory(err, "registry");
}

pfc_status pfc__registry_check(const pfc_registry *r, const pfc_version *v, pfc_error *err) {
  pfc_status st = PFC_OK;
  char name[PATH_MAX], hex[PFC_SHA256_HEX];
  if (!pfc__registry_name(r, v->number, "/model.h5", name)) return too_long(r, err);
  PFC_TRY(pfc_sha256_file(name, hex, err));
  if (strcmp(hex, v->sha256) != 0)
    st = pfc_fail(err, PFC_EFORMAT,
                  "%s is not what its manifest says: it was changed or damaged", name);
done:
  return st;
}

/* Where "/@" begins in REGISTRY/@ALIAS; NULL in the name of a file. */
static const char *find_mark(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] == '@' ? slash : NULL;
}

bool pfc_registry_is_named(const char *path) { return find_mark(path) != NULL; }

pfc_status pfc_registry_resolve(const char *path, char **file, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_registry *r = NULL;
  int32_t number;
  const char *mark = find_mark(path);
  if (!mark) return pfc_fail(err, PFC_EUSAGE, "REGISTRY/@champion expected, not '%s'", path);
  char *folder = pfc_strdup(path);
  if (!folder) return pfc_fail_memory(err, path);
  folder[mark - path] = '\0';
  PFC_TRY(pfc_registry_open(folder, false, &r, err));
  PFC_TRY(pfc_registry_find(r, mark + 1, &number, err));
  PFC_TRY(pfc__registry_check(r, pfc__registry_version(r, number), err));
  PFC_TRY(pfc_registry_path(r, number, file, err));
done:
  pfc_registry_close(r);
  pfc_free(folder);
  return st;
}

/* --- verifying -----------------------------------------------------------------------------
 */

pfc_status pfc_registry_verify(const pfc_registry *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t k = 0; k < r->n_versions; k++) {
    pfc_bundle *bundle = NULL;
    char name[PATH_MAX];
    PFC_TRY(pfc__registry_check(r, &r->version[k], err));
    (void)pfc__registry_name(r, r->version[k].number, "/model.h5", name);
    PFC_TRY(pfc_bundle_load(name, &bundle, err));
    pfc_bundle_destroy(bundle);
  }
  for (int a = 0; a < PFC_N_ALIASES; a++) {
    if (r->alias[a] == 0 || pfc__registry_version(r, r->alias[a])) continue;
    st = pfc_fail(err, PFC_EFORMAT, "registry '%s': %s is version %d, which is missing",
                  r->folder, ALIASES[a], (int)r->alias[a]);
    goto done;
  }
done:
  return st;
}
