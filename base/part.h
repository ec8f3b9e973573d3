/* A file that grows in steps and whose first steps outlive its writer: FILE.part beside FILE,
 * until it is whole and takes its place. Whoever writes notes now and then, in a place of their
 * own, how far it had come; after a kill they go on from there. */
#ifndef PROFICIO_BASE_PART_H
#define PROFICIO_BASE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pfc_part {
  char *path; /* final name; NULL: not open */
  char *temp; /* path with ".part" */
  int fd;
  int64_t size; /* bytes so far */
  uint32_t crc; /* CRC32C of them */
} pfc_part;

/* Opens path.part, or creates it, and holds a lock on it. A symbolic link at path is followed;
 * a folder or a device is refused. What stands in it is neither read nor touched yet. PFC_EIO
 * names the path and the reason; another writer of the same file is one. */
PFC_API PFC_MUST_USE pfc_status pfc_part_open(pfc_part *p, const char *path, pfc_error *err);

/* Keeps the first `size` bytes if there are so many and their CRC32C is `crc`, else none, and
 * cuts off the rest; *kept tells. (0, 0, ...) begins anew. To be called once, first. */
PFC_API PFC_MUST_USE pfc_status pfc_part_keep(pfc_part *p, int64_t size, uint32_t crc,
                                              bool *kept, pfc_error *err);

PFC_API PFC_MUST_USE pfc_status pfc_part_add(pfc_part *p, const void *data, size_t size,
                                             pfc_error *err);

/* fsync: nothing but the rename can fail in pfc_part_commit then, nor the folder's fsync. */
PFC_API PFC_MUST_USE pfc_status pfc_part_sync(pfc_part *p, pfc_error *err);

/* fsync, rename to the final name, fsync of the folder. */
PFC_API PFC_MUST_USE pfc_status pfc_part_commit(pfc_part *p, pfc_error *err);

/* Removes and closes it, once all has been read from it. PFC_EIO: what was written may not have
 * been what was read. */
PFC_API PFC_MUST_USE pfc_status pfc_part_remove(pfc_part *p, pfc_error *err);

/* Closes and frees; what is not committed stays for another day with `keep`, else it is
 * removed. Safe on a zeroed struct and after commit. */
PFC_API void pfc_part_close(pfc_part *p, bool keep);

#endif
