/* What the files of the ALS fit share: one side (people or items) of the factorization,
 * the objective's terms, and the regression of factors on attributes. */
#ifndef PROFICIO_TRAINER_ALS_INTERNAL_H
#define PROFICIO_TRAINER_ALS_INTERNAL_H

#include "base/error.h"
#include "base/sparse.h"
#include "models/affinity.h"

/* Ridge regression of one side's factors on its attributes. */
typedef struct pfc__regression pfc__regression;

typedef struct pfc__side {
  const char *name;
  double kappa;              /* pull towards the prior */
  int32_t n, n_observed;     /* rows; rows with at least one observed pair */
  int32_t *count;            /* n: observed pairs of each row */
  const pfc_csr *conf;       /* rows of this side; NULL where only the objective is wanted */
  const pfc_csr *attributes; /* n rows; NULL: none, the prior is 0 */
  float *factors;            /* n x k; rows without observations are 0 during the fit */
  float *prior;              /* attributes' columns x k */
  double *moments;           /* k x k, of the observed rows' factors */
  pfc__regression *regression;
} pfc__side;

/* Fills count (allocated here) and n_observed of people side[0] and items side[1], whose
 * n are set, from the people x items pairs. */
pfc_status pfc__sides_count(const pfc_csr *conf, pfc__side *side, pfc_error *err);

/* attributes' row i times prior; zeros without attributes. */
void pfc__side_prior(const pfc__side *side, int32_t k, int32_t i, float *out);

/* The objective, term by term: a part-step changes some of them only. */
typedef struct pfc__als_terms {
  double pairs;         /* alpha0 sum over all pairs of (x.y)^2 */
  double observed;      /* sum over observed pairs of c (1 - x.y)^2 */
  double rows[2];       /* lambda_p |x|^2 + kappa |x - A f|^2, people and items */
  double regression[2]; /* prior_ridge |A|^2, |B|^2 */
} pfc__als_terms;

double pfc__als_total(const pfc__als_terms *t);

/* Each brings its terms up to date. side[0] people, side[1] items; conf is people x items.
 * pairs uses both sides' moments: sum over pairs of (x.y)^2 = trace(X'X Y'Y). */
void pfc__als_pairs(const pfc_affinity *m, const pfc__side *side, pfc__als_terms *t);
pfc_status pfc__als_observed(const pfc_affinity *m, const pfc_csr *conf, const pfc__side *side,
                             pfc__als_terms *t, pfc_error *err);
pfc_status pfc__als_rows(const pfc_affinity *m, const pfc__side *side, int which,
                         pfc__als_terms *t, pfc_error *err);
void pfc__als_regression(const pfc_affinity *m, const pfc__side *side, double prior_ridge,
                         int which, pfc__als_terms *t);

/* Columns up to which the normal equations are factored; beyond, conjugate gradients. */
enum { PFC__DENSE_ATTRIBUTES = 2048 };

/* side's attributes, n and count are used, and must outlive the regression. */
pfc_status pfc__regression_create(const pfc__side *side, int32_t k, double kappa, double ridge,
                                  pfc__regression **out, pfc_error *err);
void pfc__regression_destroy(pfc__regression *reg);

/* prior = argmin kappa sum over observed rows |x - prior' f|^2 + ridge |prior|^2. */
pfc_status pfc__regression_solve(pfc__regression *reg, const float *factors, float *prior,
                                 pfc_error *err);

#endif
