#include "models/checksum.h"

#include "base/digest.h"

int64_t pfc_checksum_blocks(size_t size) {
  return size ? (int64_t)((size - 1) / PFC_CHECKSUM_BLOCK + 1) : 1;
}

static uint32_t block_crc(const void *data, size_t size, int64_t block) {
  const size_t from = (size_t)block * PFC_CHECKSUM_BLOCK;
  const size_t left = size - from;
  const size_t n = left < PFC_CHECKSUM_BLOCK ? left : PFC_CHECKSUM_BLOCK;
  return n ? pfc_crc32c(0, (const char *)data + from, n) : 0;
}

void pfc_checksum_table(const void *data, size_t size, uint32_t *crc) {
  const int64_t n = pfc_checksum_blocks(size);
  for (int64_t i = 0; i < n; i++) crc[i] = block_crc(data, size, i);
}

int64_t pfc_checksum_verify(const void *data, size_t size, const uint32_t *crc) {
  const int64_t n = pfc_checksum_blocks(size);
  for (int64_t i = 0; i < n; i++)
    if (block_crc(data, size, i) != crc[i]) return i;
  return -1;
}
