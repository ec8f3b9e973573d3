#include "trainer/logit.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/logistic.h"
#include "trainer/logit_internal.h"

/* Sums over rows go over tiles, partial sums added in order; sums of a column run down the
 * transpose, one thread a column. Both give the same bits for any number of threads. */
typedef struct fit {
  const pfc_logit_problem *p;
  pfc_csr columns;   /* x' */
  double *residual;  /* n: weight (mean - y) */
  double *curvature; /* n: weight mean (1 - mean), second derivative of a row's loss */
  double *image;     /* n: curvature * (x v) */
  double *partial;   /* 3 a tile */
  pfc__coarse coarse;
} fit;

static void fit_clear(fit *f) {
  pfc_csr_clear(&f->columns);
  pfc_free(f->residual);
  pfc_free(f->curvature);
  pfc_free(f->image);
  pfc_free(f->partial);
  pfc__coarse_clear(&f->coarse);
}

static pfc_status fit_init(fit *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_csr *x = f->p->x;
  PFC_TRY(pfc_csr_transpose(x, &f->columns, err));
  PFC_NEW(f->residual, x->n_rows);
  PFC_NEW(f->curvature, x->n_rows);
  PFC_NEW(f->image, x->n_rows);
  PFC_NEW(f->partial, 3 * pfc_n_tiles(x->n_rows));
  PFC_TRY(pfc__coarse_init(&f->coarse, f->p, err));
done:
  return st;
}

static double row_dot(const pfc_csr *x, int64_t i, const double *w) {
  double sum = 0;
  for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
    sum += (double)x->val[e] * w[x->col[e]];
  }
  return sum;
}

/* Loss, residual and curvature of the rows of a tile; partial[3] = their sums. */
static void evaluate_tile(fit *f, ptrdiff_t tile, const double *w, double *partial) {
  const pfc_logit_problem *p = f->p;
  const pfc_csr *x = p->x;
  const double intercept = w[x->n_cols];
  double loss = 0, residuals = 0, curvatures = 0;
  for (int64_t i = tile * PFC_TILE; i < (tile + 1) * PFC_TILE && i < x->n_rows; i++) {
    const double eta = intercept + (p->offset ? p->offset[i] : 0) + row_dot(x, i, w);
    const double weight = p->weight ? (double)p->weight[i] : 1, y = (double)p->y[i];
    const double mean = pfc_logistic(eta), rest = pfc_logistic(-eta);
    loss += weight * pfc_logistic_loss(eta, y);
    f->residual[i] = weight * ((1 - y) * mean - y * rest); /* mean - y, to the last digit */
    f->curvature[i] = weight * mean * rest;
    residuals += f->residual[i];
    curvatures += f->curvature[i];
  }
  partial[0] = loss;
  partial[1] = residuals;
  partial[2] = curvatures;
}

/* gradient_j = sum_i x_ij residual_i + ridge_j w_j and diagonal_j = sum_i x_ij^2 curvature_i
 * + ridge_j of the columns. */
static void derive_columns(const fit *f, const double *w, double *gradient, double *diagonal) {
  const pfc_csr *T = &f->columns;
#pragma omp parallel for schedule(dynamic, 8) if (PFC_WORTH_THREADS(T->start[T->n_rows]))
  for (int64_t j = 0; j < T->n_rows; j++) {
    double g = 0, h = 0;
    for (int64_t e = T->start[j]; e < T->start[j + 1]; e++) {
      const double v = (double)T->val[e];
      g += v * f->residual[T->col[e]];
      h += v * v * f->curvature[T->col[e]];
    }
    if (gradient) gradient[j] = g + f->p->ridge[j] * w[j];
    if (diagonal) diagonal[j] = h + f->p->ridge[j];
  }
}

static pfc_status evaluate(void *self, const double *w, double *value, double *gradient,
                           double *diagonal, pfc_error *err) {
  (void)err;
  fit *f = self;
  const ptrdiff_t n_tiles = pfc_n_tiles(f->p->x->n_rows);
  const int32_t d = f->p->x->n_cols;
#pragma omp parallel for schedule(dynamic, \
                                  4) if (PFC_WORTH_THREADS(f->p->x->start[f->p->x->n_rows]))
  for (ptrdiff_t tile = 0; tile < n_tiles; tile++) {
    evaluate_tile(f, tile, w, f->partial + 3 * tile);
  }
  double loss = 0, residuals = 0, curvatures = 0, penalty = 0;
  for (ptrdiff_t tile = 0; tile < n_tiles; tile++) {
    loss += f->partial[3 * tile];
    residuals += f->partial[3 * tile + 1];
    curvatures += f->partial[3 * tile + 2];
  }
  for (int32_t j = 0; j < d; j++) penalty += f->p->ridge[j] * w[j] * w[j];
  *value = loss + penalty / 2;
  if (gradient || diagonal) derive_columns(f, w, gradient, diagonal);
  if (gradient) gradient[d] = residuals;
  if (diagonal) diagonal[d] = fmax(curvatures, 1e-300); /* all rows may be saturated */
  f->coarse.current = false;
  return PFC_OK;
}

/* out = (X' C X + ridge) v, C the curvatures. */
static void product(void *self, const double *v, double *out) {
  fit *f = self;
  const pfc_csr *x = f->p->x, *T = &f->columns;
  const int32_t d = x->n_cols;
  const ptrdiff_t n_tiles = pfc_n_tiles(x->n_rows);
#pragma omp parallel for schedule(dynamic, 4) if (PFC_WORTH_THREADS(x->start[x->n_rows]))
  for (ptrdiff_t tile = 0; tile < n_tiles; tile++) {
    double sum = 0;
    for (int64_t i = tile * PFC_TILE; i < (tile + 1) * PFC_TILE && i < x->n_rows; i++) {
      f->image[i] = f->curvature[i] * (v[d] + row_dot(x, i, v));
      sum += f->image[i];
    }
    f->partial[tile] = sum;
  }
#pragma omp parallel for schedule(dynamic, 8) if (PFC_WORTH_THREADS(T->start[T->n_rows]))
  for (int64_t j = 0; j < d; j++) {
    double sum = 0;
    for (int64_t e = T->start[j]; e < T->start[j + 1]; e++) {
      sum += (double)T->val[e] * f->image[T->col[e]];
    }
    out[j] = sum + f->p->ridge[j] * v[j];
  }
  out[d] = 0;
  for (ptrdiff_t tile = 0; tile < n_tiles; tile++) out[d] += f->partial[tile];
}

static void precondition(void *self, const double *diagonal, const double *r, double *out) {
  fit *f = self;
  const int32_t d = f->p->x->n_cols;
  for (int32_t j = 0; j <= d; j++) out[j] = r[j] / diagonal[j];
  if (f->coarse.n == 0) return;
  if (!f->coarse.current) pfc__coarse_update(&f->coarse, f->p, f->curvature);
  pfc__coarse_add(&f->coarse, f->p, r, out);
}

static pfc_status check_rows(const pfc_logit_problem *p, pfc_error *err) {
  double total = 0, positives = 0;
  for (int64_t i = 0; i < p->x->n_rows; i++) {
    const double y = (double)p->y[i], weight = p->weight ? (double)p->weight[i] : 1;
    if (!(y >= 0 && y <= 1))
      return pfc_fail(err, PFC_EUSAGE, "logistic regression: result %lld is %g, not in 0..1",
                      (long long)i, y);
    if (!(weight >= 0) || !isfinite(weight))
      return pfc_fail(err, PFC_EUSAGE, "logistic regression: weight %lld is %g, not 0 or more",
                      (long long)i, weight);
    if (p->offset && !isfinite(p->offset[i]))
      return pfc_fail(err, PFC_EUSAGE, "logistic regression: offset %lld is not finite",
                      (long long)i);
    total += weight;
    positives += weight * y;
  }
  if (total == 0) return pfc_fail(err, PFC_EUSAGE, "logistic regression: all weights are 0");
  if (positives == 0 || positives == total)
    return pfc_fail(err, PFC_EDATA, "logistic regression: all results are %d",
                    positives == 0 ? 0 : 1);
  return PFC_OK;
}

static pfc_status check_columns(const pfc_logit_problem *p, pfc_error *err) {
  for (int32_t j = 0; j < p->x->n_cols; j++) {
    if (!(p->ridge[j] > 0) || !isfinite(p->ridge[j]))
      return pfc_fail(err, PFC_EUSAGE,
                      "logistic regression: ridge of column %d is %g, not "
                      "above 0",
                      (int)j, p->ridge[j]);
    if (p->field && (p->field[j] < -1 || p->field[j] >= p->n_fields))
      return pfc_fail(err, PFC_EUSAGE,
                      "logistic regression: field of column %d is %d, not in "
                      "-1..%d",
                      (int)j, (int)p->field[j], (int)p->n_fields - 1);
  }
  for (int64_t e = 0; e < p->x->start[p->x->n_rows]; e++) {
    if (!isfinite(p->x->val[e]))
      return pfc_fail(err, PFC_EUSAGE,
                      "logistic regression: a value of column %d is not finite",
                      (int)p->x->col[e]);
  }
  return PFC_OK;
}

pfc_status pfc_logit_fit(const pfc_logit_problem *p, const pfc_newton_settings *settings,
                         double *w, pfc_newton_report *report, pfc_error *err) {
  pfc_status st = PFC_OK;
  fit f = {.p = p};
  if (p->x->n_rows == 0) return pfc_fail(err, PFC_EUSAGE, "logistic regression: no rows");
  PFC_TRY(check_rows(p, err));
  PFC_TRY(check_columns(p, err));
  PFC_TRY(fit_init(&f, err));
  const pfc_objective objective = {.n = (int64_t)p->x->n_cols + 1,
                                   .self = &f,
                                   .evaluate = evaluate,
                                   .product = product,
                                   .precondition = precondition};
  PFC_TRY(pfc_newton_minimize(&objective, settings, w, report, err));
done:
  fit_clear(&f);
  return st;
}

void pfc_logit_predict(const pfc_csr *x, const double *offset, const double *w, double *eta) {
#pragma omp parallel for schedule(static) if (PFC_WORTH_THREADS(x->start[x->n_rows]))
  for (int64_t i = 0; i < x->n_rows; i++) {
    eta[i] = w[x->n_cols] + (offset ? offset[i] : 0) + row_dot(x, i, w);
  }
}
