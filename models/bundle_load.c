#include <string.h>

#include "base/mem.h"
#include "models/bundle_internal.h"
#include "models/registry.h"

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
  pfc_status st = PFC_OK;
  char sha256[PFC_SHA256_HEX], expected[PFC_SHA256_HEX];
  char *file = NULL;
  pfc_bundle *loaded = pfc_bundle_create();
  if (!loaded) return pfc_fail_memory(err, path);
  PFC_TRY(pfc_registry_resolve(path, &file, expected, err));
  PFC_TRY(pfc_h5_load(file, read_bundle, loaded, sha256, err));
  if (expected[0] && strcmp(sha256, expected) != 0) {
    st = pfc_fail(err, PFC_EFORMAT, "%s is not what its manifest says", file);
    goto done;
  }
  memcpy(loaded->version, sha256, sizeof loaded->version - 1);
  *b = loaded;
  loaded = NULL;
done:
  pfc_free(file);
  pfc_bundle_destroy(loaded);
  return st;
}
