/* Writing tables of a simulated organisation: columns as the schema declares them. */
#ifndef PROFICIO_DATASETS_SIMULATE_COLUMNS_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_COLUMNS_INTERNAL_H

#include <string.h>

#include "datasets/simulate_internal.h"

/* Adds that column (declared, x_ or c_) with all its cells missing; valid until the table's
 * next column is added. */
static inline pfc_status pfc__sim_column(const pfc__sim *s, pfc_table_id table,
                                         const char *name, int64_t n_rows, pfc_column **column,
                                         pfc_error *err) {
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  if (!pfc_schema_takes(pfc_schema(table), name, &type, dictionary))
    return pfc_fail(err, PFC_EUSAGE, "table %s has no column '%s'", pfc_schema(table)->name,
                    name);
  return pfc_dataset_add_column(s->ds, table, name, type, dictionary, n_rows, column, err);
}

/* Sets a cell of a column of codes. */
static inline pfc_status pfc__sim_word(pfc_column *column, int64_t row, const char *text,
                                       pfc_error *err) {
  return pfc_dict_add(column->dict, text, strlen(text), &column->code[row], err);
}

#endif
