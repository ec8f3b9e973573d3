#include "tests/oracle/hazard_oracle.h"

#include <math.h>
#include <string.h>

/* --- curves --------------------------------------------------------------------------- */

/* Baseline part of a cause in the tick that ends on `day`. */
static double baseline_at(const pfc_hazard *m, int cause, int group, const double *clock_day,
                          int day) {
  const pfc_clock *clock = &m->clock[cause];
  double on_clock = day;
  if (clock->column[0])
    on_clock -= isnan(clock_day[cause]) ? clock->typical_day : clock_day[cause];
  int bin = clock->n_bins - 1;
  while (bin > 0 && on_clock <= clock->edge[bin]) bin--;
  double eta = m->baseline[cause][bin];
  if (group >= 0) eta += m->baseline[cause][clock->n_bins * (1 + group) + bin];
  return eta;
}

void oracle_hazard_walk(const pfc_hazard *m, int group, const double *clock_day,
                        const double *shift, int n, double (*incidence)[PFC_N_CAUSES],
                        double *survival) {
  double S = 1, F[PFC_N_CAUSES] = {0};
  for (int day = 1; day <= n; day++) {
    double odds[PFC_N_CAUSES] = {0}, total = 0;
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      if (m->baseline[r]) odds[r] = exp(baseline_at(m, r, group, clock_day, day) + shift[r]);
      total += odds[r];
    }
    for (int r = 0; r < PFC_N_CAUSES; r++) F[r] += S * odds[r] / (1 + total);
    S *= 1 / (1 + total);
    memcpy(incidence[day - 1], F, sizeof F);
    survival[day - 1] = S;
  }
}

/* --- fits ------------------------------------------------------------------------------ */

/* The segment of the tick that ends on `day`; the last one beyond the horizon. */
static int segment_at(const pfc_curve *curve, int day) {
  int s = 0;
  while (s + 1 < curve->n && day > curve->to[s]) s++;
  return s;
}

static double eta_at(const oracle_hazard *o, const double *w, int64_t i, int day) {
  const pfc_hazard_problem *p = o->p;
  const pfc_curve *curve = &p->curves[p->curve_of[i]];
  double eta = 0;
  for (int e = 0; e < PFC_CURVE_PARAMS; e++) {
    const int32_t param = curve->param[segment_at(curve, day)][o->cause][e];
    if (param >= 0) eta += w[param];
  }
  for (int64_t e = p->x->start[i]; e < p->x->start[i + 1]; e++)
    eta += w[p->n_baseline + p->x->col[e]] * (double)p->x->val[e];
  return eta;
}

static double log_hazard(double eta) { return -log1p(exp(-eta)); }
static double log_stay(double eta) { return -log1p(exp(eta)); }

static int is_latent(const pfc_episode *s) {
  return s->event >= 0 && s->last_below_days < s->duration_days - 1;
}

static int horizon_of(const pfc_hazard_problem *p, int64_t i) {
  const pfc_curve *curve = &p->curves[p->curve_of[i]];
  return (int)curve->to[curve->n - 1];
}

/* log P(event of the cause in one of the days from+1 .. to | none by `from`). */
static double log_event_between(const oracle_hazard *o, const double *w, int64_t i, int from,
                                int to) {
  double stay = 1, sum = 0;
  for (int day = from + 1; day <= to; day++) {
    const double h = exp(log_hazard(eta_at(o, w, i, day)));
    sum += stay * h;
    stay *= 1 - h;
  }
  return log(sum);
}

static double log_likelihood(const oracle_hazard *o, const double *w, int64_t i) {
  const pfc_episode *s = &o->p->spell[i];
  const int horizon = horizon_of(o->p, i);
  int last = (int)s->duration_days, latent_from = last;
  if (is_latent(s)) latent_from = (int)fmax(s->last_below_days, s->entry_days);
  const int latent = latent_from < last && latent_from < horizon;
  if (latent) last = latent_from;
  double sum = 0;
  for (int day = (int)s->entry_days + 1; day <= last && day <= horizon; day++) {
    const double eta = eta_at(o, w, i, day);
    if (day < (int)s->duration_days || s->event == PFC_CENSORED) {
      sum += log_stay(eta);
    } else if (s->event == o->cause) {
      sum += log_hazard(eta);
    } /* a tick of another cause's event is neither */
  }
  if (latent && s->event == o->cause)
    sum += log_event_between(o, w, i, latent_from, (int)s->duration_days);
  return sum;
}

double oracle_hazard_loss(const double *w, void *user) {
  const oracle_hazard *o = user;
  const pfc_hazard_problem *p = o->p;
  double sum = 0;
  for (int64_t i = 0; i < p->n; i++) sum -= log_likelihood(o, w, i);
  for (int32_t j = 0; j < p->n_baseline; j++) sum += p->baseline_ridge[j] * w[j] * w[j] / 2;
  for (int32_t j = 0; j < p->x->n_cols; j++)
    sum += p->ridge[j] * w[p->n_baseline + j] * w[p->n_baseline + j] / 2;
  for (int64_t k = 0; k < p->n_links; k++) {
    const double gap = w[p->link[k][0]] - w[p->link[k][1]];
    sum += p->link_weight[k] * gap * gap / 2;
  }
  return sum;
}

/* --- the E step --------------------------------------------------------------------------- */

void oracle_hazard_expect(const pfc_hazard_problem *p, pfc_cause cause, int64_t spell,
                          double (*odds)[PFC_N_CAUSES], double *ticks, double *events) {
  const pfc_episode *s = &p->spell[spell];
  const pfc_curve *curve = &p->curves[p->curve_of[spell]];
  const int from = (int)fmax(s->last_below_days, s->entry_days), to = (int)s->duration_days;
  const int horizon = horizon_of(p, spell);
  double stay = 1, sum = 0;
  for (int pass = 0; pass < 2; pass++) { /* first the sum of chances, then shares of it */
    stay = 1;
    for (int day = from + 1; day <= to; day++) {
      const double *o = odds[segment_at(curve, day)];
      const double total = 1 + o[0] + o[1] + o[2];
      const double chance = stay * o[s->event] / total;
      stay /= total;
      if (pass == 0) {
        sum += chance;
        continue;
      }
      /* The event came on `day`: at risk before it, and on it for its own cause. */
      for (int at = (int)s->entry_days + 1; at <= day && at <= horizon; at++) {
        const int own = s->event == cause;
        if (at < day || own) ticks[segment_at(curve, at)] += chance / sum;
        if (at == day && own) events[segment_at(curve, at)] += chance / sum;
      }
    }
  }
}
