// labels: property check
/* Scores, ranked lists and folded factors of organisations of all sizes, down to one person and
 * one intervention, and across the borders of a tile, against their definitions. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/recommend.h"
#include "tests/oracle/choice_oracle.h"
#include "tests/oracle/score_oracle.h"
#include "tests/support/degenerate.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"

enum { TRIALS = 14, MOST_CANDIDATES = 96, MOST_ENTRIES = 4096 };

/* What one trial works on. */
typedef struct shape {
  pfc_dataset *ds;
  pfc_bundle *bundle;
  pfc_scorer_settings settings;
  int32_t n_people;
  pfc_rng rng;
} shape;

static int pick(pfc_rng *rng, const int *from, int n) {
  return from[pfc_rng_below(rng, (uint64_t)n)];
}

static void open_shape(shape *s, uint64_t seed, uint64_t trial) {
  static const int PEOPLE[] = {1, 2, 5, 63, 64, 65, 129}, COURSES[] = {1, 2, 3, 17, 64, 65};
  char edits[200];
  pfc_train_settings settings;
  pfc_train_report report;
  pfc_rng_init(&s->rng, seed, "test.shapes", trial);
  pfc_train_defaults(&settings);
  settings.als.max_sweeps = 6;
  settings.seed = seed;
  (void)snprintf(edits, sizeof edits,
                 "people %d; courses %d; competencies %d; starts %d; train rank %d; "
                 "train min_rows 20; train min_events 5",
                 pick(&s->rng, PEOPLE, 7), pick(&s->rng, COURSES, 6),
                 1 + (int)pfc_rng_below(&s->rng, 6), 1 + (int)pfc_rng_below(&s->rng, 5),
                 1 + (int)pfc_rng_below(&s->rng, 9));
  s->ds = degenerate_create("learning", edits, &settings);
  assert_ok(pfc_train(s->ds, &settings, &s->bundle, &report, &err));
  pfc_scorer_defaults(&s->settings);
  s->settings.as_of = 40 + (int32_t)pfc_rng_below(&s->rng, 300);
  s->settings.cost_weight = 1e-3;
  s->n_people = pfc_dataset_count(s->ds, "person");
}

static void close_shape(shape *s) {
  pfc_bundle_destroy(s->bundle);
  pfc_dataset_destroy(s->ds);
}

/* --- scores --------------------------------------------------------------------------------
 */

/* Predictors are float32: their sums of at most rank + 2 + own-history terms are known to a few
 * 2^-24, probabilities to that times the linear predictor (below 50). */
static void assert_close(double got, double want, double slack, const char *what) {
  if (isnan(got) && isnan(want)) return;
  if (!(fabs(got - want) <= slack))
    fail_msg("%s is %.12g, by definition %.12g", what, got, want);
}

static void compare(const pfc_score *got, const pfc_score *want, double affinity_error,
                    double slope) {
  const double slack = 2e-5 + 1e-5 * fabs(want->value) + fabs(slope) * affinity_error;
  assert_int_equal(got->intervention, want->intervention);
  assert_int_equal(got->cold, want->cold);
  assert_int_equal(got->evidence_n, want->evidence_n);
  assert_close(got->affinity, want->affinity, affinity_error + 1e-6, "affinity");
  assert_close(got->accept, want->accept, slack, "accept");
  assert_close(got->p_success, want->p_success, slack, "p_success");
  assert_close(got->incidence, want->incidence, 1e-4, "incidence");
  assert_close(got->p_by[0], want->p_by[0], 1e-4, "p_by");
  assert_close(got->value, want->value, 10 * slack, "value");
}

static void tiles_of_any_shape_follow_the_definition(void **state) {
  (void)state;
  const uint64_t seed = test_seed(111);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    shape s;
    score_oracle o;
    open_shape(&s, seed, trial);
    scored got = scoring_run(s.bundle, s.ds, &s.settings);
    score_oracle_open(&o, s.bundle, s.ds, &s.settings);
    const double slope = s.bundle->has_affinity ? s.bundle->affinity.accept_slope : 0;
    for (int k = 0; k < 40 && got.n > 0; k++) {
      const int32_t p = (int32_t)pfc_rng_below(&s.rng, (uint64_t)s.n_people);
      const int32_t j = (int32_t)pfc_rng_below(&s.rng, (uint64_t)got.n);
      double affinity_error;
      const pfc_score want =
          score_oracle_pair(&o, p, pfc_scorer_candidates(got.scorer)[j], &affinity_error);
      compare(&got.scores[(ptrdiff_t)p * got.n + j], &want, affinity_error, slope);
      if (got.allowed[(ptrdiff_t)p * got.n + j])
        assert_true(score_oracle_allows(&o, p, want.intervention));
    }
    score_oracle_close(&o);
    scoring_clear(&got);
    close_shape(&s);
  }
}

/* --- lists ---------------------------------------------------------------------------------
 */

typedef struct listening {
  choice_kept kept;
  int64_t n_lists;
} listening;

static pfc_status check_list(const pfc_list *list, void *user, pfc_error *err) {
  (void)err;
  listening *l = user;
  if (l->n_lists++ % 8 == 0) choice_oracle_keep(&l->kept, list);
  return PFC_OK;
}

/* Lists longer and shorter than there are candidates; bars that nothing, something and all
 * pass. */
static void lists_of_any_length_are_the_best(void **state) {
  (void)state;
  const uint64_t seed = test_seed(112);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    shape s;
    pfc_recommend_settings settings;
    open_shape(&s, seed, trial);
    scored got = scoring_run(s.bundle, s.ds, &s.settings);
    int32_t *people = pfc_alloc_array((size_t)s.n_people, sizeof *people);
    for (int32_t p = 0; p < s.n_people; p++) people[p] = s.n_people - 1 - p;
    pfc_recommend_defaults(&settings);
    settings.choice.top = 1 + (int32_t)pfc_rng_below(&s.rng, (uint64_t)got.n + 4);
    settings.choice.min_value = trial % 3 == 0 ? -1 : trial % 3 == 1 ? 1e6 : 0.2;
    settings.choice.rank_by =
        s.bundle->has_affinity && trial % 2 ? PFC_RANK_AFFINITY : PFC_RANK_VALUE;
    const choice_oracle oracle = {got.scorer, &settings.choice};
    listening l = {.n_lists = 0};
    assert_ok(
        pfc_recommend(got.scorer, s.n_people, people, &settings, check_list, &l, NULL, &err));
    assert_int_equal(l.n_lists, s.n_people);
    choice_oracle_check_kept(&oracle, &l.kept);
    pfc_free(people);
    scoring_clear(&got);
    close_shape(&s);
  }
}

/* --- factors -------------------------------------------------------------------------------
 */

/* A f of a person on the day, in float64. */
static void prior_of(const score_oracle *o, const pfc_decision *d, double *prior) {
  const pfc_affinity *m = &o->bundle->affinity;
  assert_true(pfc_features_max(m->person_features, PFC_SCOPE_PERSON, o->lens) <= MOST_ENTRIES);
  const int n =
      pfc_features_encode(m->person_features, o->lens, PFC_SCOPE_PERSON, d, o->col, o->val);
  for (int32_t f = 0; f < m->rank; f++) {
    prior[f] = 0;
    for (int e = 0; e < n; e++)
      prior[f] += (double)o->val[e] * (double)m->person_prior[o->col[e] * m->rank + f];
  }
}

/* Confidence of every item from what the person took up before the day; how many there are. */
static int confidences_of(const score_oracle *o, const pfc_decision *d, double *conf) {
  int64_t from;
  int n = 0;
  memset(conf, 0, MOST_CANDIDATES * sizeof *conf);
  const int64_t to = pfc_decision_attempts(o->history, d, &from);
  for (int64_t a = from; a < to; a++) {
    const pfc_attempt *at = &o->history->attempts[a];
    if (!pfc_fold_item_known(o->fold, at->intervention)) continue;
    n += conf[at->intervention] == 0;
    conf[at->intervention] +=
        pfc_affinity_confidence(&o->bundle->affinity.weights, at, d->date);
  }
  return n;
}

static double product_of(int32_t k, const float *x, const float *y) {
  double sum = 0;
  for (int32_t f = 0; f < k; f++) sum += (double)x[f] * (double)y[f];
  return sum;
}

/* The gradient of the person's objective in every factor is 0, up to a float32 solve: its
 * residual is k 2^-24 of the sizes that cancel in it. */
static void check_factors(const score_oracle *o, int32_t person) {
  const pfc_affinity *m = &o->bundle->affinity;
  const pfc_decision d = {person, -1, -1, o->as_of, -1, -1};
  float x[64];
  double conf[MOST_CANDIDATES], prior[64];
  int64_t n_items = 0;
  int n_known = 0;
  const int n = confidences_of(o, &d, conf);
  prior_of(o, &d, prior);
  assert_ok(pfc_fold_person(o->fold, 0, &d, x, &n_items, &err));
  assert_int_equal(n_items, n);
  for (int32_t i = 0; i < o->cat->n_interventions; i++)
    n_known += pfc_fold_item_known(o->fold, i);
  const double ridge = pfc_affinity_ridge(m, n, n_known);
  for (int32_t f = 0; f < m->rank; f++) {
    double g = ridge * (double)x[f] + m->kappa_people * ((double)x[f] - prior[f]);
    double size = (ridge + m->kappa_people) * fabs((double)x[f]);
    size += m->kappa_people * fabs(prior[f]);
    for (int32_t i = 0; i < o->cat->n_interventions && n > 0; i++) {
      if (!pfc_fold_item_known(o->fold, i)) continue;
      const float *y = pfc_fold_item(o->fold, i);
      const double dot = product_of(m->rank, x, y);
      g += (m->alpha0 * dot - conf[i] * (1 - dot)) * (double)y[f];
      size += (m->alpha0 * fabs(dot) + conf[i] * (1 + fabs(dot))) * fabs((double)y[f]);
    }
    if (n == 0) {
      assert_near((double)x[f], prior[f], 1e-5 * (1 + fabs(prior[f])));
    } else {
      assert_near(g, 0, 16 * (m->rank + 2) * 0x1p-24 * size + 1e-9);
    }
  }
}

static void factors_minimize_at_any_size(void **state) {
  (void)state;
  const uint64_t seed = test_seed(113);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    shape s;
    score_oracle o;
    open_shape(&s, seed, trial);
    assert_true(s.bundle->has_affinity);
    score_oracle_open(&o, s.bundle, s.ds, &s.settings);
    assert_true(o.cat->n_interventions <= MOST_CANDIDATES);
    for (int32_t p = 0; p < s.n_people; p++) check_factors(&o, p);
    score_oracle_close(&o);
    close_shape(&s);
  }
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tiles_of_any_shape_follow_the_definition),
      cmocka_unit_test(lists_of_any_length_are_the_best),
      cmocka_unit_test(factors_minimize_at_any_size),
  };
  return cmocka_run_group_tests_name("engine/shapes", tests, set_up, NULL);
}
