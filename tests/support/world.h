/* A dataset, what is read out of it, and decisions in it, for tests of features. */
#ifndef PROFICIO_TESTS_SUPPORT_WORLD_H
#define PROFICIO_TESTS_SUPPORT_WORLD_H

#include "base/rng.h"
#include "datasets/features.h"

typedef struct world {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_lens *lens;
  int64_t n;
  pfc_decision *decisions;
} world;

/* Takes ds. The lens shows it to a model trained in the world `model`, or, NULL, in this
 * one. */
void world_open(world *w, pfc_dataset *ds, const world *model);
void world_close(world *w);

/* Makes every enrolment a decision on its day; those in odd rows aim at one competency. */
void world_decide(world *w);

/* A random decision that has not happened: now and then with nobody, nothing or no day. */
pfc_decision world_imagine(const world *w, pfc_rng *rng);

/* Features fitted to the decisions; the test fails if they cannot be. */
pfc_features *world_fit(const world *w, pfc_feature_plan plan);

/* The four scopes, added up in row[n_columns]. Asserts that each keeps to its own columns
 * and to its largest size, and that all values are finite. */
void world_encode(const pfc_features *f, const pfc_lens *lens, const pfc_decision *d,
                  double *row);

/* Fails with the name of the field where two rows differ. */
void world_compare(const pfc_features *f, const double *a, const double *b, const char *what);

#endif
