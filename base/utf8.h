/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef PROFICIO_BASE_UTF8_H
#define PROFICIO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Bytes (1 to 4) of the character that begins at s, of which n bytes may be read;
 * 0 when no valid one does. */
PFC_API size_t pfc_utf8_length(const char *s, size_t n);

/* Bytes of the longest valid text that s, NUL-terminated, begins with and that has at most max
 * bytes: where to cut without cutting a character in two. */
PFC_API size_t pfc_utf8_cut(const char *s, size_t max);

/* Bytes of the longest valid text that n bytes begin with. */
PFC_API size_t pfc_utf8_prefix(const char *s, size_t n);

/* True when all n bytes are valid. */
PFC_API bool pfc_utf8_valid(const char *s, size_t n);

#endif
