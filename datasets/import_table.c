#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "datasets/import_columns_internal.h"

#define MAX_COLUMNS 4096
#define WORTH_SHARING ((int64_t)32 << 20) /* bytes: a tenth of a second */

/* One canonical file while it is read. */
typedef struct table_file {
  pfc__import *run;
  const pfc_table_decl *decl;
  const char *path;
  pfc__builder *b; /* NULL until the header has been read */
  int n_cells;     /* of the header */
  int *column;     /* per cell: index for the builder, -1 ignored */
  bool *is_key;    /* per cell: part of the table's key */
  bool is_shared;  /* by threads */

  pfc__csv *reader;
  pfc__csv_block block[2]; /* the one being typed, and the one being read meanwhile */
  pfc__csv_view view;
  pfc__typing typing;
  pfc_error *errors; /* of reading, and of each group of columns */
  uint8_t *is_bad;   /* per row of the block */
  size_t bad_capacity;
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
  PFC_TRY(pfc__build_open(f->run, f->decl->id, f->path, names, n_names, &f->b, err));
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

/* Cell by cell: a row in which something is wrong. */
static pfc_status read_row(table_file *f, const pfc__csv_block *block, size_t i_row,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csv_row row;
  PFC_TRY(pfc__csv_view_row(&f->view, block, i_row, &row, err));
  pfc__build_row(f->b, row.line);
  if (row.n_cells != f->n_cells) PFC_TRY(read_ragged(f, &row, err));
  for (int c = 0; c < row.n_cells && row.n_cells == f->n_cells; c++)
    if (f->column[c] >= 0) PFC_TRY(pfc__build_text(f->b, f->column[c], row.cell[c], err));
  PFC_TRY(pfc__build_end(f->b, err));
done:
  return st;
}

/* --- blocks --------------------------------------------------------------- */

/* Room for the block, and, once, for all that the file may still hold: then the columns need
 * not grow. Memory that is not written to costs nothing. */
static pfc_status reserve_rows(table_file *f, const pfc__csv_block *block, bool is_first,
                               pfc_error *err) {
  const double n = (double)block->n_rows, share = (double)block->text_size;
  const double expected = is_first ? (double)pfc__csv_expected(f->reader) / share * n : 0;
  return pfc__build_reserve(f->b, (int64_t)fmax(expected, n), err);
}

/* Columns that the file does not have. */
static void clear_absent(table_file *f, int64_t n) {
  pfc__builder *b = f->b;
  for (int c = 0; c < b->n_columns; c++) {
    bool is_there = false;
    for (int i = 0; i < f->n_cells; i++)
      is_there |= f->column[i] >= 0 && b->column_of[f->column[i]] == c;
    if (!is_there) pfc_column_clear(&b->columns[c].values, b->n_rows, b->n_rows + n);
  }
}

/* Types a block while the next one is read. What reading found stands in errors[0]: it comes
 * after what is wrong with the rows before it. */
static pfc_status type_block(table_file *f, const pfc__csv_block *block, size_t from,
                             pfc__csv_block *next, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__typing *t = &f->typing;
  const int n = t->n_groups + 1;
#pragma omp parallel for schedule(dynamic, 1) if (f->is_shared)
  for (int i = 0; i < n; i++) {
    pfc_error *own = &f->errors[i];
    *own = (pfc_error)PFC_ERROR_INIT;
    own->status = i == 0 ? pfc__csv_next(f->reader, next, own)
                         : pfc__typing_run(t, i - 1, block, from, own);
  }
  for (int i = 1; i < n; i++)
    if (f->errors[i].status != PFC_OK)
      PFC_TRY(pfc_fail(err, f->errors[i].status, "%s", f->errors[i].msg));
done:
  return st;
}

/* Marks the rows that the columns found bad, or that are not as wide as the header. False
 * when there are none. */
static pfc_status mark_bad(table_file *f, const pfc__csv_block *block, size_t from, bool *any,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  *any = false;
  PFC_RESERVE(f->is_bad, f->bad_capacity, block->n_rows);
  for (size_t r = from; r < block->n_rows; r++) {
    f->is_bad[r] = pfc__csv_n_cells(block, r) != f->n_cells;
    *any |= f->is_bad[r];
  }
  for (int g = 0; g < f->typing.n_groups; g++) {
    const pfc__typed_group *group = &f->typing.group[g];
    for (size_t i = 0; i < group->n_bad; i++) f->is_bad[group->bad[i]] = 1;
    *any |= group->n_bad > 0;
  }
done:
  return st;
}

/* Keeps the good rows of a typed block, and lets the builder say what is wrong with the
 * others. */
static pfc_status settle(table_file *f, const pfc__csv_block *block, size_t from,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  bool any;
  const int64_t base = f->b->n_rows, n_read = f->b->n_read;
  PFC_TRY(mark_bad(f, block, from, &any, err));
  for (size_t r = from; r < block->n_rows;) {
    const size_t run = r;
    while (r < block->n_rows && !(any && f->is_bad[r])) r++;
    PFC_TRY(pfc__typing_keep(&f->typing, block, from, base, run, r, err));
    if (r < block->n_rows) PFC_TRY(read_row(f, block, r++, err));
  }
  PFC_TRY(pfc__build_progress(f->b, n_read, err));
done:
  return st;
}

static pfc_status begin(table_file *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_csv_row header;
  PFC_TRY(pfc__csv_next(f->reader, &f->block[0], err));
  if (f->block[0].n_rows == 0)
    PFC_TRY(pfc_fail(err, PFC_EDATA, "%s is empty; expected a line of column names", f->path));
  PFC_TRY(pfc__csv_view_row(&f->view, &f->block[0], 0, &header, err));
  PFC_TRY(read_header(f, &header, err));
  PFC_TRY(pfc__typing_init(&f->typing, f->b, f->column, f->n_cells, err));
  PFC_NEW(f->errors, f->typing.n_groups + 1);
done:
  return st;
}

static pfc_status read_blocks(table_file *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  size_t from = 1; /* behind the header */
  for (int now = 0; f->block[now].n_rows > 0; now = 1 - now, from = 0) {
    const pfc__csv_block *block = &f->block[now];
    PFC_TRY(reserve_rows(f, block, from == 1, err));
    clear_absent(f, (int64_t)(block->n_rows - from));
    PFC_TRY(type_block(f, block, from, &f->block[1 - now], err));
    PFC_TRY(settle(f, block, from, err));
    if (f->errors[0].status != PFC_OK)
      PFC_TRY(pfc_fail(err, f->errors[0].status, "%s", f->errors[0].msg));
  }
done:
  return st;
}

/* A small file is read before other threads have been woken. */
static void choose_block(table_file *f) {
  const size_t given = f->run->block_size;
  f->is_shared =
      pfc_par_threads() > 1 && (given > 0 || pfc__csv_expected(f->reader) >= WORTH_SHARING);
  const size_t usual = f->is_shared ? PFC__CSV_SHARED_BLOCK : PFC__CSV_BLOCK;
  pfc__csv_set_block(f->reader, given > 0 ? given : usual);
}

pfc_status pfc__import_table(pfc__import *run, pfc_table_id table, const char *path,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  table_file f = {.run = run, .decl = pfc_schema(table), .path = path};
  char hex[PFC_SHA256_HEX];
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  settings.encoding = run->settings->encoding;
  PFC_TRY(pfc__csv_open(path, &settings, true, &f.reader, err));
  choose_block(&f);
  PFC_TRY(begin(&f, err));
  PFC_TRY(read_blocks(&f, err));
  pfc__csv_digest(f.reader, hex);
  PFC_TRY(pfc__build_origin(f.b, path, hex, err));
done:
  pfc__csv_close(f.reader);
  for (int i = 0; i < 2; i++) pfc__csv_block_clear(&f.block[i]);
  pfc__csv_view_clear(&f.view);
  pfc__typing_clear(&f.typing);
  pfc_free(f.errors);
  pfc_free(f.is_bad);
  pfc_free(f.column);
  pfc_free(f.is_key);
  return st;
}
