#include "trainer/off_policy_table.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "trainer/reward_model.h"

/* What a policy is on each row of a log. */
typedef struct asked {
  double *target, *expected, *expected_target, *unsupported;
  uint8_t *was_done; /* by slot and action */
  pfc_reward_model *model;
} asked;

static void asked_clear(asked *a) {
  pfc_free(a->target);
  pfc_free(a->expected);
  pfc_free(a->expected_target);
  pfc_free(a->unsupported);
  pfc_free(a->was_done);
  pfc_reward_model_destroy(a->model);
}

static bool are_shares(const pfc_logged_table *log) {
  for (int64_t i = 0; i < log->n; i++)
    if (!(log->reward[i] >= 0 && log->reward[i] <= 1)) return false;
  return true;
}

/* By slot, of what the log never did there. */
static pfc_status fill_unsupported(asked *a, const pfc_logged_table *log,
                                   const pfc_logged_policy *policy, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n_actions = policy->n_actions;
  double *never = NULL;
  PFC_NEW(never, policy->n_slots);
  PFC_NEW(a->was_done, (size_t)policy->n_slots * (size_t)n_actions);
  PFC_NEW(a->unsupported, log->n);
  for (int64_t i = 0; i < log->n; i++)
    a->was_done[log->slot[i] * n_actions + log->action[i]] = 1;
  for (int32_t k = 0; k < policy->n_slots; k++) {
    never[k] = policy->elsewhere[k];
    for (int64_t j = k * n_actions; j < (k + 1) * n_actions; j++)
      if (!a->was_done[j]) never[k] += policy->chance[j];
  }
  for (int64_t i = 0; i < log->n; i++) a->unsupported[i] = fmin(never[log->slot[i]], 1);
done:
  pfc_free(never);
  return st;
}

/* Of all that the policy does in a slot. */
static double mean_reward(const asked *a, const pfc_logged_policy *policy, int fit,
                          int32_t slot) {
  double sum = 0;
  for (int32_t j = 0; j < policy->n_actions; j++) {
    const double chance = policy->chance[(int64_t)slot * policy->n_actions + j];
    if (chance > 0) sum += chance * pfc_reward_model_expected(a->model, fit, slot, j);
  }
  return sum;
}

static pfc_status fill_expected(asked *a, const pfc_logged_table *log,
                                const pfc_logged_policy *policy, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *mean = NULL; /* by fit and slot */
  const pfc_rewarded rewarded = {.n = log->n,
                                 .cluster = log->context,
                                 .slot = log->slot,
                                 .n_slots = policy->n_slots,
                                 .action = log->action,
                                 .n_actions = policy->n_actions,
                                 .reward = log->reward};
  PFC_TRY(pfc_reward_model_fit(&rewarded, &a->model, err));
  PFC_NEW(mean, PFC_REWARD_FITS * (size_t)policy->n_slots);
  for (int fit = 0; fit < PFC_REWARD_FITS; fit++)
    for (int32_t k = 0; k < policy->n_slots; k++)
      mean[(int64_t)fit * policy->n_slots + k] = mean_reward(a, policy, fit, k);
  PFC_NEW(a->expected, log->n);
  PFC_NEW(a->expected_target, log->n);
  for (int64_t i = 0; i < log->n; i++) {
    const int fit = pfc_reward_model_fit_of(log->context ? log->context[i] : i);
    a->expected[i] = pfc_reward_model_expected(a->model, fit, log->slot[i], log->action[i]);
    a->expected_target[i] = mean[(int64_t)fit * policy->n_slots + log->slot[i]];
  }
done:
  pfc_free(mean);
  return st;
}

static pfc_status ask(asked *a, const pfc_logged_table *log, const pfc_logged_policy *policy,
                      pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(a->target, log->n);
  for (int64_t i = 0; i < log->n; i++) {
    const int64_t j = (int64_t)log->slot[i] * policy->n_actions + log->action[i];
    a->target[i] = fmin(policy->chance[j], 1);
  }
  PFC_TRY(fill_unsupported(a, log, policy, err));
  if (are_shares(log)) PFC_TRY(fill_expected(a, log, policy, err));
done:
  return st;
}

pfc_status pfc_off_policy_of_table(const pfc_logged_table *log, const pfc_logged_policy *policy,
                                   const pfc_off_policy_settings *settings,
                                   pfc_off_policy *told, pfc_error *err) {
  pfc_status st = PFC_OK;
  asked a = {0};
  if (!policy && !log->target)
    return pfc_fail(err, PFC_EUSAGE,
                    "no policy is given, and the log has no column 'target' of what it would "
                    "have done");
  if (policy) PFC_TRY(ask(&a, log, policy, err));
  const pfc_logged logged = {.n = log->n,
                             .cluster = log->context,
                             .slot = log->slot,
                             .n_slots = pfc_dict_size(log->slots),
                             .reward = log->reward,
                             .propensity = log->propensity,
                             .target = policy ? a.target : log->target,
                             .expected = a.expected,
                             .expected_target = a.expected_target,
                             .unsupported = a.unsupported};
  PFC_TRY(pfc_off_policy_estimate(&logged, settings, told, err));
done:
  asked_clear(&a);
  return st;
}
