// labels: unit check
#include "tests/support/test.h"

#include "datasets/simulate_completions.h"
#include "tests/support/dataset.h"
#include "tests/support/oom.h"
#include "tests/support/tables.h"

static pfc_dataset *organisation(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,hired_on", "p,r,2020-01-01;q,r,;s,,2021-01-01");
  test_rows(ds, PFC_ROLES, "role_id,title", "r,Maker");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,title,cost,kind,hours",
            "i,First,10,course,3;j,Second,20,workshop,");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level", "i,c,3");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status,score",
            "p,i,2023-01-01,2023-02-01,passed,5;p,j,2023-01-01,2023-02-02,failed,;"
            "q,j,2023-01-01,,passed,;q,i,2023-03-01,2023-03-02,completed,;"
            "s,j,2023-01-01,2023-01-03,dropped,;s,i,2023-01-01,,in_progress,;"
            "s,j,2023-05-01,2023-05-09,passed,1");
  return ds;
}

static void holds(const pfc_dataset *ds, int64_t row, const char *person, const char *item,
                  int32_t day) {
  const pfc_column *p = pfc_dataset_column(ds, PFC_ENROLMENTS, "person_id");
  const pfc_column *i = pfc_dataset_column(ds, PFC_ENROLMENTS, "intervention_id");
  const pfc_column *s = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  assert_string_equal(pfc_dict_text(p->dict, p->code[row]), person);
  assert_string_equal(pfc_dict_text(i->dict, i->code[row]), item);
  assert_string_equal(pfc_dict_text(s->dict, s->code[row]), "completed");
  assert_int_equal(pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on")[row], day);
}

static void what_ended_well_is_left(void **state) {
  (void)state;
  pfc_dataset *ds = organisation(), *out = NULL;
  int32_t day[3];
  assert_true(pfc_date_parse("2023-02-01", &day[0]) && pfc_date_parse("2023-03-02", &day[1]) &&
              pfc_date_parse("2023-05-09", &day[2]));
  assert_ok(pfc_simulate_completions(ds, &out, &err));
  assert_int_equal(out->tables[PFC_PEOPLE].n_columns, 2);
  assert_non_null(pfc_dataset_codes(out, PFC_PEOPLE, "role_id"));
  assert_int_equal(out->tables[PFC_ROLES].n_columns, 2);
  assert_int_equal(out->tables[PFC_ROLES].n_rows, 1);
  assert_int_equal(out->tables[PFC_PEOPLE].n_rows, 3);
  assert_int_equal(out->tables[PFC_INTERVENTIONS].n_columns, 4);
  assert_null(pfc_dataset_column(out, PFC_INTERVENTIONS, "cost"));
  assert_int_equal(out->tables[PFC_ENROLMENTS].n_columns, 4);
  assert_int_equal(out->tables[PFC_ENROLMENTS].n_rows, 3);
  holds(out, 0, "p", "i", day[0]);
  holds(out, 1, "q", "i", day[1]);
  holds(out, 2, "s", "j", day[2]);
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (t != PFC_PEOPLE && t != PFC_ROLES && t != PFC_INTERVENTIONS && t != PFC_ENROLMENTS)
      assert_int_equal(out->tables[t].n_columns, 0);
  pfc_dataset_destroy(out);
  pfc_dataset_destroy(ds);
}

static void nobody_completed_anything(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create(), *out = NULL;
  test_rows(ds, PFC_PEOPLE, "person_id", "p");
  assert_ok(pfc_simulate_completions(ds, &out, &err));
  assert_int_equal(out->tables[PFC_PEOPLE].n_rows, 1);
  assert_int_equal(out->tables[PFC_ENROLMENTS].n_rows, 0);
  pfc_dataset_destroy(out);
  pfc_dataset_destroy(ds);
}

static void short_memory_is_told(void **state) {
  (void)state;
  pfc_dataset *ds = organisation();
  for (long fail_at = 0;; fail_at++) {
    pfc_dataset *out = NULL;
    oom_after(fail_at);
    const pfc_status st = pfc_simulate_completions(ds, &out, NULL);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    assert_int_equal(out == NULL, failed);
    pfc_dataset_destroy(out);
    if (!failed) break;
  }
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_ended_well_is_left),
      cmocka_unit_test(nobody_completed_anything),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests_name("datasets/simulate completions", tests, NULL, NULL);
}
