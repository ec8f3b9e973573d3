#include "bench/cold_start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "trainer/bootstrap.h"
#include "trainer/means.h"
#include "trainer/policy.h"

/* --- settings ----------------------------------------------------------------------------- */

void pfc_cold_defaults(pfc_cold_settings *s) {
  *s = (pfc_cold_settings){.struct_size = sizeof *s,
                           .share = 0.2,
                           .days = 270,
                           .horizon_days = 365,
                           .resamples = 2000,
                           .seed = 1};
  const pfc_status known = pfc_simulate_preset("medium", &s->organisation, NULL);
  (void)known;
  pfc_train_defaults(&s->train);
}

pfc_status pfc_cold_check(const pfc_cold_settings *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (s->struct_size != sizeof *s)
    return pfc_fail(err, PFC_EUSAGE, "cold start settings: begin with pfc_cold_defaults()");
  if (!(s->share >= 0.01 && s->share <= 0.9))
    return pfc_fail(err, PFC_EUSAGE, "share is %g, allowed is 0.01 to 0.9", s->share);
  if (s->days < 1 || s->days > 10000)
    return pfc_fail(err, PFC_EUSAGE, "days is %d, allowed is 1 to 10000", (int)s->days);
  if (s->horizon_days < 1 || s->horizon_days > PFC_TRUTH_DAYS)
    return pfc_fail(err, PFC_EUSAGE, "horizon_days is %d, allowed is 1 to %d",
                    (int)s->horizon_days, (int)PFC_TRUTH_DAYS);
  if (s->resamples < 0 || s->resamples > 1000000)
    return pfc_fail(err, PFC_EUSAGE, "resamples is %d, allowed is 0 to 1000000", s->resamples);
  PFC_TRY(pfc_simulate_check(&s->organisation, err));
  PFC_TRY(pfc_train_check(&s->train, err));
done:
  return st;
}

/* --- what is hidden -------------------------------------------------------------------------
 */

typedef struct world {
  const pfc_cold_settings *settings;
  pfc_dataset *ds, *rest; /* all of it, and without what is hidden */
  pfc_truth *truth;
  pfc_policy_problem *problem;
  int32_t n_people, n_items;
  uint8_t *is_new_person, *is_new_item; /* by code */
  pfc_bundle *known, *cold, *popular;
} world;

static void world_clear(world *w) {
  pfc_policy_problem_destroy(w->problem);
  pfc_bundle_destroy(w->known);
  pfc_bundle_destroy(w->cold);
  pfc_bundle_destroy(w->popular);
  pfc_dataset_destroy(w->rest);
  pfc_dataset_destroy(w->ds);
  pfc_truth_destroy(w->truth);
  pfc_free(w->is_new_person);
  pfc_free(w->is_new_item);
}

/* Each by a draw of its own, so that the same ones are hidden however many there are. */
static void draw_new(const world *w, const char *dictionary, int32_t n, uint8_t *is_new) {
  const pfc_dict *dict = pfc_dataset_find_dict(w->ds, dictionary);
  for (int32_t k = 0; k < n; k++) {
    pfc_rng rng;
    pfc_rng_init(&rng, w->settings->seed, dictionary, pfc_rng_id(pfc_dict_text(dict, k)));
    is_new[k] = pfc_rng_uniform(&rng) < w->settings->share;
  }
}

/* Where people and interventions leave traces. Who holds which role since when, what
 * interventions are about and what roles ask for is no trace. */
static const pfc_table_id TRACES[] = {
    PFC_ENROLMENTS,  PFC_ASSESSMENTS, PFC_EPISODES,     PFC_FEEDBACK,
    PFC_PERFORMANCE, PFC_PROJECTS,    PFC_APPLICATIONS,
};
enum { N_TRACES = sizeof TRACES / sizeof *TRACES };

static pfc_status keep_rows(const world *w, pfc_table_id table, uint8_t **keep,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = w->ds->tables[table].n_rows;
  const int32_t *person = pfc_dataset_codes(w->ds, table, "person_id");
  const int32_t *item = pfc_dataset_codes(w->ds, table, "intervention_id");
  PFC_NEW(*keep, n);
  for (int64_t k = 0; k < n; k++) {
    const bool hides_person = person && person[k] >= 0 && w->is_new_person[person[k]];
    const bool hides_item = item && item[k] >= 0 && w->is_new_item[item[k]];
    (*keep)[k] = !hides_person && !hides_item;
  }
done:
  return st;
}

static pfc_status hide(world *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep[PFC_N_TABLES] = {NULL};
  for (int t = 0; t < N_TRACES; t++)
    if (w->ds->tables[TRACES[t]].n_columns > 0)
      PFC_TRY(keep_rows(w, TRACES[t], &keep[TRACES[t]], err));
  PFC_TRY(pfc_dataset_filter(w->ds, (const uint8_t *const *)keep, &w->rest, err));
  w->rest->split = w->ds->split;
done:
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
  return st;
}

static pfc_status draw(world *w, const pfc_dataset *frame, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_cold_settings *s = w->settings;
  pfc_simulate_settings org = s->organisation;
  org.progress = s->progress;
  PFC_TRY(pfc_simulate(frame, &org, &w->ds, &w->truth, err));
  w->ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = org.last_day + 1 - s->days};
  w->n_people = pfc_dataset_count(w->ds, "person");
  w->n_items = pfc_dataset_count(w->ds, "intervention");
  PFC_NEW(w->is_new_person, w->n_people);
  PFC_NEW(w->is_new_item, w->n_items);
  draw_new(w, "person", w->n_people, w->is_new_person);
  draw_new(w, "intervention", w->n_items, w->is_new_item);
  PFC_TRY(hide(w, err));
  PFC_TRY(pfc_policy_problem_create(w->ds, w->truth, w->ds->split.date, s->horizon_days, 0,
                                    s->seed, &w->problem, err));
done:
  return st;
}

static pfc_status learn(world *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_train_settings train = w->settings->train;
  pfc_train_report report;
  train.seed = w->settings->seed;
  train.progress = w->settings->progress;
  PFC_TRY(pfc_train(w->ds, &train, &w->known, &report, err));
  PFC_TRY(pfc_train(w->rest, &train, &w->cold, &report, err));
  train.baseline.kind = PFC_BASELINE_POPULARITY;
  PFC_TRY(pfc_train(w->rest, &train, &w->popular, &report, err));
done:
  return st;
}

/* --- who gains what -------------------------------------------------------------------------
 */

/* Ways to lead, and the model and data of each. */
typedef enum way { VALUE, POPULARITY, KNOWN, N_WAYS } way;

/* Columns of means: of the new people, by each way, and of the others by value; of what is led
 * to new interventions alone likewise. */
enum { OTHERS = N_WAYS, PER_PART, N_COLUMNS = 2 * PER_PART };

static pfc_status lead(const world *w, way how, int part, pfc_means *means, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *const bundles[N_WAYS] = {w->cold, w->popular, w->known};
  pfc_policy_problem problem = *w->problem; /* with rules of its own */
  const int64_t pairs = (int64_t)problem.n_people * problem.n_items;
  float *score = NULL;
  int32_t *assigned = NULL;
  uint8_t *allowed = NULL;
  PFC_NEW(score, pairs);
  PFC_NEW(allowed, pairs);
  PFC_NEW(assigned, problem.n_people);
  for (int64_t k = 0; k < pairs; k++)
    allowed[k] = problem.allowed[k] && (part == 0 || w->is_new_item[k % problem.n_items]);
  problem.allowed = allowed;
  const pfc_policy_scores wanted = {.value = score};
  PFC_TRY(
      pfc_policy_score(bundles[how], how == KNOWN ? w->ds : w->rest, &problem, &wanted, err));
  PFC_TRY(pfc_policy_assign(&problem, score, how == POPULARITY ? -HUGE_VAL : 0,
                            w->settings->seed, assigned, err));
  for (int32_t p = 0; p < problem.n_people; p++) {
    const bool is_new = w->is_new_person[problem.person[p]];
    const double worth =
        assigned[p] < 0 ? 0 : (double)problem.worth[(int64_t)p * problem.n_items + assigned[p]];
    /* New interventions are judged on people who are known. */
    if (is_new == (part == 0)) pfc_means_add(means, p, part * PER_PART + (int)how, worth, 1);
    if (!is_new && part == 0 && how == VALUE) pfc_means_add(means, p, OTHERS, worth, 1);
  }
done:
  pfc_free(score);
  pfc_free(allowed);
  pfc_free(assigned);
  return st;
}

/* --- figures --------------------------------------------------------------------------------
 */

/* Two columns, as their ratio or their difference. */
static pfc_status put_two(const pfc_means *t, int a, int b, bool is_ratio, const char *name,
                          cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *room = NULL, lo = NAN, hi = NAN;
  cJSON *figure = cJSON_AddObjectToObject(object, name);
  if (!figure) return pfc_fail_memory(err, "figures");
  PFC_NEW(room, t->n_resamples);
  for (int r = 0; r < t->n_resamples; r++) {
    const double *row = t->resampled + (int64_t)r * t->m;
    room[r] = is_ratio ? row[a] / row[b] : row[a] - row[b];
  }
  if (t->n_resamples > 0)
    PFC_TRY(pfc_percentile_interval(t->n_resamples, room, 1, &lo, &hi, err));
  const double x = t->value[a], y = t->value[b];
  PFC_TRY(pfc_json_put_number(figure, "value", is_ratio ? x / y : x - y, err));
  PFC_TRY(pfc_json_put_number(figure, "lo", lo, err));
  PFC_TRY(pfc_json_put_number(figure, "hi", hi, err));
done:
  pfc_free(room);
  return st;
}

static pfc_status put_part(const pfc_means *t, int part, cJSON *json, pfc_error *err) {
  static const char *const NAMES[] = {"value", "popularity", "known", "others"};
  pfc_status st = PFC_OK;
  const int first = part * PER_PART;
  cJSON *object = cJSON_AddObjectToObject(json, part == 0 ? "new_people" : "new_interventions");
  if (!object) return pfc_fail_memory(err, "figures");
  for (int k = 0; k < (part == 0 ? PER_PART : N_WAYS); k++)
    PFC_TRY(pfc_means_put(t, first + k, PFC_MEANS_PLAIN, NAMES[k], object, err));
  PFC_TRY(put_two(t, first + VALUE, first + KNOWN, true, "share_of_known", object, err));
  if (part == 0)
    PFC_TRY(put_two(t, first + VALUE, OTHERS, true, "share_of_others", object, err));
  PFC_TRY(put_two(t, first + VALUE, first + POPULARITY, false, "value_less_popularity", object,
                  err));
done:
  return st;
}

static int32_t count(const uint8_t *is_new, int32_t n) {
  int32_t sum = 0;
  for (int32_t k = 0; k < n; k++) sum += is_new[k];
  return sum;
}

static pfc_status put_all(const world *w, const pfc_means *t, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  char day[PFC_DATE_TEXT];
  pfc_date_format(w->problem->day, day);
  PFC_TRY(pfc_json_put_text(json, "day", day, err));
  PFC_TRY(pfc_json_put_number(json, "people", w->problem->n_people, err));
  PFC_TRY(pfc_json_put_number(json, "interventions", w->n_items, err));
  PFC_TRY(pfc_json_put_number(json, "hidden_interventions", count(w->is_new_item, w->n_items),
                              err));
  PFC_TRY(pfc_json_put_number(json, "horizon_days", w->settings->horizon_days, err));
  for (int part = 0; part < 2; part++) PFC_TRY(put_part(t, part, json, err));
done:
  return st;
}

pfc_status pfc_cold_run(const pfc_dataset *frame, const pfc_cold_settings *settings,
                        cJSON **json, pfc_error *err) {
  pfc_status st = PFC_OK;
  world w = {.settings = settings};
  pfc_means means = {0};
  cJSON *out = NULL;
  PFC_TRY(pfc_cold_check(settings, err));
  PFC_TRY(draw(&w, frame, err));
  PFC_TRY(learn(&w, err));
  PFC_TRY(pfc_means_init(&means, w.problem->n_people, N_COLUMNS, err));
  for (int part = 0; part < 2; part++)
    for (way how = 0; how < N_WAYS; how++) PFC_TRY(lead(&w, how, part, &means, err));
  PFC_TRY(pfc_means_draw(&means, settings->resamples, settings->seed, err));
  if (!(out = cJSON_CreateObject())) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  PFC_TRY(put_all(&w, &means, out, err));
  *json = out;
  out = NULL;
done:
  cJSON_Delete(out);
  pfc_means_clear(&means);
  world_clear(&w);
  return st;
}
