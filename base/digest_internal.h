/* The portable CRC32C, which the tests hold against the CPU's instruction. */
#ifndef PROFICIO_BASE_DIGEST_INTERNAL_H
#define PROFICIO_BASE_DIGEST_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* As pfc_crc32c. */
uint32_t pfc__crc32c_table(uint32_t crc, const void *data, size_t size);

#endif
