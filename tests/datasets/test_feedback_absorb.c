// labels: unit check
// needs: PFC_SQLITE
/* Events of a store become rows of the data: each once, and none that is corrected. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "datasets/feedback_absorb.h"
#include "tests/support/events.h"
#include "tests/support/folder.h"

#define STORE "f.db"

static pfc_dataset *ds;
static pfc_store *store;

static int begin(void **state) {
  remove_store(STORE);
  store = NULL;
  ds = NULL;
  return folder_begin(state) != 0 ||
         pfc_store_open(STORE, PFC_STORE_WRITE, &store, NULL) != PFC_OK;
}

static int end(void **state) {
  (void)state;
  pfc_store_close(store);
  pfc_dataset_destroy(ds);
  return 0;
}

static void read_data(const char *enrolments) {
  folder_write("interventions.csv", "intervention_id\nsql\nr\n");
  folder_write("competencies.csv", "competency_id\ndata\n");
  folder_write("people.csv", "person_id\np1\np2\n");
  folder_write("enrolments.csv", enrolments);
  ds = folder_import_all();
}

static int32_t day(const char *text) {
  int32_t days;
  assert_true(pfc_date_parse(text, &days));
  return days;
}

/* One event: id, person, intervention, kind, day, value. */
static void tell(const char *id, const char *person, const char *item, const char *kind,
                 const char *on, double value) {
  pfc_event e;
  bool is_new;
  pfc_event_init(&e);
  e.event_id = id;
  e.person_id = person;
  e.intervention_id = item;
  e.kind = kind;
  e.at = (int64_t)day(on) * PFC_DAY_S + 3600;
  e.value = value;
  if (strcmp(kind, "assessed") == 0) e.competency_id = "data";
  if (strcmp(kind, "assessed") == 0) e.actor = "test";
  assert_ok(pfc_store_begin(store, &err));
  assert_ok(pfc_store_add(store, &e, 1, &is_new, &err));
  assert_ok(pfc_store_commit(store, &err));
}

static pfc_absorbed absorb(void) {
  pfc_absorbed told;
  assert_ok(pfc_feedback_absorb(ds, store, &told, &err));
  return told;
}

/* Row of table enrolments: person, intervention, first day, last day ("" none), status. */
static void assert_row(int64_t row, const char *person, const char *item, const char *from,
                       const char *to, const char *status) {
  const pfc_column *p = pfc_dataset_column(ds, PFC_ENROLMENTS, "person_id");
  const pfc_column *i = pfc_dataset_column(ds, PFC_ENROLMENTS, "intervention_id");
  const pfc_column *s = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  const int32_t *started = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  const int32_t *ended = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on");
  assert_string_equal(pfc_dict_text(p->dict, p->code[row]), person);
  assert_string_equal(pfc_dict_text(i->dict, i->code[row]), item);
  assert_string_equal(pfc_dict_text(s->dict, s->code[row]), status);
  assert_int_equal(started[row], from[0] ? day(from) : PFC_NO_DATE);
  assert_int_equal(ended[row], to[0] ? day(to) : PFC_NO_DATE);
}

#define HEADER "person_id,intervention_id,enrolled_on,started_on,ended_on,status\n"

static void starts_and_ends_go_on_where_the_data_stopped(void **state) {
  (void)state;
  read_data(HEADER
            "p1,sql,2024-01-01,,,enrolled\n"                   /* 0: starts and ends */
            "p2,sql,2024-01-01,2024-01-05,,in_progress\n"      /* 1: ends */
            "p2,r,2023-01-01,2023-01-05,2023-02-01,failed\n"); /* 2: begins anew */
  tell("e1", "p1", "sql", "started", "2024-02-01", (double)NAN);
  tell("e2", "p1", "sql", "completed", "2024-03-01", 1);
  tell("e3", "p2", "sql", "completed", "2024-03-02", 0);
  tell("e4", "p2", "r", "started", "2024-03-03", (double)NAN);
  tell("e5", "p3", "r", "completed", "2024-03-04", (double)NAN); /* nobody knew them */
  const pfc_absorbed told = absorb();
  assert_int_equal(told.enrolments, 2);
  assert_int_equal(told.changed, 2);
  assert_int_equal(told.feedback, 5);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 5);
  assert_row(0, "p1", "sql", "2024-02-01", "2024-03-01", "passed");
  assert_row(1, "p2", "sql", "2024-01-05", "2024-03-02", "failed");
  assert_row(2, "p2", "r", "2023-01-05", "2023-02-01", "failed");
  assert_row(3, "p2", "r", "2024-03-03", "", "in_progress");
  assert_row(4, "p3", "r", "", "2024-03-04", "completed");
  assert_int_equal(pfc_dataset_count(ds, "person"), 3);
}

/* What it learned from is named in full, by whatever is made of it. */
static void the_head_is_noted_in_the_dataset(void **state) {
  (void)state;
  pfc_dataset *part = NULL;
  char head[PFC_HEAD_TEXT];
  read_data(HEADER "p1,sql,2024-01-01,,,enrolled\n");
  assert_string_equal(ds->feedback_head, "");
  tell("e1", "p1", "sql", "declined", "2024-02-01", (double)NAN);
  pfc_store_head(store, head);
  const pfc_absorbed told = absorb();
  assert_string_equal(told.head, head);
  assert_string_equal(ds->feedback_head, head);
  assert_ok(pfc_dataset_filter(ds, NULL, &part, &err));
  assert_string_equal(part->feedback_head, head);
  pfc_dataset_destroy(part);
}

/* The other system has sent it too, a few days off. */
static void what_the_data_tell_counts_once(void **state) {
  (void)state;
  read_data(HEADER
            "p1,sql,,2024-01-05,2024-03-01,passed\n"
            "p2,sql,,2024-01-05,,in_progress\n");
  tell("e1", "p1", "sql", "started", "2024-01-02", (double)NAN);
  tell("e2", "p1", "sql", "completed", "2024-03-20", 1);
  tell("e3", "p2", "sql", "started", "2024-02-04", (double)NAN); /* 30 days: the same */
  const pfc_absorbed told = absorb();
  assert_int_equal(told.known, 3);
  assert_int_equal(told.enrolments + told.changed, 0);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 2);
  assert_row(1, "p2", "sql", "2024-01-05", "", "in_progress");
  pfc_dataset_destroy(ds);
  read_data(HEADER "p2,sql,,2024-01-05,2024-01-06,failed\n");
  tell("e4", "p2", "sql", "started", "2024-02-05", (double)NAN); /* 31 days: another */
  assert_int_equal(absorb().enrolments, 2); /* e1 and e2 make one, e4 another */
}

static void absorbing_twice_is_absorbing_once(void **state) {
  (void)state;
  read_data(HEADER "p1,sql,,2024-01-05,,in_progress\n");
  tell("e1", "p1", "sql", "completed", "2024-03-01", 1);
  tell("e2", "p1", "sql", "assessed", "2024-03-01", 3);
  tell("e3", "p1", "r", "declined", "2024-03-01", (double)NAN);
  (void)absorb();
  const pfc_absorbed told = absorb();
  assert_int_equal(told.known, 3);
  assert_int_equal(told.feedback + told.assessments + told.enrolments + told.changed, 0);
  assert_int_equal(ds->tables[PFC_FEEDBACK].n_rows, 3);
  assert_int_equal(ds->tables[PFC_ASSESSMENTS].n_rows, 1);
}

static void levels_come_with_their_source(void **state) {
  (void)state;
  read_data(HEADER "p1,sql,,2024-01-05,,in_progress\n");
  tell("e1", "p2", "sql", "assessed", "2024-03-01", 3.5);
  assert_int_equal(absorb().assessments, 1);
  const pfc_column *source = pfc_dataset_column(ds, PFC_ASSESSMENTS, "source");
  assert_string_equal(pfc_dict_text(source->dict, source->code[0]), "test");
  assert_true(pfc_dataset_reals(ds, PFC_ASSESSMENTS, "level")[0] == 3.5);
  assert_int_equal(pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on")[0], day("2024-03-01"));
}

static void what_is_corrected_counts_no_more(void **state) {
  (void)state;
  pfc_event e;
  bool is_new;
  read_data(HEADER "p1,sql,,2024-01-05,,in_progress\n");
  tell("e1", "p1", "sql", "completed", "2024-03-01", 1);
  pfc_event_init(&e);
  e.event_id = "e2";
  e.person_id = "p1";
  e.intervention_id = "sql";
  e.kind = "completed";
  e.at = (int64_t)day("2024-03-01") * PFC_DAY_S;
  e.value = 0;
  e.corrects = "e1";
  assert_ok(pfc_store_begin(store, &err));
  assert_ok(pfc_store_add(store, &e, 1, &is_new, &err));
  assert_ok(pfc_store_commit(store, &err));
  const pfc_absorbed told = absorb();
  assert_int_equal(told.corrected, 1);
  assert_int_equal(told.feedback, 1);
  assert_row(0, "p1", "sql", "2024-01-05", "2024-03-01", "failed");
}

static void strangers_are_counted_and_left_out(void **state) {
  (void)state;
  read_data(HEADER "p1,sql,,2024-01-05,,in_progress\n");
  tell("e1", "p1", "python", "accepted", "2024-03-01", (double)NAN);
  const pfc_absorbed told = absorb();
  assert_int_equal(told.strangers, 1);
  assert_int_equal(told.feedback, 0);
  assert_int_equal(ds->tables[PFC_FEEDBACK].n_rows, 0);
}

/* Data of ratings alone: the other tables come to be. */
static void tables_that_are_missing_are_made(void **state) {
  (void)state;
  folder_write("interventions.csv", "intervention_id\nsql\n");
  folder_write("competencies.csv", "competency_id\ndata\n");
  folder_write("assessments.csv", "person_id,competency_id,level\np1,data,2\n");
  ds = folder_import_all();
  tell("e1", "p1", "sql", "started", "2024-03-01", (double)NAN);
  tell("e2", "p1", "sql", "assessed", "2024-04-01", 3);
  const pfc_absorbed told = absorb();
  assert_int_equal(told.enrolments, 1);
  assert_row(0, "p1", "sql", "2024-03-01", "", "in_progress");
  /* Undated assessments stay undated: their order is their time. */
  assert_null(pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on"));
  assert_int_equal(ds->tables[PFC_ASSESSMENTS].n_rows, 2);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(starts_and_ends_go_on_where_the_data_stopped),
      TEST(the_head_is_noted_in_the_dataset),
      TEST(what_the_data_tell_counts_once),
      TEST(absorbing_twice_is_absorbing_once),
      TEST(levels_come_with_their_source),
      TEST(what_is_corrected_counts_no_more),
      TEST(strangers_are_counted_and_left_out),
      TEST(tables_that_are_missing_are_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
