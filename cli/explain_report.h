/* One explanation, told: as sentences, as a line, as JSON. */
#ifndef PROFICIO_CLI_EXPLAIN_REPORT_H
#define PROFICIO_CLI_EXPLAIN_REPORT_H

#include "cli/decision.h"
#include "cli/explain_words.h"
#include "cli/scoring.h"
#include "engine/explain.h"

typedef struct explain_view {
  const common *c;
  const scoring *s;
  const words *w;
  const pfc_explanation *x;
  char as_of[PFC_DATE_TEXT]; /* "" undated */
  char id[DECISION_ID];
} explain_view;

/* Takes a sentence under its heading's key ("section.rank"). */
typedef pfc_status (*explain_fn)(const char *section, const char *sentence, void *user,
                                 pfc_error *err);
/* Hands over every sentence, section by section. */
PFC_MUST_USE pfc_status explain_tell(const explain_view *v, explain_fn fn, void *user,
                                     pfc_error *err);

enum { LINE_CHARACTERS = 120 };
/* The gist, short enough for a cell of a table. */
const char *explain_line(const explain_view *v, char text[SENTENCE]);
/* What stands above the sentences. */
const char *explain_title(const explain_view *v, char text[SENTENCE]);

/* Everything, into an object (docs/FORMATS.md, "explain"). */
PFC_MUST_USE pfc_status explain_put(const explain_view *v, cJSON *json, pfc_error *err);

/* Calls fn with the name of each table (column NULL) and each column x_... or c_... that the
 * dataset holds and no number of an explanation depends on. */
typedef pfc_status (*unused_fn)(const char *table, const char *column, void *user,
                                pfc_error *err);
PFC_MUST_USE pfc_status explain_unused(const explain_view *v, unused_fn fn, void *user,
                                       pfc_error *err);

/* How likely a named person is to leave is not to be read off an explanation. */
bool explain_shows(const pfc_breakdown *b);

/* Names: titles where there are some, ids where not; "" of -1. */
const char *explain_intervention(const explain_view *v, int32_t intervention);
const char *explain_competency(const explain_view *v, int32_t competency);
const char *explain_role(const explain_view *v, int32_t role);
/* Text of a code of one of the dataset's dictionaries, "" of -1. */
const char *explain_id(const explain_view *v, const char *dictionary, int32_t code);
/* Text of a cell of a column of codes, "" when it is missing. */
const char *explain_cell(const explain_view *v, pfc_table_id table, const char *column,
                         int64_t row);
/* ISO 8601, "" of PFC_NO_DATE. */
const char *explain_date(int32_t day, char text[PFC_DATE_TEXT]);

#endif
