// labels: property check
/* How near models come: models whose answers are known by hand, held against the truth by plain
 * sums; what evaluate says of the same rows is the same. Levels: test_recovery_levels.c. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "tests/support/countdown.h"
#include "tests/support/figures.h"
#include "tests/support/near.h"
#include "tests/support/recovery.h"
#include "trainer/offers.h"
#include "trainer/train.h"

static recovery_world w;

static int open_world(void **state) {
  (void)state;
  recovery_open(&w, 250, 60,
                PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS | PFC_TRAIN_TIME | PFC_TRAIN_ACCEPT,
                test_seed(4));
  w.bundle->has_profile = false; /* but where it is told of: it takes its time */
  return 0;
}

static int close_world(void **state) {
  (void)state;
  recovery_close(&w);
  return 0;
}

/* --- success ---------------------------------------------------------------------------------
 */

static double true_success(int64_t i) {
  const pfc_decision *d = &w.rows->start[i].d;
  return pfc_truth_success(w.org.truth, d->person, d->intervention, d->date);
}

/* Share of pairs of a pass and a failure in which the pass was the likelier. */
static double true_auc(void) {
  double right = 0, n = 0;
  for (int64_t i = 0; i < w.rows->n_starts; i++) {
    for (int64_t j = 0; j < w.rows->n_starts; j++) {
      if (w.rows->start[i].result != 1 || w.rows->start[j].result != 0) continue;
      const double a = true_success(i), b = true_success(j);
      right += a > b ? 1 : a == b ? 0.5 : 0;
      n++;
    }
  }
  return right / n;
}

static void success_is_held_against_true_probabilities(void **state) {
  (void)state;
  cJSON *json = recovery_run(&w), *judged = figures_of(w.bundle, w.org.ds);
  assert_near(figure_value(json, "success.auc"), figure_value(judged, "success.auc"), 1e-12);
  assert_near(figure_value(json, "success.log_loss"), figure_value(judged, "success.log_loss"),
              1e-9);
  double loss = 0;
  for (int64_t i = 0; i < w.rows->n_starts; i++) {
    const double p = true_success(i);
    loss -= log(w.rows->start[i].result ? p : 1 - p);
  }
  assert_near(figure_value(json, "success.at_truth.log_loss"), loss / (double)w.rows->n_starts,
              1e-9);
  assert_near(figure_value(json, "success.at_truth.auc"), true_auc(), 1e-9);
  cJSON_Delete(json);
  cJSON_Delete(judged);
}

/* A model that says the same of everybody. */
static void one_probability_for_all(void **state) {
  (void)state;
  pfc_chance *m = &w.bundle->success;
  const pfc_chance kept = *m;
  m->coef = pfc_alloc_array((size_t)m->features->n_columns, sizeof *m->coef);
  m->theta = pfc_alloc_array((size_t)m->rank + 1, sizeof *m->theta);
  assert_true(m->coef && m->theta);
  m->intercept = 0.5;
  m->calibration = PFC_BETA_IDENTITY;
  errors e = {0};
  for (int64_t i = 0; i < w.rows->n_starts; i++)
    errors_add(&e, 1 / (1 + exp(-0.5)) - true_success(i));
  cJSON *json = recovery_run(&w);
  errors_check(json, "success", &e);
  assert_near(figure_value(json, "success.auc"), 0.5, 1e-12);
  cJSON_Delete(json);
  pfc_free(m->coef);
  pfc_free(m->theta);
  *m = kept;
}

/* --- acceptance ------------------------------------------------------------------------------
 */

static pfc_offers *test_offers(void) {
  pfc_offers *o = NULL;
  assert_ok(pfc_offers_judged(w.history, &o, &err));
  assert_true(o->n > 100 && o->n_accepted > 20 && o->n - o->n_accepted > 20);
  return o;
}

static double true_accept(const pfc_offer *o) {
  assert_true(o->d.date >= w.org.ds->split.date);
  return pfc_truth_accept(w.org.truth, o->d.person, o->d.intervention, o->d.date);
}

static void acceptance_is_held_against_true_chances(void **state) {
  (void)state;
  cJSON *json = recovery_run(&w), *judged = figures_of(w.bundle, w.org.ds);
  pfc_offers *o = test_offers();
  double right = 0, n = 0, loss = 0;
  for (int64_t i = 0; i < o->n; i++) {
    const double p = true_accept(&o->at[i]);
    loss -= log(o->at[i].accepted ? p : 1 - p);
    for (int64_t j = 0; j < o->n; j++) {
      if (!o->at[i].accepted || o->at[j].accepted) continue;
      const double a = true_accept(&o->at[i]), b = true_accept(&o->at[j]);
      right += a > b ? 1 : a == b ? 0.5 : 0;
      n++;
    }
  }
  assert_near(figure_value(json, "accept.at_truth.auc"), right / n, 1e-9);
  assert_near(figure_part(json, "accept.auc", "n"), (double)o->n, 0);
  assert_near(figure_part(judged, "accept.auc", "n"), (double)o->n, 0);
  assert_near(figure_value(json, "accept.auc"), figure_value(judged, "accept.auc"), 1e-12);
  assert_near(figure_value(json, "accept.at_truth.log_loss"), loss / (double)o->n, 1e-9);
  assert_near(figure_value(json, "accept.log_loss"), figure_value(judged, "accept.log_loss"),
              1e-9);
  pfc_offers_destroy(o);
  cJSON_Delete(json);
  cJSON_Delete(judged);
}

/* A model that says the same of every offer: its errors by plain sums, its figures by hand. */
static void one_chance_for_all_offers(void **state) {
  (void)state;
  pfc_chance *m = &w.bundle->accept;
  const pfc_chance kept = *m;
  m->coef = pfc_alloc_array((size_t)m->features->n_columns, sizeof *m->coef);
  m->theta = pfc_alloc_array((size_t)m->rank + 1, sizeof *m->theta);
  assert_true(m->coef && m->theta);
  m->intercept = -0.4;
  m->calibration = PFC_BETA_IDENTITY;
  const double p = 1 / (1 + exp(0.4));
  pfc_offers *o = test_offers();
  errors e = {0};
  for (int64_t i = 0; i < o->n; i++) errors_add(&e, p - true_accept(&o->at[i]));
  const double share = (double)o->n_accepted / (double)o->n;
  cJSON *json = recovery_run(&w), *judged = figures_of(w.bundle, w.org.ds);
  errors_check(json, "accept", &e);
  assert_near(figure_value(json, "accept.auc"), 0.5, 1e-12);
  assert_near(figure_value(judged, "accept.mean_gap"), p - share, 1e-9);
  assert_near(figure_value(judged, "accept.ece"), fabs(p - share), 1e-9);
  assert_near(figure_value(judged, "accept.brier"),
              share * (1 - p) * (1 - p) + (1 - share) * p * p, 1e-9);
  assert_near(figure_value(judged, "accept.log_loss"),
              -share * log(p) - (1 - share) * log(1 - p), 1e-9);
  pfc_offers_destroy(o);
  cJSON_Delete(json);
  cJSON_Delete(judged);
  pfc_free(m->coef);
  pfc_free(m->theta);
  *m = kept;
}

/* --- time ------------------------------------------------------------------------------------
 */

/* A model with one rate of proficiency a day for everybody and nothing else. Keeps what it puts
 * aside in *kept. */
static const double ODDS = 0.004;

static void one_rate_for_all(pfc_hazard *m, pfc_hazard *kept) {
  *kept = *m;
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    const int32_t n = pfc_hazard_n_baseline(m, (pfc_cause)r);
    m->baseline[r] = pfc_alloc_array((size_t)n, sizeof **m->baseline);
    m->coef[r] = pfc_alloc_array((size_t)m->features->n_columns, sizeof **m->coef);
    assert_true(m->baseline[r] && m->coef[r]);
    for (int32_t b = 0; b < m->clock[r].n_bins; b++)
      m->baseline[r][b] = r == PFC_PROFICIENT ? log(ODDS) : -200;
  }
}

static void put_back(pfc_hazard *m, const pfc_hazard *kept) {
  for (int r = 0; r < PFC_N_CAUSES; r++) {
    pfc_free(m->baseline[r]);
    pfc_free(m->coef[r]);
  }
  *m = *kept;
}

static double true_reach(const pfc_episode *at, double day) {
  const pfc_truth *t = w.org.truth;
  int64_t k = t->target_start[at->intervention];
  while (t->target_competency[k] != at->competency) k++;
  return pfc_truth_reach_with(t, at->person, at->intervention, k, at->start,
                              (int32_t)fmax(1, floor(day)));
}

static void time_is_held_against_true_chances(void **state) {
  (void)state;
  pfc_hazard kept, *m = &w.bundle->time;
  one_rate_for_all(m, &kept);
  const double H = m->horizon_days, rate = log(1 + ODDS) / m->tick_days;
  const double FH = 1 - exp(-rate * H);
  const double p10 = -log(1 - 0.1 * FH) / rate, p90 = -log(1 - 0.9 * FH) / rate;
  errors end = {0}, by_90 = {0}, there = {0};
  double within = 0, reached = 0;
  for (int64_t i = 0; i < w.rows->n_episodes; i++) {
    const pfc_episode *at = &w.rows->episode[i];
    const double reach = true_reach(at, H);
    const int32_t target = pfc_catalogue_target(w.cat, at->intervention, at->competency);
    const bool is_there = pfc_truth_level(w.org.truth, at->person, at->competency, at->start) >=
                          w.cat->to_level[target];
    errors_add(&end, FH - reach);
    errors_add(&by_90, 1 - exp(-rate * fmin(90, H)) - true_reach(at, 90));
    errors_add(&there, is_there);
    if (is_there) continue;
    within += true_reach(at, p90) - true_reach(at, p10);
    reached += reach;
  }
  cJSON *json = recovery_run(&w);
  errors_check(json, "time", &end);
  if (H >= 90) errors_check(json, "time.by_day.90", &by_90);
  assert_near(figure_value(json, "time.already_there"), there.sum / (double)there.n, 1e-9);
  assert_true(there.sum > 0 && reached > 1);
  assert_near(figure_value(json, "time.within_p10_p90"), within / reached, 1e-9);
  assert_near(figure_value(json, "time.c_index"), 0.5, 1e-12);
  assert_true(figure_value(json, "time.at_truth.c_index") > 0.6);
  cJSON_Delete(json);
  put_back(m, &kept);
}

/* --- all of it -------------------------------------------------------------------------------
 */

static void what_is_not_modelled_is_null(void **state) {
  (void)state;
  static const char *const PARTS[] = {"level", "sources", "gaps", "success", "accept", "time"};
  w.bundle->has_success = w.bundle->has_time = w.bundle->has_accept = false;
  w.bundle->has_profile = true;
  cJSON *json = recovery_run(&w);
  assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "success")));
  assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "time")));
  assert_true(figure_value(json, "level.rmse") > 0);
  cJSON_Delete(json);
  w.bundle->has_profile = false;
  json = recovery_run(&w);
  for (size_t k = 0; k < sizeof PARTS / sizeof *PARTS; k++)
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, PARTS[k])));
  cJSON_Delete(json);
  w.bundle->has_success = w.bundle->has_time = w.bundle->has_accept = true;
}

static void threads_change_nothing(void **state) {
  (void)state;
  char *text[2];
  w.bundle->has_profile = true;
  for (int k = 0; k < 2; k++) {
    omp_set_num_threads(1 + 2 * k);
    cJSON *json = recovery_run(&w);
    text[k] = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
  }
  omp_set_num_threads(2);
  w.bundle->has_profile = false;
  assert_string_equal(text[0], text[1]);
  cJSON_free(text[0]);
  cJSON_free(text[1]);
}

static void what_has_no_meaning_is_refused(void **state) {
  (void)state;
  const pfc_split kept = w.org.ds->split;
  const pfc_recovery_settings settings = w.settings;
  cJSON *json = NULL;
  w.org.ds->split = (pfc_split){.kind = PFC_SPLIT_RANDOM, .fraction = 0.2, .seed = 1};
  assert_fails(pfc_recovery(w.bundle, w.org.ds, w.org.truth, &settings, &json, &err),
               PFC_EUSAGE, "split DATA --at DATE");
  w.org.ds->split = kept;
  w.settings.resamples = -1;
  assert_fails(pfc_recovery(w.bundle, w.org.ds, w.org.truth, &w.settings, &json, &err),
               PFC_EUSAGE, "resamples");
  w.settings.struct_size = 1;
  assert_fails(pfc_recovery(w.bundle, w.org.ds, w.org.truth, &w.settings, &json, &err),
               PFC_EUSAGE, "pfc_recovery_defaults");
  assert_null(json);
  w.settings = settings;
}

static pfc_status recover_once(void *user) {
  cJSON *json = NULL;
  const pfc_status st = pfc_recovery(w.bundle, w.org.ds, w.org.truth, user, &json, NULL);
  if (st != PFC_OK) assert_null(json);
  cJSON_Delete(json);
  return st;
}

/* On as few rows as there can be, since every allocation is walked through. */
static void memory_is_short(void **state) {
  (void)state;
  const pfc_split kept = w.org.ds->split;
  pfc_recovery_settings settings = w.settings;
  settings.resamples = 2;
  w.org.ds->split.date = w.org.truth->last_day;
  assert_true(count_down(recover_once, &settings) > 50);
  w.org.ds->split = kept;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(success_is_held_against_true_probabilities),
      cmocka_unit_test(one_probability_for_all),
      cmocka_unit_test(acceptance_is_held_against_true_chances),
      cmocka_unit_test(one_chance_for_all_offers),
      cmocka_unit_test(time_is_held_against_true_chances),
      cmocka_unit_test(what_is_not_modelled_is_null),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(what_has_no_meaning_is_refused),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, open_world, close_world);
}
