/* The loss of one cause:
 *
 *   sum over spells i, crossed segments s of  ticks_is softplus(eta_is) - events_is eta_is
 *   + 1/2 sum ridge_j coef_j^2 + 1/2 sum baseline_ridge_k b_k^2 + smoothing links,
 *
 * eta_is = level of the cell (curve of i, s) + x_i.coef. All a spell hands to the baseline
 * goes through the cell's two numbers, so levels are made and taken apart once a cell and
 * not once a spell. */
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/logistic.h"
#include "trainer/column_sums.h"
#include "trainer/hazard_internal.h"

/* Parameters up to which the baseline's block of the Hessian is factored. */
#define DENSE_BASELINE 2048

struct pfc__hazard_loss {
  const pfc_hazard_problem *p;
  const pfc__crossings *s;
  int64_t n_cells;
  pfc__column_sums sums;
  double *shift;    /* n: x_i.coef, or x_i.v */
  double *residual; /* n: sum over crossings of ticks * mean - events */
  double *weight;   /* n: sum over crossings of ticks * mean * (1 - mean) */
  float *curvature; /* crossings: ticks * mean * (1 - mean); steers CG alone */
  double *level;    /* n_cells: baseline part of eta, or of its change */
  double *cell_residual, *cell_curvature; /* n_cells */
  double *partial;                        /* 2 a chunk and segment */
  double *chunk_loss;                     /* n_chunks */
  double *block; /* baseline block's Cholesky factor; NULL: too large */
  bool block_current, block_usable;
};

pfc_status pfc__hazard_loss_create(const pfc_hazard_problem *p, const pfc__crossings *s,
                                   pfc__hazard_loss **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__hazard_loss *loss = NULL;
  PFC_NEW(loss, 1);
  loss->p = p;
  loss->s = s;
  loss->n_cells = s->cell[p->n_curves];
  PFC_TRY(pfc__column_sums_init(&loss->sums, p->x, err));
  PFC_NEW(loss->shift, p->n);
  PFC_NEW(loss->residual, p->n);
  PFC_NEW(loss->weight, p->n);
  PFC_NEW(loss->curvature, s->start[s->n]);
  PFC_NEW(loss->level, loss->n_cells);
  PFC_NEW(loss->cell_residual, loss->n_cells);
  PFC_NEW(loss->cell_curvature, loss->n_cells);
  PFC_NEW(loss->partial, 2 * s->n_partials);
  PFC_NEW(loss->chunk_loss, s->n_chunks);
  if (p->n_baseline <= DENSE_BASELINE)
    PFC_NEW(loss->block, (size_t)p->n_baseline * (size_t)p->n_baseline);
  *out = loss;
  loss = NULL;
done:
  pfc__hazard_loss_destroy(loss);
  return st;
}

void pfc__hazard_loss_destroy(pfc__hazard_loss *loss) {
  if (!loss) return;
  pfc__column_sums_clear(&loss->sums);
  pfc_free(loss->shift);
  pfc_free(loss->residual);
  pfc_free(loss->weight);
  pfc_free(loss->curvature);
  pfc_free(loss->level);
  pfc_free(loss->cell_residual);
  pfc_free(loss->cell_curvature);
  pfc_free(loss->partial);
  pfc_free(loss->chunk_loss);
  pfc_free(loss->block);
  pfc_free(loss);
}

/* Levels of the cells and shifts of the spells at v = (baseline, coefficients). */
static void set_predictors(pfc__hazard_loss *loss, const double *v) {
  const pfc_hazard_problem *p = loss->p;
  const double *coef = v + p->n_baseline;
  for (int32_t c = 0; c < p->n_curves; c++) {
    for (int32_t s = 0; s < p->curves[c].n; s++) {
      double sum = 0;
      for (int i = 0; i < PFC_CURVE_PARAMS; i++) {
        const int32_t param = p->curves[c].param[s][loss->s->cause][i];
        if (param >= 0) sum += v[param];
      }
      loss->level[loss->s->cell[c] + s] = sum;
    }
  }
#pragma omp parallel for schedule(static) if (PFC_WORTH_THREADS(p->x->start[p->n]))
  for (int64_t i = 0; i < p->n; i++) loss->shift[i] = pfc__row_dot(p->x, i, coef);
}

/* Loss, residuals and curvatures of a chunk; residual[s] and curvature[s] collect its
 * spells by segment. */
static double evaluate_chunk(pfc__hazard_loss *loss, const pfc__chunk *chunk, double *residual,
                             double *curvature) {
  const pfc__crossings *s = loss->s;
  const double *level = loss->level + s->cell[chunk->curve];
  pfc__crossed at;
  int64_t latent = chunk->latent;
  double sum = 0;
  for (int64_t place = chunk->from; place < chunk->to; place++) {
    const int64_t i = s->order[place];
    double spell_residual = 0, spell_weight = 0;
    float *kept = loss->curvature + s->start[place];
    int32_t segment = s->first[place];
    pfc__crossings_at(s, loss->p, place, &latent, &at);
    for (int32_t c = 0; c < at.n; c++, segment++) {
      const double eta = level[segment] + loss->shift[i];
      const double mean = pfc_logistic(eta);
      const double r = at.ticks[c] * mean - at.events[c];
      const double h = at.ticks[c] * mean * pfc_logistic(-eta);
      sum += at.ticks[c] * pfc_softplus(eta) - at.events[c] * eta;
      kept[c] = (float)h;
      residual[segment] += r;
      curvature[segment] += h;
      spell_residual += r;
      spell_weight += h;
    }
    loss->residual[i] = spell_residual;
    loss->weight[i] = spell_weight;
  }
  return sum;
}

/* cells = sum of the chunks' partial sums, chunk after chunk. */
static void gather_cells(const pfc__hazard_loss *loss, const double *partial, double *cells) {
  const pfc__crossings *s = loss->s;
  memset(cells, 0, sizeof *cells * (size_t)loss->n_cells);
  for (int64_t k = 0; k < s->n_chunks; k++) {
    const pfc__chunk *chunk = &s->chunk[k];
    double *cell = cells + s->cell[chunk->curve];
    for (int32_t segment = 0; segment < loss->p->curves[chunk->curve].n; segment++) {
      cell[segment] += partial[chunk->partial + segment];
    }
  }
}

/* out[param] += cell's number for each parameter of each cell. */
static void scatter_cells(const pfc__hazard_loss *loss, const double *cells, double *out) {
  const pfc_hazard_problem *p = loss->p;
  for (int32_t c = 0; c < p->n_curves; c++) {
    for (int32_t s = 0; s < p->curves[c].n; s++) {
      for (int i = 0; i < PFC_CURVE_PARAMS; i++) {
        const int32_t param = p->curves[c].param[s][loss->s->cause][i];
        if (param >= 0) out[param] += cells[loss->s->cell[c] + s];
      }
    }
  }
}

/* out[j] = sum over rows of x_ij^power from[i] */
static void sum_columns(pfc__hazard_loss *loss, const double *from, bool squared, double *out) {
  const pfc_csr *x = loss->p->x;
  pfc__column_sums *sums = &loss->sums;
#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS(x->start[x->n_rows]))
  for (int64_t chunk = 0; chunk < sums->n_chunks; chunk++) {
    double *into = pfc__chunk_sums(sums, chunk);
    for (int64_t i = pfc__chunk_from(sums, chunk); i < pfc__chunk_to(sums, chunk); i++) {
      if (squared) {
        pfc__add_squares(x, i, from[i], into);
      } else {
        pfc__add_row(x, i, from[i], into);
      }
    }
  }
  pfc__column_sums_total(sums, out);
}

/* Value of the penalties at v; adds their gradient and diagonal where wanted. */
static double penalize(const pfc_hazard_problem *p, const double *v, double *gradient,
                       double *diagonal) {
  double sum = 0;
  const int64_t n = (int64_t)p->n_baseline + p->x->n_cols;
  if (p->prior) {
    if (diagonal) pfc_posterior_add_diagonal(p->prior, diagonal);
    return pfc_posterior_pull(p->prior, p->prior_mean, v, gradient);
  }
  for (int64_t j = 0; j < n; j++) {
    const double ridge = j < p->n_baseline ? p->baseline_ridge[j] : p->ridge[j - p->n_baseline];
    sum += ridge * v[j] * v[j];
    if (gradient) gradient[j] += ridge * v[j];
    if (diagonal) diagonal[j] += ridge;
  }
  for (int64_t k = 0; k < p->n_links; k++) {
    const int32_t a = p->link[k][0], b = p->link[k][1];
    const double pull = p->link_weight[k] * (v[a] - v[b]);
    sum += pull * (v[a] - v[b]);
    if (gradient) {
      gradient[a] += pull;
      gradient[b] -= pull;
    }
    if (diagonal) {
      diagonal[a] += p->link_weight[k];
      diagonal[b] += p->link_weight[k];
    }
  }
  return sum / 2;
}

static pfc_status evaluate(void *self, const double *w, double *value, double *gradient,
                           double *diagonal, pfc_error *err) {
  (void)err;
  pfc__hazard_loss *loss = self;
  const pfc_hazard_problem *p = loss->p;
  const pfc__crossings *s = loss->s;
  const int64_t n = (int64_t)p->n_baseline + p->x->n_cols;
  double *curvatures = loss->partial + s->n_partials;
  set_predictors(loss, w);
  memset(loss->partial, 0, sizeof *loss->partial * (size_t)(2 * s->n_partials));
#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS(s->start[s->n]))
  for (int64_t k = 0; k < s->n_chunks; k++) {
    const pfc__chunk *chunk = &s->chunk[k];
    loss->chunk_loss[k] = evaluate_chunk(loss, chunk, loss->partial + chunk->partial,
                                         curvatures + chunk->partial);
  }
  gather_cells(loss, loss->partial, loss->cell_residual);
  gather_cells(loss, curvatures, loss->cell_curvature);
  loss->block_current = false;
  double sum = 0;
  for (int64_t k = 0; k < s->n_chunks; k++) sum += loss->chunk_loss[k];
  if (gradient) {
    memset(gradient, 0, sizeof *gradient * (size_t)p->n_baseline);
    scatter_cells(loss, loss->cell_residual, gradient);
    sum_columns(loss, loss->residual, false, gradient + p->n_baseline);
  }
  if (diagonal) {
    memset(diagonal, 0, sizeof *diagonal * (size_t)p->n_baseline);
    scatter_cells(loss, loss->cell_curvature, diagonal);
    sum_columns(loss, loss->weight, true, diagonal + p->n_baseline);
  }
  *value = sum + penalize(p, w, gradient, diagonal);
  /* A baseline parameter that no spell meets and nothing penalizes has gradient 0. */
  for (int64_t j = 0; diagonal && j < n; j++) diagonal[j] = diagonal[j] > 0 ? diagonal[j] : 1;
  return PFC_OK;
}

/* The change of each spell's residual along v; image[s] collects a chunk by segment. */
static void multiply_chunk(pfc__hazard_loss *loss, const pfc__chunk *chunk, double *image) {
  const pfc__crossings *s = loss->s;
  const double *level = loss->level + s->cell[chunk->curve];
  for (int64_t place = chunk->from; place < chunk->to; place++) {
    const int64_t i = s->order[place];
    const double shift = loss->shift[i];
    double sum = 0;
    int32_t segment = s->first[place];
    for (int64_t c = s->start[place]; c < s->start[place + 1]; c++, segment++) {
      const double change = (double)loss->curvature[c] * (level[segment] + shift);
      image[segment] += change;
      sum += change;
    }
    loss->residual[i] = sum;
  }
}

static void product(void *self, const double *v, double *out) {
  pfc__hazard_loss *loss = self;
  const pfc_hazard_problem *p = loss->p;
  const pfc__crossings *s = loss->s;
  set_predictors(loss, v);
  memset(loss->partial, 0, sizeof *loss->partial * (size_t)s->n_partials);
#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS(s->start[s->n]))
  for (int64_t k = 0; k < s->n_chunks; k++) {
    multiply_chunk(loss, &s->chunk[k], loss->partial + s->chunk[k].partial);
  }
  gather_cells(loss, loss->partial, loss->cell_residual);
  memset(out, 0, sizeof *out * (size_t)p->n_baseline);
  scatter_cells(loss, loss->cell_residual, out);
  sum_columns(loss, loss->residual, false, out + p->n_baseline);
  if (p->prior)
    pfc_posterior_times(p->prior, v, out);
  else
    (void)penalize(p, v, out, NULL); /* the penalties are quadratic: gradient at v = H v */
}

/* What the prior, or the links, have between parameters of the baseline. */
static void add_penalty_block(pfc__hazard_loss *loss) {
  const pfc_hazard_problem *p = loss->p;
  const ptrdiff_t n = p->n_baseline;
  for (int64_t k = 0; !p->prior && k < p->n_links; k++) {
    const int32_t a = p->link[k][0], b = p->link[k][1];
    loss->block[a * n + b] -= p->link_weight[k];
    loss->block[b * n + a] -= p->link_weight[k];
  }
  const double *row = p->prior ? p->prior->precision : NULL;
  for (int32_t k = 0; p->prior && k < p->prior->n_full; k++, row += k) {
    const int32_t a = p->prior->full[k];
    for (int32_t l = 0; l < k && a < n; l++) {
      loss->block[a * n + p->prior->full[l]] += row[l];
      loss->block[p->prior->full[l] * n + a] += row[l];
    }
  }
}

/* The baseline's own block of the Hessian: bins and deviations overlap, so that
 * their diagonal alone says little. */
static void update_block(pfc__hazard_loss *loss, const double *diagonal) {
  const pfc_hazard_problem *p = loss->p;
  const ptrdiff_t n = p->n_baseline;
  memset(loss->block, 0, sizeof *loss->block * (size_t)(n * n));
  for (int32_t c = 0; c < p->n_curves; c++) {
    for (int32_t s = 0; s < p->curves[c].n; s++) {
      const int32_t *param = p->curves[c].param[s][loss->s->cause];
      const double h = loss->cell_curvature[loss->s->cell[c] + s];
      for (int e = 0; e < PFC_CURVE_PARAMS * PFC_CURVE_PARAMS; e++) {
        const int32_t a = param[e / PFC_CURVE_PARAMS], b = param[e % PFC_CURVE_PARAMS];
        if (a >= 0 && b >= 0 && a != b) loss->block[a * n + b] += h;
      }
    }
  }
  add_penalty_block(loss);
  /* The trace keeps it definite where parameters are collinear and not penalized. */
  for (ptrdiff_t a = 0; a < n; a++) loss->block[a * n + a] = diagonal[a] * (1 + 1e-8);
  loss->block_usable =
      LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (int)n, loss->block, (int)n) == 0;
  loss->block_current = true;
}

static void precondition(void *self, const double *diagonal, const double *r, double *out) {
  pfc__hazard_loss *loss = self;
  const int32_t n_baseline = loss->p->n_baseline;
  const int64_t n = (int64_t)n_baseline + loss->p->x->n_cols;
  for (int64_t j = 0; j < n; j++) out[j] = r[j] / diagonal[j];
  if (!loss->block || n_baseline == 0) return;
  if (!loss->block_current) update_block(loss, diagonal);
  if (!loss->block_usable) return;
  memcpy(out, r, sizeof *out * (size_t)n_baseline);
  (void)LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', n_baseline, 1, loss->block, n_baseline, out,
                            n_baseline);
}

pfc_objective pfc__hazard_objective(pfc__hazard_loss *loss) {
  return (pfc_objective){.n = (int64_t)loss->p->n_baseline + loss->p->x->n_cols,
                         .self = loss,
                         .evaluate = evaluate,
                         .product = product,
                         .precondition = precondition};
}
