// labels: property check
/* Training baselines: what is refused and in which words, data that are out of order, memory
 * that runs out, the same bytes for any number of threads. */
#include "tests/support/test.h"

#include <math.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/par.h"
#include "engine/ranker.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/degenerate.h"
#include "tests/support/degenerate_rows.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

static pfc_train_settings settings_of(pfc_baseline_kind kind) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.baseline.kind = kind;
  return s;
}

static pfc_status train(const pfc_dataset *ds, const pfc_train_settings *s, pfc_bundle **b,
                        pfc_error *err) {
  pfc_train_report report;
  return pfc_train(ds, s, b, &report, err);
}

/* --- words ------------------------------------------------------------------------- */

static void expect_refusal(pfc_baseline_kind kind, const char *enrolments, const char *says) {
  pfc_dataset *ds = pfc_dataset_create();
  pfc_bundle *b = NULL;
  const pfc_train_settings s = settings_of(kind);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id", "p0,r0;p1,r1");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "A;B");
  if (enrolments)
    test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,status", enrolments);
  assert_fails(train(ds, &s, &b, &err), PFC_EDATA, says);
  assert_fails(train(ds, &s, &b, &err), PFC_EDATA, pfc_baseline_name(kind));
  assert_null(b);
  pfc_dataset_destroy(ds);
}

static void refusals_say_what_is_missing(void **state) {
  (void)state;
  static const pfc_baseline_kind counting[] = {PFC_BASELINE_POPULARITY, PFC_BASELINE_RECENT,
                                               PFC_BASELINE_MANAGER, PFC_BASELINE_ITEMKNN,
                                               PFC_BASELINE_EASE};
  for (int k = 0; k < 5; k++)
    expect_refusal(counting[k], NULL, "nobody has taken anything up yet");
  expect_refusal(PFC_BASELINE_RECENT, "p0,A,,passed;p1,B,,failed", "no dates");
  expect_refusal(PFC_BASELINE_MANAGER, "p0,A,3,passed;p1,B,4,failed", "manager_id");
  expect_refusal(PFC_BASELINE_GAP, "p0,A,3,passed", "table requirements is empty");
  /* On the list and no more: nobody started. */
  expect_refusal(PFC_BASELINE_POPULARITY, "p0,A,,enrolled", "nobody has taken anything up yet");
}

/* A framework that says what is required, and not how much of it. */
static void gaps_need_levels(void **state) {
  (void)state;
  for (int is_level = 0; is_level < 2; is_level++) {
    pfc_dataset *ds = pfc_dataset_create();
    pfc_bundle *b = NULL;
    const pfc_train_settings s = settings_of(PFC_BASELINE_GAP);
    test_rows(ds, PFC_PEOPLE, "person_id,role_id", "p0,r0");
    test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level", "A,sql,3");
    test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
              is_level ? "r0,sql,,1;r0,r,2,1" : "r0,sql,,1;r0,r,,1");
    if (is_level) {
      assert_ok(train(ds, &s, &b, &err));
    } else {
      assert_fails(train(ds, &s, &b, &err), PFC_EDATA,
                   "no row of table requirements has a level");
    }
    pfc_bundle_destroy(b);
    pfc_dataset_destroy(ds);
  }
}

static void settings_out_of_range(void **state) {
  (void)state;
  pfc_train_settings s = settings_of(PFC_N_BASELINES);
  assert_fails(pfc_train_check(&s, &err), PFC_EUSAGE, "baseline.kind");
  s = settings_of(PFC_BASELINE_EASE);
  s.baseline.ease_lambda = 0;
  assert_fails(pfc_train_check(&s, &err), PFC_EUSAGE, "baseline.ease_lambda");
  s = settings_of(PFC_BASELINE_ITEMKNN);
  s.baseline.neighbours = 0;
  assert_fails(pfc_train_check(&s, &err), PFC_EUSAGE, "baseline.neighbours");
  s.baseline.neighbours = 1;
  s.baseline.knn_shrinkage = NAN;
  assert_fails(pfc_train_check(&s, &err), PFC_EUSAGE, "baseline.knn_shrinkage");
  s = settings_of(PFC_BASELINE_RECENT);
  s.baseline.half_life_days = 0.5;
  assert_fails(pfc_train_check(&s, &err), PFC_EUSAGE, "baseline.half_life_days");
  s.baseline.half_life_days = 1;
  s.baseline.shrinkage = -1;
  assert_fails(pfc_train_check(&s, &err), PFC_EUSAGE, "baseline.shrinkage");
}

/* One more intervention taken up than EASE takes, each by one person: refused before the memory
 * is asked for, and none too many for its neighbours. */
static void a_catalogue_too_long_for_ease(void **state) {
  (void)state;
  enum { N = PFC_EASE_MOST_ITEMS + 1 };
  pfc_dataset *ds = pfc_dataset_create();
  pfc_bundle *b = NULL;
  pfc_train_settings s = settings_of(PFC_BASELINE_EASE);
  test_table(ds, PFC_ENROLMENTS, N, "person_id,intervention_id");
  pfc_dict *people = pfc_dataset_dict(ds, "person"),
           *items = pfc_dataset_dict(ds, "intervention");
  for (int32_t i = 0; i < N; i++) {
    char id[16];
    int32_t code;
    const size_t size = (size_t)snprintf(id, sizeof id, "x%d", i);
    assert_ok(pfc_dict_add(people, id, size, &code, &err));
    assert_ok(pfc_dict_add(items, id, size, &code, &err));
    ds->tables[PFC_ENROLMENTS].columns[0].code[i] = i;
    ds->tables[PFC_ENROLMENTS].columns[1].code[i] = i;
  }
  assert_fails(train(ds, &s, &b, &err), PFC_EDATA,
               "20001 interventions were taken up, at most 20000 expected: their weights on "
               "each other would take 4.8 GB");
  s.baseline.kind = PFC_BASELINE_ITEMKNN;
  assert_ok(train(ds, &s, &b, &err));
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- data out of order ------------------------------------------------------------- */

static void scores_are_finite(const pfc_bundle *b, const pfc_dataset *ds) {
  pfc_ranker_world w = {.ds = ds, .as_of = 200};
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  pfc_ranker *r = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_lens_create(ds, h, cat, b->dicts, b->n_dicts, &lens, &err));
  w.history = h;
  w.cat = cat;
  w.lens = lens;
  assert_ok(pfc_ranker_create(b, &w, 1, &r, &err));
  float *score = pfc_alloc_array((size_t)cat->n_interventions, sizeof *score);
  assert_non_null(score);
  for (int32_t p = 0; p < h->n_people; p++) {
    const pfc_decision d = {p, -1, -1, p % 2 ? 200 : PFC_NO_DATE, -1, -1};
    assert_ok(pfc_ranker_score(r, 0, 1, &d, score, &err));
    for (int32_t i = 0; i < cat->n_interventions; i++) assert_true(isfinite(score[i]));
  }
  pfc_free(score);
  pfc_ranker_destroy(r);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
}

/* Trained with finite scores, or an error that names the kind; true when trained. */
static bool judge_kind(const degenerate_row *row, const pfc_dataset *ds,
                       const pfc_train_settings *s, bool is_saved) {
  pfc_error why = PFC_ERROR_INIT;
  pfc_bundle *b = NULL;
  const pfc_status st = train(ds, s, &b, &why);
  if (st == PFC_OK) {
    scores_are_finite(b, ds);
    if (is_saved) assert_ok(pfc_bundle_save(b, "degenerate.h5", &err));
  } else if (row->fits[0] != '!' &&
             (st != PFC_EDATA || !strstr(why.msg, pfc_baseline_name(s->baseline.kind)))) {
    fail_msg("%s: %s: status %d, %s", row->base, row->edits, st, why.msg);
  }
  pfc_bundle_destroy(b);
  return st == PFC_OK;
}

static void data_out_of_order(void **state) {
  (void)state;
  int trained = 0, refused = 0;
  for (int k = 0; k < n_degenerate_rows; k++) {
    const degenerate_row *row = &degenerate_rows[k];
    pfc_train_settings s;
    pfc_train_defaults(&s);
    pfc_dataset *ds = degenerate_create(row->base, row->edits, &s);
    for (int kind = 1; kind < PFC_N_BASELINES; kind++) {
      s.baseline.kind = (pfc_baseline_kind)kind;
      if (judge_kind(row, ds, &s, k % 10 == 0)) {
        trained++;
      } else {
        refused++;
      }
    }
    pfc_dataset_destroy(ds);
  }
  assert_true(trained > 1000 && refused > 100);
}

/* --- memory, threads --------------------------------------------------------------- */

typedef struct job {
  pfc_dataset *ds;
  pfc_train_settings s;
} job;

static pfc_status train_and_drop(void *user) {
  const job *j = user;
  pfc_error err = PFC_ERROR_INIT;
  pfc_bundle *b = NULL;
  const pfc_status st = train(j->ds, &j->s, &b, &err);
  pfc_bundle_destroy(b);
  return st;
}

static void training_survives_lack_of_memory(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_MANAGER, PFC_BASELINE_ITEMKNN,
                                            PFC_BASELINE_EASE};
  job j = {.ds = pfc_dataset_create()};
  test_rows(j.ds, PFC_PEOPLE, "person_id,role_id,manager_id", "p0,r0,p1;p1,r1,;p2,,p1");
  test_rows(j.ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on",
            "p0,A,3;p0,B,4;p2,A,3;p2,C,8");
  for (int k = 0; k < 3; k++) {
    j.s = settings_of(kinds[k]);
    assert_true(count_down(train_and_drop, &j) > 30);
  }
  pfc_dataset_destroy(j.ds);
}

static char *trained_bytes(const pfc_dataset *ds, pfc_baseline_kind kind, size_t *size) {
  const pfc_train_settings s = settings_of(kind);
  char *bytes = NULL;
  pfc_bundle *b = NULL;
  assert_ok(train(ds, &s, &b, &err));
  assert_ok(pfc_bundle_save(b, "threads.h5", &err));
  assert_ok(pfc_file_read("threads.h5", (size_t)1 << 28, &bytes, size, &err));
  pfc_bundle_destroy(b);
  return bytes;
}

static void threads_change_no_byte(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_POPULARITY, PFC_BASELINE_RECENT,
                                            PFC_BASELINE_ITEMKNN, PFC_BASELINE_EASE,
                                            PFC_BASELINE_RANDOM};
  pfc_dataset *ds = company_create_split(test_seed(6), 1);
  for (int k = 0; k < 5; k++) {
    char *bytes[3];
    size_t size[3];
    for (int t = 0; t < 3; t++) {
      assert_ok(pfc_par_init(t + 1, &err));
      bytes[t] = trained_bytes(ds, kinds[k], &size[t]);
    }
    for (int t = 1; t < 3; t++) {
      assert_int_equal(size[t], size[0]);
      assert_memory_equal(bytes[t], bytes[0], size[0]);
    }
    for (int t = 0; t < 3; t++) pfc_free(bytes[t]);
  }
  pfc_dataset_destroy(ds);
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(refusals_say_what_is_missing),
      cmocka_unit_test(gaps_need_levels),
      cmocka_unit_test(settings_out_of_range),
      cmocka_unit_test(a_catalogue_too_long_for_ease),
      cmocka_unit_test(data_out_of_order),
      cmocka_unit_test(training_survives_lack_of_memory),
      cmocka_unit_test(threads_change_no_byte),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
