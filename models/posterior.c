/* Priors from posteriors: remapped by Schur complement, applied as quadratic forms. What
 * precedes, the sum over rows, stands in models/posterior_fit.c. */
#include "models/posterior.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "models/posterior_internal.h"

void pfc_posterior_clear(pfc_posterior *p) {
  pfc_free(p->full);
  pfc_free(p->precision);
  pfc_free(p->diagonal);
  *p = (pfc_posterior){0};
}

pfc_status pfc_posterior_init(pfc_posterior *p, int32_t n, int32_t n_full, pfc_error *err) {
  pfc_status st = PFC_OK;
  *p = (pfc_posterior){.n = n, .n_full = n_full};
  PFC_NEW(p->full, n_full);
  PFC_NEW(p->precision, pfc_triangle(n_full));
  PFC_NEW(p->diagonal, n);
done:
  return st;
}

pfc_status pfc_posterior_copy(const pfc_posterior *p, pfc_posterior *out, pfc_error *err) {
  *out = (pfc_posterior){0};
  if (p->n == 0) return PFC_OK;
  const pfc_status st = pfc_posterior_init(out, p->n, p->n_full, err);
  if (st != PFC_OK) {
    pfc_posterior_clear(out);
    return st;
  }
  memcpy(out->full, p->full, sizeof *p->full * (size_t)p->n_full);
  memcpy(out->precision, p->precision, sizeof *p->precision * pfc_triangle(p->n_full));
  memcpy(out->diagonal, p->diagonal, sizeof *p->diagonal * (size_t)p->n);
  return PFC_OK;
}

/* --- marginalization -------------------------------------------------------------------- */

/* Parts of P for the complement: dropped by dropped, and dropped by kept, both column-major as
 * LAPACK has them. */
typedef struct parts {
  int n_kept, n_dropped;
  double *dropped; /* its lower triangle */
  double *between;
} parts;

static pfc_status parts_init(parts *s, const pfc_posterior *p, const int32_t *kept,
                             const int32_t *dropped, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(s->dropped, (size_t)s->n_dropped * (size_t)s->n_dropped);
  PFC_NEW(s->between, (size_t)s->n_dropped * (size_t)s->n_kept);
  for (int j = 0; j < s->n_dropped; j++) {
    for (int i = j; i < s->n_dropped; i++)
      s->dropped[(ptrdiff_t)j * s->n_dropped + i] =
          *pfc_posterior_cell(p, dropped[i], dropped[j]);
  }
  for (int j = 0; j < s->n_kept; j++) {
    for (int i = 0; i < s->n_dropped; i++)
      s->between[(ptrdiff_t)j * s->n_dropped + i] = *pfc_posterior_cell(p, dropped[i], kept[j]);
  }
done:
  return st;
}

/* With P_dd = L L' and Z = L^-1 P_dk the complement is P_kk - Z' Z: positive definite however
 * it is rounded, but for the subtraction itself. */
pfc_status pfc__posterior_keep(const pfc_posterior *p, int32_t n_kept, const int32_t *kept,
                               int32_t n_dropped, const int32_t *dropped, double *precision,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  parts s = {.n_kept = n_kept, .n_dropped = n_dropped};
  for (int32_t a = 0; a < n_kept; a++) {
    for (int32_t b = 0; b <= a; b++)
      precision[pfc_triangle(a) + (size_t)b] = *pfc_posterior_cell(p, kept[a], kept[b]);
  }
  if (n_kept == 0 || n_dropped == 0) return PFC_OK;
  PFC_TRY(parts_init(&s, p, kept, dropped, err));
  if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', n_dropped, s.dropped, n_dropped) != 0 ||
      LAPACKE_dtrtrs_work(LAPACK_COL_MAJOR, 'L', 'N', 'N', n_dropped, n_kept, s.dropped,
                          n_dropped, s.between, n_dropped) != 0) {
    st = pfc_fail(err, PFC_ENUMERIC,
                  "posterior: the precision of %d columns that are gone is not positive "
                  "definite",
                  (int)n_dropped);
    goto done;
  }
#pragma omp parallel for schedule(dynamic, 8)
  for (int32_t a = 0; a < n_kept; a++) {
    const double *za = s.between + (ptrdiff_t)a * n_dropped;
    for (int32_t b = 0; b <= a; b++) {
      const double *zb = s.between + (ptrdiff_t)b * n_dropped;
      double sum = 0;
      for (int32_t i = 0; i < n_dropped; i++) sum += za[i] * zb[i];
      precision[pfc_triangle(a) + (size_t)b] -= sum;
    }
  }
done:
  pfc_free(s.dropped);
  pfc_free(s.between);
  return st;
}

/* Which of p's full coefficients stay, in the order of the new ones, and which go. */
typedef struct choice {
  int32_t *at; /* p->n: place among the full ones, -1 none */
  int32_t *kept, *dropped, *full;
  int32_t n_kept, n_dropped;
} choice;

static void choice_clear(choice *c) {
  pfc_free(c->at);
  pfc_free(c->kept);
  pfc_free(c->dropped);
  pfc_free(c->full);
}

static pfc_status choose(choice *c, const pfc_posterior *p, int32_t n, const int32_t *from,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *taken = NULL;
  PFC_NEW(c->at, p->n);
  PFC_NEW(c->kept, p->n_full);
  PFC_NEW(c->dropped, p->n_full);
  PFC_NEW(c->full, p->n_full);
  PFC_NEW(taken, p->n);
  for (int32_t j = 0; j < p->n; j++) c->at[j] = -1;
  for (int32_t k = 0; k < p->n_full; k++) c->at[p->full[k]] = k;
  for (int32_t j = 0; j < n; j++) {
    if (from[j] < -1 || from[j] >= p->n || (from[j] >= 0 && taken[from[j]]++)) {
      st = pfc_fail(err, PFC_EUSAGE,
                    "posterior: coefficient %d comes from %d: one of 0..%d, each once, or -1 "
                    "expected",
                    (int)j, (int)from[j], (int)p->n - 1);
      goto done;
    }
    if (from[j] < 0 || c->at[from[j]] < 0) continue;
    c->full[c->n_kept] = j;
    c->kept[c->n_kept++] = c->at[from[j]];
  }
  for (int32_t k = 0; k < p->n_full; k++)
    if (!taken[p->full[k]]) c->dropped[c->n_dropped++] = k;
done:
  pfc_free(taken);
  return st;
}

pfc_status pfc_posterior_remap(const pfc_posterior *p, int32_t n, const int32_t *from,
                               const double *fresh, pfc_posterior *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  choice c = {0};
  *out = (pfc_posterior){0};
  PFC_TRY(choose(&c, p, n, from, err));
  PFC_TRY(pfc_posterior_init(out, n, c.n_kept, err));
  memcpy(out->full, c.full, sizeof *c.full * (size_t)c.n_kept);
  PFC_TRY(
      pfc__posterior_keep(p, c.n_kept, c.kept, c.n_dropped, c.dropped, out->precision, err));
  for (int32_t j = 0; j < n; j++) {
    if (from[j] < 0)
      out->diagonal[j] = fresh[j];
    else
      out->diagonal[j] = p->diagonal[from[j]];
  }
done:
  if (st != PFC_OK) pfc_posterior_clear(out);
  choice_clear(&c);
  return st;
}

/* --- as a prior --------------------------------------------------------------------------- */

/* v' P v / 2 of v = w - mean (NULL: 0); out, unless NULL, += P v. */
static double apply(const pfc_posterior *p, const double *mean, const double *w, double *out) {
  double sum = 0;
  for (int32_t a = 0; a < p->n_full; a++) {
    const double *row = p->precision + pfc_triangle(a);
    const int32_t i = p->full[a];
    const double v = w[i] - (mean ? mean[i] : 0);
    double image = 0;
    for (int32_t b = 0; b < a; b++) {
      const int32_t j = p->full[b];
      image += row[b] * (w[j] - (mean ? mean[j] : 0));
      if (out) out[j] += row[b] * v;
    }
    sum += v * (2 * image + row[a] * v);
    if (out) out[i] += image + row[a] * v;
  }
  for (int32_t j = 0; j < p->n; j++) {
    const double v = w[j] - (mean ? mean[j] : 0);
    sum += p->diagonal[j] * v * v;
    if (out) out[j] += p->diagonal[j] * v;
  }
  return sum / 2;
}

double pfc_posterior_pull(const pfc_posterior *p, const double *mean, const double *w,
                          double *gradient) {
  return apply(p, mean, w, gradient);
}

void pfc_posterior_times(const pfc_posterior *p, const double *v, double *out) {
  (void)apply(p, NULL, v, out);
}

void pfc_posterior_add_diagonal(const pfc_posterior *p, double *d) {
  for (int32_t a = 0; a < p->n_full; a++)
    d[p->full[a]] += p->precision[pfc_triangle(a) + (size_t)a];
  for (int32_t j = 0; j < p->n; j++) d[j] += p->diagonal[j];
}
