/* What the formats of an output share. */
#ifndef PROFICIO_CLI_OUTPUT_INTERNAL_H
#define PROFICIO_CLI_OUTPUT_INTERNAL_H

#include <stdio.h>

#include "base/file.h"
#include "cli/output.h"

/* A format. end writes what is left; drop frees `state`, which may be NULL. rows_from takes all
 * rows at once; NULL: one by one. */
typedef struct output_backend {
  pfc_status (*begin)(output *out, pfc_error *err);
  pfc_status (*row)(output *out, const cell *cells, pfc_error *err);
  pfc_status (*end)(output *out, pfc_error *err);
  void (*drop)(output *out);
  pfc_status (*rows_from)(output *out, FILE *from, const char *name, pfc_error *err);
} output_backend;

struct output {
  const output_backend *backend;
  int n_columns;
  output_column *columns;
  pfc_newfile newfile; /* zero for standard output */
  FILE *file;          /* NULL for HDF5 */
  void *state;
  bool is_whole; /* HDF5: all rows were taken at once */
};

extern const output_backend output_csv, output_jsonl, output_hdf5, output_table;

enum { NUMBER_TEXT = 40 };

/* %.6g; "" when missing. */
const char *number_text(column_type type, const cell *c, char text[NUMBER_TEXT]);

/* A text of `width` characters after `gap` spaces: cut, or followed by spaces. Line breaks
 * inside it become spaces. */
void output_put_padded(FILE *file, const char *text, int width, int gap);

/* A long text, line under line of `width` characters, each but the first indented. */
void output_wrap(FILE *file, const char *text, int width, int indent);

/* Columns of the terminal behind standard output, 0 when it is none. */
int terminal_width(void);

#endif
