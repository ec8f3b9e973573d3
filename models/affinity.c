#include "models/affinity.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/par.h"

enum {
  ROW_PANEL = 64,   /* gathered rows a ssyrk; the 64 of PFC_AFFINITY_SCRATCH */
  GRAM_GROUPS = 16, /* partial sums of a Gram matrix, whatever the number of threads */
  GRAM_PANEL = 256, /* rows turned to float64 at a time */
};

void pfc_affinity_clear(pfc_affinity *m) {
  pfc_free(m->item_count);
  pfc_free(m->people);
  pfc_free(m->items);
  pfc_free(m->person_prior);
  pfc_free(m->item_prior);
  pfc_features_destroy(m->person_features);
  pfc_features_destroy(m->item_features);
  memset(m, 0, sizeof *m);
}

double pfc_affinity_confidence(const pfc_affinity_weights *w, const pfc_attempt *a,
                               int32_t date) {
  double conf = a->started ? w->started : w->registered;
  if (a->started && pfc_attempt_result(a, date) == 1) conf = w->passed;
  const int32_t since = a->started ? a->start : a->registered;
  if (w->half_life_days <= 0 || date == PFC_NO_DATE || since == PFC_NO_DATE) return conf;
  return conf * exp2(-((double)date - since) / w->half_life_days);
}

double pfc_affinity_ridge(const pfc_affinity *m, double n, double n_other) {
  return m->lambda * pow(n + m->alpha0 * n_other, m->nu);
}

void pfc_affinity_prior(int32_t k, const float *A, int n, const int32_t *col, const float *val,
                        float *prior) {
  memset(prior, 0, sizeof *prior * (size_t)k);
  for (int j = 0; j < n; j++) {
    const float *a = A + (ptrdiff_t)col[j] * k;
    for (int32_t f = 0; f < k; f++) prior[f] += val[j] * a[f];
  }
}

/* S += sum of y_i y_i' over rows from..to-1, upper triangle of the row-major S. */
static void add_moments(int32_t k, const float *Y, ptrdiff_t from, ptrdiff_t to, double *panel,
                        double *S) {
  for (ptrdiff_t i = from; i < to; i += GRAM_PANEL) {
    const int m = (int)(to - i < GRAM_PANEL ? to - i : GRAM_PANEL);
    const float *y = Y + i * k;
    for (ptrdiff_t e = 0; e < (ptrdiff_t)m * k; e++) panel[e] = (double)y[e];
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, k, m, 1, panel, k, 1, S, k);
  }
}

/* The rows are cut into tiles and the tiles into at most GRAM_GROUPS runs. A run is summed
 * by one thread from its first row to its last, and the runs are added in order, so the
 * order of every sum depends on n alone. */
pfc_status pfc_affinity_moments(int32_t k, int32_t n, const float *Y, double *S,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  double *partial = NULL, *panel = NULL;
  const size_t kk = (size_t)k * (size_t)k;
  const ptrdiff_t n_tiles = pfc_n_tiles(n);
  const ptrdiff_t n_groups = n_tiles < GRAM_GROUPS ? n_tiles : GRAM_GROUPS;
  PFC_NEW(partial, (size_t)n_groups * kk);
  PFC_NEW(panel, (size_t)n_groups * GRAM_PANEL * (size_t)k);

#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS((int64_t)n * k * k))
  for (ptrdiff_t g = 0; g < n_groups; g++) {
    const ptrdiff_t from = g * n_tiles / n_groups * PFC_TILE;
    const ptrdiff_t end = (g + 1) * n_tiles / n_groups * PFC_TILE;
    add_moments(k, Y, from, end < n ? end : n, panel + g * GRAM_PANEL * k,
                partial + (size_t)g * kk);
  }

  memset(S, 0, sizeof *S * kk);
  for (ptrdiff_t g = 0; g < n_groups; g++) {
    for (size_t e = 0; e < kk; e++) S[e] += partial[(size_t)g * kk + e];
  }
  for (int32_t a = 0; a < k; a++) {
    for (int32_t b = 0; b < a; b++) S[(size_t)a * (size_t)k + b] = S[(size_t)b * (size_t)k + a];
  }
done:
  pfc_free(partial);
  pfc_free(panel);
  return st;
}

pfc_status pfc_affinity_gram(int32_t k, int32_t n, const float *Y, double alpha0, float *G,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  double *S = NULL;
  PFC_NEW(S, (size_t)k * (size_t)k);
  PFC_TRY(pfc_affinity_moments(k, n, Y, S, err));
  for (size_t e = 0; e < (size_t)k * (size_t)k; e++) G[e] = (float)(alpha0 * S[e]);
done:
  pfc_free(S);
  return st;
}

/* A += sum c_j y_j y_j' (lower triangle), x += sum c_j y_j over m observed columns. Scaled
 * rows are gathered into a panel, because one ssyrk a panel beats m rank-one updates. */
static void add_observed(int32_t k, int m, const int32_t *cols, const float *conf,
                         const float *Y, float *panel, float *A, float *x) {
  for (int j = 0; j < m; j++) {
    const float *y = Y + (ptrdiff_t)cols[j] * k;
    const float c = conf[j], w = sqrtf(c);
    float *z = panel + (ptrdiff_t)j * k;
    for (int32_t f = 0; f < k; f++) {
      z[f] = w * y[f];
      x[f] += c * y[f];
    }
  }
  cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, k, m, 1, panel, k, 1, A, k);
}

pfc_status pfc_affinity_row(const pfc_affinity_rows *rows, ptrdiff_t n, const int32_t *cols,
                            const float *conf, double lambda, const float *prior,
                            float *scratch, float *x, pfc_error *err) {
  const int32_t k = rows->k;
  float *A = scratch, *panel = scratch + (ptrdiff_t)k * k;
  memcpy(A, rows->G, sizeof *A * (size_t)k * (size_t)k);
  for (int32_t f = 0; f < k; f++) {
    A[(ptrdiff_t)f * k + f] += (float)(lambda + rows->kappa);
    x[f] = prior ? (float)rows->kappa * prior[f] : 0;
  }
  for (ptrdiff_t j = 0; j < n; j += ROW_PANEL) {
    const int m = (int)(n - j < ROW_PANEL ? n - j : ROW_PANEL);
    add_observed(k, m, cols + j, conf + j, rows->Y, panel, A, x);
  }
  /* Row-major lower is column-major upper: no transposed copy. */
  const int info = LAPACKE_sposv_work(LAPACK_COL_MAJOR, 'U', k, 1, A, k, x, k);
  if (info != 0) {
    return pfc_fail(err, PFC_ENUMERIC, "affinity row: pivot %d is not positive", info);
  }
  /* A pivot that is NaN passes for positive in some LAPACK kernels. */
  float sum = 0;
  for (int32_t f = 0; f < k; f++) sum += x[f];
  return isfinite(sum) ? PFC_OK
                       : pfc_fail(err, PFC_ENUMERIC, "affinity row: factors are not finite");
}
