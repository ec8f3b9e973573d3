/* Where lists go: the table itself, the decision log, changes, answer sheet. What goes to a
 * file grows in FILE.part; how far all of them had come stands in OUT.part.json, so that a run
 * that was killed is taken up where it stopped, and ends with the bytes of one that was not. */
#ifndef PROFICIO_CLI_LISTS_OUT_H
#define PROFICIO_CLI_LISTS_OUT_H

#include "base/part.h"
#include "cli/bytes.h"
#include "cli/recommend.h"
#include "cli/render.h"

typedef enum lists_stream {
  TO_LISTS,
  TO_LOG,
  TO_CHANGES,
  TO_SHEET,
  N_LISTS_STREAMS
} lists_stream;

typedef struct lists_out {
  common *c;
  output_format format;   /* of the table */
  const row_format *rows; /* how its rows are made */
  int n_columns;
  const output_column *columns;
  pfc_part part[N_LISTS_STREAMS]; /* path NULL: not asked for, or standard output */
  output *shown;                  /* a table on standard output */
  char *progress;                 /* OUT.part.json; NULL without -o */
  cJSON *inputs;                  /* name -> digest of all that bears on the bytes */
  bool is_noted;                  /* there is something to go on from */
} lists_out;

/* How far a run had come. */
typedef struct lists_progress {
  int64_t done; /* people */
  int64_t n_rows;
  pfc_recommend_totals totals;
} lists_progress;

/* Opens what the job asks for; columns are borrowed. *from tells what is done already. */
PFC_MUST_USE pfc_status lists_out_open(lists_out *out, const recommend_job *j, int n_columns,
                                       const output_column *columns, lists_progress *from,
                                       pfc_error *err);

static inline bool lists_out_wants(const lists_out *out, lists_stream s) {
  return s == TO_LISTS || out->part[s].path;
}

PFC_MUST_USE pfc_status lists_out_add(lists_out *out, lists_stream s, const bytes *text,
                                      pfc_error *err);

/* What was added so far need not be done again. */
PFC_MUST_USE pfc_status lists_out_note(lists_out *out, const lists_progress *now,
                                       pfc_error *err);

/* Everything is there: puts the files in their places. */
PFC_MUST_USE pfc_status lists_out_finish(lists_out *out, pfc_error *err);

/* What is not finished stays if it was noted, else it goes. */
void lists_out_close(lists_out *out);

#endif
