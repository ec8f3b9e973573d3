#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "datasets/storage.h"
#include "datasets/storage_internal.h"

/* --- columns -------------------------------------------------------------- */

static const char *missing_mark(pfc_type type) {
  static const char *const MARKS[] = {"-1", "NaN",         "-2147483648",
                                      "-1", "-2147483648", "-9223372036854775808"};
  return MARKS[type];
}

static const char *meaning_of(const pfc_table *table, const pfc_column *column) {
  const pfc_column_decl *decl = pfc_schema_column(table->decl, column->name);
  if (decl) return decl->meaning;
  if (table->decl->open_columns) return "protected attribute";
  return column->type == PFC_REAL ? "numeric feature" : "categorical feature";
}

static pfc_status save_column(hid_t group, const pfc_table *table, int i_column,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t set = -1;
  const pfc_column *column = &table->columns[i_column];
  const pfc_h5_shape shape = {pfc__stored_type(column->type), 1, {table->n_rows, 1}, 0};
  PFC_TRY(pfc_h5_write(group, column->name, &shape, column->data, &set, err));
  PFC_TRY(pfc_h5_put_text(set, "type", pfc_type_name(column->type), err));
  if (column->dict)
    PFC_TRY(pfc_h5_put_text(set, "dictionary", pfc_dict_name(column->dict), err));
  PFC_TRY(pfc_h5_put_text(set, "missing", missing_mark(column->type), err));
  PFC_TRY(pfc_h5_put_text(set, "meaning", meaning_of(table, column), err));
  PFC_TRY(pfc_h5_put_i64(set, "position", i_column, err));
done:
  PFC_H5_DROP(set);
  return st;
}

/* --- tables --------------------------------------------------------------- */

/* The latest day of any date in the table, PFC_NO_DATE when it has none. */
static int32_t latest_day(const pfc_table *table) {
  int32_t latest = PFC_NO_DATE;
  for (int c = 0; c < table->n_columns; c++) {
    const pfc_column *column = &table->columns[c];
    for (int64_t r = 0; r < table->n_rows; r++) {
      int32_t day = PFC_NO_DATE;
      if (pfc_column_missing(column, r)) continue;
      if (column->type == PFC_DATE) day = column->date[r];
      if (column->type == PFC_TIME) day = (int32_t)pfc_time_day(column->time[r]);
      if (day > latest) latest = day;
    }
  }
  return latest;
}

static pfc_status save_provenance(hid_t group, const pfc_table *table, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_provenance *origin = &table->origin;
  char freshness[PFC_DATE_TEXT];
  pfc_date_format(latest_day(table), freshness);
  PFC_TRY(pfc_h5_put_i64(group, "rows", table->n_rows, err));
  PFC_TRY(pfc_h5_put_text(group, "source", origin->source ? origin->source : "", err));
  PFC_TRY(pfc_h5_put_text(group, "sha256", origin->sha256 ? origin->sha256 : "", err));
  PFC_TRY(pfc_h5_put_i64(group, "rows_read", origin->rows_read, err));
  PFC_TRY(pfc_h5_put_i64(group, "rows_rejected", origin->rows_rejected, err));
  PFC_TRY(pfc_h5_put_text(group, "freshness", freshness, err));
done:
  return st;
}

static pfc_status save_table(hid_t file, const pfc_table *table, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t group = -1;
  char path[PFC__PATH];
  (void)snprintf(path, sizeof path, "/tables/%s", table->decl->name);
  PFC_TRY(pfc_h5_make_group(file, path, &group, err));
  PFC_TRY(save_provenance(group, table, err));
  for (int c = 0; c < table->n_columns; c++) PFC_TRY(save_column(group, table, c, err));
done:
  PFC_H5_DROP(group);
  return st;
}

static pfc_status save_dict(hid_t file, const pfc_dict *dict, pfc_error *err) {
  pfc_status st = PFC_OK;
  const char **texts = NULL;
  char path[PFC__PATH];
  PFC_NEW(texts, pfc_dict_size(dict));
  for (int32_t code = 0; code < pfc_dict_size(dict); code++)
    texts[code] = pfc_dict_text(dict, code);
  (void)snprintf(path, sizeof path, "/dictionary/%s", pfc_dict_name(dict));
  st = pfc_h5_write_texts(file, path, pfc_dict_size(dict), texts, err);
done:
  pfc_free(texts);
  return st;
}

/* --- files ---------------------------------------------------------------- */

static pfc_status save_frame(hid_t file, const pfc_dataset *ds, const char *format,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t root = -1, tables = -1, dictionary = -1;
  PFC_TRY(pfc_h5_open_group(file, "/", &root, err));
  PFC_TRY(pfc_h5_put_text(root, "format", format, err));
  PFC_TRY(pfc_h5_put_i64(root, "schema_version", PFC__DATASET_SCHEMA, err));
  PFC_TRY(pfc_h5_put_f64(root, "scale_min", ds->scale_min, err));
  PFC_TRY(pfc_h5_put_f64(root, "scale_max", ds->scale_max, err));
  PFC_TRY(pfc_h5_put_text(root, "framework", ds->framework ? ds->framework : "", err));
  PFC_TRY(pfc_h5_make_group(file, "/tables", &tables, err));
  PFC_TRY(pfc_h5_make_group(file, "/dictionary", &dictionary, err));
done:
  PFC_H5_DROP(dictionary);
  PFC_H5_DROP(tables);
  PFC_H5_DROP(root);
  return st;
}

static pfc_status save_split(hid_t file, const pfc_split *split, pfc_error *err) {
  pfc_status st = PFC_OK;
  hid_t group = -1;
  char date[PFC_DATE_TEXT];
  if (split->kind == PFC_SPLIT_NONE) return st;
  pfc_date_format(split->date, date);
  PFC_TRY(pfc_h5_make_group(file, "/split", &group, err));
  PFC_TRY(pfc_h5_put_text(group, "kind", PFC__SPLIT_KINDS[split->kind], err));
  PFC_TRY(pfc_h5_put_text(group, "date", date, err));
  PFC_TRY(pfc_h5_put_f64(group, "fraction", split->fraction, err));
  PFC_TRY(pfc_h5_put_i64(group, "folds", split->folds, err));
  PFC_TRY(pfc_h5_put_i64(group, "fold", split->fold, err));
  PFC_TRY(pfc_h5_put_i64(group, "seed", (int64_t)split->seed, err));
done:
  PFC_H5_DROP(group);
  return st;
}

static int by_name(const void *a, const void *b) {
  return strcmp(pfc_dict_name(*(pfc_dict *const *)a), pfc_dict_name(*(pfc_dict *const *)b));
}

/* By name, so that the bytes do not depend on the order in which they were met. */
static pfc_status save_dicts(hid_t file, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dict **dicts = NULL;
  const size_t n = (size_t)ds->n_dicts;
  PFC_NEW(dicts, n);
  for (size_t d = 0; d < n; d++) dicts[d] = ds->dicts[d];
  qsort(dicts, n, sizeof(pfc_dict *), by_name);
  for (size_t d = 0; d < n; d++)
    if (strncmp(pfc_dict_name(dicts[d]), "protected.", 10) != 0)
      PFC_TRY(save_dict(file, dicts[d], err));
done:
  pfc_free(dicts);
  return st;
}

static pfc_status save_main(hid_t file, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(save_frame(file, ds, PFC__DATASET_FORMAT, err));
  PFC_TRY(save_dicts(file, ds, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (t != PFC_PROTECTED && ds->tables[t].n_columns > 0)
      PFC_TRY(save_table(file, &ds->tables[t], err));
  PFC_TRY(save_split(file, &ds->split, err));
done:
  return st;
}

static pfc_status save_protected(hid_t file, const pfc_dataset *ds, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_table *table = &ds->tables[PFC_PROTECTED];
  PFC_TRY(save_frame(file, ds, PFC__PROTECTED_FORMAT, err));
  for (int c = 0; c < table->n_columns; c++)
    PFC_TRY(save_dict(file, table->columns[c].dict, err));
  PFC_TRY(save_table(file, table, err));
done:
  return st;
}

typedef pfc_status (*save_fn)(hid_t file, const pfc_dataset *ds, pfc_error *err);

static pfc_status fill(const char *temp, save_fn save, const pfc_dataset *ds, pfc_error *err) {
  hid_t file = -1;
  pfc_status st = pfc_h5_create(temp, &file, err);
  if (st == PFC_OK) st = save(file, ds, err);
  if (st == PFC_OK) st = pfc_h5_close_sealed(&file, temp, err);
  PFC_H5_DROP(file);
  return st;
}

/* Everything but the commit. */
static pfc_status write_beside(pfc_newfile *new, const char *path, unsigned mode, save_fn save,
                               const pfc_dataset *ds, pfc_error *err) {
  pfc_error why = PFC_ERROR_INIT;
  pfc_status st = pfc_newfile_begin(new, path, mode, err);
  if (st != PFC_OK) return st;
  st = fill(new->temp, save, ds, &why);
  return st == PFC_OK ? PFC_OK : pfc_newfile_fail(new, st, &why, err);
}

char *pfc__protected_path(const char *path) {
  const char *slash = strrchr(path, '/');
  const size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
  char *beside = pfc_alloc_array(folder + sizeof PFC__PROTECTED_FILE, 1);
  if (!beside) return NULL;
  memcpy(beside, path, folder);
  memcpy(beside + folder, PFC__PROTECTED_FILE, sizeof PFC__PROTECTED_FILE);
  return beside;
}

pfc_status pfc_dataset_save(const pfc_dataset *ds, const char *path, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_newfile main_file = {0}, protected_file = {0};
  const bool has_protected = ds->tables[PFC_PROTECTED].n_rows > 0;
  char *beside = pfc__protected_path(path);
  if (!beside) return pfc_fail_memory(err, "path");
  if (strcmp(beside, path) == 0) {
    st = pfc_fail(err, PFC_EUSAGE, "%s: the name is kept for protected attributes", path);
    goto done;
  }
  PFC_TRY(pfc__dataset_check(ds, PFC_EUSAGE, err));
  PFC_TRY(write_beside(&main_file, path, 0644, save_main, ds, err));
  if (has_protected) {
    PFC_TRY(write_beside(&protected_file, beside, 0600, save_protected, ds, err));
    PFC_TRY(pfc_newfile_commit_pair(&protected_file, &main_file, err));
  } else {
    PFC_TRY(pfc_newfile_commit(&main_file, err));
  }
done:
  pfc_newfile_drop(&protected_file);
  pfc_newfile_drop(&main_file);
  pfc_free(beside);
  return st;
}
