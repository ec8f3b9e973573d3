// labels: unit check
/* What people made of proposals, and what a framework adds, through import. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/countdown.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#define TEST(f) cmocka_unit_test_setup(f, folder_begin)

static int64_t n_rows(const pfc_dataset *ds, pfc_table_id table) {
  return ds->tables[table].n_rows;
}

static const char *cell(const pfc_dataset *ds, pfc_table_id table, const char *column,
                        int64_t row) {
  return told_cell(ds, table, column, row);
}

static void rejected_targets_are_left_out_before_keys(void **state) {
  (void)state;
  folder_write("targets.csv",
               "intervention_id,competency_id,to_level,confidence,status,evidence\n"
               "i,a,3,0.9,accepted,why\n"
               "i,a,4,0.2,rejected,why\n" /* the same key */
               "i,b,,0.5,proposed,\n"
               "i,c,99,0.5,alternative,\n" /* not even on the scale */
               "j,c,2,,,\n");
  pfc_dataset *ds = folder_import_all();
  assert_int_equal(folder_rejects.n, 0);
  assert_int_equal(n_rows(ds, PFC_TARGETS), 3);
  assert_int_equal(ds->tables[PFC_TARGETS].origin.rows_rejected, 0);
  assert_string_equal(cell(ds, PFC_TARGETS, "status", 0), "accepted");
  assert_string_equal(cell(ds, PFC_TARGETS, "competency_id", 1), "b");
  assert_string_equal(cell(ds, PFC_TARGETS, "status", 1), "proposed");
  assert_string_equal(cell(ds, PFC_TARGETS, "status", 2), "");
  pfc_dataset_destroy(ds);
}

/* Lines of what comes behind are still told rightly. */
static void other_words_are_bad_and_lines_stay_right(void **state) {
  (void)state;
  folder_write("targets.csv",
               "intervention_id,competency_id,confidence,status\n"
               "i,a,0.9,rejected\n"
               "i,b,1.5,proposed\n"
               "i,c,0.5,perhaps\n"
               "i,d,0.5,accepted\n"
               "i,d,0.5,accepted\n");
  pfc_dataset *ds = folder_import_all();
  folder_said("targets.csv", 3, "confidence", "1.5", "1");
  folder_said("targets.csv", 4, "status", "perhaps", "proposed");
  folder_said("targets.csv", 6, "intervention_id", "i", "line 5 of");
  assert_int_equal(n_rows(ds, PFC_TARGETS), 1);
  pfc_dataset_destroy(ds);
}

static int64_t row_of(const pfc_dataset *ds, const char *role) {
  for (int64_t r = 0; r < n_rows(ds, PFC_ROLES); r++)
    if (strcmp(cell(ds, PFC_ROLES, "role_id", r), role) == 0) return r;
  fail_msg("no role %s", role);
  return -1;
}

static void assert_role(const pfc_dataset *ds, const char *role, const char *ref,
                        const char *status) {
  const int64_t r = row_of(ds, role);
  assert_string_equal(cell(ds, PFC_ROLES, "framework_ref", r), ref);
  assert_string_equal(cell(ds, PFC_ROLES, "status", r), status);
}

/* Roles with a row of their own in one folder, proposals in the other. */
static void proposals_join_the_roles_own_row(void **state) {
  (void)state;
  folder_write("roles.csv",
               "role_id,title,framework_ref,criticality\n"
               "a,Own A,,0.5\nb,Own B,,\nc,Own C,own,\nd,Own D,,\ne,Own E,,\n");
  folder_write("../" FOLDER "2/roles.csv",
               "role_id,title,framework_ref,confidence,status\n"
               "a,A,1,0.5,proposed\na,A,2,0.4,alternative\n"
               "b,B,1,0.5,proposed\nb,B,2,0.4,accepted\n"
               "c,C,3,0.9,accepted\n"
               "d,D,4,0.9,rejected\nd,D,5,0.1,alternative\n"
               "f,F,6,0.3,proposed\nf,F,7,0.2,accepted\n"
               "g,G,8,0.3,rejected\ng,G,9,0.2,alternative\n");
  const char *const sources[] = {FOLDER, FOLDER "2"};
  const pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds = NULL;
  assert_ok(pfc_import(sources, 2, &s, &ds, &err));
  assert_int_equal(folder_rejects.n, 0);
  assert_int_equal(n_rows(ds, PFC_ROLES), 7);
  assert_role(ds, "a", "1", "proposed");
  assert_string_equal(cell(ds, PFC_ROLES, "title", row_of(ds, "a")), "Own A");
  assert_float_equal(pfc_dataset_reals(ds, PFC_ROLES, "criticality")[row_of(ds, "a")], 0.5, 0);
  assert_float_equal(pfc_dataset_reals(ds, PFC_ROLES, "confidence")[row_of(ds, "a")], 0.5, 0);
  assert_role(ds, "b", "2", "accepted");
  assert_role(ds, "c", "own", "");
  assert_role(ds, "d", "", "");
  assert_role(ds, "e", "", "");
  assert_role(ds, "f", "7", "accepted");
  assert_role(ds, "g", "", "rejected"); /* the role is there, its occupation is not */
  pfc_dataset_destroy(ds);
}

static void two_accepted_occupations_are_one_too_many(void **state) {
  (void)state;
  folder_write("roles.csv",
               "role_id,title,framework_ref,status\n"
               "a,A,1,accepted\na,A,2,accepted\na,A,3,proposed\n");
  pfc_dataset *ds = folder_import_all();
  folder_said("roles.csv", 3, "role_id", "a", "line 2 of");
  assert_role(ds, "a", "1", "accepted");
  pfc_dataset_destroy(ds);
}

/* --- a framework -------------------------------------------------------------------------- */

/* Two occupations, one with requirements, and three elements. */
static void write_framework(void) {
  folder_write("Scales Reference.txt", "Scale ID\tMinimum\tMaximum\nIM\t1\t5\nLV\t0\t7\n");
  folder_write("Content Model Reference.txt",
               "Element ID\tElement Name\tDescription\n"
               "2.A\tBasic\tAll\n2.A.1\tReading\tOf texts\n2.C.1\tLaw\tOf laws\n");
  folder_write("Occupation Data.txt",
               "O*NET-SOC Code\tTitle\tDescription\n15-1\tMakers\tx\n15-2\tBakers\tx\n");
  static const char HEAD[] =
      "O*NET-SOC Code\tElement ID\tScale ID\tData Value\tStandard Error\t"
      "Recommend Suppress\tNot Relevant\n";
  char text[1024];
  (void)snprintf(text, sizeof text,
                 "%s15-1\t2.A.1\tIM\t3\t0.1\tN\tn/a\n"
                 "15-1\t2.A.1\tLV\t3.5\t0.2\tN\tN\n",
                 HEAD);
  folder_write("Skills.txt", text);
  (void)snprintf(text, sizeof text,
                 "%s15-1\t2.C.1\tIM\t5\t0.1\tN\tn/a\n"
                 "15-1\t2.C.1\tLV\t6\t0.2\tN\tN\n",
                 HEAD);
  folder_write("Knowledge.txt", text);
}

static pfc_status with_framework(pfc_dataset **ds, pfc_error *err) {
  static const char *const SOURCE[] = {FOLDER "2"};
  pfc_import_settings s = folder_tolerant();
  s.framework = FOLDER;
  *ds = NULL;
  return pfc_import(SOURCE, 1, &s, ds, err);
}

static void write_roles(const char *text) { folder_write("../" FOLDER "2/roles.csv", text); }

static void roles_get_what_their_occupation_asks_for(void **state) {
  (void)state;
  pfc_dataset *ds;
  write_framework();
  write_roles(
      "role_id,title,framework_ref\nm,Maker,15-1\nn,Maker two,15-1\nb,Baker,15-2\n"
      "x,X,99-9\ny,Y,\n");
  assert_ok(with_framework(&ds, &err));
  assert_int_equal(n_rows(ds, PFC_REQUIREMENTS), 4);
  assert_string_equal(cell(ds, PFC_REQUIREMENTS, "role_id", 0), "m");
  assert_string_equal(cell(ds, PFC_REQUIREMENTS, "competency_id", 0), "2.A.1");
  assert_float_equal(pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level")[0], 3.5, 0);
  assert_float_equal(pfc_dataset_reals(ds, PFC_REQUIREMENTS, "importance")[0], 0.5, 0);
  assert_string_equal(cell(ds, PFC_REQUIREMENTS, "role_id", 3), "n");
  assert_float_equal(pfc_dataset_reals(ds, PFC_REQUIREMENTS, "level")[3], 6, 0);
  assert_int_equal(n_rows(ds, PFC_COMPETENCIES), 3); /* the group comes along */
  assert_true(ds->scale_min == 0 && ds->scale_max == 7);
  folder_said("roles.csv", 1, "framework_ref", "", "1 references are to no occupation");
  folder_said("roles.csv", 1, "framework_ref", "", "1 occupations have no published levels");
  pfc_dataset_destroy(ds);
}

/* What the data tell of a role, and which competencies they have, stands. */
static void what_the_data_have_stands(void **state) {
  (void)state;
  pfc_dataset *ds;
  write_framework();
  write_roles("role_id,framework_ref\nm,15-1\nn,15-1\n");
  folder_write("../" FOLDER "2/competencies.csv", "competency_id,name\n2.C.1,Our law\nq,Q\n");
  folder_write("../" FOLDER "2/requirements.csv", "role_id,competency_id,level\nm,q,6.5\n");
  assert_ok(with_framework(&ds, &err));
  assert_int_equal(n_rows(ds, PFC_COMPETENCIES), 2);
  assert_int_equal(n_rows(ds, PFC_REQUIREMENTS), 2);
  assert_string_equal(cell(ds, PFC_REQUIREMENTS, "role_id", 1), "n");
  assert_string_equal(cell(ds, PFC_REQUIREMENTS, "competency_id", 1), "2.C.1");
  pfc_dataset_destroy(ds);
}

static void another_scale_is_refused(void **state) {
  (void)state;
  static const char *const SOURCE[] = {FOLDER "2"};
  pfc_dataset *ds = NULL;
  pfc_import_settings s = folder_tolerant();
  write_framework();
  write_roles("role_id,framework_ref\nm,15-1\n");
  s.framework = FOLDER;
  s.scale_min = 0;
  s.scale_max = 5;
  assert_fails(pfc_import(SOURCE, 1, &s, &ds, &err), PFC_EUSAGE, "lie on 0 to 7");
  s.framework = FOLDER "2";
  assert_fails(pfc_import(SOURCE, 1, &s, &ds, &err), PFC_EDATA, "lacks Scales Reference.txt");
}

static pfc_status import_all(void *user) {
  pfc_dataset *ds;
  pfc_error err = PFC_ERROR_INIT;
  (void)user;
  folder_rejects.n = 0;
  const pfc_status st = with_framework(&ds, &err);
  pfc_dataset_destroy(ds);
  return st;
}

static void short_memory_is_told(void **state) {
  (void)state;
  write_framework();
  write_roles(
      "role_id,framework_ref,status\nm,15-1,proposed\nm,15-2,alternative\nn,15-2,accepted\n");
  folder_write("../" FOLDER "2/targets.csv",
               "intervention_id,competency_id,status\ni,2.A.1,rejected\n");
  assert_true(count_down(import_all, NULL) > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(rejected_targets_are_left_out_before_keys),
      TEST(other_words_are_bad_and_lines_stay_right),
      TEST(proposals_join_the_roles_own_row),
      TEST(two_accepted_occupations_are_one_too_many),
      TEST(roles_get_what_their_occupation_asks_for),
      TEST(what_the_data_have_stands),
      TEST(another_scale_is_refused),
      TEST(short_memory_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
