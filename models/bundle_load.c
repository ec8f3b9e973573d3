#include <string.h>

#include "models/bundle_internal.h"

pfc_status pfc__bundle_read(hid_t file, pfc_bundle *b, pfc_error *err) {
  pfc__archive a = {.file = file, .loading = true};
  pfc_status st = pfc__visit_bundle(&a, b, err);
  if (st == PFC_OK) st = pfc__refuse_strangers(&a, err);
  pfc__archive_clear(&a);
  return st;
}

static pfc_status read_bundle(hid_t file, void *into, pfc_error *err) {
  return pfc__bundle_read(file, into, err);
}

pfc_status pfc_bundle_load(const char *path, pfc_bundle **b, pfc_error *err) {
  char sha256[PFC_SHA256_HEX];
  pfc_bundle *loaded = pfc_bundle_create();
  if (!loaded) return pfc_fail_memory(err, path);
  const pfc_status st = pfc_h5_load(path, read_bundle, loaded, sha256, err);
  if (st == PFC_OK) {
    memcpy(loaded->version, sha256, sizeof loaded->version - 1);
    *b = loaded;
    loaded = NULL;
  }
  pfc_bundle_destroy(loaded);
  return st;
}
