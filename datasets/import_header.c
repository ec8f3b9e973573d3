#include <stdio.h>
#include <string.h>

#include "datasets/import_internal.h"

/* A header that a spreadsheet wrote with another mark than the comma is one long name. */
static const char *other_delimiter(const pfc_csv_row *header) {
  if (header->n_cells != 1) return NULL;
  if (strchr(header->cell[0], ';')) return "';'";
  if (strchr(header->cell[0], '\t')) return "tabs";
  return strchr(header->cell[0], '|') ? "'|'" : NULL;
}

static int position_of(const pfc_csv_row *header, const char *name, int n) {
  for (int c = 0; c < n; c++)
    if (strcmp(header->cell[c], name) == 0) return c;
  return -1;
}

static pfc_status check_twice(const pfc_table_decl *decl, const char *path,
                              const pfc_csv_row *header, pfc_error *err) {
  for (int c = 1; c < header->n_cells; c++) {
    pfc_type type;
    char dictionary[PFC_DICT_NAME];
    const char *name = header->cell[c];
    if (!pfc_schema_takes(decl, name, &type, dictionary)) continue;
    const int first = position_of(header, name, c);
    if (first >= 0)
      return pfc_fail(err, PFC_EDATA,
                      "%s:%lld: columns %d and %d are both named '%s'; remove or rename one",
                      path, (long long)header->line, first + 1, c + 1, name);
  }
  return PFC_OK;
}

/* "person_id (is 'PersonID' meant?)": a name of the header near to the one it lacks. */
static void list_lacking(char *list, size_t size, const char *name, const pfc_csv_row *header) {
  char text[200];
  const char *near = pfc__nearest_of(header->cell, header->n_cells, name);
  (void)snprintf(text, sizeof text, "%s (is '%.60s' meant?)", name, near ? near : "");
  pfc__list_name(list, size, near ? text : name);
}

static pfc_status check_required(const pfc_table_decl *decl, const char *path,
                                 const pfc_csv_row *header, pfc_error *err) {
  char lacking[300] = "", needed[200] = "", found[300] = "";
  for (int c = 0; c < decl->n_columns; c++) {
    const pfc_column_decl *column = &decl->columns[c];
    if (!(column->flags & (PFC_KEY | PFC_REQUIRED))) continue;
    pfc__list_name(needed, sizeof needed, column->name);
    if (position_of(header, column->name, header->n_cells) < 0)
      list_lacking(lacking, sizeof lacking, column->name, header);
  }
  if (!lacking[0]) return PFC_OK;
  for (int c = 0; c < header->n_cells && strlen(found) < 250; c++)
    pfc__list_name(found, sizeof found, header->cell[c]);
  return pfc_fail(err, PFC_EDATA,
                  "%s:%lld: table %s lacks %s; it needs the columns %s, named in the first "
                  "line; found are: %s",
                  path, (long long)header->line, decl->name, lacking, needed, found);
}

pfc_status pfc__check_header(const pfc_table_decl *decl, const char *path,
                             const pfc_csv_row *header, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *delimiter = other_delimiter(header);
  if (delimiter)
    return pfc_fail(err, PFC_EDATA,
                    "%s:%lld: one column named '%.100s'; the file seems to have %s between its "
                    "cells: export it with commas, or read it by a mapping (--map)",
                    path, (long long)header->line, header->cell[0], delimiter);
  PFC_TRY(check_twice(decl, path, header, err));
  PFC_TRY(check_required(decl, path, header, err));
done:
  return st;
}
