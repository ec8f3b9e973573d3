/* Files that appear whole or not at all. */
#ifndef PROFICIO_BASE_FILE_H
#define PROFICIO_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* A file being written beside its final place. The writer puts its bytes into
 * `temp` (same folder, so that rename is atomic), then commits or drops it. */
typedef struct pfc_newfile {
  char *path; /* final name */
  char *temp; /* where to write until commit; exists, empty, with `mode`; NULL: not begun */
  int lock;   /* descriptor that tells others that the writer lives, while temp is there */
} pfc_newfile;

/* Creates an empty temporary file next to path with the given mode (e.g. 0644
 * before umask). A symbolic link at path is followed, so that what it leads to is
 * replaced; a folder or a device is refused. At most 64 files at a time. PFC_EIO
 * names the path and the system's reason.
 *
 * Temporary files of path whose writer is gone (killed, or its machine lost power) are
 * removed: a writer holds a lock on its file, and what nobody holds nobody writes.
 * On a folder where locks do not work, or of which another machine tells nothing, all stay. */
PFC_API PFC_MUST_USE pfc_status pfc_newfile_begin(pfc_newfile *f, const char *path,
                                                  unsigned mode, pfc_error *err);

/* fsync of the file, rename, fsync of the folder. On failure the temporary file
 * is removed and whatever stood at path before stands there still; only when the last
 * step fails, the fsync of the folder, is the new file already in place, and the message
 * says so. */
PFC_API PFC_MUST_USE pfc_status pfc_newfile_commit(pfc_newfile *f, pfc_error *err);

/* Two files that belong together: both are synced before the first is renamed, so that
 * nothing but the second rename can fail between them; when it does, the message says that
 * the first is new and the second old. */
PFC_API PFC_MUST_USE pfc_status pfc_newfile_commit_pair(pfc_newfile *first, pfc_newfile *second,
                                                        pfc_error *err);

/* "cannot write 'PATH': WHY", of what failed while the temporary file was filled. */
PFC_API pfc_status pfc_newfile_fail(const pfc_newfile *f, pfc_status status,
                                    const pfc_error *why, pfc_error *err);
#define pfc_newfile_fail(f, status, why, err) \
  pfc__failed(pfc_newfile_fail(f, status, why, err), status)

/* Removes the temporary file if not committed and frees the names. Safe on a
 * zeroed struct and after commit. */
PFC_API void pfc_newfile_drop(pfc_newfile *f);

/* Removes the temporary files of every pfc_newfile in flight. Async-signal-safe,
 * for the command line's handlers of SIGINT and SIGTERM. */
PFC_API void pfc_newfile_drop_all(void);

/* Makes the folder unless it is there; *made tells. PFC_EIO when it cannot be made, or is no
 * folder. */
PFC_API PFC_MUST_USE pfc_status pfc_folder_make(const char *folder, bool *made, pfc_error *err);

/* fsync of the folder that a path lies in: a name that has come there stays there. PFC_EIO
 * names the path. */
PFC_API PFC_MUST_USE pfc_status pfc_folder_sync(const char *path, pfc_error *err);

/* The whole file, NUL-terminated, *size bytes without that NUL; freed with
 * pfc_free. PFC_EIO when unreadable, PFC_EDATA when larger than max_size. */
PFC_API PFC_MUST_USE pfc_status pfc_file_read(const char *path, size_t max_size, char **text,
                                              size_t *size, pfc_error *err);

#endif
