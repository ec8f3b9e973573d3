#include "base/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file_internal.h"
#include "base/mem.h"

static const char ENDING[] = ".part";

static pfc_status failed(const pfc_part *p, pfc_error *err) {
  return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", p->path, strerror(errno));
}

/* The file under the name is still the one that was opened: whoever held it before may have put
 * it in its place meanwhile. */
static bool is_same(int fd, const char *path) {
  struct stat open_one, named;
  return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
         open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/* A folder on which locks do not work has one writer at a time by good will. */
static pfc_status open_locked(pfc_part *p, pfc_error *err) {
  for (int tries = 0; tries < 100; tries++) {
    p->fd = open(p->temp, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (p->fd < 0) return failed(p, err);
    const bool locked = pfc__file_lock(p->fd, F_WRLCK);
    if (!locked && (errno == EAGAIN || errno == EACCES)) break;
    if (is_same(p->fd, p->temp)) return PFC_OK;
    (void)close(p->fd);
    p->fd = -1;
  }
  return pfc_fail(err, PFC_EIO, "cannot write '%s': somebody else is writing it, to '%s'",
                  p->path, p->temp);
}

pfc_status pfc_part_open(pfc_part *p, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  *p = (pfc_part){.fd = -1};
  PFC_TRY(pfc__file_resolve(path, &p->path, err));
  const size_t n = strlen(p->path);
  PFC_NEW(p->temp, n + sizeof ENDING);
  memcpy(p->temp, p->path, n);
  memcpy(p->temp + n, ENDING, sizeof ENDING);
  PFC_TRY(open_locked(p, err));
done:
  if (st != PFC_OK) pfc_part_close(p, true);
  return st;
}

/* CRC32C of the first `size` bytes; *whole = false when there are fewer. */
static pfc_status read_crc(const pfc_part *p, int64_t size, uint32_t *crc, bool *whole,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  char *block = NULL;
  const int64_t block_size = (int64_t)1 << 20;
  *crc = 0;
  *whole = true;
  PFC_NEW(block, block_size);
  for (int64_t at = 0; at < size && *whole;) {
    const int64_t want = size - at < block_size ? size - at : block_size;
    const ssize_t n = pread(p->fd, block, (size_t)want, at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", p->temp, strerror(errno));
      goto done;
    }
    *whole = n > 0;
    *crc = pfc_crc32c(*crc, block, (size_t)n);
    at += n;
  }
done:
  pfc_free(block);
  return st;
}

pfc_status pfc_part_keep(pfc_part *p, int64_t size, uint32_t crc, bool *kept, pfc_error *err) {
  uint32_t found;
  bool whole;
  const pfc_status st = read_crc(p, size, &found, &whole, err);
  if (st != PFC_OK) return st;
  *kept = whole && found == crc;
  p->size = *kept ? size : 0;
  p->crc = *kept ? crc : 0;
  if (ftruncate(p->fd, p->size) != 0 || lseek(p->fd, p->size, SEEK_SET) < 0)
    return failed(p, err);
  return PFC_OK;
}

pfc_status pfc_part_add(pfc_part *p, const void *data, size_t size, pfc_error *err) {
  const char *from = data;
  for (size_t left = size; left > 0;) {
    const ssize_t n = write(p->fd, from, left);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(p, err);
    from += n;
    left -= (size_t)n;
  }
  p->size += (int64_t)size;
  if (size > 0) p->crc = pfc_crc32c(p->crc, data, size);
  return PFC_OK;
}

pfc_status pfc_part_sync(pfc_part *p, pfc_error *err) {
  return pfc__file_synced(p->fd) ? PFC_OK : failed(p, err);
}

pfc_status pfc_part_commit(pfc_part *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int folder = pfc__file_open_folder(p->path);
  if (folder < 0 || !pfc__file_synced(p->fd) || rename(p->temp, p->path) != 0) {
    st = failed(p, err);
  } else {
    /* Closed only now: with the descriptor goes the lock. */
    const bool closed = close(p->fd) == 0;
    p->fd = -1;
    if (!closed || !pfc__file_synced(folder))
      st = pfc_fail(err, PFC_EIO, "'%s' is written, but may not outlast a power cut: %s",
                    p->path, strerror(errno));
  }
  if (folder >= 0) (void)close(folder);
  return st;
}

pfc_status pfc_part_remove(pfc_part *p, pfc_error *err) {
  (void)unlink(p->temp);
  const bool closed = close(p->fd) == 0;
  p->fd = -1;
  return closed ? PFC_OK : failed(p, err);
}

void pfc_part_close(pfc_part *p, bool keep) {
  if (!p->path) return;
  if (p->fd >= 0) {
    if (!keep) (void)unlink(p->temp);
    (void)close(p->fd);
  }
  pfc_free(p->temp);
  pfc_free(p->path);
  *p = (pfc_part){.fd = -1};
}
