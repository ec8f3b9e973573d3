/* A simulated organisation for tests, drawn once and shared. */
#ifndef PROFICIO_TESTS_SUPPORT_ORGANISATION_H
#define PROFICIO_TESTS_SUPPORT_ORGANISATION_H

#include "datasets/simulate.h"

/* The O*NET tables that the repository ships, imported; the caller's. */
pfc_dataset *test_frame(void);

typedef struct test_organisation {
  pfc_dataset *ds;
  pfc_truth *truth;
} test_organisation;

/* Drawn on the frame; fails the test where that fails. */
test_organisation test_simulate(const pfc_dataset *frame, const pfc_simulate_settings *s);
void test_organisation_clear(test_organisation *o);

/* Settings of preset small with that many people and interventions, and a seed. */
pfc_simulate_settings test_simulate_settings(int32_t n_people, int32_t n_interventions,
                                             uint64_t seed);

#endif
