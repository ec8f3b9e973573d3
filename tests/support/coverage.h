/* How often 95 % intervals hold the truth, by simulation: people who own several rows that are
 * alike, figures whose true values are known. */
#ifndef PROFICIO_TESTS_SUPPORT_COVERAGE_H
#define PROFICIO_TESTS_SUPPORT_COVERAGE_H

#include <stdint.h>

/* Of n_replications, those in which the interval held the truth. */
typedef struct coverage {
  int recall;      /* mean over queries of one to five, more of people who do better */
  int auc;         /* of scores and outcomes that are each alike within a person */
  int concordance; /* Harrell's C of spells, half of them censored */
  int naive;       /* the mean again, had every query been somebody's own */
} coverage;

coverage coverage_count(uint64_t seed, int n_replications, int n_resamples);

#endif
