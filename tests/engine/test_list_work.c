// labels: property check
// Work on lists: made by many threads, passed in the order of the people, whole up to what
// fails.
#include "tests/support/test.h"

#include <math.h>
#include <stdatomic.h>

#include "base/par.h"
#include "engine/recommend.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/scoring.h"
#include "trainer/train.h"

enum { N_ASKED = 700, MOST_THREADS = 5 };

static pfc_dataset *ds;
static pfc_bundle *bundle;
static pfc_scorer *scorer;
static int32_t asked[N_ASKED];

static pfc_scorer *open_scorer(void) {
  pfc_scorer *s = NULL;
  pfc_scorer_settings settings;
  pfc_scorer_defaults(&settings);
  settings.as_of = COMPANY_SPLIT;
  assert_ok(pfc_scorer_create(bundle, ds, &settings, &s, &err));
  return s;
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  ds = company_create_split(test_seed(75), 0);
  bundle = scoring_train(ds, PFC_TRAIN_ALL);
  scorer = open_scorer();
  const int32_t n = (int32_t)pfc_dataset_count(ds, "person");
  for (int k = 0; k < N_ASKED; k++) asked[k] = (int32_t)((k * 31L + k / 90) % n);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return 0;
}

/* Threads must not end a test: what is wrong is counted. */
typedef struct works {
  int n_made[MOST_THREADS]; /* since the thread passed last, */
  int32_t last[MOST_THREADS];
  int n_passed;
  atomic_int inside; /* of pass */
  int wrong;
  int fail_make, fail_pass; /* person codes, -1 none; people passed */
  pfc_recommend_totals totals;
  double value;
} works;

static pfc_status make(int thread, const pfc_list *list, void *user, pfc_error *e) {
  works *w = user;
  if (list->person == w->fail_make) return pfc_fail(e, PFC_EDATA, "person %d", list->person);
  w->n_made[thread]++;
  w->last[thread] = list->person;
  return PFC_OK;
}

static pfc_status pass(int thread, int n, const pfc_list *lists, void *user, pfc_error *e) {
  works *w = user;
  w->wrong += atomic_fetch_add(&w->inside, 1) != 0;
  w->wrong += w->n_made[thread] != n || w->last[thread] != lists[n - 1].person;
  w->n_made[thread] = 0;
  for (int p = 0; p < n; p++) {
    w->wrong += lists[p].person != asked[w->n_passed + p];
    w->value += lists[p].note.value;
  }
  w->n_passed += n;
  w->wrong += w->totals.people != w->n_passed || w->totals.value != w->value;
  (void)atomic_fetch_sub(&w->inside, 1);
  return w->n_passed > w->fail_pass ? pfc_fail(e, PFC_EIO, "the disk is full") : PFC_OK;
}

static works fresh_works(void) { return (works){.fail_make = -1, .fail_pass = N_ASKED}; }

static pfc_status work(const pfc_scorer *s, works *w, pfc_error *e) {
  pfc_recommend_settings settings;
  const pfc_list_work how = {make, pass, w};
  pfc_recommend_defaults(&settings);
  settings.choice.top = 4;
  return pfc_recommend_work(s, N_ASKED, asked, &settings, &how, &w->totals, e);
}

static void all_is_passed_in_order(void **state) {
  (void)state;
  double value = 0;
  for (int threads = 1; threads <= MOST_THREADS; threads += 2) {
    assert_ok(pfc_par_init(threads, &err));
    pfc_scorer *own = open_scorer();
    works w = fresh_works();
    assert_ok(work(own, &w, &err));
    assert_int_equal(w.wrong, 0);
    assert_int_equal(w.n_passed, N_ASKED);
    assert_true(w.totals.places > 0 && w.totals.value > 0);
    if (threads > 1) assert_true(w.totals.value == value); /* the same sum, bit for bit */
    value = w.totals.value;
    pfc_scorer_destroy(own);
  }
  assert_ok(pfc_par_init(2, &err));
}

/* A run in two parts adds up to the bits of one that was not cut. */
static void totals_go_on(void **state) {
  (void)state;
  pfc_recommend_settings settings;
  works w = fresh_works(), parts = fresh_works();
  const pfc_list_work how = {make, pass, &parts};
  pfc_recommend_defaults(&settings);
  settings.choice.top = 4;
  assert_ok(work(scorer, &w, &err));
  const int64_t cut = 4 * PFC_SCORER_TILE;
  assert_ok(pfc_recommend_work(scorer, cut, asked, &settings, &how, &parts.totals, &err));
  assert_ok(pfc_recommend_work(scorer, N_ASKED - cut, asked + cut, &settings, &how,
                               &parts.totals, &err));
  assert_int_equal(parts.wrong, 0);
  assert_memory_equal(&parts.totals, &w.totals, sizeof w.totals);
}

/* Whichever thread fails first, what is told is the first failure in the order of the people.
 */
static void the_first_failure_ends_it(void **state) {
  (void)state;
  for (int k = 0; k < 5; k++) {
    works w = fresh_works();
    const int at = 100 + 117 * k;
    int first = 0; /* who is asked twice fails the first time */
    while (asked[first] != asked[at]) first++;
    w.fail_make = asked[at];
    const int tile = first / PFC_SCORER_TILE * PFC_SCORER_TILE;
    assert_fails(work(scorer, &w, &err), PFC_EDATA, "person");
    assert_int_equal(w.wrong, 0);
    assert_int_equal(w.n_passed, tile);
    w = fresh_works();
    w.fail_pass = at;
    assert_fails(work(scorer, &w, &err), PFC_EIO, "the disk is full");
    assert_int_equal(w.n_passed, (at / PFC_SCORER_TILE + 1) * PFC_SCORER_TILE);
  }
}

static pfc_status work_a_little(void *user) {
  works *w = user;
  pfc_recommend_settings settings;
  const pfc_list_work how = {make, pass, w};
  pfc_recommend_defaults(&settings);
  *w = fresh_works();
  return pfc_recommend_work(scorer, 70, asked, &settings, &how, &w->totals, NULL);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  works w;
  assert_true(count_down(work_a_little, &w) > 5);
  assert_int_equal(w.n_passed, 70);
  assert_int_equal(w.wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_is_passed_in_order),
      cmocka_unit_test(totals_go_on),
      cmocka_unit_test(the_first_failure_ends_it),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
