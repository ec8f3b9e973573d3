// labels: property check
/* Defects that are planted are found, each by the rule that it was planted for, and nothing
 * else is. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "datasets/export.h"
#include "datasets/import.h"
#include "datasets/quality.h"
#include "datasets/simulate_internal.h"
#include "tests/support/dataset.h"
#include "tests/support/oom.h"
#include "tests/support/organisation.h"

static pfc_dataset *frame;

static int read_frame(void **state) {
  (void)state;
  frame = test_frame();
  return 0;
}

static int drop_frame(void **state) {
  (void)state;
  pfc_dataset_destroy(frame);
  return 0;
}

static test_organisation draw(double dirty, uint64_t seed) {
  pfc_simulate_settings s = test_simulate_settings(400, 100, seed);
  s.dirty = dirty;
  return test_simulate(frame, &s);
}

static int64_t n_planted(const pfc_truth *t, const char *rule) {
  int64_t n = 0;
  const int32_t code = pfc_dict_find(t->dirt_rules, rule);
  for (int64_t i = 0; code >= 0 && i < t->n_dirt; i++) n += t->dirt_rule[i] == code;
  return n;
}

static bool is_planted(const pfc_truth *t, const char *rule, int32_t person) {
  const int32_t code = pfc_dict_find(t->dirt_rules, rule);
  for (int64_t i = 0; i < t->n_dirt; i++)
    if (t->dirt_rule[i] == code && t->dirt_person[i] == person) return true;
  return false;
}

/* The examples are of people in whose rows it was planted. */
static void look_at_examples(const pfc_dataset *ds, const pfc_truth *t,
                             const pfc_quality_finding *f) {
  const int32_t *person = pfc_dataset_codes(ds, f->table, "person_id");
  for (int i = 0; i < f->n_examples; i++)
    if (!is_planted(t, f->name, person[f->example[i].row]))
      fail_msg("%s: nothing was planted in %s", f->name, f->example[i].text);
}

/* Findings by rule are the defects planted by rule; returns how many there are. */
static int64_t compare(const pfc_dataset *ds, const pfc_truth *t, int32_t as_of) {
  pfc_quality_settings s;
  pfc_quality *q = NULL;
  int64_t n = 0;
  pfc_quality_defaults(&s);
  s.as_of = as_of;
  assert_ok(pfc_quality_create(ds, &s, &q, &err));
  for (int k = 0; k < q->n_findings; k++) {
    const pfc_quality_finding *f = &q->findings[k];
    const int64_t planted = n_planted(t, f->name);
    if (f->n != planted)
      fail_msg("%s: %lld rows break it, planted were %lld; %s", f->name, (long long)f->n,
               (long long)planted, f->n_examples ? f->example[0].text : "");
    look_at_examples(ds, t, f);
    n += f->n;
  }
  pfc_quality_destroy(q);
  return n;
}

static void what_was_planted_is_found_and_nothing_else(void **state) {
  (void)state;
  static const double RATES[] = {0.004, 0.03, 0.2};
  const uint64_t seed = test_seed(71);
  for (uint64_t k = 0; k < 3; k++) {
    for (int r = 0; r < 3; r++) {
      test_organisation o = draw(RATES[r], seed + k);
      const int64_t found = compare(o.ds, o.truth, PFC_NO_DATE);
      assert_int_equal(found, compare(o.ds, o.truth, o.truth->last_day));
      assert_true(found > 0 && o.truth->n_dirt - found <= 1); /* a feed is no row */
      test_organisation_clear(&o);
    }
  }
}

static void most_rules_have_their_turn(void **state) {
  (void)state;
  static const char *const RULES[] = {
      "enrolment_without_start",         "enrolment_without_end",   "enrolment_open_after_end",
      "enrolment_ended_before_enrolled", "enrolment_before_hire",   "enrolment_started_twice",
      "assessment_before_hire",          "assessment_two_levels",   "assessment_level_drop",
      "assessment_after_leaving",        "performance_before_hire", "performance_after_leaving",
      "person_role_disagrees",           "person_unit_disagrees"};
  test_organisation o = draw(0.2, 5);
  for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
    if (n_planted(o.truth, RULES[i]) == 0) fail_msg("%s was never planted", RULES[i]);
  test_organisation_clear(&o);
}

static void a_clean_organisation_has_none(void **state) {
  (void)state;
  test_organisation o = draw(0, 6);
  assert_int_equal(compare(o.ds, o.truth, PFC_NO_DATE), 0);
  assert_int_equal(o.truth->n_dirt, 0);
  test_organisation_clear(&o);
}

/* Rows that are fit for nothing make it fewer, chance (less than one in a thousand here, where
 * a standard deviation is about 30) more. */
static void the_rate_is_the_share_of_rows(void **state) {
  (void)state;
  test_organisation o = draw(0.1, 7);
  const pfc_table *t = o.ds->tables;
  const double rows = (double)(t[PFC_ENROLMENTS].n_rows + t[PFC_ASSESSMENTS].n_rows +
                               t[PFC_PERFORMANCE].n_rows + t[PFC_PEOPLE].n_rows);
  assert_true((double)o.truth->n_dirt > 0.04 * rows && (double)o.truth->n_dirt < 0.11 * rows);
  test_organisation_clear(&o);
}

/* --- the feed --------------------------------------------------------------------------- */

static void one_feed_has_stopped(void **state) {
  (void)state;
  static const char STALE[] = "stale_feed source=";
  test_organisation o = draw(0.01, 8);
  const pfc_truth *t = o.truth;
  const int32_t cutoff = t->last_day - (t->last_day - t->first_day) / 3 + 1;
  const char *source = "";
  for (int64_t i = 0; i < t->n_dirt; i++) {
    const char *rule = pfc_dict_text(t->dirt_rules, t->dirt_rule[i]);
    if (strncmp(rule, STALE, sizeof STALE - 1) != 0) continue;
    assert_string_equal(source, "");
    source = rule + sizeof STALE - 1;
    assert_int_equal(t->dirt_person[i], -1);
  }
  assert_string_not_equal(source, "");
  pfc_quality_settings s;
  pfc_quality *q = NULL;
  pfc_quality_defaults(&s);
  assert_ok(pfc_quality_create(o.ds, &s, &q, &err));
  for (int k = 0; k < q->n_feeds; k++) {
    if (q->feeds[k].table != PFC_ASSESSMENTS) continue;
    const bool is_thin =
        q->feeds[k].n_rows < 50; /* certificates: silent for months by chance */
    if (is_thin && strcmp(q->feeds[k].word, source) != 0) continue;
    const bool stale = q->feeds[k].latest <= cutoff;
    assert_int_equal(stale, strcmp(q->feeds[k].word, source) == 0);
  }
  pfc_quality_destroy(q);
  test_organisation_clear(&o);
}

/* --- as files --------------------------------------------------------------------------- */

static void import_takes_every_row(void **state) {
  (void)state;
  static const char *const FOLDER[] = {"dirty"};
  test_organisation o = draw(0.1, 9);
  pfc_export_settings to;
  pfc_import_settings from;
  pfc_dataset *back = NULL;
  pfc_export_defaults(&to);
  to.replace = true;
  assert_ok(pfc_export(o.ds, FOLDER[0], &to, &err));
  pfc_import_defaults(&from);
  from.max_bad = 0;
  from.as_of = o.truth->last_day;
  from.scale_min = o.ds->scale_min;
  from.scale_max = o.ds->scale_max;
  assert_ok(pfc_import(FOLDER, 1, &from, &back, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    assert_int_equal(back->tables[t].n_rows, o.ds->tables[t].n_rows);
    assert_int_equal(back->tables[t].origin.rows_rejected, 0);
  }
  assert_true(compare(back, o.truth, PFC_NO_DATE) > 0);
  pfc_dataset_destroy(back);
  test_organisation_clear(&o);
}

static void threads_change_nothing(void **state) {
  (void)state;
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  test_organisation one = draw(0.05, 10);
  omp_set_num_threads(2);
  test_organisation two = draw(0.05, 10);
  omp_set_num_threads(threads);
  test_dataset_equal(one.ds, two.ds, true);
  assert_int_equal(one.truth->n_dirt, two.truth->n_dirt);
  assert_memory_equal(one.truth->dirt_person, two.truth->dirt_person,
                      (size_t)one.truth->n_dirt * sizeof(int32_t));
  test_organisation_clear(&one);
  test_organisation_clear(&two);
}

static void short_memory_is_told(void **state) {
  (void)state;
  pfc_simulate_settings settings = test_simulate_settings(60, 30, 11);
  test_organisation o = test_simulate(frame, &settings);
  settings.dirty = 0.2;
  for (long fail_at = 0;; fail_at++) {
    pfc__sim s = {.settings = &settings};
    assert_ok(pfc_dataset_filter(o.ds, NULL, &s.ds, &err));
    s.truth = pfc_truth_create();
    s.truth->first_day = o.truth->first_day;
    s.truth->last_day = o.truth->last_day;
    oom_after(fail_at);
    const pfc_status st = pfc__sim_dirt(&s, NULL);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    pfc_dataset_destroy(s.ds);
    pfc_truth_destroy(s.truth);
    if (!failed) break;
  }
  test_organisation_clear(&o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_planted_is_found_and_nothing_else),
      cmocka_unit_test(most_rules_have_their_turn),
      cmocka_unit_test(a_clean_organisation_has_none),
      cmocka_unit_test(the_rate_is_the_share_of_rows),
      cmocka_unit_test(one_feed_has_stopped),
      cmocka_unit_test(import_takes_every_row),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests_name("datasets/simulate dirt", tests, read_frame, drop_frame);
}
