/* One process at a time: a lock on a file beside what it protects. Whoever holds it loses it by
 * ending, however they end: no lock is ever stale, but what its holder was doing may have been
 * left half done, and that is told. */
#ifndef PROFICIO_BASE_LOCK_H
#define PROFICIO_BASE_LOCK_H

#include <stdbool.h>

#include "base/error.h"

typedef struct pfc_lock {
  int fd;        /* -1: not held */
  bool was_left; /* the last holder ended without letting go */
} pfc_lock;
#define PFC_LOCK_INIT \
  { -1, false }

/* Takes the lock on the file, which is created, mode 0600, where it is missing, and stays. A
 * symbolic link is refused. PFC_EIO when somebody else holds it, who is named (process and
 * machine), or where locks do not work; `what` they protect begins the message. */
PFC_API PFC_MUST_USE pfc_status pfc_lock_take(pfc_lock *lock, const char *path,
                                              const char *what, pfc_error *err);

/* Lets go. Safe where it is not held. */
PFC_API void pfc_lock_drop(pfc_lock *lock);

#endif
