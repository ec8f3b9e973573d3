#include "tests/support/test.h"

#include <math.h>

#include "datasets/import_internal.h"
#include "tests/support/dataset.h"
#include "tests/support/folder.h"
#include "tests/support/oom.h"

/* --- limits --------------------------------------------------------------- */

static void too_many_bad_rows_fail_with_the_first_reason(void **state) {
  (void)state;
  char text[4096] = "person_id,hired_on\n";
  for (int i = 0; i < 200; i++) {
    const size_t used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, "p%d,%s\n", i, i % 100 == 7 ? "x" : "");
  }
  folder_write("people.csv", text);
  pfc_import_settings s;
  pfc_import_defaults(&s);
  pfc_dataset *ds = NULL;
  assert_ok(folder_import(&s, &ds, &err)); /* 2 of 200 is 1 % */
  pfc_dataset_destroy(ds);
  s.max_bad_share = 0.009;
  assert_fails(folder_import(&s, &ds, &err), PFC_EDATA,
               "table people: 2 of 200 rows rejected; allowed "
               "are 1; mend");
  assert_fails(folder_import(&s, &ds, &err), PFC_EDATA, "first in/people.csv:9: hired_on 'x'");
  s.max_bad = 2;
  assert_ok(folder_import(&s, &ds, &err));
  pfc_dataset_destroy(ds);
}

/* 200 people with an enrolment each; what stands in `bad` replaces a row. */
static void write_pairs(int n_bad_dates, const char *more_people, const char *more_enrolments) {
  char people[8192] = "person_id,hired_on\n", rows[8192] = "person_id,intervention_id\n";
  for (int i = 0; i < 200; i++) {
    (void)snprintf(people + strlen(people), 32, "p%d,%s\n", i, i < n_bad_dates ? "x" : "");
    (void)snprintf(rows + strlen(rows), 32, "p%d,i\n", i);
  }
  (void)strcat(people, more_people);
  (void)strcat(rows, more_enrolments);
  folder_write("people.csv", people);
  folder_write("enrolments.csv", rows);
}

/* Without a limit: one row in a hundred for its values and what refers to it, none for
 * keys and references. */
static void keys_and_references_are_not_let_pass(void **state) {
  static const struct {
    int n_bad_dates;
    const char *people, *enrolments, *message; /* NULL: it passes */
  } cases[] = {
      {2, "", "", NULL},
      {3, "", "", "table people: 3 of 200 rows rejected; allowed are 2 (1 %);"},
      {0, "p0,\n", "", "table people: 1 of 201 rows rejected, 1 of them for keys"},
      {0, "", "q,i\n", "table enrolments: 1 of 201 rows rejected, 1 of them for keys"},
      {1, "q\n", "q,i\n", NULL},
      {2, "", "q,i\n", "table enrolments: 3 of 201 rows rejected, 1 of them for keys"},
  };
  pfc_import_settings s;
  pfc_import_defaults(&s);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pfc_dataset *ds = NULL;
    (void)folder_begin(state);
    write_pairs(cases[i].n_bad_dates, cases[i].people, cases[i].enrolments);
    if (cases[i].message)
      assert_fails(folder_import(&s, &ds, &err), PFC_EDATA, cases[i].message);
    else
      assert_ok(folder_import(&s, &ds, &err));
    pfc_dataset_destroy(ds);
    s.max_bad = 3;
    assert_ok(folder_import(&s, &ds, &err));
    pfc_dataset_destroy(ds);
    s.max_bad = -1;
  }
}

/* Each is managed by the next, and the last row is bad: all of them go. */
static void long_chains_of_references_are_followed(void **state) {
  (void)state;
  enum { N = 200000 };
  FILE *f = fopen(FOLDER "/people.csv", "w");
  (void)fputs("person_id,manager_id,hired_on\n", f);
  for (int i = 0; i < N; i++)
    (void)fprintf(f, "%d,%d,%s\n", i, i + 1 < N ? i + 1 : i - 1, i + 1 < N ? "" : "x");
  assert_int_equal(fclose(f), 0);
  pfc_import_settings s;
  pfc_import_defaults(&s);
  s.max_bad_share = 1;
  pfc_dataset *ds = NULL;
  assert_ok(folder_import(&s, &ds, &err));
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 0);
  assert_int_equal(ds->tables[PFC_PEOPLE].origin.rows_rejected, N);
  pfc_dataset_destroy(ds);
}

static pfc_status refuse(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)reject, (void)user;
  return pfc_fail(err, PFC_EIO, "disk full");
}

static int stop(const pfc_progress_event *event, void *user) {
  (void)user;
  assert_string_equal(event->stage, "import people");
  return 1;
}

static void callbacks_can_stop_it(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,hired_on\np,x\n");
  pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds;
  s.on_reject = refuse;
  assert_fails(folder_import(&s, &ds, &err), PFC_EIO, "disk full");
  FILE *f = fopen(FOLDER "/people.csv", "w");
  (void)fputs("person_id\n", f);
  for (int i = 0; i < 70000; i++) (void)fprintf(f, "%d\n", i);
  assert_int_equal(fclose(f), 0);
  s.progress.fn = stop;
  assert_fails(folder_import(&s, &ds, &err), PFC_ECANCELLED, "");
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  const pfc_import_settings good = folder_tolerant();
  pfc_import_settings s = good;
  s.struct_size = 0;
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "pfc_import_defaults");
  s = good, s.scale_min = 1;
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "both or neither");
  s = good, s.scale_min = 1, s.scale_max = 1;
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "scale_min < scale_max");
  s = good, s.max_bad = -2;
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "max_bad");
  s = good, s.max_bad_share = 1.5;
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "max_bad_share");
  s = good, s.preset = "lms";
  assert_fails(folder_import(&s, &ds, &err), PFC_EUSAGE, "no preset 'lms'");
}

/* --- across tables -------------------------------------------------------- */

static void references_must_resolve_where_the_table_is(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,role_id,manager_id\np,r,\nq,r,p\ns,r,nobody\n");
  folder_write("enrolments.csv", "person_id,intervention_id\np,i\nx,i\n");
  pfc_dataset *ds = folder_import_all();
  folder_said("people.csv", 4, "manager_id", "nobody", "table people, which has no such row");
  folder_said("enrolments.csv", 3, "person_id", "x", "table people, which has no such row");
  assert_int_equal(folder_rejects.n,
                   2); /* roles and interventions are not there: any id will do */
  pfc_dataset_destroy(ds);
}

/* What refers to a rejected row goes too, and what refers to that. */
static void rejects_carry_over(void **state) {
  (void)state;
  folder_write("roles.csv", "role_id,criticality\ngood,1\nbad,2\n");
  folder_write("people.csv",
               "person_id,role_id,manager_id\nd,good,c\nc,good,b\nb,good,a\na,bad,\ne,good,\n");
  folder_write("enrolments.csv", "person_id,intervention_id\nd,i\ne,i\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 1);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 1);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 1);
  folder_said("people.csv", 5, "role_id", "bad", "table roles");
  folder_said("people.csv", 2, "manager_id", "c", "table people");
  folder_said("enrolments.csv", 2, "person_id", "d", "table people");
  /* Nothing of the rejected rows is left in the dictionaries. */
  assert_int_equal(pfc_dataset_count(ds, "person"), 1);
  assert_int_equal(pfc_dataset_count(ds, "role"), 1);
  pfc_dataset_destroy(ds);
}

static void owners_rows_number_their_ids(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,role_id,manager_id\np,s,q\nq,r,\nt,r,q\n");
  folder_write("roles.csv", "role_id\nr\nunused\ns\n");
  folder_write("enrolments.csv", "person_id,intervention_id\nt,z\np,y\nt,z\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(folder_rejects.n, 0);
  for (int32_t r = 0; r < 3; r++) {
    assert_int_equal(pfc_dataset_codes(ds, PFC_PEOPLE, "person_id")[r], r);
    assert_int_equal(pfc_dataset_codes(ds, PFC_ROLES, "role_id")[r], r);
  }
  assert_int_equal(pfc_dataset_codes(ds, PFC_PEOPLE, "role_id")[0], 2);
  assert_int_equal(pfc_dataset_codes(ds, PFC_PEOPLE, "manager_id")[0], 1);
  /* An open vocabulary: in order of appearance. */
  const int32_t interventions[] = {0, 1, 0};
  assert_memory_equal(pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id"), interventions,
                      sizeof interventions);
  pfc_dataset_destroy(ds);
}

static void a_split_column_is_taken_as_it_stands(void **state) {
  (void)state;
  folder_write("enrolments.csv", "person_id,intervention_id,split\np,i,train\nq,i,test\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(ds->split.kind, PFC_SPLIT_COLUMN);
  const pfc_dict *dict = pfc_dataset_find_dict(ds, "split");
  const int32_t *split = pfc_dataset_codes(ds, PFC_ENROLMENTS, "split");
  assert_string_equal(pfc_dict_text(dict, split[0]), "train");
  assert_string_equal(pfc_dict_text(dict, split[1]), "test");
  pfc_dataset_destroy(ds);
}

static void protected_columns_are_words(void **state) {
  (void)state;
  folder_write("protected.csv", "person_id,gender,x_age,a/b\np,f,30,1\nq,,31,1\n");
  pfc_dataset *ds = folder_import_all();
  folder_said("protected.csv", 1, "a/b", "", "ignored");
  assert_int_equal(ds->tables[PFC_PROTECTED].n_columns, 3);
  const pfc_column *age = pfc_dataset_column(ds, PFC_PROTECTED, "x_age");
  assert_int_equal(age->type, PFC_CODE);
  assert_string_equal(pfc_dict_text(age->dict, age->code[1]), "31");
  assert_int_equal(pfc_dataset_codes(ds, PFC_PROTECTED, "gender")[1], -1);
  pfc_dataset_destroy(ds);
}

static void the_same_input_gives_the_same_dataset(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,role_id,c_site,x_a\np,r,b,1\nq,s,a,\nbad,,,x\n");
  folder_write("enrolments.csv", "person_id,intervention_id,status\np,i,passed\nz,i,failed\n");
  pfc_dataset *a = folder_import_all(), *b = folder_import_all();
  test_dataset_equal(a, b, true);
  pfc_dataset_destroy(a);
  pfc_dataset_destroy(b);
}

static void short_memory_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,role_id,c_site,x_a\np,r,b,1\nq,s,a,\nbad,,,x\np,r,,\n");
  folder_write("sources.csv", "source,scale_min,scale_max\ns,0,1\n");
  folder_write("assessments.csv", "person_id,competency_id,level,source\np,c,1,s\nz,c,1,s\n");
  const pfc_import_settings s = folder_tolerant();
  for (long fail_at = 0;; fail_at++) {
    pfc_dataset *ds = NULL;
    pfc_error err = PFC_ERROR_INIT;
    folder_rejects.n = 0;
    oom_after(fail_at);
    const pfc_status st = folder_import(&s, &ds, &err);
    const bool failed = oom_happened();
    oom_after(-1);
    if (st != (failed ? PFC_ENOMEM : PFC_OK))
      fail_msg("allocation %ld: status %d, %s", fail_at, (int)st, err.msg);
    assert_int_equal(ds == NULL, failed);
    pfc_dataset_destroy(ds);
    if (!failed) break;
  }
}

/* --- what presets use ----------------------------------------------------- */

static void headers_are_matched_by_name(void **state) {
  (void)state;
  const char *const cells[] = {"b", "a", "d"};
  const size_t sizes[] = {1, 1, 1};
  const pfc_csv_row header = {1, 3, cells, sizes};
  const char *const names[] = {"a", "?c", "?d", "b"}, *const more[] = {"a", "c", "e", "?f"};
  int at[4];
  assert_ok(pfc__header_find("f.csv", &header, names, 4, at, &err));
  const int expected[] = {1, -1, 2, 0};
  assert_memory_equal(at, expected, sizeof at);
  assert_fails(pfc__header_find("f.csv", &header, more, 4, at, &err), PFC_EDATA,
               "f.csv:1: no column c, e; expected the columns a, c, e");
}

/* Values given as numbers are held to the same rules as text. */
static void typed_cells_are_checked(void **state) {
  (void)state;
  static const char *const COLUMNS[] = {"person_id", "hours_per_week", "hired_on", "x_a"};
  folder_write("anything.txt", "x");
  const pfc_import_settings s = folder_tolerant();
  pfc__import run = {.settings = &s, .ds = pfc_dataset_create()};
  pfc__builder *b = NULL;
  assert_ok(pfc__build_begin(&run, PFC_PEOPLE, FOLDER "/anything.txt", COLUMNS, 4, &b, &err));
  pfc__build_row(b, 7);
  assert_ok(pfc__build_text(b, 0, "p", &err));
  assert_ok(pfc__build_real(b, 1, 12, &err));
  assert_ok(pfc__build_date(b, 2, 100, &err));
  assert_ok(pfc__build_real(b, 3, NAN, &err));
  assert_ok(pfc__build_end(b, &err));
  pfc__build_row(b, 8);
  assert_ok(pfc__build_text(b, 0, "q", &err));
  assert_ok(pfc__build_real(b, 1, 200, &err));
  assert_ok(pfc__build_end(b, &err));
  pfc__build_row(b, 9);
  assert_ok(pfc__build_text(b, 0, "r", &err));
  assert_ok(pfc__build_reject(b, "their column", "v", "their reason", &err));
  assert_ok(pfc__build_end(b, &err));
  assert_fails(pfc__build_date(b, 1, 3, &err), PFC_EUSAGE,
               "people.hours_per_week takes no date");
  assert_ok(pfc__import_finish(&run, &err));
  folder_said("anything.txt", 8, "hours_per_week", "200", "from 0 to 168");
  folder_said("anything.txt", 9, "their column", "v", "their reason");
  assert_int_equal(run.ds->tables[PFC_PEOPLE].n_rows, 1);
  assert_int_equal(pfc_dataset_dates(run.ds, PFC_PEOPLE, "hired_on")[0], 100);
  assert_true(isnan(pfc_dataset_reals(run.ds, PFC_PEOPLE, "x_a")[0]));
  pfc__builder_destroy(b);
  pfc_dataset_destroy(run.ds);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup(f, folder_begin)
  const struct CMUnitTest tests[] = {
      TEST(too_many_bad_rows_fail_with_the_first_reason),
      TEST(keys_and_references_are_not_let_pass),
      TEST(long_chains_of_references_are_followed),
      TEST(callbacks_can_stop_it),
      TEST(settings_are_checked),
      TEST(references_must_resolve_where_the_table_is),
      TEST(rejects_carry_over),
      TEST(owners_rows_number_their_ids),
      TEST(a_split_column_is_taken_as_it_stands),
      TEST(protected_columns_are_words),
      TEST(the_same_input_gives_the_same_dataset),
      TEST(short_memory_is_reported_and_leaks_nothing),
      TEST(headers_are_matched_by_name),
      TEST(typed_cells_are_checked),
  };
  return cmocka_run_group_tests_name("datasets/import_rules", tests, NULL, NULL);
}
