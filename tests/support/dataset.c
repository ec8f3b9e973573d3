#include "tests/support/dataset.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/test.h"

enum { ENOUGH = 8 }; /* ids of each kind, so that keys of two of them tell all rows apart */

pfc_column *test_dataset_column(pfc_dataset *ds, pfc_table_id table, const char *name) {
  pfc_table *t = &ds->tables[table];
  for (int c = 0; c < t->n_columns; c++)
    if (strcmp(t->columns[c].name, name) == 0) return &t->columns[c];
  return NULL;
}

/* --- random datasets ------------------------------------------------------ */

static int32_t random_code(pfc_dataset *ds, pfc_column *column, const pfc_column_decl *decl,
                           pfc_rng *rng) {
  (void)ds;
  char text[64];
  int32_t code;
  if (decl && decl->words) {
    const char *bar = strchr(decl->words, '|');
    (void)snprintf(text, sizeof text, "%.*s", (int)(bar - decl->words), decl->words);
    if (pfc_rng_below(rng, 2))
      (void)snprintf(text, sizeof text, "%s", strrchr(decl->words, '|') + 1);
  } else {
    (void)snprintf(text, sizeof text, "%s\xc3\xa9%d", pfc_rng_below(rng, 4) ? "id" : "",
                   (int)pfc_rng_below(rng, 30));
  }
  assert_ok(pfc_dict_add(column->dict, text, strlen(text), &code, &err));
  return code;
}

static double random_real(const pfc_column_decl *decl, pfc_rng *rng) {
  const double low = decl && isfinite(decl->min) ? decl->min : -1e6;
  const double high = decl && isfinite(decl->max) ? decl->max : low + 1e6;
  return low + (high - low) * pfc_rng_uniform(rng);
}

static void fill(pfc_dataset *ds, pfc_column *column, const pfc_column_decl *decl, int64_t row,
                 pfc_rng *rng) {
  const bool required = decl && (decl->flags & (PFC_KEY | PFC_REQUIRED));
  if (!required && pfc_rng_below(rng, 3) == 0) return; /* stays missing */
  switch (column->type) {
    case PFC_CODE:
      column->code[row] = random_code(ds, column, decl, rng);
      break;
    case PFC_REAL:
      column->real[row] = random_real(decl, rng);
      break;
    case PFC_INT:
      column->i32[row] = (int32_t)random_real(decl, rng);
      break;
    case PFC_FLAG:
      column->flag[row] = (int8_t)pfc_rng_below(rng, 2);
      break;
    case PFC_DATE:
      column->date[row] = (int32_t)pfc_rng_below(rng, 40000) - 10000;
      break;
    case PFC_TIME:
      column->time[row] = (int64_t)pfc_rng_below(rng, 4000000000u) - 1000000000;
      break;
  }
}

static void add_random_column(pfc_dataset *ds, pfc_table_id table, const char *name,
                              int64_t n_rows, pfc_rng *rng) {
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  pfc_column *column;
  const pfc_table_decl *decl = pfc_schema(table);
  assert_true(pfc_schema_takes(decl, name, &type, dictionary));
  assert_ok(pfc_dataset_add_column(ds, table, name, type, dictionary, n_rows, &column, &err));
  for (int64_t r = 0; r < n_rows; r++) fill(ds, column, pfc_schema_column(decl, name), r, rng);
}

/* The table's key column where it defines ids; NULL otherwise. */
static pfc_column *defined_ids(pfc_dataset *ds, pfc_table_id table) {
  const pfc_column_decl *first = &pfc_schema(table)->columns[0];
  if (!(first->flags & PFC_KEY) || pfc_schema_owner(first->dictionary) != (int)table)
    return NULL;
  return test_dataset_column(ds, table, first->name);
}

/* Enough ids for every key that refers to them, not more protected people than people. */
static int64_t random_rows(pfc_table_id table, bool full, pfc_rng *rng) {
  const pfc_column_decl *first = &pfc_schema(table)->columns[0];
  if (table == PFC_PROTECTED) return (int64_t)pfc_rng_below(rng, ENOUGH);
  if (full) return ENOUGH;
  if (first->flags & PFC_KEY && pfc_schema_owner(first->dictionary) == (int)table)
    return ENOUGH + (int64_t)pfc_rng_below(rng, 40);
  return pfc_rng_below(rng, 4) ? (int64_t)pfc_rng_below(rng, ENOUGH * ENOUGH) : 0;
}

static void add_random_table(pfc_dataset *ds, pfc_table_id table, bool full, pfc_rng *rng) {
  const pfc_table_decl *decl = pfc_schema(table);
  const int64_t n_rows = random_rows(table, full, rng);
  for (int c = 0; c < decl->n_columns; c++) {
    const bool required = decl->columns[c].flags & (PFC_KEY | PFC_REQUIRED);
    if (full || required || pfc_rng_below(rng, 3))
      add_random_column(ds, table, decl->columns[c].name, n_rows, rng);
  }
  static const char *const EXTRA[] = {"x_zeta", "c_site", "x_alpha", "c_\xc3\xa5"};
  for (size_t i = 0; i < 4; i++)
    if ((decl->features || decl->open_columns) && (full || pfc_rng_below(rng, 2)))
      add_random_column(ds, table, EXTRA[i], n_rows, rng);
  pfc_provenance *origin = &ds->tables[table].origin;
  origin->rows_read = n_rows + 3;
  origin->rows_rejected = 3;
  origin->source = pfc_strdup(pfc_rng_below(rng, 2) ? "a.csv, b.csv.gz" : "");
  origin->sha256 = pfc_strdup("0123456789abcdef");
}

/* --- keys and references --------------------------------------------------- */

static void grow_dict(pfc_dict *dict, int64_t n) {
  while (pfc_dict_size(dict) < n) {
    char text[32];
    int32_t code;
    (void)snprintf(text, sizeof text, "more %d", pfc_dict_size(dict));
    assert_ok(pfc_dict_add(dict, text, strlen(text), &code, &err));
  }
}

/* How many ids a column may refer to. */
static int32_t n_ids(pfc_dataset *ds, const pfc_table *table, const pfc_column *column) {
  const pfc_column_decl *decl = pfc_schema_column(table->decl, column->name);
  const int owner = pfc_schema_owner(pfc_dict_name(column->dict));
  const bool open = decl && (decl->flags & PFC_OPEN);
  if (owner >= 0 && !open && ds->tables[owner].n_columns > 0)
    return (int32_t)ds->tables[owner].n_rows;
  if (!decl || !decl->words) grow_dict(column->dict, ENOUGH);
  return pfc_dict_size(column->dict);
}

static void refer(pfc_dataset *ds, pfc_table *table, pfc_column *column) {
  if (column->type != PFC_CODE || column == defined_ids(ds, table->decl->id)) return;
  const int32_t n = n_ids(ds, table, column);
  for (int64_t r = 0; r < table->n_rows; r++)
    if (column->code[r] >= n) column->code[r] %= n;
}

/* No two rows with the same key: the row's number, its digits counted by the ids there are. */
static void tell_apart(pfc_dataset *ds, pfc_table *table) {
  if (defined_ids(ds, table->decl->id)) return;
  for (int64_t r = 0; r < table->n_rows; r++) {
    int64_t rest = r;
    for (int c = 0; c < table->decl->n_columns; c++) {
      const pfc_column_decl *decl = &table->decl->columns[c];
      if (!(decl->flags & PFC_KEY)) continue;
      pfc_column *column = test_dataset_column(ds, table->decl->id, decl->name);
      const int32_t n = n_ids(ds, table, column);
      column->code[r] = (int32_t)(rest % n);
      rest /= n;
    }
  }
}

/* What import guarantees beyond the values themselves. */
static void make_whole(pfc_dataset *ds) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_column *ids = defined_ids(ds, (pfc_table_id)t);
    if (!ids) continue;
    grow_dict(ids->dict, ds->tables[t].n_rows);
    for (int64_t r = 0; r < ds->tables[t].n_rows; r++) ids->code[r] = (int32_t)r;
  }
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc_table *table = &ds->tables[t];
    for (int c = 0; c < table->n_columns; c++) refer(ds, table, &table->columns[c]);
    tell_apart(ds, table);
  }
}

/* Half of the tables and some of their columns, or all. */
static pfc_dataset *random_dataset(pfc_rng *rng, bool full) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (full || pfc_rng_below(rng, 2)) add_random_table(ds, (pfc_table_id)t, full, rng);
  make_whole(ds);
  ds->scale_min = pfc_rng_uniform(rng);
  ds->scale_max = 2 + pfc_rng_uniform(rng);
  if (pfc_rng_below(rng, 2)) ds->framework = pfc_strdup("Framework \xe2\x82\xac 1");
  ds->split.kind = (pfc_split_kind)pfc_rng_below(rng, 5);
  if (ds->split.kind == PFC_SPLIT_AT) ds->split.date = 16000;
  if (ds->split.kind == PFC_SPLIT_PERSON) ds->split.fraction = 0.25;
  if (ds->split.kind == PFC_SPLIT_RANDOM) ds->split.folds = 5, ds->split.fold = 4;
  if (ds->split.kind != PFC_SPLIT_NONE) ds->split.seed = pfc_rng_next(rng);
  return ds;
}

pfc_dataset *test_dataset_random(pfc_rng *rng) { return random_dataset(rng, false); }

pfc_dataset *test_dataset_full(pfc_rng *rng) {
  pfc_dataset *ds = random_dataset(rng, true);
  ds->split = (pfc_split){PFC_SPLIT_PERSON, PFC_NO_DATE, 0.25, 5, 4, pfc_rng_next(rng)};
  return ds;
}

/* --- comparison ----------------------------------------------------------- */

static void texts_equal(const char *a, const char *b) {
  assert_string_equal(a ? a : "", b ? b : "");
}

static void columns_equal(const pfc_table *table, const pfc_column *a, const pfc_column *b) {
  assert_string_equal(a->name, b->name);
  assert_int_equal(a->type, b->type);
  assert_int_equal(a->dict != NULL, b->dict != NULL);
  if (a->dict) assert_string_equal(pfc_dict_name(a->dict), pfc_dict_name(b->dict));
  const size_t size = pfc_type_size(a->type);
  for (int64_t r = 0; r < table->n_rows; r++) {
    const char *x = (const char *)a->data + (size_t)r * size;
    const char *y = (const char *)b->data + (size_t)r * size;
    if (pfc_column_missing(a, r) && pfc_column_missing(b, r)) continue;
    if (memcmp(x, y, size) != 0)
      fail_msg("%s.%s differs in row %lld", table->decl->name, a->name, (long long)r);
  }
}

static void tables_equal(const pfc_table *a, const pfc_table *b) {
  assert_int_equal(a->n_rows, b->n_rows);
  assert_int_equal(a->n_columns, b->n_columns);
  for (int c = 0; c < a->n_columns; c++) columns_equal(a, &a->columns[c], &b->columns[c]);
  texts_equal(a->origin.source, b->origin.source);
  texts_equal(a->origin.sha256, b->origin.sha256);
  assert_int_equal(a->origin.rows_read, b->origin.rows_read);
  assert_int_equal(a->origin.rows_rejected, b->origin.rows_rejected);
}

static void dicts_equal(const pfc_dict *a, const pfc_dict *b) {
  if (!b) fail_msg("dictionary %s is lost", pfc_dict_name(a));
  assert_int_equal(pfc_dict_size(a), pfc_dict_size(b));
  for (int32_t code = 0; code < pfc_dict_size(a); code++)
    assert_string_equal(pfc_dict_text(a, code), pfc_dict_text(b, code));
}

static void splits_equal(const pfc_split *a, const pfc_split *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->date, b->date);
  assert_true(a->fraction == b->fraction);
  assert_int_equal(a->folds, b->folds);
  assert_int_equal(a->fold, b->fold);
  assert_true(a->seed == b->seed);
}

void test_dataset_equal(const pfc_dataset *a, const pfc_dataset *b, bool with_protected) {
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (t != PFC_PROTECTED || with_protected) tables_equal(&a->tables[t], &b->tables[t]);
  for (int d = 0; d < a->n_dicts; d++) {
    const char *name = pfc_dict_name(a->dicts[d]);
    if (strncmp(name, "protected.", 10) != 0 || with_protected)
      dicts_equal(a->dicts[d], pfc_dataset_find_dict(b, name));
  }
  assert_true(a->scale_min == b->scale_min && a->scale_max == b->scale_max);
  texts_equal(a->framework, b->framework);
  splits_equal(&a->split, &b->split);
}
