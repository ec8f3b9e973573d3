/* The text of a file as UTF-8: plain or gzip, in any encoding iconv knows, read and digested
 * in one pass. */
#ifndef PROFICIO_DATASETS_TEXT_SOURCE_H
#define PROFICIO_DATASETS_TEXT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

typedef struct pfc__text_source pfc__text_source;

/* PFC_EUSAGE for an encoding that cannot be read here; the message lists common ones. NULL
 * and "" are UTF-8. */
PFC_MUST_USE pfc_status pfc__text_check_encoding(const char *encoding, pfc_error *err);

/* Opens the file. A gzip file is known by its first bytes; one named .gz must be one. A
 * byte-order mark is dropped, and says more than `encoding`. PFC_EIO when the file
 * cannot be read; PFC_EDATA when it is not gzip though named so, or is UTF-16 or UTF-32 and
 * `encoding` does not say so. With `digest`, its bytes as they lie on disk are digested on the
 * way. */
PFC_MUST_USE pfc_status pfc__text_open(const char *path, const char *encoding, bool digest,
                                       pfc__text_source **out, pfc_error *err);

/* Up to `size` bytes of text; *n = 0 at its end. The end may be one that should not be:
 * pfc__text_fault. Not checked to be UTF-8 where no encoding was given. */
PFC_MUST_USE pfc_status pfc__text_read(pfc__text_source *s, char *to, size_t size, size_t *n,
                                       pfc_error *err);

/* What is wrong behind the last byte that was read, in words without the file: a damaged gzip
 * stream, bytes that are none of the encoding. NULL when nothing is. */
const char *pfc__text_fault(const pfc__text_source *s);

/* Bytes of text there will be, roughly where the file is packed or converted; 0 for a pipe. */
int64_t pfc__text_expected(const pfc__text_source *s);

/* Of all bytes of the file; after the end has been read, and only with `digest`. */
void pfc__text_digest(pfc__text_source *s, char hex[PFC_SHA256_HEX]);

void pfc__text_close(pfc__text_source *s); /* NULL is allowed */

/* How n bytes that are not UTF-8 would read as windows-1252: the first PFC__TEXT_SHOWN of them,
 * in shown[size] with room for three times that. False when they are not that either. */
#define PFC__TEXT_SHOWN 40
bool pfc__text_as_western(const char *bytes, size_t n, char *shown, size_t size);

#endif
