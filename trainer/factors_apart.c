/* Affinity factors as they would be had a person not been among those they were fitted to.
 *
 * Whoever accepts an offer takes the intervention up, and affinity has seen that: its factor
 * leans towards this person's. Products of such factors tell rows of training more than they
 * will ever tell of an offer to come, and a weight learned on them is too large. So a row gets
 * the factors that everybody else leaves: items without the person's terms in their equations
 *     A y = b,  A = alpha0 X'X + sum of c_p x_p x_p' + ridge,  b = sum of c_p x_p + kappa B f,
 * which by the lemma of Sherman and Morrison are
 *     y + u ((alpha0 + c) x'y - c) / (1 - (alpha0 + c) x'u),  u = A^-1 x,
 * and the person folded in by these. What the person moved in other people's factors by way of
 * the items is of second order and stays. */
#include <lapacke.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "trainer/train_internal.h"

/* One thread's room. */
typedef struct workspace {
  float *items;   /* (longest + 1) x k: factors apart of what is folded in, and one more */
  int32_t *place; /* longest: 0, 1, ... */
  float *u;       /* k */
  float *scratch; /* of pfc_affinity_row */
} workspace;

struct pfc__apart {
  const pfc_affinity *m;
  const pfc_fold *fold;
  pfc_csr conf, takers; /* people x items, and its transpose */
  float *factor;        /* n_items x k x k: Cholesky factors of A, of those taken up */
  int n_threads;
  workspace *work;
};

static ptrdiff_t matrix_size(const pfc_affinity *m) { return (ptrdiff_t)m->rank * m->rank; }

/* alpha0 X'X of those who took anything up; *n: of how many. */
static pfc_status people_gram(const pfc__apart *a, float *gram, int32_t *n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = a->m;
  const size_t k = (size_t)m->rank;
  float *seen = NULL;
  *n = 0;
  PFC_NEW(seen, (size_t)m->n_people * k);
  for (int32_t p = 0; p < m->n_people; p++) {
    if (a->conf.start[p + 1] == a->conf.start[p]) continue;
    memcpy(seen + (size_t)*n * k, m->people + (size_t)p * k, k * sizeof *seen);
    ++*n;
  }
  PFC_TRY(pfc_affinity_gram(m->rank, *n, seen, m->alpha0, gram, err));
done:
  pfc_free(seen);
  return st;
}

/* gram + ridge + sum of c x x' over the item's takers, lower triangle, factored in place. */
static pfc_status factor_item(const pfc__apart *a, int32_t item, const float *gram,
                              int32_t n_people, pfc_error *err) {
  const pfc_affinity *m = a->m;
  const int32_t k = m->rank;
  const int64_t from = a->takers.start[item], to = a->takers.start[item + 1];
  const double lambda = pfc_affinity_ridge(m, (double)(to - from), n_people);
  float *A = a->factor + item * matrix_size(m);
  memcpy(A, gram, (size_t)matrix_size(m) * sizeof *A);
  for (int32_t f = 0; f < k; f++) A[f * k + f] += (float)(lambda + m->kappa_items);
  for (int64_t e = from; e < to; e++) {
    const float *x = m->people + (ptrdiff_t)a->takers.col[e] * k, c = a->takers.val[e];
    for (int32_t f = 0; f < k; f++)
      for (int32_t g = 0; g <= f; g++) A[f * k + g] += c * x[f] * x[g];
  }
  /* Row-major lower is column-major upper: no transposed copy. */
  if (LAPACKE_spotrf_work(LAPACK_COL_MAJOR, 'U', k, A, k) != 0)
    return pfc_fail(err, PFC_ENUMERIC, "affinity: the equations of item %d have no solution",
                    (int)item);
  return PFC_OK;
}

typedef struct factoring {
  const pfc__apart *a;
  const float *gram;
  int32_t n_people;
} factoring;

static pfc_status factor_each(int thread, int64_t i, void *user, pfc_error *err) {
  (void)thread;
  const factoring *of = user;
  const int32_t item = (int32_t)i;
  if (of->a->takers.start[item] == of->a->takers.start[item + 1]) return PFC_OK;
  return factor_item(of->a, item, of->gram, of->n_people, err);
}

static pfc_status factor_all(pfc__apart *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  float *gram = NULL;
  factoring of = {.a = a};
  PFC_NEW(gram, matrix_size(a->m));
  PFC_NEW(a->factor, a->m->n_items * matrix_size(a->m));
  PFC_TRY(people_gram(a, gram, &of.n_people, err));
  of.gram = gram;
  PFC_TRY(pfc_par_each(a->m->n_items, 8, 1, factor_each, &of, err));
done:
  pfc_free(gram);
  return st;
}

static pfc_status workspace_init(workspace *w, int32_t k, int64_t longest, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(w->items, (size_t)(longest + 1) * (size_t)k);
  PFC_NEW(w->place, longest);
  PFC_NEW(w->u, k);
  PFC_NEW(w->scratch, PFC_AFFINITY_SCRATCH(k));
  for (int64_t j = 0; j < longest; j++) w->place[j] = (int32_t)j;
done:
  return st;
}

pfc_status pfc__apart_create(const pfc__training *t, pfc__apart **apart, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t longest = pfc_history_most_attempts(t->history);
  pfc__apart *a = NULL;
  PFC_NEW(a, 1);
  a->m = &t->bundle->affinity;
  a->fold = t->fold;
  PFC_TRY(pfc__affinity_rows(t, &a->conf, err));
  PFC_TRY(pfc_csr_transpose(&a->conf, &a->takers, err));
  PFC_TRY(factor_all(a, err));
  PFC_NEW(a->work, pfc_par_threads());
  a->n_threads = pfc_par_threads();
  for (int k = 0; k < a->n_threads; k++)
    PFC_TRY(workspace_init(&a->work[k], a->m->rank, longest, err));
  *apart = a;
  a = NULL;
done:
  pfc__apart_destroy(a);
  return st;
}

void pfc__apart_destroy(pfc__apart *a) {
  if (!a) return;
  for (int k = 0; k < a->n_threads; k++) {
    pfc_free(a->work[k].items);
    pfc_free(a->work[k].place);
    pfc_free(a->work[k].u);
    pfc_free(a->work[k].scratch);
  }
  pfc_free(a->work);
  pfc_free(a->factor);
  pfc_csr_clear(&a->conf);
  pfc_csr_clear(&a->takers);
  pfc_free(a);
}

/* --- one row ------------------------------------------------------------------------------ */

static double dot(int32_t k, const float *a, const float *b) {
  double sum = 0;
  for (int32_t f = 0; f < k; f++) sum += (double)a[f] * (double)b[f];
  return sum;
}

/* Confidence of the person in the item; 0: not taken up. */
static double confidence(const pfc__apart *a, int32_t person, int32_t item) {
  for (int64_t e = a->conf.start[person]; e < a->conf.start[person + 1]; e++)
    if (a->conf.col[e] == item) return (double)a->conf.val[e];
  return 0;
}

/* y[k]: the item's factors without the person. Where nobody took the item up, or the person
 * nothing, neither has seen the other. */
static void item_apart(const pfc__apart *a, workspace *w, int32_t person, int32_t item,
                       float *y) {
  const pfc_affinity *m = a->m;
  const int32_t k = m->rank;
  const float *x = m->people + (ptrdiff_t)person * k, *with = m->items + (ptrdiff_t)item * k;
  memcpy(y, with, (size_t)k * sizeof *y);
  if (a->conf.start[person + 1] == a->conf.start[person]) return;
  if (a->takers.start[item + 1] == a->takers.start[item]) return;
  memcpy(w->u, x, (size_t)k * sizeof *w->u);
  (void)LAPACKE_spotrs_work(LAPACK_COL_MAJOR, 'U', k, 1, a->factor + item * matrix_size(m), k,
                            w->u, k);
  const double c = confidence(a, person, item), both = m->alpha0 + c;
  const double by = (both * dot(k, x, with) - c) / (1 - both * dot(k, x, w->u));
  for (int32_t f = 0; f < k; f++) y[f] += (float)by * w->u[f];
}

pfc_status pfc__apart_products(const pfc__apart *a, int thread, const pfc_decision *d, float *z,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t k = a->m->rank;
  workspace *w = &a->work[thread];
  pfc_fold_past past;
  pfc_fold_recall(a->fold, thread, d, &past);
  for (ptrdiff_t j = 0; j < past.n; j++)
    item_apart(a, w, d->person, past.items[j], w->items + j * k);
  const pfc_affinity_rows rows = {k, w->items, pfc_fold_gram(a->fold), a->m->kappa_people};
  memcpy(z, past.prior, (size_t)k * sizeof *z);
  if (past.n > 0)
    PFC_TRY(pfc_affinity_row(&rows, past.n, w->place, past.conf, past.lambda, past.prior,
                             w->scratch, z, err));
  float *y = w->items + past.n * k;
  item_apart(a, w, d->person, d->intervention, y);
  for (int32_t f = 0; f < k; f++) z[f] *= y[f];
done:
  return st;
}
