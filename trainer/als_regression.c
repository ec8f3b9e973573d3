#include <lapacke.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/als_internal.h"
#include "trainer/cg_internal.h"

/* (kappa F'F + ridge I) A = kappa F'X over the observed rows. The matrix is the same in
 * every sweep: it is factored once where it is small, and never formed where it is large.
 * Sums over rows run down the columns of F (its transpose), one thread a column, so their
 * order does not depend on the number of threads. */
struct pfc__regression {
  const pfc_csr *rows; /* F */
  pfc_csr columns;     /* F' */
  const int32_t *count;
  int32_t k;
  double kappa, ridge;
  double *cholesky; /* d x d; NULL: conjugate gradients */
  double *solution; /* k vectors of d; the last one starts the next solve */
  double *rhs;      /* k vectors of d */
  double *diagonal; /* d, of the matrix */
  double *fitted;   /* n: F v */
  double *cg_scratch;
};

/* out = (kappa F'F + ridge I) v */
static void normal_product(void *self, const double *v, double *out) {
  const pfc__regression *reg = self;
  const pfc_csr *F = reg->rows, *T = &reg->columns;
#pragma omp parallel for schedule(static) if (PFC_WORTH_THREADS(F->start[F->n_rows]))
  for (int64_t i = 0; i < F->n_rows; i++) {
    double sum = 0;
    for (int64_t e = F->start[i]; e < F->start[i + 1]; e++)
      sum += (double)F->val[e] * v[F->col[e]];
    reg->fitted[i] = reg->count[i] > 0 ? sum : 0;
  }
#pragma omp parallel for schedule(dynamic, 16) if (PFC_WORTH_THREADS(T->start[T->n_rows]))
  for (int64_t a = 0; a < T->n_rows; a++) {
    double sum = 0;
    for (int64_t e = T->start[a]; e < T->start[a + 1]; e++) {
      sum += (double)T->val[e] * reg->fitted[T->col[e]];
    }
    out[a] = reg->kappa * sum + reg->ridge * v[a];
  }
}

static void divide_by_diagonal(void *self, const double *r, double *out) {
  const pfc__regression *reg = self;
  for (int64_t a = 0; a < reg->columns.n_rows; a++) out[a] = r[a] / reg->diagonal[a];
}

static void find_diagonal(pfc__regression *reg) {
  const pfc_csr *T = &reg->columns;
  for (int64_t a = 0; a < T->n_rows; a++) {
    double sum = 0;
    for (int64_t e = T->start[a]; e < T->start[a + 1]; e++) {
      if (reg->count[T->col[e]] > 0) sum += (double)T->val[e] * (double)T->val[e];
    }
    reg->diagonal[a] = reg->kappa * sum + reg->ridge;
  }
}

/* Row a of kappa F'F + ridge I. */
static void normal_row(const pfc__regression *reg, int64_t a, double *out) {
  const pfc_csr *F = reg->rows, *T = &reg->columns;
  for (int64_t e = T->start[a]; e < T->start[a + 1]; e++) {
    const int64_t i = T->col[e];
    if (reg->count[i] == 0) continue;
    const double scaled = reg->kappa * (double)T->val[e];
    for (int64_t g = F->start[i]; g < F->start[i + 1]; g++) {
      out[F->col[g]] += scaled * (double)F->val[g];
    }
  }
  out[a] += reg->ridge;
}

static pfc_status factor(pfc__regression *reg, const char *side, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t d = reg->columns.n_rows;
  PFC_NEW(reg->cholesky, (size_t)d * (size_t)d);
#pragma omp parallel for schedule(dynamic, 16)
  for (int64_t a = 0; a < d; a++) normal_row(reg, a, reg->cholesky + a * d);
  const lapack_int info =
      LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (int)d, reg->cholesky, (int)d);
  if (info != 0) {
    st =
        pfc_fail(err, PFC_ENUMERIC,
                 "affinity: attributes of %s are collinear and their ridge is lost in float64: "
                 "raise prior_ridge (%g) or lower kappa_%s (%g)",
                 side, reg->ridge, side, reg->kappa);
  }
done:
  return st;
}

pfc_status pfc__regression_create(const pfc__side *side, int32_t k, double kappa, double ridge,
                                  pfc__regression **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__regression *reg = NULL;
  const size_t d = (size_t)side->attributes->n_cols;
  PFC_NEW(reg, 1);
  reg->rows = side->attributes;
  reg->count = side->count;
  reg->k = k;
  reg->kappa = kappa;
  reg->ridge = ridge;
  PFC_TRY(pfc_csr_transpose(side->attributes, &reg->columns, err));
  PFC_NEW(reg->solution, (size_t)k * d);
  PFC_NEW(reg->rhs, (size_t)k * d);
  PFC_NEW(reg->diagonal, d);
  PFC_NEW(reg->fitted, side->n);
  PFC_NEW(reg->cg_scratch, PFC__CG_SCRATCH(d));
  find_diagonal(reg);
  if (d <= PFC__DENSE_ATTRIBUTES) PFC_TRY(factor(reg, side->name, err));
  *out = reg;
  reg = NULL;
done:
  pfc__regression_destroy(reg);
  return st;
}

void pfc__regression_destroy(pfc__regression *reg) {
  if (!reg) return;
  pfc_csr_clear(&reg->columns);
  pfc_free(reg->cholesky);
  pfc_free(reg->solution);
  pfc_free(reg->rhs);
  pfc_free(reg->diagonal);
  pfc_free(reg->fitted);
  pfc_free(reg->cg_scratch);
  pfc_free(reg);
}

/* rhs[f] = kappa F' (column f of X) */
static void find_rhs(pfc__regression *reg, const float *factors) {
  const pfc_csr *T = &reg->columns;
  const int64_t d = T->n_rows;
  const int32_t k = reg->k;
#pragma omp parallel for schedule(dynamic, 16) if (PFC_WORTH_THREADS(T->start[d] * k))
  for (int64_t a = 0; a < d; a++) {
    for (int32_t f = 0; f < k; f++) reg->rhs[f * d + a] = 0;
    for (int64_t e = T->start[a]; e < T->start[a + 1]; e++) {
      if (reg->count[T->col[e]] == 0) continue;
      const float *x = factors + (ptrdiff_t)T->col[e] * k;
      const double scaled = reg->kappa * (double)T->val[e];
      for (int32_t f = 0; f < k; f++) reg->rhs[f * d + a] += scaled * (double)x[f];
    }
  }
}

/* Each column from where the last sweep left it, so that the objective cannot rise. */
static void solve_by_cg(pfc__regression *reg) {
  const int64_t d = reg->columns.n_rows;
  const pfc__system system = {d, reg, normal_product, divide_by_diagonal};
  for (int32_t f = 0; f < reg->k; f++) {
    const double *b = reg->rhs + f * d;
    (void)pfc__cg(&system, b, 1e-9 * pfc__norm(d, b), 10 * d, reg->cg_scratch,
                  reg->solution + f * d);
  }
}

pfc_status pfc__regression_solve(pfc__regression *reg, const float *factors, float *prior,
                                 pfc_error *err) {
  const int64_t d = reg->columns.n_rows;
  const int32_t k = reg->k;
  find_rhs(reg, factors);
  if (reg->cholesky) {
    memcpy(reg->solution, reg->rhs, sizeof *reg->rhs * (size_t)(d * k));
    const lapack_int info = LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', (int)d, k, reg->cholesky,
                                                (int)d, reg->solution, (int)d);
    if (info != 0)
      return pfc_fail(err, PFC_ENUMERIC, "regression on attributes: LAPACK says %d", (int)info);
  } else {
    solve_by_cg(reg);
  }
  for (int64_t a = 0; a < d; a++) {
    for (int32_t f = 0; f < k; f++) prior[a * k + f] = (float)reg->solution[f * d + a];
  }
  return PFC_OK;
}
