#include <lapacke.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/logit_internal.h"

/* Rows that Z'HZ is estimated from: a preconditioner need not be exact, and a sample of
 * fixed stride costs less than one product with the Hessian. */
#define SAMPLE_ROWS 65536

pfc_status pfc__coarse_init(pfc__coarse *c, const pfc_logit_problem *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!p->field || p->n_fields == 0) return PFC_OK;
  const int32_t n = p->n_fields + 1;
  PFC_NEW(c->matrix, (size_t)n * (size_t)n);
  PFC_NEW(c->rhs, n);
  PFC_NEW(c->ridge, n);
  PFC_NEW(c->value, n);
  PFC_NEW(c->stamp, n);
  PFC_NEW(c->touched, n);
  for (int32_t j = 0; j < p->x->n_cols; j++) {
    if (p->field[j] >= 0) c->ridge[p->field[j]] += p->ridge[j];
  }
  c->n = n;
done:
  return st;
}

void pfc__coarse_clear(pfc__coarse *c) {
  pfc_free(c->matrix);
  pfc_free(c->rhs);
  pfc_free(c->ridge);
  pfc_free(c->value);
  pfc_free(c->stamp);
  pfc_free(c->touched);
}

/* matrix += scale * z z', z the sums of row i's values by field, 1 for the intercept. */
static void add_row(pfc__coarse *c, const pfc_logit_problem *p, int64_t i, double scale) {
  const pfc_csr *x = p->x;
  int n = 0;
  for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
    const int32_t field = p->field[x->col[e]];
    if (field < 0) continue;
    if (c->stamp[field] != i + 1) {
      c->stamp[field] = i + 1;
      c->value[field] = 0;
      c->touched[n++] = field;
    }
    c->value[field] += (double)x->val[e];
  }
  c->touched[n++] = c->n - 1;
  c->value[c->n - 1] = 1;
  for (int a = 0; a < n; a++) {
    double *row = c->matrix + (ptrdiff_t)c->touched[a] * c->n;
    const double scaled = scale * c->value[c->touched[a]];
    for (int b = 0; b < n; b++) row[c->touched[b]] += scaled * c->value[c->touched[b]];
  }
}

void pfc__coarse_update(pfc__coarse *c, const pfc_logit_problem *p, const double *curvature) {
  const int64_t rows = p->x->n_rows;
  const int64_t stride = (rows + SAMPLE_ROWS - 1) / SAMPLE_ROWS;
  memset(c->matrix, 0, sizeof *c->matrix * (size_t)c->n * (size_t)c->n);
  memset(c->stamp, 0, sizeof *c->stamp * (size_t)c->n);
  for (int64_t i = 0; i < rows; i += stride) add_row(c, p, i, (double)stride * curvature[i]);
  /* Two fields that both sum to 1 in every row differ by their ridges only: a trace of
   * the diagonal keeps the factorization alive. A field no row has falls back to 1. */
  for (int32_t a = 0; a < c->n; a++) {
    double *own = &c->matrix[(ptrdiff_t)a * c->n + a];
    *own = (*own + c->ridge[a]) * (1 + 1e-10);
    if (*own == 0) *own = 1;
  }
  c->usable = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', c->n, c->matrix, c->n) == 0;
  c->current = true;
}

void pfc__coarse_add(pfc__coarse *c, const pfc_logit_problem *p, const double *r, double *out) {
  const int32_t d = p->x->n_cols;
  if (!c->usable) return;
  memset(c->rhs, 0, sizeof *c->rhs * (size_t)c->n);
  for (int32_t j = 0; j < d; j++) {
    if (p->field[j] >= 0) c->rhs[p->field[j]] += r[j];
  }
  c->rhs[c->n - 1] = r[d];
  if (LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', c->n, 1, c->matrix, c->n, c->rhs, c->n) != 0)
    return;
  for (int32_t j = 0; j < d; j++) {
    if (p->field[j] >= 0) out[j] += c->rhs[p->field[j]];
  }
  out[d] += c->rhs[c->n - 1];
}
