/* Sparse tables of sums. */
#include "base/mem.h"
#include "engine/gap_map_internal.h"

pfc_status pfc__cross_init(pfc__cross *x, int32_t n_rows, int32_t n_columns, pfc_error *err) {
  pfc_status st = PFC_OK;
  *x = (pfc__cross){.n_rows = n_rows, .n_columns = n_columns};
  PFC_NEW(x->row, n_rows);
done:
  return st;
}

void pfc__cross_clear(pfc__cross *x) {
  pfc_free(x->cell);
  pfc_free(x->slot);
  pfc_free(x->row);
  *x = (pfc__cross){0};
}

/* Where the cell is, or would be. Open addressing; a multiplication spreads the keys. */
static int64_t find_slot(const pfc__cross *x, int32_t row, int32_t column) {
  const uint64_t key = (uint64_t)row * (uint64_t)x->n_columns + (uint64_t)column;
  const uint64_t mask = (uint64_t)x->n_slots - 1;
  uint64_t at = ((key * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & mask;
  while (x->slot[at]) {
    const pfc__tally_cell *c = &x->cell[x->slot[at] - 1];
    if (c->row == row && c->column == column) break;
    at = (at + 1) & mask;
  }
  return (int64_t)at;
}

static pfc_status grow(pfc__cross *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *slot = NULL;
  const int64_t n_slots = x->n_slots ? 2 * x->n_slots : 1024;
  PFC_NEW(slot, n_slots);
  pfc_free(x->slot);
  x->slot = slot;
  x->n_slots = n_slots;
  for (int64_t c = 0; c < x->n; c++) {
    x->slot[find_slot(x, x->cell[c].row, x->cell[c].column)] = c + 1;
  }
done:
  return st;
}

pfc_status pfc__cross_place(pfc__cross *x, int32_t row, int32_t column, int64_t *place,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  if (2 * x->n >= x->n_slots) PFC_TRY(grow(x, err));
  const int64_t at = find_slot(x, row, column);
  if (!x->slot[at]) {
    PFC_RESERVE(x->cell, x->capacity, x->n + 1);
    x->cell[x->n] = (pfc__tally_cell){.row = row, .column = column};
    x->slot[at] = ++x->n;
  }
  *place = x->slot[at] - 1;
done:
  return st;
}
