/* Success: P(passed | started), L2 logistic (DESIGN 4.3). The linear predictor is
 * intercept + sum over the encoded columns + sum_f theta_f x_pf y_if, where x and y are
 * affinity factors as known before the start. Then a calibration: p = logistic(
 * calibration_slope * eta + calibration_intercept). */
#ifndef PROFICIO_MODELS_SUCCESS_H
#define PROFICIO_MODELS_SUCCESS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/features.h"

typedef struct pfc_success {
  pfc_features *features; /* PFC_PLAN_SUCCESS */
  double intercept;
  double *coef;                                    /* features->n_columns */
  int32_t rank;                                    /* of the affinity model; 0: no products */
  double *theta;                                   /* rank */
  double calibration_slope, calibration_intercept; /* 1, 0: as fitted */
  double base_rate;                                /* share of passes among the training rows */
  int64_t n_rows;                                  /* training rows */
} pfc_success;

/* Frees what the struct holds; safe on a zeroed struct. */
PFC_API void pfc_success_clear(pfc_success *m);

#endif
