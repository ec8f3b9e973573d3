/* The inside of a table under construction: between the builder, the checks and the
 * end of import. */
#ifndef PROFICIO_DATASETS_IMPORT_BUILD_INTERNAL_H
#define PROFICIO_DATASETS_IMPORT_BUILD_INTERNAL_H

#include "datasets/import_internal.h"

/* --- cells ---------------------------------------------------------------- */

#define PFC__MAX_TEXT 8192 /* bytes of a text: dictionaries are as wide as their longest */
#define PFC__REASON 480
#define PFC__CELL_TEXT 40
#define PFC__MAX_BAD_SHARE 0.01 /* of a table's rows, where the settings say nothing */

/* A value of any type but PFC_CODE. */
typedef union pfc__cell {
  double real;
  int32_t i32; /* PFC_INT, PFC_DATE */
  int8_t flag;
  int64_t time;
} pfc__cell;

/* Parses a text that is not empty; for PFC_CODE only checks it. `decl` is NULL for
 * columns that no table declares. False leaves in `reason` what was expected. */
bool pfc__cell_parse(pfc_type type, const pfc_column_decl *decl, const char *text,
                     pfc__cell *cell, char reason[PFC__REASON]);

/* Is the number within the declared range? */
bool pfc__cell_in_range(pfc_type type, const pfc_column_decl *decl, const pfc__cell *cell,
                        char reason[PFC__REASON]);

/* As text, for rejects; empty for PFC_CODE. */
void pfc__cell_format(pfc_type type, const pfc__cell *cell, char text[PFC__CELL_TEXT]);

/* A cell of a column as text: the dictionary's own, or room[]; "" when missing. */
const char *pfc__cell_text(const pfc_column *column, int64_t row, char room[PFC__CELL_TEXT]);

/* --- builders ------------------------------------------------------------- */

/* What a row is rejected for. One row in a hundred may have a bad value; keys and
 * references that do not hold mean that files do not belong together, so none is let
 * pass unasked. */
typedef enum pfc__fault {
  PFC__BY_VALUE, /* type, range, order, missing, ragged; or refers to such a row */
  PFC__BY_KEY,   /* not unique, refers to nothing, in a loop; or refers to such a row */
} pfc__fault;

/* An id that a rejected row would have defined, and the row to be mended: that one, or the
 * one it referred to, or ... */
typedef struct pfc__lost {
  int32_t code;
  pfc__fault fault;
  pfc_table_id table;
  int32_t file; /* of that table */
  int64_t line;
} pfc__lost;

typedef struct pfc__build_column {
  pfc_column values; /* of n_rows rows, room for one more at least */
  const pfc_column_decl *decl;
} pfc__build_column;

/* What the source of a file calls a column, for messages. */
typedef struct pfc__build_alias {
  int32_t file; /* index into files */
  char *column, *source;
} pfc__build_alias;

struct pfc__builder {
  const pfc_table_decl *decl;
  pfc__import *run; /* borrowed */

  int n_columns;
  pfc__build_column *columns;
  int *column_of; /* index into the names of the latest pfc__build_begin -> column */

  int64_t n_rows;   /* kept so far; the row being built stands behind them */
  int64_t capacity; /* of every column and of line[] */
  uint32_t *line;   /* per row: where it stood, for the checks that follow */
  uint8_t *keep;    /* per row, made by pfc__import_finish; 0: rejected by a check */

  int32_t n_files;
  char **files;         /* paths; the last begun is the current one */
  int64_t *first_row;   /* per file: of the rows that came from it */
  int32_t current_file; /* index into files */
  int32_t n_aliases;
  pfc__build_alias *aliases;
  int64_t current_line; /* of the row being built */
  bool row_is_bad;      /* a cell of it was rejected */
  int64_t n_read;       /* rows */
  int64_t n_rejected;   /* rows, of both kinds */
  int64_t n_bad_keys;   /* of them by key */
  pfc__lost *lost;      /* where the table defines ids */
  int64_t n_lost, lost_capacity;
  char first_reject[600]; /* in words, for the message when there are too many */
};

/* Where a row came from: index into files, line. */
int32_t pfc__build_file_of(const pfc__builder *b, int64_t row);
int64_t pfc__build_line_of(const pfc__builder *b, int64_t row);

/* Lines are kept in 32 bits. */
pfc_status pfc__build_too_many_lines(const pfc__builder *b, pfc_error *err);

/* Room for n rows more, and for one being built. */
PFC_MUST_USE pfc_status pfc__build_reserve(pfc__builder *b, int64_t n, pfc_error *err);

/* Tells how far the table is, now and then, when n_read rows had been read before. */
PFC_MUST_USE pfc_status pfc__build_progress(const pfc__builder *b, int64_t n_read,
                                            pfc_error *err);

/* As pfc__build_begin, with the digest of the file to come by pfc__build_origin. */
PFC_MUST_USE pfc_status pfc__build_open(pfc__import *run, pfc_table_id table, const char *path,
                                        const char *const *columns, int n_columns,
                                        pfc__builder **b, pfc_error *err);
PFC_MUST_USE pfc_status pfc__build_origin(pfc__builder *b, const char *path, const char *sha256,
                                          pfc_error *err);

/* Takes a kept row back, once, and tells why. */
PFC_MUST_USE pfc_status pfc__build_take_back(pfc__builder *b, int64_t row, pfc__fault fault,
                                             const char *column, const char *value,
                                             const char *reason, pfc_error *err);

/* The column of that name, NULL when there is none. */
pfc_column *pfc__build_find(const pfc__builder *b, const char *name);

/* The column whose values are the ids that the table defines, NULL when it defines none. */
const pfc_column *pfc__build_ids(const pfc__builder *b);

/* --- steps of the end ----------------------------------------------------- */

/* Keys, references, levels and order within rows, over all tables of the run; needs
 * keep[] of every builder. */
PFC_MUST_USE pfc_status pfc__import_check(pfc__import *run, pfc_error *err);

/* Rows whose key another row has had before. */
PFC_MUST_USE pfc_status pfc__check_keys(pfc__builder *b, pfc_error *err);

/* Facts dated after the day of the settings, if they name one. */
PFC_MUST_USE pfc_status pfc__check_future(pfc__import *run, pfc_error *err);

/* Chains of managers, of competencies' parents, of prerequisites that come back to where
 * they began: the rows of the loop. Linear in the rows. */
PFC_MUST_USE pfc_status pfc__check_loops(pfc__import *run, pfc_error *err);

/* Rows that refer to an id without a row, where its table is there; what refers to a row
 * that goes, goes too. Linear in the rows, however long the chains. */
PFC_MUST_USE pfc_status pfc__check_references(pfc__import *run, pfc_error *err);

#endif
