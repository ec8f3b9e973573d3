// labels: unit check
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/part.h"
#include "tests/support/countdown.h"

static char folder[64];
static char path[96], temp[112];

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/proficio-part-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  (void)snprintf(path, sizeof path, "%s/lists.csv", folder);
  (void)snprintf(temp, sizeof temp, "%s.part", path);
  return 0;
}

static int drop_folder(void **state) {
  (void)state;
  (void)unlink(path);
  (void)unlink(temp);
  return rmdir(folder);
}

static void assert_holds(const char *file, const char *expected) {
  char *text;
  size_t size;
  assert_ok(pfc_file_read(file, 1000, &text, &size, &err));
  assert_string_equal(text, expected);
  pfc_free(text);
}

static void add(pfc_part *p, const char *text) {
  assert_ok(pfc_part_add(p, text, strlen(text), &err));
}

static void it_appears_when_it_is_whole(void **state) {
  (void)state;
  pfc_part p;
  bool kept;
  assert_ok(pfc_part_open(&p, path, &err));
  assert_ok(pfc_part_keep(&p, 0, 0, &kept, &err));
  add(&p, "one,");
  add(&p, "");
  add(&p, "two");
  assert_int_equal(p.size, 7);
  assert_int_equal(p.crc, pfc_crc32c(0, "one,two", 7));
  assert_int_not_equal(access(path, F_OK), 0);
  assert_ok(pfc_part_commit(&p, &err));
  pfc_part_close(&p, true);
  assert_holds(path, "one,two");
  assert_int_not_equal(access(temp, F_OK), 0);
}

/* Writes "firstsecond" and leaves it, as somebody who is killed does. */
static void leave(void) {
  pfc_part p;
  bool kept;
  assert_ok(pfc_part_open(&p, path, &err));
  assert_ok(pfc_part_keep(&p, 0, 0, &kept, &err));
  add(&p, "firstsecond");
  pfc_part_close(&p, true);
}

static void what_was_noted_is_kept_and_the_rest_cut_off(void **state) {
  (void)state;
  pfc_part p;
  bool kept;
  leave();
  assert_ok(pfc_part_open(&p, path, &err));
  assert_ok(pfc_part_keep(&p, 5, pfc_crc32c(0, "first", 5), &kept, &err));
  assert_true(kept);
  add(&p, "third");
  assert_int_equal(p.crc, pfc_crc32c(0, "firstthird", 10));
  assert_ok(pfc_part_commit(&p, &err));
  pfc_part_close(&p, false);
  assert_holds(path, "firstthird");
}

/* Another byte, or one too few, and nothing is kept. */
static void what_is_damaged_is_begun_anew(void **state) {
  (void)state;
  static const struct {
    int64_t size;
    const char *noted;
  } CASES[] = {{5, "fir5t"}, {11, "firstsecone"}, {12, "firstsecond"}, {4, "first"}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    pfc_part p;
    bool kept;
    leave();
    assert_ok(pfc_part_open(&p, path, &err));
    assert_ok(pfc_part_keep(
        &p, CASES[i].size, pfc_crc32c(0, CASES[i].noted, strlen(CASES[i].noted)), &kept, &err));
    assert_false(kept);
    add(&p, "anew");
    assert_ok(pfc_part_commit(&p, &err));
    pfc_part_close(&p, false);
    assert_holds(path, "anew");
  }
}

static void what_is_not_to_stay_goes(void **state) {
  (void)state;
  pfc_part p;
  leave();
  assert_ok(pfc_part_open(&p, path, &err));
  pfc_part_close(&p, false);
  assert_int_not_equal(access(temp, F_OK), 0);
  leave();
  assert_ok(pfc_part_open(&p, path, &err));
  assert_ok(pfc_part_remove(&p, &err));
  assert_int_not_equal(access(temp, F_OK), 0);
  pfc_part_close(&p, true);
}

static void two_writers_are_one_too_many(void **state) {
  (void)state;
  pfc_part one, two;
  pfc_error why = PFC_ERROR_INIT;
  assert_ok(pfc_part_open(&one, path, &err));
  assert_int_equal(pfc_part_open(&two, path, &why), PFC_EIO);
  assert_non_null(strstr(why.msg, "somebody else is writing it"));
  assert_null(two.path);
  pfc_part_close(&one, false);
  assert_ok(pfc_part_open(&two, path, &err));
  pfc_part_close(&two, false);
}

static void places_that_are_none_are_refused(void **state) {
  (void)state;
  pfc_part p;
  pfc_error why = PFC_ERROR_INIT;
  assert_int_equal(pfc_part_open(&p, folder, &why), PFC_EIO);
  assert_non_null(strstr(why.msg, "a folder"));
  why = (pfc_error)PFC_ERROR_INIT;
  assert_int_equal(pfc_part_open(&p, "/dev/null", &why), PFC_EIO);
  why = (pfc_error)PFC_ERROR_INIT;
  char nowhere[128];
  (void)snprintf(nowhere, sizeof nowhere, "%s/no/such", folder);
  assert_int_equal(pfc_part_open(&p, nowhere, &why), PFC_EIO);
  assert_non_null(strstr(why.msg, strerror(ENOENT)));
}

static pfc_status whole(void *unused) {
  (void)unused;
  pfc_part p = {0};
  bool kept;
  pfc_status st = pfc_part_open(&p, path, NULL);
  if (st == PFC_OK) st = pfc_part_keep(&p, 1, 1, &kept, NULL);
  if (st == PFC_OK) st = pfc_part_add(&p, "x", 1, NULL);
  if (st == PFC_OK) st = pfc_part_commit(&p, NULL);
  pfc_part_close(&p, false);
  return st;
}

static void out_of_memory(void **state) {
  (void)state;
  assert_int_equal(count_down(whole, NULL), 3); /* two names and a block */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_appears_when_it_is_whole),
      cmocka_unit_test(what_was_noted_is_kept_and_the_rest_cut_off),
      cmocka_unit_test(what_is_damaged_is_begun_anew),
      cmocka_unit_test(what_is_not_to_stay_goes),
      cmocka_unit_test(two_writers_are_one_too_many),
      cmocka_unit_test(places_that_are_none_are_refused),
      cmocka_unit_test(out_of_memory),
  };
  return cmocka_run_group_tests_name("base/part", tests, make_folder, drop_folder);
}
