// labels: property check
/* Rules against a slow reading of the tables, on random organisations in which every rule has
 * something to say. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/countdown.h"
#include "tests/support/ruled.h"
#include "tests/support/tables.h"

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

/* Day 400: what ann said of each, and whether it rests for 90 days. */
static const struct {
  const char *item;
  bool rests;
} SAID[] = {{"today", true},     {"old", true},      {"older", false},   {"tomorrow", false},
            {"then_yes", false}, {"then_no", true},  {"at_once", false}, {"in_error", false},
            {"bobs", false},     {"overruled", true}};
enum { N_SAID = sizeof SAID / sizeof *SAID };

static pfc_dataset *answered(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_PEOPLE, "person_id", "ann;bob");
  test_table(ds, PFC_INTERVENTIONS, N_SAID, "intervention_id");
  for (int k = 0; k < N_SAID; k++)
    test_cell(ds, PFC_INTERVENTIONS, k, "intervention_id", SAID[k].item);
  test_rows(ds, PFC_FEEDBACK, "event_id,person_id,intervention_id,at,kind,corrects",
            "e1,ann,today,34646399,declined,;"    /* its last second */
            "e2,ann,old,26784000,declined,;"      /* day 310, its first one */
            "e3,ann,older,26783999,declined,;"    /* day 309 */
            "e4,ann,tomorrow,34646400,declined,;" /* day 401 */
            "e5,ann,then_yes,33782400,accepted,;" /* day 391 */
            "e6,ann,then_yes,33696000,declined,;" /* day 390 */
            "e7,ann,then_no,33782400,declined,;"
            "e8,ann,then_no,33696000,completed,;"
            "e9,ann,at_once,33696000,declined,;"
            "e10,ann,at_once,33696000,started,;"
            "e11,ann,in_error,33696000,declined,;"
            "e12,ann,in_error,33600000,shown,e11;"
            "e13,bob,bobs,33696000,declined,;"
            "e14,ann,overruled,33696000,declined,;"
            "e15,ann,overruled,33782400,overridden,");
  return ds;
}

static void what_was_declined_rests(void **state) {
  (void)state;
  pfc_dataset *ds = answered();
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_rule_settings s;
  int32_t candidate[N_SAID];
  for (int k = 0; k < N_SAID; k++) candidate[k] = k;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  pfc_rule_defaults(&s);
  for (int rests = 0; rests < 3; rests++) { /* switched off, on a day, without one */
    pfc_rules *rules = NULL;
    pfc_ruling *ruling = NULL;
    const pfc_rules_world looks = {ds, h, cat, NULL, rests == 2 ? PFC_NO_DATE : 400};
    s.declined_rest_days = rests ? 90 : 0;
    assert_ok(pfc_rules_create(&looks, N_SAID, candidate, &s, &rules, &err));
    assert_ok(pfc_ruling_create(rules, &ruling, &err));
    pfc_rules_of(rules, test_code(ds, "person", "ann"), NULL, ruling);
    for (int k = 0; k < N_SAID; k++) {
      const bool expected = rests == 1 && SAID[k].rests;
      if (pfc_bit(ruling->broken[PFC_RULE_DECLINED], k) != expected ||
          pfc_bit(ruling->allowed, k) == expected)
        fail_msg("%s, case %d", SAID[k].item, rests);
    }
    pfc_ruling_destroy(ruling);
    pfc_rules_destroy(rules);
  }
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
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
      cmocka_unit_test(what_was_declined_rests),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("engine/rules", tests, NULL, NULL);
}
