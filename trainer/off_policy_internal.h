/* What the files of off-policy estimates share. */
#ifndef PROFICIO_TRAINER_OFF_POLICY_INTERNAL_H
#define PROFICIO_TRAINER_OFF_POLICY_INTERNAL_H

#include <stdbool.h>

#include "trainer/off_policy.h"

/* A ratio of two sums over clusters: sum of top / sum of below. */
typedef struct pfc__ratio {
  const double *top, *below; /* by cluster; below >= 0 */
} pfc__ratio;

/* A figure, and how far it may be off. */
typedef struct pfc__spread {
  double value;    /* NaN where a sum below is 0 */
  double variance; /* leaving out one cluster after the other; NaN where one holds all */
  double df; /* degrees of freedom of the variance; the fewer, the fewer clusters made it */
} pfc__spread;

/* One ratio; what it is more than another one, if that has a top. */
pfc__spread pfc__ratio_spread(int32_t n, pfc__ratio of, pfc__ratio minus);

/* The 97.5 % quantile of Student's t, any df > 0; that of the normal for infinity. */
double pfc__student(double df);

/* A figure between 0 and 1 that is worth n independent results, as of df + 1 people. */
pfc_estimate pfc__share_interval(double value, double n, double df);
/* Any figure; its variance is at least `floor`. */
pfc_estimate pfc__real_interval(const pfc__spread *s, double floor);

extern const pfc_estimate PFC__NOT_TOLD;

/* The log of one slot, summed by cluster under one policy. */
typedef struct pfc__sums {
  int64_t n_rows;
  int32_t n; /* clusters */
  bool has_model;
  bool is_share; /* all rewards between 0 and 1 */
  /* n each, in the order in which clusters come up: rows, sums of rewards, of weights, of
   * weights times rewards, of what DR and Switch-DR say of each row */
  double *rows, *reward, *weight, *weighted, *dr, *switched;
  double weights, squares; /* of all rows: sums of w and w^2 */
  double second;           /* sum of w r^2 */
  double left_out;         /* sum of what Switch-DR leaves of DR to the model */
  double modelled;         /* sum of w^2 e (1 - e), e what the model expects */
  double unsupported;      /* sum */
} pfc__sums;

/* slot -1: all. Cleared by pfc__sums_clear, after a failure too. */
PFC_MUST_USE pfc_status pfc__sums_init(pfc__sums *s, const pfc_logged *log, int32_t slot,
                                       double switch_above, pfc_error *err);
void pfc__sums_clear(pfc__sums *s);

/* What the sums tell, verdict included. */
void pfc__off_policy_tell(const pfc__sums *s, const pfc_off_policy_settings *settings,
                          pfc_off_policy *told);

PFC_MUST_USE pfc_status pfc__logged_check(const pfc_logged *log, pfc_error *err);

#endif
