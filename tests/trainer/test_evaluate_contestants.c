// labels: property check
/* Several judged at once: against themselves, against another model, against what they say
 * themselves, by any number of threads. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "engine/ranker.h"
#include "models/fold.h"
#include "models/lent_levels.h"
#include "models/predict.h"
#include "tests/support/company.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"
#include "trainer/judged_rows.h"
#include "trainer/train.h"

static pfc_dataset *ds; /* a company under a split */
static pfc_bundle *first, *second;

static int set_up(void **state) {
  (void)state;
  pfc_train_settings s;
  pfc_train_report report;
  assert_ok(pfc_par_init(2, &err));
  ds = company_create_split(test_seed(77), 0);
  first = scoring_train(ds, PFC_TRAIN_ALL);
  pfc_train_defaults(&s);
  s.als.rank = 2;
  s.time_bins = 3;
  assert_ok(pfc_train(ds, &s, &second, &report, &err));
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_bundle_destroy(first);
  pfc_bundle_destroy(second);
  pfc_dataset_destroy(ds);
  return 0;
}

static cJSON *judge(int n, const pfc_contestant *c, int resamples) {
  const pfc_evaluate_settings s = figures_settings(resamples);
  cJSON *json = NULL;
  assert_ok(pfc_evaluate(n, c, ds, &s, &json, &err));
  return json;
}

static double number(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

static const char *text(const cJSON *object, const char *key) {
  return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void whoever_is_judged_against_themselves_does_not_differ(void **state) {
  (void)state;
  const pfc_contestant two[] = {{"a", first, NULL}, {"b", first, NULL}};
  cJSON *json = judge(2, two, 40);
  const cJSON *c, *list = figure_at(json, "comparisons");
  int n_resampled = 0;
  cJSON_ArrayForEach(c, list) {
    if (isnan(number(c, "difference"))) continue;
    assert_near(number(c, "difference"), 0, 0);
    if (isnan(number(c, "p"))) continue; /* without intervals: how lists spread */
    n_resampled++;
    assert_near(number(c, "lo"), 0, 0);
    assert_near(number(c, "hi"), 0, 0);
    assert_near(number(c, "p"), 1, 0);
    assert_near(number(c, "p_holm"), 1, 0);
  }
  assert_true(n_resampled > 40);
  cJSON_Delete(json);
}

/* Figures of others are those they have alone, and differences are differences. */
static void others_have_the_figures_they_have_alone(void **state) {
  (void)state;
  const pfc_contestant two[] = {{"a", first, NULL}, {"b", second, NULL}};
  cJSON *both = judge(2, two, 40), *alone = judge(1, two + 1, 40);
  const cJSON *other = cJSON_GetArrayItem(figure_at(both, "against"), 0), *c;
  assert_null(cJSON_GetObjectItem(alone, "comparisons"));
  assert_string_equal(text(other, "model"), "b");
  int n = 0;
  cJSON_ArrayForEach(c, figure_at(both, "comparisons")) {
    const char *path = text(c, "figure");
    assert_string_equal(text(c, "model"), "a");
    assert_string_equal(text(c, "against"), "b");
    const double own = figure_value(both, path), theirs = figure_value(other, path);
    if (isnan(own) || isnan(theirs)) continue;
    n++;
    assert_near(number(c, "difference"), own - theirs, 1e-12);
    assert_near(theirs, figure_value(alone, path), 1e-12);
    const double lo = figure_part(alone, path, "lo");
    if (isnan(lo)) continue;
    assert_near(figure_part(other, path, "lo"), lo, 1e-9);
    assert_true(number(c, "lo") <= number(c, "hi") && number(c, "p_holm") >= number(c, "p"));
    /* Another figure on the same people: no wider than both apart from each other. */
    assert_true(number(c, "hi") - number(c, "lo") <=
                1.5 * (figure_part(both, path, "hi") - figure_part(both, path, "lo") +
                       figure_part(other, path, "hi") - figure_part(other, path, "lo")) +
                    1e-9);
  }
  assert_true(n > 40);
  cJSON_Delete(both);
  cJSON_Delete(alone);
}

/* --- what a bundle says, as files --------------------------------------------------------- */

/* The test rows and the first bundle's eyes on them. */
typedef struct world {
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_judged_rows *rows;
} world;

static void world_open(world *w) {
  assert_ok(pfc_history_create(ds, &w->h, &err));
  assert_ok(pfc_catalogue_create(ds, &w->cat, &err));
  assert_ok(pfc_lens_create(ds, w->h, w->cat, first->dicts, first->n_dicts, &w->lens, &err));
  assert_ok(pfc_lend_bundle(first, ds, w->h, w->lens, &err));
  assert_ok(pfc_judged_rows_create(ds, w->h, w->cat, &w->rows, &err));
}

static void world_close(world *w) {
  pfc_judged_rows_destroy(w->rows);
  pfc_lens_destroy(w->lens);
  pfc_catalogue_destroy(w->cat);
  pfc_history_destroy(w->h);
}

static void put_pair(FILE *file, const pfc_decision *d, int32_t intervention) {
  char day[PFC_DATE_TEXT];
  pfc_date_format(d->date, day);
  (void)fprintf(file, "%s,%s,%s", pfc_dict_text(pfc_dataset_find_dict(ds, "person"), d->person),
                pfc_dict_text(pfc_dataset_find_dict(ds, "intervention"), intervention), day);
}

/* The whole catalogue of each query's day, open or not, last first. */
static pfc_predictions *tell_lists(const world *w) {
  enum { MOST = 64 };
  FILE *file = fopen("lists.csv", "w");
  const pfc_ranker_world eyes = {ds, w->h, w->cat, w->lens, COMPANY_SPLIT};
  pfc_ranker *ranker = NULL;
  float score[MOST];
  assert_non_null(file);
  assert_true(w->cat->n_interventions <= MOST);
  assert_ok(pfc_ranker_create(first, &eyes, 1, &ranker, &err));
  (void)fputs("person_id,intervention_id,date,score\n", file);
  for (int64_t q = 0; q < w->rows->n_queries; q++) {
    const pfc_decision *d = &w->rows->query[q].d;
    assert_ok(pfc_ranker_score(ranker, 0, 1, d, score, &err));
    for (int32_t i = w->cat->n_interventions - 1; i >= 0; i--) {
      put_pair(file, d, i);
      (void)fprintf(file, ",%.9g\n", (double)score[i]);
    }
  }
  assert_int_equal(fclose(file), 0);
  pfc_ranker_destroy(ranker);
  pfc_predictions *p = NULL;
  assert_ok(pfc_predictions_load("lists.csv", ds, &p, &err));
  return p;
}

static pfc_predictions *tell_starts(const world *w) {
  static int32_t col[4096];
  static float val[4096], x[64];
  FILE *file = fopen("starts.csv", "w");
  pfc_fold *fold = NULL;
  assert_non_null(file);
  assert_ok(pfc_fold_create(&first->affinity, w->lens, w->h, w->cat, 1, &fold, &err));
  (void)fputs("person_id,intervention_id,date,p_success\n", file);
  for (int64_t i = 0; i < w->rows->n_starts; i++) {
    const pfc_decision *d = &w->rows->start[i].d;
    int64_t n_items;
    assert_ok(pfc_fold_person(fold, 0, d, x, &n_items, &err));
    const double eta = pfc_chance_eta(&first->success, w->lens, d, x,
                                      pfc_fold_item(fold, d->intervention), col, val);
    put_pair(file, d, d->intervention);
    (void)fprintf(file, ",%.17g\n", pfc_chance_probability(&first->success, eta));
  }
  assert_int_equal(fclose(file), 0);
  pfc_fold_destroy(fold);
  pfc_predictions *p = NULL;
  assert_ok(pfc_predictions_load("starts.csv", ds, &p, &err));
  return p;
}

/* The horizon, days 30 and 60 on which ECE is judged, and the quantiles. */
static pfc_predictions *tell_episodes(const world *w) {
  static int32_t col[4096];
  static float val[4096];
  const pfc_hazard *m = &first->time;
  const double days[] = {30, 60, m->horizon_days};
  FILE *file = fopen("episodes.csv", "w");
  pfc_target_curves *curves = NULL;
  assert_non_null(file);
  assert_ok(pfc_target_curves_create(m, ds, w->lens, w->cat, &curves, &err));
  (void)fprintf(file,
                "person_id,intervention_id,date,competency_id,p_by_30d,p_by_60d,p_by_%.17gd,"
                "p10_days,p50_days,p90_days\n",
                m->horizon_days);
  for (int64_t i = 0; i < w->rows->n_episodes; i++) {
    const pfc_episode *at = &w->rows->episode[i];
    const pfc_decision d = {at->person, at->intervention,  at->competency,
                            at->start,  at->enrolment_row, at->row};
    const int32_t t = pfc_catalogue_target(w->cat, d.intervention, d.competency);
    double shift[PFC_N_CAUSES], p[3];
    pfc_outlook o;
    pfc_hazard_shift(m, w->lens, &d, col, val, shift);
    pfc_hazard_incidence(m, &curves->curve[t], curves->levels[t], shift, PFC_PROFICIENT, 3,
                         days, p, NULL);
    pfc_hazard_outlook(m, &curves->curve[t], curves->levels[t], shift, days, &o);
    put_pair(file, &d, d.intervention);
    (void)fprintf(file, ",%s,%.9g,%.9g,%.9g,%.17g,%.17g,%.17g\n",
                  pfc_dict_text(pfc_dataset_find_dict(ds, "competency"), d.competency), p[0],
                  p[1], p[2], o.quantile[0], o.quantile[1], o.quantile[2]);
  }
  assert_int_equal(fclose(file), 0);
  pfc_target_curves_destroy(curves);
  pfc_predictions *p = NULL;
  assert_ok(pfc_predictions_load("episodes.csv", ds, &p, &err));
  return p;
}

/* Every one of these figures of the bundle has the same value in the file's object. */
static void same_figures(const cJSON *own, const cJSON *theirs, const char *const *paths,
                         double most) {
  for (; *paths; paths++) {
    assert_near(figure_value(own, *paths), figure_value(theirs, *paths), most);
    assert_near(figure_part(own, *paths, "n"), figure_part(theirs, *paths, "n"), 0);
  }
}

static void what_a_bundle_says_is_judged_like_the_bundle(void **state) {
  (void)state;
  static const char *const lists[] = {"affinity.mrr",
                                      "affinity.map",
                                      "affinity.recall_at_1",
                                      "affinity.ndcg_at_5",
                                      "affinity.precision_at_2",
                                      "affinity.hit_rate_at_2",
                                      "affinity.novelty_at_10",
                                      "affinity.diversity_at_10",
                                      "affinity.coverage_at_10",
                                      "affinity.gini_at_10",
                                      NULL};
  static const char *const starts[] = {"success.auc",
                                       "success.log_loss",
                                       "success.brier",
                                       "success.brier_reliability",
                                       "success.calibration_slope",
                                       "success.ece",
                                       NULL};
  static const char *const episodes[] = {"time.ece_by_day.30",     "time.ece_by_day.60",
                                         "time.interval_coverage", "time.interval_score",
                                         "time.interval_pinball",  NULL};
  world w;
  world_open(&w);
  pfc_predictions *p[] = {tell_lists(&w), tell_starts(&w), tell_episodes(&w)};
  const pfc_contestant all[] = {
      {"a", first, NULL}, {"l", NULL, p[0]}, {"s", NULL, p[1]}, {"e", NULL, p[2]}};
  cJSON *json = judge(4, all, 0);
  const cJSON *against = figure_at(json, "against");
  same_figures(json, cJSON_GetArrayItem(against, 0), lists, 1e-12);
  same_figures(json, cJSON_GetArrayItem(against, 1), starts, 1e-12);
  same_figures(json, cJSON_GetArrayItem(against, 2), episodes, 1e-5);
  assert_null(cJSON_GetObjectItem(cJSON_GetArrayItem(against, 0), "success"));
  assert_null(cJSON_GetObjectItem(cJSON_GetArrayItem(against, 1), "affinity"));
  assert_null(cJSON_GetObjectItem(figure_at(cJSON_GetArrayItem(against, 2), "time"), "nll"));
  cJSON_Delete(json);
  for (int k = 0; k < 3; k++) pfc_predictions_destroy(p[k]);
  world_close(&w);
}

/* --- threads, refusals -------------------------------------------------------------------- */

static void any_number_of_threads_says_the_same(void **state) {
  (void)state;
  const pfc_contestant two[] = {{"a", first, NULL}, {"b", second, NULL}};
  pfc_evaluate_settings s = figures_settings(30);
  char *said[3];
  s.curves = true;
  for (int threads = 1; threads <= 3; threads++) {
    cJSON *json = NULL;
    omp_set_num_threads(threads);
    assert_ok(pfc_evaluate(2, two, ds, &s, &json, &err));
    said[threads - 1] = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
  }
  omp_set_num_threads(2);
  for (int t = 1; t < 3; t++) assert_string_equal(said[0], said[t]);
  for (int t = 0; t < 3; t++) free(said[t]);
}

static void everyone_must_not_have_seen_the_rows(void **state) {
  (void)state;
  const pfc_contestant two[] = {{"a", first, NULL}, {"b.h5", second, NULL}};
  const pfc_evaluate_settings s = figures_settings(0);
  cJSON *json = NULL;
  const int32_t kept = second->trained_as_of;
  second->data_sha256[0] = 'x';
  second->trained_as_of = COMPANY_SPLIT;
  assert_fails(pfc_evaluate(2, two, ds, &s, &json, &err), PFC_EUSAGE,
               "the model b.h5 may have been trained on the test rows");
  assert_null(json);
  second->data_sha256[0] = '\0';
  char *own = second->feedback_head, other[] = "3-abc"; /* the same file, and events since */
  second->feedback_head = other;
  assert_fails(pfc_evaluate(2, two, ds, &s, &json, &err), PFC_EUSAGE, "feedback 3-abc");
  second->feedback_head = own;
  second->trained_as_of = kept;
}

/* What was observed is told with its band, and what was predicted is no less than nothing and
 * rises. */
static void incidence_is_told_as_it_came(void **state) {
  (void)state;
  const pfc_contestant one = {"a", first, NULL};
  pfc_evaluate_settings s = figures_settings(30);
  cJSON *json = NULL;
  s.curves = true;
  assert_ok(pfc_evaluate(1, &one, ds, &s, &json, &err));
  const cJSON *curve = figure_at(json, "time.curves.incidence");
  const int n = cJSON_GetArraySize(figure_at(curve, "days"));
  double before = 0;
  assert_true(n > 10);
  for (int d = 0; d < n; d++) {
    double at[4];
    static const char *const names[] = {"predicted", "observed", "lo", "hi"};
    for (int k = 0; k < 4; k++) {
      at[k] = cJSON_GetArrayItem(figure_at(curve, names[k]), d)->valuedouble;
      assert_true(at[k] >= 0 && at[k] <= 1);
    }
    assert_true(at[0] >= before && at[2] <= at[3]);
    assert_true(at[1] >= at[2] - 0.05 && at[1] <= at[3] + 0.05);
    before = at[0];
  }
  assert_near(cJSON_GetArrayItem(figure_at(curve, "predicted"), 0)->valuedouble, 0, 0);
  cJSON_Delete(json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whoever_is_judged_against_themselves_does_not_differ),
      cmocka_unit_test(others_have_the_figures_they_have_alone),
      cmocka_unit_test(what_a_bundle_says_is_judged_like_the_bundle),
      cmocka_unit_test(any_number_of_threads_says_the_same),
      cmocka_unit_test(everyone_must_not_have_seen_the_rows),
      cmocka_unit_test(incidence_is_told_as_it_came),
  };
  return cmocka_run_group_tests_name("trainer/evaluate_contestants", tests, set_up, tear_down);
}
