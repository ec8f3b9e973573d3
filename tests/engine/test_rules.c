// labels: property check
/* Rules against a slow reading of the tables, on random organisations in which every rule has
 * something to say. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/countdown.h"
#include "tests/support/ruled.h"

/* None of it goes by default: each rule speaks, and is silent, often. */
static void rules_are_what_the_tables_say(void **state) {
  (void)state;
  const ruled_tally t = ruled_check(test_seed(7001), 14);
  assert_true(t.cases >= 2000);
  for (int k = 0; k < PFC_N_RULES; k++)
    assert_true(t.against[k] > 20 && t.against[k] < t.cases - 20);
  assert_true(t.allowed > 20 && t.forced > 20 && t.mandated > 20 && t.due > 20);
}

/* --- a few by hand -------------------------------------------------------------------------
 */

static void expect_settings(const pfc_rule_settings *s, const char *name) {
  assert_fails(pfc_rule_check(s, &err), PFC_EUSAGE, name);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  assert_ok(pfc_rule_check(&s, &err));
  s.prerequisite_p = NAN;
  expect_settings(&s, "prerequisite_p");
  pfc_rule_defaults(&s);
  s.cool_down_days = -1;
  expect_settings(&s, "cool_down_days");
  pfc_rule_defaults(&s);
  s.declined_rest_days = 3651;
  expect_settings(&s, "declined_rest_days");
  pfc_rule_defaults(&s);
  s.most_under_way = 0;
  expect_settings(&s, "most_under_way");
  pfc_rule_defaults(&s);
  s.due_days = 3651;
  expect_settings(&s, "due_days");
  pfc_rule_defaults(&s);
  s.struct_size--;
  expect_settings(&s, "pfc_rule_defaults");
}

static pfc_status rule_once(void *user) {
  const ruled_world *w = user;
  pfc_rules *rules = NULL;
  pfc_ruling *ruling = NULL;
  const pfc_rules_world looks = {w->ds, w->h, w->cat, w->gaps, w->oracle.day};
  pfc_status st =
      pfc_rules_create(&looks, w->n, w->candidate, &w->oracle.settings, &rules, NULL);
  if (st == PFC_OK) st = pfc_ruling_create(rules, &ruling, NULL);
  if (st == PFC_OK) pfc_rules_of(rules, 0, w->known, ruling);
  pfc_ruling_destroy(ruling);
  pfc_rules_destroy(rules);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  pfc_rng rng;
  ruled_world w;
  pfc_rng_init(&rng, 1, "rules", 0);
  ruled_open(&w, &rng, 0, 0);
  assert_true(count_down(rule_once, &w) > 30);
  ruled_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_are_what_the_tables_say),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("engine/rules", tests, NULL, NULL);
}
