#include <string.h>

#include "models/bundle_internal.h"

pfc_status pfc__bundle_read(hid_t file, pfc_bundle *b, pfc_error *err) {
  pfc__archive a = {.file = file, .loading = true};
  pfc_status st = pfc__visit_bundle(&a, b, err);
  if (st == PFC_OK) st = pfc__refuse_strangers(&a, err);
  pfc__archive_clear(&a);
  return st;
}

pfc_status pfc_bundle_load(const char *path, pfc_bundle **b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error inside = PFC_ERROR_INIT;
  hid_t file = -1;
  bool sealed;
  char sha256[PFC_SHA256_HEX];
  pfc_bundle *loaded = pfc_bundle_create();
  if (!loaded) return pfc_fail_memory(err, path);
  PFC_TRY(pfc_h5_open_sealed(path, &file, &sealed, sha256, err));
  if ((st = pfc__bundle_read(file, loaded, &inside)) != PFC_OK) {
    (void)pfc_fail(err, st, "%s: %s", path, inside.msg);
    goto done;
  }
  PFC_TRY(pfc_h5_close(&file, err));
  if (!sealed) {
    st = pfc_h5_fail_unsealed(path, err);
    goto done;
  }
  memcpy(loaded->version, sha256, sizeof loaded->version - 1);
  *b = loaded;
  loaded = NULL;
done:
  pfc_bundle_destroy(loaded);
  PFC_H5_DROP(file);
  return st;
}
