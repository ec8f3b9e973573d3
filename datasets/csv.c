#include "datasets/csv.h"

#include "base/mem.h"
#include "datasets/csv_internal.h"

void pfc_csv_defaults(pfc_csv_settings *s) {
  *s = (pfc_csv_settings){.delimiter = ',', .quote = '"', .max_cell = (size_t)1 << 20};
}

/* The rows of a block one by one, as the callback takes them. */
typedef struct delivery {
  pfc_csv_row_fn fn;
  void *user;
  int64_t left; /* rows to deliver; never 0 */
  const char **cell;
  size_t *size;
  size_t cell_capacity, size_capacity;
} delivery;

static pfc_status deliver_row(delivery *d, const pfc__csv_block *b, size_t row,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const int n_cells = pfc__csv_n_cells(b, row);
  PFC_RESERVE(d->cell, d->cell_capacity, (size_t)n_cells);
  PFC_RESERVE(d->size, d->size_capacity, (size_t)n_cells);
  for (int c = 0; c < n_cells; c++) {
    const pfc__csv_cell *cell = &b->cell[b->first[row] + (uint32_t)c];
    d->cell[c] = b->text + cell->start;
    d->size[c] = cell->size;
  }
  PFC_TRY(d->fn(&(pfc_csv_row){b->line[row], n_cells, d->cell, d->size}, d->user, err));
  d->left--;
done:
  return st;
}

static pfc_status deliver(delivery *d, const pfc__csv_block *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (size_t row = 0; row < b->n_rows && d->left > 0; row++)
    PFC_TRY(deliver_row(d, b, row, err));
done:
  return st;
}

pfc_status pfc_csv_read(const char *path, const pfc_csv_settings *settings, pfc_csv_row_fn fn,
                        void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csv_settings defaults;
  pfc_csv_defaults(&defaults);
  const pfc_csv_settings *s = settings ? settings : &defaults;
  delivery d = {.fn = fn, .user = user, .left = s->max_rows > 0 ? s->max_rows : INT64_MAX};
  pfc__csv *reader = NULL;
  pfc__csv_block block = {0};
  PFC_TRY(pfc__csv_open(path, s, PFC__CSV_BLOCK, false, &reader, err));
  do {
    PFC_TRY(pfc__csv_next(reader, &block, err));
    PFC_TRY(deliver(&d, &block, err));
  } while (block.n_rows > 0 && d.left > 0);
done:
  pfc__csv_close(reader);
  pfc__csv_block_clear(&block);
  pfc_free(d.cell);
  pfc_free(d.size);
  return st;
}
