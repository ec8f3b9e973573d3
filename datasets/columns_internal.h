/* Reading cells of columns that may be absent. */
#ifndef PROFICIO_DATASETS_COLUMNS_INTERNAL_H
#define PROFICIO_DATASETS_COLUMNS_INTERNAL_H

#include <math.h>
#include <stdint.h>

#include "datasets/dataset.h"

/* -1 when the column or the cell is missing. */
static inline int32_t pfc__code_at(const int32_t *codes, int64_t row) {
  return codes ? codes[row] : -1;
}

/* PFC_NO_DATE when the column or the cell is missing. */
static inline int32_t pfc__date_at(const int32_t *dates, int64_t row) {
  return dates ? dates[row] : PFC_NO_DATE;
}

/* The finite number in a numeric column; NaN when the column or the cell is missing. */
static inline double pfc__number_at(const pfc_column *column, int64_t row) {
  if (!column || pfc_column_missing(column, row)) return NAN;
  switch (column->type) {
    case PFC_REAL:
      return isfinite(column->real[row]) ? column->real[row] : NAN;
    case PFC_INT:
      return column->i32[row];
    case PFC_FLAG:
      return column->flag[row];
    default:
      return NAN;
  }
}

#endif
