/* L2-penalized logistic regression on sparse rows, by Newton-CG. Minimizes
 *   sum_i weight_i [ softplus(eta_i) - y_i eta_i ] + penalty(w),
 *   eta_i = intercept + offset_i + x_i.w,
 * where the penalty is 1/2 sum_j ridge_j w_j^2 (the intercept is not penalized) or, where
 * something is known beforehand, 1/2 (w - m)' P (w - m) over all coefficients. */
#ifndef PROFICIO_TRAINER_LOGIT_H
#define PROFICIO_TRAINER_LOGIT_H

#include "base/error.h"
#include "base/sparse.h"
#include "models/posterior.h"
#include "trainer/newton.h"

typedef struct pfc_logit_problem {
  const pfc_csr *x;     /* n rows, d columns */
  const float *y;       /* n; in [0, 1] */
  const float *weight;  /* n, >= 0; NULL: 1 */
  const double *offset; /* n; NULL: 0 */
  const double *ridge;  /* d, > 0; NULL with a prior */
  const int32_t *field; /* d; -1 none. Columns of one field never meet in a row (one-hot; a
                           number is a field of its own), which the preconditioner uses:
                           it changes the speed, not the solution. NULL: none known */
  int32_t n_fields;
  const pfc_posterior *prior; /* P, of d + 1: the last is the intercept; NULL: ridge */
  const double *prior_mean;   /* m, d + 1; with a prior */
} pfc_logit_problem;

/* w[d + 1]: coefficients, then the intercept; start values in (0 is fine), solution out.
 * PFC_EUSAGE for empty or inconsistent input, PFC_EDATA when all results are 0 or all are 1
 * and no prior holds the intercept (no finite one fits them). Memory: a double a row, and at
 * most one for every eight entries of x. Same bytes for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_logit_fit(const pfc_logit_problem *p,
                                              const pfc_newton_settings *settings, double *w,
                                              pfc_newton_report *report, pfc_error *err);

/* spread[n_groups]: what the posterior variances of the coefficients of each group sum to, by
 * Laplace's approximation at the solution w: the diagonal of the inverse Hessian. group[d] is
 * 0 .. n_groups - 1. Estimated by n_probes vectors of random signs (Hutchinson 1990), which is
 * exact where coefficients do not lean on one another, and of a relative standard error of
 * about sqrt(2 / n_probes) of what they do elsewhere. Of fits with ridges. Same bytes for any
 * number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_logit_spread(const pfc_logit_problem *p, const double *w,
                                                 int n_groups, const int32_t *group,
                                                 int n_probes, double *spread, pfc_error *err);

/* eta[n] at w. */
PFC_API void pfc_logit_predict(const pfc_csr *x, const double *offset, const double *w,
                               double *eta);

#endif
