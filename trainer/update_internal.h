/* What the parts of an update share (trainer/update.h).
 *
 * The world of an update is the training view in the codes of the old bundle: its dictionaries
 * begin with the texts the bundle knows, in their order, and what is new follows. So codes of
 * the bundle and of the view are the same, as in training. */
#ifndef PROFICIO_TRAINER_UPDATE_INTERNAL_H
#define PROFICIO_TRAINER_UPDATE_INTERNAL_H

#include "trainer/train_chance.h"
#include "trainer/train_internal.h"
#include "trainer/update.h"

/* Each brings one model of `old` into t->bundle and sets has_...; note->n_rows: rows that `old`
 * had not absorbed, 0: the model is as it was. */
PFC_MUST_USE pfc_status pfc__update_affinity(pfc__training *t, const pfc_bundle *old,
                                             pfc_train_note *note, pfc_error *err);
PFC_MUST_USE pfc_status pfc__update_success(pfc__training *t, const pfc_bundle *old,
                                            pfc_train_note *note, pfc_error *err);
PFC_MUST_USE pfc_status pfc__update_accept(pfc__training *t, const pfc_bundle *old,
                                           pfc_train_note *note, pfc_error *err);
/* Time, and beside it what comes anyway. */
PFC_MUST_USE pfc_status pfc__update_time(pfc__training *t, const pfc_bundle *old,
                                         pfc_train_note *note, pfc_error *err);

#endif
