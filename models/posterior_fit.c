/* The posterior of a fit: the precision of most columns kept whole, single ones eliminated as
 * the tip of an arrow is.
 *
 * With columns F kept whole and single columns s that no two of meet in a row,
 *
 *   P = | A   B'|   A = sum of weight x_F x_F',  b_s = sum over the rows of s of weight x_s
 * x_F, | B   D |   D diagonal,
 *
 * and the marginal precision of F is A - sum_s b_s b_s' / d_s. Where k single columns meet in a
 * row, (sum u_j)(sum u_j)' <= k sum u_j u_j' (Cauchy-Schwarz): with k times the row's share in
 * D the matrix stays at or above the true one, hence positive definite. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/posterior_internal.h"

/* Rows whose entries are gathered before they are added to P: bounds memory, and makes the
 * order of sums the same for any number of threads. */
enum { BLOCK_ROWS = 2048, BLOCK_SINGLES = 256 };

typedef struct fit {
  const pfc_csr *x;
  const double *weight;
  bool has_intercept;
  int32_t n; /* coefficients */
  uint8_t *single;
  double *precision_of; /* n: prior and rows, given all else */
  int32_t *at;          /* n: place among the full ones, -1 none */
  pfc_posterior *out;
} fit;

/* --- sums of outer products ------------------------------------------------------------- */

/* Sparse rows over the full coefficients, each with a factor; and by column which rows it
 * stands in, and where. */
typedef struct block {
  int64_t n, capacity, n_entries, entry_capacity;
  int64_t *start; /* n + 1 */
  double *factor; /* n */
  int32_t *col;
  double *val;
  int64_t *first; /* n_full + 1, by column */
  int32_t *row;
  int64_t *place;
  int64_t by_capacity;
} block;

static void block_clear(block *b) {
  pfc_free(b->start);
  pfc_free(b->factor);
  pfc_free(b->col);
  pfc_free(b->val);
  pfc_free(b->first);
  pfc_free(b->row);
  pfc_free(b->place);
}

static pfc_status block_init(block *b, int64_t rows, int32_t n_full, pfc_error *err) {
  pfc_status st = PFC_OK;
  *b = (block){.capacity = rows};
  PFC_NEW(b->start, rows + 1);
  PFC_NEW(b->factor, rows);
  PFC_NEW(b->first, (int64_t)n_full + 1);
done:
  return st;
}

static void block_empty(block *b) { b->n = b->n_entries = 0; }

/* Entries of a row ascend; they follow the ones before. */
static pfc_status block_entry(block *b, int32_t col, double val, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (b->n_entries == b->entry_capacity) {
    int64_t capacity = b->entry_capacity;
    PFC_RESERVE(b->col, capacity, b->n_entries + 1);
    capacity = b->entry_capacity;
    PFC_RESERVE(b->val, capacity, b->n_entries + 1);
    b->entry_capacity = capacity;
  }
  b->col[b->n_entries] = col;
  b->val[b->n_entries++] = val;
done:
  return st;
}

static void block_end_row(block *b, double factor) {
  b->factor[b->n++] = factor;
  b->start[b->n] = b->n_entries;
}

/* Lists the rows of each column. */
static pfc_status block_transpose(block *b, int32_t n_full, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (b->n_entries > b->by_capacity) {
    int64_t capacity = b->by_capacity;
    PFC_RESERVE(b->row, capacity, b->n_entries);
    capacity = b->by_capacity;
    PFC_RESERVE(b->place, capacity, b->n_entries);
    b->by_capacity = capacity;
  }
  memset(b->first, 0, sizeof *b->first * ((size_t)n_full + 1));
  for (int64_t e = 0; e < b->n_entries; e++) b->first[b->col[e]]++;
  int64_t sum = 0;
  for (int32_t c = 0; c <= n_full; c++) {
    sum += b->first[c];
    b->first[c] = sum; /* the end of c's, for now */
  }
  for (int64_t r = b->n - 1; r >= 0; r--) {
    for (int64_t e = b->start[r + 1] - 1; e >= b->start[r]; e--) {
      const int64_t slot = --b->first[b->col[e]];
      b->row[slot] = (int32_t)r;
      b->place[slot] = e;
    }
  }
done:
  return st;
}

/* P += sum of factor * row row', a row of P at a time. */
static pfc_status block_add(block *b, pfc_posterior *p, pfc_error *err) {
  const pfc_status st = block_transpose(b, p->n_full, err);
  if (st != PFC_OK) return st;
  if (!b->place) { /* rows without an entry */
    block_empty(b);
    return PFC_OK;
  }
#pragma omp parallel for schedule(dynamic, 1) if (PFC_WORTH_THREADS(16 * b->n_entries))
  for (int32_t a = p->n_full - 1; a >= 0; a--) {
    double *image = p->precision + pfc_triangle(a);
    for (int64_t k = b->first[a]; k < b->first[a + 1]; k++) {
      const int64_t place = b->place[k];
      const double scale = b->factor[b->row[k]] * b->val[place];
      for (int64_t e = b->start[b->row[k]]; e <= place; e++)
        image[b->col[e]] += scale * b->val[e];
    }
  }
  block_empty(b);
  return PFC_OK;
}

/* --- which are kept whole ----------------------------------------------------------------- */

typedef struct ranked {
  double precision;
  int32_t j;
} ranked;

static int least_precise_first(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->precision != y->precision) return x->precision < y->precision ? -1 : 1;
  return (x->j > y->j) - (x->j < y->j);
}

/* What each coefficient's precision would be, were all others known. */
static void sum_precisions(fit *f, const pfc_posterior *prior, const double *ridge) {
  const pfc_csr *x = f->x;
  double sum = 0;
  for (int32_t j = 0; j < f->n; j++) f->precision_of[j] = prior ? 0 : ridge[j];
  if (prior) pfc_posterior_add_diagonal(prior, f->precision_of);
  for (int64_t i = 0; i < x->n_rows; i++) {
    for (int64_t e = x->start[i]; e < x->start[i + 1]; e++)
      f->precision_of[x->col[e]] += f->weight[i] * (double)x->val[e] * (double)x->val[e];
    sum += f->weight[i];
  }
  if (f->has_intercept) f->precision_of[f->n - 1] += sum;
}

static pfc_status choose_full(fit *f, const uint8_t *is_single, pfc_error *err) {
  pfc_status st = PFC_OK;
  ranked *list = NULL;
  int32_t n_full = 0;
  PFC_NEW(list, f->n);
  for (int32_t j = 0; j < f->n; j++) {
    const bool is_intercept = f->has_intercept && j == f->n - 1;
    f->single[j] = is_single[j] && !is_intercept;
    if (!f->single[j])
      list[n_full++] = (ranked){is_intercept ? (double)INFINITY : f->precision_of[j], j};
  }
  qsort(list, (size_t)n_full, sizeof *list, least_precise_first);
  for (int32_t k = 0; k < n_full - PFC_POSTERIOR_FULL; k++) f->single[list[k].j] = 1;
  if (n_full > PFC_POSTERIOR_FULL) n_full = PFC_POSTERIOR_FULL;
  PFC_TRY(pfc_posterior_init(f->out, f->n, n_full, err));
  n_full = 0;
  for (int32_t j = 0; j < f->n; j++) {
    f->at[j] = f->single[j] ? -1 : n_full;
    if (f->single[j])
      f->out->diagonal[j] = f->precision_of[j];
    else
      f->out->full[n_full++] = j;
  }
done:
  pfc_free(list);
  return st;
}

/* --- the prior ---------------------------------------------------------------------------- */

/* P of the prior over the coefficients that stay whole; those that no longer do are
 * marginalized out of it. */
static pfc_status add_prior(fit *f, const pfc_posterior *prior, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_posterior *out = f->out;
  int32_t *kept = NULL, *dropped = NULL, n_kept = 0, n_dropped = 0;
  double *part = NULL;
  PFC_NEW(kept, prior->n_full);
  PFC_NEW(dropped, prior->n_full);
  for (int32_t k = 0; k < prior->n_full; k++) {
    if (f->at[prior->full[k]] >= 0)
      kept[n_kept++] = k;
    else
      dropped[n_dropped++] = k;
  }
  PFC_NEW(part, pfc_triangle(n_kept));
  PFC_TRY(pfc__posterior_keep(prior, n_kept, kept, n_dropped, dropped, part, err));
  for (int32_t a = 0; a < n_kept; a++) {
    const size_t row = pfc_triangle(f->at[prior->full[kept[a]]]);
    for (int32_t b = 0; b <= a; b++)
      out->precision[row + (size_t)f->at[prior->full[kept[b]]]] +=
          part[pfc_triangle(a) + (size_t)b];
  }
  for (int32_t k = 0; k < out->n_full; k++)
    out->precision[pfc_triangle(k) + (size_t)k] += prior->diagonal[out->full[k]];
done:
  pfc_free(kept);
  pfc_free(dropped);
  pfc_free(part);
  return st;
}

/* --- rows --------------------------------------------------------------------------------- */

static pfc_status add_rows(fit *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_csr *x = f->x;
  block b = {0};
  PFC_TRY(block_init(&b, BLOCK_ROWS, f->out->n_full, err));
  for (int64_t i = 0; i < x->n_rows; i++) {
    for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
      const int32_t at = f->at[x->col[e]];
      if (at >= 0) PFC_TRY(block_entry(&b, at, (double)x->val[e], err));
    }
    if (f->has_intercept) PFC_TRY(block_entry(&b, f->at[f->n - 1], 1, err));
    block_end_row(&b, f->weight[i]);
    if (b.n == b.capacity) PFC_TRY(block_add(&b, f->out, err));
  }
  PFC_TRY(block_add(&b, f->out, err));
done:
  block_clear(&b);
  return st;
}

/* --- single columns ----------------------------------------------------------------------- */

/* Entries of single columns, by column: a part of the columns at a time, as all of them would
 * be as large as the rows. */
typedef struct tips {
  int64_t *first;   /* n + 1: where those of each column begin among all */
  int32_t from, to; /* the columns whose entries are at hand */
  int64_t *row, capacity;
  float *val;
  int64_t *next; /* n: scratch */
  double *pivot; /* n: precision of each, bounded from above where singles meet in a row */
  double *sum;   /* n_full: what one has in common with each full coefficient */
  uint8_t *seen; /* n_full: its sum is not 0 */
} tips;

enum { PARTS = 16 }; /* passes over the rows */

static void tips_clear(tips *t) {
  pfc_free(t->first);
  pfc_free(t->row);
  pfc_free(t->val);
  pfc_free(t->next);
  pfc_free(t->pivot);
  pfc_free(t->sum);
  pfc_free(t->seen);
}

static int count_singles(const fit *f, int64_t i) {
  int n = 0;
  for (int64_t e = f->x->start[i]; e < f->x->start[i + 1]; e++) n += f->single[f->x->col[e]];
  return n;
}

static void bound_pivots(tips *t, const fit *f) {
  const pfc_csr *x = f->x;
  for (int64_t i = 0; i < x->n_rows; i++) {
    const int meet = count_singles(f, i);
    for (int64_t e = x->start[i]; meet > 1 && e < x->start[i + 1]; e++) {
      const double v = (double)x->val[e];
      if (f->single[x->col[e]]) t->pivot[x->col[e]] += (meet - 1) * f->weight[i] * v * v;
    }
  }
}

static pfc_status tips_init(tips *t, const fit *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_csr *x = f->x;
  PFC_NEW(t->first, (int64_t)f->n + 1);
  PFC_NEW(t->next, f->n);
  PFC_NEW(t->pivot, f->n);
  PFC_NEW(t->sum, f->out->n_full);
  PFC_NEW(t->seen, f->out->n_full);
  memcpy(t->pivot, f->precision_of, sizeof *t->pivot * (size_t)f->n);
  for (int64_t e = x->start[0]; e < x->start[x->n_rows]; e++)
    t->first[x->col[e] + 1] += f->single[x->col[e]];
  int64_t widest = 0;
  for (int32_t j = 0; j < f->n; j++) {
    if (t->first[j + 1] > widest) widest = t->first[j + 1];
    t->first[j + 1] += t->first[j];
  }
  t->capacity = t->first[f->n] / PARTS + widest;
  PFC_NEW(t->row, t->capacity);
  PFC_NEW(t->val, t->capacity);
  bound_pivots(t, f);
done:
  return st;
}

/* Gathers the entries of the next columns, as many as there is room for. */
static void tips_gather(tips *t, const fit *f) {
  const pfc_csr *x = f->x;
  t->from = t->to;
  const int64_t begin = t->first[t->from];
  while (t->to < f->n && t->first[t->to + 1] - begin <= t->capacity) t->to++;
  for (int32_t j = t->from; j < t->to; j++) t->next[j] = t->first[j] - begin;
  for (int64_t i = 0; i < x->n_rows; i++) {
    for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
      const int32_t j = x->col[e];
      if (j < t->from || j >= t->to || !f->single[j]) continue;
      t->row[t->next[j]] = i;
      t->val[t->next[j]++] = x->val[e];
    }
  }
}

static void add_common(tips *t, int32_t at, double value) {
  if (at < 0) return;
  t->sum[at] += value;
  t->seen[at] = 1;
}

/* b_s of one column, as a row of the block with the factor -1 / d_s. */
static pfc_status eliminate(const fit *f, tips *t, int32_t j, block *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_csr *x = f->x;
  const int64_t begin = t->first[t->from];
  for (int64_t k = t->first[j] - begin; k < t->first[j + 1] - begin; k++) {
    const int64_t i = t->row[k];
    const double scale = f->weight[i] * (double)t->val[k];
    for (int64_t e = x->start[i]; e < x->start[i + 1]; e++)
      add_common(t, f->at[x->col[e]], scale * (double)x->val[e]);
    if (f->has_intercept) add_common(t, f->at[f->n - 1], scale);
  }
  for (int32_t a = 0; a < f->out->n_full; a++) {
    if (!t->seen[a]) continue;
    PFC_TRY(block_entry(b, a, t->sum[a], err));
    t->sum[a] = 0;
    t->seen[a] = 0;
  }
  block_end_row(b, -1 / t->pivot[j]);
done:
  return st;
}

static pfc_status eliminate_singles(fit *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  tips t = {0};
  block b = {0};
  PFC_TRY(tips_init(&t, f, err));
  PFC_TRY(block_init(&b, BLOCK_SINGLES, f->out->n_full, err));
  for (int32_t j = 0; j < f->n; j++) {
    if (t.first[j] == t.first[j + 1]) continue;
    while (j >= t.to) tips_gather(&t, f);
    PFC_TRY(eliminate(f, &t, j, &b, err));
    if (b.n == b.capacity) PFC_TRY(block_add(&b, f->out, err));
  }
  PFC_TRY(block_add(&b, f->out, err));
done:
  tips_clear(&t);
  block_clear(&b);
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

static pfc_status check(const fit *f, const pfc_posterior *prior, const double *ridge,
                        pfc_error *err) {
  if (prior && prior->n != f->n)
    return pfc_fail(err, PFC_EUSAGE, "posterior: a prior of %d coefficients for %d",
                    (int)prior->n, (int)f->n);
  for (int32_t j = 0; !prior && j < f->n; j++)
    if (!(ridge[j] >= 0) || !isfinite(ridge[j]))
      return pfc_fail(err, PFC_EUSAGE, "posterior: ridge %d is %g, not 0 or more", (int)j,
                      ridge[j]);
  for (int64_t i = 0; i < f->x->n_rows; i++)
    if (!(f->weight[i] >= 0) || !isfinite(f->weight[i]))
      return pfc_fail(err, PFC_EUSAGE, "posterior: weight %lld is %g, not 0 or more",
                      (long long)i, f->weight[i]);
  return PFC_OK;
}

static pfc_status check_result(const pfc_posterior *p, pfc_error *err) {
  for (int32_t k = 0; k < p->n_full; k++) {
    const double d = p->precision[pfc_triangle(k) + (size_t)k];
    if (!(d > 0) || !isfinite(d))
      return pfc_fail(err, PFC_ENUMERIC, "posterior: precision of coefficient %d is %g",
                      (int)p->full[k], d);
  }
  return PFC_OK;
}

pfc_status pfc_posterior_fit(const pfc_csr *x, const double *weight, bool has_intercept,
                             const pfc_posterior *prior, const double *ridge,
                             const uint8_t *is_single, pfc_posterior *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  fit f = {.x = x,
           .weight = weight,
           .has_intercept = has_intercept,
           .n = x->n_cols + (has_intercept ? 1 : 0),
           .out = out};
  *out = (pfc_posterior){0};
  PFC_TRY(check(&f, prior, ridge, err));
  PFC_NEW(f.single, f.n);
  PFC_NEW(f.precision_of, f.n);
  PFC_NEW(f.at, f.n);
  sum_precisions(&f, prior, ridge);
  PFC_TRY(choose_full(&f, is_single, err));
  if (prior) PFC_TRY(add_prior(&f, prior, err));
  for (int32_t k = 0; !prior && k < out->n_full; k++)
    out->precision[pfc_triangle(k) + (size_t)k] = ridge[out->full[k]];
  PFC_TRY(add_rows(&f, err));
  PFC_TRY(eliminate_singles(&f, err));
  PFC_TRY(check_result(out, err));
done:
  if (st != PFC_OK) pfc_posterior_clear(out);
  pfc_free(f.single);
  pfc_free(f.precision_of);
  pfc_free(f.at);
  return st;
}
