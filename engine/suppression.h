/* Which counts of tables with totals must not be told, so that small ones cannot be had by
 * subtraction either: complementary cell suppression by shortest paths.
 *
 * A reader knows all counts that are told, that everything adds up, and the bounds of what is
 * not told. Tables that add up are a network of lines: what comes into a line goes out of it
 * again. Of a two-way table the lines are rows and columns; a cell leads from its row to its
 * column, the total of a column from there to a line of totals, their sum from that to another,
 * and from there each row's total to its row. In a network the values that a hidden count can
 * still have are consecutive whole numbers, and another one is possible exactly where a cycle
 * of hidden counts can be moved by one. Where there is no such cycle, the one that costs least
 * is hidden too. (Gusfield 1988; Kelly, Golden and Assad 1992; Cox 1995.) */
#ifndef PROFICIO_ENGINE_SUPPRESSION_H
#define PROFICIO_ENGINE_SUPPRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pfc_count_cell {
  int32_t from, to; /* lines; not the same */
  int64_t count;
  int64_t least, most;           /* what a reader knows of it even where it is hidden */
  int64_t near_least, near_most; /* where it is hidden, `count` must not be the only number
                                    between these two that is possible; where they do not
                                    differ, there is nothing to protect. (Four cells of one
                                    or more make a total of at least four: where no choice
                                    leaves two numbers, another one outside must do.) */
  int64_t price;                 /* what is lost by hiding it, >= 0 */
  bool hidden; /* in: is not to be told; out: nor are the counts that were added */
} pfc_count_cell;

/* Into each line comes what goes out of it; counts that are not listed are known to be 0.
 * *n_exposed: hidden counts that no choice can protect; 0 wherever totals may be hidden and
 * have room on both sides. Hiding more never exposes what was safe, so it may be called again
 * after counts were hidden for another reason. Order of cells is kept. */
PFC_API PFC_MUST_USE pfc_status pfc_suppress(int32_t n_lines, int64_t n, pfc_count_cell *cells,
                                             int64_t *n_exposed, pfc_error *err);

#endif
