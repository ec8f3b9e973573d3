/* CSV out, cell by cell: RFC 4180, lines ending in LF. What cannot be written stays with the
 * stream: ask ferror() in the end. */
#ifndef PROFICIO_DATASETS_CSV_OUT_H
#define PROFICIO_DATASETS_CSV_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* Also where blanks stand at an end, which many readers, import among them, drop of what is not
 * quoted. */
PFC_API bool pfc_csv_needs_quotes(const char *text, size_t n);

/* The text, quoted where it has to be. */
PFC_API void pfc_csv_put(FILE *file, const char *text);

typedef struct pfc_csv_out {
  FILE *file;
  bool in_row;
} pfc_csv_out;

/* One cell each; missing values are empty cells. */
PFC_API void pfc_csv_out_text(pfc_csv_out *out, const char *text); /* NULL: missing */
PFC_API void pfc_csv_out_real(pfc_csv_out *out, double value);     /* read back as the same */
PFC_API void pfc_csv_out_whole(pfc_csv_out *out, int64_t value);
PFC_API void pfc_csv_out_date(pfc_csv_out *out, int32_t day);
PFC_API void pfc_csv_out_cell(pfc_csv_out *out, const pfc_column *column, int64_t row);

PFC_API void pfc_csv_out_end(pfc_csv_out *out); /* of the row */

#endif
