/* The part of an outlook that a value needs, for very many pairs: what each segment does to
 * somebody who reaches it is worked out for all segments at once, and then walked through. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "models/hazard.h"
#include "models/vector_math.h"

/* Of a segment, given survival to its start. */
typedef struct steps {
  double gone[PFC_CURVE_SEGMENTS];    /* any event */
  double reached[PFC_CURVE_SEGMENTS]; /* proficiency */
  double worth[PFC_CURVE_SEGMENTS];   /* the same, discounted from the start of the curve */
} steps;

/* In a segment from a to b with the rate r a day of any event, the integral of
 * r exp(-r u) exp(-rho (a + u)) is r / (r + rho) * (exp(-rho a) - exp(-rho b) stays), where
 * stays = exp(-r (b - a)): with the discounts at hand it needs no exponential of its own.
 * Where nothing can happen the odds, and with them all three, are 0: DBL_MIN, which is nothing
 * beside anything else, saves the question. */
static void fill_steps(const pfc_curve *curve, double tick_days, double rho,
                       const double *restrict discount, const double *restrict own,
                       const double *restrict total, steps *restrict out) {
#pragma omp simd
  for (int32_t s = 0; s < curve->n; s++) {
    const double rate = pfc__log1p(total[s]) / tick_days;
    const double gone = pfc__one_less_exp(rate * (curve->to[s] - curve->from[s]));
    const double share = own[s] / (total[s] + DBL_MIN);
    const double kept = rate / (rate + rho + DBL_MIN);
    out->gone[s] = gone;
    out->reached[s] = share * gone;
    out->worth[s] = share * kept * (discount[s] - discount[s + 1] + gone * discount[s + 1]);
  }
}

void pfc_hazard_worth(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                      double rho, const double *discount, const double shift[PFC_N_CAUSES],
                      double *incidence, double *discounted) {
  double own[PFC_CURVE_SEGMENTS], total[PFC_CURVE_SEGMENTS], survival = 1, F = 0, sum = 0;
  steps at;
  memset(total, 0, sizeof *total * (size_t)curve->n);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    /* Cut so that products and sums of odds stay finite. */
    const double factor = m->baseline[r] ? exp(fmin(shift[r], 300)) : 0;
    const double *level = levels + (ptrdiff_t)r * curve->n;
    for (int32_t s = 0; s < curve->n; s++) total[s] += level[s] * factor;
    if (r != PFC_PROFICIENT) continue;
    for (int32_t s = 0; s < curve->n; s++) own[s] = level[s] * factor;
  }
  fill_steps(curve, m->tick_days, rho, discount, own, total, &at);
  for (int32_t s = 0; s < curve->n; s++) {
    F += survival * at.reached[s];
    sum += survival * at.worth[s];
    survival *= 1 - at.gone[s];
  }
  *incidence = fmin(F, 1); /* rounding may add to more */
  *discounted = F > 0 ? fmin(sum / F, 1) : 0;
}
