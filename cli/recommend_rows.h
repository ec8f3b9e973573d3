/* Lists as rows: what `recommend` writes of each place. */
#ifndef PROFICIO_CLI_RECOMMEND_ROWS_H
#define PROFICIO_CLI_RECOMMEND_ROWS_H

#include "base/digest.h"
#include "cli/bytes.h"
#include "cli/decision.h"
#include "cli/recommend.h"
#include "cli/render.h"

enum { LIST_COLUMNS = 32 };

/* What is the same for all rows. Read-only once made. */
typedef struct list_rows {
  const scoring *s;
  char as_of[PFC_DATE_TEXT];
  const char *goal;    /* "": each one's own */
  char by[2][BY_NAME]; /* names of columns */
  int n_columns;
  output_column columns[LIST_COLUMNS];
  const char **competency; /* its name */
  /* list_rows_render: */
  const row_format *format;
  bytes items;        /* what rows say of the intervention alone, */
  int64_t *item_from; /* and where in it that begins */
} list_rows;

PFC_MUST_USE pfc_status list_rows_init(list_rows *r, const scoring *s, const char *goal,
                                       bool one_person, pfc_error *err);
/* Makes what many rows share, once it is known how they are written. */
PFC_MUST_USE pfc_status list_rows_render(list_rows *r, const row_format *format,
                                         pfc_error *err);
void list_rows_clear(list_rows *r);

/* One place of a list, with room for the texts that its row names. */
typedef struct list_row {
  const char *person, *intervention;
  char reason[256];
  char decision[DECISION_ID];
  char due_on[PFC_DATE_TEXT];
  int32_t item;             /* the intervention */
  cell cells[LIST_COLUMNS]; /* without what hangs on the intervention alone */
} list_row;

/* digest: scratch of the thread. */
void list_row_fill(const list_rows *r, pfc_sha256 *digest, const pfc_list *list, int place,
                   list_row *row);

void list_row_put(const list_rows *r, const list_row *row, bytes *to);

/* "value", "override", "mandate". */
const char *chosen_for_text(pfc_chosen_for why);

/* The place as a line of the decision log, JSON. */
void list_row_log(const list_rows *r, const pfc_list *list, int place, const list_row *row,
                  bytes *to);

#endif
