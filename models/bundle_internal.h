/* How a bundle meets its file. Each part is described once, by tables of scalars, arrays
 * and record members, and one visitor carries it either way: what is written is what is
 * read, and nothing can be written that would not be accepted again. */
#ifndef PROFICIO_MODELS_BUNDLE_INTERNAL_H
#define PROFICIO_MODELS_BUNDLE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/h5.h"
#include "models/bundle.h"

#define PFC__PATH 1024 /* longest path inside a file */
#define PFC__COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* An object the file is expected to hold. */
typedef struct pfc__known {
  char *path;
  bool is_group;
} pfc__known;

typedef struct pfc__archive {
  hid_t file;
  bool loading;
  pfc__known *known; /* every object visited; anything else in a file is a stranger */
  int64_t n_known, capacity;
} pfc__archive;

void pfc__archive_clear(pfc__archive *a);

/* What is wrong with a value: PFC_EFORMAT in a file that is read, PFC_EUSAGE in a bundle
 * that is to be written. */
pfc_status pfc__fault(const pfc__archive *a, pfc_error *err, const char *fmt, ...)
    PFC_PRINTF(3, 4);

/* Fixed-length texts, NUL-padded, `width` bytes each. */
typedef struct pfc__texts {
  int64_t n;
  size_t width;
  char *bytes;
} pfc__texts;

/* Pads n texts (NULL counts as "") to the longest. */
PFC_MUST_USE pfc_status pfc__texts_pack(pfc__texts *t, int64_t n, const char *const *texts,
                                        pfc_error *err);
/* Bytes of text i before its padding, and where they begin (not NUL-terminated). */
size_t pfc__texts_at(const pfc__texts *t, int64_t i, const char **text);
/* The same, NUL-terminated and owned by the caller; NULL when memory is short. */
char *pfc__texts_copy(const pfc__texts *t, int64_t i);
void pfc__texts_clear(pfc__texts *t);

/* An attribute of a group. */
typedef struct pfc__scalar {
  const char *name;
  pfc_h5_type type; /* I32, I64, F64, TEXT */
  void *slot;       /* int32_t, int64_t, double, or char * owned by the bundle */
  double min, max;  /* both included; not for TEXT */
} pfc__scalar;

/* Of those that no table of scalars names. */
PFC_MUST_USE pfc_status pfc__know_attribute(pfc__archive *a, const char *object,
                                            const char *name, pfc_error *err);

/* A dataset. Floats must be finite, I8 are flags (0 or 1), in memory as in the file. */
typedef struct pfc__array {
  const char *name; /* below the group */
  pfc_h5_type type;
  int rank;
  int64_t dim[2];      /* dim[0] = -1: as many as there are (TEXT) */
  void *slot;          /* address of the pointer to the elements; of a pfc__texts for TEXT */
  const char *meaning; /* with the unit; stored beside the data */
} pfc__array;

/* `group` is an absolute path, "/" for the root. Loading allocates; what was loaded before
 * a failure stands in the slots and is freed by their owner. */
PFC_MUST_USE pfc_status pfc__visit_scalars(pfc__archive *a, const char *group,
                                           const pfc__scalar *scalars, int n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_arrays(pfc__archive *a, const char *group,
                                          const pfc__array *arrays, int n, pfc_error *err);

/* Records in memory, parallel arrays in the file. */
typedef struct pfc__records {
  const char *group;
  int64_t n;
  void *at;
  size_t stride;
} pfc__records;

/* A member of each record: a number, a bool (I8), a char * owned by the record (TEXT), or,
 * with `word`, an int stored as the word for it. */
typedef struct pfc__member {
  const char *name;
  pfc_h5_type type;
  size_t offset;
  const char *(*word)(int code); /* NULL past the last code; "" in the file is code -1 */
  const char *meaning;
} pfc__member;

/* A pointer in each record to count elements, all of them joined in one array. */
typedef struct pfc__ragged {
  const char *name;
  pfc_h5_type type;
  size_t pointer; /* offset of the pointer; NULL in a record that has no elements */
  size_t count;   /* offset of the int32_t count, visited before */
  const char *meaning;
} pfc__ragged;

PFC_MUST_USE pfc_status pfc__visit_members(pfc__archive *a, const pfc__records *records,
                                           const pfc__member *members, int n, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_ragged(pfc__archive *a, const pfc__records *records,
                                          const pfc__ragged *ragged, pfc_error *err);

/* Parts of a bundle. */
PFC_MUST_USE pfc_status pfc__visit_bundle(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_dicts(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_affinity(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_success(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_accept(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_time(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_anyway(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_profile(pfc__archive *a, pfc_bundle *b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_baseline(pfc__archive *a, pfc_bundle *b, pfc_error *err);

/* Feature encoding below `group`: sizes, codes and dictionaries fit together. */
PFC_MUST_USE pfc_status pfc__visit_features(pfc__archive *a, const pfc_bundle *b,
                                            const char *group, pfc_features **features,
                                            pfc_error *err);

/* What a later fit begins with, below the group of a model or of a cause: groups `posterior`
 * (of n coefficients), `strengths` and `ledger`, each absent where it is not known. */
PFC_MUST_USE pfc_status pfc__visit_posterior(pfc__archive *a, const char *model, int64_t n,
                                             pfc_posterior *p, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_strengths(pfc__archive *a, const char *model,
                                             pfc_strengths *s, pfc_error *err);
PFC_MUST_USE pfc_status pfc__visit_ledger(pfc__archive *a, const char *model, pfc_ledger *l,
                                          pfc_error *err);

/* Codes 0 .. n-1 must be in a dictionary of the bundle; `what` names the path for messages. */
PFC_MUST_USE pfc_status pfc__check_codes(const pfc__archive *a, const pfc_bundle *b,
                                         const char *what, const char *dict, int64_t n,
                                         pfc_error *err);

/* All of an open file into an empty bundle; what is wrong is told without the file's name,
 * and what was read until then is freed with the bundle. */
PFC_MUST_USE pfc_status pfc__bundle_read(hid_t file, pfc_bundle *b, pfc_error *err);

/* Fails on the first object that was not visited. */
PFC_MUST_USE pfc_status pfc__refuse_strangers(const pfc__archive *a, pfc_error *err);

#endif
