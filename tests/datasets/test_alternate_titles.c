// labels: unit check
#include "tests/support/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "datasets/alternate_titles.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

#define FOLDER "titles"
#define NAME FOLDER "/Alternate Titles.txt"
#define HEAD "O*NET-SOC Code\tAlternate Title\tShort Title\n"

static pfc_dataset *frame;

static int set_up(void **state) {
  (void)state;
  frame = pfc_dataset_create();
  test_rows(frame, PFC_ROLES, "role_id,title", "1,Makers;2,Bakers");
  (void)mkdir(FOLDER, 0755);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  (void)unlink(NAME);
  (void)rmdir(FOLDER);
  pfc_dataset_destroy(frame);
  return 0;
}

static void write_titles(const char *text) { test_write_file(NAME, text, strlen(text)); }

static void titles_of_known_occupations_are_read(void **state) {
  (void)state;
  pfc_alternate_titles t;
  write_titles(HEAD "1\t\"Maker\" of things\tn/a\n9\tNobody\tn/a\n2\tConfectioner\tn/a\n");
  assert_ok(pfc_alternate_titles_read(FOLDER, frame, &t, &err));
  assert_int_equal(t.n, 2);
  assert_int_equal(t.at[0].role, 0);
  assert_string_equal(t.at[0].title, "\"Maker\" of things");
  assert_int_equal(t.at[1].role, 1);
  pfc_alternate_titles_clear(&t);
  assert_int_equal(t.n, 0);
}

static void without_the_file_there_are_none(void **state) {
  (void)state;
  pfc_alternate_titles t;
  (void)unlink(NAME);
  assert_ok(pfc_alternate_titles_read(FOLDER, frame, &t, &err));
  assert_int_equal(t.n, 0);
  pfc_alternate_titles_clear(&t);
}

static void other_files_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } CASES[] = {{"", "is empty"},
               {"O*NET-SOC Code\tTitle\n1\tMaker\n", "Alternate Title"},
               {HEAD "1\tMaker\n", "Alternate Titles.txt:2: 2 cells; expected 3"},
               {HEAD "1\tMaker\tn/a\n2\tBa\xff\tn/a\n", "Alternate Titles.txt:3"}};
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    pfc_alternate_titles t;
    write_titles(CASES[k].text);
    assert_fails(pfc_alternate_titles_read(FOLDER, frame, &t, &err), PFC_EDATA, CASES[k].says);
    assert_int_equal(t.n, 0);
  }
}

static pfc_status read_all(void *user) {
  pfc_alternate_titles t;
  pfc_error err = PFC_ERROR_INIT;
  (void)user;
  const pfc_status st = pfc_alternate_titles_read(FOLDER, frame, &t, &err);
  if (st == PFC_OK) pfc_alternate_titles_clear(&t);
  return st;
}

static void short_memory_is_told(void **state) {
  (void)state;
  write_titles(HEAD "1\tMaker\tn/a\n2\tBaker\tn/a\n");
  assert_true(count_down(read_all, NULL) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(titles_of_known_occupations_are_read),
      cmocka_unit_test(without_the_file_there_are_none),
      cmocka_unit_test(other_files_are_refused),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
