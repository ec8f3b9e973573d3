/* What the bound is maximized over besides the posteriors: a Fisher scoring step. The gradient
 * is that of the bound; the information leaves out how slopes and `taught` change covariances,
 * which makes steps a little longer, and every step is checked.
 *
 * A cell's part is  -1/2 (log|C| + tr C^-1 E),  E = ee' + (aa' o u) + diag lv,  so that with
 * Q = C^-1 E C^-1 - C^-1 a change dC brings 1/2 tr Q dC, a change dm of the mean (C^-1 e)'dm.
 */
#include <math.h>
#include <string.h>

#include "trainer/profile_fit_internal.h"

/* Weak priors, which matter to a source with a handful of ratings alone: a bias is likely
 * within a seventh of the scale, a slope within half of 1, and the noise of a source is known
 * as from so many ratings whose noise is the sources' common one (their harmonic mean). */
static const double BIAS_SD = 1.0 / 7, SLOPE_SD = 0.5, NOISE_RATINGS = 5, TAUGHT_SD = 0.5,
                    TAUGHT_MEAN = 0.3;

double pfc__theta_common_noise2(const pfc__pdata *d, const pfc__ptheta *t) {
  double precision = 0;
  int32_t n = 0;
  for (int32_t s = 0; s < d->n_sources; s++) {
    if (d->n_ratings[s] == 0) continue;
    precision += 1 / t->source[s].noise2;
    n++;
  }
  return n / precision;
}

double pfc__taught_precision(void) { return 1 / (TAUGHT_SD * TAUGHT_SD); }

double pfc__taught_pull(double taught) {
  return -(taught - TAUGHT_MEAN) * pfc__taught_precision();
}

double pfc__theta_prior(const pfc__pdata *d, const pfc__ptheta *t, double *gradient,
                        double *fisher) {
  const ptrdiff_t n = pfc__n_theta(d);
  const double bias2 = BIAS_SD * d->span * BIAS_SD * d->span, slope2 = SLOPE_SD * SLOPE_SD;
  double sum =
      -0.5 * (t->taught - TAUGHT_MEAN) * (t->taught - TAUGHT_MEAN) / (TAUGHT_SD * TAUGHT_SD);
  const double common = pfc__theta_common_noise2(d, t);
  if (gradient) {
    gradient[PFC__P_TAUGHT] += pfc__taught_pull(t->taught);
    fisher[PFC__P_TAUGHT * n + PFC__P_TAUGHT] += pfc__taught_precision();
  }
  for (int32_t s = 0; s < d->n_sources; s++) {
    if (d->n_ratings[s] == 0) continue;
    const pfc__psource *own = &t->source[s];
    const double bias = own->bias, slope = own->slope - 1, ratio = common / own->noise2;
    sum -= 0.5 * (bias * bias / bias2 + slope * slope / slope2 +
                  NOISE_RATINGS * (ratio - 1 - log(ratio)));
    if (!gradient) continue;
    const ptrdiff_t at = PFC__P_SOURCES + (ptrdiff_t)s * PFC__P_EACH;
    gradient[at + PFC__P_BIAS] -= bias / bias2;
    gradient[at + PFC__P_SLOPE] -= slope / slope2;
    /* The common noise makes the sum of the ratios the number of sources: its own derivative
     * is nought. */
    gradient[at + PFC__P_NOISE] += 0.5 * NOISE_RATINGS * (ratio - 1);
    fisher[(at + PFC__P_BIAS) * (n + 1)] += 1 / bias2;
    fisher[(at + PFC__P_SLOPE) * (n + 1)] += 1 / slope2;
    fisher[(at + PFC__P_NOISE) * (n + 1)] += 0.5 * NOISE_RATINGS;
  }
  return sum;
}

/* --- gradient --------------------------------------------------------------------------- */

/* Sums begin with the bound, then gradient, then information. */
typedef struct slots {
  ptrdiff_t n;
  double *bound, *gradient, *fisher;
} slots;

static slots slots_of(const pfc__pdata *d, double *sum) {
  const ptrdiff_t n = pfc__n_theta(d);
  return (slots){n, sum, sum + 1, sum + 1 + n};
}

static ptrdiff_t place(const pfc__work *w, int rating, int what) {
  return PFC__P_SOURCES + (ptrdiff_t)w->source[rating] * PFC__P_EACH + what;
}

static void product(int n, const double *A, const double *B, double *out) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      double x = 0;
      for (int k = 0; k < n; k++) x += A[i * n + k] * B[k * n + j];
      out[i * n + j] = x;
    }
  }
}

/* Q into scratch[0]. */
static const double *find_q(pfc__work *w) {
  const int n = w->n;
  double *Q = w->scratch[0], *E = w->scratch[1], *part = w->scratch[2];
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++)
      E[i * n + j] = w->e[i] * w->e[j] + w->a[i] * w->a[j] * w->u[i * n + j];
    E[i * n + i] += w->lv[i];
  }
  product(n, w->ci, E, part);
  product(n, part, w->ci, Q);
  for (int i = 0; i < n * n; i++) Q[i] -= w->ci[i];
  return Q;
}

static void add_gradient(const pfc__ptheta *t, const pfc__pchunk *k, const pfc__pcell *c,
                         pfc__work *w, double *g) {
  const int n = w->n;
  const double *x = pfc__pcell_x(k, c), *decay = pfc__pcell_decay(k, c), *Q = find_q(w);
  const bool taught = c->n_lessons > 0;
  for (int i = 0; i < n; i++) {
    const double score = w->a[i] * w->cie[i];
    for (int q = 0; q < PFC_PROFILE_FIXED; q++)
      g[PFC__P_BETA + q] += score * x[i * PFC_PROFILE_FIXED + q];
    g[PFC__P_TAUGHT] += score * w->lift[i];
    g[PFC__P_KAPPA] += score * w->dev[i];
    double slope = w->level[i] * w->cie[i];
    for (int j = 0; j < n; j++) {
      const int at = i * n + j;
      const double qaa = Q[at] * w->a[i] * w->a[j], of_u = w->ci[at] * w->a[j] * w->u[at];
      g[PFC__P_KAPPA] -= w->a[i] * w->ci[at] * w->a[j] * w->dev_u[at];
      slope += Q[at] * w->a[j] * w->k[at] - of_u;
      g[PFC__P_CELL] += 0.5 * t->cell2 * qaa;
      g[PFC__P_MOVING] += 0.5 * t->moving2 * qaa * decay[at];
      if (!taught) continue;
      g[PFC__P_TAUGHT2] += 0.5 * t->taught2 * qaa * w->kj[at];
    }
    g[place(w, i, PFC__P_BIAS)] += w->cie[i];
    g[place(w, i, PFC__P_SLOPE)] += slope;
    g[place(w, i, PFC__P_NOISE)] += 0.5 * w->noise2[i] * Q[i * n + i];
  }
}

/* --- information ------------------------------------------------------------------------ */

static void add_both(ptrdiff_t n, double *H, ptrdiff_t i, ptrdiff_t j, double x) {
  H[i * n + j] += x;
  H[j * n + i] += x;
}

enum { COMMON = PFC__P_CELL }; /* parameters of the mean that all sources share */

/* Of the parameters of the mean: D' C^-1 D, and what doubt adds to slopes and kappa. */
static void add_mean_information(const pfc__pchunk *k, const pfc__pcell *c, const pfc__work *w,
                                 const slots *to) {
  const int n = w->n;
  const double *x = pfc__pcell_x(k, c);
  double D[COMMON][PFC__CELL], CD[COMMON][PFC__CELL];
  for (int i = 0; i < n; i++) {
    for (int q = 0; q < PFC_PROFILE_FIXED; q++)
      D[q][i] = w->a[i] * x[i * PFC_PROFILE_FIXED + q];
    D[PFC__P_TAUGHT][i] = w->a[i] * w->lift[i];
    D[PFC__P_KAPPA][i] = w->a[i] * w->dev[i];
  }
  for (int q = 0; q < COMMON; q++) {
    for (int i = 0; i < n; i++) {
      CD[q][i] = 0;
      for (int j = 0; j < n; j++) CD[q][i] += w->ci[i * n + j] * D[q][j];
    }
    for (int r = 0; r <= q; r++) {
      double h = 0;
      for (int i = 0; i < n; i++) h += CD[q][i] * D[r][i];
      to->fisher[q * to->n + r] += h;
      if (r < q) to->fisher[r * to->n + q] += h;
    }
    for (int i = 0; i < n; i++) {
      add_both(to->n, to->fisher, q, place(w, i, PFC__P_BIAS), CD[q][i]);
      add_both(to->n, to->fisher, q, place(w, i, PFC__P_SLOPE), CD[q][i] * w->level[i]);
    }
  }
  for (int i = 0; i < n; i++) {
    const ptrdiff_t bias = place(w, i, PFC__P_BIAS), slope = place(w, i, PFC__P_SLOPE);
    to->fisher[slope * (to->n + 1)] += w->ci[i * n + i] * w->u[i * n + i];
    for (int j = 0; j < n; j++) {
      const double ci = w->ci[i * n + j];
      to->fisher[bias * to->n + place(w, j, PFC__P_BIAS)] += ci;
      add_both(to->n, to->fisher, bias, place(w, j, PFC__P_SLOPE), ci * w->level[j]);
      to->fisher[slope * to->n + place(w, j, PFC__P_SLOPE)] += ci * w->level[i] * w->level[j];
      to->fisher[PFC__P_KAPPA * (to->n + 1)] +=
          2 * ci * w->a[i] * w->a[j] * w->dev_u[i * n + j];
    }
  }
}

/* Of log variances: 1/2 tr C^-1 dC C^-1 dC'. */
static void add_variance_information(const pfc__ptheta *t, const pfc__pchunk *k,
                                     const pfc__pcell *c, pfc__work *w, const slots *to) {
  const int n = w->n, parts = c->n_lessons > 0 ? 3 : 2;
  const double var[] = {t->cell2, t->moving2, t->taught2};
  const double *decay = pfc__pcell_decay(k, c);
  double *M[] = {w->scratch[0], w->scratch[1], w->scratch[2]}, *B = w->c; /* free by now */
  for (int m = 0; m < parts; m++) {
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        B[i * n + j] = var[m] * w->a[i] * w->a[j] *
                       (m == 0   ? 1
                        : m == 1 ? decay[i * n + j]
                                 : w->kj[i * n + j]);
    product(n, w->ci, B, M[m]);
    for (int l = 0; l <= m; l++) {
      double h = 0;
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) h += 0.5 * M[m][i * n + j] * M[l][j * n + i];
      to->fisher[(PFC__P_CELL + m) * to->n + PFC__P_CELL + l] += h;
      if (l < m) to->fisher[(PFC__P_CELL + l) * to->n + PFC__P_CELL + m] += h;
    }
  }
  for (int i = 0; i < n; i++) {
    const double noise = w->noise2[i];
    const ptrdiff_t own = place(w, i, PFC__P_NOISE);
    for (int j = 0; j < n; j++) {
      const double ci = w->ci[i * n + j];
      to->fisher[own * to->n + place(w, j, PFC__P_NOISE)] +=
          0.5 * noise * w->noise2[j] * ci * ci;
    }
    for (int m = 0; m < parts; m++) {
      double h = 0;
      for (int j = 0; j < n; j++) h += M[m][i * n + j] * w->ci[j * n + i];
      add_both(to->n, to->fisher, own, PFC__P_CELL + m, 0.5 * noise * h);
    }
  }
}

/* --- passes ----------------------------------------------------------------------------- */

static pfc_status sum_bound(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work, double *sum,
                            void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__pstate *s = w->s;
  const bool *with_gradient = user;
  const slots to = slots_of(w->d, sum);
  double xx[PFC__TRIANGLE(PFC__ROW)];
  for (int32_t i = 0; i < k->n_people; i++) {
    const ptrdiff_t p = k->first_row + i;
    const double *row = s->row + p * s->d;
    pfc__row_moments(s->d, row, s->row_cov + p * PFC__TRIANGLE(s->d), xx);
    for (int64_t j = k->first_cell[i]; j < k->first_cell[i + 1]; j++) {
      const pfc__pcell *c = &k->cell[j];
      if (c->held) continue;
      const ptrdiff_t competency = c->competency;
      const double part = pfc__row_part(s->d, row, s->z + competency * s->d);
      const double var =
          pfc__packed_dot(s->d, xx, s->zz + competency * PFC__TRIANGLE(s->d)) - part * part;
      PFC_TRY(pfc__pcell_solve(w->d, s, k, c, part, work, err));
      *to.bound += pfc__pcell_bound(s, k, c, var, work);
      if (!*with_gradient) continue;
      add_gradient(&s->theta, k, c, work, to.gradient);
      add_mean_information(k, c, work, &to);
      add_variance_information(&s->theta, k, c, work, &to);
    }
  }
done:
  return st;
}

pfc_status pfc__theta_bound(pfc__psweep *w, double *bound, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool with_gradient = false;
  PFC_TRY(pfc__psweep_chunks(w, 1, sum_bound, &with_gradient, err));
  *bound = w->total[0] + pfc__bound_of_posteriors(w->d, w->s);
done:
  return st;
}

pfc_status pfc__theta_gradient(pfc__psweep *w, double *bound, double *gradient, double *fisher,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  bool with_gradient = true;
  const ptrdiff_t n = pfc__n_theta(w->d);
  PFC_TRY(pfc__psweep_chunks(w, 1 + n + n * n, sum_bound, &with_gradient, err));
  const slots from = slots_of(w->d, w->total);
  *bound = *from.bound + pfc__bound_of_posteriors(w->d, w->s);
  memcpy(gradient, from.gradient, sizeof *gradient * (size_t)n);
  memcpy(fisher, from.fisher, sizeof *fisher * (size_t)(n * n));
  (void)pfc__theta_prior(w->d, &w->s->theta, gradient, fisher);
done:
  return st;
}

/* --- the step --------------------------------------------------------------------------- */

static bool is_free(const pfc__pdata *d, ptrdiff_t parameter) {
  if (parameter < PFC__P_SOURCES) return true;
  const ptrdiff_t s = (parameter - PFC__P_SOURCES) / PFC__P_EACH;
  const ptrdiff_t what = (parameter - PFC__P_SOURCES) % PFC__P_EACH;
  if (d->n_ratings[s] == 0) return false;
  return what == PFC__P_NOISE || !d->fixed[s];
}

/* How far logarithms of variances, slopes and kappa may go in one step. */
static const double MOST_LOG = 1.5, MOST_SLOPE = 0.2;

/* A variance at its floor goes no lower. */
static void find_room(const pfc__pdata *d, const pfc__ptheta *t, ptrdiff_t parameter,
                      double *low, double *high) {
  bool at_floor = false;
  double most = INFINITY;
  if (parameter >= PFC__P_SOURCES) {
    const ptrdiff_t what = (parameter - PFC__P_SOURCES) % PFC__P_EACH;
    if (what == PFC__P_SLOPE) most = MOST_SLOPE;
    if (what == PFC__P_NOISE) most = MOST_LOG;
    at_floor = what == PFC__P_NOISE &&
               t->source[(parameter - PFC__P_SOURCES) / PFC__P_EACH].noise2 <= d->least;
  } else if (parameter == PFC__P_KAPPA) {
    most = MOST_SLOPE;
  } else if (parameter >= PFC__P_CELL) {
    most = MOST_LOG;
    at_floor = parameter == PFC__P_CELL     ? t->cell2 <= d->least
               : parameter == PFC__P_MOVING ? t->moving2 <= d->least
                                            : t->taught2 <= PFC__LEAST_SHARE2;
  }
  *high = is_free(d, parameter) ? most : 0;
  *low = at_floor ? 0 : -*high;
}

/* H + a thousandth of its diagonal over what can move. Where no data tell of a parameter both
 * its gradient and its row are nought, and so is its step. */
static void make_free(const pfc__pdata *d, double *H) {
  const ptrdiff_t n = pfc__n_theta(d);
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t j = 0; j < n; j++)
      if (i != j && (!is_free(d, i) || !is_free(d, j))) H[i * n + j] = 0;
    H[i * (n + 1)] = is_free(d, i) && H[i * (n + 1)] > 0 ? H[i * (n + 1)] * 1.001 : 1;
  }
}

static bool has_room(const pfc__pdata *d, const pfc__ptheta *t, const double *step) {
  double low, high;
  for (ptrdiff_t i = 0; i < pfc__n_theta(d); i++) {
    find_room(d, t, i, &low, &high);
    if (!(step[i] >= low && step[i] <= high)) return false;
  }
  return true;
}

/* The best step within the room of each parameter: gradient'x - x'Hx/2 rises with every round
 * of the coordinates, so that wherever they stop the bound rises along x. A variance near its
 * floor would go as far as it likes, and cut short afterwards it would leave the others with
 * what they do to make up for it. */
static void fit_step(const pfc__pdata *d, const pfc__ptheta *t, const double *gradient,
                     const double *H, double *x) {
  enum { MOST_ROUNDS = 1000 };
  const ptrdiff_t n = pfc__n_theta(d);
  double change = 1, size = 1, low, high;
  memset(x, 0, sizeof *x * (size_t)n);
  for (int round = 0; round < MOST_ROUNDS && change > 1e-6 * size; round++) {
    change = size = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
      double pull = is_free(d, i) ? gradient[i] : 0;
      for (ptrdiff_t j = 0; j < n; j++)
        if (j != i) pull -= H[i * n + j] * x[j];
      find_room(d, t, i, &low, &high);
      const double to = fmin(fmax(pull / H[i * (n + 1)], low), high);
      change = fmax(change, fabs(to - x[i]));
      size = fmax(size, fabs(to));
      x[i] = to;
    }
  }
}

/* scratch: n x n. */
static void find_step(const pfc__pdata *d, const pfc__ptheta *t, const double *gradient,
                      double *H, double *scratch, double *step) {
  const ptrdiff_t n = pfc__n_theta(d);
  make_free(d, H);
  memcpy(scratch, H, sizeof *H * (size_t)(n * n));
  for (ptrdiff_t i = 0; i < n; i++) step[i] = is_free(d, i) ? gradient[i] : 0;
  if (pfc__cholesky((int)n, scratch, NULL)) {
    pfc__cholesky_solve((int)n, scratch, step);
    if (has_room(d, t, step)) return;
  }
  fit_step(d, t, gradient, H, step);
}

static double scaled(double var, double log_step, double least) {
  return fmax(var * exp(log_step), least);
}

/* theta of `from`, moved. */
static void move(const pfc__pdata *d, const pfc__ptheta *from, const double *step,
                 double length, pfc__ptheta *to) {
  for (int q = 0; q < PFC_PROFILE_FIXED; q++)
    to->beta[q] = from->beta[q] + length * step[PFC__P_BETA + q];
  to->taught = fmax(from->taught + length * step[PFC__P_TAUGHT], 0);
  to->kappa = from->kappa + length * step[PFC__P_KAPPA];
  to->cell2 = scaled(from->cell2, length * step[PFC__P_CELL], d->least);
  to->moving2 = scaled(from->moving2, length * step[PFC__P_MOVING], d->least);
  to->taught2 = scaled(from->taught2, length * step[PFC__P_TAUGHT2], PFC__LEAST_SHARE2);
  for (int32_t s = 0; s < d->n_sources; s++) {
    const double *own = step + PFC__P_SOURCES + (ptrdiff_t)s * PFC__P_EACH;
    const pfc__psource *was = &from->source[s];
    to->source[s] = *was;
    to->source[s].bias += length * own[PFC__P_BIAS];
    to->source[s].slope = fmax(was->slope + length * own[PFC__P_SLOPE], 0.05);
    to->source[s].noise2 = scaled(was->noise2, length * own[PFC__P_NOISE], d->least);
  }
}

/* A scale kappa of everything that deviates from x beta becomes that of a, v, b and e and of
 * their priors: their KL does not change. */
static void take_in_kappa(const pfc__pdata *d, pfc__pstate *s) {
  const double f = s->theta.kappa, f2 = f * f;
  const ptrdiff_t t = PFC__TRIANGLE(s->d), C = d->shape.n_competencies;
  s->theta.kappa = 1;
  for (ptrdiff_t p = 0; p < s->n_people; p++) {
    s->row[p * s->d] *= f;
    s->row_cov[p * t] *= f2;
    s->row_log_det[p] += log(f2);
    for (int i = 1; i < s->d; i++) s->row_cov[p * t + PFC__TRIANGLE(i)] *= f;
  }
  for (ptrdiff_t c = 0; c < C; c++) {
    for (int i = 1; i < s->d; i++) s->z[c * s->d + i] *= f;
    s->b[c] *= f;
    s->b_var[c] *= f2;
  }
  for (ptrdiff_t i = 0; i < C * PFC__TRIANGLE(s->rank); i++) s->factor_cov[i] *= f2;
  for (int64_t i = 0; i < d->shape.n_role_effects; i++) {
    s->effect[i] *= f;
    s->effect_var[i] *= f2;
  }
  s->person2 *= f2;
  s->competency2 *= f2;
  s->role2 *= f2;
  for (int k = 0; k < s->rank; k++) s->factor2[k] *= f2;
  pfc__pstate_moments(d, s);
}

enum { MOST_HALVINGS = 8 };

/* Shorter and shorter, until the bound does not fall; else theta stays. */
static pfc_status try_step(pfc__psweep *w, double before, const double *step,
                           const pfc__ptheta *old, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__pstate *s = w->s;
  double after = -INFINITY;
  for (int i = 0; i <= MOST_HALVINGS && !(after >= before); i++) {
    move(w->d, old, step, exp2(-i), &s->theta);
    PFC_TRY(pfc__theta_bound(w, &after, err));
  }
  if (after >= before) {
    s->bound = after;
    if (s->theta.kappa != 1) take_in_kappa(w->d, s);
  } else {
    memset(w->step, 0, sizeof *w->step * (size_t)pfc__n_theta(w->d));
    move(w->d, old, w->step, 0, &s->theta);
    s->bound = before;
  }
done:
  return st;
}

pfc_status pfc__update_theta(pfc__psweep *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  const ptrdiff_t n = pfc__n_theta(w->d);
  double *gradient = w->theta, *step = gradient + n, *H = step + n, *scratch = H + n * n,
         before;
  pfc__ptheta old = w->s->theta;
  old.source = w->old;
  memcpy(old.source, w->s->theta.source, sizeof *old.source * (size_t)w->d->n_sources);
  PFC_TRY(pfc__theta_gradient(w, &before, gradient, H, err));
  w->s->bound = before;
  find_step(w->d, &old, gradient, H, scratch, step);
  PFC_TRY(try_step(w, before, step, &old, err));
done:
  return st;
}
