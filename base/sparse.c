#include "base/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SHORT_ROW 48 /* up to here insertion beats a sort that needs memory */

pfc_status pfc_csr_init(pfc_csr *m, int64_t max_rows, int32_t n_cols, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr fresh = {.n_cols = n_cols, .max_rows = max_rows};
  memset(m, 0, sizeof *m);
  PFC_NEW(fresh.start, max_rows + 1);
  *m = fresh;
done:
  return st;
}

/* Stable, so that equal columns are summed in the order they came in. */
static void insertion_sort(int n, int32_t *col, float *val) {
  for (int i = 1; i < n; i++) {
    const int32_t c = col[i];
    const float v = val[i];
    int j = i;
    for (; j > 0 && col[j - 1] > c; j--) {
      col[j] = col[j - 1];
      val[j] = val[j - 1];
    }
    col[j] = c;
    val[j] = v;
  }
}

typedef struct entry {
  int32_t col, place; /* place in the row as given: makes the order total */
  float val;
} entry;

static int compare_entries(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->col != y->col) return x->col < y->col ? -1 : 1;
  return x->place < y->place ? -1 : 1;
}

static pfc_status long_sort(int n, int32_t *col, float *val, pfc_error *err) {
  pfc_status st = PFC_OK;
  entry *row = NULL;
  PFC_NEW(row, n);
  for (int i = 0; i < n; i++) row[i] = (entry){col[i], i, val[i]};
  qsort(row, (size_t)n, sizeof *row, compare_entries);
  for (int i = 0; i < n; i++) {
    col[i] = row[i].col;
    val[i] = row[i].val;
  }
done:
  pfc_free(row);
  return st;
}

static pfc_status sort_row(int n, int32_t *col, float *val, pfc_error *err) {
  int i = 1;
  while (i < n && col[i - 1] <= col[i]) i++;
  if (i >= n) return PFC_OK; /* most rows arrive in order */
  if (n > SHORT_ROW) return long_sort(n, col, val, err);
  insertion_sort(n, col, val);
  return PFC_OK;
}

/* Sums neighbours of equal column; returns how many entries are left. */
static int merge_equal(int n, int32_t *col, float *val) {
  int kept = 0;
  for (int i = 0; i < n; i++) {
    if (kept > 0 && col[kept - 1] == col[i]) {
      val[kept - 1] += val[i];
      continue;
    }
    col[kept] = col[i];
    val[kept++] = val[i];
  }
  return kept;
}

/* Room for one more row and n more entries. When only the first array of entries could
 * grow, the capacity both are sure to have stays what it was. */
static pfc_status make_room(pfc_csr *m, int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t need = m->start[m->n_rows] + n;
  int64_t offsets = m->max_rows + 1, col_room = m->capacity, val_room = m->capacity;
  PFC_RESERVE(m->start, offsets, m->n_rows + 2);
  m->max_rows = offsets - 1;
  PFC_RESERVE(m->col, col_room, need);
  PFC_RESERVE(m->val, val_room, need);
  m->capacity = val_room;
done:
  return st;
}

pfc_status pfc_csr_append(pfc_csr *m, int n, const int32_t *col, const float *val,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int i = 0; i < n; i++)
    if (col[i] < 0 || col[i] >= m->n_cols)
      return pfc_fail(err, PFC_EUSAGE, "sparse row %lld: column %d is outside 0..%d",
                      (long long)m->n_rows, (int)col[i], (int)m->n_cols - 1);
  PFC_TRY(make_room(m, n, err));
  const int64_t at = m->start[m->n_rows];
  if (n > 0) {
    memcpy(m->col + at, col, (size_t)n * sizeof *col);
    memcpy(m->val + at, val, (size_t)n * sizeof *val);
    PFC_TRY(sort_row(n, m->col + at, m->val + at, err));
    n = merge_equal(n, m->col + at, m->val + at);
  }
  m->start[++m->n_rows] = at + n;
done:
  return st;
}

/* Counting sort by column; rows are visited in order, so they ascend in the result. */
static void fill_transpose(const pfc_csr *m, pfc_csr *t) {
  for (int64_t k = 0; k < m->start[m->n_rows]; k++) t->start[m->col[k] + 1]++;
  for (int32_t j = 0; j < m->n_cols; j++) t->start[j + 1] += t->start[j];
  for (int64_t i = 0; i < m->n_rows; i++) {
    for (int64_t k = m->start[i]; k < m->start[i + 1]; k++) {
      const int64_t at = t->start[m->col[k]]++;
      t->col[at] = (int32_t)i;
      t->val[at] = m->val[k];
    }
  }
  /* Each start has moved on to the next row's: move them back. */
  memmove(t->start + 1, t->start, (size_t)m->n_cols * sizeof *t->start);
  t->start[0] = 0;
}

pfc_status pfc_csr_transpose(const pfc_csr *m, pfc_csr *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csr t = {0};
  memset(out, 0, sizeof *out);
  if (m->n_rows > INT32_MAX)
    return pfc_fail(err, PFC_EUSAGE, "a transpose of %lld rows has too many columns",
                    (long long)m->n_rows);
  PFC_TRY(pfc_csr_init(&t, m->n_cols, (int32_t)m->n_rows, err));
  PFC_NEW(t.col, m->start[m->n_rows]);
  PFC_NEW(t.val, m->start[m->n_rows]);
  t.capacity = m->start[m->n_rows];
  t.n_rows = m->n_cols;
  fill_transpose(m, &t);
  *out = t;
  t = (pfc_csr){0};
done:
  pfc_csr_clear(&t);
  return st;
}

void pfc_csr_clear(pfc_csr *m) {
  if (!m) return;
  pfc_free(m->start);
  pfc_free(m->col);
  pfc_free(m->val);
  memset(m, 0, sizeof *m);
}
