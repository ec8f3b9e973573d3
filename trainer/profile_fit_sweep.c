/* Sweeps over the blocks, chunk by chunk; and the parts of the bound that no cell tells. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/profile_fit_internal.h"

/* How far the bound may fall in a sweep by rounding, relatively. */
#define FALL_ALLOWED 1e-7

static ptrdiff_t most_sums(const pfc__pdata *d, const pfc__pstate *s) {
  const ptrdiff_t C = d->shape.n_competencies, p = pfc__n_theta(d);
  const ptrdiff_t of[] = {
      1 + p + p * p,
      (C + 1) * (PFC__TRIANGLE(s->d) + 2 * (ptrdiff_t)s->d),
      20 + C * 7 + d->shape.n_role_effects * 8,
      3 * d->shape.n_raters,
      4 * (ptrdiff_t)d->shape.n_interventions,
  };
  ptrdiff_t most = 0;
  for (size_t i = 0; i < sizeof of / sizeof *of; i++) most = of[i] > most ? of[i] : most;
  return most;
}

pfc_status pfc__psweep_init(pfc__psweep *w, const pfc__pdata *d, pfc__pstate *s,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  *w = (pfc__psweep){.d = d, .s = s, .n_threads = pfc_par_threads()};
  const size_t n_theta = (size_t)pfc__n_theta(d);
  w->capacity = most_sums(d, s);
  PFC_NEW(w->work, w->n_threads);
  PFC_NEW(w->sums, (size_t)w->capacity * (size_t)s->n_active);
  PFC_NEW(w->total, w->capacity);
  PFC_NEW(w->step, w->capacity);
  PFC_NEW(w->theta, n_theta * (2 + 2 * n_theta));
  PFC_NEW(w->old, d->n_sources);
  PFC_NEW(w->cell, w->n_threads);
  PFC_NEW(w->terms, w->n_threads);
  for (int i = 0; i < w->n_threads; i++) w->work[i].thread = i;
done:
  return st;
}

void pfc__psweep_clear(pfc__psweep *w) {
  pfc_free(w->work);
  pfc_free(w->sums);
  pfc_free(w->total);
  pfc_free(w->step);
  pfc_free(w->theta);
  pfc_free(w->old);
  pfc_free(w->cell);
  pfc_free(w->terms);
  *w = (pfc__psweep){0};
}

typedef struct chunk_call {
  const pfc__psweep *w;
  pfc__chunk_fn fn;
  void *user;
} chunk_call;

static pfc_status call_chunk(int thread, int64_t i, void *user, pfc_error *err) {
  const chunk_call *call = user;
  const pfc__psweep *w = call->w;
  double *sum = w->sums + i * w->n_sums;
  memset(sum, 0, sizeof *sum * (size_t)w->n_sums);
  return call->fn(w, &w->d->chunk[i], &w->work[thread], sum, call->user, err);
}

pfc_status pfc__psweep_chunks(pfc__psweep *w, ptrdiff_t n_sums, pfc__chunk_fn fn, void *user,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  chunk_call call = {w, fn, user};
  w->n_sums = n_sums;
  PFC_TRY(
      pfc_par_each(w->s->n_active, 1, pfc__worth_threads(w->d->n_all), call_chunk, &call, err));
  memcpy(w->total, w->sums, sizeof *w->total * (size_t)n_sums);
  for (ptrdiff_t i = 1; i < w->s->n_active; i++)
    for (ptrdiff_t j = 0; j < n_sums; j++) w->total[j] += w->sums[i * n_sums + j];
done:
  return st;
}

/* --- the bound beside the cells --------------------------------------------------------- */

/* -KL of N(m, S) from N(0, prior), given E[x^2] and S. */
static double minus_kl(double second_moment, double var, double prior) {
  return -0.5 * (second_moment / prior - 1 + log(prior / var));
}

static double rows_bound(const pfc__pstate *s) {
  double sum = 0;
  for (ptrdiff_t p = 0; p < s->n_people; p++) {
    const double *row = s->row + p * s->d, *cov = s->row_cov + p * PFC__TRIANGLE(s->d);
    double x = (row[0] * row[0] + cov[0]) / s->person2 + log(s->person2) - s->row_log_det[p];
    for (int i = 1; i < s->d; i++) x += row[i] * row[i] + cov[PFC__TRIANGLE(i) + i];
    sum -= 0.5 * (x - s->d);
  }
  return sum;
}

static double factors_bound(const pfc__pstate *s, ptrdiff_t c) {
  const int K = s->rank;
  double L[PFC_PROFILE_MOST_RANK * PFC_PROFILE_MOST_RANK], log_det = 0, sum = 0;
  const double *cov = s->factor_cov + c * PFC__TRIANGLE(K), *v = s->z + c * s->d + 1;
  for (int i = 0; i < K; i++) {
    for (int j = 0; j <= i; j++) L[i * K + j] = cov[PFC__TRIANGLE(i) + j];
    sum += (v[i] * v[i] + L[i * K + i]) / s->factor2[i] - 1 + log(s->factor2[i]);
  }
  if (K > 0 && !pfc__cholesky(K, L, &log_det)) return -INFINITY;
  return -0.5 * (sum - log_det);
}

double pfc__bound_of_posteriors(const pfc__pdata *d, const pfc__pstate *s) {
  double sum = rows_bound(s);
  for (ptrdiff_t c = 0; c < d->shape.n_competencies; c++) {
    if (!s->has_competency[c]) continue;
    sum += factors_bound(s, c);
    sum += minus_kl(s->b[c] * s->b[c] + s->b_var[c], s->b_var[c], s->competency2);
  }
  for (int64_t i = 0; i < d->shape.n_role_effects; i++) {
    if (s->has_effect[i])
      sum +=
          minus_kl(s->effect[i] * s->effect[i] + s->effect_var[i], s->effect_var[i], s->role2);
  }
  for (int64_t i = 0; i < d->shape.n_raters; i++) {
    const double prior = s->theta.source[d->shape.rater_source[i]].leniency2;
    if (s->has_rater[i])
      sum += minus_kl(s->rater[i] * s->rater[i] + s->rater_var[i], s->rater_var[i], prior);
  }
  for (int32_t i = 0; i < d->shape.n_interventions; i++) {
    const double var = s->programme_var[i];
    if (s->has_programme[i])
      sum += minus_kl(s->programme[i] * s->programme[i] + var, var, s->programme2);
  }
  return sum + pfc__theta_prior(d, &s->theta, NULL, NULL);
}

/* --- sweeps ----------------------------------------------------------------------------- */

pfc_status pfc__psweep_run(pfc__psweep *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__update_rows(w, err));
  PFC_TRY(pfc__update_means(w, err));
  PFC_TRY(pfc__update_leniencies(w, err));
  PFC_TRY(pfc__update_programmes(w, err));
  PFC_TRY(pfc__update_theta(w, err));
done:
  return st;
}

/* Nats a sweep that tell nobody anything, however few the data. */
static const double NO_MATTER = 0.003;

/* The ways of lessons hang on the levels. They follow them as long as a sweep changes much, are
 * then held while the bound climbs, and reckoned anew a few times once it has settled. */
static const double MUCH = 1e-4;
enum { MOST_ROUNDS = 3 };

bool pfc__psweep_has_lessons(const pfc__psweep *w) {
  for (int32_t i = 0; i < w->s->n_active; i++)
    for (int64_t j = 0; j < w->d->chunk[i].n_cells; j++)
      if (w->d->chunk[i].cell[j].n_lessons > 0) return true;
  return false;
}

/* No block may lower the bound; should one do so all the same, in data that nobody thought of,
 * the fit ends where it is, which is next to where it was. */
static bool has_fallen(pfc__psweep *w, double before) {
  pfc__pstate *s = w->s;
  const double fall = (before - s->bound) / (fabs(before) + (double)w->d->n_all);
  if (fall > s->worst_fall) s->worst_fall = fall;
  return fall > FALL_ALLOWED;
}

pfc_status pfc__psweep_until(pfc__psweep *w, const pfc__pstop *stop, pfc_profile_fit *fit,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool lessons = pfc__psweep_has_lessons(w);
  int rounds = lessons ? MOST_ROUNDS : 1;
  bool follow = lessons, comparable = false; /* with the bound before: the same ways */
  fit->converged = 0;
  for (int32_t sweep = 0; sweep < stop->most && !fit->converged; sweep++) {
    const double before = w->s->bound;
    follow = follow && (sweep < 2 || fit->change > MUCH);
    if (follow) {
      PFC_TRY(pfc__update_ways(w, err));
      comparable = false;
    }
    PFC_TRY(pfc__psweep_run(w, err));
    fit->sweeps++;
    fit->bound = w->s->bound;
    fit->change = fabs(fit->bound - before) / (fabs(before) + (double)w->d->n_all);
    bool settled = comparable && (has_fallen(w, before) || fit->change < stop->tolerance ||
                                  fabs(fit->bound - before) < NO_MATTER);
    comparable = true;
    if (settled && --rounds > 0) {
      PFC_TRY(pfc__update_ways(w, err));
      comparable = settled = false;
    }
    fit->converged = settled;
    PFC_TRY(pfc_progress_report(stop->progress, "profile", sweep + 1, stop->most, -w->s->bound,
                                err));
  }
done:
  return st;
}
