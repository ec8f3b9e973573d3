#include <string.h>

#include "base/h5_internal.h"
#include "base/mem.h"

/* Groups, arrays and files carry no times: the same content gives the same bytes. */
static hid_t untimed(hid_t property_class) {
  hid_t list = H5Pcreate(property_class);
  if (list < 0 || H5Pset_obj_track_times(list, false) < 0) PFC_H5_DROP(list);
  return list;
}

/* Names of links and attributes are UTF-8. */
static hid_t utf8_names(hid_t property_class) {
  hid_t list = H5Pcreate(property_class);
  if (list < 0 || H5Pset_char_encoding(list, H5T_CSET_UTF8) < 0) PFC_H5_DROP(list);
  return list;
}

pfc_status pfc_h5_create(const char *path, hid_t *file, pfc_error *err) {
  pfc_h5_init();
  pfc_status st = PFC_OK;
  hid_t access = pfc__h5_access(), creation = untimed(H5P_FILE_CREATE);
  /* "Latest" by name, so that a newer library writes the same bytes. Without a sieve buffer
   * H5Dwrite writes, and fails when it cannot: what a buffer holds is written when the array
   * is closed, of which nobody would learn that it failed. */
  if (access < 0 || creation < 0 ||
      H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) < 0 ||
      H5Pset_sieve_buf_size(access, 0) < 0 || H5Pset_alignment(access, 65536, 4096) < 0) {
    st = pfc_h5_fail(err, PFC_EIO, "cannot prepare HDF5 file '%s'", path);
    goto done;
  }
  const hid_t id = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
  if (id < 0) {
    st = pfc_h5_fail(err, PFC_EIO, "cannot create HDF5 file '%s'", path);
    goto done;
  }
  *file = id;
done:
  PFC_H5_DROP(creation);
  PFC_H5_DROP(access);
  return st;
}

/* The group `name` of `parent`, created when absent; -1 on failure. */
static hid_t step_into(hid_t parent, const char *name) {
  const htri_t exists = H5Lexists(parent, name, H5P_DEFAULT);
  if (exists != 0) return exists > 0 ? H5Gopen2(parent, name, H5P_DEFAULT) : -1;
  hid_t link = utf8_names(H5P_LINK_CREATE), creation = untimed(H5P_GROUP_CREATE), group = -1;
  if (link >= 0 && creation >= 0) group = H5Gcreate2(parent, name, link, creation, H5P_DEFAULT);
  PFC_H5_DROP(creation);
  PFC_H5_DROP(link);
  return group;
}

/* HDF5 can make the groups on the way itself, but gives those a time. */
pfc_status pfc_h5_make_group(hid_t parent, const char *path, hid_t *group, pfc_error *err) {
  pfc_h5_init();
  char name[PFC__H5_NAME_MAX];
  const char *rest = path;
  hid_t at = H5Gopen2(parent, path[0] == '/' ? "/" : ".", H5P_DEFAULT);
  int more = at < 0 ? -1 : pfc__h5_component(&rest, name);
  while (more > 0) {
    const hid_t next = step_into(at, name);
    PFC_H5_DROP(at);
    at = next;
    more = at < 0 ? -1 : pfc__h5_component(&rest, name);
  }
  if (more < 0) {
    PFC_H5_DROP(at);
    return pfc_h5_fail(err, PFC_EIO, "cannot create group '%s'", path);
  }
  *group = at;
  return PFC_OK;
}

/* Splits "/a/b/c": makes the group "/a/b" and points *leaf at "c". */
static pfc_status make_place(hid_t parent, const char *path, hid_t *group, const char **leaf,
                             pfc_error *err) {
  const char *slash = strrchr(path, '/');
  const size_t n = slash ? (size_t)(slash - path) + 1 : 0;
  *leaf = path + n;
  char *folder = pfc_alloc_array(n + 1, 1);
  if (!folder) return pfc_fail_memory(err, path);
  memcpy(folder, path, n);
  const pfc_status st = pfc_h5_make_group(parent, folder, group, err);
  pfc_free(folder);
  return st;
}

static pfc_status check_shape(const char *path, const pfc_h5_shape *shape, pfc_error *err) {
  const bool sized = shape->dim[0] >= 0 && (shape->rank == 1 || shape->dim[1] >= 0);
  if ((shape->rank != 1 && shape->rank != 2) || !sized)
    return pfc_fail(err, PFC_EUSAGE, "array '%s': rank %d is not 1 or 2, or a size is negative",
                    path, shape->rank);
  if (shape->type == PFC_H5_TEXT && shape->width == 0)
    return pfc_fail(err, PFC_EUSAGE, "array '%s': text of width 0", path);
  return PFC_OK;
}

/* Contiguous, allocated at once, never filled: what is not data is not written. */
static hid_t plain_array(void) {
  hid_t list = untimed(H5P_DATASET_CREATE);
  if (list < 0 || H5Pset_layout(list, H5D_CONTIGUOUS) < 0 ||
      H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY) < 0 ||
      H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) < 0)
    PFC_H5_DROP(list);
  return list;
}

/* A new reference to the type in the file, and the one in memory. */
static hid_t array_type(const pfc_h5_shape *shape, hid_t *memory) {
  const hid_t type = shape->type == PFC_H5_TEXT ? pfc__h5_text_type(shape->width)
                                                : H5Tcopy(pfc__h5_file_type(shape->type));
  *memory = shape->type == PFC_H5_TEXT ? type : pfc__h5_memory_type(shape->type);
  return type;
}

pfc_status pfc_h5_write(hid_t parent, const char *path, const pfc_h5_shape *shape,
                        const void *data, hid_t *set, pfc_error *err) {
  pfc_h5_init();
  pfc_status st = PFC_OK;
  hid_t group = -1, type = -1, memory = -1, space = -1, plain = -1, names = -1, id = -1;
  const char *leaf;
  PFC_TRY(check_shape(path, shape, err));
  PFC_TRY(make_place(parent, path, &group, &leaf, err));
  const hsize_t dim[2] = {(hsize_t)shape->dim[0], (hsize_t)shape->dim[1]};
  type = array_type(shape, &memory);
  space = H5Screate_simple(shape->rank, dim, NULL);
  plain = plain_array();
  names = utf8_names(H5P_LINK_CREATE);
  if (type >= 0 && space >= 0 && plain >= 0 && names >= 0)
    id = H5Dcreate2(group, leaf, type, space, names, plain, H5P_DEFAULT);
  const bool empty = !data || dim[0] == 0 || (shape->rank == 2 && dim[1] == 0);
  if (id < 0 || (!empty && H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)) {
    st = pfc_h5_fail(err, PFC_EIO, "cannot write array '%s'", path);
    goto done;
  }
  if (set) {
    *set = id;
    id = -1;
  }
done:
  PFC_H5_DROP(id);
  PFC_H5_DROP(names);
  PFC_H5_DROP(plain);
  PFC_H5_DROP(space);
  PFC_H5_DROP(type);
  PFC_H5_DROP(group);
  return st;
}

pfc_status pfc_h5_write_rows(hid_t set, const pfc_h5_shape *shape, int64_t first, int64_t n,
                             const void *data, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t memory;
  const hsize_t from = (hsize_t)first, count = (hsize_t)n;
  hid_t type = array_type(shape, &memory), there = H5Dget_space(set);
  hid_t here = H5Screate_simple(1, &count, NULL);
  if (type < 0 || there < 0 || here < 0 ||
      H5Sselect_hyperslab(there, H5S_SELECT_SET, &from, NULL, &count, NULL) < 0 ||
      H5Dwrite(set, memory, here, there, H5P_DEFAULT, data) < 0)
    st = pfc_h5_fail(err, PFC_EIO, "cannot write rows %lld to %lld of an array",
                     (long long)first, (long long)(first + n - 1));
  PFC_H5_DROP(here);
  PFC_H5_DROP(there);
  PFC_H5_DROP(type);
  return st;
}

pfc_status pfc_h5_write_1d(hid_t parent, const char *path, pfc_h5_type type, int64_t n,
                           const void *data, pfc_error *err) {
  const pfc_h5_shape shape = {.type = type, .rank = 1, .dim = {n, 1}};
  return pfc_h5_write(parent, path, &shape, data, NULL, err);
}

pfc_status pfc_h5_write_texts(hid_t parent, const char *path, int64_t n,
                              const char *const *texts, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *block = NULL;
  size_t width = 1;
  for (int64_t i = 0; i < n; i++) {
    const size_t length = strlen(texts[i]);
    if (length > width) width = length;
  }
  if (!(block = pfc_alloc_array((size_t)n, width))) {
    st = pfc_fail_memory(err, path);
    goto done;
  }
  for (int64_t i = 0; i < n; i++) memcpy(block + (size_t)i * width, texts[i], strlen(texts[i]));
  const pfc_h5_shape shape = {.type = PFC_H5_TEXT, .rank = 1, .dim = {n, 1}, .width = width};
  st = pfc_h5_write(parent, path, &shape, block, NULL, err);
done:
  pfc_free(block);
  return st;
}

/* Writes one scalar attribute in type `stored` from memory of type `memory`. */
static pfc_status put(hid_t at, const char *name, hid_t stored, hid_t memory, const void *value,
                      pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t names = utf8_names(H5P_ATTRIBUTE_CREATE), space = H5Screate(H5S_SCALAR), id = -1;
  if (names >= 0 && space >= 0) id = H5Acreate2(at, name, stored, space, names, H5P_DEFAULT);
  if (id < 0 || H5Awrite(id, memory, value) < 0)
    st = pfc_h5_fail(err, PFC_EIO, "cannot write attribute '%s'", name);
  PFC_H5_DROP(id);
  PFC_H5_DROP(space);
  PFC_H5_DROP(names);
  return st;
}

pfc_status pfc_h5_put_i64(hid_t at, const char *name, int64_t value, pfc_error *err) {
  pfc_h5_init();
  return put(at, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value, err);
}

pfc_status pfc_h5_put_f64(hid_t at, const char *name, double value, pfc_error *err) {
  pfc_h5_init();
  return put(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value, err);
}

pfc_status pfc_h5_put_text(hid_t at, const char *name, const char *value, pfc_error *err) {
  pfc_h5_init();
  const size_t length = strlen(value);
  hid_t type = pfc__h5_text_type(length ? length : 1);
  const pfc_status st = put(at, name, type, type, value, err);
  PFC_H5_DROP(type);
  return st;
}
