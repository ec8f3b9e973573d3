// labels: property check
/* A model brought up to date is what it was and what is new, and nothing else. */
#include "tests/support/test.h"

#include <math.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/par.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"
#include "trainer/update.h"

enum { EARLIER = 240 }; /* a day before COMPANY_SPLIT, with facts between them */

static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = test_seed(83);
  return pfc_par_init(2, NULL);
}

static pfc_train_settings quick(void) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.als.rank = 4;
  s.als.max_sweeps = 8;
  s.profile.rank = 1;
  s.profile.max_sweeps = 10;
  return s;
}

static pfc_dataset *company_at(int32_t day, int with_strangers) {
  pfc_dataset *ds = company_create(seed, with_strangers);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = day};
  return ds;
}

static pfc_bundle *train(const pfc_dataset *ds) {
  const pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  assert_ok(pfc_train(ds, &s, &bundle, &report, &err));
  return bundle;
}

static pfc_bundle *update(const pfc_dataset *ds, const pfc_bundle *old,
                          pfc_train_report *report) {
  const pfc_train_settings s = quick();
  pfc_bundle *bundle = NULL;
  assert_ok(pfc_update(ds, &s, old, &bundle, report, &err));
  return bundle;
}

static const pfc_train_note *note_of(const pfc_train_report *report, const char *model) {
  for (int n = 0; n < report->n_notes; n++)
    if (strcmp(report->notes[n].model, model) == 0) return &report->notes[n];
  fail_msg("nothing is told of %s", model);
  return NULL;
}

static unsigned char *bytes_of(const pfc_bundle *bundle, size_t *size) {
  char *text = NULL;
  assert_ok(pfc_bundle_save(bundle, "bundle.h5", &err));
  assert_ok(pfc_file_read("bundle.h5", (size_t)1 << 28, &text, size, &err));
  return (unsigned char *)text;
}

static void assert_same_bytes(const pfc_bundle *a, const pfc_bundle *b) {
  size_t sizes[2];
  unsigned char *x = bytes_of(a, &sizes[0]), *y = bytes_of(b, &sizes[1]);
  assert_int_equal(sizes[0], sizes[1]);
  assert_memory_equal(x, y, sizes[0]);
  pfc_free(x);
  pfc_free(y);
}

static void assert_same_chance(const pfc_chance *a, const pfc_chance *b) {
  assert_int_equal(a->features->n_columns, b->features->n_columns);
  assert_int_equal(a->rank, b->rank);
  assert_int_equal(a->n_rows, b->n_rows);
  assert_int_equal(a->ledger.n, b->ledger.n);
  for (int32_t c = 0; c < a->features->n_columns; c++) assert_near(a->coef[c], b->coef[c], 0);
  for (int32_t f = 0; f < a->rank; f++) assert_near(a->theta[f], b->theta[f], 0);
  assert_near(a->intercept, b->intercept, 0);
}

/* --- nothing new ---------------------------------------------------------------------------
 */

static void the_same_data_give_the_same_model(void **state) {
  (void)state;
  pfc_dataset *ds = company_at(COMPANY_SPLIT, 0);
  pfc_train_report report;
  pfc_bundle *old = train(ds), *now = update(ds, old, &report);
  assert_true(old->has_success && old->has_accept && old->has_affinity && old->has_profile);
  assert_same_bytes(old, now);
  assert_int_equal(note_of(&report, "success")->n_rows, 0);
  assert_int_equal(note_of(&report, "accept")->n_rows, 0);
  assert_int_equal(note_of(&report, "affinity")->n_rows, 0);
  assert_non_null(strstr(note_of(&report, "success")->text, "as it was"));
  pfc_bundle_destroy(old);
  pfc_bundle_destroy(now);
  pfc_dataset_destroy(ds);
}

/* The same people and starts in files of another order, beside strangers of whom no result is
 * known: rows are known by their ids. */
static void files_may_come_in_another_order(void **state) {
  (void)state;
  pfc_dataset *ds = company_at(COMPANY_SPLIT, 0), *other = company_at(COMPANY_SPLIT, 1);
  pfc_train_report report;
  pfc_bundle *old = train(ds), *now = update(other, old, &report);
  const pfc_dict *people = pfc_bundle_dict(old, "person");
  assert_string_equal(pfc_dict_text(people, 0),
                      pfc_dict_text(pfc_bundle_dict(now, "person"), 0));
  assert_true(test_code(other, "person", pfc_dict_text(people, 0)) != 0);
  assert_int_equal(note_of(&report, "accept")->n_rows, 0);
  assert_same_chance(&old->accept, &now->accept);
  pfc_bundle_destroy(old);
  pfc_bundle_destroy(now);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(other);
}

/* --- what is new ---------------------------------------------------------------------------
 */

static void new_rows_count_once(void **state) {
  (void)state;
  pfc_dataset *early = company_at(EARLIER, 0), *late = company_at(COMPANY_SPLIT, 1);
  pfc_train_report report;
  pfc_bundle *old = train(early), *full = train(late);
  pfc_bundle *now = update(late, old, &report), *again = update(late, now, &report);
  assert_true(now->success.n_rows > old->success.n_rows);
  assert_int_equal(now->success.n_rows, full->success.n_rows);
  assert_int_equal(now->accept.n_rows, full->accept.n_rows);
  assert_near(now->success.base_rate, full->success.base_rate, 1e-12);
  assert_int_equal(note_of(&report, "success")->n_rows, 0);
  assert_same_chance(&now->success, &again->success);
  assert_int_equal(now->trained_as_of, full->trained_as_of);
  assert_true(now->success.features->n_columns >= old->success.features->n_columns);
  assert_int_equal(now->success.posterior.n,
                   now->success.features->n_columns + now->success.rank + 1);
  pfc_bundle_destroy(old);
  pfc_bundle_destroy(full);
  pfc_bundle_destroy(now);
  pfc_bundle_destroy(again);
  pfc_dataset_destroy(early);
  pfc_dataset_destroy(late);
}

/* What an update makes can be stored, read and updated again. */
static void an_update_is_a_model(void **state) {
  (void)state;
  pfc_dataset *early = company_at(EARLIER, 0), *late = company_at(COMPANY_SPLIT, 1);
  pfc_train_report report;
  pfc_bundle *old = train(early), *now = update(late, old, &report), *read = NULL, *again;
  assert_ok(pfc_bundle_save(now, "bundle.h5", &err));
  assert_ok(pfc_bundle_load("bundle.h5", &read, &err));
  again = update(late, read, &report);
  assert_same_bytes(now, again);
  pfc_bundle_destroy(old);
  pfc_bundle_destroy(now);
  pfc_bundle_destroy(read);
  pfc_bundle_destroy(again);
  pfc_dataset_destroy(early);
  pfc_dataset_destroy(late);
}

static void the_number_of_threads_changes_no_byte(void **state) {
  (void)state;
  pfc_dataset *early = company_at(EARLIER, 0), *late = company_at(COMPANY_SPLIT, 1);
  pfc_train_report report;
  pfc_bundle *old = train(early), *now = update(late, old, &report);
  assert_ok(pfc_par_init(3, &err));
  pfc_bundle *other = update(late, old, &report);
  assert_ok(pfc_par_init(2, &err));
  assert_same_bytes(now, other);
  pfc_bundle_destroy(old);
  pfc_bundle_destroy(now);
  pfc_bundle_destroy(other);
  pfc_dataset_destroy(early);
  pfc_dataset_destroy(late);
}

static void what_the_old_model_lacks_is_trained(void **state) {
  (void)state;
  pfc_dataset *ds = company_at(COMPANY_SPLIT, 0);
  pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *old = NULL;
  s.models = PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS;
  assert_ok(pfc_train(ds, &s, &old, &report, &err));
  assert_false(old->has_accept);
  pfc_bundle *now = update(ds, old, &report);
  assert_true(now->has_accept && now->has_profile);
  assert_same_chance(&old->success, &now->success);
  pfc_bundle_destroy(old);
  pfc_bundle_destroy(now);
  pfc_dataset_destroy(ds);
}

/* --- refusals ------------------------------------------------------------------------------
 */

static void baselines_and_models_without_a_posterior_are_refused(void **state) {
  (void)state;
  pfc_dataset *ds = company_at(COMPANY_SPLIT, 0);
  pfc_train_settings s = quick();
  pfc_train_report report;
  pfc_bundle *old = train(ds), *now = NULL;
  assert_true(old->has_time && old->time.baseline[PFC_PROFICIENT]);
  pfc_posterior_clear(&old->time.posterior[PFC_PROFICIENT]);
  assert_fails(pfc_update(ds, &s, old, &now, &report, &err), PFC_EUSAGE,
               "time does not tell how sure it is");
  pfc_posterior_clear(&old->success.posterior);
  assert_fails(pfc_update(ds, &s, old, &now, &report, &err), PFC_EUSAGE,
               "success does not tell how sure it is");
  old->has_baseline = true;
  assert_fails(pfc_update(ds, &s, old, &now, &report, &err), PFC_EUSAGE, "is a baseline");
  s.baseline.kind = PFC_BASELINE_POPULARITY;
  assert_fails(pfc_update(ds, &s, old, &now, &report, &err), PFC_EUSAGE, "baseline");
  assert_null(now);
  pfc_bundle_destroy(old);
  pfc_dataset_destroy(ds);
}

/* --- memory --------------------------------------------------------------------------------
 */

typedef struct little {
  pfc_dataset *ds;
  pfc_bundle *old;
} little;

static pfc_train_settings least(void) {
  pfc_train_settings s = quick();
  s.als.rank = 1;
  s.als.max_sweeps = 1;
  s.success_min_rows = s.accept_min_rows = s.profile.min_ratings = 4;
  s.profile.max_sweeps = 1;
  s.models = PFC_TRAIN_ALL & ~PFC_TRAIN_TIME;
  return s;
}

static pfc_status update_a_little(void *user) {
  const little *l = user;
  const pfc_train_settings s = least();
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  const pfc_status st = pfc_update(l->ds, &s, l->old, &bundle, &report, NULL);
  if (st == PFC_OK) assert_true(bundle->has_success && bundle->has_accept);
  pfc_bundle_destroy(bundle);
  return st;
}

static pfc_dataset *little_create(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "a,x,1,9,passed;a,y,2,9,failed;b,x,3,9,passed;b,y,4,9,failed;c,x,5,9,passed;"
            "d,z,101,109,passed;a,z,102,109,failed");
  test_rows(ds, PFC_FEEDBACK, "event_id,person_id,intervention_id,at,kind",
            "1,a,x,0,accepted;2,a,y,86400,declined;3,b,x,86400,accepted;4,b,y,172800,declined;"
            "5,c,x,259200,accepted;6,d,z,8640000,accepted;7,a,z,8640000,declined");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "a,s,1,test,1;a,s,2,self,1;b,s,3,test,1;b,r,1,self,1;c,s,2,test,1;c,r,4,test,1");
  return ds;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  little l = {little_create(), NULL};
  const pfc_train_settings s = least();
  pfc_train_report report;
  l.ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 50};
  assert_ok(pfc_train(l.ds, &s, &l.old, &report, &err));
  l.ds->split = (pfc_split){.kind = PFC_SPLIT_NONE};
  assert_true(count_down(update_a_little, &l) > 200);
  pfc_bundle_destroy(l.old);
  pfc_dataset_destroy(l.ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_data_give_the_same_model),
      cmocka_unit_test(files_may_come_in_another_order),
      cmocka_unit_test(new_rows_count_once),
      cmocka_unit_test(an_update_is_a_model),
      cmocka_unit_test(the_number_of_threads_changes_no_byte),
      cmocka_unit_test(what_the_old_model_lacks_is_trained),
      cmocka_unit_test(baselines_and_models_without_a_posterior_are_refused),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("trainer/update", tests, set_up, NULL);
}
