#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/h5_internal.h"
#include "base/mem.h"
#include "base/utf8.h"

/* HDF5 tells no reasons of the system, so the file is tried before it comes in. */
static pfc_status open_readable(const char *path, int *fd, pfc_error *err) {
  struct stat info;
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0) return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
  if (fstat(*fd, &info) == 0 && S_ISREG(info.st_mode)) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot read '%s': not a regular file", path);
}

/* Does HDF5 read the file behind fd, and not one that took its name meanwhile? */
static bool same_file(hid_t file, int fd) {
  void *handle = NULL;
  struct stat ours, theirs;
  return H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) >= 0 && fstat(fd, &ours) == 0 &&
         fstat(*(const int *)handle, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
         ours.st_ino == theirs.st_ino;
}

static pfc_status open_hdf5(const char *path, int fd, hid_t *file, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t access = -1, id = -1;
  const htri_t is_hdf5 = H5Fis_hdf5(path);
  if (is_hdf5 <= 0) { /* below 0: HDF5 could not look */
    st = is_hdf5 < 0 ? pfc_h5_fail(err, PFC_EIO, "cannot read '%s'", path)
                     : pfc_h5_fail(err, PFC_EFORMAT, "'%s' is not an HDF5 file", path);
    goto done;
  }
  access = pfc__h5_access();
  id = access >= 0 ? H5Fopen(path, H5F_ACC_RDONLY, access) : -1;
  if (id < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "'%s' is damaged", path);
    goto done;
  }
  if (!same_file(id, fd)) {
    st = pfc_h5_fail(err, PFC_EIO, "'%s' was replaced while it was read: try again", path);
    goto done;
  }
  *file = id;
  id = -1;
done:
  PFC_H5_DROP(id);
  PFC_H5_DROP(access);
  return st;
}

pfc_status pfc_h5_open_sealed(const char *path, hid_t *file, bool *sealed,
                              char sha256[PFC_SHA256_HEX], pfc_error *err) {
  pfc_h5_init();
  pfc_status st = PFC_OK;
  int fd = -1;
  *sealed = false;
  PFC_TRY(open_readable(path, &fd, err));
  PFC_TRY(pfc_seal_check(fd, path, sealed, sha256, err));
  PFC_TRY(open_hdf5(path, fd, file, err));
done:
  if (fd >= 0) (void)close(fd);
  return st;
}

pfc_status pfc_h5_open(const char *path, hid_t *file, pfc_error *err) {
  bool sealed;
  return pfc_h5_open_sealed(path, file, &sealed, NULL, err);
}

pfc_status pfc_h5_load(const char *path, pfc_h5_read_fn read, void *into,
                       char sha256[PFC_SHA256_HEX], pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error inside = PFC_ERROR_INIT;
  hid_t file = -1;
  bool sealed;
  PFC_TRY(pfc_h5_open_sealed(path, &file, &sealed, sha256, err));
  if ((st = read(file, into, &inside)) != PFC_OK) {
    (void)pfc_fail(err, st, "%s: %s", path, inside.msg);
    goto done;
  }
  PFC_TRY(pfc_h5_close(&file, err));
  if (!sealed) st = pfc_h5_fail_unsealed(path, err);
done:
  if (pfc_h5_close(&file, err) != PFC_OK && st == PFC_OK) st = PFC_EIO;
  return st;
}

pfc_status pfc_h5_fail_unsealed(const char *path, pfc_error *err) {
  return pfc_fail(err, PFC_EFORMAT,
                  "'%s' has lost its seal: it was cut short, or changed by another program; "
                  "fetch a copy, or make it again",
                  path);
}

typedef enum link_kind { LINK_MISSING, LINK_HARD, LINK_OTHER } link_kind;

/* *type is that of the link, of one that is there. */
static link_kind link_of(hid_t group, const char *name, H5L_type_t *type) {
  H5L_info_t info;
  if (H5Lexists(group, name, H5P_DEFAULT) <= 0) return LINK_MISSING;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return LINK_OTHER;
  *type = info.type;
  return info.type == H5L_TYPE_HARD ? LINK_HARD : LINK_OTHER;
}

/* Follows hard links only, and opens what the last one leads to. */
static link_kind follow(hid_t parent, const char *path, hid_t *object, H5L_type_t *type) {
  char name[PFC__H5_NAME_MAX];
  const char *rest = path;
  link_kind kind = LINK_HARD;
  hid_t at = H5Oopen(parent, path[0] == '/' ? "/" : ".", H5P_DEFAULT);
  int more = pfc__h5_component(&rest, name);
  while (at >= 0 && more > 0) {
    kind = H5Iget_type(at) == H5I_GROUP ? link_of(at, name, type) : LINK_MISSING;
    const hid_t next = kind == LINK_HARD ? H5Oopen(at, name, H5P_DEFAULT) : -1;
    PFC_H5_DROP(at);
    at = next;
    more = pfc__h5_component(&rest, name);
  }
  if (more < 0) PFC_H5_DROP(at);
  *object = at;
  return at >= 0 || kind != LINK_HARD ? kind : LINK_MISSING;
}

bool pfc_h5_has(hid_t parent, const char *path) {
  pfc_h5_init();
  hid_t object = -1;
  H5L_type_t type = H5L_TYPE_ERROR;
  const bool found = follow(parent, path, &object, &type) == LINK_HARD;
  PFC_H5_DROP(object);
  (void)H5Eclear2(H5E_DEFAULT);
  return found;
}

/* Opens the object at path, which must be of that kind. */
static pfc_status open_object(hid_t parent, const char *path, H5I_type_t type, hid_t *object,
                              pfc_error *err) {
  pfc_h5_init();
  hid_t id = -1;
  H5L_type_t link = H5L_TYPE_ERROR;
  const char *noun = type == H5I_GROUP ? "group" : "array";
  const link_kind kind = follow(parent, path, &id, &link);
  if (kind == LINK_OTHER)
    return pfc_h5_fail(err, PFC_EFORMAT, "'%s' is %s", path, pfc__h5_link_word(link));
  if (kind == LINK_MISSING)
    return pfc_h5_fail(err, PFC_EFORMAT, "the file has no %s '%s'", noun, path);
  if (H5Iget_type(id) != type) {
    PFC_H5_DROP(id);
    return pfc_h5_fail(err, PFC_EFORMAT, "'%s' is not a%s %s", path,
                       type == H5I_GROUP ? "" : "n", noun);
  }
  *object = id;
  return PFC_OK;
}

pfc_status pfc_h5_open_group(hid_t parent, const char *path, hid_t *group, pfc_error *err) {
  return open_object(parent, path, H5I_GROUP, group, err);
}

static bool is_fixed_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
         H5Tget_strpad(type) == H5T_STR_NULLPAD;
}

/* Recognizes the type of an array; false for any that is not one of ours. */
static bool known_type(hid_t type, pfc_h5_shape *shape) {
  for (pfc_h5_type t = PFC_H5_I8; t < PFC_H5_TEXT; t++) {
    if (H5Tequal(type, pfc__h5_file_type(t)) <= 0) continue;
    shape->type = t;
    shape->width = pfc__h5_width(t);
    return true;
  }
  if (!is_fixed_text(type)) return false;
  shape->type = PFC_H5_TEXT;
  shape->width = H5Tget_size(type);
  return true;
}

/* Elements of the array; -1 for a rank that is not ours or a number too large. */
static int64_t known_space(hid_t space, pfc_h5_shape *shape) {
  hsize_t dim[2] = {0, 1};
  if (H5Sget_simple_extent_type(space) != H5S_SIMPLE) return -1;
  shape->rank = H5Sget_simple_extent_ndims(space);
  if (shape->rank != 1 && shape->rank != 2) return -1;
  if (H5Sget_simple_extent_dims(space, dim, NULL) < 0) return -1;
  int64_t n;
  if (dim[0] > INT64_MAX || dim[1] > INT64_MAX) return -1;
  shape->dim[0] = (int64_t)dim[0];
  shape->dim[1] = (int64_t)dim[1];
  return __builtin_mul_overflow(shape->dim[0], shape->dim[1], &n) ? -1 : n;
}

/* How an array is stored that is not stored plainly; NULL of one that is. */
static const char *odd_storage(hid_t set) {
  hid_t list = H5Dget_create_plist(set);
  const char *odd = NULL;
  const H5D_layout_t layout = list >= 0 ? H5Pget_layout(list) : H5D_LAYOUT_ERROR;
  if (layout != H5D_CONTIGUOUS)
    odd = layout == H5D_CHUNKED   ? "chunked"
          : layout == H5D_COMPACT ? "compact"
          : layout == H5D_VIRTUAL ? "virtual: made of arrays elsewhere"
                                  : "stored in an unknown way";
  else if (H5Pget_external_count(list) != 0)
    odd = "stored in another file";
  else if (H5Pget_nfilters(list) != 0)
    odd = "filtered";
  PFC_H5_DROP(list);
  return odd;
}

/* True when the n elements lie inside the file, whole. */
static bool inside_file(hid_t set, int64_t n, size_t width) {
  hid_t file = H5Iget_file_id(set);
  hsize_t bytes = 0, file_bytes = 0;
  const bool sized = file >= 0 && H5Fget_filesize(file, &file_bytes) >= 0 &&
                     !__builtin_mul_overflow((hsize_t)n, (hsize_t)width, &bytes);
  PFC_H5_DROP(file);
  if (!sized || bytes > file_bytes) return false;
  if (n == 0) return true;
  const haddr_t offset = H5Dget_offset(set);
  return offset != HADDR_UNDEF && offset <= file_bytes - bytes &&
         H5Dget_storage_size(set) == bytes;
}

static pfc_status inspect(hid_t set, const char *path, pfc_h5_shape *shape, pfc_error *err) {
  pfc_h5_shape found = {0};
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  const bool type_ok = type >= 0 && known_type(type, &found);
  const int64_t n = space >= 0 ? known_space(space, &found) : -1;
  PFC_H5_DROP(space);
  PFC_H5_DROP(type);
  if (!type_ok)
    return pfc_h5_fail(err, PFC_EFORMAT, "array '%s' is of a type we do not use", path);
  if (n < 0) return pfc_h5_fail(err, PFC_EFORMAT, "array '%s' is not of rank 1 or 2", path);
  const char *odd = odd_storage(set);
  if (odd)
    return pfc_h5_fail(err, PFC_EFORMAT, "array '%s' is %s, not contiguous in this file", path,
                       odd);
  if (!inside_file(set, n, found.width))
    return pfc_h5_fail(err, PFC_EFORMAT, "array '%s' claims bytes the file does not have",
                       path);
  *shape = found;
  return PFC_OK;
}

pfc_status pfc_h5_inspect(hid_t parent, const char *path, pfc_h5_shape *shape, pfc_error *err) {
  hid_t set = -1;
  pfc_status st = open_object(parent, path, H5I_DATASET, &set, err);
  if (st != PFC_OK) return st;
  st = inspect(set, path, shape, err);
  PFC_H5_DROP(set);
  return st;
}

static pfc_status match(const char *path, const pfc_h5_shape *found, const pfc_h5_shape *expect,
                        pfc_error *err) {
  static const char *const type_name[] = {"int8",    "int32",   "int64", "uint32",
                                          "float32", "float64", "text"};
  if (found->type != expect->type)
    return pfc_fail(err, PFC_EFORMAT, "array '%s' is of type %s, not %s", path,
                    type_name[found->type], type_name[expect->type]);
  if (found->rank != expect->rank)
    return pfc_fail(err, PFC_EFORMAT, "array '%s' has rank %d, not %d", path, found->rank,
                    expect->rank);
  for (int d = 0; d < found->rank; d++) {
    if (expect->dim[d] != -1 && expect->dim[d] != found->dim[d])
      return pfc_fail(err, PFC_EFORMAT, "array '%s' has size %lld, not %lld, in dimension %d",
                      path, (long long)found->dim[d], (long long)expect->dim[d], d + 1);
  }
  return PFC_OK;
}

/* Reads n elements into new memory. */
static pfc_status fetch(hid_t set, const char *path, const pfc_h5_shape *shape, void **data,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = shape->dim[0] * shape->dim[1];
  hid_t text = -1;
  /* Not zeroed: all of it is read over. */
  char *bytes = pfc_resize_array(NULL, 0, (size_t)n, shape->width);
  if (!bytes) {
    st = pfc_fail_memory(err, path);
    goto done;
  }
  /* Read as it is stored: of text, whatever its character set is said to be. */
  if (shape->type == PFC_H5_TEXT) text = H5Dget_type(set);
  const hid_t memory = shape->type == PFC_H5_TEXT ? text : pfc__h5_memory_type(shape->type);
  if (n > 0 && H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "cannot read array '%s'", path);
    goto done;
  }
  *data = bytes;
  bytes = NULL;
done:
  PFC_H5_DROP(text);
  pfc_free(bytes);
  return st;
}

pfc_status pfc_h5_read(hid_t parent, const char *path, pfc_h5_shape *expect, void **data,
                       pfc_error *err) {
  hid_t set = -1;
  pfc_h5_shape found;
  pfc_status st = open_object(parent, path, H5I_DATASET, &set, err);
  if (st != PFC_OK) return st;
  PFC_TRY(inspect(set, path, &found, err));
  PFC_TRY(match(path, &found, expect, err));
  PFC_TRY(fetch(set, path, &found, data, err));
  *expect = found;
done:
  PFC_H5_DROP(set);
  return st;
}

pfc_status pfc_h5_read_1d(hid_t parent, const char *path, pfc_h5_type type, int64_t *n,
                          void **data, pfc_error *err) {
  pfc_h5_shape shape = {.type = type, .rank = 1, .dim = {*n, 1}};
  const pfc_status st = pfc_h5_read(parent, path, &shape, data, err);
  if (st == PFC_OK) *n = shape.dim[0];
  return st;
}

/* True when the bytes are UTF-8 and padded with nothing but NUL. */
static bool is_clean_text(const char *s, size_t width) {
  const size_t length = strnlen(s, width);
  for (size_t i = length; i < width; i++) {
    if (s[i] != '\0') return false;
  }
  return pfc_utf8_valid(s, length);
}

/* Gives every text its own NUL and a pointer. */
static pfc_status unpack(const char *path, const char *packed, size_t n, size_t width,
                         char ***texts, char **block, pfc_error *err) {
  pfc_status st = PFC_OK;
  char **list = NULL, *bytes = NULL;
  PFC_NEW(list, n);
  if (!(bytes = pfc_alloc_array(n, width + 1))) {
    st = pfc_fail_memory(err, path);
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    if (!is_clean_text(packed + i * width, width)) {
      st = pfc_fail(err, PFC_EFORMAT, "text %zu of array '%s' is not valid UTF-8", i, path);
      goto done;
    }
    list[i] = bytes + i * (width + 1);
    memcpy(list[i], packed + i * width, width);
  }
  *texts = list;
  *block = bytes;
  list = NULL;
  bytes = NULL;
done:
  pfc_free(bytes);
  pfc_free(list);
  return st;
}

pfc_status pfc_h5_read_texts(hid_t parent, const char *path, int64_t *n, char ***texts,
                             char **block, pfc_error *err) {
  void *packed = NULL;
  pfc_h5_shape shape = {.type = PFC_H5_TEXT, .rank = 1, .dim = {*n, 1}};
  pfc_status st = pfc_h5_read(parent, path, &shape, &packed, err);
  if (st == PFC_OK)
    st = unpack(path, packed, (size_t)shape.dim[0], shape.width, texts, block, err);
  if (st == PFC_OK) *n = shape.dim[0];
  pfc_free(packed);
  return st;
}
