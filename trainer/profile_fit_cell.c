/* One cell under the parameters: its residuals, its covariance, its part of the bound. */
#include <math.h>
#include <string.h>

#include "trainer/profile_fit_internal.h"

static const double LOG_2PI = 1.8378770664093454836;

/* What lessons brought; and the two covariances they bring (models/profile_cell.c has their
 * derivation): kj a unit of sd_taught^2, and kt. */
static void weigh_lessons(const pfc__pstate *st, const pfc__pchunk *k, const pfc__pcell *c,
                          pfc__work *w) {
  const int n = c->n, L = c->n_lessons;
  const double *F = pfc__pcell_arrived(k, c), *kept = pfc__pcell_kept(k, c),
               *way = pfc__pcell_way(k, c), *square = pfc__pcell_square(k, c);
  for (int i = 0; i < n; i++) {
    w->lift[i] = w->programme[i] = 0;
    for (int l = 0; l < L; l++) {
      const double load = pfc__pcell_load(k, c, i, l);
      w->lift[i] += load;
      w->programme[i] += load * st->programme[w->intervention[l]];
    }
    for (int j = 0; j <= i; j++) {
      double spread = 0, arrival = 0;
      for (int l = 0; l < L; l++) {
        const double a = F[i * L + l], b = F[j * L + l];
        const double both = way[l] * way[l] * kept[i * L + l] * kept[j * L + l];
        spread += both * fmin(a, b);
        arrival += square[l] * both * (fmin(a, b) - a * b);
      }
      w->kj[i * n + j] = w->kj[j * n + i] = spread;
      w->kt[i * n + j] = w->kt[j * n + i] = arrival;
    }
  }
}

static void weigh_means(const pfc__pdata *d, const pfc__pstate *st, const pfc__pchunk *k,
                        const pfc__pcell *c, double s, pfc__work *w) {
  const pfc__ptheta *t = &st->theta;
  const double *y = pfc__pcell_y(k, c), *x = pfc__pcell_x(k, c),
               *weight = pfc__pcell_weight(k, c);
  for (int i = 0; i < c->n; i++) {
    const pfc__psource *source = &t->source[w->source[i]];
    double base = -d->mid, dev = s + st->b[c->competency];
    for (int q = 0; q < PFC_PROFILE_FIXED; q++)
      base += t->beta[q] * x[i * PFC_PROFILE_FIXED + q];
    for (int r = 0; r < c->n_roles; r++)
      if (c->effect[r] >= 0) dev += weight[i * c->n_roles + r] * st->effect[c->effect[r]];
    w->a[i] = source->slope;
    w->noise2[i] = source->noise2;
    w->dev[i] = dev;
    w->level[i] = base + t->kappa * dev + t->taught * w->lift[i] + w->programme[i];
    const double leniency = w->rater[i] < 0 ? 0 : st->rater[w->rater[i]];
    w->lv[i] = w->rater[i] < 0 ? 0 : st->rater_var[w->rater[i]];
    w->e[i] = y[i] - d->mid - source->bias - source->slope * w->level[i] - leniency;
  }
}

static void weigh_covariance(const pfc__pstate *st, const pfc__pchunk *k, const pfc__pcell *c,
                             pfc__work *w) {
  const pfc__ptheta *t = &st->theta;
  const double *decay = pfc__pcell_decay(k, c);
  const int n = c->n;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      double x = t->cell2 + t->moving2 * decay[i * n + j];
      if (c->n_lessons > 0) x += t->taught2 * w->kj[i * n + j] + w->kt[i * n + j];
      w->k[i * n + j] = x;
      w->c[i * n + j] = w->a[i] * w->a[j] * x;
    }
    w->c[i * n + i] += w->noise2[i];
  }
}

static bool invert(int n, pfc__work *w) {
  if (n == 1) {
    if (!(w->c[0] > 0) || !isfinite(w->c[0])) return false;
    w->log_det = log(w->c[0]);
    w->ci[0] = 1 / w->c[0];
    return true;
  }
  if (!pfc__cholesky(n, w->c, &w->log_det)) return false;
  pfc__cholesky_invert(n, w->c, w->ci);
  return true;
}

pfc_status pfc__pcell_solve(const pfc__pdata *d, const pfc__pstate *st, const pfc__pchunk *k,
                            const pfc__pcell *c, double s, pfc__work *w, pfc_error *err) {
  const int n = w->n = c->n;
  w->source = k->codes + c->code;
  w->rater = w->source + n;
  w->intervention = w->rater + n;
  if (c->n_lessons > 0) {
    weigh_lessons(st, k, c, w);
  } else {
    memset(w->lift, 0, sizeof *w->lift * (size_t)n);
    memset(w->programme, 0, sizeof *w->programme * (size_t)n);
  }
  weigh_means(d, st, k, c, s, w);
  weigh_covariance(st, k, c, w);
  if (!invert(n, w))
    return pfc_fail(err, PFC_ENUMERIC,
                    "profile: the covariance of %d ratings of competency %d is not positive "
                    "definite",
                    n, (int)c->competency);
  for (int i = 0; i < n; i++) {
    w->cie[i] = w->cia[i] = 0;
    for (int j = 0; j < n; j++) {
      w->cie[i] += w->ci[i * n + j] * w->e[j];
      w->cia[i] += w->ci[i * n + j] * w->a[j];
    }
  }
  return PFC_OK;
}

/* sum over interventions of var g load_i load_j. */
static double programmes_doubt(const pfc__pstate *st, const pfc__pchunk *k, const pfc__pcell *c,
                               const pfc__work *w, int i, int j) {
  double u = 0;
  for (int l = 0; l < c->n_lessons; l++)
    for (int m = 0; m < c->n_lessons; m++)
      if (w->intervention[m] == w->intervention[l])
        u += st->programme_var[w->intervention[l]] * pfc__pcell_load(k, c, i, l) *
             pfc__pcell_load(k, c, j, m);
  return u;
}

/* kappa^2 (var s + var b + sum over roles of weight_i weight_j var e), and what is unknown of
 * programmes. */
static void fill_doubt(const pfc__pstate *st, const pfc__pchunk *k, const pfc__pcell *c,
                       double var_s, pfc__work *w) {
  const int n = c->n, R = c->n_roles;
  const double *weight = pfc__pcell_weight(k, c);
  const double kappa2 = st->theta.kappa * st->theta.kappa;
  const double common = var_s + st->b_var[c->competency];
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++) {
      double u = common;
      for (int r = 0; r < R; r++)
        if (c->effect[r] >= 0)
          u += weight[i * R + r] * weight[j * R + r] * st->effect_var[c->effect[r]];
      w->dev_u[i * n + j] = w->dev_u[j * n + i] = kappa2 * u;
      w->u[i * n + j] = w->u[j * n + i] = kappa2 * u + programmes_doubt(st, k, c, w, i, j);
    }
  }
}

double pfc__pcell_bound(const pfc__pstate *st, const pfc__pchunk *k, const pfc__pcell *c,
                        double var_s, pfc__work *w) {
  const int n = c->n;
  fill_doubt(st, k, c, var_s, w);
  double trace = 0;
  for (int i = 0; i < n; i++) {
    trace += w->e[i] * w->cie[i] + w->lv[i] * w->ci[i * n + i];
    for (int j = 0; j < n; j++) trace += w->ci[i * n + j] * w->a[i] * w->a[j] * w->u[i * n + j];
  }
  return -0.5 * (n * LOG_2PI + w->log_det + trace);
}
