/* The gated loop: a champion, and candidates that must be better. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "bench/loop_internal.h"
#include "datasets/split.h"

static pfc_refit_settings settings_of(const pfc__loop *l, int32_t round) {
  pfc_refit_settings s = l->settings->challenge;
  s.train = l->settings->train;
  s.train.seed = s.gate.seed = l->settings->seed + (uint64_t)round;
  return s;
}

pfc_status pfc__loop_first(const pfc__loop *l, const pfc_dataset *ds, pfc_bundle **bundle,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_refit_report report = {0};
  const pfc_refit_settings s = settings_of(l, 0);
  PFC_TRY(pfc_refit(ds, NULL, &s, bundle, &report, err));
  if (!*bundle) st = pfc_fail(err, PFC_EDATA, "no first model: %s", report.why);
done:
  pfc_refit_report_clear(&report);
  return st;
}

/* --- what nobody knows
 * ------------------------------------------------------------------------
 */

static double worth_of(const pfc_policy_problem *problem, const int32_t *assigned) {
  double sum = 0;
  for (int32_t p = 0; p < problem->n_people; p++) {
    if (assigned[p] < 0) continue;
    sum += (double)problem->worth[(int64_t)p * problem->n_items + assigned[p]];
  }
  return sum / fmax(problem->n_people, 1);
}

static pfc_status draw(const pfc_policy_problem *problem, uint64_t seed, int32_t *assigned,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = (int64_t)problem->n_people * problem->n_items;
  float *score = NULL;
  pfc_rng rng;
  PFC_NEW(score, n);
  pfc_rng_init(&rng, seed, "loop.random", (uint64_t)problem->day);
  for (int64_t k = 0; k < n; k++) score[k] = (float)pfc_rng_uniform(&rng);
  PFC_TRY(pfc_policy_assign(problem, score, -HUGE_VAL, seed, assigned, err));
done:
  pfc_free(score);
  return st;
}

static pfc_status look_up(const pfc__loop *l, const pfc_dataset *ds,
                          const pfc_policy_problem *problem, const pfc_bundle *champion,
                          const pfc_bundle *candidate, pfc__loop_decision *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *assigned = NULL;
  double slack;
  PFC_NEW(assigned, problem->n_people);
  PFC_TRY(pfc__loop_assign(l, champion, ds, problem, true, assigned, err));
  d->champion = worth_of(problem, assigned);
  PFC_TRY(pfc__loop_assign(l, candidate, ds, problem, true, assigned, err));
  d->candidate = worth_of(problem, assigned);
  PFC_TRY(draw(problem, l->settings->seed, assigned, err));
  d->random = worth_of(problem, assigned);
  PFC_TRY(pfc_policy_oracle(problem, assigned, &slack, err));
  d->oracle = worth_of(problem, assigned);
done:
  pfc_free(assigned);
  return st;
}

/* --- what the gate does
 * -----------------------------------------------------------------------
 */

static const char *text_of(const cJSON *row, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, key));
  return text ? text : "";
}

/* "success.log_loss newest unclear; ...": the rows that stood in the way. */
static void tell_rows(const cJSON *gate, char *text, size_t size) {
  const cJSON *row;
  size_t at = 0;
  text[0] = '\0';
  cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(gate, "rows")) {
    const char *verdict = text_of(row, "verdict");
    const bool must = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "must"));
    const bool stands = strcmp(verdict, "worse") == 0 || (must && !strcmp(verdict, "unclear"));
    if (!stands || at >= size) continue;
    at += (size_t)snprintf(text + at, size - at, "%s%s %s %s", at ? "; " : "",
                           text_of(row, "name"), text_of(row, "slice"), verdict);
  }
}

static pfc_status judge(pfc__loop *l, const pfc_refit_settings *s,
                        const pfc_refit_report *report, const pfc_dataset *view,
                        const pfc_bundle *champion, const pfc_bundle *candidate,
                        pfc__loop_decision *d, pfc_error *err) {
  pfc_gate_settings gate = s->gate;
  cJSON *json = NULL;
  gate.slice_from = report->slice_from;
  gate.candidates = report->n_candidates;
  gate.round = ++l->since_promotion;
  const pfc_status st =
      pfc_gate_judge(champion, candidate, view, &gate, &d->verdict, &json, err);
  tell_rows(json, d->why, sizeof d->why);
  cJSON_Delete(json);
  if (st == PFC_OK && d->verdict == PFC_PROMOTE) l->since_promotion = 0;
  return st;
}

pfc_status pfc__loop_challenge(pfc__loop *l, int32_t round, const pfc_dataset *ds,
                               const pfc_policy_problem *problem, const pfc_bundle *champion,
                               pfc_bundle **bundle, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__loop_decision *d = &l->decisions[round];
  pfc_refit_report report = {0};
  const pfc_refit_settings s = settings_of(l, round);
  pfc_dataset *view = NULL;
  pfc_bundle *candidate = NULL;
  PFC_TRY(pfc_split_training_view(ds, &view, err));
  PFC_TRY(pfc_refit(view, champion, &s, &candidate, &report, err));
  (void)snprintf(d->why, sizeof d->why, "%s", report.why);
  if (!candidate) goto done;
  d->is_made = true;
  d->method = report.method;
  PFC_TRY(judge(l, &s, &report, view, champion, candidate, d, err));
  PFC_TRY(look_up(l, ds, problem, champion, candidate, d, err));
  if (d->verdict != PFC_PROMOTE) goto done;
  *bundle = candidate;
  candidate = NULL;
done:
  pfc_refit_report_clear(&report);
  pfc_bundle_destroy(candidate);
  pfc_dataset_destroy(view);
  return st;
}
