#include "base/file.h"
#include "models/bundle_internal.h"

static pfc_status fill(const char *temp, const pfc_bundle *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__archive a = {.file = -1, .loading = false};
  /* The visitor takes what it could fill; when saving it only reads. */
  pfc_bundle view = *b;
  PFC_TRY(pfc_h5_create(temp, &a.file, err));
  PFC_TRY(pfc__visit_bundle(&a, &view, err));
  PFC_TRY(pfc_h5_close_sealed(&a.file, temp, err));
done:
  PFC_H5_DROP(a.file);
  pfc__archive_clear(&a);
  return st;
}

pfc_status pfc_bundle_save(const pfc_bundle *b, const char *path, pfc_error *err) {
  pfc_error why = PFC_ERROR_INIT;
  pfc_newfile f = {0};
  pfc_status st = pfc_newfile_begin(&f, path, 0644, err);
  if (st != PFC_OK) return st;
  st = fill(f.temp, b, &why);
  st = st == PFC_OK ? pfc_newfile_commit(&f, err) : pfc_newfile_fail(&f, st, &why, err);
  pfc_newfile_drop(&f);
  return st;
}
