#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_internal.h"
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

pfc_status pfc__file_resolve(const char *path, char **final, pfc_error *err) {
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

int pfc__file_open_folder(const char *path) {
  char folder[PATH_MAX] = ".";
  const int n = folder_length(path);
  if (n >= PATH_MAX) return -1;
  if (n > 0) {
    memcpy(folder, path, (size_t)n);
    folder[n] = '\0';
  }
  return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* --- temporary files -----------------------------------------------------------------------
 */

/* Writers hold a shared lock on their temporary file, and whoever can have it alone knows that
 * its writer is gone. Locks of open descriptions (not of processes) hold between machines on a
 * network file system and between two writers in one process. */
bool pfc__file_lock(int fd, short kind) {
  struct flock all = {.l_type = kind, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_SETLK, &all) == 0;
}

static bool is_there(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

/* ".NAME.tmp-", which all temporary files of a path begin with. */
static void temp_prefix(const char *path, char prefix[256]) {
  (void)snprintf(prefix, 256, ".%.200s.tmp-", path + folder_length(path));
}

static void remove_if_stale(int folder, const char *name) {
  struct stat info;
  const int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  const bool ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid();
  if (ours && pfc__file_lock(fd, F_WRLCK) && is_there(fd)) (void)unlinkat(folder, name, 0);
  (void)close(fd);
}

/* A courtesy: what keeps it from happening is no error. */
static void remove_stale(const char *path) {
  char prefix[256];
  temp_prefix(path, prefix);
  const int folder = pfc__file_open_folder(path);
  DIR *list = folder >= 0 ? fdopendir(folder) : NULL;
  if (folder >= 0 && !list) (void)close(folder);
  if (!list) return;
  for (const struct dirent *entry; (entry = readdir(list));) {
    if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
      remove_if_stale(folder, entry->d_name);
  }
  (void)closedir(list);
}

/* A new file under a name that is not taken, locked: its descriptor. -1 with errno EEXIST
 * also when somebody took it for stale before it was locked. */
static int open_temp(const char *temp, unsigned mode) {
  const int fd = open(temp, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
  if (fd < 0) return -1;
  const bool locked = pfc__file_lock(fd, F_RDLCK) || (errno != EAGAIN && errno != EACCES);
  if (locked && is_there(fd)) return fd;
  (void)close(fd);
  errno = EEXIST;
  return -1;
}

/* Creates FOLDER/.NAME.tmp-PID-N with the first N that is not taken. */
static pfc_status create_temp(pfc_newfile *f, unsigned mode, pfc_error *err) {
  static atomic_uint counter;
  char temp[PATH_MAX], prefix[256];
  temp_prefix(f->path, prefix);
  for (int tries = 0; tries < 1000; tries++) {
    const int n = snprintf(temp, sizeof temp, "%.*s%s%ld-%u", folder_length(f->path), f->path,
                           prefix, (long)getpid(), atomic_fetch_add(&counter, 1));
    if (n < 0 || (size_t)n >= sizeof temp)
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->path, strerror(ENAMETOOLONG));
    if (!slot_claim(temp))
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %zu files are being written already",
                      f->path, N_SLOTS);
    f->lock = open_temp(temp, mode);
    const int reason = errno;
    if (f->lock >= 0) {
      if ((f->temp = pfc_strdup(temp))) return PFC_OK;
      (void)unlink(temp);
      (void)close(f->lock);
    }
    slot_release(temp);
    if (f->lock >= 0) return pfc_fail_memory(err, "file name");
    if (reason != EEXIST)
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", f->path, strerror(reason));
  }
  return pfc_fail(err, PFC_EIO, "cannot write '%s': no free temporary name", f->path);
}

pfc_status pfc_newfile_begin(pfc_newfile *f, const char *path, unsigned mode, pfc_error *err) {
  *f = (pfc_newfile){0};
  pfc_status st = pfc__file_resolve(path, &f->path, err);
  if (st == PFC_OK) {
    remove_stale(f->path);
    st = create_temp(f, mode, err);
  }
  if (st != PFC_OK) pfc_newfile_drop(f);
  return st;
}

/* The temporary file has gone, or has become the file itself. */
static void forget_temp(pfc_newfile *f) {
  slot_release(f->temp);
  (void)close(f->lock);
  pfc_free(f->temp);
  f->temp = NULL;
}

static void drop_temp(pfc_newfile *f) {
  if (!f->temp) return;
  (void)unlink(f->temp);
  forget_temp(f);
}

void pfc_newfile_drop(pfc_newfile *f) {
  drop_temp(f);
  pfc_free(f->path);
  f->path = NULL;
}

pfc_status(pfc_newfile_fail)(const pfc_newfile *f, pfc_status status, const pfc_error *why,
                             pfc_error *err) {
  return pfc_fail(err, status, "cannot write '%s': %s", f->path, why->msg);
}

/* --- putting in place ----------------------------------------------------------------------
 */

bool pfc__file_synced(int fd) { return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP; }

pfc_status pfc_folder_sync(const char *path, pfc_error *err) {
  const int folder = pfc__file_open_folder(path);
  const bool synced = folder >= 0 && pfc__file_synced(folder);
  const int why = errno;
  if (folder >= 0) (void)close(folder);
  if (synced) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "'%s' may not outlast a power cut: %s", path, strerror(why));
}

/* Everything that can fail before the first rename. */
static pfc_status prepare(pfc_newfile *const *files, int n, int *folders, pfc_error *err) {
  for (int i = 0; i < n; i++) {
    if (!files[i]->temp)
      return pfc_fail(err, PFC_EUSAGE, "commit of a file that was not begun");
    folders[i] = pfc__file_open_folder(files[i]->path);
    if (folders[i] < 0 || !pfc__file_synced(files[i]->lock))
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", files[i]->path, strerror(errno));
  }
  return PFC_OK;
}

static pfc_status rename_all(pfc_newfile *const *files, int n, pfc_error *err) {
  for (int i = 0; i < n; i++) {
    if (rename(files[i]->temp, files[i]->path) == 0) {
      forget_temp(files[i]);
    } else if (i == 0) {
      return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", files[i]->path, strerror(errno));
    } else {
      return pfc_fail(err, PFC_EIO,
                      "cannot write '%s': %s; it is as it was, but '%s' is new: they do not "
                      "belong together",
                      files[i]->path, strerror(errno), files[i - 1]->path);
    }
  }
  return PFC_OK;
}

static pfc_status commit(pfc_newfile *const *files, int n, pfc_error *err) {
  int folders[2] = {-1, -1};
  pfc_status st = prepare(files, n, folders, err);
  if (st == PFC_OK) st = rename_all(files, n, err);
  for (int i = 0; i < n; i++) {
    if (st == PFC_OK && !pfc__file_synced(folders[i]))
      st = pfc_fail(err, PFC_EIO, "'%s' is written, but may not outlast a power cut: %s",
                    files[i]->path, strerror(errno));
    if (folders[i] >= 0) (void)close(folders[i]);
    drop_temp(files[i]);
  }
  return st;
}

pfc_status pfc_newfile_commit(pfc_newfile *f, pfc_error *err) { return commit(&f, 1, err); }

pfc_status pfc_newfile_commit_pair(pfc_newfile *first, pfc_newfile *second, pfc_error *err) {
  pfc_newfile *const files[] = {first, second};
  return commit(files, 2, err);
}

/* --- reading -------------------------------------------------------------------------------
 */

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

pfc_status pfc_folder_make(const char *folder, bool *made, pfc_error *err) {
  struct stat info;
  *made = mkdir(folder, 0777) == 0;
  if (*made || (errno == EEXIST && stat(folder, &info) == 0 && S_ISDIR(info.st_mode)))
    return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot make the folder '%s': %s", folder, strerror(errno));
}
