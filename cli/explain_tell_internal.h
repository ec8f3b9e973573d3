/* What the files that tell explanations in sentences share. */
#ifndef PROFICIO_CLI_EXPLAIN_TELL_INTERNAL_H
#define PROFICIO_CLI_EXPLAIN_TELL_INTERNAL_H

#include "cli/explain_report.h"

enum { N_TEXTS = 16, NAME_TEXT = 96 };

/* A telling in progress. The first failure stays, and nothing is said after it. */
typedef struct telling {
  const explain_view *v;
  const char *section;
  explain_fn fn;
  void *user;
  pfc_status st;
  pfc_error *err;
  int next; /* of the texts below, which one sentence uses up at most */
  char text[N_TEXTS][SENTENCE];
} telling;

/* Says a sentence of the table. SAY(t, "rank.at", {"rank", a}, {"n", b}) */
void tell_sentence(telling *t, const char *key, int n, const slot *slots);
#define SAY(t, key, ...)                                                     \
  tell_sentence(t, key, (int)(sizeof((slot[]){__VA_ARGS__}) / sizeof(slot)), \
                (slot[]){__VA_ARGS__})
/* One without slots. */
void tell_plain(telling *t, const char *key);

/* Texts for slots, good until the sentence is said. */
const char *told_number(telling *t, double x, int decimals);
const char *told_value(telling *t, double x); /* with digits enough for its size */
const char *told_percent(telling *t, double p);
const char *told_count(telling *t, int64_t n);
const char *told_name(telling *t, const char *text); /* cut at NAME_TEXT - 1 bytes */
const char *told_day(telling *t, int32_t date);
const char *told_phrase(telling *t, const char *key, int n, const slot *slots);
#define PHRASE(t, key, ...)                                                \
  told_phrase(t, key, (int)(sizeof((slot[]){__VA_ARGS__}) / sizeof(slot)), \
              (slot[]){__VA_ARGS__})

/* Whether the intervention aims at the competency of the gap's row. */
bool is_aimed_at(const explain_view *v, int32_t competency);

void tell_rank(telling *t);
void tell_value(telling *t);
void tell_gaps(telling *t);
void tell_models(telling *t);
void tell_what_ifs(telling *t);
void tell_evidence(telling *t);
void tell_rules(telling *t);
void tell_not_used(telling *t);

#endif
