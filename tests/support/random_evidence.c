#include "tests/support/random_evidence.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tests/support/test.h"

static void *array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  assert_non_null(p);
  return p;
}

static int32_t any_day(pfc_rng *rng) {
  return TEST_RATED_FIRST + (int32_t)pfc_rng_below(rng, TEST_RATED_LAST - TEST_RATED_FIRST);
}

static int32_t any_code(pfc_rng *rng, int32_t n, int one_in_unknown) {
  if (n == 0 || pfc_rng_below(rng, (uint64_t)one_in_unknown) == 0) return -1;
  return (int32_t)pfc_rng_below(rng, (uint64_t)n);
}

/* --- in order ------------------------------------------------------------------------------
 */

static int compare_numbers(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int compare_seen(const void *x, const void *y) {
  const pfc_seen *a = x, *b = y;
  if (a->competency != b->competency) return compare_numbers(a->competency, b->competency);
  return compare_numbers(a->day, b->day);
}

static int compare_taught(const void *x, const void *y) {
  const pfc_taught *a = x, *b = y;
  if (a->competency != b->competency) return compare_numbers(a->competency, b->competency);
  return compare_numbers(a->start, b->start);
}

static int compare_held(const void *x, const void *y) {
  return compare_numbers(((const pfc_held *)x)->from, ((const pfc_held *)y)->from);
}

/* --- one person ----------------------------------------------------------------------------
 */

static void add_ratings(pfc_evidence *e, pfc_rng *rng, const test_rated *what, int32_t person) {
  int64_t n = e->first_seen[person];
  for (int k = (int)pfc_rng_below(rng, (uint64_t)what->ratings + 1); k > 0; k--, n++)
    e->seen[n] = (pfc_seen){
        .competency = (int32_t)pfc_rng_below(rng, (uint64_t)e->n_competencies),
        .day = what->dated ? any_day(rng) : PFC_NO_DATE,
        .source = any_code(rng, e->n_sources, 8),
        .rater = any_code(rng, e->n_raters, 3),
        .level = (float)(e->scale_min + (e->scale_max - e->scale_min) * pfc_rng_uniform(rng))};
  e->first_seen[person + 1] = n;
  qsort(e->seen + e->first_seen[person], (size_t)(n - e->first_seen[person]), sizeof *e->seen,
        compare_seen);
}

static void add_lessons(pfc_evidence *e, pfc_rng *rng, const test_rated *what, int32_t person) {
  int64_t n = e->first_taught[person];
  for (int k = (int)pfc_rng_below(rng, (uint64_t)what->lessons + 1); k > 0; k--, n++) {
    const int32_t start = any_day(rng);
    e->taught[n] = (pfc_taught){
        .competency = (int32_t)pfc_rng_below(rng, (uint64_t)e->n_competencies),
        .intervention = (int32_t)pfc_rng_below(rng, (uint64_t)e->n_interventions),
        .start = start,
        .end = start + (int32_t)pfc_rng_below(rng, 300),
        .to_level =
            (float)(e->scale_min + (e->scale_max - e->scale_min) * pfc_rng_uniform(rng))};
  }
  e->first_taught[person + 1] = n;
  qsort(e->taught + e->first_taught[person], (size_t)(n - e->first_taught[person]),
        sizeof *e->taught, compare_taught);
}

static void add_roles(pfc_evidence *e, pfc_rng *rng, const test_rated *what, int32_t person) {
  int64_t n = e->first_held[person];
  const int64_t begin = n;
  const bool since_ever = pfc_rng_below(rng, 4) == 0;
  for (int k = (int)pfc_rng_below(rng, (uint64_t)what->roles + 1); k > 0; k--, n++)
    e->held[n] = (pfc_held){any_day(rng), (int32_t)pfc_rng_below(rng, (uint64_t)e->n_roles)};
  if (n == begin) e->held[n++] = (pfc_held){PFC_NO_DATE, -1};
  qsort(e->held + begin, (size_t)(n - begin), sizeof *e->held, compare_held);
  e->joined[person] = e->held[begin].from;
  if (since_ever) e->held[begin].from = PFC_NO_DATE;
  e->first_held[person + 1] = n;
}

pfc_evidence *test_rated_evidence(pfc_rng *rng, const pfc_profile *p, const test_rated *what) {
  pfc_evidence *e = array(1, sizeof *e);
  e->n_people = what->n_people;
  e->n_competencies = p->n_competencies;
  e->n_roles = p->n_roles;
  e->n_sources = p->n_sources;
  e->n_raters = 4;
  e->n_interventions = p->n_interventions;
  e->scale_min = p->scale_min;
  e->scale_max = p->scale_max;
  e->ratings_dated = what->dated;
  e->first_seen = array(what->n_people + 1, sizeof *e->first_seen);
  e->first_taught = array(what->n_people + 1, sizeof *e->first_taught);
  e->first_held = array(what->n_people + 1, sizeof *e->first_held);
  e->seen = array((int64_t)what->n_people * what->ratings, sizeof *e->seen);
  e->taught = array((int64_t)what->n_people * what->lessons, sizeof *e->taught);
  e->held = array((int64_t)what->n_people * (what->roles + 1), sizeof *e->held);
  e->joined = array(what->n_people, sizeof *e->joined);
  e->half_life = array(e->n_competencies, sizeof *e->half_life);
  e->is_anchor = array(e->n_sources, sizeof *e->is_anchor);
  for (int32_t person = 0; person < what->n_people; person++) {
    add_ratings(e, rng, what, person);
    add_lessons(e, rng, what, person);
    add_roles(e, rng, what, person);
  }
  return e;
}

pfc_requirements *test_rated_requirements(pfc_rng *rng, const pfc_profile *p) {
  pfc_requirements *r = array(1, sizeof *r);
  r->n_roles = p->n_roles;
  r->n_competencies = p->n_competencies;
  r->first = array(p->n_roles + 1, sizeof *r->first);
  r->at = array((int64_t)p->n_roles * p->n_competencies, sizeof *r->at);
  int64_t n = 0;
  for (int32_t role = 0; role < p->n_roles; role++) {
    for (int32_t c = 0; c < p->n_competencies; c++) {
      if (pfc_rng_below(rng, 3) == 0) continue;
      const double level = pfc_rng_below(rng, 4) ? 4 * pfc_rng_uniform(rng) : NAN;
      r->at[n++] = (pfc_requirement){.competency = c, .level = level, .importance = 1};
    }
    r->first[role + 1] = n;
  }
  return r;
}
