/* A file of ours edited as a script of bytes says, through HDF5: what comes of it is always a
 * sound HDF5 file, so that the reader behind HDF5 meets what no damage could bring about. */
#ifndef PROFICIO_TESTS_FUZZ_EDIT_H
#define PROFICIO_TESTS_FUZZ_EDIT_H

#include <hdf5.h>

#include "base/file.h"
#include "base/h5.h"
#include "base/mem.h"
#include "tests/fuzz/input.h"

/* --- the intact file -------------------------------------------------------- */

enum { EDIT_OBJECTS = 512, EDIT_ATTRIBUTES = 48, EDIT_NAME = 64, EDIT_MOST = 40 };

typedef struct edit_object {
  char path[128];
  int n_attributes;
  char attributes[EDIT_ATTRIBUTES][EDIT_NAME];
} edit_object;

typedef struct edit_image {
  char *bytes;
  size_t size;
  int n;
  edit_object objects[EDIT_OBJECTS];
} edit_image;

static inline herr_t edit_note_attribute(hid_t at, const char *name, const H5A_info_t *info,
                                         void *user) {
  (void)at;
  (void)info;
  edit_object *o = user;
  HOLDS(o->n_attributes < EDIT_ATTRIBUTES);
  (void)snprintf(o->attributes[o->n_attributes++], EDIT_NAME, "%s", name);
  return 0;
}

static inline herr_t edit_note_object(hid_t root, const char *name, const H5O_info_t *info,
                                      void *user) {
  (void)info;
  edit_image *image = user;
  HOLDS(image->n < EDIT_OBJECTS);
  edit_object *o = &image->objects[image->n++];
  (void)snprintf(o->path, sizeof o->path, "/%s", strcmp(name, ".") ? name : "");
  const hid_t id = H5Oopen(root, name, H5P_DEFAULT);
  HOLDS(H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, NULL, edit_note_attribute, o) >= 0);
  return H5Oclose(id);
}

/* Takes the file in; it is not needed any more. */
static inline void edit_take(edit_image *image, const char *path) {
  hid_t file = -1;
  HOLDS(pfc_file_read(path, (size_t)1 << 24, &image->bytes, &image->size, NULL) == PFC_OK);
  HOLDS(pfc_h5_open(path, &file, NULL) == PFC_OK);
  HOLDS(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, edit_note_object, image, H5O_INFO_BASIC) >=
        0);
  HOLDS(pfc_h5_close(&file, NULL) == PFC_OK);
}

/* --- scripts ---------------------------------------------------------------- */

typedef struct edit_script {
  const uint8_t *at;
  size_t left;
} edit_script;

/* The next n bytes as a number; what is not there is 0. */
static inline uint64_t edit_next(edit_script *s, int n) {
  uint64_t value = 0;
  for (int i = 0; i < n && s->left > 0; i++, s->at++, s->left--)
    value |= (uint64_t)*s->at << 8 * i;
  return value;
}

static inline const edit_object *edit_next_object(edit_script *s, const edit_image *image) {
  return &image->objects[edit_next(s, 2) % (uint64_t)image->n];
}

/* --- edits ------------------------------------------------------------------- */

/* Up to eight bytes anywhere in an array. */
static inline void edit_poke(hid_t file, const edit_image *image, edit_script *s) {
  const hid_t set = H5Dopen2(file, edit_next_object(s, image)->path, H5P_DEFAULT);
  hid_t type = set >= 0 ? H5Dget_type(set) : -1;
  const size_t size = set >= 0 ? (size_t)H5Dget_storage_size(set) : 0;
  char *bytes = size && size < 1 << 20 ? calloc(size, 1) : NULL;
  const uint64_t at = edit_next(s, 3), n = 1 + edit_next(s, 1) % 8;
  if (bytes && type >= 0 && H5Tdetect_class(type, H5T_VLEN) <= 0 &&
      H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0) {
    for (uint64_t i = 0; i < n; i++) bytes[(at + i) % size] = (char)edit_next(s, 1);
    (void)H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
  }
  free(bytes);
  PFC_H5_DROP(type);
  if (set >= 0) (void)H5Dclose(set);
}

/* One object less. */
static inline void edit_unlink(hid_t file, const edit_image *image, edit_script *s) {
  (void)H5Ldelete(file, edit_next_object(s, image)->path, H5P_DEFAULT);
}

/* One object under the name of another, or of a stranger. */
static inline void edit_link(hid_t file, const edit_image *image, edit_script *s) {
  char name[160];
  const edit_object *from = edit_next_object(s, image), *to = edit_next_object(s, image);
  const unsigned how = (unsigned)edit_next(s, 1);
  (void)snprintf(name, sizeof name, "%s%s", to->path, how & 4 ? "_x" : "");
  if (!(how & 8)) (void)H5Ldelete(file, name, H5P_DEFAULT);
  switch (how & 3) {
    case 0:
      (void)H5Lcreate_soft(from->path, file, name, H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 1:
      (void)H5Lcreate_external("x.h5", from->path, file, name, H5P_DEFAULT, H5P_DEFAULT);
      break;
    default:
      (void)H5Lcreate_hard(file, from->path, file, name, H5P_DEFAULT, H5P_DEFAULT);
  }
}

static inline void edit_group(hid_t file, const edit_image *image, edit_script *s) {
  char name[160];
  (void)snprintf(name, sizeof name, "%s/%c", edit_next_object(s, image)->path,
                 (char)('a' + edit_next(s, 1) % 26));
  const hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (group >= 0) (void)H5Gclose(group);
}

/* A new value of any of our types. */
static inline void edit_attribute(hid_t file, const edit_image *image, edit_script *s) {
  const edit_object *o = edit_next_object(s, image);
  const uint64_t which = edit_next(s, 1), how = edit_next(s, 1);
  const char *name = o->n_attributes ? o->attributes[which % (uint64_t)o->n_attributes] : "x";
  const hid_t at = H5Oopen(file, o->path, H5P_DEFAULT);
  if (at < 0) return;
  (void)H5Adelete(at, name);
  if (how % 4 == 1) {
    (void)!pfc_h5_put_i64(at, name, (int64_t)edit_next(s, 1 + (int)(how / 4 % 8)), NULL);
  } else if (how % 4 == 2) {
    double value = 0;
    const uint64_t bits = edit_next(s, 8);
    memcpy(&value, &bits, sizeof value);
    (void)!pfc_h5_put_f64(at, name, value, NULL);
  } else if (how % 4 == 3) {
    char text[32] = "";
    for (uint64_t i = 0; i < how / 4 % 32; i++) text[i] = (char)edit_next(s, 1);
    (void)!pfc_h5_put_text(at, name, text, NULL);
  }
  (void)H5Oclose(at);
}

static inline hid_t edit_type(edit_script *s) {
  const hid_t types[] = {H5T_STD_I8LE,    H5T_STD_I32LE,  H5T_STD_I64LE,
                         H5T_STD_U32LE,   H5T_IEEE_F32LE, H5T_IEEE_F64LE,
                         H5T_STD_REF_OBJ, H5T_STD_I32BE,  H5T_C_S1};
  const uint64_t which = edit_next(s, 1) % (sizeof types / sizeof types[0]);
  const hid_t type = H5Tcopy(types[which]);
  if (which == 8) (void)H5Tset_size(type, edit_next(s, 1) + 1);
  if (which == 8) (void)H5Tset_strpad(type, H5T_STR_NULLPAD);
  return type;
}

static inline herr_t edit_copy_attribute(hid_t from, const char *name, const H5A_info_t *info,
                                         void *user) {
  char value[4096];
  const hid_t a = H5Aopen(from, name, H5P_DEFAULT), type = H5Aget_type(a);
  const hid_t space = H5Aget_space(a);
  const hid_t b = info->data_size <= sizeof value
                      ? H5Acreate2(*(hid_t *)user, name, type, space, H5P_DEFAULT, H5P_DEFAULT)
                      : -1;
  if (b >= 0 && H5Aread(a, type, value) >= 0) (void)H5Awrite(b, type, value);
  if (b >= 0) (void)H5Aclose(b);
  (void)H5Sclose(space);
  (void)H5Tclose(type);
  return H5Aclose(a);
}

/* An array of zeros of another type, rank and size, with the attributes of the old one. */
static inline void edit_array(hid_t file, const edit_image *image, edit_script *s) {
  const char *path = edit_next_object(s, image)->path;
  const hid_t old = H5Dopen2(file, path, H5P_DEFAULT), type = edit_type(s);
  const uint64_t how = edit_next(s, 1);
  const hsize_t dim[2] = {edit_next(s, 1 + (int)(how % 8)), edit_next(s, 1)};
  const hid_t space = H5Screate_simple(1 + (how & 8 ? 1 : 0), dim, NULL);
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  const bool small = dim[0] < 4096 && !(how & 16);
  (void)H5Pset_alloc_time(list, small ? H5D_ALLOC_TIME_EARLY : H5D_ALLOC_TIME_LATE);
  if (how & 32 && dim[0] && dim[0] < 4096 && dim[1])
    (void)H5Pset_chunk(list, 1 + (how & 8 ? 1 : 0), dim);
  (void)H5Ldelete(file, path, H5P_DEFAULT);
  hid_t new =
      space >= 0 ? H5Dcreate2(file, path, type, space, H5P_DEFAULT, list, H5P_DEFAULT) : -1;
  if (old >= 0 && new >= 0)
    (void)H5Aiterate2(old, H5_INDEX_NAME, H5_ITER_INC, NULL, edit_copy_attribute, &new);
  if (new >= 0) (void)H5Dclose(new);
  (void)H5Pclose(list);
  if (space >= 0) (void)H5Sclose(space);
  (void)H5Tclose(type);
  if (old >= 0) (void)H5Dclose(old);
}

/* The edited file, in memory; closed with H5Fclose. */
static inline hid_t edit_open(const edit_image *image, const uint8_t *data, size_t size) {
  static void (*const edits[])(hid_t file, const edit_image *image, edit_script *s) = {
      edit_poke,  edit_poke, edit_poke,   edit_attribute, edit_attribute,
      edit_array, edit_link, edit_unlink, edit_group};
  edit_script s = {data, size};
  pfc_h5_init();
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  HOLDS(H5Pset_fapl_core(access, 1 << 16, false) >= 0);
  HOLDS(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0);
  HOLDS(H5Pset_file_image(access, image->bytes, image->size) >= 0);
  const hid_t file = H5Fopen("edited", H5F_ACC_RDWR, access);
  HOLDS(file >= 0);
  (void)H5Pclose(access);
  for (int i = 0; i < EDIT_MOST && s.left > 0; i++)
    edits[edit_next(&s, 1) % (sizeof edits / sizeof edits[0])](file, image, &s);
  return file;
}

#endif
