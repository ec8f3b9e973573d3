/* Lists that people write their answers into, and that `feedback import` takes back. */
#ifndef PROFICIO_CLI_ANSWER_SHEET_H
#define PROFICIO_CLI_ANSWER_SHEET_H

#include "cli/recommend_rows.h"

/* The names of the columns: what people read, what they fill in, what ties it to the decision.
 * Begins with a byte order mark, without which spreadsheets do not take it for UTF-8. */
void answer_sheet_header(bytes *to);

/* One place of a list; row as list_row_fill() made it. */
void answer_sheet_put(const list_rows *r, const pfc_list *list, int place, const list_row *row,
                      bytes *to);

#endif
