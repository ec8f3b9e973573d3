// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "datasets/truth.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"

/* --- a truth small enough to look at ----------------------------------------------------- */

enum { N_PEOPLE = 3, N_ROLES = 2, N_COMPETENCIES = 2, N_INTERVENTIONS = 3, MOST_GAINS = 8 };
enum { DAY = 19000 }; /* in the middle of everything */

#define FILL(array, n, ...)                                                                \
  do {                                                                                     \
    const double values_[] = {__VA_ARGS__};                                                \
    (array) = pfc_alloc_array((size_t)(n), sizeof *(array));                               \
    assert_non_null(array);                                                                \
    assert_int_equal(sizeof values_ / sizeof *values_, (n));                               \
    for (int k_ = 0; k_ < (int)(n); k_++) (array)[k_] = (__typeof__(*(array)))values_[k_]; \
  } while (0)

static void fill_people(pfc_truth *t) {
  FILL(t->group, 3, 0, 1, 0);
  FILL(t->ability, 3, 0.5, -1, 2);
  FILL(t->diligence, 3, -0.5, 1, 0);
  FILL(t->motivation, 3, 1, -1, 0.25);
  FILL(t->growth, 3, 0.4, 0.2, 1.5);
  FILL(t->hours, 3, 2, 5, 0.5);
  FILL(t->offers, 3, 1, 1, 1);
  FILL(t->taste, 12, 0.5, 0, -0.5, 1, 1, 1, 1, 1, -1, 0.5, 0, 0);
  FILL(t->aptitude, 6, 0.2, -0.4, 1.5, -2, 0, 0);
  FILL(t->initial, 6, 1, 6.5, 3, 0.25, 6, 2);
  FILL(t->left_on, 3, PFC_NO_DATE, PFC_NO_DATE, DAY + 400);
  FILL(t->position_start, 4, 0, 2, 3, 4);
  FILL(t->position_from, 4, DAY - 1000, DAY + 100, DAY - 50, DAY - 3000);
  FILL(t->position_role, 4, 0, 1, 1, 0);
}

static void fill_catalogue(pfc_truth *t) {
  FILL(t->appeal, 3, -0.6, 0.2, -1);
  FILL(t->ease, 3, 0.3, -0.5, 0);
  FILL(t->effect, 3, 0.8, 0, -0.3);
  FILL(t->sway, 3, 0.1, -0.2, 0.5);
  FILL(t->days, 3, 56, 7, 200);
  FILL(t->load, 3, 3, 1, 20);
  FILL(t->pull, 12, 0.5, -0.5, 0.25, 0, 1, 0, 0, 0, 0, 0, 0, 0.5);
  FILL(t->target_start, 4, 0, 2, 3, 4);
  FILL(t->target_competency, 4, 0, 1, 0, 1);
  FILL(t->target_from, 4, 2, 1, 0.5, 3);
  FILL(t->target_to, 4, 3.5, 2, 4, 5);
}

/* Room for more gains than there are, so that tests can add some. */
static pfc_truth *small_truth(void) {
  pfc_truth *t = pfc_truth_create();
  assert_non_null(t);
  t->n_people = N_PEOPLE;
  t->n_roles = N_ROLES;
  t->n_competencies = N_COMPETENCIES;
  t->n_interventions = N_INTERVENTIONS;
  t->first_day = DAY - 500;
  t->last_day = DAY + 1000;
  t->drift_on = PFC_NO_DATE;
  FILL(t->required, 4, 4, NAN, 2, 5);
  FILL(t->importance, 4, 1, NAN, 0.5, 1);
  FILL(t->half_life, 2, 700, 1500);
  fill_people(t);
  fill_catalogue(t);
  FILL(t->gain_start, 4, 0, 3, 3, 3);
  FILL(t->gain_day, MOST_GAINS, DAY - 200, DAY - 30, DAY + 60, 0, 0, 0, 0, 0);
  FILL(t->gain_competency, MOST_GAINS, 0, 1, 0, 0, 0, 0, 0, 0);
  FILL(t->gain_intervention, MOST_GAINS, 0, 2, 1, 0, 0, 0, 0, 0);
  FILL(t->gain, MOST_GAINS, 1.25, -0.5, 0.5, 0, 0, 0, 0, 0);
  return t;
}

/* --- levels: against small steps of the differential equation ------------------------------
 */

static double attractor(const pfc_truth *t, int32_t person, int32_t c, double day) {
  int32_t role = -1;
  for (int64_t k = t->position_start[person]; k < t->position_start[person + 1]; k++) {
    if (t->position_from[k] <= day) role = t->position_role[k];
  }
  const double asked = role < 0 ? NAN : (double)t->required[role * N_COMPETENCIES + c];
  const double level =
      (isnan(asked) ? 0.5 : asked) - 0.3 + (double)t->aptitude[person * N_COMPETENCIES + c];
  return fmin(fmax(level, 0), 7);
}

/* By a hundred steps a day, from the first position on. */
static double slow_level(const pfc_truth *t, int32_t person, int32_t c, int32_t day) {
  enum { STEPS = 100 };
  double level = (double)t->initial[person * N_COMPETENCIES + c];
  for (int32_t d = t->position_from[t->position_start[person]]; d < day; d++) {
    const double settles = attractor(t, person, c, d);
    for (int k = 0; k < STEPS; k++) {
      const double rate = level < settles ? (double)t->growth[person] / 365.2425
                                          : log(2) / (double)t->half_life[c];
      level += rate * (settles - level) / STEPS;
    }
    for (int64_t g = t->gain_start[person]; g < t->gain_start[person + 1]; g++) {
      if (t->gain_day[g] == d + 1 && t->gain_competency[g] == c)
        level = fmin(fmax(level + (double)t->gain[g], 0), 7);
    }
  }
  return level;
}

static void levels_solve_their_equation(void **state) {
  (void)state;
  pfc_truth *t = small_truth();
  for (int32_t p = 0; p < N_PEOPLE; p++) {
    for (int32_t c = 0; c < N_COMPETENCIES; c++) {
      for (int32_t day = DAY - 1100; day <= DAY + 500; day += 97) {
        const double level = pfc_truth_level(t, p, c, day), slow = slow_level(t, p, c, day);
        if (fabs(level - slow) > 1e-3)
          fail_msg("person %d, competency %d, day %d: %.9g, small steps give %.9g", (int)p,
                   (int)c, (int)day, level, slow);
      }
    }
  }
  assert_int_equal(pfc_truth_role(t, 0, DAY - 1001), -1);
  assert_int_equal(pfc_truth_role(t, 0, DAY + 99), 0);
  assert_int_equal(pfc_truth_role(t, 0, DAY + 100), 1);
  pfc_truth_destroy(t);
}

/* --- laws: against the formulas as the documentation has them ----------------------------- */

static double sigmoid(double x) { return x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }

static double clip(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

typedef struct told {
  double taste, leisure, need, gap, short_of;
} told;

static told look(const pfc_truth *t, int32_t p, int32_t i, int32_t day) {
  told at = {.leisure = clip(log((double)t->hours[p] / (double)t->load[i]), -1.5, 1.5)};
  const int32_t role = pfc_truth_role(t, p, day);
  const int64_t n = t->target_start[i + 1] - t->target_start[i];
  for (int f = 0; f < 4; f++)
    at.taste += (double)t->taste[4 * p + f] * (double)t->pull[4 * i + f];
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
    const int32_t c = t->target_competency[k];
    const double level = pfc_truth_level(t, p, c, day), to = (double)t->target_to[k];
    const double asked = role < 0 ? NAN : (double)t->required[role * N_COMPETENCIES + c];
    if (!isnan(asked)) at.need += clip(fmin(to, asked) - level, 0, 3) / (double)n;
    at.gap += clip(to - level, -1, 4) / (double)n;
    at.short_of = fmax(at.short_of, (double)t->target_from[k] - level);
  }
  return at;
}

static double expected_success(const pfc_truth *t, int32_t p, int32_t i, int32_t day) {
  const told at = look(t, p, i, day);
  double eta = 0.9 + (double)t->ease[i] + 0.7 * (double)t->ability[p] +
               0.4 * (double)t->diligence[p] - 0.5 * (at.gap - 1) + 0.4 * at.taste -
               0.5 * t->bias * t->group[p];
  if (day >= t->drift_on && t->drift_on != PFC_NO_DATE) eta -= 0.7;
  if (!t->hard) return sigmoid(eta);
  eta += 0.5 * (double)t->motivation[p] +
         0.3 * (double)t->ability[p] * (double)t->diligence[p] - (at.short_of > 0.5 ? 1.5 : 0);
  return 0.5 + atan(eta) / 3.14159265358979323846;
}

static double expected_accept(const pfc_truth *t, int32_t p, int32_t i, int32_t day) {
  const told at = look(t, p, i, day);
  const bool drifted = t->drift_on != PFC_NO_DATE && day >= t->drift_on;
  return sigmoid((double)t->appeal[i] + at.taste + 0.45 * at.need + 0.3 * at.leisure -
                 0.5 * drifted + 0.6 * t->hard * (double)t->motivation[p]);
}

static double expected_drop(const pfc_truth *t, int32_t p, int32_t i, int32_t day) {
  const double q =
      sigmoid((double)t->sway[i] - 0.5 * (double)t->diligence[p] -
              0.3 * look(t, p, i, day).leisure - 0.4 * t->hard * (double)t->motivation[p]);
  return (1 - expected_success(t, p, i, day)) * q;
}

static double expected_hazard(const pfc_truth *t, int32_t p, int32_t i, int64_t k, int32_t day,
                              int d) {
  static const int TO[] = {14, 30, 60, 90, 120, 180, 270, 360, 720};
  static const double LOGIT[] = {-6, -4.8, -4, -3.7, -3.6, -3.8, -4.2, -4.6, -5.2};
  int bin = 0;
  while (d > TO[bin]) bin++;
  const double level = pfc_truth_level(t, p, t->target_competency[k], day);
  const double gap = clip((double)t->target_to[k] - level, -1, 4) - 1;
  const bool drifted = t->drift_on != PFC_NO_DATE && day >= t->drift_on;
  double eta = LOGIT[bin] - 0.9 * log((double)t->days[i] / 56) +
               0.3 * look(t, p, i, day).leisure - 0.3 * t->bias * t->group[p] - 0.4 * drifted;
  eta -= 0.45 * gap * (t->hard ? 2 * exp(-d / 90.0) : 1);
  if (!t->hard || d > 60) eta += 0.3 * (double)t->ability[p];
  return sigmoid(eta);
}

static void check_laws(const pfc_truth *t) {
  double hazard[PFC_TRUTH_DAYS];
  for (int32_t p = 0; p < N_PEOPLE; p++) {
    for (int32_t i = 0; i < N_INTERVENTIONS; i++) {
      for (int32_t day = DAY - 40; day < DAY + 300; day += 111) {
        const int64_t k = t->target_start[i + 1] - 1;
        assert_near(pfc_truth_accept(t, p, i, day), expected_accept(t, p, i, day), 1e-9);
        assert_near(pfc_truth_success(t, p, i, day), expected_success(t, p, i, day), 1e-9);
        assert_near(pfc_truth_drop(t, p, i, day), expected_drop(t, p, i, day), 1e-9);
        pfc_truth_hazard(t, p, i, k, day, PFC_TRUTH_DAYS, hazard);
        for (int d = 1; d <= PFC_TRUTH_DAYS; d++)
          assert_near(hazard[d - 1], expected_hazard(t, p, i, k, day, d), 1e-9);
      }
    }
  }
}

static void laws_are_the_formulas(void **state) {
  (void)state;
  pfc_truth *t = small_truth();
  check_laws(t);
  t->bias = 0.8;
  t->drift_on = DAY;
  check_laws(t);
  t->hard = 1;
  check_laws(t);
  pfc_truth_destroy(t);
}

/* --- with and without: against all that may happen, one after the other --------------------
 */

/* A copy in which person p's gains end with `day`, and one more may follow. */
static void only_gains_until(pfc_truth *t, int32_t p, int32_t day) {
  assert_int_equal(p, 0);
  int64_t n = t->gain_start[1];
  while (n > 0 && t->gain_day[n - 1] > day) n--;
  t->gain_start[1] = t->gain_start[2] = t->gain_start[3] = n;
}

static void add_gain(pfc_truth *t, int32_t day, int32_t competency, double gain) {
  const int64_t n = t->gain_start[1];
  t->gain_day[n] = day;
  t->gain_competency[n] = competency;
  t->gain[n] = (float)gain;
  t->gain_start[1] = t->gain_start[2] = t->gain_start[3] = n + 1;
}

/* Is the target held on some day of the horizon? */
static bool reaches(const pfc_truth *t, int32_t c, double to, int32_t day, int32_t horizon) {
  for (int32_t d = 0; d <= horizon; d++) {
    if (pfc_truth_level(t, 0, c, day + d) >= to) return true;
  }
  return false;
}

static void check_with(int32_t i, int64_t k, int32_t day, int32_t horizon) {
  double hazard[PFC_TRUTH_DAYS], level = 0, reach = 0, mass = 0;
  pfc_truth *t = small_truth(), *with = small_truth();
  only_gains_until(with, 0, day);
  const int32_t c = t->target_competency[k];
  const double to = (double)t->target_to[k],
               without = pfc_truth_level(with, 0, c, day + horizon);
  const bool reached = reaches(with, c, to, day, horizon);
  double waiting = pfc_truth_success(t, 0, i, day);
  pfc_truth_hazard(t, 0, i, k, day, horizon, hazard);
  for (int32_t d = 1; d <= horizon; d++) {
    const double here = pfc_truth_level(with, 0, c, day + d), effect = (double)t->effect[i];
    const int64_t n = with->gain_start[1];
    add_gain(with, day + d, c, effect < 0 ? effect : effect * fmax(0, to + 0.2 - here));
    const double p = waiting * hazard[d - 1];
    level += p * pfc_truth_level(with, 0, c, day + horizon);
    reach += p * reaches(with, c, to, day, horizon);
    mass += p;
    waiting -= p;
    with->gain_start[1] = with->gain_start[2] = with->gain_start[3] = n;
  }
  assert_near(pfc_truth_level_without(t, 0, k, day, horizon), without, 1e-9);
  assert_near(pfc_truth_reach_without(t, 0, k, day, horizon), reached, 1e-9);
  assert_near(pfc_truth_level_with(t, 0, i, k, day, horizon), level + (1 - mass) * without,
              1e-6);
  assert_near(pfc_truth_reach_with(t, 0, i, k, day, horizon), reach + (1 - mass) * reached,
              1e-6);
  pfc_truth_destroy(t);
  pfc_truth_destroy(with);
}

static void with_and_without_are_what_may_happen(void **state) {
  (void)state;
  for (int32_t day = DAY - 120; day <= DAY + 120; day += 80) {
    check_with(0, 0, day, 90);
    check_with(0, 1, day, 30);
    check_with(1, 2, day, 150);
    check_with(2, 3, day, 60);
  }
}

/* The same for what is lacked: by the role held at the end, with the gains of each day on which
 * the lesson may arrive put into a copy. */
static void check_shortfall(const pfc_truth *t, pfc_truth_outlook *o, int32_t i, int64_t k,
                            int32_t day, int32_t horizon) {
  double hazard[PFC_TRUTH_DAYS], with = 0, mass = 0;
  pfc_truth *copy = small_truth();
  copy->hard = t->hard;
  only_gains_until(copy, 0, day);
  const int32_t c = t->target_competency[k], role = pfc_truth_role(t, 0, day + horizon);
  const double required = (double)t->required[role * N_COMPETENCIES + c];
  const double level = pfc_truth_level(copy, 0, c, day + horizon);
  const double without = isnan(required) ? 0 : fmax(0, required - level);
  double waiting = pfc_truth_success(t, 0, i, day);
  pfc_truth_hazard(t, 0, i, k, day, horizon, hazard);
  for (int32_t d = 1; d <= horizon; d++) {
    const double here = pfc_truth_level(copy, 0, c, day + d), effect = (double)t->effect[i];
    const int64_t n = copy->gain_start[1];
    add_gain(copy, day + d, c,
             effect < 0 ? effect : effect * fmax(0, (double)t->target_to[k] + 0.2 - here));
    const double p = waiting * hazard[d - 1];
    if (!isnan(required))
      with += p * fmax(0, required - pfc_truth_level(copy, 0, c, day + horizon));
    mass += p;
    waiting -= p;
    copy->gain_start[1] = copy->gain_start[2] = copy->gain_start[3] = n;
  }
  assert_int_equal(pfc_truth_outlook_role(o), role);
  assert_near(pfc_truth_outlook_without(o, c), without, 1e-9);
  assert_near(pfc_truth_outlook_with(o, i, k), with + (1 - mass) * without, 1e-6);
  pfc_truth_destroy(copy);
}

static void shortfalls_are_what_may_happen(void **state) {
  (void)state;
  static const int32_t HORIZON[] = {1, 30, 200, 365, PFC_TRUTH_DAYS};
  pfc_truth *t = small_truth();
  t->drift_on = PFC_NO_DATE;
  for (int32_t day = DAY - 120; day <= DAY + 120; day += 80) {
    for (int h = 0; h < 5; h++) {
      t->hard = h % 2;
      pfc_truth_outlook *o = NULL;
      assert_ok(pfc_truth_outlook_create(t, day, HORIZON[h], &o, &err));
      pfc_truth_outlook_of(o, 1); /* nothing of somebody else stays */
      (void)pfc_truth_outlook_with(o, 0, 0);
      pfc_truth_outlook_of(o, 0);
      for (int32_t i = 0; i < N_INTERVENTIONS; i++)
        for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++)
          check_shortfall(t, o, i, k, day, HORIZON[h]);
      pfc_truth_outlook_destroy(o);
    }
  }
  pfc_truth_destroy(t);
}

static pfc_status create_outlook(void *user) {
  pfc_truth_outlook *o = NULL;
  const pfc_status st = pfc_truth_outlook_create(user, DAY, 30, &o, NULL);
  pfc_truth_outlook_destroy(o);
  return st;
}

static void outlooks_need_memory_and_days(void **state) {
  (void)state;
  pfc_truth *t = small_truth();
  pfc_truth_outlook *o = NULL;
  assert_true(count_down(create_outlook, t) > 3);
  assert_fails(pfc_truth_outlook_create(t, DAY, 0, &o, &err), PFC_EUSAGE, "1 to 720");
  assert_fails(pfc_truth_outlook_create(t, DAY, 721, &o, &err), PFC_EUSAGE, "721");
  assert_null(o);
  pfc_truth_destroy(t);
}

static void what_teaches_nothing_changes_nothing(void **state) {
  (void)state;
  pfc_truth *t = small_truth();
  assert_near(pfc_truth_level_with(t, 0, 1, 2, DAY, 365),
              pfc_truth_level_without(t, 0, 2, DAY, 365), 1e-12);
  assert_true(pfc_truth_level_with(t, 1, 0, 0, DAY, 180) >
              pfc_truth_level_without(t, 1, 0, DAY, 180) + 0.05);
  assert_true(pfc_truth_level_with(t, 1, 2, 3, DAY, 365) <
              pfc_truth_level_without(t, 1, 3, DAY, 365));
  pfc_truth_destroy(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_solve_their_equation),
      cmocka_unit_test(laws_are_the_formulas),
      cmocka_unit_test(with_and_without_are_what_may_happen),
      cmocka_unit_test(shortfalls_are_what_may_happen),
      cmocka_unit_test(outlooks_need_memory_and_days),
      cmocka_unit_test(what_teaches_nothing_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
