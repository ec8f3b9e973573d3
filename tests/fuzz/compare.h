/* Datasets from two imports that must agree. */
#ifndef PROFICIO_TESTS_FUZZ_COMPARE_H
#define PROFICIO_TESTS_FUZZ_COMPARE_H

#include "datasets/dataset.h"
#include "tests/fuzz/input.h"

/* One import: what came of it, and how many rejects were told. */
typedef struct fuzz_import {
  pfc_status st;
  pfc_error err;
  pfc_dataset *ds; /* NULL on failure */
  int64_t n_told;
} fuzz_import;

static inline void holds_same_column(const pfc_column *a, const pfc_column *b, int64_t n) {
  HOLDS(b && a->type == b->type);
  for (int64_t r = 0; r < n; r++) {
    if (a->type == PFC_CODE)
      HOLDS(strcmp(pfc_dict_text(a->dict, a->code[r]), pfc_dict_text(b->dict, b->code[r])) ==
            0);
  }
  if (a->type != PFC_CODE)
    HOLDS(n == 0 || memcmp(a->data, b->data, (size_t)n * pfc_type_size(a->type)) == 0);
}

/* The same outcome, rows and cells; columns in any order, codes of any number. */
static inline void holds_same_import(const fuzz_import *a, const fuzz_import *b) {
  HOLDS(a->st == b->st && a->n_told == b->n_told);
  if (a->st != PFC_OK) return;
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *x = &a->ds->tables[t], *y = &b->ds->tables[t];
    HOLDS(x->n_rows == y->n_rows && x->n_columns == y->n_columns);
    HOLDS(x->origin.rows_read == y->origin.rows_read &&
          x->origin.rows_rejected == y->origin.rows_rejected);
    for (int c = 0; c < x->n_columns; c++)
      holds_same_column(&x->columns[c],
                        pfc_dataset_column(b->ds, (pfc_table_id)t, x->columns[c].name),
                        x->n_rows);
  }
}

/* Rows are kept or rejected, codes lie in their dictionaries, what must be there is. */
static inline void holds_sound(const fuzz_import *i) {
  holds_error(i->st, &i->err);
  HOLDS((i->st == PFC_OK) == (i->ds != NULL));
  for (int t = 0; i->ds && t < PFC_N_TABLES; t++) {
    const pfc_table *table = &i->ds->tables[t];
    HOLDS(table->n_rows + table->origin.rows_rejected == table->origin.rows_read);
    HOLDS(table->origin.rows_rejected == 0 || i->n_told > 0);
    for (int c = 0; c < table->n_columns; c++) {
      const pfc_column *column = &table->columns[c];
      const pfc_column_decl *decl = pfc_schema_column(table->decl, column->name);
      const int32_t n_codes = column->type == PFC_CODE ? pfc_dict_size(column->dict) : 0;
      for (int64_t r = 0; r < table->n_rows; r++) {
        if (column->type == PFC_CODE) HOLDS(column->code[r] >= -1 && column->code[r] < n_codes);
        if (decl && (decl->flags & (PFC_KEY | PFC_REQUIRED)))
          HOLDS(!pfc_column_missing(column, r));
      }
    }
  }
}

#endif
