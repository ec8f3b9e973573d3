/* A simulated organisation with models trained on it, for tests that hold these against its
 * truth. */
#ifndef PROFICIO_TESTS_SUPPORT_RECOVERY_H
#define PROFICIO_TESTS_SUPPORT_RECOVERY_H

#include <cjson/cJSON.h>

#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/bundle.h"
#include "tests/support/organisation.h"
#include "trainer/judged_rows.h"
#include "trainer/recovery.h"

typedef struct recovery_world {
  pfc_dataset *frame;
  test_organisation org;
  pfc_bundle *bundle;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_judged_rows *rows;
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_recovery_settings settings;
} recovery_world;

/* So many people and interventions, split 300 days before the end. The profile is of rank 1 and
 * stops early. */
void recovery_open(recovery_world *w, int32_t n_people, int32_t n_interventions,
                   unsigned models, uint64_t seed);
void recovery_close(recovery_world *w);

cJSON *recovery_run(const recovery_world *w); /* cJSON_Delete */

/* Sums of errors, and their figures: "rmse" and "bias" within the object at `path`. */
typedef struct errors {
  double squares, sum;
  int64_t n;
} errors;
void errors_add(errors *e, double error);
void errors_check(const cJSON *json, const char *path, const errors *e);

#endif
