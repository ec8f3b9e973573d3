// labels: unit
#include "tests/support/test.h"

#include "base/mem.h"
#include "engine/latest_ratings.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

/* P1 and P2 hold role R (asks for A 4 and B 3), P3 role S (asks for A 2), P4 role N, which asks
 * for nothing; P5 has no role. */
static pfc_dataset *company(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ROLES, "role_id", "R;S;N");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B;C");
  test_rows(ds, PFC_PEOPLE, "person_id,role_id", "P1,R;P2,R;P3,S;P4,N;P5,");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "R,A,4,0.5;S,A,2,1;R,B,3,");
  test_rows(
      ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
      /* P1 in A: the latest three of others count; in B: the person's own alone */
      "P1,A,0,manager,10;P1,A,1,manager,20;P1,A,2,test,30;P1,A,3.5,peer,40;P1,A,5,self,50;"
      "P1,B,2.5,self,15;"
      /* P3 in A: after the day of the question */
      "P3,A,1.5,manager,20;P3,A,4,manager,60;"
      /* what no role asks for */
      "P1,C,5,test,20");
  return ds;
}

enum { A, B, C, N };

static bool needs(const pfc_latest *g, int32_t person, pfc_need need[N]) {
  return pfc_latest_of(g, person, need);
}

static void levels_are_what_others_saw_last(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_history *h = NULL;
  pfc_latest *g = NULL;
  pfc_need need[N];
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_latest_create(ds, h, 55, &g, &err));
  assert_true(needs(g, 0, need));
  assert_near(need[A].required, 4, 0);
  assert_near(need[A].importance, 0.5, 0);
  assert_near(need[A].level, (1 + 2 + 3.5) / 3, 1e-12);
  assert_near(need[B].level, 2.5, 0);
  assert_near(need[B].importance, 1, 0);
  assert_nan(need[C].required);
  assert_near(pfc_latest_gap(&need[C], 5), 0, 0);
  assert_near(pfc_latest_gap(&need[A], 3), 3 - 6.5 / 3, 1e-12);
  assert_near(pfc_latest_gap(&need[A], 5), 4 - 6.5 / 3, 1e-12);
  assert_near(pfc_latest_gap(&need[A], (double)NAN), 4 - 6.5 / 3, 1e-12);
  assert_near(pfc_latest_gap(&need[A], 1), 0, 0);
  /* P2 was never rated: what the others of the role hold. */
  assert_true(needs(g, 1, need));
  assert_near(need[A].level, 6.5 / 3, 1e-12);
  assert_near(need[B].level, 2.5, 1e-12);
  assert_true(needs(g, 2, need));
  assert_near(need[A].level, 1.5, 0);
  assert_nan(need[B].required);
  assert_false(needs(g, 3, need));
  assert_false(needs(g, 4, need));
  pfc_latest_destroy(g);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

/* Nobody was rated before day 5: a level is not made up, and a gap counts 1. */
/* A decision sees ratings before its day and the role of the day before; those who were never
 * rated by then stand where others do at as_of. */
static void a_decision_sees_the_day_before(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_history *h = NULL;
  pfc_latest *g = NULL;
  pfc_need need[N];
  test_rows(ds, PFC_POSITIONS, "person_id,from,role_id", "P1,0,R;P1,30,S");
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_latest_create(ds, h, 55, &g, &err));
  assert_true(pfc_latest_at(g, 0, 30, need));
  assert_near(need[A].required, 4, 0);
  assert_near(need[A].level, (0 + 1) / 2.0, 1e-12);
  assert_int_equal(need[A].n[0], 2);
  assert_near(need[B].level, 2.5, 0);
  assert_true(pfc_latest_at(g, 0, 31, need));
  assert_near(need[A].required, 2, 0);
  assert_near(need[A].level, (0 + 1 + 2) / 3.0, 1e-12);
  assert_nan(need[B].required);
  assert_true(
      pfc_latest_at(g, 0, 10, need)); /* as P1 and P3, of role S at 55, were rated then */
  assert_near(need[A].required, 4, 0);
  assert_near(need[A].level, (6.5 / 3 + 1.5) / 2, 1e-12);
  assert_int_equal(need[A].n[0], 0);
  assert_true(pfc_latest_at(g, 0, PFC_NO_DATE, need));
  assert_near(need[A].level, 6.5 / 3, 1e-12);
  assert_false(pfc_latest_at(g, 3, 55, need));
  pfc_latest_destroy(g);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void unknown_levels_count_as_one(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_history *h = NULL;
  pfc_latest *g = NULL;
  pfc_need need[N];
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_latest_create(ds, h, 5, &g, &err));
  assert_true(needs(g, 0, need));
  assert_nan(need[A].level);
  assert_near(pfc_latest_gap(&need[A], 3), 1, 0);
  pfc_latest_destroy(g);
  /* On day 12 P1 alone was rated in A: all others are taken for alike, whatever their role. */
  assert_ok(pfc_latest_create(ds, h, 12, &g, &err));
  assert_true(needs(g, 2, need));
  assert_near(need[A].level, 0, 0);
  pfc_latest_destroy(g);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static pfc_status create_once(void *user) {
  pfc_latest *g = NULL;
  const pfc_history *h = user;
  const pfc_status st = pfc_latest_create(h->ds, h, 55, &g, NULL);
  pfc_latest_destroy(g);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_history *h = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_true(count_down(create_once, h) >= 5);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_are_what_others_saw_last),
      cmocka_unit_test(a_decision_sees_the_day_before),
      cmocka_unit_test(unknown_levels_count_as_one),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
