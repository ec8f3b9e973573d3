// labels: unit check
/* Logged decisions and policies from files; tests/cli/logged.sh has what is refused. */
#include "datasets/logged.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"

static const char LOG[] =
    "note,position,intervention_id,reward,propensity,person_id,target\n"
    "x,2,a,1,0.5,p,0.25\n"
    ",10,b,-0.5,1,q,0\n"
    ",2,c,0,1e-3,p,1\n";
static const char POLICY[] =
    "slot,action,probability\n"
    "2,a,0.5\n2,new,0.25\n2,a,0.25\n10,b,1\n";

static void cells_are_what_they_say(void **state) {
  (void)state;
  pfc_logged_table *t = NULL;
  test_write_file("log.csv", LOG, sizeof LOG - 1);
  assert_ok(pfc_logged_load("log.csv", &t, &err));
  assert_int_equal(t->n, 3);
  assert_int_equal(pfc_dict_size(t->slots), 2);
  assert_string_equal(pfc_dict_text(t->slots, t->slot[1]), "10");
  assert_int_equal(t->slot[0], t->slot[2]);
  assert_int_equal(t->context[0], t->context[2]);
  assert_int_not_equal(t->context[0], t->context[1]);
  assert_string_equal(pfc_dict_text(t->actions, t->action[2]), "c");
  assert_near(t->reward[1], -0.5, 0);
  assert_near(t->propensity[2], 1e-3, 0);
  assert_near(t->target[0], 0.25, 0);
  pfc_logged_destroy(t);
}

static void policies_are_by_slot(void **state) {
  (void)state;
  pfc_logged_table *t = NULL;
  pfc_logged_policy *p = NULL;
  test_write_file("log.csv", LOG, sizeof LOG - 1);
  test_write_file("policy.csv", POLICY, sizeof POLICY - 1);
  assert_ok(pfc_logged_load("log.csv", &t, &err));
  assert_ok(pfc_logged_policy_load("policy.csv", t, &p, &err));
  const int32_t two = pfc_dict_find(t->slots, "2"), ten = pfc_dict_find(t->slots, "10");
  assert_near(p->chance[two * 3 + pfc_dict_find(t->actions, "a")], 0.75, 0);
  assert_near(p->elsewhere[two], 0.25, 0);
  assert_near(p->chance[ten * 3 + pfc_dict_find(t->actions, "b")], 1, 0);
  assert_near(p->elsewhere[ten], 0, 0);
  pfc_logged_policy_destroy(p);
  assert_ok(pfc_logged_policy_uniform(t, &p, &err));
  for (int k = 0; k < 6; k++) assert_near(p->chance[k], 1.0 / 3, 0);
  pfc_logged_policy_destroy(p);
  pfc_logged_destroy(t);
}

static pfc_status load(void *user) {
  (void)user;
  pfc_status st = PFC_OK;
  pfc_error *err = NULL;
  pfc_logged_table *t = NULL;
  pfc_logged_policy *p = NULL, *uniform = NULL;
  PFC_TRY(pfc_logged_load("log.csv", &t, err));
  PFC_TRY(pfc_logged_policy_load("policy.csv", t, &p, err));
  PFC_TRY(pfc_logged_policy_uniform(t, &uniform, err));
done:
  pfc_logged_policy_destroy(uniform);
  pfc_logged_policy_destroy(p);
  pfc_logged_destroy(t);
  return st;
}

static void memory_may_run_out_anywhere(void **state) {
  (void)state;
  test_write_file("log.csv", LOG, sizeof LOG - 1);
  test_write_file("policy.csv", POLICY, sizeof POLICY - 1);
  assert_true(count_down(load, NULL) > 15);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_are_what_they_say),
      cmocka_unit_test(policies_are_by_slot),
      cmocka_unit_test(memory_may_run_out_anywhere),
  };
  return cmocka_run_group_tests_name("datasets/logged", tests, NULL, NULL);
}
