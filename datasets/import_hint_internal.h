/* What a cell that cannot be read probably meant, and how to write it. Only asked of cells
 * that have failed, so that reading stays fast. */
#ifndef PROFICIO_DATASETS_IMPORT_HINT_INTERNAL_H
#define PROFICIO_DATASETS_IMPORT_HINT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "datasets/dict.h"
#include "datasets/schema.h"

#define PFC__HINT 200

/* "has a decimal comma: write 3.5", without a full stop; false, and "", when nothing comes
 * to mind. */
bool pfc__hint(const pfc_column_decl *decl, pfc_type type, const char *text,
               char hint[PFC__HINT]);

/* The same, of a date or date-time. */
bool pfc__hint_date(const char *text, char hint[PFC__HINT]);

/* "N/A", "NULL", "-": a word that stands where there is no value. */
bool pfc__is_missing_word(const char *text);

/* The text without blanks at its ends, those of Unicode included, in room[size]; false when
 * there were none or it does not fit. */
bool pfc__trim(const char *text, char *room, size_t size);

/* The word nearest to the text among "a|b|c", in room[64]; NULL when none is near. */
const char *pfc__nearest_word(const char *words, const char *text, char room[64]);

/* Ids of a dictionary that a mistaken one may be meant for: alike but for blanks, case,
 * leading zeros or a ".0"; else, in a dictionary that is not large, within two edits.
 * `state` tells of each code
 * whether it has a row (negative); `budget` is what remains to be looked at, in ids: a broken
 * file must not cost hours. */
bool pfc__hint_id(const pfc_dict *dict, const int64_t *state, const char *text, int64_t *budget,
                  char hint[PFC__HINT]);

#endif
