#include <math.h>
#include <string.h>

#include "base/mem.h"
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
  const int64_t n_bad_keys = is_given ? 0 : b->n_bad_keys;
  if (b->n_rejected - n_bad_keys <= allowed && n_bad_keys == 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "table %s: %lld of %lld rows rejected, %lld of them for keys or references; "
                  "allowed are %lld%s; mend them, or allow more (--max-bad N or P%%); first "
                  "%s",
                  b->decl->name, (long long)b->n_rejected, (long long)b->n_read,
                  (long long)b->n_bad_keys, (long long)allowed,
                  is_given ? "" : " (1 %) and none for keys or references", b->first_reject);
}

static pfc_status check_limits(const pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (run->builders[t]) PFC_TRY(check_limit(run->builders[t], err));
done:
  return st;
}

/* --- into the dataset ----------------------------------------------------- */

static pfc_status move_column(pfc__builder *b, pfc_column *from, int64_t n_kept,
                              pfc_error *err) {
  pfc_column *to;
  const char *dictionary = from->dict ? pfc_dict_name(from->dict) : NULL;
  const pfc_status st = pfc_dataset_add_column(b->run->ds, b->decl->id, from->name, from->type,
                                               dictionary, n_kept, &to, err);
  if (st != PFC_OK) return st;
  (void)pfc_column_keep(to, from, b->keep, b->n_rows);
  pfc_free(from->data);
  from->data = NULL;
  return PFC_OK;
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
    for (int c = 0; c < table->n_columns; c++)
      if (table->columns[c].dict == dict)
        number_codes(&table->columns[c], table->n_rows, new_code, n_new);
  }
}

/* A dictionary of the codes that have a new number, in the order of those. */
static pfc_status renumbered(const pfc_dict *old, const int32_t *new_code, int32_t n_new,
                             pfc_dict **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t *old_code = NULL;
  pfc_dict *new = pfc_dict_create(pfc_dict_name(old));
  if (!new) return pfc_fail_memory(err, "dictionary");
  PFC_NEW(old_code, n_new);
  for (int32_t code = 0; code < pfc_dict_size(old); code++)
    if (new_code[code] >= 0) old_code[new_code[code]] = code;
  for (int32_t code = 0; code < n_new; code++) {
    const char *text = pfc_dict_text(old, old_code[code]);
    int32_t added;
    PFC_TRY(pfc_dict_add(new, text, strlen(text), &added, err));
  }
  *out = new;
  new = NULL;
done:
  pfc_free(old_code);
  pfc_dict_destroy(new);
  return st;
}

static void translate(pfc_dataset *ds, const pfc_dict *old, pfc_dict *new,
                      const int32_t *new_code) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_table *table = &ds->tables[t];
    for (int c = 0; c < table->n_columns; c++) {
      pfc_column *column = &table->columns[c];
      if (column->dict != old) continue;
      column->dict = new;
      for (int64_t r = 0; r < table->n_rows; r++)
        if (column->code[r] >= 0) column->code[r] = new_code[column->code[r]];
    }
  }
}

/* Drops what only rejected rows used, and numbers the rest: ids that a table defines by
 * its rows, others by first appearance in the order of tables and columns. */
static pfc_status renumber(pfc_dataset *ds, int i_dict, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dict *old = ds->dicts[i_dict], *new = NULL;
  int32_t *new_code = NULL, n_new = 0;
  PFC_NEW(new_code, pfc_dict_size(old));
  memset(new_code, 0xff, (size_t)pfc_dict_size(old) * sizeof *new_code);
  number_owner(ds, old, new_code, &n_new);
  number_rest(ds, old, new_code, &n_new);
  PFC_TRY(renumbered(old, new_code, n_new, &new, err));
  translate(ds, old, new, new_code);
  ds->dicts[i_dict] = new;
  pfc_dict_destroy(old);
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
  for (int d = 0; d < run->ds->n_dicts; d++) PFC_TRY(renumber(run->ds, d, err));
  if (has_split_column(run->ds)) run->ds->split.kind = PFC_SPLIT_COLUMN;
done:
  return st;
}
