/* Newton's method with conjugate gradients for smooth convex objectives: the one
 * optimizer of the logistic and hazard fits. Each step solves H s = -g by preconditioned
 * CG to a tolerance that tightens with the gradient (Dembo, Eisenstat, Steihaug, SIAM J.
 * Numer. Anal. 1982), then backtracks until the Armijo condition holds. */
#ifndef PROFICIO_TRAINER_NEWTON_H
#define PROFICIO_TRAINER_NEWTON_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"

typedef struct pfc_objective {
  int64_t n; /* parameters */
  void *self;
  /* f(w); gradient[n] and Hessian diagonal[n] (> 0) when not NULL. Remembers w, so that
   * `product` refers to it. A value that is not finite makes the caller take a shorter step. */
  pfc_status (*evaluate)(void *self, const double *w, double *value, double *gradient,
                         double *diagonal, pfc_error *err);
  /* out[n] = H v at the last evaluated w. */
  void (*product)(void *self, const double *v, double *out);
  /* out = M^-1 r, M an approximation of H; NULL: divide by the diagonal. */
  void (*precondition)(void *self, const double *diagonal, const double *r, double *out);
} pfc_objective;

typedef struct pfc_newton_settings {
  double tolerance;             /* stop when |g| <= tolerance * |g at 0| [1e-6] */
  int max_steps;                /* [50] */
  int max_cg;                   /* CG iterations a step [250] */
  const char *stage;            /* for progress */
  const pfc_progress *progress; /* may be NULL */
} pfc_newton_settings;
PFC_API void pfc_newton_defaults(pfc_newton_settings *s);

typedef struct pfc_newton_report {
  int64_t steps, cg_iterations;
  double value, gradient; /* objective, |g| / |g at 0| */
  int converged;
} pfc_newton_report;

/* Minimizes from w[n] on, in place (after a failure w is the best point so far). The
 * objective never rises beyond its own rounding (1e-13 of it). When no step lowers it any
 * more although the tolerance is not reached: PFC_ENUMERIC if the quadratic model promised
 * a real decrease, else PFC_OK with converged = 0 (the tolerance asks for more digits than
 * there are). Same bits for any number of threads if evaluate and product keep theirs. */
PFC_API PFC_MUST_USE pfc_status pfc_newton_minimize(const pfc_objective *f,
                                                    const pfc_newton_settings *settings,
                                                    double *w, pfc_newton_report *report,
                                                    pfc_error *err);

#endif
