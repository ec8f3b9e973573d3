#include "bench/cold_start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "bench/cold_ceiling.h"
#include "datasets/catalogue.h"
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

/* --- what is hidden ---------------------------------------------------------------------- */

/* What is trained: on all data; without the traces of new people and interventions; without
 * those of new competencies; and popularity on either rest. */
typedef enum model { KNOWN, COLD, POPULAR, COLD_SKILLS, POPULAR_SKILLS, N_MODELS } model;

typedef struct world {
  const pfc_cold_settings *settings;
  pfc_dataset *ds, *rest, *rest_skills; /* all of it, and without what is hidden */
  pfc_truth *truth;
  pfc_policy_problem *problem;
  int32_t n_people, n_items, n_skills;
  uint8_t *is_new_person, *is_new_item, *is_new_skill; /* by code */
  uint8_t *aims_at_new; /* n_items: at new competencies and nothing else */
  pfc_bundle *bundle[N_MODELS];
} world;

static void world_clear(world *w) {
  pfc_policy_problem_destroy(w->problem);
  for (int m = 0; m < N_MODELS; m++) pfc_bundle_destroy(w->bundle[m]);
  pfc_dataset_destroy(w->rest);
  pfc_dataset_destroy(w->rest_skills);
  pfc_dataset_destroy(w->ds);
  pfc_truth_destroy(w->truth);
  pfc_free(w->is_new_person);
  pfc_free(w->is_new_item);
  pfc_free(w->is_new_skill);
  pfc_free(w->aims_at_new);
}

/* Each by a draw of its own, so that the same ones are hidden however many there are. */
static pfc_status draw_new(const world *w, const char *dictionary, int32_t *n, uint8_t **is_new,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *dict = pfc_dataset_find_dict(w->ds, dictionary);
  *n = pfc_dataset_count(w->ds, dictionary);
  PFC_NEW(*is_new, *n);
  for (int32_t k = 0; k < *n; k++) {
    pfc_rng rng;
    pfc_rng_init(&rng, w->settings->seed, dictionary, pfc_rng_id(pfc_dict_text(dict, k)));
    (*is_new)[k] = pfc_rng_uniform(&rng) < w->settings->share;
  }
done:
  return st;
}

static pfc_status find_aims(world *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_catalogue *cat = NULL;
  PFC_TRY(pfc_catalogue_create(w->ds, &cat, err));
  PFC_NEW(w->aims_at_new, w->n_items);
  for (int32_t i = 0; i < w->n_items; i++) {
    bool all = cat->first[i + 1] > cat->first[i];
    for (int32_t t = cat->first[i]; t < cat->first[i + 1]; t++)
      all = all && cat->competency[t] >= 0 && w->is_new_skill[cat->competency[t]];
    w->aims_at_new[i] = all;
  }
done:
  pfc_catalogue_destroy(cat);
  return st;
}

/* Where people, interventions and competencies leave traces. Who holds which role since when,
 * what interventions are about and what roles ask for is no trace. */
static const pfc_table_id TRACES[] = {
    PFC_ENROLMENTS,  PFC_ASSESSMENTS, PFC_EPISODES,     PFC_FEEDBACK,
    PFC_PERFORMANCE, PFC_PROJECTS,    PFC_APPLICATIONS,
};
enum { N_TRACES = sizeof TRACES / sizeof *TRACES };

/* Whose rows go, by code; NULL of those that stay. */
typedef struct hidden {
  const uint8_t *person, *item, *skill;
} hidden;

static pfc_status keep_rows(const pfc_dataset *ds, const hidden *h, pfc_table_id table,
                            uint8_t **keep, pfc_error *err) {
  static const char *const COLUMNS[] = {"person_id", "intervention_id", "competency_id"};
  const uint8_t *const goes[] = {h->person, h->item, h->skill};
  pfc_status st = PFC_OK;
  const int64_t n = ds->tables[table].n_rows;
  PFC_NEW(*keep, n);
  for (int64_t k = 0; k < n; k++) (*keep)[k] = 1;
  for (int c = 0; c < 3; c++) {
    const int32_t *code = pfc_dataset_codes(ds, table, COLUMNS[c]);
    for (int64_t k = 0; code && goes[c] && k < n; k++)
      if (code[k] >= 0 && goes[c][code[k]]) (*keep)[k] = 0;
  }
done:
  return st;
}

static pfc_status hide(const pfc_dataset *ds, const hidden *h, pfc_dataset **rest,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *keep[PFC_N_TABLES] = {NULL};
  for (int t = 0; t < N_TRACES; t++)
    if (ds->tables[TRACES[t]].n_columns > 0)
      PFC_TRY(keep_rows(ds, h, TRACES[t], &keep[TRACES[t]], err));
  PFC_TRY(pfc_dataset_filter(ds, (const uint8_t *const *)keep, rest, err));
  (*rest)->split = ds->split;
done:
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
  return st;
}

static pfc_status draw(world *w, const pfc_dataset *frame, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_cold_settings *s = w->settings;
  pfc_simulate_settings org = s->organisation;
  hidden newcomers = {0}, skills = {0};
  org.progress = s->progress;
  PFC_TRY(pfc_simulate(frame, &org, &w->ds, &w->truth, err));
  w->ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = org.last_day + 1 - s->days};
  PFC_TRY(draw_new(w, "person", &w->n_people, &w->is_new_person, err));
  PFC_TRY(draw_new(w, "intervention", &w->n_items, &w->is_new_item, err));
  PFC_TRY(draw_new(w, "competency", &w->n_skills, &w->is_new_skill, err));
  PFC_TRY(find_aims(w, err));
  newcomers = (hidden){.person = w->is_new_person, .item = w->is_new_item};
  skills.skill = w->is_new_skill;
  PFC_TRY(hide(w->ds, &newcomers, &w->rest, err));
  PFC_TRY(hide(w->ds, &skills, &w->rest_skills, err));
  PFC_TRY(pfc_policy_problem_create(w->ds, w->truth, w->ds->split.date, s->horizon_days, 0,
                                    s->seed, &w->problem, err));
done:
  return st;
}

static const pfc_dataset *data_of(const world *w, model m) {
  const pfc_dataset *const of[N_MODELS] = {w->ds, w->rest, w->rest, w->rest_skills,
                                           w->rest_skills};
  return of[m];
}

static bool is_popularity(model m) { return m == POPULAR || m == POPULAR_SKILLS; }

static pfc_status learn(world *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_train_report report;
  for (model m = 0; m < N_MODELS; m++) {
    pfc_train_settings train = w->settings->train;
    train.seed = w->settings->seed;
    train.progress = w->settings->progress;
    if (is_popularity(m)) train.baseline.kind = PFC_BASELINE_POPULARITY;
    PFC_TRY(pfc_train(data_of(w, m), &train, &w->bundle[m], &report, err));
  }
done:
  return st;
}

/* --- who gains what ---------------------------------------------------------------------- */

/* Out of what people are led, and who is judged. */
typedef enum part { PEOPLE, ITEMS, ITEMS_AMONG, SKILLS, SKILLS_AMONG, N_PARTS } part;

static const struct {
  const char *name;
  model by_value, by_popularity;
} PARTS[N_PARTS] = {
    {"new_people", COLD, POPULAR},
    {"new_interventions", COLD, POPULAR},
    {"new_among_old", COLD, POPULAR},
    {"new_competencies", COLD_SKILLS, POPULAR_SKILLS},
    {"new_competencies_among_old", COLD_SKILLS, POPULAR_SKILLS},
};

/* Columns of means: of each part by each of these ways; of lists in which new interventions
 * stand among old ones, by value and had all been known, who is led to a new one and what those
 * led to either gain; what is gained out of the old ones alone; and what could be gained. */
enum { VALUE, POPULARITY, HAD_BEEN_KNOWN, N_WAYS };
enum { LED_TO_NEW, NEW_LISTED, OLD_LISTED, PER_LIST };
enum {
  LISTS = N_PARTS * N_WAYS,
  KNOWN_LISTS = LISTS + PER_LIST,
  WITHOUT_NEW = KNOWN_LISTS + PER_LIST,
  CEILING, /* of ITEMS, then of ITEMS_AMONG */
  N_COLUMNS = CEILING + 2
};

static int column(part p, int way) { return (int)p * N_WAYS + way; }

static bool is_offered(const world *w, part p, int32_t item) {
  if (p == ITEMS) return w->is_new_item[item];
  if (p == SKILLS) return w->aims_at_new[item];
  return true;
}

/* New interventions are judged on people who are known. */
static bool is_judged(const world *w, part p, int32_t person) {
  if (p == SKILLS || p == SKILLS_AMONG) return true;
  return w->is_new_person[person] == (p == PEOPLE);
}

/* What the scores of one model lead everybody to. */
typedef struct led {
  const world *w;
  pfc_policy_problem problem; /* with rules of its own */
  uint8_t *allowed, *offered; /* the latter n_items */
  float *score;
  int32_t *assigned;
} led;

static double worth_of(const led *l, int32_t p) {
  const pfc_policy_problem *problem = &l->problem;
  if (l->assigned[p] < 0) return 0;
  return (double)problem->worth[(int64_t)p * problem->n_items + l->assigned[p]];
}

/* Leads everybody out of what is offered. */
static pfc_status lead(led *l, model m, pfc_error *err) {
  const pfc_policy_problem *all = l->w->problem;
  const int64_t pairs = (int64_t)all->n_people * all->n_items;
  for (int64_t k = 0; k < pairs; k++)
    l->allowed[k] = all->allowed[k] && l->offered[k % all->n_items];
  return pfc_policy_assign(&l->problem, l->score, is_popularity(m) ? -HUGE_VAL : 0,
                           l->w->settings->seed, l->assigned, err);
}

static void add_all(const led *l, part p, int to, pfc_means *means) {
  for (int32_t i = 0; i < l->problem.n_people; i++)
    if (is_judged(l->w, p, l->problem.person[i]))
      pfc_means_add(means, i, to, worth_of(l, i), 1);
}

static void add_lists(const led *l, int to, pfc_means *means) {
  for (int32_t i = 0; i < l->problem.n_people; i++) {
    if (!is_judged(l->w, ITEMS_AMONG, l->problem.person[i])) continue;
    const bool is_new = l->assigned[i] >= 0 && l->w->is_new_item[l->assigned[i]];
    pfc_means_add(means, i, to + LED_TO_NEW, is_new, 1);
    if (l->assigned[i] >= 0)
      pfc_means_add(means, i, to + (is_new ? NEW_LISTED : OLD_LISTED), worth_of(l, i), 1);
  }
}

static int way_of(part p, model m) {
  if (m == KNOWN) return HAD_BEEN_KNOWN;
  if (m == PARTS[p].by_value) return VALUE;
  return m == PARTS[p].by_popularity ? POPULARITY : -1;
}

static pfc_status lead_without_new(led *l, pfc_means *means, pfc_error *err) {
  for (int32_t i = 0; i < l->w->n_items; i++) l->offered[i] = !l->w->is_new_item[i];
  const pfc_status st = lead(l, COLD, err);
  if (st == PFC_OK) add_all(l, ITEMS_AMONG, WITHOUT_NEW, means);
  return st;
}

static pfc_status lead_all(led *l, model m, pfc_means *means, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (part p = 0; p < N_PARTS; p++) {
    const int way = way_of(p, m);
    if (way < 0) continue;
    for (int32_t i = 0; i < l->w->n_items; i++) l->offered[i] = is_offered(l->w, p, i);
    PFC_TRY(lead(l, m, err));
    add_all(l, p, column(p, way), means);
    if (p == ITEMS_AMONG && way == VALUE) add_lists(l, LISTS, means);
    if (p == ITEMS_AMONG && way == HAD_BEEN_KNOWN) add_lists(l, KNOWN_LISTS, means);
  }
  if (m == COLD) PFC_TRY(lead_without_new(l, means, err));
done:
  return st;
}

/* By the truth of everything but of what the new ones are like. Spoils the truth. */
static pfc_status lead_by_truth(led *l, const world *w, pfc_means *means, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_policy_problem *ceiling = NULL;
  float *const own = l->score;
  PFC_TRY(pfc__cold_average(w->ds, w->is_new_item, w->truth, err));
  PFC_TRY(pfc_policy_problem_create(w->ds, w->truth, w->problem->day, w->problem->horizon_days,
                                    0, w->settings->seed, &ceiling, err));
  l->score = ceiling->worth;
  for (part p = ITEMS; p <= ITEMS_AMONG; p++) {
    for (int32_t i = 0; i < w->n_items; i++) l->offered[i] = is_offered(w, p, i);
    PFC_TRY(lead(l, KNOWN, err));
    add_all(l, p, CEILING + (int)p - ITEMS, means);
  }
done:
  l->score = own;
  pfc_policy_problem_destroy(ceiling);
  return st;
}

static pfc_status score_and_lead(const world *w, pfc_means *means, pfc_error *err) {
  pfc_status st = PFC_OK;
  led l = {.w = w, .problem = *w->problem};
  const int64_t pairs = (int64_t)l.problem.n_people * l.problem.n_items;
  PFC_NEW(l.score, pairs);
  PFC_NEW(l.allowed, pairs);
  PFC_NEW(l.offered, l.problem.n_items);
  PFC_NEW(l.assigned, l.problem.n_people);
  l.problem.allowed = l.allowed;
  const pfc_policy_scores wanted = {.value = l.score};
  for (model m = 0; m < N_MODELS; m++) {
    PFC_TRY(pfc_policy_score(w->bundle[m], data_of(w, m), w->problem, &wanted, err));
    PFC_TRY(lead_all(&l, m, means, err));
  }
  PFC_TRY(lead_by_truth(&l, w, means, err));
done:
  pfc_free(l.score);
  pfc_free(l.allowed);
  pfc_free(l.offered);
  pfc_free(l.assigned);
  return st;
}

/* --- figures ----------------------------------------------------------------------------- */

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

static pfc_status put_lists(const pfc_means *t, cJSON *object, pfc_error *err) {
  static const char *const NAMES[2][PER_LIST] = {
      {"led_to_new", "new_listed", "old_listed"},
      {"known_led_to_new", "known_new_listed", "known_old_listed"}};
  static const int FIRST[2] = {LISTS, KNOWN_LISTS};
  pfc_status st = PFC_OK;
  for (int g = 0; g < 2; g++)
    for (int k = 0; k < PER_LIST; k++)
      PFC_TRY(pfc_means_put(t, FIRST[g] + k, PFC_MEANS_PLAIN, NAMES[g][k], object, err));
  PFC_TRY(pfc_means_put(t, WITHOUT_NEW, PFC_MEANS_PLAIN, "without_new", object, err));
  PFC_TRY(put_two(t, LISTS + NEW_LISTED, LISTS + OLD_LISTED, true, "new_share_of_old_listed",
                  object, err));
  PFC_TRY(put_two(t, column(ITEMS_AMONG, VALUE), WITHOUT_NEW, false, "value_less_without_new",
                  object, err));
done:
  return st;
}

static pfc_status put_part(const pfc_means *t, part p, cJSON *json, pfc_error *err) {
  static const char *const NAMES[N_WAYS] = {"value", "popularity", "known"};
  pfc_status st = PFC_OK;
  const int value = column(p, VALUE), others = column(ITEMS_AMONG, VALUE);
  cJSON *object = cJSON_AddObjectToObject(json, PARTS[p].name);
  if (!object) return pfc_fail_memory(err, "figures");
  for (int k = 0; k < N_WAYS; k++)
    PFC_TRY(pfc_means_put(t, column(p, k), PFC_MEANS_PLAIN, NAMES[k], object, err));
  if (p == PEOPLE) PFC_TRY(pfc_means_put(t, others, PFC_MEANS_PLAIN, "others", object, err));
  PFC_TRY(put_two(t, value, column(p, HAD_BEEN_KNOWN), true, "share_of_known", object, err));
  if (p == PEOPLE) PFC_TRY(put_two(t, value, others, true, "share_of_others", object, err));
  PFC_TRY(
      put_two(t, value, column(p, POPULARITY), false, "value_less_popularity", object, err));
  if (p == ITEMS || p == ITEMS_AMONG) {
    const int ceiling = CEILING + (int)p - ITEMS;
    PFC_TRY(pfc_means_put(t, ceiling, PFC_MEANS_PLAIN, "ceiling", object, err));
    PFC_TRY(put_two(t, ceiling, column(p, HAD_BEEN_KNOWN), true, "ceiling_share_of_known",
                    object, err));
  }
  if (p == ITEMS_AMONG) PFC_TRY(put_lists(t, object, err));
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
  const struct {
    const char *name;
    int32_t n;
  } counts[] = {
      {"people", w->problem->n_people},
      {"interventions", w->n_items},
      {"hidden_interventions", count(w->is_new_item, w->n_items)},
      {"competencies", w->n_skills},
      {"hidden_competencies", count(w->is_new_skill, w->n_skills)},
      {"interventions_at_hidden_competencies", count(w->aims_at_new, w->n_items)},
      {"horizon_days", w->settings->horizon_days},
  };
  char day[PFC_DATE_TEXT];
  pfc_date_format(w->problem->day, day);
  PFC_TRY(pfc_json_put_text(json, "day", day, err));
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    PFC_TRY(pfc_json_put_number(json, counts[k].name, counts[k].n, err));
  for (part p = 0; p < N_PARTS; p++) PFC_TRY(put_part(t, p, json, err));
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
  PFC_TRY(score_and_lead(&w, &means, err));
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
