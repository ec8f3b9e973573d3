#include "base/h5.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/h5_internal.h"

/* The first failure since pfc_h5_fail that is of the system and not of the file: memory is
 * short, a disk cannot be read. Noted when it happens, because HDF5 forgets its error stack
 * at the next call, and a question answered by "no, there is none" is not asked again. */
typedef struct trouble {
  pfc_status status; /* PFC_OK: none */
  char text[120];
} trouble;
static _Thread_local trouble noted;

/* HDF5 says "..., errno = 28, error message = 'No space left on device', ...". */
static bool note_errno(const char *desc) {
  static const char NUMBER[] = "errno = ", TEXT[] = "error message = '";
  const char *number = strstr(desc, NUMBER), *text = strstr(desc, TEXT);
  if (!number || !text) return false;
  const long code = strtol(number + strlen(NUMBER), NULL, 10);
  text += strlen(TEXT);
  noted.status = code == ENOMEM ? PFC_ENOMEM : PFC_EIO;
  (void)snprintf(noted.text, sizeof noted.text, "%.*s", (int)strcspn(text, "'"), text);
  return true;
}

/* The innermost entry is the cause; those outside it only pass it on. */
static herr_t note_trouble(unsigned n, const H5E_error2_t *entry, void *user) {
  (void)user;
  if (n != 0 || !entry->desc || note_errno(entry->desc)) return 0;
  if (entry->min_num != H5E_NOSPACE && entry->min_num != H5E_CANTALLOC &&
      !strstr(entry->desc, "allocation failed"))
    return 0;
  noted.status = PFC_ENOMEM;
  (void)snprintf(noted.text, sizeof noted.text, "%s", entry->desc);
  return 0;
}

/* HDF5 calls it, instead of printing, at the end of every call of ours that failed. */
static herr_t on_failure(hid_t stack, void *user) {
  if (noted.status == PFC_OK) (void)H5Ewalk2(stack, H5E_WALK_UPWARD, note_trouble, user);
  return 0;
}

void pfc_h5_init(void) {
  /* HDF5 keeps one error stack a thread. */
  static _Thread_local bool silent;
  if (!silent) silent = H5open() >= 0 && H5Eset_auto2(H5E_DEFAULT, on_failure, NULL) >= 0;
}

static herr_t note_cause(unsigned n, const H5E_error2_t *entry, void *user) {
  if (n == 0 && entry->desc) (void)snprintf(user, 200, "%s", entry->desc);
  return 0;
}

pfc_status pfc_h5_check(pfc_error *err) {
  const trouble was = noted;
  noted.status = PFC_OK;
  if (was.status == PFC_OK) return PFC_OK;
  return pfc_fail(err, was.status, "%s%s", was.status == PFC_ENOMEM ? "out of memory: " : "",
                  was.text);
}

pfc_status(pfc_h5_fail)(pfc_error *err, pfc_status status, const char *fmt, ...) {
  char what[800], cause[200] = "";
  const int reason = errno;
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(what, sizeof what, fmt, args);
  va_end(args);
  (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_cause, cause);
  (void)H5Eclear2(H5E_DEFAULT);
  pfc_error system = PFC_ERROR_INIT;
  if (pfc_h5_check(&system) != PFC_OK)
    return pfc_fail(err, system.status, "%s (%s)", what, system.msg);
  /* Where memory is too short for its error stack, HDF5 fails without a word. */
  if (!cause[0] && reason == ENOMEM)
    return pfc_fail(err, PFC_ENOMEM, "%s (out of memory)", what);
  return pfc_fail(err, status, cause[0] ? "%s (%s)" : "%s%s", what, cause);
}

size_t pfc__h5_width(pfc_h5_type type) {
  static const size_t width[] = {1, 4, 8, 4, 4, 8, 0};
  return width[type];
}

hid_t pfc__h5_memory_type(pfc_h5_type type) {
  switch (type) {
    case PFC_H5_I8:
      return H5T_NATIVE_INT8;
    case PFC_H5_I32:
      return H5T_NATIVE_INT32;
    case PFC_H5_I64:
      return H5T_NATIVE_INT64;
    case PFC_H5_U32:
      return H5T_NATIVE_UINT32;
    case PFC_H5_F32:
      return H5T_NATIVE_FLOAT;
    case PFC_H5_F64:
      return H5T_NATIVE_DOUBLE;
    case PFC_H5_TEXT:
      return -1;
  }
  return -1;
}

hid_t pfc__h5_file_type(pfc_h5_type type) {
  switch (type) {
    case PFC_H5_I8:
      return H5T_STD_I8LE;
    case PFC_H5_I32:
      return H5T_STD_I32LE;
    case PFC_H5_I64:
      return H5T_STD_I64LE;
    case PFC_H5_U32:
      return H5T_STD_U32LE;
    case PFC_H5_F32:
      return H5T_IEEE_F32LE;
    case PFC_H5_F64:
      return H5T_IEEE_F64LE;
    case PFC_H5_TEXT:
      return -1;
  }
  return -1;
}

hid_t pfc__h5_text_type(size_t width) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0 || H5Tset_size(type, width) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
      H5Tset_cset(type, H5T_CSET_UTF8) < 0)
    PFC_H5_DROP(type);
  return type;
}

hid_t pfc__h5_access(void) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0 || H5Pset_file_locking(access, false, true) < 0) PFC_H5_DROP(access);
  return access;
}

int pfc__h5_component(const char **path, char name[PFC__H5_NAME_MAX]) {
  const char *begin = *path + strspn(*path, "/");
  const size_t n = strcspn(begin, "/");
  if (n >= PFC__H5_NAME_MAX) return -1;
  memcpy(name, begin, n);
  name[n] = '\0';
  *path = begin + n;
  return n > 0;
}

pfc_status pfc_h5_close(hid_t *file, pfc_error *err) {
  pfc_status st = PFC_OK;
  const hid_t id = *file;
  *file = -1;
  if (id < 0) return PFC_OK;
  const ssize_t n_open = H5Fget_obj_count(id, H5F_OBJ_ALL | H5F_OBJ_LOCAL);
  if (n_open != 1)
    st = pfc_h5_fail(err, PFC_EIO, "%zd objects of an HDF5 file are open while it is closed",
                     n_open - 1);
  if (H5Fflush(id, H5F_SCOPE_GLOBAL) < 0)
    st = pfc_h5_fail(err, PFC_EIO, "cannot write the HDF5 file out");
  if (H5Fclose(id) < 0) st = pfc_h5_fail(err, PFC_EIO, "cannot close the HDF5 file");
  return st;
}

pfc_status pfc_h5_close_sealed(hid_t *file, const char *path, pfc_error *err) {
  const pfc_status st = pfc_h5_close(file, err);
  return st == PFC_OK ? pfc_seal_put(path, err) : st;
}
