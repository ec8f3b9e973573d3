// labels: property check
/* Ranks are those of lists, and what an explanation supposes comes true in a world that is so.
 */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/explain.h"
#include "models/fold.h"
#include "models/lent_levels.h"
#include "models/predict.h"
#include "tests/support/explained.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

/* --- ranks -------------------------------------------------------------------------------- */

/* How many of those allowed are worth more, and how many at least as much, by the scorer that
 * makes the lists. */
static void check_rank(const scored *s, const pfc_explanation *x) {
  const int32_t *candidates = pfc_scorer_candidates(s->scorer);
  int better = 0, as_good = 0, n = 0;
  double own = (double)NAN;
  const ptrdiff_t row = (ptrdiff_t)x->person * s->n;
  for (int32_t j = 0; j < s->n; j++) {
    const double value = s->scores[row + j].value;
    if (candidates[j] == x->intervention) {
      assert_int_equal(s->allowed[row + j], x->is_allowed);
      own = value;
    }
    if (!s->allowed[row + j]) continue;
    n += value > 0;
    better += value > 0 && value > x->score.value + 1e-7;
    as_good += value > 0 && value > x->score.value - 1e-7;
  }
  assert_int_equal(x->n_ranked, n);
  if (isnan(own)) assert_false(x->is_allowed); /* closed */
  if (!isnan(own)) assert_near(own, x->score.value, 1e-6);
  assert_int_equal(x->rank > 0, x->is_allowed && x->score.value > 0);
  if (x->rank > 0) assert_true(x->rank > better && x->rank <= as_good);
}

static void ranks_are_those_of_lists(void **state) {
  (void)state;
  pfc_dataset *ds = explained_company(test_seed(33));
  pfc_bundle *b = explained_models(ds);
  pfc_scorer_settings settings = explained_settings(0);
  scored s = scoring_run(b, ds, &settings);
  settings.include_closed = 1;
  explained t = explained_open(b, ds, &settings);
  for (int32_t p = 0; p < s.n_people; p += 7) {
    for (int32_t i = 0; i < pfc_dataset_count(ds, "intervention"); i++) {
      pfc_explanation x;
      assert_ok(pfc_explain(t.e, p, i, &x, &err));
      check_rank(&s, &x);
    }
  }
  explained_close(&t);
  scoring_clear(&s);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- what if ------------------------------------------------------------------------------ */

/* Two worlds: in one whoever was never rated holds `held`, in the other a level more in one
 * competency. What is supposed in the first is what is told in the second. */
static void a_level_more_is_what_it_would_be(void **state) {
  (void)state;
  const char *const ids[] = {"c0", "c1", "c2", "c3"};
  pfc_dataset *ds = explained_company(test_seed(34));
  double held[5];
  test_empty(ds, PFC_ASSESSMENTS);
  test_empty(ds, PFC_ENROLMENTS); /* what was taught lifts those more who hold less */
  /* Half a level above what is held, alone and beside what no level more brings. */
  test_empty(ds, PFC_PREREQUISITES);
  test_rows(ds, PFC_PREREQUISITES,
            "intervention_id,requires_intervention_id,requires_competency_id,requires_level",
            "i0,,c0,1.5;i1,,c1,2;i2,,c2,2.5;i3,,c3,3;i4,,c0,1.5;i4,,c1,2;i5,,c1,2;i6,,c0,1.5;"
            "i7,i0,,;i7,,c2,2.5;i8,,c3,3;i9,,c1,4");
  int n_moved = 0, n_let_in = 0, n_more = 0;
  for (int k = 0; k < 4; k++) {
    const int32_t c = test_code(ds, "competency", ids[k]);
    for (int j = 0; j < 5; j++) held[j] = 1 + 0.5 * j;
    pfc_bundle *now = profiled_bundle(ds, 5, held);
    held[c]++;
    pfc_bundle *then = profiled_bundle(ds, 5, held);
    now->profile.taught = then->profile.taught = 1;
    const pfc_scorer_settings settings = explained_settings(1);
    explained a = explained_open(now, ds, &settings), b = explained_open(then, ds, &settings);
    for (int32_t p = 0; p < 40; p += 2) {
      for (int32_t i = 0; i < pfc_dataset_count(ds, "intervention"); i++) {
        pfc_explanation x, y;
        assert_ok(pfc_explain(a.e, p, i, &x, &err));
        const pfc_what_if *w = explained_if(&x, PFC_IF_LEVEL, c);
        if (!w) continue;
        assert_ok(pfc_explain(b.e, p, i, &y, &err));
        assert_near(w->value, y.score.value, 1e-6 * (1 + fabs(y.score.value)));
        /* Whatever is asked for before it, or before others. */
        assert_int_equal(w->rank, y.rank);
        n_let_in += w->rank > 0 && x.rank == 0;
        n_more += y.n_ranked > x.n_ranked;
        n_moved += w->rank != x.rank;
      }
    }
    explained_close(&a);
    explained_close(&b);
    pfc_bundle_destroy(now);
    pfc_bundle_destroy(then);
  }
  assert_true(n_moved > 10 && n_let_in > 10 && n_more > 10);
  pfc_dataset_destroy(ds);
}

static void half_the_hours_is_what_it_would_be(void **state) {
  (void)state;
  const uint64_t seed = test_seed(35);
  pfc_dataset *ds = explained_company(seed);
  pfc_bundle *b = explained_models(ds);
  const pfc_scorer_settings settings = explained_settings(1);
  explained now = explained_open(b, ds, &settings);
  const int32_t n = pfc_dataset_count(ds, "intervention");
  int n_told = 0;
  for (int32_t i = 0; i < n; i++) {
    pfc_dataset *less = explained_company(seed);
    const double hours = pfc_dataset_reals(ds, PFC_INTERVENTIONS, "hours")[i];
    test_number(less, PFC_INTERVENTIONS, i, "hours", hours / 2);
    explained then = explained_open(b, less, &settings);
    for (int32_t p = 0; p < 30; p += 5) {
      pfc_explanation x, y;
      assert_ok(pfc_explain(now.e, p, i, &x, &err));
      assert_ok(pfc_explain(then.e, p, i, &y, &err));
      const pfc_what_if *w = explained_if(&x, PFC_IF_HOURS, -1);
      assert_int_equal(w == NULL, isnan(hours));
      if (!w) continue;
      assert_near(w->value, y.score.value, 1e-5 * (1 + fabs(y.score.value)));
      n_told += w->value != x.score.value;
    }
    explained_close(&then);
    pfc_dataset_destroy(less);
  }
  assert_true(n_told > 30);
  explained_close(&now);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* Of accepting, what everybody shares stays: intercept, what the intervention is, and what the
 * mean factors of all people make of it. */
static void the_average_person_has_nothing_of_their_own(void **state) {
  (void)state;
  pfc_dataset *ds = explained_company(test_seed(36));
  pfc_bundle *b = explained_models(ds);
  const pfc_scorer_settings settings = explained_settings(1);
  explained t = explained_open(b, ds, &settings);
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  pfc_fold *fold = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_lens_create(ds, h, cat, b->dicts, b->n_dicts, &lens, &err));
  assert_ok(pfc_lend_bundle(b, ds, h, lens, &err));
  assert_ok(pfc_fold_create(&b->affinity, lens, h, cat, 1, &fold, &err));
  int32_t col[512];
  float val[512];
  for (int32_t i = 0; i < cat->n_interventions; i++) {
    const pfc_decision d = {-1, i, -1, EXPLAINED_DAY, -1, -1};
    double eta = b->accept.intercept + pfc_scope_eta(b->accept.features, lens, PFC_SCOPE_TARGET,
                                                     &d, b->accept.coef, col, val);
    for (int32_t f = 0; f < b->accept.rank; f++) {
      double mean = 0;
      for (int32_t p = 0; p < b->affinity.n_people; p++)
        mean += (double)b->affinity.people[p * b->affinity.rank + f] / b->affinity.n_people;
      eta += b->accept.theta[f] * mean * (double)pfc_fold_item(fold, i)[f];
    }
    pfc_explanation x;
    assert_ok(pfc_explain(t.e, 4, i, &x, &err));
    const pfc_what_if *w = explained_if(&x, PFC_IF_ACCEPT, -1);
    const double p = pfc_chance_probability(&b->accept, eta);
    assert_non_null(w);
    assert_near(w->value, x.score.value / x.score.accept * p, 1e-6);
  }
  pfc_fold_destroy(fold);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  explained_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_are_those_of_lists),
      cmocka_unit_test(a_level_more_is_what_it_would_be),
      cmocka_unit_test(half_the_hours_is_what_it_would_be),
      cmocka_unit_test(the_average_person_has_nothing_of_their_own),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
