/* The laws as the simulator uses them: of a life whose gains are still being collected. */
#ifndef PROFICIO_DATASETS_TRUTH_INTERNAL_H
#define PROFICIO_DATASETS_TRUTH_INTERNAL_H

#include "datasets/truth.h"

/* One person and the gains so far, by day. */
typedef struct pfc__life {
  const pfc_truth *t;
  int32_t person;
  int64_t n_gains;
  const int32_t *gain_day, *gain_competency;
  const float *gain;
} pfc__life;

/* With the gains that the truth has; borrows. */
pfc__life pfc__life_of(const pfc_truth *t, int32_t person);

double pfc__life_level(const pfc__life *life, int32_t competency, int32_t day);
double pfc__life_accept(const pfc__life *life, int32_t intervention, int32_t day);
double pfc__life_success(const pfc__life *life, int32_t intervention, int32_t day);
double pfc__life_drop(const pfc__life *life, int32_t intervention, int32_t day);
void pfc__life_hazard(const pfc__life *life, int32_t intervention, int64_t target, int32_t day,
                      int32_t n_days, double *hazard);

/* How much an intervention is to the person's taste, logits. */
double pfc__truth_taste(const pfc_truth *t, int32_t person, int32_t intervention);

/* What the level rises by when what was learned for the target arrives. */
double pfc__truth_jump(const pfc_truth *t, int32_t intervention, int64_t target, double level);

/* Owned by the caller. */
pfc_status pfc__truth_copy(const pfc_truth *t, pfc_truth **copy, pfc_error *err);

#endif
