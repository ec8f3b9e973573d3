#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "datasets/map_internal.h"
#include "datasets/preset_internal.h"

/* One file of a source while it is read. */
typedef struct mapped_file {
  pfc__import *run;
  const pfc__map *map;
  const pfc__map_source *source;
  const char *path;
  pfc__builder *b; /* NULL until the header has been read */
  int n_cells;     /* of the header */
  int *at;         /* per column of the source: its cell; -1 for a constant */
  int *skip_at;    /* per member of source->skip: its cell */
  int64_t n_skipped;
} mapped_file;

/* --- header ----------------------------------------------------------------- */

/* The cell of the header with that name, which must be there once. */
static pfc_status find_cell(const mapped_file *f, const pfc_csv_row *header, const char *name,
                            int *at, pfc_error *err) {
  char list[400] = "";
  *at = -1;
  for (int c = 0; c < header->n_cells; c++) {
    if (strcmp(header->cell[c], name) != 0) continue;
    if (*at >= 0)
      return pfc_fail(err, PFC_EDATA,
                      "%s:%lld: column '%s', which %s names, stands there twice", f->path,
                      (long long)header->line, name, f->map->path);
    *at = c;
  }
  if (*at >= 0) return PFC_OK;
  for (int c = 0; c < header->n_cells; c++) pfc__list_name(list, sizeof list, header->cell[c]);
  const char *near = pfc__nearest_of(header->cell, header->n_cells, name);
  return pfc_fail(
      err, PFC_EDATA,
      "%s:%lld: no column '%s', which %s names for table %s%s%s%s; the file has %d: "
      "%s",
      f->path, (long long)header->line, name, f->map->path, pfc_schema(f->source->table)->name,
      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", header->n_cells,
      list);
}

static pfc_status find_cells(mapped_file *f, const pfc_csv_row *header, pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *item;
  int n = 0;
  PFC_NEW(f->at, f->source->n_columns);
  PFC_NEW(f->skip_at, cJSON_GetArraySize(f->source->skip));
  for (int i = 0; i < f->source->n_columns; i++) {
    f->at[i] = -1;
    if (f->source->columns[i].from)
      PFC_TRY(find_cell(f, header, f->source->columns[i].from, &f->at[i], err));
  }
  cJSON_ArrayForEach(item, f->source->skip)
      PFC_TRY(find_cell(f, header, item->string, &f->skip_at[n++], err));
done:
  return st;
}

static pfc_status read_header(mapped_file *f, const pfc_csv_row *header, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__map_source *s = f->source;
  const char **names = NULL;
  PFC_NEW(names, s->n_columns);
  for (int i = 0; i < s->n_columns; i++) names[i] = s->columns[i].name;
  f->n_cells = header->n_cells;
  PFC_TRY(find_cells(f, header, err));
  PFC_TRY(pfc__build_begin(f->run, s->table, f->path, names, s->n_columns, &f->b, err));
  for (int i = 0; i < s->n_columns; i++)
    if (s->columns[i].from)
      PFC_TRY(pfc__build_alias_add(f->b, s->columns[i].name, s->columns[i].from, err));
done:
  pfc_free(names);
  return st;
}

/* --- cells ------------------------------------------------------------------ */

static pfc_status refuse(const mapped_file *f, int i, const char *cell, const char *expected,
                         pfc_error *err) {
  return pfc__build_reject(f->b, f->source->columns[i].name, cell, expected, err);
}

static pfc_status put_word(const mapped_file *f, int i, const char *cell, pfc_error *err) {
  const pfc__map_column *c = &f->source->columns[i];
  const int32_t code = pfc_dict_find(c->words, cell);
  char words[240] = "", reason[PFC__REASON];
  if (code >= 0 && !c->word[code]) return PFC_OK;
  if (code >= 0) return pfc__build_shown(f->b, i, c->word[code], cell, err);
  for (int32_t w = 0; w < c->n_words; w++)
    pfc__list_name(words, sizeof words, pfc_dict_text(c->words, w));
  (void)snprintf(reason, sizeof reason, "expected a word of the mapping: %s", words);
  return refuse(f, i, cell, reason, err);
}

static pfc_status put_scaled(const mapped_file *f, int i, const char *plain, const char *cell,
                             pfc_error *err) {
  const pfc__map_column *c = &f->source->columns[i];
  char reason[PFC__REASON], text[PFC__CELL_TEXT], shown[PFC__NUMBER + 2 * PFC__CELL_TEXT];
  pfc__cell value;
  if (!pfc__cell_parse(PFC_REAL, NULL, plain, &value, reason))
    return refuse(f, i, cell, reason, err);
  value.real = value.real * c->scale + c->offset;
  pfc__cell_format(PFC_REAL, &value, text);
  (void)snprintf(shown, sizeof shown, "%s (scaled: %s)", cell, text);
  return pfc__build_shown(f->b, i, text, shown, err);
}

static pfc_status put_number(const mapped_file *f, int i, const char *cell, pfc_error *err) {
  const pfc__map_format *format = &f->source->format;
  char plain[PFC__NUMBER], reason[PFC__REASON];
  if (!pfc__plain_number(cell, format->decimal, format->thousands, plain)) {
    const char group[] = {'1', format->thousands, '\0'};
    (void)snprintf(reason, sizeof reason, "expected a number like %s234%c5",
                   format->thousands ? group : "", format->decimal);
    return refuse(f, i, cell, reason, err);
  }
  if (f->source->columns[i].is_scaled) return put_scaled(f, i, plain, cell, err);
  return pfc__build_shown(f->b, i, plain, cell, err);
}

/* Dates go through their canonical text, so that one place decides what a cell may hold. */
static pfc_status put_date(const mapped_file *f, int i, const char *cell, pfc_error *err) {
  const pfc__map_column *c = &f->source->columns[i];
  const pfc__map_format *format = &f->source->format;
  char text[PFC_TIME_TEXT], plain[PFC__NUMBER], reason[PFC__REASON];
  const char *given = cell;
  int32_t days;
  int seconds;
  if (!c->date.excel && c->date.n_tokens == 0) return pfc__build_text(f->b, i, cell, err);
  if (c->date.excel)
    given = pfc__plain_number(cell, format->decimal, format->thousands, plain) ? plain : "";
  if (!pfc__date_by_format(&c->date, given, &days, &seconds)) {
    (void)snprintf(reason, sizeof reason, "expected a date that is written %.40s",
                   c->date.excel ? "as Excel's number, like 45292" : c->date.text);
    return refuse(f, i, cell, reason, err);
  }
  if (c->type == PFC_DATE)
    pfc_date_format(days, text);
  else
    pfc_time_format((int64_t)days * PFC_DAY_S + seconds, text);
  return pfc__build_shown(f->b, i, text, cell, err);
}

static pfc_status put_cell(const mapped_file *f, int i, const pfc_csv_row *row,
                           pfc_error *err) {
  const pfc__map_column *c = &f->source->columns[i];
  const char *cell = f->at[i] < 0 ? "" : row->cell[f->at[i]];
  if (!cell[0] || pfc__map_lists(c->missing, cell))
    return c->fallback ? pfc__build_text(f->b, i, c->fallback, err) : PFC_OK;
  if (c->words) return put_word(f, i, cell, err);
  if (c->type == PFC_REAL || c->type == PFC_INT) return put_number(f, i, cell, err);
  if (c->type == PFC_DATE || c->type == PFC_TIME) return put_date(f, i, cell, err);
  return pfc__build_text(f->b, i, cell, err);
}

/* --- rows ------------------------------------------------------------------- */

static bool is_skipped(const mapped_file *f, const pfc_csv_row *row) {
  const cJSON *item;
  int n = 0;
  cJSON_ArrayForEach(item, f->source->skip) {
    if (pfc__map_lists(item, row->cell[f->skip_at[n++]])) return true;
  }
  return false;
}

/* What refers to the id of a ragged row is to be blamed on that row: its id is read. */
static pfc_status read_ragged(const mapped_file *f, const pfc_csv_row *row, pfc_error *err) {
  pfc_status st = PFC_OK;
  char reason[120];
  (void)snprintf(reason, sizeof reason,
                 "expected %d cells as in the header, found %d; is a delimiter not quoted?",
                 f->n_cells, row->n_cells);
  PFC_TRY(pfc__build_reject(f->b, "", row->cell[0], reason, err));
  for (int i = 0; i < f->source->n_columns; i++) {
    const pfc_column_decl *decl = f->source->columns[i].decl;
    if (decl && (decl->flags & PFC_KEY) && f->at[i] < row->n_cells)
      PFC_TRY(put_cell(f, i, row, err));
  }
done:
  return st;
}

static pfc_status read_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  mapped_file *f = user;
  if (!f->b) return read_header(f, row, err);
  if (row->n_cells == f->n_cells && is_skipped(f, row)) {
    f->n_skipped++;
    return st;
  }
  pfc__build_row(f->b, row->line);
  if (row->n_cells != f->n_cells) PFC_TRY(read_ragged(f, row, err));
  for (int i = 0; i < f->source->n_columns && row->n_cells == f->n_cells; i++)
    PFC_TRY(put_cell(f, i, row, err));
  PFC_TRY(pfc__build_end(f->b, err));
done:
  return st;
}

/* --- files ------------------------------------------------------------------ */

static pfc_status read_file(pfc__import *run, const pfc__map *map,
                            const pfc__map_source *source, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  mapped_file f = {.run = run, .map = map, .source = source, .path = path};
  pfc_csv_settings settings;
  pfc_csv_defaults(&settings);
  settings.delimiter = source->format.delimiter;
  settings.quote = source->format.quote;
  settings.encoding =
      source->format.encoding ? source->format.encoding : run->settings->encoding;
  PFC_TRY(pfc_csv_read(path, &settings, read_row, &f, err));
  if (!f.b)
    PFC_TRY(pfc_fail(err, PFC_EDATA, "%s is empty; expected a line of column names", path));
  PFC_TRY(pfc__sheet_note(f.b, f.n_skipped, "", "skipped, as the mapping says", err));
done:
  pfc_free(f.at);
  pfc_free(f.skip_at);
  return st;
}

/* Every source that is or holds the file, in the order given. */
static pfc_status read_named(pfc__import *run, const pfc__map *map,
                             const pfc__map_source *source, const char *name,
                             const char *const *sources, int n_sources, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *path = NULL;
  int n_found = 0;
  for (int s = 0; s < n_sources; s++) {
    PFC_TRY(pfc__find_source(&sources[s], 1, name, &path, err));
    if (!path) continue;
    n_found++;
    PFC_TRY(read_file(run, map, source, path, err));
    pfc_free(path);
    path = NULL;
  }
  if (n_found == 0)
    st = pfc_fail(err, PFC_EDATA, "%s: table %s: no file '%s' (nor '%s.gz') in %s", map->path,
                  pfc_schema(source->table)->name, name, name,
                  n_sources == 1 ? sources[0] : "any of the folders given");
done:
  pfc_free(path);
  return st;
}

static pfc_status read_source(pfc__import *run, const pfc__map *map,
                              const pfc__map_source *source, const char *const *sources,
                              int n_sources, pfc_error *err) {
  pfc_status st = PFC_OK;
  const cJSON *item;
  if (cJSON_IsString(source->files))
    return read_named(run, map, source, source->files->valuestring, sources, n_sources, err);
  cJSON_ArrayForEach(item, source->files)
      PFC_TRY(read_named(run, map, source, item->valuestring, sources, n_sources, err));
done:
  return st;
}

pfc_status pfc__import_mapped(pfc__import *run, const char *const *sources, int n_sources,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__map map;
  PFC_TRY(pfc__map_load(run->settings->map, &map, err));
  for (int s = 0; s < map.n_sources; s++)
    PFC_TRY(read_source(run, &map, &map.sources[s], sources, n_sources, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (run->builders[t]) PFC_TRY(pfc__build_source(run->builders[t], map.path, err));
done:
  pfc__map_clear(&map);
  return st;
}
