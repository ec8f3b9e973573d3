// labels: property nightly
// needs: PFC_SQLITE
/* Whoever changes a feedback store is found out: 10000 times. */
#include "tests/support/tampering.h"
#include "tests/support/test.h"

static void every_change_is_found(void **state) {
  (void)state;
  tamper(test_seed(20261122), 10000);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_change_is_found)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
