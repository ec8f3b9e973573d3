// labels: property check
#include "tests/support/test.h"

#include <omp.h>

#include "datasets/quality.h"
#include "tests/support/organisation.h"

static pfc_dataset *frame;

static int load(void **state) {
  (void)state;
  frame = test_frame();
  return 0;
}

static int drop(void **state) {
  (void)state;
  pfc_dataset_destroy(frame);
  return 0;
}

/* --- the same for any number of threads ----------------------------------------------------
 */

static void assert_same_column(const pfc_column *a, const pfc_column *b, int64_t n_rows) {
  assert_string_equal(a->name, b->name);
  assert_int_equal(a->type, b->type);
  if (n_rows > 0)
    assert_memory_equal(a->data, b->data, (size_t)n_rows * pfc_type_size(a->type));
}

static void assert_same_tables(const pfc_dataset *a, const pfc_dataset *b) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *x = &a->tables[t], *y = &b->tables[t];
    assert_int_equal(x->n_rows, y->n_rows);
    assert_int_equal(x->n_columns, y->n_columns);
    for (int c = 0; c < x->n_columns; c++)
      assert_same_column(&x->columns[c], &y->columns[c], x->n_rows);
  }
  assert_int_equal(a->n_dicts, b->n_dicts);
  for (int d = 0; d < a->n_dicts; d++) {
    const pfc_dict *x = a->dicts[d], *y = pfc_dataset_find_dict(b, pfc_dict_name(x));
    assert_non_null(y);
    assert_int_equal(pfc_dict_size(x), pfc_dict_size(y));
    for (int32_t k = 0; k < pfc_dict_size(x); k++)
      assert_string_equal(pfc_dict_text(x, k), pfc_dict_text(y, k));
  }
}

static void threads_do_not_show(void **state) {
  (void)state;
  const pfc_simulate_settings s = test_simulate_settings(300, 60, test_seed(3));
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  test_organisation one = test_simulate(frame, &s);
  omp_set_num_threads(3);
  test_organisation three = test_simulate(frame, &s);
  omp_set_num_threads(before);
  assert_same_tables(one.ds, three.ds);
  const int64_t n = one.truth->gain_start[one.truth->n_people];
  assert_int_equal(n, three.truth->gain_start[three.truth->n_people]);
  assert_memory_equal(one.truth->gain, three.truth->gain, (size_t)n * sizeof(float));
  test_organisation_clear(&one);
  test_organisation_clear(&three);
}

static void seeds_differ(void **state) {
  (void)state;
  pfc_simulate_settings s = test_simulate_settings(100, 40, 1);
  test_organisation a = test_simulate(frame, &s);
  s.seed = 2;
  test_organisation b = test_simulate(frame, &s);
  assert_true(a.ds->tables[PFC_ENROLMENTS].n_rows != b.ds->tables[PFC_ENROLMENTS].n_rows ||
              a.ds->tables[PFC_ASSESSMENTS].n_rows != b.ds->tables[PFC_ASSESSMENTS].n_rows);
  test_organisation_clear(&a);
  test_organisation_clear(&b);
}

/* --- nothing contradicts itself
 * --------------------------------------------------------------- */

static void assert_clean(const pfc_simulate_settings *settings) {
  test_organisation o = test_simulate(frame, settings);
  pfc_quality_settings s;
  pfc_quality *q = NULL;
  pfc_quality_defaults(&s);
  s.as_of = o.truth->last_day;
  assert_ok(pfc_quality_create(o.ds, &s, &q, &err));
  for (int k = 0; k < q->n_findings; k++) {
    const pfc_quality_finding *f = &q->findings[k];
    if (f->n > 0)
      fail_msg("seed %d: %s, %d of %d rows; row %d: %s", (int)settings->seed, f->name,
               (int)f->n, (int)f->of, (int)f->example[0].row, f->example[0].text);
  }
  assert_true(q->is_absolute);
  pfc_quality_destroy(q);
  test_organisation_clear(&o);
}

static void records_do_not_contradict_themselves(void **state) {
  (void)state;
  pfc_simulate_settings s = test_simulate_settings(400, 80, test_seed(1));
  for (uint64_t seed = s.seed; seed < test_seed(1) + 2; seed++) {
    s.seed = seed;
    assert_clean(&s);
  }
  s.random = true;
  s.bias = 1;
  s.drift_on = s.last_day - 200;
  assert_clean(&s);
  s.hard = true;
  assert_clean(&s);
}

/* --- settings -------------------------------------------------------------------------------
 */

static void settings_are_checked(void **state) {
  (void)state;
  pfc_simulate_settings s;
  assert_fails(pfc_simulate_preset("tiny", &s, &err), PFC_EUSAGE,
               "small, medium, large or hard");
  s = test_simulate_settings(19, 60, 1);
  assert_fails(pfc_simulate_check(&s, &err), PFC_EUSAGE, "people is 19, allowed is 20 to");
  s = test_simulate_settings(100, 60, 1);
  s.dirty = 0.3;
  assert_fails(pfc_simulate_check(&s, &err), PFC_EUSAGE, "dirty is 0.3");
  s.dirty = 0;
  s.drift_on = s.last_day + 1;
  pfc_dataset *ds = NULL;
  pfc_truth *truth = NULL;
  assert_fails(pfc_simulate(frame, &s, &ds, &truth, &err), PFC_EUSAGE, "outside the history");
  assert_null(ds);
  s.drift_on = PFC_NO_DATE;
  s.families = "15,99";
  assert_fails(pfc_simulate(frame, &s, &ds, &truth, &err), PFC_EUSAGE, "99");
}

/* Most people collect few starts, a few collect many, as real enrolments have it. */
static void histories_are_skewed(void **state) {
  (void)state;
  pfc_simulate_settings s = test_simulate_settings(1000, 150, test_seed(5));
  s.n_months = 36;
  test_organisation o = test_simulate(frame, &s);
  const int32_t *person = pfc_dataset_codes(o.ds, PFC_ENROLMENTS, "person_id");
  int32_t starts[1000] = {0}, few = 0, most = 0;
  for (int64_t row = 0; row < o.ds->tables[PFC_ENROLMENTS].n_rows; row++) starts[person[row]]++;
  for (int p = 0; p < 1000; p++) {
    few += starts[p] <= 16;
    if (starts[p] > most) most = starts[p];
  }
  assert_true(few > 700);
  assert_true(most > 25);
  test_organisation_clear(&o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(seeds_differ),
      cmocka_unit_test(records_do_not_contradict_themselves),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(histories_are_skewed),
  };
  return cmocka_run_group_tests(tests, load, drop);
}
