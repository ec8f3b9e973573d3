/* What the parts of an evaluation share. */
#ifndef PROFICIO_TRAINER_EVALUATE_INTERNAL_H
#define PROFICIO_TRAINER_EVALUATE_INTERNAL_H

#include "datasets/catalogue.h"
#include "datasets/episodes.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "models/fold.h"
#include "models/predict.h"
#include "trainer/bootstrap.h"
#include "trainer/evaluate.h"
#include "trainer/judged_rows.h"
#include "trainer/metrics.h"

/* The dataset whole, seen through the model's eyes (each decision sees only what precedes
 * it), and beside it the training view, from which baselines are drawn. */
typedef struct pfc__evaluation {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  const pfc_evaluate_settings *settings;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_judged_rows *rows;
  pfc_fold *fold;            /* NULL without an affinity model */
  pfc_target_curves *curves; /* NULL without a time model */
  pfc_dataset *training;
  pfc_history *training_history;
} pfc__evaluation;

PFC_MUST_USE pfc_status pfc__evaluate_affinity(const pfc__evaluation *e, cJSON *json,
                                               pfc_error *err);
PFC_MUST_USE pfc_status pfc__evaluate_success(const pfc__evaluation *e, cJSON *json,
                                              pfc_error *err);
PFC_MUST_USE pfc_status pfc__evaluate_time(const pfc__evaluation *e, cJSON *json,
                                           pfc_error *err);

/* The same rows, judged by somebody simpler. */
typedef struct pfc__baseline {
  const char *name;
  void *user; /* for the figure's function */
} pfc__baseline;

/* Rows of a figure: who owns them, for the bootstrap over people. */
typedef struct pfc__rows {
  int64_t n;
  const int32_t *person;
  int32_t n_people;
} pfc__rows;

/* Adds "name": {"value", "lo", "hi", "n", "baselines"} to object. */
PFC_MUST_USE pfc_status pfc__put_figure(const pfc__evaluation *e, cJSON *object,
                                        const char *name, const pfc__rows *rows,
                                        pfc_figures_fn fn, void *user, int n_baselines,
                                        const pfc__baseline *baselines, pfc_error *err);

/* Adds an empty object under name and returns it; NULL when memory is short. */
cJSON *pfc__put_object(cJSON *json, const char *name);

/* Weighted mean of values; NaN without weight. */
double pfc__weighted_mean(int64_t n, const double *value, const double *weight);

#endif
