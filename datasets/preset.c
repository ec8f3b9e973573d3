#include "datasets/preset_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/csv.h"

/* --- files ------------------------------------------------------------------------- */

pfc_status pfc__preset_find(const char *preset, const char *const *sources, int n_sources,
                            const char *const *names, int n_names, char **path,
                            pfc_error *err) {
  char missing[512] = "";
  for (int i = 0; i < n_names; i++) {
    const bool optional = names[i][0] == '?';
    const char *name = names[i] + optional;
    const pfc_status st = pfc__find_source(sources, n_sources, name, &path[i], err);
    if (st != PFC_OK) return st;
    if (!path[i] && !optional) pfc__list_name(missing, sizeof missing, name);
  }
  if (!missing[0]) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "preset %s: %s lacks %s (each as it is or with .gz)", preset,
                  n_sources == 1 ? sources[0] : "every folder given", missing);
}

/* --- rows -------------------------------------------------------------------------- */

typedef struct sheet_reader {
  const pfc__sheet *sheet;
  int n_cells; /* of the header; 0: not read yet */
  int at[PFC__SHEET_COLUMNS];
} sheet_reader;

static pfc_status read_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  sheet_reader *r = user;
  const pfc__sheet *sheet = r->sheet;
  if (r->n_cells == 0) {
    r->n_cells = row->n_cells;
    return pfc__header_find(sheet->path, row, sheet->names, sheet->n_names, r->at, err);
  }
  if (row->n_cells != r->n_cells) {
    char found[32];
    (void)snprintf(found, sizeof found, "%d cells", row->n_cells);
    return pfc__sheet_reject(sheet->rejects, row->line, "", found,
                             "as many cells as the header has", err);
  }
  const char *cell[PFC__SHEET_COLUMNS];
  for (int i = 0; i < sheet->n_names; i++) cell[i] = r->at[i] < 0 ? "" : row->cell[r->at[i]];
  return sheet->fn(row->line, cell, sheet->user, err);
}

pfc_status pfc__sheet_read(const pfc__sheet *sheet, pfc_error *err) {
  sheet_reader reader = {.sheet = sheet};
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  settings.encoding = pfc__build_encoding(sheet->rejects);
  if (sheet->tabs) {
    settings.delimiter = '\t';
    settings.quote = '\0';
  }
  const pfc_status st = pfc_csv_read(sheet->path, &settings, read_row, &reader, err);
  if (st != PFC_OK || reader.n_cells > 0) return st;
  return pfc_fail(err, PFC_EDATA, "%s is empty; expected a header row", sheet->path);
}

pfc_status pfc__sheet_reject(pfc__builder *b, int64_t line, const char *column,
                             const char *value, const char *reason, pfc_error *err) {
  pfc__build_row(b, line);
  const pfc_status st = pfc__build_reject(b, column, value, reason, err);
  return st == PFC_OK ? pfc__build_end(b, err) : st;
}

pfc_status pfc__sheet_note(pfc__builder *b, int64_t count, const char *column, const char *text,
                           pfc_error *err) {
  char note[320];
  if (count == 0) return PFC_OK;
  (void)snprintf(note, sizeof note, "%" PRId64 " %s", count, text);
  return pfc__build_note(b, 1, column, note, err); /* line 1: where the column is named */
}
