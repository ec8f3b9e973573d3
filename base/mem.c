#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64 /* a cache line, and the widest vector register */

/* Bytes to ask for: n * size rounded up to the alignment; 0 when that overflows. */
static size_t padded_bytes(size_t n, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(n, size, &bytes)) return 0;
  if (bytes > PTRDIFF_MAX - ALIGNMENT) return 0;
  return bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
}

void *pfc_alloc_array(size_t n, size_t size) {
  const size_t bytes = padded_bytes(n, size);
  void *p = bytes ? aligned_alloc(ALIGNMENT, bytes) : NULL;
  if (p) memset(p, 0, bytes);
  return p;
}

void *pfc_resize_array(void *p, size_t n_old, size_t n, size_t size) {
  const size_t bytes = padded_bytes(n, size);
  void *moved = bytes ? aligned_alloc(ALIGNMENT, bytes) : NULL;
  if (!moved) return NULL;
  const size_t kept = n_old < n ? n_old : n;
  if (p && kept) memcpy(moved, p, kept * size);
  free(p);
  return moved;
}

void pfc_free(void *p) { free(p); }

char *pfc_strdup(const char *s) {
  const size_t size = strlen(s) + 1;
  char *copy = pfc_alloc_array(size, 1);
  if (copy) memcpy(copy, s, size);
  return copy;
}
