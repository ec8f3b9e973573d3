/* Sums down the columns of sparse rows, sum_i x_ij r_i, without a transposed copy: the rows are
 * cut into chunks, each adds up its own, and the chunks are added in order. Where they are cut
 * depends on the matrix alone, so that the sums are the same bytes for any number of threads.
 */
#ifndef PROFICIO_TRAINER_COLUMN_SUMS_H
#define PROFICIO_TRAINER_COLUMN_SUMS_H

#include <string.h>

#include "base/error.h"
#include "base/sparse.h"

typedef struct pfc__column_sums {
  const pfc_csr *rows;
  int64_t n_chunks, chunk_rows; /* a multiple of PFC_TILE, but for the last */
  double *partial;              /* n_chunks x columns */
} pfc__column_sums;

/* rows is kept by reference. */
PFC_MUST_USE pfc_status pfc__column_sums_init(pfc__column_sums *s, const pfc_csr *rows,
                                              pfc_error *err);
void pfc__column_sums_clear(pfc__column_sums *s);

static inline int64_t pfc__chunk_from(const pfc__column_sums *s, int64_t chunk) {
  return chunk * s->chunk_rows;
}

static inline int64_t pfc__chunk_to(const pfc__column_sums *s, int64_t chunk) {
  const int64_t to = (chunk + 1) * s->chunk_rows;
  return to < s->rows->n_rows ? to : s->rows->n_rows;
}

/* The sums of a chunk, set to 0: whoever works on the chunk adds its rows to them. */
static inline double *pfc__chunk_sums(pfc__column_sums *s, int64_t chunk) {
  double *sums = s->partial + chunk * s->rows->n_cols;
  memset(sums, 0, sizeof *sums * (size_t)s->rows->n_cols);
  return sums;
}

/* sums_j += x_ij r */
static inline void pfc__add_row(const pfc_csr *x, int64_t i, double r, double *sums) {
  for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
    sums[x->col[e]] += (double)x->val[e] * r;
  }
}

/* sums_j += x_ij^2 r */
static inline void pfc__add_squares(const pfc_csr *x, int64_t i, double r, double *sums) {
  for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
    const double v = (double)x->val[e];
    sums[x->col[e]] += v * v * r;
  }
}

/* x_i . v, in four sums: one would wait for each of its additions. */
static inline double pfc__row_dot(const pfc_csr *x, int64_t i, const double *v) {
  const int32_t *col = x->col;
  const float *val = x->val;
  const int64_t to = x->start[i + 1];
  int64_t e = x->start[i];
  double a = 0, b = 0, c = 0, d = 0;
  for (; e + 4 <= to; e += 4) {
    a += (double)val[e] * v[col[e]];
    b += (double)val[e + 1] * v[col[e + 1]];
    c += (double)val[e + 2] * v[col[e + 2]];
    d += (double)val[e + 3] * v[col[e + 3]];
  }
  for (; e < to; e++) a += (double)val[e] * v[col[e]];
  return (a + b) + (c + d);
}

/* out[j] = the chunks' sums of column j, one chunk after the other. */
void pfc__column_sums_total(const pfc__column_sums *s, double *out);

#endif
