/* Datasets whose newest rows came through a feed that is broken, in the ways that feeds break.
 * What a drift check must find and a gate must refuse. */
#ifndef PROFICIO_TESTS_SUPPORT_POISONED_H
#define PROFICIO_TESTS_SUPPORT_POISONED_H

#include <stdint.h>

#include "datasets/dataset.h"

typedef enum test_poison {
  TEST_POISON_LABELS,  /* one in five results is the other one, all else stays */
  TEST_POISON_DOUBLED, /* one feed (enrolments, assessments or feedback) comes twice */
  TEST_POISON_MISSING, /* one unit tells nothing: no fact about its people */
  TEST_POISON_SCALE,   /* one source rates on a scale half as long, or a third higher */
  TEST_N_POISONS,
} test_poison;

const char *test_poison_name(test_poison how); /* "labels", "doubled", "missing", "scale" */

/* A copy whose rows of `from` or later are poisoned; which ones, and which feed, unit or
 * source, is drawn by the seed. Results count from the day they became known. The caller's.
 * Fails the test where there is nothing to poison. */
pfc_dataset *test_poisoned(const pfc_dataset *ds, test_poison how, int32_t from, uint64_t seed);

#endif
