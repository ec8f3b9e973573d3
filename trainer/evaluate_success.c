/* Judging the success model: test starts whose result is known. */
#include <math.h>

#include "base/mem.h"
#include "trainer/evaluate_internal.h"

/* What every figure of success looks at; a baseline has the same rows and another p. */
typedef struct judged {
  int64_t n;
  double *p;
  int8_t *y;
  int32_t *person;
} judged;

static void judged_clear(judged *j) {
  pfc_free(j->p);
  pfc_free(j->y);
  pfc_free(j->person);
}

/* --- figures --------------------------------------------------------------------------- */

static pfc_status auc(const double *w, void *user, double *value, pfc_error *err) {
  const judged *j = user;
  return pfc_auc(j->n, j->p, j->y, w, value, err);
}

static pfc_status log_loss(const double *w, void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_log_loss(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status brier(const double *w, void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_brier(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status mean_gap(const double *w, void *user, double *value, pfc_error *err) {
  (void)err;
  const judged *j = user;
  *value = pfc_mean_gap(j->n, j->p, j->y, w);
  return PFC_OK;
}

static pfc_status calibration_slope(const double *w, void *user, double *value,
                                    pfc_error *err) {
  const judged *j = user;
  double intercept;
  return pfc_calibration(j->n, j->p, j->y, w, value, &intercept, err);
}

static pfc_status ece(const double *w, void *user, double *value, pfc_error *err) {
  pfc_status st = PFC_OK;
  const judged *j = user;
  double *y = NULL;
  PFC_NEW(y, j->n);
  for (int64_t i = 0; i < j->n; i++) y[i] = j->y[i];
  PFC_TRY(pfc_ece(j->n, j->p, y, w, 10, value, err));
done:
  pfc_free(y);
  return st;
}

static const struct {
  const char *name;
  pfc_figures_fn fn;
} FIGURES[] = {{"auc", auc},           {"log_loss", log_loss},
               {"brier", brier},       {"calibration_slope", calibration_slope},
               {"mean_gap", mean_gap}, {"ece", ece}};

/* --- rows -------------------------------------------------------------------------------- */

static pfc_status predict(const pfc__evaluation *e, const pfc_decision *d, float *x,
                          int32_t *col, float *val, double *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_success *m = &e->bundle->success;
  const float *y = NULL;
  if (m->rank) {
    int64_t n_items;
    PFC_TRY(pfc_fold_person(e->fold, 0, d, x, &n_items, err));
    y = pfc_fold_item(e->fold, d->intervention);
  }
  *p = pfc_success_probability(m, pfc_success_eta(m, e->lens, d, x, y, col, val));
done:
  return st;
}

static pfc_status collect(const pfc__evaluation *e, judged *j, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_judged_rows *rows = e->rows;
  const int entries = pfc_scratch_entries(e->bundle->success.features, e->lens);
  float *x = NULL, *val = NULL;
  int32_t *col = NULL;
  PFC_NEW(x, e->bundle->success.rank);
  PFC_NEW(col, entries);
  PFC_NEW(val, entries);
  PFC_NEW(j->p, rows->n_starts);
  PFC_NEW(j->y, rows->n_starts);
  PFC_NEW(j->person, rows->n_starts);
  for (; j->n < rows->n_starts; j->n++) {
    const pfc_judged_start *start = &rows->start[j->n];
    PFC_TRY(predict(e, &start->d, x, col, val, &j->p[j->n], err));
    j->y[j->n] = start->result;
    j->person[j->n] = start->d.person;
  }
done:
  pfc_free(x);
  pfc_free(col);
  pfc_free(val);
  return st;
}

pfc_status pfc__evaluate_success(const pfc__evaluation *e, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  judged model = {0}, base = {0};
  PFC_TRY(collect(e, &model, err));
  base = model;
  base.p = NULL;
  PFC_NEW(base.p, model.n);
  for (int64_t i = 0; i < model.n; i++) base.p[i] = e->bundle->success.base_rate;
  cJSON *object = pfc__put_object(json, "success");
  if (!object) {
    st = pfc_fail_memory(err, "figures");
    goto done;
  }
  const pfc__rows rows = {model.n, model.person, e->history->n_people};
  const pfc__baseline baseline = {"base_rate", &base};
  for (size_t f = 0; f < sizeof FIGURES / sizeof *FIGURES; f++) {
    PFC_TRY(pfc__put_figure(e, object, FIGURES[f].name, &rows, FIGURES[f].fn, &model, 1,
                            &baseline, err));
  }
done:
  pfc_free(base.p);
  judged_clear(&model);
  return st;
}
