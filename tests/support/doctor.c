#include "tests/support/doctor.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "tests/support/test.h"

/* --- patients --------------------------------------------------------------- */

static herr_t note_object(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  test_patient *p = user;
  test_object *o = &p->objects[p->n++];
  (void)snprintf(o->path, sizeof o->path, "/%s", name);
  const hid_t id = H5Oopen(group, name, H5P_DEFAULT);
  o->is_group = H5Iget_type(id) == H5I_GROUP;
  H5Oclose(id);
  return p->n == TEST_MAX_OBJECTS;
}

void test_patient_open(test_patient *p, const char *path,
                       pfc_status (*load)(const char *path, pfc_error *err)) {
  hid_t file = -1;
  *p = (test_patient){.load = load};
  assert_ok(load(path, &err));
  assert_ok(pfc_file_read(path, (size_t)1 << 30, &p->bytes, &p->size, &err));
  assert_ok(pfc_h5_open(path, &file, &err));
  assert_int_equal(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, note_object, p), 0);
  assert_ok(pfc_h5_close(&file, &err));
}

void test_patient_close(test_patient *p) {
  pfc_free(p->bytes);
  p->bytes = NULL;
}

hid_t test_patient_copy(const test_patient *p) {
  test_write_file(TEST_COPY, p->bytes, p->size);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  assert_true(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0);
  const hid_t file = H5Fopen(TEST_COPY, H5F_ACC_RDWR, access);
  assert_true(file >= 0);
  H5Pclose(access);
  return file;
}

static void expect(const test_patient *p, const char *message, const char *how) {
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = p->load(TEST_COPY, &err);
  if (st != PFC_EFORMAT || err.status != st || !strstr(err.msg, TEST_COPY) ||
      !strstr(err.msg, message))
    fail_msg("%s: expected PFC_EFORMAT and '%s', got %d and '%s'", how, message, (int)st,
             err.msg);
}

void test_patient_refused(const test_patient *p, hid_t file, const char *message) {
  assert_true(H5Fclose(file) >= 0);
  expect(p, message ? message : "", "without a seal");
  if (!message) return;
  assert_ok(pfc_seal_put(TEST_COPY, &err));
  expect(p, message, "with a new seal");
}

bool test_patient_refuses(const test_patient *p) {
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = p->load(TEST_COPY, &err);
  if (st == PFC_OK) return false;
  if (st != PFC_EFORMAT || err.status != st || !strstr(err.msg, TEST_COPY))
    fail_msg("status %d, '%s'", (int)st, err.msg);
  return true;
}

/* --- objects ---------------------------------------------------------------- */

static void take_away(hid_t file, const char *path) {
  assert_true(H5Ldelete(file, path, H5P_DEFAULT) >= 0);
}

static void move_away(hid_t file, const char *path, char name[300]) {
  (void)snprintf(name, 300, "%s_2", path);
  assert_true(H5Lmove(file, path, file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void give_new_name(hid_t file, const test_object *o) {
  char name[300];
  move_away(file, o->path, name);
}

static void make_soft_link(hid_t file, const test_object *o) {
  char name[300];
  move_away(file, o->path, name);
  assert_true(H5Lcreate_soft(name, file, o->path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

/* To the same object of an intact file. */
static void make_external_link(hid_t file, const test_object *o) {
  take_away(file, o->path);
  assert_true(
      H5Lcreate_external("intact.h5", o->path, file, o->path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void add_group(hid_t file, const char *path) {
  H5Gclose(H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void add_array(hid_t file, const char *path) {
  const hsize_t dim[1] = {3};
  const hid_t space = H5Screate_simple(1, dim, NULL);
  H5Dclose(H5Dcreate2(file, path, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
}

static void swap_kind(hid_t file, const test_object *o) {
  take_away(file, o->path);
  if (o->is_group)
    add_array(file, o->path);
  else
    add_group(file, o->path);
}

static void make_named_type(hid_t file, const test_object *o) {
  const hid_t type = H5Tcopy(H5T_STD_I32LE);
  take_away(file, o->path);
  assert_true(H5Tcommit2(file, o->path, type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) >= 0);
  H5Tclose(type);
}

static bool is_wanted(const test_object *o, test_wanted_fn wanted) {
  return !wanted || wanted(o);
}

void test_doctor_objects(const test_patient *p, test_wanted_fn wanted) {
  static const struct {
    void (*doctor)(hid_t file, const test_object *o);
    const char *message;
  } ways[] = {{give_new_name, NULL},
              {make_soft_link, "is a soft link"},
              {make_external_link, "is an external link"},
              {swap_kind, NULL},
              {make_named_type, NULL}};
  int i_array = 0, n_arrays = 0;
  for (int i = 0; i < p->n; i++)
    n_arrays += !p->objects[i].is_group && is_wanted(&p->objects[i], wanted);
  for (int i = 0; i < p->n; i++) {
    const test_object *o = &p->objects[i];
    if (!is_wanted(o, wanted)) continue;
    for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
      const hid_t file = test_patient_copy(p);
      ways[k].doctor(file, o);
      test_patient_refused(p, file, ways[k].message ? ways[k].message : o->path);
    }
    if (!o->is_group) test_doctor_array(p, o, i_array++, n_arrays);
  }
}

/* --- strangers --------------------------------------------------------------- */

static void add_type(hid_t file, const char *path) {
  const hid_t type = H5Tcopy(H5T_STD_I32LE);
  assert_true(H5Tcommit2(file, path, type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) >= 0);
  H5Tclose(type);
}

static void add_soft(hid_t file, const char *path) {
  assert_true(H5Lcreate_soft("/nowhere", file, path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void add_external(hid_t file, const char *path) {
  assert_true(H5Lcreate_external("x.h5", "/", file, path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

/* The file's root once more: who walks it blindly never comes back. */
static void add_cycle(hid_t file, const char *path) {
  assert_true(H5Lcreate_hard(file, "/", file, path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

void test_doctor_strangers(const test_patient *p, test_wanted_fn wanted) {
  static void (*const ways[])(hid_t file, const char *path) = {
      add_group, add_array, add_type, add_soft, add_external, add_cycle};
  for (int i = -1; i < p->n; i++) {
    if (i >= 0 && !(p->objects[i].is_group && is_wanted(&p->objects[i], wanted))) continue;
    for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
      char path[300];
      (void)snprintf(path, sizeof path, "%s/stranger", i < 0 ? "" : p->objects[i].path);
      const hid_t file = test_patient_copy(p);
      ways[k](file, path);
      test_patient_refused(p, file, path);
    }
  }
}

/* --- attributes -------------------------------------------------------------- */

static int n_attributes(hid_t file, const char *path) {
  const hid_t at = H5Oopen(file, path, H5P_DEFAULT);
  H5O_info_t info;
  assert_true(H5Oget_info2(at, &info, H5O_INFO_NUM_ATTRS) >= 0);
  H5Oclose(at);
  return (int)info.num_attrs;
}

static void put_attribute(hid_t at, const char *name, hid_t type, hid_t space) {
  const hid_t id = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(id >= 0);
  H5Aclose(id);
}

static void as_nothing(hid_t at, const char *name, hid_t type) {
  (void)at, (void)name, (void)type;
}

/* Not a number is a value no attribute takes. */
static void as_number(hid_t at, const char *name, hid_t type) {
  (void)type;
  assert_ok(pfc_h5_put_f64(at, name, NAN, &err));
}

static void as_list(hid_t at, const char *name, hid_t type) {
  const hsize_t dim[1] = {2};
  const hid_t space = H5Screate_simple(1, dim, NULL);
  put_attribute(at, name, type, space);
  H5Sclose(space);
}

static void as_variable(hid_t at, const char *name, hid_t type) {
  const hid_t space = H5Screate(H5S_SCALAR), text = H5Tcopy(H5T_C_S1);
  (void)type;
  H5Tset_size(text, H5T_VARIABLE);
  put_attribute(at, name, text, space);
  H5Tclose(text);
  H5Sclose(space);
}

static void doctor_attribute(const test_patient *p, const char *path, int i,
                             void (*put)(hid_t at, const char *name, hid_t type)) {
  char name[100];
  const hid_t file = test_patient_copy(p), at = H5Oopen(file, path, H5P_DEFAULT);
  assert_true(H5Aget_name_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, name,
                                 sizeof name, H5P_DEFAULT) > 0);
  const hid_t old = H5Aopen(at, name, H5P_DEFAULT), type = H5Aget_type(old);
  H5Aclose(old);
  assert_true(H5Adelete(at, name) >= 0);
  put(at, name, type);
  H5Tclose(type);
  H5Oclose(at);
  /* The day of the latest date is for people to read. */
  test_patient_refused(p, file, strcmp(name, "freshness") ? name : NULL);
}

static void add_attribute(const test_patient *p, const char *path) {
  const hid_t file = test_patient_copy(p), at = H5Oopen(file, path, H5P_DEFAULT);
  assert_ok(pfc_h5_put_i64(at, "stranger", 1, &err));
  H5Oclose(at);
  test_patient_refused(p, file, path[1] ? path : "stranger");
}

void test_doctor_attributes(const test_patient *p, test_wanted_fn wanted) {
  static void (*const ways[])(hid_t at, const char *name, hid_t type) = {as_nothing, as_number,
                                                                         as_list, as_variable};
  for (int i = -1; i < p->n; i++) {
    const char *path = i < 0 ? "/" : p->objects[i].path;
    if (i >= 0 && !is_wanted(&p->objects[i], wanted)) continue;
    add_attribute(p, path);
    if (i >= 0 && !p->objects[i].is_group) continue;
    const hid_t file = test_patient_copy(p);
    const int n = n_attributes(file, path);
    H5Fclose(file);
    for (int k = 0; k < n; k++)
      for (int w = k % 2; w < (int)(sizeof ways / sizeof ways[0]); w += 2)
        doctor_attribute(p, path, k, ways[w]);
  }
}

void test_doctor_number(const test_patient *p, const char *path, const char *name,
                        int64_t value, const char *message) {
  const hid_t file = test_patient_copy(p), at = H5Oopen(file, path, H5P_DEFAULT);
  assert_true(H5Adelete(at, name) >= 0);
  assert_ok(pfc_h5_put_i64(at, name, value, &err));
  H5Oclose(at);
  test_patient_refused(p, file, message);
}

void test_doctor_poke(hid_t file, const char *path, size_t i, const void *value) {
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT), type = H5Dget_type(set);
  const size_t size = (size_t)H5Dget_storage_size(set), width = H5Tget_size(type);
  char *bytes = pfc_alloc_array(size, 1);
  assert_true((i + 1) * width <= size);
  assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0);
  memcpy(bytes + i * width, value, width);
  assert_true(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0);
  pfc_free(bytes);
  H5Tclose(type);
  H5Dclose(set);
}

/* --- other files -------------------------------------------------------------- */

static void refused_as(const test_patient *p, pfc_status status, const char *message) {
  assert_fails(p->load(TEST_COPY, &err), status, message);
  assert_fails(p->load(TEST_COPY, &err), status, TEST_COPY);
}

void test_doctor_others(const test_patient *p) {
  hid_t file = -1;
  (void)unlink(TEST_COPY);
  refused_as(p, PFC_EIO, "No such file");
  assert_int_equal(mkdir(TEST_COPY, 0700), 0);
  refused_as(p, PFC_EIO, "not a regular file");
  assert_int_equal(rmdir(TEST_COPY), 0);
  assert_int_equal(mkfifo(TEST_COPY, 0600), 0);
  refused_as(p, PFC_EIO, "not a regular file");
  assert_int_equal(unlink(TEST_COPY), 0);
  test_write_file(TEST_COPY, "", 0);
  refused_as(p, PFC_EFORMAT, "not an HDF5 file");
  test_write_file(TEST_COPY, "person_id,role_id\n", 18);
  refused_as(p, PFC_EFORMAT, "not an HDF5 file");
  assert_ok(pfc_seal_put(TEST_COPY, &err));
  refused_as(p, PFC_EFORMAT, "not an HDF5 file");
  assert_ok(pfc_h5_create(TEST_COPY, &file, &err));
  test_patient_refused(p, file, "no text in attribute 'format'");
  assert_ok(pfc_h5_create(TEST_COPY, &file, &err));
  assert_ok(pfc_h5_put_text(file, "format", "somebody else's", &err));
  test_patient_refused(p, file, "its format is 'somebody else's'");
  if (geteuid() == 0) return; /* who may read everything */
  assert_int_equal(chmod(TEST_COPY, 0), 0);
  refused_as(p, PFC_EIO, "Permission denied");
  assert_int_equal(unlink(TEST_COPY), 0);
}
