// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "datasets/dataset.h"
#include "tests/support/dataset.h"
#include "tests/support/oom.h"

static void an_empty_dataset_has_defaults(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  assert_true(ds->scale_min == 0 && ds->scale_max == 5);
  assert_null(ds->framework);
  assert_int_equal(ds->split.kind, PFC_SPLIT_NONE);
  assert_string_equal(ds->sha256, "");
  for (int t = 0; t < PFC_N_TABLES; t++) {
    assert_int_equal(ds->tables[t].decl->id, t);
    assert_int_equal(ds->tables[t].n_rows, 0);
  }
  assert_int_equal(pfc_dataset_count(ds, "person"), 0);
  assert_null(pfc_dataset_find_dict(ds, "person"));
  assert_null(pfc_dataset_codes(ds, PFC_PEOPLE, "person_id"));
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(NULL);
}

static pfc_column *add(pfc_dataset *ds, const char *name, pfc_type type, const char *dict) {
  pfc_column *column = NULL;
  assert_ok(pfc_dataset_add_column(ds, PFC_PEOPLE, name, type, dict, 3, &column, &err));
  return column;
}

static void new_columns_are_missing_throughout(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  add(ds, "a", PFC_CODE, "person");
  add(ds, "b", PFC_REAL, NULL);
  add(ds, "c", PFC_INT, NULL);
  add(ds, "d", PFC_FLAG, NULL);
  add(ds, "e", PFC_DATE, "");
  add(ds, "f", PFC_TIME, NULL);
  const pfc_table *table = &ds->tables[PFC_PEOPLE];
  for (int c = 0; c < 6; c++)
    for (int64_t r = 0; r < 3; r++) assert_true(pfc_column_missing(&table->columns[c], r));
  assert_int_equal(pfc_dataset_codes(ds, PFC_PEOPLE, "a")[2], -1);
  assert_true(isnan(pfc_dataset_reals(ds, PFC_PEOPLE, "b")[2]));
  assert_int_equal(table->columns[2].i32[2], INT32_MIN);
  assert_int_equal(pfc_dataset_flags(ds, PFC_PEOPLE, "d")[2], -1);
  assert_int_equal(pfc_dataset_dates(ds, PFC_PEOPLE, "e")[2], PFC_NO_DATE);
  assert_true(table->columns[5].time[2] == PFC_NO_TIME);
  table->columns[3].flag[1] = 0;
  assert_false(pfc_column_missing(&table->columns[3], 1));
  /* A view of another type is none. */
  assert_null(pfc_dataset_dates(ds, PFC_PEOPLE, "a"));
  assert_null(pfc_dataset_reals(ds, PFC_PEOPLE, "c"));
  assert_null(pfc_dataset_codes(ds, PFC_ROLES, "a"));
  pfc_dataset_destroy(ds);
}

static void columns_that_do_not_fit_are_refused(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_column *column = NULL;
  add(ds, "a", PFC_REAL, NULL);
  assert_fails(pfc_dataset_add_column(ds, PFC_PEOPLE, "b", PFC_REAL, NULL, 4, &column, &err),
               PFC_EUSAGE, "has 4 rows, the table has 3");
  assert_fails(pfc_dataset_add_column(ds, PFC_PEOPLE, "a", PFC_REAL, NULL, 3, &column, &err),
               PFC_EUSAGE, "there already");
  assert_fails(pfc_dataset_add_column(ds, PFC_PEOPLE, "b", PFC_CODE, NULL, 3, &column, &err),
               PFC_EUSAGE, "dictionary");
  assert_fails(pfc_dataset_add_column(ds, PFC_PEOPLE, "b", PFC_REAL, "unit", 3, &column, &err),
               PFC_EUSAGE, "dictionary");
  assert_fails(pfc_dataset_add_column(ds, PFC_ROLES, "b", PFC_REAL, NULL, -1, &column, &err),
               PFC_EUSAGE, "-1 rows");
  assert_null(column);
  assert_int_equal(ds->tables[PFC_PEOPLE].n_columns, 1);
  pfc_dataset_destroy(ds);
}

static void dictionaries_are_shared_by_name(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_dict *person = pfc_dataset_dict(ds, "person");
  assert_ptr_equal(add(ds, "person_id", PFC_CODE, "person")->dict, person);
  assert_ptr_equal(add(ds, "manager_id", PFC_CODE, "person")->dict, person);
  assert_true(add(ds, "role_id", PFC_CODE, "role")->dict != person);
  for (int i = 0; i < 50; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "d%d", i);
    assert_non_null(pfc_dataset_dict(ds, name));
  }
  assert_ptr_equal(pfc_dataset_dict(ds, "person"), person); /* valid for life */
  assert_int_equal(ds->n_dicts, 52);
  int32_t code;
  assert_ok(pfc_dict_add(person, "p", 1, &code, &err));
  assert_int_equal(pfc_dataset_count(ds, "person"), 1);
  pfc_dataset_destroy(ds);
}

static void random_keep(pfc_rng *rng, const pfc_dataset *ds, uint8_t *keep[PFC_N_TABLES]) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    keep[t] = NULL;
    if (pfc_rng_below(rng, 4) == 0) continue;
    keep[t] = pfc_alloc_array((size_t)ds->tables[t].n_rows, 1);
    for (int64_t r = 0; r < ds->tables[t].n_rows; r++)
      keep[t][r] = (uint8_t)(pfc_rng_below(rng, 3) * 7);
  }
}

/* Each kept row is the next row of the filtered table. */
static void table_is_filtered(const pfc_table *all, const pfc_table *some,
                              const uint8_t *keep) {
  int64_t n = 0;
  assert_int_equal(all->n_columns, some->n_columns);
  for (int64_t r = 0; r < all->n_rows; r++) {
    if (keep && !keep[r]) continue;
    for (int c = 0; c < all->n_columns; c++) {
      const size_t size = pfc_type_size(all->columns[c].type);
      assert_memory_equal((char *)all->columns[c].data + (size_t)r * size,
                          (char *)some->columns[c].data + (size_t)n * size, size);
    }
    n++;
  }
  assert_int_equal(some->n_rows, all->n_columns ? n : 0);
}

static void filtering_keeps_rows_and_codes(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "test.dataset", 0);
  for (int round = 0; round < 40; round++) {
    uint8_t *keep[PFC_N_TABLES];
    pfc_dataset *ds = test_dataset_random(&rng), *all = NULL, *some = NULL;
    random_keep(&rng, ds, keep);
    assert_ok(pfc_dataset_filter(ds, NULL, &all, &err));
    test_dataset_equal(ds, all, true);
    assert_ok(pfc_dataset_filter(ds, (const uint8_t *const *)keep, &some, &err));
    for (int t = 0; t < PFC_N_TABLES; t++)
      table_is_filtered(&ds->tables[t], &some->tables[t], keep[t]);
    for (int d = 0; d < ds->n_dicts; d++)
      assert_int_equal(pfc_dataset_count(some, pfc_dict_name(ds->dicts[d])),
                       pfc_dict_size(ds->dicts[d]));
    for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
    pfc_dataset_destroy(ds);
    pfc_dataset_destroy(all);
    pfc_dataset_destroy(some);
  }
}

static void columns_compact_in_place(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_column *column = add(ds, "x", PFC_REAL, NULL);
  column->real[0] = 10, column->real[1] = 11, column->real[2] = 12;
  const uint8_t keep[] = {0, 1, 1}, none[] = {0, 0, 0};
  assert_int_equal(pfc_column_keep(column, column, keep, 3), 2);
  assert_true(column->real[0] == 11 && column->real[1] == 12);
  assert_int_equal(pfc_column_keep(column, column, none, 3), 0);
  assert_int_equal(pfc_column_keep(column, column, NULL, 3), 3);
  pfc_dataset_destroy(ds);
}

static void short_memory_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, 3, "test.dataset.oom", 0);
  pfc_dataset *ds = test_dataset_random(&rng);
  for (long fail_at = 0;; fail_at++) {
    pfc_dataset *copy = NULL;
    pfc_error err = PFC_ERROR_INIT;
    oom_after(fail_at);
    const pfc_status st = pfc_dataset_filter(ds, NULL, &copy, &err);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    assert_int_equal(copy == NULL, failed);
    pfc_dataset_destroy(copy);
    if (!failed) break;
  }
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_dataset_has_defaults),
      cmocka_unit_test(new_columns_are_missing_throughout),
      cmocka_unit_test(columns_that_do_not_fit_are_refused),
      cmocka_unit_test(dictionaries_are_shared_by_name),
      cmocka_unit_test(filtering_keeps_rows_and_codes),
      cmocka_unit_test(columns_compact_in_place),
      cmocka_unit_test(short_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("datasets/dataset", tests, NULL, NULL);
}
