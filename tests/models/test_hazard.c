// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "tests/oracle/hazard_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/hazard.h"
#include "tests/support/near.h"

enum { H = 120, TRIALS = 200 };

/* A model, one of its curves, somebody's shifts. */
typedef struct scene {
  pfc_hazard m;
  pfc_curve curve;
  double *levels;
  int group;
  double clock_day[PFC_N_CAUSES], shift[PFC_N_CAUSES];
} scene;

static scene draw(uint64_t seed, uint64_t trial) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.hazard", trial);
  scene s = {.m = test_hazard(&rng, H, 2, -4.5)};
  s.group = (int)(trial % 3) - 1;
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    s.clock_day[r] = trial % 4 == 0 ? NAN : (double)pfc_rng_below(&rng, 90);
    s.shift[r] = pfc_rng_normal(&rng);
  }
  assert_ok(pfc_hazard_curve(&s.m, s.group, s.clock_day, H, &s.curve, &err));
  s.levels = pfc_alloc_array((size_t)s.curve.n * PFC_N_CAUSES, sizeof *s.levels);
  pfc_hazard_levels(&s.m, &s.curve, s.levels);
  return s;
}

static void drop(scene *s) {
  pfc_free(s->levels);
  pfc_curve_clear(&s->curve);
  pfc_hazard_clear(&s->m);
}

/* Days 1..H by the oracle. */
typedef struct walked {
  double incidence[H][PFC_N_CAUSES], survival[H];
} walked;

static walked walk(const scene *s) {
  walked w;
  oracle_hazard_walk(&s->m, s->group, s->clock_day, s->shift, H, w.incidence, w.survival);
  return w;
}

static pfc_outlook look(const scene *s, double by_0, double by_1) {
  pfc_outlook out;
  const double by[2] = {by_0, by_1};
  pfc_hazard_outlook(&s->m, &s->curve, s->levels, s->shift, by, &out);
  return out;
}

static double worth(const scene *s, double rho, double *incidence) {
  double discount[PFC_CURVE_SEGMENTS + 1], discounted;
  pfc_hazard_discounts(&s->curve, rho, discount);
  pfc_hazard_worth(&s->m, &s->curve, s->levels, rho, discount, s->shift, incidence,
                   &discounted);
  return discounted;
}

static void curves_are_contiguous(void **state) {
  (void)state;
  const uint64_t seed = test_seed(41);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    scene s = draw(seed, trial);
    assert_near(s.curve.from[0], 0, 0);
    assert_near(s.curve.to[s.curve.n - 1], H, 0);
    for (int32_t i = 0; i < s.curve.n; i++) {
      assert_true(s.curve.to[i] > s.curve.from[i]);
      if (i > 0) assert_near(s.curve.from[i], s.curve.to[i - 1], 0);
      for (int r = 0; r < PFC_N_CAUSES; r++) {
        const int32_t bin = s.curve.param[i][r][0], n_bins = s.m.clock[r].n_bins;
        assert_in_range(bin, 0, n_bins - 1);
        assert_int_equal(s.curve.param[i][r][1],
                         s.group < 0 ? -1 : n_bins * (1 + s.group) + bin);
      }
    }
    drop(&s);
  }
}

/* On whole days the closed forms are the recursion, tick by tick. */
static void incidences_follow_the_recursion(void **state) {
  (void)state;
  const uint64_t seed = test_seed(42);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    scene s = draw(seed, trial);
    const walked w = walk(&s);
    double days[H + 3], incidence[PFC_N_CAUSES][H + 3], survival[H + 3];
    for (int d = 0; d < H + 3; d++) days[d] = d;
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      pfc_hazard_incidence(&s.m, &s.curve, s.levels, s.shift, (pfc_cause)r, H + 3, days,
                           incidence[r], survival);
      assert_near(incidence[r][0], 0, 0);
      assert_near(incidence[r][H + 2], incidence[r][H], 0); /* cut at the horizon */
      for (int d = 1; d <= H; d++) assert_near(incidence[r][d], w.incidence[d - 1][r], 1e-12);
    }
    assert_near(survival[0], 1, 0);
    assert_near(survival[H + 2], survival[H], 0);
    for (int d = 1; d <= H; d++) assert_near(survival[d], w.survival[d - 1], 1e-12);
    drop(&s);
  }
}

static void outlooks_tell_the_same_as_incidences(void **state) {
  (void)state;
  const uint64_t seed = test_seed(43);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    scene s = draw(seed, trial);
    const walked w = walk(&s);
    const int by = 1 + (int)(trial % H);
    const pfc_outlook out = look(&s, by, 10 * H);
    assert_near(out.p_by[0], w.incidence[by - 1][PFC_PROFICIENT], 1e-12);
    assert_near(out.p_by[1], w.incidence[H - 1][PFC_PROFICIENT], 1e-12);
    for (int r = 0; r < PFC_N_CAUSES; r++)
      assert_near(out.incidence[r], w.incidence[H - 1][r], 1e-12);
    assert_near(look(&s, 0, -5).p_by[0], 0, 0);
    assert_near(look(&s, 0, -5).p_by[1], 0, 0);
    drop(&s);
  }
}

/* A quantile lies in the first tick whose incidence reaches its share of the whole, and is
 * the very day where it does. */
static void quantiles_invert_the_incidence(void **state) {
  (void)state;
  const double share[] = {0.1, 0.5, 0.9};
  const uint64_t seed = test_seed(44);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    scene s = draw(seed, trial);
    const walked w = walk(&s);
    const pfc_outlook out = look(&s, 30, 60);
    for (int q = 0; q < 3; q++) {
      const double target = share[q] * w.incidence[H - 1][PFC_PROFICIENT];
      int day = 1;
      while (w.incidence[day - 1][PFC_PROFICIENT] < target - 1e-13) day++;
      assert_true(out.quantile[q] > day - 1 - 1e-6 && out.quantile[q] < day + 1e-6);
      double reached;
      pfc_hazard_incidence(&s.m, &s.curve, s.levels, s.shift, PFC_PROFICIENT, 1,
                           &out.quantile[q], &reached, NULL);
      assert_near(reached, target, 1e-12);
    }
    drop(&s);
  }
}

/* E[exp(-rho T) | T <= H] = sum over fine steps of exp(-rho t) dF(t), over F(H). */
static void discounting_integrates_the_incidence(void **state) {
  (void)state;
  enum { STEPS = 6000 };
  static double days[STEPS + 1], incidence[STEPS + 1];
  for (uint64_t trial = 0; trial < 10; trial++) {
    scene s = draw(45, trial);
    for (int i = 0; i <= STEPS; i++) days[i] = (double)H * i / STEPS;
    pfc_hazard_incidence(&s.m, &s.curve, s.levels, s.shift, PFC_PROFICIENT, STEPS + 1, days,
                         incidence, NULL);
    const double rho = 0.002 * (double)(trial + 1);
    double sum = 0;
    for (int i = 0; i < STEPS; i++)
      sum += exp(-rho * (days[i] + days[i + 1]) / 2) * (incidence[i + 1] - incidence[i]);
    double whole;
    assert_near(worth(&s, rho, &whole), sum / incidence[STEPS], 1e-7);
    assert_near(whole, incidence[STEPS], 1e-12);
    assert_near(worth(&s, 0, &whole), 1, 1e-12);
    drop(&s);
  }
}

static void causes_without_events_take_no_part(void **state) {
  (void)state;
  scene s = draw(46, 1);
  pfc_free(s.m.baseline[PFC_PROFICIENT]);
  s.m.baseline[PFC_PROFICIENT] = NULL;
  pfc_hazard_levels(&s.m, &s.curve, s.levels);
  pfc_outlook out = look(&s, 30, 60);
  const walked w = walk(&s);
  assert_near(out.incidence[PFC_PROFICIENT], 0, 0);
  assert_near(out.incidence[PFC_DROPPED], w.incidence[H - 1][PFC_DROPPED], 1e-12);
  for (int q = 0; q < 3; q++) assert_nan(out.quantile[q]);
  double whole;
  assert_near(worth(&s, 0.01, &whole), 0, 0);
  assert_near(whole, 0, 0);
  assert_near(out.p_by[1], 0, 0);
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    pfc_free(s.m.baseline[r]);
    s.m.baseline[r] = NULL;
  }
  pfc_hazard_levels(&s.m, &s.curve, s.levels);
  out = look(&s, 30, 60);
  for (int r = 0; r < PFC_N_CAUSES; r++) assert_near(out.incidence[r], 0, 0);
  drop(&s);
}

/* Whatever the shift: shares of 1, in order, and no NaN. */
static void extreme_shifts_stay_probabilities(void **state) {
  (void)state;
  const double extremes[] = {-1e4, -700, -50, 0, 50, 700, 1e4, -INFINITY, INFINITY};
  const int n = sizeof extremes / sizeof extremes[0];
  scene s = draw(47, 2);
  for (int c = 0; c < n * n * n; c++) {
    s.shift[0] = extremes[c % n];
    s.shift[1] = extremes[c / n % n];
    s.shift[2] = extremes[c / n / n];
    const pfc_outlook out = look(&s, 30, 60);
    double sum = 0;
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      assert_true(out.incidence[r] >= 0 && out.incidence[r] <= 1);
      sum += out.incidence[r];
    }
    assert_true(sum <= 1 + 1e-12);
    assert_true(out.p_by[0] >= 0 && out.p_by[0] <= out.p_by[1] + 1e-15);
    assert_true(out.p_by[1] <= out.incidence[PFC_PROFICIENT] + 1e-15);
    double whole;
    const double discounted = worth(&s, 0.001, &whole);
    assert_true(discounted >= 0 && discounted <= 1);
    assert_near(whole, out.incidence[PFC_PROFICIENT], 1e-12);
    for (int q = 0; q < 3 && out.incidence[PFC_PROFICIENT] > 0; q++)
      assert_true(out.quantile[q] >= (q ? out.quantile[q - 1] : 0) && out.quantile[q] <= H);
  }
  drop(&s);
}

static void ticks_may_be_shorter_than_days(void **state) {
  (void)state;
  scene s = draw(48, 3);
  s.m.tick_days = 0.25;
  const double odds = exp(s.shift[0]) * s.levels[0] + exp(s.shift[1]) * s.levels[s.curve.n] +
                      exp(s.shift[2]) * s.levels[2 * s.curve.n];
  const double day = 1;
  double incidence, survival;
  pfc_hazard_incidence(&s.m, &s.curve, s.levels, s.shift, PFC_DROPPED, 1, &day, &incidence,
                       &survival);
  assert_near(survival, pow(1 + odds, -4), 1e-13);
  assert_near(incidence, exp(s.shift[1]) * s.levels[s.curve.n] / odds * (1 - survival), 1e-13);
  drop(&s);
}

static void an_unknown_clock_day_is_the_typical_one(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, 49, "test.hazard", 0);
  pfc_hazard m = test_hazard(&rng, H, 0, -4);
  const double typical[PFC_N_CAUSES] = {m.clock[0].typical_day, NAN, NAN};
  const double unknown[PFC_N_CAUSES] = {NAN, NAN, NAN};
  pfc_curve a, b, c;
  assert_ok(pfc_hazard_curve(&m, -1, typical, H, &a, &err));
  assert_ok(pfc_hazard_curve(&m, -1, unknown, H, &b, &err));
  assert_ok(pfc_hazard_curve(&m, -1, NULL, H, &c, &err));
  assert_int_equal(a.n, b.n);
  assert_int_equal(a.n, c.n);
  assert_memory_equal(a.to, b.to, sizeof *a.to * (size_t)a.n);
  assert_memory_equal(a.to, c.to, sizeof *a.to * (size_t)a.n);
  assert_memory_equal(a.param, b.param, sizeof *a.param * (size_t)a.n);
  pfc_curve_clear(&a);
  pfc_curve_clear(&b);
  pfc_curve_clear(&c);
  pfc_hazard_clear(&m);
}

static void too_many_segments_are_refused(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, 50, "test.hazard", 0);
  pfc_hazard m = test_hazard(&rng, H, 0, -4);
  pfc_free(m.clock[1].edge);
  m.clock[1].n_bins = PFC_CURVE_SEGMENTS + 5;
  m.clock[1].edge = pfc_alloc_array(PFC_CURVE_SEGMENTS + 6, sizeof(double));
  for (int e = 0; e < PFC_CURVE_SEGMENTS + 6; e++) m.clock[1].edge[e] = 0.01 * e;
  pfc_curve curve;
  assert_fails(pfc_hazard_curve(&m, -1, NULL, H, &curve, &err), PFC_EUSAGE,
               "more than 256 segments");
  assert_null(curve.from);
  pfc_curve_clear(&curve);
  pfc_hazard_clear(&m);
}

static pfc_status make_curve(void *user) {
  const scene *s = user;
  pfc_curve curve;
  const pfc_status st = pfc_hazard_curve(&s->m, 0, s->clock_day, H, &curve, NULL);
  pfc_curve_clear(&curve);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  scene s = draw(51, 1);
  assert_int_equal(count_down(make_curve, &s), 3);
  drop(&s);
}

static void clearing_is_safe_at_any_time(void **state) {
  (void)state;
  pfc_hazard m = {0};
  pfc_hazard_clear(&m);
  m.baseline[1] = pfc_alloc_array(3, sizeof(double));
  m.clock[2].column = pfc_strdup("");
  pfc_hazard_clear(&m);
  assert_null(m.baseline[1]);
  pfc_hazard_clear(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(curves_are_contiguous),
      cmocka_unit_test(incidences_follow_the_recursion),
      cmocka_unit_test(outlooks_tell_the_same_as_incidences),
      cmocka_unit_test(quantiles_invert_the_incidence),
      cmocka_unit_test(discounting_integrates_the_incidence),
      cmocka_unit_test(causes_without_events_take_no_part),
      cmocka_unit_test(extreme_shifts_stay_probabilities),
      cmocka_unit_test(ticks_may_be_shorter_than_days),
      cmocka_unit_test(an_unknown_clock_day_is_the_typical_one),
      cmocka_unit_test(too_many_segments_are_refused),
      cmocka_unit_test(memory_may_run_out),
      cmocka_unit_test(clearing_is_safe_at_any_time),
  };
  return cmocka_run_group_tests_name("models/hazard", tests, NULL, NULL);
}
