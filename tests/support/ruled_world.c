/* Rules of random organisations, held against a slow reading of their tables. */
#include <math.h>

#include "tests/support/gap_world.h"
#include "tests/support/profiled.h"
#include "tests/support/ruled.h"
#include "tests/support/test.h"

static double p_held(void *user, int32_t person, int32_t competency, double level) {
  const ruled_world *w = user;
  const pfc_levels *levels = pfc_gaps_levels(w->gaps);
  pfc_level told;
  if (level <= w->ds->scale_min) return 1;
  assert_ok(pfc_levels_look(levels, person, w->oracle.day, w->again->known, &err));
  pfc_levels_tell(levels, w->again->known, 1, &competency, PFC_NO_DATE, &told);
  return gap_phi((told.mean - level) / told.sd);
}

void ruled_open(ruled_world *w, pfc_rng *rng, int is_undated, int has_profile) {
  static const double LEVELS[] = {1, 2, 3, 2, 1};
  *w = (ruled_world){.ds = ruled_organisation(rng, is_undated)};
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
  const pfc_rules_world looks = {w->ds, w->h, w->cat, w->gaps, w->oracle.day};
  assert_ok(pfc_rules_create(&looks, w->n, w->candidate, &w->oracle.settings, &w->rules, &err));
  assert_ok(pfc_ruling_create(w->rules, &w->ruling, &err));
}

void ruled_close(ruled_world *w) {
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

static void check_pairs(const ruled_world *w, int32_t person, ruled_tally *t) {
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

static void check_musts(const ruled_world *w, int32_t person, ruled_tally *t) {
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
static void check_people(const ruled_world *w, pfc_rng *rng, ruled_tally *t) {
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

ruled_tally ruled_check(uint64_t seed, int worlds) {
  ruled_tally t = {0};
  for (int k = 0; k < worlds; k++) {
    pfc_rng rng;
    ruled_world w;
    pfc_rng_init(&rng, seed, "rules", (uint64_t)k);
    ruled_open(&w, &rng, k % 5 == 0, k % 3 == 0);
    check_people(&w, &rng, &t);
    ruled_close(&w);
  }
  return t;
}
