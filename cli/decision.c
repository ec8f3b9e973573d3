#include "cli/decision.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

const char *decision_id(pfc_sha256 *digest, const char *model_version, const char *person,
                        const char *intervention, const char *as_of, char id[DECISION_ID]) {
  const char *const parts[] = {model_version, person, intervention, as_of};
  char hex[PFC_SHA256_HEX], block[128]; /* most fit whole: adding costs more than copying */
  size_t n = 0;
  for (int i = 0; i < 4; i++) {
    const size_t size = strlen(parts[i]);
    if (size < sizeof block - n) {
      memcpy(block + n, parts[i], size);
      n += size;
    } else {
      pfc_sha256_add(digest, block, n);
      pfc_sha256_add(digest, parts[i], size);
      n = 0;
    }
    block[n++] = '\n';
  }
  pfc_sha256_add(digest, block, n);
  pfc_sha256_hex(digest, hex);
  memcpy(id, hex, DECISION_ID - 1);
  id[DECISION_ID - 1] = '\0';
  return id;
}

/* --- the log --------------------------------------------------------------------------------
 */

static pfc_status take_text(const cJSON *line, const char *where, const char *key, char **out,
                            pfc_error *err) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);
  if (!cJSON_IsString(item)) {
    return pfc_fail(err, PFC_EDATA, "%s: no text under '%s', as a decision log has it", where,
                    key);
  }
  *out = pfc_strdup(item->valuestring);
  return *out ? PFC_OK : pfc_fail_memory(err, "decision log");
}

/* Takes the line if it is the one. */
static pfc_status take_line(const char *where, const char *text, size_t size, const char *id,
                            decision_logged *found, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *line = NULL;
  PFC_TRY(pfc_json_parse(where, text, size, &line, err));
  const cJSON *own = cJSON_GetObjectItemCaseSensitive(line, "decision_id");
  if (!cJSON_IsString(own) || strcmp(own->valuestring, id) != 0) goto done;
  PFC_TRY(take_text(line, where, "person_id", &found->person, err));
  PFC_TRY(take_text(line, where, "intervention_id", &found->intervention, err));
  PFC_TRY(take_text(line, where, "model_version", &found->model_version, err));
  PFC_TRY(take_text(line, where, "goal", &found->goal, err));
  PFC_TRY(take_text(line, where, "at", &found->at, err));
done:
  cJSON_Delete(line);
  return st;
}

pfc_status decision_find(const char *path, const char *id, decision_logged *found,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  char *text = NULL, where[512];
  size_t room = 0;
  int64_t number = 0;
  ssize_t size;
  FILE *file = fopen(path, "re");
  if (!file) return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
  while (!found->at && (size = getline(&text, &room, file)) >= 0) {
    number++;
    /* Most lines are about others: they need no parsing. */
    if (!strstr(text, id)) continue;
    (void)snprintf(where, sizeof where, "%.400s, line %lld", path, (long long)number);
    PFC_TRY(take_line(where, text, (size_t)size, id, found, err));
  }
  if (ferror(file) || (!feof(file) && !found->at)) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
    goto done;
  }
  if (!found->at) {
    st = pfc_fail(err, PFC_EDATA, "%s: no line has the decision_id '%.100s'", path, id);
  }
done:
  free(text);
  (void)fclose(file);
  return st;
}

void decision_logged_clear(decision_logged *d) {
  pfc_free(d->person);
  pfc_free(d->intervention);
  pfc_free(d->model_version);
  pfc_free(d->at);
  pfc_free(d->goal);
  *d = (decision_logged){0};
}
