// labels: unit check
// needs: PFC_SQLITE
/* The feedback store: what is committed is there, once, in its order, and cannot be changed
 * unseen. */
#include "tests/support/test.h"

#include <math.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/feedback_internal.h"
#include "datasets/feedback_store.h"
#include "tests/support/events.h"

#define STORE "f.db"

static int begin(void **state) {
  (void)state;
  remove_store(STORE);
  return 0;
}

static pfc_store *open_store(pfc_store_mode mode) {
  pfc_store *s = NULL;
  assert_ok(pfc_store_open(STORE, mode, &s, &err));
  return s;
}

/* A store of n events, closed. */
static void make_store(int64_t n) {
  remove_store(STORE);
  pfc_store *s = open_store(PFC_STORE_WRITE);
  assert_ok(add_events(s, 1, n, &err));
  pfc_store_close(s);
}

typedef struct seen {
  int64_t n, first;
} seen;

static pfc_status see(const pfc_event *e, int64_t number, void *user, pfc_error *err) {
  seen *of = user;
  numbered_event expected;
  (void)err;
  if (of->n++ == 0) of->first = number;
  numbered_event_make(&expected, number);
  assert_null(pfc_event_difference(e, &expected.e));
  assert_int_equal(number, of->first + of->n - 1);
  return PFC_OK;
}

static void events_come_back_in_their_order(void **state) {
  (void)state;
  make_store(25);
  pfc_store *s = open_store(PFC_STORE_READ);
  seen of = {0};
  assert_int_equal(pfc_store_size(s), 25);
  assert_ok(pfc_store_each(s, 0, see, &of, &err));
  assert_int_equal(of.n, 25);
  of = (seen){0};
  assert_ok(pfc_store_each(s, 20, see, &of, &err));
  assert_int_equal(of.n, 5);
  assert_int_equal(of.first, 21);
  pfc_store_close(s);
}

/* It holds what people were told and said. */
static void nobody_else_may_read_it(void **state) {
  (void)state;
  struct stat info;
  make_store(1);
  assert_int_equal(stat(STORE, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
}

static void the_same_event_twice_is_one(void **state) {
  (void)state;
  numbered_event e;
  bool is_new = false;
  pfc_store *s = open_store(PFC_STORE_WRITE);
  numbered_event_make(&e, 4);
  assert_ok(pfc_store_begin(s, &err));
  assert_ok(pfc_store_add(s, &e.e, 5, &is_new, &err));
  assert_true(is_new);
  assert_ok(pfc_store_add(s, &e.e, 6, &is_new, &err)); /* in the same batch */
  assert_false(is_new);
  assert_ok(pfc_store_commit(s, &err));
  assert_ok(pfc_store_begin(s, &err));
  assert_ok(pfc_store_add(s, &e.e, 7, &is_new, &err)); /* in a later one */
  assert_false(is_new);
  assert_ok(pfc_store_commit(s, &err));
  assert_int_equal(pfc_store_size(s), 1);
  pfc_store_close(s);
}

static void another_event_under_the_same_id_is_refused(void **state) {
  (void)state;
  numbered_event e;
  bool is_new;
  pfc_store *s = open_store(PFC_STORE_WRITE);
  assert_ok(add_events(s, 4, 1, &err));
  assert_ok(pfc_store_begin(s, &err));
  numbered_event_make(&e, 4);
  e.e.propensity = 0.26;
  assert_fails(pfc_store_add(s, &e.e, 1, &is_new, &err), PFC_EDATA,
               "event 'event-4' is there already with another propensity");
  numbered_event_make(&e, 4);
  e.e.value = (double)NAN;
  assert_fails(pfc_store_add(s, &e.e, 1, &is_new, &err), PFC_EDATA, "another value");
  numbered_event_make(&e, 5); /* the batch goes on */
  assert_ok(pfc_store_add(s, &e.e, 1, &is_new, &err));
  assert_ok(pfc_store_commit(s, &err));
  assert_int_equal(pfc_store_size(s), 2);
  pfc_store_close(s);
}

static void what_is_not_committed_never_came(void **state) {
  (void)state;
  numbered_event e;
  bool is_new;
  char before[PFC_HEAD_TEXT], after[PFC_HEAD_TEXT];
  pfc_store *s = open_store(PFC_STORE_WRITE);
  assert_ok(add_events(s, 1, 3, &err));
  pfc_store_head(s, before);
  assert_ok(pfc_store_begin(s, &err));
  numbered_event_make(&e, 4);
  assert_ok(pfc_store_add(s, &e.e, 1, &is_new, &err));
  assert_int_equal(pfc_store_size(s), 3);
  pfc_store_rollback(s);
  pfc_store_head(s, after);
  assert_string_equal(before, after);
  assert_ok(pfc_store_begin(s, &err));
  numbered_event_make(&e, 4);
  assert_ok(pfc_store_add(s, &e.e, 1, &is_new, &err));
  pfc_store_close(s); /* in the middle of a batch */
  s = open_store(PFC_STORE_READ);
  pfc_store_head(s, after);
  assert_string_equal(before, after);
  pfc_store_close(s);
}

static void a_correction_names_what_is_there(void **state) {
  (void)state;
  numbered_event e;
  bool is_new;
  pfc_store *s = open_store(PFC_STORE_WRITE);
  assert_ok(add_events(s, 1, 1, &err));
  assert_ok(pfc_store_begin(s, &err));
  numbered_event_make(&e, 2);
  e.e.corrects = "event-9";
  assert_fails(pfc_store_add(s, &e.e, 1, &is_new, &err), PFC_EDATA,
               "corrects 'event-9', which is not there");
  e.e.corrects = "event-2";
  assert_fails(pfc_store_add(s, &e.e, 1, &is_new, &err), PFC_EDATA, "another event");
  e.e.corrects = "event-1";
  assert_ok(pfc_store_add(s, &e.e, 1, &is_new, &err));
  pfc_store_close(s);
}

static void events_that_break_rules_are_refused(void **state) {
  (void)state;
  numbered_event e;
  bool is_new;
  char longer[PFC_EVENT_ID + 2];
  pfc_store *s = open_store(PFC_STORE_WRITE);
  assert_ok(pfc_store_begin(s, &err));
#define REFUSED(change, text)                                                \
  do {                                                                       \
    numbered_event_make(&e, 4);                                              \
    change;                                                                  \
    assert_fails(pfc_store_add(s, &e.e, 1, &is_new, &err), PFC_EDATA, text); \
  } while (0)
  memset(longer, 'x', sizeof longer);
  longer[sizeof longer - 1] = '\0';
  REFUSED(e.e.event_id = "", "event_id: expected a value");
  REFUSED(e.e.event_id = longer, "event_id: expected at most 200 bytes");
  REFUSED(e.e.person_id = "a\nb", "person_id: expected one line");
  REFUSED(e.e.reason = "\xff", "reason: expected UTF-8");
  REFUSED(e.e.kind = "liked", "kind: expected one of shown, accepted");
  REFUSED(e.e.at = INT64_MIN, "at: expected a value");
  REFUSED(e.e.position = 0, "position: expected a number from 1");
  REFUSED(e.e.propensity = 1.5, "propensity: expected a number from 0 to 1");
  REFUSED(e.e.value = (double)INFINITY, "value: expected a finite number");
  REFUSED(e.e.kind = "assessed", "competency_id: expected a competency_id and the level");
  REFUSED((e.e.kind = "completed", e.e.value = 0.5), "1 (passed), 0 (failed)");
#undef REFUSED
  pfc_store_close(s);
}

static void one_process_writes_others_read(void **state) {
  (void)state;
  pfc_store *other = NULL;
  pfc_store *s = open_store(PFC_STORE_WRITE);
  assert_ok(add_events(s, 1, 2, &err));
  assert_fails(pfc_store_open(STORE, PFC_STORE_WRITE, &other, &err), PFC_EIO,
               "is at work on it; one at a time can");
  assert_null(other);
  other = open_store(PFC_STORE_READ);
  assert_int_equal(pfc_store_size(other), 2);
  assert_fails(pfc_store_begin(other, &err), PFC_EUSAGE, "open for reading");
  assert_ok(add_events(s, 3, 2, &err)); /* while it is being read */
  seen of = {0};
  assert_ok(pfc_store_each(other, 0, see, &of, &err));
  assert_int_equal(of.n, 2); /* as it was */
  pfc_store_close(other);
  other = open_store(PFC_STORE_READ);
  of = (seen){0};
  assert_ok(pfc_store_each(other, 0, see, &of, &err));
  assert_int_equal(of.n, 4);
  pfc_store_close(other);
  pfc_store_close(s);
}

static void other_files_are_no_stores(void **state) {
  (void)state;
  pfc_store *s = NULL;
  sqlite3 *db = NULL;
  assert_fails(pfc_store_open("none.db", PFC_STORE_READ, &s, &err), PFC_EIO, "none.db");
  test_write_file(STORE, "person_id,at\np1,2024-01-01\nand so on", 37);
  assert_fails(pfc_store_open(STORE, PFC_STORE_READ, &s, &err), PFC_EFORMAT, "not a database");
  assert_fails(pfc_store_open(STORE, PFC_STORE_WRITE, &s, &err), PFC_EFORMAT, "not a database");
  remove_store(STORE);
  assert_int_equal(sqlite3_open(STORE, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a)", NULL, NULL, NULL), SQLITE_OK);
  (void)sqlite3_close(db);
  assert_fails(pfc_store_open(STORE, PFC_STORE_WRITE, &s, &err), PFC_EFORMAT,
               "no feedback store");
  assert_null(s);
}

static void fields_are_the_columns_of_the_table(void **state) {
  (void)state;
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) {
    const pfc__field *f = &pfc__event_fields[k];
    const pfc_column_decl *decl = &pfc_schema(PFC_FEEDBACK)->columns[f->column];
    assert_string_equal(decl->name, f->name);
    assert_int_equal(decl->type, f->type);
  }
  assert_int_equal(pfc_schema(PFC_FEEDBACK)->n_columns, PFC__EVENT_FIELDS);
}

/* --- tampering -----------------------------------------------------------------------------
 */

static void change(const char *sql) {
  sqlite3 *db = NULL;
  char *why = NULL;
  assert_int_equal(sqlite3_open(STORE, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
  (void)sqlite3_close(db);
}

static pfc_store_verdict verify(const char *head) {
  pfc_store_verdict v;
  pfc_store *s = open_store(PFC_STORE_READ);
  assert_ok(pfc_store_verify(s, head, &v, &err));
  pfc_store_close(s);
  return v;
}

static void a_store_as_it_was_written_is_good(void **state) {
  (void)state;
  char head[PFC_HEAD_TEXT], five[PFC_HEAD_TEXT];
  remove_store(STORE);
  pfc_store *s = open_store(PFC_STORE_WRITE);
  pfc_store_head(s, head);
  assert_true(verify(head).is_good); /* none yet */
  assert_ok(add_events(s, 1, 5, &err));
  pfc_store_head(s, five);
  assert_ok(add_events(s, 6, 4, &err));
  pfc_store_head(s, head);
  pfc_store_close(s);
  const pfc_store_verdict v = verify(NULL);
  assert_true(v.is_good);
  assert_int_equal(v.n, 9);
  assert_string_equal(v.head, head);
  assert_true(verify(head).is_good);
  assert_true(verify(five).is_good); /* an older head holds too */
}

static void what_was_changed_is_named(void **state) {
  (void)state;
  static const struct {
    const char *sql, *id, *what;
    int64_t bad;
  } CASES[] = {
      {"UPDATE event SET value = 7 WHERE seq = 4", "event-4", "a field was changed", 4},
      {"UPDATE event SET reason = NULL WHERE seq = 3", "event-3", "a field was changed", 3},
      {"UPDATE event SET recorded_at = 1 WHERE seq = 2", "event-2", "checksum", 2},
      {"UPDATE event SET checksum = 1 WHERE seq = 2", "event-2", "checksum", 2},
      {"UPDATE event SET salt = randomblob(16) WHERE seq = 5", "event-5", "a field was changed",
       5},
      {"UPDATE event SET chain = randomblob(32) WHERE seq = 5", "event-5", "does not follow",
       5},
      {"UPDATE event SET chain = x'00' WHERE seq = 5", "event-5", "damaged", 5},
      {"DELETE FROM event WHERE seq = 5", "", "missing", 5},
      {"DELETE FROM event WHERE seq = 1", "", "missing", 1},
      {"UPDATE event SET seq = 100 WHERE seq = 6;"
       "UPDATE event SET seq = 6 WHERE seq = 7; UPDATE event SET seq = 7 WHERE seq = 100",
       "event-7", "does not follow", 6},
  };
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    make_store(9);
    change(CASES[k].sql);
    const pfc_store_verdict v = verify(NULL);
    assert_false(v.is_good);
    assert_int_equal(v.bad, CASES[k].bad);
    assert_int_equal(v.n, CASES[k].bad - 1);
    assert_string_equal(v.event_id, CASES[k].id);
    if (!strstr(v.what, CASES[k].what)) fail_msg("%s: %s", CASES[k].sql, v.what);
  }
}

static void what_was_cut_off_is_told_by_the_head(void **state) {
  (void)state;
  char head[PFC_HEAD_TEXT];
  make_store(9);
  pfc_store *s = open_store(PFC_STORE_READ);
  pfc_store_head(s, head);
  pfc_store_close(s);
  change("DELETE FROM event WHERE seq > 6");
  assert_true(verify(NULL).is_good); /* nothing inside tells */
  const pfc_store_verdict v = verify(head);
  assert_false(v.is_good);
  assert_int_equal(v.bad, 7);
  assert_non_null(strstr(v.what, "cut off"));
  make_store(9); /* other events, all sealed anew */
  assert_true(verify(NULL).is_good);
  assert_false(verify(head).is_good);
}

static void a_head_is_told_from_other_texts(void **state) {
  (void)state;
  static const char *const TEXTS[] = {"", "9", "9-", "9-zz", "-1-00", "x-00"};
  pfc_store_verdict v;
  make_store(1);
  pfc_store *s = open_store(PFC_STORE_READ);
  for (size_t k = 0; k < sizeof TEXTS / sizeof *TEXTS; k++)
    assert_fails(pfc_store_verify(s, TEXTS[k], &v, &err), PFC_EUSAGE, "a head as");
  pfc_store_close(s);
}

/* Reading stops at an event that was changed. */
static void changed_events_are_not_read(void **state) {
  (void)state;
  make_store(5);
  change("UPDATE event SET person_id = 'p9' WHERE seq = 3");
  pfc_store *s = open_store(PFC_STORE_READ);
  seen of = {0};
  assert_fails(pfc_store_each(s, 0, see, &of, &err), PFC_EFORMAT, "event 3 is damaged");
  assert_int_equal(of.n, 2);
  pfc_store_close(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(events_come_back_in_their_order, begin),
      cmocka_unit_test_setup(nobody_else_may_read_it, begin),
      cmocka_unit_test_setup(the_same_event_twice_is_one, begin),
      cmocka_unit_test_setup(another_event_under_the_same_id_is_refused, begin),
      cmocka_unit_test_setup(what_is_not_committed_never_came, begin),
      cmocka_unit_test_setup(a_correction_names_what_is_there, begin),
      cmocka_unit_test_setup(events_that_break_rules_are_refused, begin),
      cmocka_unit_test_setup(one_process_writes_others_read, begin),
      cmocka_unit_test_setup(other_files_are_no_stores, begin),
      cmocka_unit_test(fields_are_the_columns_of_the_table),
      cmocka_unit_test_setup(a_store_as_it_was_written_is_good, begin),
      cmocka_unit_test_setup(what_was_changed_is_named, begin),
      cmocka_unit_test_setup(what_was_cut_off_is_told_by_the_head, begin),
      cmocka_unit_test_setup(a_head_is_told_from_other_texts, begin),
      cmocka_unit_test_setup(changed_events_are_not_read, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
