#include "datasets/csv.h"

#include "base/mem.h"
#include "datasets/csv_internal.h"

void pfc_csv_defaults(pfc_csv_settings *s) {
  *s = (pfc_csv_settings){.delimiter = ',', .quote = '"', .max_cell = (size_t)1 << 20};
}

pfc_status pfc__csv_view_row(pfc__csv_view *v, const pfc__csv_block *b, size_t row,
                             pfc_csv_row *out, pfc_error *err) {
  pfc_status st = PFC_OK;
  const size_t n_cells = (size_t)pfc__csv_n_cells(b, row);
  PFC_RESERVE(v->cell, v->cell_capacity, n_cells);
  PFC_RESERVE(v->size, v->size_capacity, n_cells);
  for (size_t c = 0; c < n_cells; c++) {
    const pfc__csv_cell *cell = &b->cell[b->first[row] + c];
    v->cell[c] = b->text + cell->start;
    v->size[c] = cell->size;
  }
  *out = (pfc_csv_row){b->line[row], (int)n_cells, v->cell, v->size};
done:
  return st;
}

void pfc__csv_view_clear(pfc__csv_view *v) {
  pfc_free(v->cell);
  pfc_free(v->size);
  *v = (pfc__csv_view){0};
}

pfc_status pfc_csv_read(const char *path, const pfc_csv_settings *settings, pfc_csv_row_fn fn,
                        void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csv_settings defaults;
  pfc_csv_defaults(&defaults);
  const pfc_csv_settings *s = settings ? settings : &defaults;
  int64_t left = s->max_rows > 0 ? s->max_rows : INT64_MAX;
  pfc__csv *reader = NULL;
  pfc__csv_block block = {0};
  pfc__csv_view view = {0};
  PFC_TRY(pfc__csv_open(path, s, false, &reader, err));
  do {
    PFC_TRY(pfc__csv_next(reader, &block, err));
    for (size_t row = 0; row < block.n_rows && left > 0; row++, left--) {
      pfc_csv_row shown;
      PFC_TRY(pfc__csv_view_row(&view, &block, row, &shown, err));
      PFC_TRY(fn(&shown, user, err));
    }
  } while (block.n_rows > 0 && left > 0);
done:
  pfc__csv_close(reader);
  pfc__csv_block_clear(&block);
  pfc__csv_view_clear(&view);
  return st;
}
