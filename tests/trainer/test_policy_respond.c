// labels: property check
/* Worth against what happens: an organisation lives on for a year, people led here and nobody
 * led there, and the gaps are looked at by plain levels. That way through the simulator shares
 * neither the expectations nor the sums with what is tested. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "datasets/respond.h"
#include "tests/oracle/assignment_oracle.h"
#include "tests/support/organisation.h"
#include "trainer/policy_internal.h"

enum { HORIZON = 365, ROUNDS = 40 };

typedef struct world {
  test_organisation org;
  pfc_policy_problem *problem;
  int32_t day;
  const double *criticality;
} world;

/* What the person lacks in the end, weighted by risk. */
static double lacks(const world *w, const pfc_truth *t, int32_t p) {
  const int32_t end = w->day + HORIZON, role = pfc_truth_role(t, p, end);
  double sum = 0;
  for (int32_t c = 0; c < t->n_competencies; c++) {
    const int64_t at = (int64_t)role * t->n_competencies + c;
    const double importance = (double)t->importance[at], required = (double)t->required[at];
    if (isnan(importance) || isnan(required)) continue;
    sum += importance * fmax(0, required - pfc_truth_level(t, p, c, end));
  }
  return w->criticality[role] * sum;
}

/* What all people together lack after a year in which these were led. */
static double live_on(const world *w, int64_t n, const pfc_lead *leads, uint64_t seed) {
  const pfc_round round = {
      .day = w->day, .n_days = HORIZON, .n = n, .leads = leads, .seed = seed};
  pfc_dataset *after = NULL;
  pfc_truth *truth = NULL;
  double sum = 0;
  assert_ok(pfc_respond(w->org.ds, w->org.truth, &round, &after, &truth, &err));
  for (int32_t p = 0; p < w->problem->n_people; p++)
    sum += lacks(w, truth, w->problem->person[p]);
  pfc_dataset_destroy(after);
  pfc_truth_destroy(truth);
  return sum;
}

static int64_t lead(const world *w, const int32_t *assigned, pfc_lead *leads) {
  int64_t n = 0;
  for (int32_t p = 0; p < w->problem->n_people; p++)
    if (assigned[p] >= 0) leads[n++] = (pfc_lead){w->problem->person[p], assigned[p]};
  return n;
}

/* Forty years that differ by the toss alone: their mean lies 6.6 standard errors, taken from
 * themselves (Student, 39 degrees), from the expectation once in 10 million runs. */
static void check(const world *w, const float *score, uint64_t seed) {
  int32_t *assigned = pfc_alloc_array((size_t)w->problem->n_people, sizeof *assigned);
  pfc_lead *leads = pfc_alloc_array((size_t)w->problem->n_people, sizeof *leads);
  double sum = 0, squares = 0;
  assert_true(assigned && leads);
  assert_ok(pfc_policy_assign(w->problem, score, -INFINITY, 1, assigned, &err));
  const double expected = oracle_assignment_worth(w->problem, assigned) * w->problem->n_people;
  const int64_t n = lead(w, assigned, leads);
  const double nobody = live_on(w, 0, leads, 0);
  for (uint64_t r = 0; r < ROUNDS; r++) {
    const double closed = nobody - live_on(w, n, leads, seed + r);
    sum += closed;
    squares += closed * closed;
  }
  const double mean = sum / ROUNDS;
  const double error = sqrt((squares / ROUNDS - mean * mean) / (ROUNDS - 1));
  print_message("%d people: %.4f expected, %.4f closed, standard error %.4f\n",
                (int)w->problem->n_people, expected, mean, error);
  if (fabs(mean - expected) > 6.6 * error + 1e-4) fail_msg("not what was expected");
  pfc_free(assigned);
  pfc_free(leads);
}

/* Forgets what is still to be learned from starts before the day: worth does not count it. */
static void forget_what_is_under_way(pfc_truth *t, int32_t day) {
  int64_t n = 0, from = 0;
  for (int32_t p = 0; p < t->n_people; p++) {
    const int64_t to = t->gain_start[p + 1];
    for (int64_t k = from; k < to; k++) {
      if (t->gain_day[k] >= day) continue;
      t->gain_day[n] = t->gain_day[k];
      t->gain_competency[n] = t->gain_competency[k];
      t->gain_intervention[n] = t->gain_intervention[k];
      t->gain[n++] = t->gain[k];
    }
    from = to;
    t->gain_start[p + 1] = n;
  }
}

static void worth_is_what_happens(void **state) {
  (void)state;
  const uint64_t seed = test_seed(5);
  pfc_dataset *frame = test_frame();
  for (int hard = 0; hard < 2; hard++) {
    pfc_simulate_settings settings = test_simulate_settings(150, 60, seed);
    settings.hard = hard;
    world w = {.org = test_simulate(frame, &settings)};
    w.day = w.org.truth->last_day + 1;
    forget_what_is_under_way(w.org.truth, w.day);
    w.criticality = pfc_dataset_reals(w.org.ds, PFC_ROLES, "criticality");
    assert_ok(pfc_policy_problem_create(w.org.ds, w.org.truth, w.day, HORIZON, 0, 1, &w.problem,
                                        &err));
    const size_t pairs = (size_t)w.problem->n_people * (size_t)w.problem->n_items;
    float *score = pfc_alloc_array(pairs, sizeof *score);
    assert_non_null(score);
    check(&w, w.problem->worth, seed * 1000); /* those who gain most ... */
    pfc__policy_draw(w.problem, 1, 0, score);
    check(&w, score, seed * 1000 + 500); /* ... and anybody, anything */
    pfc_free(score);
    pfc_policy_problem_destroy(w.problem);
    test_organisation_clear(&w.org);
  }
  pfc_dataset_destroy(frame);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(worth_is_what_happens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
