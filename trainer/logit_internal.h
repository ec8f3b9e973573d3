/* Preconditioners of the logistic fit.
 *
 * The coarse part of fits with ridges. Columns of a one-hot field sum to 1 in (almost) every
 * row, and so do those of every other field and the intercept: directions that shift one field
 * up and another down are nearly flat, and Jacobi alone makes conjugate gradients crawl along
 * them. So the Hessian is solved exactly in the space spanned by the fields' indicators and the
 * intercept, and that is added to Jacobi: M^-1 = D^-1 + Z (Z'HZ)^-1 Z' (an additive two-level
 * Schwarz method; Dolean, Jolivet, Nataf, SIAM 2015, chapter 4). */
#ifndef PROFICIO_TRAINER_LOGIT_INTERNAL_H
#define PROFICIO_TRAINER_LOGIT_INTERNAL_H

#include <stdbool.h>

#include "trainer/logit.h"

typedef struct pfc__coarse {
  int32_t n;        /* fields and the intercept; 0: no fields, no coarse part */
  bool current;     /* matrix belongs to the last evaluated point */
  bool usable;      /* ... and could be factored */
  double *matrix;   /* n x n: Cholesky factor of Z'HZ */
  double *rhs;      /* n */
  double *ridge;    /* n: sum over the field's columns */
  double *value;    /* n: one row's sum of values in each field */
  int64_t *stamp;   /* n: the row, plus 1, that value belongs to */
  int32_t *touched; /* n: fields a row has entries in */
} pfc__coarse;

pfc_status pfc__coarse_init(pfc__coarse *c, const pfc_logit_problem *p, pfc_error *err);
void pfc__coarse_clear(pfc__coarse *c);

/* Forms and factors Z'HZ at the rows' curvatures. */
void pfc__coarse_update(pfc__coarse *c, const pfc_logit_problem *p, const double *curvature);

/* out += Z (Z'HZ)^-1 Z' r */
void pfc__coarse_add(pfc__coarse *c, const pfc_logit_problem *p, const double *r, double *out);

/* --- of fits with a prior ------------------------------------------------------------------
 * Rows are then few beside those that the prior was made from, and its precision is nearly the
 * Hessian: it is factored once, and conjugate gradients need a handful of steps. */
typedef struct pfc__prior {
  const pfc_posterior *p; /* NULL: none */
  double *cholesky;       /* n_full x n_full, of the whole part of P */
  double *rhs;            /* n_full */
  double *scratch;        /* n: gradient that nobody asked for */
} pfc__prior;

/* PFC_EUSAGE where the sizes do not fit, PFC_ENUMERIC where P is not positive definite. */
pfc_status pfc__prior_init(pfc__prior *prior, const pfc_logit_problem *p, pfc_error *err);
void pfc__prior_clear(pfc__prior *prior);

/* out = M^-1 r: the whole part of P solved, all else divided by the diagonal of the Hessian. */
void pfc__prior_solve(const pfc__prior *prior, const double *diagonal, const double *r,
                      double *out);

#endif
