// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "bench/loop.h"
#include "datasets/split.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "tests/support/organisation.h"
#include "tests/support/simulated.h"

static pfc_dataset *frame;
static cJSON *three; /* rounds, of the tiny settings */

/* Seconds, under sanitizers too. */
static pfc_loop_settings tiny_settings(int32_t rounds) {
  pfc_loop_settings s;
  pfc_loop_defaults(&s);
  s.organisation.n_people = 100;
  s.organisation.n_interventions = 30;
  s.organisation.n_months = 10;
  s.organisation.seed = s.seed = test_seed(4);
  s.rounds = rounds;
  s.resamples = 50;
  s.train.als.rank = 4;
  return s;
}

static cJSON *run(const pfc_loop_settings *s) {
  cJSON *json = NULL;
  assert_ok(pfc_loop_run(frame, s, &json, &err));
  return json;
}

static int load(void **state) {
  (void)state;
  frame = test_frame();
  assert_ok(pfc_par_init(0, &err));
  const pfc_loop_settings s = tiny_settings(3);
  three = run(&s);
  return 0;
}

static int drop(void **state) {
  (void)state;
  cJSON_Delete(three);
  pfc_dataset_destroy(frame);
  return 0;
}

static const cJSON *at(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  if (!item) fail_msg("no %s", key);
  return item;
}

static const cJSON *round_at(const cJSON *json, int round) {
  return cJSON_GetArrayItem(at(json, "rounds"), round);
}

static double figure(const cJSON *json, int round, const char *policy, const char *name) {
  return at(at(at(at(round_at(json, round), "policies"), policy), name), "value")->valuedouble;
}

/* --- what it says --------------------------------------------------------------------------
 */

enum { N_POLICIES = 5 };
static const char *const POLICIES[N_POLICIES] = {"refit", "frozen", "gap", "popularity",
                                                 "random"};

static void rounds_are_told(void **state) {
  (void)state;
  const cJSON *json = three;
  assert_int_equal(cJSON_GetArraySize(at(json, "rounds")), 3);
  /* Three rounds of 91 days that end with 2025-12-31. */
  assert_string_equal(at(round_at(json, 0), "day")->valuestring, "2025-04-03");
  assert_string_equal(at(round_at(json, 1), "day")->valuestring, "2025-07-03");
  for (int r = 0; r < 3; r++) {
    for (int k = 0; k < N_POLICIES; k++) {
      const cJSON *policy = at(at(round_at(json, r), "policies"), POLICIES[k]);
      const cJSON *regret = at(policy, "regret");
      const double best =
          figure(json, r, POLICIES[k], "worth") + at(regret, "value")->valuedouble;
      /* Nobody closes more than the oracle does, whose worth is above nothing. */
      assert_true(at(regret, "value")->valuedouble >= -1e-6 && best > 0);
      assert_true(at(regret, "lo")->valuedouble <= at(regret, "hi")->valuedouble);
      assert_true(at(policy, "led")->valuedouble <= 1);
      assert_true(at(regret, "n")->valuedouble > 50 && at(regret, "n")->valuedouble <= 100);
    }
  }
}

/* In the first round nothing has been learned yet. */
static void worlds_begin_alike(void **state) {
  (void)state;
  const cJSON *json = three;
  assert_true(figure(json, 0, "refit", "regret") == figure(json, 0, "frozen", "regret"));
  const double best = figure(json, 0, "refit", "regret") + figure(json, 0, "refit", "worth");
  for (int k = 1; k < N_POLICIES; k++)
    assert_true(fabs(figure(json, 0, POLICIES[k], "regret") +
                     figure(json, 0, POLICIES[k], "worth") - best) < 1e-9);
}

/* A comparison is the mean over people and rounds: with the same people in two rounds or more
 * that of the rounds' differences, weighed by how many are there. */
static void comparisons_are_of_later_rounds(void **state) {
  (void)state;
  const cJSON *json = three;
  const cJSON *x;
  int k = 1;
  cJSON_ArrayForEach(x, at(json, "comparisons")) {
    double sum = 0, n = 0;
    if (strcmp(at(x, "figure")->valuestring, "shortfall") == 0) break; /* regret comes first */
    assert_string_equal(at(x, "against")->valuestring, POLICIES[k]);
    for (int r = 1; r < 3; r++) {
      const cJSON *refit = at(at(at(round_at(json, r), "policies"), "refit"), "regret");
      const double there = at(refit, "n")->valuedouble;
      sum +=
          there * (figure(json, r, "refit", "regret") - figure(json, r, POLICIES[k], "regret"));
      n += there;
    }
    assert_true(fabs(at(x, "difference")->valuedouble - sum / n) < 1e-9);
    assert_true(at(x, "p")->valuedouble <= at(x, "p_holm")->valuedouble);
    k++;
  }
  assert_int_equal(k, N_POLICIES);
}

/* Of the last round alone: what is left when it is over. */
static void comparisons_tell_the_end(void **state) {
  (void)state;
  const cJSON *json = three;
  for (int k = 1; k < N_POLICIES; k++) {
    const cJSON *x = cJSON_GetArrayItem(at(json, "comparisons"), N_POLICIES - 2 + k);
    assert_string_equal(at(x, "figure")->valuestring, "shortfall");
    assert_string_equal(at(x, "against")->valuestring, POLICIES[k]);
    const double difference =
        figure(json, 2, "refit", "shortfall") - figure(json, 2, POLICIES[k], "shortfall");
    assert_true(fabs(at(x, "difference")->valuedouble - difference) < 1e-9);
  }
}

/* With one round there is nothing to compare. */
static void one_round_is_enough(void **state) {
  (void)state;
  const pfc_loop_settings s = tiny_settings(1);
  cJSON *json = run(&s);
  assert_int_equal(cJSON_GetArraySize(at(json, "rounds")), 1);
  assert_int_equal(cJSON_GetArraySize(at(json, "comparisons")), 0);
  cJSON_Delete(json);
}

static void threads_do_not_show(void **state) {
  (void)state;
  const pfc_loop_settings s = tiny_settings(2);
  const int before = omp_get_max_threads();
  char *text[2];
  for (int k = 0; k < 2; k++) {
    assert_ok(pfc_par_init(k == 0 ? 1 : 3, &err));
    cJSON *json = run(&s);
    text[k] = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
  }
  assert_ok(pfc_par_init(before, &err));
  assert_string_equal(text[0], text[1]);
  free(text[0]);
  free(text[1]);
}

/* --- learning ------------------------------------------------------------------------------
 */

typedef struct witness {
  int n;
  int64_t starts[8]; /* of each refit: known starts that the loop led to */
  int64_t ratings[8];
} witness;

/* Rows that training sees, from that day on. */
static int64_t seen(const pfc_dataset *ds, pfc_table_id table, const char *column,
                    int32_t day) {
  pfc_dataset *view = NULL;
  int64_t n = 0;
  assert_ok(pfc_split_training_view(ds, &view, &err));
  const int32_t *date = pfc_dataset_dates(view, table, column);
  for (int64_t row = 0; row < view->tables[table].n_rows; row++) n += date[row] >= day;
  pfc_dataset_destroy(view);
  return n;
}

static pfc_status refit_watched(const pfc_dataset *ds, const pfc_train_settings *settings,
                                const pfc_bundle *old, void *user, pfc_bundle **bundle,
                                pfc_error *err) {
  witness *w = user;
  pfc_train_report report;
  const int32_t first = 20454 - 3 * 91; /* of the first round */
  assert_non_null(old);
  w->starts[w->n] = seen(ds, PFC_ENROLMENTS, "started_on", first);
  w->ratings[w->n++] = seen(ds, PFC_ASSESSMENTS, "assessed_on", first);
  return pfc_train(ds, settings, bundle, &report, err);
}

static void refits_see_what_was_led_to(void **state) {
  (void)state;
  witness w = {0};
  pfc_loop_settings s = tiny_settings(3);
  s.refit = refit_watched;
  s.refit_user = &w;
  cJSON *json = run(&s);
  assert_int_equal(w.n, 2); /* none before the first round */
  assert_true(w.starts[0] > 10 && w.starts[1] > w.starts[0] + 5);
  assert_true(w.ratings[0] > 50 && w.ratings[1] > w.ratings[0] + 50);
  cJSON_Delete(json);
}

/* A refit that fails ends the loop and is told. */
static pfc_status refit_refused(const pfc_dataset *ds, const pfc_train_settings *settings,
                                const pfc_bundle *old, void *user, pfc_bundle **bundle,
                                pfc_error *err) {
  (void)ds;
  (void)settings;
  (void)old;
  (void)user;
  (void)bundle;
  return pfc_fail(err, PFC_EDATA, "not today");
}

static void failures_are_told(void **state) {
  (void)state;
  cJSON *json = NULL;
  pfc_loop_settings s = tiny_settings(2);
  s.refit = refit_refused;
  assert_fails(pfc_loop_run(frame, &s, &json, &err), PFC_EDATA, "not today");
  assert_null(json);
}

static void settings_are_checked(void **state) {
  (void)state;
  cJSON *json = NULL;
  pfc_loop_settings s = tiny_settings(0);
  assert_fails(pfc_loop_run(frame, &s, &json, &err), PFC_EUSAGE, "rounds is 0, allowed is 1");
  s = tiny_settings(2);
  s.days = 6;
  assert_fails(pfc_loop_check(&s, &err), PFC_EUSAGE, "days is 6, allowed is 7 to 720");
  s = tiny_settings(2);
  s.horizon_days = 721;
  assert_fails(pfc_loop_check(&s, &err), PFC_EUSAGE, "horizon_days is 721");
  s = tiny_settings(2);
  s.organisation.n_people = 3;
  assert_fails(pfc_loop_check(&s, &err), PFC_EUSAGE, "people is 3");
  s = (pfc_loop_settings){0};
  assert_fails(pfc_loop_check(&s, &err), PFC_EUSAGE, "pfc_loop_defaults");
}

/* Of a round of a gated loop, what leads in it: the candidate where it was promoted, else the
 * champion. */
static double expected_lead(const cJSON *decision) {
  const char *verdict = at(decision, "verdict")->valuestring;
  const cJSON *candidate = cJSON_GetObjectItemCaseSensitive(decision, "candidate");
  if (!candidate) assert_string_equal(verdict, "none");
  if (!candidate) return NAN;
  const double worth = candidate->valuedouble, old = at(decision, "champion")->valuedouble;
  const double best = at(decision, "oracle")->valuedouble,
               chance = at(decision, "random")->valuedouble;
  assert_true(worth <= best + 1e-9 && old <= best + 1e-9);
  assert_near(at(decision, "gain")->valuedouble, (worth - old) / (best - chance), 1e-12);
  return strcmp(verdict, "promote") == 0 ? worth : old;
}

static void gates_decide_who_leads(void **state) {
  (void)state;
  pfc_loop_settings s = tiny_settings(3);
  s.organisation.n_months = 14; /* the first model knows nothing of the newest three */
  s.resamples = 0;
  s.challenge.gate.resamples = 100;
  s.gated = true;
  cJSON *json = run(&s);
  const cJSON *decisions = at(json, "decisions");
  bool is_first = true;
  assert_int_equal(cJSON_GetArraySize(decisions), 2);
  for (int r = 1; r < 3; r++) {
    const cJSON *decision = cJSON_GetArrayItem(decisions, r - 1);
    const double leads = expected_lead(decision);
    const double worth = figure(json, r, "refit", "worth");
    assert_int_equal(at(decision, "round")->valueint, r + 1);
    if (!isnan(leads)) assert_near(worth, leads, 1e-9);
    is_first &= strcmp(at(decision, "verdict")->valuestring, "promote") != 0;
    if (is_first) assert_near(worth, figure(json, r, "frozen", "worth"), 0);
  }
  assert_null(cJSON_GetObjectItem(three, "decisions"));
  cJSON_Delete(json);
}

/* The laws are others from the middle round on: fewer accept what they are led to, and fewer
 * pass, so that even the best closes less. */
static void drift_shows_in_the_middle(void **state) {
  (void)state;
  pfc_loop_settings s = tiny_settings(3);
  s.drift = true;
  cJSON *json = run(&s);
  const cJSON *both[] = {three, json};
  assert_string_equal(at(json, "drift_on")->valuestring,
                      at(round_at(json, 1), "day")->valuestring);
  assert_null(cJSON_GetObjectItemCaseSensitive(three, "drift_on"));
  double best[2] = {0};
  for (int k = 0; k < 2; k++)
    for (int r = 1; r < 3; r++)
      best[k] += figure(both[k], r, "frozen", "regret") + figure(both[k], r, "frozen", "worth");
  assert_true(best[1] < best[0]);
  cJSON_Delete(json);
}

/* --- memory ---------------------------------------------------------------------------------
 */

/* Every 211th allocation fails once, which takes seconds; all parts are walked through alone
 * elsewhere. */
static void memory_may_be_short(void **state) {
  (void)state;
  enum { STRIDE = 211 };
  pfc_dataset *little = simulated_little();
  pfc_loop_settings s = tiny_settings(2);
  s.organisation.n_people = s.organisation.n_interventions = 20;
  s.organisation.n_months = 3;
  s.organisation.n_roles = 2;
  s.days = 30;
  s.resamples = 3;
  int happened = 1, n = 0;
  for (long after = 0; happened; after += STRIDE, n++) {
    cJSON *json = NULL;
    oom_after(after);
    const pfc_status st = pfc_loop_run(little, &s, &json, NULL);
    happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
    assert_true((json != NULL) == (st == PFC_OK));
    cJSON_Delete(json);
  }
  assert_true(n > 20);
  pfc_dataset_destroy(little);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounds_are_told),
      cmocka_unit_test(worlds_begin_alike),
      cmocka_unit_test(comparisons_are_of_later_rounds),
      cmocka_unit_test(comparisons_tell_the_end),
      cmocka_unit_test(one_round_is_enough),
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(refits_see_what_was_led_to),
      cmocka_unit_test(gates_decide_who_leads),
      cmocka_unit_test(failures_are_told),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(drift_shows_in_the_middle),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, load, drop);
}
