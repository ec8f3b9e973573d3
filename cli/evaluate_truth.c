#include "cli/evaluate_truth.h"

#include "datasets/catalogue.h"
#include "datasets/history.h"
#include "trainer/policy.h"
#include "trainer/recovery.h"
#include "trainer/truth_match.h"

static pfc_status see_whose_it_is(const pfc_dataset *ds, const pfc_truth *truth,
                                  pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_history *history = NULL;
  pfc_catalogue *cat = NULL;
  pfc_truth_match match = {0};
  PFC_TRY(pfc_history_create(ds, &history, err));
  PFC_TRY(pfc_catalogue_create(ds, &cat, err));
  PFC_TRY(pfc_truth_match_init(&match, history, cat, truth, err));
done:
  pfc_truth_match_clear(&match);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(history);
  return st;
}

pfc_status evaluate_truth_load(const char *path, const pfc_dataset *ds, pfc_truth **truth,
                               pfc_error *err) {
  const pfc_status st = pfc_truth_load(path, truth, err);
  return st == PFC_OK ? see_whose_it_is(ds, *truth, err) : st;
}

/* Takes the part, whatever becomes of it. */
static pfc_status add(cJSON *json, const char *name, cJSON *part, pfc_error *err) {
  if (cJSON_AddItemToObject(json, name, part)) return PFC_OK;
  cJSON_Delete(part);
  return pfc_fail_memory(err, "figures");
}

pfc_status evaluate_truth(common *c, const pfc_truth *truth, const pfc_bundle *bundle,
                          const pfc_dataset *ds, cJSON *json, pfc_error *err) {
  pfc_status st = PFC_OK;
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
  PFC_TRY(pfc_policies_judge(bundle, ds, truth, &policy, &part, err));
  PFC_TRY(add(json, "policy", part, err));
  PFC_TRY(pfc_recovery(bundle, ds, truth, &recovery, &part, err));
  PFC_TRY(add(json, "recovery", part, err));
done:
  return st;
}
