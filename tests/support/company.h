/* A small organisation in memory, with people who differ and courses that differ, so that
 * every model has something to learn: for tests of training, evaluation and scoring. */
#ifndef PROFICIO_TESTS_SUPPORT_COMPANY_H
#define PROFICIO_TESTS_SUPPORT_COMPANY_H

#include "datasets/dataset.h"

/* Days 0 .. COMPANY_DAYS - 1; day COMPANY_SPLIT leaves facts on both sides. */
enum { COMPANY_DAYS = 480, COMPANY_SPLIT = 330 };

enum {
  COMPANY_COURSES = 7,   /* each in two runs: course k is "i<2k>" and "i<2k+1>" */
  COMPANY_EXTRA = 2,     /* "i14": never taken by anyone; "i15": closed on day 100 */
  COMPANY_PEOPLE = 170,  /* "p0" ..; every seventh has done nothing */
  COMPANY_STRANGERS = 5, /* "s0" ..: people of a region and interventions of a kind, topic and
                            competency that a company without strangers never saw */
};

/* Courses 0 .. 4 aim at competency "c<k>" (the even ones at "c<k+1>" too), course 5 at
 * nothing, course 6 at a competency without a level. The second run of course 4 aims higher
 * than the first, the runs of other courses alike.
 *
 * Enrolments with starts, results, x_ and c_ columns, assessments before and after, roles,
 * people who leave. Same arguments, same company. With strangers ids come in another order
 * and so have other codes. No split. Owned by the caller. */
pfc_dataset *company_create(uint64_t seed, int with_strangers);

/* The same under a split at COMPANY_SPLIT. */
pfc_dataset *company_create_split(uint64_t seed, int with_strangers);

#endif
