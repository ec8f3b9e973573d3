// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/scorer.h"
#include "tests/oracle/score_oracle.h"
#include "tests/support/company.h"
#include "tests/support/near.h"
#include "tests/support/profiled.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

/* Trained on `home`; `abroad` has other facts, other codes, and people, interventions, kinds,
 * topics and competencies that the models never saw. */
static pfc_dataset *home, *abroad;
static pfc_bundle *all, *success_only, *time_only, *affinity_only;

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  const uint64_t seed = test_seed(71);
  home = company_create_split(seed, 0);
  abroad = company_create(seed + 1, 1);
  all = scoring_train(home, PFC_TRAIN_ALL);
  all->success.calibration = (pfc_beta){0.7, 0.9, 0.3};
  all->affinity.accept_calibration = (pfc_beta){1.2, 0.9, -0.1};
  success_only = scoring_train(home, PFC_TRAIN_SUCCESS);
  time_only = scoring_train(home, PFC_TRAIN_TIME);
  affinity_only = scoring_train(home, PFC_TRAIN_AFFINITY);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_bundle_destroy(all);
  pfc_bundle_destroy(success_only);
  pfc_bundle_destroy(time_only);
  pfc_bundle_destroy(affinity_only);
  pfc_dataset_destroy(home);
  pfc_dataset_destroy(abroad);
  return 0;
}

static pfc_scorer_settings as_of(int32_t day) {
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = day;
  s.by_days[0] = 33;
  s.by_days[1] = 71;
  s.discount_per_day = 0.004;
  s.cost_weight = 0.0002;
  s.hour_price = 0.003;
  return s;
}

/* --- the definition ---------------------------------------------------------------------- */

#define CLOSE(field, tolerance)                                                \
  do {                                                                         \
    const double a_ = got->field, b_ = want->field;                            \
    if (!(fabs(a_ - b_) <= (tolerance)) && !(isnan(a_) && isnan(b_)))          \
      fail_msg("%s of p %d, i %d: %.12g, by definition %.12g", #field, person, \
               want->intervention, a_, b_);                                    \
  } while (0)
#define RELATIVE(field) CLOSE(field, 1e-5 * fabs(want->field))

static void compare(const score_oracle *o, int32_t person, const pfc_score *got,
                    const pfc_score *want, double affinity_error) {
  const double slope = o->fold ? fabs(o->bundle->affinity.accept_slope) : 0;
  assert_int_equal(got->intervention, want->intervention);
  assert_int_equal(got->target, want->target);
  assert_int_equal(got->cold, want->cold);
  assert_int_equal(got->evidence_n, want->evidence_n);
  CLOSE(affinity, 1e-5 * fabs(want->affinity) + affinity_error);
  CLOSE(accept, 1e-5 * want->accept + slope * affinity_error);
  RELATIVE(p_success);
  RELATIVE(p_by[0]);
  RELATIVE(p_by[1]);
  for (int q = 0; q < 3; q++) CLOSE(quantile_days[q], 1e-6 + 1e-5 * want->quantile_days[q]);
  RELATIVE(incidence);
  CLOSE(teaches, 0);
  CLOSE(gap, 1e-7); /* the oracle integrates */
  CLOSE(gap_closed, 1e-5 * want->gap_closed + 1e-9);
  CLOSE(value, (1e-5 + slope * affinity_error) * (want->gap_closed + want->price) + 1e-9);
  RELATIVE(discount);
  RELATIVE(anyway);
  CLOSE(price, 1e-12 * want->price);
}

/* Every second person and all candidates, tile against definition. */
static void check_all(const pfc_bundle *bundle, const pfc_dataset *ds,
                      pfc_scorer_settings settings) {
  score_oracle o;
  scored s = scoring_run(bundle, ds, &settings);
  score_oracle_open(&o, bundle, ds, &settings);
  const int32_t *candidate = pfc_scorer_candidates(s.scorer);
  for (int32_t p = 0; p < s.n_people; p += 2) {
    for (int32_t j = 0; j < s.n; j++) {
      double affinity_error;
      const pfc_score want = score_oracle_pair(&o, p, candidate[j], &affinity_error);
      compare(&o, p, &s.scores[p * s.n + j], &want, affinity_error);
      if (s.allowed[p * s.n + j]) assert_true(score_oracle_allows(&o, p, candidate[j]));
    }
  }
  assert_true(s.n > 5);
  score_oracle_close(&o);
  scoring_clear(&s);
}

static void tiles_follow_the_definition(void **state) {
  (void)state;
  check_all(all, home, as_of(COMPANY_SPLIT));
}

static void others_are_scored_by_name_and_not_by_code(void **state) {
  (void)state;
  check_all(all, abroad, as_of(200));
}

static void any_one_model_will_do(void **state) {
  (void)state;
  check_all(success_only, home, as_of(COMPANY_SPLIT));
  check_all(time_only, abroad, as_of(300));
  check_all(affinity_only, home, as_of(COMPANY_SPLIT));
}

/* Two of the company's roles ask for something, one of them for a competency in which nobody is
 * ever rated and for one at which nothing aims. */
static void needs_weigh_targets(void **state) {
  (void)state;
  pfc_dataset *ds = company_create_split(test_seed(17), 0);
  const char *first = pfc_dict_text(pfc_dataset_find_dict(ds, "role"), 0);
  const char *second = pfc_dict_text(pfc_dataset_find_dict(ds, "role"), 1);
  char rows[256];
  (void)snprintf(rows, sizeof rows,
                 "%s,c0,2,0.25;%s,c1,3.5,;%s,c2,5,1;%s,c1,4,0.5;%s,unheard,3,1", first, first,
                 first, second, second);
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level,importance", rows);
  check_all(all, ds, as_of(COMPANY_SPLIT));
  check_all(success_only, ds, as_of(COMPANY_SPLIT));
  const double held[] = {1, 3.2, 2, 4, 0.5};
  pfc_bundle *profiled = scoring_train(home, PFC_TRAIN_SUCCESS);
  profiled_put(profiled, ds, 5, held);
  check_all(profiled, ds, as_of(COMPANY_SPLIT));
  pfc_bundle_destroy(profiled);
  pfc_dataset_destroy(ds);
}

/* The random company holds what the comparison is meant to meet. */
static void the_company_has_all_sorts(void **state) {
  (void)state;
  const pfc_scorer_settings settings = as_of(COMPANY_SPLIT);
  scored s = scoring_run(all, home, &settings);
  int cold_people = 0, cold_items = 0, refused = 0, later_targets = 0;
  const pfc_catalogue *cat = pfc_scorer_catalogue(s.scorer);
  for (int k = 0; k < s.n_people * s.n; k++) {
    cold_people += (s.scores[k].cold & PFC_COLD_PERSON) != 0;
    cold_items += (s.scores[k].cold & PFC_COLD_INTERVENTION) != 0;
    refused += !s.allowed[k];
    later_targets += s.scores[k].target > cat->first[s.scores[k].intervention];
  }
  assert_true(cold_people && cold_items && refused && later_targets);
  assert_true(all->time.n_groups > 0 && all->success.rank > 0);
  assert_true(all->time.horizon_days > settings.by_days[1]);
  assert_true(s.n < cat->n_interventions);
  scoring_clear(&s);
}

/* --- the same bits ----------------------------------------------------------------------- */

static void a_person_alone_has_the_same_bits(void **state) {
  (void)state;
  const pfc_scorer_settings settings = as_of(COMPANY_SPLIT);
  scored s = scoring_run(all, home, &settings);
  pfc_score *alone = pfc_alloc_array((size_t)s.n, sizeof *alone);
  uint8_t *allowed = pfc_alloc_array((size_t)s.n, 1);
  for (int32_t p = 0; p < s.n_people; p++) {
    assert_ok(pfc_scorer_tile(s.scorer, p % 2, 1, &p, alone, allowed, &err));
    for (int32_t j = 0; j < s.n; j++) {
      pfc_scorer_tell_times(s.scorer, p % 2, 0, &alone[j]);
      assert_true(scoring_same(&alone[j], &s.scores[p * s.n + j]));
      assert_int_equal(allowed[j], s.allowed[p * s.n + j]);
    }
  }
  pfc_free(alone);
  pfc_free(allowed);
  scoring_clear(&s);
}

static void the_number_of_threads_changes_no_bit(void **state) {
  (void)state;
  const pfc_scorer_settings settings = as_of(COMPANY_SPLIT);
  scored s[3];
  for (int t = 0; t < 3; t++) {
    assert_ok(pfc_par_init(t + 1, &err));
    s[t] = scoring_run(all, home, &settings);
  }
  for (int t = 1; t < 3; t++) {
    assert_int_equal(s[t].n, s[0].n);
    for (int k = 0; k < s[0].n_people * s[0].n; k++)
      assert_true(scoring_same(&s[t].scores[k], &s[0].scores[k]));
  }
  for (int t = 0; t < 3; t++) scoring_clear(&s[t]);
  assert_ok(pfc_par_init(2, &err));
}

/* --- rules ------------------------------------------------------------------------------- */

/* Two runs of a course, a higher one, one with two targets, one without; ann passed the first
 * run on day 20, bob failed it, eve is in it. */
static pfc_dataset *small(void) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,opens_on,closes_on,cost",
            "first,,,10;again,50,,;high,,,;both,10,60,;free,,,");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "first,c,3;again,c,3;high,c,4;both,c,3;both,d,2");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "ann,first,5,20,passed;bob,first,5,20,failed;eve,first,5,90,in_progress");
  return ds;
}

/* "first again ..": those that may be recommended to the person. */
static void assert_allowed(const pfc_dataset *ds, int32_t day, int include_closed,
                           const char *person, const char *names) {
  pfc_bundle *bundle = pfc_bundle_create();
  pfc_scorer_settings settings = as_of(day);
  settings.include_closed = include_closed;
  scored s = scoring_run(bundle, ds, &settings);
  const pfc_dict *dict = pfc_dataset_find_dict(ds, "intervention");
  const int32_t p = test_code(ds, "person", person);
  char text[256] = "";
  for (int32_t j = 0; j < s.n; j++) {
    if (!s.allowed[p * s.n + j]) continue;
    (void)strcat(text, *text ? " " : "");
    (void)strcat(text, pfc_dict_text(dict, s.scores[p * s.n + j].intervention));
  }
  assert_string_equal(text, names);
  scoring_clear(&s);
  pfc_bundle_destroy(bundle);
}

static void what_is_closed_or_passed_is_not_recommended(void **state) {
  (void)state;
  pfc_dataset *ds = small();
  assert_allowed(ds, 55, 0, "ann", "high both free");
  assert_allowed(ds, 55, 0, "bob", "first again high both free");
  assert_allowed(ds, 55, 0, "eve", "again high both free");
  assert_allowed(ds, 49, 0, "bob", "first high both free");
  assert_allowed(ds, 50, 0, "bob", "first again high both free");
  assert_allowed(ds, 60, 0, "bob", "first again high both free");
  assert_allowed(ds, 61, 0, "bob", "first again high free");
  pfc_dataset_destroy(ds);
}

static void everything_can_be_asked_for(void **state) {
  (void)state;
  pfc_dataset *ds = small();
  assert_allowed(ds, 5, 1, "ann", "first again high both free");
  assert_allowed(ds, 100, 1, "ann", "first again high both free");
  pfc_dataset_destroy(ds);
}

/* --- numbers ----------------------------------------------------------------------------- */

static pfc_score score_of(const scored *s, const pfc_dataset *ds, const char *person,
                          const char *intervention) {
  const int32_t p = test_code(ds, "person", person),
                i = test_code(ds, "intervention", intervention);
  for (int32_t j = 0; j < s->n; j++)
    if (s->scores[p * s->n + j].intervention == i) return s->scores[p * s->n + j];
  fail_msg("%s is no candidate", intervention);
  return s->scores[0];
}

/* Without any model a target counts 1, less the price. */
static void without_models_there_are_no_numbers(void **state) {
  (void)state;
  pfc_dataset *ds = small();
  pfc_bundle *bundle = pfc_bundle_create();
  pfc_scorer_settings settings = as_of(55);
  settings.cost_weight = 0.02;
  scored s = scoring_run(bundle, ds, &settings);
  const pfc_score both = score_of(&s, ds, "bob", "both"),
                  first = score_of(&s, ds, "bob", "first");
  assert_near(both.value, 2, 0);
  assert_near(both.gap_closed, 2, 0);
  assert_near(first.value, 1 - 0.02 * 10, 1e-15);
  assert_nan(first.accept);
  assert_nan(first.affinity);
  assert_nan(first.p_success);
  assert_nan(first.p_by[0]);
  assert_nan(first.p_by[1]);
  assert_nan(first.incidence);
  for (int q = 0; q < 3; q++) assert_nan(first.quantile_days[q]);
  double incidence;
  const double day = 30;
  assert_fails(pfc_scorer_curve(s.scorer, 0, 0, 1, &day, &incidence, &err), PFC_EDATA,
               "no time model");
  scoring_clear(&s);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

static void newcomers_and_evidence_are_told(void **state) {
  (void)state;
  pfc_dataset *ds = small();
  pfc_bundle *bundle = pfc_bundle_create();
  pfc_scorer_settings settings = as_of(55);
  scored s = scoring_run(bundle, ds, &settings);
  assert_int_equal(score_of(&s, ds, "ann", "first").cold, 0);
  assert_int_equal(score_of(&s, ds, "ann", "first").evidence_n, 3);
  assert_int_equal(score_of(&s, ds, "ann", "again").cold, PFC_COLD_INTERVENTION);
  assert_int_equal(score_of(&s, ds, "ann", "again").evidence_n, 3);
  assert_int_equal(score_of(&s, ds, "ann", "free").evidence_n, 0);
  scoring_clear(&s);
  settings.as_of = 5; /* nobody has started before that day */
  s = scoring_run(bundle, ds, &settings);
  assert_int_equal(score_of(&s, ds, "ann", "first").cold,
                   PFC_COLD_PERSON | PFC_COLD_INTERVENTION);
  assert_int_equal(score_of(&s, ds, "ann", "first").evidence_n, 0);
  scoring_clear(&s);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
}

/* Main target and value from the very columns that are shown, for single targets. */
static void values_are_made_of_their_columns(void **state) {
  (void)state;
  pfc_scorer_settings settings = as_of(COMPANY_SPLIT);
  settings.discount_per_day = 0; /* then the discount is 1 */
  scored s = scoring_run(all, home, &settings);
  const pfc_catalogue *cat = pfc_scorer_catalogue(s.scorer);
  for (int k = 0; k < s.n_people * s.n; k++) {
    const pfc_score *at = &s.scores[k];
    const int n = cat->first[at->intervention + 1] - cat->first[at->intervention];
    assert_near(at->gap_closed, n * at->teaches * at->p_success, 1e-12);
    assert_near(at->value, at->accept * (at->gap_closed - at->price), 1e-12);
    assert_true(at->p_by[0] <= at->p_by[1] && at->p_by[1] <= at->incidence);
    assert_true(at->quantile_days[0] <= at->quantile_days[1]);
    assert_true(at->quantile_days[1] <= at->quantile_days[2]);
    assert_true(at->quantile_days[2] <= all->time.horizon_days);
  }
  scoring_clear(&s);
}

static void curves_agree_with_scores(void **state) {
  (void)state;
  const pfc_scorer_settings settings = as_of(COMPANY_SPLIT);
  scored s = scoring_run(all, home, &settings);
  const double days[3] = {settings.by_days[0], settings.by_days[1], all->time.horizon_days};
  for (int32_t p = 0; p < s.n_people; p++) {
    for (int32_t j = 0; j < s.n; j++) {
      const pfc_score *at = &s.scores[p * s.n + j];
      double incidence[3];
      assert_ok(pfc_scorer_curve(s.scorer, p, at->target, 3, days, incidence, &err));
      assert_near(incidence[0], at->p_by[0], 1e-5 * at->p_by[0]);
      assert_near(incidence[1], at->p_by[1], 1e-5 * at->p_by[1]);
      assert_near(incidence[2], at->incidence, 1e-5 * at->incidence);
    }
  }
  scoring_clear(&s);
}

/* --- the day of decision ----------------------------------------------------------------- */

static int32_t day_of(const pfc_dataset *ds, int32_t asked) {
  pfc_bundle *bundle = pfc_bundle_create();
  pfc_scorer *scorer = NULL;
  pfc_scorer_settings settings;
  pfc_scorer_defaults(&settings);
  settings.as_of = asked;
  assert_ok(pfc_scorer_create(bundle, ds, &settings, &scorer, &err));
  const int32_t day = pfc_scorer_as_of(scorer);
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(bundle);
  return day;
}

static void decisions_fall_on_the_day_after_the_data(void **state) {
  (void)state;
  pfc_dataset *ds = small();
  assert_int_equal(day_of(ds, 70), 70);
  assert_int_equal(day_of(ds, PFC_NO_DATE), 91);
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,assessed_on", "ann,c,2,120");
  assert_int_equal(day_of(ds, PFC_NO_DATE), 121);
  test_rows(ds, PFC_EPISODES, "person_id,intervention_id,started_on,duration_days,event",
            "ann,a,130,5,proficient");
  assert_int_equal(day_of(ds, PFC_NO_DATE), 131);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 40};
  assert_int_equal(day_of(ds, PFC_NO_DATE), 40);
  assert_int_equal(day_of(ds, 70), 70);
  pfc_dataset_destroy(ds);
}

static void without_dates_now_is_after_everything(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,closes_on", "a,10;b,");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,status",
            "ann,a,passed;bob,a,failed");
  assert_int_equal(day_of(ds, PFC_NO_DATE), PFC_NO_DATE);
  assert_allowed(ds, PFC_NO_DATE, 0, "ann", "b");
  assert_allowed(ds, PFC_NO_DATE, 0, "bob", "a b");
  pfc_dataset_destroy(ds);
}

static void without_interventions_there_is_nothing_to_score(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_scorer *scorer = NULL;
  const pfc_scorer_settings settings = as_of(1);
  test_rows(ds, PFC_PEOPLE, "person_id", "ann");
  assert_fails(pfc_scorer_create(all, ds, &settings, &scorer, &err), PFC_EDATA,
               "no intervention");
  assert_null(scorer);
  pfc_dataset_destroy(ds);
}

/* --- settings ---------------------------------------------------------------------------- */

static void refused(const pfc_scorer_settings *s, const char *text) {
  pfc_scorer *scorer = NULL;
  assert_fails(pfc_scorer_check(s, &err), PFC_EUSAGE, text);
  assert_fails(pfc_scorer_create(all, home, s, &scorer, &err), PFC_EUSAGE, text);
  assert_null(scorer);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_scorer_settings s = as_of(1);
  assert_ok(pfc_scorer_check(&s, &err));
  s.struct_size--;
  refused(&s, "pfc_scorer_defaults");
  s = as_of(1);
  s.by_days[0] = 0;
  refused(&s, "by_days");
  s = as_of(1);
  s.by_days[1] = s.by_days[0];
  refused(&s, "by_days");
  s = as_of(1);
  s.by_days[1] = NAN;
  refused(&s, "by_days");
  const double bad_discount[] = {-0.1, 1, NAN}, bad_price[] = {-1, INFINITY, NAN};
  for (int k = 0; k < 3; k++) {
    s = as_of(1);
    s.discount_per_day = bad_discount[k];
    refused(&s, "discount_per_day");
    s = as_of(1);
    s.cost_weight = bad_price[k];
    refused(&s, "cost_weight");
    s = as_of(1);
    s.hour_price = bad_price[k];
    refused(&s, "hour_price");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tiles_follow_the_definition),
      cmocka_unit_test(others_are_scored_by_name_and_not_by_code),
      cmocka_unit_test(any_one_model_will_do),
      cmocka_unit_test(needs_weigh_targets),
      cmocka_unit_test(the_company_has_all_sorts),
      cmocka_unit_test(a_person_alone_has_the_same_bits),
      cmocka_unit_test(the_number_of_threads_changes_no_bit),
      cmocka_unit_test(what_is_closed_or_passed_is_not_recommended),
      cmocka_unit_test(everything_can_be_asked_for),
      cmocka_unit_test(without_models_there_are_no_numbers),
      cmocka_unit_test(newcomers_and_evidence_are_told),
      cmocka_unit_test(values_are_made_of_their_columns),
      cmocka_unit_test(curves_agree_with_scores),
      cmocka_unit_test(decisions_fall_on_the_day_after_the_data),
      cmocka_unit_test(without_dates_now_is_after_everything),
      cmocka_unit_test(without_interventions_there_is_nothing_to_score),
      cmocka_unit_test(settings_are_checked),
  };
  return cmocka_run_group_tests_name("engine/scorer", tests, set_up, tear_down);
}
