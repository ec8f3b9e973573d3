#include "tests/support/test.h"

#include <malloc.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/h5.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/oom.h"

static const char *const NAMES[] = {"", "a", "caf\xc3\xa9", "the longest of them all"};

/* One file with every type, both ranks, empty arrays and attributes of each kind. */
static pfc_status write_everything(const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t file = -1, set = -1, group = -1;
  float *big = NULL;
  static const int8_t i8[] = {INT8_MIN, -1, 0, INT8_MAX};
  static const int32_t i32[] = {INT32_MIN, 7, INT32_MAX};
  static const int64_t i64[] = {INT64_MIN, 7, INT64_MAX};
  static const uint32_t u32[] = {0, UINT32_MAX};
  static const double f64[] = {-0.0, 1e-310, INFINITY, NAN};
  PFC_NEW(big, 200 * 300);
  for (int i = 0; i < 200 * 300; i++) big[i] = (float)i;
  PFC_TRY(pfc_h5_create(path, &file, err));
  PFC_TRY(pfc_h5_write_1d(file, "/numbers/i8", PFC_H5_I8, 4, i8, err));
  PFC_TRY(pfc_h5_write_1d(file, "/numbers/i32", PFC_H5_I32, 3, i32, err));
  PFC_TRY(pfc_h5_write_1d(file, "/numbers/deeper/i64", PFC_H5_I64, 3, i64, err));
  PFC_TRY(pfc_h5_write_1d(file, "/numbers/u32", PFC_H5_U32, 2, u32, err));
  PFC_TRY(pfc_h5_write_1d(file, "/numbers/f64", PFC_H5_F64, 4, f64, err));
  PFC_TRY(pfc_h5_write_1d(file, "/numbers/none", PFC_H5_F32, 0, NULL, err));
  const pfc_h5_shape shape = {.type = PFC_H5_F32, .rank = 2, .dim = {200, 300}};
  PFC_TRY(pfc_h5_write(file, "big", &shape, big, &set, err));
  PFC_TRY(pfc_h5_put_i64(set, "rows", -5, err));
  PFC_TRY(pfc_h5_put_f64(set, "scale", 0.25, err));
  PFC_H5_DROP(set);
  /* In pieces, the later one first. */
  const pfc_h5_shape pieces = {.type = PFC_H5_I64, .rank = 1, .dim = {3, 1}, .width = 8};
  PFC_TRY(pfc_h5_write(file, "/numbers/pieces", &pieces, NULL, &set, err));
  PFC_TRY(pfc_h5_write_rows(set, &pieces, 1, 2, i64 + 1, err));
  PFC_TRY(pfc_h5_write_rows(set, &pieces, 0, 1, i64, err));
  PFC_TRY(pfc_h5_write_texts(file, "names", 4, NAMES, err));
  PFC_TRY(pfc_h5_write_texts(file, "no_names", 0, NULL, err));
  PFC_TRY(pfc_h5_make_group(file, "/a/b/c", &group, err));
  PFC_TRY(pfc_h5_put_text(group, "title", "\xe2\x82\xac 5", err));
  PFC_TRY(pfc_h5_put_text(group, "empty", "", err));
done:
  PFC_H5_DROP(group);
  PFC_H5_DROP(set);
  pfc_free(big);
  if (st == PFC_OK) return pfc_h5_close(&file, err);
  PFC_H5_DROP(file);
  return st;
}

static void assert_array(hid_t file, const char *path, pfc_h5_type type, int64_t n,
                         const void *expected, size_t bytes) {
  void *data = NULL;
  int64_t found = -1;
  assert_ok(pfc_h5_read_1d(file, path, type, &found, &data, &err));
  assert_int_equal(found, n);
  assert_memory_equal(data, expected, bytes);
  pfc_free(data);
  assert_ok(pfc_h5_read_1d(file, path, type, &found, &data, &err));
  pfc_free(data);
}

static void what_is_written_is_read(void **state) {
  (void)state;
  hid_t file = -1;
  assert_ok(write_everything("all.h5", &err));
  assert_ok(pfc_h5_open("all.h5", &file, &err));
  assert_array(file, "/numbers/i8", PFC_H5_I8, 4, (int8_t[]){INT8_MIN, -1, 0, INT8_MAX}, 4);
  assert_array(file, "numbers/i32", PFC_H5_I32, 3, (int32_t[]){INT32_MIN, 7, INT32_MAX}, 12);
  assert_array(file, "/numbers/deeper/i64", PFC_H5_I64, 3, (int64_t[]){INT64_MIN, 7, INT64_MAX},
               24);
  assert_array(file, "/numbers/pieces", PFC_H5_I64, 3, (int64_t[]){INT64_MIN, 7, INT64_MAX},
               24);
  assert_array(file, "/numbers/u32", PFC_H5_U32, 2, (uint32_t[]){0, UINT32_MAX}, 8);
  assert_array(file, "/numbers/f64", PFC_H5_F64, 4, (double[]){-0.0, 1e-310, INFINITY, NAN},
               32);
  assert_array(file, "/numbers/none", PFC_H5_F32, 0, "", 0);

  pfc_h5_shape shape = {.type = PFC_H5_F32, .rank = 2, .dim = {-1, 300}};
  void *data = NULL;
  assert_ok(pfc_h5_read(file, "big", &shape, &data, &err));
  assert_int_equal(shape.dim[0], 200);
  assert_int_equal(shape.width, 4);
  for (int i = 0; i < 200 * 300; i++) assert_true(((float *)data)[i] == (float)i);
  pfc_free(data);

  char **names = NULL, *block = NULL;
  int64_t n = -1;
  assert_ok(pfc_h5_read_texts(file, "names", &n, &names, &block, &err));
  assert_int_equal(n, 4);
  for (int i = 0; i < 4; i++) assert_string_equal(names[i], NAMES[i]);
  pfc_free(names);
  pfc_free(block);
  n = -1;
  assert_ok(pfc_h5_read_texts(file, "no_names", &n, &names, &block, &err));
  assert_int_equal(n, 0);
  pfc_free(names);
  pfc_free(block);
  assert_ok(pfc_h5_close(&file, &err));
  assert_int_equal(file, -1);
  assert_ok(pfc_h5_close(&file, &err));
}

static void attributes_round_trip(void **state) {
  (void)state;
  hid_t file = -1, group = -1, set = -1;
  int64_t i = 0;
  double f = 0;
  char *text = NULL;
  assert_ok(pfc_h5_open("all.h5", &file, &err));
  assert_ok(pfc_h5_open_group(file, "/a/b/c", &group, &err));
  assert_ok(pfc_h5_get_text(group, "title", &text, &err));
  assert_string_equal(text, "\xe2\x82\xac 5");
  pfc_free(text);
  assert_ok(pfc_h5_get_text(group, "empty", &text, &err));
  assert_string_equal(text, "");
  pfc_free(text);
  set = H5Dopen2(file, "big", H5P_DEFAULT);
  assert_ok(pfc_h5_get_i64(set, "rows", &i, &err));
  assert_int_equal(i, -5);
  assert_ok(pfc_h5_get_f64(set, "scale", &f, &err));
  assert_true(f == 0.25);
  assert_fails(pfc_h5_get_f64(set, "rows", &f, &err), PFC_EFORMAT, "'rows' is not a 64-bit");
  assert_fails(pfc_h5_get_i64(set, "scale", &i, &err), PFC_EFORMAT, "'scale' is not a 64-bit");
  assert_fails(pfc_h5_get_text(set, "scale", &text, &err), PFC_EFORMAT, "not fixed-length");
  assert_fails(pfc_h5_get_i64(set, "none", &i, &err), PFC_EFORMAT, "no attribute 'none'");
  PFC_H5_DROP(set);
  PFC_H5_DROP(group);
  assert_ok(pfc_h5_close(&file, &err));
}

/* An attribute beyond the 64 KiB of an object header: settings as JSON can be long. */
static void long_text_fits_an_attribute(void **state) {
  (void)state;
  enum { N = 300000 };
  char *text = malloc(N + 1), *back = NULL;
  memset(text, 'j', N);
  text[N] = '\0';
  hid_t file = -1;
  assert_ok(pfc_h5_create("long.h5", &file, &err));
  assert_ok(pfc_h5_put_text(file, "settings", text, &err));
  for (int i = 0; i < 40; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "n%02d", i);
    assert_ok(pfc_h5_put_i64(file, name, i, &err));
  }
  assert_fails(pfc_h5_put_i64(file, "n07", 1, &err), PFC_EIO, "cannot write attribute 'n07'");
  assert_ok(pfc_h5_close(&file, &err));
  assert_ok(pfc_h5_open("long.h5", &file, &err));
  assert_ok(pfc_h5_get_text(file, "settings", &back, &err));
  assert_string_equal(back, text);
  assert_ok(pfc_h5_close(&file, &err));
  pfc_free(back);
  free(text);
}

static void large_arrays_can_be_mapped(void **state) {
  (void)state;
  hid_t file = -1;
  assert_ok(pfc_h5_open("all.h5", &file, &err));
  hid_t set = H5Dopen2(file, "big", H5P_DEFAULT);
  const haddr_t offset = H5Dget_offset(set);
  assert_true(offset != HADDR_UNDEF);
  assert_int_equal(offset % 4096, 0);
  FILE *raw = fopen("all.h5", "rb");
  float first[3] = {9, 9, 9};
  assert_int_equal(fseek(raw, (long)offset, SEEK_SET), 0);
  assert_int_equal(fread(first, sizeof(float), 3, raw), 3);
  assert_true(first[0] == 0 && first[1] == 1 && first[2] == 2);
  (void)fclose(raw);
  PFC_H5_DROP(set);
  assert_ok(pfc_h5_close(&file, &err));
}

static char *slurp(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  struct stat info;
  assert_non_null(f);
  assert_int_equal(stat(path, &info), 0);
  *size = (size_t)info.st_size;
  char *bytes = malloc(*size);
  assert_int_equal(fread(bytes, 1, *size, f), *size);
  (void)fclose(f);
  return bytes;
}

/* Neither the clock nor what memory held before shows in the bytes. */
static void same_content_gives_same_bytes(void **state) {
  (void)state;
  size_t n1, n2;
  (void)mallopt(M_PERTURB, 0x5a);
  assert_ok(write_everything("one.h5", &err));
  (void)sleep(2);
  (void)mallopt(M_PERTURB, 0xa5);
  assert_ok(write_everything("two.h5", &err));
  (void)mallopt(M_PERTURB, 0);
  char *one = slurp("one.h5", &n1), *two = slurp("two.h5", &n2);
  assert_int_equal(n1, n2);
  for (size_t i = 0; i < n1; i++)
    if (one[i] != two[i]) fail_msg("byte %zu of %zu: %d and %d", i, n1, one[i], two[i]);
  free(one);
  free(two);
}

static void mismatches_are_named(void **state) {
  (void)state;
  hid_t file = -1, group = -1;
  void *data = NULL;
  int64_t n = -1;
  pfc_h5_shape shape;
  assert_ok(pfc_h5_open("all.h5", &file, &err));
  assert_fails(pfc_h5_read_1d(file, "/numbers/i32", PFC_H5_F32, &n, &data, &err), PFC_EFORMAT,
               "'/numbers/i32' is of type int32, not float32");
  assert_fails(pfc_h5_read_1d(file, "/numbers/i32", PFC_H5_U32, &n, &data, &err), PFC_EFORMAT,
               "not uint32");
  assert_fails(pfc_h5_read_1d(file, "big", PFC_H5_F32, &n, &data, &err), PFC_EFORMAT,
               "rank 2, not 1");
  n = 4;
  assert_fails(pfc_h5_read_1d(file, "/numbers/i32", PFC_H5_I32, &n, &data, &err), PFC_EFORMAT,
               "size 3, not 4");
  assert_fails(pfc_h5_inspect(file, "/numbers", &shape, &err), PFC_EFORMAT, "not an array");
  assert_fails(pfc_h5_inspect(file, "/nothing/x", &shape, &err), PFC_EFORMAT, "no array");
  assert_fails(pfc_h5_inspect(file, "big/x", &shape, &err), PFC_EFORMAT, "no array");
  assert_fails(pfc_h5_open_group(file, "big", &group, &err), PFC_EFORMAT, "not a group");
  assert_fails(pfc_h5_open_group(file, "nope", &group, &err), PFC_EFORMAT, "no group 'nope'");
  assert_true(pfc_h5_has(file, "/a/b/c"));
  assert_true(pfc_h5_has(file, "big"));
  assert_false(pfc_h5_has(file, "/a/b/d"));
  assert_false(pfc_h5_has(file, "big/x"));
  assert_null(data);
  assert_int_equal(group, -1);
  assert_ok(pfc_h5_close(&file, &err));
}

static void shapes_without_sense_are_refused(void **state) {
  (void)state;
  static const pfc_h5_shape wrong[] = {
      {.type = PFC_H5_F32, .rank = 0, .dim = {1, 1}},
      {.type = PFC_H5_F32, .rank = 3, .dim = {1, 1}},
      {.type = PFC_H5_F32, .rank = 1, .dim = {-1, 1}},
      {.type = PFC_H5_F32, .rank = 2, .dim = {1, -1}},
      {.type = PFC_H5_TEXT, .rank = 1, .dim = {1, 1}, .width = 0},
  };
  hid_t file = -1;
  assert_ok(pfc_h5_create("wrong.h5", &file, &err));
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_fails(pfc_h5_write(file, "x", &wrong[i], "", NULL, &err), PFC_EUSAGE, "'x'");
  assert_ok(pfc_h5_write_1d(file, "x", PFC_H5_I8, 1, "1", &err));
  assert_fails(pfc_h5_write_1d(file, "x", PFC_H5_I8, 1, "1", &err), PFC_EIO, "'x'");
  assert_fails(pfc_h5_write_1d(file, "x/y", PFC_H5_I8, 1, "1", &err), PFC_EIO, "'x/'");
  assert_ok(pfc_h5_close(&file, &err));
}

static void open_objects_are_noticed(void **state) {
  (void)state;
  hid_t file = -1, group = -1;
  assert_ok(pfc_h5_create("leak.h5", &file, &err));
  assert_ok(pfc_h5_make_group(file, "g", &group, &err));
  assert_fails(pfc_h5_close(&file, &err), PFC_EIO, "1 objects");
  assert_int_equal(file, -1);
  PFC_H5_DROP(group);
  assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

/* --- damage ----------------------------------------------------------------- */

/* Reads all there is, whatever it may be worth: it must end, without a crash, in data
 * of the size said or in an error. */
static pfc_status read_everything(const char *path, pfc_error *err) {
  static const char *const arrays[] = {
      "/numbers/i8", "/numbers/deeper/i64", "/numbers/f64", "big", "names", "/numbers/none"};
  pfc_status st = PFC_OK;
  hid_t file = -1, group = -1;
  void *data = NULL;
  char *text = NULL;
  PFC_TRY(pfc_h5_open(path, &file, err));
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
    pfc_h5_shape shape;
    PFC_TRY(pfc_h5_inspect(file, arrays[i], &shape, err));
    PFC_TRY(pfc_h5_read(file, arrays[i], &shape, &data, err));
    pfc_free(data);
    data = NULL;
  }
  PFC_TRY(pfc_h5_open_group(file, "/a/b/c", &group, err));
  PFC_TRY(pfc_h5_get_text(group, "title", &text, err));
done:
  pfc_free(text);
  pfc_free(data);
  PFC_H5_DROP(group);
  PFC_H5_DROP(file);
  return st;
}

static void every_truncation_is_an_error(void **state) {
  (void)state;
  size_t size;
  assert_ok(write_everything("whole.h5", &err));
  assert_ok(read_everything("whole.h5", &err));
  char *bytes = slurp("whole.h5", &size);
  for (size_t n = 0; n < size; n += 1 + size / 300) {
    test_write_file("cut.h5", bytes, n);
    assert_int_equal(read_everything("cut.h5", NULL), PFC_EFORMAT);
  }
  test_write_file("cut.h5", bytes, size - 1);
  assert_int_equal(read_everything("cut.h5", NULL), PFC_EFORMAT);
  free(bytes);
  assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

/* Bits flipped anywhere in a file without a seal: HDF5's own checksums turn those in its
 * metadata into errors. */
static void mutants_fail_or_read_in_bounds(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "h5", 0);
  size_t size;
  char *bytes = slurp("whole.h5", &size);
  int refused = 0;
  for (int round = 0; round < 400; round++) {
    const size_t at = pfc_rng_below(&rng, round % 2 ? 4096 : size);
    const char kept = bytes[at];
    bytes[at] = (char)(bytes[at] ^ (1 << pfc_rng_below(&rng, 8)));
    test_write_file("mutant.h5", bytes, size);
    bytes[at] = kept;
    const pfc_status st = read_everything("mutant.h5", NULL);
    assert_true(st == PFC_OK || st == PFC_EFORMAT);
    refused += st == PFC_EFORMAT;
  }
  assert_true(refused > 50);
  free(bytes);
  assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

static pfc_status round_trip(pfc_error *err) {
  pfc_status st = write_everything("oom.h5", err);
  return st == PFC_OK ? read_everything("oom.h5", err) : st;
}

static void short_memory_leaks_nothing(void **state) {
  (void)state;
  for (long n = 0;; n++) {
    oom_after(n);
    const pfc_status st = round_trip(NULL);
    if (!oom_happened()) break;
    assert_int_equal(st, PFC_ENOMEM);
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
  }
  oom_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(attributes_round_trip),
      cmocka_unit_test(long_text_fits_an_attribute),
      cmocka_unit_test(large_arrays_can_be_mapped),
      cmocka_unit_test(same_content_gives_same_bytes),
      cmocka_unit_test(mismatches_are_named),
      cmocka_unit_test(shapes_without_sense_are_refused),
      cmocka_unit_test(open_objects_are_noticed),
      cmocka_unit_test(every_truncation_is_an_error),
      cmocka_unit_test(mutants_fail_or_read_in_bounds),
      cmocka_unit_test(short_memory_leaks_nothing),
  };
  return cmocka_run_group_tests_name("base/h5", tests, NULL, NULL);
}
