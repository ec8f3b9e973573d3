/* Strengths of ridges by marginal likelihood.
 *
 * A ridge of strength s on the coefficients of a group is a normal prior of variance 1/s, and
 * that variance can be learned from the very rows the coefficients are: as many coefficients as
 * the rows determine, n - s tr C, should have squares of 1/s each,
 *     s = (n - s tr C + e) / (|w|^2 + e/s0),   C the posterior covariance (Laplace),
 * which is where the marginal likelihood is flat (MacKay, Neural Computation 1992; Schall,
 * Biometrika 1991), were it not for the tenth
 * of a coefficient, e, of variance 1/s0 that a group is given beforehand, so that no strength
 * runs away. Unlike a
 * search on held-out rows this tells what belongs to single interventions from what belongs to
 * all of their kind, uses every row, and knows no grid. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/train_internal.h"

enum { MOST_ROUNDS = 15, PROBES = 3 };
/* A strength known to a tenth is known well enough: predictions hardly move with it. */
static const double SETTLED = 0.1;
static const double BEFOREHAND = 0.1;

typedef struct weighing {
  pfc__ridges *r;
  pfc_logit_problem problem;
  double begin[PFC__MAX_GROUPS];
  double *ridge, *w;
} weighing;

/* The next strength of each group; the largest change, as a logarithm. */
static double update(weighing *of, const double *spread) {
  pfc__ridges *r = of->r;
  double n[PFC__MAX_GROUPS] = {0}, squares[PFC__MAX_GROUPS] = {0}, most = 0;
  for (int32_t c = 0; c < r->n_columns; c++) {
    n[r->group_of[c]] += 1;
    squares[r->group_of[c]] += of->w[c] * of->w[c];
  }
  for (int g = 0; g < r->n_groups; g++) {
    const double before = r->strength[g], known = fmax(n[g] - before * spread[g], 0);
    r->strength[g] = (known + BEFOREHAND) / (squares[g] + BEFOREHAND / of->begin[g]);
    most = fmax(most, fabs(log(r->strength[g] / before)));
  }
  return most;
}

static pfc_status solve(weighing *of, pfc_error *err) {
  pfc_newton_settings newton;
  pfc_newton_report report;
  pfc_newton_defaults(&newton);
  newton.tolerance = 1e-4;
  pfc__ridges_fill(of->r, of->ridge);
  return pfc_logit_fit(&of->problem, &newton, of->w, &report, err);
}

pfc_status pfc__ridges_weigh(pfc__ridges *r, const pfc_logit_problem *rows,
                             const pfc_progress *progress, double *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  weighing of = {.r = r, .w = w};
  double spread[PFC__MAX_GROUPS], change = INFINITY;
  char stage[64];
  (void)snprintf(stage, sizeof stage, "%s ridges", r->stage);
  memcpy(of.begin, r->strength, sizeof of.begin);
  PFC_NEW(of.ridge, r->n_columns);
  of.problem = *rows;
  of.problem.ridge = of.ridge;
  for (int k = 0; k < MOST_ROUNDS && change > SETTLED; k++) {
    PFC_TRY(solve(&of, err));
    PFC_TRY(pfc_logit_spread(&of.problem, w, r->n_groups, r->group_of, PROBES, spread, err));
    change = update(&of, spread);
    PFC_TRY(pfc_progress_report(progress, stage, k + 1, MOST_ROUNDS, change, err));
  }
done:
  pfc_free(of.ridge);
  return st;
}
