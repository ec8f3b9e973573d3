// labels: property check
/* Lists from a file, judged as counted by hand: ties, what is not listed, what is no candidate,
 * no list at all; mandates; what lists show; the recommended. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/par.h"
#include "tests/support/countdown.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

static int set_up(void **state) {
  (void)state;
  return pfc_par_init(2, NULL);
}

/* a, b and d teach X to levels 1, 2, 3; c teaches Y; d closes on day 125 and nobody has
 * started it before day 100. Candidates: p1 b c d (a is passed), p2 all, p3 and p4 a b c. In
 * training a has three takers, b one, c two, of five people. */
static pfc_dataset *four_courses(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id,closes_on", "a,;b,;c,;d,125");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "a,X,1;b,X,2;c,Y,1;d,X,3");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p1,a,10,20,passed;p2,b,11,20,failed;p3,c,12,,in_progress;p5,a,13,20,failed;"
            "p6,a,14,20,failed;p5,c,15,20,failed;"
            "p1,c,110,,in_progress;p2,a,120,,in_progress;p2,d,120,,in_progress;"
            "p3,a,130,,in_progress;p4,a,140,,in_progress");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 100};
  return ds;
}

/* c before d, of equal scores; a is none of p1's candidates; p2 is told nothing of c and d, p3
 * nothing at all. With those who started it in capitals: p1 C d b, p2 b A, p3 -, p4 A. */
static const char LISTS[] =
    "person_id,intervention_id,score\n"
    "p1,a,9\np1,d,5\np1,c,5\np1,b,1\np2,b,3\np2,a,2\np4,a,1\n";

static pfc_predictions *told(const pfc_dataset *ds, const char *text) {
  pfc_predictions *p = NULL;
  test_write_file("told.csv", text, strlen(text));
  assert_ok(pfc_predictions_load("told.csv", ds, &p, &err));
  return p;
}

static cJSON *judge(const pfc_dataset *ds, const pfc_predictions *p, int resamples) {
  const pfc_contestant c = {"told.csv", NULL, p};
  pfc_evaluate_settings s = figures_settings(resamples);
  cJSON *json = NULL;
  s.n_k = 2; /* 1 and 2 */
  s.curves = true;
  assert_ok(pfc_evaluate(1, &c, ds, &s, &json, &err));
  return json;
}

static void lists_are_those_counted_by_hand(void **state) {
  (void)state;
  pfc_dataset *ds = four_courses();
  pfc_predictions *p = told(ds, LISTS);
  cJSON *json = judge(ds, p, 20);
  const double second = 1 / log2(3);
  assert_near(figure_part(json, "affinity.mrr", "n"), 3, 0);
  assert_near(figure_value(json, "affinity.mrr"), (1 + 1.0 / 2 + 0) / 3, 1e-12);
  assert_near(figure_value(json, "affinity.map"), (1 + 1.0 / 4 + 0) / 3, 1e-12);
  assert_near(figure_value(json, "affinity.recall_at_1"), 1.0 / 3, 1e-12);
  assert_near(figure_value(json, "affinity.recall_at_2"), (1 + 1.0 / 2 + 0) / 3, 1e-12);
  assert_near(figure_value(json, "affinity.ndcg_at_2"), (1 + second / (1 + second) + 0) / 3,
              1e-12);
  assert_near(figure_value(json, "affinity.precision_at_2"), (0.5 + 0.5 + 0) / 3, 1e-12);
  assert_near(figure_value(json, "affinity.hit_rate_at_2"), 2.0 / 3, 1e-12);
  assert_near(figure_value(json, "affinity_new_people.mrr"), 1, 1e-12);
  assert_true(figure_part(json, "affinity.mrr", "lo") <= 0.5);
  assert_true(figure_part(json, "affinity.mrr", "hi") >= 0.5);
  cJSON_Delete(json);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

/* Shown among the first two: c d, b a and nothing. */
static void what_lists_show_is_told(void **state) {
  (void)state;
  pfc_dataset *ds = four_courses();
  pfc_predictions *p = told(ds, LISTS);
  cJSON *json = judge(ds, p, 0);
  assert_near(figure_value(json, "affinity.coverage_at_2"), 1, 1e-12);
  assert_near(figure_value(json, "affinity.gini_at_2"), 0, 1e-12);
  assert_near(figure_part(json, "affinity.diversity_at_2", "n"), 2, 0);
  assert_near(figure_value(json, "affinity.diversity_at_2"), (1 + 0) / 2.0, 1e-12);
  assert_near(figure_value(json, "affinity.novelty_at_2"),
              -(log2(3.0 / 7) + log2(1.0 / 7) + log2(2.0 / 7) + log2(4.0 / 7)) / 4, 1e-12);
  const cJSON *lorenz = figure_at(json, "affinity.curves.lorenz");
  for (int k = 0; k <= 4; k++) { /* all alike: the diagonal */
    assert_near(cJSON_GetArrayItem(figure_at(lorenz, "items"), k)->valuedouble, k / 4.0, 1e-12);
    assert_near(cJSON_GetArrayItem(figure_at(lorenz, "exposure"), k)->valuedouble, k / 4.0,
                1e-12);
  }
  assert_null(cJSON_GetArrayItem(figure_at(lorenz, "items"), 5));
  /* Popularity (a 3, c 2, d the mean 2, b 1) shows c d, a c, a c: of six the least shown, b,
   * has none, then d 1, a 2, c 3. */
  const cJSON *popular = figure_at(json, "affinity.curves.lorenz_popularity.exposure");
  const double share[] = {0, 0, 1.0 / 6, 3.0 / 6, 1};
  for (int k = 0; k <= 4; k++) {
    assert_near(cJSON_GetArrayItem(popular, k)->valuedouble, share[k], 1e-12);
  }
  cJSON_Delete(json);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

/* c for everybody: p1 has nothing to be told any more, and popularity shows a first. d for a
 * role that p2 took up in time, so that only a is relevant: b A. */
static void what_must_be_taken_is_no_recommendation(void **state) {
  (void)state;
  pfc_dataset *ds = four_courses();
  test_rows(ds, PFC_MANDATES, "intervention_id,role_id,unit_id,due_on",
            "c,,,;d,R,,;a,R,elsewhere,;b,Q,,");
  test_rows(ds, PFC_POSITIONS, "person_id,from,role_id,unit_id", "p2,0,R,here;p3,135,Q,here");
  pfc_predictions *p = told(ds, LISTS);
  cJSON *json = judge(ds, p, 0);
  assert_near(figure_part(json, "affinity.mrr", "n"), 2, 0);
  assert_near(figure_value(json, "affinity.mrr"), (1.0 / 2 + 0) / 2, 1e-12);
  assert_near(figure_value(json, "affinity.map"), (1.0 / 2 + 0) / 2, 1e-12);
  assert_near(figure_baseline(json, "affinity.mrr", "popularity"), 1, 1e-12);
  cJSON_Delete(json);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

/* --- the recommended ---------------------------------------------------------------------- */

/* Twelve courses a to l; p, q and r start one each on day 100, two pass. The list of p has its
 * course first, that of q in place 10, that of r in place 11. */
static pfc_dataset *twelve_courses(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_INTERVENTIONS, "intervention_id", "a;b;c;d;e;f;g;h;i;j;k;l");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p,l,10,20,failed;q,l,11,20,passed;p,a,100,110,failed;q,j,100,110,passed;"
            "r,k,100,110,passed");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 100};
  return ds;
}

static void the_recommended_are_the_first_ten(void **state) {
  (void)state;
  pfc_dataset *ds = twelve_courses();
  char text[4096] = "person_id,intervention_id,rank,p_success\n";
  for (int i = 0; i < 36; i++) {
    const size_t at = strlen(text);
    (void)snprintf(text + at, sizeof text - at, "%c,%c,%d,%s\n", "pqr"[i / 12], 'a' + i % 12,
                   1 + i % 12,
                   i / 12 == 0   ? "0.9"
                   : i / 12 == 1 ? "0.6"
                                 : "0.1");
  }
  pfc_predictions *p = told(ds, text);
  cJSON *json = judge(ds, p, 0);
  assert_near(figure_part(json, "success.mean_gap", "n"), 3, 0);
  assert_near(figure_value(json, "success.mean_gap"), (0.9 + 0.6 + 0.1) / 3 - 2.0 / 3, 1e-12);
  assert_near(figure_part(json, "success.recommended.mean_gap", "n"), 2, 0);
  assert_near(figure_value(json, "success.recommended.mean_gap"), (0.9 + 0.6) / 2 - 1.0 / 2,
              1e-12);
  /* Among all, tenths of mass hold one row each: bins 1, 5 and 8. */
  assert_near(figure_value(json, "success.ece"), (0.1 - 1 + 0.6 - 1) / -3 + 0.9 / 3, 1e-12);
  const cJSON *lift = figure_at(json, "success.curves.lift");
  assert_int_equal(cJSON_GetArraySize(lift), 3);
  assert_near(figure_at(cJSON_GetArrayItem(lift, 0), "mean_p")->valuedouble, 0.9, 1e-12);
  assert_near(figure_at(cJSON_GetArrayItem(lift, 0), "lift")->valuedouble, 0, 1e-12);
  assert_near(figure_at(cJSON_GetArrayItem(lift, 1), "lift")->valuedouble, 1.5, 1e-12);
  const cJSON *bins = figure_at(json, "success.curves.reliability");
  assert_near(figure_at(cJSON_GetArrayItem(bins, 0), "p")->valuedouble, 0.1, 1e-12);
  assert_near(figure_at(cJSON_GetArrayItem(bins, 0), "observed")->valuedouble, 1, 1e-12);
  cJSON_Delete(json);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

/* --- refusals, memory --------------------------------------------------------------------- */

static void rows_that_are_not_told_are_named(void **state) {
  (void)state;
  pfc_dataset *ds = twelve_courses();
  pfc_predictions *p = told(ds,
                            "person_id,intervention_id,p_success\n"
                            "p,a,0.5\nq,j,\nr,l,0.5\n");
  const pfc_contestant c = {"told.csv", NULL, p};
  const pfc_evaluate_settings s = figures_settings(0);
  cJSON *json = NULL;
  assert_fails(
      pfc_evaluate(1, &c, ds, &s, &json, &err), PFC_EDATA,
      "told.csv: p_success is missing for 2 of the 3 starts that are judged; the first "
      "is of person_id 'q', intervention_id 'j', competency_id '', date '1970-04-11'");
  assert_null(json);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

static void contestants_are_checked(void **state) {
  (void)state;
  pfc_dataset *ds = four_courses();
  pfc_predictions *p = told(ds, LISTS);
  pfc_contestant many[PFC_MAX_CONTESTANTS + 1];
  for (int i = 0; i <= PFC_MAX_CONTESTANTS; i++) many[i] = (pfc_contestant){"x", NULL, p};
  const pfc_evaluate_settings s = figures_settings(0);
  cJSON *json = NULL;
  assert_fails(pfc_evaluate(0, many, ds, &s, &json, &err), PFC_EUSAGE, "not 0");
  assert_fails(pfc_evaluate(PFC_MAX_CONTESTANTS + 1, many, ds, &s, &json, &err), PFC_EUSAGE,
               "not 17");
  many[1].predictions = NULL;
  assert_fails(pfc_evaluate(2, many, ds, &s, &json, &err), PFC_EUSAGE, "contestant 1");
  assert_null(json);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

typedef struct judging {
  const pfc_dataset *ds;
  pfc_contestant three[3];
  pfc_evaluate_settings settings;
} judging;

static pfc_status judge_three(void *user) {
  const judging *j = user;
  cJSON *json = NULL;
  const pfc_status st = pfc_evaluate(3, j->three, j->ds, &j->settings, &json, NULL);
  cJSON_Delete(json);
  return st;
}

static void nothing_is_left_behind_when_memory_is_short(void **state) {
  (void)state;
  pfc_dataset *ds = four_courses();
  test_rows(ds, PFC_EPISODES, "person_id,intervention_id,started_on,duration_days,event",
            "p5,a,13,20,proficient;p6,a,14,30,proficient;p2,d,120,7,proficient;"
            "p3,a,130,9,censored");
  pfc_predictions *p = told(ds,
                            "person_id,intervention_id,score,p_success,p_by_5d,p_by_10d,"
                            "p10_days,p50_days,p90_days\n"
                            "p1,c,1,0.5,0.2,0.4,1,2,3\np2,d,2,0.5,0.1,0.4,1,2,3\n"
                            "p3,a,3,0.25,0.2,0.5,1,2,3\n");
  pfc_train_settings training;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&training);
  training.models = PFC_TRAIN_AFFINITY | PFC_TRAIN_TIME;
  training.als.rank = 1;
  training.time_min_events = 1;
  assert_ok(pfc_train(ds, &training, &b, &report, &err));
  assert_true(b->has_affinity && b->has_time);
  judging j = {ds, {{"one", NULL, p}, {"b", b, NULL}, {"two", NULL, p}}, figures_settings(2)};
  j.settings.curves = true;
  omp_set_num_threads(1);
  assert_true(count_down(judge_three, &j) > 100);
  omp_set_num_threads(2);
  pfc_bundle_destroy(b);
  pfc_predictions_destroy(p);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_are_those_counted_by_hand),
      cmocka_unit_test(what_lists_show_is_told),
      cmocka_unit_test(what_must_be_taken_is_no_recommendation),
      cmocka_unit_test(the_recommended_are_the_first_ten),
      cmocka_unit_test(rows_that_are_not_told_are_named),
      cmocka_unit_test(contestants_are_checked),
      cmocka_unit_test(nothing_is_left_behind_when_memory_is_short),
  };
  return cmocka_run_group_tests_name("trainer/evaluate_lists", tests, set_up, NULL);
}
