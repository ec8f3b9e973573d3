/* What a fit knew of its coefficients when it ended, so that later rows can be added to it
 * without the earlier ones: Laplace's Gaussian N(w, P^-1) at the solution w, and the ledger of
 * the rows that went into it.
 *
 * P = ridge + sum over rows of weight x x'. Of most columns (roles, interventions, counts,
 * levels, baselines ...) it is kept whole. Effects of single people are many and meet each
 * other in no row: they are marginalized out of P (Schur complement), and of each its precision
 * given all others is kept, no more. docs/METHODS.md, "Refit". */
#ifndef PROFICIO_MODELS_POSTERIOR_H
#define PROFICIO_MODELS_POSTERIOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/sparse.h"

enum { PFC_POSTERIOR_FULL = 1024 }; /* most coefficients of which P is kept whole */

typedef struct pfc_posterior {
  int32_t n;         /* coefficients, in the order of the model's; 0: none is known */
  int32_t n_full;    /* of them, of which P is kept whole */
  int32_t *full;     /* n_full, ascending */
  double *precision; /* n_full (n_full + 1) / 2: lower triangle by rows, of the full ones alone,
                        the others marginalized out */
  double *diagonal;  /* n: precision of each of the others given all else; 0 of the full ones */
} pfc_posterior;

/* Frees what it holds; safe on a zeroed struct. */
PFC_API void pfc_posterior_clear(pfc_posterior *p);

/* Zeros of these sizes; what was made before a failure is the caller's to clear. */
PFC_API PFC_MUST_USE pfc_status pfc_posterior_init(pfc_posterior *p, int32_t n, int32_t n_full,
                                                   pfc_error *err);

/* Elements of a lower triangle of n rows, and where row n begins. */
static inline size_t pfc_triangle(int32_t n) { return (size_t)n * ((size_t)n + 1) / 2; }

/* P of the a-th and b-th of those kept whole. */
static inline double *pfc_posterior_cell(const pfc_posterior *p, int32_t a, int32_t b) {
  return &p->precision[a >= b ? pfc_triangle(a) + (size_t)b : pfc_triangle(b) + (size_t)a];
}

/* P from the rows of a fit: prior + sum_i weight_i x_i x_i' (weight[n]: of a logistic fit
 * p (1 - p)); its last coefficient is an intercept, 1 in every row, where has_intercept.
 *   prior      what was known before, of x->n_cols (+ 1) coefficients; NULL: ridge[same] alone
 *   is_single  same: 1 for those to be marginalized. Of them one at most should stand in a row;
 *              those beyond PFC_POSTERIOR_FULL, the least precise first, are made single, too;
 *              an intercept never is.
 *              Where two meet after all, the row's share of what each takes from the full ones
 *              is bounded from above by what it would take alone, so that P stays positive
 *              definite; what they have in common is given up
 * Cost: rows * entries^2 / 2. Memory: entries of single columns, and PFC_POSTERIOR_FULL^2;
 * never a dense row of a person. Same bytes for any number of threads. PFC_EUSAGE for sizes
 * that do not fit, PFC_ENUMERIC where the sum is not positive definite. */
PFC_API PFC_MUST_USE pfc_status pfc_posterior_fit(const pfc_csr *x, const double *weight,
                                                  bool has_intercept,
                                                  const pfc_posterior *prior,
                                                  const double *ridge, const uint8_t *is_single,
                                                  pfc_posterior *out, pfc_error *err);

/* The same belief about other columns: from[n]: which coefficient of p each of the n new ones
 * is, -1 none: then it is independent of all others, with precision fresh[j]. Coefficients of p
 * that none of them is are marginalized out by Schur complement. out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_posterior_remap(const pfc_posterior *p, int32_t n,
                                                    const int32_t *from, const double *fresh,
                                                    pfc_posterior *out, pfc_error *err);

/* A copy. out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_posterior_copy(const pfc_posterior *p, pfc_posterior *out,
                                                   pfc_error *err);

/* As a prior of a fit: returns 1/2 (w - mean)' P (w - mean), and adds P (w - mean) to
 * gradient[n]; out[n] += P v; d[n] += the diagonal of P. */
PFC_API double pfc_posterior_pull(const pfc_posterior *p, const double *mean, const double *w,
                                  double *gradient);
PFC_API void pfc_posterior_times(const pfc_posterior *p, const double *v, double *out);
PFC_API void pfc_posterior_add_diagonal(const pfc_posterior *p, double *d);

/* --- strengths ---------------------------------------------------------------------------- */

/* Ridge strength of a group of columns in the fit, in units of the summed log likelihood: the
 * prior precision of a column that comes later. */
typedef struct pfc_strength {
  char *group; /* owned */
  double value;
} pfc_strength;

typedef struct pfc_strengths {
  int32_t n;
  pfc_strength *at;
} pfc_strengths;

PFC_API void pfc_strengths_clear(pfc_strengths *s); /* safe on a zeroed struct */
/* Appends one. */
PFC_API PFC_MUST_USE pfc_status pfc_strengths_add(pfc_strengths *s, const char *group,
                                                  double value, pfc_error *err);
/* Of that group; otherwise where it has none. */
PFC_API double pfc_strengths_of(const pfc_strengths *s, const char *group, double otherwise);

/* --- the ledger ----------------------------------------------------------------------------
 */

/* Which rows a fit has absorbed, by what names them in any dataset, and how much of each. */
typedef struct pfc_ledger {
  int64_t n;
  uint64_t *key; /* ascending, each once */
  float *days;   /* of spells: absorbed up to this day of their own clock, and, negative, to
                    their end; of results 0 */
} pfc_ledger;

PFC_API void pfc_ledger_clear(pfc_ledger *l); /* safe on a zeroed struct */
/* Of a person, an intervention and a competency by their ids ("" where there is none), and the
 * day of the start: the first 64 bits of a SHA-256. digest is scratch, begun anew. */
PFC_API uint64_t pfc_ledger_key(pfc_sha256 *digest, const char *person,
                                const char *intervention, const char *competency,
                                int32_t start);
/* Place of a key; -1 when it is not there. */
PFC_API int64_t pfc_ledger_find(const pfc_ledger *l, uint64_t key);
/* All rows of both; where there are several of one key, what the last of them says, `later`
 * after `earlier`. Neither needs to be sorted; out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_ledger_join(const pfc_ledger *earlier,
                                                const pfc_ledger *later, pfc_ledger *out,
                                                pfc_error *err);

#endif
