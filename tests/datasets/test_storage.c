// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "datasets/import.h"
#include "datasets/storage.h"
#include "tests/support/dataset.h"
#include "tests/support/oom.h"

/* --- round trips ---------------------------------------------------------- */

static void what_was_saved_is_loaded(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(21), "test.storage", 0);
  for (int round = 0; round < 25; round++) {
    pfc_dataset *ds = test_dataset_random(&rng), *back = NULL;
    char hex[PFC_SHA256_HEX];
    assert_ok(pfc_dataset_save(ds, "random.h5", &err));
    assert_ok(pfc_dataset_load("random.h5", &back, &err));
    test_dataset_equal(ds, back, false);
    assert_int_equal(back->tables[PFC_PROTECTED].n_columns, 0);
    assert_ok(pfc_sha256_file("random.h5", hex, &err));
    assert_string_equal(back->sha256, hex);
    pfc_dataset_destroy(ds);
    pfc_dataset_destroy(back);
  }
}

static void import_then_save_then_load_is_import(void **state) {
  (void)state;
  static const char PEOPLE[] =
      "person_id,role_id,hired_on,c_site,x_a\np,r,2014-10-01,s,1\nq,,,,\n";
  static const char SCORES[] = "person_id,competency_id,level,source\np,c,3.25,test\nq,c,1,\n";
  const char *const folder[] = {"csv"};
  pfc_import_settings s;
  pfc_dataset *ds = NULL, *back = NULL;
  (void)mkdir("csv", 0700);
  test_write_file("csv/people.csv", PEOPLE, sizeof PEOPLE - 1);
  test_write_file("csv/assessments.csv", SCORES, sizeof SCORES - 1);
  pfc_import_defaults(&s);
  assert_ok(pfc_import(folder, 1, &s, &ds, &err));
  assert_ok(pfc_dataset_save(ds, "imported.h5", &err));
  assert_ok(pfc_dataset_load("imported.h5", &back, &err));
  test_dataset_equal(ds, back, true);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(back);
}

static void the_same_dataset_gives_the_same_bytes(void **state) {
  (void)state;
  char first[PFC_SHA256_HEX], second[PFC_SHA256_HEX];
  pfc_rng rng;
  pfc_rng_init(&rng, 22, "test.storage", 0);
  pfc_dataset *ds = test_dataset_random(&rng), *back = NULL;
  assert_ok(pfc_dataset_save(ds, "first.h5", &err));
  assert_ok(pfc_dataset_load("first.h5", &back, &err));
  (void)sleep(1); /* a clock in the file would show */
  assert_ok(pfc_dataset_save(back, "second.h5", &err));
  assert_ok(pfc_sha256_file("first.h5", first, &err));
  assert_ok(pfc_sha256_file("second.h5", second, &err));
  assert_string_equal(first, second);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(back);
}

/* One person table with a text that is empty, a dictionary that is, and a table that is. */
static void nothing_much_survives(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create(), *back = NULL;
  pfc_column *column;
  int32_t code;
  assert_ok(pfc_dataset_save(ds, "empty.h5", &err));
  assert_ok(pfc_dataset_load("empty.h5", &back, &err));
  test_dataset_equal(ds, back, true);
  pfc_dataset_destroy(back);
  assert_ok(pfc_dataset_add_column(ds, PFC_PEOPLE, "person_id", PFC_CODE, "person", 1, &column,
                                   &err));
  assert_ok(pfc_dict_add(column->dict, "", 0, &column->code[0], &err));
  assert_ok(
      pfc_dataset_add_column(ds, PFC_ROLES, "role_id", PFC_CODE, "role", 0, &column, &err));
  assert_ok(pfc_dict_add(pfc_dataset_dict(ds, "unit"), "u", 1, &code, &err));
  assert_ok(pfc_dataset_save(ds, "little.h5", &err));
  assert_ok(pfc_dataset_load("little.h5", &back, &err));
  test_dataset_equal(ds, back, true);
  assert_int_equal(back->tables[PFC_ROLES].n_columns, 1);
  assert_int_equal(pfc_dict_find(pfc_dataset_find_dict(back, "person"), ""), 0);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(back);
}

/* --- a small dataset to look into and to damage --------------------------- */

static pfc_column *add_column(pfc_dataset *ds, const char *name, pfc_type type,
                              const char *dict) {
  pfc_column *column = NULL;
  assert_ok(pfc_dataset_add_column(ds, PFC_ENROLMENTS, name, type, dict, 2, &column, &err));
  return column;
}

static void set_codes(pfc_column *column, const char *a, const char *b) {
  assert_ok(pfc_dict_add(column->dict, a, strlen(a), &column->code[0], &err));
  assert_ok(pfc_dict_add(column->dict, b, strlen(b), &column->code[1], &err));
}

static pfc_dataset *two_enrolments(void) {
  pfc_dataset *ds = pfc_dataset_create();
  set_codes(add_column(ds, "person_id", PFC_CODE, "person"), "p", "q");
  set_codes(add_column(ds, "intervention_id", PFC_CODE, "intervention"), "i", "i");
  add_column(ds, "ended_on", PFC_DATE, NULL)->date[1] = 16344;
  set_codes(add_column(ds, "status", PFC_CODE, "status"), "passed", "failed");
  add_column(ds, "score", PFC_REAL, NULL)->real[0] = 70;
  add_column(ds, "x_a", PFC_REAL, NULL)->real[0] = -1;
  ds->split = (pfc_split){PFC_SPLIT_AT, 16000, 0, 0, 0, 5};
  return ds;
}

static void text_is(hid_t at, const char *name, const char *expected) {
  char *text = NULL;
  assert_ok(pfc_h5_get_text(at, name, &text, &err));
  assert_string_equal(text, expected);
  pfc_free(text);
}

static void column_says(hid_t file, const char *path, const char *type, const char *missing) {
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  assert_true(set >= 0);
  text_is(set, "type", type);
  text_is(set, "missing", missing);
  (void)H5Dclose(set);
}

/* What docs/FORMATS.md promises to those who read without our code. */
static void the_file_explains_itself(void **state) {
  (void)state;
  pfc_dataset *ds = two_enrolments();
  hid_t file = -1, group = -1;
  int64_t rows = 0;
  assert_ok(pfc_dataset_save(ds, "small.h5", &err));
  assert_ok(pfc_h5_open("small.h5", &file, &err));
  assert_ok(pfc_h5_open_group(file, "/", &group, &err));
  text_is(group, "format", "proficio dataset");
  text_is(group, "framework", "");
  PFC_H5_DROP(group);
  assert_ok(pfc_h5_open_group(file, "/tables/enrolments", &group, &err));
  text_is(group, "freshness", "2014-10-01");
  assert_ok(pfc_h5_get_i64(group, "rows", &rows, &err));
  assert_int_equal(rows, 2);
  PFC_H5_DROP(group);
  column_says(file, "/tables/enrolments/person_id", "code", "-1");
  column_says(file, "/tables/enrolments/ended_on", "date", "-2147483648");
  column_says(file, "/tables/enrolments/x_a", "real", "NaN");
  assert_ok(pfc_h5_open_group(file, "/split", &group, &err));
  text_is(group, "kind", "at");
  text_is(group, "date", "2013-10-22");
  PFC_H5_DROP(group);
  assert_ok(pfc_h5_close(&file, &err));
  pfc_dataset_destroy(ds);
}

/* --- protected ------------------------------------------------------------ */

static void protected_attributes_stand_apart(void **state) {
  (void)state;
  struct stat info;
  hid_t file = -1;
  char *bytes = NULL;
  size_t size = 0;
  pfc_dataset *ds = two_enrolments();
  pfc_column *column;
  (void)mkdir("apart", 0700);
  (void)unlink("apart/protected.h5");
  assert_ok(pfc_dataset_save(ds, "apart/data.h5", &err));
  assert_int_equal(access("apart/protected.h5", F_OK), -1);
  for (int c = 0; c < 2; c++) {
    assert_ok(pfc_dataset_add_column(ds, PFC_PROTECTED, c ? "secret" : "person_id", PFC_CODE,
                                     c ? "protected.secret" : "person", 2, &column, &err));
    set_codes(column, c ? "ATTRIBUTE_ONE" : "p", c ? "ATTRIBUTE_TWO" : "q");
  }
  assert_ok(pfc_dataset_save(ds, "apart/data.h5", &err));
  assert_int_equal(stat("apart/protected.h5", &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_ok(pfc_file_read("apart/data.h5", (size_t)1 << 24, &bytes, &size, &err));
  assert_null(memmem(bytes, size, "ATTRIBUTE_ONE", 13));
  assert_null(memmem(bytes, size, "secret", 6));
  pfc_free(bytes);
  assert_ok(pfc_h5_open("apart/protected.h5", &file, &err));
  assert_true(pfc_h5_has(file, "/tables/protected/secret"));
  assert_true(pfc_h5_has(file, "/dictionary/protected.secret"));
  assert_true(pfc_h5_has(file, "/dictionary/person"));
  assert_false(pfc_h5_has(file, "/tables/enrolments"));
  assert_ok(pfc_h5_close(&file, &err));
  pfc_dataset *back = NULL;
  assert_fails(pfc_dataset_load("apart/protected.h5", &back, &err), PFC_EFORMAT,
               "'proficio protected', not 'proficio dataset'");
  assert_fails(pfc_dataset_save(ds, "apart/protected.h5", &err), PFC_EUSAGE, "protected");
  pfc_dataset_destroy(ds);
}

/* Who audits reads them beside the data, and nothing else from there. */
static void auditors_read_what_stands_apart(void **state) {
  (void)state;
  pfc_dataset *ds = two_enrolments(), *audited = NULL;
  pfc_column *column;
  (void)mkdir("audited", 0700);
  (void)unlink("audited/protected.h5");
  assert_ok(pfc_dataset_save(ds, "audited/data.h5", &err));
  assert_ok(pfc_protected_load("audited/data.h5", &audited, &err));
  assert_null(audited);
  for (int c = 0; c < 2; c++) {
    assert_ok(pfc_dataset_add_column(ds, PFC_PROTECTED, c ? "secret" : "person_id", PFC_CODE,
                                     c ? "protected.secret" : "person", 2, &column, &err));
    set_codes(column, c ? "one" : "p", c ? "two" : "q");
  }
  assert_ok(pfc_dataset_save(ds, "audited/data.h5", &err));
  assert_ok(pfc_protected_load("audited/data.h5", &audited, &err));
  assert_int_equal(audited->tables[PFC_PROTECTED].n_rows, 2);
  assert_int_equal(audited->tables[PFC_ENROLMENTS].n_rows, 0);
  const int32_t *secret = pfc_dataset_codes(audited, PFC_PROTECTED, "secret");
  assert_string_equal(
      pfc_dict_text(pfc_dataset_find_dict(audited, "protected.secret"), secret[1]), "two");
  pfc_dataset_destroy(audited);
  audited = NULL;
  assert_int_equal(rename("audited/data.h5", "audited/protected.h5"), 0);
  assert_fails(pfc_protected_load("audited/data.h5", &audited, &err), PFC_EFORMAT,
               "'proficio dataset', not 'proficio protected'");
  assert_null(audited);
  pfc_dataset_destroy(ds);
}

/* --- damage --------------------------------------------------------------- */

typedef void (*damage_fn)(hid_t file);

static void replace_i32(hid_t file, const char *path, int32_t value) {
  int32_t data[2];
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  assert_true(H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  data[1] = value;
  assert_true(H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  (void)H5Dclose(set);
}

static void replace_real(hid_t file, const char *path, double value) {
  const double data[2] = {value, value};
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  (void)H5Dclose(set);
}

static void replace_texts(hid_t file, const char *path, const char *a, const char *b) {
  const char *const texts[] = {a, b};
  assert_true(H5Ldelete(file, path, H5P_DEFAULT) >= 0);
  assert_ok(pfc_h5_write_texts(file, path, 2, texts, &err));
}

static void replace_attribute(hid_t file, const char *path, const char *name, int64_t value) {
  const hid_t at = H5Oopen(file, path, H5P_DEFAULT);
  assert_true(H5Adelete(at, name) >= 0);
  assert_ok(pfc_h5_put_i64(at, name, value, &err));
  (void)H5Oclose(at);
}

static void replace_word(hid_t file, const char *path, const char *name, const char *word) {
  const hid_t at = H5Oopen(file, path, H5P_DEFAULT);
  assert_true(H5Adelete(at, name) >= 0);
  assert_ok(pfc_h5_put_text(at, name, word, &err));
  (void)H5Oclose(at);
}

static void remove_link(hid_t file, const char *path) {
  assert_true(H5Ldelete(file, path, H5P_DEFAULT) >= 0);
}

static void add_group(hid_t file, const char *path) {
  hid_t group = -1;
  assert_ok(pfc_h5_make_group(file, path, &group, &err));
  PFC_H5_DROP(group);
}

static void code_past_end(hid_t f) { replace_i32(f, "/tables/enrolments/person_id", 2); }
static void code_below_missing(hid_t f) { replace_i32(f, "/tables/enrolments/status", -2); }
static void required_missing(hid_t f) { replace_i32(f, "/tables/enrolments/person_id", -1); }
static void impossible_day(hid_t f) {
  replace_i32(f, "/tables/enrolments/ended_on", INT32_MAX);
}
static void infinite_real(hid_t f) { replace_real(f, "/tables/enrolments/x_a", INFINITY); }
static void unknown_table(hid_t f) { add_group(f, "/tables/salaries"); }
static void protected_table(hid_t f) { add_group(f, "/tables/protected"); }
static void unknown_root(hid_t f) { add_group(f, "/extra"); }
static void group_as_column(hid_t f) { add_group(f, "/tables/enrolments/rating"); }
static void no_tables(hid_t f) { remove_link(f, "/tables"); }
static void no_dictionary(hid_t f) { remove_link(f, "/dictionary/status"); }
static void newer_schema(hid_t f) { replace_attribute(f, "/", "schema_version", 3); }
static void other_format(hid_t f) { replace_word(f, "/", "format", "proficio model"); }
static void wrong_rows(hid_t f) { replace_attribute(f, "/tables/enrolments", "rows", 3); }
static void negative_rows(hid_t f) { replace_attribute(f, "/tables/enrolments", "rows", -1); }
static void odd_split(hid_t f) { replace_word(f, "/split", "kind", "moon"); }
static void dateless_split(hid_t f) { replace_word(f, "/split", "date", ""); }
static void fold_without_folds(hid_t f) { replace_attribute(f, "/split", "fold", 3); }
static void same_entry_twice(hid_t f) { replace_texts(f, "/dictionary/person", "p", "p"); }
static void foreign_word(hid_t f) { replace_texts(f, "/dictionary/status", "passed", "won"); }

static void no_required_column(hid_t f) {
  remove_link(f, "/tables/enrolments/intervention_id");
  replace_attribute(f, "/tables/enrolments/x_a", "position", 1); /* where it stood */
}

static void shared_position(hid_t f) {
  replace_attribute(f, "/tables/enrolments/score", "position", 0);
}

static void soft_link(hid_t f) {
  remove_link(f, "/tables/enrolments/score");
  assert_true(H5Lcreate_soft("/tables/enrolments/x_a", f, "/tables/enrolments/score",
                             H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void unknown_column(hid_t f) {
  const double data[2] = {1, 2};
  assert_ok(pfc_h5_write_1d(f, "/tables/enrolments/salary", PFC_H5_F64, 2, data, &err));
}

static void other_type(hid_t f) {
  const int64_t data[2] = {1, 2};
  remove_link(f, "/tables/enrolments/score");
  assert_ok(pfc_h5_write_1d(f, "/tables/enrolments/score", PFC_H5_I64, 2, data, &err));
  const hid_t set = H5Dopen2(f, "/tables/enrolments/score", H5P_DEFAULT);
  assert_ok(pfc_h5_put_i64(set, "position", 4, &err));
  (void)H5Dclose(set);
}

static void upside_down_scale(hid_t f) {
  const hid_t root = H5Gopen2(f, "/", H5P_DEFAULT);
  assert_true(H5Adelete(root, "scale_max") >= 0);
  assert_ok(pfc_h5_put_f64(root, "scale_max", -1, &err));
  (void)H5Gclose(root);
}

static const struct {
  const char *name;
  damage_fn damage;
  const char *message;
} DAMAGES[] = {
    {"code past end", code_past_end, "/tables/enrolments/person_id: the value of row 1"},
    {"code below -1", code_below_missing, "/tables/enrolments/status: the value of row 1"},
    {"required missing", required_missing, "person_id: the value of row 1 is missing"},
    {"impossible day", impossible_day, "ended_on: the value of row 1 is out of range"},
    {"infinite real", infinite_real, "x_a: the value of row 0 is out of range"},
    {"unknown table", unknown_table, "/tables/salaries"},
    {"protected table", protected_table, "/tables/protected"},
    {"unknown root", unknown_root, "/extra"},
    {"group as column", group_as_column, "/tables/enrolments/rating"},
    {"no tables", no_tables, "/tables"},
    {"no dictionary", no_dictionary, "/dictionary/status is missing"},
    {"no required column", no_required_column, "/tables/enrolments/intervention_id is missing"},
    {"newer schema", newer_schema, "schema version 3 is of a later"},
    {"other format", other_format, "'proficio model'"},
    {"wrong rows", wrong_rows, "size 2, not 3"},
    {"negative rows", negative_rows, "negative"},
    {"odd split", odd_split, "/split"},
    {"dateless split", dateless_split, "/split"},
    {"fold without folds", fold_without_folds, "/split"},
    {"same entry twice", same_entry_twice, "/dictionary/person: entries 0 and 1"},
    {"foreign word", foreign_word, "/dictionary/status: 'won'"},
    {"shared position", shared_position, "position 0"},
    {"soft link", soft_link, "'/tables/enrolments/score' is a soft link"},
    {"unknown column", unknown_column, "/tables/enrolments/salary"},
    {"other type", other_type, "'/tables/enrolments/score' is of type int64, not float64"},
    {"scale upside down", upside_down_scale, "scale_min"},
};

static void damage_is_told_and_never_loaded(void **state) {
  (void)state;
  pfc_dataset *ds = two_enrolments();
  for (size_t i = 0; i < sizeof DAMAGES / sizeof *DAMAGES; i++) {
    pfc_dataset *back = NULL;
    print_message("%s\n", DAMAGES[i].name);
    assert_ok(pfc_dataset_save(ds, "damaged.h5", &err));
    hid_t file = H5Fopen("damaged.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    DAMAGES[i].damage(file);
    assert_ok(pfc_h5_close(&file, &err));
    assert_fails(pfc_dataset_load("damaged.h5", &back, &err), PFC_EFORMAT, DAMAGES[i].message);
    assert_null(back);
  }
  pfc_dataset_destroy(ds);
}

static void other_files_are_refused(void **state) {
  (void)state;
  pfc_dataset *ds = NULL;
  test_write_file("text.h5", "person_id\n", 10);
  assert_fails(pfc_dataset_load("text.h5", &ds, &err), PFC_EFORMAT, "text.h5");
  assert_fails(pfc_dataset_load("absent.h5", &ds, &err), PFC_EIO, "absent.h5");
  assert_null(ds);
}

/* --- whole or not at all -------------------------------------------------- */

static void file_holds(const char *path, const char *expected) {
  char *bytes = NULL;
  size_t size = 0;
  assert_ok(pfc_file_read(path, 100, &bytes, &size, &err));
  assert_string_equal(bytes, expected);
  pfc_free(bytes);
}

static void a_failed_save_leaves_what_was_there(void **state) {
  (void)state;
  pfc_dataset *ds = two_enrolments(), *back = NULL;
  test_write_file("kept.h5", "before", 6);
  assert_fails(pfc_dataset_save(ds, "nowhere/data.h5", &err), PFC_EIO, "nowhere");
  for (long fail_at = 0;; fail_at++) {
    oom_after(fail_at);
    const pfc_status st = pfc_dataset_save(ds, "kept.h5", NULL);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    if (!failed) break;
    file_holds("kept.h5", "before");
  }
  assert_ok(pfc_dataset_load("kept.h5", &back, &err));
  test_dataset_equal(ds, back, true);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(back);
}

static void a_failed_load_leaks_nothing(void **state) {
  (void)state;
  pfc_dataset *ds = two_enrolments();
  assert_ok(pfc_dataset_save(ds, "small.h5", &err));
  for (long fail_at = 0;; fail_at++) {
    pfc_dataset *back = NULL;
    pfc_error err = PFC_ERROR_INIT;
    oom_after(fail_at);
    const pfc_status st = pfc_dataset_load("small.h5", &back, &err);
    const bool failed = oom_happened();
    oom_after(-1);
    if (st != (failed ? PFC_ENOMEM : PFC_OK))
      fail_msg("allocation %ld: status %d, %s", fail_at, (int)st, err.msg);
    assert_int_equal(back == NULL, failed);
    pfc_dataset_destroy(back);
    if (!failed) break;
  }
  assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_saved_is_loaded),
      cmocka_unit_test(import_then_save_then_load_is_import),
      cmocka_unit_test(the_same_dataset_gives_the_same_bytes),
      cmocka_unit_test(nothing_much_survives),
      cmocka_unit_test(the_file_explains_itself),
      cmocka_unit_test(protected_attributes_stand_apart),
      cmocka_unit_test(auditors_read_what_stands_apart),
      cmocka_unit_test(damage_is_told_and_never_loaded),
      cmocka_unit_test(other_files_are_refused),
      cmocka_unit_test(a_failed_save_leaves_what_was_there),
      cmocka_unit_test(a_failed_load_leaks_nothing),
  };
  return cmocka_run_group_tests_name("datasets/storage", tests, NULL, NULL);
}
