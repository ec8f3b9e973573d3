/* Calls on files, and the start of the program. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/faults/faults.h"

#define SEEN __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

faults *the_faults;

bool faults_now(fault_kind kind, const void *caller) {
  faults *f = the_faults;
  if (!f || f->kind != kind || !f->counting) return false;
  if (f->past && faults_is_of(caller, f->past)) return false;
  const long n = atomic_fetch_add(&f->n_calls, 1) + 1;
  if (f->at == 0 || f->cut || (f->stays ? n < f->at : n != f->at)) return false;
  if (!atomic_exchange(&f->happened, true)) f->caller = caller;
  if (f->kills) (void)raise(SIGKILL);
  errno = f->error;
  return true;
}

long faults_room(fault_kind kind, size_t size, const void *caller) {
  faults *f = the_faults;
  if (faults_now(kind, caller)) return -1;
  if (!f || f->kind != kind || !f->counting || !f->cut || f->at == 0 || f->n_calls < f->at)
    return (long)size;
  if (!atomic_exchange(&f->happened, true)) f->caller = caller;
  if (f->n_calls == f->at && size > 1) return (long)(size / 2);
  if (kind == FAULT_READ) return (long)size;
  errno = f->error;
  return -1;
}

/* Declares next_NAME, the function that this library stands before. */
#define NEXT(name)                      \
  static __typeof__(&name) next_##name; \
  if (!next_##name) *(void **)&next_##name = dlsym(RTLD_NEXT, #name)

/* --- opening ------------------------------------------------------------------------------ */

static int open_at(int folder, const char *path, int flags, mode_t mode, const void *caller) {
  NEXT(openat);
  if (faults_now(FAULT_OPEN, caller)) return -1;
  return next_openat(folder, path, flags, mode);
}

static mode_t mode_of(int flags, va_list args) {
  return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(args, unsigned) : 0;
}

SEEN int open(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  const mode_t mode = mode_of(flags, args);
  va_end(args);
  return open_at(AT_FDCWD, path, flags, mode, CALLER);
}

SEEN int open64(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  const mode_t mode = mode_of(flags, args);
  va_end(args);
  return open_at(AT_FDCWD, path, flags, mode, CALLER);
}

SEEN int openat(int folder, const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  const mode_t mode = mode_of(flags, args);
  va_end(args);
  return open_at(folder, path, flags, mode, CALLER);
}

/* What callers compiled with _FORTIFY_SOURCE call. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
SEEN int __open_2(const char *path, int flags) {
  return open_at(AT_FDCWD, path, flags, 0, CALLER);
}
SEEN int __open64_2(const char *path, int flags) {
  return open_at(AT_FDCWD, path, flags, 0, CALLER);
}

SEEN DIR *opendir(const char *path) {
  NEXT(opendir);
  return faults_now(FAULT_OPEN, CALLER) ? NULL : next_opendir(path);
}

SEEN int scandir(const char *path, struct dirent ***entries,
                 int (*choose)(const struct dirent *),
                 int (*compare)(const struct dirent **, const struct dirent **)) {
  NEXT(scandir);
  return faults_now(FAULT_OPEN, CALLER) ? -1 : next_scandir(path, entries, choose, compare);
}

/* --- reading and writing ------------------------------------------------------------------ */

SEEN ssize_t read(int fd, void *bytes, size_t size) {
  NEXT(read);
  const long room = faults_room(FAULT_READ, size, CALLER);
  return room < 0 ? -1 : next_read(fd, bytes, (size_t)room);
}

SEEN ssize_t pread64(int fd, void *bytes, size_t size, off64_t at) {
  NEXT(pread64);
  const long room = faults_room(FAULT_READ, size, CALLER);
  return room < 0 ? -1 : next_pread64(fd, bytes, (size_t)room, at);
}

SEEN ssize_t write(int fd, const void *bytes, size_t size) {
  NEXT(write);
  const long room = faults_room(FAULT_WRITE, size, CALLER);
  return room < 0 ? -1 : next_write(fd, bytes, (size_t)room);
}

SEEN ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  NEXT(pwrite64);
  const long room = faults_room(FAULT_WRITE, size, CALLER);
  return room < 0 ? -1 : next_pwrite64(fd, bytes, (size_t)room, at);
}

/* HDF5 has been compiled to call these. */
SEEN ssize_t pread(int fd, void *bytes, size_t size, off_t at) {
  NEXT(pread);
  const long room = faults_room(FAULT_READ, size, CALLER);
  return room < 0 ? -1 : next_pread(fd, bytes, (size_t)room, at);
}

SEEN ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  NEXT(pwrite);
  const long room = faults_room(FAULT_WRITE, size, CALLER);
  return room < 0 ? -1 : next_pwrite(fd, bytes, (size_t)room, at);
}

SEEN ssize_t writev(int fd, const struct iovec *parts, int n) {
  NEXT(writev);
  return faults_now(FAULT_WRITE, CALLER) ? -1 : next_writev(fd, parts, n);
}

/* --- putting in place --------------------------------------------------------------------- */

SEEN int ftruncate(int fd, off_t size) {
  NEXT(ftruncate);
  return faults_now(FAULT_WRITE, CALLER) ? -1 : next_ftruncate(fd, size);
}

SEEN int ftruncate64(int fd, off64_t size) {
  NEXT(ftruncate64);
  return faults_now(FAULT_WRITE, CALLER) ? -1 : next_ftruncate64(fd, size);
}

SEEN int fsync(int fd) {
  NEXT(fsync);
  return faults_now(FAULT_FSYNC, CALLER) ? -1 : next_fsync(fd);
}

SEEN int fdatasync(int fd) {
  NEXT(fdatasync);
  return faults_now(FAULT_FSYNC, CALLER) ? -1 : next_fdatasync(fd);
}

SEEN int rename(const char *from, const char *to) {
  NEXT(rename);
  return faults_now(FAULT_RENAME, CALLER) ? -1 : next_rename(from, to);
}

/* Only what was written can be lost by a close that fails; it closes all the same. */
SEEN int close(int fd) {
  NEXT(close);
  const int flags = fcntl(fd, F_GETFL);
  const bool written = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
  const int code = next_close(fd);
  return written && faults_now(FAULT_CLOSE, CALLER) ? -1 : code;
}

/* --- stdio -------------------------------------------------------------------------------- */

/* The cookie is the place of the descriptor in this list. */
static int descriptors[1024];

static int fd_of(const void *cookie) { return *(const int *)cookie; }

/* As libc does, a write goes on until an error. */
static ssize_t put_bytes(void *cookie, const char *bytes, size_t size) {
  size_t n = 0;
  while (n < size) {
    const ssize_t put = write(fd_of(cookie), bytes + n, size - n);
    if (put < 0) break;
    n += (size_t)put;
  }
  return (ssize_t)n;
}

static ssize_t get_bytes(void *cookie, char *bytes, size_t size) {
  return read(fd_of(cookie), bytes, size);
}

static int seek_to(void *cookie, off64_t *at, int from) {
  const off64_t now = lseek64(fd_of(cookie), *at, from);
  if (now >= 0) *at = now;
  return now < 0 ? -1 : 0;
}

static int close_cookie(void *cookie) { return close(fd_of(cookie)); }

static FILE *stream_of(int fd, const char *mode) {
  static const cookie_io_functions_t calls = {get_bytes, put_bytes, seek_to, close_cookie};
  if (fd >= (int)(sizeof descriptors / sizeof *descriptors)) abort();
  descriptors[fd] = fd;
  return fopencookie(&descriptors[fd], mode, calls);
}

static FILE *open_stream(const char *path, const char *mode, const void *caller) {
  static const struct {
    char letter;
    int flags;
  } MODES[] = {{'r', 0}, {'w', O_CREAT | O_TRUNC}, {'a', O_CREAT | O_APPEND}};
  int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
  for (int m = 0; m < 3; m++)
    if (MODES[m].letter == *mode) flags |= MODES[m].flags;
  if (strchr(mode, 'e')) flags |= O_CLOEXEC;
  if (strchr(mode, 'x')) flags |= O_EXCL;
  const int fd = open_at(AT_FDCWD, path, flags, 0666, caller);
  if (fd < 0) return NULL;
  FILE *stream = stream_of(fd, mode);
  const int reason = errno;
  if (!stream) (void)close(fd);
  errno = reason;
  return stream;
}

SEEN FILE *fopen(const char *path, const char *mode) {
  NEXT(fopen);
  return the_faults ? open_stream(path, mode, CALLER) : next_fopen(path, mode);
}

SEEN FILE *fopen64(const char *path, const char *mode) {
  NEXT(fopen64);
  return the_faults ? open_stream(path, mode, CALLER) : next_fopen64(path, mode);
}

void faults_take_stdout(void) { stdout = stream_of(STDOUT_FILENO, "w"); }

void faults_tell_caller(const void *caller) {
  Dl_info info;
  if (!caller || dladdr(caller, &info) == 0 || !info.dli_fname) return;
  (void)fprintf(stderr, " (the call stands at %s+0x%lx %s)", info.dli_fname,
                (unsigned long)((const char *)caller - (const char *)info.dli_fbase),
                info.dli_sname ? info.dli_sname : "");
}

bool faults_is_of(const void *caller, const char *library) {
  Dl_info info;
  return caller && dladdr(caller, &info) != 0 && info.dli_fname &&
         strstr(info.dli_fname, library) != NULL;
}

/* --- the start ---------------------------------------------------------------------------- */

typedef int main_fn(int argc, char **argv, char **env);
static main_fn *the_main;

static int walk(int argc, char **argv, char **env) {
  return faults_walk(the_main, argc, argv, env);
}

int __libc_start_main(main_fn *program, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void), void *stack_end);
SEEN int __libc_start_main(main_fn *program, int argc, char **argv, void (*init)(void),
                           void (*fini)(void), void (*loader_fini)(void), void *stack_end) {
  NEXT(__libc_start_main);
  the_main = program;
  return next___libc_start_main(getenv("FAULTS") ? walk : program, argc, argv, init, fini,
                                loader_fini, stack_end);
}
