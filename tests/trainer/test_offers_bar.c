// labels: unit check
/* Offers that the rules would not have let through, one rule at a time, each beside its legal
 * neighbour; and which offers are judged. Everybody is offered one thing on day 100. */
#include "tests/support/test.h"

#include "base/date.h"
#include "datasets/history.h"
#include "tests/support/countdown.h"
#include "tests/support/profiled.h"
#include "tests/support/tables.h"
#include "trainer/offers.h"

enum { DAY = 100, MOST = 12 };

/* "goal" is offered to p0, p1, ... and accepted by those with an even number. */
static pfc_dataset *offered_to(int n) {
  pfc_dataset *ds = pfc_dataset_create();
  char text[24];
  test_table(ds, PFC_FEEDBACK, (int64_t)2 * n, "event_id,person_id,intervention_id,at,kind");
  for (int r = 0; r < 2 * n; r++) {
    const int p = r / 2, is_answer = r % 2;
    (void)snprintf(text, sizeof text, "e%d", r);
    test_cell(ds, PFC_FEEDBACK, r, "event_id", text);
    (void)snprintf(text, sizeof text, "p%d", p);
    test_cell(ds, PFC_FEEDBACK, r, "person_id", text);
    test_cell(ds, PFC_FEEDBACK, r, "intervention_id", "goal");
    test_cell(ds, PFC_FEEDBACK, r, "kind",
              !is_answer   ? "shown"
              : p % 2 == 0 ? "accepted"
                           : "declined");
    pfc_dataset_column(ds, PFC_FEEDBACK, "at")->time[r] =
        (int64_t)(DAY + is_answer) * PFC_DAY_S + 3600;
  }
  return ds;
}

static pfc_status bar(const pfc_dataset *ds, const pfc_bundle *bundle,
                      const pfc_rule_settings *s, pfc_offers **o) {
  pfc_history *h = NULL;
  pfc_status st = pfc_history_create(ds, &h, NULL);
  if (st == PFC_OK) st = pfc_offers_create(h, o, NULL);
  if (st == PFC_OK) st = pfc_offers_bar(*o, h, bundle, s, NULL);
  pfc_history_destroy(h);
  return st;
}

/* Exactly the people named "0 2 5" are left of n, and are counted. */
static void expect_by(const pfc_dataset *ds, const pfc_bundle *bundle,
                      const pfc_rule_settings *s, int n, const char *left) {
  pfc_offers *o = NULL;
  assert_int_equal(bar(ds, bundle, s, &o), PFC_OK);
  char text[4 * MOST] = "";
  size_t at = 0;
  int64_t accepted = 0;
  for (int64_t k = 0; k < o->n; k++) {
    const char *id = pfc_dict_text(pfc_dataset_find_dict(ds, "person"), o->at[k].d.person);
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "", id + 1);
    accepted += atoi(id + 1) % 2 == 0;
    assert_int_equal(o->at[k].accepted, atoi(id + 1) % 2 == 0);
  }
  assert_string_equal(text, left);
  assert_int_equal(o->n_accepted, accepted);
  assert_int_equal(o->n_barred, n - o->n);
  pfc_offers_destroy(o);
}

static void expect(const pfc_dataset *ds, const pfc_bundle *bundle, int n, const char *left) {
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  expect_by(ds, bundle, &s, n, left);
}

/* A result is known from the day after the end. */
static void what_comes_before_must_have_been_passed(void **state) {
  (void)state;
  pfc_dataset *ds = offered_to(8);
  test_rows(ds, PFC_PREREQUISITES, "intervention_id,requires_intervention_id",
            "goal,basics;other,never");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p0,basics,40,50,passed;"
            "p1,basics,40,99,passed;"
            "p2,basics,40,100,passed;" /* later: nobody knew yet */
            "p3,basics,40,130,passed;"
            "p4,basics,40,50,failed;"
            "p5,basics,40,50,failed;p5,basics,60,70,passed;"
            "p6,other,40,50,passed");
  expect(ds, NULL, 8, "0 1 5");
  pfc_dataset_destroy(ds);
}

static void everything_that_comes_before_counts(void **state) {
  (void)state;
  pfc_dataset *ds = offered_to(4);
  test_rows(ds, PFC_PREREQUISITES, "intervention_id,requires_intervention_id",
            "goal,basics;goal,more");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p0,basics,40,50,passed;p1,more,40,50,passed;"
            "p2,basics,40,50,passed;p2,more,40,50,passed");
  expect(ds, NULL, 4, "2");
  pfc_dataset_destroy(ds);
}

/* A row that lost its intervention speaks of none, wherever it stands. */
static void a_row_of_no_intervention_bars_nobody(void **state) {
  (void)state;
  pfc_dataset *ds = offered_to(2);
  test_rows(ds, PFC_PREREQUISITES, "intervention_id,requires_intervention_id",
            ",basics;goal,basics;,more;,more");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p0,basics,40,50,passed");
  expect(ds, NULL, 2, "0");
  pfc_dataset_destroy(ds);
}

/* Without a profile: the latest rating by others before the day, and no rating is no bar. */
static const char LEVELS_ASKED[] = "goal,X,3";
static pfc_dataset *rated(int n, const char *ratings) {
  pfc_dataset *ds = offered_to(n);
  test_rows(ds, PFC_PREREQUISITES, "intervention_id,requires_competency_id,requires_level",
            LEVELS_ASKED);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on", ratings);
  return ds;
}

static void ratings_tell_levels(void **state) {
  (void)state;
  pfc_dataset *ds = rated(10,
                          "p0,X,3,test,50;"
                          "p1,X,2.9,test,50;"
                          /* p2: none */
                          "p3,X,1,self,50;"
                          "p4,X,2,test,50;p4,X,4,test,60;"
                          "p5,X,4,test,50;p5,X,2,test,60;"
                          "p6,X,2,test,100;"
                          "p7,Y,1,test,50;"
                          "p8,X,2,test,50;p8,X,4,self,60;"
                          "p9,X,2,test,50;p9,X,4,test,100");
  expect(ds, NULL, 10, "0 2 3 4 6 7");
  pfc_dataset_destroy(ds);
}

/* Prior variance 1, a rating's noise 0.5: one of 4 or 2 pulls the mean four fifths of the way
 * to it. The level is normal, so that 3 is held with Phi(mean - 3) by whoever was not rated. */
static void a_profile_tells_levels(void **state) {
  (void)state;
  static const struct {
    double prior, asked_p;
    const char *left;
  } CASES[] = {
      {2.9, 0.5, "1"},   /* 2.9, 3.78, 2.18: Phi(-0.1) is below a half */
      {3.1, 0.5, "0 1"}, /* 3.1, 3.82, 2.22 */
      {3.1, 0.6, "1"},   /* Phi(0.1) = 0.54 */
      {3.1, 0.97, ""},   /* Phi(0.82 / sqrt(0.2)) = Phi(1.83) = 0.966 */
      {3.1, 0.95, "1"},
  };
  pfc_dataset *ds = rated(3, "p1,X,4,test,99;p2,X,2,test,99");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "X");
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    pfc_bundle *b = profiled_bundle(ds, 1, &CASES[k].prior);
    s.prerequisite_p = CASES[k].asked_p;
    expect_by(ds, b, &s, 3, CASES[k].left);
    pfc_bundle_destroy(b);
  }
  pfc_dataset_destroy(ds);
}

/* As of the day of the offer: a rating of that day or later is none yet. */
static void a_profile_tells_what_was_known(void **state) {
  (void)state;
  static const double PRIOR = 2.9;
  pfc_dataset *ds = rated(3, "p0,X,4,test,100;p1,X,4,test,99;p2,X,4,test,300");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "X");
  pfc_bundle *b = profiled_bundle(ds, 1, &PRIOR);
  expect(ds, b, 3, "1");
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* Two under way leave time, three do not. All but one of p2's, p3's ... are alike. */
static void who_is_busy_has_no_time(void **state) {
  (void)state;
  pfc_dataset *ds = offered_to(9);
  test_rows(ds, PFC_ENROLMENTS,
            "person_id,intervention_id,enrolled_on,started_on,ended_on,status",
            "p0,a,80,90,,in_progress;p0,b,80,90,,in_progress;"
            "p1,a,80,90,,in_progress;p1,b,80,90,,in_progress;p1,c,80,90,,in_progress;"
            "p2,a,80,90,,in_progress;p2,b,80,90,,in_progress;p2,c,80,90,99,passed;"
            "p3,a,80,90,,in_progress;p3,b,80,90,,in_progress;p3,c,80,90,100,passed;"
            "p4,a,80,90,,in_progress;p4,b,80,90,,in_progress;p4,c,100,101,,in_progress;"
            /* booked, to begin later; and booked, never begun */
            "p5,a,80,90,,in_progress;p5,b,80,90,,in_progress;p5,c,99,120,,in_progress;"
            "p6,a,80,90,,in_progress;p6,b,80,90,,in_progress;p6,c,80,,,enrolled;"
            "p7,a,80,90,150,failed;p7,b,80,90,150,failed;p7,c,80,90,150,failed");
  expect(ds, NULL, 9, "0 2 4 6 8");
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  s.most_under_way = 2;
  expect_by(ds, NULL, &s, 9, "8");
  s.most_under_way = 4;
  expect_by(ds, NULL, &s, 9, "0 1 2 3 4 5 6 7 8");
  pfc_dataset_destroy(ds);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_dataset *ds = offered_to(1);
  pfc_rule_settings s;
  pfc_offers *o = NULL;
  pfc_rule_defaults(&s);
  s.prerequisite_p = 2;
  assert_int_equal(bar(ds, NULL, &s, &o), PFC_EUSAGE);
  assert_int_equal(o->n, 1); /* untouched */
  pfc_offers_destroy(o);
  pfc_dataset_destroy(ds);
}

/* --- which are judged ------------------------------------------------------------------------
 */

static int64_t n_judged(const pfc_dataset *ds, int64_t *n_accepted) {
  pfc_history *h = NULL;
  pfc_offers *o = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_offers_judged(h, &o, &err));
  const int64_t n = o->n;
  *n_accepted = o->n_accepted;
  for (int64_t k = 0; k < n; k++) assert_true(o->at[k].row % 2 == 0);
  pfc_offers_destroy(o);
  pfc_history_destroy(h);
  return n;
}

/* An offer is a test row by its own day, whenever its answer came; barred ones are none. */
static void test_offers_are_those_behind_the_split(void **state) {
  (void)state;
  int64_t n_accepted;
  pfc_dataset *ds = rated(5, "p0,X,2,test,50");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  at->time[4] = (int64_t)99 * PFC_DAY_S + 80000;  /* p2: the evening before */
  assert_int_equal(n_judged(ds, &n_accepted), 0); /* no split */
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = DAY};
  assert_int_equal(n_judged(ds, &n_accepted), 3); /* 1, 3, 4 */
  assert_int_equal(n_accepted, 1);
  ds->split.date = DAY + 1;
  assert_int_equal(n_judged(ds, &n_accepted), 0);
  ds->split.date = 1;
  assert_int_equal(n_judged(ds, &n_accepted), 4);
  assert_int_equal(n_accepted, 2);
  ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.9, .seed = 1};
  assert_int_equal(n_judged(ds, &n_accepted), 0); /* answers are never dealt */
  pfc_dataset_destroy(ds);
}

static void without_days_nobody_knows_what_preceded(void **state) {
  (void)state;
  int64_t n_accepted;
  pfc_dataset *ds = offered_to(4);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 1};
  assert_int_equal(n_judged(ds, &n_accepted), 4);
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,status", "p0,a,passed");
  assert_int_equal(n_judged(ds, &n_accepted), 0);
  pfc_dataset_destroy(ds);
}

static void the_rate_is_that_of_lawful_offers(void **state) {
  (void)state;
  double rate;
  pfc_history *h = NULL;
  pfc_dataset *ds = rated(5, "p0,X,2,test,50;p2,X,2,test,50"); /* left: 1, 3, 4 */
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_offers_rate(h, &rate, &err));
  assert_true(rate == 1.0 / 3);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
  ds = offered_to(0);
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_offers_rate(h, &rate, &err));
  assert_true(rate == 0.5);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

/* --- memory ----------------------------------------------------------------------------------
 */

typedef struct barred {
  const pfc_history *h;
  const pfc_bundle *bundle;
} barred;

static pfc_status bar_once(void *user) {
  const barred *of = user;
  pfc_rule_settings s;
  pfc_offers *o = NULL;
  pfc_rule_defaults(&s);
  pfc_status st = pfc_offers_create(of->h, &o, NULL);
  if (st == PFC_OK) st = pfc_offers_bar(o, of->h, of->bundle, &s, NULL);
  pfc_offers_destroy(o);
  return st;
}

static pfc_status judge_once(void *user) {
  const barred *of = user;
  double rate = -1;
  pfc_offers *o = NULL;
  pfc_status st = pfc_offers_judged(of->h, &o, NULL);
  if (st != PFC_OK) assert_null(o);
  if (st == PFC_OK) st = pfc_offers_rate(of->h, &rate, NULL);
  pfc_offers_destroy(o);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  static const double PRIOR = 2.9;
  pfc_dataset *ds = rated(3, "p0,X,4,test,50");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "X");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = DAY};
  pfc_bundle *b = profiled_bundle(ds, 1, &PRIOR);
  pfc_history *h = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  barred of = {h, b};
  assert_true(count_down(bar_once, &of) >= 12);
  assert_true(count_down(judge_once, &of) >= 12);
  pfc_history_destroy(h);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_comes_before_must_have_been_passed),
      cmocka_unit_test(everything_that_comes_before_counts),
      cmocka_unit_test(a_row_of_no_intervention_bars_nobody),
      cmocka_unit_test(ratings_tell_levels),
      cmocka_unit_test(a_profile_tells_levels),
      cmocka_unit_test(a_profile_tells_what_was_known),
      cmocka_unit_test(who_is_busy_has_no_time),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(test_offers_are_those_behind_the_split),
      cmocka_unit_test(without_days_nobody_knows_what_preceded),
      cmocka_unit_test(the_rate_is_that_of_lawful_offers),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/offers_bar", tests, NULL, NULL);
}
