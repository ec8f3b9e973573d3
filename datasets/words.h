/* Words of a text in any language that parts them by blanks: folded to lower case, and brought
 * to a stem, so that "Managers" and "manager" are the same. */
#ifndef PROFICIO_DATASETS_WORDS_H
#define PROFICIO_DATASETS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { PFC_STEM = 48 }; /* bytes of the longest stem, with its NUL; longer words are cut */

typedef struct pfc_word {
  const char *at; /* in the text */
  size_t size;    /* bytes there */
  char stem[PFC_STEM];
  bool opens; /* first of the text, or the end of a sentence, a bracket, a colon or a line
                 stands before it: no name goes on across that */
} pfc_word;

/* The next word of a NUL-terminated text, from *text on, which moves behind it; false when
 * there is none. A word is a run of letters and digits, of which whatever is not ASCII and no
 * punctuation is one; "4.75" and "C++" are words, a possessive "'s" is dropped. Bytes that are
 * not UTF-8 part words. Before the first word of a text, word->at is NULL. */
PFC_API bool pfc_word_next(const char **text, pfc_word *word);

/* Says so little that texts are not alike for it: "the", "of", "and" ... (English). */
PFC_API bool pfc_word_is_common(const char *stem);

#endif
