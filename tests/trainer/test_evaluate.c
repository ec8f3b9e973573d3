// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/fold.h"
#include "models/lent_levels.h"
#include "models/predict.h"
#include "tests/support/company.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/offers.h"
#include "trainer/train.h"

static pfc_dataset *ds; /* a company under a split */
static pfc_bundle *bundle;

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  ds = company_create_split(test_seed(75), 0);
  bundle = scoring_train(ds, PFC_TRAIN_ALL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return 0;
}

/* --- refusals ---------------------------------------------------------------------------- */

static void refused(const pfc_dataset *data, const char *text) {
  const pfc_evaluate_settings s = figures_settings(0);
  cJSON *json = NULL;
  assert_fails(figures_judge(bundle, data, &s, &json, &err), PFC_EUSAGE, text);
  assert_null(json);
}

static void rows_that_may_have_been_seen_are_refused(void **state) {
  (void)state;
  const pfc_split kept = ds->split;
  ds->split = (pfc_split){.kind = PFC_SPLIT_NONE};
  refused(ds, "no split");
  ds->split = kept;
  ds->split.date = COMPANY_SPLIT - 40; /* rows in between were trained on */
  refused(ds, "may have been trained on");
  ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.2, .seed = 1};
  refused(ds, "may have been trained on");
  char *const split = bundle->split;
  bundle->split = NULL; /* made by hand */
  refused(ds, "with split \"\"");
  bundle->split = split;
  ds->split = kept;
  cJSON_Delete(figures_of(bundle, ds));
}

/* Other data will do when all of their test rows are later than anything the model knows. */
static void later_rows_of_other_data_will_do(void **state) {
  (void)state;
  const pfc_split kept = ds->split;
  memset(ds->sha256, 'b', 64);
  cJSON_Delete(figures_of(bundle, ds));
  ds->split.date = COMPANY_SPLIT + 40;
  cJSON_Delete(figures_of(bundle, ds));
  ds->split.date = bundle->trained_as_of + 1;
  cJSON_Delete(figures_of(bundle, ds));
  ds->split.date = bundle->trained_as_of;
  refused(ds, "may have been trained on");
  memset(ds->sha256, 0, 64);
  ds->split = kept;
}

/* People are dealt by the hash of their ids, so that the same split keeps the same ones back in
 * any data that names them; another seed, and rows dealt by their place, do not. */
static void splits_by_people_hold_for_other_data(void **state) {
  (void)state;
  pfc_dataset *own = company_create(1, 0);
  own->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.3, .seed = 4};
  memset(own->sha256, 'c', 64);
  pfc_bundle *b = scoring_train(own, PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS);
  cJSON *json = figures_of(b, own);
  assert_true(figure_part(json, "success.auc", "n") > 20);
  cJSON_Delete(json);
  const pfc_evaluate_settings s = figures_settings(0);
  own->sha256[0] = 'd';
  cJSON_Delete(figures_of(b, own));
  json = NULL;
  own->split.fraction = 0.2;
  assert_fails(figures_judge(b, own, &s, &json, &err), PFC_EUSAGE, "may have been");
  own->split.fraction = 0.3;
  own->sha256[0] = 'c';
  own->split.seed = 5;
  assert_fails(figures_judge(b, own, &s, &json, &err), PFC_EUSAGE, "may have been");
  pfc_bundle_destroy(b);
  own->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.3, .seed = 4};
  b = scoring_train(own, PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS);
  cJSON_Delete(figures_of(b, own));
  own->sha256[0] = 'd';
  assert_fails(figures_judge(b, own, &s, &json, &err), PFC_EUSAGE, "may have been");
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(own);
}

static void bad_setting(const pfc_evaluate_settings *s, const char *text) {
  cJSON *json = NULL;
  assert_fails(figures_judge(bundle, ds, s, &json, &err), PFC_EUSAGE, text);
  assert_null(json);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_evaluate_settings s = figures_settings(0);
  s.struct_size = 0;
  bad_setting(&s, "pfc_evaluate_defaults");
  s = figures_settings(0);
  s.k[1] = 0;
  bad_setting(&s, "k:");
  s = figures_settings(0);
  s.n_k = PFC_MAX_CUTOFFS + 1;
  bad_setting(&s, "k, days");
  s = figures_settings(0);
  s.days[1] = s.days[0];
  bad_setting(&s, "days");
  s = figures_settings(0);
  s.days[0] = 0;
  bad_setting(&s, "days");
  s = figures_settings(-1);
  bad_setting(&s, "resamples");
}

/* --- shape ------------------------------------------------------------------------------- */

static void is_figure(const cJSON *json, const char *object, const char *name,
                      const char *simpler) {
  char path[96];
  (void)snprintf(path, sizeof path, "%s.%s", object, name);
  const double x = figure_value(json, path), lo = figure_part(json, path, "lo"),
               hi = figure_part(json, path, "hi");
  assert_true(figure_part(json, path, "n") >= 1);
  if (!(isfinite(x) && lo <= hi)) fail_msg("%s: %g, %g to %g", path, x, lo, hi);
  assert_true(lo <= x + 0.2 * fabs(x) + 0.05 && hi >= x - 0.2 * fabs(x) - 0.05);
  (void)figure_baseline(json, path, simpler);
}

static void every_published_figure_is_there(void **state) {
  (void)state;
  static const char *const ranking[] = {"mrr",       "map",          "recall_at_1",
                                        "ndcg_at_1", "recall_at_20", "ndcg_at_20"};
  static const char *const success[] = {"auc", "log_loss", "brier", "calibration_slope", "ece"};
  static const char *const time[] = {"c_index", "nll", "ece_by_day.30"};
  const pfc_evaluate_settings s = figures_settings(30);
  cJSON *json = NULL;
  assert_ok(figures_judge(bundle, ds, &s, &json, &err));
  assert_string_equal(cJSON_GetStringValue(figure_at(json, "command")), "evaluate");
  for (int k = 0; k < 6; k++) is_figure(json, "affinity", ranking[k], "popularity");
  for (int k = 0; k < 5; k++) is_figure(json, "success", success[k], "base_rate");
  for (int k = 0; k < 5; k++) is_figure(json, "accept", success[k], "base_rate");
  for (int k = 0; k < 3; k++) is_figure(json, "time", time[k], "aalen_johansen");
  (void)figure_at(json,
                  "time.ibs.value"); /* null where the follow-up ends before the horizon */
  is_figure(json, "time", "interval_coverage", "aalen_johansen");
  is_figure(json, "time", "interval_score", "aalen_johansen");
  is_figure(json, "dropped", "c_index", "aalen_johansen");
  (void)figure_at(json, "affinity.coverage_at_10");
  (void)figure_at(json, "affinity.gini_at_10");
  cJSON_Delete(json);
}

static void models_that_are_not_there_are_not_judged(void **state) {
  (void)state;
  pfc_bundle *b = scoring_train(ds, PFC_TRAIN_SUCCESS);
  cJSON *json = figures_of(b, ds);
  (void)figure_at(json, "success.auc");
  assert_null(cJSON_GetObjectItem(json, "affinity"));
  assert_null(cJSON_GetObjectItem(json, "accept"));
  assert_null(cJSON_GetObjectItem(json, "time"));
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
}

/* --- ranking, by hand -------------------------------------------------------------------- */

/* a, b and d teach X to levels 1, 2, 3; c teaches Y; d closes on day 125 and nobody has
 * started it before day 100. What happens from day 100 on is to be foretold. */
static pfc_dataset *four_courses(void) {
  pfc_dataset *four = pfc_dataset_create();
  test_rows(four, PFC_INTERVENTIONS, "intervention_id,closes_on", "a,;b,;c,;d,125");
  test_rows(four, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "a,X,1;b,X,2;c,Y,1;d,X,3");
  test_rows(four, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p1,a,10,20,passed;p2,b,11,20,failed;p3,c,12,,in_progress;p5,a,13,20,failed;"
            "p6,a,14,20,failed;p5,c,15,20,failed;"
            "p1,c,110,,in_progress;p2,a,120,,in_progress;p2,d,120,,in_progress;"
            "p3,a,130,,in_progress;p4,a,140,,in_progress");
  four->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 100};
  return four;
}

/* One factor, so that whoever has a history ranks c, d, b, a; newcomers have no factor. */
static pfc_bundle *one_factor(const pfc_dataset *four) {
  pfc_train_settings s;
  pfc_train_report report;
  pfc_bundle *b = NULL;
  pfc_train_defaults(&s);
  s.models = PFC_TRAIN_AFFINITY;
  s.als.rank = 1;
  assert_ok(pfc_train(four, &s, &b, &report, &err));
  const float y[4] = {0.1F, 0.2F, 0.9F, 0.5F};
  memcpy(b->affinity.items, y, sizeof y);
  for (int32_t c = 0; c < b->affinity.person_features->n_columns; c++)
    b->affinity.person_prior[c] = 0;
  return b;
}

/* Lists, with those who started it in capitals. The model: p1 C d b (a is passed), p2 c D b A,
 * p3 c b A (d is closed). Popularity 3, 1, 2 and, for d, the mean 2 of its competency: p1 C d
 * b, p2 A c D b, p3 A c b. */
static void rankings_are_those_counted_by_hand(void **state) {
  (void)state;
  pfc_dataset *four = four_courses();
  pfc_bundle *b = one_factor(four);
  pfc_evaluate_settings s = figures_settings(0);
  cJSON *json = NULL;
  s.n_k = 2; /* 1 and 2 */
  assert_ok(figures_judge(b, four, &s, &json, &err));
  assert_near(figure_part(json, "affinity.mrr", "n"), 3, 0);
  assert_near(figure_value(json, "affinity.mrr"), (1 + 1.0 / 2 + 1.0 / 3) / 3, 1e-12);
  assert_near(figure_value(json, "affinity.map"), (1 + (1.0 / 2 + 2.0 / 4) / 2 + 1.0 / 3) / 3,
              1e-12);
  assert_near(figure_value(json, "affinity.recall_at_1"), 1.0 / 3, 1e-12);
  assert_near(figure_value(json, "affinity.recall_at_2"), (1 + 0.5 + 0) / 3, 1e-12);
  const double second = 1 / log2(3);
  assert_near(figure_value(json, "affinity.ndcg_at_2"), (1 + second / (1 + second)) / 3, 1e-12);
  assert_near(figure_baseline(json, "affinity.mrr", "popularity"), 1, 1e-12);
  assert_near(figure_baseline(json, "affinity.map", "popularity"),
              (1 + (1 + 2.0 / 3) / 2 + 1) / 3, 1e-12);
  assert_near(figure_baseline(json, "affinity.recall_at_1", "popularity"), 1, 1e-12);
  assert_near(figure_baseline(json, "affinity.recall_at_2", "popularity"), 2.5 / 3, 1e-12);
  /* The model shows, among the first two, c 3 times, d twice, b once, a never. */
  assert_near(figure_value(json, "affinity.coverage_at_2"), 3.0 / 4, 1e-12);
  assert_near(figure_value(json, "affinity.gini_at_2"), 20.0 / (2 * 16 * 1.5), 1e-12);
  assert_near(figure_part(json, "affinity_new_people.mrr", "n"), 1, 0);
  assert_near(figure_value(json, "affinity_new_people.mrr"), 1, 1e-12);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(four);
}

/* Undated: each test row is foretold by itself, from the rows before it; what stands in
 * training rows is not to be foretold. */
static void rows_without_dates_are_foretold_one_by_one(void **state) {
  (void)state;
  pfc_dataset *four = pfc_dataset_create();
  test_rows(four, PFC_INTERVENTIONS, "intervention_id", "a;b;c;d");
  test_rows(four, PFC_ENROLMENTS, "person_id,intervention_id,status,split",
            "p1,a,failed,train;p1,b,failed,train;p1,c,failed,test;p1,a,failed,train;"
            "p1,b,failed,test;p2,d,failed,test");
  four->split = (pfc_split){.kind = PFC_SPLIT_COLUMN};
  pfc_bundle *b = one_factor(four);
  cJSON *json = figures_of(b, four);
  assert_near(figure_part(json, "affinity.mrr", "n"), 2, 0); /* c d b a: C first, B third */
  assert_near(figure_value(json, "affinity.mrr"), (1 + 1.0 / 3) / 2, 1e-12);
  assert_near(figure_part(json, "affinity_new_people.mrr", "n"), 1, 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(four);
}

/* What was started in a training row of the same day is neither right nor wrong. */
static void training_rows_of_the_day_are_left_out(void **state) {
  (void)state;
  pfc_dataset *four = pfc_dataset_create();
  test_rows(four, PFC_INTERVENTIONS, "intervention_id", "a;b;c;d");
  test_rows(four, PFC_ENROLMENTS, "person_id,intervention_id,started_on,status,split",
            "p1,a,10,failed,train;p1,c,20,failed,train;p1,b,20,failed,test;p2,d,5,failed,train;"
            "p2,b,6,failed,train");
  four->split = (pfc_split){.kind = PFC_SPLIT_COLUMN};
  pfc_bundle *b = one_factor(four);
  cJSON *json = figures_of(b, four);
  assert_near(figure_part(json, "affinity.mrr", "n"), 1, 0);
  assert_near(figure_value(json, "affinity.mrr"), 1.0 / 2, 1e-12); /* d B a, without c */
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(four);
}

/* --- success ----------------------------------------------------------------------------- */

/* Test starts with a known result and what the model says of them, one row at a time. */
typedef struct told {
  int64_t n;
  double *p;
  int8_t *y;
} told;

static told tell(const pfc_bundle *b, const pfc_dataset *data) {
  pfc_history *h = NULL;
  pfc_catalogue *cat = NULL;
  pfc_lens *lens = NULL;
  pfc_fold *fold = NULL;
  static int32_t col[4096];
  static float val[4096];
  assert_ok(pfc_history_create(data, &h, &err));
  assert_ok(pfc_catalogue_create(data, &cat, &err));
  assert_ok(pfc_lens_create(data, h, cat, b->dicts, b->n_dicts, &lens, &err));
  assert_ok(pfc_lend_bundle(b, data, h, lens, &err));
  assert_ok(pfc_fold_create(&b->affinity, lens, h, cat, 1, &fold, &err));
  const int64_t n = h->first_attempt[h->n_people];
  told t = {0, pfc_alloc_array((size_t)n, sizeof *t.p), pfc_alloc_array((size_t)n, 1)};
  for (int32_t p = 0; p < h->n_people; p++) {
    for (int64_t k = h->first_attempt[p]; k < h->first_attempt[p + 1]; k++) {
      const pfc_attempt *a = &h->attempts[k];
      if (!a->started || a->start < data->split.date || a->result < 0) continue;
      const pfc_decision d = {p, a->intervention, -1, a->start, a->row, -1};
      float x[16];
      int64_t n_items;
      assert_ok(pfc_fold_person(fold, 0, &d, x, &n_items, &err));
      const float *y = pfc_fold_item(fold, a->intervention);
      t.p[t.n] = pfc_chance_probability(&b->success,
                                        pfc_chance_eta(&b->success, lens, &d, x, y, col, val));
      t.y[t.n++] = a->result;
    }
  }
  pfc_fold_destroy(fold);
  pfc_lens_destroy(lens);
  pfc_catalogue_destroy(cat);
  pfc_history_destroy(h);
  return t;
}

static void success_is_judged_on_test_starts_with_results(void **state) {
  (void)state;
  const told t = tell(bundle, ds);
  cJSON *json = figures_of(bundle, ds);
  double brier = 0, log_loss = 0, gap = 0, passed = 0, pairs = 0, above = 0;
  for (int64_t i = 0; i < t.n; i++) {
    brier += pow(t.p[i] - t.y[i], 2) / (double)t.n;
    log_loss -= log(t.y[i] ? t.p[i] : 1 - t.p[i]) / (double)t.n;
    gap += (t.p[i] - t.y[i]) / (double)t.n;
    passed += t.y[i] / (double)t.n;
    for (int64_t j = 0; j < t.n; j++) {
      if (!t.y[i] || t.y[j]) continue;
      pairs++;
      above += t.p[i] > t.p[j] ? 1 : t.p[i] == t.p[j] ? 0.5 : 0;
    }
  }
  const double base = bundle->success.base_rate;
  assert_true(t.n > 30);
  assert_near(figure_part(json, "success.brier", "n"), (double)t.n, 0);
  assert_near(figure_value(json, "success.brier"), brier, 1e-12);
  assert_near(figure_value(json, "success.log_loss"), log_loss, 1e-12);
  assert_near(figure_value(json, "success.mean_gap"), gap, 1e-12);
  assert_near(figure_value(json, "success.auc"), above / pairs, 1e-12);
  assert_near(figure_baseline(json, "success.auc", "base_rate"), 0.5, 1e-12);
  assert_near(figure_baseline(json, "success.mean_gap", "base_rate"), base - passed, 1e-12);
  assert_near(figure_baseline(json, "success.brier", "base_rate"),
              passed * pow(1 - base, 2) + (1 - passed) * base * base, 1e-12);
  cJSON_Delete(json);
  pfc_free(t.p);
  pfc_free(t.y);
}

/* --- acceptance --------------------------------------------------------------------------- */

static pfc_rule_settings default_rules(void) {
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  return s;
}

/* Everybody's offers of the company are answered an hour later, and nothing bars them but what
 * its prerequisites ask for: what stands behind the split is what is judged, beside the rate
 * before it. */
static void acceptance_is_judged_on_test_offers(void **state) {
  (void)state;
  pfc_history *h = NULL;
  pfc_offers *o = NULL;
  double n[2] = {0}, accepted[2] = {0};
  const pfc_rule_settings rules = default_rules();
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_offers_create(h, &o, &err));
  assert_ok(pfc_offers_bar(o, h, NULL, &rules, &err));
  for (int64_t k = 0; k < o->n; k++) {
    const int is_test = o->at[k].d.date >= ds->split.date;
    n[is_test]++;
    accepted[is_test] += o->at[k].accepted;
  }
  assert_true(n[1] > 20);
  const double base = accepted[0] / n[0], share = accepted[1] / n[1];
  pfc_evaluate_settings s = figures_settings(0);
  s.curves = true;
  cJSON *json = NULL;
  assert_ok(figures_judge(bundle, ds, &s, &json, &err));
  assert_near(figure_part(json, "accept.brier", "n"), n[1], 0);
  assert_near(figure_baseline(json, "accept.auc", "base_rate"), 0.5, 1e-12);
  assert_near(figure_baseline(json, "accept.mean_gap", "base_rate"), base - share, 1e-12);
  assert_near(figure_baseline(json, "accept.brier", "base_rate"),
              share * pow(1 - base, 2) + (1 - share) * base * base, 1e-12);
  /* The curve is of the same rows, all of them. */
  double of = 0, said = 0, came = 0;
  const cJSON *bin;
  cJSON_ArrayForEach(bin, figure_at(json, "accept.curves.reliability")) {
    const double in_bin = figure_at(bin, "n")->valuedouble;
    of += in_bin;
    said += in_bin * figure_at(bin, "p")->valuedouble;
    came += in_bin * figure_at(bin, "observed")->valuedouble;
  }
  assert_near(of, n[1], 0);
  assert_near(came, accepted[1], 1e-9);
  assert_near(said - came, n[1] * figure_value(json, "accept.mean_gap"), 1e-9);
  cJSON_Delete(json);
  pfc_offers_destroy(o);
  pfc_history_destroy(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_that_may_have_been_seen_are_refused),
      cmocka_unit_test(later_rows_of_other_data_will_do),
      cmocka_unit_test(splits_by_people_hold_for_other_data),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(every_published_figure_is_there),
      cmocka_unit_test(models_that_are_not_there_are_not_judged),
      cmocka_unit_test(rankings_are_those_counted_by_hand),
      cmocka_unit_test(rows_without_dates_are_foretold_one_by_one),
      cmocka_unit_test(training_rows_of_the_day_are_left_out),
      cmocka_unit_test(success_is_judged_on_test_starts_with_results),
      cmocka_unit_test(acceptance_is_judged_on_test_offers),
  };
  return cmocka_run_group_tests_name("trainer/evaluate", tests, set_up, tear_down);
}
