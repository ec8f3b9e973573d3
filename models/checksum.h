/* CRC32C by blocks: which part of an array is damaged, and a table that lets a part be
 * verified without reading the rest. */
#ifndef PROFICIO_MODELS_CHECKSUM_H
#define PROFICIO_MODELS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PFC_CHECKSUM_BLOCK ((size_t)1 << 20) /* bytes; the last block may be shorter */

/* Entries of the table of `size` bytes; an empty array has one, 0. */
PFC_API int64_t pfc_checksum_blocks(size_t size);

/* crc[pfc_checksum_blocks(size)] of data[0..size). */
PFC_API void pfc_checksum_table(const void *data, size_t size, uint32_t *crc);

/* The first block whose sum differs from the table's, -1 when all agree. */
PFC_API int64_t pfc_checksum_verify(const void *data, size_t size, const uint32_t *crc);

#endif
