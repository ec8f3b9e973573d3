/* What the two kinds of files that appear whole share: pfc_newfile and pfc_part. */
#ifndef PROFICIO_BASE_FILE_INTERNAL_H
#define PROFICIO_BASE_FILE_INTERNAL_H

#include <stdbool.h>

#include "base/error.h"

/* The name to replace: what a symbolic link leads to. A folder or a device is no place for
 * rename. The caller's. */
PFC_MUST_USE pfc_status pfc__file_resolve(const char *path, char **final, pfc_error *err);

/* Descriptor of the folder that a path lies in, -1 with errno. */
int pfc__file_open_folder(const char *path);

/* Locks the whole file: F_RDLCK, F_WRLCK. False, with errno, when somebody else holds it. */
bool pfc__file_lock(int fd, short kind);

/* fsync; of what cannot be synced at all (some network and FUSE folders) it is no error. */
bool pfc__file_synced(int fd);

#endif
