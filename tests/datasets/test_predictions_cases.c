// labels: unit check
/* Predictions, case by case: what cannot be meant is refused with its place; what stands
 * between the days that are told; what rounding did. */
#include "tests/support/test.h"

#include <math.h>

#include "base/h5.h"
#include "datasets/predictions.h"
#include "tests/support/predicted.h"
#include "tests/support/tables.h"

static pfc_status load_text(const char *text, pfc_predictions **p, pfc_error *err) {
  pfc_dataset *ds = predicted_world();
  test_write_file("case.csv", text, strlen(text));
  const pfc_status st = pfc_predictions_load("case.csv", ds, p, err);
  pfc_dataset_destroy(ds);
  return st;
}

static void bad_files_are_refused_with_their_place(void **state) {
  (void)state;
  static const struct {
    const char *text, *said;
  } CASES[] = {
      {"", "case.csv: empty"},
      {"person_id,intervention_id\nP1,I1\n", "no column predicts anything"},
      {"person_id,intervention_id,p_by_90d\nP1,I1,0.5\n", "no column predicts anything"},
      {"intervention_id,rank\nI1,1\n", "no column person_id"},
      {"person_id;intervention_id;rank\nP1;I1;1\n", "and not by semicolons"},
      {"person_id\tintervention_id\trank\nP1\tI1\t1\n", "and not by tabs"},
      {"person_id,rank\nP1,1\n", "no column intervention_id"},
      {"person_id,intervention_id,p10_days,p90_days\nP1,I1,1,2\n", "one is missing"},
      {"person_id,intervention_id,rank,rank\nP1,I1,1,2\n", "columns 3 and 4 are both named"},
      {"person_id,intervention_id,p_by_9d,p_by_9.0d\nP1,I1,0,1\n", "are of one day"},
      {"person_id,intervention_id,p_success\nP1,I1,\n", "no row predicts anything"},
      {"person_id,intervention_id,p_success\nP1,I1,0.5\nP9,I1,0.5\n",
       "case.csv:3: column person_id: 'P9'; expected the id of a person"},
      {"person_id,intervention_id,p_success\nP1,J1,0.5\n", ":2: column intervention_id: 'J1'"},
      {"person_id,intervention_id,competency_id,rank\nP1,I1,X,1\n",
       "column competency_id: 'X'"},
      {"person_id,intervention_id,p_success\n,I1,0.5\n", ":2: column person_id: ''"},
      {"person_id,intervention_id,p_success\nP1,,0.5\n", ":2: column intervention_id: ''"},
      {"person_id,intervention_id,p_success\nP1,I1,1.01\n", "'1.01'; expected a probability"},
      {"person_id,intervention_id,p_success\nP1,I1,-0.01\n", "'-0.01'; expected a probability"},
      {"person_id,intervention_id,p_success\nP1,I1,nan\n", "'nan'; expected a number"},
      {"person_id,intervention_id,p_success\nP1,I1,1e999\n", "'infinity'; expected a prob"},
      {"person_id,intervention_id,score\nP1,I1,-1e999\n", "'-infinity'; expected a number"},
      {"person_id,intervention_id,rank\nP1,I1,0\n", "'0'; expected a whole number from 1"},
      {"person_id,intervention_id,rank\nP1,I1,1.5\n", "'1.5'; expected a whole number from 1"},
      {"person_id,intervention_id,p_success,date\nP1,I1,.5,2023-02-29\n",
       ":2: column date: '2023-02-29'"},
      {"person_id,intervention_id,p_by_90d,p_by_30d\nP1,I1,0.5,0.6\n",
       "column p_by_90d: '0.5'; expected no less than by an earlier day"},
      {"person_id,intervention_id,p_by_90d,p_by_30d\nP1,I1,0.5,2\n", "column p_by_30d: '2'"},
      {"person_id,intervention_id,p10_days,p50_days,p90_days\nP1,I1,3,2,5\n",
       "column p50_days: '2'; expected no less"},
      {"person_id,intervention_id,p10_days,p50_days,p90_days\nP1,I1,3,,5\n",
       "column p50_days: ''; expected days"},
      {"person_id,intervention_id,p10_days,p50_days,p90_days\nP1,I1,-3,2,5\n",
       "column p10_days: '-3'; expected days"},
      {"person_id,intervention_id,rank\nP1,I1,1\nP2,I1,1\nP1,I1,2\n",
       "lines 2 and 4 tell different things of person 'P1' and intervention 'I1'"},
      {"person_id,intervention_id,rank\nP1,I1\n", ":2: expected 3 cells"},
      {"{\"person_id\":\"P1\",\"intervention_id\":\"I1\",\"rank\":1}\n{\"person_id\":7}",
       ":2: \"person_id\": text expected"},
      {"{\"person_id\":\"P1\",\"intervention_id\":\"I1\",\"rank\":1}\n{\"score\":7}",
       ":2: the first line has no 'score'"},
      {"{\"person_id\":\"P1\",\"intervention_id\":\"I1\",\"rank\":true}", "a number expected"},
      {"{\"person_id\":\"P1\",\"rank\":1x}", ":1:27: "},
  };
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    pfc_predictions *p = NULL;
    assert_fails(load_text(CASES[k].text, &p, &err), PFC_EDATA, CASES[k].said);
    assert_null(p);
  }
}

static void arrays_that_do_not_fit_are_refused(void **state) {
  (void)state;
  static const double NUMBERS[] = {1, 2, 3};
  static const char *const PEOPLE_IDS[] = {"P1", "P2"}, *const ITEM_IDS[] = {"I1", "I2"},
                           *const UNKNOWN_IDS[] = {"I1", "I7"};
  pfc_dataset *ds = predicted_world();
  for (int k = 0; k < 3; k++) {
    pfc_predictions *p = NULL;
    hid_t file = -1;
    assert_ok(pfc_h5_create("bad.h5", &file, &err));
    assert_ok(pfc_h5_write_texts(file, "person_id", 2, PEOPLE_IDS, &err));
    if (k == 1) {
      assert_ok(pfc_h5_write_1d(file, "intervention_id", PFC_H5_F64, 2, NUMBERS, &err));
    } else {
      assert_ok(pfc_h5_write_texts(file, "intervention_id", 2, k == 2 ? UNKNOWN_IDS : ITEM_IDS,
                                   &err));
    }
    assert_ok(pfc_h5_write_1d(file, "rank", PFC_H5_F64, k == 0 ? 3 : 2, NUMBERS, &err));
    assert_ok(pfc_h5_close(&file, &err));
    assert_fails(pfc_predictions_load("bad.h5", ds, &p, &err), k == 2 ? PFC_EDATA : PFC_EFORMAT,
                 k == 0   ? "bad.h5: array 'rank' is not 1-D with 2 rows"
                 : k == 1 ? "bad.h5: array 'intervention_id' is not of text"
                          : "bad.h5, row 2: column intervention_id: 'I7'");
  }
  pfc_dataset_destroy(ds);
}

/* By hand: from 0 on day 0 by straight lines over what is told, flat after it. */
static void incidence_is_straight_between_days(void **state) {
  (void)state;
  pfc_predictions *p = NULL;
  assert_ok(load_text("person_id,p_by_20d,p_by_10d,p_by_40d\nP1,0.5,0.1,\nP2,,,0.8\nP0,,,\n",
                      &p, &err));
  int64_t row[3];
  for (int k = 0; k < 3; k++) {
    static const int32_t CODES[] = {3, 5, 1}; /* of P1, P2 and P0 in predicted_world() */
    row[k] = pfc_predictions_find(p, CODES[k], 16000, -1, -1);
    assert_true(row[k] >= 0);
  }
  assert_float_equal(pfc_predictions_incidence(p, row[0], -1), 0, 0);
  assert_float_equal(pfc_predictions_incidence(p, row[0], 0), 0, 0);
  assert_float_equal(pfc_predictions_incidence(p, row[0], 5), 0.05, 1e-7);
  assert_float_equal(pfc_predictions_incidence(p, row[0], 10), 0.1, 1e-7);
  assert_float_equal(pfc_predictions_incidence(p, row[0], 15), 0.3, 1e-7);
  assert_float_equal(pfc_predictions_incidence(p, row[0], 20), 0.5, 1e-7);
  assert_float_equal(pfc_predictions_incidence(p, row[0], 400), 0.5, 1e-7);
  assert_float_equal(pfc_predictions_incidence(p, row[1], 10), 0.2, 1e-7);
  assert_true(isnan(pfc_predictions_incidence(p, row[2], 10)));
  assert_int_equal(p->kinds, PFC_PREDICTS_INCIDENCE);
  pfc_predictions_destroy(p);
}

static void rounding_is_put_right(void **state) {
  (void)state;
  pfc_predictions *p = NULL;
  assert_ok(
      load_text("person_id,intervention_id,p_success,p_by_1d,p_by_2d\n"
                "P1,I1,1.0000001,0.5,0.4999999\nP2,I1,-1e-9,0,0\n",
                &p, &err));
  assert_true(p->p_success[0] == 1 && p->p_success[1] == 0);
  assert_true(p->incidence[1] == p->incidence[0]);
  pfc_predictions_destroy(p);
}

static void a_list_of_nobody_is_a_list(void **state) {
  (void)state;
  pfc_predictions *p = NULL;
  int64_t from;
  assert_ok(load_text("person_id,intervention_id,rank\n", &p, &err));
  assert_int_equal(p->kinds, PFC_PREDICTS_LISTS);
  assert_int_equal(p->n, 0);
  const int64_t to = pfc_predictions_of(p, 0, 16000, &from);
  assert_int_equal(to, from);
  assert_int_equal(pfc_predictions_find(p, 0, 16000, 0, -1), -1);
  pfc_predictions_destroy(p);
}

/* Days may be numbers in HDF5, as in datasets of ours. */
static void days_of_hdf5_may_be_numbers(void **state) {
  (void)state;
  static const char *const PERSON[] = {"P1", "P2"}, *const ITEM[] = {"I1", "I2"};
  static const int32_t DAY[] = {16000, INT32_MIN};
  static const float P[] = {0.25F, NAN};
  pfc_dataset *ds = predicted_world();
  pfc_predictions *p = NULL;
  hid_t file = -1;
  assert_ok(pfc_h5_create("days.h5", &file, &err));
  assert_ok(pfc_h5_write_texts(file, "person_id", 2, PERSON, &err));
  assert_ok(pfc_h5_write_texts(file, "intervention_id", 2, ITEM, &err));
  assert_ok(pfc_h5_write_1d(file, "date", PFC_H5_I32, 2, DAY, &err));
  assert_ok(pfc_h5_write_1d(file, "p_success", PFC_H5_F32, 2, P, &err));
  assert_ok(pfc_h5_close(&file, &err));
  assert_ok(pfc_predictions_load("days.h5", ds, &p, &err));
  const int64_t first = pfc_predictions_find(p, test_code(ds, "person", "P1"), 16000,
                                             test_code(ds, "intervention", "I1"), -1);
  assert_true(first >= 0 && p->date[first] == 16000 && p->p_success[first] == 0.25);
  assert_int_equal(p->date[1 - first], PFC_NO_DATE);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_files_are_refused_with_their_place),
      cmocka_unit_test(arrays_that_do_not_fit_are_refused),
      cmocka_unit_test(incidence_is_straight_between_days),
      cmocka_unit_test(rounding_is_put_right),
      cmocka_unit_test(a_list_of_nobody_is_a_list),
      cmocka_unit_test(days_of_hdf5_may_be_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
