#include "base/file.h"
#include "models/bundle_internal.h"

pfc_status pfc_bundle_save(const pfc_bundle *b, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile f = {0};
  pfc__archive a = {.file = -1, .loading = false};
  /* The visitor takes what it could fill; when saving it only reads. */
  pfc_bundle view = *b;
  PFC_TRY(pfc_newfile_begin(&f, path, 0644, err));
  PFC_TRY(pfc_h5_create(f.temp, &a.file, err));
  PFC_TRY(pfc__visit_bundle(&a, &view, err));
  PFC_TRY(pfc_h5_close_sealed(&a.file, f.temp, err));
  PFC_TRY(pfc_newfile_commit(&f, err));
done:
  PFC_H5_DROP(a.file);
  pfc__archive_clear(&a);
  pfc_newfile_drop(&f);
  return st;
}
