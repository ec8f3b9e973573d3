// labels: property check
#include "tests/support/near.h"

#include <math.h>
#include <string.h>

#include "bench/ratings_internal.h"
#include "models/levels.h"
#include "tests/support/countdown.h"

enum { PEOPLE = 12000, COMPETENCIES = 20, EACH = 9 };

static void draw(uint64_t seed, pfc__ratings *r) {
  assert_ok(pfc__ratings_draw(PEOPLE, COMPETENCIES, EACH, seed, r, &err));
}

static void ratings_are_in_the_order_of_evidence(void **state) {
  (void)state;
  pfc__ratings r;
  draw(1, &r);
  const pfc_evidence *e = r.evidence;
  int n_of[PFC__RATINGS_SOURCES] = {0}, n_moved = 0;
  for (int32_t p = 0; p < PEOPLE; p++) {
    assert_int_equal(e->first_seen[p + 1] - e->first_seen[p], EACH);
    for (int64_t i = e->first_seen[p]; i < e->first_seen[p + 1]; i++) {
      const pfc_seen *s = &e->seen[i];
      assert_in_range(s->competency, 0, COMPETENCIES - 1);
      assert_true(s->rater < e->n_raters && isfinite(s->level));
      n_of[s->source]++;
      if (i == e->first_seen[p]) continue;
      assert_true(s->competency > s[-1].competency ||
                  (s->competency == s[-1].competency && s->day >= s[-1].day));
    }
    for (int64_t i = e->first_taught[p]; i < e->first_taught[p + 1]; i++) {
      assert_true(e->taught[i].end > e->taught[i].start);
      if (i > e->first_taught[p])
        assert_true(e->taught[i].competency > e->taught[i - 1].competency);
    }
    const int64_t held = e->first_held[p + 1] - e->first_held[p];
    assert_in_range(held, 1, 2);
    n_moved += held == 2;
    assert_int_equal(e->held[e->first_held[p]].from, e->joined[p]);
  }
  /* One in four; binomial, four standard errors are 190. */
  assert_in_range(n_moved, PEOPLE / 4 - 190, PEOPLE / 4 + 190);
  for (int s = 0; s < PFC__RATINGS_SOURCES; s++) assert_true(n_of[s] > PEOPLE * EACH / 10);
  assert_true(e->first_taught[PEOPLE] > PEOPLE / 10);
  pfc__ratings_clear(&r);
}

static void ratings_belong_to_the_seed(void **state) {
  (void)state;
  pfc__ratings a, b, c;
  draw(1, &a);
  draw(1, &b);
  draw(2, &c);
  const size_t bytes = sizeof *a.evidence->seen * PEOPLE * EACH;
  assert_memory_equal(a.evidence->seen, b.evidence->seen, bytes);
  assert_true(memcmp(a.evidence->seen, c.evidence->seen, bytes) != 0);
  pfc__ratings_clear(&a);
  pfc__ratings_clear(&b);
  pfc__ratings_clear(&c);
}

/* One rating of a person, predicted from what came before its day, in standard deviations. */
static double surprise(const pfc__ratings *r, const pfc_levels *levels,
                       pfc_levels_person *known, int32_t person, const pfc_seen *seen) {
  const pfc_profile *p = &r->truth;
  const pfc_profile_source *s = &p->source[seen->source];
  const double middle = p->scale_max / 2;
  double lenient = 0;
  pfc_level level;
  assert_ok(pfc_levels_look(levels, person, seen->day, known, &err));
  pfc_levels_tell(levels, known, 1, &seen->competency, seen->day, &level);
  for (int64_t i = 0; i < p->n_raters; i++) {
    if (p->rater_source[i] == seen->source && p->rater_code[i] == seen->rater)
      lenient = p->rater[i];
  }
  const double mean = middle + s->bias + s->slope * (level.mean - middle) + lenient;
  const double var = s->slope * s->slope * level.sd * level.sd + s->noise * s->noise;
  return (seen->level - mean) / sqrt(var);
}

/* Ratings drawn from the model are as far from what its levels foretell as the model says:
 * mean 0 and variance 1, each within four standard errors (6 in 100,000 a seed that one of
 * them is not). One rating a person, so that they are independent. */
static void ratings_are_those_of_the_model(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  pfc__ratings r;
  pfc_levels *levels = NULL;
  pfc_levels_person *known = NULL;
  double sum = 0, squares = 0;
  draw(seed, &r);
  assert_ok(pfc_levels_create(&r.truth, r.evidence, r.requirements, &levels, &err));
  assert_ok(pfc_levels_person_create(levels, &known, &err));
  for (int32_t p = 0; p < PEOPLE; p++) {
    const pfc_seen *seen = &r.evidence->seen[r.evidence->first_seen[p] + p % EACH];
    const double z = surprise(&r, levels, known, p, seen);
    sum += z;
    squares += z * z;
  }
  assert_near(sum / PEOPLE, 0, 4 / sqrt(PEOPLE));
  assert_near(squares / PEOPLE, 1, 4 * sqrt(2. / PEOPLE));
  pfc_levels_person_destroy(known);
  pfc_levels_destroy(levels);
  pfc__ratings_clear(&r);
}

static pfc_status make_ratings(void *user) {
  (void)user;
  pfc__ratings r;
  const pfc_status st = pfc__ratings_draw(6, 4, 3, 1, &r, NULL);
  pfc__ratings_clear(&r);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  assert_true(count_down(make_ratings, NULL) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ratings_are_in_the_order_of_evidence),
      cmocka_unit_test(ratings_belong_to_the_seed),
      cmocka_unit_test(ratings_are_those_of_the_model),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
