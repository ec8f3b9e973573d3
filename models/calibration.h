/* Beta calibration of a probability: p' = logistic(a ln p - b ln(1 - p) + c), a, b >= 0.
 * Platt's is among them (a = b, for p a logistic), as is none at all (1, 1, 0); beside these it
 * bends the two tails apart. It never changes an order. Source: Kull, Silva Filho, Flach, "Beta
 * calibration", AISTATS 2017. */
#ifndef PROFICIO_MODELS_CALIBRATION_H
#define PROFICIO_MODELS_CALIBRATION_H

#include "models/logistic.h"

typedef struct pfc_beta {
  double a, b; /* >= 0 */
  double c;
} pfc_beta;

#define PFC_BETA_IDENTITY ((pfc_beta){1, 1, 0})

/* The calibrated log-odds of log-odds eta: with p = logistic(eta), -ln p is softplus(-eta) and
 * -ln(1 - p) is softplus(eta), which lose no digits where p rounds to 0 or 1. Never falls with
 * eta. */
static inline double pfc_beta_eta(const pfc_beta *m, double eta) {
  return m->b * pfc_softplus(eta) - m->a * pfc_softplus(-eta) + m->c;
}

/* The calibrated probability of log-odds. */
static inline double pfc_beta_probability(const pfc_beta *m, double eta) {
  return pfc_logistic(pfc_beta_eta(m, eta));
}

#endif
