/* Rows of typed columns, out as CSV, JSON Lines, HDF5 or a table to read. A file appears
 * whole or not at all; standard output is written as rows come. */
#ifndef PROFICIO_CLI_OUTPUT_H
#define PROFICIO_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

typedef enum output_format {
  OUTPUT_AUTO, /* by the file's name; else a table on a terminal, CSV elsewhere */
  OUTPUT_CSV,
  OUTPUT_JSONL,
  OUTPUT_HDF5,
  OUTPUT_TABLE,
} output_format;

/* "csv", "jsonl", "hdf5", "table"; false for anything else. */
bool output_format_parse(const char *text, output_format *format);

/* What OUTPUT_AUTO comes to for a path (NULL: standard output). */
output_format output_format_resolve(output_format format, const char *path);

typedef enum column_type { COLUMN_TEXT, COLUMN_REAL, COLUMN_INT } column_type;

typedef struct output_column {
  const char *name; /* must outlive the output */
  column_type type;
  bool not_in_table; /* left out of OUTPUT_TABLE, where a person reads */
} output_column;

#define NO_INT INT64_MIN /* a missing whole number */

/* One cell; which member counts is for the column to say. */
typedef struct cell {
  const char *text; /* NULL or "": missing */
  double real;      /* NaN: missing */
  int64_t integer;  /* NO_INT: missing */
} cell;

static inline cell cell_text(const char *text) { return (cell){.text = text}; }
static inline cell cell_real(double real) { return (cell){.real = real}; }
static inline cell cell_int(int64_t integer) { return (cell){.integer = integer}; }

typedef struct output output;

/* path NULL: standard output. columns are copied, their names are not. PFC_EUSAGE for HDF5
 * without a path. Owned by the caller. */
PFC_MUST_USE pfc_status output_open(const char *path, output_format format, int n_columns,
                                    const output_column *columns, output **out, pfc_error *err);

/* One row: n_columns cells, whose texts are copied. */
PFC_MUST_USE pfc_status output_row(output *out, const cell *cells, pfc_error *err);

/* Instead of rows: all that render_cells (cli/render.h) wrote of these columns into a file open
 * for reading, which is called `name` in messages. */
PFC_MUST_USE pfc_status output_rows_from(output *out, FILE *from, const char *name,
                                         pfc_error *err);

/* Writes what is left and puts the file in its place. PFC_ECANCELLED, and no file, when the
 * user has asked to stop meanwhile. */
PFC_MUST_USE pfc_status output_close(output *out, pfc_error *err);

/* Frees, after output_close or instead of it; then no file appears. NULL is allowed. */
void output_destroy(output *out);

#endif
