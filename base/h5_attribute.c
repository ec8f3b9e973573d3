/* Reading attributes and listing groups. */
#include <string.h>

#include "base/h5_internal.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Opens a scalar attribute and its type. */
static pfc_status open_scalar(hid_t at, const char *name, hid_t *id, hid_t *type,
                              pfc_error *err) {
  pfc_h5_init();
  if (H5Aexists(at, name) <= 0)
    return pfc_h5_fail(err, PFC_EFORMAT, "the file has no attribute '%s'", name);
  *id = H5Aopen(at, name, H5P_DEFAULT);
  *type = *id >= 0 ? H5Aget_type(*id) : -1;
  hid_t space = *id >= 0 ? H5Aget_space(*id) : -1;
  const bool scalar = space >= 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR;
  PFC_H5_DROP(space);
  if (*type >= 0 && scalar) return PFC_OK;
  return pfc_h5_fail(err, PFC_EFORMAT, "attribute '%s' is not a single value", name);
}

static pfc_status get_number(hid_t at, const char *name, pfc_h5_type type, void *value,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t id = -1, stored = -1;
  PFC_TRY(open_scalar(at, name, &id, &stored, err));
  if (H5Tequal(stored, pfc__h5_file_type(type)) <= 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "attribute '%s' is not a 64-bit %s", name,
                     type == PFC_H5_I64 ? "integer" : "floating-point number");
  } else if (H5Aread(id, pfc__h5_memory_type(type), value) < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "cannot read attribute '%s'", name);
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

pfc_status pfc_h5_get_text(hid_t at, const char *name, char **text, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t id = -1, type = -1;
  char *bytes = NULL;
  PFC_TRY(open_scalar(at, name, &id, &type, err));
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "attribute '%s' is not fixed-length text", name);
    goto done;
  }
  const size_t width = H5Tget_size(type);
  PFC_NEW(bytes, width + 1);
  if (H5Aread(id, type, bytes) < 0) {
    st = pfc_h5_fail(err, PFC_EFORMAT, "cannot read attribute '%s'", name);
    goto done;
  }
  if (!pfc_utf8_valid(bytes, strlen(bytes))) {
    st = pfc_fail(err, PFC_EFORMAT, "attribute '%s' is not valid UTF-8", name);
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

typedef struct visit {
  pfc_h5_child_fn fn;
  void *user;
  pfc_error *err;
  pfc_status status;
} visit;

static herr_t visit_child(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  visit *v = user;
  if (info->type != H5L_TYPE_HARD) {
    v->status = pfc_fail(v->err, PFC_EFORMAT, "'%s' is a soft or external link", name);
    return 1;
  }
  hid_t child = H5Oopen(group, name, H5P_DEFAULT);
  const H5I_type_t type = child >= 0 ? H5Iget_type(child) : H5I_BADID;
  PFC_H5_DROP(child);
  if (type != H5I_GROUP && type != H5I_DATASET) {
    v->status = pfc_h5_fail(v->err, PFC_EFORMAT, "'%s' is neither group nor array", name);
    return 1;
  }
  v->status = v->fn(name, type == H5I_GROUP, v->user, v->err);
  return v->status != PFC_OK;
}

pfc_status pfc_h5_each(hid_t group, pfc_h5_child_fn fn, void *user, pfc_error *err) {
  pfc_h5_init();
  visit v = {.fn = fn, .user = user, .err = err, .status = PFC_OK};
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_child, &v) < 0)
    return pfc_h5_fail(err, PFC_EFORMAT, "cannot list a group");
  return v.status;
}
