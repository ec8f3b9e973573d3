// labels: unit check
#include "tests/support/test.h"

#include <math.h>

#include "engine/scorer.h"
#include "tests/support/countdown.h"
#include "tests/support/gap_world.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"

/* What scores make of gaps, by hand: without any model but the profile, accept, success and
 * discount are 1, and value is what closing the gaps is worth. */

enum { DAY = 1000 };

/* ann holds R and wants T; bob holds N, which asks for nothing; both are held to have 2.5 in A
 * and 1 in C. */
static pfc_dataset *company(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_ROLES, "role_id,criticality,vacancies", "R,0.5,;T,0.25,3;N,,");
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B;C");
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,goal_role_id", "ann,R,T;bob,N,");
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance,compliance",
            "R,A,4,0.5,1;T,A,5,0.75,1;T,C,3,,");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "low;mid;full;both;other;free");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "low,A,3;mid,A,4.5;full,A,;both,A,5;both,C,2;other,B,5");
  return ds;
}
static const double HELD[] = {2.5, 2.5, 1};

/* A bundle of nothing but a profile, by which every programme carries the whole way. */
static pfc_bundle *profiled(const pfc_dataset *ds) {
  pfc_bundle *bundle = profiled_bundle(ds, 3, HELD);
  bundle->profile.taught = 1;
  return bundle;
}

static pfc_scorer_settings on_day(void) {
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = DAY;
  return s;
}

static pfc_score score_of(const scored *s, const pfc_dataset *ds, const char *person,
                          const char *intervention) {
  const int32_t p = test_code(ds, "person", person),
                i = test_code(ds, "intervention", intervention);
  return s->scores[p * s->n + i]; /* all are candidates, in order of their codes */
}

static void assert_score(const pfc_score *s, double value, double gap, double gap_closed) {
  assert_near(s->value, value, 1e-6);
  assert_near(s->gap, gap, 1e-6);
  assert_near(s->gap_closed, gap_closed, 1e-6);
}

static void value_is_what_gaps_weigh(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_bundle *bundle = profiled(ds);
  const pfc_scorer_settings settings = on_day();
  scored s = scoring_run(bundle, ds, &settings);
  const double to3 = gap_shortfall(2.5, 1, 3), to4 = gap_shortfall(2.5, 1, 4),
               to45 = gap_shortfall(2.5, 1, 4.5), to5 = gap_shortfall(2.5, 1, 5),
               c2 = gap_shortfall(1, 1, 2);
  /* R: importance 0.5, criticality 0.5, compliance 3. T: 0.75 or 1, 0.25, 1 + 3 vacancies of
   * one, wished for by 0.3. */
  const double held = 0.5 * 0.5 * 3, wished = 0.75 * 0.25 * 4 * 0.3, new = 0.25 * 4 * 0.3;
  const pfc_score low = score_of(&s, ds, "ann", "low"), mid = score_of(&s, ds, "ann", "mid"),
                  full = score_of(&s, ds, "ann", "full"),
                  both = score_of(&s, ds, "ann", "both");
  assert_score(&low, held * to3, to3, to3);
  assert_score(&mid, held * to4 + wished * (to45 - to4), to45, to45);
  assert_score(&full, held * to4 + wished * (to5 - to4), to5, to5);
  assert_score(&both, held * to4 + wished * (to5 - to4) + new *c2, to5, to5 + c2);
  /* Nothing is asked for in B; free has no target. */
  const pfc_score other = score_of(&s, ds, "ann", "other"),
                  free_one = score_of(&s, ds, "ann", "free");
  assert_score(&other, 0, 0, 0);
  assert_near(free_one.gap_closed, free_one.value, 0);
  /* Of bob nothing is required: every target counts 1. */
  const pfc_score alike = score_of(&s, ds, "bob", "both");
  assert_score(&alike, 2, (double)NAN, 2);
  scoring_clear(&s);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

static void weights_are_settings(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_bundle *bundle = profiled(ds);
  pfc_scorer_settings settings = on_day();
  settings.gaps.goal_weight = 0;
  settings.gaps.compliance_factor = 1;
  settings.gaps.criticality_weight = 0;
  settings.gaps.as_of = 3; /* the scorer's counts */
  scored s = scoring_run(bundle, ds, &settings);
  const pfc_score both = score_of(&s, ds, "ann", "both");
  assert_near(both.value, 0.5 * gap_shortfall(2.5, 1, 4), 1e-6);
  scoring_clear(&s);
  settings.gaps.goal_weight = 2;
  pfc_scorer *none = NULL;
  assert_fails(pfc_scorer_create(bundle, ds, &settings, &none, &err), PFC_EUSAGE,
               "goal_weight: 0 up to 1 expected, not 2");
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* Half of the way: beyond what is required a half closes more than half. Hours and cost have a
 * price; harm is worth less than nothing and is not listed. */
static void shares_and_prices_count(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_bundle *bundle = profiled(ds);
  pfc_scorer_settings settings = on_day();
  settings.gaps.goal_weight = 0;
  bundle->profile.taught = 0.5;
  scored s = scoring_run(bundle, ds, &settings);
  const pfc_score low = score_of(&s, ds, "ann", "low"), both = score_of(&s, ds, "ann", "both");
  const double held = 0.5 * 0.5 * 3;
  assert_near(low.teaches, 0.5, 0);
  assert_score(&low, held * 0.5 * gap_shortfall(2.5, 1, 3), 0.5 * gap_shortfall(2.5, 1, 3),
               0.5 * gap_shortfall(2.5, 1, 3));
  /* L + (5 - L) / 2 = 4 at L = 3: from 4 - L to 4 - L - (5 - L) / 2 = (3 - L) / 2 is missing.
   */
  const double to5 = gap_shortfall(2.5, 1, 4) - 0.5 * gap_shortfall(2.5, 1, 3);
  assert_near(both.value, held * to5, 1e-6);
  scoring_clear(&s);
  bundle->profile.taught = -0.3;
  s = scoring_run(bundle, ds, &settings);
  const pfc_score harm = score_of(&s, ds, "ann", "low");
  assert_true(harm.value < 0 && harm.gap < 0);
  pfc_score list[6];
  const int32_t ann = test_code(ds, "person", "ann");
  assert_ok(pfc_scorer_begin(s.scorer, 0, 1, &ann, &err));
  assert_ok(pfc_scorer_look(s.scorer, 0, 0, &err));
  assert_int_equal(pfc_scorer_shortlist(s.scorer, 0, 0, 6, 0, list), 0);
  assert_int_equal(pfc_scorer_shortlist(s.scorer, 0, 0, 6, -1e9, list), 6);
  scoring_clear(&s);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

static void hours_and_cost_have_a_price(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_bundle *bundle = pfc_bundle_create();
  assert_true(ds && bundle);
  test_rows(ds, PFC_PEOPLE, "person_id", "ann");
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,hours,cost", "a,40,10;b,40,;c,,10;d,,");
  pfc_scorer_settings settings = on_day();
  settings.hour_price = 0.002;
  settings.cost_weight = 0.03;
  scored s = scoring_run(bundle, ds, &settings);
  const double price[] = {0.08 + 0.3, 0.08, 0.3, 0};
  for (int j = 0; j < 4; j++) {
    assert_near(s.scores[j].price, price[j], 1e-15);
    assert_near(s.scores[j].value, 1 - price[j], 1e-15);
  }
  scoring_clear(&s);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* A rating of the day is seen from the day after on. */
static void ratings_count_from_the_day_after(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "ann,A,5,test,1000");
  pfc_bundle *bundle = profiled(ds);
  pfc_scorer_settings settings = on_day();
  scored before = scoring_run(bundle, ds, &settings);
  settings.as_of = DAY + 1;
  scored after = scoring_run(bundle, ds, &settings);
  const pfc_score a = score_of(&before, ds, "ann", "full"),
                  b = score_of(&after, ds, "ann", "full");
  assert_near(a.gap, gap_shortfall(2.5, 1, 5), 1e-6);
  assert_true(b.gap < 0.7 * a.gap && b.gap > 0);
  scoring_clear(&before);
  scoring_clear(&after);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

typedef struct both {
  pfc_dataset *ds;
  pfc_bundle *bundle;
} both;

static pfc_status score_once(void *user) {
  const both *b = user;
  pfc_scorer *scorer = NULL;
  pfc_score scores[2 * 6];
  uint8_t allowed[2 * 6];
  const int32_t people[] = {0, 1};
  const pfc_scorer_settings settings = on_day();
  pfc_status st = pfc_scorer_create(b->bundle, b->ds, &settings, &scorer, NULL);
  if (st == PFC_OK) st = pfc_scorer_tile(scorer, 0, 2, people, scores, allowed, NULL);
  if (st == PFC_OK) st = pfc_scorer_begin(scorer, 0, 2, people, NULL);
  if (st == PFC_OK) st = pfc_scorer_look(scorer, 0, 0, NULL);
  if (st == PFC_OK) assert_true(pfc_scorer_shortlist(scorer, 0, 0, 6, 0, scores) > 0);
  pfc_scorer_destroy(scorer);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  both b = {ds, profiled(ds)};
  assert_true(count_down(score_once, &b) >= 30);
  pfc_bundle_destroy(b.bundle);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(value_is_what_gaps_weigh),
      cmocka_unit_test(weights_are_settings),
      cmocka_unit_test(shares_and_prices_count),
      cmocka_unit_test(hours_and_cost_have_a_price),
      cmocka_unit_test(ratings_count_from_the_day_after),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("engine/scorer_gaps", tests, NULL, NULL);
}
