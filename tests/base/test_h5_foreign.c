/* Files that others made: none of HDF5, arrays and links we do not use, texts that are none. */
#include "tests/support/test.h"

#include "base/h5.h"

static void files_that_are_not_hdf5_are_refused(void **state) {
  (void)state;
  hid_t file = -1;
  assert_fails(pfc_h5_open("no/such.h5", &file, &err), PFC_EIO, "'no/such.h5': No such file");
  assert_fails(pfc_h5_open("/", &file, &err), PFC_EIO, "not a regular file");
  assert_fails(pfc_h5_open("/dev/null", &file, &err), PFC_EIO, "not a regular file");
  test_write_file("not.h5", "person_id,role_id\n", 18);
  assert_fails(pfc_h5_open("not.h5", &file, &err), PFC_EFORMAT, "not an HDF5 file");
  test_write_file("empty.h5", "", 0);
  assert_fails(pfc_h5_open("empty.h5", &file, &err), PFC_EFORMAT, "not an HDF5 file");
  assert_fails(pfc_h5_create("no/such.h5", &file, &err), PFC_EIO, "'no/such.h5'");
  assert_int_equal(file, -1);
}

static hid_t foreign_set(hid_t file, const char *name, hid_t type, int rank, hid_t dcpl) {
  static const hsize_t dims[3] = {8, 2, 2};
  hid_t space = rank ? H5Screate_simple(rank, dims, NULL) : H5Screate(H5S_SCALAR);
  hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
  assert_true(set >= 0);
  H5Sclose(space);
  return set;
}

static hid_t layout(int kind) {
  static const hsize_t chunk[1] = {4}, size[1] = {8};
  hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  hid_t space = H5Screate_simple(1, size, NULL);
  if (kind == 1) assert_true(H5Pset_chunk(list, 1, chunk) >= 0);
  if (kind == 2) {
    assert_true(H5Pset_chunk(list, 1, chunk) >= 0);
    assert_true(H5Pset_deflate(list, 1) >= 0);
  }
  if (kind == 3) assert_true(H5Pset_external(list, "/etc/passwd", 0, 32) >= 0);
  if (kind == 4) assert_true(H5Pset_virtual(list, space, "other.h5", "x", space) >= 0);
  if (kind == 5) assert_true(H5Pset_layout(list, H5D_COMPACT) >= 0);
  H5Sclose(space);
  return list;
}

static void foreign_arrays_are_refused(void **state) {
  (void)state;
  hid_t file = H5Fcreate("foreign.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t text = H5Tcopy(H5T_C_S1), terminated = H5Tcopy(H5T_C_S1);
  assert_true(H5Tset_size(text, H5T_VARIABLE) >= 0 && H5Tset_size(terminated, 4) >= 0);
  hid_t odd = H5Tcopy(H5T_STD_I32LE);
  assert_true(H5Tset_precision(odd, 17) >= 0);
  hid_t sets = H5Tvlen_create(H5T_STD_I32LE);
  const struct {
    const char *name, *fault;
    hid_t type;
    int rank, layout;
  } cases[] = {
      {"big_endian", "a type we do not use", H5T_STD_I32BE, 1, 0},
      {"u8", "a type we do not use", H5T_STD_U8LE, 1, 0},
      {"i16", "a type we do not use", H5T_STD_I16LE, 1, 0},
      {"u64", "a type we do not use", H5T_STD_U64LE, 1, 0},
      {"odd", "a type we do not use", odd, 1, 0},
      {"bits", "a type we do not use", H5T_STD_B32LE, 1, 0},
      {"reference", "a type we do not use", H5T_STD_REF_OBJ, 1, 0},
      {"variable", "a type we do not use", text, 1, 0},
      {"terminated", "a type we do not use", terminated, 1, 0},
      {"sequence", "a type we do not use", sets, 1, 0},
      {"scalar", "rank", H5T_STD_I32LE, 0, 0},
      {"cube", "rank", H5T_STD_I32LE, 3, 0},
      {"chunked", "chunked", H5T_STD_I32LE, 1, 1},
      {"packed", "chunked", H5T_STD_I32LE, 1, 2},
      {"external", "another file", H5T_STD_I32LE, 1, 3},
      {"virtual", "virtual", H5T_STD_I32LE, 1, 4},
      {"compact", "compact", H5T_STD_I32LE, 1, 5},
      {"unwritten", "bytes the file does not have", H5T_STD_I32LE, 1, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    hid_t list = layout(cases[i].layout);
    hid_t set = foreign_set(file, cases[i].name, cases[i].type, cases[i].rank, list);
    pfc_h5_shape shape;
    assert_fails(pfc_h5_inspect(file, cases[i].name, &shape, &err), PFC_EFORMAT,
                 cases[i].fault);
    assert_fails(pfc_h5_inspect(file, cases[i].name, &shape, &err), PFC_EFORMAT, cases[i].name);
    H5Dclose(set);
    H5Pclose(list);
  }
  H5Tclose(sets);
  H5Tclose(odd);
  H5Tclose(text);
  H5Tclose(terminated);
  H5Fclose(file);
}

static pfc_status count_child(const char *name, bool is_group, void *user, pfc_error *err) {
  char *seen = user;
  (void)err;
  strcat(strcat(seen, name), is_group ? "/ " : " ");
  return strcmp(name, "stop") == 0 ? pfc_fail(err, PFC_ECANCELLED, "stopped") : PFC_OK;
}

static void links_that_are_not_hard_are_refused(void **state) {
  (void)state;
  hid_t file = -1, group = -1;
  pfc_h5_shape shape;
  char seen[200] = "";
  assert_ok(pfc_h5_create("target.h5", &file, &err));
  assert_ok(pfc_h5_write_1d(file, "/big", PFC_H5_I8, 1, "1", &err));
  assert_ok(pfc_h5_close(&file, &err));
  assert_ok(pfc_h5_create("links.h5", &file, &err));
  assert_ok(pfc_h5_write_1d(file, "/g/b", PFC_H5_I8, 1, "1", &err));
  assert_ok(pfc_h5_write_1d(file, "/g/B", PFC_H5_I8, 1, "1", &err));
  assert_ok(pfc_h5_write_1d(file, "/g/a/x", PFC_H5_I8, 1, "1", &err));
  assert_ok(pfc_h5_open_group(file, "g", &group, &err));
  assert_ok(pfc_h5_each(group, count_child, seen, &err));
  assert_string_equal(seen, "B a/ b ");

  assert_true(H5Lcreate_soft("/g/b", file, "/g/soft", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_external("target.h5", "/big", file, "/out", H5P_DEFAULT, H5P_DEFAULT) >=
              0);
  assert_fails(pfc_h5_inspect(file, "/g/soft", &shape, &err), PFC_EFORMAT, "is a soft link");
  assert_fails(pfc_h5_inspect(file, "/out", &shape, &err), PFC_EFORMAT, "an external link");
  assert_false(pfc_h5_has(file, "/g/soft"));
  assert_false(pfc_h5_has(file, "/out"));
  assert_fails(pfc_h5_each(group, count_child, seen, &err), PFC_EFORMAT, "'/g/soft' is a soft");
  PFC_H5_DROP(group);

  seen[0] = '\0';
  assert_ok(pfc_h5_write_1d(file, "/s/stop", PFC_H5_I8, 1, "1", &err));
  assert_ok(pfc_h5_write_1d(file, "/s/zebra", PFC_H5_I8, 1, "1", &err));
  assert_ok(pfc_h5_open_group(file, "/s", &group, &err));
  assert_fails(pfc_h5_each(group, count_child, seen, &err), PFC_ECANCELLED, "stopped");
  assert_string_equal(seen, "stop ");
  PFC_H5_DROP(group);
  assert_ok(pfc_h5_close(&file, &err));
}

static void texts_must_be_clean(void **state) {
  (void)state;
  static const char *const blocks[] = {"ab\0c", "ab\xff\0", "\xe2\x82\0\0"};
  hid_t file = -1;
  const pfc_h5_shape shape = {.type = PFC_H5_TEXT, .rank = 1, .dim = {1, 1}, .width = 4};
  assert_ok(pfc_h5_create("texts.h5", &file, &err));
  for (int i = 0; i < 3; i++) {
    char name[8], **texts = NULL, *block = NULL;
    int64_t n = -1;
    (void)snprintf(name, sizeof name, "t%d", i);
    assert_ok(pfc_h5_write(file, name, &shape, blocks[i], NULL, &err));
    assert_fails(pfc_h5_read_texts(file, name, &n, &texts, &block, &err), PFC_EFORMAT,
                 "text 0 of array");
    assert_null(texts);
    assert_int_equal(n, -1);
  }
  assert_ok(pfc_h5_close(&file, &err));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_that_are_not_hdf5_are_refused),
      cmocka_unit_test(foreign_arrays_are_refused),
      cmocka_unit_test(links_that_are_not_hard_are_refused),
      cmocka_unit_test(texts_must_be_clean),
  };
  return cmocka_run_group_tests_name("base/h5 foreign", tests, NULL, NULL);
}
