/* Seals: a file's last bytes tell whether all the others are those that were written.
 *
 * A seal stands behind what the file holds, which need not know of it: HDF5 reads no further
 * than its own end. It is, little-endian, a CRC32C (Castagnoli) of each block of 1 MiB, the
 * last block shorter; then uint64 the bytes it stands for, uint32 bytes of a block, uint32
 * CRC32C of the seal up to here, and the eight letters "pfc.seal". Whoever changes a file
 * with HDF5 takes the seal off, because HDF5 cuts a file at its own end. */
#ifndef PROFICIO_BASE_SEAL_H
#define PROFICIO_BASE_SEAL_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/error.h"

#define PFC_SEAL_BLOCK ((size_t)1 << 20) /* bytes; the last block may be shorter */

/* Puts a seal behind a file that is complete and has none. PFC_EIO when it cannot be read or
 * written; then it is of no use and for the caller to remove. */
PFC_API PFC_MUST_USE pfc_status pfc_seal_put(const char *path, pfc_error *err);

/* Reads the whole of an open file, whose name is for messages. *sealed tells whether there is
 * a seal; where there is one and it does not hold, PFC_EFORMAT says which bytes are damaged.
 * A file without one is not read. sha256, unless NULL, takes the digest of a sealed file,
 * seal included. */
PFC_API PFC_MUST_USE pfc_status pfc_seal_check(int fd, const char *path, bool *sealed,
                                               char sha256[PFC_SHA256_HEX], pfc_error *err);

#endif
