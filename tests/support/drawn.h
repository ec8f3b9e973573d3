/* Ratings drawn from the profile model itself (models/profile.h), by code that shares nothing
 * with it: people in roles which some change, cells that move and are taught, sources with
 * biases, slopes, noise and lenient raters. */
#ifndef PROFICIO_TESTS_SUPPORT_DRAWN_H
#define PROFICIO_TESTS_SUPPORT_DRAWN_H

#include <stdbool.h>

#include "datasets/evidence.h"
#include "datasets/requirements.h"

enum { RATED_SOURCES = 3, RATED_ROLES = 3, RATED_RATERS = 40, RATED_PROGRAMMES = 200 };

typedef struct rated_plan {
  uint64_t seed;
  int people, competencies, rank;
  int most;     /* ratings of a cell, 1 .. most */
  double share; /* of cells that are rated */
  bool dates, roles, raters, lessons;
  int programmes; /* 1..RATED_PROGRAMMES that lessons are of */
  int sources;    /* 1..RATED_SOURCES; the first is the anchor, source 0 */
  double unit;    /* levels are multiplied by it; 1 */
} rated_plan;

/* Everything on: what most tests begin with. */
#define RATED_PLAN                                                                   \
  (rated_plan) {                                                                     \
    .seed = 1, .people = 300, .competencies = 8, .rank = 2, .most = 3, .share = 0.6, \
    .dates = true, .roles = true, .raters = true, .lessons = true, .programmes = 12, \
    .sources = 3, .unit = 1                                                          \
  }

/* bias, slope, noise, leniency */
extern const double RATED_SOURCE[RATED_SOURCES][4];
/* Standard deviations. */
#define RATED_PERSON 0.35
#define RATED_COMPETENCY 0.3
#define RATED_ROLE 0.25
#define RATED_CELL 0.35
#define RATED_MOVING 0.3
#define RATED_FACTOR 0.4
#define RATED_TAUGHT 0.55
#define RATED_SPREAD 0.2     /* of what is taught, between lessons of one programme */
#define RATED_PROGRAMME 0.25 /* and between programmes */

typedef struct rated {
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  double programme[RATED_PROGRAMMES]; /* what each teaches, less RATED_TAUGHT */
} rated;

void rated_draw(const rated_plan *plan, rated *r);
void rated_clear(rated *r);

#endif
