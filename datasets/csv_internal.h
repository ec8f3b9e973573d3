/* CSV by blocks of whole rows: what pfc_csv_read and the import of canonical tables are
 * made of.
 *
 * A row whose cells hold no quote, and stand wholly between quotes or have none around them,
 * is cut where its delimiters stand, many bytes at a time; every other one is parsed by libcsv.
 * Both give the same for such a row, as a test holds. */
#ifndef PROFICIO_DATASETS_CSV_INTERNAL_H
#define PROFICIO_DATASETS_CSV_INTERNAL_H

#include <stdbool.h>

#include "base/digest.h"
#include "datasets/csv.h"

/* Longest row, bytes: as many cells as a table may have columns, each as long as a text may
 * be, are half of it. */
#define PFC__CSV_MAX_ROW ((size_t)64 << 20)

/* Most cells of a row. Files that lack line ends end here, and not when memory does. */
#define PFC__CSV_MAX_CELLS 65536

/* Bytes of text that a block is filled with. Text and cells of one stay in the second cache;
 * where threads share the work, they should have some milliseconds of it at a time, since
 * waiting for one another costs too. */
#define PFC__CSV_BLOCK ((size_t)384 << 10)
#define PFC__CSV_SHARED_BLOCK ((size_t)2 << 20)

/* Where a cell stands in the text of its block: unquoted, without blanks around, and with a
 * NUL behind. */
typedef struct pfc__csv_cell {
  uint32_t start, size;
} pfc__csv_cell;

/* Rows in the order of the file. Begin with {0}; used again for block after block. */
typedef struct pfc__csv_block {
  char *text;
  size_t text_size, text_capacity;
  size_t n_rows, row_capacity;
  uint32_t *first; /* cell of each row, and, behind the last row, how many cells there are */
  int64_t *line;   /* of the file on which each row begins, from 1 */
  pfc__csv_cell *cell;
  size_t cell_capacity;
} pfc__csv_block;

void pfc__csv_block_clear(pfc__csv_block *b);

static inline int pfc__csv_n_cells(const pfc__csv_block *b, size_t row) {
  return (int)(b->first[row + 1] - b->first[row]);
}

/* A row of a block as a callback takes it. Begin with {0}. */
typedef struct pfc__csv_view {
  const char **cell;
  size_t *size;
  size_t cell_capacity, size_capacity;
} pfc__csv_view;

/* *out is valid until the view or the block is used for something else. */
PFC_MUST_USE pfc_status pfc__csv_view_row(pfc__csv_view *v, const pfc__csv_block *b, size_t row,
                                          pfc_csv_row *out, pfc_error *err);
void pfc__csv_view_clear(pfc__csv_view *v);

typedef struct pfc__csv pfc__csv; /* a file being read */

/* Opens a file; settings and path are borrowed until it is closed. Errors as those of
 * pfc_csv_read. */
PFC_MUST_USE pfc_status pfc__csv_open(const char *path, const pfc_csv_settings *settings,
                                      bool digest, pfc__csv **out, pfc_error *err);

/* Bytes of the blocks to come, at least 1 [PFC__CSV_BLOCK]. */
void pfc__csv_set_block(pfc__csv *r, size_t size);

/* The next rows, at least one; none at the end of the file. A fault is returned by the call
 * after the one that gave the rows before it. One call at a time. */
PFC_MUST_USE pfc_status pfc__csv_next(pfc__csv *r, pfc__csv_block *block, pfc_error *err);

/* Bytes that the text of the whole file has, roughly where it is packed or converted. */
int64_t pfc__csv_expected(const pfc__csv *r);

/* SHA-256 of the file; after its end, and only when asked for. */
void pfc__csv_digest(pfc__csv *r, char hex[PFC_SHA256_HEX]);

void pfc__csv_close(pfc__csv *r); /* NULL is allowed */

#endif
