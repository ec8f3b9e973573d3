/* What explanations say, in words: one template a sentence, with named slots in braces, in
 * every language; an organisation may bring its own. */
#ifndef PROFICIO_CLI_EXPLAIN_WORDS_H
#define PROFICIO_CLI_EXPLAIN_WORDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/error.h"

typedef enum words_lang { WORDS_EN, WORDS_DE, N_WORDS_LANGS } words_lang;

/* "en" or "de"; false for anything else. */
bool words_lang_parse(const char *text, words_lang *lang);

/* One sentence. */
typedef struct words_row {
  const char *key;   /* "rank.first" */
  const char *slots; /* "title,value": what it may name; "" nothing */
  const char *text[N_WORDS_LANGS];
} words_row;

/* The table; *n rows, each key once. */
const words_row *words_table(int *n);

typedef struct words {
  words_lang lang;
  cJSON *own; /* templates by key, which come first; NULL: none */
} words;

/* Reads templates of one's own: a JSON object of key and text. PFC_EDATA for a key that is
 * none, naming near ones, and for a slot that the sentence does not have. Keys that are missing
 * stay English. words_clear afterwards, also after a failure. */
PFC_MUST_USE pfc_status words_load(words *w, const char *path, pfc_error *err);
/* The same of what was read already; takes `own`, whatever comes of it. path: for messages. */
PFC_MUST_USE pfc_status words_take(words *w, cJSON *own, const char *path, pfc_error *err);
void words_clear(words *w);

enum { SENTENCE = 1024 };
enum { NUMBER_TEXT = 48 };

typedef struct slot {
  const char *name, *text;
} slot;

/* The sentence of a key with its slots filled in, cut at SENTENCE - 1 bytes and never within a
 * character. A slot that is not given stays empty. */
const char *words_say(const words *w, const char *key, int n_slots, const slot *slots,
                      char text[SENTENCE]);
/* The template as it stands; the key itself where there is none. */
const char *words_template(const words *w, const char *key);

/* A number with so many decimals, and a probability in percent, as the language writes them. */
const char *words_number(const words *w, double x, int decimals, char text[NUMBER_TEXT]);
const char *words_percent(const words *w, double p, char text[NUMBER_TEXT]);

/* Does `slots` ("a,b") have this name of n bytes? */
bool words_has_slot(const char *slots, const char *name, int n);

#endif
