#include "models/hazard.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

void pfc_hazard_clear(pfc_hazard *m) {
  pfc_features_destroy(m->features);
  pfc_free(m->edge);
  pfc_free(m->group_of);
  for (int32_t i = 0; m->milestones && i < m->n_milestones; i++) {
    pfc_free(m->milestones[i].column);
    pfc_free(m->milestones[i].edge);
  }
  pfc_free(m->milestones);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    pfc_free(m->baseline[r]);
    pfc_free(m->coef[r]);
  }
  memset(m, 0, sizeof *m);
}

void pfc_curve_clear(pfc_curve *curve) {
  pfc_free(curve->from);
  pfc_free(curve->to);
  pfc_free(curve->param);
  memset(curve, 0, sizeof *curve);
}

/* Inserts day into the ascending cuts unless it is one of them (or within rounding of one);
 * returns how many there are. */
static int insert_cut(double *cut, int n, double day, double rounding) {
  int at = n;
  while (at > 0 && cut[at - 1] > day) at--;
  if (at > 0 && day - cut[at - 1] <= rounding) return n;
  if (at < n && cut[at] - day <= rounding) return n;
  memmove(cut + at + 1, cut + at, sizeof *cut * (size_t)(n - at));
  cut[at] = day;
  return n + 1;
}

/* The days where anything changes: the bins' edges and the milestones' steps; -1 when they
 * are too many for a curve. */
static int find_cuts(const pfc_hazard *m, const double *milestone_days,
                     double cut[PFC_CURVE_SEGMENTS + 1]) {
  if (m->n_bins > PFC_CURVE_SEGMENTS) return -1;
  int n = m->n_bins + 1;
  memcpy(cut, m->edge, sizeof *cut * (size_t)n);
  for (int32_t i = 0; i < m->n_milestones; i++) {
    if (isnan(milestone_days[i])) continue;
    for (int32_t e = 0; e + 1 < m->milestones[i].n_steps; e++) {
      const double day = milestone_days[i] + m->milestones[i].edge[e];
      if (!(day > 0 && day < m->horizon_days)) continue;
      if (n > PFC_CURVE_SEGMENTS) return -1;
      n = insert_cut(cut, n, day, 1e-9 * m->horizon_days);
    }
  }
  return n;
}

/* Number of edges at or below x: the step or bin that x is in. */
static int32_t step_of(int32_t n, const double *edge, double x) {
  int32_t at = 0;
  while (at < n && edge[at] <= x) at++;
  return at;
}

static void set_params(const pfc_hazard *m, int32_t group, const double *milestone_days,
                       double day, int32_t param[PFC_CURVE_PARAMS]) {
  for (int i = 0; i < PFC_CURVE_PARAMS; i++) param[i] = -1;
  const int32_t bin = step_of(m->n_bins - 1, m->edge + 1, day);
  param[0] = bin;
  if (group >= 0) param[1] = m->n_bins + group * m->n_bins + bin;
  for (int32_t i = 0; i < m->n_milestones; i++) {
    const pfc_milestone *ms = &m->milestones[i];
    if (isnan(milestone_days[i])) continue;
    param[2 + i] = ms->first + step_of(ms->n_steps - 1, ms->edge, day - milestone_days[i]);
  }
}

pfc_status pfc_hazard_curve(const pfc_hazard *m, int32_t group, const double *milestone_days,
                            pfc_curve *curve, pfc_error *err) {
  pfc_status st = PFC_OK;
  double cut[PFC_CURVE_SEGMENTS + 1];
  pfc_curve made = {0};
  memset(curve, 0, sizeof *curve);
  if (m->n_milestones > PFC_CURVE_PARAMS - 2)
    return pfc_fail(err, PFC_EUSAGE, "time: %d milestones; allowed are up to %d",
                    (int)m->n_milestones, PFC_CURVE_PARAMS - 2);
  const int n_cuts = find_cuts(m, milestone_days, cut);
  if (n_cuts < 0)
    return pfc_fail(err, PFC_EUSAGE,
                    "time: bins and steps of milestones make more than %d "
                    "segments",
                    PFC_CURVE_SEGMENTS);
  made.n = n_cuts - 1;
  PFC_NEW(made.from, made.n);
  PFC_NEW(made.to, made.n);
  PFC_NEW(made.param, made.n);
  for (int32_t s = 0; s < made.n; s++) {
    made.from[s] = cut[s];
    made.to[s] = cut[s + 1];
    set_params(m, group, milestone_days, (cut[s] + cut[s + 1]) / 2, made.param[s]);
  }
  *curve = made;
  made = (pfc_curve){0};
done:
  pfc_curve_clear(&made);
  return st;
}

void pfc_hazard_levels(const pfc_hazard *m, const pfc_curve *curve, double *levels) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    for (int32_t s = 0; s < curve->n; s++) {
      double eta = 0;
      for (int i = 0; m->baseline[r] && i < PFC_CURVE_PARAMS; i++) {
        if (curve->param[s][i] >= 0) eta += m->baseline[r][curve->param[s][i]];
      }
      levels[r * curve->n + s] = m->baseline[r] ? exp(fmin(eta, 300)) : 0;
    }
  }
}
