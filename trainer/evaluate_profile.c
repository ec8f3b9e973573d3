/* Judging the profile model: test ratings, each predicted as it was given, by its source and
 * rater, from what was known before its day. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "datasets/split.h"
#include "models/levels.h"
#include "trainer/crude_levels.h"
#include "trainer/evaluate_internal.h"
#include "trainer/two_way.h"

static const double Z90 = 1.6448536269514722; /* of an interval that holds 0.9 */
enum { N_QUANTILES = 3, TWO_WAY = PFC_N_CRUDE, N_SIMPLE };
static const double QUANTILE[N_QUANTILES] = {0.05, 0.5, 0.95};

typedef struct asked {
  int32_t person, competency, day, source, rater;
  double level;
} asked;

/* What was said of n test ratings, as figures need it. */
typedef struct judged {
  int64_t n;
  const double *y, *mean;
  const double *is_inside; /* 1: in the interval of 0.9 */
  const double *pinball;   /* mean over the quantiles */
  const double *nll;
  const double *simple; /* what a simple rule said; NULL: none */
} judged;

/* One contender's answers. */
typedef struct answers {
  double *mean, *is_inside, *pinball, *nll;
} answers;

typedef struct ratings {
  pfc__evaluation *e;
  pfc_evidence *all;   /* of the dataset; of which those of test rows are asked */
  pfc_evidence *known; /* what is known, where dates alone do not tell; NULL: `all` */
  pfc_requirements *requirements;
  int64_t n;
  asked *at;      /* by source, person, day, competency */
  int64_t *order; /* the same by person, day */
  int64_t *first; /* n_people + 1: places in `order` */
  double *y;
  int32_t *person;
  double *simple[N_SIMPLE];
  answers said[PFC_MAX_CONTESTANTS];
  judged judged[PFC_MAX_CONTESTANTS];
} ratings;

static const pfc_evidence *known_of(const ratings *r) { return r->known ? r->known : r->all; }

/* --- which ratings --------------------------------------------------------------------------
 */

#define COMPARE(a, b, field) \
  if ((a)->field != (b)->field) return (a)->field < (b)->field ? -1 : 1

static int by_source(const void *left, const void *right) {
  const asked *a = left, *b = right;
  COMPARE(a, b, source);
  COMPARE(a, b, person);
  COMPARE(a, b, day);
  COMPARE(a, b, competency);
  return 0;
}

static pfc_status list_test_ratings(ratings *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *e = r->all;
  uint8_t *is_test = NULL;
  int64_t capacity = 0;
  PFC_NEW(is_test, r->e->ds->tables[PFC_ASSESSMENTS].n_rows);
  PFC_TRY(pfc_split_mark(r->e->ds, PFC_ASSESSMENTS, is_test, err));
  for (int32_t p = 0; p < e->n_people; p++) {
    for (int64_t k = e->first_seen[p]; k < e->first_seen[p + 1]; k++) {
      const pfc_seen *at = &e->seen[k];
      if (!is_test[at->row]) continue;
      PFC_RESERVE(r->at, capacity, r->n + 1);
      r->at[r->n++] = (asked){p, at->competency, at->day, at->source, at->rater, at->level};
    }
  }
  if (r->n > 0) qsort(r->at, (size_t)r->n, sizeof *r->at, by_source);
done:
  pfc_free(is_test);
  return st;
}

/* Counting sort: within a person the order stays that of sources, which changes nothing. */
static pfc_status order_by_person(ratings *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_people = r->all->n_people;
  PFC_NEW(r->first, (size_t)n_people + 2);
  PFC_NEW(r->order, r->n);
  PFC_NEW(r->y, r->n);
  PFC_NEW(r->person, r->n);
  for (int64_t i = 0; i < r->n; i++) {
    r->y[i] = r->at[i].level;
    r->person[i] = r->at[i].person;
    r->first[r->person[i] + 2]++;
  }
  for (int32_t p = 0; p < n_people; p++) r->first[p + 2] += r->first[p + 1];
  for (int64_t i = 0; i < r->n; i++) r->order[r->first[r->person[i] + 1]++] = i;
done:
  return st;
}

/* Where days tell what came before what, all the history that precedes a rating is known, test
 * rows or not, as everywhere in an evaluation; a split that deals rows leaves what training
 * saw.
 */
static bool goes_by_days(const pfc_split *split) {
  return split->kind == PFC_SPLIT_AT || split->kind == PFC_SPLIT_PERSON;
}

static pfc_status open_ratings(ratings *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__evaluation *e = r->e;
  PFC_TRY(pfc_evidence_create(e->ds, e->history, &r->all, err));
  if (!goes_by_days(&e->ds->split))
    PFC_TRY(pfc_evidence_create(e->training, e->training_history, &r->known, err));
  PFC_TRY(pfc_requirements_create(e->ds, &r->requirements, err));
  PFC_TRY(list_test_ratings(r, err));
  PFC_TRY(order_by_person(r, err));
done:
  return st;
}

static void ratings_clear(ratings *r) {
  pfc_evidence_destroy(r->all);
  pfc_evidence_destroy(r->known);
  pfc_requirements_destroy(r->requirements);
  pfc_free(r->at);
  pfc_free(r->order);
  pfc_free(r->first);
  pfc_free(r->y);
  pfc_free(r->person);
  for (int k = 0; k < N_SIMPLE; k++) pfc_free(r->simple[k]);
  for (int i = 0; i < PFC_MAX_CONTESTANTS; i++) {
    pfc_free(r->said[i].mean);
    pfc_free(r->said[i].is_inside);
    pfc_free(r->said[i].pinball);
    pfc_free(r->said[i].nll);
  }
}

/* --- simple rules ------------------------------------------------------------------------- */

static const char *simple_name(int k) {
  return k < PFC_N_CRUDE ? pfc_crude_name((pfc_crude)k) : "person_competency_means";
}

/* Where nobody rated the cell, the competency's mean. */
static pfc_status ask_simple(ratings *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evidence *known = known_of(r);
  int32_t *rank = NULL;
  pfc_two_way two_way = {0};
  pfc_evidence *training = NULL;
  PFC_NEW(rank, known->n_sources);
  for (int k = 0; k < N_SIMPLE; k++) PFC_NEW(r->simple[k], r->n);
  if (!r->known)
    PFC_TRY(pfc_evidence_create(r->e->training, r->e->training_history, &training, err));
  PFC_TRY(pfc_two_way_fit(training ? training : known, &two_way, err));
  pfc_crude_ranks(r->e->ds, known, rank);
  for (int64_t i = 0; i < r->n; i++) {
    const asked *at = &r->at[i];
    double level[PFC_N_CRUDE];
    const bool is_rated =
        pfc_crude_levels(known, rank, at->person, at->competency, at->day, level);
    for (int k = 0; k < PFC_N_CRUDE; k++)
      r->simple[k][i] = is_rated ? level[k] : two_way.plain[at->competency];
    r->simple[TWO_WAY][i] = two_way.mean + two_way.competency[at->competency] +
                            pfc_two_way_person(&two_way, known, at->person, at->day);
  }
done:
  pfc_free(rank);
  pfc_two_way_clear(&two_way);
  pfc_evidence_destroy(training);
  return st;
}

/* --- the model ------------------------------------------------------------------------------
 */

typedef struct asking {
  const ratings *r;
  const pfc_profile *profile;
  const pfc_levels *levels;
  int n_threads;
  pfc_levels_person **known; /* n_threads */
  answers *said;
} asking;

static void note(const asking *a, int64_t i, double mean, double sd) {
  const double error = a->r->y[i] - mean, z = error / sd;
  double pinball = 0;
  for (int q = 0; q < N_QUANTILES; q++) {
    const double off = error - (q - 1) * Z90 * sd;
    pinball += fmax(QUANTILE[q] * off, (QUANTILE[q] - 1) * off);
  }
  a->said->mean[i] = mean;
  a->said->is_inside[i] = fabs(z) <= Z90;
  a->said->pinball[i] = pinball / N_QUANTILES;
  a->said->nll[i] = 0.5 * (log(2 * M_PI) + z * z) + log(sd);
}

/* The level as that source and rater would tell it. */
static void predict(const asking *a, int64_t i, const pfc_level *level) {
  const asked *at = &a->r->at[i];
  const pfc_profile *p = a->profile;
  const pfc_profile_source *source = at->source < 0 ? &p->unknown : &p->source[at->source];
  const int64_t rater = pfc_profile_find_rater(p, at->source, at->rater);
  const double middle = (p->scale_min + p->scale_max) / 2;
  const double leniency = rater < 0 ? 0 : (double)p->rater[rater];
  const double doubt =
      rater < 0 ? source->leniency * source->leniency : (double)p->rater_var[rater];
  const double spread = source->slope * level->sd;
  note(a, i, middle + source->bias + source->slope * (level->mean - middle) + leniency,
       sqrt(spread * spread + source->noise * source->noise + doubt));
}

static pfc_status ask_person(int thread, int64_t person, void *user, pfc_error *err) {
  const asking *a = user;
  const ratings *r = a->r;
  pfc_levels_person *known = a->known[thread];
  int32_t looked = 0;
  bool has_looked = false;
  for (int64_t k = r->first[person]; k < r->first[person + 1]; k++) {
    const asked *at = &r->at[r->order[k]];
    pfc_level level;
    if (!has_looked || at->day != looked) {
      const pfc_status st = pfc_levels_look(a->levels, (int32_t)person, at->day, known, err);
      if (st != PFC_OK) return st;
      looked = at->day;
      has_looked = true;
    }
    pfc_levels_tell(a->levels, known, 1, &at->competency, at->day, &level);
    predict(a, r->order[k], &level);
  }
  return PFC_OK;
}

static pfc_status ask_all(asking *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  a->n_threads = pfc_par_threads();
  PFC_NEW(a->known, a->n_threads);
  for (int t = 0; t < a->n_threads; t++)
    PFC_TRY(pfc_levels_person_create(a->levels, &a->known[t], err));
  PFC_TRY(pfc_par_each(a->r->all->n_people, 16, a->r->n > 1000, ask_person, a, err));
done:
  for (int t = 0; a->known && t < a->n_threads; t++) pfc_levels_person_destroy(a->known[t]);
  pfc_free(a->known);
  return st;
}

static pfc_status ask(ratings *r, pfc__panel *panel, int who, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = r->e->at[who].is->bundle;
  pfc_profile profile = {0};
  pfc_levels *levels = NULL;
  answers *said = &r->said[panel->n];
  PFC_NEW(said->mean, r->n);
  PFC_NEW(said->is_inside, r->n);
  PFC_NEW(said->pinball, r->n);
  PFC_NEW(said->nll, r->n);
  PFC_TRY(pfc_bundle_align_profile(b, r->e->ds, &profile, err));
  PFC_TRY(pfc_levels_create(&profile, known_of(r), r->requirements, &levels, err));
  asking a = {.r = r, .profile = &profile, .levels = levels, .said = said};
  PFC_TRY(ask_all(&a, err));
  r->judged[panel->n] =
      (judged){r->n, r->y, said->mean, said->is_inside, said->pinball, said->nll, NULL};
  panel->judged[panel->n] = &r->judged[panel->n];
  panel->who[panel->n++] = who;
done:
  pfc_levels_destroy(levels);
  pfc_profile_clear(&profile);
  return st;
}

/* --- figures --------------------------------------------------------------------------------
 */

static pfc_status rmse(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_rmse(j->n, j->mean, j->y, w);
  return PFC_OK;
}

static pfc_status mae(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_mae(j->n, j->mean, j->y, w);
  return PFC_OK;
}

static pfc_status coverage(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc__weighted_mean(j->n, j->is_inside, w);
  return PFC_OK;
}

static pfc_status pinball(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc__weighted_mean(j->n, j->pinball, w);
  return PFC_OK;
}

static pfc_status nll(const double *w, const void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc__weighted_mean(j->n, j->nll, w);
  return PFC_OK;
}

/* By which share the model's error is smaller than the simple rule's. */
static pfc_status improvement(const double *w, const void *user, double *value,
                              pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = 1 - pfc_rmse(j->n, j->mean, j->y, w) / pfc_rmse(j->n, j->simple, j->y, w);
  return PFC_OK;
}

static const pfc__figure FIGURES[] = {{"rmse", "lower", rmse},
                                      {"mae", "lower", mae},
                                      {"coverage90", "nearer 0.9", coverage},
                                      {"pinball", "lower", pinball},
                                      {"nll", "lower", nll}};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES, BESIDE = 2, OF_SOURCE = 3 };

/* --- told -----------------------------------------------------------------------------------
 */

/* Errors of simple rules beside those of the models. */
static pfc_status put_simple(const ratings *r, const pfc__panel *panel, int figure,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < N_SIMPLE; k++) {
    const judged as = {.n = r->n, .y = r->y, .mean = r->simple[k]};
    double value;
    PFC_TRY(FIGURES[figure].fn(NULL, &as, &value, err));
    for (int i = 0; i < panel->n; i++) {
      cJSON *told = cJSON_GetObjectItemCaseSensitive(panel->object[i], FIGURES[figure].name);
      cJSON *beside = cJSON_GetObjectItemCaseSensitive(told, "baselines");
      PFC_TRY(pfc_json_put_number(beside, simple_name(k), value, err));
    }
  }
done:
  return st;
}

/* "improvement": a figure for each simple rule. */
static pfc_status put_improvements(const ratings *r, const pfc__panel *all, pfc_error *err) {
  pfc_status st = PFC_OK;
  judged pair[PFC_MAX_CONTESTANTS];
  pfc__panel panel = *all;
  panel.section = "profile.improvement";
  PFC_TRY(pfc__panel_open(r->e, &panel, err));
  for (int k = 0; k < N_SIMPLE; k++) {
    const pfc__figure figure = {simple_name(k), NULL, improvement};
    for (int i = 0; i < panel.n; i++) {
      pair[i] = r->judged[i];
      pair[i].simple = r->simple[k];
      panel.judged[i] = &pair[i];
    }
    PFC_TRY(pfc__put_figure(r->e, &panel, &figure, err));
  }
done:
  return st;
}

static judged part_of(const judged *j, int64_t from, int64_t to) {
  return (judged){
      to - from,     j->y + from, j->mean + from, j->is_inside + from, j->pinball + from,
      j->nll + from, NULL};
}

/* A dot would part the name of a figure. */
static void source_key(const ratings *r, int32_t source, char *key, size_t size) {
  const pfc_dict *sources = pfc_dataset_find_dict(r->e->ds, "source");
  (void)snprintf(key, size, "%s", source < 0 ? "unknown" : pfc_dict_text(sources, source));
  for (char *c = key; *c; c++) *c = *c == '.' ? '_' : *c;
}

static pfc_status put_source(const ratings *r, const pfc__panel *all, int64_t from, int64_t to,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  char key[64];
  judged part[PFC_MAX_CONTESTANTS];
  pfc__panel panel = *all;
  panel.rows.n = to - from;
  panel.rows.person = r->person + from;
  source_key(r, r->at[from].source, key, sizeof key);
  for (int i = 0; i < panel.n; i++) {
    part[i] = part_of(&r->judged[i], from, to);
    panel.judged[i] = &part[i];
    cJSON *by_source = pfc__put_object(all->object[i], "by_source");
    panel.object[i] = by_source ? pfc__put_object(by_source, key) : NULL;
    if (!panel.object[i]) return pfc_fail_memory(err, "figures");
  }
  for (int f = 0; f < OF_SOURCE; f++) {
    const pfc__figure figure = {FIGURES[f].name, NULL, FIGURES[f].fn};
    PFC_TRY(pfc__put_figure(r->e, &panel, &figure, err));
  }
done:
  return st;
}

static pfc_status put_sources(const ratings *r, const pfc__panel *all, pfc_error *err) {
  int64_t to;
  for (int64_t from = 0; from < r->n; from = to) {
    for (to = from + 1; to < r->n && r->at[to].source == r->at[from].source;) to++;
    const pfc_status st = put_source(r, all, from, to, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

pfc_status pfc__evaluate_profile(pfc__evaluation *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool has_any = false;
  ratings r = {.e = e};
  pfc__panel panel = {.section = "profile"};
  for (int i = 0; i < e->n; i++)
    has_any |= e->at[i].is->bundle && e->at[i].is->bundle->has_profile;
  if (!has_any) return PFC_OK;
  PFC_TRY(open_ratings(&r, err));
  if (r.n == 0) goto done;
  for (int i = 0; i < e->n; i++)
    if (e->at[i].is->bundle && e->at[i].is->bundle->has_profile)
      PFC_TRY(ask(&r, &panel, i, err));
  PFC_TRY(ask_simple(&r, err));
  if (panel.n == 2)
    pfc__lose(e, r.n, r.person, (const double *const[2]){r.judged[0].nll, r.judged[1].nll});
  panel.rows = (pfc_owned){r.n, r.person, e->history->n_people};
  PFC_TRY(pfc__panel_open(e, &panel, err));
  for (int f = 0; f < N_FIGURES; f++) PFC_TRY(pfc__put_figure(e, &panel, &FIGURES[f], err));
  for (int f = 0; f < BESIDE; f++) PFC_TRY(put_simple(&r, &panel, f, err));
  PFC_TRY(put_improvements(&r, &panel, err));
  PFC_TRY(put_sources(&r, &panel, err));
done:
  ratings_clear(&r);
  return st;
}
