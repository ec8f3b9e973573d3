// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/explain.h"
#include "models/fold.h"
#include "models/lent_levels.h"
#include "models/predict.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

/* An explanation is right when its terms add up to what scores, when what it supposes comes
 * true in a world that is so, and when the reasons it gives are those that the tables hold. */

enum { DAY = 400 };

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

/* A company in which roles 0 to 2 ask for something, and rules of every kind hold. */
static pfc_dataset *company(uint64_t seed) {
  pfc_dataset *ds = company_create(seed, 0);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance",
            "r0,c0,4,0.5;r0,c1,3,1;r1,c2,4,0.8;r1,c4,5,1;r2,c3,5,1;r2,c0,3,0.2;r2,c1,4,0.9");
  test_rows(ds, PFC_ELIGIBILITY, "intervention_id,role_id,allow", "i2,r1,1;i7,r2,0");
  test_rows(ds, PFC_PREREQUISITES,
            "intervention_id,requires_intervention_id,requires_competency_id,requires_level",
            "i4,i0,,;i6,,c1,3");
  test_rows(ds, PFC_OVERRIDES, "person_id,intervention_id,action,reason,actor,expires_on",
            "p1,i0,block,too soon,ann,450;p2,i0,block,old,ann,390;p3,i8,force,wish,bob,");
  return ds;
}

/* All models that there can be: what feedback and days without interventions would teach is
 * borrowed from the models of another company. */
static pfc_bundle *all_models(const pfc_dataset *ds) {
  pfc_bundle *b = scoring_train(ds, PFC_TRAIN_ALL), *other = scoring_train(ds, PFC_TRAIN_ALL);
  pfc_chance_clear(&b->accept);
  pfc_hazard_clear(&b->anyway);
  b->accept = other->success;
  b->anyway = other->time;
  b->has_accept = b->has_anyway = true;
  for (int r = PFC_DROPPED; r < PFC_N_CAUSES; r++) {
    pfc_free(b->anyway.coef[r]);
    pfc_free(b->anyway.baseline[r]);
    b->anyway.coef[r] = b->anyway.baseline[r] = NULL;
  }
  b->accept.intercept -= 0.7;
  b->accept.calibration = (pfc_beta){0.9, 1.2, 0.1};
  b->success.calibration = (pfc_beta){1.1, 0.8, -0.2};
  b->affinity.accept_calibration = (pfc_beta){0.8, 1.3, 0.2};
  other->success = (pfc_chance){0};
  other->time = (pfc_hazard){0};
  other->has_success = other->has_time = false;
  pfc_bundle_destroy(other);
  return b;
}

static pfc_scorer_settings on_day(int include_closed) {
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = DAY;
  s.cost_weight = 0.0001;
  s.hour_price = 0.002;
  s.discount_per_day = 0.004;
  s.include_closed = include_closed;
  return s;
}

/* A scorer and an explainer. */
typedef struct told {
  const pfc_dataset *ds;
  pfc_scorer *scorer;
  pfc_explainer *e;
} told;

static told told_open(const pfc_bundle *b, const pfc_dataset *ds,
                      const pfc_scorer_settings *settings) {
  told t = {.ds = ds};
  assert_ok(pfc_scorer_create(b, ds, settings, &t.scorer, &err));
  assert_ok(pfc_explainer_create(t.scorer, &t.e, &err));
  return t;
}

static void told_close(told *t) {
  pfc_explainer_destroy(t->e);
  pfc_scorer_destroy(t->scorer);
}

static pfc_explanation told_of(const told *t, const char *person, const char *intervention) {
  pfc_explanation x;
  assert_ok(pfc_explain(t->e, test_code(t->ds, "person", person),
                        test_code(t->ds, "intervention", intervention), &x, &err));
  return x;
}

/* --- terms add up ------------------------------------------------------------------------- */

/* Factors and products of scoring are float32. */
static const double SHARE = 1e-5;

static void check_breakdown(const pfc_breakdown *b) {
  double sum = 0, size = 0;
  for (int k = 0; k < b->n; k++) {
    const pfc_part *part = &b->part[k];
    sum += part->amount;
    size += fabs(part->amount);
    assert_true((part->kind == PFC_PART_COLUMN) == (part->field != NULL));
    if (k > 0) assert_true(fabs(part->amount) <= fabs(part[-1].amount));
  }
  assert_near(b->size, size, 1e-12 * size);
  assert_near(b->sum, sum, 1e-12 * size);
  if (!(fabs(sum - b->served) <= SHARE * size + 1e-12)) {
    fail_msg("%s: terms add up to %.9g, served %.9g, size %.9g", pfc_told_name(b->told), sum,
             b->served, size);
  }
}

static const pfc_breakdown *breakdown_of(const pfc_explanation *x, pfc_told of,
                                         int32_t target) {
  for (int k = 0; k < x->n_breakdowns; k++) {
    if (x->breakdown[k].told == of && x->breakdown[k].target == target) return &x->breakdown[k];
  }
  return NULL;
}

static void check_chance(const pfc_explanation *x, pfc_told of, double p) {
  const pfc_breakdown *b = breakdown_of(x, of, -1);
  assert_int_equal(b == NULL, isnan(p));
  if (b) assert_near(1 / (1 + exp(-b->sum)), p, SHARE * b->size);
}

static void check_value(const pfc_explanation *x) {
  const double accept = isnan(x->score.accept) ? 1 : x->score.accept;
  double sum = -accept * (x->price_of_cost + x->price_of_hours), size = fabs(sum);
  for (int k = 0; k < x->n_terms; k++) {
    const pfc_term *t = &x->term[k];
    assert_near(t->brings, t->worth * t->success * t->discount * (1 - t->anyway),
                1e-12 + 1e-9 * fabs(t->brings));
    sum += accept * t->brings;
    size += fabs(accept * t->brings);
  }
  assert_near(x->score.value, sum, SHARE * size + 1e-12);
}

static void check_pair(const pfc_explanation *x) {
  for (int k = 0; k < x->n_breakdowns; k++) check_breakdown(&x->breakdown[k]);
  check_chance(x, PFC_TOLD_ACCEPT, x->score.accept);
  check_chance(x, PFC_TOLD_SUCCESS, x->score.p_success);
  check_value(x);
}

/* By the definition: every scope encoded at once, as the trainer does. */
static void check_shift(const pfc_bundle *b, const pfc_dataset *ds, const pfc_explanation *x) {
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_catalogue_create(ds, &cat, &err));
  assert_ok(pfc_lens_create(ds, h, cat, b->dicts, b->n_dicts, &lens, &err));
  assert_ok(pfc_lend_bundle(b, ds, h, lens, &err));
  int32_t col[512];
  float val[512];
  double shift[PFC_N_CAUSES];
  assert_true(pfc_scratch_entries(b->time.features, lens) <= 512);
  for (int32_t t = cat->first[x->intervention]; t < cat->first[x->intervention + 1]; t++) {
    const pfc_decision d = {x->person, x->intervention, cat->competency[t], DAY, -1, -1};
    pfc_hazard_shift(&b->time, lens, &d, col, val, shift);
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      const pfc_breakdown *got = breakdown_of(x, (pfc_told)(PFC_TOLD_PROFICIENT + r), t);
      assert_int_equal(got == NULL, b->time.coef[r] == NULL);
      if (got) assert_near(got->sum, shift[r], 1e-9 * (1 + got->size));
    }
    const pfc_breakdown *anyway = breakdown_of(x, PFC_TOLD_ANYWAY, t);
    assert_int_equal(anyway != NULL, b->has_anyway && cat->competency[t] >= 0);
    if (!anyway) continue;
    pfc_hazard_shift(&b->anyway, lens, &d, col, val, shift);
    assert_near(anyway->sum, shift[PFC_PROFICIENT], 1e-9 * (1 + anyway->size));
  }
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
}

static void check_company(const pfc_bundle *b, const pfc_dataset *ds, int step) {
  const pfc_scorer_settings settings = on_day(1);
  told t = told_open(b, ds, &settings);
  const int32_t n_people = pfc_dataset_count(ds, "person");
  const int32_t n_items = pfc_dataset_count(ds, "intervention");
  for (int32_t p = 0; p < n_people; p += step) {
    for (int32_t i = 0; i < n_items; i++) {
      pfc_explanation x;
      assert_ok(pfc_explain(t.e, p, i, &x, &err));
      check_pair(&x);
      if (b->has_time && (p + i) % 13 == 0) check_shift(b, ds, &x);
    }
  }
  told_close(&t);
}

static void everything_adds_up(void **state) {
  (void)state;
  const uint64_t seed = test_seed(31);
  pfc_dataset *ds = company(seed), *abroad = company_create(seed + 100, 1);
  pfc_bundle *all = all_models(ds);
  check_company(all, ds, 4);
  check_company(all, abroad, 9); /* people, courses and kinds that no model knows */
  pfc_bundle_destroy(all);
  pfc_dataset_destroy(abroad);
  pfc_dataset_destroy(ds);
}

static void fewer_models_add_up_too(void **state) {
  (void)state;
  pfc_dataset *ds = company(test_seed(32));
  const unsigned models[] = {PFC_TRAIN_AFFINITY, PFC_TRAIN_TIME, PFC_TRAIN_SUCCESS,
                             PFC_TRAIN_PROFILE};
  for (int k = 0; k < 4; k++) {
    pfc_bundle *b = scoring_train(ds, models[k]);
    check_company(b, ds, 9);
    pfc_bundle_destroy(b);
  }
  pfc_dataset_destroy(ds);
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
  pfc_dataset *ds = company(test_seed(33));
  pfc_bundle *b = all_models(ds);
  pfc_scorer_settings settings = on_day(0);
  scored s = scoring_run(b, ds, &settings);
  settings.include_closed = 1;
  told t = told_open(b, ds, &settings);
  for (int32_t p = 0; p < s.n_people; p += 7) {
    for (int32_t i = 0; i < pfc_dataset_count(ds, "intervention"); i++) {
      pfc_explanation x;
      assert_ok(pfc_explain(t.e, p, i, &x, &err));
      check_rank(&s, &x);
    }
  }
  told_close(&t);
  scoring_clear(&s);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- what if ------------------------------------------------------------------------------ */

static const pfc_what_if *what_if(const pfc_explanation *x, pfc_if what, int32_t competency) {
  for (int k = 0; k < x->n_what_ifs; k++) {
    const pfc_what_if *w = &x->what_if[k];
    if (w->what == what && w->competency == competency) return w;
  }
  return NULL;
}

/* Two worlds: in one whoever was never rated holds `held`, in the other a level more in one
 * competency. What is supposed in the first is what is told in the second. */
static void a_level_more_is_what_it_would_be(void **state) {
  (void)state;
  const char *const ids[] = {"c0", "c1", "c2", "c3"};
  pfc_dataset *ds = company(test_seed(34));
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
    const pfc_scorer_settings settings = on_day(1);
    told a = told_open(now, ds, &settings), b = told_open(then, ds, &settings);
    for (int32_t p = 0; p < 40; p += 2) {
      for (int32_t i = 0; i < pfc_dataset_count(ds, "intervention"); i++) {
        pfc_explanation x, y;
        assert_ok(pfc_explain(a.e, p, i, &x, &err));
        const pfc_what_if *w = what_if(&x, PFC_IF_LEVEL, c);
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
    told_close(&a);
    told_close(&b);
    pfc_bundle_destroy(now);
    pfc_bundle_destroy(then);
  }
  assert_true(n_moved > 10 && n_let_in > 10 && n_more > 10);
  pfc_dataset_destroy(ds);
}

static void half_the_hours_is_what_it_would_be(void **state) {
  (void)state;
  const uint64_t seed = test_seed(35);
  pfc_dataset *ds = company(seed);
  pfc_bundle *b = all_models(ds);
  const pfc_scorer_settings settings = on_day(1);
  told now = told_open(b, ds, &settings);
  const int32_t n = pfc_dataset_count(ds, "intervention");
  int n_told = 0;
  for (int32_t i = 0; i < n; i++) {
    pfc_dataset *less = company(seed);
    const double hours = pfc_dataset_reals(ds, PFC_INTERVENTIONS, "hours")[i];
    test_number(less, PFC_INTERVENTIONS, i, "hours", hours / 2);
    told then = told_open(b, less, &settings);
    for (int32_t p = 0; p < 30; p += 5) {
      pfc_explanation x, y;
      assert_ok(pfc_explain(now.e, p, i, &x, &err));
      assert_ok(pfc_explain(then.e, p, i, &y, &err));
      const pfc_what_if *w = what_if(&x, PFC_IF_HOURS, -1);
      assert_int_equal(w == NULL, isnan(hours));
      if (!w) continue;
      assert_near(w->value, y.score.value, 1e-5 * (1 + fabs(y.score.value)));
      n_told += w->value != x.score.value;
    }
    told_close(&then);
    pfc_dataset_destroy(less);
  }
  assert_true(n_told > 30);
  told_close(&now);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* Of accepting, what everybody shares stays: intercept, what the intervention is, and what the
 * mean factors of all people make of it. */
static void the_average_person_has_nothing_of_their_own(void **state) {
  (void)state;
  pfc_dataset *ds = company(test_seed(36));
  pfc_bundle *b = all_models(ds);
  const pfc_scorer_settings settings = on_day(1);
  told t = told_open(b, ds, &settings);
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
    const pfc_decision d = {-1, i, -1, DAY, -1, -1};
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
    const pfc_what_if *w = what_if(&x, PFC_IF_ACCEPT, -1);
    const double p = pfc_chance_probability(&b->accept, eta);
    assert_non_null(w);
    assert_near(w->value, x.score.value / x.score.accept * p, 1e-6);
  }
  pfc_fold_destroy(fold);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  told_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- rules -------------------------------------------------------------------------------- */

/* ann, of whom every rule keeps something. */
static pfc_dataset *ruled(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B");
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,unit_id,hours_per_week", "ann,R,U,3;bob,S,U,9");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level", "R,A,4;R,B,4;S,A,4");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,hours,weeks,opens_on,closes_on,seats",
            "free,,,,,;late,,,500,510,;early,,,300,310,;full,,,,,1;heavy,40,4,,,;for_s,,,,,;"
            "not_r,,,,,;after,,,,,;asks,,,,,;done,,,,,;on,,,,,;blocked,,,,,");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "free,A,4;late,A,4;early,A,4;full,B,3;heavy,A,4;for_s,A,4;not_r,A,4;after,A,4;"
            "asks,A,4;done,B,2;on,A,4;blocked,A,4");
  test_rows(ds, PFC_ELIGIBILITY, "intervention_id,role_id,allow", "for_s,S,1;not_r,R,0");
  test_rows(ds, PFC_PREREQUISITES,
            "intervention_id,requires_intervention_id,requires_competency_id,requires_level",
            "after,free,,;asks,,A,3");
  test_rows(
      ds, PFC_OVERRIDES, "person_id,intervention_id,action,reason,actor,expires_on",
      "bob,blocked,block,no,eve,;ann,blocked,block,wait,eve,450;ann,blocked,block,was,eve,"
      "390");
  test_rows(ds, PFC_ENROLMENTS,
            "person_id,intervention_id,enrolled_on,started_on,ended_on,status",
            "ann,done,100,100,120,passed;ann,on,380,380,,in_progress;bob,full,390,390,,"
            "in_progress");
  return ds;
}

/* Levels are 1 in all, sure to 1. */
static void reasons_are_those_of_the_tables(void **state) {
  (void)state;
  pfc_dataset *ds = ruled();
  const double held[] = {1, 1};
  pfc_bundle *b = profiled_bundle(ds, 2, held);
  b->profile.taught = 1;
  const pfc_scorer_settings settings = on_day(1);
  told t = told_open(b, ds, &settings);
  pfc_explanation x = told_of(&t, "ann", "free");
  assert_true(x.is_allowed);
  assert_int_equal(x.n_facts, 0);

#define FACT(id, of)           \
  x = told_of(&t, "ann", id);  \
  assert_false(x.is_allowed);  \
  assert_int_equal(x.rank, 0); \
  assert_true(x.n_facts >= 1); \
  assert_int_equal(x.fact[0].rule, of)
  FACT("late", PFC_RULE_CLOSED);
  assert_int_equal(x.fact[0].day, 500);
  FACT("early", PFC_RULE_CLOSED);
  assert_int_equal(x.fact[0].day, 310);
  FACT("full", PFC_RULE_FULL);
  assert_near(x.fact[0].asked, 1, 0);
  assert_near(x.fact[0].have, 1, 0);
  FACT("heavy", PFC_RULE_HOURS);
  assert_near(x.fact[0].asked, 10, 1e-12);
  assert_near(x.fact[0].have, 3, 1e-12);
  FACT("for_s", PFC_RULE_ELIGIBILITY);
  assert_int_equal(x.fact[0].row, 0);
  assert_int_equal(x.fact[0].role, test_code(ds, "role", "S"));
  assert_near(x.fact[0].have, 1, 0);
  FACT("not_r", PFC_RULE_ELIGIBILITY);
  assert_int_equal(x.fact[0].row, 1);
  assert_int_equal(x.fact[0].role, test_code(ds, "role", "R"));
  assert_near(x.fact[0].have, 0, 0);
  FACT("after", PFC_RULE_PREREQUISITE);
  assert_int_equal(x.fact[0].row, 0);
  assert_int_equal(x.fact[0].intervention, test_code(ds, "intervention", "free"));
  FACT("asks", PFC_RULE_PREREQUISITE);
  assert_int_equal(x.fact[0].row, 1);
  assert_int_equal(x.fact[0].competency, test_code(ds, "competency", "A"));
  assert_near(x.fact[0].asked, 3, 0);
  assert_near(x.fact[0].have, 0.5 * erfc(2 / sqrt(2)), 1e-4); /* P(N(1, 1) >= 3) */
  FACT("done", PFC_RULE_COVERED);
  assert_int_equal(x.fact[0].day, 120);
  FACT("on", PFC_RULE_UNDER_WAY);
  assert_int_equal(x.fact[0].day, 380);
  FACT("blocked", PFC_RULE_BLOCKED);
  assert_int_equal(x.n_facts, 1);
  assert_int_equal(x.fact[0].row, 1);
  assert_int_equal(x.fact[0].day, 450);

  /* Without the one rule it would stand where its value puts it: all of A up to 4 are worth
   * alike, and lower codes stand first. */
  const pfc_what_if *w = what_if(&x, PFC_IF_RULE, -1);
  assert_non_null(w);
  assert_int_equal(w->rule, PFC_RULE_BLOCKED);
  assert_int_equal(w->rank, 2);
  assert_int_equal(w->first, test_code(ds, "intervention", "free"));
  assert_null(what_if(&x, PFC_IF_RULES, -1));
  told_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- evidence ----------------------------------------------------------------------------- */

static void evidence_is_what_was_known(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B");
  test_rows(ds, PFC_PEOPLE, "person_id,role_id", "ann,R;bob,R;cid,R");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level", "R,A,4;R,B,4");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "a;b;ab;none");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "a,A,3;b,B,3;ab,A,5;ab,B,5");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "ann,A,2,test,100;ann,A,3,self,399;ann,A,5,test,400;ann,B,1,test,50");
  test_rows(ds, PFC_ENROLMENTS,
            "person_id,intervention_id,enrolled_on,started_on,ended_on,status",
            "ann,a,200,200,220,passed;bob,a,210,210,230,failed;cid,a,300,300,,in_progress;"
            "cid,b,310,310,420,passed;bob,a,400,400,410,passed");
  const double held[] = {1, 1};
  pfc_bundle *b = profiled_bundle(ds, 2, held);
  const pfc_scorer_settings settings = on_day(1);
  told t = told_open(b, ds, &settings);
  pfc_explanation x = told_of(&t, "ann", "ab");
  assert_int_equal(x.starts, 0);
  assert_int_equal(x.starts_alike, 4); /* not the one of the day itself */
  assert_int_equal(x.n_heard, 3);
  assert_near(x.heard[0].level, 3, 0);
  assert_int_equal(x.heard[0].day, 399);
  assert_int_equal(x.heard[0].source, test_code(ds, "source", "self"));
  assert_near(x.heard[1].level, 2, 0);
  assert_near(x.heard[1].noise, PROFILED_NOISE, 0);
  assert_int_equal(x.heard[2].competency, test_code(ds, "competency", "B"));
  assert_int_equal(x.n_lessons, 1);
  assert_int_equal(x.lesson[0].intervention, test_code(ds, "intervention", "a"));
  assert_int_equal(x.lesson[0].end, 220);
  assert_near(x.lesson[0].to_level, 3, 0);
  x = told_of(&t, "bob", "a");
  assert_int_equal(x.starts, 3);
  assert_int_equal(x.results, 2);
  assert_int_equal(x.passes, 1);
  assert_int_equal(x.n_heard + x.n_lessons, 0);
  x = told_of(&t, "ann", "none");
  assert_int_equal(x.starts_alike, 0);
  told_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- edges -------------------------------------------------------------------------------- */

static void a_baseline_is_told_without_terms(void **state) {
  (void)state;
  pfc_dataset *ds = company(test_seed(37));
  pfc_train_settings how;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&how);
  how.baseline.kind = PFC_BASELINE_POPULARITY;
  assert_ok(pfc_train(ds, &how, &b, &report, &err));
  const pfc_scorer_settings settings = on_day(1);
  told t = told_open(b, ds, &settings);
  const pfc_explanation x = told_of(&t, "p0", "i0");
  assert_int_equal(x.n_terms + x.n_breakdowns, 0);
  assert_null(x.gaps);
  assert_true(x.starts > 0);
  told_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void a_scorer_that_leaves_out_is_refused(void **state) {
  (void)state;
  pfc_dataset *ds = company(38);
  pfc_bundle *b = scoring_train(ds, PFC_TRAIN_AFFINITY);
  const pfc_scorer_settings settings = on_day(0);
  pfc_scorer *scorer = NULL;
  pfc_explainer *e = NULL;
  assert_ok(pfc_scorer_create(b, ds, &settings, &scorer, &err));
  assert_fails(pfc_explainer_create(scorer, &e, &err), PFC_EUSAGE, "include_closed");
  assert_null(e);
  pfc_explainer_destroy(NULL);
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static pfc_status explain_once(void *user) {
  pfc_scorer *scorer = user;
  pfc_explainer *e = NULL;
  pfc_explanation x;
  pfc_status st = pfc_explainer_create(scorer, &e, NULL);
  if (st == PFC_OK) st = pfc_explain(e, 1, 0, &x, NULL);
  pfc_explainer_destroy(e);
  return st;
}

static void memory_may_be_short(void **state) {
  (void)state;
  pfc_dataset *ds = company(39);
  pfc_bundle *b = all_models(ds);
  const pfc_scorer_settings settings = on_day(1);
  pfc_scorer *scorer = NULL;
  assert_ok(pfc_scorer_create(b, ds, &settings, &scorer, &err));
  assert_true(count_down(explain_once, scorer) > 20);
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_adds_up),
      cmocka_unit_test(fewer_models_add_up_too),
      cmocka_unit_test(ranks_are_those_of_lists),
      cmocka_unit_test(a_level_more_is_what_it_would_be),
      cmocka_unit_test(half_the_hours_is_what_it_would_be),
      cmocka_unit_test(the_average_person_has_nothing_of_their_own),
      cmocka_unit_test(reasons_are_those_of_the_tables),
      cmocka_unit_test(evidence_is_what_was_known),
      cmocka_unit_test(a_baseline_is_told_without_terms),
      cmocka_unit_test(a_scorer_that_leaves_out_is_refused),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
