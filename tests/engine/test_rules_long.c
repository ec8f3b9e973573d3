// labels: property nightly
/* Rules against a slow reading of the tables: 10,000 cases and more. */
#include "tests/support/test.h"

#include "tests/support/ruled.h"

static void rules_are_what_the_tables_say(void **state) {
  (void)state;
  const ruled_tally t = ruled_check(test_seed(7002), 100);
  assert_true(t.cases >= 10000);
  for (int k = 0; k < PFC_N_RULES; k++)
    assert_true(t.against[k] > 200 && t.against[k] < t.cases - 200);
  assert_true(t.allowed > 200 && t.forced > 200 && t.mandated > 200 && t.due > 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rules_are_what_the_tables_say)};
  return cmocka_run_group_tests_name("engine/rules_long", tests, NULL, NULL);
}
