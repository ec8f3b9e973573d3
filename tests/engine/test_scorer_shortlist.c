// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/scorer.h"
#include "tests/support/company.h"
#include "tests/support/profiled.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

/* Shortlists against scores of all pairs, sorted: the same candidates in the same order with
 * the same bits, in random worlds. */

enum { WORLDS = 200, BUNDLES = 5, PROGRAMMES = 2 * COMPANY_COURSES + COMPANY_EXTRA };

static pfc_dataset *home;
static pfc_bundle *bundles[BUNDLES];

/* Chances of passing and times of one bundle become those of accepting and of coming to a level
 * anyway of the other. */
static void lend(pfc_bundle *to, pfc_bundle *from) {
  to->has_accept = from->has_success;
  to->accept = from->success;
  to->has_anyway = from->has_time;
  to->anyway = from->time;
  from->has_success = from->has_time = false;
  from->success = (pfc_chance){0};
  from->time = (pfc_hazard){0};
  pfc_bundle_destroy(from);
}

/* Interventions differ in what they teach: some nothing, some do harm. */
static void add_programmes(pfc_bundle *b, const pfc_dataset *ds) {
  pfc_profile *p = &b->profile;
  pfc_free(p->programme);
  pfc_free(p->programme_var);
  p->n_interventions = pfc_dataset_count(ds, "intervention");
  p->programme = pfc_alloc_array((size_t)p->n_interventions, sizeof *p->programme);
  p->programme_var = pfc_alloc_array((size_t)p->n_interventions, sizeof *p->programme_var);
  assert_true(p->programme && p->programme_var);
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  home = company_create_split(test_seed(91), 0);
  bundles[0] = scoring_train(home, PFC_TRAIN_ALL);
  bundles[1] = scoring_train(home, PFC_TRAIN_ALL & ~PFC_TRAIN_ACCEPT);
  lend(bundles[1],
       scoring_train(home, PFC_TRAIN_SUCCESS | PFC_TRAIN_TIME | PFC_TRAIN_AFFINITY));
  bundles[2] = scoring_train(home, PFC_TRAIN_SUCCESS);
  bundles[3] = scoring_train(home, PFC_TRAIN_AFFINITY);
  bundles[4] = pfc_bundle_create(); /* nothing but a profile: ties everywhere */
  assert_non_null(bundles[4]);
  const double held[] = {1, 3, 2, 4, 0.5};
  for (int b = 2; b < BUNDLES; b++) profiled_put(bundles[b], home, 5, held);
  for (int b = 0; b < BUNDLES; b++) add_programmes(bundles[b], home);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  for (int b = 0; b < BUNDLES; b++) pfc_bundle_destroy(bundles[b]);
  pfc_dataset_destroy(home);
  return 0;
}

/* --- worlds --------------------------------------------------------------------------------
 */

static int pick(pfc_rng *rng, int n) { return (int)pfc_rng_below(rng, (uint64_t)n); }

static double one_of(pfc_rng *rng, int n, const double *value) { return value[pick(rng, n)]; }

/* Levels and shares are few, so that many pairs are worth the same. */
static void draw_needs(pfc_rng *rng, pfc_dataset *ds) {
  static const double LEVELS[] = {0, 1, 2, 3, 3.5, 5};
  const pfc_dict *roles = pfc_dataset_find_dict(ds, "role");
  char rows[1024] = "";
  int at = 0;
  for (int32_t r = 0; r < pfc_dict_size(roles); r++) {
    const int n = pick(rng, 5);
    for (int k = 0; k < n; k++)
      at += snprintf(rows + at, sizeof rows - (size_t)at, "%s%s,c%d,%g,%g", at ? ";" : "",
                     pfc_dict_text(roles, r), k, one_of(rng, 6, LEVELS),
                     0.5 * (1 + pick(rng, 2)));
  }
  if (at) test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance", rows);
}

static void draw_programmes(pfc_rng *rng, pfc_bundle *b) {
  static const double SHARES[] = {-1.5, -0.2, 0, 0, 0.01, 0.3, 0.3, 0.6, 1, 1.4};
  for (int32_t i = 0; i < b->profile.n_interventions; i++)
    b->profile.programme[i] = (float)(one_of(rng, 10, SHARES) - b->profile.taught);
}

static pfc_scorer_settings draw_settings(pfc_rng *rng) {
  static const double PRICES[] = {0, 0, 0.001, 0.01, 0.3}, RHO[] = {0, 0.001, 0.03};
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = COMPANY_SPLIT - 200 * pick(rng, 2);
  s.discount_per_day = one_of(rng, 3, RHO);
  s.cost_weight = 0.01 * one_of(rng, 5, PRICES);
  s.hour_price = one_of(rng, 5, PRICES);
  s.include_closed = pick(rng, 2);
  return s;
}

/* --- the whole and the short of it
 * ------------------------------------------------------------ */

typedef struct wanted {
  pfc_score score;
  double key;
} wanted;

static int best_first(const void *a, const void *b) {
  const wanted *x = a, *y = b;
  if (x->key != y->key) return x->key > y->key ? -1 : 1;
  return x->score.intervention < y->score.intervention ? -1 : 1;
}

/* All of a person's candidates that a list may hold, best first. */
static int list_all(const pfc_scorer *s, int by_affinity, double least, wanted *out) {
  int n = 0;
  const pfc_ruling *ruling = pfc_scorer_ruling(s, 0);
  for (int32_t j = 0; j < pfc_scorer_n_candidates(s); j++) {
    pfc_score score;
    pfc_scorer_pair(s, 0, j, &score);
    if (!pfc_bit(ruling->allowed, j) || score.value < least) continue;
    if (least >= 0 && !(score.value > 0)) continue;
    out[n++] = (wanted){score, by_affinity ? score.affinity : score.value};
  }
  if (n > 0) qsort(out, (size_t)n, sizeof *out, best_first);
  return n;
}

/* Longer lists go on where shorter ones stopped. */
static void compare_lists(const pfc_scorer *s, int by_affinity, double least) {
  static const int MOST[] = {1, 3, 4, 10, PROGRAMMES + COMPANY_STRANGERS + 1};
  wanted all[PROGRAMMES + COMPANY_STRANGERS];
  pfc_score list[PROGRAMMES + COMPANY_STRANGERS + 1];
  const int n_all = list_all(s, by_affinity, least, all);
  for (int m = 0; m < 5; m++) {
    const int n = pfc_scorer_shortlist(s, 0, by_affinity, MOST[m], least, list);
    assert_int_equal(n, n_all < MOST[m] ? n_all : MOST[m]);
    for (int k = 0; k < n; k++) {
      assert_int_equal(list[k].intervention, all[k].score.intervention);
      assert_true(scoring_same(&list[k], &all[k].score));
    }
  }
}

static void compare_world(pfc_rng *rng, pfc_bundle *b, const pfc_dataset *ds) {
  static const double LEAST[] = {0, 0, 0.02, 0.3, -0.05, -1e9};
  pfc_scorer *s = NULL;
  int32_t people[4];
  const pfc_scorer_settings settings = draw_settings(rng);
  assert_ok(pfc_scorer_create(b, ds, &settings, &s, &err));
  assert_true(pfc_scorer_n_candidates(s) <= PROGRAMMES + COMPANY_STRANGERS);
  for (int p = 0; p < 4; p++) people[p] = pick(rng, pfc_dataset_count(ds, "person"));
  assert_ok(pfc_scorer_begin(s, 0, 4, people, &err));
  for (int p = 0; p < 4; p++) {
    assert_ok(pfc_scorer_look(s, 0, p, &err));
    const int by_affinity = pfc_scorer_has_affinity(s) && pick(rng, 4) == 0;
    compare_lists(s, by_affinity, one_of(rng, 6, LEAST));
    if (pick(rng, 2)) compare_lists(s, 0, 0);
  }
  pfc_scorer_destroy(s);
}

static void shortlists_are_exact(void **state) {
  (void)state;
  const uint64_t seed = test_seed(92);
  for (uint64_t w = 0; w < WORLDS; w++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.shortlist", w);
    pfc_bundle *b = bundles[w % BUNDLES];
    pfc_dataset *ds = company_create_split(seed + w % 7, (int)(w % 2));
    draw_needs(&rng, ds);
    draw_programmes(&rng, b);
    compare_world(&rng, b, ds);
    pfc_dataset_destroy(ds);
  }
}

/* accept x (what the targets bring, added up, less the price), from what is told of them. */
static void terms_add_up(void **state) {
  (void)state;
  pfc_scorer *s = NULL;
  pfc_term terms[8];
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(93), "test.terms", 0);
  draw_programmes(&rng, bundles[1]);
  pfc_dataset *ds = company_create_split(93, 0);
  draw_needs(&rng, ds);
  const pfc_scorer_settings settings = draw_settings(&rng);
  assert_ok(pfc_scorer_create(bundles[1], ds, &settings, &s, &err));
  for (int32_t p = 0; p < 60; p++) {
    assert_ok(pfc_scorer_begin(s, 0, 1, &p, &err));
    assert_ok(pfc_scorer_look(s, 0, 0, &err));
    for (int32_t j = 0; j < pfc_scorer_n_candidates(s); j++) {
      pfc_score score;
      pfc_scorer_pair(s, 0, j, &score);
      const int n = pfc_scorer_terms(s, 0, &score, terms);
      double sum = -score.price, size = score.price;
      for (int k = 0; k < n; k++) {
        const pfc_term *t = &terms[k];
        assert_true(t->anyway >= 0 && t->anyway <= 1 && t->discount > 0 && t->discount <= 1);
        sum += t->worth * t->success * t->discount * (1 - t->anyway);
        size += fabs(t->brings);
      }
      if (!(fabs(score.value - score.accept * sum) <= 1e-12 * size))
        fail_msg("%.17g, of its terms %.17g", score.value, score.accept * sum);
    }
  }
  pfc_scorer_destroy(s);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(shortlists_are_exact),
                                     cmocka_unit_test(terms_add_up)};
  return cmocka_run_group_tests_name("engine/scorer_shortlist", tests, set_up, tear_down);
}
