// labels: property check
/* Simulated people: no contradictions, managers who are there and lead up to one person, exits,
 * promotions and moves at the rates of their laws; the same for any number of threads. Each
 * statistic would be refused by chance with probability 1e-4, had the seed been drawn; it is
 * fixed. */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "datasets/simulate_people_internal.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/workforce.h"

/* --- positions -----------------------------------------------------------------------------
 */

typedef struct positions {
  const int32_t *person, *from, *to, *role, *unit, *manager, *reason;
} positions;

static positions positions_of(const pfc__sim *s) {
  const pfc_dataset *ds = s->ds;
  return (positions){
      pfc_dataset_codes(ds, PFC_POSITIONS, "person_id"),
      pfc_dataset_dates(ds, PFC_POSITIONS, "from"),
      pfc_dataset_dates(ds, PFC_POSITIONS, "to"),
      pfc_dataset_codes(ds, PFC_POSITIONS, "role_id"),
      pfc_dataset_codes(ds, PFC_POSITIONS, "unit_id"),
      pfc_dataset_codes(ds, PFC_POSITIONS, "manager_id"),
      pfc_dataset_codes(ds, PFC_POSITIONS, "reason"),
  };
}

static void assert_step(const pfc__sim *s, const positions *x, int64_t k) {
  const int32_t role = x->role[k], before = x->role[k - 1];
  const int32_t *family = s->role_family, *zone = s->role_zone;
  assert_int_equal(x->from[k], x->to[k - 1] + 1);
  switch (x->reason[k]) {
    case PFC__SIM_PROMOTION:
      assert_int_equal(family[role], family[before]);
      assert_true(zone[role] > zone[before]);
      assert_int_equal(x->unit[k], x->unit[k - 1]);
      break;
    case PFC__SIM_MOVE:
      assert_int_not_equal(x->unit[k], x->unit[k - 1]);
      assert_true(role == before || family[role] != family[before]);
      break;
    default:
      assert_int_equal(x->reason[k], PFC__SIM_MANAGER);
      assert_int_equal(role, before);
      assert_int_equal(x->unit[k], x->unit[k - 1]);
      assert_int_not_equal(x->manager[k], x->manager[k - 1]);
  }
}

/* One after another without a gap, from the first day to the last; truth and table agree. */
static void assert_positions(const pfc__sim *s) {
  const pfc_truth *t = s->truth;
  const positions x = positions_of(s);
  assert_int_equal(s->ds->tables[PFC_POSITIONS].n_rows, t->position_start[t->n_people]);
  for (int32_t p = 0; p < t->n_people; p++) {
    const int64_t first = t->position_start[p], end = t->position_start[p + 1];
    assert_true(end > first);
    assert_int_equal(x.from[first], s->hired_on[p]);
    assert_int_equal(x.to[end - 1], t->left_on[p]);
    assert_int_equal(x.reason[first], PFC__SIM_HIRE);
    for (int64_t k = first; k < end; k++) {
      assert_int_equal(x.person[k], p);
      assert_int_equal(t->position_from[k], x.from[k]);
      assert_int_equal(t->position_role[k], x.role[k]);
      assert_int_equal(s->position_unit[k], x.unit[k]);
      assert_int_equal(s->position_manager[k], x.manager[k]);
      assert_true(x.from[k] <= t->last_day && (x.to[k] == PFC_NO_DATE || x.to[k] >= x.from[k]));
      if (k > first) assert_step(s, &x, k);
    }
  }
}

/* --- managers ------------------------------------------------------------------------------
 */

/* Whoever manages is there for as long as the position lasts. */
static void assert_managers_are_there(const pfc__sim *s) {
  const pfc_truth *t = s->truth;
  const positions x = positions_of(s);
  for (int64_t k = 0; k < t->position_start[t->n_people]; k++) {
    const int32_t m = x.manager[k];
    if (m < 0) continue;
    const int32_t to = x.to[k] == PFC_NO_DATE ? t->last_day : x.to[k];
    assert_int_not_equal(m, x.person[k]);
    assert_true(s->hired_on[m] <= x.from[k]);
    assert_true(t->left_on[m] == PFC_NO_DATE || t->left_on[m] >= to);
  }
}

/* On that day everybody's managers lead up to the same one, who has none, through at most two
 * others; all of a unit but its head report to its head. */
static void assert_tree(const pfc__sim *s, int32_t day, int32_t *head) {
  const pfc_truth *t = s->truth;
  const int32_t n_units = pfc_dataset_count(s->ds, "unit");
  int32_t top = -1;
  for (int32_t u = 0; u < n_units; u++) head[u] = -1;
  for (int32_t p = 0; p < t->n_people; p++) {
    const int64_t k = pfc__sim_position(s, p, day);
    if (k < 0) continue;
    int steps = 0;
    int32_t at = p;
    for (int64_t up = k; s->position_manager[up] >= 0; steps++) {
      assert_true(steps < 3);
      at = s->position_manager[up];
      up = pfc__sim_position(s, at, day);
      assert_true(up >= 0);
    }
    if (top < 0) top = at;
    assert_int_equal(at, top);
    const int32_t m = s->position_manager[k], unit = s->position_unit[k];
    const int64_t of_manager = m < 0 ? -1 : pfc__sim_position(s, m, day);
    if (of_manager < 0 || s->position_unit[of_manager] != unit) continue;
    if (head[unit] < 0) head[unit] = m;
    assert_int_equal(m, head[unit]);
  }
}

static void assert_managers(const pfc__sim *s) {
  int32_t *head = pfc_alloc_array((size_t)pfc_dataset_count(s->ds, "unit"), sizeof *head);
  assert_managers_are_there(s);
  for (int32_t day = s->truth->first_day; day <= s->truth->last_day; day += 13)
    assert_tree(s, day, head);
  assert_tree(s, s->truth->last_day, head);
  pfc_free(head);
}

/* --- table people --------------------------------------------------------------------------
 */

static void assert_people(const pfc__sim *s) {
  const pfc_truth *t = s->truth;
  const int32_t *goal = pfc_dataset_codes(s->ds, PFC_PEOPLE, "goal_role_id");
  const int32_t *role = pfc_dataset_codes(s->ds, PFC_PEOPLE, "role_id");
  const int32_t *manager = pfc_dataset_codes(s->ds, PFC_PEOPLE, "manager_id");
  const int32_t *left = pfc_dataset_dates(s->ds, PFC_PEOPLE, "left_on");
  const double *hours = pfc_dataset_reals(s->ds, PFC_PEOPLE, "hours_per_week");
  const int32_t *group = pfc_dataset_codes(s->ds, PFC_PROTECTED, "group");
  assert_string_equal(pfc_dict_text(pfc_dataset_find_dict(s->ds, "person"), 0), "P000001");
  assert_string_equal(pfc_dict_text(t->people, t->n_people - 1),
                      pfc_dict_text(pfc_dataset_find_dict(s->ds, "person"), t->n_people - 1));
  for (int32_t p = 0; p < t->n_people; p++) {
    assert_int_equal(role[p], t->position_role[t->position_start[p + 1] - 1]);
    assert_int_equal(left[p], t->left_on[p]);
    assert_true(left[p] == PFC_NO_DATE ||
                (left[p] > s->hired_on[p] && left[p] > t->first_day && left[p] < t->last_day));
    assert_true(s->hired_on[p] <= t->last_day);
    assert_true(s->hired_on[p] > t->first_day - 15 * 366);
    if (manager[p] >= 0) assert_int_equal(left[manager[p]], PFC_NO_DATE);
    if (goal[p] >= 0) assert_int_equal(s->role_family[goal[p]], s->role_family[role[p]]);
    if (goal[p] >= 0) assert_true(s->role_zone[goal[p]] > s->role_zone[role[p]]);
    assert_true(hours[p] >= 0.5 && 2 * hours[p] == floor(2 * hours[p]));
    assert_true(fabs(hours[p] - (double)t->hours[p]) <= 0.25 || hours[p] == 0.5);
    assert_string_equal(
        pfc_dict_text(pfc_dataset_find_dict(s->ds, "protected.group"), group[p]),
        t->group[p] ? "b" : "a");
  }
}

static void organisations_have_no_contradictions(void **state) {
  (void)state;
  static const char *const RULES[] = {"person_left_before_hire", "person_role_disagrees",
                                      "person_unit_disagrees",   "position_two_roles",
                                      "position_after_leaving",  NULL};
  static const char *const NONE[] = {NULL};
  const uint64_t seed = test_seed(1);
  for (int k = 0; k < 12; k++) {
    const int32_t sizes[] = {20, 60, 400, 3000};
    pfc_simulate_settings set = workforce_settings(seed + (uint64_t)k, sizes[k % 4], k % 2);
    set.n_months = k < 4 ? 3 : k < 8 ? 36 : 120;
    pfc__sim s = workforce_drawn(&set);
    /* Nobody may leave in three months of twenty people: then rules have nothing to ask. */
    workforce_is_sound(&s, set.n_people > 60 ? RULES : NONE);
    assert_positions(&s);
    assert_managers(&s);
    assert_people(&s);
    workforce_clear(&s);
  }
}

/* --- rates ---------------------------------------------------------------------------------
 */

/* By the law as documented: probability of leaving on a day of that tenure. */
static double exit_law(const pfc_truth *t, int32_t p, int32_t tenure) {
  double eta = -4.4 - 0.25 * (double)t->ability[p];
  if (tenure < 365) eta += 0.7;
  if (t->hard) eta -= 0.8 * (double)t->motivation[p];
  return 1 - pow(1 - 1 / (1 + exp(-eta)), 12 / 365.2425);
}

static int third(double z) { return z < -0.43 ? 0 : z < 0.43 ? 1 : 2; }

/* Exits counted against the sum of the hazards of all days at risk, whose difference has the
 * sum of h (1 - h) for a variance: chi-square over strata of tenure, ability, motivation. */
static void exits_follow_their_hazard(void **state) {
  (void)state;
  for (int hard = 0; hard < 2; hard++) {
    const pfc_simulate_settings set = workforce_settings(test_seed(2), 20000, hard);
    pfc__sim s = workforce_drawn(&set);
    const pfc_truth *t = s.truth;
    double seen[18] = {0}, due[18] = {0}, spread[18] = {0}, chi = 0;
    for (int32_t p = 0; p < t->n_people; p++) {
      const int32_t begin = s.hired_on[p] > t->first_day ? s.hired_on[p] : t->first_day;
      const int32_t left = t->left_on[p], end = left == PFC_NO_DATE ? t->last_day - 1 : left;
      const int who = 3 * third((double)t->ability[p]) + third((double)t->motivation[p]);
      const double law[2] = {exit_law(t, p, 0), exit_law(t, p, 365)};
      for (int32_t day = begin + 1; day <= end; day++) {
        const int is_old = day - s.hired_on[p] >= 365, cell = 9 * is_old + who;
        due[cell] += law[is_old];
        spread[cell] += law[is_old] * (1 - law[is_old]);
        seen[cell] += day == left;
      }
    }
    for (int k = 0; k < 18; k++) chi += pow(seen[k] - due[k], 2) / spread[k];
    if (!(chi < 48.9)) /* chi-square, 18 degrees of freedom, 1e-4 */
      fail_msg("exits, %s laws: chi-square %.1f", hard ? "hard" : "plain", chi);
    workforce_clear(&s);
  }
}

static bool may_be_promoted(const pfc__sim *s, int32_t role) {
  for (int32_t r = 0; r < s->truth->n_roles; r++)
    if (s->role_family[r] == s->role_family[role] && s->role_zone[r] > s->role_zone[role])
      return true;
  return false;
}

/* Promotions and moves against years at risk: those from 90 days after the last change on. */
static void changes_follow_their_rates(void **state) {
  (void)state;
  const pfc_simulate_settings set = workforce_settings(test_seed(3), 20000, false);
  pfc__sim s = workforce_drawn(&set);
  const pfc_truth *t = s.truth;
  const positions x = positions_of(&s);
  double promotions = 0, moves = 0, due_promotions = 0, due_moves = 0, others = 0;
  for (int32_t p = 0; p < t->n_people; p++) {
    int64_t begin = t->position_start[p];
    for (int64_t k = begin; k < t->position_start[p + 1]; k++) {
      const bool is_last = k + 1 == t->position_start[p + 1];
      if (!is_last && x.reason[k + 1] == PFC__SIM_MANAGER) continue;
      const int32_t from = x.from[begin] > t->first_day ? x.from[begin] : t->first_day;
      const int32_t left = t->left_on[p];
      const int32_t last = left == PFC_NO_DATE ? t->last_day + 1 : left;
      const int32_t end = is_last ? last : x.from[k + 1];
      const double years = fmax(0, end - (from + 90)) / 365.2425;
      if (!is_last) assert_true(end >= from + 90);
      due_moves += 0.08 * years;
      if (may_be_promoted(&s, x.role[k])) due_promotions += 0.06 * years;
      if (is_last) break;
      begin = k + 1;
      promotions += x.reason[k + 1] == PFC__SIM_PROMOTION;
      moves += x.reason[k + 1] == PFC__SIM_MOVE;
      others += s.role_family[x.role[k]] != s.role_family[x.role[k + 1]];
    }
  }
  workforce_z("promotions", (promotions - due_promotions) / sqrt(due_promotions));
  workforce_z("moves", (moves - due_moves) / sqrt(due_moves));
  workforce_z("moves to another family", (others - 0.3 * moves) / sqrt(0.3 * 0.7 * moves));
  workforce_clear(&s);
}

/* --- the same again ------------------------------------------------------------------------
 */

static void assert_same_floats(const float *a, const float *b, int64_t n) {
  assert_memory_equal(a, b, (size_t)n * sizeof *a);
}

static void assert_same_truth(const pfc_truth *a, const pfc_truth *b, int32_t n) {
  const int64_t cells = (int64_t)n * a->n_competencies;
  assert_same_floats(a->ability, b->ability, n);
  assert_same_floats(a->diligence, b->diligence, n);
  assert_same_floats(a->motivation, b->motivation, n);
  assert_same_floats(a->growth, b->growth, n);
  assert_same_floats(a->hours, b->hours, n);
  assert_same_floats(a->offers, b->offers, n);
  assert_same_floats(a->taste, b->taste, (int64_t)n * PFC_TRUTH_TASTES);
  assert_same_floats(a->aptitude, b->aptitude, cells);
  assert_memory_equal(a->group, b->group, (size_t)n);
  assert_memory_equal(a->left_on, b->left_on, (size_t)n * sizeof *a->left_on);
}

static void threads_change_nothing(void **state) {
  (void)state;
  const pfc_simulate_settings set = workforce_settings(test_seed(7), 2000, true);
  assert_ok(pfc_par_init(1, &err));
  pfc__sim one = workforce_drawn(&set);
  assert_ok(pfc_par_init(2, &err));
  pfc__sim two = workforce_drawn(&set);
  test_dataset_equal(one.ds, two.ds, true);
  assert_same_truth(one.truth, two.truth, set.n_people);
  assert_same_floats(one.truth->initial, two.truth->initial,
                     (int64_t)set.n_people * WORKFORCE_COMPETENCIES);
  workforce_clear(&one);
  workforce_clear(&two);
}

/* More people do not change the others; another seed does. */
static void people_are_drawn_by_their_own_streams(void **state) {
  (void)state;
  pfc_simulate_settings set = workforce_settings(test_seed(8), 500, false);
  pfc__sim few = workforce_drawn(&set);
  pfc_simulate_settings more = set, other = set;
  more.n_people = 700;
  other.seed++;
  pfc__sim many = workforce_drawn(&more), others = workforce_drawn(&other);
  assert_same_truth(few.truth, many.truth, set.n_people);
  assert_memory_equal(few.hired_on, many.hired_on, sizeof(int32_t) * 500);
  assert_memory_not_equal(few.truth->ability, others.truth->ability, sizeof(float) * 500);
  workforce_clear(&few);
  workforce_clear(&many);
  workforce_clear(&others);
}

static pfc_status draw(void *user) {
  pfc__sim s;
  const pfc_status st = workforce_people(&s, user, NULL);
  workforce_clear(&s);
  return st;
}

static void memory_may_be_short(void **state) {
  (void)state;
  pfc_simulate_settings set = workforce_settings(1, 50, false);
  assert_true(count_down(draw, &set) > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(organisations_have_no_contradictions),
      cmocka_unit_test(exits_follow_their_hazard),
      cmocka_unit_test(changes_follow_their_rates),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(people_are_drawn_by_their_own_streams),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
