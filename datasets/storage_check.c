/* What a packed dataset must keep to, whoever made it: checked before it is written and after
 * it is read, so that nothing is written that would not be read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "datasets/storage_internal.h"

#define SHOWN 60 /* bytes of a text in a message */

/* --- values --------------------------------------------------------------- */

static bool is_day(int64_t day) { return day >= PFC_FIRST_DAY && day <= PFC_LAST_DAY; }

/* Is the element, which is not missing, one that import could have made? */
static bool is_sound(const pfc_column *column, double min, double max, int64_t row) {
  switch (column->type) {
    case PFC_CODE:
      return column->code[row] >= 0 && column->code[row] < max;
    case PFC_REAL:
      return column->real[row] >= min && column->real[row] <= max &&
             isfinite(column->real[row]);
    case PFC_INT:
      return column->i32[row] >= min && column->i32[row] <= max;
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

/* Codes below this one are ids: of the table that owns the dictionary, where it is there. */
static int32_t n_ids(const pfc_dataset *ds, const pfc_column *column,
                     const pfc_column_decl *decl) {
  const int32_t n = pfc_dict_size(column->dict);
  const int owner = pfc_schema_owner(pfc_dict_name(column->dict));
  if (owner < 0 || ds->tables[owner].n_columns == 0 || (decl && (decl->flags & PFC_OPEN)))
    return n;
  return ds->tables[owner].n_rows < n ? (int32_t)ds->tables[owner].n_rows : n;
}

static const char *fault_of(const pfc_column *column, int64_t row) {
  if (is_missing_mark(column, row)) return "missing";
  if (column->type == PFC_CODE && column->code[row] >= 0 &&
      column->code[row] < pfc_dict_size(column->dict))
    return "not an id of the table that defines them";
  return "out of range";
}

static pfc_status check_values(const pfc_dataset *ds, const pfc_table *table,
                               const pfc_column *column, pfc_status as, pfc_error *err) {
  const pfc_column_decl *decl = pfc_schema_column(table->decl, column->name);
  const bool required = decl && (decl->flags & (PFC_KEY | PFC_REQUIRED));
  const double min = decl ? decl->min : -INFINITY;
  const double max = column->type == PFC_CODE ? n_ids(ds, column, decl)
                     : decl                   ? decl->max
                                              : INFINITY;
  for (int64_t r = 0; r < table->n_rows; r++) {
    if (is_sound(column, min, max, r) || (!required && is_missing_mark(column, r))) continue;
    return pfc_fail(err, as, "/tables/%s/%s: the value of row %lld is %s", table->decl->name,
                    column->name, (long long)r, fault_of(column, r));
  }
  return PFC_OK;
}

/* --- columns -------------------------------------------------------------- */

/* A closed vocabulary has no other words. */
static pfc_status check_words(const pfc_column_decl *decl, const pfc_dict *dict, pfc_status as,
                              pfc_error *err) {
  for (int32_t code = 0; decl && decl->words && code < pfc_dict_size(dict); code++) {
    const char *text = pfc_dict_text(dict, code);
    if (!pfc_column_has_word(decl, text))
      return pfc_fail(err, as, "/dictionary/%s: '%.*s' is not one of %s", pfc_dict_name(dict),
                      (int)pfc_utf8_cut(text, SHOWN), text, decl->words);
  }
  return PFC_OK;
}

static pfc_status check_column(const pfc_dataset *ds, const pfc_table *table,
                               const pfc_column *column, pfc_status as, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  if (!pfc_schema_takes(table->decl, column->name, &type, dictionary) || type != column->type ||
      strcmp(dictionary, column->dict ? pfc_dict_name(column->dict) : "") != 0)
    return pfc_fail(err, as, "/tables/%s/%.*s is not a column of this table", table->decl->name,
                    (int)pfc_utf8_cut(column->name, SHOWN), column->name);
  if (column->dict)
    PFC_TRY(check_words(pfc_schema_column(table->decl, column->name), column->dict, as, err));
  PFC_TRY(check_values(ds, table, column, as, err));
done:
  return st;
}

static pfc_status check_required(const pfc_dataset *ds, const pfc_table *table, pfc_status as,
                                 pfc_error *err) {
  for (int c = 0; c < table->decl->n_columns; c++) {
    const pfc_column_decl *column = &table->decl->columns[c];
    if (!(column->flags & (PFC_KEY | PFC_REQUIRED))) continue;
    if (!pfc_dataset_column(ds, table->decl->id, column->name))
      return pfc_fail(err, as, "/tables/%s/%s is missing", table->decl->name, column->name);
  }
  return PFC_OK;
}

/* --- keys ----------------------------------------------------------------- */

#define MAX_KEY 4 /* no table has a longer key */

typedef struct key {
  int n;
  const pfc_column *columns[MAX_KEY];
} key;

static key key_of(const pfc_dataset *ds, const pfc_table *table) {
  key k = {0};
  for (int c = 0; c < table->decl->n_columns && k.n < MAX_KEY; c++)
    if (table->decl->columns[c].flags & PFC_KEY)
      k.columns[k.n++] = pfc_dataset_column(ds, table->decl->id, table->decl->columns[c].name);
  return k;
}

static bool same_key(const key *k, int64_t a, int64_t b) {
  for (int i = 0; i < k->n; i++)
    if (k->columns[i]->code[a] != k->columns[i]->code[b]) return false;
  return true;
}

/* Where the key of a row belongs among n slots, a power of two: in the first that is free,
 * -1, or holds a row of the same key. */
static size_t slot_of(const key *k, int64_t row, const int64_t *slots, size_t n) {
  uint64_t hash = 0;
  for (int i = 0; i < k->n; i++) {
    hash = (hash ^ (uint32_t)k->columns[i]->code[row]) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  size_t s = hash & (n - 1);
  while (slots[s] >= 0 && !same_key(k, slots[s], row)) s = (s + 1) & (n - 1);
  return s;
}

static pfc_status check_unique(const pfc_table *table, const key *k, pfc_status as,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t *slots = NULL;
  size_t n = 16;
  while (n < (size_t)table->n_rows * 2) n *= 2;
  PFC_NEW(slots, n);
  memset(slots, 0xff, n * sizeof *slots);
  for (int64_t r = 0; r < table->n_rows; r++) {
    int64_t *slot = &slots[slot_of(k, r, slots, n)];
    if (*slot >= 0) {
      st = pfc_fail(err, as, "/tables/%s: rows %lld and %lld have the same key",
                    table->decl->name, (long long)*slot, (long long)r);
      goto done;
    }
    *slot = r;
  }
done:
  pfc_free(slots);
  return st;
}

/* The ids that a table defines stand in the order of their codes. */
static pfc_status check_ids(const pfc_table *table, const pfc_column *ids, pfc_status as,
                            pfc_error *err) {
  for (int64_t r = 0; r < table->n_rows; r++)
    if (ids->code[r] != r)
      return pfc_fail(err, as, "/tables/%s/%s: row %lld has code %d, not its own number",
                      table->decl->name, ids->name, (long long)r, ids->code[r]);
  return PFC_OK;
}

static pfc_status check_keys(const pfc_dataset *ds, const pfc_table *table, pfc_status as,
                             pfc_error *err) {
  const key k = key_of(ds, table);
  if (k.n == 0) return PFC_OK;
  const int owner = pfc_schema_owner(pfc_dict_name(k.columns[0]->dict));
  if (k.n == 1 && owner == (int)table->decl->id) return check_ids(table, k.columns[0], as, err);
  return check_unique(table, &k, as, err);
}

/* --- the rest ------------------------------------------------------------- */

static bool is_text(const char *text) { return !text || pfc_utf8_valid(text, strlen(text)); }

static pfc_status check_provenance(const pfc_table *table, pfc_status as, pfc_error *err) {
  const pfc_provenance *origin = &table->origin;
  if (origin->rows_read < 0 || origin->rows_rejected < 0)
    return pfc_fail(err, as, "/tables/%s: a number of rows is negative", table->decl->name);
  if (!is_text(origin->source) || !is_text(origin->sha256))
    return pfc_fail(err, as, "/tables/%s: the name of a source is not valid UTF-8",
                    table->decl->name);
  return PFC_OK;
}

static pfc_status check_table(const pfc_dataset *ds, const pfc_table *table, pfc_status as,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_provenance(table, as, err));
  PFC_TRY(check_required(ds, table, as, err));
  for (int c = 0; c < table->n_columns; c++)
    PFC_TRY(check_column(ds, table, &table->columns[c], as, err));
  PFC_TRY(check_keys(ds, table, as, err));
done:
  return st;
}

/* A dictionary's name becomes an HDF5 link: not a path, and not the group itself. */
static pfc_status check_dict(const pfc_dict *dict, pfc_status as, pfc_error *err) {
  const char *name = pfc_dict_name(dict);
  if (!name[0] || strlen(name) >= PFC_DICT_NAME || strchr(name, '/') ||
      strcmp(name, ".") == 0 || !is_text(name))
    return pfc_fail(err, as, "'%.*s' cannot name a dictionary", (int)pfc_utf8_cut(name, SHOWN),
                    name);
  for (int32_t code = 0; code < pfc_dict_size(dict); code++)
    if (!is_text(pfc_dict_text(dict, code)))
      return pfc_fail(err, as, "/dictionary/%s: entry %d is not valid UTF-8", name, code);
  return PFC_OK;
}

/* The attribute of /split that has no meaning; NULL when all have. */
static const char *wrong_in(const pfc_split *split) {
  const bool has_date = split->date != PFC_NO_DATE;
  if (split->kind < PFC_SPLIT_NONE || split->kind > PFC_SPLIT_COLUMN) return "kind";
  if (has_date ? !is_day(split->date) : split->kind == PFC_SPLIT_AT) return "date";
  if (!(split->fraction >= 0 && split->fraction <= 1)) return "fraction";
  if (split->folds < 0) return "folds";
  return split->fold >= 0 && split->fold < (split->folds ? split->folds : 1) ? NULL : "fold";
}

pfc_status pfc__dataset_check(const pfc_dataset *ds, pfc_status as, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (!(isfinite(ds->scale_min) && isfinite(ds->scale_max) && ds->scale_min < ds->scale_max))
    return pfc_fail(err, as, "scale_min %g is not below scale_max %g", ds->scale_min,
                    ds->scale_max);
  if (!is_text(ds->framework))
    return pfc_fail(err, as, "attribute 'framework' is not valid UTF-8");
  const char *wrong = wrong_in(&ds->split);
  if (wrong) return pfc_fail(err, as, "/split: attribute '%s' has no meaning", wrong);
  for (int d = 0; d < ds->n_dicts; d++) PFC_TRY(check_dict(ds->dicts[d], as, err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (ds->tables[t].n_columns > 0) PFC_TRY(check_table(ds, &ds->tables[t], as, err));
done:
  return st;
}
