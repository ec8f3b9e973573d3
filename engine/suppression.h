/* Which cells of a table of counts with totals must not be told, so that small ones cannot be
 * had by subtraction either: complementary cell suppression by shortest paths.
 *
 * A reader knows all cells that are told, that every line adds up to its total, and the bounds
 * of what is not told. As a table is a network (rows and columns are its nodes, cells its
 * arcs), the values that a hidden count can still have are consecutive whole numbers, and
 * another one is possible exactly where a cycle of hidden cells can be moved by one, up and
 * down in turn. Where there is no such cycle, the one that costs least is hidden too: cells of
 * small counts first. (Gusfield 1988; Kelly, Golden and Assad 1992; Cox 1995.) */
#ifndef PROFICIO_ENGINE_SUPPRESSION_H
#define PROFICIO_ENGINE_SUPPRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pfc_count_cell {
  int32_t row;    /* 0..n_rows - 1; n_rows: the totals of columns */
  int32_t column; /* 0..n_columns - 1; n_columns: the totals of rows */
  int64_t count;
  int64_t least, most;           /* what a reader knows of it even where it is hidden */
  int64_t near_least, near_most; /* where it is hidden, `count` must not be the only number
                                    between these two that is possible; where they do not
                                    differ, there is nothing to protect. (Four cells of one
                                    or more make a total of at least four: where no choice
                                    leaves two numbers, another one outside must do.) */
  bool hidden; /* in: is not to be told; out: nor are the cells that were added */
} pfc_count_cell;

/* Cells that are not listed are known to be 0; n_rows and n_columns are those of the table
 * without its totals. Cells are listed once each, totals among them, and add up. *n_exposed:
 * cells that no choice can protect; 0 whenever totals may be hidden and have room on both
 * sides. Hiding more never exposes what was safe, so it may be called again after cells were
 * hidden for another reason. Order of cells is kept. */
PFC_API PFC_MUST_USE pfc_status pfc_suppress(int32_t n_rows, int32_t n_columns, int64_t n,
                                             pfc_count_cell *cells, int64_t *n_exposed,
                                             pfc_error *err);

#endif
