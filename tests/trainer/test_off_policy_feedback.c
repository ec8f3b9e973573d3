// labels: property check
/* Two bundles on what was shown: lists that a bundle drew by chance become feedback, and its
 * own log weighs one a decision. */
#include <math.h>

#include "base/date.h"
#include "base/rng.h"
#include "engine/recommend.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/organisation.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/off_policy_feedback.h"
#include "trainer/train.h"

#define EXPLORE 0.5
enum { MOST = 4000 };

typedef struct put {
  int32_t person, intervention, position;
  double propensity;
  int accepted;
} put;

static struct {
  pfc_dataset *frame;
  test_organisation org;
  pfc_bundle *bundle, *other;
  int32_t day;
  int n;
  put shown[MOST];
  int n_drawn;
  double accepted; /* of those drawn */
} w;

static pfc_status keep(const pfc_list *list, void *user, pfc_error *err) {
  (void)user;
  (void)err;
  for (int k = 0; k < list->n && w.n < MOST; k++) {
    pfc_rng rng;
    pfc_rng_init(&rng, 5, "test.accepts", (uint64_t)w.n);
    w.shown[w.n++] = (put){list->person, list->at[k].score.intervention, k + 1,
                           list->at[k].propensity, pfc_rng_uniform(&rng) < 0.3};
  }
  return PFC_OK;
}

static void draw_lists(void) {
  pfc_scorer_settings scoring;
  pfc_recommend_settings settings;
  pfc_scorer *scorer = NULL;
  int32_t people[1000];
  const int32_t n = pfc_dataset_count(w.org.ds, "person");
  assert_true(n <= 1000);
  for (int32_t p = 0; p < n; p++) people[p] = p;
  pfc_scorer_defaults(&scoring);
  scoring.as_of = w.day;
  scoring.rules.declined_rest_days = 0; /* as the judge asks */
  pfc_recommend_defaults(&settings);
  settings.choice.explore = EXPLORE;
  settings.choice.seed = 3;
  assert_ok(pfc_scorer_create(w.bundle, w.org.ds, &scoring, &scorer, &err));
  assert_ok(pfc_recommend(scorer, n, people, &settings, keep, NULL, NULL, &err));
  pfc_scorer_destroy(scorer);
}

static void put_event(int64_t row, const put *s, const char *kind, int32_t day) {
  pfc_dataset *ds = w.org.ds;
  char id[32];
  (void)snprintf(id, sizeof id, "new-%lld", (long long)row);
  test_cell(ds, PFC_FEEDBACK, row, "event_id", id);
  test_cell(ds, PFC_FEEDBACK, row, "person_id",
            pfc_dict_text(pfc_dataset_find_dict(ds, "person"), s->person));
  test_cell(ds, PFC_FEEDBACK, row, "intervention_id",
            pfc_dict_text(pfc_dataset_find_dict(ds, "intervention"), s->intervention));
  test_number(ds, PFC_FEEDBACK, row, "at", (double)day * PFC_DAY_S);
  test_cell(ds, PFC_FEEDBACK, row, "kind", kind);
  if (strcmp(kind, "shown") != 0) return;
  test_number(ds, PFC_FEEDBACK, row, "position", s->position);
  test_number(ds, PFC_FEEDBACK, row, "propensity", s->propensity);
}

/* All are answered a day later. What stands in a mandate counts as told, and is no offer. */
static void put_feedback(void) {
  int64_t row = w.org.ds->tables[PFC_FEEDBACK].n_rows;
  pfc_column *position;
  assert_ok(pfc_dataset_add_column(w.org.ds, PFC_FEEDBACK, "position", PFC_INT, "", row,
                                   &position, &err));
  assert_ok(pfc_dataset_extend(w.org.ds, PFC_FEEDBACK, 2 * (int64_t)w.n, &err));
  for (int k = 0; k < w.n; k++) {
    const put *s = &w.shown[k];
    put_event(row++, s, "shown", w.day);
    put_event(row++, s, s->accepted ? "accepted" : "declined", w.day + 1);
    if (s->propensity >= 1) continue;
    w.n_drawn++;
    w.accepted += s->accepted;
  }
}

static int open_world(void **state) {
  (void)state;
  w.frame = test_frame();
  pfc_simulate_settings settings = test_simulate_settings(150, 60, 11);
  w.org = test_simulate(w.frame, &settings);
  w.day = w.org.truth->last_day - 100;
  w.org.ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = w.day};
  w.bundle = scoring_train(w.org.ds, PFC_TRAIN_ALL);
  w.other = scoring_train(w.org.ds, PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS);
  /* What the simulator's own managers offered on those days stands aside. */
  pfc_column *at = NULL;
  pfc_table *t = &w.org.ds->tables[PFC_FEEDBACK];
  for (int c = 0; c < t->n_columns; c++)
    if (strcmp(t->columns[c].name, "at") == 0) at = &t->columns[c];
  for (int64_t r = 0; r < t->n_rows; r++)
    if (at->time[r] >= (int64_t)w.day * PFC_DAY_S) at->time[r] = PFC_NO_TIME;
  draw_lists();
  put_feedback();
  return 0;
}

static int close_world(void **state) {
  (void)state;
  pfc_bundle_destroy(w.bundle);
  pfc_bundle_destroy(w.other);
  test_organisation_clear(&w.org);
  pfc_dataset_destroy(w.frame);
  return 0;
}

static pfc_off_policy_judged judged(const pfc_bundle *a, const pfc_bundle *b, int32_t from) {
  pfc_off_policy_settings settings;
  pfc_off_policy_judged told;
  pfc_off_policy_defaults(&settings);
  assert_ok(pfc_off_policy_judge(a, b, w.org.ds, from, EXPLORE, &settings, &told, &err));
  return told;
}

static void its_own_log_weighs_one(void **state) {
  (void)state;
  const pfc_off_policy_judged told = judged(w.bundle, w.bundle, w.day);
  const pfc_off_policy_difference *d = &told.difference;
  assert_true(told.n_decisions > 300);
  assert_true(told.n_decisions <= w.n_drawn && told.n_decisions > w.n_drawn * 9 / 10);
  assert_near(d->a.mean_weight.value, 1, 1e-9);
  assert_near(d->a.ess, (double)told.n_decisions, 1e-6);
  assert_near(d->a.snips.value, d->a.logged.value, 1e-9);
  assert_near(d->a.snips.value, w.accepted / w.n_drawn, 0.02);
  assert_near(d->snips.value, 0, 0);
  assert_int_equal(d->enough, 1);
}

/* The other one draws otherwise from what it shortlists: it weighs less than one where it would
 * draw what the log could not, and never more. */
static void another_one_is_paired(void **state) {
  (void)state;
  const pfc_off_policy_judged told = judged(w.bundle, w.other, w.day);
  const pfc_off_policy_difference *d = &told.difference;
  assert_near(d->a.ess, (double)told.n_decisions, 1e-6);
  assert_true(d->b.ess < d->a.ess);
  assert_true(d->b.mean_weight.lo < 1);
  assert_near(d->snips.value, d->b.snips.value - d->a.snips.value, 1e-12);
  assert_near(d->dr.value, d->b.dr.value - d->a.dr.value, 1e-12);
  assert_true(d->snips.lo < d->snips.value && d->snips.value < d->snips.hi);
  const pfc_off_policy_judged turned = judged(w.other, w.bundle, w.day);
  assert_near(turned.difference.snips.value, -d->snips.value, 1e-12);
  assert_near(turned.difference.snips.lo, -d->snips.hi, 1e-9);
}

static void nothing_drawn_is_said(void **state) {
  (void)state;
  const pfc_off_policy_judged told = judged(w.bundle, w.other, w.day + 50);
  assert_int_equal(told.n_decisions, 0);
  assert_int_equal(told.difference.enough, 0);
  assert_nan(told.difference.snips.value);
  assert_non_null(strstr(told.difference.why, "nothing was shown by chance"));
  pfc_off_policy_settings settings;
  pfc_off_policy_judged no;
  pfc_off_policy_defaults(&settings);
  assert_fails(
      pfc_off_policy_judge(w.bundle, w.other, w.org.ds, w.day, 0, &settings, &no, &err),
      PFC_EUSAGE, "explore is 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(its_own_log_weighs_one),
      cmocka_unit_test(another_one_is_paired),
      cmocka_unit_test(nothing_drawn_is_said),
  };
  return cmocka_run_group_tests_name("trainer/off_policy_feedback", tests, open_world,
                                     close_world);
}
