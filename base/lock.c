#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file_internal.h"

enum { HOLDER = 160 };

/* The holder as the file tells it; "" where nobody holds it, or they have only just come. */
static void read_holder(int fd, char text[HOLDER]) {
  const ssize_t n = pread(fd, text, HOLDER - 1, 0);
  text[n > 0 ? n : 0] = '\0';
  text[strcspn(text, "\n")] = '\0';
}

/* A courtesy to whoever finds it locked: what keeps it from being written is no error. */
static void write_holder(int fd) {
  char host[64] = "", text[HOLDER];
  (void)gethostname(host, sizeof host - 1);
  const int n = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host);
  if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) < 0) errno = 0;
}

static pfc_status refuse(int fd, const char *what, int why, pfc_error *err) {
  char holder[HOLDER];
  if (why != EAGAIN && why != EACCES)
    return pfc_fail(err, PFC_EIO, "%s: locks do not work in this folder: %s", what,
                    strerror(why));
  read_holder(fd, holder);
  return pfc_fail(err, PFC_EIO, "%s: %s is at work on it; one at a time can", what,
                  holder[0] ? holder : "another process");
}

pfc_status pfc_lock_take(pfc_lock *lock, const char *path, const char *what, pfc_error *err) {
  char holder[HOLDER];
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", path, strerror(errno));
  if (!pfc__file_lock(fd, F_WRLCK)) {
    const pfc_status st = refuse(fd, what, errno, err);
    (void)close(fd);
    return st;
  }
  read_holder(fd, holder);
  *lock = (pfc_lock){fd, holder[0] != '\0'};
  write_holder(fd);
  return PFC_OK;
}

void pfc_lock_drop(pfc_lock *lock) {
  if (lock->fd < 0) return;
  if (ftruncate(lock->fd, 0) != 0) errno = 0;
  (void)close(lock->fd);
  lock->fd = -1;
}
