#include "cli/markup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/signals.h"

/* Room for n more bytes and a NUL. */
static bool reserve(markup *m, size_t n) {
  if (m->failed) return false;
  if (m->size + n < m->capacity) return true;
  const size_t capacity = 2 * (m->size + n) + 1024;
  char *text = pfc_resize_array(m->text, m->capacity, capacity, 1);
  m->failed = !text;
  if (!text) return false;
  m->text = text;
  m->capacity = capacity;
  return true;
}

static void append(markup *m, const char *bytes, size_t n) {
  if (!reserve(m, n)) return;
  memcpy(m->text + m->size, bytes, n);
  m->size += n;
  m->text[m->size] = '\0';
}

void markup_add(markup *m, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int n = vsnprintf(NULL, 0, fmt, args);
  if (n < 0) {
    m->failed = true;
  } else if (reserve(m, (size_t)n)) {
    (void)vsnprintf(m->text + m->size, (size_t)n + 1, fmt, again);
    m->size += (size_t)n;
  }
  va_end(again);
  va_end(args);
}

static const char *entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return NULL;
  }
}

/* XML 1.0, section 2.2: no control characters but tab and line ends, no U+FFFE and U+FFFF. */
static bool has_place(const char *c, size_t n) {
  if (n == 1) return (unsigned char)*c >= 0x20 || *c == '\t' || *c == '\n' || *c == '\r';
  return n != 3 || (memcmp(c, "\xEF\xBF\xBE", 3) != 0 && memcmp(c, "\xEF\xBF\xBF", 3) != 0);
}

void markup_words(markup *m, const char *words, size_t size) {
  for (size_t at = 0; at < size;) {
    const size_t n = pfc_utf8_length(words + at, size - at);
    const char *name = entity(words[at]);
    if (name) {
      append(m, name, strlen(name));
    } else if (n > 0 && has_place(words + at, n)) {
      append(m, words + at, n);
    } else {
      append(m, "\xEF\xBF\xBD", 3);
    }
    at += n ? n : 1;
  }
}

void markup_text(markup *m, const char *words) {
  if (words) markup_words(m, words, strlen(words));
}

pfc_status markup_status(const markup *m, pfc_error *err) {
  return m->failed ? pfc_fail_memory(err, "markup") : PFC_OK;
}

static pfc_status fill(const markup *m, const pfc_newfile *file, pfc_error *err) {
  FILE *out = fopen(file->temp, "we");
  const bool written = out && fwrite(m->text, 1, m->size, out) == m->size;
  const int reason = errno;
  const bool closed = out && fclose(out) == 0;
  if (written && closed) return PFC_OK;
  return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", file->path,
                  strerror(written ? errno : reason));
}

pfc_status markup_write(const markup *m, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile file = {0};
  PFC_TRY(markup_status(m, err));
  PFC_TRY(pfc_newfile_begin(&file, path, 0644, err));
  PFC_TRY(fill(m, &file, err));
  PFC_TRY(signals_check(err));
  PFC_TRY(pfc_newfile_commit(&file, err));
done:
  pfc_newfile_drop(&file);
  return st;
}

void markup_clear(markup *m) {
  pfc_free(m->text);
  *m = (markup){0};
}
