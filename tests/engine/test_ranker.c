// labels: unit check
/* Rankers (engine/ranker.h): the score of each kind against its definition, recomputed here
 * from the dataset, and the same bits for a decision alone and in a tile. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/ranker.h"
#include "engine/recommend.h"
#include "models/fold.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

typedef struct eyes {
  pfc_dataset *ds;
  pfc_bundle *bundle;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_ranker_world world;
} eyes;

/* Takes ds and bundle. */
static void eyes_open(eyes *e, pfc_dataset *ds, pfc_bundle *bundle) {
  *e = (eyes){.ds = ds, .bundle = bundle};
  assert_ok(pfc_history_create(ds, &e->h, &err));
  assert_ok(pfc_catalogue_create(ds, &e->cat, &err));
  assert_ok(pfc_lens_create(ds, e->h, e->cat, bundle->dicts, bundle->n_dicts, &e->lens, &err));
  e->world = (pfc_ranker_world){ds, e->h, e->cat, e->lens, COMPANY_SPLIT};
}

static void eyes_close(eyes *e) {
  pfc_lens_destroy(e->lens);
  pfc_catalogue_destroy(e->cat);
  pfc_history_destroy(e->h);
  pfc_bundle_destroy(e->bundle);
  pfc_dataset_destroy(e->ds);
}

/* Decisions of people on days that wander through the history. */
static pfc_decision decision(const eyes *e, int32_t k) {
  return (pfc_decision){k % e->h->n_people, -1, -1, 40 + (k * 37) % COMPANY_DAYS, -1, -1};
}

/* Every decision alone, the last first, has the bits it has in its tile, whatever the
 * thread; and each is finite. */
static void alone_as_in_a_tile(const eyes *e, int32_t n_decisions) {
  pfc_ranker *r = NULL;
  const size_t n = (size_t)e->cat->n_interventions;
  float *tile = pfc_alloc_array(PFC_RANKER_TILE * n, sizeof *tile);
  float *alone = pfc_alloc_array(n, sizeof *alone);
  pfc_decision d[PFC_RANKER_TILE];
  assert_true(tile && alone);
  assert_ok(pfc_ranker_create(e->bundle, &e->world, 2, &r, &err));
  for (int32_t first = 0; first < n_decisions; first += PFC_RANKER_TILE) {
    const int m = n_decisions - first < PFC_RANKER_TILE ? n_decisions - first : PFC_RANKER_TILE;
    for (int k = 0; k < m; k++) d[k] = decision(e, first + k);
    assert_ok(pfc_ranker_score(r, 0, m, d, tile, &err));
    for (int k = m - 1; k >= 0; k--) {
      assert_ok(pfc_ranker_score(r, 1, 1, &d[k], alone, &err));
      assert_memory_equal(alone, tile + (size_t)k * n, n * sizeof *alone);
      for (size_t i = 0; i < n; i++) assert_true(isfinite(alone[i]));
    }
  }
  pfc_ranker_destroy(r);
  pfc_free(tile);
  pfc_free(alone);
}

/* --- affinity -------------------------------------------------------------------------- */

static void affinity_is_the_product_of_folded_factors(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = company_create_split(test_seed(77), 1);
  eyes_open(&e, ds, scoring_train(ds, PFC_TRAIN_AFFINITY));
  const int32_t n = e.cat->n_interventions, k = e.bundle->affinity.rank;
  pfc_ranker *r = NULL;
  pfc_fold *fold = NULL;
  float *score = pfc_alloc_array((size_t)n, sizeof *score), x[64];
  assert_non_null(score);
  assert_ok(pfc_ranker_create(e.bundle, &e.world, 1, &r, &err));
  assert_ok(pfc_fold_create(&e.bundle->affinity, e.lens, e.h, e.cat, 1, &fold, &err));
  for (int32_t q = 0; q < 200; q++) {
    const pfc_decision d = decision(&e, q);
    int64_t n_items;
    assert_ok(pfc_ranker_score(r, 0, 1, &d, score, &err));
    assert_ok(pfc_fold_person(fold, 0, &d, x, &n_items, &err));
    for (int32_t i = 0; i < n; i++) {
      double dot = 0;
      for (int32_t f = 0; f < k; f++) dot += (double)x[f] * (double)pfc_fold_item(fold, i)[f];
      assert_near((double)score[i], dot, 1e-5);
    }
  }
  alone_as_in_a_tile(&e, 200);
  pfc_fold_destroy(fold);
  pfc_ranker_destroy(r);
  pfc_free(score);
  eyes_close(&e);
}

/* --- baselines, by hand ----------------------------------------------------------------------
 */

/* Roles r0 (p0 .. p2) and r1 (p3 .. p5). p3 manages p1 and p4, and p0 up to day 14; p2 manages
 * p5, and p0 from day 15. A and C aim at c0, so does D, which nobody takes; B aims at c1, E at
 * nothing. B's first start by p5 is not its last; p4 is on the list for C and never begins.
 *
 *   take-ups  A: p0 p1 p2 p5   B: p0 p4 p5   C: p2   8 in all
 *   of r0     A: p0 p1 p2      B: p0         C: p2   5
 *   to p3     A: p0 p1         B: p4                 3 */
static pfc_dataset *by_hand(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,manager_id",
            "p0,r0,p2;p1,r0,p3;p2,r0,;p3,r1,;p4,r1,p3;p5,r1,p2");
  test_rows(ds, PFC_POSITIONS, "person_id,from,to,role_id,manager_id",
            "p0,0,14,r0,p3;p0,15,,r0,p2");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "A;B;C;D;E");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "A,c0,3;B,c1,4;C,c0,;D,c0,2;D,c1,2");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "r0,c0,4,0.5;r0,c1,3,");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "p0,c0,1.5,test,5;p0,c0,3.5,test,40;p0,c1,1,test,40");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,enrolled_on,started_on,status",
            "p0,A,10,10,in_progress;p0,B,20,20,in_progress;p1,A,10,10,in_progress;"
            "p2,A,10,10,in_progress;p2,C,30,30,in_progress;p4,B,20,20,in_progress;"
            "p4,C,45,,enrolled;p5,B,20,20,dropped;p5,B,50,50,in_progress;"
            "p5,A,40,40,in_progress");
  return ds;
}

static pfc_bundle *train_baseline(const pfc_dataset *ds, pfc_baseline_settings how) {
  pfc_train_settings s;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&s);
  s.baseline = how;
  assert_ok(pfc_train(ds, &s, &b, &report, &err));
  assert_int_equal(report.n_notes, 1);
  assert_true(report.notes[0].trained);
  return b;
}

static pfc_baseline_settings baseline(pfc_baseline_kind kind) {
  pfc_train_settings s;
  pfc_train_defaults(&s);
  s.baseline.kind = kind;
  return s.baseline;
}

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
  pfc_dataset *ds = by_hand();
  pfc_baseline_settings how = baseline(PFC_BASELINE_POPULARITY);
  how.shrinkage = 10;
  eyes_open(&e, ds, train_baseline(ds, how));
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
  pfc_dataset *ds = by_hand();
  pfc_baseline_settings how = baseline(PFC_BASELINE_MANAGER);
  how.shrinkage = 10;
  eyes_open(&e, ds, train_baseline(ds, how));
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
  pfc_dataset *ds = by_hand();
  pfc_baseline_settings how = baseline(PFC_BASELINE_RECENT);
  how.shrinkage = 2;
  how.half_life_days = 10;
  eyes_open(&e, ds, train_baseline(ds, how));
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
  pfc_dataset *ds = by_hand();
  eyes_open(&e, ds, train_baseline(ds, baseline(PFC_BASELINE_GAP)));
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

static void what_is_equal_comes_by_popularity(void **state) {
  (void)state;
  eyes e;
  pfc_ranker *r = NULL;
  float s[5];
  pfc_dataset *ds = by_hand();
  eyes_open(&e, ds, train_baseline(ds, baseline(PFC_BASELINE_GAP)));
  const pfc_decision d = {test_code(ds, "person", "p3"), -1, -1, 60, -1, -1};
  assert_ok(pfc_ranker_create(e.bundle, &e.world, 1, &r, &err));
  assert_ok(pfc_ranker_score(r, 0, 1, &d, s, &err));
  assert_true(s[0] > s[1] && s[1] > s[3] && s[3] > s[2] && s[2] > s[4]);
  pfc_ranker_destroy(r);
  eyes_close(&e);
}

/* --- baselines, served
 * ------------------------------------------------------------------------ */

enum { N_HAND = 5 };

typedef struct served {
  int n;
  pfc_score list[N_HAND];
} served;

static pfc_status keep_list(int32_t person, int n, const pfc_score *list, void *user,
                            pfc_error *err) {
  (void)person, (void)err;
  served *to = user;
  to->n = n;
  memcpy(to->list, list, (size_t)n * sizeof *list);
  return PFC_OK;
}

static void serve(pfc_baseline_kind kind, const char *person, served *to) {
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings how;
  pfc_recommend_settings lists;
  pfc_dataset *ds = by_hand();
  pfc_bundle *b = train_baseline(ds, baseline(kind));
  const int32_t code = test_code(ds, "person", person);
  pfc_scorer_defaults(&how);
  pfc_recommend_defaults(&lists);
  how.as_of = 60;
  assert_ok(pfc_scorer_create(b, ds, &how, &scorer, &err));
  assert_ok(pfc_recommend(scorer, 1, &code, &lists, keep_list, to, &err));
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
  expect_reason(&s.list[2], "", "", "nobody has taken it up yet");
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

/* --- baselines, in a company
 * ------------------------------------------------------------------ */

static void baselines_alone_as_in_a_tile(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_POPULARITY, PFC_BASELINE_RECENT,
                                            PFC_BASELINE_ITEMKNN, PFC_BASELINE_EASE,
                                            PFC_BASELINE_RANDOM};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    eyes e;
    pfc_dataset *ds = company_create_split(test_seed(77), 1);
    eyes_open(&e, ds, train_baseline(ds, baseline(kinds[k])));
    alone_as_in_a_tile(&e, 200);
    eyes_close(&e);
  }
}

/* A dataset without the rows dated on the day or later. */
static pfc_dataset *before(const pfc_dataset *ds, int32_t day) {
  static const struct {
    pfc_table_id table;
    const char *date;
  } dated[] = {{PFC_ENROLMENTS, "started_on"},
               {PFC_ASSESSMENTS, "assessed_on"},
               {PFC_POSITIONS, "from"}};
  uint8_t *keep[PFC_N_TABLES] = {NULL};
  pfc_dataset *out = NULL;
  for (int t = 0; t < 3; t++) {
    const int32_t *date = pfc_dataset_dates(ds, dated[t].table, dated[t].date);
    const int64_t n = ds->tables[dated[t].table].n_rows;
    if (!date) continue;
    uint8_t *kept = keep[dated[t].table] = pfc_alloc_array((size_t)n, 1);
    assert_non_null(kept);
    for (int64_t r = 0; r < n; r++) kept[r] = date[r] < day;
  }
  assert_ok(pfc_dataset_filter(ds, (const uint8_t *const *)keep, &out, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
  return out;
}

static void score_people(const eyes *e, int32_t day, float *score) {
  pfc_ranker *r = NULL;
  pfc_ranker_world world = e->world;
  world.as_of = day;
  assert_ok(pfc_ranker_create(e->bundle, &world, 1, &r, &err));
  for (int32_t p = 0; p < e->h->n_people; p++) {
    const pfc_decision d = {p, -1, -1, day, -1, -1};
    assert_ok(
        pfc_ranker_score(r, 0, 1, &d, score + (ptrdiff_t)p * e->cat->n_interventions, &err));
  }
  pfc_ranker_destroy(r);
}

/* The same scores whether or not there is anything on the day and later. */
static void nothing_later_is_seen(const pfc_dataset *ds, pfc_baseline_kind kind, int32_t day) {
  eyes all, past;
  pfc_dataset *copy = NULL;
  assert_ok(pfc_dataset_filter(ds, NULL, &copy, &err));
  eyes_open(&all, copy, train_baseline(ds, baseline(kind)));
  eyes_open(&past, before(ds, day), train_baseline(ds, baseline(kind)));
  const size_t n = (size_t)all.h->n_people * (size_t)all.cat->n_interventions;
  float *a = pfc_alloc_array(n, sizeof *a), *b = pfc_alloc_array(n, sizeof *b);
  assert_true(a && b);
  score_people(&all, day, a);
  score_people(&past, day, b);
  assert_memory_equal(a, b, n * sizeof *a);
  pfc_free(a);
  pfc_free(b);
  eyes_close(&all);
  eyes_close(&past);
}

static void a_baseline_sees_no_later_than_the_day_before(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_POPULARITY, PFC_BASELINE_MANAGER,
                                            PFC_BASELINE_ITEMKNN, PFC_BASELINE_EASE,
                                            PFC_BASELINE_GAP};
  static const int32_t days[] = {5, 10, 15, 20, 30, 40, 50};
  pfc_dataset *hand = by_hand(), *company = company_create_split(test_seed(8), 0);
  for (int k = 0; k < 5; k++) {
    for (size_t t = 0; t < sizeof days / sizeof *days; t++)
      nothing_later_is_seen(hand, kinds[k], days[t]);
  }
  nothing_later_is_seen(company, PFC_BASELINE_ITEMKNN, 200);
  nothing_later_is_seen(company, PFC_BASELINE_EASE, 200);
  pfc_dataset_destroy(hand);
  pfc_dataset_destroy(company);
}

/* Every place of an order is as likely for every intervention: 170 people's first ones spread
 * over 16 interventions, 10.6 each on average. That one of them has none has a chance of 3 in
 * 10,000, 30 or more of 1 in 100,000. And the order stays when the codes of the file do not. */
static void lots_are_fair_and_belong_to_ids(void **state) {
  (void)state;
  eyes e, other;
  int first[64] = {0};
  float a[64], b[64];
  pfc_ranker *r = NULL, *s = NULL;
  pfc_dataset *ds = company_create_split(3, 0), *strange = company_create_split(3, 1);
  eyes_open(&e, ds, train_baseline(ds, baseline(PFC_BASELINE_RANDOM)));
  eyes_open(&other, strange, train_baseline(strange, baseline(PFC_BASELINE_RANDOM)));
  e.bundle->seed = test_seed(1);
  assert_ok(pfc_ranker_create(e.bundle, &e.world, 1, &r, &err));
  assert_ok(pfc_ranker_create(e.bundle, &other.world, 1, &s, &err));
  for (int32_t p = 0; p < COMPANY_PEOPLE; p++) {
    const pfc_decision d = {p, -1, -1, COMPANY_SPLIT, -1, -1};
    pfc_decision same = d;
    const char *id = pfc_dict_text(pfc_dataset_find_dict(ds, "person"), p);
    same.person = test_code(strange, "person", id);
    assert_ok(pfc_ranker_score(r, 0, 1, &d, a, &err));
    assert_ok(pfc_ranker_score(s, 0, 1, &same, b, &err));
    int32_t best = 0;
    for (int32_t i = 0; i < e.cat->n_interventions; i++) {
      const char *what = pfc_dict_text(pfc_dataset_find_dict(ds, "intervention"), i);
      assert_true(a[i] == b[test_code(strange, "intervention", what)]);
      if (a[i] > a[best]) best = i;
    }
    first[best]++;
  }
  for (int32_t i = 0; i < e.cat->n_interventions; i++) {
    assert_true(first[i] > 0 && first[i] < 30);
  }
  pfc_ranker_destroy(r);
  pfc_ranker_destroy(s);
  eyes_close(&e);
  eyes_close(&other);
}

/* --- refusals, memory ----------------------------------------------------------------------
 */

static void a_bundle_without_either_is_refused(void **state) {
  (void)state;
  eyes e;
  pfc_ranker *r = NULL;
  pfc_dataset *ds = company_create_split(7, 0);
  eyes_open(&e, ds, scoring_train(ds, PFC_TRAIN_SUCCESS));
  assert_false(pfc_ranker_is_in(e.bundle));
  assert_fails(pfc_ranker_create(e.bundle, &e.world, 1, &r, &err), PFC_EDATA,
               "nothing to rank by");
  assert_null(r);
  eyes_close(&e);
}

static pfc_status create_and_drop(void *user) {
  const eyes *e = user;
  pfc_error err = PFC_ERROR_INIT;
  pfc_ranker *r = NULL;
  const pfc_status st = pfc_ranker_create(e->bundle, &e->world, 2, &r, &err);
  pfc_ranker_destroy(r);
  return st;
}

static void creation_survives_lack_of_memory(void **state) {
  (void)state;
  eyes e;
  pfc_dataset *ds = company_create_split(7, 0);
  eyes_open(&e, ds, scoring_train(ds, PFC_TRAIN_AFFINITY));
  assert_true(count_down(create_and_drop, &e) > 10);
  eyes_close(&e);
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_MANAGER, PFC_BASELINE_ITEMKNN,
                                            PFC_BASELINE_EASE, PFC_BASELINE_GAP};
  for (int k = 0; k < 4; k++) {
    ds = by_hand();
    eyes_open(&e, ds, train_baseline(ds, baseline(kinds[k])));
    assert_true(count_down(create_and_drop, &e) > 10);
    eyes_close(&e);
  }
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(affinity_is_the_product_of_folded_factors),
      cmocka_unit_test(popularity_by_hand),
      cmocka_unit_test(manager_by_hand),
      cmocka_unit_test(recent_by_hand),
      cmocka_unit_test(gap_by_hand),
      cmocka_unit_test(a_list_is_in_the_order_of_the_baseline),
      cmocka_unit_test(reasons_tell_what_a_baseline_looked_at),
      cmocka_unit_test(neighbours_name_what_speaks_for_them),
      cmocka_unit_test(what_is_equal_comes_by_popularity),
      cmocka_unit_test(baselines_alone_as_in_a_tile),
      cmocka_unit_test(a_baseline_sees_no_later_than_the_day_before),
      cmocka_unit_test(lots_are_fair_and_belong_to_ids),
      cmocka_unit_test(a_bundle_without_either_is_refused),
      cmocka_unit_test(creation_survives_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
