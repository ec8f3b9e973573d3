#include "trainer/ease.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "models/baseline.h"

static pfc_status check_size(int32_t n, pfc_error *err) {
  if (n <= PFC_EASE_MOST_ITEMS) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "%d interventions were taken up, at most %d expected: their weights on each "
                  "other would take %.1f GB of memory to fit; itemknn keeps the nearest alone",
                  n, PFC_EASE_MOST_ITEMS, 12e-9 * (double)n * (double)n);
}

/* Lower triangle of X'X + lambda I, column-major. Take-ups are few in a row, so this is little
 * beside the factorization; being one sum after the other it is the same for all threads. */
static void fill_gram(const pfc_csr *x, double lambda, double *G) {
  const size_t n = (size_t)x->n_cols;
  for (int64_t r = 0; r < x->n_rows; r++) {
    for (int64_t a = x->start[r]; a < x->start[r + 1]; a++) {
      double *column = G + (size_t)x->col[a] * n;
      for (int64_t b = a; b < x->start[r + 1]; b++)
        column[x->col[b]] += (double)x->val[a] * (double)x->val[b];
    }
  }
  for (size_t i = 0; i < n; i++) G[i * n + i] += lambda;
}

/* P = G^-1 in the same triangle. */
static pfc_status invert(int n, double *G, pfc_error *err) {
  if (n == 0) return PFC_OK;
  int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', n, G, n);
  if (info == 0) info = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', n, G, n);
  if (info == 0) return PFC_OK;
  return pfc_fail(err, PFC_ENUMERIC,
                  "EASE: pivot %d is not positive: give a larger ease_lambda", info);
}

static double objective(int32_t n, const double *P, double lambda) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += 1 / P[i * n + i] - lambda;
  return sum;
}

static void fill_weights(int32_t n, const double *P, float *B) {
  for (ptrdiff_t j = 0; j < n; j++) {
    for (ptrdiff_t i = 0; i < n; i++) {
      const double p = i > j ? P[j * n + i] : P[i * n + j];
      B[j * n + i] = i == j ? 0 : (float)(-p / P[i * n + i]);
    }
  }
}

/* Of column i: the norm of X'(x_i - X b) - lambda b off the diagonal. */
static double residual(const pfc_csr *x, double lambda, int32_t i, const double *b, double *r) {
  double sum = 0;
  for (int32_t j = 0; j < x->n_cols; j++) r[j] = -lambda * b[j];
  for (int64_t p = 0; p < x->n_rows; p++) {
    double e = 0;
    for (int64_t k = x->start[p]; k < x->start[p + 1]; k++)
      e += (double)x->val[k] * ((x->col[k] == i) - b[x->col[k]]);
    for (int64_t k = x->start[p]; k < x->start[p + 1]; k++)
      r[x->col[k]] += (double)x->val[k] * e;
  }
  for (int32_t j = 0; j < x->n_cols; j++) sum += j == i ? 0 : r[j] * r[j];
  return sqrt(sum);
}

static pfc_status check_columns(const pfc_csr *x, double lambda, const float *B,
                                double *gradient, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *b = NULL, *r = NULL;
  const int32_t n = x->n_cols, at[] = {0, n / 2, n - 1};
  *gradient = 0;
  PFC_NEW(b, n);
  PFC_NEW(r, n);
  for (int k = 0; k < 3 && n > 0; k++) {
    memset(b, 0, (size_t)n * sizeof *b);
    const double before = residual(x, lambda, at[k], b, r);
    for (ptrdiff_t j = 0; j < n; j++) b[j] = (double)B[j * n + at[k]];
    if (before > 0) *gradient = fmax(*gradient, residual(x, lambda, at[k], b, r) / before);
  }
done:
  pfc_free(b);
  pfc_free(r);
  return st;
}

pfc_status pfc_ease_fit(const pfc_csr *x, double lambda, float **out, pfc_ease_report *report,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  double *P = NULL;
  float *B = NULL;
  const int32_t n = x->n_cols;
  const size_t n_weights = (size_t)n * (size_t)n;
  PFC_TRY(check_size(n, err));
  PFC_NEW(P, n_weights);
  fill_gram(x, lambda, P);
  PFC_TRY(invert(n, P, err));
  PFC_NEW(B, n_weights);
  fill_weights(n, P, B);
  report->objective = objective(n, P, lambda);
  PFC_TRY(check_columns(x, lambda, B, &report->gradient, err));
  *out = B;
  B = NULL;
done:
  pfc_free(P);
  pfc_free(B);
  return st;
}
