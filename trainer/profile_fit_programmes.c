/* What each programme teaches beside what all do. The share that lessons of intervention i
 * carry is taught + g_i on average, g_i ~ N(0, programme2). A cell whose lessons of i would
 * have brought x_i by the days of its ratings, had they carried all, says of g_i, the others
 * given,
 *
 *   precision  (a x_i)' C^-1 (a x_i),   pull  (a x_i)' C^-1 e,
 *
 * where C holds how each lesson went by itself (sd_taught, day of arrival).
 *
 * With the person's part s given, that is, and s is not known: a lesson whose person is thought
 * too low looks too good. Of s and g together the precision is that, w, and between them
 * b = (a x_i)' C^-1 a; without s, and V its variance after all, precision - V b^2 is left. What
 * is told of g is told with that. The bound is of posteriors apart, and its own are narrower.
 */
#include <math.h>

#include "trainer/profile_fit_internal.h"

enum { GRADIENT, EXACT, BOUND, SHARED, N_PROGRAMME };

/* a x_i by rating, of the lessons' interventions, each once: those whose place says so. */
typedef struct loads {
  int n;
  int32_t intervention[PFC_CELL_LESSONS];
  double ax[PFC_CELL_LESSONS][PFC__CELL];
} loads;

static void find_loads(const pfc__pchunk *k, const pfc__pcell *c, const pfc__work *w,
                       loads *of) {
  const int L = c->n_lessons;
  of->n = 0;
  for (int l = 0; l < L; l++) {
    int m = 0;
    while (m < of->n && of->intervention[m] != w->intervention[l]) m++;
    if (m == of->n) {
      of->intervention[of->n++] = w->intervention[l];
      for (int i = 0; i < c->n; i++) of->ax[m][i] = 0;
    }
    for (int i = 0; i < c->n; i++) of->ax[m][i] += w->a[i] * pfc__pcell_load(k, c, i, l);
  }
}

/* Interventions of one cell are moved at once, so each takes for its curvature what bounds it,
 * as raters do: the sum of what it shares with all. */
static void add_cell(const pfc__pchunk *k, const pfc__pcell *c, const pfc__work *w,
                     double var_s, double *sum) {
  loads of;
  find_loads(k, c, w, &of);
  for (int l = 0; l < of.n; l++) {
    double *own = sum + (ptrdiff_t)of.intervention[l] * N_PROGRAMME;
    double pulled[PFC__CELL], with_s = 0;
    for (int i = 0; i < c->n; i++) {
      own[GRADIENT] += of.ax[l][i] * w->cie[i];
      with_s += of.ax[l][i] * w->cia[i];
      pulled[i] = 0;
      for (int j = 0; j < c->n; j++) pulled[i] += w->ci[i * c->n + j] * of.ax[l][j];
    }
    own[SHARED] += var_s * with_s * with_s;
    for (int m = 0; m < of.n; m++) {
      double both = 0;
      for (int i = 0; i < c->n; i++) both += of.ax[m][i] * pulled[i];
      if (m == l) own[EXACT] += both;
      own[BOUND] += fabs(both);
    }
  }
}

static pfc_status sum_programmes(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work,
                                 double *sum, void *user, pfc_error *err) {
  (void)user;
  pfc_status st = PFC_OK;
  const pfc__pstate *s = w->s;
  const ptrdiff_t t = PFC__TRIANGLE(s->d);
  double xx[PFC__TRIANGLE(PFC__ROW)];
  for (int32_t i = 0; i < k->n_people; i++) {
    const double *row = s->row + (ptrdiff_t)(k->first_row + i) * s->d;
    bool is_ready = false;
    for (int64_t j = k->first_cell[i]; j < k->first_cell[i + 1]; j++) {
      const pfc__pcell *c = &k->cell[j];
      if (c->held || c->n_lessons == 0) continue;
      const double part = pfc__row_part(s->d, row, s->z + (ptrdiff_t)c->competency * s->d);
      if (!is_ready) pfc__row_moments(s->d, row, s->row_cov + (k->first_row + i) * t, xx);
      is_ready = true;
      const double var_s = pfc__packed_dot(s->d, xx, s->zz + c->competency * t) - part * part;
      PFC_TRY(pfc__pcell_solve(w->d, s, k, c, part, work, err));
      add_cell(k, c, work, var_s, sum);
    }
  }
done:
  return st;
}

static void move(const pfc__psweep *w) {
  pfc__pstate *s = w->s;
  for (int32_t i = 0; i < w->d->shape.n_interventions; i++) {
    const double *own = w->total + (ptrdiff_t)i * N_PROGRAMME;
    s->has_programme[i] = own[EXACT] > 0;
    if (s->has_programme[i])
      s->programme[i] +=
          (own[GRADIENT] - s->programme[i] / s->programme2) / (own[BOUND] + 1 / s->programme2);
  }
}

/* Their mean goes into `taught`, where its prior and theirs are happiest with it: one after the
 * other they would creep. No rating is told anything else. */
static void centre(const pfc__psweep *w) {
  pfc__pstate *s = w->s;
  double pull = pfc__taught_pull(s->theta.taught), precision = pfc__taught_precision();
  for (int32_t i = 0; i < w->d->shape.n_interventions; i++) {
    if (!s->has_programme[i]) continue;
    pull += s->programme[i] / s->programme2;
    precision += 1 / s->programme2;
  }
  const double shift = fmax(pull / precision, -s->theta.taught);
  s->theta.taught += shift;
  for (int32_t i = 0; i < w->d->shape.n_interventions; i++)
    s->programme[i] -= s->has_programme[i] ? shift : 0;
}

pfc_status pfc__update_programmes(pfc__psweep *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__pstate *s = w->s;
  const int32_t n = w->d->shape.n_interventions;
  if (n == 0) return PFC_OK;
  PFC_TRY(pfc__psweep_chunks(w, (ptrdiff_t)n * N_PROGRAMME, sum_programmes, NULL, err));
  move(w);
  centre(w);
  const pfc__pkind programmes = {n,           s->has_programme, s->programme, w->total + EXACT,
                                 N_PROGRAMME, s->programme_var};
  s->programme2 = pfc__spread(&programmes, s->programme2, PFC__LEAST_SHARE2);
  for (int32_t i = 0; i < n; i++) {
    const double *own = w->total + (ptrdiff_t)i * N_PROGRAMME;
    s->programme_told[i] = 1 / (fmax(own[EXACT] - own[SHARED], 0) + 1 / s->programme2);
  }
done:
  return st;
}
