/* What the rounds say, with intervals over people. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "bench/loop_internal.h"
#include "trainer/bootstrap.h"

static const char *const NAMES[PFC__LOOP_POLICIES] = {"refit", "frozen", "gap", "popularity",
                                                      "random"};

/* Weighted means over people, all of them of the same people. */
typedef struct means {
  int n; /* means */
  int32_t n_people;
  double *sum, *count; /* n_people x n */
  int n_resamples;
  double *value; /* n_resamples x n */
} means;

static void means_clear(means *m) {
  pfc_free(m->sum);
  pfc_free(m->count);
  pfc_free(m->value);
}

static pfc_status means_init(means *m, const pfc__loop *l, int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t size = (size_t)l->n_people * (size_t)n;
  m->n = n;
  m->n_people = l->n_people;
  m->n_resamples = l->settings->resamples;
  PFC_NEW(m->sum, size);
  PFC_NEW(m->count, size);
  PFC_NEW(m->value, (size_t)m->n_resamples * (size_t)n);
done:
  return st;
}

static pfc_status means_resample(means *m, uint64_t seed, pfc_error *err) {
  if (m->n_resamples == 0) return PFC_OK;
  return pfc_bootstrap_means(m->n_people, m->n, m->sum, m->count, m->n_resamples, seed,
                             m->value, err);
}

static double mean_of(const means *m, int k) {
  double sum = 0, count = 0;
  for (int64_t p = 0; p < m->n_people; p++) {
    sum += m->sum[p * m->n + k];
    count += m->count[p * m->n + k];
  }
  return sum / count;
}

static int64_t owners_of(const means *m, int k) {
  int64_t n = 0;
  for (int64_t p = 0; p < m->n_people; p++) n += m->count[p * m->n + k] > 0;
  return n;
}

static cJSON *add_object(cJSON *to, const char *key, pfc_error *err) {
  cJSON *object = cJSON_AddObjectToObject(to, key);
  if (!object) (void)pfc_fail_memory(err, "report");
  return object;
}

static cJSON *add_element(cJSON *array, pfc_error *err) {
  cJSON *object = cJSON_CreateObject();
  if (object && cJSON_AddItemToArray(array, object)) return object;
  cJSON_Delete(object);
  (void)pfc_fail_memory(err, "report");
  return NULL;
}

static cJSON *add_array(cJSON *to, const char *key, pfc_error *err) {
  cJSON *array = cJSON_AddArrayToObject(to, key);
  if (!array) (void)pfc_fail_memory(err, "report");
  return array;
}

/* "value" under that key, its limits, and how many people own it. */
static pfc_status put_mean(const means *m, int k, const char *key, cJSON *object,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  double lo = (double)NAN, hi = (double)NAN;
  if (m->n_resamples > 0)
    PFC_TRY(pfc_percentile_interval(m->n_resamples, m->value + k, m->n, &lo, &hi, err));
  PFC_TRY(pfc_json_put_number(object, key, mean_of(m, k), err));
  PFC_TRY(pfc_json_put_number(object, "lo", lo, err));
  PFC_TRY(pfc_json_put_number(object, "hi", hi, err));
  PFC_TRY(pfc_json_put_number(object, "n", (double)owners_of(m, k), err));
done:
  return st;
}

/* --- rounds --------------------------------------------------------------------------------
 */

enum { REGRET, WORTH, PER_HOUR, SHORTFALL, N_FIGURES };
static const char *const FIGURES[N_FIGURES] = {"regret", "worth", "gap_closed_per_hour",
                                               "shortfall"};

static void fill_round(const pfc__loop *l, int32_t round, means *m) {
  for (int k = 0; k < PFC__LOOP_POLICIES; k++) {
    const pfc__loop_record *x = pfc__loop_record_of(l, round, k);
    for (int64_t p = 0; p < l->n_people; p++) {
      double *sum = m->sum + p * m->n + (ptrdiff_t)k * N_FIGURES;
      double *count = m->count + p * m->n + (ptrdiff_t)k * N_FIGURES;
      sum[REGRET] = x->best[p] - x->worth[p];
      sum[WORTH] = sum[PER_HOUR] = x->worth[p];
      sum[SHORTFALL] = x->lacking[p];
      count[REGRET] = count[WORTH] = count[SHORTFALL] = x->there[p];
      count[PER_HOUR] = x->hours[p];
    }
  }
}

static pfc_status put_policy(const pfc__loop *l, int32_t round, int policy, const means *m,
                             cJSON *policies, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__loop_record *x = pfc__loop_record_of(l, round, policy);
  cJSON *object = add_object(policies, NAMES[policy], err);
  double n = 0;
  if (!object) return PFC_ENOMEM;
  for (int64_t p = 0; p < l->n_people; p++) n += x->there[p];
  for (int f = 0; f < N_FIGURES; f++) {
    cJSON *figure = add_object(object, FIGURES[f], err);
    if (!figure) return PFC_ENOMEM;
    PFC_TRY(put_mean(m, policy * N_FIGURES + f, "value", figure, err));
  }
  PFC_TRY(pfc_json_put_number(object, "led", (double)x->n_led / n, err));
done:
  return st;
}

static pfc_status put_date(cJSON *object, const char *key, int32_t day, pfc_error *err) {
  char text[PFC_DATE_TEXT];
  pfc_date_format(day, text);
  return pfc_json_put_text(object, key, text, err);
}

static pfc_status put_round(const pfc__loop *l, int32_t round, cJSON *rounds, pfc_error *err) {
  pfc_status st = PFC_OK;
  means m = {0};
  cJSON *policies, *object = add_element(rounds, err);
  if (!object) return PFC_ENOMEM;
  PFC_TRY(pfc_json_put_number(object, "round", round + 1, err));
  PFC_TRY(put_date(object, "day", l->first_day + round * l->settings->days, err));
  if (!(policies = add_object(object, "policies", err))) return PFC_ENOMEM;
  PFC_TRY(means_init(&m, l, PFC__LOOP_POLICIES * N_FIGURES, err));
  fill_round(l, round, &m);
  PFC_TRY(means_resample(&m, l->settings->seed, err));
  for (int k = 0; k < PFC__LOOP_POLICIES; k++)
    PFC_TRY(put_policy(l, round, k, &m, policies, err));
done:
  means_clear(&m);
  return st;
}

/* --- decisions ------------------------------------------------------------------------------
 */

/* Of a gated loop: what became of each candidate, and how much of the way from chance to the
 * best there is it would have gone more than the champion. */
static pfc_status put_decision(const pfc__loop_decision *d, int32_t round, cJSON *decisions,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object = add_element(decisions, err);
  if (!object) return PFC_ENOMEM;
  PFC_TRY(pfc_json_put_number(object, "round", round + 1, err));
  PFC_TRY(pfc_json_put_text(object, "verdict",
                            d->is_made ? pfc_gate_verdict_name(d->verdict) : "none", err));
  PFC_TRY(pfc_json_put_text(object, "why", d->why, err));
  if (!d->is_made) return PFC_OK;
  PFC_TRY(pfc_json_put_text(object, "method", d->method, err));
  PFC_TRY(pfc_json_put_number(object, "champion", d->champion, err));
  PFC_TRY(pfc_json_put_number(object, "candidate", d->candidate, err));
  PFC_TRY(pfc_json_put_number(object, "oracle", d->oracle, err));
  PFC_TRY(pfc_json_put_number(object, "random", d->random, err));
  PFC_TRY(pfc_json_put_number(object, "gain",
                              (d->candidate - d->champion) / (d->oracle - d->random), err));
done:
  return st;
}

static pfc_status put_decisions(const pfc__loop *l, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!l->settings->gated) return PFC_OK;
  cJSON *decisions = add_array(json, "decisions", err);
  if (!decisions) return PFC_ENOMEM;
  for (int32_t r = 1; r < l->settings->rounds && st == PFC_OK; r++)
    st = put_decision(&l->decisions[r], r, decisions, err);
  return st;
}

/* --- comparisons ----------------------------------------------------------------------------
 */

enum { N_OTHERS = PFC__LOOP_POLICIES - 1, N_COMPARISONS = 2 * N_OTHERS };

/* Of refit and one other policy: regret over the rounds after the first, in which refit and
 * frozen are the same model, and what is left when the last one is over. */
static void fill_differences(const pfc__loop *l, int other, means *m) {
  const int32_t n_rounds = l->settings->rounds;
  for (int32_t round = 1; round < n_rounds; round++) {
    const pfc__loop_record *x = pfc__loop_record_of(l, round, PFC__LOOP_REFIT);
    const pfc__loop_record *y = pfc__loop_record_of(l, round, other + 1);
    const bool is_last = round == n_rounds - 1;
    for (int64_t p = 0; p < l->n_people; p++) {
      double *sum = m->sum + p * m->n + other, *count = m->count + p * m->n + other;
      sum[0] += x->best[p] - x->worth[p] - (y->best[p] - y->worth[p]);
      count[0] += x->there[p];
      if (!is_last) continue;
      sum[N_OTHERS] = x->lacking[p] - y->lacking[p];
      count[N_OTHERS] = x->there[p];
    }
  }
}

static pfc_status put_comparison(const means *m, int k, double p, double p_holm,
                                 cJSON *comparisons, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *object = add_element(comparisons, err);
  if (!object) return PFC_ENOMEM;
  PFC_TRY(pfc_json_put_text(object, "figure", FIGURES[k < N_OTHERS ? REGRET : SHORTFALL], err));
  PFC_TRY(pfc_json_put_text(object, "policy", NAMES[PFC__LOOP_REFIT], err));
  PFC_TRY(pfc_json_put_text(object, "against", NAMES[k % N_OTHERS + 1], err));
  PFC_TRY(put_mean(m, k, "difference", object, err));
  PFC_TRY(pfc_json_put_number(object, "p", p, err));
  PFC_TRY(pfc_json_put_number(object, "p_holm", p_holm, err));
done:
  return st;
}

static pfc_status put_comparisons(const pfc__loop *l, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  means m = {0};
  double *column = NULL, p[N_COMPARISONS], p_holm[N_COMPARISONS];
  cJSON *comparisons = add_array(json, "comparisons", err);
  if (!comparisons) return PFC_ENOMEM;
  if (l->settings->rounds < 2) return PFC_OK;
  PFC_TRY(means_init(&m, l, N_COMPARISONS, err));
  PFC_NEW(column, m.n_resamples);
  for (int k = 0; k < N_OTHERS; k++) fill_differences(l, k, &m);
  PFC_TRY(means_resample(&m, l->settings->seed, err));
  for (int k = 0; k < N_COMPARISONS; k++) {
    for (int r = 0; r < m.n_resamples; r++) column[r] = m.value[(ptrdiff_t)r * m.n + k];
    p[k] = pfc_bootstrap_p(m.n_resamples, column);
  }
  PFC_TRY(pfc_holm(N_COMPARISONS, p, p_holm, err));
  for (int k = 0; k < N_COMPARISONS; k++)
    PFC_TRY(put_comparison(&m, k, p[k], p_holm[k], comparisons, err));
done:
  means_clear(&m);
  pfc_free(column);
  return st;
}

pfc_status pfc__loop_tell(const pfc__loop *l, cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_loop_settings *s = l->settings;
  cJSON *rounds, *object = cJSON_CreateObject();
  if (!object) return pfc_fail_memory(err, "report");
  PFC_TRY(pfc_json_put_number(object, "people", s->organisation.n_people, err));
  PFC_TRY(pfc_json_put_number(object, "days", s->days, err));
  PFC_TRY(pfc_json_put_number(object, "horizon_days", s->horizon_days, err));
  if (l->drift_on != PFC_NO_DATE) PFC_TRY(put_date(object, "drift_on", l->drift_on, err));
  if (!(rounds = add_array(object, "rounds", err))) {
    st = PFC_ENOMEM;
    goto done;
  }
  for (int32_t r = 0; r < s->rounds; r++) PFC_TRY(put_round(l, r, rounds, err));
  PFC_TRY(put_decisions(l, object, err));
  PFC_TRY(put_comparisons(l, object, err));
  *json = object;
  object = NULL;
done:
  cJSON_Delete(object);
  return st;
}
