/* People's rows, then factors of competencies, each given the other side; then the freedoms
 * that the product leaves (the means of a and u, the scale and the axes of u and v) are used to
 * raise the bound: without that, alternation creeps along them. */
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "trainer/profile_fit_internal.h"

/* What is summed: of all people the moments of their rows; of each competency, over its cells,
 * w E[xx'], target x, and w times (1, u). */
typedef struct places {
  ptrdiff_t t, people, each;
  int d;
} places;

static places places_of(const pfc__pstate *s) {
  const ptrdiff_t t = PFC__TRIANGLE(s->d);
  return (places){.t = t, .people = t + s->d, .each = t + 2 * (ptrdiff_t)s->d, .d = s->d};
}

static void add_scaled(ptrdiff_t n, double f, const double *x, double *to) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; i++) to[i] += f * x[i];
}

/* Precision and right-hand side of a person's row. */
static pfc_status gather_person(const pfc__psweep *w, pfc__pchunk *k, int32_t i,
                                pfc__work *work, double *P, double *h, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__pstate *s = w->s;
  const ptrdiff_t t = PFC__TRIANGLE(s->d);
  memset(P, 0, sizeof *P * (size_t)t);
  memset(h, 0, sizeof *h * (size_t)s->d);
  for (int j = 0; j < s->d; j++) P[PFC__TRIANGLE(j) + j] = j == 0 ? 1 / s->person2 : 1;
  for (int64_t c = k->first_cell[i]; c < k->first_cell[i + 1]; c++) {
    pfc__pcell *cell = &k->cell[c];
    if (cell->held) continue;
    PFC_TRY(pfc__pcell_solve(w->d, s, k, cell, 0, work, err));
    cell->w = cell->target = 0;
    for (int r = 0; r < cell->n; r++) {
      cell->w += work->a[r] * work->cia[r];
      cell->target += work->a[r] * work->cie[r];
    }
    add_scaled(t, cell->w, s->zz + cell->competency * t, P);
    add_scaled(s->d, cell->target, s->z + (ptrdiff_t)cell->competency * s->d, h);
  }
done:
  return st;
}

static void add_person(const pfc__pstate *s, const pfc__pchunk *k, int32_t i, const double *row,
                       const double *xx, double *sum) {
  const places at = places_of(s);
  add_scaled(at.t, 1, xx, sum);
  add_scaled(at.d, 1, row, sum + at.t);
  for (int64_t c = k->first_cell[i]; c < k->first_cell[i + 1]; c++) {
    const pfc__pcell *cell = &k->cell[c];
    if (cell->held) continue;
    double *own = sum + at.people + cell->competency * at.each;
    add_scaled(at.t, cell->w, xx, own);
    add_scaled(at.d, cell->target, row, own + at.t);
    add_scaled(at.d - 1, cell->w, row + 1, own + at.t + at.d + 1);
    own[at.t + at.d] += cell->w;
  }
}

static pfc_status solve_people(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work,
                               double *sum, void *user, pfc_error *err) {
  (void)user;
  pfc_status st = PFC_OK;
  const pfc__pstate *s = w->s;
  const int D = s->d;
  double xx[PFC__TRIANGLE(PFC__ROW)], scratch[2 * PFC__ROW * PFC__ROW];
  for (int32_t i = 0; i < k->n_people; i++) {
    const ptrdiff_t p = k->first_row + i;
    double *row = s->row + p * D, *cov = s->row_cov + p * PFC__TRIANGLE(D), log_det;
    PFC_TRY(gather_person(w, k, i, work, cov, row, err));
    if (!pfc__packed_solve(D, cov, row, scratch, &log_det)) {
      st = pfc_fail(err, PFC_ENUMERIC, "profile: the equations of person %d have no solution",
                    (int)k->person[i]);
      goto done;
    }
    s->row_log_det[p] = -log_det;
    pfc__row_moments(D, row, cov, xx);
    add_person(s, k, i, row, xx, sum);
  }
done:
  return st;
}

static pfc_status solve_factors(const pfc__psweep *w, pfc_error *err) {
  pfc__pstate *s = w->s;
  const places at = places_of(s);
  const int K = s->rank;
  double P[PFC__TRIANGLE(PFC__ROW)] = {0}, scratch[2 * PFC__ROW * PFC__ROW];
  for (ptrdiff_t c = 0; c < w->d->shape.n_competencies; c++) {
    const double *own = w->total + at.people + c * at.each;
    double *v = s->z + c * at.d + 1;
    s->has_competency[c] = own[at.t + at.d] > 0;
    if (K == 0 || !s->has_competency[c]) continue;
    for (int i = 0; i < K; i++) {
      const double *row = own + PFC__TRIANGLE(i + 1); /* of moments, packed with a first */
      for (int j = 0; j <= i; j++) P[PFC__TRIANGLE(i) + j] = row[j + 1];
      P[PFC__TRIANGLE(i) + i] += 1 / s->factor2[i];
      v[i] = own[at.t + 1 + i] - row[0];
    }
    if (!pfc__packed_solve(K, P, v, scratch, NULL))
      return pfc_fail(err, PFC_ENUMERIC,
                      "profile: the equations of competency %td have no solution", c);
    memcpy(s->factor_cov + c * PFC__TRIANGLE(K), P, sizeof *P * (size_t)PFC__TRIANGLE(K));
  }
  return PFC_OK;
}

/* --- the freedoms of the product -------------------------------------------------------- */

typedef struct transform {
  double shift[PFC__ROW];                                  /* taken off (a, u) first */
  double u[PFC_PROFILE_MOST_RANK * PFC_PROFILE_MOST_RANK]; /* u becomes this times u */
  double v[PFC_PROFILE_MOST_RANK * PFC_PROFILE_MOST_RANK];
  double log_det; /* of u's */
} transform;

/* x' S x of a packed S. */
static double quadratic(int n, const double *S, const double *x, const double *y) {
  double sum = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      sum += S[i > j ? PFC__TRIANGLE(i) + j : PFC__TRIANGLE(j) + i] * x[i] * y[j];
  return sum;
}

/* By how much the bound rises when the mean mu of u moves into b: priors of u and b, and the
 * doubt of v that a smaller u brings in less. */
static double gain_of_centring(const pfc__psweep *w, const double *mu) {
  const pfc__pstate *s = w->s;
  const places at = places_of(s);
  const int K = s->rank;
  double gain = 0;
  for (int i = 0; i < K; i++) gain += 0.5 * s->n_people * mu[i] * mu[i];
  for (ptrdiff_t c = 0; c < w->d->shape.n_competencies; c++) {
    if (!s->has_competency[c]) continue;
    const double *sums = w->total + at.people + c * at.each + at.t + at.d;
    const double *cov = s->factor_cov + c * PFC__TRIANGLE(K);
    const double more = pfc__row_part(K, s->z + c * at.d + 1, mu);
    gain -= more * (2 * s->b[c] + more) / (2 * s->competency2);
    gain -= 0.5 * sums[0] * quadratic(K, cov, mu, mu) - quadratic(K, cov, sums + 1, mu);
  }
  return gain;
}

/* Means to take off; what they were goes into beta and b. */
static void centre(const pfc__psweep *w, double *shift) {
  pfc__pstate *s = w->s;
  const double *mean = w->total + PFC__TRIANGLE(s->d);
  for (int i = 0; i < s->d; i++) shift[i] = mean[i] / s->n_people;
  s->theta.beta[0] += shift[0];
  if (s->rank == 0) return;
  if (!(gain_of_centring(w, shift + 1) > 0)) {
    memset(shift + 1, 0, sizeof *shift * (size_t)s->rank);
    return;
  }
  for (ptrdiff_t c = 0; c < w->d->shape.n_competencies; c++)
    if (s->has_competency[c]) s->b[c] += pfc__row_part(s->rank, s->z + c * s->d + 1, shift + 1);
}

/* The second moment of u, centred. */
static void moment_of_people(const pfc__psweep *w, const double *shift, double *E) {
  const int K = w->s->rank;
  const double n = w->s->n_people, *mean = w->total + PFC__TRIANGLE(w->s->d);
  for (int i = 0; i < K; i++) {
    for (int j = 0; j <= i; j++) {
      const double x = w->total[PFC__TRIANGLE(i + 1) + j + 1] / n -
                       mean[i + 1] / n * shift[j + 1] - mean[j + 1] / n * shift[i + 1] +
                       shift[i + 1] * shift[j + 1];
      E[i * K + j] = E[j * K + i] = x;
    }
  }
}

static int32_t moment_of_factors(const pfc__psweep *w, double *M) {
  const pfc__pstate *s = w->s;
  const int K = s->rank;
  int32_t n = 0;
  memset(M, 0, sizeof *M * (size_t)(K * K));
  for (ptrdiff_t c = 0; c < w->d->shape.n_competencies; c++) {
    if (!s->has_competency[c]) continue;
    const double *v = s->z + c * s->d + 1, *cov = s->factor_cov + c * PFC__TRIANGLE(K);
    for (int i = 0; i < K; i++)
      for (int j = 0; j <= i; j++) M[i * K + j] += v[i] * v[j] + cov[PFC__TRIANGLE(i) + j];
    n++;
  }
  for (int i = 0; i < K; i++)
    for (int j = 0; j < i; j++) M[j * K + i] = M[i * K + j];
  return n;
}

/* out = A B, or A B' or A' B. */
static void multiply(int K, const double *A, bool ta, const double *B, bool tb, double *out) {
  for (int i = 0; i < K; i++) {
    for (int j = 0; j < K; j++) {
      double x = 0;
      for (int k = 0; k < K; k++)
        x += (ta ? A[k * K + i] : A[i * K + k]) * (tb ? B[j * K + k] : B[k * K + j]);
      out[i * K + j] = x;
    }
  }
}

/* Eigenvectors of the symmetric M, which become its rows, without an allocation that could fail
 * and pass for a matrix without axes. */
static bool find_eigenvectors(int K, double *M, double *value) {
  enum { ROOM = 34 * PFC_PROFILE_MOST_RANK }; /* what dsyev asks for with blocks of 32 */
  double work[ROOM];
  if (K == 0) return true;
  for (int i = 0; i < K; i++) {
    for (int j = 0; j < i; j++) {
      const double lower = M[i * K + j];
      M[i * K + j] = M[j * K + i];
      M[j * K + i] = lower;
    }
  }
  return LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'L', K, M, K, value, work, ROOM) == 0;
}

/* Axes in which people's u have second moment 1 and competencies' v a diagonal one: priors of
 * any shape for u and v are then no better than N(0, 1) and the diagonal.
 * E = L L', L' M L = R diag R':  u -> R' L^-1 u,  v -> R' L' v. */
static void find_axes(const pfc__psweep *w, transform *f) {
  enum { SIZE = PFC_PROFILE_MOST_RANK * PFC_PROFILE_MOST_RANK };
  pfc__pstate *s = w->s;
  const int K = s->rank;
  double E[SIZE], M[SIZE], part[SIZE], inverse[SIZE], value[PFC_PROFILE_MOST_RANK];
  moment_of_people(w, f->shift, E);
  const int32_t n = moment_of_factors(w, M);
  bool found = n > 0 && pfc__cholesky(K, E, &f->log_det);
  for (int i = 0; i < K; i++)
    for (int j = i + 1; j < K; j++) E[i * K + j] = 0;
  multiply(K, E, true, M, false, part);
  multiply(K, part, false, E, false, M);
  found = found && find_eigenvectors(K, M, value); /* M: R' */
  memset(f->u, 0, sizeof f->u);
  memset(f->v, 0, sizeof f->v);
  if (!found) {
    for (int i = 0; i < K; i++) f->u[i * K + i] = f->v[i * K + i] = 1;
    f->log_det = 0;
    return;
  }
  f->log_det = -0.5 * f->log_det;
  for (int j = 0; j < K; j++) { /* L^-1, column by column */
    for (int i = 0; i < K; i++) {
      double x = i == j;
      for (int k = 0; k < i; k++) x -= E[i * K + k] * inverse[k * K + j];
      inverse[i * K + j] = x / E[i * K + i];
    }
  }
  multiply(K, M, false, inverse, false, f->u);
  multiply(K, M, false, E, true, f->v);
}

/* S -> T S T' of a packed S. */
static void turn_packed(int K, const double *T, double *S) {
  double part[PFC_PROFILE_MOST_RANK * PFC_PROFILE_MOST_RANK];
  for (int i = 0; i < K; i++) {
    for (int j = 0; j < K; j++) {
      double x = 0;
      for (int k = 0; k < K; k++)
        x += T[i * K + k] * S[k > j ? PFC__TRIANGLE(k) + j : PFC__TRIANGLE(j) + k];
      part[i * K + j] = x;
    }
  }
  for (int i = 0; i < K; i++) {
    for (int j = 0; j <= i; j++) {
      double x = 0;
      for (int k = 0; k < K; k++) x += part[i * K + k] * T[j * K + k];
      S[PFC__TRIANGLE(i) + j] = x;
    }
  }
}

static void turn(int K, const double *T, double *x) {
  double out[PFC_PROFILE_MOST_RANK];
  for (int i = 0; i < K; i++) out[i] = pfc__row_part(K, T + i * K, x);
  memcpy(x, out, sizeof *x * (size_t)K);
}

static void turn_row(int D, const transform *f, double *row, double *cov) {
  const int K = D - 1;
  double across[PFC_PROFILE_MOST_RANK], S[PFC__TRIANGLE(PFC_PROFILE_MOST_RANK)];
  for (int i = 0; i < D; i++) row[i] -= f->shift[i];
  turn(K, f->u, row + 1);
  for (int i = 0; i < K; i++) {
    across[i] = cov[PFC__TRIANGLE(i + 1)];
    for (int j = 0; j <= i; j++) S[PFC__TRIANGLE(i) + j] = cov[PFC__TRIANGLE(i + 1) + j + 1];
  }
  turn(K, f->u, across);
  turn_packed(K, f->u, S);
  for (int i = 0; i < K; i++) {
    cov[PFC__TRIANGLE(i + 1)] = across[i];
    for (int j = 0; j <= i; j++) cov[PFC__TRIANGLE(i + 1) + j + 1] = S[PFC__TRIANGLE(i) + j];
  }
}

static pfc_status turn_people(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work,
                              double *sum, void *user, pfc_error *err) {
  (void)work;
  (void)sum;
  (void)err;
  const transform *f = user;
  pfc__pstate *s = w->s;
  for (ptrdiff_t p = k->first_row; p < k->first_row + k->n_people; p++) {
    turn_row(s->d, f, s->row + p * s->d, s->row_cov + p * PFC__TRIANGLE(s->d));
    s->row_log_det[p] += 2 * f->log_det;
  }
  return PFC_OK;
}

static void turn_factors(const pfc__psweep *w, const transform *f) {
  pfc__pstate *s = w->s;
  const int K = s->rank;
  const double least = w->d->least;
  double M[PFC_PROFILE_MOST_RANK * PFC_PROFILE_MOST_RANK];
  for (ptrdiff_t c = 0; c < w->d->shape.n_competencies; c++) {
    if (!s->has_competency[c]) continue;
    turn(K, f->v, s->z + c * s->d + 1);
    turn_packed(K, f->v, s->factor_cov + c * PFC__TRIANGLE(K));
  }
  const int32_t n = moment_of_factors(w, M);
  for (int i = 0; i < K && n > 0; i++) s->factor2[i] = fmax(M[i * K + i] / n, least);
}

pfc_status pfc__update_rows(pfc__psweep *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__pstate *s = w->s;
  const places at = places_of(s);
  transform f = {.log_det = 0};
  PFC_TRY(pfc__psweep_chunks(w, at.people + w->d->shape.n_competencies * at.each, solve_people,
                             NULL, err));
  PFC_TRY(solve_factors(w, err));
  centre(w, f.shift);
  s->person2 = fmax(w->total[0] / s->n_people - f.shift[0] * f.shift[0], w->d->least);
  find_axes(w, &f);
  PFC_TRY(pfc__psweep_chunks(w, 0, turn_people, &f, err));
  turn_factors(w, &f);
  pfc__pstate_moments(w->d, s);
done:
  return st;
}
