/* What the parts of recovery share. */
#ifndef PROFICIO_TRAINER_RECOVERY_INTERNAL_H
#define PROFICIO_TRAINER_RECOVERY_INTERNAL_H

#include "models/fold.h"
#include "models/predict.h"
#include "trainer/bootstrap.h"
#include "trainer/judged_rows.h"
#include "trainer/means.h"
#include "trainer/recovery.h"
#include "trainer/truth_match.h"

typedef struct pfc__recovery {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  const pfc_truth *truth;
  const pfc_recovery_settings *settings;
  int32_t day; /* on which levels are looked at */
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_truth_match match;
  pfc_lens *lens;
  pfc_fold *fold;            /* NULL without an affinity model */
  pfc_target_curves *curves; /* NULL without a time model */
  pfc_judged_rows *rows;
} pfc__recovery;

/* Each adds what it finds to an object of its own. */
PFC_MUST_USE pfc_status pfc__recover_levels(const pfc__recovery *r, cJSON *object,
                                            pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_success(const pfc__recovery *r, cJSON *object,
                                             pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_time(const pfc__recovery *r, cJSON *object,
                                          pfc_error *err);

/* Columns `first` and first + 1 of a table: squares of errors and errors, told as "rmse" and
 * "bias". */
void pfc__add_error(pfc_means *t, int32_t person, int first, double error);
PFC_MUST_USE pfc_status pfc__put_error(const pfc_means *t, int first, cJSON *object,
                                       pfc_error *err);

/* Figures of two who rate the same rows, the model and the truth, that are no means: `fn` on
 * the resamples of people, as "name" of the object and of its "at_truth". */
PFC_MUST_USE pfc_status pfc__put_beside(const pfc__recovery *r, const pfc_owned *rows,
                                        pfc_figures_fn fn, void *user, const char *name,
                                        cJSON *object, cJSON *at_truth, pfc_error *err);

#endif
