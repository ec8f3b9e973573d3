// labels: unit check
/* What is missing of a level, and what a lesson closes of it: against slow integrals, and at
 * the edges of the scale. */
#include "tests/support/test.h"

#include <math.h>

#include "models/levels.h"
#include "tests/support/near.h"

/* By the midpoint rule over a Gaussian cut to the scale. */
static double slow_shortfall(double mean, double sd, double required, double lo, double hi) {
  enum { STEPS = 400000 };
  double sum = 0, mass = 0;
  for (int k = 0; k < STEPS; k++) {
    const double z = -10 + 20 * (k + 0.5) / STEPS, f = exp(-0.5 * z * z);
    const double level = fmin(fmax(mean + sd * z, lo), hi);
    sum += f * fmax(required - level, 0);
    mass += f;
  }
  return sum / mass;
}

static void shortfall_is_the_mean_of_what_is_missing(void **state) {
  (void)state;
  static const double means[] = {-1, 0.1, 2, 3.4, 7.5}, sds[] = {0.05, 0.4, 1.5},
                      requireds[] = {0.2, 2, 3.5, 5, 5.5};
  for (int m = 0; m < 5; m++)
    for (int s = 0; s < 3; s++)
      for (int r = 0; r < 5; r++)
        assert_near(pfc_level_shortfall(means[m], sds[s], requireds[r], 0, 5),
                    slow_shortfall(means[m], sds[s], requireds[r], 0, 5), 1e-6);
}

/* Likewise; nobody falls below the scale. */
static double slow_closed(double mean, double sd, double required, double to, double share) {
  enum { STEPS = 100000 };
  double sum = 0, mass = 0;
  for (int k = 0; k < STEPS; k++) {
    const double z = -10 + 20 * (k + 0.5) / STEPS, f = exp(-0.5 * z * z);
    const double level = fmin(fmax(mean + sd * z, 0), 5);
    const double after = fmax(level + share * fmax(to - level, 0), 0);
    sum += f * (fmax(required - level, 0) - fmax(required - after, 0));
    mass += f;
  }
  return sum / mass;
}

static void what_a_lesson_closes(void **state) {
  (void)state;
  static const double means[] = {-0.5, 1.7, 3.1, 5.6}, sds[] = {0.1, 0.8},
                      tos[] = {-1, 0.4, 2.5, 3, 4.5, 5},
                      shares[] = {-1, -0.3, 0, 0.2, 0.7, 0.999, 1};
  for (int m = 0; m < 4; m++)
    for (int s = 0; s < 2; s++)
      for (int t = 0; t < 6; t++)
        for (int q = 0; q < 7; q++)
          assert_near(pfc_level_closed(means[m], sds[s], 3, tos[t], shares[q], 0, 5),
                      slow_closed(means[m], sds[s], 3, tos[t], shares[q]), 1e-6);
}

static void edges_of_what_a_lesson_closes(void **state) {
  (void)state;
  const double nan = (double)NAN, all = pfc_level_shortfall(2, 1, 3, 0, 5);
  assert_near(pfc_level_closed(2, 1, 3, nan, 1, 0, 5), all, 0);
  assert_near(pfc_level_closed(2, 1, 3, nan, 0.25, 0, 5), 0.25 * all, 1e-15);
  assert_near(pfc_level_closed(2, 1, 3, 4, 7, 0, 5), all, 0); /* a share of 1 at most */
  assert_near(pfc_level_closed(2, 1, 3, 4, -7, 0, 5), pfc_level_closed(2, 1, 3, 4, -1, 0, 5),
              0);
  assert_near(pfc_level_closed(2, 1, 3, 2.5, 1, 0, 5), pfc_level_shortfall(2, 1, 2.5, 0, 5),
              1e-15);
  assert_near(pfc_level_closed(2, 1, 0, 4, 0.5, 0, 5), 0, 0);        /* nothing is asked for */
  assert_near(pfc_level_closed(2, 0, 3, 4, 0.25, 0, 5), 0.5, 1e-15); /* 2 becomes 2.5 */
  assert_near(pfc_level_closed(2, 0, 3, 4, 0.75, 0, 5), 1, 1e-15);   /* and 3.5 */
  assert_near(pfc_level_closed(1, 0, 3, 4, -1, 0, 5), -1, 1e-15);    /* 0 is the least */
  assert_near(pfc_level_closed(2, 1, 5.5, 5, 1, 0, 5), pfc_level_shortfall(2, 1, 5, 0, 5),
              1e-15); /* what the scale lacks stays */
}

static void edges_of_the_scale(void **state) {
  (void)state;
  assert_near(pfc_level_shortfall(-3, 1, 0, 0, 5), 0, 0); /* everybody holds the least */
  assert_near(pfc_level_shortfall(-3, 1, -1, 0, 5), 0, 0);
  assert_near(pfc_level_p_below(-3, 1, 0, 0), 0, 0);
  assert_near(pfc_level_shortfall(2, 0, 3, 0, 5), 1, 1e-15); /* known for sure */
  assert_near(pfc_level_shortfall(4, 0, 3, 0, 5), 0, 0);
  assert_near(pfc_level_shortfall(-4, 0, 3, 0, 5), 3, 1e-15);
  assert_near(pfc_level_p_below(2, 0, 3, 0), 1, 0);
  assert_near(pfc_level_p_below(3, 0, 3, 0), 0, 0);
  assert_near(pfc_level_p_below(3, 0.5, 3, 0), 0.5, 1e-15);
  assert_near(pfc_level_p_below(2, 1, 3, 0), 0.841344746068543, 1e-12); /* R: pnorm(1) */
  assert_true(pfc_level_shortfall(100, 1, 3, 0, 5) >= 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shortfall_is_the_mean_of_what_is_missing),
      cmocka_unit_test(what_a_lesson_closes),
      cmocka_unit_test(edges_of_what_a_lesson_closes),
      cmocka_unit_test(edges_of_the_scale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
