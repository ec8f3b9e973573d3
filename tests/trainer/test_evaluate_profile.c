// labels: unit check
/* Judging levels: a profile whose answers are known by hand, on a handful of ratings. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "tests/support/countdown.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

static const double Z90 = 1.6448536269514722;

/* Levels are 4.5 in c0 and 3.5 in c1, but for what a cell has of its own, of variance 1, which
 * does not change. `test` sees them as they are with noise 1; `self` halves what is above or
 * below 3.5 and adds 0.5, with noise 0.5; its rater r0 adds 0.25 more, not quite surely. */
static pfc_profile profile_by_hand(const pfc_dataset *ds) {
  pfc_profile p = {.n_competencies = 2,
                   .n_sources = 2,
                   .n_raters = 1,
                   .scale_min = 0,
                   .scale_max = 7,
                   .beta = {4, 0, 0, 0},
                   .newcomer_days = 365,
                   .teaching_days = 60,
                   .sd_person = 1e-6,
                   .sd_competency = 1e-6,
                   .sd_role = 1e-6,
                   .sd_cell = 1,
                   .sd_moving = 1e-6,
                   .half_life_days = 1000,
                   .unknown = {.slope = 1, .noise = 2}};
  p.half_life = pfc_alloc_array(2, sizeof *p.half_life);
  p.competency = pfc_alloc_array(2, sizeof *p.competency);
  p.competency_var = pfc_alloc_array(2, sizeof *p.competency_var);
  p.factor = pfc_alloc_array(0, sizeof *p.factor);
  p.factor_cov = pfc_alloc_array(0, sizeof *p.factor_cov);
  p.factor_sd = pfc_alloc_array(0, sizeof *p.factor_sd);
  p.effect_role = pfc_alloc_array(0, sizeof *p.effect_role);
  p.effect_competency = pfc_alloc_array(0, sizeof *p.effect_competency);
  p.effect = pfc_alloc_array(0, sizeof *p.effect);
  p.effect_var = pfc_alloc_array(0, sizeof *p.effect_var);
  p.source = pfc_alloc_array(2, sizeof *p.source);
  p.rater_source = pfc_alloc_array(1, sizeof *p.rater_source);
  p.rater_code = pfc_alloc_array(1, sizeof *p.rater_code);
  p.rater = pfc_alloc_array(1, sizeof *p.rater);
  p.rater_var = pfc_alloc_array(1, sizeof *p.rater_var);
  p.half_life[0] = p.half_life[1] = 1000;
  p.competency[test_code(ds, "competency", "c0")] = 0.5F;
  p.competency[test_code(ds, "competency", "c1")] = -0.5F;
  p.source[test_code(ds, "source", "test")] =
      (pfc_profile_source){.slope = 1, .noise = 1, .anchor = 1, .linked = 1};
  p.source[test_code(ds, "source", "self")] = (pfc_profile_source){
      .bias = 0.5, .slope = 0.5, .noise = 0.5, .leniency = 0.5, .linked = 1};
  p.rater_source[0] = test_code(ds, "source", "self");
  p.rater_code[0] = test_code(ds, "rater", "r0");
  p.rater[0] = 0.25F;
  p.rater_var[0] = 0.0625F;
  return p;
}

static void add_dict(pfc_bundle *b, const pfc_dataset *ds, const char *name) {
  const pfc_dict *dict = pfc_dataset_find_dict(ds, name);
  b->dicts[b->n_dicts++] = dict ? pfc_dict_copy(dict) : pfc_dict_create(name);
}

static pfc_bundle *bundle_by_hand(const pfc_dataset *ds) {
  pfc_bundle *b = pfc_bundle_create();
  b->has_profile = true;
  b->profile = profile_by_hand(ds);
  b->dicts = pfc_alloc_array(4, sizeof *b->dicts);
  add_dict(b, ds, "competency");
  add_dict(b, ds, "role");
  add_dict(b, ds, "source");
  add_dict(b, ds, "rater");
  b->split = pfc_strdup("by column");
  b->trained_as_of = 0;
  return b;
}

static pfc_dataset *dataset(const char *columns, const char *rows) {
  pfc_dataset *ds = pfc_dataset_create();
  ds->scale_min = 0;
  ds->scale_max = 7;
  test_rows(ds, PFC_ASSESSMENTS, columns, rows);
  return ds;
}

/* Mean and variance of three test ratings, and what they were. */
typedef struct expected {
  double mean[3], var[3], y[3];
} expected;

static double loss(double y, double mean, double sd) {
  static const double Q[] = {0.05, 0.5, 0.95};
  double sum = 0;
  for (int k = 0; k < 3; k++) {
    const double f = mean + (k - 1) * Z90 * sd;
    sum += y > f ? Q[k] * (y - f) : (1 - Q[k]) * (f - y);
  }
  return sum / 3;
}

static void check(const cJSON *json, const expected *e) {
  double squares = 0, sum = 0, inside = 0, pinball = 0, nll = 0;
  for (int i = 0; i < 3; i++) {
    const double error = e->y[i] - e->mean[i], sd = sqrt(e->var[i]);
    squares += error * error / 3;
    sum += fabs(error) / 3;
    inside += (fabs(error) <= Z90 * sd) / 3.0;
    pinball += loss(e->y[i], e->mean[i], sd) / 3;
    nll += (0.5 * log(2 * M_PI * e->var[i]) + error * error / (2 * e->var[i])) / 3;
  }
  assert_near(figure_part(json, "profile.rmse", "n"), 3, 0);
  assert_near(figure_value(json, "profile.rmse"), sqrt(squares), 1e-5);
  assert_near(figure_value(json, "profile.mae"), sum, 1e-5);
  assert_near(figure_value(json, "profile.coverage90"), inside, 1e-12);
  assert_near(figure_value(json, "profile.pinball"), pinball, 1e-5);
  assert_near(figure_value(json, "profile.nll"), nll, 1e-5);
}

/* Of the known rating 6.5 of p0 in c0 by `test`: level 4.5 + (6.5 - 4.5) / 2, variance 1/2. */
static const char DATED[] =
    "p0,c0,6.5,test,,10;"  /* known */
    "p1,c1,2,test,,20;"    /* known */
    "p0,c0,5,self,r0,100;" /* 3.5 + 0.5 + 0.5 (5.5 - 3.5) + 0.25 */
    "p1,c0,1,test,,110;"   /* 4.5: nobody rated p1 in it */
    "p2,c1,7,self,,120";   /* 3.5 + 0.5 + 0, by nobody known */
static const char COLUMNS[] = "person_id,competency_id,level,source,rater_id,assessed_on";
static const expected AS_DATED = {
    .mean = {5.25, 4.5, 4},
    .var = {0.25 * 0.5 + 0.25 + 0.0625, 1 + 1, 0.25 * 1 + 0.25 + 0.25},
    .y = {5, 1, 7},
};

static pfc_dataset *dated(void) {
  pfc_dataset *ds = dataset(COLUMNS, DATED);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 50};
  return ds;
}

static void ratings_are_predicted_as_they_were_given(void **state) {
  (void)state;
  pfc_dataset *ds = dated();
  pfc_bundle *b = bundle_by_hand(ds);
  cJSON *json = figures_of(b, ds);
  check(json, &AS_DATED);
  assert_near(figure_value(json, "profile.by_source.test.rmse"), 3.5, 1e-5);
  assert_near(figure_part(json, "profile.by_source.test.rmse", "n"), 1, 0);
  assert_near(figure_value(json, "profile.by_source.self.mae"), (0.25 + 3) / 2, 1e-5);
  /* p0 c0 was 6.5; c0 is 6.5 on average, c1 is 2 */
  const double rule = sqrt((1.5 * 1.5 + 5.5 * 5.5 + 5 * 5) / 3);
  static const char *const RULES[] = {"latest_rating", "highest_source", "mean_rating"};
  const double rmse = figure_value(json, "profile.rmse");
  for (int k = 0; k < 3; k++) {
    char name[64];
    assert_near(figure_baseline(json, "profile.rmse", RULES[k]), rule, 1e-9);
    (void)snprintf(name, sizeof name, "profile.improvement.%s", RULES[k]);
    assert_near(figure_value(json, name), 1 - rmse / rule, 1e-9);
  }
  assert_true(figure_baseline(json, "profile.mae", "person_competency_means") > 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* What is known of p0 is told of day 15 by day 10's rating alone, not by that of the day
 * itself, nor by a later one. */
static void people_of_a_split_are_known_by_their_own_past(void **state) {
  (void)state;
  pfc_dataset *ds = dataset(COLUMNS,
                            "p0,c0,6.5,test,,10;p0,c0,5,self,r0,15;p0,c0,0,test,,15;"
                            "p1,c1,3,test,,10");
  ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.5};
  pfc_bundle *b = bundle_by_hand(ds);
  pfc_free(b->split);
  int found = 0;
  /* Until p0 alone is test. */
  for (uint64_t seed = 1; seed < 40 && !found; seed++) {
    char split[64];
    ds->split.seed = seed;
    if (pfc_split_check(ds, &ds->split, NULL) != PFC_OK) continue;
    (void)snprintf(split, sizeof split, "by person, fraction 0.5, seed %d", (int)seed);
    b->split = pfc_strdup(split);
    cJSON *json = figures_of(b, ds);
    if (figure_part(json, "profile.rmse", "n") == 3) {
      const expected e = {.mean = {4.5, 5.25, 5.5},
                          .var = {2, 0.25 * 0.5 + 0.25 + 0.0625, 1.5},
                          .y = {6.5, 5, 0}};
      check(json, &e);
      found++;
    }
    cJSON_Delete(json);
    pfc_free(b->split);
  }
  b->split = NULL;
  assert_int_equal(found, 1);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* Without days everything in training rows is known, and nothing in test rows. */
static void a_plain_table_of_ratings(void **state) {
  (void)state;
  pfc_dataset *ds = dataset("person_id,competency_id,level,source,rater_id,split",
                            "p0,c0,6.5,test,,train;p0,c0,5,self,r0,test;p1,c0,1,test,,test;"
                            "p2,c1,7,self,,test;p1,c1,2,test,,train");
  ds->split = (pfc_split){.kind = PFC_SPLIT_COLUMN};
  pfc_bundle *b = bundle_by_hand(ds);
  cJSON *json = figures_of(b, ds);
  check(json, &AS_DATED);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

/* A source that neither the profile nor anybody knows, one with a dot in its name, and one that
 * is not told. */
static void sources_that_are_unknown(void **state) {
  (void)state;
  pfc_dataset *ds = dated();
  pfc_bundle *b = bundle_by_hand(ds);
  pfc_dataset *other =
      dataset(COLUMNS, "p0,c0,6,360.peer,,100;p0,c0,5,,,110;p0,c1,1,test,r9,120;p0,c1,1,,,10");
  other->split = ds->split;
  cJSON *json = figures_of(b, other);
  assert_near(figure_value(json, "profile.by_source.360_peer.mae"), 1.5, 1e-5);
  /* day 100 is known on day 110, test row or not: 4.5 + 1.5 / (1 + 4) against 5 */
  assert_near(figure_value(json, "profile.by_source.unknown.mae"), 0.2, 1e-5);
  /* noise 2: 3.5 + (1 - 3.5) / (1 + 4) */
  assert_near(figure_value(json, "profile.by_source.test.mae"), 2, 1e-5);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(other);
  pfc_dataset_destroy(ds);
}

static void several_are_compared(void **state) {
  (void)state;
  pfc_dataset *ds = dated();
  pfc_bundle *b = bundle_by_hand(ds), *worse = bundle_by_hand(ds), *none = bundle_by_hand(ds);
  worse->profile.beta[0] = 1;
  none->has_profile = false;
  const pfc_contestant all[] = {{"none", none, NULL}, {"b", b, NULL}, {"worse", worse, NULL}};
  const pfc_evaluate_settings s = figures_settings(50);
  cJSON *json = NULL;
  assert_ok(pfc_evaluate(2, all + 1, ds, &s, &json, &err));
  check(json, &AS_DATED);
  const cJSON *other = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "against"), 0);
  const double difference =
      figure_value(json, "profile.rmse") - figure_value(other, "profile.rmse");
  const cJSON *item;
  int n = 0;
  cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, "comparisons")) {
    const char *figure = cJSON_GetStringValue(cJSON_GetObjectItem(item, "figure"));
    assert_memory_equal(figure, "profile.", 8);
    n++;
    if (strcmp(figure, "profile.rmse") != 0) continue;
    assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(item, "difference")), difference,
                1e-12);
  }
  assert_int_equal(n, 5);
  cJSON_Delete(json);
  assert_ok(pfc_evaluate(3, all, ds, &s, &json, &err));
  assert_false(cJSON_HasObjectItem(json, "profile"));
  check(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "against"), 0), &AS_DATED);
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_bundle_destroy(worse);
  pfc_bundle_destroy(none);
  pfc_dataset_destroy(ds);
}

static void nothing_to_judge(void **state) {
  (void)state;
  pfc_dataset *ds = dated();
  pfc_bundle *b = bundle_by_hand(ds);
  ds->split.date = 500;
  cJSON *json = figures_of(b, ds);
  assert_false(cJSON_HasObjectItem(json, "profile"));
  cJSON_Delete(json);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static void threads_change_nothing(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_ASSESSMENTS, 3000, COLUMNS);
  ds->scale_max = 7;
  for (int64_t r = 0; r < 3000; r++) {
    char person[16];
    (void)snprintf(person, sizeof person, "p%d", (int)(r * 7 % 401));
    test_cell(ds, PFC_ASSESSMENTS, r, "person_id", person);
    test_cell(ds, PFC_ASSESSMENTS, r, "competency_id", r * 5 % 3 ? "c0" : "c1");
    test_number(ds, PFC_ASSESSMENTS, r, "level", (double)(r * 11 % 15) / 2);
    test_cell(ds, PFC_ASSESSMENTS, r, "source", r * 3 % 7 ? "test" : "self");
    test_cell(ds, PFC_ASSESSMENTS, r, "rater_id", r % 2 ? "r0" : "r1");
    test_number(ds, PFC_ASSESSMENTS, r, "assessed_on", (double)(r * 13 % 100));
  }
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 50};
  pfc_bundle *b = bundle_by_hand(ds);
  const pfc_evaluate_settings s = figures_settings(20);
  char *text[2];
  for (int k = 0; k < 2; k++) {
    cJSON *json = NULL;
    omp_set_num_threads(1 + 2 * k);
    assert_ok(figures_judge(b, ds, &s, &json, &err));
    text[k] = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
  }
  omp_set_num_threads(2);
  assert_string_equal(text[0], text[1]);
  cJSON_free(text[0]);
  cJSON_free(text[1]);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

static pfc_dataset *short_of;

static pfc_status judge_once(void *user) {
  cJSON *json = NULL;
  const pfc_evaluate_settings s = figures_settings(2);
  const pfc_status st = figures_judge(user, short_of, &s, &json, NULL);
  cJSON_Delete(json);
  return st;
}

static void memory_is_short(void **state) {
  (void)state;
  short_of = dated();
  pfc_bundle *b = bundle_by_hand(short_of);
  assert_true(count_down(judge_once, b) > 100);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(short_of);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ratings_are_predicted_as_they_were_given),
      cmocka_unit_test(people_of_a_split_are_known_by_their_own_past),
      cmocka_unit_test(a_plain_table_of_ratings),
      cmocka_unit_test(sources_that_are_unknown),
      cmocka_unit_test(several_are_compared),
      cmocka_unit_test(nothing_to_judge),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
