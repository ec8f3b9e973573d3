/* A model made better by what is new alone: the posterior of the last fit is the prior, the
 * rows that its ledger does not hold are the data (docs/METHODS.md, "Refit"). */
#ifndef PROFICIO_TRAINER_UPDATE_H
#define PROFICIO_TRAINER_UPDATE_H

#include "trainer/train.h"

/* The bundle `old`, brought up to the training view of ds; *bundle is the caller's.
 *
 *   success, accept   Newton on the new mature rows with a Gaussian prior (models/posterior.h);
 *                     scaling, fields and strengths as they were; new categories get columns
 *                     with the strength of their group. Calibration of accept by the new rows,
 *                     where they are many, else as it was
 *   time, anyway      likewise, of spells that began a horizon ago or earlier; days of a spell
 *                     that have been absorbed are not told again: it enters late (left
 *                     truncation)
 *   affinity          factors start where they were and are aligned with the old ones
 *                     (orthogonal Procrustes), so that coefficients of their products hold
 *   profile           as it was: people are folded in from their evidence anyway; roles,
 *                     competencies and sources that are new begin as new ones do
 *
 * Nothing new for a model: it is as it was. A model that `old` lacks and the data carry by now
 * is trained. report: a note a model, n_rows the new ones. PFC_EUSAGE when `old` is of a
 * baseline, or holds no posterior (of an older schema, or of a fit too large). */
PFC_API PFC_MUST_USE pfc_status pfc_update(const pfc_dataset *ds,
                                           const pfc_train_settings *settings,
                                           const pfc_bundle *old, pfc_bundle **bundle,
                                           pfc_train_report *report, pfc_error *err);

#endif
