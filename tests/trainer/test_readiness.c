// labels: property check
/* A model is refused by the readiness report exactly when training refuses it, in the same
 * words; and the warnings count what they say. */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "base/rng.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/degenerate.h"
#include "tests/support/degenerate_rows.h"
#include "tests/support/tables.h"
#include "trainer/readiness.h"

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(91);
  return pfc_par_init(1, NULL);
}

/* Small and quick; everything else at its default. */
static pfc_train_settings quick(void) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.als.rank = 2;
  s.als.max_sweeps = 3;
  return s;
}

static pfc_readiness readiness_of(const pfc_dataset *ds, const pfc_train_settings *train) {
  pfc_readiness r;
  pfc_readiness_settings s;
  pfc_readiness_defaults(&s);
  assert_ok(pfc_readiness_assess(ds, train, &s, &r, &err));
  return r;
}

static const pfc_ready_model *model_of(const pfc_readiness *r, const char *model) {
  for (int k = 0; k < r->n_models; k++)
    if (strcmp(r->models[k].model, model) == 0) return &r->models[k];
  fail_msg("nothing is told of %s", model);
  return NULL;
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_readiness_settings s = {0};
  assert_fails(pfc_readiness_check(&s, &err), PFC_EUSAGE, "pfc_readiness_defaults");
  pfc_readiness_defaults(&s);
  assert_ok(pfc_readiness_check(&s, &err));
  s.events_per_variable = NAN;
  assert_fails(pfc_readiness_check(&s, &err), PFC_EUSAGE, "events_per_variable: 0 to 1000");
}

/* --- the verdict is that of training ---------------------------------------------------- */

enum { MODELS = 5, ACCEPT = 3 }; /* of which these data rarely tell */

typedef struct tally {
  int trained[MODELS], refused[MODELS];
} tally;

/* Training of this model alone is refused in the words of the report. */
static void assert_refused(const pfc_dataset *ds, pfc_train_settings s,
                           const pfc_ready_model *m, const char *what) {
  pfc_bundle *bundle = NULL;
  pfc_train_report report;
  pfc_error err = PFC_ERROR_INIT;
  char expected[1024];
  s.models = m->bit;
  const pfc_status st = pfc_train(ds, &s, &bundle, &report, &err);
  pfc_bundle_destroy(bundle);
  (void)snprintf(expected, sizeof expected, "nothing can be trained on these data: %s: %s",
                 m->model, m->reason);
  if (st != PFC_EDATA || strcmp(err.msg, expected) != 0)
    fail_msg("%s: check says \"%s\", train %d \"%s\"", what, expected, (int)st, err.msg);
  assert_true(*m->change != '\0');
}

/* Trains each model by itself and compares. */
static void assert_agrees(const pfc_dataset *ds, pfc_train_settings s, const char *what,
                          tally *t) {
  const pfc_readiness r = readiness_of(ds, &s);
  for (int k = 0; k < r.n_models; k++) {
    const pfc_ready_model *m = &r.models[k];
    pfc_bundle *bundle = NULL;
    pfc_train_report report;
    pfc_error err = PFC_ERROR_INIT;
    if (m->verdict == PFC_CANNOT) {
      assert_refused(ds, s, m, what);
      t->refused[k]++;
      continue;
    }
    s.models = m->bit;
    if (pfc_train(ds, &s, &bundle, &report, &err) != PFC_OK)
      fail_msg("%s: check says %s is %s, train says: %s", what, m->model,
               pfc_verdict_name(m->verdict), err.msg);
    pfc_bundle_destroy(bundle);
    assert_string_equal(m->reason, "");
    assert_int_equal(m->verdict == PFC_WARNED, m->n_warnings > 0);
    assert_int_equal(m->n_rows, report.notes[0].n_rows);
    t->trained[k]++;
  }
}

static void set_status(pfc_dataset *ds, const char *word) {
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++)
    test_cell(ds, PFC_ENROLMENTS, r, "status", word);
}

static void empty(pfc_dataset *ds, pfc_table_id table) { ds->tables[table].n_rows = 0; }

static void companies_agree(void **state) {
  (void)state;
  static const char *const WHAT[] = {
      "whole",     "without assessments", "without targets",   "all passed", "all dropped",
      "completed", "no enrolments",       "split by a person", "split",      "enrolled"};
  tally t = {{0}, {0}};
  for (int k = 0; k < 10; k++) {
    pfc_dataset *ds = k == 8 ? company_create_split(seed, 0) : company_create(seed, 0);
    if (k == 1) empty(ds, PFC_ASSESSMENTS);
    if (k == 2) empty(ds, PFC_TARGETS);
    if (k == 3) set_status(ds, "passed");
    if (k == 4) set_status(ds, "dropped");
    if (k == 5) set_status(ds, "completed");
    if (k == 6) empty(ds, PFC_ENROLMENTS);
    if (k == 6) empty(ds, PFC_FEEDBACK);
    if (k == 7)
      ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.9, .seed = seed};
    if (k == 9) set_status(ds, "enrolled");
    assert_agrees(ds, quick(), WHAT[k], &t);
    pfc_dataset_destroy(ds);
  }
  for (int m = 0; m < MODELS; m++) assert_true(t.trained[m] > 0 && t.refused[m] > 0);
}

/* On either side of what a model asks for. */
static void thresholds_agree(void **state) {
  (void)state;
  tally t = {{0}, {0}};
  pfc_dataset *ds = company_create(seed, 0);
  pfc_train_settings s = quick();
  const pfc_readiness r = readiness_of(ds, &s);
  const int64_t n = model_of(&r, "success")->n_rows;
  const int64_t n_proficient = model_of(&r, "time")->events[0].n;
  const int64_t n_ratings = model_of(&r, "profile")->n_rows;
  const int64_t n_offers = model_of(&r, "accept")->n_rows;
  for (int more = 0; more < 2; more++) {
    s.success_min_rows = (int32_t)n + more;
    s.accept_min_rows = (int32_t)n_offers + more;
    s.time_min_events = (int32_t)n_proficient + more;
    s.profile.min_ratings = (int32_t)n_ratings + more;
    s.weights = (pfc_affinity_weights){.started = more ? 0 : 1};
    assert_agrees(ds, s, more ? "one too few" : "just enough", &t);
  }
  for (int m = 0; m < MODELS; m++) {
    assert_int_equal(t.trained[m], 1);
    assert_int_equal(t.refused[m], 1);
  }
  pfc_dataset_destroy(ds);
}

/* Few people, few courses, one day, no days, cells missing: whatever is there. */
static void odd_data_agree(void **state) {
  (void)state;
  tally t = {{0}, {0}};
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "readiness", 0);
  for (uint64_t k = 0; k < 24; k++) {
    pfc_train_settings s = quick();
    char what[32];
    pfc_dataset *ds =
        test_random_dataset(seed + k, 1 + (int)pfc_rng_below(&rng, 12), k % 3 == 0);
    s.success_min_rows = 2 + (int32_t)pfc_rng_below(&rng, 12);
    s.time_min_events = 1 + (int32_t)pfc_rng_below(&rng, 6);
    s.profile.min_ratings = 2 + (int32_t)pfc_rng_below(&rng, 12);
    if (k % 5 == 0) empty(ds, PFC_EPISODES);
    if (k % 8 == 7)
      s.success_min_rows = s.time_min_events = s.profile.min_ratings =
          1000; /* more than there are */
    (void)snprintf(what, sizeof what, "random %d", (int)k);
    assert_agrees(ds, s, what, &t);
    pfc_dataset_destroy(ds);
  }
  for (int m = 0; m < MODELS; m++) assert_true(t.trained[m] > 0 || m == ACCEPT);
  assert_true(t.refused[2] > 0 && t.refused[4] > 0);
}

/* Everybody starts the same thing on the same day: nothing varies, no column is left. */
static void data_without_a_difference_agree(void **state) {
  (void)state;
  for (int n = 50; n <= 60; n += 10) {
    tally t = {{0}, {0}};
    pfc_dataset *ds = pfc_dataset_create();
    test_table(ds, PFC_ENROLMENTS, n, "person_id,intervention_id,started_on,ended_on,status");
    test_table(ds, PFC_EPISODES, n, "person_id,started_on,duration_days,event");
    for (int64_t r = 0; r < n; r++) {
      test_cell(ds, PFC_ENROLMENTS, r, "person_id", "a");
      test_cell(ds, PFC_ENROLMENTS, r, "intervention_id", "i");
      test_cell(ds, PFC_ENROLMENTS, r, "started_on", "10");
      test_cell(ds, PFC_ENROLMENTS, r, "ended_on", "20");
      test_cell(ds, PFC_ENROLMENTS, r, "status", r % 2 ? "passed" : "failed");
      test_cell(ds, PFC_EPISODES, r, "person_id", "a");
      test_cell(ds, PFC_EPISODES, r, "started_on", "10");
      test_cell(ds, PFC_EPISODES, r, "duration_days", n == 50 ? "0" : "30");
      test_cell(ds, PFC_EPISODES, r, "event", "proficient");
    }
    assert_agrees(ds, quick(), "all alike", &t);
    for (int m = 1; m < MODELS; m++) assert_int_equal(t.trained[m], m != ACCEPT);
    pfc_dataset_destroy(ds);
  }
}

/* Four hundred data sets of which another test has trained what can be trained. Where a
 * setting makes a fit impossible ("!") that is no matter of the data. */
static void data_out_of_order_agree(void **state) {
  (void)state;
  tally t = {{0}, {0}};
  for (int k = 0; k < n_degenerate_rows; k++) {
    const degenerate_row *row = &degenerate_rows[k];
    pfc_train_settings s = quick();
    if (row->fits[0] == '!') continue;
    pfc_dataset *ds = degenerate_create(row->base, row->edits, &s);
    const pfc_readiness r = readiness_of(ds, &s);
    for (int m = 0; m < MODELS; m++) {
      const bool fits = strchr(row->fits, "PASOT"[m]) != NULL;
      if (fits != (r.models[m].verdict != PFC_CANNOT))
        fail_msg("%s: %s: check says %s is %s", row->base, row->edits, r.models[m].model,
                 pfc_verdict_name(r.models[m].verdict));
      if (!fits) assert_refused(ds, s, &r.models[m], row->edits);
      t.trained[m] += fits;
      t.refused[m] += !fits;
    }
    pfc_dataset_destroy(ds);
  }
  for (int m = 0; m < MODELS; m++)
    assert_true(t.trained[m] > (m == ACCEPT ? 20 : 100) && t.refused[m] > 10);
}

/* --- what is told ------------------------------------------------------------------------ */

/* n starts of n people, of which `passed` pass and the rest fail, with `x` columns that vary.
 */
static pfc_dataset *starts(int n, int passed, int n_x) {
  pfc_dataset *ds = pfc_dataset_create();
  char columns[256] = "person_id,intervention_id,started_on,status", text[32];
  for (int x = 0; x < n_x; x++) {
    (void)snprintf(text, sizeof text, ",x_%d", x);
    strcat(columns, text);
  }
  test_table(ds, PFC_ENROLMENTS, n, columns);
  for (int r = 0; r < n; r++) {
    (void)snprintf(text, sizeof text, "p%d", r);
    test_cell(ds, PFC_ENROLMENTS, r, "person_id", text);
    test_cell(ds, PFC_ENROLMENTS, r, "intervention_id", r % 2 ? "i" : "j");
    test_number(ds, PFC_ENROLMENTS, r, "started_on", r);
    test_cell(ds, PFC_ENROLMENTS, r, "status", r < passed ? "passed" : "failed");
    for (int x = 0; x < n_x; x++) {
      (void)snprintf(text, sizeof text, "x_%d", x);
      test_number(ds, PFC_ENROLMENTS, r, text, r * (x + 1) % 7);
    }
  }
  return ds;
}

/* Three columns of numbers are three variables; the 100 people and 2 interventions are names:
 * 30 events are 10 a variable, 29 are not. */
static void names_are_no_variables(void **state) {
  (void)state;
  const pfc_train_settings s = quick();
  for (int failed = 29; failed <= 30; failed++) {
    pfc_dataset *ds = starts(100, 100 - failed, 3);
    const pfc_readiness r = readiness_of(ds, &s);
    const pfc_ready_model *m = model_of(&r, "success");
    assert_int_equal(m->n_rows, 100);
    assert_int_equal(m->n_columns, 105);
    assert_int_equal(m->n_variables, 3);
    assert_string_equal(m->events[1].name, "failed or dropped");
    assert_int_equal(m->events[1].n, failed);
    assert_float_equal(m->events[1].per_variable, failed / 3.0, 1e-9);
    assert_int_equal(m->verdict, failed == 30 ? PFC_READY : PFC_WARNED);
    if (failed == 29) {
      assert_non_null(strstr(m->warning[0], "29 failed or dropped on 3 variables"));
      assert_non_null(strstr(m->change, "1 more that are failed or dropped"));
    } else {
      assert_string_equal(m->change, "");
    }
    pfc_dataset_destroy(ds);
  }
  pfc_dataset *ds = starts(100, 29, 3); /* the rarer outcome counts, whichever it is */
  const pfc_readiness r = readiness_of(ds, &s);
  assert_non_null(strstr(model_of(&r, "success")->warning[0], "29 passed on 3 variables"));
  pfc_dataset_destroy(ds);
}

static void what_is_missing_is_named(void **state) {
  (void)state;
  const pfc_train_settings s = quick();
  pfc_dataset *ds = starts(60, 60, 1);
  pfc_readiness r = readiness_of(ds, &s);
  assert_string_equal(model_of(&r, "success")->change,
                      "needs at least 1 started enrolment with status failed or dropped; there "
                      "are 0");
  assert_non_null(
      strstr(model_of(&r, "time")->change,
             "needs at least 20 episodes that end in proficiency; there are 0; there "
             "is no table episodes, so they are derived: from dated starts (60), "
             "targets with a to_level (0)"));
  set_status(ds, "failed");
  test_cell(ds, PFC_ENROLMENTS, 0, "status", "completed");
  r = readiness_of(ds, &s);
  assert_string_equal(
      model_of(&r, "success")->change,
      "needs at least 1 started enrolment with status passed; there are 0; 1 "
      "starts have a status that tells no result (in_progress, completed, none)");
  pfc_dataset_destroy(ds);

  ds = starts(40, 30, 1);
  r = readiness_of(ds, &s);
  assert_string_equal(model_of(&r, "success")->change,
                      "needs at least 50 started enrolments that passed, failed or dropped, of "
                      "both outcomes; there are 30 that passed and 10 that did not");
  pfc_dataset_destroy(ds);
}

static void tastes_need_a_choice(void **state) {
  (void)state;
  const pfc_train_settings s = quick();
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id", "a,i;b,i;c,i");
  pfc_readiness r = readiness_of(ds, &s);
  assert_non_null(strstr(model_of(&r, "affinity")->warning[0], "only one intervention"));
  pfc_dataset_destroy(ds);
  ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id", "a,i;b,j;b,j;c,i");
  r = readiness_of(ds, &s);
  assert_int_equal(model_of(&r, "affinity")->n_rows, 3);
  assert_non_null(strstr(model_of(&r, "affinity")->warning[0], "two different"));
  pfc_dataset_destroy(ds);
  ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id", "a,i;b,j;b,i;c,i");
  r = readiness_of(ds, &s);
  assert_int_equal(model_of(&r, "affinity")->verdict, PFC_READY);
  pfc_dataset_destroy(ds);
}

/* A cause with some, but too few, events has no risk of its own. */
static void rare_causes_are_told(void **state) {
  (void)state;
  const pfc_train_settings s = quick();
  for (int left = 0; left <= 20; left += 5) {
    pfc_dataset *ds = pfc_dataset_create();
    test_table(ds, PFC_EPISODES, 200, "duration_days,event");
    for (int64_t r = 0; r < 200; r++) {
      test_number(ds, PFC_EPISODES, r, "duration_days", 1 + (double)(r % 9));
      test_cell(ds, PFC_EPISODES, r, "event", r < left ? "left" : "proficient");
    }
    const pfc_readiness r = readiness_of(ds, &s);
    const pfc_ready_model *m = model_of(&r, "time");
    assert_int_equal(m->events[0].n, 200 - left);
    assert_int_equal(m->events[2].n, left);
    assert_int_equal(m->n_warnings, left > 0 && left < 20);
    if (m->n_warnings)
      assert_non_null(strstr(m->warning[0], "episodes are left, fewer than 20"));
    pfc_dataset_destroy(ds);
  }
}

static pfc_status assess(void *user) {
  const pfc_train_settings s = quick();
  pfc_readiness r;
  pfc_readiness_settings check;
  pfc_readiness_defaults(&check);
  return pfc_readiness_assess(user, &s, &check, &r, NULL);
}

static void short_memory_is_survived(void **state) {
  (void)state;
  pfc_dataset *ds = starts(60, 30, 1);
  assert_true(count_down(assess, ds) > 20);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(companies_agree),
      cmocka_unit_test(thresholds_agree),
      cmocka_unit_test(odd_data_agree),
      cmocka_unit_test(data_without_a_difference_agree),
      cmocka_unit_test(data_out_of_order_agree),
      cmocka_unit_test(names_are_no_variables),
      cmocka_unit_test(what_is_missing_is_named),
      cmocka_unit_test(tastes_need_a_choice),
      cmocka_unit_test(rare_causes_are_told),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("trainer/readiness", tests, set_up, NULL);
}
