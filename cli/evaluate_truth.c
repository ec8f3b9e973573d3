#include "cli/evaluate_truth.h"

#include "datasets/truth.h"
#include "trainer/policy.h"
#include "trainer/recovery.h"

/* Takes the part, whatever becomes of it. */
static pfc_status add(cJSON *json, const char *name, cJSON *part, pfc_error *err) {
  if (cJSON_AddItemToObject(json, name, part)) return PFC_OK;
  cJSON_Delete(part);
  return pfc_fail_memory(err, "figures");
}

pfc_status evaluate_truth(common *c, const char *path, const pfc_bundle *bundle,
                          const pfc_dataset *ds, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *truth = NULL;
  cJSON *part = NULL;
  pfc_policy_settings policy;
  pfc_recovery_settings recovery;
  const pfc_evaluate_settings *given = &c->settings.evaluate;
  pfc_policy_defaults(&policy);
  policy.resamples = given->resamples;
  policy.seed = given->seed;
  policy.progress = given->progress;
  pfc_recovery_defaults(&recovery);
  recovery.resamples = given->resamples;
  recovery.seed = given->seed;
  PFC_TRY(pfc_truth_load(path, &truth, err));
  PFC_TRY(pfc_policies_judge(bundle, ds, truth, &policy, &part, err));
  PFC_TRY(add(json, "policy", part, err));
  PFC_TRY(pfc_recovery(bundle, ds, truth, &recovery, &part, err));
  PFC_TRY(add(json, "recovery", part, err));
done:
  pfc_truth_destroy(truth);
  return st;
}
