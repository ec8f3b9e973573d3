#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Temporary files in flight, in static memory because a signal handler walks it. A
 * slot is written while FILLING and read while LIVE. */
enum { SLOT_FREE, SLOT_FILLING, SLOT_LIVE };
typedef struct slot {
  atomic_int state;
  char temp[PATH_MAX];
} slot;
static slot slots[64];
#define N_SLOTS (sizeof slots / sizeof slots[0])

static slot *slot_claim(const char *temp) {
  for (size_t i = 0; i < N_SLOTS; i++) {
    int expected = SLOT_FREE;
    if (!atomic_compare_exchange_strong(&slots[i].state, &expected, SLOT_FILLING)) continue;
    memcpy(slots[i].temp, temp, strlen(temp) + 1);
    atomic_store(&slots[i].state, SLOT_LIVE);
    return &slots[i];
  }
  return NULL;
}

static void slot_release(const char *temp) {
  for (size_t i = 0; i < N_SLOTS; i++) {
    if (atomic_load(&slots[i].state) != SLOT_LIVE || strcmp(slots[i].temp, temp) != 0) continue;
    atomic_store(&slots[i].state, SLOT_FREE);
    return;
  }
}

void pfc_newfile_drop_all(void) {
  const int saved = errno;
  for (size_t i = 0; i < N_SLOTS; i++) {
    if (atomic_load(&slots[i].state) == SLOT_LIVE) (void)unlink(slots[i].temp);
  }
  errno = saved;
}

static int folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (int)(slash - path) + 1 : 0;
}

/* The name to replace: what a symbolic link leads to. A folder or a device is no place
 * for rename. */
static pfc_status resolve(const char *path, char **final, pfc_error *err) {
  struct stat info;
  if (path[folder_length(path)] == '\0')
    return pfc_fail(err, PFC_EIO, "cannot write '%s': not the name of a file", path);
  const bool is_link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
  if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
    return pfc_fail(err, PFC_EIO, "cannot write '%s': it is %s", path,
                    S_ISDIR(info.st_mode) ? "a folder" : "not a regular file");
  char target[PATH_MAX];
  if (is_link && !realpath(path, target))
    return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
  *final = pfc_strdup(is_link ? target : path);
  return *final ? PFC_OK : pfc_fail_memory(err, "file name");
}

/* Creates FOLDER/.NAME.tmp-PID-N with the first N that is not taken. */
static pfc_status create_temp(pfc_newfile *f, unsigned mode, pfc_error *err) {
  static atomic_uint counter;
  const int folder = folder_length(f->path);
  char temp[PATH_MAX];
  for (int tries = 0; tries < 1000; tries++) {
    const int n = snprintf(temp, sizeof temp, "%.*s.%.200s.tmp-%ld-%u", folder, f->path,
                           f->path + folder, (long)getpid(), atomic_fetch_add(&counter, 1));
    if (n < 0 || (size_t)n >= sizeof temp)
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->path, strerror(ENAMETOOLONG));
    if (!slot_claim(temp))
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %zu files are being written already",
                      f->path, N_SLOTS);
    const int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    const int reason = errno;
    if (fd >= 0) {
      (void)close(fd);
      if ((f->temp = pfc_strdup(temp))) return PFC_OK;
      (void)unlink(temp);
    }
    slot_release(temp);
    if (fd >= 0) return pfc_fail_memory(err, "file name");
    if (reason != EEXIST)
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->path, strerror(reason));
  }
  return pfc_fail(err, PFC_EIO, "cannot write '%s': no free temporary name", f->path);
}

pfc_status pfc_newfile_begin(pfc_newfile *f, const char *path, unsigned mode, pfc_error *err) {
  *f = (pfc_newfile){0};
  pfc_status st = resolve(path, &f->path, err);
  if (st == PFC_OK) st = create_temp(f, mode, err);
  if (st != PFC_OK) pfc_newfile_drop(f);
  return st;
}

static void drop_temp(pfc_newfile *f) {
  if (!f->temp) return;
  (void)unlink(f->temp);
  slot_release(f->temp);
  pfc_free(f->temp);
  f->temp = NULL;
}

static int open_folder(const char *path) {
  char folder[PATH_MAX] = ".";
  const int n = folder_length(path);
  if (n >= PATH_MAX) return -1;
  if (n > 0) {
    memcpy(folder, path, (size_t)n);
    folder[n] = '\0';
  }
  return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* fsync of what cannot be synced at all (some network and FUSE folders) is no error. */
static bool synced(int fd) { return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP; }

pfc_status pfc_newfile_commit(pfc_newfile *f, pfc_error *err) {
  if (!f->temp) return pfc_fail(err, PFC_EUSAGE, "commit of a file that was not begun");
  pfc_status st = PFC_OK;
  const int fd = open(f->temp, O_RDONLY | O_CLOEXEC);
  const int folder = open_folder(f->path);
  if (fd < 0 || folder < 0 || !synced(fd) || rename(f->temp, f->path) != 0) {
    st = pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->path, strerror(errno));
    drop_temp(f);
  } else {
    slot_release(f->temp);
    pfc_free(f->temp);
    f->temp = NULL;
    if (!synced(folder))
      st = pfc_fail(err, PFC_EIO, "'%s' is written, but may not outlast a power cut: %s",
                    f->path, strerror(errno));
  }
  if (fd >= 0) (void)close(fd);
  if (folder >= 0) (void)close(folder);
  return st;
}

void pfc_newfile_drop(pfc_newfile *f) {
  drop_temp(f);
  pfc_free(f->path);
  f->path = NULL;
}

/* Reads to the end, growing as it goes: a pipe has no size to ask for. */
static pfc_status read_all(FILE *file, const char *path, size_t max_size, char **text,
                           size_t *size, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *bytes = NULL;
  size_t capacity = 0, n = 0, got = 0;
  do {
    n += got;
    if (n > max_size) {
      st =
          pfc_fail(err, PFC_EDATA, "'%s' is larger than the %zu bytes allowed", path, max_size);
      goto done;
    }
    PFC_RESERVE(bytes, capacity, n + 4096);
    got = fread(bytes + n, 1, capacity - n - 1, file);
  } while (got > 0);
  if (ferror(file)) {
    st = pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
    goto done;
  }
  bytes[n] = '\0';
  *text = bytes;
  *size = n;
  bytes = NULL;
done:
  pfc_free(bytes);
  return st;
}

pfc_status pfc_file_read(const char *path, size_t max_size, char **text, size_t *size,
                         pfc_error *err) {
  FILE *file = fopen(path, "rbe");
  if (!file) return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", path, strerror(errno));
  const pfc_status st = read_all(file, path, max_size, text, size, err);
  (void)fclose(file);
  return st;
}
