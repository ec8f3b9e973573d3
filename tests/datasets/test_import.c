#include "tests/support/test.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/digest.h"
#include "datasets/import.h"
#include "datasets/import_internal.h"
#include "tests/support/dataset.h"
#include "tests/support/oom.h"

/* --- a folder of tables, and what import said of it ----------------------------------------
 */

enum { MAX_SAID = 64 };

typedef struct said {
  char file[64], column[64], value[256], reason[400];
  int64_t line;
} said;

static struct {
  int n;
  said at[MAX_SAID];
} rejects;

static pfc_status note(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)user, (void)err;
  assert_true(rejects.n < MAX_SAID);
  said *s = &rejects.at[rejects.n++];
  const char *slash = strrchr(reject->file, '/');
  (void)snprintf(s->file, sizeof s->file, "%s", slash ? slash + 1 : reject->file);
  (void)snprintf(s->column, sizeof s->column, "%s", reject->column);
  (void)snprintf(s->value, sizeof s->value, "%s", reject->value);
  (void)snprintf(s->reason, sizeof s->reason, "%s", reject->reason);
  s->line = reject->line;
  return PFC_OK;
}

#define IN "in"

static void write_table(const char *name, const char *text) {
  char path[128];
  (void)snprintf(path, sizeof path, IN "/%s", name);
  test_write_file(path, text, strlen(text));
}

static void make_empty(const char *folder) {
  char path[512];
  (void)mkdir(folder, 0700);
  DIR *open = opendir(folder);
  assert_non_null(open);
  for (const struct dirent *entry; (entry = readdir(open));) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.') assert_int_equal(unlink(path), 0);
  }
  assert_int_equal(closedir(open), 0);
}

static int begin(void **state) {
  (void)state;
  make_empty(IN);
  make_empty(IN "2");
  rejects.n = 0;
  return 0;
}

/* Every row may be bad, so that single rules can be looked at. */
static pfc_import_settings tolerant(void) {
  pfc_import_settings s;
  pfc_import_defaults(&s);
  s.max_bad = 1000;
  s.on_reject = note;
  return s;
}

static pfc_status import_with(const pfc_import_settings *s, pfc_dataset **ds, pfc_error *err) {
  static const char *const FOLDER[] = {IN};
  *ds = NULL;
  return pfc_import(FOLDER, 1, s, ds, err);
}

static pfc_dataset *import_all(void) {
  const pfc_import_settings s = tolerant();
  pfc_dataset *ds = NULL;
  assert_ok(import_with(&s, &ds, &err));
  return ds;
}

/* Was this said, once? */
static void was_said(const char *file, int64_t line, const char *column, const char *value,
                     const char *reason) {
  int n = 0;
  for (int i = 0; i < rejects.n; i++) {
    const said *s = &rejects.at[i];
    n += s->line == line && strcmp(s->file, file) == 0 && strcmp(s->column, column) == 0 &&
         strcmp(s->value, value) == 0 && strstr(s->reason, reason) != NULL;
  }
  if (n == 1) return;
  for (int i = 0; i < rejects.n; i++)
    print_message("said: %s:%lld [%s] '%s' %s\n", rejects.at[i].file,
                  (long long)rejects.at[i].line, rejects.at[i].column, rejects.at[i].value,
                  rejects.at[i].reason);
  fail_msg("%s:%lld [%s] '%s' \"%s\" was said %d times", file, (long long)line, column, value,
           reason, n);
}

/* --- values
 * ------------------------------------------------------------------------------------ */

static void every_type_is_read(void **state) {
  (void)state;
  write_table("interventions.csv",
              "c_b,hours,intervention_id,seats,opens_on,title,x_a,x_c\n"
              "red,3.5,i1,12,2014-10-01,\"A, \"\"B\"\"\",-1e-3,7\n"
              ",,i2,,,,,\n");
  write_table("eligibility.csv",
              "intervention_id,role_id,allow\ni1,r,1\ni1,r,0\ni2,r,true\ni2,r,False\n");
  write_table("feedback.csv",
              "event_id,person_id,intervention_id,at,kind,propensity\n"
              "e1,p,i1,1970-01-02T00:00:01Z,shown,0.25\n");
  write_table("demand.csv", "month,role_id,index\n1970-02,r,1.5\n1970-02-03,r,1\n");
  pfc_dataset *ds = import_all();
  assert_int_equal(rejects.n, 0);
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
  write_table("people.csv", "person_id,hired_on\np1,2014-01-01\np2,never\np3,\n");
  assert_ok(pfc_sha256_file(IN "/people.csv", hex, &err));
  pfc_dataset *ds = import_all();
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

/* --- rejects
 * ------------------------------------------------------------------------------------ */

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
       "before", "precedes|related|exact"},
      {"assessments", "person_id,competency_id,level\np,c,\n", 2, "level", "",
       "expected a value"},
      {"assessments",
       "person_id,competency_id,level,assessed_on,valid_until\n"
       "p,c,1,2014-02-01,2014-01-01\n",
       2, "valid_until", "2014-01-01", "assessed_on"},
      {"enrolments", "person_id,intervention_id,status\np,i,Passed\n", 2, "status", "Passed",
       "enrolled|in_progress"},
      {"enrolments",
       "person_id,intervention_id,started_on,ended_on\np,i,2014-02-02,2014-02-01\n", 2,
       "ended_on", "2014-02-01", "started_on"},
      {"enrolments", "person_id,intervention_id,split\np,i,Test\n", 2, "split", "Test",
       "train|test"},
      {"episodes", "duration_days,entry_days,event\n3,4,left\n", 2, "duration_days", "3",
       "not below that of entry_days, which is 4"},
      {"episodes", "duration_days,event\n-1,left\n", 2, "duration_days", "-1", "at least 0"},
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
    begin(state);
    (void)snprintf(name, sizeof name, "%s.csv", cases[i].table);
    write_table(name, cases[i].text);
    pfc_dataset *ds = import_all();
    was_said(name, cases[i].line, cases[i].column, cases[i].value, cases[i].reason);
    assert_int_equal(rejects.n, 1);
    const pfc_table *t = &ds->tables[pfc_schema_find(cases[i].table)];
    assert_int_equal(t->origin.rows_rejected, 1);
    assert_int_equal(t->n_rows, t->origin.rows_read - 1);
    pfc_dataset_destroy(ds);
  }
}

static void facts_may_repeat(void **state) {
  (void)state;
  write_table("enrolments.csv", "person_id,intervention_id\np,i\np,i\n");
  write_table("assessments.csv", "person_id,competency_id,level\np,c,1\np,c,1\n");
  write_table("positions.csv", "person_id,from\np,2014-01-01\np,2014-01-01\n");
  pfc_dataset *ds = import_all();
  assert_int_equal(rejects.n, 0);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 2);
  pfc_dataset_destroy(ds);
}

static void a_row_with_two_faults_counts_once(void **state) {
  (void)state;
  write_table("people.csv", "person_id,hired_on,x_a\np,then,much\n");
  pfc_dataset *ds = import_all();
  was_said("people.csv", 2, "hired_on", "then", "date");
  was_said("people.csv", 2, "x_a", "much", "number");
  assert_int_equal(ds->tables[PFC_PEOPLE].origin.rows_rejected, 1);
  pfc_dataset_destroy(ds);
}

static void long_values_are_cut_between_characters(void **state) {
  (void)state;
  char text[1024] = "person_id,hired_on\np,a";
  for (int i = 0; i < 150; i++) (void)strcat(text, "\xc3\xa9");
  (void)strcat(text, "\n");
  write_table("people.csv", text);
  pfc_dataset_destroy(import_all());
  assert_int_equal(rejects.n, 1);
  assert_int_equal(strlen(rejects.at[0].value), 199); /* 200 would halve a character */
}

/* --- levels and their scales
 * ---------------------------------------------------------------------- */

static void levels_are_held_to_their_scale(void **state) {
  (void)state;
  write_table("sources.csv", "source,scale_min,scale_max\ntest,0,100\n");
  write_table("assessments.csv",
              "person_id,competency_id,level,source\n"
              "p,c,80,test\np,c,101,test\np,c,6.5,self\np,c,7.5,self\np,c,7.5,\n");
  pfc_import_settings s = tolerant();
  s.scale_min = 0;
  s.scale_max = 7;
  pfc_dataset *ds = NULL;
  assert_ok(import_with(&s, &ds, &err));
  was_said("assessments.csv", 3, "level", "101", "from 0 to 100, the scale of source test");
  was_said("assessments.csv", 5, "level", "7.5", "from 0 to 7, the scale of the framework");
  was_said("assessments.csv", 6, "level", "7.5", "from 0 to 7, the scale of the framework");
  assert_int_equal(rejects.n, 3);
  assert_true(ds->scale_min == 0 && ds->scale_max == 7);
  pfc_dataset_destroy(ds);
}

/* --- columns and files
 * --------------------------------------------------------------------------------- */

static void unknown_columns_are_told_once(void **state) {
  (void)state;
  write_table("people.csv", "person_id,Hired_On,salary\np,1,2\nq,1,2\n");
  write_table("targets.csv", "intervention_id,competency_id,x_a\ni,c,1\ni,d,1\n");
  pfc_dataset *ds = import_all();
  was_said("people.csv", 1, "Hired_On", "", "did you mean 'hired_on'?");
  was_said("people.csv", 1, "salary", "", "name it x_");
  was_said("targets.csv", 1, "x_a", "", "takes no x_ or c_");
  assert_int_equal(rejects.n, 3);
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
      {"people.csv", "name,role\nx,y\n", "people.csv: table people lacks person_id"},
      {"people.csv", "person_id,x_a,x_a\n", "column 'x_a' is named twice"},
      {"people.csv", "", "people.csv is empty"},
      {"people.csv", "person_id\n\"p\n", "people.csv:2: column 1: the quote"},
  };
  const pfc_import_settings s = tolerant();
  pfc_dataset *ds;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    begin(state);
    write_table(cases[i].name, cases[i].text);
    assert_fails(import_with(&s, &ds, &err), PFC_EDATA, cases[i].message);
    assert_null(ds);
  }
}

static void a_table_without_rows_is_a_table(void **state) {
  (void)state;
  write_table("people.csv", "person_id,role_id\n");
  pfc_dataset *ds = import_all();
  assert_int_equal(ds->tables[PFC_PEOPLE].n_columns, 2);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 0);
  pfc_dataset_destroy(ds);
}

static void misspelt_files_are_told(void **state) {
  (void)state;
  write_table("people.csv", "person_id\np\n");
  write_table("enrollments.csv.gz", "");
  write_table("zebra.csv", "");
  write_table("notes.txt", "");
  pfc_dataset *ds = import_all();
  was_said("enrollments.csv.gz", 1, "", "enrollments", "did you mean enrolments.csv?");
  was_said("zebra.csv", 1, "", "zebra", "no table has this name");
  assert_int_equal(rejects.n, 2);
  pfc_dataset_destroy(ds);
}

static void sources_that_hold_nothing_fail(void **state) {
  (void)state;
  const pfc_import_settings s = tolerant();
  pfc_dataset *ds = NULL;
  const char *const absent[] = {"absent"}, *const stray[] = {IN "/stray.csv"};
  write_table("stray.csv", "a\n1\n");
  assert_fails(import_with(&s, &ds, &err), PFC_EDATA, "no table found");
  assert_fails(pfc_import(absent, 1, &s, &ds, &err), PFC_EIO, "absent");
  assert_fails(pfc_import(stray, 1, &s, &ds, &err), PFC_EDATA, "named after a table");
  assert_fails(pfc_import(stray, 0, &s, &ds, &err), PFC_EUSAGE, "no source");
  write_table("people.csv", "person_id\np\n");
  write_table("people.csv.gz", "x");
  assert_fails(import_with(&s, &ds, &err), PFC_EDATA, "both there");
  assert_null(ds);
}

static void several_sources_add_up(void **state) {
  (void)state;
  write_table("people.csv", "person_id,x_a\np,1\n");
  gzFile gz = gzopen(IN "2/people.csv.gz", "wb");
  assert_int_equal(gzputs(gz, "x_b,person_id\n2,q\n3,p\n"), 22);
  assert_int_equal(gzclose(gz), Z_OK);
  test_write_file(IN "2/roles.csv", "role_id\nr\n", 10);
  const char *const sources[] = {IN, IN "2/people.csv.gz", IN "2/roles.csv"};
  const pfc_import_settings s = tolerant();
  pfc_dataset *ds = NULL;
  assert_ok(pfc_import(sources, 3, &s, &ds, &err));
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 2);
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 1);
  assert_string_equal(ds->tables[PFC_PEOPLE].origin.source, "people.csv, people.csv.gz");
  assert_int_equal(strlen(ds->tables[PFC_PEOPLE].origin.sha256), 64 + 2 + 64);
  assert_true(isnan(pfc_dataset_reals(ds, PFC_PEOPLE, "x_a")[1]));
  assert_true(isnan(pfc_dataset_reals(ds, PFC_PEOPLE, "x_b")[0]));
  assert_true(pfc_dataset_reals(ds, PFC_PEOPLE, "x_b")[1] == 2);
  was_said("people.csv.gz", 3, "person_id", "p", "line 2 of in/people.csv has the same");
  pfc_dataset_destroy(ds);
}

/* --- limits
 * --------------------------------------------------------------------------------------------
 */

static void too_many_bad_rows_fail_with_the_first_reason(void **state) {
  (void)state;
  char text[4096] = "person_id,hired_on\n";
  for (int i = 0; i < 200; i++) {
    const size_t used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, "p%d,%s\n", i, i % 100 == 7 ? "x" : "");
  }
  write_table("people.csv", text);
  pfc_import_settings s;
  pfc_import_defaults(&s);
  pfc_dataset *ds = NULL;
  assert_ok(import_with(&s, &ds, &err)); /* 2 of 200 is 1 % */
  pfc_dataset_destroy(ds);
  s.max_bad_share = 0.009;
  assert_fails(import_with(&s, &ds, &err), PFC_EDATA,
               "table people: 2 of 200 rows rejected; first in/people.csv:9: hired_on 'x'");
  s.max_bad = 2;
  assert_ok(import_with(&s, &ds, &err));
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
  write_table("people.csv", "person_id,hired_on\np,x\n");
  pfc_import_settings s = tolerant();
  pfc_dataset *ds;
  s.on_reject = refuse;
  assert_fails(import_with(&s, &ds, &err), PFC_EIO, "disk full");
  FILE *f = fopen(IN "/people.csv", "w");
  (void)fputs("person_id\n", f);
  for (int i = 0; i < 70000; i++) (void)fprintf(f, "%d\n", i);
  assert_int_equal(fclose(f), 0);
  s.progress.fn = stop;
  assert_fails(import_with(&s, &ds, &err), PFC_ECANCELLED, "");
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  const pfc_import_settings good = tolerant();
  pfc_import_settings s = good;
  s.struct_size = 0;
  assert_fails(import_with(&s, &ds, &err), PFC_EUSAGE, "pfc_import_defaults");
  s = good, s.scale_min = 1;
  assert_fails(import_with(&s, &ds, &err), PFC_EUSAGE, "both or neither");
  s = good, s.scale_min = 1, s.scale_max = 1;
  assert_fails(import_with(&s, &ds, &err), PFC_EUSAGE, "scale_min < scale_max");
  s = good, s.max_bad = -1;
  assert_fails(import_with(&s, &ds, &err), PFC_EUSAGE, "max_bad");
  s = good, s.max_bad_share = NAN;
  assert_fails(import_with(&s, &ds, &err), PFC_EUSAGE, "max_bad_share");
  s = good, s.preset = "lms";
  assert_fails(import_with(&s, &ds, &err), PFC_EUSAGE, "no preset 'lms'");
}

/* --- across tables
 * ----------------------------------------------------------------------------------------- */

static void references_must_resolve_where_the_table_is(void **state) {
  (void)state;
  write_table("people.csv", "person_id,role_id,manager_id\np,r,\nq,r,p\ns,r,nobody\n");
  write_table("enrolments.csv", "person_id,intervention_id\np,i\nx,i\n");
  pfc_dataset *ds = import_all();
  was_said("people.csv", 4, "manager_id", "nobody", "table people, which has no such row");
  was_said("enrolments.csv", 3, "person_id", "x", "table people, which has no such row");
  assert_int_equal(rejects.n, 2); /* roles and interventions are not there: any id will do */
  pfc_dataset_destroy(ds);
}

/* What refers to a rejected row goes too, and what refers to that. */
static void rejects_carry_over(void **state) {
  (void)state;
  write_table("roles.csv", "role_id,criticality\ngood,1\nbad,2\n");
  write_table("people.csv",
              "person_id,role_id,manager_id\nd,good,c\nc,good,b\nb,good,a\na,bad,\ne,good,\n");
  write_table("enrolments.csv", "person_id,intervention_id\nd,i\ne,i\n");
  pfc_dataset *ds = import_all();
  assert_int_equal(ds->tables[PFC_ROLES].n_rows, 1);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_rows, 1);
  assert_int_equal(ds->tables[PFC_ENROLMENTS].n_rows, 1);
  was_said("people.csv", 5, "role_id", "bad", "table roles");
  was_said("people.csv", 2, "manager_id", "c", "table people");
  was_said("enrolments.csv", 2, "person_id", "d", "table people");
  /* Nothing of the rejected rows is left in the dictionaries. */
  assert_int_equal(pfc_dataset_count(ds, "person"), 1);
  assert_int_equal(pfc_dataset_count(ds, "role"), 1);
  pfc_dataset_destroy(ds);
}

static void owners_rows_number_their_ids(void **state) {
  (void)state;
  write_table("people.csv", "person_id,role_id,manager_id\np,s,q\nq,r,\nt,r,q\n");
  write_table("roles.csv", "role_id\nr\nunused\ns\n");
  write_table("enrolments.csv", "person_id,intervention_id\nt,z\np,y\nt,z\n");
  pfc_dataset *ds = import_all();
  assert_int_equal(rejects.n, 0);
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
  write_table("enrolments.csv", "person_id,intervention_id,split\np,i,train\nq,i,test\n");
  pfc_dataset *ds = import_all();
  assert_int_equal(ds->split.kind, PFC_SPLIT_COLUMN);
  const pfc_dict *dict = pfc_dataset_find_dict(ds, "split");
  const int32_t *split = pfc_dataset_codes(ds, PFC_ENROLMENTS, "split");
  assert_string_equal(pfc_dict_text(dict, split[0]), "train");
  assert_string_equal(pfc_dict_text(dict, split[1]), "test");
  pfc_dataset_destroy(ds);
}

static void protected_columns_are_words(void **state) {
  (void)state;
  write_table("protected.csv", "person_id,gender,x_age,a/b\np,f,30,1\nq,,31,1\n");
  pfc_dataset *ds = import_all();
  was_said("protected.csv", 1, "a/b", "", "ignored");
  assert_int_equal(ds->tables[PFC_PROTECTED].n_columns, 3);
  const pfc_column *age = pfc_dataset_column(ds, PFC_PROTECTED, "x_age");
  assert_int_equal(age->type, PFC_CODE);
  assert_string_equal(pfc_dict_text(age->dict, age->code[1]), "31");
  assert_int_equal(pfc_dataset_codes(ds, PFC_PROTECTED, "gender")[1], -1);
  pfc_dataset_destroy(ds);
}

static void the_same_input_gives_the_same_dataset(void **state) {
  (void)state;
  write_table("people.csv", "person_id,role_id,c_site,x_a\np,r,b,1\nq,s,a,\nbad,,,x\n");
  write_table("enrolments.csv", "person_id,intervention_id,status\np,i,passed\nz,i,failed\n");
  pfc_dataset *a = import_all(), *b = import_all();
  test_dataset_equal(a, b, true);
  pfc_dataset_destroy(a);
  pfc_dataset_destroy(b);
}

static void short_memory_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  write_table("people.csv", "person_id,role_id,c_site,x_a\np,r,b,1\nq,s,a,\nbad,,,x\np,r,,\n");
  write_table("sources.csv", "source,scale_min,scale_max\ns,0,1\n");
  write_table("assessments.csv", "person_id,competency_id,level,source\np,c,1,s\nz,c,1,s\n");
  const pfc_import_settings s = tolerant();
  for (long fail_at = 0;; fail_at++) {
    pfc_dataset *ds = NULL;
    pfc_error err = PFC_ERROR_INIT;
    rejects.n = 0;
    oom_after(fail_at);
    const pfc_status st = import_with(&s, &ds, &err);
    const bool failed = oom_happened();
    oom_after(-1);
    if (st != (failed ? PFC_ENOMEM : PFC_OK))
      fail_msg("allocation %ld: status %d, %s", fail_at, (int)st, err.msg);
    assert_int_equal(ds == NULL, failed);
    pfc_dataset_destroy(ds);
    if (!failed) break;
  }
}

/* --- what presets use
 * ----------------------------------------------------------------------------------------- */

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
  write_table("anything.txt", "x");
  const pfc_import_settings s = tolerant();
  pfc__import run = {.settings = &s, .ds = pfc_dataset_create()};
  pfc__builder *b = NULL;
  assert_ok(pfc__build_begin(&run, PFC_PEOPLE, IN "/anything.txt", COLUMNS, 4, &b, &err));
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
  was_said("anything.txt", 8, "hours_per_week", "200", "from 0 to 168");
  was_said("anything.txt", 9, "their column", "v", "their reason");
  assert_int_equal(run.ds->tables[PFC_PEOPLE].n_rows, 1);
  assert_int_equal(pfc_dataset_dates(run.ds, PFC_PEOPLE, "hired_on")[0], 100);
  assert_true(isnan(pfc_dataset_reals(run.ds, PFC_PEOPLE, "x_a")[0]));
  pfc__builder_destroy(b);
  pfc_dataset_destroy(run.ds);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup(f, begin)
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
      TEST(too_many_bad_rows_fail_with_the_first_reason),
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
  return cmocka_run_group_tests_name("datasets/import", tests, NULL, NULL);
}
