// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "bench/cold_ceiling.h"
#include "bench/cold_start.h"
#include "tests/support/near.h"
#include "tests/support/oom.h"
#include "tests/support/organisation.h"

static pfc_dataset *frame;
static cJSON *told;

/* Seconds, under sanitizers too. */
static pfc_cold_settings tiny_settings(void) {
  pfc_cold_settings s;
  pfc_cold_defaults(&s);
  s.organisation.n_people = 150;
  s.organisation.n_interventions = 60;
  s.organisation.n_months = 14;
  s.organisation.n_roles = 6;
  s.organisation.seed = s.seed = test_seed(4);
  s.days = 120;
  s.resamples = 50;
  s.train.als.rank = 4;
  s.train.models = PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS;
  return s;
}

static cJSON *run(const pfc_cold_settings *s) {
  cJSON *json = NULL;
  assert_ok(pfc_cold_run(frame, s, &json, &err));
  return json;
}

static int load(void **state) {
  (void)state;
  frame = test_frame();
  assert_ok(pfc_par_init(0, &err));
  const pfc_cold_settings s = tiny_settings();
  told = run(&s);
  return 0;
}

static int drop(void **state) {
  (void)state;
  cJSON_Delete(told);
  pfc_dataset_destroy(frame);
  return 0;
}

static const cJSON *at(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  if (!item) fail_msg("no %s", key);
  return item;
}

static double figure(const cJSON *json, const char *part, const char *name, const char *key) {
  return at(at(at(json, part), name), key)->valuedouble;
}

static const char *const PARTS[] = {"new_people", "new_interventions", "new_among_old",
                                    "new_competencies", "new_competencies_among_old"};
enum { N_PARTS = sizeof PARTS / sizeof *PARTS };

static void figures_hang_together(void **state) {
  (void)state;
  for (int k = 0; k < N_PARTS; k++) {
    const double value = figure(told, PARTS[k], "value", "value");
    assert_near(figure(told, PARTS[k], "share_of_known", "value"),
                value / figure(told, PARTS[k], "known", "value"), 1e-12);
    assert_near(figure(told, PARTS[k], "value_less_popularity", "value"),
                value - figure(told, PARTS[k], "popularity", "value"), 1e-12);
    assert_true(figure(told, PARTS[k], "share_of_known", "lo") <=
                figure(told, PARTS[k], "share_of_known", "hi"));
  }
  assert_near(figure(told, "new_people", "share_of_others", "value"),
              figure(told, "new_people", "value", "value") /
                  figure(told, "new_people", "others", "value"),
              1e-12);
}

/* What the lists of a part add up to; the mean of no list at all is no number. */
static double sum_of(const char *key) {
  const double n = figure(told, "new_among_old", key, "n");
  if (n > 0) return n * figure(told, "new_among_old", key, "value");
  assert_true(cJSON_IsNull(at(at(at(told, "new_among_old"), key), "value")));
  return 0;
}

/* Everybody is led to a new one, to an old one, or to nothing. In so small an organisation the
 * twelve new ones may all be worth less than an old one to everybody. */
static void lists_are_their_parts(void **state) {
  (void)state;
  static const char *const OF[2][4] = {
      {"value", "led_to_new", "new_listed", "old_listed"},
      {"known", "known_led_to_new", "known_new_listed", "known_old_listed"}};
  const double n = figure(told, "new_among_old", "value", "n");
  for (int k = 0; k < 2; k++) {
    const double n_new = figure(told, "new_among_old", OF[k][2], "n"),
                 n_old = figure(told, "new_among_old", OF[k][3], "n");
    assert_near(figure(told, "new_among_old", OF[k][1], "value"), n_new / n, 1e-12);
    assert_true(n_old > 0 && n_new + n_old <= n);
    assert_near(figure(told, "new_among_old", OF[k][0], "value") * n,
                sum_of(OF[k][2]) + sum_of(OF[k][3]), 1e-9);
  }
  assert_near(figure(told, "new_among_old", "value", "value"),
              figure(told, "new_people", "others", "value"), 0);
  assert_near(figure(told, "new_among_old", "value_less_without_new", "value"),
              figure(told, "new_among_old", "value", "value") -
                  figure(told, "new_among_old", "without_new", "value"),
              1e-12);
}

/* A share of 0.2, within five standard deviations: wrong once in two million seeds. */
static void as_many_are_hidden_as_asked_for(void **state) {
  (void)state;
  const double people = at(told, "people")->valuedouble;
  const double hidden = figure(told, "new_people", "value", "n");
  assert_near(hidden, 0.2 * people, 5 * sqrt(0.16 * people));
  assert_near(figure(told, "new_people", "others", "n"), people - hidden, 0);
  assert_near(figure(told, "new_interventions", "value", "n"), people - hidden, 0);
  assert_near(at(told, "hidden_interventions")->valuedouble, 12, 5 * sqrt(0.16 * 60));
  const double skills = at(told, "competencies")->valuedouble;
  assert_near(at(told, "hidden_competencies")->valuedouble, 0.2 * skills,
              5 * sqrt(0.16 * skills));
  assert_near(figure(told, "new_competencies", "value", "n"), people, 0);
  const double aim = at(told, "interventions_at_hidden_competencies")->valuedouble;
  assert_true(aim > 0 && aim < 60);
}

/* Kind of an intervention by its id, read out of the table row by row; -1 of the ones told to
 * be new, which no mean may see. */
static int32_t kind_of(const pfc_dataset *ds, const char *id, const uint8_t *is_new) {
  const int32_t *code = pfc_dataset_codes(ds, PFC_INTERVENTIONS, "intervention_id");
  const int32_t *kind = pfc_dataset_codes(ds, PFC_INTERVENTIONS, "kind");
  const pfc_dict *dict = pfc_dataset_find_dict(ds, "intervention");
  for (int64_t r = 0; r < ds->tables[PFC_INTERVENTIONS].n_rows; r++)
    if (strcmp(pfc_dict_text(dict, code[r]), id) == 0)
      return is_new && is_new[code[r]] ? -1 : kind[r];
  fail_msg("no intervention %s", id);
  return -1;
}

/* Every third is new: of these the truth becomes the mean of the others of their kind. */
static void new_ones_become_the_average_of_their_kind(void **state) {
  (void)state;
  const pfc_cold_settings s = tiny_settings();
  pfc_dataset *ds = NULL;
  pfc_truth *truth = NULL, *was = NULL;
  uint8_t is_new[60] = {0};
  assert_ok(pfc_simulate(frame, &s.organisation, &ds, &truth, &err));
  pfc_dataset_destroy(ds);
  assert_ok(pfc_simulate(frame, &s.organisation, &ds, &was, &err));
  for (int k = 0; k < 60; k += 3) is_new[k] = 1;
  assert_ok(pfc__cold_average(ds, is_new, truth, &err));
  int n_known = 0;
  for (int32_t i = 0; i < truth->n_interventions; i++) {
    const char *id = pfc_dict_text(was->interventions, i);
    const int32_t kind = kind_of(ds, id, NULL);
    double sum[3] = {0}, n = 0;
    for (int32_t j = 0; j < was->n_interventions; j++) {
      if (kind_of(ds, pfc_dict_text(was->interventions, j), is_new) != kind) continue;
      sum[0] += (double)was->effect[j];
      sum[1] += (double)was->appeal[j];
      sum[2] += (double)was->pull[j * PFC_TRUTH_TASTES + 1];
      n++;
    }
    const bool known = kind_of(ds, id, is_new) >= 0;
    n_known += known;
    if (!known && n == 0) continue;
    assert_near((double)truth->effect[i], known ? (double)was->effect[i] : sum[0] / n, 1e-5);
    assert_near((double)truth->appeal[i], known ? (double)was->appeal[i] : sum[1] / n, 1e-5);
    const int at_pull = i * PFC_TRUTH_TASTES + 1;
    assert_near((double)truth->pull[at_pull], known ? (double)was->pull[at_pull] : sum[2] / n,
                1e-5);
  }
  assert_int_equal(n_known, 40);
  pfc_truth_destroy(truth);
  pfc_truth_destroy(was);
  pfc_dataset_destroy(ds);
}

/* Where nothing is learned from people or interventions, nothing is lost by hiding them: a
 * policy that draws by lot leads the same ones to the same things. */
static void hiding_takes_nothing_from_chance(void **state) {
  (void)state;
  pfc_cold_settings s = tiny_settings();
  s.train.baseline.kind = PFC_BASELINE_RANDOM;
  cJSON *json = run(&s);
  for (int k = 0; k < N_PARTS; k++)
    assert_near(figure(json, PARTS[k], "share_of_known", "value"), 1, 1e-12);
  cJSON_Delete(json);
}

static void threads_do_not_show(void **state) {
  (void)state;
  const pfc_cold_settings s = tiny_settings();
  const int before = omp_get_max_threads();
  assert_ok(pfc_par_init(3, &err));
  cJSON *json = run(&s);
  assert_ok(pfc_par_init(before, &err));
  char *text[2] = {cJSON_PrintUnformatted(told), cJSON_PrintUnformatted(json)};
  assert_string_equal(text[0], text[1]);
  free(text[0]);
  free(text[1]);
  cJSON_Delete(json);
}

static void refused(const pfc_cold_settings *s, const char *text) {
  cJSON *json = NULL;
  assert_fails(pfc_cold_run(frame, s, &json, &err), PFC_EUSAGE, text);
  assert_null(json);
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_cold_settings s = tiny_settings();
  s.share = 0;
  refused(&s, "share is 0, allowed is 0.01 to 0.9");
  s = tiny_settings();
  s.days = 0;
  refused(&s, "days is 0, allowed is 1");
  s = tiny_settings();
  s.horizon_days = 721;
  refused(&s, "horizon_days is 721");
  s = tiny_settings();
  s.resamples = -1;
  refused(&s, "resamples is -1");
  s = tiny_settings();
  s.struct_size = 0;
  refused(&s, "pfc_cold_defaults");
}

/* Some allocations alone: what draws and trains inside of it has its own countdown. */
static void memory_is_short(void **state) {
  (void)state;
  pfc_cold_settings s = tiny_settings();
  s.train.baseline.kind = PFC_BASELINE_RANDOM;
  bool happened = true;
  for (int64_t after = 3; happened; after += 1 + after / 2) {
    cJSON *json = NULL;
    oom_after(after);
    const pfc_status st = pfc_cold_run(frame, &s, &json, NULL);
    happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
    cJSON_Delete(json);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(figures_hang_together),
      cmocka_unit_test(lists_are_their_parts),
      cmocka_unit_test(as_many_are_hidden_as_asked_for),
      cmocka_unit_test(new_ones_become_the_average_of_their_kind),
      cmocka_unit_test(hiding_takes_nothing_from_chance),
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, load, drop);
}
