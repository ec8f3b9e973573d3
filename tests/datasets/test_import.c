#include "tests/support/test.h"

#include <math.h>
#include <zlib.h>

#include "base/digest.h"
#include "tests/support/folder.h"

/* --- values --------------------------------------------------------------- */

static void every_type_is_read(void **state) {
  (void)state;
  folder_write("interventions.csv",
               "c_b,hours,intervention_id,seats,opens_on,title,x_a,x_c\n"
               "red,3.5,i1,12,2014-10-01,\"A, \"\"B\"\"\",-1e-3,7\n"
               ",,i2,,,,,\n");
  folder_write("eligibility.csv",
               "intervention_id,role_id,allow\ni1,r,1\ni1,r,0\ni2,r,true\ni2,r,False\n");
  folder_write("feedback.csv",
               "event_id,person_id,intervention_id,at,kind,propensity\n"
               "e1,p,i1,1970-01-02T00:00:01Z,shown,0.25\n");
  folder_write("demand.csv", "month,role_id,index\n1970-02,r,1.5\n1970-02-03,r,1\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(folder_rejects.n, 0);
  const pfc_table *t = &ds->tables[PFC_INTERVENTIONS];
  /* Declared columns as declared, then features as they came. */
  static const char *const ORDER[] = {"intervention_id", "title", "hours", "seats",
                                      "opens_on",        "c_b",   "x_a",   "x_c"};
  assert_int_equal(t->n_columns, 8);
  for (int c = 0; c < 8; c++) assert_string_equal(t->columns[c].name, ORDER[c]);
  assert_true(pfc_dataset_reals(ds, PFC_INTERVENTIONS, "hours")[0] == 3.5);
  assert_true(pfc_dataset_reals(ds, PFC_INTERVENTIONS, "x_a")[0] == -1e-3);
  assert_int_equal(pfc_dataset_column(ds, PFC_INTERVENTIONS, "seats")->i32[0], 12);
  assert_int_equal(pfc_dataset_dates(ds, PFC_INTERVENTIONS, "opens_on")[0], 16344);
  assert_string_equal(pfc_dict_text(pfc_dataset_find_dict(ds, "intervention_title"), 0),
                      "A, \"B\"");
  assert_string_equal(pfc_dict_text(pfc_dataset_find_dict(ds, "c_b"), 0), "red");
  for (int c = 1; c < 8; c++) assert_true(pfc_column_missing(&t->columns[c], 1));
  const int8_t allow[] = {1, 0, 1, 0};
  assert_memory_equal(pfc_dataset_flags(ds, PFC_ELIGIBILITY, "allow"), allow, 4);
  assert_true(pfc_dataset_column(ds, PFC_FEEDBACK, "at")->time[0] == 86401);
  assert_int_equal(pfc_dataset_dates(ds, PFC_DEMAND, "month")[0], 31);
  assert_int_equal(pfc_dataset_dates(ds, PFC_DEMAND, "month")[1], 33);
  pfc_dataset_destroy(ds);
}

static void provenance_is_kept(void **state) {
  (void)state;
  char hex[PFC_SHA256_HEX];
  folder_write("people.csv", "person_id,hired_on\np1,2014-01-01\np2,never\np3,\n");
  assert_ok(pfc_sha256_file(FOLDER "/people.csv", hex, &err));
  pfc_dataset *ds = folder_import_all();
  const pfc_table *t = &ds->tables[PFC_PEOPLE];
  assert_string_equal(t->origin.source, "people.csv");
  assert_string_equal(t->origin.sha256, hex);
  assert_int_equal(t->origin.rows_read, 3);
  assert_int_equal(t->origin.rows_rejected, 1);
  assert_int_equal(t->n_rows, 2);
  assert_int_equal(ds->tables[PFC_ROLES].n_columns, 0);
  assert_null(ds->tables[PFC_ROLES].origin.source);
  pfc_dataset_destroy(ds);
}

/* --- rejects -------------------------------------------------------------- */

static void each_reject_names_file_line_column_value(void **state) {
  static const struct {
    const char *table, *text;
    int line;
    const char *column, *value, *reason;
  } cases[] = {
      {"people", "person_id,hired_on\np,2014-13-01\n", 2, "hired_on", "2014-13-01",
       "expected a date like 2014-10-01"},
      {"people", "person_id,hired_on\np,\n\nq,01/10/2014\n", 4, "hired_on", "01/10/2014",
       "date"},
      {"people", "person_id,hours_per_week\np,4h\n", 2, "hours_per_week", "4h", "number like"},
      {"people", "person_id,hours_per_week\np,169\n", 2, "hours_per_week", "169",
       "from 0 to 168"},
      {"people", "person_id,x_a\np,0x10\n", 2, "x_a", "0x10", "number like"},
      {"people", "person_id,x_a\np,inf\n", 2, "x_a", "inf", "number like"},
      {"people", "person_id,x_a\np,nan\n", 2, "x_a", "nan", "number like"},
      {"people", "person_id,x_a\np,1e999\n", 2, "x_a", "1e999", "number like"},
      {"people", "person_id,x_a\np,\"1,5\"\n", 2, "x_a", "1,5", "number like"},
      {"people", "person_id,hired_on\n,2014-01-01\n", 2, "person_id", "", "the person"},
      {"people", "person_id,hired_on\np,\nq,\np,\n", 4, "person_id", "p", "line 2"},
      {"people", "person_id,hired_on\np\n", 2, "", "p", "expected 2 cells"},
      {"people", "person_id,hired_on\np,,\n", 2, "", "p", "found 3"},
      {"interventions", "intervention_id,cost\ni,-1\n", 2, "cost", "-1", "at least 0"},
      {"interventions", "intervention_id,seats\ni,1.5\n", 2, "seats", "1.5", "whole number"},
      {"interventions", "intervention_id,seats\ni,1e10\n", 2, "seats", "1e10", "whole number"},
      {"interventions", "intervention_id,opens_on,closes_on\ni,2014-02-01,2014-01-31\n", 2,
       "closes_on", "2014-01-31", "not before that of opens_on, which is 2014-02-01"},
      {"requirements", "role_id,competency_id,level,compliance\nr,c,3,yes\n", 2, "compliance",
       "yes", "0, 1, true or false"},
      {"requirements", "role_id,competency_id,level\nr,c,6\n", 2, "level", "6",
       "from 0 to 5, the scale of the framework"},
      {"requirements", "role_id,competency_id,level\nr,c,1\nr,d,1\ns,c,1\nr,c,2\n", 5,
       "role_id", "r", "role_id, competency_id"},
      {"relations", "from_competency_id,to_competency_id,relation\na,b,before\n", 2, "relation",
       "before", "precedes, related, exact"},
      {"assessments", "person_id,competency_id,level\np,c,\n", 2, "level", "",
       "expected a value"},
      {"assessments",
       "person_id,competency_id,level,assessed_on,valid_until\n"
       "p,c,1,2014-02-01,2014-01-01\n",
       2, "valid_until", "2014-01-01", "assessed_on"},
      {"enrolments", "person_id,intervention_id,status\np,i,Passed\n", 2, "status", "Passed",
       "enrolled, in_progress"},
      {"enrolments",
       "person_id,intervention_id,started_on,ended_on\np,i,2014-02-02,2014-02-01\n", 2,
       "ended_on", "2014-02-01", "started_on"},
      {"enrolments", "person_id,intervention_id,split\np,i,Test\n", 2, "split", "Test",
       "train, test"},
      {"episodes", "duration_days,entry_days,event\n3,4,left\n", 2, "duration_days", "3",
       "not below that of entry_days, which is 4"},
      {"episodes", "duration_days,event\n-1,left\n", 2, "duration_days", "-1",
       "from 0 to 3652058"},
      {"positions", "person_id,from,to\np,2014-02-01,2014-01-01\n", 2, "to", "2014-01-01",
       "from"},
      {"sources", "source,scale_min,scale_max\nx,5,5\n", 2, "scale_max", "5", "above"},
      {"prerequisites", "intervention_id,requires_level\ni,2\n", 2, "requires_intervention_id",
       "", "requires_intervention_id or requires_competency_id"},
      {"demand", "month,index\n2014-10,1\n", 2, "role_id", "", "role_id or competency_id"},
      {"demand", "month,role_id,index\n2014-13,r,1\n", 2, "month", "2014-13", "a month like"},
      {"feedback", "event_id,person_id,intervention_id,at,kind\ne,p,i,today,shown\n", 2, "at",
       "today", "a date-time like"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char name[64];
    (void)folder_begin(state);
    (void)snprintf(name, sizeof name, "%s.csv", cases[i].table);
    folder_write(name, cases[i].text);
    pfc_dataset *ds = folder_import_all();
    folder_said(name, cases[i].line, cases[i].column, cases[i].value, cases[i].reason);
    assert_int_equal(folder_rejects.n, 1);
    const pfc_table *t = &ds->tables[pfc_schema_find(cases[i].table)];
    assert_int_equal(t->origin.rows_rejected, 1);
    assert_int_equal(t->n_rows, t->origin.rows_read - 1);
    pfc_dataset_destroy(ds);
  }
}

static void facts_may_repeat(void **state) {
  (void)state;
  folder_write("enrolments.csv", "person_id,intervention_id\np,i\np,i\n");
  folder_write("assessments.csv", "person_id,competency_id,level\np,c,1\np,c,1\n");
  folder_write("positions.csv", "person_id,from\np,2014-01-01\np,2014-01-01\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(folder_rejects.n, 0);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 2);
  pfc_dataset_destroy(ds);
}

static void a_row_with_two_faults_counts_once(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,hired_on,x_a\np,then,much\n");
  pfc_dataset *ds = folder_import_all();
  folder_said("people.csv", 2, "hired_on", "then", "date");
  folder_said("people.csv", 2, "x_a", "much", "number");
  assert_int_equal(ds->tables[PFC_PEOPLE].origin.rows_rejected, 1);
  pfc_dataset_destroy(ds);
}

static void long_values_are_cut_between_characters(void **state) {
  (void)state;
  char text[1024] = "person_id,hired_on\np,a";
  for (int i = 0; i < 150; i++) (void)strcat(text, "\xc3\xa9");
  (void)strcat(text, "\n");
  folder_write("people.csv", text);
  pfc_dataset_destroy(folder_import_all());
  assert_int_equal(folder_rejects.n, 1);
  assert_int_equal(strlen(folder_rejects.at[0].value), 199); /* 200 would halve a character */
}

/* --- levels and their scales ---------------------------------------------- */

static void levels_are_held_to_their_scale(void **state) {
  (void)state;
  folder_write("sources.csv", "source,scale_min,scale_max\ntest,0,100\n");
  folder_write("assessments.csv",
               "person_id,competency_id,level,source\n"
               "p,c,80,test\np,c,101,test\np,c,6.5,self\np,c,7.5,self\np,c,7.5,\n");
  pfc_import_settings s = folder_tolerant();
  s.scale_min = 0;
  s.scale_max = 7;
  pfc_dataset *ds = NULL;
  assert_ok(folder_import(&s, &ds, &err));
  folder_said("assessments.csv", 3, "level", "101", "from 0 to 100, the scale of source test");
  folder_said("assessments.csv", 5, "level", "7.5", "from 0 to 7, the scale of the framework");
  folder_said("assessments.csv", 6, "level", "7.5", "from 0 to 7, the scale of the framework");
  assert_int_equal(folder_rejects.n, 3);
  assert_true(ds->scale_min == 0 && ds->scale_max == 7);
  pfc_dataset_destroy(ds);
}

/* --- columns and files ---------------------------------------------------- */

static void unknown_columns_are_told_once(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,Hired_On,salary\np,1,2\nq,1,2\n");
  folder_write("targets.csv", "intervention_id,competency_id,x_a\ni,c,1\ni,d,1\n");
  pfc_dataset *ds = folder_import_all();
  folder_said("people.csv", 1, "Hired_On", "", "did you mean 'hired_on'?");
  folder_said("people.csv", 1, "salary", "", "name it x_");
  folder_said("targets.csv", 1, "x_a", "", "takes no x_ or c_");
  assert_int_equal(folder_rejects.n, 3);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_columns, 1);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 2);
  pfc_dataset_destroy(ds);
}

static void headers_that_cannot_be_used_fail(void **state) {
  static const struct {
    const char *name, *text, *message;
  } cases[] = {
      {"enrolments.csv", "person_id,status\n", "enrolments lacks intervention_id"},
      {"enrolments.csv", "person_id,status\n", "needs the columns person_id, intervention_id"},
      {"people.csv", "name,role\nx,y\n", "people.csv:1: table people lacks person_id;"},
      {"people.csv", "person_id,x_a,x_a\n",
       "people.csv:1: columns 2 and 3 are both named 'x_a'"},
      {"people.csv", "PersonID,role\n", "lacks person_id (is 'PersonID' meant?);"},
      {"people.csv", "\nPersonID,role\n", "people.csv:2: table people lacks"},
      {"people.csv", "name,role\nx,y\n", "found are: name, role"},
      {"people.csv", "person_id;role_id\np;r\n", "seems to have ';' between its cells"},
      {"people.csv", "person_id\trole_id\np\tr\n", "seems to have tabs between its cells"},
      {"people.csv", "", "people.csv is empty"},
      {"people.csv", "person_id\n\"p\n", "people.csv:2: column 1: the quote"},
  };
  const pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    (void)folder_begin(state);
    folder_write(cases[i].name, cases[i].text);
    assert_fails(folder_import(&s, &ds, &err), PFC_EDATA, cases[i].message);
    assert_null(ds);
  }
}

static void a_table_without_rows_is_a_table(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,role_id\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(ds->tables[PFC_PEOPLE].n_columns, 2);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 0);
  pfc_dataset_destroy(ds);
}

static void misspelt_files_are_told(void **state) {
  (void)state;
  folder_write("people.csv", "person_id\np\n");
  folder_write("enrollments.csv.gz", "");
  folder_write("zebra.csv", "");
  folder_write("notes.txt", "");
  pfc_dataset *ds = folder_import_all();
  folder_said("enrollments.csv.gz", 1, "", "enrollments", "did you mean enrolments.csv?");
  folder_said("zebra.csv", 1, "", "zebra", "no table has this name");
  assert_int_equal(folder_rejects.n, 2);
  pfc_dataset_destroy(ds);
}

static void sources_that_hold_nothing_fail(void **state) {
  (void)state;
  const pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds = NULL;
  const char *const absent[] = {"absent"}, *const stray[] = {FOLDER "/stray.csv"};
  folder_write("stray.csv", "a\n1\n");
  assert_fails(folder_import(&s, &ds, &err), PFC_EDATA, "no table found");
  assert_fails(pfc_import(absent, 1, &s, &ds, &err), PFC_EIO, "absent");
  assert_fails(pfc_import(stray, 1, &s, &ds, &err), PFC_EDATA, "named after a table");
  assert_fails(pfc_import(stray, 0, &s, &ds, &err), PFC_EUSAGE, "no source");
  folder_write("people.csv", "person_id\np\n");
  folder_write("people.csv.gz", "x");
  assert_fails(folder_import(&s, &ds, &err), PFC_EDATA, "both there");
  assert_null(ds);
}

static void several_sources_add_up(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,x_a\np,1\n");
  gzFile gz = gzopen(FOLDER "2/people.csv.gz", "wb");
  assert_int_equal(gzputs(gz, "x_b,person_id\n2,q\n3,p\n"), 22);
  assert_int_equal(gzclose(gz), Z_OK);
  test_write_file(FOLDER "2/roles.csv", "role_id\nr\n", 10);
  const char *const sources[] = {FOLDER, FOLDER "2/people.csv.gz", FOLDER "2/roles.csv"};
  const pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds = NULL;
  assert_ok(pfc_import(sources, 3, &s, &ds, &err));
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 2);
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 1);
  assert_string_equal(ds->tables[PFC_PEOPLE].origin.source, "people.csv, people.csv.gz");
  assert_int_equal(strlen(ds->tables[PFC_PEOPLE].origin.sha256), 64 + 2 + 64);
  assert_true(isnan(pfc_dataset_reals(ds, PFC_PEOPLE, "x_a")[1]));
  assert_true(isnan(pfc_dataset_reals(ds, PFC_PEOPLE, "x_b")[0]));
  assert_true(pfc_dataset_reals(ds, PFC_PEOPLE, "x_b")[1] == 2);
  folder_said("people.csv.gz", 3, "person_id", "p", "line 2 of in/people.csv has the same");
  pfc_dataset_destroy(ds);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup(f, folder_begin)
  const struct CMUnitTest tests[] = {
      TEST(every_type_is_read),
      TEST(provenance_is_kept),
      TEST(each_reject_names_file_line_column_value),
      TEST(facts_may_repeat),
      TEST(a_row_with_two_faults_counts_once),
      TEST(long_values_are_cut_between_characters),
      TEST(levels_are_held_to_their_scale),
      TEST(unknown_columns_are_told_once),
      TEST(headers_that_cannot_be_used_fail),
      TEST(a_table_without_rows_is_a_table),
      TEST(misspelt_files_are_told),
      TEST(sources_that_hold_nothing_fail),
      TEST(several_sources_add_up),
  };
  return cmocka_run_group_tests_name("datasets/import", tests, NULL, NULL);
}
