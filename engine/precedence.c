#include "engine/precedence.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

typedef struct step {
  int32_t to;
  double weight;
} step;

/* Direct relations, by their first competency. */
typedef struct direct {
  int64_t *first;
  step *at;
} direct;

typedef struct walk {
  double *best; /* n_competencies; 0: not reached */
  int32_t *reached;
  int32_t n_reached;
  step *now, *next; /* where the last step led, and the next one leads */
  int64_t n_now, n_next, now_capacity, next_capacity;
} walk;

/* The relation of a row; false where it says nothing about what precedes what. */
static bool relation_of(const pfc_dataset *ds, int64_t row, int32_t *from, step *s) {
  const int32_t *a = pfc_dataset_codes(ds, PFC_RELATIONS, "from_competency_id");
  const int32_t *b = pfc_dataset_codes(ds, PFC_RELATIONS, "to_competency_id");
  const pfc_column *word = pfc_dataset_column(ds, PFC_RELATIONS, "relation");
  const double *weight = pfc_dataset_reals(ds, PFC_RELATIONS, "weight");
  if (!a || !b || !word || word->type != PFC_CODE || word->code[row] < 0) return false;
  if (strcmp(pfc_dict_text(word->dict, word->code[row]), "precedes") != 0) return false;
  *from = a[row];
  *s = (step){b[row], !weight || isnan(weight[row]) ? 1 : fmin(weight[row], 1)};
  return *from >= 0 && s->to >= 0 && *from != s->to && s->weight > 0;
}

static pfc_status read_direct(const pfc_dataset *ds, int32_t n, direct *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n_rows = ds->tables[PFC_RELATIONS].n_rows;
  int32_t from;
  step s;
  PFC_NEW(d->first, n + 1);
  PFC_NEW(d->at, n_rows);
  for (int64_t r = 0; r < n_rows; r++) {
    if (relation_of(ds, r, &from, &s)) d->first[from + 1]++;
  }
  for (int32_t c = 0; c < n; c++) d->first[c + 1] += d->first[c];
  for (int64_t r = 0; r < n_rows; r++) {
    if (relation_of(ds, r, &from, &s)) d->at[d->first[from]++] = s;
  }
  memmove(d->first + 1, d->first, (size_t)n * sizeof *d->first);
  d->first[0] = 0;
done:
  return st;
}

/* All steps from one place; only ways better than those known go on, which ends cycles. */
static pfc_status take_steps(const direct *d, step from, int32_t start, walk *w,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int64_t k = d->first[from.to]; k < d->first[from.to + 1]; k++) {
    const int32_t to = d->at[k].to;
    const double weight = from.weight * d->at[k].weight;
    if (to == start || weight <= w->best[to]) continue;
    if (w->best[to] == 0) w->reached[w->n_reached++] = to;
    w->best[to] = weight;
    PFC_RESERVE(w->next, w->next_capacity, w->n_next + 1);
    w->next[w->n_next++] = (step){to, weight};
  }
done:
  return st;
}

static void take_turns(walk *w) {
  step *const now = w->now;
  const int64_t capacity = w->now_capacity;
  w->now = w->next;
  w->now_capacity = w->next_capacity;
  w->n_now = w->n_next;
  w->next = now;
  w->next_capacity = capacity;
  w->n_next = 0;
}

static pfc_status follow(const direct *d, int32_t start, walk *w, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t i = 0; i < w->n_reached; i++) w->best[w->reached[i]] = 0;
  w->n_reached = 0;
  w->n_now = w->n_next = 0;
  PFC_TRY(take_steps(d, (step){start, 1}, start, w, err));
  for (int s = 1; s < PFC_PRECEDENCE_STEPS && w->n_next > 0; s++) {
    take_turns(w);
    for (int64_t i = 0; i < w->n_now; i++) PFC_TRY(take_steps(d, w->now[i], start, w, err));
  }
done:
  return st;
}

static int compare_codes(const void *x, const void *y) {
  const int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
  return (a > b) - (a < b);
}

static pfc_status keep(walk *w, int32_t from, pfc_precedence *p, int64_t *capacity,
                       pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t at = p->first[from];
  int64_t weights = *capacity;
  PFC_RESERVE(p->to, *capacity, at + w->n_reached);
  if (weights < *capacity) {
    double *moved =
        pfc_resize_array(p->weight, (size_t)weights, (size_t)*capacity, sizeof *p->weight);
    if (!moved) return pfc_fail_memory(err, "relations");
    p->weight = moved;
  }
  qsort(w->reached, (size_t)w->n_reached, sizeof *w->reached, compare_codes);
  for (int32_t i = 0; i < w->n_reached; i++) {
    p->to[at + i] = w->reached[i];
    p->weight[at + i] = w->best[w->reached[i]];
  }
  p->first[from + 1] = at + w->n_reached;
done:
  return st;
}

static pfc_status follow_all(const direct *d, pfc_precedence *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  walk w = {0};
  int64_t capacity = 0;
  PFC_NEW(w.best, p->n_competencies);
  PFC_NEW(w.reached, p->n_competencies);
  for (int32_t c = 0; c < p->n_competencies; c++) {
    PFC_TRY(follow(d, c, &w, err));
    PFC_TRY(keep(&w, c, p, &capacity, err));
  }
done:
  pfc_free(w.best);
  pfc_free(w.reached);
  pfc_free(w.now);
  pfc_free(w.next);
  return st;
}

pfc_status pfc_precedence_create(const pfc_dataset *ds, pfc_precedence **precedence,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_precedence *p = NULL;
  direct d = {0};
  PFC_NEW(p, 1);
  p->n_competencies = pfc_dataset_count(ds, "competency");
  PFC_NEW(p->first, p->n_competencies + 1);
  PFC_TRY(read_direct(ds, p->n_competencies, &d, err));
  PFC_TRY(follow_all(&d, p, err));
  *precedence = p;
  p = NULL;
done:
  pfc_free(d.first);
  pfc_free(d.at);
  pfc_precedence_destroy(p);
  return st;
}

void pfc_precedence_destroy(pfc_precedence *p) {
  if (!p) return;
  pfc_free(p->first);
  pfc_free(p->to);
  pfc_free(p->weight);
  pfc_free(p);
}
