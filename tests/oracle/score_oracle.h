/* Scores by their definition: one person and one intervention at a time, every feature encoded
 * anew, time walked through in small steps. */
#ifndef PROFICIO_TESTS_ORACLE_SCORE_ORACLE_H
#define PROFICIO_TESTS_ORACLE_SCORE_ORACLE_H

#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "engine/scorer.h"
#include "models/fold.h"
#include "models/levels.h"

typedef struct score_oracle {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  pfc_scorer_settings settings;
  int32_t as_of;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_fold *fold;
  pfc_profile profile; /* in the dataset's codes */
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_levels *levels; /* NULL without a profile */
  pfc_levels_person *known;
  int32_t *col;
  float *val;
} score_oracle;

/* settings->as_of is taken as it stands. Fails the test when it cannot. */
void score_oracle_open(score_oracle *o, const pfc_bundle *bundle, const pfc_dataset *ds,
                       const pfc_scorer_settings *settings);
void score_oracle_close(score_oracle *o);

/* The score of a pair. affinity_error: how far x.y may be off when it is computed in
 * float32. */
pfc_score score_oracle_pair(const score_oracle *o, int32_t person, int32_t intervention,
                            double *affinity_error);

/* Does nothing that the person has passed cover it? What may be recommended must be so. */
int score_oracle_allows(const score_oracle *o, int32_t person, int32_t intervention);

#endif
