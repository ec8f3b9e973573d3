/* A dictionary: strings to dense codes 0, 1, 2 ... in order of first appearance. */
#ifndef PROFICIO_DATASETS_DICT_H
#define PROFICIO_DATASETS_DICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pfc_dict pfc_dict;

PFC_API pfc_dict *pfc_dict_create(const char *name); /* NULL when memory is short */
PFC_API void pfc_dict_destroy(pfc_dict *d);          /* NULL is allowed */
PFC_API const char *pfc_dict_name(const pfc_dict *d);
PFC_API int32_t pfc_dict_size(const pfc_dict *d);

/* A copy with the same codes; NULL when memory is short. */
PFC_API pfc_dict *pfc_dict_copy(const pfc_dict *d);

/* Code of text[0..size), added when new. Text is copied and has no NUL. PFC_EDATA past
 * 2^31 - 2 codes. On failure the dictionary is as before. */
PFC_API PFC_MUST_USE pfc_status pfc_dict_add(pfc_dict *d, const char *text, size_t size,
                                             int32_t *code, pfc_error *err);

/* Code of a NUL-terminated text, -1 when unknown. */
PFC_API int32_t pfc_dict_find(const pfc_dict *d, const char *text);

/* NUL-terminated text of a code, owned by the dictionary until the next add; "" for -1. */
PFC_API const char *pfc_dict_text(const pfc_dict *d, int32_t code);

/* map[code in from] = code of the same text in to, -1 where unknown; map has
 * pfc_dict_size(from) entries. */
PFC_API void pfc_dict_map(const pfc_dict *from, const pfc_dict *to, int32_t *map);

#endif
