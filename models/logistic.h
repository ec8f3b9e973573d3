/* The logistic link, safe in the tails. */
#ifndef PROFICIO_MODELS_LOGISTIC_H
#define PROFICIO_MODELS_LOGISTIC_H

#include <math.h>

/* 1 / (1 + exp(-eta)). */
static inline double pfc_logistic(double eta) {
  const double e = exp(-fabs(eta));
  return (eta >= 0 ? 1 : e) / (1 + e);
}

/* log(1 + exp(eta)). */
static inline double pfc_softplus(double eta) {
  return (eta > 0 ? eta : 0) + log1p(exp(-fabs(eta)));
}

/* Minus log likelihood of a result y in [0, 1]: softplus(eta) - y eta, without the difference
 * of two large numbers where it is small. */
static inline double pfc_logistic_loss(double eta, double y) {
  return (eta > 0 ? (1 - y) * eta : -y * eta) + log1p(exp(-fabs(eta)));
}

#endif
