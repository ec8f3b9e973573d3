#include "cli/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

char *bytes_grow(bytes *b, size_t n) {
  if (b->failed) return NULL;
  const size_t capacity = 2 * (b->size + n) + 1024;
  char *moved = pfc_resize_array(b->at, b->capacity, capacity, 1);
  b->failed = !moved;
  if (!moved) return NULL;
  b->at = moved;
  b->capacity = capacity;
  return b->at + b->size;
}

pfc_status bytes_status(const bytes *b, pfc_error *err) {
  return b->failed ? pfc_fail_memory(err, "output") : PFC_OK;
}

static pfc_status fill(const bytes *b, const pfc_newfile *file, pfc_error *err) {
  FILE *out = fopen(file->temp, "we");
  const bool written = out && fwrite(b->at, 1, b->size, out) == b->size;
  const int reason = errno;
  const bool closed = out && fclose(out) == 0;
  if (written && closed) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", file->path,
                  strerror(written ? errno : reason));
}

pfc_status bytes_write(const bytes *b, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile file = {0};
  PFC_TRY(bytes_status(b, err));
  PFC_TRY(pfc_newfile_begin(&file, path, 0644, err));
  PFC_TRY(fill(b, &file, err));
  PFC_TRY(pfc_newfile_commit(&file, err));
done:
  pfc_newfile_drop(&file);
  return st;
}

void bytes_clear(bytes *b) {
  pfc_free(b->at);
  *b = (bytes){0};
}
