/* The registry: every version of the model that was ever published, unchanged, and which of
 * them serves. A folder that jobs share:
 *
 *   versions/000001/model.h5       a bundle (models/bundle.h)
 *   versions/000001/manifest.json  its SHA-256, its size, what it was made from
 *   versions/000001/verdict.json   of one that was judged: what was said of it
 *   aliases.json                   champion, challenger, previous; and every move of them
 *   registry.lock                  held by whoever changes something
 *
 * A version appears whole or not at all and never changes. Aliases and the record of their
 * moves are one file, replaced at once: there is no moment at which a move is made and not
 * recorded. docs/REGISTRY.md. */
#ifndef PROFICIO_MODELS_REGISTRY_H
#define PROFICIO_MODELS_REGISTRY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "models/bundle.h"

typedef struct pfc_registry pfc_registry;

typedef enum pfc_alias {
  PFC_CHAMPION,   /* what serves */
  PFC_CHALLENGER, /* what may come to */
  PFC_PREVIOUS,   /* the champion before */
  PFC_N_ALIASES,
} pfc_alias;
PFC_API const char *pfc_alias_name(pfc_alias alias); /* "champion" ... */

/* Opens the folder; to write, creates it where it is missing, waits for nobody (PFC_EIO names
 * who is at work on it), and removes what a writer that was killed has left half done.
 * PFC_EFORMAT: it is no registry, or aliases.json is damaged. The caller's. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_open(const char *folder, bool to_write,
                                                  pfc_registry **registry, pfc_error *err);
PFC_API void pfc_registry_close(pfc_registry *r); /* NULL is allowed */

/* --- looking -------------------------------------------------------------------------------
 */

typedef struct pfc_version {
  int32_t number; /* from 1 */
  char sha256[PFC_SHA256_HEX];
  int64_t size;    /* bytes */
  cJSON *manifest; /* whole; the registry's */
  cJSON *verdict;  /* what was said of it when it was judged, whole; NULL: it was not */
} pfc_version;

/* Versions in the order of their numbers; the registry's, until it changes. */
PFC_API int32_t pfc_registry_size(const pfc_registry *r);
PFC_API const pfc_version *pfc_registry_at(const pfc_registry *r, int32_t place);
/* Number of the version that an alias stands for; 0 none. */
PFC_API int32_t pfc_registry_alias(const pfc_registry *r, pfc_alias alias);
/* Every move of the champion and of the challenger so far, oldest first: an array of {"at",
 * "alias", "from", "to", "by", "why"}; the registry's. */
PFC_API const cJSON *pfc_registry_history(const pfc_registry *r);
/* By "champion", "@champion", "3" or "000003". PFC_EDATA says what there is. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_find(const pfc_registry *r, const char *name,
                                                  int32_t *number, pfc_error *err);
/* The file of a version's bundle; pfc_free. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_path(const pfc_registry *r, int32_t number,
                                                  char **path, pfc_error *err);

/* Does a path name a version of a registry: "REGISTRY/@champion", any alias, any number? */
PFC_API bool pfc_registry_is_named(const char *path);
/* The file of that version's bundle, whose digest is held against its manifest.
 * pfc_free(*file). PFC_EUSAGE of a path that names none. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_resolve(const char *path, char **file,
                                                     pfc_error *err);

/* --- changing ------------------------------------------------------------------------------
 */

/* Publishes a bundle as the next version. `about` is what the manifest tells besides (its items
 * are copied; may be NULL); it must not name what the manifest tells by itself
 * (docs/REGISTRY.md). *number: 0 before
 * it is published for good. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_publish(pfc_registry *r, const pfc_bundle *bundle,
                                                     const cJSON *about, int32_t *number,
                                                     pfc_error *err);

/* Notes for good what was said of a version when it was judged. PFC_EUSAGE: it was judged
 * already. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_judge(pfc_registry *r, int32_t number,
                                                   const cJSON *verdict, pfc_error *err);

/* Who moves an alias, when, and why; "" is not known. */
typedef struct pfc_move {
  int64_t at; /* seconds since 1970 */
  const char *by, *why;
} pfc_move;

/* Moves an alias to a version whose digest is checked first; 0: to none (not the champion).
 * With the champion, what it stood for becomes `previous`, and the challenger that it was is
 * none any more. PFC_EUSAGE: `previous` is not moved by hand. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_move(pfc_registry *r, pfc_alias alias,
                                                  int32_t number, const pfc_move *move,
                                                  pfc_error *err);
/* The previous champion serves again, and the champion becomes the previous one. PFC_EUSAGE:
 * there is none. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_rollback(pfc_registry *r, const pfc_move *move,
                                                      pfc_error *err);

/* Checks every version's digest and bundle, and that aliases stand for versions there are.
 * PFC_EFORMAT names the first fault. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_verify(const pfc_registry *r, pfc_error *err);

/* Removes all but the newest `keep` versions and those that aliases stand for; *removed tells
 * how many. */
PFC_API PFC_MUST_USE pfc_status pfc_registry_collect(pfc_registry *r, int32_t keep,
                                                     int32_t *removed, pfc_error *err);

#endif
