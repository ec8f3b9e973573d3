// labels: fuzz check
/* Import of one canonical table from any bytes: rows are kept or rejected, what is kept is
 * sound, and with its columns in the opposite order the same table comes of it.
 *
 * The first byte of an input chooses the table, the rest is the file. */
#include "datasets/csv.h"
#include "datasets/import.h"
#include "tests/fuzz/compare.h"

static pfc_status count(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)err;
  HOLDS(reject->file[0] && reject->line >= 1 && reject->reason[0]);
  ++*(int64_t *)user;
  return PFC_OK;
}

static fuzz_import import_bytes(pfc_table_id table, const char *data, size_t size) {
  fuzz_import i = {0};
  char name[64];
  pfc_import_settings s;
  (void)snprintf(name, sizeof name, "%s.csv", pfc_schema(table)->name);
  const char *const sources[] = {fuzz_named(0, name, data, size)};
  pfc_import_defaults(&s);
  s.max_bad = INT64_MAX;
  s.on_reject = count;
  s.reject_user = &i.n_told;
  i.st = pfc_import(sources, 1, &s, &i.ds, &i.err);
  holds_sound(&i);
  return i;
}

/* The file with the cells of every row from last to first. */
typedef struct mirror {
  fuzz_bytes text;
  int n_cells;
  int is_ragged; /* another number of cells: which of them are the key would change */
} mirror;

static pfc_status add_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  mirror *m = user;
  (void)err;
  if (m->n_cells == 0) m->n_cells = row->n_cells;
  m->is_ragged |= row->n_cells != m->n_cells;
  for (int c = row->n_cells - 1; c >= 0; c--) {
    fuzz_add_quoted(&m->text, row->cell[c], '"');
    fuzz_add(&m->text, c ? "," : "\n", 1);
  }
  return PFC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0 || size > 1 << 16) return 0;
  const pfc_table_id table = (pfc_table_id)(data[0] % PFC_N_TABLES);
  const char *text = (const char *)data + 1;
  fuzz_import plain = import_bytes(table, text, size - 1);
  mirror m = {0};
  if (pfc_csv_read(fuzz_file(1, text, size - 1), NULL, add_row, &m, NULL) == PFC_OK &&
      m.n_cells > 0 && !m.is_ragged) {
    fuzz_import mirrored = import_bytes(table, m.text.at, m.text.size);
    holds_same_import(&plain, &mirrored);
    pfc_dataset_destroy(mirrored.ds);
  }
  pfc_dataset_destroy(plain.ds);
  free(m.text.at);
  return 0;
}
