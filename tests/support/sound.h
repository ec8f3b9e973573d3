/* What no model may hold and nothing it tells may be: a number without value, a probability
 * outside 0 to 1, an incidence that falls, quantiles out of order. */
#ifndef PROFICIO_TESTS_SUPPORT_SOUND_H
#define PROFICIO_TESTS_SUPPORT_SOUND_H

#include "datasets/dataset.h"
#include "models/bundle.h"

/* How much was looked at; each function adds to it. */
typedef struct sound_tally {
  int64_t numbers; /* of models */
  int64_t levels, scores, lists, curves, figures;
} sound_tally;

/* All scalars and arrays. */
void sound_numbers(const pfc_bundle *bundle, sound_tally *tally);

/* The same; then the bundle is saved, which refuses numbers that are not finite, loaded and
 * compared. */
void sound_bundle(const pfc_bundle *bundle, sound_tally *tally);

/* Levels of all people in all competencies; all people against all interventions, the ranked
 * lists of both orders, and the curves of all causes. */
void sound_predictions(const pfc_bundle *bundle, const pfc_dataset *ds, sound_tally *tally);

/* All figures of an evaluation with a few resamples; ds has the split it was trained under. */
void sound_evaluation(const pfc_bundle *bundle, const pfc_dataset *ds, sound_tally *tally);

#endif
