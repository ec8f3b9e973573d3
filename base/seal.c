#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { N_FOOTER = 24, N_SUMMED = 12 }; /* bytes of the footer, and those its checksum covers */
static const char MAGIC[8] = {'p', 'f', 'c', '.', 's', 'e', 'a', 'l'};

/* --- bytes ---------------------------------------------------------------- */

static void put_number(unsigned char *to, uint64_t value, int n_bytes) {
  for (int i = 0; i < n_bytes; i++) to[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_number(const unsigned char *from, int n_bytes) {
  uint64_t value = 0;
  for (int i = 0; i < n_bytes; i++) value |= (uint64_t)from[i] << 8 * i;
  return value;
}

static pfc_status read_at(int fd, const char *path, void *to, size_t size, uint64_t at,
                          pfc_error *err) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = pread(fd, (char *)to + done, size - done, (off_t)(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
    if (n == 0)
      return pfc_fail(err, PFC_EIO, "cannot read '%s': it became shorter meanwhile", path);
    done += (size_t)n;
  }
  return PFC_OK;
}

static pfc_status write_at(int fd, const char *path, const void *from, size_t size, uint64_t at,
                           pfc_error *err) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = pwrite(fd, (const char *)from + done, size - done, (off_t)(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
    done += (size_t)n;
  }
  return PFC_OK;
}

/* --- blocks --------------------------------------------------------------- */

static uint64_t n_blocks(uint64_t size) { return (size + PFC_SEAL_BLOCK - 1) / PFC_SEAL_BLOCK; }

/* Bytes of the seal of a file of that size. */
static size_t n_seal(uint64_t size) { return (size_t)n_blocks(size) * 4 + N_FOOTER; }

/* Sums bytes 0 .. size-1 block by block into a table, and adds them to a digest unless that
 * is NULL, while they are at hand. */
static pfc_status sum_blocks(int fd, const char *path, uint64_t size, unsigned char *table,
                             pfc_sha256 *digest, pfc_error *err) {
  pfc_status st = PFC_OK;
  unsigned char *block = NULL;
  PFC_NEW(block, PFC_SEAL_BLOCK);
  for (uint64_t i = 0; i < n_blocks(size); i++) {
    const uint64_t at = i * PFC_SEAL_BLOCK, left = size - at;
    const size_t n = left < PFC_SEAL_BLOCK ? (size_t)left : PFC_SEAL_BLOCK;
    PFC_TRY(read_at(fd, path, block, n, at, err));
    put_number(table + 4 * i, pfc_crc32c(0, block, n), 4);
    if (digest) pfc_sha256_add(digest, block, n);
  }
done:
  pfc_free(block);
  return st;
}

/* --- putting -------------------------------------------------------------- */

/* The footer of a seal whose table is filled in. */
static void fill_footer(unsigned char *seal, uint64_t size) {
  const size_t n_table = n_seal(size) - N_FOOTER;
  unsigned char *footer = seal + n_table;
  put_number(footer, size, 8);
  put_number(footer + 8, PFC_SEAL_BLOCK, 4);
  put_number(footer + N_SUMMED, pfc_crc32c(0, seal, n_table + N_SUMMED), 4);
  memcpy(footer + 16, MAGIC, sizeof MAGIC);
}

static pfc_status put_seal(int fd, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  unsigned char *seal = NULL;
  struct stat info;
  if (fstat(fd, &info) != 0)
    return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
  const uint64_t size = (uint64_t)info.st_size;
  PFC_NEW(seal, n_seal(size));
  PFC_TRY(sum_blocks(fd, path, size, seal, NULL, err));
  fill_footer(seal, size);
  PFC_TRY(write_at(fd, path, seal, n_seal(size), size, err));
done:
  pfc_free(seal);
  return st;
}

pfc_status pfc_seal_put(const char *path, pfc_error *err) {
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
  pfc_status st = put_seal(fd, path, err);
  if (close(fd) != 0 && st == PFC_OK)
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
  return st;
}

/* --- checking ------------------------------------------------------------- */

static pfc_status fail_damaged(const char *path, uint64_t from, uint64_t to, pfc_error *err) {
  return pfc_fail(err, PFC_EFORMAT,
                  "'%s' is damaged between bytes %llu and %llu: fetch a copy, or make it again",
                  path, (unsigned long long)from, (unsigned long long)to);
}

/* Reads the seal behind the first `size` bytes of a file, which must agree with itself. */
static pfc_status read_seal(int fd, const char *path, uint64_t size, unsigned char *seal,
                            pfc_error *err) {
  const size_t n = n_seal(size), n_summed = n - N_FOOTER + N_SUMMED;
  const pfc_status st = read_at(fd, path, seal, n, size, err);
  if (st != PFC_OK) return st;
  const unsigned char *footer = seal + n - N_FOOTER;
  if (get_number(footer + 8, 4) == PFC_SEAL_BLOCK &&
      get_number(footer + N_SUMMED, 4) == pfc_crc32c(0, seal, n_summed))
    return PFC_OK;
  return fail_damaged(path, size, size + n, err);
}

static pfc_status compare(const char *path, uint64_t size, const unsigned char *seal,
                          const unsigned char *found, pfc_error *err) {
  for (uint64_t i = 0; i < n_blocks(size); i++) {
    if (memcmp(seal + 4 * i, found + 4 * i, 4) == 0) continue;
    const uint64_t from = i * PFC_SEAL_BLOCK, left = size - from;
    return fail_damaged(path, from, left < PFC_SEAL_BLOCK ? size : from + PFC_SEAL_BLOCK, err);
  }
  return PFC_OK;
}

/* Checks the seal of a file that holds `size` bytes before it. */
static pfc_status check_blocks(int fd, const char *path, uint64_t size,
                               char sha256[PFC_SHA256_HEX], pfc_error *err) {
  pfc_status st = PFC_OK;
  unsigned char *seal = NULL, *found = NULL;
  pfc_sha256 *digest = NULL;
  PFC_NEW(seal, n_seal(size));
  PFC_NEW(found, n_seal(size));
  if (sha256 && !(digest = pfc_sha256_create())) {
    st = pfc_fail_memory(err, "digest");
    goto done;
  }
  PFC_TRY(read_seal(fd, path, size, seal, err));
  PFC_TRY(sum_blocks(fd, path, size, found, digest, err));
  PFC_TRY(compare(path, size, seal, found, err));
  if (digest) {
    pfc_sha256_add(digest, seal, n_seal(size));
    pfc_sha256_hex(digest, sha256);
  }
done:
  pfc_sha256_destroy(digest);
  pfc_free(found);
  pfc_free(seal);
  return st;
}

pfc_status pfc_seal_check(int fd, const char *path, bool *sealed, char sha256[PFC_SHA256_HEX],
                          pfc_error *err) {
  unsigned char footer[N_FOOTER];
  struct stat info;
  *sealed = false;
  if (fstat(fd, &info) != 0)
    return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
  const uint64_t all = (uint64_t)info.st_size;
  if (all < N_FOOTER) return PFC_OK;
  const pfc_status st = read_at(fd, path, footer, N_FOOTER, all - N_FOOTER, err);
  if (st != PFC_OK || memcmp(footer + 16, MAGIC, sizeof MAGIC) != 0) return st;
  *sealed = true;
  const uint64_t size = get_number(footer, 8);
  if (size > all || n_seal(size) != all - size)
    return fail_damaged(path, all - N_FOOTER, all, err);
  return check_blocks(fd, path, size, sha256, err);
}
