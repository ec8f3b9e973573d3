/* What is said of those recommended, against the truth: whoever picks the best of many numbers
 * picks those that happen to be too high as well, so that numbers which are right on average
 * may be wrong on lists (the winner's curse). Lists are those that `recommend --all --top 3`
 * gives on the day of the split; what had to be listed (mandates, overrides) is left out. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "engine/recommend.h"
#include "trainer/metrics.h"
#include "trainer/recovery_internal.h"

enum { TOP = 3, ROOM = 20 }; /* places for what must be listed beside them */

/* Chances that are held against true ones. */
typedef enum chance_id { ACCEPT, SUCCESS, N_CHANCES } chance_id;
static const char *const CHANCES[N_CHANCES] = {"accept", "success"};

/* Means over the pairs. */
enum { GAP = 0, WITHIN = N_CHANCES, INEFFECTIVE, HARMFUL, N_COLUMNS };

typedef struct lists {
  const pfc__recovery *r;
  const pfc_scorer *scorer;
  int64_t n;
  int32_t *intervention; /* in the order in which they are first listed */
  int32_t *place;        /* of every intervention in that order, -1 not listed */
  int32_t n_listed;
  double *told[N_CHANCES], *truth[N_CHANCES];
  int64_t room[1 + 2 * N_CHANCES];
  pfc_means means;
} lists;

static void lists_clear(lists *l) {
  pfc_free(l->intervention);
  pfc_free(l->place);
  for (int k = 0; k < N_CHANCES; k++) {
    pfc_free(l->told[k]);
    pfc_free(l->truth[k]);
  }
  pfc_means_clear(&l->means);
}

/* --- one pair -------------------------------------------------------------------------------
 */

static pfc_status reserve(lists *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(l->intervention, l->room[0], l->n + 1);
  for (int k = 0; k < N_CHANCES; k++) {
    PFC_RESERVE(l->told[k], l->room[1 + k], l->n + 1);
    PFC_RESERVE(l->truth[k], l->room[1 + N_CHANCES + k], l->n + 1);
  }
done:
  return st;
}

/* How much of the true time's distribution, of those who reach the main target within the
 * horizon, p10 to p90 hold; of people who hold its level already nothing is told. */
static void add_time(lists *l, int32_t person, const pfc_score *s) {
  const pfc__recovery *r = l->r;
  const int32_t c = pfc_scorer_catalogue(l->scorer)->competency[s->target];
  const int32_t p = r->match.person[person], i = r->match.intervention[s->intervention];
  if (isnan(s->quantile_days[0]) || c < 0) return;
  const int64_t target = pfc_truth_target(r->truth, i, r->match.competency[c]);
  if (target < 0 || isnan((double)r->truth->target_to[target])) return;
  if (pfc_truth_level(r->truth, p, r->match.competency[c], r->day) >=
      (double)r->truth->target_to[target])
    return;
  const double horizon = r->bundle->time.horizon_days;
  double by[3];
  const double days[3] = {s->quantile_days[0], s->quantile_days[2], horizon};
  for (int k = 0; k < 3; k++)
    by[k] = pfc__true_reach(r, person, s->intervention, target, r->day, days[k]);
  pfc_means_add(&l->means, person, WITHIN, by[1] - by[0], by[2]);
}

static pfc_status add_pair(lists *l, int32_t person, const pfc_score *s, pfc_error *err) {
  const pfc__recovery *r = l->r;
  const int32_t p = r->match.person[person], i = r->match.intervention[s->intervention];
  const double effect = (double)r->truth->effect[i];
  const pfc_status st = reserve(l, err);
  if (st != PFC_OK) return st;
  int32_t *place = &l->place[s->intervention];
  if (*place < 0) *place = l->n_listed++;
  l->intervention[l->n] = *place;
  l->told[ACCEPT][l->n] = s->accept;
  l->truth[ACCEPT][l->n] = pfc_truth_accept(r->truth, p, i, r->day);
  l->told[SUCCESS][l->n] = s->p_success;
  l->truth[SUCCESS][l->n] = pfc_truth_success(r->truth, p, i, r->day);
  for (int k = 0; k < N_CHANCES; k++)
    if (!isnan(l->told[k][l->n]))
      pfc_means_add(&l->means, person, GAP + k, l->told[k][l->n] - l->truth[k][l->n], 1);
  pfc_means_add(&l->means, person, INEFFECTIVE, effect <= 0, 1);
  pfc_means_add(&l->means, person, HARMFUL, effect < 0, 1);
  l->n++;
  add_time(l, person, s);
  return PFC_OK;
}

static pfc_status add_list(const pfc_list *list, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  int n = 0;
  for (int k = 0; k < list->n && n < TOP && st == PFC_OK; k++) {
    if (list->at[k].why != PFC_FOR_VALUE) continue;
    st = add_pair(user, list->person, &list->at[k].score, err);
    n++;
  }
  return st;
}

static pfc_status recommend(lists *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__recovery *r = l->r;
  int32_t *people = NULL, n = 0;
  pfc_recommend_settings settings;
  pfc_recommend_defaults(&settings);
  settings.choice.top = TOP + ROOM;
  PFC_NEW(people, r->history->n_people);
  for (int32_t p = 0; p < r->history->n_people; p++)
    if (pfc_truth_is_there(r->truth, r->match.person[p], r->day)) people[n++] = p;
  PFC_TRY(pfc_recommend(l->scorer, n, people, &settings, add_list, l, NULL, err));
done:
  pfc_free(people);
  return st;
}

/* --- figures --------------------------------------------------------------------------------
 */

/* Calibration slopes: the logistic regression of what is true on the logit of what is told,
 * each pair counted as both results with the true chances as weights. Their intervals draw
 * interventions and not people: what is told wrong of one is told wrong of all who are led to
 * it, and thousands of pairs rest on some twenty of them. */
typedef struct doubled {
  const lists *l;
  chance_id id;
  int64_t n; /* 2 l->n */
  double *p;
  int8_t *y;
} doubled;

static pfc_status doubled_init(doubled *d, const lists *l, chance_id id, pfc_error *err) {
  pfc_status st = PFC_OK;
  *d = (doubled){.l = l, .id = id, .n = 2 * l->n};
  PFC_NEW(d->p, d->n);
  PFC_NEW(d->y, d->n);
  for (int64_t k = 0; k < d->n; k++) {
    d->p[k] = l->told[id][k / 2];
    d->y[k] = k % 2;
  }
done:
  return st;
}

static pfc_status slope(const double *w, void *user, double *value, pfc_error *err) {
  doubled d = *(const doubled *)user;
  pfc_status st = PFC_OK;
  double *weight = NULL, intercept;
  PFC_NEW(weight, d.n);
  for (int64_t k = 0; k < d.n; k++) {
    const double truth = d.l->truth[d.id][k / 2];
    weight[k] = (w ? w[k / 2] : 1) * (d.y[k] ? truth : 1 - truth);
  }
  PFC_TRY(pfc_calibration(d.n, d.p, d.y, weight, value, &intercept, err));
done:
  pfc_free(weight);
  return st;
}

static pfc_status put_chance(lists *l, chance_id id, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  doubled d = {0};
  cJSON *part = NULL;
  PFC_TRY(pfc__put_part(object, CHANCES[id], &part, err));
  PFC_TRY(pfc_means_put(&l->means, GAP + (int)id, PFC_MEANS_PLAIN, "mean_gap", part, err));
  PFC_TRY(doubled_init(&d, l, id, err));
  const pfc_owned rows = {l->n, l->intervention, l->n_listed};
  static const char *const NAMES[] = {"calibration_slope"};
  PFC_TRY(pfc__put_figures(l->r, &rows, 1, slope, &d, NAMES, &part, err));
done:
  pfc_free(d.p);
  pfc_free(d.y);
  return st;
}

/* Share of the catalogue's interventions that do nothing or harm. */
static double ineffective_share(const pfc__recovery *r, bool is_harm) {
  int32_t n = 0;
  for (int32_t i = 0; i < r->cat->n_interventions; i++) {
    const double effect = (double)r->truth->effect[r->match.intervention[i]];
    n += is_harm ? effect < 0 : effect <= 0;
  }
  return r->cat->n_interventions > 0 ? (double)n / r->cat->n_interventions : (double)NAN;
}

static pfc_status put_programmes(const lists *l, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *part = NULL;
  PFC_TRY(pfc__put_part(object, "programmes", &part, err));
  PFC_TRY(pfc_means_put(&l->means, INEFFECTIVE, PFC_MEANS_PLAIN, "ineffective", part, err));
  PFC_TRY(pfc_means_put(&l->means, HARMFUL, PFC_MEANS_PLAIN, "harmful", part, err));
  PFC_TRY(pfc_json_put_number(part, "ineffective_in_catalogue", ineffective_share(l->r, false),
                              err));
  PFC_TRY(
      pfc_json_put_number(part, "harmful_in_catalogue", ineffective_share(l->r, true), err));
done:
  return st;
}

static pfc_status put_all(lists *l, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_bundle *b = l->r->bundle;
  cJSON *part = NULL;
  PFC_TRY(pfc_means_draw(&l->means, l->r->settings->resamples, l->r->settings->seed, err));
  if (b->has_accept || b->has_affinity) PFC_TRY(put_chance(l, ACCEPT, object, err));
  if (b->has_success) PFC_TRY(put_chance(l, SUCCESS, object, err));
  if (b->has_time) {
    PFC_TRY(pfc__put_part(object, "time", &part, err));
    PFC_TRY(pfc_means_put(&l->means, WITHIN, PFC_MEANS_PLAIN, "within_p10_p90", part, err));
  }
  PFC_TRY(put_programmes(l, object, err));
done:
  return st;
}

pfc_status pfc__recover_recommended(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings settings;
  lists l = {.r = r};
  pfc_scorer_defaults(&settings);
  settings.as_of = r->day;
  PFC_TRY(pfc_scorer_create(r->bundle, r->ds, &settings, &scorer, err));
  l.scorer = scorer;
  PFC_TRY(pfc_means_init(&l.means, r->history->n_people, N_COLUMNS, err));
  PFC_NEW(l.place, r->cat->n_interventions);
  for (int32_t i = 0; i < r->cat->n_interventions; i++) l.place[i] = -1;
  PFC_TRY(recommend(&l, err));
  PFC_TRY(put_all(&l, object, err));
done:
  pfc_scorer_destroy(scorer);
  lists_clear(&l);
  return st;
}
