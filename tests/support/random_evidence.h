/* Evidence and requirements drawn at random, in the codes of a profile. */
#ifndef PROFICIO_TESTS_SUPPORT_RANDOM_EVIDENCE_H
#define PROFICIO_TESTS_SUPPORT_RANDOM_EVIDENCE_H

#include "base/rng.h"
#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

enum {
  TEST_RATED_FIRST = 10000, /* days of ratings, lessons and roles lie between these */
  TEST_RATED_LAST = 14000,
};

/* What people have: up to so many each, some with none of it. Raters are codes 0..3. */
typedef struct test_rated {
  int32_t n_people;
  int ratings, lessons, roles;
  bool dated; /* false: ratings without a day */
} test_rated;

/* Freed with pfc_evidence_destroy. */
pfc_evidence *test_rated_evidence(pfc_rng *rng, const pfc_profile *p, const test_rated *what);

/* Two in three competencies of every role, some without a level. Freed with
 * pfc_requirements_destroy. */
pfc_requirements *test_rated_requirements(pfc_rng *rng, const pfc_profile *p);

#endif
