/* Arrays made anew in ways that ours never are. */
#include "tests/support/doctor.h"
#include "tests/support/test.h"

/* --- blanks ----------------------------------------------------------------- */

/* What an array is made anew from: it and its attributes keep their names. */
typedef struct blank {
  hid_t type, space, list, link;
} blank;

static blank blank_of(hid_t type, int rank, const hsize_t *dim) {
  blank b = {H5Tcopy(type), rank ? H5Screate_simple(rank, dim, NULL) : H5Screate(H5S_SCALAR),
             H5Pcreate(H5P_DATASET_CREATE), H5Pcreate(H5P_LINK_CREATE)};
  H5Pset_alloc_time(b.list, H5D_ALLOC_TIME_EARLY);
  assert_true(b.type >= 0 && b.space >= 0 && b.list >= 0 && b.link >= 0);
  return b;
}

static herr_t copy_attribute(hid_t from, const char *name, const H5A_info_t *info, void *user) {
  char value[1000];
  (void)info;
  const hid_t a = H5Aopen(from, name, H5P_DEFAULT), type = H5Aget_type(a);
  const hid_t space = H5Aget_space(a);
  const hid_t b = H5Acreate2(*(hid_t *)user, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const bool copied = H5Aread(a, type, value) >= 0 && H5Awrite(b, type, value) >= 0;
  H5Aclose(b);
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(a);
  return copied ? 0 : -1;
}

/* Puts the blank in the array's place, with its attributes; frees the blank. */
static void put_blank(hid_t file, const char *path, blank *b) {
  const hid_t old = H5Dopen2(file, path, H5P_DEFAULT);
  assert_true(H5Ldelete(file, path, H5P_DEFAULT) >= 0);
  hid_t new = H5Dcreate2(file, path, b->type, b->space, b->link, b->list, H5P_DEFAULT);
  assert_true(new >= 0);
  if (old >= 0)
    assert_true(H5Aiterate2(old, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_attribute, &new) >= 0);
  H5Dclose(new);
  if (old >= 0) H5Dclose(old);
  H5Pclose(b->link);
  H5Pclose(b->list);
  H5Sclose(b->space);
  H5Tclose(b->type);
}

/* The array's own type and size, on a new blank. */
static blank blank_like(hid_t file, const char *path) {
  hsize_t dim[2] = {1, 1};
  const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
  const hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  const int rank = H5Sget_simple_extent_dims(space, dim, NULL);
  const blank b = blank_of(type, rank, dim);
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
  return b;
}

static int size_of(const blank *b, hsize_t dim[2]) {
  dim[0] = dim[1] = 1;
  return H5Sget_simple_extent_dims(b->space, dim, NULL);
}

/* --- changes ---------------------------------------------------------------- */

/* Changes a blank that is like the array, which has at least one element. */
typedef void (*change_fn)(blank *b);

static void resize(blank *b, int rank, hsize_t n, hsize_t m) {
  const hsize_t dim[3] = {n, m, 1};
  H5Sclose(b->space);
  b->space = H5Screate_simple(rank, dim, NULL);
  assert_true(b->space >= 0);
}

static void longer(blank *b) {
  hsize_t dim[2];
  const int rank = size_of(b, dim);
  dim[rank - 1]++;
  resize(b, rank, dim[0], dim[1]);
}

static void other_rank(blank *b) {
  hsize_t dim[2];
  const int rank = size_of(b, dim);
  resize(b, 3 - rank, rank == 1 ? dim[0] : dim[0] * dim[1], 1);
}

static void three_dimensions(blank *b) {
  hsize_t dim[2];
  (void)size_of(b, dim);
  resize(b, 3, dim[0], dim[1]);
}

static void one_value(blank *b) {
  H5Sclose(b->space);
  b->space = H5Screate(H5S_SCALAR);
}

static void no_space(blank *b) {
  H5Sclose(b->space);
  b->space = H5Screate(H5S_NULL);
  H5Pset_alloc_time(b->list, H5D_ALLOC_TIME_DEFAULT);
}

/* Claims that cost no room in the file, because nothing is allocated. */
static void huge(blank *b) {
  resize(b, 1, (hsize_t)1 << 58, 1);
  H5Pset_alloc_time(b->list, H5D_ALLOC_TIME_LATE);
}

static void never_written(blank *b) { H5Pset_alloc_time(b->list, H5D_ALLOC_TIME_LATE); }

static void retype(blank *b, hid_t type) {
  H5Tclose(b->type);
  b->type = type;
  assert_true(type >= 0);
}

/* Of another width, where it is an integer, and an integer where it is not. */
static void other_type(blank *b) {
  const bool is_i32 = H5Tequal(b->type, H5T_STD_I32LE) > 0;
  retype(b, H5Tcopy(is_i32 ? H5T_STD_I64LE : H5T_STD_I32LE));
}

static void big_endian(blank *b) {
  if (H5Tget_class(b->type) == H5T_STRING || H5Tget_size(b->type) == 1)
    retype(b, H5Tcopy(H5T_STD_I64BE));
  else
    assert_true(H5Tset_order(b->type, H5T_ORDER_BE) >= 0);
}

static void unsigned_type(blank *b) { retype(b, H5Tcopy(H5T_STD_U16LE)); }

static void variable_text(blank *b) {
  retype(b, H5Tcopy(H5T_C_S1));
  assert_true(H5Tset_size(b->type, H5T_VARIABLE) >= 0);
}

static void variable_list(blank *b) { retype(b, H5Tvlen_create(H5T_STD_I32LE)); }

static void compound(blank *b) {
  retype(b, H5Tcreate(H5T_COMPOUND, 12));
  assert_true(H5Tinsert(b->type, "a", 0, H5T_STD_I32LE) >= 0);
  assert_true(H5Tinsert(b->type, "b", 4, H5T_IEEE_F64LE) >= 0);
}

static void references(blank *b) { retype(b, H5Tcopy(H5T_STD_REF_OBJ)); }

static void opaque(blank *b) { retype(b, H5Tcreate(H5T_OPAQUE, 4)); }

static void arrays_within(blank *b) {
  const hsize_t dim[1] = {2};
  retype(b, H5Tarray_create2(H5T_STD_I32LE, 1, dim));
}

static void padded_with_blanks(blank *b) {
  retype(b, H5Tcopy(H5T_FORTRAN_S1));
  assert_true(H5Tset_size(b->type, 7) >= 0);
}

static void chunked(blank *b) {
  hsize_t dim[2];
  const int rank = size_of(b, dim);
  const hsize_t chunk[2] = {dim[0] ? dim[0] : 1, dim[1] ? dim[1] : 1};
  assert_true(H5Pset_chunk(b->list, rank, chunk) >= 0);
}

static void deflated(blank *b) {
  chunked(b);
  assert_true(H5Pset_deflate(b->list, 1) >= 0 && H5Pset_fletcher32(b->list) >= 0);
}

static void compact(blank *b) { assert_true(H5Pset_layout(b->list, H5D_COMPACT) >= 0); }

static void in_another_file(blank *b) {
  const hsize_t n = (hsize_t)H5Sget_simple_extent_npoints(b->space) * H5Tget_size(b->type);
  assert_true(H5Pset_alloc_time(b->list, H5D_ALLOC_TIME_LATE) >= 0);
  assert_true(H5Pset_external(b->list, "elsewhere.bin", 0, n ? n : 1) >= 0);
}

static void virtual(blank *b) {
  assert_true(H5Pset_alloc_time(b->list, H5D_ALLOC_TIME_DEFAULT) >= 0);
  assert_true(H5Pset_virtual(b->list, b->space, "intact.h5", "/x", b->space) >= 0);
}

static const struct {
  change_fn change;
  const char *message; /* beside the path */
  bool filled;         /* only of an array that has elements */
} CHANGES[] = {
    {longer, "", false},
    {other_rank, "", false},
    {three_dimensions, "rank 1 or 2", false},
    {one_value, "rank 1 or 2", false},
    {no_space, "rank 1 or 2", false},
    {huge, "claims bytes", false},
    {never_written, "claims bytes", true},
    {other_type, "", false},
    {big_endian, "", false},
    {unsigned_type, "", false},
    {variable_text, "type we do not use", false},
    {variable_list, "type we do not use", false},
    {compound, "type we do not use", false},
    {references, "type we do not use", false},
    {opaque, "type we do not use", false},
    {arrays_within, "type we do not use", false},
    {padded_with_blanks, "type we do not use", false},
    {chunked, "chunked", true},
    {deflated, "chunked", true},
    {compact, "compact", true},
    {in_another_file, "in another file", true},
    {virtual, "virtual", true},
};

static bool has_elements(const blank *b) { return H5Sget_simple_extent_npoints(b->space) > 0; }

void test_doctor_array(const test_patient *p, const test_object *o, int i_array, int n) {
  for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
    if ((i_array + (int)i) % (1 + n / 8) != 0) continue;
    const hid_t file = test_patient_copy(p);
    blank b = blank_like(file, o->path);
    const bool apt = has_elements(&b) || !CHANGES[i].filled;
    if (apt) CHANGES[i].change(&b);
    put_blank(file, o->path, &b);
    if (apt)
      test_patient_refused(p, file, CHANGES[i].message[0] ? CHANGES[i].message : o->path);
    else
      H5Fclose(file);
  }
}
