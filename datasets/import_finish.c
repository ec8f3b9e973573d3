#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/dict_internal.h"
#include "datasets/import_build_internal.h"

/* --- too many rejects ----------------------------------------------------- */

/* Rejected rows that the settings allow the table. */
static int64_t allowed_rows(const pfc_import_settings *s, int64_t n_read) {
  const double share = isnan(s->max_bad_share) ? 0 : s->max_bad_share;
  /* 1.1 % of 1000 rows are 11 of them, though 0.011 * 1000 is less in binary. */
  const int64_t by_share = (int64_t)(share * (double)n_read * (1 + 1e-12));
  return by_share > s->max_bad ? by_share : s->max_bad;
}

static pfc_status check_limit(const pfc__builder *b, pfc_error *err) {
  const pfc_import_settings *s = b->run->settings;
  const bool is_given = s->max_bad >= 0 || !isnan(s->max_bad_share);
  const int64_t usual = (int64_t)(PFC__MAX_BAD_SHARE * (double)b->n_read * (1 + 1e-12));
  const int64_t allowed = is_given ? allowed_rows(s, b->n_read) : usual;
  const bool has_bad_keys = !is_given && b->n_bad_keys > 0;
  char limit[120];
  if (b->n_rejected <= allowed && !has_bad_keys) return PFC_OK;
  if (has_bad_keys)
    (void)snprintf(limit, sizeof limit,
                   ", %lld of them for keys or references, where none is allowed",
                   (long long)b->n_bad_keys);
  else
    (void)snprintf(limit, sizeof limit, "; allowed are %lld%s", (long long)allowed,
                   is_given ? "" : " (1 %)");
  return pfc_fail(err, PFC_EDATA,
                  "table %s: %lld of %lld rows rejected%s; mend them, or allow more (--max-bad "
                  "N or P%%); first %s",
                  b->decl->name, (long long)b->n_rejected, (long long)b->n_read, limit,
                  b->first_reject);
}

static pfc_status check_limits(const pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (run->builders[t]) PFC_TRY(check_limit(run->builders[t], err));
done:
  return st;
}

/* --- into the dataset ----------------------------------------------------- */

/* What was kept room for in vain goes back, where that is worth a copy. */
static pfc_status trim_column(pfc_column *column, int64_t n_rows, int64_t capacity,
                              pfc_error *err) {
  if (capacity <= n_rows + n_rows / 4) return PFC_OK;
  void *data = pfc_resize_array(column->data, (size_t)n_rows, (size_t)n_rows,
                                pfc_type_size(column->type));
  if (!data) return pfc_fail_memory(err, "rows");
  column->data = data;
  return PFC_OK;
}

static pfc_status move_column(pfc__builder *b, pfc_column *from, int64_t n_kept,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  const char *dictionary = from->dict ? pfc_dict_name(from->dict) : NULL;
  if (n_kept < b->n_rows) (void)pfc_column_keep(from, from, b->keep, b->n_rows);
  PFC_TRY(trim_column(from, n_kept, b->capacity, err));
  PFC_TRY(pfc_dataset_take_column(b->run->ds, b->decl->id, from->name, from->type, dictionary,
                                  n_kept, from->data, err));
  from->data = NULL;
done:
  return st;
}

/* Declared columns in the order of declaration, then the others as they came. */
static pfc_status move_table(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_table *table = &b->run->ds->tables[b->decl->id];
  int64_t n_kept = 0;
  for (int64_t r = 0; r < b->n_rows; r++) n_kept += b->keep[r];
  for (int c = 0; c < b->decl->n_columns; c++) {
    pfc_column *from = pfc__build_find(b, b->decl->columns[c].name);
    if (from) PFC_TRY(move_column(b, from, n_kept, err));
  }
  for (int c = 0; c < b->n_columns; c++)
    if (!b->columns[c].decl) PFC_TRY(move_column(b, &b->columns[c].values, n_kept, err));
  table->origin.rows_read = b->n_read;
  table->origin.rows_rejected = b->n_rejected;
done:
  return st;
}

/* --- dictionaries --------------------------------------------------------- */

/* Gives every code of a column that has none yet the next new one. */
static void number_codes(const pfc_column *column, int64_t n_rows, int32_t *new_code,
                         int32_t *n_new) {
  for (int64_t r = 0; r < n_rows; r++) {
    const int32_t code = column->code[r];
    if (code >= 0 && new_code[code] < 0) new_code[code] = (*n_new)++;
  }
}

/* The owner's key first, so that the code of an id is its row there. */
static void number_owner(const pfc_dataset *ds, const pfc_dict *dict, int32_t *new_code,
                         int32_t *n_new) {
  const int owner = pfc_schema_owner(pfc_dict_name(dict));
  if (owner < 0) return;
  const pfc_table *table = &ds->tables[owner];
  for (int c = 0; c < table->decl->n_columns; c++) {
    if (!(table->decl->columns[c].flags & PFC_KEY)) continue;
    const pfc_column *key =
        pfc_dataset_column(ds, table->decl->id, table->decl->columns[c].name);
    if (key) number_codes(key, table->n_rows, new_code, n_new);
  }
}

/* Then whatever else it codes, in the order of tables and columns. */
static void number_rest(const pfc_dataset *ds, const pfc_dict *dict, int32_t *new_code,
                        int32_t *n_new) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *table = &ds->tables[t];
    for (int c = 0; c < table->n_columns && *n_new < pfc_dict_size(dict); c++)
      if (table->columns[c].dict == dict)
        number_codes(&table->columns[c], table->n_rows, new_code, n_new);
  }
}

static void translate(pfc_dataset *ds, const pfc_dict *dict, const int32_t *new_code) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_table *table = &ds->tables[t];
    for (int c = 0; c < table->n_columns; c++) {
      pfc_column *column = &table->columns[c];
      if (column->dict != dict) continue;
      for (int64_t r = 0; r < table->n_rows; r++)
        if (column->code[r] >= 0) column->code[r] = new_code[column->code[r]];
    }
  }
}

static bool is_identity(const int32_t *new_code, int32_t n) {
  for (int32_t code = 0; code < n; code++)
    if (new_code[code] != code) return false;
  return true;
}

/* Drops what only rejected rows used, and numbers the rest: ids that a table defines by
 * its rows, others by first appearance in the order of tables and columns. Mostly they are
 * numbered so as they came. */
static pfc_status renumber(pfc_dataset *ds, pfc_dict *dict, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = pfc_dict_size(dict);
  int32_t *new_code = NULL, n_new = 0;
  PFC_NEW(new_code, n);
  memset(new_code, 0xff, (size_t)n * sizeof *new_code);
  number_owner(ds, dict, new_code, &n_new);
  number_rest(ds, dict, new_code, &n_new);
  if (!is_identity(new_code, n)) {
    PFC_TRY(pfc__dict_renumber(dict, new_code, n_new, err));
    translate(ds, dict, new_code);
  }
done:
  pfc_free(new_code);
  return st;
}

/* --- the end -------------------------------------------------------------- */

static bool has_split_column(const pfc_dataset *ds) {
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (pfc_dataset_codes(ds, (pfc_table_id)t, "split")) return true;
  return false;
}

pfc_status pfc__import_finish(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_error early = PFC_ERROR_INIT;
  /* Too many rows rejected while reading: told before what refers to them is blamed for
   * it, but only when the checks have told the rest of what there is to mend. */
  const pfc_status read = check_limits(run, &early);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc__builder *b = run->builders[t];
    if (!b) continue;
    PFC_NEW(b->keep, b->n_rows);
    memset(b->keep, 1, (size_t)b->n_rows);
  }
  PFC_TRY(pfc__import_check(run, err));
  if (read != PFC_OK) PFC_TRY(pfc_fail(err, read, "%s", early.msg));
  PFC_TRY(check_limits(run, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (run->builders[t]) PFC_TRY(move_table(run->builders[t], err));
  for (int d = 0; d < run->ds->n_dicts; d++) PFC_TRY(renumber(run->ds, run->ds->dicts[d], err));
  if (has_split_column(run->ds)) run->ds->split.kind = PFC_SPLIT_COLUMN;
done:
  return st;
}
