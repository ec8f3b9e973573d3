// labels: property check
/* Leading people to seats: the oracle against enumeration and against a flow of least cost. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/oracle/assignment_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/policy.h"

typedef struct shape {
  int32_t n_people, n_items;
  double allowed;     /* share of pairs */
  double least;       /* worths lie between this and 1 */
  int levels;         /* 0: any number; else so many different worths, hence many ties */
  int32_t most_seats; /* 0 .. this; some interventions without a limit */
  double unlimited;   /* share of these */
} shape;

static pfc_policy_problem *draw(const shape *s, uint64_t seed) {
  const size_t pairs = (size_t)s->n_people * (size_t)s->n_items;
  pfc_policy_problem *q = pfc_alloc_array(1, sizeof *q);
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.assignment", 0);
  assert_non_null(q);
  *q = (pfc_policy_problem){.n_people = s->n_people, .n_items = s->n_items};
  q->person = pfc_alloc_array((size_t)s->n_people, sizeof *q->person);
  q->seats = pfc_alloc_array((size_t)s->n_items, sizeof *q->seats);
  q->allowed = pfc_alloc_array(pairs, sizeof *q->allowed);
  q->worth = pfc_alloc_array(pairs, sizeof *q->worth);
  q->effect = pfc_alloc_array(pairs, sizeof *q->effect);
  q->hours = pfc_alloc_array(pairs, sizeof *q->hours);
  assert_true(q->person && q->seats && q->allowed && q->worth && q->effect && q->hours);
  for (int32_t p = 0; p < s->n_people; p++) q->person[p] = p;
  for (int32_t i = 0; i < s->n_items; i++) {
    const bool free = pfc_rng_uniform(&rng) < s->unlimited;
    q->seats[i] = free ? INT32_MAX : (int32_t)pfc_rng_below(&rng, (uint64_t)s->most_seats + 1);
  }
  for (size_t k = 0; k < pairs; k++) {
    q->allowed[k] = pfc_rng_uniform(&rng) < s->allowed;
    double u = pfc_rng_uniform(&rng);
    if (s->levels) u = floor(u * s->levels) / s->levels;
    if (q->allowed[k]) q->worth[k] = (float)(s->least + (1 - s->least) * u);
  }
  return q;
}

static double total(const pfc_policy_problem *q, const int32_t *assigned) {
  return oracle_assignment_worth(q, assigned) * q->n_people;
}

/* What must hold of any assignment, and of the oracle's. */
static void check_rules(const pfc_policy_problem *q, const int32_t *assigned, bool oracle) {
  for (int32_t i = 0; i < q->n_items; i++) {
    int64_t n = 0;
    for (int32_t p = 0; p < q->n_people; p++) n += assigned[p] == i;
    assert_true(n <= q->seats[i]);
  }
  for (int32_t p = 0; p < q->n_people; p++) {
    assert_true(assigned[p] >= -1 && assigned[p] < q->n_items);
    if (assigned[p] < 0) continue;
    const int64_t at = (int64_t)p * q->n_items + assigned[p];
    assert_true(q->allowed[at]);
    if (oracle) assert_true(q->worth[at] > 0);
  }
}

static void check(const shape *s, uint64_t seed, double (*slow)(const pfc_policy_problem *)) {
  pfc_policy_problem *q = draw(s, seed);
  int32_t *assigned = pfc_alloc_array((size_t)s->n_people, sizeof *assigned);
  double slack = -1;
  assert_ok(pfc_policy_oracle(q, assigned, &slack, &err));
  check_rules(q, assigned, true);
  const double best = slow(q), found = total(q, assigned);
  if (fabs(best - found) > 1e-7 || !(slack >= best - found - 1e-9) || slack > 1e-6)
    fail_msg("seed %llu, %d people, %d items: %.12g found, %.12g by the slow one, slack %g",
             (unsigned long long)seed, (int)s->n_people, (int)s->n_items, found, best, slack);
  /* Nobody does better than the oracle. */
  assert_ok(pfc_policy_assign(q, q->worth, 0, seed, assigned, &err));
  check_rules(q, assigned, true);
  assert_true(total(q, assigned) <= found + slack + 1e-9);
  pfc_free(assigned);
  pfc_policy_problem_destroy(q);
}

static void the_oracle_is_the_best_of_all(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  static const shape SHAPES[] = {
      {5, 4, 0.7, -0.5, 0, 2, 0.2}, {6, 3, 1, 0, 3, 2, 0},     {4, 5, 0.5, -1, 2, 1, 0.3},
      {6, 4, 1, 0.9, 0, 2, 0},      {5, 4, 0.8, 0.5, 1, 1, 0}, {1, 1, 1, -1, 0, 1, 0.5},
      {6, 3, 0.9, -0.2, 4, 6, 0.1},
  };
  for (size_t k = 0; k < sizeof SHAPES / sizeof *SHAPES; k++)
    for (uint64_t r = 0; r < 100; r++)
      check(&SHAPES[k], seed * 1000 + r, oracle_assignment_enumerated);
}

static void the_oracle_is_a_flow_of_least_cost(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  static const shape SHAPES[] = {
      {60, 12, 0.6, -0.3, 0, 6, 0.1}, {50, 40, 0.3, 0, 0, 1, 0}, {60, 10, 1, 0.8, 0, 5, 0},
      {50, 10, 0.8, -0.5, 5, 4, 0},   {40, 8, 1, 0.5, 2, 5, 0},  {80, 3, 0.9, 0, 0, 20, 0},
  };
  for (size_t k = 0; k < sizeof SHAPES / sizeof *SHAPES; k++)
    for (uint64_t r = 0; r < 4; r++) check(&SHAPES[k], seed * 77 + r, oracle_assignment_flow);
}

/* Two people, one seat: the second gains less from it but has nothing else. */
static void seats_go_where_they_matter(void **state) {
  (void)state;
  int32_t person[] = {0, 1}, seats[] = {1, INT32_MAX}, assigned[2];
  uint8_t allowed[] = {1, 1, 1, 0};
  float worth[] = {1, 0.9F, 0.5F, 0}, none[4] = {0};
  const pfc_policy_problem q = {.n_people = 2,
                                .person = person,
                                .n_items = 2,
                                .seats = seats,
                                .allowed = allowed,
                                .worth = worth,
                                .effect = none,
                                .hours = none};
  double slack;
  assert_ok(pfc_policy_oracle(&q, assigned, &slack, &err));
  assert_int_equal(assigned[0], 1);
  assert_int_equal(assigned[1], 0);
  assert_near(oracle_assignment_worth(&q, assigned), (0.9 + 0.5) / 2, 1e-7);
}

/* First come, first served: who comes first has the choice, in the order of the seed. */
static void people_take_turns(void **state) {
  (void)state;
  enum { N = 200 };
  int32_t person[N], seats[] = {1, 2, 0}, assigned[N], again[N];
  uint8_t allowed[3 * N];
  float score[3 * N];
  int first_of[N] = {0};
  for (int p = 0; p < N; p++) {
    person[p] = p;
    for (int i = 0; i < 3; i++) {
      allowed[3 * p + i] = p > 0 || i > 0; /* person 0 may not have the best */
      score[3 * p + i] = i == 2 ? 9 : (float)(2 - i);
    }
  }
  const pfc_policy_problem q = {
      .n_people = N, .person = person, .n_items = 3, .seats = seats, .allowed = allowed};
  for (uint64_t seed = 0; seed < 300; seed++) {
    assert_ok(pfc_policy_assign(&q, score, 0, seed, assigned, &err));
    int n[3] = {0};
    for (int p = 0; p < N; p++) {
      assert_int_not_equal(assigned[p], 2); /* it has no seats */
      if (assigned[p] >= 0) n[assigned[p]]++;
      if (assigned[p] == 0) first_of[p]++;
    }
    assert_int_equal(n[0], 1);
    assert_int_equal(n[1], 2);
  }
  assert_int_equal(first_of[0], 0);
  /* 300 draws of 199: of any one, P(more than 12) < 1e-7. */
  for (int p = 1; p < N; p++) assert_true(first_of[p] <= 12);
  assert_ok(pfc_policy_assign(&q, score, 0, 7, assigned, &err));
  assert_ok(pfc_policy_assign(&q, score, 0, 7, again, &err));
  assert_memory_equal(assigned, again, sizeof assigned);
  /* Nothing that scores no more than the least, and no NaN. */
  assert_ok(pfc_policy_assign(&q, score, 2, 7, assigned, &err));
  for (int p = 0; p < N; p++) assert_int_equal(assigned[p], -1);
  for (int k = 0; k < 3 * N; k++) score[k] = NAN;
  assert_ok(pfc_policy_assign(&q, score, -INFINITY, 7, assigned, &err));
  for (int p = 0; p < N; p++) assert_int_equal(assigned[p], -1);
}

static void nothing_to_assign(void **state) {
  (void)state;
  const pfc_policy_problem nobody = {.n_people = 0};
  double slack = -1;
  assert_ok(pfc_policy_oracle(&nobody, NULL, &slack, &err));
  assert_near(slack, 0, 0);
  assert_near(oracle_assignment_worth(&nobody, NULL), 0, 0);
}

static pfc_status solve(void *user) {
  int32_t assigned[12];
  double slack;
  const pfc_status st = pfc_policy_oracle(user, assigned, &slack, NULL);
  return st == PFC_OK ? pfc_policy_assign(user, ((pfc_policy_problem *)user)->worth, 0, 1,
                                          assigned, NULL)
                      : st;
}

static void memory_is_short(void **state) {
  (void)state;
  const shape s = {12, 4, 0.8, -0.2, 0, 3, 0.2};
  pfc_policy_problem *q = draw(&s, 1);
  assert_true(count_down(solve, q) > 10);
  pfc_policy_problem_destroy(q);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_oracle_is_the_best_of_all),
      cmocka_unit_test(the_oracle_is_a_flow_of_least_cost),
      cmocka_unit_test(seats_go_where_they_matter),
      cmocka_unit_test(people_take_turns),
      cmocka_unit_test(nothing_to_assign),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
