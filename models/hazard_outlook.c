/* Curves into answers. Within a segment the odds a tick are constant, so survival is
 * exponential there and every integral has a closed form. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "models/hazard.h"
#include "models/vector_math.h"

static const double QUANTILES[3] = {0.1, 0.5, 0.9};

/* exp(shift), cut so that products and sums of odds stay finite. */
static void shift_factors(const double shift[PFC_N_CAUSES], double factor[PFC_N_CAUSES]) {
  for (int r = 0; r < PFC_N_CAUSES; r++) factor[r] = exp(fmin(shift[r], 300));
}

/* One person's curve, segment by segment: all are worked out at once, and then walked through.
 */
typedef struct pieces {
  double rate[PFC_CURVE_SEGMENTS];                /* of any event, a day */
  double gone[PFC_CURVE_SEGMENTS];                /* any event, given survival to the start */
  double share[PFC_N_CAUSES][PFC_CURVE_SEGMENTS]; /* of each cause among the events */
} pieces;

/* Where nothing can happen odds are 0, and so are shares: DBL_MIN, which is nothing beside
 * anything else, saves the question. */
static void fill_pieces(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                        const double factor[PFC_N_CAUSES], pieces *restrict out) {
  double total[PFC_CURVE_SEGMENTS];
  memset(total, 0, sizeof *total * (size_t)curve->n);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const double *level = levels + (ptrdiff_t)r * curve->n;
    for (int32_t s = 0; s < curve->n; s++) total[s] += out->share[r][s] = level[s] * factor[r];
  }
#pragma omp simd
  for (int32_t s = 0; s < curve->n; s++) {
    out->rate[s] = pfc__log1p(total[s]) / m->tick_days;
    out->gone[s] = pfc__one_less_exp(out->rate[s] * (curve->to[s] - curve->from[s]));
    for (int r = 0; r < PFC_N_CAUSES; r++) out->share[r][s] /= total[s] + DBL_MIN;
  }
}

/* Probability of an event within so many days of a segment, given survival to its start. */
static double gone_within(const pieces *p, const pfc_curve *curve, int32_t s, double days) {
  if (days >= curve->to[s] - curve->from[s]) return p->gone[s];
  return days > 0 ? pfc__one_less_exp(p->rate[s] * days) : 0;
}

/* What is added to an incidence never exceeds what is left, but rounding may. No fmin, which is
 * a call. */
static double at_most_1(double p) { return p < 1 ? p : 1; }

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
  pieces p;
  double factor[PFC_N_CAUSES], survival = 1;
  shift_factors(shift, factor);
  fill_pieces(m, curve, levels, factor, &p);
  memset(out, 0, sizeof *out);
  double *F = out->incidence;
  for (int32_t s = 0; s < curve->n; s++) {
    const double ceiling = survival * p.share[PFC_PROFICIENT][s];
    for (int i = 0; i < 2; i++) {
      const double days = by_days[i] - curve->from[s];
      if (days <= 0) continue;
      out->p_by[i] = at_most_1(F[PFC_PROFICIENT] + ceiling * gone_within(&p, curve, s, days));
    }
    for (int r = 0; r < PFC_N_CAUSES; r++)
      F[r] = at_most_1(F[r] + survival * p.share[r][s] * p.gone[s]);
    survival *= 1 - p.gone[s];
    at[s] = (trace){F[PFC_PROFICIENT], p.rate[s], ceiling};
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
  pieces p;
  double factor[PFC_N_CAUSES], alive = 1, F = 0;
  shift_factors(shift, factor);
  fill_pieces(m, curve, levels, factor, &p);
  int i = 0;
  for (int32_t s = 0; s < curve->n && i < n; s++) {
    const double ceiling = alive * p.share[cause][s];
    const bool last = s + 1 == curve->n;
    for (; i < n && (days[i] <= curve->to[s] || last); i++) {
      const double gone = gone_within(&p, curve, s, days[i] - curve->from[s]);
      incidence[i] = at_most_1(F + ceiling * gone);
      if (survival) survival[i] = alive * (1 - gone);
    }
    F = at_most_1(F + ceiling * p.gone[s]);
    alive *= 1 - p.gone[s];
  }
}
