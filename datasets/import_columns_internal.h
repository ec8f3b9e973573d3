/* Blocks of rows into a table under construction, column by column: a tight loop for each,
 * and columns beside one another where there are threads. Only what is right goes through
 * here; a row with anything else in it is told to be bad, and then read again cell by cell
 * by the functions of the builder, which say what is wrong. */
#ifndef PROFICIO_DATASETS_IMPORT_COLUMNS_INTERNAL_H
#define PROFICIO_DATASETS_IMPORT_COLUMNS_INTERNAL_H

#include <locale.h>

#include "datasets/csv_internal.h"
#include "datasets/import_build_internal.h"

/* One cell of the header. */
typedef struct pfc__typed_cell {
  int cell;                  /* in the row */
  pfc__build_column *column; /* of the builder; NULL: ignored */
  int32_t last;              /* PFC_CODE: the code of the row before */
} pfc__typed_cell;

/* Columns that one thread types, one after another: those with the same dictionary, or one
 * without. */
typedef struct pfc__typed_group {
  int first, n;  /* of typed_cell */
  uint32_t *bad; /* rows of the block, some perhaps several times */
  size_t n_bad, bad_capacity;
} pfc__typed_group;

typedef struct pfc__typing {
  pfc__builder *b;
  int n_cells; /* of the header; rows with more or fewer are skipped */
  pfc__typed_cell *cell;
  int n_groups;
  pfc__typed_group *group;
  locale_t locale; /* that figures are read in */
} pfc__typing;

/* column[cell] = index for pfc__build_text, -1 ignored; right after pfc__build_open. */
PFC_MUST_USE pfc_status pfc__typing_init(pfc__typing *t, pfc__builder *b, const int *column,
                                         int n_cells, pfc_error *err);
void pfc__typing_clear(pfc__typing *t);

/* Types the cells of a group in the rows of the block from `from` on, into the rows of the
 * builder from n_rows on, where there is room for them. Groups may run side by side. */
PFC_MUST_USE pfc_status pfc__typing_run(pfc__typing *t, int group, const pfc__csv_block *block,
                                        size_t from, pfc_error *err);

/* Keeps the rows from..to of a block, whose row `first` was typed into row `base` of the
 * builder, behind those that it has. */
PFC_MUST_USE pfc_status pfc__typing_keep(pfc__typing *t, const pfc__csv_block *block,
                                         size_t first, int64_t base, size_t from, size_t to,
                                         pfc_error *err);

/* --- cells as they mostly are; false for all others, right or wrong ------------------ */

/* "-12.5": an optional minus, digits, and perhaps a point with digits behind, so few that the
 * value is exactly what strtod would find. */
bool pfc__quick_number(const char *text, size_t size, double *value);

/* "2014-10-01" of a day that there is. */
bool pfc__quick_date(const char *text, size_t size, int32_t *days);

#endif
