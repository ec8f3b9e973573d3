/* Off-policy estimates of a log from a file (datasets/logged.h). */
#ifndef PROFICIO_TRAINER_OFF_POLICY_TABLE_H
#define PROFICIO_TRAINER_OFF_POLICY_TABLE_H

#include "datasets/logged.h"
#include "trainer/off_policy.h"

/* told[n_slots + 1], as pfc_off_policy_estimate: slots in the order of the log's dictionary.
 * policy NULL: the column `target` of the log. DR and Switch-DR are told where a policy is
 * given and rewards lie between 0 and 1. What the policy does and the log never did in a slot
 * has no support there. PFC_EUSAGE where there is neither a policy nor a column. */
PFC_API PFC_MUST_USE pfc_status pfc_off_policy_of_table(const pfc_logged_table *log,
                                                        const pfc_logged_policy *policy,
                                                        const pfc_off_policy_settings *settings,
                                                        pfc_off_policy *told, pfc_error *err);

#endif
