#include <lapacke.h>
#include <math.h>

#include "base/mem.h"
#include "trainer/logit_internal.h"

static pfc_status check_prior(const pfc_logit_problem *p, pfc_error *err) {
  const int32_t n = p->x->n_cols + 1;
  if (p->prior->n != n)
    return pfc_fail(err, PFC_EUSAGE,
                    "logistic regression: a prior of %d coefficients, but there are %d",
                    (int)p->prior->n, (int)n);
  for (int32_t j = 0; j < n; j++)
    if (!p->prior_mean || !isfinite(p->prior_mean[j]))
      return pfc_fail(err, PFC_EUSAGE,
                      "logistic regression: the prior mean of coefficient %d is not finite",
                      (int)j);
  return PFC_OK;
}

pfc_status pfc__prior_init(pfc__prior *prior, const pfc_logit_problem *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!p->prior) return PFC_OK;
  const ptrdiff_t n = p->prior->n_full;
  const double *from = p->prior->precision;
  PFC_TRY(check_prior(p, err));
  prior->p = p->prior;
  PFC_NEW(prior->cholesky, n * n);
  PFC_NEW(prior->rhs, n);
  PFC_NEW(prior->scratch, p->prior->n);
  for (ptrdiff_t a = 0; a < n; a++)
    for (ptrdiff_t b = 0; b <= a; b++) prior->cholesky[a * n + b] = *from++;
  /* Row-major lower is column-major upper. */
  const lapack_int info = n == 0 ? 0
                                 : LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n,
                                                       prior->cholesky, (lapack_int)n);
  if (info != 0)
    st = pfc_fail(err, PFC_ENUMERIC,
                  "logistic regression: the prior is not positive definite at coefficient %d",
                  (int)p->prior->full[info > 0 ? info - 1 : 0]);
done:
  return st;
}

void pfc__prior_clear(pfc__prior *prior) {
  pfc_free(prior->cholesky);
  pfc_free(prior->rhs);
  pfc_free(prior->scratch);
}

void pfc__prior_solve(const pfc__prior *prior, const double *diagonal, const double *r,
                      double *out) {
  const int32_t n = prior->p->n_full, *full = prior->p->full;
  for (int32_t j = 0; j < prior->p->n; j++) out[j] = r[j] / diagonal[j];
  for (int32_t a = 0; a < n; a++) prior->rhs[a] = r[full[a]];
  if (n == 0 ||
      LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'U', n, 1, prior->cholesky, n, prior->rhs, n) != 0)
    return;
  for (int32_t a = 0; a < n; a++) out[full[a]] = prior->rhs[a];
}
