/* Where a refit and its candidate stand in the registry. Every step can be taken twice: a job
 * that was killed is gone through again and finds what is done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/refit.h"

/* --- the champion --------------------------------------------------------------------------
 */

/* Checks the digest of the version's file, too. */
static pfc_status load_version(const refit_job *job, int32_t number, pfc_bundle **bundle,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  char *name = NULL, *file = NULL;
  const size_t room = strlen(job->folder) + 16;
  PFC_NEW(name, room);
  (void)snprintf(name, room, "%s/@%d", job->folder, (int)number);
  PFC_TRY(pfc_registry_resolve(name, &file, err));
  PFC_TRY(pfc_bundle_load(file, bundle, err));
done:
  pfc_free(name);
  pfc_free(file);
  return st;
}

/* A text of its own for each that differs; NULL when memory is short. */
static char *settings_text(const settings *s, const char *group) {
  cJSON *json = settings_json(s, group);
  char *text = json ? cJSON_PrintUnformatted(json) : NULL;
  cJSON_Delete(json);
  return text;
}

static pfc_status digest_settings(refit_job *job, pfc_error *err) {
  static const char *const GROUPS[] = {"train.", "refit.", "gate."};
  pfc_sha256 *sha = pfc_sha256_create();
  bool is_whole = sha != NULL;
  for (size_t g = 0; is_whole && g < sizeof GROUPS / sizeof *GROUPS; g++) {
    char *text = settings_text(&job->c->settings, GROUPS[g]);
    if (text) pfc_sha256_add(sha, text, strlen(text) + 1);
    is_whole = text != NULL;
    cJSON_free(text);
  }
  if (is_whole) pfc_sha256_hex(sha, job->settings_sha256);
  pfc_sha256_destroy(sha);
  return is_whole ? PFC_OK : pfc_fail_memory(err, "settings");
}

static const pfc_version *version_of(const refit_job *job, int32_t number) {
  for (int32_t k = 0; k < pfc_registry_size(job->registry); k++)
    if (pfc_registry_at(job->registry, k)->number == number)
      return pfc_registry_at(job->registry, k);
  return NULL;
}

static pfc_status digest_inputs(refit_job *job, pfc_error *err) {
  pfc_status st = digest_settings(job, err);
  pfc_sha256 *sha = NULL;
  char text[512];
  if (st != PFC_OK) return st;
  if (!(sha = pfc_sha256_create())) return pfc_fail_memory(err, "refit");
  const int n =
      snprintf(text, sizeof text, "%s\n%s\n%d\n%s\n%d %s\n%s", PFC_VERSION, job->ds->sha256,
               (int)job->c->as_of, job->ds->feedback_head, (int)job->champion_number,
               job->champion_number ? version_of(job, job->champion_number)->sha256 : "",
               job->settings_sha256);
  pfc_sha256_add(sha, text, (size_t)n);
  pfc_sha256_hex(sha, job->inputs);
  pfc_sha256_destroy(sha);
  return PFC_OK;
}

pfc_status refit_open(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_registry *r = job->registry;
  job->champion_number = r ? pfc_registry_alias(r, PFC_CHAMPION) : 0;
  if (job->champion_number) {
    PFC_TRY(load_version(job, job->champion_number, &job->champion, err));
  }
  PFC_TRY(digest_inputs(job, err));
done:
  return st;
}

/* --- what earlier runs did ------------------------------------------------------------------
 */

static bool is_text(const cJSON *json, const char *key, const char *text) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
  return cJSON_IsString(item) && strcmp(item->valuestring, text) == 0;
}

static pfc_status copy_json(const cJSON *json, cJSON **copy, pfc_error *err) {
  *copy = json ? cJSON_Duplicate(json, true) : NULL;
  return *copy || !json ? PFC_OK : pfc_fail_memory(err, "manifest");
}

pfc_status refit_find(refit_job *job, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_registry *r = job->registry;
  job->number = 0;
  for (int32_t k = r ? pfc_registry_size(r) : 0; k-- > 0 && job->number == 0;) {
    const pfc_version *v = pfc_registry_at(r, k);
    if (!is_text(v->manifest, "inputs", job->inputs)) continue;
    job->number = v->number;
    job->went_on = true;
    PFC_TRY(copy_json(v->manifest, &job->about, err));
    PFC_TRY(copy_json(v->verdict, &job->verdict, err));
  }
done:
  return st;
}

int64_t refit_judged_rows(const refit_job *job) {
  double most = 0;
  const pfc_registry *r = job->registry;
  for (int32_t k = 0; r && k < pfc_registry_size(r); k++) {
    const pfc_version *v = pfc_registry_at(r, k);
    const double rows = json_number(v->manifest, "new_rows");
    if (v->verdict && rows > most &&
        json_number(v->manifest, "champion") == job->champion_number &&
        is_text(v->manifest, "settings_sha256", job->settings_sha256))
      most = rows;
  }
  return (int64_t)most;
}

bool refit_was_champion(const refit_job *job) {
  const cJSON *move;
  cJSON_ArrayForEach(move, pfc_registry_history(job->registry)) {
    if (is_text(move, "alias", pfc_alias_name(PFC_CHAMPION)) &&
        json_number(move, "to") == job->number)
      return true;
  }
  return false;
}

int32_t refit_round(const refit_job *job) {
  int32_t n = 0;
  const cJSON *move, *history = job->registry ? pfc_registry_history(job->registry) : NULL;
  cJSON_ArrayForEach(move, history) {
    const double to = json_number(move, "to");
    if (is_text(move, "alias", pfc_alias_name(PFC_CHAMPION))) n = 0;
    if (!is_text(move, "alias", pfc_alias_name(PFC_CHALLENGER)) || !(to > 0)) continue;
    n++;
    if (to == job->number) return n;
  }
  return n + 1;
}

/* --- changes ---------------------------------------------------------------------------------
 */

pfc_status refit_load(refit_job *job, pfc_error *err) {
  pfc_bundle_destroy(job->candidate);
  job->candidate = NULL;
  return load_version(job, job->number, &job->candidate, err);
}

pfc_status refit_publish(refit_job *job, const pfc_refit_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(refit_about(job, report, &job->about, err));
  if (job->dry_run) return PFC_OK;
  PFC_TRY(pfc_registry_publish(job->registry, job->candidate, job->about, &job->number, err));
  PFC_TRY(refit_load(job, err));
done:
  return st;
}

static pfc_status move(refit_job *job, pfc_alias alias, int32_t number, const char *why,
                       pfc_error *err) {
  const char *user = getenv("USER");
  const pfc_move told = {(int64_t)time(NULL), user ? user : "", why};
  return pfc_registry_move(job->registry, alias, number, &told, err);
}

pfc_status refit_challenge(refit_job *job, pfc_error *err) {
  char why[128];
  if (job->dry_run) return PFC_OK;
  (void)snprintf(why, sizeof why, "refit: to be judged against version %d",
                 (int)job->champion_number);
  return move(job, PFC_CHALLENGER, job->number, why, err);
}

pfc_status refit_settle(refit_job *job, pfc_error *err) {
  char why[320];
  (void)snprintf(why, sizeof why, "refit: %s%s%s", refit_outcome_name(job->outcome),
                 job->why[0] ? ": " : "", job->why);
  if (job->dry_run) return PFC_OK;
  if (job->outcome == REFIT_FIRST || job->outcome == REFIT_PROMOTE)
    return move(job, PFC_CHAMPION, job->number, why, err);
  if (job->outcome == REFIT_REJECT &&
      pfc_registry_alias(job->registry, PFC_CHALLENGER) == job->number)
    return move(job, PFC_CHALLENGER, 0, why, err);
  return PFC_OK;
}
