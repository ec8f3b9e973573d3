/* Every policy there is, on the same day, with the same people and seats, at the truth. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/bootstrap.h"
#include "trainer/means.h"
#include "trainer/policy_internal.h"
#include "trainer/train.h"

enum { DRAWS = 20 }; /* of random: its figures are means over them */

typedef enum policy_id {
  RANDOM,
  POPULARITY,
  RECENT,
  MANAGER,
  ITEMKNN,
  EASE,
  GAP,
  AFFINITY,
  SUCCESS,
  VALUE,
  ORACLE,
  N_POLICIES,
} policy_id;

/* Baselines first, then models. Who leads nobody to what scores nothing: a gap of 0 is none,
 * and what has no value by the model would not help. */
static const struct {
  const char *name;
  pfc_baseline_kind kind;
  bool needs_more_than_nothing;
} POLICIES[N_POLICIES] = {
    [RANDOM] = {"random", PFC_BASELINE_NONE, false},
    [POPULARITY] = {"popularity", PFC_BASELINE_POPULARITY, false},
    [RECENT] = {"recent", PFC_BASELINE_RECENT, false},
    [MANAGER] = {"manager", PFC_BASELINE_MANAGER, false},
    [ITEMKNN] = {"itemknn", PFC_BASELINE_ITEMKNN, false},
    [EASE] = {"ease", PFC_BASELINE_EASE, false},
    [GAP] = {"gap", PFC_BASELINE_GAP, true},
    [AFFINITY] = {"affinity", PFC_BASELINE_NONE, false},
    [SUCCESS] = {"success", PFC_BASELINE_NONE, false},
    [VALUE] = {"value", PFC_BASELINE_NONE, true},
    [ORACLE] = {"oracle", PFC_BASELINE_NONE, false},
};

/* What a policy does for each person, mean over its draws. */
typedef struct outcome {
  double *worth, *hours, *effect, *led; /* n_people; NULL: there is no such policy here */
} outcome;

typedef struct judge {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  const pfc_policy_settings *settings;
  pfc_policy_problem *problem;
  double slack; /* of the oracle, total worth */
  int32_t *assigned;
  float *score;
  outcome of[N_POLICIES];
} judge;

void pfc_policy_defaults(pfc_policy_settings *s) {
  *s = (pfc_policy_settings){.struct_size = sizeof *s,
                             .horizon_days = 365,
                             .max_people = 10000,
                             .resamples = 500,
                             .seed = 1};
}

static pfc_status check(const pfc_policy_settings *s, const pfc_dataset *ds, pfc_error *err) {
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "policy settings: start from pfc_policy_defaults()");
  if (s->max_people < 0)
    return pfc_fail(err, PFC_EUSAGE, "max_people: 0 (all) or more expected, not %d",
                    s->max_people);
  if (s->resamples < 0)
    return pfc_fail(err, PFC_EUSAGE, "resamples: 0 or more expected, not %d", s->resamples);
  if (ds->split.kind != PFC_SPLIT_AT)
    return pfc_fail(err, PFC_EUSAGE,
                    "policies are judged on the day at which a dataset is split, and this one "
                    "is not split at a day: run `proficio split DATA --at DATE` before "
                    "training");
  return PFC_OK;
}

/* --- what policies do -----------------------------------------------------------------------
 */

static pfc_status open_outcome(judge *j, policy_id id, pfc_error *err) {
  pfc_status st = PFC_OK;
  outcome *of = &j->of[id];
  PFC_NEW(of->worth, j->problem->n_people);
  PFC_NEW(of->hours, j->problem->n_people);
  PFC_NEW(of->effect, j->problem->n_people);
  PFC_NEW(of->led, j->problem->n_people);
done:
  return st;
}

static void add_outcome(judge *j, policy_id id) {
  const pfc_policy_problem *problem = j->problem;
  outcome *of = &j->of[id];
  for (int32_t p = 0; p < problem->n_people; p++) {
    if (j->assigned[p] < 0) continue;
    const int64_t at = (int64_t)p * problem->n_items + j->assigned[p];
    of->worth[p] += (double)problem->worth[at];
    of->hours[p] += (double)problem->hours[at];
    of->effect[p] += (double)problem->effect[at];
    of->led[p]++;
  }
}

static pfc_status follow(judge *j, policy_id id, const float *score, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double least = POLICIES[id].needs_more_than_nothing ? 0 : -INFINITY;
  if (!j->of[id].worth) PFC_TRY(open_outcome(j, id, err));
  PFC_TRY(pfc_policy_assign(j->problem, score, least, j->settings->seed, j->assigned, err));
  add_outcome(j, id);
done:
  return st;
}

static pfc_status follow_chance(judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int draw = 0; draw < DRAWS; draw++) {
    pfc__policy_draw(j->problem, j->settings->seed, draw, j->score);
    PFC_TRY(follow(j, RANDOM, j->score, err));
  }
  for (int32_t p = 0; p < j->problem->n_people; p++) {
    j->of[RANDOM].worth[p] /= DRAWS;
    j->of[RANDOM].hours[p] /= DRAWS;
    j->of[RANDOM].effect[p] /= DRAWS;
    j->of[RANDOM].led[p] /= DRAWS;
  }
done:
  return st;
}

static pfc_status follow_baseline(judge *j, policy_id id, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_bundle *bundle = NULL;
  pfc_train_report report;
  pfc_train_settings settings;
  pfc_train_defaults(&settings);
  settings.baseline.kind = POLICIES[id].kind;
  PFC_TRY(pfc_train(j->ds, &settings, &bundle, &report, err));
  PFC_TRY(pfc__policy_rank(bundle, j->ds, j->problem, j->score, err));
  PFC_TRY(follow(j, id, j->score, err));
done:
  pfc_bundle_destroy(bundle);
  return st;
}

static pfc_status follow_models(judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_policy_scores models = {0};
  const size_t pairs = (size_t)j->problem->n_people * (size_t)j->problem->n_items;
  const pfc_bundle *b = j->bundle;
  if (!b->has_affinity && !b->has_success && !b->has_time) return PFC_OK;
  PFC_NEW(models.affinity, pairs);
  PFC_NEW(models.success, pairs);
  PFC_NEW(models.value, pairs);
  PFC_TRY(pfc_policy_score(b, j->ds, j->problem, &models, err));
  if (b->has_affinity) PFC_TRY(follow(j, AFFINITY, models.affinity, err));
  if (b->has_success) PFC_TRY(follow(j, SUCCESS, models.success, err));
  PFC_TRY(follow(j, VALUE, models.value, err));
done:
  pfc_free(models.affinity);
  pfc_free(models.success);
  pfc_free(models.value);
  return st;
}

static pfc_status follow_oracle(judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(open_outcome(j, ORACLE, err));
  PFC_TRY(pfc_policy_oracle(j->problem, j->assigned, &j->slack, err));
  add_outcome(j, ORACLE);
done:
  return st;
}

static pfc_status follow_all(judge *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_progress *progress = &j->settings->progress;
  PFC_TRY(follow_oracle(j, err));
  PFC_TRY(follow_chance(j, err));
  for (policy_id id = 0; id < N_POLICIES; id++) {
    PFC_TRY(pfc_progress_report(progress, "policies", id, N_POLICIES, (double)NAN, err));
    if (POLICIES[id].kind != PFC_BASELINE_NONE) PFC_TRY(follow_baseline(j, id, err));
  }
  PFC_TRY(follow_models(j, err));
  PFC_TRY(pfc_progress_report(progress, "policies", N_POLICIES, N_POLICIES, (double)NAN, err));
done:
  return st;
}

/* --- figures ---------------------------------------------------------------------------------
 */

typedef enum figure_id {
  GAP_CLOSED,
  GAP_CLOSED_PER_HOUR,
  EFFECT,
  REGRET,
  N_FIGURES,
} figure_id;

static const char *const FIGURES[N_FIGURES] = {"gap_closed", "gap_closed_per_hour", "effect",
                                               "regret"};

/* One column of means for each policy and figure. */
enum { N_COLUMNS = N_POLICIES * N_FIGURES };

static int column_of(policy_id id, figure_id figure) {
  return (int)id * N_FIGURES + (int)figure;
}

static void add_figures(const judge *j, policy_id id, int32_t p, pfc_means *means) {
  const outcome *of = &j->of[id];
  const double regret = j->of[ORACLE].worth[p] - of->worth[p];
  pfc_means_add(means, p, column_of(id, GAP_CLOSED), of->worth[p], 1);
  pfc_means_add(means, p, column_of(id, GAP_CLOSED_PER_HOUR), of->worth[p], of->hours[p]);
  pfc_means_add(means, p, column_of(id, EFFECT), of->effect[p], of->led[p]);
  pfc_means_add(means, p, column_of(id, REGRET), regret, 1);
}

static pfc_status find_figures(const judge *j, pfc_means *means, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_means_init(means, j->problem->n_people, N_COLUMNS, err));
  for (policy_id id = 0; id < N_POLICIES; id++)
    for (int32_t p = 0; j->of[id].worth && p < j->problem->n_people; p++)
      add_figures(j, id, p, means);
  PFC_TRY(pfc_means_draw(means, j->settings->resamples, j->settings->seed, err));
done:
  return st;
}

static double led_share(const judge *j, policy_id id) {
  double sum = 0;
  for (int32_t p = 0; p < j->problem->n_people; p++) sum += j->of[id].led[p];
  return j->problem->n_people > 0 ? sum / j->problem->n_people : (double)NAN;
}

static pfc_status put_policies(const judge *j, const pfc_means *means, cJSON *json,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *policies = cJSON_AddObjectToObject(json, "policies");
  for (policy_id id = 0; policies && id < N_POLICIES; id++) {
    if (!j->of[id].worth) continue;
    cJSON *policy = cJSON_AddObjectToObject(policies, POLICIES[id].name);
    if (!policy) return pfc_fail_memory(err, "figures");
    for (figure_id k = 0; k < N_FIGURES; k++)
      PFC_TRY(pfc_means_put(means, column_of(id, k), PFC_MEANS_PLAIN, FIGURES[k], policy, err));
    PFC_TRY(pfc_json_put_number(policy, "led", led_share(j, id), err));
  }
done:
  return policies ? st : pfc_fail_memory(err, "figures");
}

/* --- comparisons -----------------------------------------------------------------------------
 */

/* How value is held against another policy, by the same resamples. */
typedef enum contrast_id {
  CLOSES_MORE,          /* gap closed a person, difference */
  CLOSES_MORE_PER_HOUR, /* the same an hour */
  REGRETS_LESS,         /* regret, share by which it is smaller */
  N_CONTRASTS,
} contrast_id;

static const figure_id CONTRASTED[N_CONTRASTS] = {
    [CLOSES_MORE] = GAP_CLOSED,
    [CLOSES_MORE_PER_HOUR] = GAP_CLOSED_PER_HOUR,
    [REGRETS_LESS] = REGRET,
};

typedef struct contrast {
  double value, lo, hi, p;
} contrast;

typedef struct comparison {
  policy_id against;
  contrast of[N_CONTRASTS];
} comparison;

static double contrast_of(contrast_id id, double mine, double other) {
  return id == REGRETS_LESS ? 1 - mine / other : mine - other;
}

static pfc_status compare(const pfc_means *means, policy_id against, contrast_id id,
                          double *room, contrast *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int a = column_of(VALUE, CONTRASTED[id]), b = column_of(against, CONTRASTED[id]);
  *c = (contrast){contrast_of(id, means->value[a], means->value[b]), NAN, NAN, NAN};
  if (means->n_resamples == 0) return PFC_OK;
  for (int r = 0; r < means->n_resamples; r++) {
    const double *row = means->resampled + (ptrdiff_t)r * N_COLUMNS;
    room[r] = contrast_of(id, row[a], row[b]);
  }
  PFC_TRY(pfc_percentile_interval(means->n_resamples, room, 1, &c->lo, &c->hi, err));
  c->p = pfc_bootstrap_p(means->n_resamples, room);
done:
  return st;
}

static pfc_status put_limits(const contrast *c, const char *name, cJSON *object,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc_json_put_number(object, name, c->value, err));
  PFC_TRY(pfc_json_put_number(object, "lo", c->lo, err));
  PFC_TRY(pfc_json_put_number(object, "hi", c->hi, err));
done:
  return st;
}

/* The difference in gap closed stands at the top, the other contrasts in objects of their own.
 */
static pfc_status put_comparison(const comparison *c, double p_holm, cJSON *all,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object = cJSON_CreateObject();
  if (!object || !cJSON_AddItemToArray(all, object)) {
    cJSON_Delete(object);
    return pfc_fail_memory(err, "comparisons");
  }
  PFC_TRY(pfc_json_put_text(object, "policy", POLICIES[VALUE].name, err));
  PFC_TRY(pfc_json_put_text(object, "against", POLICIES[c->against].name, err));
  PFC_TRY(put_limits(&c->of[CLOSES_MORE], "difference", object, err));
  PFC_TRY(pfc_json_put_number(object, "p", c->of[CLOSES_MORE].p, err));
  PFC_TRY(pfc_json_put_number(object, "p_holm", p_holm, err));
  cJSON *per_hour = cJSON_AddObjectToObject(object, "per_hour");
  cJSON *regret_less = cJSON_AddObjectToObject(object, "regret_less");
  if (!per_hour || !regret_less) return pfc_fail_memory(err, "comparisons");
  PFC_TRY(put_limits(&c->of[CLOSES_MORE_PER_HOUR], "difference", per_hour, err));
  PFC_TRY(put_limits(&c->of[REGRETS_LESS], "value", regret_less, err));
done:
  return st;
}

/* The oracle is left out: nobody doubts that it is the best. */
static pfc_status put_comparisons(const judge *j, const pfc_means *means, cJSON *json,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  comparison c[N_POLICIES];
  double p[N_POLICIES], p_holm[N_POLICIES], *room = NULL;
  int n = 0;
  cJSON *all = cJSON_AddArrayToObject(json, "comparisons");
  if (!all) return pfc_fail_memory(err, "comparisons");
  PFC_NEW(room, means->n_resamples);
  for (policy_id id = 0; id < N_POLICIES && j->of[VALUE].worth; id++) {
    if (id == VALUE || id == ORACLE || !j->of[id].worth) continue;
    c[n].against = id;
    for (contrast_id k = 0; k < N_CONTRASTS; k++)
      PFC_TRY(compare(means, id, k, room, &c[n].of[k], err));
    p[n] = c[n].of[CLOSES_MORE].p;
    n++;
  }
  PFC_TRY(pfc_holm(n, p, p_holm, err));
  for (int k = 0; k < n; k++) PFC_TRY(put_comparison(&c[k], p_holm[k], all, err));
done:
  pfc_free(room);
  return st;
}

/* --- all of it -------------------------------------------------------------------------------
 */

static pfc_status put_all(const judge *j, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_means means = {0};
  char day[PFC_DATE_TEXT];
  pfc_date_format(j->problem->day, day);
  PFC_TRY(pfc_json_put_text(json, "day", day, err));
  PFC_TRY(pfc_json_put_number(json, "people", j->problem->n_people, err));
  PFC_TRY(pfc_json_put_number(json, "horizon_days", j->problem->horizon_days, err));
  PFC_TRY(find_figures(j, &means, err));
  PFC_TRY(put_policies(j, &means, json, err));
  PFC_TRY(put_comparisons(j, &means, json, err));
done:
  pfc_means_clear(&means);
  return st;
}

static void judge_clear(judge *j) {
  for (int id = 0; id < N_POLICIES; id++) {
    pfc_free(j->of[id].worth);
    pfc_free(j->of[id].hours);
    pfc_free(j->of[id].effect);
    pfc_free(j->of[id].led);
  }
  pfc_free(j->score);
  pfc_free(j->assigned);
  pfc_policy_problem_destroy(j->problem);
}

pfc_status pfc_policies_judge(const pfc_bundle *bundle, const pfc_dataset *ds,
                              const pfc_truth *truth, const pfc_policy_settings *settings,
                              cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *out = NULL;
  judge j = {.bundle = bundle, .ds = ds, .settings = settings};
  PFC_TRY(check(settings, ds, err));
  PFC_TRY(pfc_policy_problem_create(ds, truth, ds->split.date, settings->horizon_days,
                                    settings->max_people, settings->seed, &j.problem, err));
  PFC_NEW(j.assigned, j.problem->n_people);
  PFC_NEW(j.score, (size_t)j.problem->n_people * (size_t)j.problem->n_items);
  PFC_TRY(follow_all(&j, err));
  if (!(out = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  PFC_TRY(put_all(&j, out, err));
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  judge_clear(&j);
  return st;
}
