/* What import asks of a dictionary beyond its public face. */
#ifndef PROFICIO_DATASETS_DICT_INTERNAL_H
#define PROFICIO_DATASETS_DICT_INTERNAL_H

#include "datasets/dict.h"

/* Code of text[0..size), -1 when unknown. `near` is a code, or -1, that is tried first, and so
 * is the one behind it: down a column of ids the same one repeats, or the next one follows. */
int32_t pfc__dict_find(const pfc_dict *d, const char *text, size_t size, int32_t near);

/* Gives every code the number new_code[code], drops those where it is -1. The others are
 * 0..n_new-1, each once. On failure the dictionary is as before. */
PFC_MUST_USE pfc_status pfc__dict_renumber(pfc_dict *d, const int32_t *new_code, int32_t n_new,
                                           pfc_error *err);

#endif
