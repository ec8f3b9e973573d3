// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "base/rng.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(73);
  return pfc_par_init(2, NULL);
}

/* Small and quick; everything else at its default. */
static pfc_train_settings quick(void) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.als.rank = 4;
  s.als.max_sweeps = 8;
  s.profile.rank = 1;
  s.profile.max_sweeps = 10;
  return s;
}

static pfc_bundle *train(const pfc_dataset *ds, const pfc_train_settings *s,
                         pfc_train_report *report) {
  pfc_bundle *bundle = NULL;
  assert_ok(pfc_train(ds, s, &bundle, report, &err));
  return bundle;
}

static const pfc_train_note *note_of(const pfc_train_report *report, const char *model) {
  for (int n = 0; n < report->n_notes; n++)
    if (strcmp(report->notes[n].model, model) == 0) return &report->notes[n];
  fail_msg("nothing is told of %s", model);
  return NULL;
}

/* Trains; exactly the models named by the bits are there, and the report says so. */
static void assert_trained(const pfc_dataset *ds, const pfc_train_settings *s, unsigned models,
                           pfc_train_report *report) {
  pfc_bundle *bundle = train(ds, s, report);
  assert_int_equal(bundle->has_affinity, (models & PFC_TRAIN_AFFINITY) != 0);
  assert_int_equal(bundle->has_success, (models & PFC_TRAIN_SUCCESS) != 0);
  assert_int_equal(bundle->has_time, (models & PFC_TRAIN_TIME) != 0);
  assert_int_equal(bundle->has_profile, (models & PFC_TRAIN_PROFILE) != 0);
  const int has_answers = ds->tables[PFC_FEEDBACK].n_rows > 0;
  assert_int_equal(bundle->has_accept, has_answers && (s->models & PFC_TRAIN_ACCEPT));
  for (int n = 0; n < report->n_notes; n++) {
    const char *model = report->notes[n].model;
    const int there = strcmp(model, "affinity") == 0  ? bundle->has_affinity
                      : strcmp(model, "success") == 0 ? bundle->has_success
                      : strcmp(model, "profile") == 0 ? bundle->has_profile
                      : strcmp(model, "accept") == 0  ? bundle->has_accept
                                                      : bundle->has_time;
    assert_int_equal(report->notes[n].trained, there);
    assert_true(strlen(report->notes[n].text) > 0);
  }
  pfc_bundle_destroy(bundle);
}

static void empty_table(pfc_dataset *ds, pfc_table_id table) { ds->tables[table].n_rows = 0; }

/* --- which models ------------------------------------------------------------------------ */

static void enrolments_carry_affinity_and_success(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(seed, 0);
  const pfc_train_settings s = quick();
  pfc_train_report report;
  empty_table(ds, PFC_ASSESSMENTS);
  assert_trained(ds, &s, PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS, &report);
  assert_int_equal(report.n_notes, 5);
  assert_non_null(strstr(note_of(&report, "profile")->text, "0 ratings"));
  assert_non_null(strstr(note_of(&report, "time")->text, "0 episodes end in proficiency"));
  assert_non_null(strstr(note_of(&report, "time")->text, "assessments"));
  pfc_dataset_destroy(ds);
}

/* Every status becomes the word. */
static void set_status(pfc_dataset *ds, const char *word) {
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++)
    test_cell(ds, PFC_ENROLMENTS, r, "status", word);
}

static void completions_have_no_negatives(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(seed, 0);
  pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  empty_table(ds, PFC_ASSESSMENTS);
  set_status(ds, "passed");
  assert_trained(ds, &s, PFC_TRAIN_AFFINITY, &report);
  assert_non_null(strstr(note_of(&report, "success")->text, "no negatives"));
  s.require = PFC_TRAIN_SUCCESS;
  assert_fails(pfc_train(ds, &s, &bundle, &report, &err), PFC_EDATA, "no negatives");
  assert_null(bundle);
  set_status(ds, "completed");
  s.require = 0;
  assert_trained(ds, &s, PFC_TRAIN_AFFINITY, &report);
  assert_non_null(strstr(note_of(&report, "success")->text, "0 starts with a known result"));
  set_status(ds, "failed");
  assert_trained(ds, &s, PFC_TRAIN_AFFINITY, &report);
  assert_non_null(strstr(note_of(&report, "success")->text, "nobody passed"));
  pfc_dataset_destroy(ds);
}

static void assessments_and_targets_carry_time(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(seed, 0);
  pfc_train_settings s = quick();
  pfc_train_report report;
  assert_trained(ds, &s, PFC_TRAIN_ALL, &report);
  assert_true(note_of(&report, "time")->n_rows > 100);
  assert_non_null(strstr(note_of(&report, "time")->text, "proficient"));
  s.models = PFC_TRAIN_TIME;
  assert_trained(ds, &s, PFC_TRAIN_TIME, &report);
  assert_int_equal(report.n_notes, 1);
  empty_table(ds, PFC_TARGETS);
  s.models = PFC_TRAIN_ALL;
  assert_trained(ds, &s, PFC_TRAIN_PROFILE | PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS, &report);
  pfc_dataset_destroy(ds);
}

/* Episodes alone, without a person or an intervention. */
static void episodes_carry_time(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.train", 0);
  test_table(ds, PFC_EPISODES, 200, "duration_days,event,x_a");
  for (int r = 0; r < 200; r++) {
    test_number(ds, PFC_EPISODES, r, "duration_days", 1 + (double)pfc_rng_below(&rng, 100));
    test_cell(ds, PFC_EPISODES, r, "event", r % 3 ? "proficient" : "censored");
    test_number(ds, PFC_EPISODES, r, "x_a", pfc_rng_normal(&rng));
  }
  assert_trained(ds, &s, PFC_TRAIN_TIME, &report);
  assert_int_equal(note_of(&report, "time")->n_rows, 200);
  assert_non_null(strstr(note_of(&report, "affinity")->text, "no enrolments"));
  s.require = PFC_TRAIN_TIME;
  assert_trained(ds, &s, PFC_TRAIN_TIME, &report);
  s.require = PFC_TRAIN_AFFINITY;
  pfc_bundle *bundle = NULL;
  assert_fails(pfc_train(ds, &s, &bundle, &report, &err), PFC_EDATA, "no enrolments");
  pfc_dataset_destroy(ds);
}

static void nothing_carries_nothing(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  const pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  assert_fails(pfc_train(ds, &s, &bundle, &report, &err), PFC_EDATA, "nothing can be trained");
  test_rows(ds, PFC_PEOPLE, "person_id", "ann;bob");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "a;b");
  assert_fails(pfc_train(ds, &s, &bundle, &report, &err), PFC_EDATA, "no enrolments");
  assert_null(bundle);
  pfc_dataset_destroy(ds);
}

static void what_is_not_asked_for_is_not_trained(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(seed, 0);
  pfc_train_settings s = quick();
  pfc_train_report report;
  for (unsigned models = 1; models <= PFC_TRAIN_ALL; models *= 2) {
    s.models = s.require = models;
    assert_trained(ds, &s, models, &report);
  }
  pfc_dataset_destroy(ds);
}

/* --- provenance -------------------------------------------------------------------------- */

static void provenance_tells_what_it_was_trained_on(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(seed, 0);
  pfc_train_settings s = quick();
  pfc_train_report report;
  memset(ds->sha256, 'a', 64);
  memset(ds->feedback_head, 'b', 70);
  s.seed = 5;
  pfc_bundle *bundle = train(ds, &s, &report);
  assert_string_equal(bundle->data_sha256, ds->sha256);
  assert_string_equal(bundle->feedback_head, ds->feedback_head);
  assert_string_equal(bundle->split, "at 1970-11-27");
  assert_int_equal(bundle->seed, 5);
  assert_true(bundle->trained_as_of < COMPANY_SPLIT);
  assert_true(bundle->trained_as_of > COMPANY_SPLIT - 30);
  assert_true(bundle->n_certificates >= 4);
  for (int32_t c = 0; c < bundle->n_certificates; c++) {
    assert_true(bundle->certificates[c].n_rows > 0);
    assert_true(isfinite(bundle->certificates[c].objective));
  }
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* --- settings ---------------------------------------------------------------------------- */

static void refused(const pfc_train_settings *s, const char *field) {
  pfc_dataset *ds = pfc_dataset_create();
  pfc_bundle *bundle = NULL;
  pfc_train_report report;
  assert_fails(pfc_train_check(s, &err), PFC_EUSAGE, field);
  assert_fails(pfc_train(ds, s, &bundle, &report, &err), PFC_EUSAGE, field);
  assert_null(bundle);
  pfc_dataset_destroy(ds);
}

#define REFUSED(field, value) \
  do {                        \
    s = quick();              \
    s.field = (value);        \
    refused(&s, #field);      \
  } while (0)

static void settings_are_checked(void **state) {
  (void)state;
  pfc_train_settings s = quick();
  assert_ok(pfc_train_check(&s, &err));
  s.struct_size++;
  refused(&s, "pfc_train_defaults");
  REFUSED(models, 0);
  REFUSED(models, 32);
  REFUSED(require, 32);
  s = quick();
  s.profile.rank = 33;
  refused(&s, "rank");
  REFUSED(weights.registered, -1);
  REFUSED(weights.started, NAN);
  REFUSED(weights.passed, INFINITY);
  REFUSED(weights.half_life_days, -1);
  REFUSED(success_min_rows, 1);
  REFUSED(accept_min_rows, 1);
  REFUSED(holdout, 0);
  REFUSED(holdout, 0.95);
  REFUSED(time_bins, 0);
  REFUSED(time_bins, 41);
  REFUSED(time_min_events, 0);
  REFUSED(time_tail, -0.1);
  REFUSED(time_ridge, 0);
  s = quick();
  s.als.rank = 0;
  refused(&s, "rank");
  s = quick();
  s.models = PFC_TRAIN_AFFINITY;
  s.require = PFC_TRAIN_SUCCESS;
  refused(&s, "require");
}

/* --- odd data ---------------------------------------------------------------------------- */

static void assert_finite(int64_t n, const double *x) {
  for (int64_t k = 0; k < n; k++) assert_true(isfinite(x[k]));
}

static void assert_finite_floats(int64_t n, const float *x) {
  for (int64_t k = 0; k < n; k++) assert_true(isfinite(x[k]));
}

static void assert_all_finite(const pfc_bundle *b) {
  if (b->has_affinity) {
    assert_finite_floats((int64_t)b->affinity.n_people * b->affinity.rank, b->affinity.people);
    assert_finite_floats((int64_t)b->affinity.n_items * b->affinity.rank, b->affinity.items);
    assert_finite(1, &b->affinity.accept_slope);
    assert_finite(1, &b->affinity.accept_intercept);
  }
  if (b->has_success) {
    assert_finite(b->success.features->n_columns, b->success.coef);
    assert_finite(b->success.rank, b->success.theta);
    assert_finite(1, &b->success.intercept);
  }
  for (int r = 0; b->has_time && r < PFC_N_CAUSES; r++) {
    if (!b->time.coef[r]) continue;
    assert_finite(b->time.features->n_columns, b->time.coef[r]);
    assert_finite(pfc_hazard_n_baseline(&b->time, (pfc_cause)r), b->time.baseline[r]);
  }
  assert_ok(pfc_bundle_save(b, "odd.h5", &err));
}

static void rows_without_dates_will_do(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(seed, 60, 1);
  const pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = train(ds, &s, &report);
  assert_true(bundle->has_affinity && bundle->has_success && !bundle->has_time);
  assert_int_equal(bundle->trained_as_of, PFC_NO_DATE);
  assert_all_finite(bundle);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* One person's 60 starts of n_items interventions: odd ones passed, and x_sure knows it
 * beforehand; x_same and c_same are the same throughout. */
static pfc_dataset *one_person(int n_items) {
  pfc_dataset *ds = pfc_dataset_create();
  const pfc_table_id t = PFC_ENROLMENTS;
  test_table(ds, t, 60,
             "person_id,intervention_id,started_on,ended_on,status,x_sure,x_same,c_same");
  for (int r = 0; r < 60; r++) {
    char item[16];
    (void)snprintf(item, sizeof item, "i%d", r % n_items);
    test_cell(ds, t, r, "person_id", "ann");
    test_cell(ds, t, r, "intervention_id", item);
    test_number(ds, t, r, "started_on", 10 * r);
    test_number(ds, t, r, "ended_on", 10 * r + 5);
    test_cell(ds, t, r, "status", r % 2 ? "passed" : "failed");
    test_number(ds, t, r, "x_sure", r % 2 ? 1e6 : -1e6);
    test_number(ds, t, r, "x_same", 7);
    test_cell(ds, t, r, "c_same", "always");
  }
  return ds;
}

/* Only one thing was ever on offer, so that nobody ever chose: taking it up is close to
 * certain, whatever the score. */
static void one_intervention_will_do(void **state) {
  (void)state;
  pfc_dataset *ds = one_person(1);
  const pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = train(ds, &s, &report);
  assert_true(bundle->has_affinity && bundle->has_success);
  assert_true(bundle->affinity.accept_slope == 0);
  assert_float_equal(bundle->affinity.accept_intercept, log(60.5 / 0.5), 1e-12);
  assert_all_finite(bundle);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* What has aged to less than a float can hold is not observed any more. */
static void a_short_half_life_forgets(void **state) {
  (void)state;
  pfc_dataset *ds = one_person(60);
  pfc_train_settings s = quick();
  s.weights.half_life_days = 2;
  s.models = PFC_TRAIN_AFFINITY;
  pfc_train_report report;
  pfc_bundle *bundle = train(ds, &s, &report);
  assert_true(note_of(&report, "affinity")->n_rows < 60);
  assert_all_finite(bundle);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

static const pfc_field *find_field(const pfc_features *f, const char *name) {
  for (int i = 0; i < f->n_fields; i++)
    if (strcmp(f->fields[i].name, name) == 0) return &f->fields[i];
  return NULL;
}

static void one_person_will_do(void **state) {
  (void)state;
  pfc_dataset *ds = one_person(7);
  const pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = train(ds, &s, &report);
  assert_true(bundle->has_affinity && bundle->has_success);
  assert_all_finite(bundle);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* What parts passes from failures has a finite coefficient of the right sign; what is the
 * same everywhere has none. */
static void certain_and_constant_columns_will_do(void **state) {
  (void)state;
  pfc_dataset *ds = one_person(7);
  const pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = train(ds, &s, &report);
  const pfc_chance *m = &bundle->success;
  assert_null(find_field(m->features, "enrolments.x_same"));
  assert_null(find_field(m->features, "enrolments.c_same"));
  const pfc_field *sure = find_field(m->features, "enrolments.x_sure");
  assert_non_null(sure);
  assert_true(m->coef[sure->first] > 0.1 && m->coef[sure->first] < 100);
  for (int32_t c = 0; c < bundle->n_certificates; c++)
    if (strcmp(bundle->certificates[c].model, "success") == 0)
      assert_int_equal(bundle->certificates[c].converged, 1);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* --- stopping ---------------------------------------------------------------------------- */

typedef struct watcher {
  const char *stage;
} watcher;

static int stop_in(const pfc_progress_event *event, void *user) {
  const watcher *w = user;
  return strcmp(event->stage, w->stage) == 0;
}

static void every_stage_can_be_cancelled(void **state) {
  (void)state;
  static const char *const stages[] = {"profile", "affinity", "success", "time"};
  pfc_dataset *ds = company_create_split(seed, 0);
  for (int k = 0; k < 4; k++) {
    watcher w = {stages[k]};
    pfc_train_settings s = quick();
    pfc_train_report report;
    pfc_bundle *bundle = NULL;
    s.progress = (pfc_progress){stop_in, &w};
    assert_int_equal(pfc_train(ds, &s, &bundle, &report, NULL), PFC_ECANCELLED);
    assert_null(bundle);
  }
  pfc_dataset_destroy(ds);
}

static pfc_status train_a_little(void *user) {
  pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  s.als.rank = 1;
  s.als.max_sweeps = 1;
  s.time_bins = 2;
  s.time_min_events = s.success_min_rows = s.profile.min_ratings = 4;
  s.profile.max_sweeps = 1;
  const pfc_status st = pfc_train(user, &s, &bundle, &report, NULL);
  if (st == PFC_OK)
    assert_true(bundle->has_profile && bundle->has_affinity && bundle->has_success &&
                bundle->has_time);
  pfc_bundle_destroy(bundle);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "a,x,1,9,passed;a,y,2,9,failed;b,x,3,9,passed;b,y,4,9,failed;c,x,5,9,passed");
  test_rows(ds, PFC_EPISODES, "person_id,intervention_id,started_on,duration_days,event",
            "a,x,1,3,proficient;a,y,2,4,proficient;b,x,3,5,proficient;b,y,4,2,proficient;"
            "c,x,5,9,censored");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source",
            "a,s,1,test;a,s,2,self;b,s,3,test;b,r,1,self;c,s,2,test;c,r,4,test");
  assert_true(count_down(train_a_little, ds) > 200);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(enrolments_carry_affinity_and_success),
      cmocka_unit_test(completions_have_no_negatives),
      cmocka_unit_test(assessments_and_targets_carry_time),
      cmocka_unit_test(episodes_carry_time),
      cmocka_unit_test(nothing_carries_nothing),
      cmocka_unit_test(what_is_not_asked_for_is_not_trained),
      cmocka_unit_test(provenance_tells_what_it_was_trained_on),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(rows_without_dates_will_do),
      cmocka_unit_test(one_person_will_do),
      cmocka_unit_test(one_intervention_will_do),
      cmocka_unit_test(a_short_half_life_forgets),
      cmocka_unit_test(certain_and_constant_columns_will_do),
      cmocka_unit_test(every_stage_can_be_cancelled),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("trainer/train", tests, set_up, NULL);
}
