// labels: unit check
/* Rankers (engine/ranker.h): the score of each kind against its definition, recomputed here
 * from the dataset, and the same bits for a decision alone and in a tile. */
#include "tests/support/test.h"

#include "base/mem.h"
#include "base/par.h"
#include "engine/ranker.h"
#include "models/fold.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"
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
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(affinity_is_the_product_of_folded_factors),
      cmocka_unit_test(a_bundle_without_either_is_refused),
      cmocka_unit_test(creation_survives_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
