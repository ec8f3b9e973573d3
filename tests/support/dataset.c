#include "tests/support/dataset.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/test.h"

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

static void add_random_table(pfc_dataset *ds, pfc_table_id table, pfc_rng *rng) {
  const pfc_table_decl *decl = pfc_schema(table);
  const int64_t n_rows = pfc_rng_below(rng, 4) ? (int64_t)pfc_rng_below(rng, 50) : 0;
  for (int c = 0; c < decl->n_columns; c++) {
    const bool required = decl->columns[c].flags & (PFC_KEY | PFC_REQUIRED);
    if (required || pfc_rng_below(rng, 3))
      add_random_column(ds, table, decl->columns[c].name, n_rows, rng);
  }
  static const char *const EXTRA[] = {"x_zeta", "c_site", "x_alpha", "c_\xc3\xa5"};
  for (size_t i = 0; i < 4; i++)
    if ((decl->features || decl->open_columns) && pfc_rng_below(rng, 2))
      add_random_column(ds, table, EXTRA[i], n_rows, rng);
  pfc_provenance *origin = &ds->tables[table].origin;
  origin->rows_read = n_rows + 3;
  origin->rows_rejected = 3;
  origin->source = pfc_strdup(pfc_rng_below(rng, 2) ? "a.csv, b.csv.gz" : "");
  origin->sha256 = pfc_strdup("0123456789abcdef");
}

pfc_dataset *test_dataset_random(pfc_rng *rng) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (pfc_rng_below(rng, 2)) add_random_table(ds, (pfc_table_id)t, rng);
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
