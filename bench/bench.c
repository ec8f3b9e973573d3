#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench_internal.h"

static const pfc__bench *const BENCHES[] = {
    &pfc__bench_import,      &pfc__bench_feedback,     &pfc__bench_feedback_100,
    &pfc__bench_als,         &pfc__bench_logit,        &pfc__bench_hazard,
    &pfc__bench_score,       &pfc__bench_explain,      &pfc__bench_evaluate,
    &pfc__bench_profile_fit, &pfc__bench_profile_map,  &pfc__bench_profile_fold,
    &pfc__bench_recommend,   &pfc__bench_recommend_16, &pfc__bench_refit};
enum { N_BENCHES = sizeof BENCHES / sizeof *BENCHES };

static const char *const UNIT[PFC__N_UNITS] = {"flops", "bytes", "rows", "pairs"};

void pfc_bench_defaults(pfc_bench_settings *s) {
  *s = (pfc_bench_settings){.seconds = 0.5, .seed = 1, .scratch = "/tmp"};
}

static bool is_wanted(const pfc__bench *bench, const pfc_bench_settings *s) {
  if (bench->supported && bench->supported(NULL) != PFC_OK) return false;
  for (int k = 0; k < PFC_BENCH_ONLY && s->only[k]; k++)
    if (strstr(bench->name, s->only[k])) return true;
  return !s->only[0] && (s->small || !bench->long_run);
}

static pfc_status check(const pfc_bench_settings *s, pfc_error *err) {
  char names[256] = "";
  int n_wanted = 0, at = 0;
  for (int b = 0; b < N_BENCHES; b++) {
    n_wanted += is_wanted(BENCHES[b], s);
    at += snprintf(names + at, sizeof names - (size_t)at, "%s%s", b ? ", " : "",
                   BENCHES[b]->name);
  }
  if (n_wanted == 0) {
    return pfc_fail(err, PFC_EUSAGE, "no bench is called '%s'; there are %s", s->only[0],
                    names);
  }
  if (!(s->seconds > 0 && s->seconds <= 3600)) {
    return pfc_fail(err, PFC_EUSAGE, "seconds: above 0 and up to 3600 expected, not %g",
                    s->seconds);
  }
  if (!s->scratch) return pfc_fail(err, PFC_EUSAGE, "scratch: a folder expected");
  return PFC_OK;
}

/* --- JSON ------------------------------------------------------------------------ */

/* What is missing when memory was short somewhere: cJSON adds nothing to nothing. */
static bool add_numbers(cJSON *to, const pfc__measured *m, double ratio) {
  cJSON *rates = NULL;
  bool whole = cJSON_AddNumberToObject(to, "seconds", m->median) &&
               cJSON_AddNumberToObject(to, "ratio", ratio) &&
               cJSON_AddNumberToObject(to, "spread", m->spread) &&
               (rates = cJSON_AddObjectToObject(to, "per_second"));
  for (int u = 0; whole && u < PFC__N_UNITS; u++) {
    if (m->work[u] > 0)
      whole = cJSON_AddNumberToObject(rates, UNIT[u], m->work[u] / m->median) != NULL;
  }
  return whole;
}

static bool add_verdict(cJSON *to, const char *of, double bar, bool holds) {
  return cJSON_AddStringToObject(to, "of", of) &&
         (bar == 0 ? cJSON_AddNullToObject(to, "bar")
                   : cJSON_AddNumberToObject(to, "bar", bar)) &&
         cJSON_AddBoolToObject(to, "holds", bar == 0 || holds);
}

/* A result under the bench's name; NULL when memory is short. */
static cJSON *begin_result(cJSON *results, const char *name) {
  cJSON *result = cJSON_CreateObject();
  if (result && cJSON_AddItemToArray(results, result))
    return cJSON_AddStringToObject(result, "name", name) ? result : NULL;
  cJSON_Delete(result);
  return NULL;
}

static pfc_status add_memory(cJSON *results, const pfc__bench *bench, const pfc__measured *m,
                             pfc_error *err) {
  char name[64];
  const double gib = m->peak_bytes / 1073741824;
  (void)snprintf(name, sizeof name, "%s_memory", bench->name);
  cJSON *result = begin_result(results, name);
  const bool whole = result && add_numbers(result, m, gib) &&
                     add_verdict(result, "gib", bench->memory_bar, gib <= bench->memory_bar);
  return whole ? PFC_OK : pfc_fail_memory(err, "results");
}

static pfc_status add_result(cJSON *results, const pfc__env *env, const pfc__bench *bench,
                             const pfc__measured *m, pfc_error *err) {
  const double limit_seconds = m->work[bench->unit] / env->limit[bench->limit];
  const double ratio = bench->inverse ? m->median / limit_seconds : limit_seconds / m->median;
  const bool holds = bench->inverse ? ratio <= bench->bar : ratio >= bench->bar;
  cJSON *result = begin_result(results, bench->name);
  if (!result || !add_numbers(result, m, ratio) ||
      !add_verdict(result, bench->of, bench->bar, holds)) {
    return pfc_fail_memory(err, "results");
  }
  return bench->memory_bar > 0 ? add_memory(results, bench, m, err) : PFC_OK;
}

/* --- the run ----------------------------------------------------------------------- */

/* A limit is what cannot be passed: the fastest run counts. */
static pfc_status run_limits(pfc__env *env, cJSON *limits, pfc_error *err) {
  pfc_status st = PFC_OK;
  static const pfc__bench *const LIMITS[] = {&pfc__bench_sgemm, &pfc__bench_read};
  for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
    const pfc__bench *limit = LIMITS[i];
    pfc__measured m = {0};
    PFC_TRY(pfc__measure_all(env, limit, &m, err));
    const double rate = m.work[limit->unit] / m.fastest;
    env->limit[limit->limit] = rate;
    if (!cJSON_AddNumberToObject(limits, limit->name, rate / 1e9)) {
      return pfc_fail_memory(err, "limits");
    }
  }
done:
  return st;
}

static pfc_status run_benches(pfc__env *env, cJSON *results, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int b = 0; b < N_BENCHES; b++) {
    if (!is_wanted(BENCHES[b], env->settings)) continue;
    pfc__measured m = {0};
    PFC_TRY(pfc__measure_all(env, BENCHES[b], &m, err));
    PFC_TRY(add_result(results, env, BENCHES[b], &m, err));
  }
done:
  return st;
}

pfc_status pfc_bench_run(const pfc_bench_settings *settings, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__env env = {.settings = settings};
  cJSON *all = NULL, *limits, *results;
  PFC_TRY(check(settings, err));
  all = cJSON_CreateObject();
  if (!all || !(limits = cJSON_AddObjectToObject(all, "limits")) ||
      !(results = cJSON_AddArrayToObject(all, "results"))) {
    st = pfc_fail_memory(err, "results");
    goto done;
  }
  PFC_TRY(run_limits(&env, limits, err));
  PFC_TRY(run_benches(&env, results, err));
  *json = all;
  all = NULL;
done:
  cJSON_Delete(all);
  return st;
}
