#include "trainer/hazard_fit.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/hazard_internal.h"

void pfc_hazard_fit_defaults(pfc_hazard_fit_settings *s) {
  pfc_newton_defaults(&s->newton);
  s->newton.stage = "time";
  s->max_em = 20;
  s->em_tolerance = 1e-6;
}

static pfc_status check_spells(const pfc_hazard_problem *p, pfc_error *err) {
  for (int64_t i = 0; i < p->n; i++) {
    const pfc_episode *spell = &p->spell[i];
    if (p->curve_of[i] < 0 || p->curve_of[i] >= p->n_curves)
      return pfc_fail(err, PFC_EUSAGE, "time: curve of spell %lld is %d, not in 0..%d",
                      (long long)i, (int)p->curve_of[i], (int)p->n_curves - 1);
    if (!(spell->entry_days >= 0 && spell->duration_days > spell->entry_days) ||
        !isfinite(spell->duration_days))
      return pfc_fail(err, PFC_EUSAGE,
                      "time: spell %lld runs from day %g to day %g; it must begin at 0 or "
                      "later and end after that",
                      (long long)i, spell->entry_days, spell->duration_days);
    if (spell->event < PFC_CENSORED || spell->event >= PFC_N_CAUSES)
      return pfc_fail(err, PFC_EUSAGE, "time: event of spell %lld is %d, not in -1..%d",
                      (long long)i, (int)spell->event, PFC_N_CAUSES - 1);
  }
  return PFC_OK;
}

static pfc_status check_curve(const pfc_hazard_problem *p, pfc_cause cause, int32_t c,
                              pfc_error *err) {
  const pfc_curve *curve = &p->curves[c];
  if (curve->n < 1 || curve->n > PFC_CURVE_SEGMENTS || curve->from[0] != 0)
    return pfc_fail(err, PFC_EUSAGE,
                    "time: curve %d has %d segments, not 1 to %d from day 0 on", (int)c,
                    (int)curve->n, PFC_CURVE_SEGMENTS);
  for (int32_t s = 0; s < curve->n; s++) {
    if (!(curve->to[s] > curve->from[s]) || (s > 0 && curve->from[s] != curve->to[s - 1]))
      return pfc_fail(err, PFC_EUSAGE,
                      "time: segment %d of curve %d is not after the one before", (int)s,
                      (int)c);
    for (int i = 0; i < PFC_CURVE_PARAMS; i++) {
      const int32_t param = curve->param[s][cause][i];
      if (param < -1 || param >= p->n_baseline)
        return pfc_fail(err, PFC_EUSAGE,
                        "time: segment %d of curve %d has baseline parameter %d, not in -1..%d",
                        (int)s, (int)c, (int)param, (int)p->n_baseline - 1);
    }
  }
  return PFC_OK;
}

static pfc_status check_penalties(const pfc_hazard_problem *p, pfc_error *err) {
  if (p->prior) {
    if (p->prior->n == p->n_baseline + p->x->n_cols) return PFC_OK;
    return pfc_fail(err, PFC_EUSAGE, "time: a prior of %d coefficients for %d",
                    (int)p->prior->n, (int)(p->n_baseline + p->x->n_cols));
  }
  for (int32_t j = 0; j < p->x->n_cols; j++) {
    if (!(p->ridge[j] > 0) || !isfinite(p->ridge[j]))
      return pfc_fail(err, PFC_EUSAGE, "time: ridge of column %d is %g, not above 0", (int)j,
                      p->ridge[j]);
  }
  for (int32_t j = 0; j < p->n_baseline; j++) {
    if (!(p->baseline_ridge[j] >= 0) || !isfinite(p->baseline_ridge[j]))
      return pfc_fail(err, PFC_EUSAGE,
                      "time: ridge of baseline parameter %d is %g, not 0 or "
                      "more",
                      (int)j, p->baseline_ridge[j]);
  }
  for (int64_t k = 0; k < p->n_links; k++) {
    const int32_t a = p->link[k][0], b = p->link[k][1];
    if (a < 0 || b < 0 || a >= p->n_baseline || b >= p->n_baseline || a == b ||
        !(p->link_weight[k] >= 0) || !isfinite(p->link_weight[k]))
      return pfc_fail(err, PFC_EUSAGE, "time: link %lld, %d to %d with weight %g, is none",
                      (long long)k, (int)a, (int)b, p->link_weight[k]);
  }
  return PFC_OK;
}

static pfc_status check(const pfc_hazard_problem *p, pfc_cause cause, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (p->n < 1) return pfc_fail(err, PFC_EUSAGE, "time: no spells");
  if (!(p->tick_days > 0) || !isfinite(p->tick_days))
    return pfc_fail(err, PFC_EUSAGE, "time: a tick of %g days; it must be above 0",
                    p->tick_days);
  if (p->x->n_rows != p->n)
    return pfc_fail(err, PFC_EUSAGE, "time: features of %lld spells, but there are %lld",
                    (long long)p->x->n_rows, (long long)p->n);
  for (int32_t c = 0; c < p->n_curves; c++) PFC_TRY(check_curve(p, cause, c, err));
  PFC_TRY(check_spells(p, err));
  PFC_TRY(check_penalties(p, err));
  for (int64_t e = 0; e < p->x->start[p->n]; e++) {
    if (!isfinite(p->x->val[e]))
      return pfc_fail(err, PFC_EUSAGE, "time: a value of column %d is not finite",
                      (int)p->x->col[e]);
  }
done:
  return st;
}

/* From a baseline of zeros, half of all spells would end in each tick: Newton needs a step
 * for every unit down from there. Begin at the crude rate instead. */
static pfc_status set_crude_rate(const pfc_hazard_problem *p, const pfc__crossings *s,
                                 pfc_cause cause, double *baseline, pfc_error *err) {
  double ticks = 0, events = 0;
  pfc__crossed crossed;
  int64_t latent = 0;
  for (int64_t place = 0; place < s->n; place++) {
    pfc__crossings_at(s, p, place, &latent, &crossed);
    for (int32_t c = 0; c < crossed.n; c++) {
      ticks += crossed.ticks[c];
      events += crossed.events[c];
    }
  }
  if (p->prior) return PFC_OK; /* it knows the rate */
  if (events <= 0)
    return pfc_fail(err, PFC_EDATA, "time: no spell ends as '%s' before the curves end",
                    pfc_cause_name(cause));
  for (int32_t j = 0; j < p->n_baseline; j++) {
    if (baseline[j] != 0) return PFC_OK;
  }
  const double level = log(events / fmax(ticks - events, 0.5));
  for (int32_t c = 0; c < p->n_curves; c++) {
    for (int32_t g = 0; g < p->curves[c].n; g++) {
      const int32_t bin = p->curves[c].param[g][cause][0];
      if (bin >= 0) baseline[bin] = level;
    }
  }
  return PFC_OK;
}

/* Rounds of E step and M step; one round where no event time is latent. */
static pfc_status run_em(const pfc_hazard_problem *p, pfc_cause cause, pfc__crossings *s,
                         const pfc_hazard_fit_settings *settings, pfc__hazard_loss *loss,
                         double *w, pfc_newton_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_objective objective = pfc__hazard_objective(loss);
  int settled = s->n_latent == 0;
  for (int round = 0; round == 0 || (round < settings->max_em && !settled); round++) {
    pfc_newton_report now = {0};
    if (round > 0) pfc__crossings_expect(s, p, cause, w, w + p->n_baseline);
    PFC_TRY(pfc_newton_minimize(&objective, &settings->newton, w, &now, err));
    if (round > 0)
      settled = fabs(now.value - report->value) <= settings->em_tolerance * fabs(now.value);
    now.steps += report->steps;
    now.cg_iterations += report->cg_iterations;
    *report = now;
  }
  report->converged = report->converged && settled;
done:
  return st;
}

pfc_status pfc_hazard_fit(const pfc_hazard_problem *p, pfc_cause cause,
                          const pfc_hazard_fit_settings *settings, double *baseline,
                          double *coef, pfc_newton_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__crossings s = {0};
  pfc__hazard_loss *loss = NULL;
  pfc_newton_report made = {0};
  double *w = NULL;
  const size_t n_baseline = (size_t)p->n_baseline, d = (size_t)p->x->n_cols;
  PFC_TRY(check(p, cause, err));
  PFC_TRY(pfc__crossings_init(&s, p, cause, err));
  pfc__crossings_expect(&s, p, cause, NULL, NULL);
  PFC_NEW(w, n_baseline + d);
  memcpy(w, baseline, sizeof *w * n_baseline);
  memcpy(w + n_baseline, coef, sizeof *w * d);
  PFC_TRY(set_crude_rate(p, &s, cause, w, err));
  PFC_TRY(pfc__hazard_loss_create(p, &s, &loss, err));
  PFC_TRY(run_em(p, cause, &s, settings, loss, w, &made, err));
  memcpy(baseline, w, sizeof *w * n_baseline);
  memcpy(coef, w + n_baseline, sizeof *w * d);
  *report = made;
done:
  pfc__hazard_loss_destroy(loss);
  pfc__crossings_clear(&s);
  pfc_free(w);
  return st;
}
