/* Bytes that grow in memory. What fails for want of memory is remembered, so that whoever adds
 * need not look after every word: ask bytes_status() in the end. */
#ifndef PROFICIO_CLI_BYTES_H
#define PROFICIO_CLI_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

typedef struct bytes {
  char *at;
  size_t size, capacity;
  bool failed; /* memory was short: they are not whole */
} bytes;

/* For bytes_room alone. */
char *bytes_grow(bytes *b, size_t n);

/* Room for n more, to be filled by the caller, who then adds to `size`; NULL without memory. */
static inline char *bytes_room(bytes *b, size_t n) {
  return b->capacity - b->size >= n && !b->failed ? b->at + b->size : bytes_grow(b, n);
}

static inline void bytes_add(bytes *b, const void *data, size_t n) {
  char *to = bytes_room(b, n);
  if (!to || n == 0) return;
  memcpy(to, data, n);
  b->size += n;
}

static inline void bytes_text(bytes *b, const char *text) { bytes_add(b, text, strlen(text)); }

static inline void bytes_char(bytes *b, char c) {
  char *to = bytes_room(b, 1);
  if (!to) return;
  *to = c;
  b->size++;
}

PFC_MUST_USE pfc_status bytes_status(const bytes *b, pfc_error *err);

/* Puts them into a file that appears whole or not at all. */
PFC_MUST_USE pfc_status bytes_write(const bytes *b, const char *path, pfc_error *err);

/* None, with the room kept. */
static inline void bytes_empty(bytes *b) { b->size = 0; }
/* Frees; safe on a zeroed struct. */
void bytes_clear(bytes *b);

#endif
