/* Time to proficiency of test episodes: the model's cumulative incidence by day against the
 * true chance that the target has been reached by then, and how much of the true time's
 * distribution, of those who reach the target within the horizon, its p10 to p90 hold. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/mem.h"
#include "trainer/metrics.h"
#include "trainer/recovery_internal.h"

/* Days by which incidence is looked at, and the horizon; two columns each. */
static const double BY_DAYS[] = {90, 180};
enum { N_BY = 2, HORIZON = N_BY, WITHIN = 2 * (N_BY + 1), ALREADY_THERE, N_COLUMNS };

/* What model and truth say of one episode. */
typedef struct outlook {
  double model[N_BY + 1], truth[N_BY + 1]; /* by each day, and by the horizon */
  bool is_there;                           /* holds the target's level at the start */
  double within; /* true chance of the target between p10 and p90; NaN where the model says
                    that it never comes */
} outlook;

typedef struct episodes {
  int64_t n;
  outlook *at;
  double *time, *entry;
  int8_t *event;
  int32_t *person;
  double *risk[2]; /* by the model, and true: chances of proficiency within the horizon */
  pfc_means means;
} episodes;

static pfc_status episodes_init(episodes *e, const pfc__recovery *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = r->rows->n_episodes;
  *e = (episodes){0};
  PFC_NEW(e->at, n);
  PFC_NEW(e->time, n);
  PFC_NEW(e->entry, n);
  PFC_NEW(e->event, n);
  PFC_NEW(e->person, n);
  for (int k = 0; k < 2; k++) PFC_NEW(e->risk[k], n);
  PFC_TRY(pfc_means_init(&e->means, r->history->n_people, N_COLUMNS, err));
done:
  return st;
}

static void episodes_clear(episodes *e) {
  pfc_free(e->at);
  pfc_free(e->time);
  pfc_free(e->entry);
  pfc_free(e->event);
  pfc_free(e->person);
  for (int k = 0; k < 2; k++) pfc_free(e->risk[k]);
  pfc_means_clear(&e->means);
}

/* --- one episode ----------------------------------------------------------------------------
 */

/* The truth tells of whole days, one at least and PFC_TRUTH_DAYS at most. */
double pfc__true_reach(const pfc__recovery *r, int32_t person, int32_t intervention,
                       int64_t target, int32_t start, double day) {
  const double whole = fmin(fmax(floor(day), 1), PFC_TRUTH_DAYS);
  return pfc_truth_reach_with(r->truth, r->match.person[person],
                              r->match.intervention[intervention], target, start,
                              (int32_t)whole);
}

static double reach(const pfc__recovery *r, const pfc_episode *at, int64_t target, double day) {
  return pfc__true_reach(r, at->person, at->intervention, target, at->start, day);
}

static double day_of(const pfc_hazard *m, int k) {
  return k < N_BY ? fmin(BY_DAYS[k], m->horizon_days) : m->horizon_days;
}

static void look_at_model(const pfc__recovery *r, const pfc_episode *at, int32_t *col,
                          float *val, outlook *o, double quantile[3]) {
  const pfc_hazard *m = &r->bundle->time;
  const pfc_decision d = {at->person, at->intervention,  at->competency,
                          at->start,  at->enrolment_row, at->row};
  const int32_t t = pfc_catalogue_target(r->cat, at->intervention, at->competency);
  double shift[PFC_N_CAUSES];
  pfc_outlook told;
  const double by[2] = {day_of(m, 0), day_of(m, 1)};
  pfc_hazard_shift(m, r->lens, &d, col, val, shift);
  pfc_hazard_outlook(m, &r->curves->curve[t], r->curves->levels[t], shift, by, &told);
  for (int k = 0; k < N_BY; k++) o->model[k] = told.p_by[k];
  o->model[HORIZON] = told.incidence[PFC_PROFICIENT];
  for (int q = 0; q < 3; q++) quantile[q] = told.quantile[q];
}

static void look_at_truth(const pfc__recovery *r, const pfc_episode *at, int64_t target,
                          const double quantile[3], outlook *o) {
  for (int k = 0; k <= N_BY; k++)
    o->truth[k] = reach(r, at, target, day_of(&r->bundle->time, k));
  o->is_there = pfc_truth_level(r->truth, r->match.person[at->person],
                                r->match.competency[at->competency],
                                at->start) >= (double)r->truth->target_to[target];
  o->within = (double)NAN;
  if (isnan(quantile[0])) return;
  o->within = reach(r, at, target, quantile[2]) - reach(r, at, target, quantile[0]);
}

int64_t pfc__true_target(const pfc__recovery *r, const pfc_episode *at) {
  if (at->person < 0 || at->intervention < 0 || at->competency < 0 || at->start == PFC_NO_DATE)
    return -1;
  const int64_t k = pfc_truth_target(r->truth, r->match.intervention[at->intervention],
                                     r->match.competency[at->competency]);
  return k < 0 || isnan((double)r->truth->target_to[k]) ? -1 : k;
}

/* --- all of them ----------------------------------------------------------------------------
 */

static pfc_status look(const pfc__recovery *r, episodes *e, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int entries = pfc_scratch_entries(r->bundle->time.features, r->lens);
  double *quantile = NULL;
  int32_t *col = NULL;
  int64_t *row = NULL;
  float *val = NULL;
  PFC_NEW(row, r->rows->n_episodes);
  PFC_NEW(quantile, 3 * r->rows->n_episodes);
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  for (int64_t i = 0; i < r->rows->n_episodes; i++) {
    const pfc_episode *at = &r->rows->episode[i];
    if (pfc__true_target(r, at) < 0) continue;
    look_at_model(r, at, col, val, &e->at[e->n], quantile + 3 * e->n);
    row[e->n++] = i;
  }
#pragma omp parallel for schedule(dynamic, 16)
  for (int64_t k = 0; k < e->n; k++) {
    const pfc_episode *at = &r->rows->episode[row[k]];
    look_at_truth(r, at, pfc__true_target(r, at), quantile + 3 * k, &e->at[k]);
    e->time[k] = at->duration_days;
    e->entry[k] = at->entry_days;
    e->event[k] = at->event == PFC_CENSORED ? 0 : at->event == PFC_PROFICIENT ? 1 : 2;
    e->person[k] = at->person;
  }
done:
  pfc_free(row);
  pfc_free(quantile);
  pfc_free(col);
  pfc_free(val);
  return st;
}

static void add_all(episodes *e) {
  for (int64_t i = 0; i < e->n; i++) {
    const outlook *o = &e->at[i];
    const int32_t p = e->person[i];
    for (int k = 0; k <= N_BY; k++)
      pfc__add_error(&e->means, p, 2 * k, o->model[k] - o->truth[k]);
    pfc_means_add(&e->means, p, ALREADY_THERE, o->is_there, 1);
    if (!o->is_there && !isnan(o->within))
      pfc_means_add(&e->means, p, WITHIN, o->within, o->truth[HORIZON]);
    e->risk[0][i] = o->model[HORIZON];
    e->risk[1][i] = o->truth[HORIZON];
  }
}

static pfc_status c_index(const double *w, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const episodes *e = user;
  const pfc_spells spells = {e->n, e->entry, e->time, e->event, w};
  for (int k = 0; k < 2; k++) PFC_TRY(pfc_concordance(&spells, e->risk[k], &value[k], err));
done:
  return st;
}

static pfc_status put_by_day(const pfc__recovery *r, const episodes *e, cJSON *object,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *by_day = cJSON_AddObjectToObject(object, "by_day");
  for (int k = 0; by_day && k < N_BY; k++) {
    char name[32];
    if (BY_DAYS[k] > r->bundle->time.horizon_days) continue;
    (void)snprintf(name, sizeof name, "%g", BY_DAYS[k]);
    cJSON *day = cJSON_AddObjectToObject(by_day, name);
    if (!day) return pfc_fail_memory(err, "figures");
    PFC_TRY(pfc__put_error(&e->means, 2 * k, day, err));
  }
done:
  return by_day ? st : pfc_fail_memory(err, "figures");
}

pfc_status pfc__recover_time(const pfc__recovery *r, cJSON *object, pfc_error *err) {
  pfc_status st = PFC_OK;
  episodes e;
  PFC_TRY(episodes_init(&e, r, err));
  PFC_TRY(look(r, &e, err));
  add_all(&e);
  PFC_TRY(pfc_means_draw(&e.means, r->settings->resamples, r->settings->seed, err));
  PFC_TRY(pfc__put_error(&e.means, 2 * HORIZON, object, err));
  PFC_TRY(put_by_day(r, &e, object, err));
  PFC_TRY(
      pfc_means_put(&e.means, ALREADY_THERE, PFC_MEANS_PLAIN, "already_there", object, err));
  PFC_TRY(pfc_means_put(&e.means, WITHIN, PFC_MEANS_PLAIN, "within_p10_p90", object, err));
  cJSON *at_truth = cJSON_AddObjectToObject(object, "at_truth");
  if (!at_truth) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  const pfc_owned rows = {e.n, e.person, r->history->n_people};
  static const char *const NAMES[] = {"c_index", "c_index"};
  PFC_TRY(pfc__put_figures(r, &rows, 2, c_index, &e, NAMES, (cJSON *const[]){object, at_truth},
                           err));
done:
  episodes_clear(&e);
  return st;
}
