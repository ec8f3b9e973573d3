/* What the two readers of offers share. */
#ifndef PROFICIO_TRAINER_OFFERS_INTERNAL_H
#define PROFICIO_TRAINER_OFFERS_INTERNAL_H

#include "base/error.h"
#include "datasets/dataset.h"

/* Rows of a table by the intervention that they name: those of i are row[first[i]] to
 * row[first[i + 1] - 1], in their order. Rows that name none are in no list. */
typedef struct pfc__item_rows {
  int64_t *first, *row;
} pfc__item_rows;

PFC_MUST_USE pfc_status pfc__item_rows_init(pfc__item_rows *r, const pfc_dataset *ds,
                                            pfc_table_id table, pfc_error *err);
void pfc__item_rows_clear(pfc__item_rows *r);

#endif
