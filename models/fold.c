#include "models/fold.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* One thread's room: the observed row, the encoded attributes, the row solve's scratch. */
typedef struct workspace {
  int32_t *cols;
  float *conf;
  int32_t *attribute_col;
  float *attribute_val;
  float *prior;
  float *scratch;
} workspace;

struct pfc_fold {
  const pfc_affinity *m;
  const pfc_lens *lens;
  const pfc_history *h;
  int32_t n_interventions;
  int32_t n_taken;     /* items with observations */
  float *gram;         /* k x k */
  int32_t *model_item; /* dataset code -> row of m->items, -1 never seen */
  float *placed;       /* n_interventions x k: B f of those never seen, else unused */
  int n_threads;
  workspace *work;
};

static pfc_status workspace_init(workspace *w, const pfc_fold *fold, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = fold->m;
  const int64_t longest = pfc_history_most_attempts(fold->h);
  const int entries = pfc_features_max(m->person_features, PFC_SCOPE_PERSON, fold->lens);
  PFC_NEW(w->cols, longest);
  PFC_NEW(w->conf, longest);
  PFC_NEW(w->attribute_col, entries);
  PFC_NEW(w->attribute_val, entries);
  PFC_NEW(w->prior, m->rank);
  PFC_NEW(w->scratch, PFC_AFFINITY_SCRATCH(m->rank));
done:
  return st;
}

static void workspace_clear(workspace *w) {
  pfc_free(w->cols);
  pfc_free(w->conf);
  pfc_free(w->attribute_col);
  pfc_free(w->attribute_val);
  pfc_free(w->prior);
  pfc_free(w->scratch);
}

/* The Gram of the items that were ever taken up; the others only stand where their
 * attributes put them, and "not taken" says nothing of what was never on offer. */
static pfc_status taken_gram(pfc_fold *fold, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = fold->m;
  const size_t k = (size_t)m->rank;
  float *taken = NULL;
  PFC_NEW(taken, (size_t)m->n_items * k);
  for (int32_t i = 0; i < m->n_items; i++) {
    if (m->item_count[i] == 0) continue;
    memcpy(taken + (size_t)fold->n_taken * k, m->items + (size_t)i * k, k * sizeof *taken);
    fold->n_taken++;
  }
  PFC_TRY(pfc_affinity_gram(m->rank, fold->n_taken, taken, m->alpha0, fold->gram, err));
done:
  pfc_free(taken);
  return st;
}

/* B f of the interventions that the model has never seen. */
static pfc_status place_items(pfc_fold *fold, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_affinity *m = fold->m;
  int32_t *col = NULL;
  float *val = NULL;
  const int entries = pfc_features_max(m->item_features, PFC_SCOPE_TARGET, fold->lens);
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  for (int32_t i = 0; i < fold->n_interventions; i++) {
    fold->model_item[i] = pfc_lens_code(fold->lens, "intervention", i);
    if (fold->model_item[i] >= m->n_items) fold->model_item[i] = -1;
    if (fold->model_item[i] >= 0) continue;
    const pfc_decision d = {-1, i, -1, PFC_NO_DATE, -1, -1};
    const int n =
        pfc_features_encode(m->item_features, fold->lens, PFC_SCOPE_TARGET, &d, col, val);
    pfc_affinity_prior(m->rank, m->item_prior, n, col, val,
                       fold->placed + (ptrdiff_t)i * m->rank);
  }
done:
  pfc_free(col);
  pfc_free(val);
  return st;
}

pfc_status pfc_fold_create(const pfc_affinity *m, const pfc_lens *lens, const pfc_history *h,
                           const pfc_catalogue *cat, int n_threads, pfc_fold **out,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_fold *fold = NULL;
  PFC_NEW(fold, 1);
  fold->m = m;
  fold->lens = lens;
  fold->h = h;
  fold->n_interventions = cat->n_interventions;
  PFC_NEW(fold->gram, (size_t)m->rank * (size_t)m->rank);
  PFC_NEW(fold->model_item, fold->n_interventions);
  PFC_NEW(fold->placed, (size_t)fold->n_interventions * (size_t)m->rank);
  PFC_TRY(taken_gram(fold, err));
  PFC_TRY(place_items(fold, err));
  PFC_NEW(fold->work, n_threads);
  fold->n_threads = n_threads;
  for (int t = 0; t < n_threads; t++) PFC_TRY(workspace_init(&fold->work[t], fold, err));
  *out = fold;
  fold = NULL;
done:
  pfc_fold_destroy(fold);
  return st;
}

void pfc_fold_destroy(pfc_fold *fold) {
  if (!fold) return;
  for (int t = 0; t < fold->n_threads; t++) workspace_clear(&fold->work[t]);
  pfc_free(fold->work);
  pfc_free(fold->gram);
  pfc_free(fold->model_item);
  pfc_free(fold->placed);
  pfc_free(fold);
}

/* Adds an observation; a second one of the same item raises its confidence. */
static ptrdiff_t observe(workspace *w, ptrdiff_t n, int32_t item, float conf) {
  for (ptrdiff_t j = 0; j < n; j++) {
    if (w->cols[j] == item) {
      w->conf[j] += conf;
      return n;
    }
  }
  w->cols[n] = item;
  w->conf[n] = conf;
  return n + 1;
}

pfc_status pfc_fold_person(const pfc_fold *fold, int thread, const pfc_decision *d, float *x,
                           int64_t *n_items, pfc_error *err) {
  const pfc_affinity *m = fold->m;
  workspace *w = &fold->work[thread];
  int n = pfc_features_encode(m->person_features, fold->lens, PFC_SCOPE_PERSON, d,
                              w->attribute_col, w->attribute_val);
  pfc_affinity_prior(m->rank, m->person_prior, n, w->attribute_col, w->attribute_val, w->prior);

  int64_t from = 0;
  const int64_t to = pfc_decision_attempts(fold->h, d, &from);
  ptrdiff_t observed = 0;
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *attempt = &fold->h->attempts[a];
    const int32_t item = fold->model_item[attempt->intervention];
    if (item < 0 || m->item_count[item] == 0) continue;
    const float conf = (float)pfc_affinity_confidence(&m->weights, attempt, d->date);
    if (conf > 0) observed = observe(w, observed, item, conf);
  }
  *n_items = observed;
  if (observed == 0) {
    memcpy(x, w->prior, (size_t)m->rank * sizeof *x);
    return PFC_OK;
  }
  const double lambda = pfc_affinity_ridge(m, (double)observed, fold->n_taken);
  const pfc_affinity_rows rows = {m->rank, m->items, fold->gram, m->kappa_people};
  return pfc_affinity_row(&rows, observed, w->cols, w->conf, lambda, w->prior, w->scratch, x,
                          err);
}

const float *pfc_fold_item(const pfc_fold *fold, int32_t intervention) {
  const int32_t item = fold->model_item[intervention];
  const ptrdiff_t k = fold->m->rank;
  return item >= 0 ? fold->m->items + item * k : fold->placed + intervention * k;
}

bool pfc_fold_item_known(const pfc_fold *fold, int32_t intervention) {
  const int32_t item = fold->model_item[intervention];
  return item >= 0 && fold->m->item_count[item] > 0;
}
