/* Text of XML and HTML, made in memory and written whole. What fails for want of memory is
 * remembered, so that whoever draws need not look after every word: ask markup_status(), or let
 * markup_write() tell. */
#ifndef PROFICIO_CLI_MARKUP_H
#define PROFICIO_CLI_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct markup {
  char *text; /* NUL-terminated; NULL while nothing was added */
  size_t size, capacity;
  bool failed; /* memory was short: the text is not whole */
} markup;

/* As it stands: tags, attributes, numbers. */
void markup_add(markup *m, const char *fmt, ...) PFC_PRINTF(2, 3);

/* Words of anybody: & < > " ' become entities; what XML has no place for (control characters,
 * bytes that are no UTF-8) becomes U+FFFD. NULL adds nothing. */
void markup_text(markup *m, const char *words);

/* The same, of which at most `size` bytes. */
void markup_words(markup *m, const char *words, size_t size);

PFC_MUST_USE pfc_status markup_status(const markup *m, pfc_error *err);

/* Puts the text into a file that appears whole or not at all. */
PFC_MUST_USE pfc_status markup_write(const markup *m, const char *path, pfc_error *err);

/* Empty again; safe on a zeroed struct. */
void markup_clear(markup *m);

#endif
