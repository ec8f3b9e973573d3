/* Off-policy estimates: what another policy would have been worth, from decisions that a policy
 * with known propensities made (docs/METHODS.md, "Off-policy"). */
#ifndef PROFICIO_TRAINER_OFF_POLICY_H
#define PROFICIO_TRAINER_OFF_POLICY_H

#include <stdint.h>

#include "base/error.h"

/* n decisions; of each the action taken, what came of it, and what both policies thought. */
typedef struct pfc_logged {
  int64_t n;
  const int32_t *cluster; /* n, >= 0: who it was decided for; intervals are over clusters; NULL:
                             each decision stands alone */
  const int32_t *slot;    /* n: 0 .. n_slots - 1; NULL: one slot */
  int32_t n_slots;        /* >= 1 */
  const double *reward;   /* n, finite */
  const double *propensity; /* n: of the action under the policy that logged, in (0, 1] */
  const double *target;     /* n: of the same action under the policy asked about, in [0, 1] */
  /* A model of reward, for DR and Switch-DR, finite; both or NULL: these are not told. */
  const double *expected; /* n: of the action taken */
  const double
      *expected_target; /* n: mean over all actions, as the policy asked about takes them */
  const double *unsupported; /* n: probability that the policy asked about takes an action which
                                the one that logged could not; NULL: 0 */
} pfc_logged;

typedef struct pfc_estimate {
  double value, lo, hi; /* 95 %; all NaN: not told */
} pfc_estimate;

typedef struct pfc_off_policy {
  int64_t n;                         /* decisions */
  int32_t n_clusters;                /* of so many people */
  pfc_estimate logged;               /* of the policy that logged */
  pfc_estimate snips, dr, switch_dr; /* of the policy asked about */
  double ess;                        /* (sum w)^2 / sum w^2 */
  pfc_estimate mean_weight;          /* 1 where propensities are right */
  double unsupported;                /* mean probability without support */
  int enough;                        /* 0: not enough evidence; why says what for */
  char why[200];
} pfc_off_policy;

typedef struct pfc_off_policy_settings {
  uint32_t struct_size;
  double switch_above;     /* weights above this are left to the model of reward, > 0 [10] */
  double least_ess;        /* fewer: not enough evidence, >= 2 [100] */
  double most_unsupported; /* more: not enough evidence, 0..1 [0.05] */
} pfc_off_policy_settings;
PFC_API void pfc_off_policy_defaults(pfc_off_policy_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_off_policy_check(const pfc_off_policy_settings *s,
                                                     pfc_error *err);

/* told[n_slots + 1]: each slot, then all of them. A slot without decisions tells NaN, and that
 * there is not enough evidence. PFC_EUSAGE for a propensity or probability out of range: its
 * place is named. Same bytes for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_off_policy_estimate(const pfc_logged *log,
                                                        const pfc_off_policy_settings *settings,
                                                        pfc_off_policy *told, pfc_error *err);

/* What policy b is worth more than policy a, on the same log, paired: both have the same n,
 * clusters, slots, rewards and propensities. Of all slots together. */
typedef struct pfc_off_policy_difference {
  pfc_off_policy a, b;
  pfc_estimate snips, dr, switch_dr; /* b - a */
  int enough;                        /* of both */
  char why[200];
} pfc_off_policy_difference;
PFC_API PFC_MUST_USE pfc_status pfc_off_policy_compare(const pfc_logged *a, const pfc_logged *b,
                                                       const pfc_off_policy_settings *settings,
                                                       pfc_off_policy_difference *told,
                                                       pfc_error *err);

#endif
