/* What the files of the registry share: registry.c looks, registry_change.c changes. */
#ifndef PROFICIO_MODELS_REGISTRY_INTERNAL_H
#define PROFICIO_MODELS_REGISTRY_INTERNAL_H

#include <limits.h>

#include "base/lock.h"
#include "models/registry.h"

struct pfc_registry {
  char *folder;
  pfc_lock lock;
  int32_t n_versions, versions_room;
  pfc_version *version;
  int32_t alias[PFC_N_ALIASES]; /* numbers; 0 none */
  cJSON *history;
};

/* What begins the name of a folder that is being made or taken away. */
#define PFC__REGISTRY_TEMP ".tmp-"

/* FOLDER/versions/000004 with what follows; false where that is too long for a name. */
bool pfc__registry_name(const pfc_registry *r, int32_t number, const char *tail,
                        char name[PATH_MAX]);

/* Reads the manifest in a folder. */
PFC_MUST_USE pfc_status pfc__registry_read_version(const char *folder, int32_t number,
                                                   pfc_version *version, pfc_error *err);
void pfc__version_clear(pfc_version *v); /* safe on a zeroed struct */
PFC_MUST_USE pfc_status pfc__registry_add(pfc_registry *r, const pfc_version *version,
                                          pfc_error *err);

/* The version of that number; NULL where there is none. */
const pfc_version *pfc__registry_version(const pfc_registry *r, int32_t number);

/* Checks the digest of a version's file. */
PFC_MUST_USE pfc_status pfc__registry_check(const pfc_registry *r, const pfc_version *v,
                                            pfc_error *err);

/* Removes what was left half done. */
PFC_MUST_USE pfc_status pfc__registry_clean(const pfc_registry *r, pfc_error *err);

#endif
