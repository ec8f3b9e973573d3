/* Rows as bytes, for formats in which each row stands for itself: many threads can make them
 * side by side, and what was made can be kept. */
#ifndef PROFICIO_CLI_RENDER_H
#define PROFICIO_CLI_RENDER_H

#include <stdio.h>

#include "cli/bytes.h"
#include "cli/output.h"

typedef struct row_format {
  /* What stands before the first row; NULL: nothing. */
  void (*header)(int n_columns, const output_column *columns, bytes *to);
  /* One row: n_columns cells. */
  void (*row)(int n_columns, const output_column *columns, const cell *cells, bytes *to);
  /* The same piece by piece: cell `at` with what stands before it, as often as there are
   * columns, then `end`. Of the same cells the bytes are the same, so they can be kept. */
  void (*cell)(int at, const output_column *column, const cell *cell, bytes *to);
  const char *end;
} row_format;

/* CSV (RFC 4180, lines ending in LF); JSON Lines; and cells as they stand in memory, which
 * render_replay reads again: for formats that must see all rows before they can begin. */
extern const row_format render_csv, render_jsonl, render_cells;

/* A text of JSON, in quotes. */
void render_json_text(bytes *to, const char *text);

/* Of cells that render_cells wrote: the next row, whose texts live in `from`; returns the place
 * behind it. */
const char *render_replay(int n_columns, const output_column *columns, const char *from,
                          cell *cells);

/* Bytes of the next row if it begins at `from` and ends before `end`; 0 when it does not end
 * there. */
size_t render_length(int n_columns, const output_column *columns, const char *from,
                     const char *end);

/* Calls fn for each row that stands in n bytes; *rest is the place behind the last whole one.
 */
typedef pfc_status (*render_row_fn)(const cell *cells, void *user, pfc_error *err);
PFC_MUST_USE pfc_status render_each_in(const char *from, size_t n, int n_columns,
                                       const output_column *columns, render_row_fn fn,
                                       void *user, const char **rest, pfc_error *err);

/* The same of a file, from its beginning, in little memory; `name` stands in messages. */
PFC_MUST_USE pfc_status render_each(FILE *file, const char *name, int n_columns,
                                    const output_column *columns, render_row_fn fn, void *user,
                                    pfc_error *err);

#endif
