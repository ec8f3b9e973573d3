// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

static const pfc_table_id MARKED[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_EPISODES};

/* 1 for each test row of the table under ds->split; freed by the caller. */
static uint8_t *marks(const pfc_dataset *ds, pfc_table_id table) {
  uint8_t *is_test = pfc_alloc_array((size_t)ds->tables[table].n_rows, 1);
  assert_non_null(is_test);
  assert_ok(pfc_split_mark(ds, table, is_test, &err));
  return is_test;
}

/* --- who is test --------------------------------------------------------------------- */

static void a_date_cuts_by_the_start(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,enrolled_on,started_on,ended_on",
            "p,i,10,20,;p,i,10,19,30;p,i,20,,;p,i,19,,;p,i,,,25;p,i,,,;p,i,30,10,");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,assessed_on",
            "p,c,1,19;p,c,1,20;p,c,1,");
  test_rows(ds, PFC_EPISODES, "person_id,started_on,duration_days,event",
            "p,19,100,proficient;p,20,1,censored;p,,1,censored");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 20};
  static const uint8_t expected[3][7] = {{1, 0, 1, 0, 0, 0, 0}, {0, 1, 0}, {0, 1, 0}};
  for (int k = 0; k < 3; k++) {
    uint8_t *is_test = marks(ds, MARKED[k]);
    assert_memory_equal(is_test, expected[k], (size_t)ds->tables[MARKED[k]].n_rows);
    pfc_free(is_test);
  }
  assert_fails(pfc_split_mark(ds, PFC_PEOPLE, NULL, &err), PFC_EUSAGE, "'people'");
  pfc_dataset_destroy(ds);
}

/* People of one dataset in any order of the file. */
static pfc_dataset *people_in_order(int n, int first, int step) {
  char text[32];
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_ENROLMENTS, n, "person_id,intervention_id");
  for (int k = 0; k < n; k++) {
    (void)snprintf(text, sizeof text, "person %d", (first + k * step) % n);
    test_cell(ds, PFC_ENROLMENTS, k, "person_id", text);
    test_cell(ds, PFC_ENROLMENTS, k, "intervention_id", "i");
  }
  return ds;
}

static void a_persons_side_is_the_persons_own(void **state) {
  (void)state;
  enum { N = 2000 };
  const uint64_t seed = test_seed(7);
  pfc_dataset *a = people_in_order(N, 0, 1), *b = people_in_order(N, 5, 1999);
  a->split = b->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.3, .seed = seed};
  uint8_t *in_a = marks(a, PFC_ENROLMENTS), *in_b = marks(b, PFC_ENROLMENTS);
  const pfc_dict *people_a = pfc_dataset_find_dict(a, "person");
  const pfc_dict *people_b = pfc_dataset_find_dict(b, "person");
  int n_test = 0, n_moved = 0;
  for (int32_t p = 0; p < N; p++) { /* one row a person, in the order of codes */
    const int32_t q = pfc_dict_find(people_b, pfc_dict_text(people_a, p));
    assert_int_equal(in_a[p], in_b[q]);
    n_test += in_a[p];
  }
  /* 600 expected with a standard deviation of 20.5 */
  assert_in_range(n_test, 500, 700);

  a->split.seed++;
  uint8_t *other = marks(a, PFC_ENROLMENTS);
  for (int32_t p = 0; p < N; p++) n_moved += in_a[p] != other[p];
  assert_true(n_moved > N / 4); /* 2 x 0.3 x 0.7 of them expected */
  pfc_free(in_a);
  pfc_free(in_b);
  pfc_free(other);
  pfc_dataset_destroy(a);
  pfc_dataset_destroy(b);
}

static void all_rows_of_a_person_are_on_one_side(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(9, 40, 0);
  int8_t side[40];
  memset(side, -1, sizeof side);
  ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.5, .seed = 3};
  for (int k = 0; k < 2; k++) {
    const int32_t *person = pfc_dataset_codes(ds, MARKED[k], "person_id");
    uint8_t *is_test = marks(ds, MARKED[k]);
    for (int64_t r = 0; r < ds->tables[MARKED[k]].n_rows; r++) {
      if (side[person[r]] >= 0) assert_int_equal(side[person[r]], is_test[r]);
      side[person[r]] = (int8_t)is_test[r];
    }
    pfc_free(is_test);
  }
  pfc_dataset_destroy(ds);
}

static void each_row_is_test_in_one_fold(void **state) {
  (void)state;
  enum { FOLDS = 4 };
  static const pfc_split_kind kinds[] = {PFC_SPLIT_PERSON, PFC_SPLIT_RANDOM};
  pfc_dataset *ds = test_random_dataset(10, 40, 0);
  const int64_t n = ds->tables[PFC_ENROLMENTS].n_rows;
  for (int k = 0; k < 2; k++) {
    uint8_t *times = pfc_alloc_array((size_t)n, 1);
    for (int fold = 0; fold < FOLDS; fold++) {
      ds->split = (pfc_split){.kind = kinds[k], .folds = FOLDS, .fold = fold, .seed = 5};
      assert_ok(pfc_split_check(ds, &ds->split, &err));
      uint8_t *is_test = marks(ds, PFC_ENROLMENTS);
      for (int64_t r = 0; r < n; r++) times[r] = (uint8_t)(times[r] + is_test[r]);
      pfc_free(is_test);
    }
    for (int64_t r = 0; r < n; r++) assert_int_equal(times[r], 1);
    pfc_free(times);
  }
  pfc_dataset_destroy(ds);
}

static void random_rows_are_a_fraction_and_tables_differ(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  enum { N = 4000 };
  test_table(ds, PFC_ENROLMENTS, N, "person_id,intervention_id");
  test_table(ds, PFC_ASSESSMENTS, N, "person_id,competency_id,level");
  ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.25, .seed = 1};
  uint8_t *a = marks(ds, PFC_ENROLMENTS), *b = marks(ds, PFC_ASSESSMENTS);
  int n_test = 0, n_differ = 0;
  for (int r = 0; r < N; r++) {
    n_test += a[r];
    n_differ += a[r] != b[r];
  }
  assert_in_range(n_test, 900, 1100);    /* 1000, standard deviation 27 */
  assert_in_range(n_differ, 1350, 1650); /* 1500 if independent */
  pfc_free(a);
  pfc_free(b);
  pfc_dataset_destroy(ds);
}

static void a_column_is_taken_as_it_stands(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,split", "p,i,test;p,i,train;p,i,");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level", "p,c,1");
  ds->split.kind = PFC_SPLIT_COLUMN;
  static const uint8_t expected[] = {1, 0, 0};
  uint8_t *is_test = marks(ds, PFC_ENROLMENTS);
  assert_memory_equal(is_test, expected, 3);
  pfc_free(is_test);
  is_test = marks(ds, PFC_ASSESSMENTS);
  assert_int_equal(is_test[0], 0);
  pfc_free(is_test);
  pfc_dataset_destroy(ds);
}

static void a_split_that_cannot_be_is_refused(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(1, 10, 0), *undated = test_random_dataset(1, 10, 1);
  const struct {
    const pfc_dataset *ds;
    pfc_split split;
    pfc_status status;
    const char *text;
  } cases[] = {
      {ds, {.kind = PFC_SPLIT_AT, .date = PFC_NO_DATE}, PFC_EUSAGE, "no date"},
      {ds, {.kind = PFC_SPLIT_AT, .date = 5000}, PFC_EDATA, "none test"},
      {ds, {.kind = PFC_SPLIT_AT, .date = -5000}, PFC_EDATA, "test, none training"},
      {undated, {.kind = PFC_SPLIT_AT, .date = 50}, PFC_EDATA, "no dates to split at"},
      {ds, {.kind = PFC_SPLIT_PERSON, .fraction = 0}, PFC_EUSAGE, "between 0 and 1"},
      {ds, {.kind = PFC_SPLIT_RANDOM, .fraction = 1}, PFC_EUSAGE, "between 0 and 1"},
      {ds, {.kind = PFC_SPLIT_RANDOM, .fraction = NAN}, PFC_EUSAGE, "between 0 and 1"},
      {ds, {.kind = PFC_SPLIT_RANDOM, .folds = 1}, PFC_EUSAGE, "folds 1"},
      {ds, {.kind = PFC_SPLIT_RANDOM, .folds = 5, .fold = 5}, PFC_EUSAGE, "outside 0..4"},
      {ds, {.kind = PFC_SPLIT_RANDOM, .folds = 5, .fold = -1}, PFC_EUSAGE, "fold -1"},
      {ds, {.kind = PFC_SPLIT_RANDOM, .fraction = 1e-12}, PFC_EDATA, "none test"},
      {ds, {.kind = PFC_SPLIT_COLUMN}, PFC_EDATA, "column 'split'"},
      {ds, {.kind = (pfc_split_kind)17}, PFC_EUSAGE, "unknown kind 17"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    assert_fails(pfc_split_check(cases[k].ds, &cases[k].split, &err), cases[k].status,
                 cases[k].text);
  const pfc_split good = {.kind = PFC_SPLIT_AT, .date = 50}, none = {.kind = PFC_SPLIT_NONE};
  assert_ok(pfc_split_check(ds, &good, &err));
  assert_ok(pfc_split_check(undated, &none, &err));
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(undated);
}

static pfc_status mark_people(void *ds) {
  uint8_t is_test[200];
  return pfc_split_mark(ds, PFC_ENROLMENTS, is_test, NULL);
}

static void short_memory_is_survived(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(4, 10, 0);
  ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.5, .seed = 1};
  assert_true(count_down(mark_people, ds) > 0);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_date_cuts_by_the_start),
      cmocka_unit_test(a_persons_side_is_the_persons_own),
      cmocka_unit_test(all_rows_of_a_person_are_on_one_side),
      cmocka_unit_test(each_row_is_test_in_one_fold),
      cmocka_unit_test(random_rows_are_a_fraction_and_tables_differ),
      cmocka_unit_test(a_column_is_taken_as_it_stands),
      cmocka_unit_test(a_split_that_cannot_be_is_refused),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/split", tests, NULL, NULL);
}
