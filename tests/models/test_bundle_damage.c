// labels: property check
/* Files that are damaged, doctored or not ours: refused, with the path inside named. */
#include "tests/support/test.h"

#include <hdf5.h>
#include <math.h>

#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "base/rng.h"
#include "models/bundle.h"
#include "models/checksum.h"
#include "tests/support/bundle.h"

enum { MAX_OBJECTS = 1000, N_FLIPS = 300, N_CUTS = 100 };

typedef struct object {
  char path[256];
  bool is_group;
} object;

/* An intact file, its bytes and its objects. */
static struct {
  char *bytes;
  size_t size;
  int n;
  object objects[MAX_OBJECTS];
} intact;

static herr_t note_object(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  (void)user;
  object *o = &intact.objects[intact.n++];
  (void)snprintf(o->path, sizeof o->path, "/%s", name);
  const hid_t id = H5Oopen(group, name, H5P_DEFAULT);
  o->is_group = H5Iget_type(id) == H5I_GROUP;
  H5Oclose(id);
  return intact.n == MAX_OBJECTS;
}

static int make_intact(void **state) {
  (void)state;
  hid_t file = -1;
  pfc_bundle *b = test_bundle(11, 20);
  assert_ok(pfc_bundle_save(b, "intact.h5", &err));
  pfc_bundle_destroy(b);
  assert_ok(pfc_file_read("intact.h5", (size_t)1 << 30, &intact.bytes, &intact.size, &err));
  assert_ok(pfc_h5_open("intact.h5", &file, &err));
  assert_int_equal(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, note_object, NULL), 0);
  assert_ok(pfc_h5_close(&file, &err));
  assert_true(intact.n > 150);
  return 0;
}

static int free_intact(void **state) {
  (void)state;
  pfc_free(intact.bytes);
  return 0;
}

/* A copy to be doctored. */
static hid_t open_copy(void) {
  test_write_file("copy.h5", intact.bytes, intact.size);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  assert_true(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0);
  const hid_t file = H5Fopen("copy.h5", H5F_ACC_RDWR, access);
  assert_true(file >= 0);
  H5Pclose(access);
  return file;
}

static void close_and_expect(hid_t file, const char *message) {
  assert_true(H5Fclose(file) >= 0);
  pfc_bundle *b = NULL;
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = pfc_bundle_load("copy.h5", &b, &err);
  assert_null(b);
  if (st != PFC_EFORMAT || err.status != st || !strstr(err.msg, message) ||
      !strstr(err.msg, "copy.h5"))
    fail_msg("expected PFC_EFORMAT and '%s', got %d and '%s'", message, st, err.msg);
}

/* --- every object in turn ---------------------------------------------------- */

static void take_away(hid_t file, const object *o) {
  assert_true(H5Ldelete(file, o->path, H5P_DEFAULT) >= 0);
}

static void give_new_name(hid_t file, const object *o) {
  char name[300];
  (void)snprintf(name, sizeof name, "%s_2", o->path);
  assert_true(H5Lmove(file, o->path, file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void make_soft_link(hid_t file, const object *o) {
  char name[300];
  (void)snprintf(name, sizeof name, "%s_2", o->path);
  give_new_name(file, o);
  assert_true(H5Lcreate_soft(name, file, o->path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

/* Replaces an array by one of zeros. */
static void put_zeros(hid_t file, const char *path, hid_t type, int rank, const hsize_t *dim) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
  const hid_t space = H5Screate_simple(rank, dim, NULL);
  const hid_t set = H5Dcreate2(file, path, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  assert_true(set >= 0);
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(list);
}

static void swap_kind(hid_t file, const object *o) {
  const hsize_t dim[1] = {1};
  take_away(file, o);
  if (o->is_group) {
    put_zeros(file, o->path, H5T_STD_I32LE, 1, dim);
  } else {
    H5Gclose(H5Gcreate2(file, o->path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
}

typedef enum change { LONGER, OTHER_TYPE, OTHER_RANK } change;

static void replace(hid_t file, const object *o, change how) {
  if (o->is_group) {
    swap_kind(file, o);
    return;
  }
  hsize_t dim[2] = {1, 1};
  const hid_t set = H5Dopen2(file, o->path, H5P_DEFAULT);
  const hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  int rank = H5Sget_simple_extent_dims(space, dim, NULL);
  const bool is_i32 = H5Tequal(type, H5T_STD_I32LE) > 0;
  take_away(file, o);
  if (how == LONGER) dim[rank - 1] += 1;
  if (how == OTHER_RANK) rank = 3 - rank;
  put_zeros(file, o->path,
            how != OTHER_TYPE ? type
            : is_i32          ? H5T_STD_I64LE
                              : H5T_STD_I32LE,
            rank, dim);
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
}

static void make_longer(hid_t file, const object *o) { replace(file, o, LONGER); }
static void change_type(hid_t file, const object *o) { replace(file, o, OTHER_TYPE); }
static void change_rank(hid_t file, const object *o) { replace(file, o, OTHER_RANK); }

/* Every object doctored alone is named in the message. */
static void doctor_each(void (*doctor)(hid_t file, const object *o)) {
  for (int i = 0; i < intact.n; i++) {
    const hid_t file = open_copy();
    doctor(file, &intact.objects[i]);
    close_and_expect(file, intact.objects[i].path);
  }
}

static void missing_objects(void **state) { (void)state, doctor_each(take_away); }
static void renamed_objects(void **state) { (void)state, doctor_each(give_new_name); }
static void linked_objects(void **state) { (void)state, doctor_each(make_soft_link); }
static void groups_for_arrays(void **state) { (void)state, doctor_each(swap_kind); }
static void longer_arrays(void **state) { (void)state, doctor_each(make_longer); }
static void arrays_of_other_type(void **state) { (void)state, doctor_each(change_type); }
static void arrays_of_other_rank(void **state) { (void)state, doctor_each(change_rank); }

static void strangers(void **state) {
  (void)state;
  const hsize_t dim[1] = {3};
  for (int i = -1; i < intact.n; i++) {
    char path[300];
    if (i >= 0 && !intact.objects[i].is_group) continue;
    (void)snprintf(path, sizeof path, "%s/stranger", i < 0 ? "" : intact.objects[i].path);
    hid_t file = open_copy();
    put_zeros(file, path, H5T_STD_I32LE, 1, dim);
    close_and_expect(file, path);
    file = open_copy();
    H5Gclose(H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    close_and_expect(file, path);
  }
}

/* --- attributes --------------------------------------------------------------- */

static int n_attributes(hid_t file, const char *path) {
  const hid_t at = H5Oopen(file, path, H5P_DEFAULT);
  H5O_info_t info;
  assert_true(H5Oget_info2(at, &info, H5O_INFO_NUM_ATTRS) >= 0);
  H5Oclose(at);
  return (int)info.num_attrs;
}

/* Takes the attribute away, or puts a text in its place. */
static void doctor_attribute(const char *path, int i, bool text) {
  char name[100];
  const hid_t file = open_copy(), at = H5Oopen(file, path, H5P_DEFAULT);
  assert_true(H5Aget_name_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, name,
                                 sizeof name, H5P_DEFAULT) > 0);
  assert_true(H5Adelete(at, name) >= 0);
  /* A path instead of a text is a value no text attribute but `split` and the like takes. */
  if (text) assert_ok(pfc_h5_put_f64(at, name, NAN, &err));
  H5Oclose(at);
  close_and_expect(file, name);
}

static void attributes_missing_or_of_other_type(void **state) {
  (void)state;
  for (int i = -1; i < intact.n; i++) {
    if (i >= 0 && !intact.objects[i].is_group) continue;
    const char *path = i < 0 ? "/" : intact.objects[i].path;
    const hid_t file = open_copy();
    const int n = n_attributes(file, path);
    H5Fclose(file);
    for (int k = 0; k < n; k++) {
      doctor_attribute(path, k, false);
      doctor_attribute(path, k, true);
    }
  }
}

static void replace_i64(hid_t file, const char *path, const char *name, int64_t value) {
  const hid_t at = H5Oopen(file, path, H5P_DEFAULT);
  assert_true(H5Adelete(at, name) >= 0);
  assert_ok(pfc_h5_put_i64(at, name, value, &err));
  H5Oclose(at);
}

static void attributes_out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *path, *name;
    int64_t value;
    const char *message;
  } cases[] = {
      {"/", "schema_version", PFC_BUNDLE_SCHEMA + 1, "schema version 2"},
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
      {"/time/dropped", "fitted", 0, "/checksums/time/dropped"},
      {"/certificates", "n", 4, "/certificates/model"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const hid_t file = open_copy();
    replace_i64(file, cases[i].path, cases[i].name, cases[i].value);
    close_and_expect(file, cases[i].message);
  }
}

/* --- values, with checksums that agree ----------------------------------------- */

/* Replaces element i of an array in place and, if asked, its checksum. */
static void poke(hid_t file, const char *path, size_t i, const void *value, bool agree) {
  char sums[300];
  (void)snprintf(sums, sizeof sums, "/checksums%s", path);
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT), type = H5Dget_type(set);
  const hid_t sum_set = H5Dopen2(file, sums, H5P_DEFAULT);
  const size_t size = (size_t)H5Dget_storage_size(set), width = H5Tget_size(type);
  char *bytes = pfc_alloc_array(size, 1);
  uint32_t crc[8];
  assert_true((i + 1) * width <= size);
  assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0);
  memcpy(bytes + i * width, value, width);
  assert_true(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0);
  pfc_checksum_table(bytes, size, crc);
  if (agree)
    assert_true(H5Dwrite(sum_set, H5T_STD_U32LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, crc) >= 0);
  pfc_free(bytes);
  H5Dclose(sum_set);
  H5Tclose(type);
  H5Dclose(set);
}

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
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const hid_t file = open_copy();
    poke(file, cases[i].path, cases[i].at, &cases[i].value, true);
    close_and_expect(file, cases[i].message);
  }
}

/* Text of `width` bytes made of one letter. */
static void poke_text(hid_t file, const char *path, size_t i, char letter) {
  char text[256];
  memset(text, letter, sizeof text);
  poke(file, path, i, text, true);
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
  for (int i = 0; i < intact.n; i++) {
    if (intact.objects[i].is_group) continue;
    for (int k = 0; k < 2; k++) {
      const hid_t file = open_copy();
      const char *path = intact.objects[i].path;
      const size_t size = float_size(file, path);
      if (size) {
        n++;
        poke(file, path, 0, size == 4 ? (const void *)&narrow[k] : &wide[k], true);
        close_and_expect(file, path);
      } else {
        H5Fclose(file);
      }
    }
  }
  assert_true(n >= 2 * 20);
}

static void checksums_that_differ(void **state) {
  (void)state;
  const float value = 0.25f;
  const hid_t file = open_copy();
  poke(file, "/affinity/people", 17, &value, false);
  close_and_expect(file, "'/affinity/people' is damaged");
}

/* --- bytes --------------------------------------------------------------------- */

/* Loads a file whose bytes were changed: refused, or the very same bundle. */
static bool load_changed(void) {
  pfc_bundle *b = NULL;
  pfc_error told = PFC_ERROR_INIT;
  const pfc_status st = pfc_bundle_load("copy.h5", &b, &told);
  if (st != PFC_OK) {
    if ((st != PFC_EFORMAT && st != PFC_EIO) || !strstr(told.msg, "copy.h5"))
      fail_msg("status %d, %s", st, told.msg);
    assert_null(b);
    return false;
  }
  size_t size;
  char *bytes = NULL;
  assert_ok(pfc_bundle_save(b, "again.h5", &err));
  assert_ok(pfc_file_read("again.h5", (size_t)1 << 30, &bytes, &size, &err));
  assert_int_equal(size, intact.size);
  assert_memory_equal(bytes, intact.bytes, size);
  pfc_free(bytes);
  pfc_bundle_destroy(b);
  return true;
}

static void flipped_bytes(void **state) {
  (void)state;
  pfc_rng rng;
  const char *count = getenv("PFC_TEST_COUNT");
  const long n = count ? strtol(count, NULL, 10) : N_FLIPS;
  long n_refused = 0;
  pfc_rng_init(&rng, test_seed(1), "flips", 0);
  for (long i = 0; i < n; i++) {
    const size_t at = (size_t)pfc_rng_below(&rng, intact.size);
    const char before = intact.bytes[at];
    intact.bytes[at] = (char)(before ^ (char)(1 + pfc_rng_below(&rng, 255)));
    test_write_file("copy.h5", intact.bytes, intact.size);
    intact.bytes[at] = before;
    n_refused += !load_changed();
  }
  assert_true(n_refused > n / 2);
}

static void cut_files(void **state) {
  (void)state;
  for (size_t i = 0; i <= N_CUTS; i++) {
    const size_t size = i < N_CUTS ? intact.size * i / N_CUTS : intact.size - 1;
    test_write_file("copy.h5", intact.bytes, size);
    assert_false(load_changed());
  }
}

static void files_that_are_not_ours(void **state) {
  (void)state;
  pfc_bundle *b = NULL;
  hid_t file = -1;
  test_write_file("copy.h5", "person_id,role_id\n", 18);
  assert_fails(pfc_bundle_load("copy.h5", &b, &err), PFC_EFORMAT, "copy.h5");
  assert_ok(pfc_h5_create("copy.h5", &file, &err));
  close_and_expect(file, "not a model");
  assert_ok(pfc_h5_create("copy.h5", &file, &err));
  assert_ok(pfc_h5_put_text(file, "format", "proficio dataset", &err));
  close_and_expect(file, "not a model");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(missing_objects),
      cmocka_unit_test(renamed_objects),
      cmocka_unit_test(linked_objects),
      cmocka_unit_test(groups_for_arrays),
      cmocka_unit_test(longer_arrays),
      cmocka_unit_test(arrays_of_other_type),
      cmocka_unit_test(arrays_of_other_rank),
      cmocka_unit_test(strangers),
      cmocka_unit_test(attributes_missing_or_of_other_type),
      cmocka_unit_test(attributes_out_of_range),
      cmocka_unit_test(integers_out_of_range),
      cmocka_unit_test(words_that_are_none),
      cmocka_unit_test(entries_that_stand_twice),
      cmocka_unit_test(numbers_that_are_not_finite),
      cmocka_unit_test(checksums_that_differ),
      cmocka_unit_test(flipped_bytes),
      cmocka_unit_test(cut_files),
      cmocka_unit_test(files_that_are_not_ours),
  };
  return cmocka_run_group_tests_name("models/bundle damage", tests, make_intact, free_intact);
}
