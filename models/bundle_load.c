#include <string.h>

#include "base/digest.h"
#include "models/bundle_internal.h"

/* The whole file is read and verified; what is wrong is told with the file's name. */
static pfc_status read_bundle(pfc__archive *a, const char *path, pfc_bundle *b,
                              pfc_error *err) {
  pfc_error inside = PFC_ERROR_INIT;
  pfc_status st = pfc__visit_bundle(a, b, &inside);
  if (st == PFC_OK) st = pfc__refuse_strangers(a, &inside);
  return st == PFC_OK ? st : pfc_fail(err, st, "%s: %s", path, inside.msg);
}

pfc_status pfc_bundle_load(const char *path, pfc_bundle **b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__archive a = {.file = -1, .loading = true};
  char sha256[PFC_SHA256_HEX];
  pfc_bundle *loaded = NULL;
  PFC_TRY(pfc_h5_open(path, &a.file, err));
  if (!(loaded = pfc_bundle_create())) {
    st = pfc_fail_memory(err, path);
    goto done;
  }
  PFC_TRY(read_bundle(&a, path, loaded, err));
  PFC_TRY(pfc_h5_close(&a.file, err));
  PFC_TRY(pfc_sha256_file(path, sha256, err));
  memcpy(loaded->version, sha256, sizeof loaded->version - 1);
  *b = loaded;
  loaded = NULL;
done:
  pfc_bundle_destroy(loaded);
  PFC_H5_DROP(a.file);
  pfc__archive_clear(&a);
  return st;
}
