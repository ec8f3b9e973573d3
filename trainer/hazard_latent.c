/* The E step of interval-censored events: the event lies somewhere in (last_below,
 * duration], and given that, the current model says how likely each segment is and how many
 * ticks were at risk. Source: Dempster, Laird, Rubin, JRSS B 1977; for hazards that are
 * constant by piece, Lindsey and Ryan, Statistics in Medicine 1998. */
#include <math.h>

#include "trainer/hazard_internal.h"

/* Where no model is known the event is as likely in one tick as in another: the limit of
 * small hazards. */
#define EVEN_ODDS 1e-9

double pfc__mean_tick(double theta, double ticks) {
  const double x = theta * ticks;
  /* Continuous part: mean of an exponential cut at `ticks`; series where it cancels. */
  const double within =
      x < 1e-3 ? ticks / 2 - theta * ticks * ticks / 12 : 1 / theta - ticks / expm1(x);
  /* From time to the number of the tick: 1 / (1 - exp(-theta)) - 1 / theta. */
  const double rounding = theta < 1e-3 ? 0.5 + theta / 12 : -1 / expm1(-theta) - 1 / theta;
  return fmax(fmin(within + rounding, ticks), 1);
}

/* The models that the E step knows: of the fitted cause the current one. */
typedef struct models {
  const double *baseline[PFC_N_CAUSES], *coef[PFC_N_CAUSES];
} models;

/* What one latent spell needs of one segment. */
typedef struct step {
  double theta;  /* log(1 + odds of any known cause), a tick */
  double ticks;  /* of the interval, in this segment */
  double chance; /* of the event in this segment */
} step;

/* One latent spell. */
typedef struct latent {
  const pfc_hazard_problem *p;
  const pfc_episode *spell;
  const pfc_curve *curve;
  bool known[PFC_N_CAUSES];
  double shift[PFC_N_CAUSES];
  const models *models;
} latent;

static latent get_latent(const pfc__crossings *s, const pfc_hazard_problem *p, const models *m,
                         int64_t place) {
  const int64_t i = s->order[place];
  latent l = {.p = p, .spell = &p->spell[i], .curve = &p->curves[p->curve_of[i]], .models = m};
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    l.known[r] = m->baseline[r] && m->coef[r];
    for (int64_t e = p->x->start[i]; l.known[r] && e < p->x->start[i + 1]; e++) {
      l.shift[r] += (double)p->x->val[e] * m->coef[r][p->x->col[e]];
    }
  }
  return l;
}

static double odds_of(const latent *l, int r, int32_t segment) {
  double eta = l->shift[r];
  for (int i = 0; i < PFC_CURVE_PARAMS; i++) {
    const int32_t param = l->curve->param[segment][r][i];
    if (param >= 0) eta += l->models->baseline[r][param];
  }
  return exp(fmin(eta, 300));
}

/* Odds of any cause; *share is that of the spell's own event. Both are kept off 0, so that
 * the chances of a spell sum to something even where the model had ruled its event out. */
static double total_odds(const latent *l, int32_t segment, double *share) {
  const int event = l->spell->event;
  *share = 1;
  if (!l->known[event]) return EVEN_ODDS;
  double total = 0;
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    if (l->known[r]) total += odds_of(l, r, segment);
  }
  if (total > 0) *share = fmax(odds_of(l, event, segment) / total, 1e-100);
  return fmax(total, EVEN_ODDS);
}

/* Chances of the event by segment from `first` on, and, in the return value, of an event
 * beyond the horizon, where the last segment's odds go on. They sum to 1. */
static double find_chances(const latent *l, int32_t first, int32_t n, step *at) {
  const double from = pfc__latent_from(l->spell), to = l->spell->duration_days;
  const double horizon = l->curve->to[l->curve->n - 1];
  double survival = 1, sum = 0, share = 1, theta = 0;
  for (int32_t j = 0; j < n; j++) {
    const double odds = total_odds(l, first + j, &share);
    theta = log1p(odds);
    at[j].theta = theta;
    at[j].ticks = pfc__ticks_within(l->p, l->curve, first + j, from, to);
    at[j].chance = survival * share * -expm1(-theta * at[j].ticks);
    survival *= exp(-theta * at[j].ticks);
    sum += at[j].chance;
  }
  double beyond = 0;
  if (to > horizon) {
    beyond = survival * share * -expm1(-theta * (to - horizon) / l->p->tick_days);
  }
  sum += beyond;
  for (int32_t j = 0; j < n; j++) at[j].chance /= sum;
  return beyond / sum;
}

/* Ticks and events of one latent spell. The tick of the event is at risk for its own cause
 * only (see hazard_fit.h). */
static void expect_one(pfc__crossings *s, const latent *l, int64_t k, pfc_cause cause,
                       step *at) {
  const int32_t first = s->first[s->latent[k]];
  const int64_t offset = s->latent_start[k];
  const int32_t n = (int32_t)(s->latent_start[k + 1] - offset);
  const double from = pfc__latent_from(l->spell);
  const bool own = l->spell->event == cause;
  double later = find_chances(l, first, n, at);
  for (int32_t j = n - 1; j >= 0; j--) {
    const double before =
        pfc__ticks_within(l->p, l->curve, first + j, l->spell->entry_days, from);
    double until_event = 0;
    if (at[j].ticks > 0) until_event = pfc__mean_tick(at[j].theta, at[j].ticks) - (own ? 0 : 1);
    s->ticks[offset + j] = before + later * at[j].ticks + at[j].chance * until_event;
    s->events[offset + j] = own ? at[j].chance : 0;
    later += at[j].chance;
  }
}

void pfc__crossings_expect(pfc__crossings *s, const pfc_hazard_problem *p, pfc_cause cause,
                           const double *baseline, const double *coef) {
  models m = {{0}, {0}};
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    m.baseline[r] = r == (int)cause ? baseline : p->known_baseline[r];
    m.coef[r] = r == (int)cause ? coef : p->known_coef[r];
  }
#pragma omp parallel for schedule(dynamic, 32)
  for (int64_t k = 0; k < s->n_latent; k++) {
    step at[PFC_CURVE_SEGMENTS];
    const latent l = get_latent(s, p, &m, s->latent[k]);
    expect_one(s, &l, k, cause, at);
  }
}
