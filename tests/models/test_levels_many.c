// labels: unit check
/* What is missing of many levels at once (pfc_level_gaps) is what is missing of each alone,
 * whatever stands beside it. */
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "models/levels.h"

enum { MOST = 70 };

static pfc_level random_level(pfc_rng *rng) {
  return (pfc_level){.mean = 8 * pfc_rng_uniform(rng) - 1.5,
                     .sd = pfc_rng_below(rng, 8) ? 2 * pfc_rng_uniform(rng) : 0};
}

/* Now and then the bottom of the scale, its top, or beyond either. */
static double random_required(pfc_rng *rng) {
  static const double EDGES[] = {-1, 0, 5, 5.5};
  const uint64_t k = pfc_rng_below(rng, 12);
  return k < 4 ? EDGES[k] : 5 * pfc_rng_uniform(rng);
}

static void each_is_as_alone(void **state) {
  (void)state;
  pfc_level level[MOST];
  pfc_level_gap gap[MOST];
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(91), "test.many", 0);
  for (int32_t n = 0; n <= MOST; n++) {
    for (int32_t k = 0; k < n; k++) {
      level[k] = random_level(&rng);
      gap[k] = (pfc_level_gap){.required = random_required(&rng)};
    }
    pfc_level_gaps(n, level, 0, 5, gap);
    for (int32_t k = 0; k < n; k++) {
      const double mean = level[k].mean, sd = level[k].sd, required = gap[k].required;
      const double shortfall = pfc_level_shortfall(mean, sd, required, 0, 5);
      const double below = pfc_level_p_below(mean, sd, required, 0);
      assert_memory_equal(&gap[k].shortfall, &shortfall, sizeof shortfall);
      assert_memory_equal(&gap[k].p_below, &below, sizeof below);
    }
  }
}

/* By the C library's erfc and exp. */
static double slow_missing(double mean, double sd, double required) {
  const double gap = required - mean, z = gap / sd;
  return gap * 0.5 * erfc(-z * M_SQRT1_2) + sd * exp(-0.5 * z * z) / sqrt(2 * M_PI);
}

static void the_normal_tail_is_right(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(92), "test.many", 1);
  for (int k = 0; k < 20000; k++) {
    const double mean = 10 * pfc_rng_uniform(&rng) - 2.5, sd = 0.05 + 2 * pfc_rng_uniform(&rng);
    const pfc_level level = {.mean = mean, .sd = sd};
    pfc_level_gap gap = {.required = 0.1 + 4.9 * pfc_rng_uniform(&rng)};
    pfc_level_gaps(1, &level, 0, 5, &gap);
    const double all = slow_missing(mean, sd, gap.required) - slow_missing(mean, sd, 0);
    assert_float_equal(gap.shortfall, fmin(fmax(all, 0), gap.required), 1e-13);
    const double below = 0.5 * erfc((mean - gap.required) / sd * M_SQRT1_2);
    assert_float_equal(gap.p_below, below, 1e-14 + 1e-13 * below);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_is_as_alone),
      cmocka_unit_test(the_normal_tail_is_right),
  };
  return cmocka_run_group_tests_name("models/levels_many", tests, NULL, NULL);
}
