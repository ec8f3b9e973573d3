#include "tests/support/test.h"

static void first_writer_wins(void **state) {
  (void)state;
  pfc_error err = PFC_ERROR_INIT;
  assert_int_equal(pfc_fail(&err, PFC_EDATA, "row %d", 7), PFC_EDATA);
  assert_int_equal(pfc_fail(&err, PFC_EIO, "later"), PFC_EIO);
  assert_int_equal(err.status, PFC_EDATA);
  assert_string_equal(err.msg, "row 7");
}

static void no_error_struct_is_fine(void **state) {
  (void)state;
  assert_int_equal(pfc_fail(NULL, PFC_EIO, "%s", "nobody listens"), PFC_EIO);
  assert_int_equal(pfc_fail_memory(NULL, "x"), PFC_ENOMEM);
}

static void long_messages_are_cut_not_spilled(void **state) {
  (void)state;
  char longer[3000];
  memset(longer, 'a', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  pfc_error err = PFC_ERROR_INIT;
  pfc_fail(&err, PFC_EDATA, "%s", longer);
  assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_writer_wins),
      cmocka_unit_test(no_error_struct_is_fine),
      cmocka_unit_test(long_messages_are_cut_not_spilled),
  };
  return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
