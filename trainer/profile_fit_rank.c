/* The number of factors, by what held-out cells say. */
#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/profile_fit_internal.h"

/* --- held-out cells --------------------------------------------------------------------- */

/* How many. */
static int64_t hold_out(pfc__pdata *d, int32_t n_active, double share, uint64_t seed) {
  int64_t n = 0;
  for (int32_t i = 0; i < n_active; i++) {
    pfc__pchunk *k = &d->chunk[i];
    for (int32_t p = 0; p < k->n_people; p++) {
      pfc_rng rng;
      pfc_rng_init(&rng, seed, "profile.holdout", (uint64_t)k->person[p]);
      for (int64_t c = k->first_cell[p]; c < k->first_cell[p + 1]; c++)
        n += k->cell[c].held = pfc_rng_uniform(&rng) < share;
    }
  }
  return n;
}

static void hold_nothing(pfc__pdata *d) {
  for (int32_t i = 0; i < d->n_chunks; i++)
    for (int64_t c = 0; c < d->chunk[i].n_cells; c++) d->chunk[i].cell[c].held = 0;
}

/* -log N(e; 0, C + aa' o u + diag lv). */
static pfc_status surprise(pfc__work *w, double *nll, pfc_error *err) {
  const int n = w->n;
  double x[PFC__CELL], log_det, sum = 0;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++)
      w->c[i * n + j] = w->a[i] * w->a[j] * (w->k[i * n + j] + w->u[i * n + j]);
    w->c[i * n + i] += w->noise2[i] + w->lv[i];
    x[i] = w->e[i];
  }
  if (!pfc__cholesky(n, w->c, &log_det))
    return pfc_fail(err, PFC_ENUMERIC, "profile: a held-out cell has no density");
  pfc__cholesky_solve(n, w->c, x);
  for (int i = 0; i < n; i++) sum += w->e[i] * x[i];
  *nll = 0.5 * (n * 1.8378770664093454836 + log_det + sum);
  return PFC_OK;
}

static pfc_status sum_surprise(const pfc__psweep *w, pfc__pchunk *k, pfc__work *work,
                               double *sum, void *user, pfc_error *err) {
  (void)user;
  pfc_status st = PFC_OK;
  const pfc__pstate *s = w->s;
  double xx[PFC__TRIANGLE(PFC__ROW)], nll;
  for (int32_t i = 0; i < k->n_people; i++) {
    const ptrdiff_t p = k->first_row + i;
    const double *row = s->row + p * s->d;
    pfc__row_moments(s->d, row, s->row_cov + p * PFC__TRIANGLE(s->d), xx);
    for (int64_t j = k->first_cell[i]; j < k->first_cell[i + 1]; j++) {
      const pfc__pcell *c = &k->cell[j];
      const ptrdiff_t at = c->competency;
      if (!c->held) continue;
      const double part = pfc__row_part(s->d, row, s->z + at * s->d);
      const double var =
          pfc__packed_dot(s->d, xx, s->zz + at * PFC__TRIANGLE(s->d)) - part * part;
      PFC_TRY(pfc__pcell_solve(w->d, s, k, c, part, work, err));
      (void)pfc__pcell_bound(s, k, c, var, work); /* for the doubt */
      PFC_TRY(surprise(work, &nll, err));
      sum[0] += nll;
      sum[1] += 1;
    }
  }
done:
  return st;
}

pfc_status pfc__holdout_nll(pfc__psweep *w, double *nll, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__psweep_chunks(w, 2, sum_surprise, NULL, err));
  *nll = w->total[1] > 0 ? w->total[0] / w->total[1] : NAN;
done:
  return st;
}

/* --- the search ------------------------------------------------------------------------- */

static const int32_t RANKS[] = {0, 1, 2, 4, 8, 16};
enum { SEARCH_SWEEPS = 40, PATIENCE = 2 };
static const double SEARCH_TOLERANCE = 2e-5;
/* Nats a cell by which more factors must be better: what they cost in memory and time, they
 * must bring. */
static const double WORTHWHILE = 4e-3;

typedef struct search {
  pfc__pdata *d;
  const pfc_profile_settings *settings;
  int32_t n_active;
} search;

/* Fits a rank without the held-out cells, beginning with what `from` has. */
static pfc_status try_rank(const search *a, int32_t rank, const pfc__pstate *from,
                           pfc__pstate *s, double *nll, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__psweep w = {0};
  pfc_profile_fit fit = {0};
  const pfc__pstop stop = {SEARCH_SWEEPS, SEARCH_TOLERANCE, &a->settings->progress};
  PFC_TRY(pfc__pstate_init(s, a->d, rank, a->n_active, a->settings->seed, from, err));
  PFC_TRY(pfc__psweep_init(&w, a->d, s, err));
  PFC_TRY(pfc__psweep_until(&w, &stop, &fit, err));
  PFC_TRY(pfc__holdout_nll(&w, nll, err));
done:
  pfc__psweep_clear(&w);
  return st;
}

pfc_status pfc__rank_search(pfc__pdata *d, const pfc_profile_settings *settings,
                            int32_t n_active, pfc__pstate *best, pfc_profile_fit *fit,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  const search a = {d, settings, n_active};
  pfc__pstate now = {0};
  int worse = 0;
  *best = (pfc__pstate){0};
  fit->holdout_nll = NAN;
  fit->n_held = hold_out(d, n_active, settings->holdout, settings->seed);
  for (size_t i = 0; i < sizeof RANKS / sizeof *RANKS && worse < PATIENCE; i++) {
    double nll = NAN;
    if (RANKS[i] > 0 && RANKS[i] > d->shape.n_competencies - 1) break;
    PFC_TRY(try_rank(&a, RANKS[i], i > 0 ? best : NULL, &now, &nll, err));
    const bool better = i == 0 || nll < fit->holdout_nll - WORTHWHILE;
    worse = better ? 0 : worse + 1;
    if (better) {
      pfc__pstate_clear(best);
      *best = now;
      now = (pfc__pstate){0};
      fit->holdout_nll = nll;
    }
    pfc__pstate_clear(&now);
  }
done:
  hold_nothing(d);
  pfc__pstate_clear(&now);
  if (st != PFC_OK) pfc__pstate_clear(best);
  return st;
}
