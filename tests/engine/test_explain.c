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
#include "tests/support/explained.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

/* An explanation is right when its terms add up to what scores, when what it supposes comes
 * true in a world that is so, and when the reasons it gives are those that the tables hold. */

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
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
    const pfc_decision d = {x->person, x->intervention, cat->competency[t], EXPLAINED_DAY, -1,
                            -1};
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
  const pfc_scorer_settings settings = explained_settings(1);
  explained t = explained_open(b, ds, &settings);
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
  explained_close(&t);
}

static void everything_adds_up(void **state) {
  (void)state;
  const uint64_t seed = test_seed(31);
  pfc_dataset *ds = explained_company(seed), *abroad = company_create(seed + 100, 1);
  pfc_bundle *all = explained_models(ds);
  check_company(all, ds, 4);
  check_company(all, abroad, 9); /* people, courses and kinds that no model knows */
  pfc_bundle_destroy(all);
  pfc_dataset_destroy(abroad);
  pfc_dataset_destroy(ds);
}

static void fewer_models_add_up_too(void **state) {
  (void)state;
  pfc_dataset *ds = explained_company(test_seed(32));
  const unsigned models[] = {PFC_TRAIN_AFFINITY, PFC_TRAIN_TIME, PFC_TRAIN_SUCCESS,
                             PFC_TRAIN_PROFILE};
  for (int k = 0; k < 4; k++) {
    pfc_bundle *b = scoring_train(ds, models[k]);
    check_company(b, ds, 9);
    pfc_bundle_destroy(b);
  }
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
            "not_r,,,,,;after,,,,,;asks,,,,,;done,,,,,;on,,,,,;blocked,,,,,;refused,,,,,");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "free,A,4;late,A,4;early,A,4;full,B,3;heavy,A,4;for_s,A,4;not_r,A,4;after,A,4;"
            "asks,A,4;done,B,2;on,A,4;blocked,A,4;refused,A,4");
  test_rows(ds, PFC_ELIGIBILITY, "intervention_id,role_id,allow", "for_s,S,1;not_r,R,0");
  test_rows(ds, PFC_PREREQUISITES,
            "intervention_id,requires_intervention_id,requires_competency_id,requires_level",
            "after,free,,;asks,,A,3");
  test_rows(
      ds, PFC_OVERRIDES, "person_id,intervention_id,action,reason,actor,expires_on",
      "bob,blocked,block,no,eve,;ann,blocked,block,wait,eve,450;ann,blocked,block,was,eve,"
      "390");
  /* Days 310 and 350; bob's no is not ann's. */
  test_rows(ds, PFC_FEEDBACK, "person_id,intervention_id,at,kind",
            "bob,free,30240000,declined;ann,refused,26784000,accepted;"
            "ann,refused,30240000,declined;ann,refused,30240060,shown");
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
  const pfc_scorer_settings settings = explained_settings(1);
  explained t = explained_open(b, ds, &settings);
  pfc_explanation x = explained_of(&t, "ann", "free");
  assert_true(x.is_allowed);
  assert_int_equal(x.n_facts, 0);

#define FACT(id, of)               \
  x = explained_of(&t, "ann", id); \
  assert_false(x.is_allowed);      \
  assert_int_equal(x.rank, 0);     \
  assert_true(x.n_facts >= 1);     \
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
  FACT("refused", PFC_RULE_DECLINED);
  assert_int_equal(x.n_facts, 1);
  assert_int_equal(x.fact[0].row, 2);
  assert_int_equal(x.fact[0].day, 350);
  assert_near(x.fact[0].asked, 90, 0);
  assert_near(x.fact[0].have, pfc_scorer_as_of(t.scorer) - 350, 0);
  FACT("blocked", PFC_RULE_BLOCKED);
  assert_int_equal(x.n_facts, 1);
  assert_int_equal(x.fact[0].row, 1);
  assert_int_equal(x.fact[0].day, 450);

  /* Without the one rule it would stand where its value puts it: all of A up to 4 are worth
   * alike, and lower codes stand first. */
  const pfc_what_if *w = explained_if(&x, PFC_IF_RULE, -1);
  assert_non_null(w);
  assert_int_equal(w->rule, PFC_RULE_BLOCKED);
  assert_int_equal(w->rank, 2);
  assert_int_equal(w->first, test_code(ds, "intervention", "free"));
  assert_null(explained_if(&x, PFC_IF_RULES, -1));
  explained_close(&t);
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
  const pfc_scorer_settings settings = explained_settings(1);
  explained t = explained_open(b, ds, &settings);
  pfc_explanation x = explained_of(&t, "ann", "ab");
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
  x = explained_of(&t, "bob", "a");
  assert_int_equal(x.starts, 3);
  assert_int_equal(x.results, 2);
  assert_int_equal(x.passes, 1);
  assert_int_equal(x.n_heard + x.n_lessons, 0);
  x = explained_of(&t, "ann", "none");
  assert_int_equal(x.starts_alike, 0);
  explained_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* --- edges -------------------------------------------------------------------------------- */

static void a_baseline_is_told_without_terms(void **state) {
  (void)state;
  pfc_dataset *ds = explained_company(test_seed(37));
  pfc_train_settings how;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&how);
  how.baseline.kind = PFC_BASELINE_POPULARITY;
  assert_ok(pfc_train(ds, &how, &b, &report, &err));
  const pfc_scorer_settings settings = explained_settings(1);
  explained t = explained_open(b, ds, &settings);
  const pfc_explanation x = explained_of(&t, "p0", "i0");
  assert_int_equal(x.n_terms + x.n_breakdowns, 0);
  assert_null(x.gaps);
  assert_true(x.starts > 0);
  explained_close(&t);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void a_scorer_that_leaves_out_is_refused(void **state) {
  (void)state;
  pfc_dataset *ds = explained_company(38);
  pfc_bundle *b = scoring_train(ds, PFC_TRAIN_AFFINITY);
  const pfc_scorer_settings settings = explained_settings(0);
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
  pfc_dataset *ds = explained_company(39);
  pfc_bundle *b = explained_models(ds);
  const pfc_scorer_settings settings = explained_settings(1);
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
      cmocka_unit_test(reasons_are_those_of_the_tables),
      cmocka_unit_test(evidence_is_what_was_known),
      cmocka_unit_test(a_baseline_is_told_without_terms),
      cmocka_unit_test(a_scorer_that_leaves_out_is_refused),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
