/* CSV in, row by row, over libcsv; plain or gzip. */
#ifndef PROFICIO_DATASETS_CSV_H
#define PROFICIO_DATASETS_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pfc_csv_row {
  int64_t line; /* line of the file on which the row begins, from 1 */
  int n_cells;
  const char *const *cell; /* NUL-terminated, unquoted, valid until the callback returns */
  const size_t *size;
} pfc_csv_row;

typedef pfc_status (*pfc_csv_row_fn)(const pfc_csv_row *row, void *user, pfc_error *err);

typedef struct pfc_csv_settings {
  char delimiter;       /* [','] */
  char quote;           /* 0: quotes are ordinary text, as in many tab-separated files ['"'] */
  size_t max_cell;      /* longest cell accepted, bytes [1 MiB] */
  const char *encoding; /* of the text, as iconv names it; NULL or "": UTF-8 [NULL] */
  int64_t max_rows;     /* stop after so many rows, header included; 0 = all [0] */
} pfc_csv_settings;
PFC_API void pfc_csv_defaults(pfc_csv_settings *s);

/* Calls fn for every row of the file with these settings (NULL: the defaults), the header
 * included (the first). Blank lines are skipped, blanks around an unquoted cell dropped. A
 * byte-order mark is dropped, CRLF and CR accepted. PFC_EDATA with file, line and column (by
 * number) for NUL bytes, invalid UTF-8, an unterminated quote, text after a closing quote, a
 * quote inside an unquoted cell, a cell or a row that is too long; with file and line for a
 * damaged gzip stream and for bytes that are none of the encoding; with the file for UTF-16 and
 * UTF-32 that `encoding` does not name. PFC_EUSAGE for an encoding that is not known; PFC_EIO
 * when the file cannot be read; whatever fn returns otherwise. */
PFC_API PFC_MUST_USE pfc_status pfc_csv_read(const char *path, const pfc_csv_settings *settings,
                                             pfc_csv_row_fn fn, void *user, pfc_error *err);

#endif
