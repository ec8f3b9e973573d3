// labels: unit check
/* Baselines as rankers, in an organisation small enough to rank by hand: scores, the lists that
 * recommend makes of them, and the reasons it tells. */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "engine/reasons.h"
#include "engine/recommend.h"
#include "tests/support/near.h"
#include "tests/support/ranking.h"
#include "tests/support/tables.h"

/* --- scores ------------------------------------------------------------------------ */

/* Scores of A .. E for a person on a day. */
static void expect_scores(const eyes *e, const char *person, int32_t day,
                          const double expected[5]) {
  static const char *const ids[] = {"A", "B", "C", "D", "E"};
  float score[5];
  pfc_ranker *r = NULL;
  const pfc_decision d = {test_code(e->ds, "person", person), -1, -1, day, -1, -1};
  assert_ok(pfc_ranker_create(e->bundle, &e->world, 1, &r, &err));
  assert_ok(pfc_ranker_score(r, 0, 1, &d, score, &err));
  for (int i = 0; i < 5; i++) {
    const double got = (double)score[test_code(e->ds, "intervention", ids[i])];
    if (!(fabs(got - expected[i]) <= 1e-6))
      fail_msg("%s of %s: %.9g, expected %.9g", ids[i], person, got, expected[i]);
  }
  pfc_ranker_destroy(r);
}

static void popularity_by_hand(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = ranking_by_hand();
  pfc_baseline_settings how = ranking_baseline(PFC_BASELINE_POPULARITY);
  how.shrinkage = 10;
  eyes_open(&e, ds, ranking_train(ds, how));
  /* By everybody A .. E are 4, 3, 1, (4 + 1 + 3) / 3 (D shares c0 with A and C, c1 with B) and
   * 0 of 8. r0 has 5 take-ups of its own; 10 more are as everybody's. */
  const double d = 8.0 / 3 / 8;
  const double r0[] = {(3 + 5) / 15.0, (1 + 3.75) / 15, (1 + 1.25) / 15, 10 * d / 15, 0};
  expect_scores(&e, "p1", 60, r0);
  /* r1: B by p4 and p5, A by p5. */
  const double r1[] = {(1 + 5) / 13.0, (2 + 3.75) / 13, 1.25 / 13, 10 * d / 13, 0};
  expect_scores(&e, "p3", 60, r1);
  eyes_close(&e);
}

static void manager_by_hand(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = ranking_by_hand();
  pfc_baseline_settings how = ranking_baseline(PFC_BASELINE_MANAGER);
  how.shrinkage = 10;
  eyes_open(&e, ds, ranking_train(ds, how));
  const double d = 8.0 / 3 / 8;
  const double r0[] = {(3 + 5) / 15.0, (1 + 3.75) / 15, (1 + 1.25) / 15, 10 * d / 15, 0};
  /* To p3: A by p0 (day 10) and p1, B by p4. */
  const double p3[] = {(2 + 10 * r0[0]) / 13, (1 + 10 * r0[1]) / 13, 10 * r0[2] / 13,
                       10 * r0[3] / 13, 0};
  expect_scores(&e, "p1", 60, p3);
  /* To p2: B by p0 (day 20) and p5, A by p5. On day 15 p0 still was p3's the day before. */
  const double p2[] = {(1 + 10 * r0[0]) / 13, (2 + 10 * r0[1]) / 13, 10 * r0[2] / 13,
                       10 * r0[3] / 13, 0};
  expect_scores(&e, "p0", 60, p2);
  expect_scores(&e, "p0", 16, p2);
  expect_scores(&e, "p0", 15, p3);
  expect_scores(&e, "p2", 60, r0); /* reports to nobody */
  eyes_close(&e);
}

static void recent_by_hand(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = ranking_by_hand();
  pfc_baseline_settings how = ranking_baseline(PFC_BASELINE_RECENT);
  how.shrinkage = 2;
  how.half_life_days = 10;
  eyes_open(&e, ds, ranking_train(ds, how));
  /* The day after the last is 51; of a repeated start the later one counts. */
  const double a = 3 * exp2(-4.1), a1 = exp2(-1.1), b = exp2(-3.1), b1 = b + exp2(-0.1),
               c = exp2(-2.1), all = a + a1 + b + b1 + c;
  const double like_d = (a + a1 + c + b + b1) / 3, n0 = a + b + c;
  const double r0[] = {(a + 2 * (a + a1) / all) / (n0 + 2), (b + 2 * (b + b1) / all) / (n0 + 2),
                       (c + 2 * c / all) / (n0 + 2), 2 * like_d / all / (n0 + 2), 0};
  expect_scores(&e, "p1", 60, r0);
  eyes_close(&e);
}

/* Importance times gap, and an order by popularity, too small to see, where there is none. */
static void gap_by_hand(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = ranking_by_hand();
  eyes_open(&e, ds, ranking_train(ds, ranking_baseline(PFC_BASELINE_GAP)));
  /* c0: 4 required, A reaches 3, C what is required, D 2; importance 1/2. c1: 3 required, D
   * reaches 2; importance 1. Day 60: 2.5 (the mean of both ratings) and 1 are held. */
  const double late[] = {0.5 * 0.5, 2, 0.5 * 1.5, 0 + 1, 0};
  expect_scores(&e, "p0", 60, late);
  /* Day 40: 1.5 of c0 is known; of c1 nobody is rated before, so all who were at as_of stand
   * in: p0 alone, level 1. */
  const double early[] = {0.5 * 1.5, 2, 0.5 * 2.5, 0.5 * 0.5 + 1, 0};
  expect_scores(&e, "p0", 40, early);
  const double none[] = {0, 0, 0, 0, 0};
  expect_scores(&e, "p3", 60, none); /* nothing is required of r1 */
  eyes_close(&e);
}

/* Lists count beside starts: A is on 4, B on 3, C on 2; A and B on 2 together, A and C on 1, B
 * and C on 1. p5 took B up twice, which speaks once. p4 is on the list for C, which says
 * nothing where lists do not count. */
static void neighbours_by_hand(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = ranking_by_hand();
  pfc_baseline_settings how = ranking_baseline(PFC_BASELINE_ITEMKNN);
  how.knn_shrinkage = 1;
  eyes_open(&e, ds, ranking_train(ds, how));
  const double ab = 2 / sqrt(4 * 3) * 2 / 3, ac = 1 / sqrt(4 * 2) / 2, bc = 1 / sqrt(3 * 2) / 2;
  const double p5[] = {ab, ab, ac + bc, 0, 0};
  expect_scores(&e, "p5", 60, p5);
  const double p4[] = {ab + ac, bc, bc, 0, 0};
  expect_scores(&e, "p4", 60, p4);
  e.bundle->baseline.weights.registered = 0;
  const double started[] = {ab, 0, bc, 0, 0};
  expect_scores(&e, "p4", 60, started);
  eyes_close(&e);
}

static void what_is_equal_comes_by_popularity(void **state) {
  (void)state;
  eyes e;
  pfc_ranker *r = NULL;
  float s[5];
  pfc_dataset *ds = ranking_by_hand();
  eyes_open(&e, ds, ranking_train(ds, ranking_baseline(PFC_BASELINE_GAP)));
  const pfc_decision d = {test_code(ds, "person", "p3"), -1, -1, 60, -1, -1};
  assert_ok(pfc_ranker_create(e.bundle, &e.world, 1, &r, &err));
  assert_ok(pfc_ranker_score(r, 0, 1, &d, s, &err));
  assert_true(s[0] > s[1] && s[1] > s[3] && s[3] > s[2] && s[2] > s[4]);
  pfc_ranker_destroy(r);
  eyes_close(&e);
}

/* --- lists ------------------------------------------------------------------------- */

enum { N_HAND = 5 };

typedef struct served {
  int n;
  pfc_score list[N_HAND];
} served;

static pfc_status keep_list(const pfc_list *list, void *user, pfc_error *err) {
  (void)err;
  served *to = user;
  to->n = list->n;
  for (int k = 0; k < list->n; k++) to->list[k] = list->at[k].score;
  return PFC_OK;
}

static void serve(pfc_baseline_kind kind, const char *person, served *to) {
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings how;
  pfc_recommend_settings lists;
  pfc_dataset *ds = ranking_by_hand();
  pfc_bundle *b = ranking_train(ds, ranking_baseline(kind));
  const int32_t code = test_code(ds, "person", person);
  pfc_scorer_defaults(&how);
  pfc_recommend_defaults(&lists);
  how.as_of = 60;
  assert_ok(pfc_scorer_create(b, ds, &how, &scorer, &err));
  assert_ok(pfc_recommend(scorer, 1, &code, &lists, keep_list, to, NULL, &err));
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void expect_reason(const pfc_score *score, const char *competency, const char *like,
                          const char *expected) {
  char text[256];
  pfc_basis_reason(score, competency, like, text);
  assert_string_equal(text, expected);
}

/* Scores of p1 as popularity_by_hand has them, the best first; nothing else is told. */
static void a_list_is_in_the_order_of_the_baseline(void **state) {
  (void)state;
  static const int order[] = {0, 1, 3, 2, 4}; /* A, B, D, C, E: as the file names them */
  served s;
  serve(PFC_BASELINE_POPULARITY, "p1", &s);
  assert_int_equal(s.n, N_HAND);
  for (int r = 0; r < N_HAND; r++) {
    const pfc_score *at = &s.list[r];
    assert_int_equal(at->intervention, order[r]);
    assert_nan(at->accept);
    assert_nan(at->affinity);
    assert_nan(at->p_success);
    assert_nan(at->p_by[0]);
    assert_nan(at->quantile_days[1]);
    assert_nan(at->gap_closed);
  }
  assert_near(s.list[0].value, 8 / 15.0, 1e-6);
  assert_near(s.list[1].value, 4.75 / 15, 1e-6);
  expect_reason(&s.list[0], "", "", "taken up by 3 people of the same role");
  expect_reason(&s.list[1], "", "", "taken up by one person of the same role");
  assert_near(s.list[2].basis.n_like, 8.0 / 3, 1e-12);
  expect_reason(
      &s.list[2], "", "",
      "nobody has taken it up yet: it stands where others for the same competencies do");
  expect_reason(&s.list[4], "", "", "nobody has taken it up yet"); /* E aims at nothing */
}

static void reasons_tell_what_a_baseline_looked_at(void **state) {
  (void)state;
  served s;
  serve(PFC_BASELINE_MANAGER, "p1", &s);
  expect_reason(&s.list[0], "", "", "taken up by 2 people who report to the same manager");
  serve(PFC_BASELINE_RECENT, "p1",
        &s); /* day 51 is today: A 3 starts of age 41, half-life 90 */
  assert_int_equal(s.list[0].intervention, 0);
  expect_reason(&s.list[0], "", "",
                "taken up lately: as good as 2.2 starts today by people of the same role");
  serve(PFC_BASELINE_GAP, "p0", &s);
  assert_int_equal(s.list[0].intervention, 1);
  expect_reason(&s.list[0], "Sums", "", "closes 2.0 levels in Sums; taken up by 3 people");
  serve(PFC_BASELINE_GAP, "p3", &s);
  expect_reason(&s.list[0], "Sums", "",
                "nothing is required of this person's role; no history of this person yet; "
                "taken up by 4 people");
  serve(PFC_BASELINE_RANDOM, "p0", &s);
  expect_reason(&s.list[0], "Sums", "", "drawn by lot");
}

/* p1 took up A alone. Of the four who did two took up B and one C; A itself, D and E are left
 * to popularity. */
static void neighbours_name_what_speaks_for_them(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_ITEMKNN, PFC_BASELINE_EASE};
  for (int k = 0; k < 2; k++) {
    served s;
    serve(kinds[k], "p1", &s);
    assert_int_equal(s.list[0].intervention, 1);
    assert_int_equal(s.list[0].basis.like, 0);
    expect_reason(&s.list[0], "", "First steps",
                  "goes with First steps, which this person took up; taken up by 3 people");
    assert_int_equal(s.list[1].intervention, 2);
    assert_int_equal(s.list[2].intervention, 0); /* A and D by popularity alone */
    assert_true(s.list[2].value > 0 && s.list[2].value < 2e-9);
    assert_int_equal(s.list[2].basis.like, -1);
    serve(kinds[k], "p3", &s); /* no history: in order of popularity */
    assert_int_equal(s.list[0].intervention, 0);
    assert_int_equal(s.list[1].intervention, 1);
    expect_reason(&s.list[0], "", "", "no history of this person yet; taken up by 4 people");
  }
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(popularity_by_hand),
      cmocka_unit_test(manager_by_hand),
      cmocka_unit_test(recent_by_hand),
      cmocka_unit_test(gap_by_hand),
      cmocka_unit_test(neighbours_by_hand),
      cmocka_unit_test(a_list_is_in_the_order_of_the_baseline),
      cmocka_unit_test(reasons_tell_what_a_baseline_looked_at),
      cmocka_unit_test(neighbours_name_what_speaks_for_them),
      cmocka_unit_test(what_is_equal_comes_by_popularity),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
