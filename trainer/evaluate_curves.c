/* What plots are drawn from: series beside the figures they belong to. */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "trainer/evaluate_internal.h"

enum { LORENZ_POINTS = 100, BINS = 10 };

pfc_status pfc__put_numbers(cJSON *object, const char *name, int n, const double *value,
                            int stride, pfc_error *err) {
  cJSON *list = cJSON_AddArrayToObject(object, name);
  for (int i = 0; list && i < n; i++) {
    const double v = value[(ptrdiff_t)i * stride];
    cJSON *number = isfinite(v) ? cJSON_CreateNumber(v) : cJSON_CreateNull();
    if (!number || !cJSON_AddItemToArray(list, number)) {
      cJSON_Delete(number);
      return pfc_fail_memory(err, "curves");
    }
  }
  return list ? PFC_OK : pfc_fail_memory(err, "curves");
}

/* --- exposure ----------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

pfc_status pfc__put_lorenz(cJSON *curves, const char *name, int32_t n, double *exposure,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  double items[LORENZ_POINTS + 1], share[LORENZ_POINTS + 1], total = 0, sum = 0;
  const int n_points = n < LORENZ_POINTS ? n : LORENZ_POINTS;
  int32_t seen = 0;
  qsort(exposure, (size_t)n, sizeof *exposure, ascending);
  for (int32_t i = 0; i < n; i++) total += exposure[i];
  if (n < 1 || !(total > 0)) return PFC_OK;
  for (int k = 0; k <= n_points; k++) {
    const int32_t upto = (int32_t)((int64_t)n * k / n_points);
    for (; seen < upto; seen++) sum += exposure[seen];
    items[k] = (double)upto / n;
    share[k] = sum / total;
  }
  cJSON *lorenz = pfc__put_object(curves, name);
  if (!lorenz) return pfc_fail_memory(err, "curves");
  PFC_TRY(pfc__put_numbers(lorenz, "items", n_points + 1, items, 1, err));
  PFC_TRY(pfc__put_numbers(lorenz, "exposure", n_points + 1, share, 1, err));
done:
  return st;
}

/* --- probabilities ------------------------------------------------------------------------ */

/* Rows in bins of equal mass by prediction, lowest first. */
typedef struct bins {
  int *of; /* n */
  double n[BINS], p[BINS], y[BINS];
  double lo[BINS], hi[BINS]; /* of the mean of y */
} bins;

typedef struct placed {
  double p;
  int64_t row;
} placed;

static int by_prediction(const void *a, const void *b) {
  const placed *x = a, *y = b;
  if (x->p != y->p) return x->p > y->p ? 1 : -1;
  return (x->row > y->row) - (x->row < y->row);
}

/* Equal predictions go together, to the bin where the middle of their mass falls (pfc_ece). */
static pfc_status fill_bins(bins *b, int64_t n, const double *p, const int8_t *y,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  placed *sorted = NULL;
  PFC_NEW(b->of, n);
  PFC_NEW(sorted, n);
  for (int64_t i = 0; i < n; i++) sorted[i] = (placed){p[i], i};
  qsort(sorted, (size_t)n, sizeof *sorted, by_prediction);
  for (int64_t from = 0, to; from < n; from = to) {
    for (to = from; to < n && sorted[to].p == sorted[from].p; to++) continue;
    const int bin = (int)((double)(from + to) / 2 / (double)n * BINS);
    for (int64_t i = from; i < to; i++) {
      const int64_t row = sorted[i].row;
      b->of[row] = bin;
      b->n[bin]++;
      b->p[bin] += p[row];
      b->y[bin] += y[row];
    }
  }
done:
  pfc_free(sorted);
  return st;
}

static pfc_status bound_bins(const pfc__evaluation *e, bins *b, const pfc_owned *rows,
                             const int8_t *y, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_evaluate_settings *s = e->settings;
  double *sum = NULL, *count = NULL, *mean = NULL;
  for (int k = 0; k < BINS; k++) b->lo[k] = b->hi[k] = NAN;
  if (s->resamples == 0) return PFC_OK;
  PFC_NEW(sum, (int64_t)rows->n_people * BINS);
  PFC_NEW(count, (int64_t)rows->n_people * BINS);
  PFC_NEW(mean, (int64_t)s->resamples * BINS);
  for (int64_t i = 0; i < rows->n; i++) {
    const int64_t at = (int64_t)rows->person[i] * BINS + b->of[i];
    sum[at] += y[i];
    count[at]++;
  }
  PFC_TRY(
      pfc_bootstrap_means(rows->n_people, BINS, sum, count, s->resamples, s->seed, mean, err));
  for (int k = 0; k < BINS; k++) {
    PFC_TRY(pfc_percentile_interval(s->resamples, mean + k, BINS, &b->lo[k], &b->hi[k], err));
  }
done:
  pfc_free(sum);
  pfc_free(count);
  pfc_free(mean);
  return st;
}

static cJSON *add_element(cJSON *array) {
  cJSON *object = cJSON_CreateObject();
  if (cJSON_AddItemToArray(array, object)) return object;
  cJSON_Delete(object);
  return NULL;
}

static pfc_status put_bin(cJSON *reliability, const bins *b, int k, pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *at = add_element(reliability);
  if (!at) return pfc_fail_memory(err, "curves");
  PFC_TRY(pfc_json_put_number(at, "p", b->p[k] / b->n[k], err));
  PFC_TRY(pfc_json_put_number(at, "observed", b->y[k] / b->n[k], err));
  PFC_TRY(pfc_json_put_number(at, "lo", b->lo[k], err));
  PFC_TRY(pfc_json_put_number(at, "hi", b->hi[k], err));
  PFC_TRY(pfc_json_put_number(at, "n", b->n[k], err));
done:
  return st;
}

static pfc_status put_decile(cJSON *lift, const bins *b, int k, double overall,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  cJSON *at = add_element(lift);
  if (!at) return pfc_fail_memory(err, "curves");
  PFC_TRY(pfc_json_put_number(at, "decile", BINS - k, err));
  PFC_TRY(pfc_json_put_number(at, "n", b->n[k], err));
  PFC_TRY(pfc_json_put_number(at, "mean_p", b->p[k] / b->n[k], err));
  PFC_TRY(pfc_json_put_number(at, "observed", b->y[k] / b->n[k], err));
  PFC_TRY(pfc_json_put_number(at, "lift", b->y[k] / b->n[k] / overall, err));
done:
  return st;
}

pfc_status pfc__put_reliability(const pfc__evaluation *e, cJSON *curves, const pfc_owned *rows,
                                const double *p, const int8_t *y, pfc_error *err) {
  pfc_status st = PFC_OK;
  bins b = {0};
  double passed = 0;
  cJSON *reliability = cJSON_AddArrayToObject(curves, "reliability");
  cJSON *lift = cJSON_AddArrayToObject(curves, "lift");
  if (!reliability || !lift) return pfc_fail_memory(err, "curves");
  PFC_TRY(fill_bins(&b, rows->n, p, y, err));
  PFC_TRY(bound_bins(e, &b, rows, y, err));
  for (int k = 0; k < BINS; k++) passed += b.y[k];
  for (int k = 0; k < BINS; k++) {
    if (b.n[k] > 0) PFC_TRY(put_bin(reliability, &b, k, err));
  }
  for (int k = BINS - 1; k >= 0; k--) {
    if (b.n[k] > 0) PFC_TRY(put_decile(lift, &b, k, passed / (double)rows->n, err));
  }
done:
  pfc_free(b.of);
  return st;
}
