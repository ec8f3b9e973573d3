// labels: property check
/* Rules against a slow reading of the tables, on random organisations in which every rule has
 * something to say. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "tests/oracle/rules_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/gap_world.h"
#include "tests/support/profiled.h"
#include "tests/support/ruled.h"
#include "tests/support/tables.h"

enum { WORLDS = 100 };

/* An organisation on a day, and what is asked of it. */
typedef struct world {
  pfc_dataset *ds;
  pfc_history *h;
  pfc_catalogue *cat;
  pfc_bundle *bundle; /* NULL: no profile */
  pfc_gaps *gaps;
  pfc_person_gaps *known, *again; /* again: for the slow reading */
  int32_t n;
  int32_t candidate[RULED_ITEMS];
  pfc_rules *rules;
  pfc_ruling *ruling;
  rules_oracle oracle;
} world;

static double p_held(void *user, int32_t person, int32_t competency, double level) {
  const world *w = user;
  const pfc_levels *levels = pfc_gaps_levels(w->gaps);
  pfc_level told;
  if (level <= w->ds->scale_min) return 1;
  assert_ok(pfc_levels_look(levels, person, w->oracle.day, w->again->known, &err));
  pfc_levels_tell(levels, w->again->known, 1, &competency, PFC_NO_DATE, &told);
  return gap_phi((told.mean - level) / told.sd);
}

static void open_world(world *w, pfc_rng *rng, int is_undated, int has_profile) {
  static const double LEVELS[] = {1, 2, 3, 2, 1};
  *w = (world){.ds = ruled_organisation(rng, is_undated)};
  w->oracle =
      (rules_oracle){.ds = w->ds,
                     .day = is_undated ? PFC_NO_DATE : (int32_t)pfc_rng_below(rng, 1200),
                     .settings = ruled_settings(rng)};
  rules_oracle_open(&w->oracle);
  assert_ok(pfc_history_create(w->ds, &w->h, &err));
  assert_ok(pfc_catalogue_create(w->ds, &w->cat, &err));
  for (int32_t i = 0; i < w->cat->n_interventions; i++)
    if (pfc_rng_below(rng, 8) > 0) w->candidate[w->n++] = i;
  if (has_profile) {
    const pfc_gap_settings s = gap_day(w->oracle.day);
    w->bundle = profiled_bundle(w->ds, 5, LEVELS);
    assert_ok(pfc_gaps_create(w->bundle, w->ds, w->h, &s, &w->gaps, &err));
    assert_ok(pfc_person_gaps_create(w->gaps, &w->known, &err));
    assert_ok(pfc_person_gaps_create(w->gaps, &w->again, &err));
    w->oracle.p_held = p_held;
    w->oracle.user = w;
  }
  assert_ok(pfc_rules_create(w->ds, w->h, w->cat, w->gaps, w->n, w->candidate, w->oracle.day,
                             &w->oracle.settings, &w->rules, &err));
  assert_ok(pfc_ruling_create(w->rules, &w->ruling, &err));
}

static void close_world(world *w) {
  pfc_ruling_destroy(w->ruling);
  pfc_rules_destroy(w->rules);
  pfc_person_gaps_destroy(w->known);
  pfc_person_gaps_destroy(w->again);
  pfc_gaps_destroy(w->gaps);
  pfc_bundle_destroy(w->bundle);
  pfc_catalogue_destroy(w->cat);
  pfc_history_destroy(w->h);
  pfc_dataset_destroy(w->ds);
}

/* Cases, and how often each rule spoke. */
typedef struct tally {
  int64_t cases, against[PFC_N_RULES], allowed, forced, mandated, due;
} tally;

static void check_pairs(const world *w, int32_t person, tally *t) {
  const pfc_ruling *got = w->ruling;
  for (int32_t j = 0; j < w->n; j++) {
    const unsigned expected = rules_oracle_against(&w->oracle, person, w->candidate[j]);
    for (int k = 0; k < PFC_N_RULES; k++) {
      const int is_against = expected >> k & 1;
      t->against[k] += is_against;
      if (pfc_bit(got->broken[k], j) != is_against)
        fail_msg("%s, person %d, intervention %d, day %d: %d expected",
                 pfc_rule_name((pfc_rule)k), (int)person, (int)w->candidate[j],
                 (int)w->oracle.day, is_against);
    }
    assert_int_equal(pfc_bit(got->allowed, j), expected == 0);
    t->allowed += expected == 0;
    t->cases++;
  }
  for (int32_t j = w->n; j < got->n_words * 64; j++) assert_false(pfc_bit(got->allowed, j));
}

static void check_musts(const world *w, int32_t person, tally *t) {
  rules_oracle_must must[RULED_ITEMS];
  const int n = rules_oracle_musts(&w->oracle, person, w->n, w->candidate, must);
  assert_int_equal(w->ruling->n_must, n);
  for (int k = 0; k < n; k++) {
    const pfc_must *got = &w->ruling->must[k];
    assert_int_equal(w->candidate[got->candidate], must[k].intervention);
    assert_int_equal(got->due_on, must[k].due_on);
    assert_int_equal(got->override_row, must[k].override_row);
    t->forced += must[k].override_row >= 0;
    t->mandated += must[k].override_row < 0;
    t->due += must[k].due_on != PFC_NO_DATE;
  }
}

/* In any order, twice: nobody leaves a trace. */
static void check_people(const world *w, pfc_rng *rng, tally *t) {
  for (int k = 0; k < 2 * RULED_PEOPLE; k++) {
    const int32_t person = (int32_t)pfc_rng_below(rng, RULED_PEOPLE);
    if (person >= w->h->n_people) continue;
    if (w->gaps) assert_ok(pfc_gaps_of(w->gaps, person, PFC_NO_DATE, w->known, &err));
    pfc_rules_of(w->rules, person, w->known, w->ruling);
    const double hours = rules_oracle_hours(&w->oracle, person);
    assert_true(isnan(hours) ? isnan(w->ruling->hours_left)
                             : fabs(hours - w->ruling->hours_left) < 1e-9);
    check_pairs(w, person, t);
    check_musts(w, person, t);
  }
}

static void rules_are_what_the_tables_say(void **state) {
  (void)state;
  const uint64_t seed = test_seed(7001);
  tally t = {0};
  for (uint64_t k = 0; k < WORLDS; k++) {
    pfc_rng rng;
    world w;
    pfc_rng_init(&rng, seed, "rules", k);
    open_world(&w, &rng, k % 5 == 0, k % 3 == 0);
    check_people(&w, &rng, &t);
    close_world(&w);
  }
  assert_true(t.cases >= 10000);
  /* None of it went by default: each rule spoke, and was silent, hundreds of times. */
  for (int k = 0; k < PFC_N_RULES; k++)
    assert_true(t.against[k] > 200 && t.against[k] < t.cases - 200);
  assert_true(t.allowed > 200 && t.forced > 200 && t.mandated > 200 && t.due > 200);
}

/* --- a few by hand -------------------------------------------------------------------------
 */

static void expect_settings(const pfc_rule_settings *s, const char *name) {
  pfc_rules *rules = NULL;
  assert_fails(pfc_rule_check(s, &err), PFC_EUSAGE, name);
  (void)rules;
}

static void settings_are_checked(void **state) {
  (void)state;
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  assert_ok(pfc_rule_check(&s, &err));
  s.prerequisite_p = NAN;
  expect_settings(&s, "prerequisite_p");
  pfc_rule_defaults(&s);
  s.cool_down_days = -1;
  expect_settings(&s, "cool_down_days");
  pfc_rule_defaults(&s);
  s.most_under_way = 0;
  expect_settings(&s, "most_under_way");
  pfc_rule_defaults(&s);
  s.due_days = 3651;
  expect_settings(&s, "due_days");
  pfc_rule_defaults(&s);
  s.struct_size--;
  expect_settings(&s, "pfc_rule_defaults");
}

static pfc_status rule_once(void *user) {
  const world *w = user;
  pfc_rules *rules = NULL;
  pfc_ruling *ruling = NULL;
  pfc_status st = pfc_rules_create(w->ds, w->h, w->cat, w->gaps, w->n, w->candidate,
                                   w->oracle.day, &w->oracle.settings, &rules, NULL);
  if (st == PFC_OK) st = pfc_ruling_create(rules, &ruling, NULL);
  if (st == PFC_OK) pfc_rules_of(rules, 0, w->known, ruling);
  pfc_ruling_destroy(ruling);
  pfc_rules_destroy(rules);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  pfc_rng rng;
  world w;
  pfc_rng_init(&rng, 1, "rules", 0);
  open_world(&w, &rng, 0, 0);
  assert_true(count_down(rule_once, &w) > 30);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_are_what_the_tables_say),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("engine/rules", tests, NULL, NULL);
}
