/* Digests: SHA-256 for identity (libcrypto), CRC32C for damage. */
#ifndef PROFICIO_BASE_DIGEST_H
#define PROFICIO_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PFC_SHA256_BYTES 32
#define PFC_SHA256_HEX 65 /* 64 hex digits and a NUL */

/* Lower-case hex SHA-256 of a file's bytes as they lie on disk. */
PFC_API PFC_MUST_USE pfc_status pfc_sha256_file(const char *path, char hex[PFC_SHA256_HEX],
                                                pfc_error *err);

/* A digest over several buffers. */
typedef struct pfc_sha256 pfc_sha256;
PFC_API pfc_sha256 *pfc_sha256_create(void); /* NULL when memory is short */
PFC_API void pfc_sha256_add(pfc_sha256 *d, const void *data, size_t size);
/* The digest of what was added; then d begins anew. */
PFC_API void pfc_sha256_hex(pfc_sha256 *d, char hex[PFC_SHA256_HEX]);
/* The same as bytes. */
PFC_API void pfc_sha256_bytes(pfc_sha256 *d, unsigned char bytes[PFC_SHA256_BYTES]);
PFC_API void pfc_sha256_destroy(pfc_sha256 *d);

/* CRC32C (Castagnoli) of size bytes, continuing from crc (0 to begin). Uses the
 * CPU's instruction where there is one, a table elsewhere; same result. */
PFC_API uint32_t pfc_crc32c(uint32_t crc, const void *data, size_t size);

#endif
