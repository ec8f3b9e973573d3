#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/als.h"
#include "trainer/als_internal.h"

void pfc__side_prior(const pfc__side *side, int32_t k, int32_t i, float *out) {
  const pfc_csr *F = side->attributes;
  if (!F) {
    memset(out, 0, sizeof *out * (size_t)k);
    return;
  }
  const int64_t from = F->start[i];
  pfc_affinity_prior(k, side->prior, (int)(F->start[i + 1] - from), F->col + from,
                     F->val + from, out);
}

double pfc__als_total(const pfc__als_terms *t) {
  return t->pairs + t->observed + t->rows[0] + t->rows[1] + t->regression[0] + t->regression[1];
}

/* Sums of tiles, added in order whichever thread made them. */
static double sum_in_order(ptrdiff_t n, const double *partial) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += partial[i];
  return sum;
}

void pfc__als_pairs(const pfc_affinity *m, const pfc__side *side, pfc__als_terms *t) {
  double trace = 0;
  for (ptrdiff_t e = 0; e < (ptrdiff_t)m->rank * m->rank; e++) {
    trace += side[0].moments[e] * side[1].moments[e];
  }
  t->pairs = m->alpha0 * trace;
}

static double observed_row(int32_t k, const pfc_csr *conf, int64_t p, const float *x,
                           const float *items) {
  double sum = 0;
  for (int64_t e = conf->start[p]; e < conf->start[p + 1]; e++) {
    const float *y = items + (ptrdiff_t)conf->col[e] * k;
    double dot = 0;
    for (int32_t f = 0; f < k; f++) dot += (double)x[f] * (double)y[f];
    sum += (double)conf->val[e] * (1 - dot) * (1 - dot);
  }
  return sum;
}

pfc_status pfc__als_observed(const pfc_affinity *m, const pfc_csr *conf, const pfc__side *side,
                             pfc__als_terms *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *partial = NULL;
  const ptrdiff_t n_tiles = pfc_n_tiles(conf->n_rows);
  PFC_NEW(partial, n_tiles);
#pragma omp parallel for schedule( \
    dynamic, 1) if (PFC_WORTH_THREADS(conf->start[conf->n_rows] * m->rank))
  for (ptrdiff_t tile = 0; tile < n_tiles; tile++) {
    const int64_t from = tile * PFC_TILE;
    for (int64_t p = from; p < from + PFC_TILE && p < conf->n_rows; p++) {
      partial[tile] +=
          observed_row(m->rank, conf, p, side[0].factors + p * m->rank, side[1].factors);
    }
  }
  t->observed = sum_in_order(n_tiles, partial);
done:
  pfc_free(partial);
  return st;
}

/* lambda_p |x|^2 + kappa |x - prior|^2 of an observed row. */
static double penalty(const pfc_affinity *m, double lambda, double kappa, const float *x,
                      const float *prior) {
  double length = 0, away = 0;
  for (int32_t f = 0; f < m->rank; f++) {
    const double off = (double)x[f] - (double)prior[f];
    length += (double)x[f] * (double)x[f];
    away += off * off;
  }
  return lambda * length + kappa * away;
}

pfc_status pfc__als_rows(const pfc_affinity *m, const pfc__side *side, int which,
                         pfc__als_terms *t, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__side *own = &side[which];
  const double n_other = side[1 - which].n_observed;
  double *partial = NULL;
  float *priors = NULL;
  const ptrdiff_t n_tiles = pfc_n_tiles(own->n);
  PFC_NEW(partial, n_tiles);
  PFC_NEW(priors, n_tiles * m->rank);
#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS((int64_t)own->n * m->rank))
  for (ptrdiff_t tile = 0; tile < n_tiles; tile++) {
    float *prior = priors + tile * m->rank;
    const int64_t from = tile * PFC_TILE;
    for (int64_t i = from; i < from + PFC_TILE && i < own->n; i++) {
      if (own->count[i] == 0) continue;
      pfc__side_prior(own, m->rank, (int32_t)i, prior);
      partial[tile] += penalty(m, pfc_affinity_ridge(m, own->count[i], n_other), own->kappa,
                               own->factors + i * m->rank, prior);
    }
  }
  t->rows[which] = sum_in_order(n_tiles, partial);
done:
  pfc_free(partial);
  pfc_free(priors);
  return st;
}

void pfc__als_regression(const pfc_affinity *m, const pfc__side *side, double prior_ridge,
                         int which, pfc__als_terms *t) {
  const pfc_csr *F = side[which].attributes;
  const ptrdiff_t n = F ? (ptrdiff_t)F->n_cols * m->rank : 0;
  double sum = 0;
  for (ptrdiff_t e = 0; e < n; e++) {
    sum += (double)side[which].prior[e] * (double)side[which].prior[e];
  }
  t->regression[which] = prior_ridge * sum;
}

/* X'X over the observed rows alone: a finished model has factors in the others too. */
static pfc_status observed_moments(const pfc__side *side, int32_t k, pfc_error *err) {
  pfc_status st = PFC_OK;
  float *observed = NULL;
  PFC_NEW(observed, (size_t)side->n * (size_t)k);
  for (int32_t i = 0; i < side->n; i++) {
    if (side->count[i] == 0) continue;
    memcpy(observed + (ptrdiff_t)i * k, side->factors + (ptrdiff_t)i * k,
           sizeof *observed * (size_t)k);
  }
  PFC_TRY(pfc_affinity_moments(k, side->n, observed, side->moments, err));
done:
  pfc_free(observed);
  return st;
}

pfc_status pfc__sides_count(const pfc_csr *conf, pfc__side *side, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(side[0].count, side[0].n);
  PFC_NEW(side[1].count, side[1].n);
  for (int64_t p = 0; p < conf->n_rows; p++) {
    for (int64_t e = conf->start[p]; e < conf->start[p + 1]; e++) {
      side[0].count[p]++;
      side[1].count[conf->col[e]]++;
    }
  }
  for (int s = 0; s < 2; s++) {
    for (int32_t i = 0; i < side[s].n; i++) side[s].n_observed += side[s].count[i] > 0;
  }
done:
  return st;
}

pfc_status pfc_als_objective(const pfc_csr *conf, const pfc_csr *person_attributes,
                             const pfc_csr *item_attributes, double prior_ridge,
                             const pfc_affinity *m, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__als_terms t = {0};
  pfc__side side[2] = {{.n = m->n_people,
                        .kappa = m->kappa_people,
                        .attributes = person_attributes,
                        .factors = m->people,
                        .prior = m->person_prior},
                       {.n = m->n_items,
                        .kappa = m->kappa_items,
                        .attributes = item_attributes,
                        .factors = m->items,
                        .prior = m->item_prior}};
  PFC_TRY(pfc__sides_count(conf, side, err));
  for (int s = 0; s < 2; s++) {
    PFC_NEW(side[s].moments, (size_t)m->rank * (size_t)m->rank);
    PFC_TRY(observed_moments(&side[s], m->rank, err));
    PFC_TRY(pfc__als_rows(m, side, s, &t, err));
    pfc__als_regression(m, side, prior_ridge, s, &t);
  }
  pfc__als_pairs(m, side, &t);
  PFC_TRY(pfc__als_observed(m, conf, side, &t, err));
  *value = pfc__als_total(&t);
done:
  for (int s = 0; s < 2; s++) {
    pfc_free(side[s].count);
    pfc_free(side[s].moments);
  }
  return st;
}
