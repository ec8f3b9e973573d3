// labels: unit check
/* Rankers (engine/ranker.h): the score of each kind against its definition, recomputed here
 * from the dataset, and the same bits for a decision alone and in a tile. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/ranker.h"
#include "models/fold.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/ranking.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

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

/* --- affinity ---------------------------------------------------------------------- */

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

/* --- baselines, in a company ------------------------------------------------------- */

static void baselines_alone_as_in_a_tile(void **state) {
  (void)state;
  static const pfc_baseline_kind kinds[] = {PFC_BASELINE_POPULARITY, PFC_BASELINE_RECENT,
                                            PFC_BASELINE_ITEMKNN, PFC_BASELINE_EASE,
                                            PFC_BASELINE_RANDOM};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    eyes e;
    pfc_dataset *ds = company_create_split(test_seed(77), 1);
    eyes_open(&e, ds, ranking_train(ds, ranking_baseline(kinds[k])));
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
  eyes_open(&all, copy, ranking_train(ds, ranking_baseline(kind)));
  eyes_open(&past, before(ds, day), ranking_train(ds, ranking_baseline(kind)));
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
  pfc_dataset *hand = ranking_by_hand(), *company = company_create_split(test_seed(8), 0);
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
  eyes_open(&e, ds, ranking_train(ds, ranking_baseline(PFC_BASELINE_RANDOM)));
  eyes_open(&other, strange, ranking_train(strange, ranking_baseline(PFC_BASELINE_RANDOM)));
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

/* --- refusals, memory -------------------------------------------------------------- */

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
    ds = ranking_by_hand();
    eyes_open(&e, ds, ranking_train(ds, ranking_baseline(kinds[k])));
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
      cmocka_unit_test(baselines_alone_as_in_a_tile),
      cmocka_unit_test(a_baseline_sees_no_later_than_the_day_before),
      cmocka_unit_test(lots_are_fair_and_belong_to_ids),
      cmocka_unit_test(a_bundle_without_either_is_refused),
      cmocka_unit_test(creation_survives_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
