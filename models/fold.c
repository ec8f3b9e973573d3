#include "models/fold.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "models/spd.h"

/* One thread's room: the observed row, the encoded attributes, scratch of either solve. */
typedef struct workspace {
  int32_t *cols;
  float *conf;
  int32_t *attribute_col;
  float *attribute_val;
  float *prior;
  float *scratch; /* of pfc_affinity_row */
  float *axis;    /* 3 x k: R, x0 and V'x of solve_few */
  float *panel;   /* most_few x k */
  double *kernel; /* most_few x most_few */
  double *pull;   /* most_few */
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
  ptrdiff_t most_few;  /* observed items up to which solve_few costs less than the row solve */
  float *axes;         /* k x k: eigenvectors of the Gram, each a column, */
  float *spread;       /* k: their eigenvalues, */
  float *turned;       /* n_items x k: and the items along them */
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
  PFC_NEW(w->axis, 3 * (size_t)m->rank);
  PFC_NEW(w->panel, (size_t)fold->most_few * (size_t)m->rank);
  PFC_NEW(w->kernel, (size_t)fold->most_few * (size_t)fold->most_few);
  PFC_NEW(w->pull, fold->most_few);
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
  pfc_free(w->axis);
  pfc_free(w->panel);
  pfc_free(w->kernel);
  pfc_free(w->pull);
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

static float dot(int32_t k, const float *a, const float *b) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int32_t f = 0; f < k; f++) sum += a[f] * b[f];
  return sum;
}

/* axes' y. */
static void turn(const pfc_fold *fold, const float *y, float *out) {
  const int32_t k = fold->m->rank;
  memset(out, 0, (size_t)k * sizeof *out);
  for (int32_t f = 0; f < k; f++) {
    const float *axis = fold->axes + (ptrdiff_t)f * k;
    for (int32_t g = 0; g < k; g++) out[g] += y[f] * axis[g];
  }
}

/* Along the axes of the Gram the prior precision of whoever it may be is diagonal, whatever
 * their ridge: worked out once, it saves each person a k x k factorization. */
static pfc_status find_axes(pfc_fold *fold, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t k = fold->m->rank;
  double *gram = NULL, *value = NULL;
  PFC_NEW(gram, (size_t)k * (size_t)k);
  PFC_NEW(value, k);
  for (ptrdiff_t e = 0; e < (ptrdiff_t)k * k; e++) gram[e] = (double)fold->gram[e];
  const lapack_int info = LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'L', k, gram, k, value);
  if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR) {
    st = pfc_fail_memory(err, "axes");
    goto done;
  }
  if (info != 0) {
    st = pfc_fail(err, PFC_ENUMERIC, "affinity: the items' factors have no finite axes");
    goto done;
  }
  for (ptrdiff_t e = 0; e < (ptrdiff_t)k * k; e++) fold->axes[e] = (float)gram[e];
  for (int32_t f = 0; f < k; f++) fold->spread[f] = (float)fmax(value[f], 0);
  for (ptrdiff_t i = 0; i < fold->m->n_items; i++)
    turn(fold, fold->m->items + i * k, fold->turned + i * k);
done:
  pfc_free(gram);
  pfc_free(value);
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
  PFC_NEW(fold->axes, (size_t)m->rank * (size_t)m->rank);
  PFC_NEW(fold->spread, m->rank);
  PFC_NEW(fold->turned, (size_t)m->n_items * (size_t)m->rank);
  fold->most_few = m->rank / 2;
  PFC_TRY(taken_gram(fold, err));
  PFC_TRY(find_axes(fold, err));
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
  pfc_free(fold->axes);
  pfc_free(fold->spread);
  pfc_free(fold->turned);
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

/* K = C^-1 + Z R Z', of which the lower triangle, and e = 1 - Z x0, with Z the observed items
 * along the axes; panel: Z R. */
static void fill_kernel(const pfc_fold *fold, ptrdiff_t n, const float *R, const float *x0,
                        workspace *w) {
  const int32_t k = fold->m->rank;
  for (ptrdiff_t i = 0; i < n; i++) {
    const float *z = fold->turned + (ptrdiff_t)w->cols[i] * k;
    float *scaled = w->panel + i * k;
    for (int32_t f = 0; f < k; f++) scaled[f] = R[f] * z[f];
    for (ptrdiff_t j = 0; j <= i; j++) {
      const float *other = fold->turned + (ptrdiff_t)w->cols[j] * k;
      w->kernel[i * n + j] = (double)dot(k, scaled, other);
    }
    w->kernel[i * n + i] += 1 / (double)w->conf[i];
    w->pull[i] = 1 - (double)dot(k, z, x0);
  }
}

/* The minimum of pfc_affinity_row by a system of n observed items instead of k factors. With
 * G + mu I = V R^-1 V' (R diagonal), Z = Y V and x0 = R kappa V' prior,
 *     V' x = x0 + R Z' (C^-1 + Z R Z')^-1 (1 - Z x0)
 * by the lemma of Woodbury. */
static pfc_status solve_few(const pfc_fold *fold, ptrdiff_t n, double lambda, workspace *w,
                            float *x, pfc_error *err) {
  const int32_t k = fold->m->rank;
  const float kappa = (float)fold->m->kappa_people;
  float *R = w->axis, *x0 = R + k, *along = x0 + k, sum = 0;
  turn(fold, w->prior, x0);
  for (int32_t f = 0; f < k; f++) {
    R[f] = 1 / (fold->spread[f] + (float)(lambda + fold->m->kappa_people));
    x0[f] *= kappa * R[f];
  }
  fill_kernel(fold, n, R, x0, w);
  if (!pfc_spd_factor((int)n, (int)n, w->kernel))
    return pfc_fail(err, PFC_ENUMERIC, "affinity: a person's history allows no solution");
  pfc_spd_solve((int)n, (int)n, w->kernel, w->pull);
  memcpy(along, x0, (size_t)k * sizeof *along);
  for (ptrdiff_t i = 0; i < n; i++) {
    const float pull = (float)w->pull[i];
    for (int32_t f = 0; f < k; f++) along[f] += pull * w->panel[i * k + f];
  }
  for (int32_t f = 0; f < k; f++) sum += x[f] = dot(k, fold->axes + (ptrdiff_t)f * k, along);
  return isfinite(sum) ? PFC_OK
                       : pfc_fail(err, PFC_ENUMERIC, "affinity: factors are not finite");
}

void pfc_fold_recall(const pfc_fold *fold, int thread, const pfc_decision *d,
                     pfc_fold_past *past) {
  const pfc_affinity *m = fold->m;
  workspace *w = &fold->work[thread];
  const int n = pfc_features_encode(m->person_features, fold->lens, PFC_SCOPE_PERSON, d,
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
  *past = (pfc_fold_past){observed, w->cols, w->conf, w->prior,
                          pfc_affinity_ridge(m, (double)observed, fold->n_taken)};
}

pfc_status pfc_fold_person(const pfc_fold *fold, int thread, const pfc_decision *d, float *x,
                           int64_t *n_items, pfc_error *err) {
  const pfc_affinity *m = fold->m;
  workspace *w = &fold->work[thread];
  pfc_fold_past past;
  pfc_fold_recall(fold, thread, d, &past);
  *n_items = past.n;
  if (past.n == 0) {
    memcpy(x, w->prior, (size_t)m->rank * sizeof *x);
    return PFC_OK;
  }
  if (past.n <= fold->most_few) return solve_few(fold, past.n, past.lambda, w, x, err);
  const pfc_affinity_rows rows = {m->rank, m->items, fold->gram, m->kappa_people};
  return pfc_affinity_row(&rows, past.n, w->cols, w->conf, past.lambda, w->prior, w->scratch, x,
                          err);
}

const float *pfc_fold_gram(const pfc_fold *fold) { return fold->gram; }

const float *pfc_fold_item(const pfc_fold *fold, int32_t intervention) {
  const int32_t item = fold->model_item[intervention];
  const ptrdiff_t k = fold->m->rank;
  return item >= 0 ? fold->m->items + item * k : fold->placed + intervention * k;
}

bool pfc_fold_item_known(const pfc_fold *fold, int32_t intervention) {
  const int32_t item = fold->model_item[intervention];
  return item >= 0 && fold->m->item_count[item] > 0;
}
