/* Two bundles on the log of what was shown and taken (table feedback). */
#ifndef PROFICIO_TRAINER_OFF_POLICY_FEEDBACK_H
#define PROFICIO_TRAINER_OFF_POLICY_FEEDBACK_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "models/bundle.h"
#include "trainer/off_policy.h"

typedef struct pfc_off_policy_judged {
  int64_t n_decisions;  /* offers with a propensity below 1, and an answer */
  int64_t n_unknown;    /* offers with an answer and without a propensity: not in the log */
  int64_t n_overridden; /* events `overridden`: a human chose, nobody knows how likely */
  pfc_off_policy_difference difference; /* a: champion, b: candidate */
} pfc_off_policy_judged;

/* What either bundle would be worth, in offers accepted, where it drew the places of lists as
 * `recommend --explore` does, and what the candidate would be worth more.
 *
 * A decision is an offer (trainer/offers.h) of from_day or later that was drawn: its propensity
 * is told, and below 1. Its cluster is the person, its slot the place; the reward is 1 if it
 * was accepted. What a bundle would have done there is drawn behind the same places before, on
 * what was known that day: weights are those of one place, given those above.
 *
 * explore: epsilon, above 0 and at most 1. Where nothing was drawn, `difference` holds no
 * figures and not enough evidence, and the call succeeds. */
PFC_API PFC_MUST_USE pfc_status pfc_off_policy_judge(
    const pfc_bundle *champion, const pfc_bundle *candidate, const pfc_dataset *ds,
    int32_t from_day, double explore, const pfc_off_policy_settings *settings,
    pfc_off_policy_judged *told, pfc_error *err);

#endif
