/* The functions below OpenSSL's "EVP" ask for no memory: they cannot fail half way, as EVP
 * does (3.0 crashes without memory for its default context, and allocates whenever a digest
 * begins anew), and do not read openssl.cnf. OpenSSL 3 calls them deprecated. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/digest_internal.h"
#include "base/mem.h"

struct pfc_sha256 {
  SHA256_CTX state;
};

pfc_sha256 *pfc_sha256_create(void) {
  pfc_sha256 *d = pfc_alloc_array(1, sizeof *d);
  if (d) (void)SHA256_Init(&d->state);
  return d;
}

void pfc_sha256_add(pfc_sha256 *d, const void *data, size_t size) {
  (void)SHA256_Update(&d->state, data, size);
}

void pfc_sha256_bytes(pfc_sha256 *d, unsigned char bytes[PFC_SHA256_BYTES]) {
  (void)SHA256_Final(bytes, &d->state);
  (void)SHA256_Init(&d->state);
}

void pfc_sha256_hex(pfc_sha256 *d, char hex[PFC_SHA256_HEX]) {
  static const char digit[] = "0123456789abcdef";
  unsigned char bytes[SHA256_DIGEST_LENGTH];
  pfc_sha256_bytes(d, bytes);
  for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
    hex[2 * i] = digit[bytes[i] >> 4];
    hex[2 * i + 1] = digit[bytes[i] & 15];
  }
  hex[64] = '\0';
}

void pfc_sha256_destroy(pfc_sha256 *d) { pfc_free(d); }

pfc_status pfc_sha256_file(const char *path, char hex[PFC_SHA256_HEX], pfc_error *err) {
  pfc_status st = PFC_OK;
  FILE *file = NULL;
  unsigned char *block = NULL;
  const size_t block_size = (size_t)1 << 16;
  pfc_sha256 *d = pfc_sha256_create();
  if (!d) {
    st = pfc_fail_memory(err, "digest");
    goto done;
  }
  PFC_NEW(block, block_size);
  if (!(file = fopen(path, "rbe"))) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
    goto done;
  }
  size_t n;
  while ((n = fread(block, 1, block_size, file)) > 0) pfc_sha256_add(d, block, n);
  if (ferror(file)) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
    goto done;
  }
  pfc_sha256_hex(d, hex);
done:
  if (file) (void)fclose(file);
  pfc_free(block);
  pfc_sha256_destroy(d);
  return st;
}

/* Four bits at a time: the remainders of the reflected polynomial 0x82f63b78. */
uint32_t pfc__crc32c_table(uint32_t crc, const void *data, size_t size) {
  static const uint32_t table[16] = {
      0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
      0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
      0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
  };
  const unsigned char *p = data;
  crc = ~crc;
  for (size_t i = 0; i < size; i++) {
    crc ^= p[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_cpu(uint32_t crc, const void *data,
                                                             size_t size) {
  const unsigned char *p = data;
  uint64_t c = ~crc;
  for (; size >= 8; p += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    c = __builtin_ia32_crc32di(c, word);
  }
  uint32_t c32 = (uint32_t)c;
  for (size_t i = 0; i < size; i++) c32 = __builtin_ia32_crc32qi(c32, p[i]);
  return ~c32;
}
#endif

uint32_t pfc_crc32c(uint32_t crc, const void *data, size_t size) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return crc32c_cpu(crc, data, size);
#endif
  return pfc__crc32c_table(crc, data, size);
}
