/* Levels in a text: "from level 2 to level 4", "(to level 5)", "levels 2 to 4". */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "engine/suggest_internal.h"

/* What the words before a number make of it. */
typedef enum side { UNKNOWN, FROM, TO } side;

static bool is_one_of(const char *stem, const char *const *words) {
  for (; *words; words++)
    if (strcmp(stem, *words) == 0) return true;
  return false;
}

static bool is_level(const pfc__token *t) { return strcmp(t->word.stem, "level") == 0; }

static bool is_number(const pfc__token *t, double *value) {
  return pfc_number_parse(t->word.stem, strlen(t->word.stem), value);
}

/* The nearest word that tells, of the four before `at` in its sentence. */
static side side_of(const pfc__text *text, int32_t at) {
  static const char *const FROMS[] = {"from",     "about",   "bring",  "start", "starting",
                                      "require",  "assume",  "least",  "need",  "prerequisite",
                                      "existing", "current", "having", NULL};
  static const char *const TOS[] = {"to", "reach", "until",     "work",  "attain", "toward",
                                    "up", "after", "afterward", "leave", NULL};
  for (int32_t k = at - 1; k >= 0 && k >= at - 4; k--) {
    if (text->token[k].sentence != text->token[at].sentence) break;
    if (is_one_of(text->token[k].word.stem, FROMS)) return FROM;
    if (is_one_of(text->token[k].word.stem, TOS)) return TO;
  }
  return UNKNOWN;
}

/* Is the token a number of a level? Behind "level", or behind one that is and "to". */
static bool level_at(const pfc__text *text, int32_t at, double *value, side *which) {
  static const char *const LINKS[] = {"to", "and", "through", "until", NULL};
  double before;
  if (!is_number(&text->token[at], value) || at == 0) return false;
  if (is_level(&text->token[at - 1])) {
    *which = side_of(text, at - 1);
    double then;
    const bool is_range = at + 2 < text->n_tokens &&
                          is_one_of(text->token[at + 1].word.stem, LINKS) &&
                          is_number(&text->token[at + 2], &then) && then > *value;
    if (is_range) *which = FROM;
    return true;
  }
  *which = TO;
  return at >= 3 && is_one_of(text->token[at - 1].word.stem, LINKS) &&
         is_number(&text->token[at - 2], &before) && before < *value &&
         is_level(&text->token[at - 3]);
}

/* The mention right before the number, with nothing but "(to level" between, or right behind
 * it: "level 3 in Writing"; -1: none. */
static int32_t mention_beside(const pfc__text *text, int32_t at) {
  static const char *const BETWEEN[] = {"to", "from",  "level", "at", "about", "in",
                                        "of", "reach", "until", "up", NULL};
  double number;
  for (int32_t m = 0; m < text->n_mentions; m++) {
    const pfc__mention *is = &text->mention[m];
    const bool before = is->first < at;
    const int32_t from = before ? is->first + is->n_words : at + 1;
    const int32_t to = before ? at : is->first;
    bool near = text->token[is->first].sentence == text->token[at].sentence;
    for (int32_t k = from; k < to && near; k++)
      near = is_one_of(text->token[k].word.stem, BETWEEN) ||
             (before && is_number(&text->token[k], &number));
    if (near) return m;
  }
  return -1;
}

/* Is the competency named at that token? Some have a name in common. */
static bool is_named_at(const pfc__text *text, int32_t first, int32_t answer) {
  for (int32_t m = 0; m < text->n_mentions; m++)
    if (text->mention[m].first == first && text->mention[m].answer == answer) return true;
  return false;
}

/* Is the number told of this competency? */
static bool is_about(const pfc__text *text, int32_t at, int32_t answer, bool is_main) {
  const int32_t beside = mention_beside(text, at);
  bool it = false, others = false;
  if (beside >= 0) return is_named_at(text, text->mention[beside].first, answer);
  for (int32_t m = 0; m < text->n_mentions; m++) {
    const int32_t first = text->mention[m].first;
    if (text->token[first].sentence != text->token[at].sentence) continue;
    const bool named = is_named_at(text, first, answer);
    it |= named;
    others |= !named;
  }
  return others ? false : it || is_main;
}

void pfc__text_levels(const pfc__text *text, int32_t answer, bool is_main, double min,
                      double max, double *from, double *to) {
  *from = *to = (double)NAN;
  for (int32_t at = 0; at < text->n_tokens; at++) {
    double value;
    side which;
    if (!level_at(text, at, &value, &which) || value < min || value > max) continue;
    if (!is_about(text, at, answer, is_main)) continue;
    double *where = which == FROM ? from : to;
    if (isnan(*where)) *where = value;
  }
  if (*from >= *to) *from = (double)NAN;
}
