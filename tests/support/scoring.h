/* Trained bundles and scorers for tests of the engine. */
#ifndef PROFICIO_TESTS_SUPPORT_SCORING_H
#define PROFICIO_TESTS_SUPPORT_SCORING_H

#include "engine/scorer.h"

/* Trains these models (PFC_TRAIN_...) on a dataset; fails the test when one cannot be. A small
 * rank and few sweeps. pfc_bundle_destroy. */
pfc_bundle *scoring_train(const pfc_dataset *ds, unsigned models);

/* The same bits in every field. */
int scoring_same(const pfc_score *a, const pfc_score *b);

/* Everything about all people (codes 0 ..) of a dataset, in tiles. */
typedef struct scored {
  pfc_scorer *scorer;
  int32_t n_people, n; /* n candidates */
  pfc_score *scores;   /* n_people x n */
  uint8_t *allowed;
} scored;
scored scoring_run(const pfc_bundle *bundle, const pfc_dataset *ds,
                   const pfc_scorer_settings *settings);
void scoring_clear(scored *s);

#endif
