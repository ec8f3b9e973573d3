#include "trainer/item_neighbours.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"

/* Items whose neighbours are looked for side by side: bounds what waits to be appended. */
enum { BLOCK = 256 };

typedef struct neighbour {
  float weight;
  int32_t item;
} neighbour;

/* One thread's room. */
typedef struct workspace {
  int32_t *common;  /* items: rows shared with the one at hand */
  neighbour *found; /* items: those that share any */
} workspace;

typedef struct search {
  const pfc_csr *x;
  pfc_csr by_item; /* the transpose */
  int32_t most;
  double shrinkage;
  int n_threads;
  workspace *work;
  int32_t *n;    /* BLOCK: neighbours of each item */
  int32_t *item; /* BLOCK x most */
  float *weight; /* BLOCK x most */
} search;

static void search_clear(search *s) {
  for (int t = 0; t < s->n_threads; t++) {
    pfc_free(s->work[t].common);
    pfc_free(s->work[t].found);
  }
  pfc_free(s->work);
  pfc_csr_clear(&s->by_item);
  pfc_free(s->n);
  pfc_free(s->item);
  pfc_free(s->weight);
}

static pfc_status search_init(search *s, const pfc_csr *x, int32_t most, double shrinkage,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  *s = (search){.x = x, .most = most < x->n_cols ? most : x->n_cols, .shrinkage = shrinkage};
  PFC_TRY(pfc_csr_transpose(x, &s->by_item, err));
  PFC_NEW(s->n, BLOCK);
  PFC_NEW(s->item, (size_t)BLOCK * (size_t)s->most);
  PFC_NEW(s->weight, (size_t)BLOCK * (size_t)s->most);
  PFC_NEW(s->work, pfc_par_threads());
  s->n_threads = pfc_par_threads();
  for (int t = 0; t < s->n_threads; t++) {
    PFC_NEW(s->work[t].common, x->n_cols);
    PFC_NEW(s->work[t].found, x->n_cols);
  }
done:
  return st;
}

static int64_t n_rows_of(const search *s, int32_t item) {
  return s->by_item.start[item + 1] - s->by_item.start[item];
}

static int nearest_first(const void *a, const void *b) {
  const neighbour *x = a, *y = b;
  if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
  return (x->item > y->item) - (x->item < y->item);
}

static int by_item(const void *a, const void *b) {
  const neighbour *x = a, *y = b;
  return (x->item > y->item) - (x->item < y->item);
}

/* Those that share a row with item j, in the order in which they were met. */
static int32_t find_common(const search *s, workspace *w, int32_t j) {
  int32_t n = 0;
  for (int64_t a = s->by_item.start[j]; a < s->by_item.start[j + 1]; a++) {
    const int32_t row = s->by_item.col[a];
    for (int64_t k = s->x->start[row]; k < s->x->start[row + 1]; k++) {
      const int32_t i = s->x->col[k];
      if (i != j && w->common[i]++ == 0) w->found[n++].item = i;
    }
  }
  return n;
}

static void find_neighbours(const search *s, int32_t j, int place) {
  workspace *w = &s->work[omp_get_thread_num()];
  int32_t n = find_common(s, w, j);
  for (int32_t k = 0; k < n; k++) {
    const int32_t i = w->found[k].item;
    const double common = w->common[i];
    const double cosine = common / sqrt((double)n_rows_of(s, i) * (double)n_rows_of(s, j));
    w->found[k].weight = (float)(cosine * common / (common + s->shrinkage));
    w->common[i] = 0;
  }
  qsort(w->found, (size_t)n, sizeof *w->found, nearest_first);
  if (n > s->most) n = s->most;
  qsort(w->found, (size_t)n, sizeof *w->found, by_item);
  s->n[place] = n;
  for (int32_t k = 0; k < n; k++) {
    s->item[(ptrdiff_t)place * s->most + k] = w->found[k].item;
    s->weight[(ptrdiff_t)place * s->most + k] = w->found[k].weight;
  }
}

pfc_status pfc_item_neighbours(const pfc_csr *x, int32_t most, double shrinkage, pfc_csr *near,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  search s;
  pfc_csr out = {0};
  PFC_TRY(search_init(&s, x, most, shrinkage, err));
  PFC_TRY(pfc_csr_init(&out, x->n_cols, x->n_cols, err));
  for (int32_t first = 0; first < x->n_cols; first += BLOCK) {
    const int n = x->n_cols - first < BLOCK ? x->n_cols - first : BLOCK;
#pragma omp parallel for schedule(dynamic, 8)
    for (int k = 0; k < n; k++) find_neighbours(&s, first + k, k);
    for (int k = 0; k < n; k++) {
      const ptrdiff_t at = (ptrdiff_t)k * s.most;
      PFC_TRY(pfc_csr_append(&out, s.n[k], s.item + at, s.weight + at, err));
    }
  }
  *near = out;
  out = (pfc_csr){0};
done:
  pfc_csr_clear(&out);
  search_clear(&s);
  return st;
}
