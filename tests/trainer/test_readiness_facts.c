// labels: unit check
/* What the readiness report tells of feedback, and of people without an intervention. */
#include "tests/support/test.h"

#include "base/par.h"
#include "datasets/controls.h"
#include "tests/support/degenerate.h"
#include "tests/support/tables.h"
#include "trainer/readiness.h"

static int set_up(void **state) {
  (void)state;
  return pfc_par_init(1, NULL);
}

static pfc_readiness readiness_of(const pfc_dataset *ds, unsigned models) {
  pfc_readiness r;
  pfc_readiness_settings s;
  pfc_train_settings train;
  pfc_train_defaults(&train);
  train.models = models;
  pfc_readiness_defaults(&s);
  assert_ok(pfc_readiness_assess(ds, &train, &s, &r, &err));
  assert_int_equal(r.n_models, 1);
  return r;
}

static void is_fact(const pfc_readiness *r, const char *name, int64_t n, int64_t of) {
  const pfc_ready_model *m = &r->models[0];
  for (int k = 0; k < m->n_facts; k++) {
    if (strcmp(m->facts[k].name, name) != 0) continue;
    assert_int_equal(m->facts[k].n, n);
    assert_int_equal(m->facts[k].of, of);
    return;
  }
  fail_msg("nothing is told of %s", name);
}

/* --- offers ------------------------------------------------------------------------------ */

static pfc_dataset *offers(const char *rows) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_FEEDBACK, "person_id,intervention_id,at,kind", rows);
  test_rows(ds, PFC_MANDATES, "intervention_id", "must");
  test_rows(ds, PFC_PREREQUISITES, "intervention_id,requires_intervention_id", "late,early");
  return ds;
}

/* Ann is shown a (yes), b (nothing). Bob takes up a unasked, is overridden in b, and declines
 * late, for which he would have needed early. Cay has to take must. */
static void offers_are_counted(void **state) {
  (void)state;
  pfc_dataset *ds = offers(
      "ann,a,2025-01-01,shown;ann,a,2025-01-02,accepted;ann,b,2025-01-01,shown;"
      "bob,a,2025-01-03,started;bob,b,2025-01-03,shown;bob,b,2025-01-04,overridden;"
      "bob,late,2025-01-05,shown;bob,late,2025-01-05,declined;"
      "cay,must,2025-01-05,shown;cay,must,2025-01-06,accepted;cay,b,2025-01-06,assessed");
  const pfc_readiness r = readiness_of(ds, PFC_TRAIN_ACCEPT);
  assert_int_equal(r.models[0].n_rows, 2);
  is_fact(&r, "offers shown", 5, 0);
  is_fact(&r, "offers without an answer", 1, 5);
  is_fact(&r, "answers without an offer", 1, 6);
  is_fact(&r, "mandated or overridden", 2, 6);
  is_fact(&r, "offers that the rules would not have made", 1, 3);
  assert_non_null(strstr(r.models[0].remark, "silence tells nothing"));
  pfc_dataset_destroy(ds);
}

/* Half of what had sixty days for it was never answered; the last one had not. */
static void silence_is_an_answer_where_it_is_usual(void **state) {
  (void)state;
  pfc_dataset *ds = offers(
      "ann,a,2025-01-01,shown;ann,a,2025-01-02,accepted;bob,a,2025-01-01,shown;"
      "cay,a,2025-06-01,shown");
  const pfc_readiness r = readiness_of(ds, PFC_TRAIN_ACCEPT);
  assert_int_equal(r.models[0].n_rows, 2);
  is_fact(&r, "offers without an answer", 2, 3);
  assert_non_null(strstr(r.models[0].remark, "silence counts as declined: 1 offers"));
  pfc_dataset_destroy(ds);
}

static void nothing_is_told_of_no_feedback(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  const pfc_readiness r = readiness_of(ds, PFC_TRAIN_ACCEPT);
  assert_int_equal(r.models[0].n_facts, 0);
  assert_string_equal(r.models[0].remark, "");
  pfc_dataset_destroy(ds);
}

/* --- controls ---------------------------------------------------------------------------- */

/* Those of datasets/controls.h, of whom too few reach a level to say anything. */
static void controls_are_counted(void **state) {
  (void)state;
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_episodes *controls = NULL;
  int64_t n_events = 0;
  pfc_train_settings unused;
  pfc_train_defaults(&unused);
  /* A quarter of the people are rated as the others are, and never started anything. */
  pfc_dataset *ds = degenerate_create("learning", "only enrolments 60", &unused);
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_controls_create(ds, h, cat, 1000000, &controls, &err));
  for (int64_t k = 0; k < controls->n; k++) n_events += controls->at[k].event == PFC_PROFICIENT;
  assert_true(controls->n > 0);
  const pfc_readiness r = readiness_of(ds, PFC_TRAIN_TIME);
  is_fact(&r, "controls found below a level twice", controls->n, 0);
  is_fact(&r, "controls who reached it", n_events, controls->n);
  assert_non_null(strstr(r.models[0].remark, "without an intervention: "));
  const bool is_fitted = strstr(r.models[0].remark, "is fitted") != NULL;
  if (n_events < 20) assert_false(is_fitted);
  pfc_episodes_destroy(controls);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(offers_are_counted),
      cmocka_unit_test(silence_is_an_answer_where_it_is_usual),
      cmocka_unit_test(nothing_is_told_of_no_feedback),
      cmocka_unit_test(controls_are_counted),
  };
  return cmocka_run_group_tests_name("trainer/readiness facts", tests, set_up, NULL);
}
