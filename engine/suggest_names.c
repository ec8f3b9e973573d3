#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/suggest_internal.h"

/* --- names -------------------------------------------------------------------------------- */

pfc_status pfc__names_init(pfc__names *names, pfc_error *err) {
  *names = (pfc__names){0};
  names->stems = pfc_dict_create("stem");
  return names->stems ? PFC_OK : pfc_fail_memory(err, "names");
}

void pfc__names_clear(pfc__names *names) {
  pfc_dict_destroy(names->stems);
  pfc_free(names->at);
  pfc_free(names->word);
  pfc_free(names->by_first);
  *names = (pfc__names){0};
}

pfc_status pfc__names_add(pfc__names *names, int32_t answer, const char *text, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_word word = {0};
  const int32_t first = names->n_words;
  while (pfc_word_next(&text, &word)) {
    pfc__name_word w = {.opens = word.opens};
    PFC_TRY(pfc_dict_add(names->stems, word.stem, strlen(word.stem), &w.stem, err));
    PFC_RESERVE(names->word, names->word_capacity, names->n_words + 1);
    names->word[names->n_words++] = w;
  }
  if (names->n_words == first) return PFC_OK;
  PFC_RESERVE(names->at, names->capacity, names->n + 1);
  names->at[names->n++] = (pfc__name){answer, first, names->n_words - first, -1};
done:
  return st;
}

/* Longer ones first, then competencies, then as they came. */
static bool comes_before(const pfc__names *names, int32_t a, int32_t b) {
  const pfc__name *x = &names->at[a], *y = &names->at[b];
  if (x->n_words != y->n_words) return x->n_words > y->n_words;
  if ((x->answer < 0) != (y->answer < 0)) return y->answer < 0;
  return a < b;
}

pfc_status pfc__names_seal(pfc__names *names, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_stems = pfc_dict_size(names->stems);
  PFC_NEW(names->by_first, n_stems);
  for (int32_t s = 0; s < n_stems; s++) names->by_first[s] = -1;
  for (int32_t k = 0; k < names->n; k++) {
    int32_t *at = &names->by_first[names->word[names->at[k].first].stem];
    while (*at >= 0 && comes_before(names, *at, k)) at = &names->at[*at].next;
    names->at[k].next = *at;
    *at = k;
  }
done:
  return st;
}

/* --- texts -------------------------------------------------------------------------------- */

/* Does a sentence end between two words? */
static bool ends_sentence(const char *from, const char *to) {
  for (; from < to; from++)
    if (strchr(".;!?\n", *from)) return true;
  return false;
}

static pfc_status add_tokens(pfc__text *text, const pfc__names *names, const char *from,
                             bool in_title, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__token token = {.in_title = in_title};
  const char *behind = from;
  token.sentence = text->n_tokens > 0 ? text->token[text->n_tokens - 1].sentence + 1 : 0;
  while (pfc_word_next(&from, &token.word)) {
    token.sentence += ends_sentence(behind, token.word.at);
    token.stem = pfc_dict_find(names->stems, token.word.stem);
    PFC_RESERVE(text->token, text->token_capacity, text->n_tokens + 1);
    text->token[text->n_tokens++] = token;
    behind = token.word.at + token.word.size;
  }
done:
  return st;
}

static bool stands_at(const pfc__names *names, const pfc__name *name, const pfc__text *text,
                      int32_t at) {
  if (at + name->n_words > text->n_tokens) return false;
  for (int32_t k = 0; k < name->n_words; k++) {
    const pfc__name_word *w = &names->word[name->first + k];
    const pfc__token *t = &text->token[at + k];
    if (t->stem != w->stem || (k > 0 && t->word.opens && !w->opens)) return false;
  }
  return true;
}

/* Words that tell what is needed before, or whom it is for. */
static bool is_aside_word(const char *stem) {
  static const char *const WORDS[] = {"prerequisite", "require",  "required",
                                      "requirement",  "assume",   "open",
                                      "already",      "eligible", "beforehand"};
  for (size_t k = 0; k < sizeof WORDS / sizeof *WORDS; k++)
    if (strcmp(stem, WORDS[k]) == 0) return true;
  return false;
}

static bool is_aside(const pfc__text *text, int32_t at) {
  const int32_t sentence = text->token[at].sentence;
  for (int32_t k = at; k-- > 0 && text->token[k].sentence == sentence;)
    if (is_aside_word(text->token[k].word.stem)) return true;
  for (int32_t k = at; k < text->n_tokens && text->token[k].sentence == sentence; k++)
    if (is_aside_word(text->token[k].word.stem)) return true;
  return false;
}

static bool is_small_word(const pfc__text *text, int32_t at, int32_t n_words) {
  const char first = *text->token[at].word.at;
  return n_words == 1 && first >= 'a' && first <= 'z';
}

/* All competencies of that name: some frameworks have two. */
static pfc_status add_mentions(pfc__text *text, const pfc__names *names, int32_t k, int32_t at,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_words = names->at[k].n_words;
  for (; k >= 0 && names->at[k].n_words == n_words; k = names->at[k].next) {
    const pfc__name *name = &names->at[k];
    if (name->answer < 0 || !stands_at(names, name, text, at)) continue;
    PFC_RESERVE(text->mention, text->mention_capacity, text->n_mentions + 1);
    text->mention[text->n_mentions++] =
        (pfc__mention){.answer = name->answer,
                       .name = k,
                       .first = at,
                       .n_words = n_words,
                       .in_title = text->token[at].in_title,
                       .is_aside = !text->token[at].in_title && is_aside(text, at),
                       .is_word = is_small_word(text, at, n_words)};
  }
done:
  return st;
}

pfc_status pfc__text_read_names(pfc__text *text, const pfc__names *names, const char *title,
                                const char *description, pfc_error *err) {
  pfc_status st = PFC_OK;
  text->n_tokens = text->n_mentions = 0;
  if (title) PFC_TRY(add_tokens(text, names, title, true, err));
  if (description) PFC_TRY(add_tokens(text, names, description, false, err));
  for (int32_t at = 0; at < text->n_tokens;) {
    const int32_t stem = text->token[at].stem;
    int32_t k = stem < 0 ? -1 : names->by_first[stem];
    while (k >= 0 && !stands_at(names, &names->at[k], text, at)) k = names->at[k].next;
    const int32_t n = k < 0 ? 1 : names->at[k].n_words;
    if (k >= 0) PFC_TRY(add_mentions(text, names, k, at, err));
    for (int32_t j = 0; k >= 0 && j < n; j++) text->token[at + j].in_name = true;
    at += n;
  }
done:
  return st;
}

void pfc__text_clear(pfc__text *text) {
  pfc_free(text->token);
  pfc_free(text->mention);
  *text = (pfc__text){0};
}
