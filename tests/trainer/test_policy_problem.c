// labels: property check
/* One day's decisions: rules against a scan of the tables, worths against the laws, who takes
 * part, and truths that belong to somebody else. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "datasets/catalogue.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/organisation.h"
#include "trainer/policy.h"

enum { HORIZON = 200 };

static pfc_dataset *frame;

static int32_t middle(const pfc_truth *t) { return (t->first_day + t->last_day) / 2 + 60; }

static pfc_policy_problem *create(const test_organisation *o, int32_t max_people,
                                  uint64_t seed) {
  pfc_policy_problem *q = NULL;
  assert_ok(pfc_policy_problem_create(o->ds, o->truth, middle(o->truth), HORIZON, max_people,
                                      seed, &q, &err));
  return q;
}

/* --- rules, by scans -----------------------------------------------------------------------
 */

/* Codes of a simulated dataset are rows of its tables, as the truth's are. */
typedef struct scan {
  const pfc_dataset *ds;
  const pfc_truth *t;
  const pfc_catalogue *cat;
  int32_t day;
} scan;

static bool has_status(const scan *s, int64_t row, const char *word) {
  const pfc_column *status = pfc_dataset_column(s->ds, PFC_ENROLMENTS, "status");
  return strcmp(pfc_dict_text(status->dict, status->code[row]), word) == 0;
}

/* Walks through the person's enrolments that began before the day. Returns how many are under
 * way; *passed, *covered, *running of one intervention. */
static int scan_enrolments(const scan *s, int32_t p, int32_t i, bool *passed, bool *covered,
                           bool *running) {
  const int32_t *person = pfc_dataset_codes(s->ds, PFC_ENROLMENTS, "person_id");
  const int32_t *item = pfc_dataset_codes(s->ds, PFC_ENROLMENTS, "intervention_id");
  const int32_t *start = pfc_dataset_dates(s->ds, PFC_ENROLMENTS, "started_on");
  const int32_t *end = pfc_dataset_dates(s->ds, PFC_ENROLMENTS, "ended_on");
  int n = 0;
  *passed = *covered = *running = false;
  for (int64_t k = 0; k < s->ds->tables[PFC_ENROLMENTS].n_rows; k++) {
    if (person[k] != p || start[k] == PFC_NO_DATE || start[k] >= s->day) continue;
    const bool done = end[k] != PFC_NO_DATE && end[k] < s->day;
    n += !done;
    *running |= !done && item[k] == i;
    if (!done || !has_status(s, k, "passed")) continue;
    *passed |= item[k] == i;
    *covered |= pfc_catalogue_covers(s->cat, item[k], i);
  }
  return n;
}

static bool has_passed(const scan *s, int32_t p, int32_t i) {
  bool passed, covered, running;
  (void)scan_enrolments(s, p, i, &passed, &covered, &running);
  return passed;
}

/* Rows of eligibility or mandates about i: 0 none, 1 some but not for the role, 2 for it. */
static int scan_roles(const scan *s, pfc_table_id table, int32_t i, int32_t role) {
  const int32_t *item = pfc_dataset_codes(s->ds, table, "intervention_id");
  const int32_t *of = pfc_dataset_codes(s->ds, table, "role_id");
  int found = 0;
  for (int64_t k = 0; item && k < s->ds->tables[table].n_rows; k++) {
    if (item[k] != i) continue;
    if (of[k] < 0 || of[k] == role) return 2;
    found = 1;
  }
  return found;
}

static bool is_ready(const scan *s, int32_t p, int32_t i) {
  const pfc_table_id table = PFC_PREREQUISITES;
  const int32_t *item = pfc_dataset_codes(s->ds, table, "intervention_id");
  const int32_t *before = pfc_dataset_codes(s->ds, table, "requires_intervention_id");
  const int32_t *competency = pfc_dataset_codes(s->ds, table, "requires_competency_id");
  const double *level = pfc_dataset_reals(s->ds, table, "requires_level");
  for (int64_t k = 0; item && k < s->ds->tables[table].n_rows; k++) {
    if (item[k] != i) continue;
    if (before[k] >= 0 && !has_passed(s, p, before[k])) return false;
    if (competency[k] >= 0 && pfc_truth_level(s->t, p, competency[k], s->day) < level[k])
      return false;
  }
  return true;
}

static bool is_allowed(const scan *s, int32_t p, int32_t i) {
  bool passed, covered, running;
  const int32_t role = pfc_truth_role(s->t, p, s->day);
  const int under_way = scan_enrolments(s, p, i, &passed, &covered, &running);
  return under_way < 3 && !running && !covered && pfc_catalogue_is_open(s->cat, i, s->day) &&
         s->t->load[i] <= s->t->hours[p] && scan_roles(s, PFC_ELIGIBILITY, i, role) != 1 &&
         scan_roles(s, PFC_MANDATES, i, role) != 2 && is_ready(s, p, i);
}

/* --- worths, by the laws --------------------------------------------------------------------
 */

static void check_worth(const scan *s, const pfc_policy_problem *q, int32_t row, int32_t i) {
  const pfc_truth *t = s->t;
  const int32_t p = q->person[row], role = pfc_truth_role(t, p, s->day + HORIZON);
  const double criticality = pfc_dataset_reals(s->ds, PFC_ROLES, "criticality")[role];
  const double accept = pfc_truth_accept(t, p, i, s->day);
  const int64_t at = (int64_t)row * q->n_items + i;
  double worth = 0, effect = 0;
  pfc_truth_outlook *o = NULL;
  assert_ok(pfc_truth_outlook_create(t, s->day, HORIZON, &o, &err));
  pfc_truth_outlook_of(o, p);
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
    const int32_t c = t->target_competency[k];
    const int64_t cell = (int64_t)role * t->n_competencies + c;
    if (isnan(t->required[cell])) continue;
    const double less = pfc_truth_outlook_without(o, c) - pfc_truth_outlook_with(o, i, k);
    effect += less;
    worth += accept * (double)t->importance[cell] * criticality * less;
  }
  assert_near((double)q->effect[at], effect, 1e-6);
  assert_near((double)q->worth[at], worth, 1e-6);
  assert_near((double)q->hours[at],
              accept * pfc_dataset_reals(s->ds, PFC_INTERVENTIONS, "hours")[i], 1e-4);
  pfc_truth_outlook_destroy(o);
}

static void rules_and_worths_are_those_of_the_organisation(void **state) {
  (void)state;
  const pfc_simulate_settings settings = test_simulate_settings(150, 60, test_seed(3));
  test_organisation org = test_simulate(frame, &settings);
  pfc_policy_problem *q = create(&org, 0, 1);
  scan s = {.ds = org.ds, .t = org.truth, .day = middle(org.truth)};
  pfc_catalogue *cat = NULL;
  assert_ok(pfc_catalogue_create(org.ds, &cat, &err));
  s.cat = cat;
  int64_t n = 0, n_worth = 0;
  int32_t row = 0;
  for (int32_t p = 0; p < org.truth->n_people; p++) {
    const bool there = pfc_truth_role(org.truth, p, s.day) >= 0 &&
                       (org.truth->left_on[p] == PFC_NO_DATE || org.truth->left_on[p] > s.day);
    if (!there) continue;
    assert_true(row < q->n_people);
    assert_int_equal(q->person[row], p);
    for (int32_t i = 0; i < q->n_items; i++) {
      const int64_t at = (int64_t)row * q->n_items + i;
      if (q->allowed[at] != is_allowed(&s, p, i))
        fail_msg("person %d, intervention %d: allowed is %d", (int)p, (int)i, q->allowed[at]);
      if (q->allowed[at] && n++ % 7 == 0) check_worth(&s, q, row, i);
      n_worth += q->worth[at] != 0;
      if (!q->allowed[at]) assert_true(q->worth[at] == 0);
    }
    row++;
  }
  assert_int_equal(row, q->n_people);
  assert_true(n > 500 && n_worth > 200);
  const pfc_column *seats = pfc_dataset_column(org.ds, PFC_INTERVENTIONS, "seats");
  for (int32_t i = 0; i < q->n_items; i++)
    assert_int_equal(q->seats[i], pfc_column_missing(seats, i) ? INT32_MAX : seats->i32[i]);
  pfc_catalogue_destroy(cat);
  pfc_policy_problem_destroy(q);
  test_organisation_clear(&org);
}

/* --- who takes part -------------------------------------------------------------------------
 */

static int64_t row_of(const pfc_policy_problem *q, int32_t person) {
  for (int32_t p = 0; p < q->n_people; p++)
    if (q->person[p] == person) return p;
  return -1;
}

static void some_of_them_have_fewer_seats(void **state) {
  (void)state;
  const pfc_simulate_settings settings = test_simulate_settings(80, 40, 5);
  test_organisation org = test_simulate(frame, &settings);
  pfc_policy_problem *all = create(&org, 0, 1), *some = create(&org, 30, 1),
                     *same = create(&org, 30, 1), *others = create(&org, 30, 2);
  assert_true(all->n_people > 40);
  assert_int_equal(some->n_people, 30);
  assert_memory_equal(some->person, same->person, 30 * sizeof *some->person);
  assert_memory_not_equal(some->person, others->person, 30 * sizeof *some->person);
  for (int32_t p = 0; p < 30; p++) {
    const int64_t row = row_of(all, some->person[p]);
    assert_true(row >= 0);
    assert_memory_equal(some->worth + (int64_t)p * some->n_items,
                        all->worth + row * all->n_items,
                        (size_t)all->n_items * sizeof *all->worth);
  }
  for (int32_t i = 0; i < all->n_items; i++) {
    if (all->seats[i] == INT32_MAX) {
      assert_int_equal(some->seats[i], INT32_MAX);
    } else {
      const double cut = all->seats[i] * 30.0 / all->n_people;
      assert_true(some->seats[i] >= 1 && fabs(some->seats[i] - fmax(cut, 1)) <= 0.5);
    }
  }
  pfc_policy_problem_destroy(all);
  pfc_policy_problem_destroy(some);
  pfc_policy_problem_destroy(same);
  pfc_policy_problem_destroy(others);
  test_organisation_clear(&org);
}

static void threads_change_nothing(void **state) {
  (void)state;
  const pfc_simulate_settings settings = test_simulate_settings(60, 40, 7);
  test_organisation org = test_simulate(frame, &settings);
  omp_set_num_threads(1);
  pfc_policy_problem *one = create(&org, 0, 1);
  omp_set_num_threads(3);
  pfc_policy_problem *three = create(&org, 0, 1);
  omp_set_num_threads(2);
  const size_t pairs = (size_t)one->n_people * (size_t)one->n_items;
  assert_memory_equal(one->allowed, three->allowed, pairs);
  assert_memory_equal(one->worth, three->worth, pairs * sizeof *one->worth);
  assert_memory_equal(one->hours, three->hours, pairs * sizeof *one->hours);
  pfc_policy_problem_destroy(one);
  pfc_policy_problem_destroy(three);
  test_organisation_clear(&org);
}

/* --- whose truth it is ----------------------------------------------------------------------
 */

static void assert_refused(const test_organisation *mine, const test_organisation *theirs,
                           const char *says) {
  pfc_policy_problem *q = NULL;
  assert_fails(pfc_policy_problem_create(mine->ds, theirs->truth, middle(mine->truth), HORIZON,
                                         0, 1, &q, &err),
               PFC_EDATA, says);
  assert_null(q);
}

static void the_truth_of_others_is_refused(void **state) {
  (void)state;
  pfc_simulate_settings settings = test_simulate_settings(40, 30, 1);
  test_organisation mine = test_simulate(frame, &settings);
  settings.n_people = 41;
  test_organisation larger = test_simulate(frame, &settings);
  assert_refused(&mine, &larger, "no person P000041");
  assert_refused(&larger, &mine, "no person P000041, which the dataset has");
  settings.n_people = 40;
  settings.seed = 2;
  test_organisation other = test_simulate(frame, &settings);
  assert_refused(&mine, &other, "leads to level");
  /* The same people and catalogue, but other laws. */
  settings.seed = 1;
  settings.random = true;
  test_organisation by_chance = test_simulate(frame, &settings);
  assert_refused(&mine, &by_chance, "never began");
  settings.random = false;
  settings.hard = true;
  test_organisation hard = test_simulate(frame, &settings);
  assert_refused(&mine, &hard, "left on another day");
  test_organisation_clear(&mine);
  test_organisation_clear(&larger);
  test_organisation_clear(&other);
  test_organisation_clear(&by_chance);
  test_organisation_clear(&hard);
}

static pfc_status create_once(void *user) {
  const test_organisation *o = user;
  pfc_policy_problem *q = NULL;
  const pfc_status st =
      pfc_policy_problem_create(o->ds, o->truth, middle(o->truth), 30, 5, 1, &q, NULL);
  if (st != PFC_OK) assert_null(q);
  pfc_policy_problem_destroy(q);
  return st;
}

static void memory_is_short(void **state) {
  (void)state;
  const pfc_simulate_settings settings = test_simulate_settings(20, 20, 1);
  test_organisation org = test_simulate(frame, &settings);
  assert_true(count_down(create_once, &org) > 20);
  test_organisation_clear(&org);
}

static int open_frame(void **state) {
  (void)state;
  frame = test_frame();
  return 0;
}

static int close_frame(void **state) {
  (void)state;
  pfc_dataset_destroy(frame);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_and_worths_are_those_of_the_organisation),
      cmocka_unit_test(some_of_them_have_fewer_seats),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(the_truth_of_others_is_refused),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, open_frame, close_frame);
}
