/* What fuzz targets share: bytes as files, and the first thing that is not so. */
#ifndef PROFICIO_TESTS_FUZZ_INPUT_H
#define PROFICIO_TESTS_FUZZ_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run with the place: libFuzzer keeps the input. */
#define HOLDS(condition)                                                                   \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                             \
    }                                                                                      \
  } while (0)

/* A failure has a status and says something; a success says nothing. */
static inline void holds_error(pfc_status st, const pfc_error *err) {
  HOLDS(st == err->status);
  HOLDS((st == PFC_OK) == (err->msg[0] == '\0'));
}

enum { FUZZ_FILES = 4 };

/* The bytes as file number i, which lies in memory: its path, good until the next call
 * for the same i. */
static inline const char *fuzz_file(int i, const void *data, size_t size) {
  static int fd[FUZZ_FILES];
  static char path[FUZZ_FILES][40];
  if (!path[i][0]) {
    fd[i] = memfd_create("fuzz", 0);
    (void)snprintf(path[i], sizeof path[i], "/proc/self/fd/%d", fd[i]);
  }
  HOLDS(ftruncate(fd[i], 0) == 0);
  for (size_t at = 0; at < size;) {
    const ssize_t n = pwrite(fd[i], (const char *)data + at, size - at, (off_t)at);
    HOLDS(n > 0);
    at += (size_t)n;
  }
  return path[i];
}

/* The same under a name, for readers that look at it: a link in a folder of this process
 * below the current one. */
static inline const char *fuzz_named(int i, const char *name, const void *data, size_t size) {
  static char path[FUZZ_FILES][300];
  char folder[40];
  const char *target = fuzz_file(i, data, size);
  (void)snprintf(folder, sizeof folder, "fuzz-%d", i);
  (void)mkdir(folder, 0700);
  (void)snprintf(path[i], sizeof path[i], "%s/%s", folder, name);
  (void)unlink(path[i]);
  HOLDS(symlink(target, path[i]) == 0);
  return path[i];
}

/* Bytes that grow. */
typedef struct fuzz_bytes {
  char *at;
  size_t size, capacity;
} fuzz_bytes;

static inline void fuzz_add(fuzz_bytes *b, const void *data, size_t size) {
  if (b->size + size + 1 > b->capacity) {
    b->capacity = 2 * (b->size + size) + 64;
    b->at = realloc(b->at, b->capacity);
    HOLDS(b->at);
  }
  if (size) memcpy(b->at + b->size, data, size);
  b->size += size;
  b->at[b->size] = '\0';
}

/* The cell as CSV that any reader takes for this very text. */
static inline void fuzz_add_quoted(fuzz_bytes *b, const char *cell, char quote) {
  fuzz_add(b, &quote, 1);
  for (; *cell; cell++) {
    fuzz_add(b, cell, 1);
    if (*cell == quote) fuzz_add(b, cell, 1);
  }
  fuzz_add(b, &quote, 1);
}

#endif
