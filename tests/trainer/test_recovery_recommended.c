// labels: property check
/* What is said of those recommended, by plain sums over the lists that `recommend` gives. */
#include "tests/support/test.h"

#include <math.h>

#include "engine/recommend.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/recovery.h"
#include "trainer/train.h"

enum { MOST = 3 * 250 };

/* Persons and interventions of the truth are those of the data, in order. */
typedef struct pairs {
  int n;
  double told[2][MOST], truth[2][MOST];
  double within, reached;
  int ineffective, harmful;
} pairs;

static recovery_world w;
static pairs seen;

static double reach(const pfc_score *s, int32_t person, int64_t target, double day) {
  return pfc_truth_reach_with(w.org.truth, person, s->intervention, target,
                              w.org.ds->split.date, (int32_t)fmax(1, floor(fmin(day, 720))));
}

static void add_time(const pfc_catalogue *cat, int32_t person, const pfc_score *s) {
  const pfc_truth *t = w.org.truth;
  const int32_t c = cat->competency[s->target];
  if (isnan(s->quantile_days[0])) return;
  for (int64_t k = t->target_start[s->intervention]; k < t->target_start[s->intervention + 1];
       k++) {
    if (t->target_competency[k] != c) continue;
    if (pfc_truth_level(t, person, c, w.org.ds->split.date) >= (double)t->target_to[k]) return;
    seen.within +=
        reach(s, person, k, s->quantile_days[2]) - reach(s, person, k, s->quantile_days[0]);
    seen.reached += reach(s, person, k, w.bundle->time.horizon_days);
  }
}

static pfc_status see(const pfc_list *list, void *user, pfc_error *e) {
  (void)e;
  int chosen = 0;
  for (int k = 0; k < list->n; k++) {
    const pfc_score *s = &list->at[k].score;
    if (list->at[k].why != PFC_FOR_VALUE || ++chosen > 3) continue;
    const int32_t day = w.org.ds->split.date;
    assert_true(seen.n < MOST);
    seen.told[0][seen.n] = s->accept;
    seen.told[1][seen.n] = s->p_success;
    seen.truth[0][seen.n] = pfc_truth_accept(w.org.truth, list->person, s->intervention, day);
    seen.truth[1][seen.n] = pfc_truth_success(w.org.truth, list->person, s->intervention, day);
    seen.ineffective += !(w.org.truth->effect[s->intervention] > 0);
    seen.harmful += w.org.truth->effect[s->intervention] < 0;
    add_time(user, list->person, s);
    seen.n++;
  }
  return PFC_OK;
}

static void recommend_by_hand(void) {
  pfc_scorer *scorer = NULL;
  pfc_catalogue *cat = NULL;
  pfc_scorer_settings settings;
  pfc_recommend_settings lists;
  pfc_scorer_defaults(&settings);
  settings.as_of = w.org.ds->split.date;
  pfc_recommend_defaults(&lists);
  lists.choice.top = 23;
  assert_ok(pfc_scorer_create(w.bundle, w.org.ds, &settings, &scorer, &err));
  assert_ok(pfc_catalogue_create(w.org.ds, &cat, &err));
  const pfc_truth *t = w.org.truth;
  for (int32_t p = 0; p < t->n_people; p++) {
    /* There: has a position that began, and not left. */
    if (pfc_truth_role(t, p, settings.as_of) < 0) continue;
    if (t->left_on[p] != PFC_NO_DATE && t->left_on[p] <= settings.as_of) continue;
    assert_ok(pfc_recommend(scorer, 1, &p, &lists, see, cat, NULL, &err));
  }
  pfc_catalogue_destroy(cat);
  pfc_scorer_destroy(scorer);
}

static int open_world(void **state) {
  (void)state;
  recovery_open(&w, 250, 60, PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS | PFC_TRAIN_TIME,
                test_seed(4));
  w.bundle->has_profile = false;
  recommend_by_hand();
  return 0;
}

static int close_world(void **state) {
  (void)state;
  recovery_close(&w);
  return 0;
}

/* Newton's method on the two parameters, true chances as shares of results. */
static double slope_by_hand(const double *told, const double *truth) {
  double a = 0, b = 0;
  for (int step = 0; step < 50; step++) {
    double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0;
    for (int k = 0; k < seen.n; k++) {
      const double x = log(told[k] / (1 - told[k])), q = 1 / (1 + exp(-(a + b * x)));
      g0 += q - truth[k];
      g1 += (q - truth[k]) * x;
      h00 += q * (1 - q);
      h01 += q * (1 - q) * x;
      h11 += q * (1 - q) * x * x;
    }
    const double det = h00 * h11 - h01 * h01;
    a -= (h11 * g0 - h01 * g1) / det;
    b -= (h00 * g1 - h01 * g0) / det;
  }
  return b;
}

static void chances_are_held_against_true_ones(void **state) {
  (void)state;
  static const char *const NAMES[] = {"accept", "success"};
  cJSON *json = recovery_run(&w);
  assert_true(seen.n > 300);
  for (int c = 0; c < 2; c++) {
    char path[80];
    double gap = 0;
    for (int k = 0; k < seen.n; k++) gap += seen.told[c][k] - seen.truth[c][k];
    (void)snprintf(path, sizeof path, "recommended.%s.mean_gap", NAMES[c]);
    assert_near(figure_value(json, path), gap / seen.n, 1e-9);
    (void)snprintf(path, sizeof path, "recommended.%s.calibration_slope", NAMES[c]);
    assert_near(figure_value(json, path), slope_by_hand(seen.told[c], seen.truth[c]), 1e-4);
  }
  cJSON_Delete(json);
}

static void intervals_hold_part_of_the_true_times(void **state) {
  (void)state;
  cJSON *json = recovery_run(&w);
  assert_true(seen.reached > 10);
  assert_near(figure_value(json, "recommended.time.within_p10_p90"), seen.within / seen.reached,
              1e-9);
  cJSON_Delete(json);
}

static void programmes_that_do_nothing_are_counted(void **state) {
  (void)state;
  cJSON *json = recovery_run(&w);
  const cJSON *part = cJSON_GetObjectItemCaseSensitive(
      cJSON_GetObjectItemCaseSensitive(json, "recommended"), "programmes");
  int none = 0, harm = 0;
  for (int32_t i = 0; i < w.org.truth->n_interventions; i++) {
    none += w.org.truth->effect[i] <= 0;
    harm += w.org.truth->effect[i] < 0;
  }
  assert_near(figure_value(json, "recommended.programmes.ineffective"),
              (double)seen.ineffective / seen.n, 1e-12);
  assert_near(figure_value(json, "recommended.programmes.harmful"),
              (double)seen.harmful / seen.n, 1e-12);
  const double n = w.org.truth->n_interventions;
  assert_near(cJSON_GetObjectItemCaseSensitive(part, "ineffective_in_catalogue")->valuedouble,
              none / n, 1e-12);
  assert_near(cJSON_GetObjectItemCaseSensitive(part, "harmful_in_catalogue")->valuedouble,
              harm / n, 1e-12);
  cJSON_Delete(json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chances_are_held_against_true_ones),
      cmocka_unit_test(intervals_hold_part_of_the_true_times),
      cmocka_unit_test(programmes_that_do_nothing_are_counted),
  };
  return cmocka_run_group_tests(tests, open_world, close_world);
}
