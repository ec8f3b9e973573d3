#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_internal.h"

#define MAX_COLUMNS 4096

/* One canonical file while it is read. */
typedef struct table_file {
  pfc__import *run;
  const pfc_table_decl *decl;
  const char *path;
  pfc__builder *b; /* NULL until the header has been read */
  int n_cells;     /* of the header */
  int *column;     /* per cell: index for the builder, -1 ignored */
  bool *is_key;    /* per cell: part of the table's key */
} table_file;

/* Why the table does not take a column, in a place that lives until the next call. */
static const char *unknown_reason(const pfc_table_decl *decl, const char *name, char *text,
                                  size_t size) {
  const char *near = pfc__nearest_name(decl, name);
  const bool is_feature = strncmp(name, "x_", 2) == 0 || strncmp(name, "c_", 2) == 0;
  if (!name[0]) return "column without a name, ignored; give it one";
  if (near)
    (void)snprintf(text, size, "unknown column, ignored; did you mean '%s'?", near);
  else if (is_feature && !decl->features)
    (void)snprintf(text, size, "ignored: table %s takes no x_ or c_ columns", decl->name);
  else if (decl->features)
    (void)snprintf(text, size,
                   "unknown column, ignored; name it x_... (number) or c_... "
                   "(category) to use it as a feature");
  else
    (void)snprintf(text, size, "unknown column of table %s, ignored", decl->name);
  return text;
}

static pfc_status report_unknown(const table_file *f, const pfc_csv_row *header,
                                 pfc_error *err) {
  pfc_status st = PFC_OK;
  char text[200];
  for (int c = 0; c < header->n_cells; c++) {
    if (f->column[c] >= 0) continue;
    const char *reason = unknown_reason(f->decl, header->cell[c], text, sizeof text);
    PFC_TRY(pfc__build_note(f->b, header->line, header->cell[c], reason, err));
  }
done:
  return st;
}

static pfc_status read_header(table_file *f, const pfc_csv_row *header, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **names = NULL;
  int n_names = 0;
  if (header->n_cells > MAX_COLUMNS)
    return pfc_fail(err, PFC_EDATA, "%s: %d columns; at most %d are taken", f->path,
                    header->n_cells, MAX_COLUMNS);
  PFC_TRY(pfc__check_header(f->decl, f->path, header, err));
  f->n_cells = header->n_cells;
  PFC_NEW(f->column, header->n_cells);
  PFC_NEW(f->is_key, header->n_cells);
  PFC_NEW(names, header->n_cells);
  for (int c = 0; c < header->n_cells; c++) {
    pfc_type type;
    char dictionary[PFC_DICT_NAME];
    const bool taken = pfc_schema_takes(f->decl, header->cell[c], &type, dictionary);
    const pfc_column_decl *decl = pfc_schema_column(f->decl, header->cell[c]);
    f->is_key[c] = decl && (decl->flags & PFC_KEY);
    f->column[c] = taken ? n_names : -1;
    if (taken) names[n_names++] = header->cell[c];
  }
  PFC_TRY(pfc__build_begin(f->run, f->decl->id, f->path, names, n_names, &f->b, err));
  PFC_TRY(report_unknown(f, header, err));
done:
  pfc_free(names);
  return st;
}

static pfc_status reject_width(const table_file *f, const pfc_csv_row *row, pfc_error *err) {
  char reason[120];
  (void)snprintf(reason, sizeof reason,
                 "expected %d cells as in the header, found %d; is a comma not quoted?",
                 f->n_cells, row->n_cells);
  return pfc__build_reject(f->b, "", row->cell[0], reason, err);
}

/* What refers to the id of a ragged row is to be blamed on that row: its id is read. */
static pfc_status read_ragged(const table_file *f, const pfc_csv_row *row, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(reject_width(f, row, err));
  for (int c = 0; c < row->n_cells && c < f->n_cells; c++)
    if (f->is_key[c]) PFC_TRY(pfc__build_text(f->b, f->column[c], row->cell[c], err));
done:
  return st;
}

static pfc_status read_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  table_file *f = user;
  if (!f->b) return read_header(f, row, err);
  pfc__build_row(f->b, row->line);
  if (row->n_cells != f->n_cells) PFC_TRY(read_ragged(f, row, err));
  for (int c = 0; c < row->n_cells && row->n_cells == f->n_cells; c++)
    if (f->column[c] >= 0) PFC_TRY(pfc__build_text(f->b, f->column[c], row->cell[c], err));
  PFC_TRY(pfc__build_end(f->b, err));
done:
  return st;
}

pfc_status pfc__import_table(pfc__import *run, pfc_table_id table, const char *path,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  table_file f = {.run = run, .decl = pfc_schema(table), .path = path};
  PFC_TRY(pfc_csv_read(path, NULL, read_row, &f, err));
  if (!f.b) st = pfc_fail(err, PFC_EDATA, "%s is empty; expected a line of column names", path);
done:
  pfc_free(f.column);
  pfc_free(f.is_key);
  return st;
}
