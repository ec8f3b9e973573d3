/* Between the files of suggest: names in a text, levels in a text. */
#ifndef PROFICIO_ENGINE_SUGGEST_INTERNAL_H
#define PROFICIO_ENGINE_SUGGEST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "datasets/dict.h"
#include "datasets/words.h"
#include "engine/suggest.h"

/* --- names of competencies and of roles ----------------------------------------------------
 */

/* A name, word by word. */
typedef struct pfc__name {
  int32_t answer; /* competency; -1: a role, which only hides what stands in it */
  int32_t first, n_words;
  int32_t next; /* another that begins with the same word, longer ones first; -1: none */
} pfc__name;

typedef struct pfc__name_word {
  int32_t stem;
  bool opens; /* as pfc_word has it */
} pfc__name_word;

typedef struct pfc__names {
  pfc_dict *stems;
  pfc__name *at;
  int32_t n, capacity;
  pfc__name_word *word;
  int32_t n_words, word_capacity;
  int32_t *by_first; /* by stem: the longest name that begins with it, -1 none */
} pfc__names;

PFC_MUST_USE pfc_status pfc__names_init(pfc__names *names, pfc_error *err);
/* What has no word is no name. */
PFC_MUST_USE pfc_status pfc__names_add(pfc__names *names, int32_t answer, const char *text,
                                       pfc_error *err);
PFC_MUST_USE pfc_status pfc__names_seal(pfc__names *names, pfc_error *err);
void pfc__names_clear(pfc__names *names);

/* --- a text, word by word ------------------------------------------------------------------
 */

typedef struct pfc__token {
  pfc_word word;
  int32_t stem;     /* -1: in no name */
  int32_t sentence; /* from 0; the title's come first */
  bool in_title;
  bool in_name; /* of a competency or a role */
} pfc__token;

/* A name of a competency in the text. */
typedef struct pfc__mention {
  int32_t answer, name;
  int32_t first, n_words; /* tokens */
  bool in_title;
  bool is_aside; /* in a sentence about what is needed before, or whom it is for */
  bool is_word;  /* one word in small letters, which may be meant as no name */
} pfc__mention;

typedef struct pfc__text {
  pfc__token *token;
  int32_t n_tokens, token_capacity;
  pfc__mention *mention;
  int32_t n_mentions, mention_capacity;
} pfc__text;

/* Title and description (NULL: none), with the names in them: the longest at each place, from
 * the left; of a competency's and a role's name of the same length the former. The texts must
 * outlive it. */
PFC_MUST_USE pfc_status pfc__text_read_names(pfc__text *text, const pfc__names *names,
                                             const char *title, const char *description,
                                             pfc_error *err);
void pfc__text_clear(pfc__text *text);

/* --- levels --------------------------------------------------------------------------------
 */

/* From and to which level the text says that a competency is taken, NaN where it does not:
 * numbers behind the word "level" that stand at its name, else those of sentences that name no
 * other; of sentences that name none where it is `is_main`, the one that the text is about.
 * Those outside min..max are not believed. */
void pfc__text_levels(const pfc__text *text, int32_t answer, bool is_main, double min,
                      double max, double *from, double *to);

#endif
