#include "trainer/logit.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "models/logistic.h"
#include "trainer/cg_internal.h"
#include "trainer/column_sums.h"
#include "trainer/logit_internal.h"

/* Every pass over the rows does all of its work while a row is at hand. Scalars are summed by
 * tile, columns by chunk. */
typedef struct fit {
  const pfc_logit_problem *p;
  double *curvature; /* n: weight mean (1 - mean), second derivative of a row's loss */
  pfc__column_sums slopes, bends; /* of gradient or product, of the diagonal */
  struct sums {
    double loss, residual, curvature;
  } * chunk;
  pfc__coarse coarse;
  pfc__prior prior;
} fit;

static void fit_clear(fit *f) {
  pfc_free(f->curvature);
  pfc__column_sums_clear(&f->slopes);
  pfc__column_sums_clear(&f->bends);
  pfc_free(f->chunk);
  pfc__coarse_clear(&f->coarse);
  pfc__prior_clear(&f->prior);
}

static pfc_status fit_init(fit *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_csr *x = f->p->x;
  PFC_NEW(f->curvature, x->n_rows);
  PFC_TRY(pfc__column_sums_init(&f->slopes, x, err));
  PFC_TRY(pfc__column_sums_init(&f->bends, x, err));
  PFC_NEW(f->chunk, f->slopes.n_chunks);
  if (f->p->prior)
    PFC_TRY(pfc__prior_init(&f->prior, f->p, err));
  else
    PFC_TRY(pfc__coarse_init(&f->coarse, f->p, err));
done:
  return st;
}

/* Rows of one tile that begins at i, within a chunk that ends at `to`. */
static int64_t tile_end(int64_t i, int64_t to) { return i + PFC_TILE < to ? i + PFC_TILE : to; }

/* Loss, residuals and curvatures of the rows [from, to): their sums, and what they add to the
 * columns: x_ij residual_i and x_ij^2 curvature_i. */
static struct sums evaluate_rows(fit *f, int64_t from, int64_t to, const double *w,
                                 double *slopes, double *bends) {
  const pfc_logit_problem *p = f->p;
  const pfc_csr *x = p->x;
  const double intercept = w[x->n_cols];
  struct sums sum = {0};
  for (int64_t i = from; i < to; i++) {
    const double eta = intercept + (p->offset ? p->offset[i] : 0) + pfc__row_dot(x, i, w);
    const double weight = p->weight ? (double)p->weight[i] : 1, y = (double)p->y[i];
    const double mean = pfc_logistic(eta), rest = pfc_logistic(-eta);
    const double residual =
        weight * ((1 - y) * mean - y * rest); /* mean - y, to the last digit */
    f->curvature[i] = weight * mean * rest;
    pfc__add_row(x, i, residual, slopes);
    pfc__add_squares(x, i, f->curvature[i], bends);
    sum.loss += weight * pfc_logistic_loss(eta, y);
    sum.residual += residual;
    sum.curvature += f->curvature[i];
  }
  return sum;
}

static void evaluate_chunk(fit *f, int64_t chunk, const double *w) {
  double *slopes = pfc__chunk_sums(&f->slopes, chunk),
         *bends = pfc__chunk_sums(&f->bends, chunk);
  const int64_t to = pfc__chunk_to(&f->slopes, chunk);
  struct sums all = {0};
  for (int64_t i = pfc__chunk_from(&f->slopes, chunk); i < to; i += PFC_TILE) {
    const struct sums tile = evaluate_rows(f, i, tile_end(i, to), w, slopes, bends);
    all.loss += tile.loss;
    all.residual += tile.residual;
    all.curvature += tile.curvature;
  }
  f->chunk[chunk] = all;
}

/* Adds what the penalty says of w; gradient, diagonal: NULL where they are not wanted. */
static void add_penalty(const fit *f, const double *w, double *value, double *gradient,
                        double *diagonal) {
  const double *ridge = f->p->ridge;
  if (f->p->prior) {
    *value += pfc_posterior_pull(f->p->prior, f->p->prior_mean, w,
                                 gradient ? gradient : f->prior.scratch);
    if (diagonal) pfc_posterior_add_diagonal(f->p->prior, diagonal);
    return;
  }
  double penalty = 0;
  for (int32_t j = 0; j < f->p->x->n_cols; j++) {
    penalty += ridge[j] * w[j] * w[j];
    if (gradient) gradient[j] += ridge[j] * w[j];
    if (diagonal) diagonal[j] += ridge[j];
  }
  *value += penalty / 2;
}

static pfc_status evaluate(void *self, const double *w, double *value, double *gradient,
                           double *diagonal, pfc_error *err) {
  (void)err;
  fit *f = self;
  const int32_t d = f->p->x->n_cols;
#pragma omp parallel for schedule(dynamic, \
                                  1) if (PFC_WORTH_THREADS(f->p->x->start[f->p->x->n_rows]))
  for (int64_t chunk = 0; chunk < f->slopes.n_chunks; chunk++) evaluate_chunk(f, chunk, w);
  struct sums all = {0};
  for (int64_t chunk = 0; chunk < f->slopes.n_chunks; chunk++) {
    all.loss += f->chunk[chunk].loss;
    all.residual += f->chunk[chunk].residual;
    all.curvature += f->chunk[chunk].curvature;
  }
  *value = all.loss;
  if (gradient) {
    pfc__column_sums_total(&f->slopes, gradient);
    gradient[d] = all.residual;
  }
  if (diagonal) {
    pfc__column_sums_total(&f->bends, diagonal);
    diagonal[d] = fmax(all.curvature, 1e-300); /* all rows may be saturated */
  }
  add_penalty(f, w, value, gradient, diagonal);
  f->coarse.current = false;
  return PFC_OK;
}

/* Adds x_i c_i (x_i.v) of a chunk's rows to its sums; what the intercept gets of it. */
static double multiply_chunk(fit *f, int64_t chunk, const double *v) {
  const pfc_csr *x = f->p->x;
  double *slopes = pfc__chunk_sums(&f->slopes, chunk);
  const int64_t to = pfc__chunk_to(&f->slopes, chunk);
  double all = 0;
  for (int64_t first = pfc__chunk_from(&f->slopes, chunk); first < to; first += PFC_TILE) {
    double tile = 0;
    for (int64_t i = first; i < tile_end(first, to); i++) {
      const double image = f->curvature[i] * (v[x->n_cols] + pfc__row_dot(x, i, v));
      pfc__add_row(x, i, image, slopes);
      tile += image;
    }
    all += tile;
  }
  return all;
}

/* out = (X' C X + P) v, C the curvatures, P the ridges or the prior. */
static void product(void *self, const double *v, double *out) {
  fit *f = self;
  const pfc_csr *x = f->p->x;
  const int32_t d = x->n_cols;
#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS(x->start[x->n_rows]))
  for (int64_t chunk = 0; chunk < f->slopes.n_chunks; chunk++) {
    f->chunk[chunk].residual = multiply_chunk(f, chunk, v);
  }
  pfc__column_sums_total(&f->slopes, out);
  out[d] = 0;
  for (int64_t chunk = 0; chunk < f->slopes.n_chunks; chunk++)
    out[d] += f->chunk[chunk].residual;
  if (f->p->prior)
    pfc_posterior_times(f->p->prior, v, out);
  else
    for (int32_t j = 0; j < d; j++) out[j] += f->p->ridge[j] * v[j];
}

static void precondition(void *self, const double *diagonal, const double *r, double *out) {
  fit *f = self;
  const int32_t d = f->p->x->n_cols;
  if (f->prior.p) {
    pfc__prior_solve(&f->prior, diagonal, r, out);
    return;
  }
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
  if (!p->prior && (positives == 0 || positives == total))
    return pfc_fail(err, PFC_EDATA, "logistic regression: all results are %d",
                    positives == 0 ? 0 : 1);
  return PFC_OK;
}

static pfc_status check_columns(const pfc_logit_problem *p, pfc_error *err) {
  for (int32_t j = 0; j < p->x->n_cols; j++) {
    if (!p->prior && (!(p->ridge[j] > 0) || !isfinite(p->ridge[j])))
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

/* --- spread ------------------------------------------------------------------------------- */

/* A solve to this share of a probe's length is exact enough beside what the probes differ by.
 */
static const double PROBE_TOLERANCE = 1e-3;
enum { MOST_PROBE_PRODUCTS = 250 };

typedef struct probing {
  fit *f;
  double *diagonal, *sign, *solved, *scratch; /* of the Hessian; a probe, and H^-1 of it */
} probing;

static void probe_product(void *self, const double *v, double *out) {
  product(((const probing *)self)->f, v, out);
}

static void probe_precondition(void *self, const double *r, double *out) {
  const probing *of = self;
  precondition(of->f, of->diagonal, r, out);
}

/* One probe z: the sum of z_j (H^-1 z)_j over a group has that of the diagonal as its mean. */
static void probe(probing *of, uint64_t id, const int32_t *group, double *spread) {
  const int32_t d = of->f->p->x->n_cols;
  const pfc__system system = {(int64_t)d + 1, of, probe_product, probe_precondition};
  pfc_rng rng;
  pfc_rng_init(&rng, 1, "logit.spread", id);
  for (int32_t j = 0; j < d; j++) of->sign[j] = pfc_rng_next(&rng) >> 63 ? 1 : -1;
  of->sign[d] = 0; /* nobody asks for the intercept's */
  memset(of->solved, 0, sizeof *of->solved * ((size_t)d + 1));
  (void)pfc__cg(&system, of->sign, PROBE_TOLERANCE * sqrt((double)d), MOST_PROBE_PRODUCTS,
                of->scratch, of->solved);
  for (int32_t j = 0; j < d; j++) spread[group[j]] += of->sign[j] * of->solved[j];
}

pfc_status pfc_logit_spread(const pfc_logit_problem *p, const double *w, int n_groups,
                            const int32_t *group, int n_probes, double *spread,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  fit f = {.p = p};
  probing of = {.f = &f};
  double value;
  const size_t n = (size_t)p->x->n_cols + 1;
  PFC_NEW(of.diagonal, n);
  PFC_NEW(of.sign, n);
  PFC_NEW(of.solved, n);
  PFC_NEW(of.scratch, PFC__CG_SCRATCH(n));
  PFC_TRY(check_columns(p, err));
  PFC_TRY(fit_init(&f, err));
  PFC_TRY(evaluate(&f, w, &value, NULL, of.diagonal, err));
  memset(spread, 0, sizeof *spread * (size_t)n_groups);
  for (int k = 0; k < n_probes; k++) probe(&of, (uint64_t)k, group, spread);
  for (int g = 0; g < n_groups; g++) spread[g] /= n_probes;
done:
  pfc_free(of.diagonal);
  pfc_free(of.sign);
  pfc_free(of.solved);
  pfc_free(of.scratch);
  fit_clear(&f);
  return st;
}

void pfc_logit_predict(const pfc_csr *x, const double *offset, const double *w, double *eta) {
#pragma omp parallel for schedule(static) if (PFC_WORTH_THREADS(x->start[x->n_rows]))
  for (int64_t i = 0; i < x->n_rows; i++) {
    eta[i] = w[x->n_cols] + (offset ? offset[i] : 0) + pfc__row_dot(x, i, w);
  }
}
