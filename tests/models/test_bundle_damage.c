// labels: property check
/* Files that are damaged, doctored or not ours: refused, with the path inside named. */
#include "tests/support/test.h"

#include <hdf5.h>
#include <math.h>

#include "base/h5.h"
#include "models/bundle.h"
#include "tests/support/bundle.h"
#include "tests/support/damage.h"
#include "tests/support/doctor.h"

enum { N_DAMAGES = 1000, N_RESEALED = 200, SECONDS = 30 };

static test_patient patient;

static pfc_status load(const char *path, pfc_error *err) {
  pfc_bundle *b = NULL;
  const pfc_status st = pfc_bundle_load(path, &b, err);
  assert_int_equal(b == NULL, st != PFC_OK);
  pfc_bundle_destroy(b);
  return st;
}

static int make_intact(void **state) {
  (void)state;
  pfc_bundle *b = test_bundle(11, 20);
  assert_ok(pfc_bundle_save(b, "intact.h5", &err));
  pfc_bundle_destroy(b);
  test_patient_open(&patient, "intact.h5", load);
  assert_true(patient.n > 80);
  return 0;
}

static int free_intact(void **state) {
  (void)state;
  test_patient_close(&patient);
  return 0;
}

static hid_t open_copy(void) { return test_patient_copy(&patient); }

static void close_and_expect(hid_t file, const char *message) {
  test_patient_refused(&patient, file, message);
}

/* --- every object in turn ---------------------------------------------------- */

static void doctored_objects(void **state) { (void)state, test_doctor_objects(&patient, NULL); }
static void strangers(void **state) { (void)state, test_doctor_strangers(&patient, NULL); }
static void attributes(void **state) { (void)state, test_doctor_attributes(&patient, NULL); }
static void other_files(void **state) { (void)state, test_doctor_others(&patient); }

static void missing_objects(void **state) {
  (void)state;
  for (int i = 0; i < patient.n; i++) {
    const hid_t file = open_copy();
    assert_true(H5Ldelete(file, patient.objects[i].path, H5P_DEFAULT) >= 0);
    close_and_expect(file, patient.objects[i].path);
  }
}

static void attributes_out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *path, *name;
    int64_t value;
    const char *message;
  } cases[] = {
      {"/", "schema_version", PFC_BUNDLE_SCHEMA + 1, "schema version 5 is of a later"},
      {"/", "schema_version", PFC_BUNDLE_SCHEMA - 1, "schema version 3 is of an earlier"},
      {"/", "schema_version", INT64_MIN, "schema version -9223372036854775808"},
      {"/", "has_time", 2, "has_time"},
      {"/", "has_time", 0, "/time"},
      {"/", "has_affinity", 0, "/success: rank"},
      {"/affinity", "rank", 7, "/affinity/people"},
      {"/affinity", "rank", 0, "rank"},
      {"/affinity", "n_people", -1, "n_people"},
      {"/affinity", "n_people", INT64_MAX, "n_people"},
      {"/affinity", "n_people", INT32_MAX, "/affinity/people"},
      {"/affinity/item_features", "n_fields", 8, "/affinity/item_features/fields/name"},
      {"/affinity/item_features", "n_columns", 3, "/affinity/item_features/fields/n_columns"},
      {"/time", "n_groups", 1, "/time/group_of_competency"},
      {"/time", "n_groups", 3, "/time/proficient/baseline"},
      {"/time", "n_competencies", 4, "/time/group_of_competency"},
      {"/time/proficient", "n_bins", 5, "/time/proficient/bin_edges_days"},
      {"/time/proficient", "n_bins", 0, "n_bins"},
      {"/time/proficient", "n_bins", INT32_MAX, "n_bins"},
      {"/time/left", "fitted", 1, "clock_column"},
      {"/time/dropped", "fitted", 0, "/time/dropped"},
      {"/success", "has_posterior", 0, "/success/posterior"},
      {"/success/posterior", "n", 3, "/success/posterior"},
      {"/success/posterior", "n_full", 19, "/success/posterior/full"},
      {"/success/posterior", "n_full", 1025, "n_full"},
      {"/time/ledger", "n", -1, "n"},
      {"/time/ledger", "n", INT64_MAX, "n"},
      {"/time/strengths", "n", 1, "/time/strengths/group"},
      {"/certificates", "n", 4, "/certificates/model"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    test_doctor_number(&patient, cases[i].path, cases[i].name, cases[i].value,
                       cases[i].message);
}

/* Whoever verifies a store by a model must not be told that its head is good. */
static void heads_that_are_none(void **state) {
  (void)state;
  static const char *const HEADS[] = {"12", "12-bb", "-", "x", "12-zz"};
  for (size_t k = 0; k < sizeof HEADS / sizeof *HEADS; k++) {
    const hid_t file = open_copy();
    assert_true(H5Adelete(file, "feedback_head") >= 0);
    assert_ok(pfc_h5_put_text(file, "feedback_head", HEADS[k], &err));
    close_and_expect(file, "feedback_head");
  }
}

/* --- values --------------------------------------------------------------------- */

static void integers_out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *path;
    size_t at;
    int32_t value;
    const char *message;
  } cases[] = {
      {"/affinity/item_count", 2, -1, "/affinity/item_count"},
      {"/success/features/column_of", 0, -2, "/success/features/column_of"},
      {"/success/features/column_of", 0, 1000000, "/success/features/column_of"},
      {"/success/features/fields/n_codes", 0, -1, "/success/features/column_of"},
      {"/success/features/fields/n_codes", 0, INT32_MAX, "/success/features/column_of"},
      {"/success/features/fields/n_codes", 2, 1, "/success/features/column_of"},
      {"/success/features/fields/first_column", 3, -1, "/success/features/fields/first_column"},
      {"/success/features/fields/first_column", 3, INT32_MAX,
       "/success/features/fields/n_columns"},
      {"/success/features/fields/n_columns", 2, 1, "/success/features/fields/n_columns"},
      {"/time/group_of_competency", 0, -2, "/time/group_of_competency"},
      {"/time/proficient/posterior/full", 0, -1, "/time/proficient/posterior/"},
      {"/time/proficient/posterior/full", 1, 1, "/time/proficient/posterior/"},
      {"/time/proficient/posterior/full", 19, INT32_MAX, "/time/proficient/posterior/"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const hid_t file = open_copy();
    test_doctor_poke(file, cases[i].path, cases[i].at, &cases[i].value);
    close_and_expect(file, cases[i].message);
  }
}

/* Text of `width` bytes made of one letter. */
static void poke_text(hid_t file, const char *path, size_t i, char letter) {
  char text[256];
  memset(text, letter, sizeof text);
  test_doctor_poke(file, path, i, text);
}

static void words_that_are_none(void **state) {
  (void)state;
  static const char *const paths[] = {"scope", "kind", "what", "table", "dictionary"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    char path[100];
    (void)snprintf(path, sizeof path, "/time/features/fields/%s", paths[i]);
    hid_t file = open_copy();
    poke_text(file, path, 1, 'z');
    close_and_expect(file, strcmp(paths[i], "dictionary") ? path : "/dictionary/z");
    file = open_copy();
    poke_text(file, path, 1, '\0');
    close_and_expect(file, strcmp(paths[i], "dictionary") ? path : "/dictionary/");
    file = open_copy();
    poke_text(file, path, 1, '\xff');
    close_and_expect(file, path);
  }
}

static void entries_that_stand_twice(void **state) {
  (void)state;
  hid_t file = open_copy();
  poke_text(file, "/dictionary/person", 3, 'p');
  poke_text(file, "/dictionary/person", 4, 'p');
  close_and_expect(file, "'/dictionary/person': entry 4");
  file = open_copy();
  poke_text(file, "/dictionary_names", 2, '/');
  close_and_expect(file, "/dictionary_names");
}

/* The element type of an array that holds floats; 0 for any other. */
static size_t float_size(hid_t file, const char *path) {
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT), type = H5Dget_type(set);
  const size_t size = H5Tget_class(type) == H5T_FLOAT ? H5Tget_size(type) : 0;
  H5Tclose(type);
  H5Dclose(set);
  return size;
}

static void numbers_that_are_not_finite(void **state) {
  (void)state;
  int n = 0;
  const double wide[] = {NAN, INFINITY};
  const float narrow[] = {NAN, -INFINITY};
  for (int i = 0; i < patient.n; i++) {
    if (patient.objects[i].is_group) continue;
    for (int k = 0; k < 2; k++) {
      const hid_t file = open_copy();
      const char *path = patient.objects[i].path;
      const size_t size = float_size(file, path);
      if (size) {
        n++;
        test_doctor_poke(file, path, 0, size == 4 ? (const void *)&narrow[k] : &wide[k]);
        close_and_expect(file, path);
      } else {
        H5Fclose(file);
      }
    }
  }
  assert_true(n >= 2 * 20);
}

/* A value that every check passes, but not the one that was written. */
static void a_changed_number_is_refused(void **state) {
  (void)state;
  const float value = 0.25f;
  const hid_t file = open_copy();
  test_doctor_poke(file, "/affinity/people", 17, &value);
  assert_true(H5Fclose(file) >= 0);
  assert_fails(load(TEST_COPY, &err), PFC_EFORMAT, "has lost its seal");
}

/* --- bytes --------------------------------------------------------------------- */

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
      cmocka_unit_test(missing_objects),
      cmocka_unit_test(doctored_objects),
      cmocka_unit_test(strangers),
      cmocka_unit_test(attributes),
      cmocka_unit_test(attributes_out_of_range),
      cmocka_unit_test(heads_that_are_none),
      cmocka_unit_test(integers_out_of_range),
      cmocka_unit_test(words_that_are_none),
      cmocka_unit_test(entries_that_stand_twice),
      cmocka_unit_test(numbers_that_are_not_finite),
      cmocka_unit_test(a_changed_number_is_refused),
      cmocka_unit_test(damaged_files),
      cmocka_unit_test(damaged_files_sealed_again),
      cmocka_unit_test(other_files),
  };
  return cmocka_run_group_tests_name("models/bundle damage", tests, make_intact, free_intact);
}
