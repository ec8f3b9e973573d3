/* Bundles of random numbers in which everything fits together, for tests of files. */
#ifndef PROFICIO_TESTS_SUPPORT_BUNDLE_H
#define PROFICIO_TESTS_SUPPORT_BUNDLE_H

#include <stdint.h>

#include "models/bundle.h"

/* All models; the cause "left" has no events. Same arguments, same bundle. Freed with
 * pfc_bundle_destroy. */
pfc_bundle *test_bundle(uint64_t seed, int32_t n_people);

/* A baseline of this kind and no model. Some roles, managers and items have no entries. */
pfc_bundle *test_baseline_bundle(uint64_t seed, pfc_baseline_kind kind);

/* A profile of this rank (0: no factors) and no other model: two raters of the first source,
 * effects of some pairs. */
pfc_bundle *test_profile_bundle(uint64_t seed, int32_t rank);

/* Takes a model out of the bundle. */
void test_bundle_drop_affinity(pfc_bundle *b);
void test_bundle_drop_chances(pfc_bundle *b);

/* Fails the running test at the first difference; version is not compared. */
void test_bundle_compare(const pfc_bundle *a, const pfc_bundle *b);

#endif
