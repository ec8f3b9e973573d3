#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/storage.h"
#include "datasets/storage_internal.h"

/* --- values --------------------------------------------------------------- */

static bool is_day(int64_t day) { return day >= PFC_FIRST_DAY && day <= PFC_LAST_DAY; }

/* Is the element, which is not missing, one that import could have made? */
static bool is_sound(const pfc_column *column, const pfc_column_decl *decl, int64_t row) {
  switch (column->type) {
    case PFC_CODE:
      return column->code[row] >= 0 && column->code[row] < pfc_dict_size(column->dict);
    case PFC_REAL:
      if (!isfinite(column->real[row])) return false;
      return !decl || (column->real[row] >= decl->min && column->real[row] <= decl->max);
    case PFC_INT:
      return !decl || (column->i32[row] >= decl->min && column->i32[row] <= decl->max);
    case PFC_FLAG:
      return column->flag[row] >= 0 && column->flag[row] <= 1;
    case PFC_DATE:
      return is_day(column->date[row]);
    case PFC_TIME:
      return is_day(pfc_time_day(column->time[row]));
  }
  return false;
}

/* Missing is one value, not a range of them. */
static bool is_missing_mark(const pfc_column *column, int64_t row) {
  if (column->type == PFC_CODE) return column->code[row] == -1;
  if (column->type == PFC_FLAG) return column->flag[row] == -1;
  return pfc_column_missing(column, row);
}

static pfc_status check_values(const pfc_table *table, const pfc_column *column,
                               pfc_error *err) {
  const pfc_column_decl *decl = pfc_schema_column(table->decl, column->name);
  const bool required = decl && (decl->flags & (PFC_KEY | PFC_REQUIRED));
  for (int64_t r = 0; r < table->n_rows; r++) {
    if (is_missing_mark(column, r) ? !required : is_sound(column, decl, r)) continue;
    return pfc_fail(err, PFC_EFORMAT, "/tables/%s/%s: the value of row %lld is %s",
                    table->decl->name, column->name, (long long)r,
                    is_missing_mark(column, r) ? "missing" : "out of range");
  }
  return PFC_OK;
}

/* A closed vocabulary has no other words. */
static pfc_status check_words(const pfc_column_decl *decl, const pfc_dict *dict,
                              pfc_error *err) {
  for (int32_t code = 0; decl && decl->words && code < pfc_dict_size(dict); code++) {
    const char *text = pfc_dict_text(dict, code);
    if (!pfc_column_has_word(decl, text))
      return pfc_fail(err, PFC_EFORMAT, "/dictionary/%s: '%.*s' is not one of %s",
                      pfc_dict_name(dict), (int)pfc_utf8_cut(text, 60), text, decl->words);
  }
  return PFC_OK;
}

/* --- columns -------------------------------------------------------------- */

typedef struct found_column {
  char name[PFC_COLUMN_NAME + 1];
  int64_t position;
} found_column;

/* What is being read. */
typedef struct loader {
  pfc_dataset *ds;
  hid_t file, group; /* group: the table's */
  pfc_table *table;
  found_column *found;
  size_t n_found, capacity;
} loader;

static pfc_status get_position(hid_t group, const char *name, int64_t *position,
                               pfc_error *err) {
  const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
  if (set < 0) return pfc_h5_fail(err, PFC_EFORMAT, "cannot open column '%s'", name);
  const pfc_status st = pfc_h5_get_i64(set, "position", position, err);
  (void)H5Idec_ref(set);
  return st;
}

static pfc_status find_column(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  loader *l = user;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  if (is_group || !pfc_schema_takes(l->table->decl, name, &type, dictionary))
    return pfc_fail(err, PFC_EFORMAT, "/tables/%s/%s is not a column of this table",
                    l->table->decl->name, name);
  PFC_RESERVE(l->found, l->capacity, l->n_found + 1);
  found_column *found = &l->found[l->n_found];
  (void)snprintf(found->name, sizeof found->name, "%s", name);
  PFC_TRY(get_position(l->group, name, &found->position, err));
  l->n_found++;
done:
  return st;
}

/* Puts the columns in the order of their positions, which must be 0, 1, 2 ... */
static pfc_status order_columns(loader *l, pfc_error *err) {
  pfc_status st = PFC_OK;
  found_column *ordered = NULL;
  PFC_NEW(ordered, l->n_found);
  for (size_t i = 0; i < l->n_found; i++) {
    const int64_t at = l->found[i].position;
    if (at < 0 || at >= (int64_t)l->n_found || ordered[at].name[0]) {
      st = pfc_fail(err, PFC_EFORMAT, "/tables/%s/%s: position %lld is not its own",
                    l->table->decl->name, l->found[i].name, (long long)at);
      goto done;
    }
    ordered[at] = l->found[i];
  }
  if (l->n_found) memcpy(l->found, ordered, l->n_found * sizeof *ordered);
done:
  pfc_free(ordered);
  return st;
}

static pfc_status load_column(loader *l, const char *name, int64_t n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  void *data = NULL;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  pfc_column *column;
  const pfc_table_decl *decl = l->table->decl;
  (void)pfc_schema_takes(decl, name, &type, dictionary);
  if (type == PFC_CODE && !pfc_dataset_find_dict(l->ds, dictionary))
    return pfc_fail(err, PFC_EFORMAT, "/dictionary/%s is missing", dictionary);
  PFC_TRY(pfc_h5_read_1d(l->group, name, pfc__stored_type(type), &n_rows, &data, err));
  PFC_TRY(
      pfc_dataset_add_column(l->ds, decl->id, name, type, dictionary, n_rows, &column, err));
  pfc_free(column->data);
  column->data = data;
  data = NULL;
  if (column->dict) PFC_TRY(check_words(pfc_schema_column(decl, name), column->dict, err));
  PFC_TRY(check_values(l->table, column, err));
done:
  pfc_free(data);
  return st;
}

/* --- tables --------------------------------------------------------------- */

static pfc_status load_provenance(loader *l, int64_t *n_rows, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_provenance *origin = &l->table->origin;
  PFC_TRY(pfc_h5_get_i64(l->group, "rows", n_rows, err));
  PFC_TRY(pfc_h5_get_text(l->group, "source", &origin->source, err));
  PFC_TRY(pfc_h5_get_text(l->group, "sha256", &origin->sha256, err));
  PFC_TRY(pfc_h5_get_i64(l->group, "rows_read", &origin->rows_read, err));
  PFC_TRY(pfc_h5_get_i64(l->group, "rows_rejected", &origin->rows_rejected, err));
  if (*n_rows < 0 || origin->rows_read < 0 || origin->rows_rejected < 0)
    st = pfc_fail(err, PFC_EFORMAT, "/tables/%s: a number of rows is negative",
                  l->table->decl->name);
done:
  return st;
}

static pfc_status check_required(const pfc_dataset *ds, const pfc_table *table,
                                 pfc_error *err) {
  for (int c = 0; c < table->decl->n_columns; c++) {
    const pfc_column_decl *column = &table->decl->columns[c];
    if (!(column->flags & (PFC_KEY | PFC_REQUIRED))) continue;
    if (!pfc_dataset_column(ds, table->decl->id, column->name))
      return pfc_fail(err, PFC_EFORMAT, "/tables/%s/%s is missing", table->decl->name,
                      column->name);
  }
  return PFC_OK;
}

static pfc_status load_table(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  loader *l = user;
  const int t = pfc_schema_find(name);
  char path[PFC__PATH];
  int64_t n_rows = 0;
  if (!is_group || t < 0 || t == PFC_PROTECTED)
    return pfc_fail(err, PFC_EFORMAT, "/tables/%s is not a table of a dataset", name);
  l->table = &l->ds->tables[t];
  l->n_found = 0;
  (void)snprintf(path, sizeof path, "/tables/%s", name);
  PFC_TRY(pfc_h5_open_group(l->file, path, &l->group, err));
  PFC_TRY(load_provenance(l, &n_rows, err));
  PFC_TRY(pfc_h5_each(l->group, find_column, l, err));
  PFC_TRY(order_columns(l, err));
  for (size_t i = 0; i < l->n_found; i++)
    PFC_TRY(load_column(l, l->found[i].name, n_rows, err));
  PFC_TRY(check_required(l->ds, l->table, err));
done:
  PFC_H5_DROP(l->group);
  return st;
}

static pfc_status load_dict(const char *name, bool is_group, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  loader *l = user;
  char path[PFC__PATH], **texts = NULL, *block = NULL;
  int64_t n = -1;
  if (is_group || strlen(name) >= PFC_DICT_NAME)
    return pfc_fail(err, PFC_EFORMAT, "/dictionary/%.100s is not a dictionary", name);
  pfc_dict *dict = pfc_dataset_dict(l->ds, name);
  if (!dict) return pfc_fail_memory(err, "dictionary");
  (void)snprintf(path, sizeof path, "/dictionary/%s", name);
  PFC_TRY(pfc_h5_read_texts(l->file, path, &n, &texts, &block, err));
  for (int64_t i = 0; i < n; i++) {
    int32_t code;
    PFC_TRY(pfc_dict_add(dict, texts[i], strlen(texts[i]), &code, err));
    if (code == i) continue;
    st = pfc_fail(err, PFC_EFORMAT, "%s: entries %d and %lld are the same", path, code,
                  (long long)i);
    goto done;
  }
done:
  pfc_free(texts);
  pfc_free(block);
  return st;
}

/* --- the file ------------------------------------------------------------- */

static pfc_status check_child(const char *name, bool is_group, void *user, pfc_error *err) {
  (void)user;
  static const char *const CHILDREN[] = {"dictionary", "split", "tables"};
  for (size_t i = 0; is_group && i < sizeof CHILDREN / sizeof *CHILDREN; i++)
    if (strcmp(name, CHILDREN[i]) == 0) return PFC_OK;
  return pfc_fail(err, PFC_EFORMAT, "/%s has no place in a dataset", name);
}

static pfc_status check_format(hid_t root, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *format = NULL;
  int64_t version = 0;
  PFC_TRY(pfc_h5_get_text(root, "format", &format, err));
  if (strcmp(format, PFC__DATASET_FORMAT) != 0) {
    st = pfc_fail(err, PFC_EFORMAT, "its format is '%.*s', not '%s'",
                  (int)pfc_utf8_cut(format, 60), format, PFC__DATASET_FORMAT);
    goto done;
  }
  PFC_TRY(pfc_h5_get_i64(root, "schema_version", &version, err));
  if (version != PFC__DATASET_SCHEMA)
    st = pfc_fail(err, PFC_EFORMAT, "schema version %lld; this program reads version %d",
                  (long long)version, PFC__DATASET_SCHEMA);
done:
  pfc_free(format);
  return st;
}

static pfc_status load_frame(hid_t root, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_format(root, err));
  PFC_TRY(pfc_h5_each(root, check_child, NULL, err));
  PFC_TRY(pfc_h5_get_f64(root, "scale_min", &ds->scale_min, err));
  PFC_TRY(pfc_h5_get_f64(root, "scale_max", &ds->scale_max, err));
  PFC_TRY(pfc_h5_get_text(root, "framework", &ds->framework, err));
  if (!(isfinite(ds->scale_min) && isfinite(ds->scale_max) && ds->scale_min < ds->scale_max)) {
    st = pfc_fail(err, PFC_EFORMAT, "scale_min %g is not below scale_max %g", ds->scale_min,
                  ds->scale_max);
    goto done;
  }
  if (!ds->framework[0]) {
    pfc_free(ds->framework);
    ds->framework = NULL;
  }
done:
  return st;
}

static pfc_split_kind split_kind(const char *word) {
  for (int k = PFC_SPLIT_AT; k <= PFC_SPLIT_COLUMN; k++)
    if (strcmp(PFC__SPLIT_KINDS[k], word) == 0) return (pfc_split_kind)k;
  return PFC_SPLIT_NONE;
}

static pfc_status read_split(hid_t group, pfc_split *split, pfc_error *err) {
  pfc_status st = PFC_OK;
  char *kind = NULL, *date = NULL;
  int64_t folds = 0, fold = 0, seed = 0;
  PFC_TRY(pfc_h5_get_text(group, "kind", &kind, err));
  PFC_TRY(pfc_h5_get_text(group, "date", &date, err));
  PFC_TRY(pfc_h5_get_f64(group, "fraction", &split->fraction, err));
  PFC_TRY(pfc_h5_get_i64(group, "folds", &folds, err));
  PFC_TRY(pfc_h5_get_i64(group, "fold", &fold, err));
  PFC_TRY(pfc_h5_get_i64(group, "seed", &seed, err));
  split->kind = split_kind(kind);
  const bool has_date = pfc_date_parse(date, &split->date);
  if (split->kind == PFC_SPLIT_NONE || (date[0] && !has_date) ||
      (split->kind == PFC_SPLIT_AT && !has_date) ||
      !(split->fraction >= 0 && split->fraction <= 1) || folds < 0 || folds > INT32_MAX ||
      fold < 0 || fold >= (folds ? folds : 1)) {
    st = pfc_fail(err, PFC_EFORMAT, "/split: an attribute has no meaning");
    goto done;
  }
  if (!has_date) split->date = PFC_NO_DATE;
  split->folds = (int32_t)folds;
  split->fold = (int32_t)fold;
  split->seed = (uint64_t)seed;
done:
  pfc_free(kind);
  pfc_free(date);
  return st;
}

static pfc_status load_children(hid_t file, const char *path, pfc_h5_child_fn fn, loader *l,
                                pfc_error *err) {
  hid_t group = -1;
  pfc_status st = pfc_h5_open_group(file, path, &group, err);
  if (st == PFC_OK) st = pfc_h5_each(group, fn, l, err);
  PFC_H5_DROP(group);
  return st;
}

static pfc_status load_file(hid_t file, pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t root = -1, split = -1;
  loader l = {.ds = ds, .file = file, .group = -1};
  PFC_TRY(pfc_h5_open_group(file, "/", &root, err));
  PFC_TRY(load_frame(root, ds, err));
  PFC_TRY(load_children(file, "/dictionary", load_dict, &l, err));
  PFC_TRY(load_children(file, "/tables", load_table, &l, err));
  if (pfc_h5_has(file, "/split")) {
    PFC_TRY(pfc_h5_open_group(file, "/split", &split, err));
    PFC_TRY(read_split(split, &ds->split, err));
  }
done:
  PFC_H5_DROP(split);
  PFC_H5_DROP(root);
  pfc_free(l.found);
  return st;
}

pfc_status pfc_dataset_load(const char *path, pfc_dataset **ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t file = -1;
  pfc_error inner = PFC_ERROR_INIT;
  pfc_dataset *new = pfc_dataset_create();
  if (!new) return pfc_fail_memory(err, "dataset");
  PFC_TRY(pfc_h5_open(path, &file, err));
  if ((st = load_file(file, new, &inner)) != PFC_OK) {
    (void)pfc_fail(err, st, "%s: %s", path, inner.msg);
    goto done;
  }
  PFC_TRY(pfc_h5_close(&file, err));
  PFC_TRY(pfc_sha256_file(path, new->sha256, err));
  *ds = new;
  new = NULL;
done:
  if (pfc_h5_close(&file, err) != PFC_OK && st == PFC_OK) st = PFC_EIO;
  pfc_dataset_destroy(new);
  return st;
}
