#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/import_build_internal.h"

#define PROGRESS_ROWS 65536
#define REJECT_VALUE 200 /* bytes of a value shown */

void pfc__builder_destroy(pfc__builder *b) {
  if (!b) return;
  for (int c = 0; c < b->n_columns; c++) {
    pfc_free(b->columns[c].values.name);
    pfc_free(b->columns[c].values.data);
  }
  for (int32_t f = 0; f < b->n_files; f++) pfc_free(b->files[f]);
  for (int32_t a = 0; a < b->n_aliases; a++) {
    pfc_free(b->aliases[a].column);
    pfc_free(b->aliases[a].source);
  }
  pfc_free(b->columns);
  pfc_free(b->column_of);
  pfc_free(b->line);
  pfc_free(b->keep);
  pfc_free(b->lost);
  pfc_free(b->files);
  pfc_free(b->aliases);
  pfc_free(b->first_row);
  pfc_free(b);
}

static int index_of(const pfc__builder *b, const char *name) {
  for (int c = 0; c < b->n_columns; c++)
    if (strcmp(b->columns[c].values.name, name) == 0) return c;
  return -1;
}

pfc_column *pfc__build_find(const pfc__builder *b, const char *name) {
  const int c = index_of(b, name);
  return c < 0 ? NULL : &b->columns[c].values;
}

const pfc_column *pfc__build_ids(const pfc__builder *b) {
  for (int c = 0; c < b->n_columns; c++) {
    const pfc__build_column *column = &b->columns[c];
    if (column->decl && (column->decl->flags & PFC_KEY) && column->decl->dictionary &&
        pfc_schema_owner(column->decl->dictionary) == (int)b->decl->id)
      return &column->values;
  }
  return NULL;
}

/* --- beginning ------------------------------------------------------------ */

/* Every array of the table gets that room. */
static pfc_status set_capacity(pfc__builder *b, int64_t capacity, pfc_error *err) {
  for (int c = 0; c < b->n_columns; c++) {
    pfc_column *values = &b->columns[c].values;
    void *data = pfc_resize_array(values->data, (size_t)b->n_rows, (size_t)capacity,
                                  pfc_type_size(values->type));
    if (!data) return pfc_fail_memory(err, "rows");
    values->data = data;
  }
  uint32_t *line = pfc_resize_array(b->line, (size_t)b->n_rows, (size_t)capacity, sizeof *line);
  if (!line) return pfc_fail_memory(err, "rows");
  b->line = line;
  b->capacity = capacity;
  return PFC_OK;
}

pfc_status pfc__build_reserve(pfc__builder *b, int64_t n, pfc_error *err) {
  const int64_t needed = b->n_rows + n + 1;
  return needed <= b->capacity ? PFC_OK : set_capacity(b, needed + needed / 2 + 16, err);
}

static pfc_status no_such_column(const pfc__builder *b, const char *path, const char *name,
                                 pfc_error *err) {
  return pfc_fail(err, PFC_EUSAGE, "%s: table %s has no column '%s'", path, b->decl->name,
                  name);
}

/* A column that the table did not have so far; missing in the rows there are. */
static pfc_status add_column(pfc__builder *b, const char *path, const char *name,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  char dictionary[PFC_DICT_NAME];
  pfc__build_column new = {.decl = pfc_schema_column(b->decl, name)};
  pfc_column *values = &new.values;
  const size_t n = (size_t)b->n_columns;
  if (!pfc_schema_takes(b->decl, name, &values->type, dictionary))
    return no_such_column(b, path, name, err);
  values->name = pfc_strdup(name);
  values->data = pfc_alloc_array((size_t)b->capacity, pfc_type_size(values->type));
  if (values->type == PFC_CODE) values->dict = pfc_dataset_dict(b->run->ds, dictionary);
  pfc__build_column *columns = pfc_resize_array(b->columns, n, n + 1, sizeof *columns);
  if (columns) b->columns = columns;
  if (!columns || !values->name || !values->data ||
      (values->type == PFC_CODE && !values->dict)) {
    pfc_free(values->name);
    pfc_free(values->data);
    return pfc_fail_memory(err, name);
  }
  pfc_column_clear(values, 0, b->n_rows);
  b->columns[b->n_columns++] = new;
  return st;
}

static bool is_among(const char *const *names, int n, const char *name) {
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

static pfc_status check_required(const pfc__builder *b, const char *path,
                                 const char *const *names, int n, pfc_error *err) {
  char lacking[300] = "", needed[300] = "";
  for (int c = 0; c < b->decl->n_columns; c++) {
    const pfc_column_decl *column = &b->decl->columns[c];
    if (!(column->flags & (PFC_KEY | PFC_REQUIRED))) continue;
    pfc__list_name(needed, sizeof needed, column->name);
    if (!is_among(names, n, column->name))
      pfc__list_name(lacking, sizeof lacking, column->name);
  }
  if (!lacking[0]) return PFC_OK;
  return pfc_fail(err, PFC_EDATA, "%s: table %s lacks %s; it needs the columns %s", path,
                  b->decl->name, lacking, needed);
}

static pfc_status map_columns(pfc__builder *b, const char *path, const char *const *names,
                              int n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_free(b->column_of);
  PFC_NEW(b->column_of, n);
  for (int i = 0; i < n; i++) {
    if (is_among(names, i, names[i]))
      return pfc_fail(err, PFC_EDATA, "%s: column '%s' is named twice", path, names[i]);
    if (index_of(b, names[i]) < 0) PFC_TRY(add_column(b, path, names[i], err));
    b->column_of[i] = index_of(b, names[i]);
  }
done:
  return st;
}

/* Extends "a, b" to "a, b, c". */
static pfc_status join(char **list, const char *more, pfc_error *err) {
  const size_t had = *list ? strlen(*list) : 0, size = had + strlen(more) + 3;
  char *joined = pfc_alloc_array(size, 1);
  if (!joined) return pfc_fail_memory(err, "provenance");
  (void)snprintf(joined, size, "%s%s%s", had ? *list : "", had ? ", " : "", more);
  pfc_free(*list);
  *list = joined;
  return PFC_OK;
}

pfc_status pfc__build_origin(pfc__builder *b, const char *path, const char *sha256,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_provenance *origin = &b->run->ds->tables[b->decl->id].origin;
  const char *slash = strrchr(path, '/');
  PFC_TRY(join(&origin->source, slash ? slash + 1 : path, err));
  PFC_TRY(join(&origin->sha256, sha256, err));
done:
  return st;
}

pfc_status pfc__build_source(pfc__builder *b, const char *path, pfc_error *err) {
  char hex[PFC_SHA256_HEX];
  const pfc_status st = pfc_sha256_file(path, hex, err);
  return st == PFC_OK ? pfc__build_origin(b, path, hex, err) : st;
}

static pfc_status open_file(pfc__builder *b, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t capacity = b->n_files;
  PFC_RESERVE(b->first_row, capacity, b->n_files + 1);
  capacity = b->n_files;
  PFC_RESERVE(b->files, capacity, b->n_files + 1);
  if (!(b->files[b->n_files] = pfc_strdup(path))) return pfc_fail_memory(err, "path");
  b->first_row[b->n_files] = b->n_rows;
  b->current_file = b->n_files++;
done:
  return st;
}

pfc_status pfc__build_open(pfc__import *run, pfc_table_id table, const char *path,
                           const char *const *columns, int n_columns, pfc__builder **b,
                           pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__builder *builder = run->builders[table];
  if (!builder) {
    PFC_NEW(builder, 1);
    builder->decl = pfc_schema(table);
    builder->run = run;
    run->builders[table] = builder;
  }
  PFC_TRY(check_required(builder, path, columns, n_columns, err));
  PFC_TRY(map_columns(builder, path, columns, n_columns, err));
  PFC_TRY(open_file(builder, path, err));
  PFC_TRY(pfc__build_reserve(builder, 0, err));
  *b = builder;
done:
  return st;
}

pfc_status pfc__build_begin(pfc__import *run, pfc_table_id table, const char *path,
                            const char *const *columns, int n_columns, pfc__builder **b,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__build_open(run, table, path, columns, n_columns, b, err));
  PFC_TRY(pfc__build_source(*b, path, err));
done:
  return st;
}

pfc_status pfc__build_alias_add(pfc__builder *b, const char *column, const char *source,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t capacity = b->n_aliases;
  PFC_RESERVE(b->aliases, capacity, b->n_aliases + 1);
  pfc__build_alias *a = &b->aliases[b->n_aliases++];
  *a = (pfc__build_alias){b->current_file, pfc_strdup(column), pfc_strdup(source)};
  if (!a->column || !a->source) return pfc_fail_memory(err, "names of columns");
done:
  return st;
}

/* --- where rows stood ----------------------------------------------------- */

/* Rows of a file follow one another: the last file that began at the row or before it. */
int32_t pfc__build_file_of(const pfc__builder *b, int64_t row) {
  int32_t from = 0, to = b->n_files;
  while (to - from > 1) {
    const int32_t middle = from + (to - from) / 2;
    if (b->first_row[middle] <= row)
      from = middle;
    else
      to = middle;
  }
  return from;
}

const char *pfc__build_encoding(const pfc__builder *b) { return b->run->settings->encoding; }

int64_t pfc__build_line_of(const pfc__builder *b, int64_t row) { return b->line[row]; }

/* --- rejects -------------------------------------------------------------- */

/* The column's name in the file that the row came from. */
static const char *name_in_file(const pfc__builder *b, int32_t file, const char *column) {
  for (int32_t a = 0; a < b->n_aliases; a++)
    if (b->aliases[a].file == file && strcmp(b->aliases[a].column, column) == 0)
      return b->aliases[a].source;
  return column;
}

/* Tells the user; counts nothing. */
static pfc_status report(const pfc__builder *b, int32_t file, const pfc_reject *what,
                         pfc_error *err) {
  const pfc_import_settings *s = b->run->settings;
  char shown[REJECT_VALUE + 1];
  pfc_reject reject = *what;
  (void)snprintf(shown, sizeof shown, "%.*s", (int)pfc_utf8_cut(what->value, REJECT_VALUE),
                 what->value);
  reject.column = name_in_file(b, file, what->column);
  reject.value = shown;
  return s->on_reject ? s->on_reject(&reject, s->reject_user, err) : PFC_OK;
}

/* The same, and keeps the first one in words: it stands in the message when there are
 * too many. */
static pfc_status report_bad(pfc__builder *b, int32_t file, int64_t line, const char *column,
                             const char *value, const char *reason, pfc_error *err) {
  if (!b->first_reject[0])
    (void)snprintf(b->first_reject, sizeof b->first_reject, "%s:%lld: %s%s'%.*s': %s",
                   b->files[file], (long long)line, name_in_file(b, file, column),
                   column[0] ? " " : "", (int)pfc_utf8_cut(value, 60), value, reason);
  return report(b, file, &(pfc_reject){b->files[file], line, column, value, reason, false},
                err);
}

/* Counts a row that goes, and remembers the id that goes with it. */
static pfc_status count_reject(pfc__builder *b, int64_t row, pfc__fault fault, int32_t file,
                               int64_t line, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *ids = pfc__build_ids(b);
  b->n_rejected++;
  b->n_bad_keys += fault == PFC__BY_KEY;
  if (!ids || ids->code[row] < 0) return st;
  PFC_RESERVE(b->lost, b->lost_capacity, b->n_lost + 1);
  b->lost[b->n_lost++] = (pfc__lost){ids->code[row], fault, b->decl->id, file, line};
done:
  return st;
}

pfc_status pfc__build_take_back(pfc__builder *b, int64_t row, pfc__fault fault,
                                const char *column, const char *value, const char *reason,
                                pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!b->keep[row]) return st;
  b->keep[row] = 0;
  const int32_t file = pfc__build_file_of(b, row);
  const int64_t line = pfc__build_line_of(b, row);
  PFC_TRY(count_reject(b, row, fault, file, line, err));
  /* Of those the first is told: one is enough to fail the import. */
  if (fault == PFC__BY_KEY && b->n_bad_keys == 1) b->first_reject[0] = '\0';
  PFC_TRY(report_bad(b, file, line, column, value, reason, err));
done:
  return st;
}

pfc_status pfc__build_reject(pfc__builder *b, const char *column, const char *value,
                             const char *reason, pfc_error *err) {
  b->row_is_bad = true;
  return report_bad(b, b->current_file, b->current_line, column, value, reason, err);
}

pfc_status pfc__build_note(pfc__builder *b, int64_t line, const char *column,
                           const char *reason, pfc_error *err) {
  const char *path = b->files[b->current_file];
  return report(b, b->current_file, &(pfc_reject){path, line, column, "", reason, true}, err);
}

/* --- rows ----------------------------------------------------------------- */

void pfc__build_row(pfc__builder *b, int64_t line) {
  for (int c = 0; c < b->n_columns; c++)
    pfc_column_clear(&b->columns[c].values, b->n_rows, b->n_rows + 1);
  b->current_line = line;
  b->row_is_bad = false;
  b->n_read++;
}

static void put(pfc_column *column, int64_t row, const pfc__cell *cell) {
  switch (column->type) {
    case PFC_CODE:
    case PFC_INT:
    case PFC_DATE:
      column->i32[row] = cell->i32;
      break;
    case PFC_REAL:
      column->real[row] = cell->real;
      break;
    case PFC_FLAG:
      column->flag[row] = cell->flag;
      break;
    case PFC_TIME:
      column->time[row] = cell->time;
      break;
  }
}

pfc_status pfc__build_text(pfc__builder *b, int column, const char *text, pfc_error *err) {
  return pfc__build_shown(b, column, text, text, err);
}

pfc_status pfc__build_shown(pfc__builder *b, int column, const char *text, const char *shown,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__build_column *to = &b->columns[b->column_of[column]];
  char reason[PFC__REASON];
  pfc__cell cell;
  if (!text[0]) return st;
  if (!pfc__cell_parse(to->values.type, to->decl, text, &cell, reason))
    return pfc__build_reject(b, to->values.name, shown, reason, err);
  if (to->values.type == PFC_CODE)
    PFC_TRY(pfc_dict_add(to->values.dict, text, strlen(text), &cell.i32, err));
  put(&to->values, b->n_rows, &cell);
done:
  return st;
}

/* A cell given as a value of that type. */
static pfc_status put_value(pfc__builder *b, int column, pfc_type type, const pfc__cell *cell,
                            pfc_error *err) {
  pfc__build_column *to = &b->columns[b->column_of[column]];
  char reason[PFC__REASON], text[PFC__CELL_TEXT];
  if (to->values.type != type)
    return pfc_fail(err, PFC_EUSAGE, "%s.%s takes no %s", b->decl->name, to->values.name,
                    pfc_type_name(type));
  put(&to->values, b->n_rows, cell);
  if (pfc_column_missing(&to->values, b->n_rows) ||
      pfc__cell_in_range(type, to->decl, cell, reason))
    return PFC_OK;
  pfc__cell_format(type, cell, text);
  return pfc__build_reject(b, to->values.name, text, reason, err);
}

pfc_status pfc__build_real(pfc__builder *b, int column, double value, pfc_error *err) {
  return put_value(b, column, PFC_REAL, &(pfc__cell){.real = value}, err);
}

pfc_status pfc__build_flag(pfc__builder *b, int column, bool value, pfc_error *err) {
  return put_value(b, column, PFC_FLAG, &(pfc__cell){.flag = value}, err);
}

pfc_status pfc__build_date(pfc__builder *b, int column, int32_t days, pfc_error *err) {
  return put_value(b, column, PFC_DATE, &(pfc__cell){.i32 = days}, err);
}

/* No required cell is missing. A row that is bad already was told why. */
static pfc_status check_missing(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  char reason[PFC__REASON];
  if (b->row_is_bad) return st;
  for (int c = 0; c < b->n_columns; c++) {
    const pfc__build_column *column = &b->columns[c];
    if (!column->decl || !(column->decl->flags & (PFC_KEY | PFC_REQUIRED))) continue;
    if (!pfc_column_missing(&column->values, b->n_rows)) continue;
    (void)snprintf(reason, sizeof reason, "expected a value: %s", column->decl->meaning);
    PFC_TRY(pfc__build_reject(b, column->values.name, "", reason, err));
  }
done:
  return st;
}

pfc_status pfc__build_progress(const pfc__builder *b, int64_t n_read, pfc_error *err) {
  char stage[64];
  if (b->n_read / PROGRESS_ROWS == n_read / PROGRESS_ROWS) return PFC_OK;
  (void)snprintf(stage, sizeof stage, "import %s", b->decl->name);
  return pfc_progress_report(&b->run->settings->progress, stage, b->n_read, 0, NAN, err);
}

pfc_status pfc__build_too_many_lines(const pfc__builder *b, pfc_error *err) {
  return pfc_fail(err, PFC_EDATA, "%s has more than %u lines; split it",
                  b->files[b->current_file], UINT32_MAX);
}

pfc_status pfc__build_end(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_missing(b, err));
  PFC_TRY(pfc__build_progress(b, b->n_read - 1, err));
  if (b->row_is_bad)
    return count_reject(b, b->n_rows, PFC__BY_VALUE, b->current_file, b->current_line, err);
  if (b->current_line > UINT32_MAX) return pfc__build_too_many_lines(b, err);
  b->line[b->n_rows++] = (uint32_t)b->current_line;
  PFC_TRY(pfc__build_reserve(b, 0, err));
done:
  return st;
}
