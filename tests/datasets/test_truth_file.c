// labels: property check
/* truth.h5: what was saved is loaded, and what is damaged, doctored or not ours is refused with
 * the path inside named. */
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "base/rng.h"
#include "datasets/truth_file_internal.h"
#include "tests/support/damage.h"
#include "tests/support/doctor.h"
#include "tests/support/oom.h"

enum { N_DAMAGES = 300, N_RESEALED = 200, SECONDS = 30 };

/* --- a truth of random numbers, sound in every part -------------------------------------- */

static int32_t name_all(pfc_dict *dict, const char *prefix, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    char text[32];
    int32_t code;
    (void)snprintf(text, sizeof text, "%s%05d", prefix, i + 1);
    assert_ok(pfc_dict_add(dict, text, strlen(text), &code, &err));
  }
  return n;
}

static void *array_of(const pfc_truth *t, const pfc__truth_array *a, int64_t *n) {
  static const size_t WIDTH[] = {sizeof(float), 1, sizeof(int32_t), sizeof(int32_t),
                                 sizeof(int64_t)};
  pfc_h5_shape shape;
  pfc__truth_shape(t, a, &shape);
  *n = shape.dim[0] * shape.dim[1];
  void *data = pfc_alloc_array((size_t)*n, WIDTH[a->kind]);
  assert_non_null(data);
  return data;
}

static void fill(const pfc_truth *t, const pfc__truth_array *a, void *data, int64_t n,
                 pfc_rng *rng) {
  for (int64_t i = 0; i < n; i++) {
    const double low = isfinite(a->min) ? a->min : -4, high = isfinite(a->max) ? a->max : 5;
    const bool miss = a->may_miss && pfc_rng_below(rng, 4) == 0;
    switch (a->kind) {
      case PFC__TRUTH_REAL:
        ((float *)data)[i] =
            miss ? (float)NAN : (float)(low + (high - low) * pfc_rng_uniform(rng));
        break;
      case PFC__TRUTH_FLAG:
        ((int8_t *)data)[i] = (int8_t)pfc_rng_below(rng, 2);
        break;
      case PFC__TRUTH_DAY: /* in order, wherever order is asked for */
        ((int32_t *)data)[i] = miss ? PFC_NO_DATE : 10000 + (int32_t)i;
        break;
      case PFC__TRUTH_INDEX:
        ((int32_t *)data)[i] =
            miss ? -1 : (int32_t)pfc_rng_below(rng, (uint64_t)pfc__truth_count(t, a->of));
        break;
      case PFC__TRUTH_STARTS:
        ((int64_t *)data)[i] =
            i == 0 ? 0 : ((int64_t *)data)[i - 1] + (int64_t)pfc_rng_below(rng, 4);
        break;
    }
  }
}

static pfc_truth *random_truth(uint64_t seed) {
  pfc_rng rng;
  int n_arrays;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  pfc_truth *t = pfc_truth_create();
  assert_non_null(t);
  pfc_rng_init(&rng, seed, "test.truth", 0);
  t->seed = pfc_rng_next(&rng);
  t->hard = 1;
  t->bias = 0.5;
  t->first_day = 19000;
  t->last_day = 20000;
  t->drift_on = seed % 2 ? 19500 : PFC_NO_DATE;
  t->n_people = name_all(t->people, "P", 30);
  t->n_roles = name_all(t->roles, "R\xc3\xa9", 3);
  t->n_competencies = name_all(t->competencies, "C", 5);
  t->n_interventions = name_all(t->interventions, "I", 12);
  t->n_sources = name_all(t->sources, "s", 4);
  name_all(t->dirt_rules, "rule ", 3);
  name_all(t->dirt_tables, "table ", 2);
  t->n_dirt = 9;
  for (int a = 0; a < n_arrays; a++) {
    int64_t n;
    void *data = array_of(t, &arrays[a], &n);
    fill(t, &arrays[a], data, n, &rng);
    *pfc__truth_slot(t, &arrays[a]) = data;
  }
  return t;
}

/* --- round trips -------------------------------------------------------------------------- */

static void dicts_equal(const pfc_dict *a, const pfc_dict *b) {
  assert_int_equal(pfc_dict_size(a), pfc_dict_size(b));
  for (int32_t code = 0; code < pfc_dict_size(a); code++)
    assert_string_equal(pfc_dict_text(a, code), pfc_dict_text(b, code));
}

static void truths_equal(pfc_truth *a, pfc_truth *b) {
  int n_arrays, n_dicts;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  const pfc__truth_dict *dicts = pfc__truth_dicts(&n_dicts);
  assert_true(a->seed == b->seed && a->bias == b->bias);
  assert_int_equal(a->hard, b->hard);
  assert_int_equal(a->random, b->random);
  assert_int_equal(a->drift_on, b->drift_on);
  assert_int_equal(a->first_day, b->first_day);
  assert_int_equal(a->last_day, b->last_day);
  assert_int_equal(a->n_dirt, b->n_dirt);
  for (int d = 0; d < n_dicts; d++)
    dicts_equal(*pfc__truth_dict_slot(a, &dicts[d]), *pfc__truth_dict_slot(b, &dicts[d]));
  for (int i = 0; i < n_arrays; i++) {
    int64_t n;
    static const size_t WIDTH[] = {4, 1, 4, 4, 8};
    pfc_free(array_of(a, &arrays[i], &n));
    if (n > (arrays[i].kind == PFC__TRUTH_STARTS))
      assert_memory_equal(*pfc__truth_slot(a, &arrays[i]), *pfc__truth_slot(b, &arrays[i]),
                          (size_t)n * WIDTH[arrays[i].kind]);
  }
}

static void what_was_saved_is_loaded(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 4; seed++) {
    pfc_truth *t = random_truth(seed), *back = NULL;
    assert_ok(pfc_truth_save(t, "random.h5", &err));
    assert_ok(pfc_truth_load("random.h5", &back, &err));
    truths_equal(t, back);
    pfc_truth_destroy(t);
    pfc_truth_destroy(back);
  }
}

static void nothing_much_survives(void **state) {
  (void)state;
  pfc_truth *t = pfc_truth_create(), *back = NULL;
  assert_non_null(t);
  assert_fails(pfc_truth_save(t, "little.h5", &err), PFC_EUSAGE, "first_day");
  t->first_day = t->last_day = 0;
  assert_ok(pfc_truth_save(t, "little.h5", &err));
  assert_ok(pfc_truth_load("little.h5", &back, &err));
  truths_equal(t, back);
  pfc_truth_destroy(t);
  pfc_truth_destroy(back);
  pfc_truth_destroy(NULL);
}

static void the_same_truth_gives_the_same_bytes(void **state) {
  (void)state;
  char first[PFC_SHA256_HEX], second[PFC_SHA256_HEX];
  pfc_truth *t = random_truth(3), *back = NULL;
  assert_ok(pfc_truth_save(t, "first.h5", &err));
  assert_ok(pfc_truth_load("first.h5", &back, &err));
  assert_ok(pfc_truth_save(back, "second.h5", &err));
  assert_ok(pfc_sha256_file("first.h5", first, &err));
  assert_ok(pfc_sha256_file("second.h5", second, &err));
  assert_string_equal(first, second);
  pfc_truth_destroy(t);
  pfc_truth_destroy(back);
}

/* --- what must hold ----------------------------------------------------------------------- */

/* Each array in turn holds a value that it must not. */
static void a_bad_value_is_not_written(void **state) {
  (void)state;
  int n_arrays;
  const pfc__truth_array *arrays = pfc__truth_arrays(&n_arrays);
  for (int i = 0; i < n_arrays; i++) {
    const pfc__truth_array *a = &arrays[i];
    pfc_truth *t = random_truth(2);
    void *data = *pfc__truth_slot(t, a);
    if (a->kind == PFC__TRUTH_REAL) ((float *)data)[1] = (float)INFINITY;
    if (a->kind == PFC__TRUTH_FLAG) ((int8_t *)data)[1] = 2;
    if (a->kind == PFC__TRUTH_DAY) ((int32_t *)data)[1] = INT32_MAX;
    if (a->kind == PFC__TRUTH_INDEX) ((int32_t *)data)[1] = (int32_t)pfc__truth_count(t, a->of);
    if (a->kind == PFC__TRUTH_STARTS) ((int64_t *)data)[1] = -1;
    assert_fails(pfc_truth_save(t, "bad.h5", &err), PFC_EUSAGE, a->path);
    pfc_truth_destroy(t);
  }
}

static void sizes_order_and_settings_are_checked(void **state) {
  (void)state;
  pfc_truth *t = random_truth(2);
  t->n_roles--;
  assert_fails(pfc_truth_save(t, "bad.h5", &err), PFC_EUSAGE, "/dictionary/role has 3");
  t->n_roles++;
  int32_t p = 0;
  while (t->gain_start[p + 1] - t->gain_start[p] < 2) p++;
  const int64_t k = t->gain_start[p];
  t->gain_day[k] = t->gain_day[k + 1] + 1;
  assert_fails(pfc_truth_save(t, "bad.h5", &err), PFC_EUSAGE, "/gains/day: day");
  t->gain_day[k] = t->gain_day[k + 1]; /* two on one day may be */
  assert_ok(pfc_truth_save(t, "bad.h5", &err));
  t->last_day = t->first_day - 1;
  assert_fails(pfc_truth_save(t, "bad.h5", &err), PFC_EUSAGE, "last_day");
  t->last_day = t->first_day;
  pfc_free(t->taste);
  t->taste = NULL;
  assert_fails(pfc_truth_save(t, "bad.h5", &err), PFC_EUSAGE, "/people/taste is missing");
  pfc_truth_destroy(t);
}

static void short_memory_is_told(void **state) {
  (void)state;
  pfc_truth *t = random_truth(1);
  for (long fail_at = 0;; fail_at++) {
    pfc_truth *back = NULL;
    oom_after(fail_at);
    pfc_status st = pfc_truth_save(t, "short.h5", NULL);
    if (st == PFC_OK) st = pfc_truth_load("short.h5", &back, NULL);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    assert_int_equal(back == NULL, failed);
    pfc_truth_destroy(back);
    if (!failed) break;
  }
  assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
  pfc_truth_destroy(t);
}

/* --- damage ------------------------------------------------------------------------------- */

static test_patient patient;

static pfc_status load(const char *path, pfc_error *err) {
  pfc_truth *t = NULL;
  const pfc_status st = pfc_truth_load(path, &t, err);
  assert_int_equal(t == NULL, st != PFC_OK);
  pfc_truth_destroy(t);
  return st;
}

static int make_intact(void **state) {
  (void)state;
  pfc_truth *t = random_truth(1);
  assert_ok(pfc_truth_save(t, "intact.h5", &err));
  pfc_truth_destroy(t);
  test_patient_open(&patient, "intact.h5", load);
  return 0;
}

static int free_intact(void **state) {
  (void)state;
  test_patient_close(&patient);
  return 0;
}

/* Some of each kind; the others differ in names only. */
static bool is_telling(const test_object *o) {
  static const char *const some[] = {
      "/dictionary",        "/people",           "/dirt",
      "/dictionary/person", "/people/ability",   "/people/initial",
      "/people/group",      "/people/left_on",   "/targets/from",
      "/positions/role",    "/people/gain_start"};
  for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
    if (strcmp(o->path, some[i]) == 0) return true;
  return false;
}

static void doctored_objects(void **state) {
  (void)state;
  test_doctor_objects(&patient, is_telling);
}

static void missing_objects(void **state) {
  (void)state;
  for (int i = 0; i < patient.n; i++) {
    const hid_t file = test_patient_copy(&patient);
    assert_true(H5Ldelete(file, patient.objects[i].path, H5P_DEFAULT) >= 0);
    test_patient_refused(&patient, file, patient.objects[i].path);
  }
}

static void strangers(void **state) {
  (void)state, test_doctor_strangers(&patient, is_telling);
}
static void attributes(void **state) {
  (void)state, test_doctor_attributes(&patient, is_telling);
}
static void other_files(void **state) { (void)state, test_doctor_others(&patient); }

static void settings_out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int64_t value;
    const char *message;
  } CASES[] = {{"schema_version", 0, "schema version 0 is of an earlier"},
               {"schema_version", 2, "schema version 2 is of a later"},
               {"hard", 2, "'hard'"},
               {"random", -1, "'random'"},
               {"random", INT64_MAX, "'random'"}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const hid_t file = test_patient_copy(&patient);
    const hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
    assert_true(H5Adelete(root, CASES[i].name) >= 0);
    assert_ok(pfc_h5_put_i64(root, CASES[i].name, CASES[i].value, &err));
    (void)H5Gclose(root);
    test_patient_refused(&patient, file, CASES[i].message);
  }
}

static void replace_i32(hid_t file, const char *path, int64_t row, int32_t value) {
  int32_t data[200];
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  assert_true(H5Dget_storage_size(set) <= sizeof data);
  assert_true(H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  data[row] = value;
  assert_true(H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  (void)H5Dclose(set);
}

static void numbers_that_lead_nowhere(void **state) {
  (void)state;
  static const struct {
    const char *path;
    int32_t value;
  } CASES[] = {{"/positions/role", 3},   {"/positions/role", -1},
               {"/gains/competency", 5}, {"/gains/intervention", 12},
               {"/dirt/rule", 3},        {"/dirt/person", 30},
               {"/positions/from", 0},   {"/people/left_on", INT32_MAX}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const hid_t file = test_patient_copy(&patient);
    int64_t row = 1;
    if (strcmp(CASES[i].path, "/positions/from") == 0) { /* before the person's first one */
      pfc_truth *t = random_truth(1);
      int32_t p = 0;
      while (t->position_start[p + 1] - t->position_start[p] < 2) p++;
      row = t->position_start[p] + 1;
      pfc_truth_destroy(t);
    }
    replace_i32(file, CASES[i].path, row, CASES[i].value);
    test_patient_refused(&patient, file, CASES[i].path);
  }
}

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
      cmocka_unit_test(what_was_saved_is_loaded),
      cmocka_unit_test(nothing_much_survives),
      cmocka_unit_test(the_same_truth_gives_the_same_bytes),
      cmocka_unit_test(a_bad_value_is_not_written),
      cmocka_unit_test(sizes_order_and_settings_are_checked),
      cmocka_unit_test(short_memory_is_told),
      cmocka_unit_test(doctored_objects),
      cmocka_unit_test(missing_objects),
      cmocka_unit_test(strangers),
      cmocka_unit_test(attributes),
      cmocka_unit_test(other_files),
      cmocka_unit_test(settings_out_of_range),
      cmocka_unit_test(numbers_that_lead_nowhere),
      cmocka_unit_test(damaged_files),
      cmocka_unit_test(damaged_files_sealed_again),
  };
  return cmocka_run_group_tests_name("datasets/truth file", tests, make_intact, free_intact);
}
