// labels: unit check
/* Refits: what their view leaves out, what counts as new, which candidate is taken. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/rng.h"
#include "datasets/history.h"
#include "datasets/split.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/evaluate.h"
#include "trainer/refit_internal.h"

/* Small fits: what is fitted is not what is tested here. */
static pfc_refit_settings settings_of(unsigned models) {
  pfc_refit_settings s;
  pfc_refit_defaults(&s);
  s.train.models = models;
  s.train.als.rank = 2;
  s.train.als.max_sweeps = 3;
  s.method = PFC_REFIT_FULL;
  s.min_new = 1;
  return s;
}

/* --- the view ----------------------------------------------------------------------------- */

/* Who is trusted, told from the words of datasets/split.h: a draw of the person's own stream.
 */
static bool is_trusted(const pfc_dataset *ds, int32_t person, const pfc_refit_settings *s) {
  pfc_rng rng;
  const char *id = pfc_dict_text(pfc_dataset_find_dict(ds, "person"), person);
  pfc_rng_init(&rng, s->gate.trusted_seed, "split.person", pfc_rng_id(id));
  return pfc_rng_uniform(&rng) < s->gate.trusted_share;
}

static void check_table(const pfc_dataset *view, pfc_table_id table, const char *const *days,
                        const pfc_refit_settings *s, int32_t slice_from) {
  const int32_t *person = pfc_dataset_codes(view, table, "person_id");
  for (int64_t r = 0; person && r < view->tables[table].n_rows; r++)
    assert_false(is_trusted(view, person[r], s));
  for (; *days; days++) {
    const int32_t *day = pfc_dataset_dates(view, table, *days);
    for (int64_t r = 0; day && r < view->tables[table].n_rows; r++)
      assert_true(day[r] == PFC_NO_DATE || day[r] < slice_from);
  }
}

static void check_view(const pfc_dataset *view, const pfc_refit_settings *s,
                       int32_t slice_from) {
  static const char *const ENROLLED[] = {"started_on", "ended_on", NULL};
  static const char *const ASSESSED[] = {"assessed_on", NULL};
  static const char *const HELD[] = {"from", "to", NULL};
  check_table(view, PFC_ENROLMENTS, ENROLLED, s, slice_from);
  check_table(view, PFC_ASSESSMENTS, ASSESSED, s, slice_from);
  check_table(view, PFC_POSITIONS, HELD, s, slice_from);
  assert_true(view->tables[PFC_ENROLMENTS].n_rows > 100);
}

static void a_view_has_neither_the_slice_nor_the_trusted(void **state) {
  (void)state;
  pfc_refit_settings s = settings_of(PFC_TRAIN_ALL);
  char split[PFC_SPLIT_TEXT];
  s.gate.trusted_share = 0.3;
  for (int is_split = 0; is_split < 2; is_split++) {
    int32_t from = 0;
    pfc_dataset *view = NULL,
                *ds = is_split ? company_create_split(1, 0) : company_create(1, 0);
    assert_ok(pfc_refit_slice(ds, &s, &from, &err));
    /* Its own split hides what came from that day on. */
    assert_true(is_split ? from <= COMPANY_SPLIT - 91 : from > COMPANY_DAYS - 150);
    assert_ok(pfc_refit_view(ds, &s, from, &view, &err));
    check_view(view, &s, from);
    pfc_split_describe(&view->split, split);
    assert_string_equal(split, "by person, fraction 0.3, seed 1");
    pfc_dataset_destroy(view);
    pfc_dataset_destroy(ds);
  }
}

/* --- what is new -------------------------------------------------------------------------- */

/* Courses of a week; day 0 is 1970-01-01. By day 100 known: four results, of which that of
 * c began too late to be mature then; two ends of episodes, one answer. */
static pfc_dataset *by_hand(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_PEOPLE, "person_id", "a;b;c;d");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,weeks", "i,1;j,1");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "a,i,10,17,passed;b,i,20,27,failed;c,i,99,100,dropped;d,i,50,57,passed;"
            "a,j,120,127,passed;b,j,95,130,passed;d,j,140,,in_progress");
  test_rows(ds, PFC_EPISODES,
            "person_id,intervention_id,competency_id,started_on,duration_days,event",
            "a,i,x,10,30,proficient;b,i,x,20,80,dropped;c,i,x,99,2,dropped;"
            "d,i,x,50,95,censored;a,j,x,120,20,proficient");
  test_rows(ds, PFC_FEEDBACK, "event_id,person_id,intervention_id,at,kind",
            "1,a,i,1970-01-05,accepted;2,b,j,1970-05-20,declined");
  return ds;
}

static void new_rows_are_counted_by_the_days_known(void **state) {
  (void)state;
  pfc_dataset *ds = by_hand();
  pfc_bundle *champion = pfc_bundle_create();
  int64_t n_new, n_all;
  assert_ok(pfc__refit_count(ds, NULL, &n_new, &n_all, &err));
  /* Six results, two answers, four ends. */
  assert_int_equal(n_all, 12);
  assert_int_equal(n_new, 12);
  champion->trained_as_of = 100;
  assert_ok(pfc__refit_count(ds, champion, &n_new, &n_all, &err));
  assert_int_equal(n_all, 12);
  /* Results: a j, b j, and c i, which no model of day 100 took; the answer of day 139; ends on
   * day 101 and on day 140. That of b, on day 100, was known. */
  assert_int_equal(n_new, 6);
  champion->trained_as_of = 150;
  assert_ok(pfc__refit_count(ds, champion, &n_new, &n_all, &err));
  assert_int_equal(n_new, 0);
  pfc_bundle_destroy(champion);
  pfc_dataset_destroy(ds);
}

/* One after the other, in the order of their keys. */
static void write_down(pfc_ledger *l, const char *person, const char *intervention,
                       const char *competency, int32_t start, float days) {
  pfc_sha256 *digest = pfc_sha256_create();
  uint64_t key = pfc_ledger_key(digest, person, intervention, competency, start);
  pfc_ledger one = {1, &key, &days}, all = {0};
  assert_ok(pfc_ledger_join(l, &one, &all, &err));
  pfc_ledger_clear(l);
  *l = all;
  pfc_sha256_destroy(digest);
}

static void ledgers_tell_what_days_cannot(void **state) {
  (void)state;
  pfc_dataset *ds = by_hand();
  pfc_bundle *champion = pfc_bundle_create();
  int64_t n_new, n_all;
  champion->trained_as_of = 150;
  /* It knew all days, but the results of b and of d came late; */
  write_down(&champion->success.ledger, "a", "i", "", 10, 0);
  write_down(&champion->success.ledger, "c", "i", "", 99, 0);
  write_down(&champion->success.ledger, "a", "j", "", 120, 0);
  assert_ok(pfc__refit_count(ds, champion, &n_new, &n_all, &err));
  assert_int_equal(n_new, 3);
  /* one of the episodes was told to its end, and one as far as it had come. */
  write_down(&champion->time.ledger, "a", "i", "x", 10, -30);
  write_down(&champion->time.ledger, "b", "i", "x", 20, 60);
  assert_ok(pfc__refit_count(ds, champion, &n_new, &n_all, &err));
  assert_int_equal(n_new, 3 + 3);
  write_down(&champion->accept.ledger, "b", "j", "", 139, 0);
  assert_ok(pfc__refit_count(ds, champion, &n_new, &n_all, &err));
  assert_int_equal(n_new, 3 + 3 + 1);
  pfc_bundle_destroy(champion);
  pfc_dataset_destroy(ds);
}

/* --- candidates --------------------------------------------------------------------------- */

static pfc_bundle *refit_of(const pfc_dataset *ds, const pfc_bundle *champion,
                            const pfc_refit_settings *s, pfc_refit_report *report) {
  pfc_bundle *candidate = NULL;
  pfc_refit_report own;
  assert_ok(pfc_refit(ds, champion, s, &candidate, report ? report : &own, &err));
  if (!report) pfc_refit_report_clear(&own);
  return candidate;
}

static void the_first_model_is_trained_on_the_view(void **state) {
  (void)state;
  pfc_dataset *ds = company_create(2, 0), *view = NULL;
  const pfc_refit_settings s = settings_of(PFC_TRAIN_SUCCESS);
  pfc_refit_report report;
  pfc_bundle *first = refit_of(ds, NULL, &s, &report);
  assert_string_equal(report.method, "full");
  assert_int_equal(report.n_candidates, 1);
  assert_true(first->has_success);
  assert_string_equal(first->split, "by person, fraction 0.1, seed 1");
  assert_true(first->trained_as_of < report.slice_from);
  assert_true(first->trained_as_of > report.slice_from - 30);
  /* As many rows as the view has. */
  int64_t n_new, n_all;
  pfc_train_report told;
  pfc_bundle *trained = NULL;
  assert_ok(pfc_refit_view(ds, &s, report.slice_from, &view, &err));
  assert_ok(pfc_train(view, &s.train, &trained, &told, &err));
  assert_int_equal(first->success.n_rows, trained->success.n_rows);
  assert_ok(pfc__refit_count(view, NULL, &n_new, &n_all, &err));
  assert_int_equal(report.n_new, n_all);
  /* On the same data there is nothing to do after that. */
  pfc_refit_report again;
  assert_null(refit_of(ds, first, &s, &again));
  assert_int_equal(again.n_new, 0);
  assert_non_null(strstr(again.why, "0 new rows"));
  pfc_refit_report_clear(&report);
  pfc_refit_report_clear(&again);
  pfc_bundle_destroy(first);
  pfc_bundle_destroy(trained);
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

static void a_champion_that_knows_the_slice_waits(void **state) {
  (void)state;
  pfc_dataset *ds = company_create(2, 0);
  const pfc_refit_settings s = settings_of(PFC_TRAIN_SUCCESS);
  pfc_train_report told;
  pfc_bundle *champion = NULL;
  pfc_refit_report report;
  assert_ok(pfc_train(ds, &s.train, &champion, &told, &err));
  assert_null(refit_of(ds, champion, &s, &report));
  assert_non_null(strstr(report.why, "the newest slice begins on"));
  pfc_refit_report_clear(&report);
  pfc_bundle_destroy(champion);
  pfc_dataset_destroy(ds);
}

/* Whoever may have trained on the trusted people is refitted, never updated. */
static void only_what_left_the_trusted_out_is_updated(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(2, 0);
  pfc_refit_settings s = settings_of(PFC_TRAIN_SUCCESS);
  pfc_train_report told;
  pfc_bundle *champion = NULL, *candidate = NULL;
  pfc_refit_report report;
  ds->split.date = 250;
  assert_ok(pfc_train(ds, &s.train, &champion, &told, &err));
  ds->split = (pfc_split){.kind = PFC_SPLIT_NONE};
  s.method = PFC_REFIT_UPDATE;
  assert_fails(pfc_refit(ds, champion, &s, &candidate, &report, &err), PFC_EUSAGE,
               "split \"at 1970-09-08\"");
  s.method = PFC_REFIT_AUTO;
  candidate = refit_of(ds, champion, &s, &report);
  assert_string_equal(report.method, "full");
  pfc_refit_report_clear(&report);
  pfc_bundle_destroy(candidate);
  pfc_bundle_destroy(champion);
  pfc_dataset_destroy(ds);
}

/* Everything that a bundle is made of, by its file. */
static void save_refit(const pfc_dataset *ds, const pfc_refit_settings *s, int threads,
                       const char *path) {
  omp_set_num_threads(threads);
  pfc_bundle *b = refit_of(ds, NULL, s, NULL);
  assert_ok(pfc_bundle_save(b, path, &err));
  pfc_bundle_destroy(b);
}

static void threads_change_no_byte(void **state) {
  (void)state;
  char one[PFC_SHA256_HEX], three[PFC_SHA256_HEX];
  pfc_dataset *ds = company_create(3, 0);
  const pfc_refit_settings s = settings_of(PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS);
  save_refit(ds, &s, 1, "one.h5");
  save_refit(ds, &s, 3, "three.h5");
  omp_set_num_threads(2);
  assert_ok(pfc_sha256_file("one.h5", one, &err));
  assert_ok(pfc_sha256_file("three.h5", three, &err));
  assert_string_equal(one, three);
  (void)remove("one.h5");
  (void)remove("three.h5");
  pfc_dataset_destroy(ds);
}

/* --- the better one ----------------------------------------------------------------------- */

/* Log losses of both, from figures told one by one. */
static double loss_of(const pfc_bundle *b, const pfc_dataset *ds, int32_t slice_from) {
  pfc_evaluate_settings s;
  pfc_contestant who = {"it", b, NULL};
  pfc_dataset slice = *ds;
  cJSON *json = NULL;
  pfc_evaluate_defaults(&s);
  s.resamples = 0;
  slice.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = slice_from};
  assert_ok(pfc_evaluate(1, &who, &slice, &s, &json, &err));
  const cJSON *success = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "success"), "log_loss");
  const cJSON *time = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "time"), "nll");
  const double n = cJSON_GetObjectItem(success, "n")->valuedouble;
  const double m = cJSON_GetObjectItem(time, "n")->valuedouble;
  const double sum = n * cJSON_GetObjectItem(success, "value")->valuedouble +
                     m * cJSON_GetObjectItem(time, "value")->valuedouble;
  assert_true(n > 10 && m > 10);
  cJSON_Delete(json);
  return sum / (n + m);
}

static double tried_loss(const cJSON *tried, int k, const char *method) {
  const cJSON *row = cJSON_GetArrayItem(tried, k);
  assert_string_equal(cJSON_GetObjectItem(row, "method")->valuestring, method);
  return cJSON_GetObjectItem(row, "loss")->valuedouble;
}

static void the_better_one_on_the_slice_is_taken(void **state) {
  (void)state;
  pfc_dataset *ds = company_create(4, 0);
  const pfc_refit_settings s = settings_of(PFC_TRAIN_SUCCESS | PFC_TRAIN_TIME);
  static const char *const NAMES[] = {"update", "full"};
  pfc_refit_report report;
  pfc_bundle *good = refit_of(ds, NULL, &s, &report), *bad = refit_of(ds, NULL, &s, NULL);
  bad->success.intercept -= 3;
  for (int place = 0; place < 2; place++) {
    const pfc_bundle *both[] = {place ? bad : good, place ? good : bad};
    cJSON *tried = cJSON_CreateArray();
    int best = -1;
    assert_ok(pfc__refit_choose(ds, report.slice_from, 2, both, NAMES, &s, tried, &best, &err));
    assert_int_equal(best, place);
    for (int k = 0; k < 2; k++)
      assert_float_equal(tried_loss(tried, k, NAMES[k]),
                         loss_of(both[k], ds, report.slice_from), 1e-12);
    cJSON_Delete(tried);
  }
  pfc_refit_report_clear(&report);
  pfc_bundle_destroy(good);
  pfc_bundle_destroy(bad);
  pfc_dataset_destroy(ds);
}

/* --- settings, memory --------------------------------------------------------------------- */

static void settings_are_checked(void **state) {
  (void)state;
  pfc_refit_settings s = settings_of(PFC_TRAIN_ALL);
  assert_ok(pfc_refit_check(&s, &err));
  s.slice_days = 6;
  assert_fails(pfc_refit_check(&s, &err), PFC_EUSAGE, "slice_days: 7 to 720");
  s = settings_of(PFC_TRAIN_ALL);
  s.min_new = 0;
  assert_fails(pfc_refit_check(&s, &err), PFC_EUSAGE, "min_new");
  s = settings_of(PFC_TRAIN_ALL);
  s.full_share = NAN;
  assert_fails(pfc_refit_check(&s, &err), PFC_EUSAGE, "full_share");
  s = settings_of(PFC_TRAIN_ALL);
  s.train.baseline.kind = PFC_BASELINE_RANDOM;
  assert_fails(pfc_refit_check(&s, &err), PFC_EUSAGE, "baseline");
  s = settings_of(PFC_TRAIN_ALL);
  s.struct_size = 1;
  assert_fails(pfc_refit_check(&s, &err), PFC_EUSAGE, "pfc_refit_defaults");
}

static void without_days_there_is_no_newest_slice(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(1, 20, 1);
  const pfc_refit_settings s = settings_of(PFC_TRAIN_ALL);
  pfc_bundle *candidate = NULL;
  pfc_refit_report report;
  assert_fails(pfc_refit(ds, NULL, &s, &candidate, &report, &err), PFC_EDATA, "has a day");
  pfc_dataset_destroy(ds);
}

/* A refit of few people; then, on the same, none. */
static pfc_status refit_twice(void *user) {
  pfc_error err = PFC_ERROR_INIT;
  pfc_status st = PFC_OK;
  pfc_bundle *first = NULL, *second = NULL;
  pfc_refit_report report = {0};
  pfc_refit_settings s = settings_of(PFC_TRAIN_AFFINITY);
  s.slice_days = 7;
  PFC_TRY(pfc_refit(user, NULL, &s, &first, &report, &err));
  pfc_refit_report_clear(&report);
  PFC_TRY(pfc_refit(user, first, &s, &second, &report, &err));
done:
  pfc_refit_report_clear(&report);
  pfc_bundle_destroy(first);
  pfc_bundle_destroy(second);
  return st;
}

/* Two models before the newest slice. */
typedef struct choosing {
  const pfc_dataset *ds;
  const pfc_bundle *bundle;
  pfc_refit_settings s;
  int32_t from;
} choosing;

static pfc_status choose_once(void *user) {
  static const char *const NAMES[] = {"update", "full"};
  const choosing *c = user;
  const pfc_bundle *both[] = {c->bundle, c->bundle};
  pfc_error err = PFC_ERROR_INIT;
  int best;
  cJSON *tried = cJSON_CreateArray();
  const pfc_status st =
      pfc__refit_choose(c->ds, c->from, 2, both, NAMES, &c->s, tried, &best, &err);
  cJSON_Delete(tried);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(5, 30, 0);
  omp_set_num_threads(1);
  assert_true(count_down(refit_twice, ds) > 100);
  choosing c = {.ds = ds, .s = settings_of(PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS)};
  c.s.slice_days = 20;
  c.s.train.success_min_rows = 2;
  pfc_bundle *bundle = refit_of(ds, NULL, &c.s, NULL);
  c.bundle = bundle;
  assert_ok(pfc_refit_slice(ds, &c.s, &c.from, &err));
  assert_true(count_down(choose_once, &c) > 100);
  omp_set_num_threads(2);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_view_has_neither_the_slice_nor_the_trusted),
      cmocka_unit_test(new_rows_are_counted_by_the_days_known),
      cmocka_unit_test(ledgers_tell_what_days_cannot),
      cmocka_unit_test(the_first_model_is_trained_on_the_view),
      cmocka_unit_test(a_champion_that_knows_the_slice_waits),
      cmocka_unit_test(only_what_left_the_trusted_out_is_updated),
      cmocka_unit_test(threads_change_no_byte),
      cmocka_unit_test(the_better_one_on_the_slice_is_taken),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(without_days_there_is_no_newest_slice),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
