/* HDF5 guards: every file of ours is read and written through these, so that
 * types, ranks and sizes are checked before a byte is trusted, the library's
 * own error text reaches the caller, and no id leaks.
 *
 * An array has rank 1 or 2 and one of the types below. Text is fixed-length,
 * NUL-padded UTF-8. There are no variable-length data and no links but hard ones. */
#ifndef PROFICIO_BASE_H5_H
#define PROFICIO_BASE_H5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/seal.h"

typedef enum pfc_h5_type {
  PFC_H5_I8,
  PFC_H5_I32,
  PFC_H5_I64,
  PFC_H5_U32,
  PFC_H5_F32,
  PFC_H5_F64,
  PFC_H5_TEXT, /* fixed-length text; `width` bytes an element */
} pfc_h5_type;

typedef struct pfc_h5_shape {
  pfc_h5_type type;
  int rank;       /* 1 or 2 */
  int64_t dim[2]; /* dim[1] = 1 for rank 1 */
  size_t width;   /* bytes of one element */
} pfc_h5_shape;

/* Silences HDF5's own printing and notes its error stack for messages. Called by
 * every function below; calling it again is free. */
PFC_API void pfc_h5_init(void);

/* Fails with what the HDF5 error stack says, and clears the stack. Where HDF5 failed because
 * memory is short, or a disk could not be read or written, it returns PFC_ENOMEM or PFC_EIO
 * and says so, whatever the caller took it for. */
PFC_API pfc_status pfc_h5_fail(pfc_error *err, pfc_status status, const char *fmt, ...)
    PFC_PRINTF(3, 4);
static inline pfc_status pfc__h5_failed(pfc_status recorded, pfc_status status) {
  return recorded != PFC_OK ? recorded : status;
}
#define pfc_h5_fail(err, status, ...) \
  pfc__h5_failed(pfc_h5_fail(err, status, __VA_ARGS__), status)

/* Fails when HDF5 has met such a trouble since the last pfc_h5_fail and nobody told: to be
 * asked where a failure would pass for an answer, like pfc_h5_has. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_check(pfc_error *err);

#define PFC_H5_DROP(id)                  \
  do {                                   \
    if ((id) >= 0) (void)H5Idec_ref(id); \
    (id) = -1;                           \
  } while (0)

/* --- writing ------------------------------------------------------------- */

/* A new file at `path` (a temporary name; see base/file.h), libver latest, no
 * object times (same content, same bytes). */
PFC_API PFC_MUST_USE pfc_status pfc_h5_create(const char *path, hid_t *file, pfc_error *err);

/* Flushes and closes; fails if any object of the file is still open. Sets *file = -1. HDF5
 * 1.10 crashes in its own clean-up at exit once a close has failed: a program that wants to
 * outlive a full disk calls H5dont_atexit() first, as the command line does. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_close(hid_t *file, pfc_error *err);

/* The same for a file of ours at `path` that is complete, then puts a seal behind it. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_close_sealed(hid_t *file, const char *path,
                                                    pfc_error *err);

/* Creates the group and those above it ("/tables/people"); returns its id in *group. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_make_group(hid_t parent, const char *path, hid_t *group,
                                                  pfc_error *err);

/* Writes a contiguous, early-allocated array and returns its id when `set` is not
 * NULL (for attributes). data is in the C type of shape->type; NULL: the array is made, and
 * pfc_h5_write_rows fills it. Groups on the way are created. Arrays of 64 KiB and more start at
 * multiples of 4096. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_write(hid_t parent, const char *path,
                                             const pfc_h5_shape *shape, const void *data,
                                             hid_t *set, pfc_error *err);

/* The usual case: one dimension. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_write_1d(hid_t parent, const char *path,
                                                pfc_h5_type type, int64_t n, const void *data,
                                                pfc_error *err);

/* Elements first .. first + n - 1 of an array of one dimension and that shape. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_write_rows(hid_t set, const pfc_h5_shape *shape,
                                                  int64_t first, int64_t n, const void *data,
                                                  pfc_error *err);

/* n strings, padded to the longest (at least 1 byte). */
PFC_API PFC_MUST_USE pfc_status pfc_h5_write_texts(hid_t parent, const char *path, int64_t n,
                                                   const char *const *texts, pfc_error *err);

/* Scalar attributes of a group, file or dataset. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_put_i64(hid_t at, const char *name, int64_t value,
                                               pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_h5_put_f64(hid_t at, const char *name, double value,
                                               pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_h5_put_text(hid_t at, const char *name, const char *value,
                                                pfc_error *err);

/* --- reading -------------------------------------------------------------- */

/* Opens read-only; PFC_EIO when it cannot be read, PFC_EFORMAT when it is not HDF5 or has a
 * seal that does not hold: HDF5 sees no byte of a damaged file of ours. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_open(const char *path, hid_t *file, pfc_error *err);

/* The same; *sealed tells whether there was a seal, and sha256, unless NULL, takes the digest
 * of a file that has one. A file of ours that has lost it is opened, so that what was changed
 * can be named, and then refused with pfc_h5_fail_unsealed. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_open_sealed(const char *path, hid_t *file, bool *sealed,
                                                   char sha256[PFC_SHA256_HEX], pfc_error *err);
PFC_API pfc_status pfc_h5_fail_unsealed(const char *path, pfc_error *err);

/* All of it: opens a file of ours, has `read` fill `into`, closes, and refuses what has lost
 * its seal. What `read` fails with is told with the path before it; `into` stays the caller's.
 */
typedef pfc_status (*pfc_h5_read_fn)(hid_t file, void *into, pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_h5_load(const char *path, pfc_h5_read_fn read, void *into,
                                            char sha256[PFC_SHA256_HEX], pfc_error *err);

/* Is it a file of that format and schema version, as its root attributes `format` and
 * `schema_version` tell? PFC_EFORMAT says what it is instead; of an earlier version, `remake`
 * ("import the data again"). */
PFC_API PFC_MUST_USE pfc_status pfc_h5_check_kind(hid_t file, const char *format,
                                                  int64_t version, const char *remake,
                                                  pfc_error *err);

/* True when a hard link of that path exists below parent; false also when HDF5 failed to
 * look, which pfc_h5_check tells. */
PFC_API bool pfc_h5_has(hid_t parent, const char *path);

/* Opens an existing group; PFC_EFORMAT when missing or not a group. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_open_group(hid_t parent, const char *path, hid_t *group,
                                                  pfc_error *err);

/* Shape of an array; PFC_EFORMAT when it is missing, of another kind of type, has
 * another rank, external storage, filters, or claims more bytes than the file has. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_inspect(hid_t parent, const char *path,
                                               pfc_h5_shape *shape, pfc_error *err);

/* Reads a whole array into newly allocated memory (pfc_free). expect->type and
 * rank must match; expect->dim entries of -1 match any size and are filled in. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_read(hid_t parent, const char *path,
                                            pfc_h5_shape *expect, void **data, pfc_error *err);

/* One dimension; *n = -1 matches any length and is filled in. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_read_1d(hid_t parent, const char *path, pfc_h5_type type,
                                               int64_t *n, void **data, pfc_error *err);

/* Reads fixed-length texts into one block: texts[i] points into *block. Both freed
 * with pfc_free. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_read_texts(hid_t parent, const char *path, int64_t *n,
                                                  char ***texts, char **block, pfc_error *err);

/* Scalar attributes; PFC_EFORMAT when missing or of another type. *text is freed
 * with pfc_free. */
PFC_API PFC_MUST_USE pfc_status pfc_h5_get_i64(hid_t at, const char *name, int64_t *value,
                                               pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_h5_get_f64(hid_t at, const char *name, double *value,
                                               pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_h5_get_text(hid_t at, const char *name, char **text,
                                                pfc_error *err);

/* Fails, naming it, on an attribute that fn does not know. */
typedef bool (*pfc_h5_knows_fn)(const char *name, void *user);
PFC_API PFC_MUST_USE pfc_status pfc_h5_known_attributes(hid_t at, pfc_h5_knows_fn fn,
                                                        void *user, pfc_error *err);

/* Calls fn for each direct child of a group in name order; stops at the first
 * failure. Soft and external links are PFC_EFORMAT. */
typedef pfc_status (*pfc_h5_child_fn)(const char *name, bool is_group, void *user,
                                      pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_h5_each(hid_t group, pfc_h5_child_fn fn, void *user,
                                            pfc_error *err);

#endif
