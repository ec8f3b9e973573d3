// labels: property check
/* Datasets that are damaged, doctored or not ours: refused, with the path inside named. */
#include "tests/support/test.h"

#include <unistd.h>

#include "datasets/storage.h"
#include "tests/support/damage.h"
#include "tests/support/dataset.h"
#include "tests/support/doctor.h"

enum { N_DAMAGES = 1000, N_RESEALED = 200, SECONDS = 30 };

static test_patient patient;

static pfc_status load(const char *path, pfc_error *err) {
  pfc_dataset *ds = NULL;
  const pfc_status st = pfc_dataset_load(path, &ds, err);
  assert_int_equal(ds == NULL, st != PFC_OK);
  pfc_dataset_destroy(ds);
  return st;
}

static int make_intact(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, 30, "dataset damage", 0);
  pfc_dataset *ds = test_dataset_full(&rng);
  assert_ok(pfc_dataset_save(ds, "intact.h5", &err));
  pfc_dataset_destroy(ds);
  test_patient_open(&patient, "intact.h5", load);
  assert_true(patient.n > 150);
  return 0;
}

static int free_intact(void **state) {
  (void)state;
  test_patient_close(&patient);
  return 0;
}

/* --- objects ----------------------------------------------------------------- */

/* Some of each kind; the others differ in names only. */
static bool is_telling(const test_object *o) {
  static const char *const some[] = {"/tables",
                                     "/dictionary",
                                     "/split",
                                     "/tables/enrolments",
                                     "/dictionary/status",
                                     "/dictionary/person",
                                     "/tables/enrolments/person_id",
                                     "/tables/enrolments/started_on",
                                     "/tables/enrolments/score",
                                     "/tables/feedback/at",
                                     "/tables/requirements/compliance"};
  for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
    if (strcmp(o->path, some[i]) == 0) return true;
  return false;
}

static void doctored_objects(void **state) {
  (void)state;
  test_doctor_objects(&patient, is_telling);
}

/* A table or a column less may be a dataset too, but not this one. */
static void missing_objects(void **state) {
  (void)state;
  for (int i = 0; i < patient.n; i++) {
    const hid_t file = test_patient_copy(&patient);
    assert_true(H5Ldelete(file, patient.objects[i].path, H5P_DEFAULT) >= 0);
    test_patient_refused(&patient, file, NULL);
  }
}

static void strangers(void **state) {
  (void)state, test_doctor_strangers(&patient, is_telling);
}
static void attributes(void **state) {
  (void)state, test_doctor_attributes(&patient, is_telling);
}
static void other_files(void **state) { (void)state, test_doctor_others(&patient); }

/* --- attributes -------------------------------------------------------------- */

static void attributes_out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *path, *name;
    int64_t value;
    const char *message;
  } cases[] = {
      {"/", "schema_version", 1, "schema version 1 is of an earlier"},
      {"/", "schema_version", 3, "schema version 3 is of a later"},
      {"/", "schema_version", INT64_MAX, "schema version 9223372036854775807"},
      {"/tables/people", "rows", INT64_MAX, "/tables/people/"},
      {"/tables/people", "rows", -1, "/tables/people"},
      {"/tables/people", "rows", 0, "/tables/people/"},
      {"/tables/people", "rows_read", -1, "/tables/people"},
      {"/tables/people/person_id", "position", 1, "/tables/people"},
      {"/tables/people/person_id", "position", INT64_MIN, "/tables/people"},
      {"/split", "folds", -1, "/split"},
      {"/split", "folds", INT64_MAX, "/split"},
      {"/split", "fold", 5, "/split"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    test_doctor_number(&patient, cases[i].path, cases[i].name, cases[i].value,
                       cases[i].message);
}

/* --- values ------------------------------------------------------------------ */

/* Sets row 1 of a column of 32-bit numbers to what stands in row 0. */
static void repeat_row(hid_t file, const char *path) {
  int32_t rows[10000];
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  assert_true(H5Dget_storage_size(set) <= sizeof rows);
  assert_true(H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) >= 0);
  rows[1] = rows[0];
  assert_true(H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) >= 0);
  H5Dclose(set);
}

static void keys_that_stand_twice(void **state) {
  (void)state;
  hid_t file = test_patient_copy(&patient);
  repeat_row(file, "/tables/people/person_id");
  test_patient_refused(&patient, file, "/tables/people/person_id: row 1 has code 0");
  file = test_patient_copy(&patient);
  repeat_row(file, "/tables/targets/intervention_id");
  repeat_row(file, "/tables/targets/competency_id");
  test_patient_refused(&patient, file, "/tables/targets: rows 0 and 1 have the same key");
}

/* An id that no table defines, though the dictionary has it. */
static void references_that_lead_nowhere(void **state) {
  (void)state;
  int32_t code;
  pfc_rng rng;
  pfc_rng_init(&rng, 30, "dataset damage", 0);
  pfc_dataset *ds = test_dataset_full(&rng);
  assert_ok(pfc_dict_add(pfc_dataset_dict(ds, "role"), "no row", 6, &code, &err));
  assert_ok(pfc_dataset_save(ds, "more.h5", &err));
  pfc_column *column = test_dataset_column(ds, PFC_POSITIONS, "role_id");
  if (!column || ds->tables[PFC_POSITIONS].n_rows == 0) fail_msg("another seed is needed");
  column->code[0] = code;
  assert_fails(pfc_dataset_save(ds, "more.h5", &err), PFC_EUSAGE,
               "/tables/positions/role_id: the value of row 0 is not an id of the table");
  pfc_dataset_destroy(ds);
}

static void a_changed_number_is_refused(void **state) {
  (void)state;
  const hid_t file = test_patient_copy(&patient);
  const hid_t set = H5Dopen2(file, "/tables/enrolments/score", H5P_DEFAULT);
  double scores[1000] = {0};
  assert_true(H5Dget_storage_size(set) <= sizeof scores && H5Dget_storage_size(set) > 0);
  assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, scores) >= 0);
  H5Dclose(set);
  assert_true(H5Fclose(file) >= 0);
  assert_fails(load(TEST_COPY, &err), PFC_EFORMAT, "has lost its seal");
}

/* --- bytes ------------------------------------------------------------------- */

static void damaged_files(void **state) {
  (void)state;
  test_damage_refused(&patient, test_damage_count(N_DAMAGES), SECONDS);
}

static void damaged_files_sealed_again(void **state) {
  (void)state;
  test_damage_survived(&patient, test_damage_count(N_RESEALED), SECONDS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(doctored_objects),
      cmocka_unit_test(missing_objects),
      cmocka_unit_test(strangers),
      cmocka_unit_test(attributes),
      cmocka_unit_test(attributes_out_of_range),
      cmocka_unit_test(keys_that_stand_twice),
      cmocka_unit_test(references_that_lead_nowhere),
      cmocka_unit_test(a_changed_number_is_refused),
      cmocka_unit_test(damaged_files),
      cmocka_unit_test(damaged_files_sealed_again),
      cmocka_unit_test(other_files),
  };
  return cmocka_run_group_tests_name("datasets/dataset damage", tests, make_intact,
                                     free_intact);
}
