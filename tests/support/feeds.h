/* A small organisation whose feeds bring the same kind of rows every week, but for what is
 * asked: for tests of drift, which must know when there is none. People differ, so that their
 * rows lean on each other. */
#ifndef PROFICIO_TESTS_SUPPORT_FEEDS_H
#define PROFICIO_TESTS_SUPPORT_FEEDS_H

#include <stdint.h>

#include "datasets/dataset.h"

typedef struct feeds {
  uint64_t seed;
  int32_t n_people;
  int32_t n_days; /* before the newest ones */
  int32_t n_newest;
  double shift; /* of the newest levels, in standard deviations */
  double odds;  /* log odds that newest results gain */
  double taste; /* share of newest starts that are of one kind by order */
  double twice; /* chance of a newest start to be told twice */
} feeds;

enum { FEEDS_FIRST = 19000 }; /* day; the newest begin n_days later */

/* The caller's. 300 people, a year and a quarter: about 1,600 enrolments, 3,000 assessments. */
pfc_dataset *feeds_draw(const feeds *f);

#endif
