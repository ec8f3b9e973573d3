/* Reading attributes and listing groups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/h5_internal.h"
#include "base/mem.h"
#include "base/utf8.h"

/* The path of an object, for messages; "/" where HDF5 knows none. */
static const char *path_of(hid_t at, char path[PFC__H5_NAME_MAX]) {
  if (H5Iget_name(at, path, PFC__H5_NAME_MAX) <= 0) memcpy(path, "/", 2);
  return path;
}

/* Opens a scalar attribute and its type. */
static pfc_status open_scalar(hid_t at, const char *name, hid_t *id, hid_t *type,
                              pfc_error *err) {
  pfc_h5_init();
  char path[PFC__H5_NAME_MAX];
  if (H5Aexists(at, name) <= 0)
    return pfc_h5_fail(err, PFC_EFORMAT, "'%s' has no attribute '%s'", path_of(at, path), name);
  *id = H5Aopen(at, name, H5P_DEFAULT);
  *type = *id >= 0 ? H5Aget_type(*id) : -1;
  hid_t space = *id >= 0 ? H5Aget_space(*id) : -1;
  const bool scalar = space >= 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR;
  PFC_H5_DROP(space);
  if (*type >= 0 && scalar) return PFC_OK;
  return pfc_h5_fail(err, PFC_EFORMAT, "'%s': attribute '%s' is not a single value",
                     path_of(at, path), name);
}

static pfc_status get_number(hid_t at, const char *name, pfc_h5_type type, void *value,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t id = -1, stored = -1;
  char path[PFC__H5_NAME_MAX];
  PFC_TRY(open_scalar(at, name, &id, &stored, err));
  if (H5Tequal(stored, pfc__h5_file_type(type)) <= 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "'%s': attribute '%s' is not a 64-bit %s",
                     path_of(at, path), name,
                     type == PFC_H5_I64 ? "integer" : "floating-point number");
  } else if (H5Aread(id, pfc__h5_memory_type(type), value) < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "'%s': cannot read attribute '%s'", path_of(at, path),
                     name);
  }
done:
  PFC_H5_DROP(stored);
  PFC_H5_DROP(id);
  return st;
}

pfc_status pfc_h5_get_i64(hid_t at, const char *name, int64_t *value, pfc_error *err) {
  return get_number(at, name, PFC_H5_I64, value, err);
}

pfc_status pfc_h5_get_f64(hid_t at, const char *name, double *value, pfc_error *err) {
  return get_number(at, name, PFC_H5_F64, value, err);
}

static bool fits_file(hid_t at, size_t size) {
  hid_t file = H5Iget_file_id(at);
  hsize_t all = 0;
  const bool fits = file >= 0 && H5Fget_filesize(file, &all) >= 0 && size <= all;
  PFC_H5_DROP(file);
  return fits;
}

pfc_status pfc_h5_get_text(hid_t at, const char *name, char **text, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t id = -1, type = -1;
  char *bytes = NULL, path[PFC__H5_NAME_MAX];
  PFC_TRY(open_scalar(at, name, &id, &type, err));
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "'%s': attribute '%s' is not fixed-length text",
                     path_of(at, path), name);
    goto done;
  }
  const size_t width = H5Tget_size(type);
  if (!fits_file(at, width)) {
    st = pfc_h5_fail(err, PFC_EFORMAT,
                     "'%s': attribute '%s' claims bytes the file does not have",
                     path_of(at, path), name);
    goto done;
  }
  PFC_NEW(bytes, width + 1);
  if (H5Aread(id, type, bytes) < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "'%s': cannot read attribute '%s'", path_of(at, path),
                     name);
    goto done;
  }
  if (!pfc_utf8_valid(bytes, strlen(bytes))) {
    st = pfc_fail(err, PFC_EFORMAT, "'%s': attribute '%s' is not valid UTF-8",
                  path_of(at, path), name);
    goto done;
  }
  *text = bytes;
  bytes = NULL;
done:
  pfc_free(bytes);
  PFC_H5_DROP(type);
  PFC_H5_DROP(id);
  return st;
}

pfc_status pfc_h5_check_kind(hid_t file, const char *format, int64_t version,
                             const char *remake, pfc_error *err) {
  char *found = NULL;
  int64_t v = 0;
  pfc_status st = pfc_h5_get_text(file, "format", &found, NULL);
  if (st == PFC_EFORMAT)
    return pfc_fail(err, st, "not a %s: no text in attribute 'format'", format);
  if (st != PFC_OK) return pfc_fail(err, st, "cannot read attribute 'format'");
  if (strcmp(found, format) != 0) {
    st = pfc_fail(err, PFC_EFORMAT, "its format is '%.*s', not '%s'",
                  (int)pfc_utf8_cut(found, 60), found, format);
    goto done;
  }
  PFC_TRY(pfc_h5_get_i64(file, "schema_version", &v, err));
  if (v < version)
    st = pfc_fail(err, PFC_EFORMAT,
                  "schema version %lld is of an earlier proficio, this one reads %lld: %s",
                  (long long)v, (long long)version, remake);
  if (v > version)
    st = pfc_fail(err, PFC_EFORMAT,
                  "schema version %lld is of a later proficio, this one reads %lld: use that",
                  (long long)v, (long long)version);
done:
  pfc_free(found);
  return st;
}

typedef struct knows {
  pfc_h5_knows_fn fn;
  void *user;
  char stranger[100];
} knows;

static herr_t visit_attribute(hid_t at, const char *name, const H5A_info_t *info, void *user) {
  (void)at;
  (void)info;
  knows *k = user;
  if (k->fn(name, k->user)) return 0;
  (void)snprintf(k->stranger, sizeof k->stranger, "%.*s",
                 (int)pfc_utf8_cut(name, sizeof k->stranger - 1), name);
  return 1;
}

pfc_status pfc_h5_known_attributes(hid_t at, pfc_h5_knows_fn fn, void *user, pfc_error *err) {
  pfc_h5_init();
  char path[PFC__H5_NAME_MAX];
  knows k = {.fn = fn, .user = user};
  const herr_t found =
      H5Aiterate2(at, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_attribute, &k);
  if (found == 0) return PFC_OK;
  if (found < 0)
    return pfc_h5_fail(err, PFC_EFORMAT, "'%s': cannot list attributes", path_of(at, path));
  return pfc_fail(err, PFC_EFORMAT, "'%s' has an unknown attribute '%s'", path_of(at, path),
                  k.stranger);
}

const char *pfc__h5_link_word(H5L_type_t type) {
  return type == H5L_TYPE_SOFT       ? "a soft link"
         : type == H5L_TYPE_EXTERNAL ? "an external link"
                                     : "a link of an unknown kind";
}

/* The links of a group. They are listed as they lie and put in order here: HDF5 1.10 frees
 * what it never set when it is to sort the links of a damaged group. */
typedef struct link {
  char name[PFC__H5_NAME_MAX];
  H5L_type_t type;
} link;

typedef struct links {
  link *list;
  size_t n, capacity;
  pfc_error *err;
  pfc_status status;
} links;

static herr_t note_link(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group;
  links *l = user;
  pfc_status st = PFC_OK;
  pfc_error *err = l->err;
  if (strlen(name) >= PFC__H5_NAME_MAX) {
    st = pfc_fail(err, PFC_EFORMAT, "the name '%.*s...' is too long",
                  (int)pfc_utf8_cut(name, 60), name);
    goto done;
  }
  PFC_RESERVE(l->list, l->capacity, l->n + 1);
  l->list[l->n].type = info->type;
  memcpy(l->list[l->n++].name, name, strlen(name) + 1);
done:
  l->status = st;
  return st != PFC_OK;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const link *)a)->name, ((const link *)b)->name);
}

static pfc_status fail_child(hid_t group, const char *name, const char *what, pfc_error *err) {
  char path[PFC__H5_NAME_MAX];
  (void)path_of(group, path);
  return pfc_h5_fail(err, PFC_EFORMAT, "'%s%s%s' is %s", path, path[1] ? "/" : "", name, what);
}

static pfc_status visit_child(hid_t group, const link *child, pfc_h5_child_fn fn, void *user,
                              pfc_error *err) {
  if (child->type != H5L_TYPE_HARD)
    return fail_child(group, child->name, pfc__h5_link_word(child->type), err);
  hid_t id = H5Oopen(group, child->name, H5P_DEFAULT);
  const H5I_type_t type = id >= 0 ? H5Iget_type(id) : H5I_BADID;
  PFC_H5_DROP(id);
  if (type != H5I_GROUP && type != H5I_DATASET)
    return fail_child(group, child->name, "neither group nor array", err);
  return fn(child->name, type == H5I_GROUP, user, err);
}

pfc_status pfc_h5_each(hid_t group, pfc_h5_child_fn fn, void *user, pfc_error *err) {
  pfc_h5_init();
  pfc_status st = PFC_OK;
  links l = {.err = err};
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, note_link, &l) < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "cannot list a group");
    goto done;
  }
  PFC_TRY(l.status);
  if (l.n) qsort(l.list, l.n, sizeof *l.list, by_name);
  for (size_t i = 0; i < l.n; i++) PFC_TRY(visit_child(group, &l.list[i], fn, user, err));
done:
  pfc_free(l.list);
  return st;
}
