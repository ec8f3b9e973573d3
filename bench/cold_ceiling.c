#include "bench/cold_ceiling.h"

#include <string.h>

#include "base/mem.h"
#include "datasets/catalogue.h"

typedef struct averages {
  int32_t n_kinds; /* the last one stands for all kinds together */
  int32_t *row;    /* of the truth, by code of intervention; -1 none */
  int32_t *kind;   /* by code of intervention; that of all where none is told */
  double *sum, *n; /* n_kinds */
} averages;

static void averages_clear(averages *a) {
  pfc_free(a->row);
  pfc_free(a->kind);
  pfc_free(a->sum);
  pfc_free(a->n);
}

static pfc_status averages_init(averages *a, const pfc_dataset *ds, const pfc_catalogue *cat,
                                const pfc_truth *truth, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *kind = pfc_dataset_column(ds, PFC_INTERVENTIONS, "kind");
  const pfc_dict *dict = pfc_dataset_find_dict(ds, "intervention");
  a->n_kinds = 1 + (kind && kind->dict ? pfc_dict_size(kind->dict) : 0);
  PFC_NEW(a->row, cat->n_interventions);
  PFC_NEW(a->kind, cat->n_interventions);
  PFC_NEW(a->sum, a->n_kinds);
  PFC_NEW(a->n, a->n_kinds);
  if (dict) pfc_dict_map(dict, truth->interventions, a->row);
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    const bool told = a->n_kinds > 1 && cat->row[i] >= 0 && kind->code[cat->row[i]] >= 0;
    a->kind[i] = told ? kind->code[cat->row[i]] : a->n_kinds - 1;
  }
done:
  return st;
}

/* One number of interventions, `stride` of which an intervention has. */
static void average(averages *a, int32_t n, const uint8_t *is_new, float *value, int stride) {
  const int32_t all = a->n_kinds - 1;
  memset(a->sum, 0, sizeof *a->sum * (size_t)a->n_kinds);
  memset(a->n, 0, sizeof *a->n * (size_t)a->n_kinds);
  for (int32_t i = 0; i < n; i++) {
    if (is_new[i] || a->row[i] < 0) continue;
    const double x = (double)value[(int64_t)a->row[i] * stride];
    a->sum[a->kind[i]] += x;
    a->n[a->kind[i]]++;
    if (a->kind[i] == all) continue;
    a->sum[all] += x;
    a->n[all]++;
  }
  for (int32_t i = 0; i < n; i++) {
    const int32_t k = a->n[a->kind[i]] > 0 ? a->kind[i] : all;
    if (is_new[i] && a->row[i] >= 0 && a->n[k] > 0)
      value[(int64_t)a->row[i] * stride] = (float)(a->sum[k] / a->n[k]);
  }
}

pfc_status pfc__cold_average(const pfc_dataset *ds, const uint8_t *is_new, pfc_truth *truth,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_catalogue *cat = NULL;
  averages a = {0};
  float *const values[] = {truth->effect, truth->appeal, truth->ease, truth->sway};
  PFC_TRY(pfc_catalogue_create(ds, &cat, err));
  PFC_TRY(averages_init(&a, ds, cat, truth, err));
  for (int v = 0; v < 4; v++) average(&a, cat->n_interventions, is_new, values[v], 1);
  for (int f = 0; f < PFC_TRUTH_TASTES; f++)
    average(&a, cat->n_interventions, is_new, truth->pull + f, PFC_TRUTH_TASTES);
done:
  averages_clear(&a);
  pfc_catalogue_destroy(cat);
  return st;
}
