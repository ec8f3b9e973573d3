/* Curves into answers. Within a segment the odds a tick are constant, so survival is
 * exponential there and every integral has a closed form. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "models/hazard.h"

static const double QUANTILES[3] = {0.1, 0.5, 0.9};

/* exp(shift), cut so that products and sums of odds stay finite. */
static void shift_factors(const double shift[PFC_N_CAUSES], double factor[PFC_N_CAUSES]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) factor[r] = exp(fmin(shift[r], 300));
}

/* One segment of one person's curve. */
typedef struct piece {
  double from, days;          /* length */
  double rate;                /* of any event, a day */
  double share[PFC_N_CAUSES]; /* of each cause among the events; all 0 where rate is 0 */
} piece;

static piece get_piece(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                       const double factor[PFC_N_CAUSES], int32_t s) {
  piece p = {.from = curve->from[s], .days = curve->to[s] - curve->from[s]};
  double total = 0;
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    p.share[r] = levels[r * curve->n + s] * factor[r];
    total += p.share[r];
  }
  if (total > 0) {
    for (int r = 0; r < PFC_N_CAUSES; r++) p.share[r] /= total;
  }
  p.rate = log1p(total) / m->tick_days;
  return p;
}

/* Probability of an event within so many days of the piece, given survival to its start. */
static double event_within(const piece *p, double days) { return -expm1(-p->rate * days); }

/* What quantiles need of every segment. */
typedef struct trace {
  double incidence_end; /* of proficiency, at the segment's end */
  double rate;
  double ceiling; /* survival at its start times the share of proficiency: what endless time
                     in this segment would add */
} trace;

static double invert(const pfc_curve *curve, const trace *at, double target) {
  int32_t s = 0;
  while (s + 1 < curve->n && at[s].incidence_end < target) s++;
  const double missing = target - (s > 0 ? at[s - 1].incidence_end : 0);
  const double days = -log1p(-fmin(missing / at[s].ceiling, 1)) / at[s].rate;
  return fmin(curve->from[s] + fmax(days, 0), curve->to[s]);
}

void pfc_hazard_outlook(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                        const double shift[PFC_N_CAUSES], const double by_days[2],
                        pfc_outlook *out) {
  trace at[PFC_CURVE_SEGMENTS];
  double factor[PFC_N_CAUSES], survival = 1;
  shift_factors(shift, factor);
  memset(out, 0, sizeof *out);
  double *F = out->incidence;
  for (int32_t s = 0; s < curve->n; s++) {
    const piece p = get_piece(m, curve, levels, factor, s);
    const double ceiling = survival * p.share[PFC_PROFICIENT];
    const double gone = event_within(&p, p.days);
    for (int i = 0; i < 2; i++) {
      const double days = by_days[i] - p.from;
      if (days <= 0) continue;
      const double within = days < p.days ? event_within(&p, days) : gone;
      out->p_by[i] = fmin(F[PFC_PROFICIENT] + ceiling * within, 1);
    }
    /* What is added never exceeds what is left, but rounding may. */
    for (int r = 0; r < PFC_N_CAUSES; r++) F[r] = fmin(F[r] + survival * p.share[r] * gone, 1);
    survival *= 1 - gone;
    at[s] = (trace){F[PFC_PROFICIENT], p.rate, ceiling};
  }
  const bool reached = curve->n > 0 && F[PFC_PROFICIENT] > 0;
  for (int i = 0; i < 3; i++) {
    out->quantile[i] =
        reached ? invert(curve, at, QUANTILES[i] * F[PFC_PROFICIENT]) : (double)NAN;
  }
}

void pfc_hazard_discounts(const pfc_curve *curve, double rho, double *discount) {
  for (int32_t s = 0; s < curve->n; s++) discount[s] = exp(-rho * curve->from[s]);
  discount[curve->n] = curve->n > 0 ? exp(-rho * curve->to[curve->n - 1]) : 1;
}

void pfc_hazard_incidence(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                          const double shift[PFC_N_CAUSES], pfc_cause cause, int n,
                          const double *days, double *incidence, double *survival) {
  double factor[PFC_N_CAUSES], alive = 1, F = 0;
  shift_factors(shift, factor);
  int i = 0;
  for (int32_t s = 0; s < curve->n && i < n; s++) {
    const piece p = get_piece(m, curve, levels, factor, s);
    const bool last = s + 1 == curve->n;
    for (; i < n && (days[i] <= curve->to[s] || last); i++) {
      const double gone = event_within(&p, fmax(fmin(days[i] - p.from, p.days), 0));
      incidence[i] = fmin(F + alive * p.share[cause] * gone, 1);
      if (survival) survival[i] = alive * (1 - gone);
    }
    const double gone = event_within(&p, p.days);
    F = fmin(F + alive * p.share[cause] * gone, 1);
    alive *= 1 - gone;
  }
}
