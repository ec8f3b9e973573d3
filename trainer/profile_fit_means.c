/* The means of levels: beta, effects of competencies and of roles in competencies, jointly;
 * then the leniencies of raters. */
#include <math.h>
#include <string.h>

#include "trainer/profile_fit_internal.h"

enum { X = PFC_PROFILE_FIXED, MOST_TURNS = 50 };

/* --- gradient and curvature ------------------------------------------------------------- */

/* Of beta, in a sum of its own at the front. */
enum { G_BETA = 0, W_BETA = X, N_FRONT = X + X * X };
/* Of a competency: gradient, weight, weight with x. Of an effect the same and its own exact
 * curvature. */
enum { GRADIENT, WEIGHT, WITH_X, N_COMPETENCY = WITH_X + X, EXACT = N_COMPETENCY, N_EFFECT };

static double *of_competency(double *sum, int64_t c) {
  return sum + N_FRONT + c * N_COMPETENCY;
}
static double *of_effect(const pfc__pdata *d, double *sum, int64_t i) {
  return of_competency(sum, d->shape.n_competencies) + i * N_EFFECT;
}

static double person_part(const pfc__pstate *s, ptrdiff_t row, const pfc__pcell *c) {
  return pfc__row_part(s->d, s->row + row * s->d, s->z + (ptrdiff_t)c->competency * s->d);
}

/* A cell in which several roles weigh is taken for one cell a role, with the weight split: the
 * curvature of the step is then a tree of blocks (an effect hangs on its competency alone).
 * Where nobody changed roles it is exact; elsewhere the length of the step makes up for it. */
static void add_effects(const pfc__pdata *d, const pfc__pchunk *k, const pfc__pcell *c,
                        const pfc__work *w, const double *x_mean, double *sum) {
  const double *weight = pfc__pcell_weight(k, c);
  const int n = c->n, R = c->n_roles;
  for (int r = 0; r < R; r++) {
    if (c->effect[r] < 0) continue;
    double *own = of_effect(d, sum, c->effect[r]);
    double part = 0;
    for (int i = 0; i < n; i++) {
      const double share = weight[i * R + r] * w->a[i];
      own[GRADIENT] += share * w->cie[i];
      part += share * w->cia[i];
      for (int j = 0; j < n; j++)
        own[EXACT] += share * w->ci[i * n + j] * weight[j * R + r] * w->a[j];
    }
    part = fmax(part, 0);
    own[WEIGHT] += part;
    for (int q = 0; q < X; q++) own[WITH_X + q] += part * x_mean[q];
  }
}

static void add_cell(const pfc__pdata *d, const pfc__pchunk *k, const pfc__pcell *c,
                     const pfc__work *w, double *sum) {
  const double *x = pfc__pcell_x(k, c);
  double *own = of_competency(sum, c->competency);
  double weight = 0, x_mean[X] = {0};
  for (int i = 0; i < c->n; i++) {
    const double each = w->a[i] * w->cia[i];
    weight += each;
    own[GRADIENT] += w->a[i] * w->cie[i];
    for (int q = 0; q < X; q++) {
      sum[G_BETA + q] += x[i * X + q] * w->a[i] * w->cie[i];
      x_mean[q] += x[i * X + q] * each;
    }
  }
  if (!(weight > 0)) return;
  for (int q = 0; q < X; q++) x_mean[q] /= weight;
  own[WEIGHT] += weight;
  for (int q = 0; q < X; q++) {
    own[WITH_X + q] += weight * x_mean[q];
    for (int r = 0; r < X; r++) sum[W_BETA + q * X + r] += weight * x_mean[q] * x_mean[r];
  }
  add_effects(d, k, c, w, x_mean, sum);
}

static pfc_status sum_gradient(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work,
                               double *sum, void *user, pfc_error *err) {
  (void)user;
  pfc_status st = PFC_OK;
  for (int32_t i = 0; i < k->n_people; i++) {
    for (int64_t j = k->first_cell[i]; j < k->first_cell[i + 1]; j++) {
      pfc__pcell *c = &k->cell[j];
      if (c->held) continue;
      PFC_TRY(pfc__pcell_solve(w->d, w->s, k, c, person_part(w->s, k->first_row + i, c), work,
                               err));
      add_cell(w->d, k, c, work, sum);
    }
  }
done:
  return st;
}

/* --- the direction ---------------------------------------------------------------------- */

/* The step lies where the sums were: gradient of effect, competency, beta in place. */
typedef struct direction {
  double beta[X];
  double rise; /* gradient times direction */
} direction;

static double gradient_of_effect(const pfc__pstate *s, const double *own, int64_t i) {
  return own[GRADIENT] - s->effect[i] / s->role2;
}

/* Takes effects out of the sums of their competencies and of beta. */
static void eliminate_effects(const pfc__pdata *d, const pfc__pstate *s, double *sum) {
  for (int64_t i = 0; i < d->shape.n_role_effects; i++) {
    const double *own = of_effect(d, sum, i);
    if (!s->has_effect[i]) continue;
    double *up = of_competency(sum, d->shape.effect_competency[i]);
    const double p = own[WEIGHT] + 1 / s->role2, g = gradient_of_effect(s, own, i);
    up[GRADIENT] -= own[WEIGHT] * g / p;
    up[WEIGHT] -= own[WEIGHT] * own[WEIGHT] / p;
    for (int q = 0; q < X; q++) {
      up[WITH_X + q] -= own[WEIGHT] * own[WITH_X + q] / p;
      sum[G_BETA + q] -= own[WITH_X + q] * g / p;
      for (int r = 0; r < X; r++)
        sum[W_BETA + q * X + r] -= own[WITH_X + q] * own[WITH_X + r] / p;
    }
  }
}

/* Likewise competencies, out of beta's. */
static void eliminate_competencies(const pfc__pdata *d, const pfc__pstate *s, double *sum) {
  for (int64_t c = 0; c < d->shape.n_competencies; c++) {
    double *own = of_competency(sum, c);
    if (!s->has_competency[c]) continue;
    own[GRADIENT] -= s->b[c] / s->competency2;
    own[WEIGHT] += 1 / s->competency2;
    for (int q = 0; q < X; q++) {
      sum[G_BETA + q] -= own[WITH_X + q] * own[GRADIENT] / own[WEIGHT];
      for (int r = 0; r < X; r++)
        sum[W_BETA + q * X + r] -= own[WITH_X + q] * own[WITH_X + r] / own[WEIGHT];
    }
  }
}

/* A regressor that never varies beside the others (nothing is listed; no dates) has no
 * curvature of its own: the ridge, a millionth of what it has in all, leaves its coefficient
 * where it is. */
static void solve_beta(const double *sum, const double *whole, double *beta) {
  double H[X * X];
  memcpy(H, sum + W_BETA, sizeof H);
  for (int q = 0; q < X; q++)
    H[q * X + q] += whole[q * X + q] > 0 ? 1e-6 * whole[q * X + q] : 1;
  memcpy(beta, sum + G_BETA, sizeof *beta * X);
  if (pfc__cholesky(X, H, NULL))
    pfc__cholesky_solve(X, H, beta);
  else
    memset(beta, 0, sizeof *beta * X);
}

/* Back through the tree; steps replace gradients in `sum`. */
static void substitute(const pfc__pdata *d, const pfc__pstate *s, const double *beta,
                       double *sum) {
  for (int64_t c = 0; c < d->shape.n_competencies; c++) {
    double *own = of_competency(sum, c);
    if (!s->has_competency[c]) {
      own[GRADIENT] = 0;
      continue;
    }
    double g = own[GRADIENT];
    for (int q = 0; q < X; q++) g -= own[WITH_X + q] * beta[q];
    own[GRADIENT] = g / own[WEIGHT];
  }
  for (int64_t i = 0; i < d->shape.n_role_effects; i++) {
    double *own = of_effect(d, sum, i);
    if (!s->has_effect[i]) {
      own[GRADIENT] = 0;
      continue;
    }
    double g = gradient_of_effect(s, own, i) -
               own[WEIGHT] * of_competency(sum, d->shape.effect_competency[i])[GRADIENT];
    for (int q = 0; q < X; q++) g -= own[WITH_X + q] * beta[q];
    own[GRADIENT] = g / (own[WEIGHT] + 1 / s->role2);
  }
}

/* --- the length ------------------------------------------------------------------------- */

/* Slope and curvature of the bound along the step, exactly: the bound is quadratic. */
static pfc_status sum_along(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work, double *sum,
                            void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  const double *beta = user;
  double *steps = w->step;
  for (int32_t i = 0; i < k->n_people; i++) {
    for (int64_t j = k->first_cell[i]; j < k->first_cell[i + 1]; j++) {
      const pfc__pcell *c = &k->cell[j];
      if (c->held) continue;
      PFC_TRY(pfc__pcell_solve(w->d, w->s, k, c, person_part(w->s, k->first_row + i, c), work,
                               err));
      const double *x = pfc__pcell_x(k, c), *weight = pfc__pcell_weight(k, c);
      double f[PFC__CELL];
      for (int r = 0; r < c->n; r++) {
        f[r] = of_competency(steps, c->competency)[GRADIENT];
        for (int q = 0; q < X; q++) f[r] += beta[q] * x[r * X + q];
        for (int m = 0; m < c->n_roles; m++)
          if (c->effect[m] >= 0)
            f[r] += weight[r * c->n_roles + m] * of_effect(w->d, steps, c->effect[m])[GRADIENT];
        f[r] *= work->a[r];
        sum[0] += f[r] * work->cie[r];
      }
      for (int r = 0; r < c->n; r++)
        for (int q = 0; q < c->n; q++) sum[1] += f[r] * work->ci[r * c->n + q] * f[q];
    }
  }
done:
  return st;
}

/* What the priors of b and e add to slope and curvature. */
static void add_priors_along(const pfc__psweep *w, double *along) {
  const pfc__pstate *s = w->s;
  for (int64_t c = 0; c < w->d->shape.n_competencies; c++) {
    const double f = of_competency(w->step, c)[GRADIENT];
    if (!s->has_competency[c]) continue;
    along[0] -= f * s->b[c] / s->competency2;
    along[1] += f * f / s->competency2;
  }
  for (int64_t i = 0; i < w->d->shape.n_role_effects; i++) {
    const double f = of_effect(w->d, w->step, i)[GRADIENT];
    if (!s->has_effect[i]) continue;
    along[0] -= f * s->effect[i] / s->role2;
    along[1] += f * f / s->role2;
  }
}

static void move(const pfc__psweep *w, const double *beta, double length) {
  pfc__pstate *s = w->s;
  for (int q = 0; q < X; q++) s->theta.beta[q] += length * beta[q];
  for (int64_t c = 0; c < w->d->shape.n_competencies; c++)
    s->b[c] += length * of_competency(w->step, c)[GRADIENT];
  for (int64_t i = 0; i < w->d->shape.n_role_effects; i++)
    s->effect[i] += length * of_effect(w->d, w->step, i)[GRADIENT];
}

/* Their variances and that of their prior, in turn until both have settled: without that the
 * prior of effects that are nought creeps there, for it and they hang on each other. */
double pfc__spread(const pfc__pkind *k, double prior, double least) {
  for (int turn = 0; turn < MOST_TURNS; turn++) {
    const double before = prior;
    double squares = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < k->n; i++) {
      if (!k->has[i]) continue;
      k->var[i] = 1 / (k->curvature[i * k->stride] + 1 / prior);
      squares += k->mean[i] * k->mean[i] + k->var[i];
      n++;
    }
    if (n == 0) break;
    prior = fmax(squares / (double)n, least);
    if (fabs(prior - before) < 1e-3 * before) break;
  }
  return prior;
}

pfc_status pfc__update_means(pfc__psweep *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__pdata *d = w->d;
  pfc__pstate *s = w->s;
  const ptrdiff_t n_sums = N_FRONT + (ptrdiff_t)d->shape.n_competencies * N_COMPETENCY +
                           d->shape.n_role_effects * N_EFFECT;
  double beta[X], whole[X * X];
  PFC_TRY(pfc__psweep_chunks(w, n_sums, sum_gradient, NULL, err));
  memcpy(w->step, w->total, sizeof *w->step * (size_t)n_sums);
  memcpy(whole, w->step + W_BETA, sizeof whole);
  for (int64_t i = 0; i < d->shape.n_role_effects; i++)
    s->has_effect[i] = of_effect(d, w->step, i)[EXACT] > 0;
  eliminate_effects(d, s, w->step);
  eliminate_competencies(d, s, w->step);
  solve_beta(w->step, whole, beta);
  substitute(d, s, beta, w->step);
  /* Variances hang on curvatures, which no step of the means changes; their priors come last.
   */
  double *exact = w->total;
  for (int64_t c = 0; c < d->shape.n_competencies; c++)
    of_competency(w->step, c)[WEIGHT] = of_competency(exact, c)[WEIGHT];
  PFC_TRY(pfc__psweep_chunks(w, 2, sum_along, beta, err));
  double along[2] = {w->total[0], w->total[1]};
  add_priors_along(w, along);
  if (along[0] > 0 && along[1] > 0) move(w, beta, along[0] / along[1]);
  const pfc__pkind competencies = {d->shape.n_competencies,
                                   s->has_competency,
                                   s->b,
                                   of_competency(w->step, 0) + WEIGHT,
                                   N_COMPETENCY,
                                   s->b_var};
  const pfc__pkind effects = {d->shape.n_role_effects,          s->has_effect, s->effect,
                              of_effect(d, w->step, 0) + EXACT, N_EFFECT,      s->effect_var};
  s->competency2 = pfc__spread(&competencies, s->competency2, d->least);
  s->role2 = pfc__spread(&effects, s->role2, d->least);
done:
  return st;
}

/* --- leniencies ------------------------------------------------------------------------- */

enum { L_GRADIENT, L_EXACT, L_BOUND, N_RATER };

/* Raters of one cell are moved at once, so each takes for its curvature what bounds it: the
 * sum of |C^-1| over its row. */
static pfc_status sum_raters(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work, double *sum,
                             void *user, pfc_error *err) {
  (void)user;
  pfc_status st = PFC_OK;
  for (int32_t i = 0; i < k->n_people; i++) {
    for (int64_t j = k->first_cell[i]; j < k->first_cell[i + 1]; j++) {
      const pfc__pcell *c = &k->cell[j];
      if (c->held) continue;
      PFC_TRY(pfc__pcell_solve(w->d, w->s, k, c, person_part(w->s, k->first_row + i, c), work,
                               err));
      for (int r = 0; r < c->n; r++) {
        if (work->rater[r] < 0) continue;
        double *own = sum + (ptrdiff_t)work->rater[r] * N_RATER;
        own[L_GRADIENT] += work->cie[r];
        own[L_EXACT] += work->ci[r * c->n + r];
        for (int q = 0; q < c->n; q++)
          if (work->rater[q] >= 0) own[L_BOUND] += fabs(work->ci[r * c->n + q]);
      }
    }
  }
done:
  return st;
}

static void move_raters(const pfc__psweep *w) {
  pfc__pstate *s = w->s;
  for (int64_t i = 0; i < w->d->shape.n_raters; i++) {
    const double *own = w->total + i * N_RATER;
    const double prior = s->theta.source[w->d->shape.rater_source[i]].leniency2;
    s->has_rater[i] = own[L_EXACT] > 0;
    if (!s->has_rater[i]) continue;
    s->rater[i] += (own[L_GRADIENT] - s->rater[i] / prior) / (own[L_BOUND] + 1 / prior);
  }
}

/* Raters from..to are of one source: its mean leniency is its bias, where that is free. */
static void centre_raters(const pfc__psweep *w, int32_t source, int64_t from, int64_t to) {
  pfc__pstate *s = w->s;
  pfc__psource *own = &s->theta.source[source];
  double sum = 0;
  int64_t n = 0;
  for (int64_t i = from; i < to; i++) {
    if (!s->has_rater[i]) continue;
    sum += s->rater[i];
    n++;
  }
  if (n == 0) return;
  const bool shifts = !w->d->fixed[source] && w->d->all_raters[source];
  const double mean = shifts ? sum / (double)n : 0;
  own->bias += mean;
  for (int64_t i = from; i < to; i++) s->rater[i] -= s->has_rater[i] ? mean : 0;
  const pfc__pkind raters = {to - from,       s->has_rater + from,
                             s->rater + from, w->total + from * N_RATER + L_EXACT,
                             N_RATER,         s->rater_var + from};
  own->leniency2 = pfc__spread(&raters, own->leniency2, w->d->least);
}

pfc_status pfc__update_leniencies(pfc__psweep *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = w->d->shape.n_raters;
  if (n == 0) return PFC_OK;
  PFC_TRY(pfc__psweep_chunks(w, n * N_RATER, sum_raters, NULL, err));
  move_raters(w);
  for (int64_t from = 0, to; from < n; from = to) {
    const int32_t source = w->d->shape.rater_source[from];
    for (to = from; to < n && w->d->shape.rater_source[to] == source;) to++;
    centre_raters(w, source, from, to);
  }
done:
  return st;
}
