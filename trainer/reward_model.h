/* What an action is expected to bring, learned from the log of decisions itself: a logistic
 * model of slot and action, for the estimates that lean on one (trainer/off_policy.h). */
#ifndef PROFICIO_TRAINER_REWARD_MODEL_H
#define PROFICIO_TRAINER_REWARD_MODEL_H

#include <stdint.h>

#include "base/error.h"

/* n decisions, n >= 1. */
typedef struct pfc_rewarded {
  int64_t n;
  const int32_t *cluster; /* n, or NULL: each stands alone */
  const int32_t *slot;    /* n, or NULL */
  int32_t n_slots;
  const int32_t *action; /* n: 0 .. n_actions - 1 */
  int32_t n_actions;
  const double *reward; /* n, in [0, 1] */
} pfc_rewarded;

/* Five fits, each without a fifth of the clusters, for these to be told by: an error of the
 * model then hangs on no reward that it is to correct. */
typedef struct pfc_reward_model pfc_reward_model;
enum { PFC_REWARD_FITS = 5 };
/* The fit that tells of this cluster (of a log without: this row): 0 .. PFC_REWARD_FITS - 1. */
PFC_API int pfc_reward_model_fit_of(int64_t cluster);

/* Owned by the caller; `log` is needed no longer. PFC_EUSAGE for what is out of range. */
PFC_API PFC_MUST_USE pfc_status pfc_reward_model_fit(const pfc_rewarded *log,
                                                     pfc_reward_model **model, pfc_error *err);
PFC_API void pfc_reward_model_destroy(pfc_reward_model *m); /* NULL is allowed */

/* Of any action in any slot, by one of the fits. Between 0 and 1. Thread-safe. */
PFC_API double pfc_reward_model_expected(const pfc_reward_model *m, int fit, int32_t slot,
                                         int32_t action);

#endif
