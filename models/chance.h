/* A calibrated chance of a pair, L2 logistic (DESIGN 4.3): of passing, given a start
 * (`success`), and of accepting, given an offer (`accept`). The linear predictor is intercept +
 * sum over the encoded columns + sum_f theta_f x_pf y_if, where x and y are affinity factors as
 * known before the decision. Then p = logistic(eta), calibrated. */
#ifndef PROFICIO_MODELS_CHANCE_H
#define PROFICIO_MODELS_CHANCE_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/features.h"
#include "models/calibration.h"
#include "models/posterior.h"

typedef struct pfc_chance {
  pfc_features *features; /* PFC_PLAN_SUCCESS; of accept PFC_PLAN_ACCEPT */
  double intercept;
  double *coef;         /* features->n_columns */
  int32_t rank;         /* of the affinity model; 0: no products */
  double *theta;        /* rank */
  pfc_beta calibration; /* of logistic(eta) */
  double base_rate;     /* share of ones among the training rows */
  int64_t n_rows;       /* training rows */
  /* What a later fit begins with (docs/METHODS.md, "Refit"); empty where it is not known. */
  pfc_strengths strengths; /* of the fit's groups of columns */
  pfc_posterior posterior; /* of coef, then theta, then the intercept, in the units of these */
  pfc_ledger ledger;       /* training rows; days are 0 */
} pfc_chance;

/* Frees what the struct holds; safe on a zeroed struct. */
PFC_API void pfc_chance_clear(pfc_chance *m);
/* A copy; out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_chance_copy(const pfc_chance *m, pfc_chance *out,
                                                pfc_error *err);

#endif
