/* Fitting a beta calibration (models/calibration.h) to results of held-out rows. */
#ifndef PROFICIO_TRAINER_CALIBRATION_H
#define PROFICIO_TRAINER_CALIBRATION_H

#include <stdint.h>

#include "base/error.h"
#include "models/calibration.h"

/* A weak pull to the identity, so that few rows bend nothing and many bend as they must: the
 * prior of numbers that lie within 0.3 of it. */
#define PFC_CALIBRATION_RIDGE 10.0

/* Minimizes over a, b >= 0 and c
 *   sum_i weight_i [ softplus(z_i) - y_i z_i ] + ridge / 2 [ (a - 1)^2 + (b - 1)^2 + c^2 ],
 *   z_i = a ln p_i - b ln(1 - p_i) + c,  p_i = logistic(eta_i),
 * which is convex with one minimum. eta[n] finite, y[n] 0 or 1, weight[n] >= 0 (NULL: 1),
 * ridge > 0; n = 0 gives the identity. PFC_ENUMERIC where Newton's method does not arrive. */
PFC_API PFC_MUST_USE pfc_status pfc_calibration_fit(int64_t n, const double *eta,
                                                    const float *y, const float *weight,
                                                    double ridge, pfc_beta *m, pfc_error *err);

#endif
