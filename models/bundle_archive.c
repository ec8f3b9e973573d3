/* Scalars and arrays of a bundle, to and from HDF5. */
#include "models/bundle_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

pfc_status pfc__fault(const pfc__archive *a, pfc_error *err, const char *fmt, ...) {
  char text[sizeof err->msg];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  return pfc_fail(err, a->loading ? PFC_EFORMAT : PFC_EUSAGE, "%s", text);
}

/* --- what the file is expected to hold ------------------------------------ */

void pfc__archive_clear(pfc__archive *a) {
  for (int64_t i = 0; i < a->n_known; i++) pfc_free(a->known[i].path);
  pfc_free(a->known);
  a->known = NULL;
  a->n_known = a->capacity = 0;
}

static const pfc__known *find_known(const pfc__archive *a, const char *path, size_t size) {
  for (int64_t i = 0; i < a->n_known; i++) {
    const char *known = a->known[i].path;
    if (strncmp(known, path, size) == 0 && known[size] == '\0') return &a->known[i];
  }
  return NULL;
}

static pfc_status add_known(pfc__archive *a, const char *path, size_t size, bool is_group,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  if (find_known(a, path, size)) return PFC_OK;
  PFC_RESERVE(a->known, a->capacity, a->n_known + 1);
  char *copy = NULL;
  PFC_NEW(copy, size + 1);
  memcpy(copy, path, size);
  a->known[a->n_known++] = (pfc__known){.path = copy, .is_group = is_group};
done:
  return st;
}

/* The object itself and every group above it. */
static pfc_status know(pfc__archive *a, const char *path, bool is_group, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
    PFC_TRY(add_known(a, path, (size_t)(slash - path), true, err));
  PFC_TRY(add_known(a, path, strlen(path), is_group, err));
done:
  return st;
}

static pfc_status join(const pfc__archive *a, char path[PFC__PATH], const char *group,
                       const char *name, pfc_error *err) {
  const bool root = strcmp(group, "/") == 0;
  const int size = snprintf(path, PFC__PATH, "%s/%s", root ? "" : group, name);
  if (size < 0 || size >= PFC__PATH)
    return pfc__fault(a, err, "%s: the name '%.40s...' below it is too long", group, name);
  return PFC_OK;
}

/* Attributes are known as OBJECT//NAME, which no path is. */
pfc_status pfc__know_attribute(pfc__archive *a, const char *object, const char *name,
                               pfc_error *err) {
  char path[PFC__PATH];
  const int size = snprintf(path, sizeof path, "%s//%s", object, name);
  if (size < 0 || size >= PFC__PATH)
    return pfc__fault(a, err, "%s: the name '%.40s...' is too long", object, name);
  return add_known(a, path, (size_t)size, false, err);
}

typedef struct visit {
  const pfc__archive *archive;
  const char *group; /* or another object, whose attributes are visited */
} visit;

static bool knows_attribute(const char *name, void *user) {
  const visit *v = user;
  char path[PFC__PATH];
  const int size = snprintf(path, sizeof path, "%s//%s", v->group, name);
  return size > 0 && size < PFC__PATH && find_known(v->archive, path, (size_t)size);
}

static pfc_status check_attributes(const pfc__archive *a, const char *path, pfc_error *err) {
  visit v = {.archive = a, .group = path};
  hid_t object = H5Oopen(a->file, path, H5P_DEFAULT);
  if (object < 0) return pfc_h5_fail(err, PFC_EFORMAT, "cannot open '%s'", path);
  const pfc_status st = pfc_h5_known_attributes(object, knows_attribute, &v, err);
  PFC_H5_DROP(object);
  return st;
}

static pfc_status check_child(const char *name, bool is_group, void *user, pfc_error *err) {
  const visit *v = user;
  char path[PFC__PATH];
  const pfc_status st = join(v->archive, path, v->group, name, err);
  if (st != PFC_OK) return st;
  const pfc__known *known = find_known(v->archive, path, strlen(path));
  if (!known || known->is_group != is_group)
    return pfc_fail(err, PFC_EFORMAT, "unknown %s '%s'", is_group ? "group" : "dataset", path);
  return PFC_OK;
}

pfc_status pfc__refuse_strangers(const pfc__archive *a, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t group = -1;
  visit root = {.archive = a, .group = "/"};
  PFC_TRY(pfc_h5_each(a->file, check_child, &root, err));
  PFC_TRY(check_attributes(a, "/", err));
  for (int64_t i = 0; i < a->n_known; i++) {
    if (strstr(a->known[i].path, "//")) continue;
    PFC_TRY(check_attributes(a, a->known[i].path, err));
    if (!a->known[i].is_group) continue;
    visit v = {.archive = a, .group = a->known[i].path};
    PFC_TRY(pfc_h5_open_group(a->file, v.group, &group, err));
    PFC_TRY(pfc_h5_each(group, check_child, &v, err));
    PFC_H5_DROP(group);
  }
done:
  PFC_H5_DROP(group);
  return st;
}

/* --- scalars --------------------------------------------------------------- */

static pfc_status save_scalar(hid_t at, const pfc__scalar *s, pfc_error *err) {
  const char *text;
  switch (s->type) {
    case PFC_H5_F64:
      return pfc_h5_put_f64(at, s->name, *(const double *)s->slot, err);
    case PFC_H5_TEXT:
      text = *(char *const *)s->slot;
      return pfc_h5_put_text(at, s->name, text ? text : "", err);
    case PFC_H5_I32:
      return pfc_h5_put_i64(at, s->name, *(const int32_t *)s->slot, err);
    default:
      return pfc_h5_put_i64(at, s->name, *(const int64_t *)s->slot, err);
  }
}

static pfc_status load_scalar(hid_t at, const pfc__scalar *s, pfc_error *err) {
  if (s->type == PFC_H5_F64) return pfc_h5_get_f64(at, s->name, s->slot, err);
  if (s->type == PFC_H5_TEXT) return pfc_h5_get_text(at, s->name, s->slot, err);
  int64_t value = 0;
  const pfc_status st = pfc_h5_get_i64(at, s->name, &value, err);
  if (st != PFC_OK) return st;
  if (s->type == PFC_H5_I64) {
    *(int64_t *)s->slot = value;
  } else {
    if (value < INT32_MIN || value > INT32_MAX)
      return pfc_fail(err, PFC_EFORMAT, "attribute '%s' = %lld does not fit 32 bits", s->name,
                      (long long)value);
    *(int32_t *)s->slot = (int32_t)value;
  }
  return PFC_OK;
}

static pfc_status check_scalar(const pfc__archive *a, const char *group, const pfc__scalar *s,
                               pfc_error *err) {
  if (s->type == PFC_H5_TEXT) return PFC_OK;
  const double value = s->type == PFC_H5_F64   ? *(const double *)s->slot
                       : s->type == PFC_H5_I32 ? *(const int32_t *)s->slot
                                               : (double)*(const int64_t *)s->slot;
  if (value >= s->min && value <= s->max) return PFC_OK;
  return pfc__fault(a, err, "%s: attribute '%s' is %.17g, not within %g to %g", group, s->name,
                    value, s->min, s->max);
}

pfc_status pfc__visit_scalars(pfc__archive *a, const char *group, const pfc__scalar *scalars,
                              int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  const bool root = strcmp(group, "/") == 0;
  hid_t at = -1;
  if (!root) {
    PFC_TRY(know(a, group, true, err));
    PFC_TRY(a->loading ? pfc_h5_open_group(a->file, group, &at, err)
                       : pfc_h5_make_group(a->file, group, &at, err));
  }
  for (int i = 0; i < n; i++) {
    const hid_t where = root ? a->file : at;
    PFC_TRY(pfc__know_attribute(a, group, scalars[i].name, err));
    PFC_TRY(a->loading ? load_scalar(where, &scalars[i], err)
                       : save_scalar(where, &scalars[i], err));
    PFC_TRY(check_scalar(a, group, &scalars[i], err));
  }
done:
  PFC_H5_DROP(at);
  return st;
}

/* --- arrays ---------------------------------------------------------------- */

static size_t element_size(pfc_h5_type type) {
  switch (type) {
    case PFC_H5_I8:
      return sizeof(int8_t);
    case PFC_H5_I64:
      return sizeof(int64_t);
    case PFC_H5_F64:
      return sizeof(double);
    default:
      return sizeof(int32_t);
  }
}

static int64_t n_elements(const pfc_h5_shape *s) { return s->dim[0] * s->dim[1]; }

static bool is_text(const char *s, size_t width) {
  const size_t size = strnlen(s, width);
  for (size_t i = size; i < width; i++)
    if (s[i]) return false;
  return pfc_utf8_valid(s, size);
}

/* The first element that no bundle may hold, -1 when there is none. */
static int64_t first_bad(const pfc_h5_shape *shape, const void *data) {
  const int64_t n = n_elements(shape);
  if (shape->type == PFC_H5_F32) {
    for (int64_t i = 0; i < n; i++)
      if (!isfinite(((const float *)data)[i])) return i;
  } else if (shape->type == PFC_H5_F64) {
    for (int64_t i = 0; i < n; i++)
      if (!isfinite(((const double *)data)[i])) return i;
  } else if (shape->type == PFC_H5_I8) {
    for (int64_t i = 0; i < n; i++)
      if (((const int8_t *)data)[i] & ~1) return i;
  } else if (shape->type == PFC_H5_TEXT) {
    for (int64_t i = 0; i < n; i++)
      if (!is_text((const char *)data + (size_t)i * shape->width, shape->width)) return i;
  }
  return -1;
}

static const char *expected(pfc_h5_type type) {
  switch (type) {
    case PFC_H5_I8:
      return "0 or 1";
    case PFC_H5_TEXT:
      return "UTF-8 padded with NUL";
    default:
      return "a finite number";
  }
}

static pfc_status check_values(const pfc__archive *a, const char *path,
                               const pfc_h5_shape *shape, const void *data, pfc_error *err) {
  const int64_t bad = first_bad(shape, data);
  if (bad < 0) return PFC_OK;
  return pfc__fault(a, err, "'%s': element %lld is not %s", path, (long long)bad,
                    expected(shape->type));
}

static pfc_status save_array(const pfc__archive *a, const pfc__array *array, const char *path,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t set = -1;
  pfc_h5_shape shape = {array->type, array->rank, {array->dim[0], array->dim[1]}, 0};
  const void *data;
  if (array->type == PFC_H5_TEXT) {
    const pfc__texts *texts = array->slot;
    data = texts->bytes;
    shape.dim[0] = texts->n;
    shape.width = texts->width;
  } else {
    memcpy(&data, array->slot, sizeof data);
    shape.width = element_size(array->type);
  }
  if (!data) return pfc__fault(a, err, "'%s' has no elements to write", path);
  PFC_TRY(check_values(a, path, &shape, data, err));
  PFC_TRY(pfc_h5_write(a->file, path, &shape, data, &set, err));
  PFC_TRY(pfc_h5_put_text(set, "meaning", array->meaning, err));
done:
  PFC_H5_DROP(set);
  return st;
}

static pfc_status load_array(const pfc__archive *a, const pfc__array *array, const char *path,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_h5_shape shape = {array->type, array->rank, {array->dim[0], array->dim[1]}, 0};
  void *data = NULL;
  PFC_TRY(pfc_h5_read(a->file, path, &shape, &data, err));
  PFC_TRY(check_values(a, path, &shape, data, err));
  if (array->type == PFC_H5_TEXT)
    *(pfc__texts *)array->slot = (pfc__texts){shape.dim[0], shape.width, data};
  else
    memcpy(array->slot, &data, sizeof data);
  data = NULL;
done:
  pfc_free(data);
  return st;
}

pfc_status pfc__visit_arrays(pfc__archive *a, const char *group, const pfc__array *arrays,
                             int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  char path[PFC__PATH];
  for (int i = 0; i < n; i++) {
    PFC_TRY(join(a, path, group, arrays[i].name, err));
    PFC_TRY(know(a, path, false, err));
    PFC_TRY(pfc__know_attribute(a, path, "meaning", err));
    PFC_TRY(a->loading ? load_array(a, &arrays[i], path, err)
                       : save_array(a, &arrays[i], path, err));
  }
done:
  return st;
}
