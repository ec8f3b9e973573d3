#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/reasons.h"
#include "engine/recommend.h"
#include "tests/oracle/choice_oracle.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

enum { N_ASKED = 2500 /* more than two blocks of tiles */ };

static pfc_dataset *ds;
static pfc_bundle *bundle;
static scored all; /* everybody and everything: what lists are cut from */
static int32_t asked[N_ASKED];

static pfc_scorer_settings day_of_split(void) {
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = COMPANY_SPLIT;
  return s;
}

static int set_up(void **state) {
  (void)state;
  const pfc_scorer_settings settings = day_of_split();
  assert_ok(pfc_par_init(2, &err));
  ds = company_create_split(test_seed(72), 0);
  bundle = scoring_train(ds, PFC_TRAIN_ALL);
  all = scoring_run(bundle, ds, &settings);
  for (int k = 0; k < N_ASKED; k++) asked[k] = (int32_t)((k * 37L + k / 100) % all.n_people);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  scoring_clear(&all);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return 0;
}

/* --- lists ------------------------------------------------------------------------------- */

/* What fn was given. */
typedef struct received {
  choice_kept *kept; /* every so many lists, for the oracle; NULL: none */
  int n_lists, n_scores, fail_at;
  int32_t person[N_ASKED];
  int length[N_ASKED], first[N_ASKED];
  pfc_score *scores; /* one list after the other */
} received;

static pfc_status receive(const pfc_list *list, void *user, pfc_error *err) {
  received *r = user;
  if (r->n_lists == r->fail_at) return pfc_fail(err, PFC_EIO, "the disk is full");
  r->person[r->n_lists] = list->person;
  r->first[r->n_lists] = r->n_scores;
  r->length[r->n_lists++] = list->n;
  for (int k = 0; k < list->n; k++) r->scores[r->n_scores++] = list->at[k].score;
  if (r->kept && r->n_lists % 50 == 0) choice_oracle_keep(r->kept, list);
  return PFC_OK;
}

static received *received_create(void) {
  received *r = pfc_alloc_array(1, sizeof *r);
  assert_non_null(r);
  r->fail_at = -1;
  r->scores = pfc_alloc_array((size_t)N_ASKED * (size_t)all.n, sizeof *r->scores);
  assert_non_null(r->scores);
  return r;
}

static void received_destroy(received *r) {
  pfc_free(r->scores);
  pfc_free(r);
}

static pfc_recommend_settings first(int top) {
  pfc_recommend_settings s;
  pfc_recommend_defaults(&s);
  s.choice.top = top;
  return s;
}

/* The score of a pair among all of them. */
static const pfc_score *score_of(int32_t person, int32_t intervention) {
  for (int32_t j = 0; j < all.n; j++)
    if (pfc_scorer_candidates(all.scorer)[j] == intervention)
      return &all.scores[person * all.n + j];
  fail_msg("%d is no candidate", (int)intervention);
  return NULL;
}

static void check_lists(const pfc_recommend_settings *s) {
  received *r = received_create();
  const choice_oracle oracle = {all.scorer, &s->choice};
  choice_kept kept = {0};
  r->kept = &kept;
  assert_ok(pfc_recommend(all.scorer, N_ASKED, asked, s, receive, r, NULL, &err));
  assert_int_equal(kept.n, N_ASKED / 50);
  choice_oracle_check_kept(&oracle, &kept);
  assert_int_equal(r->n_lists, N_ASKED);
  for (int k = 0; k < N_ASKED; k++) {
    assert_int_equal(r->person[k], asked[k]);
    for (int at = 0; at < r->length[k]; at++) {
      const pfc_score *got = &r->scores[r->first[k] + at];
      assert_true(scoring_same(got, score_of(asked[k], got->intervention)));
    }
  }
  received_destroy(r);
}

static void lists_are_the_best_in_order(void **state) {
  (void)state;
  const int tops[] = {1, 2, 3, 10, 1000};
  for (int t = 0; t < 5; t++) {
    pfc_recommend_settings s = first(tops[t]);
    check_lists(&s);
    s.choice.rank_by = PFC_RANK_AFFINITY;
    check_lists(&s);
  }
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void little_value_is_not_recommended(void **state) {
  (void)state;
  const size_t n = (size_t)all.n_people * (size_t)all.n;
  double *values = pfc_alloc_array(n, sizeof *values);
  for (size_t k = 0; k < n; k++) values[k] = all.scores[k].value;
  qsort(values, n, sizeof *values, by_size);
  pfc_recommend_settings s = first(5);
  s.choice.min_value = values[n / 2]; /* one of them lies on the very limit */
  check_lists(&s);
  s.choice.rank_by = PFC_RANK_AFFINITY;
  check_lists(&s);
  s.choice.min_value = values[n - 1] + 1;
  check_lists(&s);
  pfc_free(values);
}

/* Without models all values of single targets are 1, so that codes alone decide. */
static void equals_stand_in_order_of_their_codes(void **state) {
  (void)state;
  pfc_dataset *plain = pfc_dataset_create();
  pfc_bundle *empty = pfc_bundle_create();
  pfc_scorer *scorer = NULL;
  received *r = received_create();
  const int32_t ann = 0;
  test_rows(plain, PFC_INTERVENTIONS, "intervention_id", "d;b;a;c;e");
  test_rows(plain, PFC_TARGETS, "intervention_id,competency_id", "c,x;c,y");
  test_rows(plain, PFC_PEOPLE, "person_id", "ann");
  const pfc_scorer_settings settings = day_of_split();
  const pfc_recommend_settings s = first(4);
  assert_ok(pfc_scorer_create(empty, plain, &settings, &scorer, &err));
  assert_ok(pfc_recommend(scorer, 1, &ann, &s, receive, r, NULL, &err));
  const int32_t expected[] = {3, 0, 1, 2}; /* c has two targets */
  assert_int_equal(r->length[0], 4);
  for (int k = 0; k < 4; k++) assert_int_equal(r->scores[k].intervention, expected[k]);
  received_destroy(r);
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(empty);
  pfc_dataset_destroy(plain);
}

/* Where there is no affinity, nothing can be ranked by it. */
static void ranking_by_a_model_that_is_not_there_is_refused(void **state) {
  (void)state;
  pfc_bundle *empty = pfc_bundle_create();
  const pfc_scorer_settings settings = day_of_split();
  pfc_recommend_settings s = first(4);
  pfc_scorer *scorer = NULL;
  received *r = received_create();
  s.choice.rank_by = PFC_RANK_AFFINITY;
  assert_ok(pfc_scorer_create(empty, ds, &settings, &scorer, &err));
  assert_fails(pfc_recommend(scorer, 3, asked, &s, receive, r, NULL, &err), PFC_EUSAGE,
               "affinity");
  assert_int_equal(r->n_lists, 0);
  received_destroy(r);
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(empty);
}

static void the_number_of_threads_changes_nothing(void **state) {
  (void)state;
  const pfc_scorer_settings settings = day_of_split();
  const pfc_recommend_settings s = first(3);
  received *r[3];
  for (int t = 0; t < 3; t++) {
    pfc_scorer *scorer = NULL;
    r[t] = received_create();
    assert_ok(pfc_par_init(t + 1, &err));
    assert_ok(pfc_scorer_create(bundle, ds, &settings, &scorer, &err));
    assert_ok(pfc_recommend(scorer, N_ASKED, asked, &s, receive, r[t], NULL, &err));
    pfc_scorer_destroy(scorer);
  }
  assert_ok(pfc_par_init(2, &err));
  for (int t = 1; t < 3; t++) {
    assert_memory_equal(r[t]->person, r[0]->person, sizeof r[0]->person);
    assert_memory_equal(r[t]->length, r[0]->length, sizeof r[0]->length);
    for (int k = 0; k < r[0]->n_scores; k++)
      assert_true(scoring_same(&r[t]->scores[k], &r[0]->scores[k]));
  }
  for (int t = 0; t < 3; t++) received_destroy(r[t]);
}

static void nobody_asks_nobody_is_told(void **state) {
  (void)state;
  const pfc_recommend_settings s = first(3);
  received *r = received_create();
  assert_ok(pfc_recommend(all.scorer, 0, NULL, &s, receive, r, NULL, &err));
  assert_int_equal(r->n_lists, 0);
  received_destroy(r);
}

/* --- stopping ---------------------------------------------------------------------------- */

typedef struct watcher {
  int n, stop_at;
  int64_t done, total;
} watcher;

static int watch(const pfc_progress_event *event, void *user) {
  watcher *w = user;
  assert_string_equal(event->stage, "recommend");
  assert_true(event->done > w->done && event->done <= event->total);
  w->done = event->done;
  w->total = event->total;
  return ++w->n == w->stop_at;
}

static void progress_is_told_and_can_cancel(void **state) {
  (void)state;
  pfc_recommend_settings s = first(3);
  for (int stop_at = 0; stop_at < 2; stop_at++) {
    watcher w = {.stop_at = stop_at};
    received *r = received_create();
    s.progress = (pfc_progress){watch, &w};
    if (stop_at == 0) {
      assert_ok(pfc_recommend(all.scorer, N_ASKED, asked, &s, receive, r, NULL, &err));
      assert_int_equal(w.done, N_ASKED);
      assert_int_equal(w.total, N_ASKED);
    } else {
      assert_int_equal(pfc_recommend(all.scorer, N_ASKED, asked, &s, receive, r, NULL, NULL),
                       PFC_ECANCELLED);
      assert_int_equal(r->n_lists, w.done);
      assert_true(r->n_lists < N_ASKED);
    }
    received_destroy(r);
  }
}

static void an_error_of_the_receiver_stops_it(void **state) {
  (void)state;
  const pfc_recommend_settings s = first(3);
  received *r = received_create();
  r->fail_at = 70;
  assert_fails(pfc_recommend(all.scorer, N_ASKED, asked, &s, receive, r, NULL, &err), PFC_EIO,
               "the disk is full");
  assert_int_equal(r->n_lists, 70);
  received_destroy(r);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_recommend_settings s = first(0);
  assert_fails(pfc_recommend(all.scorer, 1, asked, &s, receive, NULL, NULL, &err), PFC_EUSAGE,
               "top");
  s = first(3);
  s.struct_size = 0;
  assert_fails(pfc_recommend(all.scorer, 1, asked, &s, receive, NULL, NULL, &err), PFC_EUSAGE,
               "pfc_recommend_defaults");
  s = first(3);
  s.choice.min_value = NAN;
  assert_fails(pfc_recommend(all.scorer, 1, asked, &s, receive, NULL, NULL, &err), PFC_EUSAGE,
               "min_value");
  s = first(3);
  s.choice.rank_by = (pfc_rank_by)7;
  assert_fails(pfc_recommend(all.scorer, 1, asked, &s, receive, NULL, NULL, &err), PFC_EUSAGE,
               "rank_by");
}

static pfc_status recommend_a_few(void *user) {
  pfc_scorer *scorer = NULL;
  const pfc_scorer_settings settings = day_of_split();
  const pfc_recommend_settings s = first(3);
  received *r = user;
  r->n_lists = r->n_scores = 0;
  pfc_status st = pfc_scorer_create(bundle, ds, &settings, &scorer, NULL);
  if (st == PFC_OK) st = pfc_recommend(scorer, 70, asked, &s, receive, r, NULL, NULL);
  pfc_scorer_destroy(scorer);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  received *r = received_create();
  assert_true(count_down(recommend_a_few, r) > 50);
  assert_int_equal(r->n_lists, 70);
  received_destroy(r);
}

/* --- reasons ----------------------------------------------------------------------------- */

static void reasons_tell_what_is_known(void **state) {
  (void)state;
  char text[256];
  const pfc_score full = {.p_success = 0.724,
                          .p_by = {0.3, 0.6},
                          .incidence = 0.618,
                          .quantile_days = {20, 95.4, 170},
                          .accept = 0.05,
                          .gap = 1.26,
                          .evidence_n = 3154};
  pfc_score_reason(&full, "Programming", 180, text);
  assert_non_null(strstr(text, "1.3 levels to gain in Programming; 72 % pass"));
  assert_non_null(strstr(text, "62 % reach the level within 180 days"));
  assert_non_null(strstr(text, "half of them by day 95"));
  assert_non_null(strstr(text, "5 % likely to be taken up"));
  assert_non_null(strstr(text, "3154 earlier starts"));
  assert_null(strstr(text, "no history"));
  const pfc_score bare = {.p_success = NAN,
                          .p_by = {NAN, NAN},
                          .quantile_days = {NAN, NAN, NAN},
                          .accept = NAN,
                          .gap = NAN,
                          .cold = PFC_COLD_PERSON | PFC_COLD_INTERVENTION};
  pfc_score_reason(&bare, "Programming", 180, text);
  assert_null(strstr(text, "nan"));
  assert_null(strstr(text, "%"));
  assert_null(strstr(text, "Programming"));
  assert_non_null(strstr(text, "no history of this person"));
  assert_non_null(strstr(text, "nobody has started"));
}

static void reasons_begin_with_what_must_be(void **state) {
  (void)state;
  char text[256] = "72 % pass";
  pfc_choice c = {.why = PFC_FOR_VALUE, .due_on = PFC_NO_DATE};
  pfc_must_reason(&c, 20000, "", "", text);
  assert_string_equal(text, "72 % pass");
  c = (pfc_choice){.why = PFC_FOR_MANDATE, .due_on = 20513};
  pfc_must_reason(&c, 20513, "", "", text);
  assert_string_equal(text, "must be passed by 2026-03-01; 72 % pass");
  (void)snprintf(text, sizeof text, "x");
  pfc_must_reason(&c, 20514, "", "", text);
  assert_string_equal(text, "was to be passed by 2026-03-01; x");
  c.why = PFC_FOR_OVERRIDE;
  (void)snprintf(text, sizeof text, "x");
  pfc_must_reason(&c, 0, "works council", "back from leave", text);
  assert_string_equal(text, "put here by works council: back from leave; x");
  (void)snprintf(text, sizeof text, "x");
  pfc_must_reason(&c, 0, "", "", text);
  assert_string_equal(text, "put here by hand; x");
  char long_name[300];
  memset(long_name, 'n', sizeof long_name);
  long_name[299] = '\0';
  memset(text, 'y', 255);
  text[255] = '\0';
  pfc_must_reason(&c, 0, long_name, long_name, text);
  assert_true(strlen(text) < 256);
}

/* However large the numbers, the text ends within its room. */
static void reasons_stay_within_their_room(void **state) {
  (void)state;
  char text[300], long_name[300];
  memset(text, 'x', sizeof text);
  memset(long_name, 'n', sizeof long_name);
  long_name[299] = '\0';
  const pfc_score huge = {.p_success = 1e80,
                          .p_by = {1, 1e80},
                          .incidence = 1e80,
                          .quantile_days = {1, 1e80, 1},
                          .accept = 1e80,
                          .gap = 1e80,
                          .cold = PFC_COLD_PERSON,
                          .evidence_n = INT64_MAX};
  pfc_score_reason(&huge, long_name, 1e70, text);
  assert_true(strlen(text) < 256);
  for (int k = 256; k < 300; k++) assert_int_equal(text[k], 'x');
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_are_the_best_in_order),
      cmocka_unit_test(little_value_is_not_recommended),
      cmocka_unit_test(equals_stand_in_order_of_their_codes),
      cmocka_unit_test(ranking_by_a_model_that_is_not_there_is_refused),
      cmocka_unit_test(the_number_of_threads_changes_nothing),
      cmocka_unit_test(nobody_asks_nobody_is_told),
      cmocka_unit_test(progress_is_told_and_can_cancel),
      cmocka_unit_test(an_error_of_the_receiver_stops_it),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(reasons_tell_what_is_known),
      cmocka_unit_test(reasons_begin_with_what_must_be),
      cmocka_unit_test(reasons_stay_within_their_room),
  };
  return cmocka_run_group_tests_name("engine/recommend", tests, set_up, tear_down);
}
