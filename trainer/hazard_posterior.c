/* What the fit of a cause leaves behind.
 *
 * A spell adds sum over segments s of h_s (b_s + x)(b_s + x)', h_s = ticks mean (1 - mean), b_s
 * the unit vectors of the baseline's parameters in s. With H = sum h_s and m = sum h_s b_s / H
 * that is H (m + x)(m + x)' + sum h_s (b_s - m)(b_s - m)': one row of columns a spell, and
 * what it adds within the baseline, which is gathered beside them. */
#include <string.h>

#include "base/mem.h"
#include "models/logistic.h"
#include "trainer/hazard_internal.h"

typedef struct gathering {
  const pfc_hazard_problem *p;
  const pfc__crossings *s;
  const double *baseline, *coef;
  pfc_csr rows;         /* baseline parameters, then columns */
  double *weight;       /* n */
  pfc_posterior before; /* penalties or prior, and what stays within the baseline */
  int32_t *col;         /* scratch of a row */
  float *val;
  double *mean; /* n_baseline: of one spell */
} gathering;

static void gathering_clear(gathering *g) {
  pfc_csr_clear(&g->rows);
  pfc_free(g->weight);
  pfc_posterior_clear(&g->before);
  pfc_free(g->col);
  pfc_free(g->val);
  pfc_free(g->mean);
}

/* --- before the rows ---------------------------------------------------------------------- */

/* The prior with all of the baseline kept whole: its parameters come first. */
static pfc_status take_prior(gathering *g, const pfc_posterior *prior, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_baseline = g->p->n_baseline;
  int32_t n_full = n_baseline, *at = NULL;
  PFC_NEW(at, prior->n_full);
  for (int32_t k = 0; k < prior->n_full; k++)
    at[k] = prior->full[k] < n_baseline ? prior->full[k] : n_full++;
  PFC_TRY(pfc_posterior_init(&g->before, prior->n, n_full, err));
  memcpy(g->before.diagonal, prior->diagonal, sizeof *prior->diagonal * (size_t)prior->n);
  for (int32_t j = 0; j < n_baseline; j++) {
    g->before.full[j] = j;
    *pfc_posterior_cell(&g->before, j, j) = prior->diagonal[j];
    g->before.diagonal[j] = 0;
  }
  for (int32_t k = 0; k < prior->n_full; k++) {
    g->before.full[at[k]] = prior->full[k];
    for (int32_t l = 0; l <= k; l++)
      *pfc_posterior_cell(&g->before, at[k], at[l]) += *pfc_posterior_cell(prior, k, l);
  }
done:
  pfc_free(at);
  return st;
}

static pfc_status take_penalties(gathering *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_hazard_problem *p = g->p;
  PFC_TRY(pfc_posterior_init(&g->before, p->n_baseline + p->x->n_cols, p->n_baseline, err));
  for (int32_t j = 0; j < p->n_baseline; j++) {
    g->before.full[j] = j;
    *pfc_posterior_cell(&g->before, j, j) = p->baseline_ridge[j];
  }
  for (int64_t k = 0; k < p->n_links; k++) {
    const int32_t a = p->link[k][0], b = p->link[k][1];
    *pfc_posterior_cell(&g->before, a, a) += p->link_weight[k];
    *pfc_posterior_cell(&g->before, b, b) += p->link_weight[k];
    *pfc_posterior_cell(&g->before, a, b) -= p->link_weight[k];
  }
  for (int32_t j = 0; j < p->x->n_cols; j++)
    g->before.diagonal[p->n_baseline + j] = p->ridge[j];
done:
  return st;
}

/* --- rows --------------------------------------------------------------------------------- */

typedef const int32_t (*params)[PFC_N_CAUSES][PFC_CURVE_PARAMS];

static double level_of(const gathering *g, const int32_t *param) {
  double sum = 0;
  for (int i = 0; i < PFC_CURVE_PARAMS; i++)
    if (param[i] >= 0) sum += g->baseline[param[i]];
  return sum;
}

/* h_s b_s b_s' of the segments crossed; g->mean[of the parameters met] += h_s. Returns H. */
static double add_segments(gathering *g, params param, const pfc__crossed *at, int32_t first,
                           double shift, pfc_cause cause) {
  double total = 0;
  for (int32_t c = 0; c < at->n; c++) {
    const int32_t *of = param[first + c][cause];
    const double eta = level_of(g, of) + shift;
    const double h = at->ticks[c] * pfc_logistic(eta) * pfc_logistic(-eta);
    total += h;
    for (int i = 0; i < PFC_CURVE_PARAMS; i++) {
      if (of[i] < 0) continue;
      g->mean[of[i]] += h;
      for (int j = 0; j < PFC_CURVE_PARAMS; j++)
        if (of[j] >= 0 && of[j] <= of[i]) *pfc_posterior_cell(&g->before, of[i], of[j]) += h;
    }
  }
  return total;
}

/* Moves m into the row, and takes H m m' out of the baseline, which the row brings back. */
static int move_mean(gathering *g, params param, const pfc__crossed *at, int32_t first,
                     double total, pfc_cause cause) {
  int n = 0;
  for (int32_t c = 0; c < at->n; c++) {
    const int32_t *of = param[first + c][cause];
    for (int i = 0; i < PFC_CURVE_PARAMS; i++) {
      if (of[i] < 0 || g->mean[of[i]] == 0) continue;
      g->col[n] = of[i];
      g->val[n++] = (float)(g->mean[of[i]] / total);
      g->mean[of[i]] = 0;
    }
  }
  for (int a = 0; a < n; a++) {
    for (int b = 0; b < n; b++)
      if (g->col[b] <= g->col[a])
        *pfc_posterior_cell(&g->before, g->col[a], g->col[b]) -=
            total * (double)g->val[a] * (double)g->val[b];
  }
  return n;
}

static pfc_status add_spell(gathering *g, int64_t place, const pfc__crossed *at,
                            pfc_error *err) {
  const pfc_hazard_problem *p = g->p;
  const int64_t i = g->s->order[place];
  const pfc_csr *x = p->x;
  const params param = (params)p->curves[p->curve_of[i]].param;
  const int32_t first = g->s->first[place];
  double shift = 0;
  for (int64_t e = x->start[i]; e < x->start[i + 1]; e++)
    shift += (double)x->val[e] * g->coef[x->col[e]];
  const double total = add_segments(g, param, at, first, shift, g->s->cause);
  int n = move_mean(g, param, at, first, total, g->s->cause);
  for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
    g->col[n] = p->n_baseline + x->col[e];
    g->val[n++] = x->val[e];
  }
  g->weight[place] = total;
  return pfc_csr_append(&g->rows, n, g->col, g->val, err);
}

static pfc_status gather(gathering *g, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_hazard_problem *p = g->p;
  pfc__crossed at;
  int64_t latent = 0, widest = 0;
  for (int64_t i = 0; i < p->n; i++)
    if (p->x->start[i + 1] - p->x->start[i] > widest)
      widest = p->x->start[i + 1] - p->x->start[i];
  PFC_NEW(g->col, widest + PFC_CURVE_SEGMENTS * PFC_CURVE_PARAMS);
  PFC_NEW(g->val, widest + PFC_CURVE_SEGMENTS * PFC_CURVE_PARAMS);
  PFC_NEW(g->mean, p->n_baseline);
  PFC_NEW(g->weight, p->n);
  PFC_TRY(pfc_csr_init(&g->rows, p->n, p->n_baseline + p->x->n_cols, err));
  for (int64_t place = 0; place < p->n; place++) {
    pfc__crossings_at(g->s, p, place, &latent, &at);
    PFC_TRY(add_spell(g, place, &at, err));
  }
done:
  return st;
}

pfc_status pfc_hazard_posterior(const pfc_hazard_problem *p, pfc_cause cause,
                                const double *baseline, const double *coef, pfc_posterior *out,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__crossings s = {0};
  uint8_t *single = NULL;
  gathering g = {.p = p, .s = &s, .baseline = baseline, .coef = coef};
  *out = (pfc_posterior){0};
  PFC_NEW(single, p->n_baseline + p->x->n_cols);
  PFC_TRY(pfc__crossings_init(&s, p, cause, err));
  pfc__crossings_expect(&s, p, cause, baseline, coef);
  PFC_TRY(p->prior ? take_prior(&g, p->prior, err) : take_penalties(&g, err));
  PFC_TRY(gather(&g, err));
  PFC_TRY(pfc_posterior_fit(&g.rows, g.weight, false, &g.before, NULL, single, out, err));
done:
  gathering_clear(&g);
  pfc__crossings_clear(&s);
  pfc_free(single);
  return st;
}
