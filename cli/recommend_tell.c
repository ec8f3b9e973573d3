/* What a run tells of itself: the object of --json, the manifest, Prometheus' text. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/number.h"
#include "cli/bytes.h"
#include "cli/lists_inputs.h"
#include "cli/recommend_totals.h"
#include "cli/render.h"

static pfc_status put_shard(const recommend_job *j, cJSON *json, pfc_error *err) {
  char text[32] = "";
  const shard *s = &j->o->shard;
  if (s->n > 0) (void)snprintf(text, sizeof text, "%d/%d", s->i, s->n);
  return pfc_json_put_text(json, "shard", text, err);
}

pfc_status recommend_object(const recommend_job *j, cJSON **object, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  const pfc_recommend_totals *t = &j->totals;
  PFC_TRY(common_object(j->c, &json, err));
  PFC_TRY(scoring_put(j->c, &j->s, json, err));
  PFC_TRY(put_shard(j, json, err));
  PFC_TRY(pfc_json_put_number(json, "rows", (double)j->n_rows, err));
  PFC_TRY(totals_put(json, t, err));
  PFC_TRY(pfc_json_put_number(json, "without", (double)(t->people - t->with_list), err));
  PFC_TRY(pfc_json_put_number(json, "diversity_price", t->value_undiverse - t->value, err));
  *object = json;
  json = NULL;
done:
  cJSON_Delete(json);
  return st;
}

/* --- the manifest ----------------------------------------------------------------------------
 */

static const struct {
  const char *name;
  size_t at;
} PHASES[] = {
    {"load", offsetof(recommend_seconds, load)},
    {"prepare", offsetof(recommend_seconds, prepare)},
    {"lists", offsetof(recommend_seconds, lists)},
    {"write", offsetof(recommend_seconds, write)},
};
enum { N_PHASES = sizeof PHASES / sizeof *PHASES };

static double phase(const recommend_job *j, int p) {
  return *(const double *)((const char *)&j->seconds + PHASES[p].at);
}

/* Whoever compares two manifests leaves out this key alone. */
static pfc_status put_seconds(const recommend_job *j, cJSON *json, pfc_error *err) {
  cJSON *seconds = json_object(json, "seconds", err);
  pfc_status st = seconds ? PFC_OK : PFC_ENOMEM;
  for (int p = 0; p < N_PHASES && st == PFC_OK; p++)
    st = pfc_json_put_number(seconds, PHASES[p].name, phase(j, p), err);
  if (st == PFC_OK)
    st = pfc_json_put_number(seconds, "total", seconds_now() - j->c->began, err);
  return st;
}

static pfc_status put_origin(const recommend_job *j, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const recommend_options *o = j->o;
  cJSON *effective = NULL;
  PFC_TRY(pfc_json_put_text(json, "build", "proficio " PFC_VERSION, err));
  PFC_TRY(pfc_json_put_text(json, "model_sha256", j->model_sha256, err));
  PFC_TRY(pfc_json_put_text(json, "data_sha256", j->data_sha256, err));
  PFC_TRY(pfc_json_put_text(json, "feedback_head", j->s.ds->feedback_head, err));
  PFC_TRY(pfc_json_put_text(json, "log", o->log ? o->log : "", err));
  PFC_TRY(pfc_json_put_text(json, "changes", o->changes ? o->changes : "", err));
  PFC_TRY(pfc_json_put_text(json, "answer_sheet", o->sheet ? o->sheet : "", err));
  PFC_TRY(pfc_json_put_text(json, "previous", o->previous ? o->previous : "", err));
  PFC_TRY(pfc_json_put_text(json, "goal", o->goal ? o->goal : "", err));
  PFC_TRY(recommend_settings_json(j->c, &effective, err));
  if (!cJSON_AddItemToObject(json, "settings", effective)) {
    cJSON_Delete(effective);
    st = pfc_fail_memory(err, "manifest");
  }
done:
  return st;
}

static pfc_status write_manifest(const recommend_job *j, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  PFC_TRY(recommend_object(j, &json, err));
  PFC_TRY(put_origin(j, json, err));
  PFC_TRY(put_seconds(j, json, err));
  PFC_TRY(json_write(json, path, err));
done:
  cJSON_Delete(json);
  return st;
}

/* --- Prometheus ------------------------------------------------------------------------------
 */

static void help(bytes *to, const char *name, const char *what) {
  bytes_text(to, "# HELP proficio_recommend_");
  bytes_text(to, name);
  bytes_char(to, ' ');
  bytes_text(to, what);
  bytes_text(to, "\n# TYPE proficio_recommend_");
  bytes_text(to, name);
  bytes_text(to, " gauge\n");
}

/* labels: "" or pairs in braces. */
static void sample(bytes *to, const char *name, const char *labels, double value) {
  char text[PFC_NUMBER_TEXT];
  bytes_text(to, "proficio_recommend_");
  bytes_text(to, name);
  bytes_text(to, labels);
  bytes_char(to, ' ');
  bytes_text(to, pfc_number_format(value, text) > 0 ? text : "NaN");
  bytes_char(to, '\n');
}

static void gauge(bytes *to, const char *name, const char *what, double value) {
  help(to, name, what);
  sample(to, name, "", value);
}

static void put_info(const recommend_job *j, bytes *to) {
  char labels[256], shard_text[32] = "";
  if (j->o->shard.n > 0)
    (void)snprintf(shard_text, sizeof shard_text, "%d/%d", j->o->shard.i, j->o->shard.n);
  (void)snprintf(labels, sizeof labels, "{model_version=\"%s\",as_of=\"%s\",shard=\"%s\"}",
                 j->s.bundle->version, j->as_of, shard_text);
  help(to, "info", "Model, decision date and shard of the last finished run.");
  sample(to, "info", labels, 1);
}

static void put_gauges(const recommend_job *j, bytes *to) {
  const pfc_recommend_totals *t = &j->totals;
  gauge(to, "people", "People whom lists were made for.", (double)t->people);
  gauge(to, "people_without", "People who are recommended nothing.",
        (double)(t->people - t->with_list));
  gauge(to, "rows", "Places of all lists.", (double)j->n_rows);
  gauge(to, "candidates", "Interventions that can be started.",
        pfc_scorer_n_candidates(j->s.scorer));
  gauge(to, "allowed_pairs", "Pairs of person and intervention no rule speaks against.",
        (double)t->allowed);
  gauge(to, "mandates", "Places of mandates.", (double)t->mandates);
  gauge(to, "forced", "Places of overrides.", (double)t->forced);
  gauge(to, "kept", "People whose list of yesterday stays.", (double)t->kept);
  gauge(to, "value", "Expected value of all lists.", t->value);
  gauge(to, "diversity_price", "Expected value given up for diversity.",
        t->value_undiverse - t->value);
  gauge(to, "unknown_people", "People asked for whom the dataset does not know.",
        (double)j->c->n_unknown_people);
}

static void put_families(const recommend_job *j, bytes *to) {
  char labels[64];
  help(to, "rule_pairs", "Pairs of person and intervention that a rule speaks against.");
  for (int r = 0; r < PFC_N_RULES; r++) {
    (void)snprintf(labels, sizeof labels, "{rule=\"%s\"}", pfc_rule_name((pfc_rule)r));
    sample(to, "rule_pairs", labels, (double)j->totals.broken[r]);
  }
  help(to, "seconds", "Wall-clock seconds by phase.");
  for (int p = 0; p < N_PHASES; p++) {
    (void)snprintf(labels, sizeof labels, "{phase=\"%s\"}", PHASES[p].name);
    sample(to, "seconds", labels, phase(j, p));
  }
  gauge(to, "finished_timestamp_seconds", "When the last run finished, Unix time.",
        (double)time(NULL));
}

static pfc_status write_prom(const recommend_job *j, const char *path, pfc_error *err) {
  bytes text = {0};
  put_info(j, &text);
  put_gauges(j, &text);
  put_families(j, &text);
  const pfc_status st = bytes_write(&text, path, err);
  bytes_clear(&text);
  return st;
}

pfc_status recommend_tell(const recommend_job *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *json = NULL;
  if (j->o->manifest) PFC_TRY(write_manifest(j, j->o->manifest, err));
  if (j->o->prom) PFC_TRY(write_prom(j, j->o->prom, err));
  PFC_TRY(recommend_object(j, &json, err));
  PFC_TRY(common_print(j->c, json, err));
done:
  cJSON_Delete(json);
  return st;
}
