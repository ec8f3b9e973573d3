/* Discrete-time hazards by their definition: one tick of a day after the other. Everything
 * lies on whole days. */
#ifndef PROFICIO_TESTS_ORACLE_HAZARD_ORACLE_H
#define PROFICIO_TESTS_ORACLE_HAZARD_ORACLE_H

#include "trainer/hazard_fit.h"

/* Incidence of each cause and survival after each of the days 1..n (index day - 1), in a
 * model whose every tick is looked up by itself. group and clock_day as for
 * pfc_hazard_curve. */
void oracle_hazard_walk(const pfc_hazard *m, int group, const double *clock_day,
                        const double *shift, int n, double (*incidence)[PFC_N_CAUSES],
                        double *survival);

/* One cause's fit. */
typedef struct oracle_hazard {
  const pfc_hazard_problem *p;
  pfc_cause cause;
} oracle_hazard;

/* Minus the penalized log likelihood at w = baseline, then coefficients; the likelihood of
 * an interval-censored event sums over the days it may have come on (other causes taken as
 * absent, the last segment going on beyond the horizon). user: oracle_hazard. */
double oracle_hazard_loss(const double *w, void *user);

/* Expected ticks at risk and events of the fitted cause, by segment of the spell's curve,
 * given the odds of every cause in each segment (0: not known). */
void oracle_hazard_expect(const pfc_hazard_problem *p, pfc_cause cause, int64_t spell,
                          double (*odds)[PFC_N_CAUSES], double *ticks, double *events);

#endif
