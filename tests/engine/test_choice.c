// labels: property check
/* Choice against trying all candidates at every place; exploration against enumeration. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "engine/choice.h"
#include "engine/scorer_internal.h"
#include "tests/oracle/choice_oracle.h"
#include "tests/support/company.h"
#include "tests/support/countdown.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/train.h"

enum { MOST = 40 };

static pfc_dataset *ds;
static pfc_bundle *bundle;
static pfc_scorer *scorer;
static int32_t n_people;

static pfc_scorer_settings day_of_split(void) {
  pfc_scorer_settings s;
  pfc_scorer_defaults(&s);
  s.as_of = COMPANY_SPLIT;
  s.rules.most_under_way = 1000;
  return s;
}

/* Something that must be listed, of some. */
static void put_musts(void) {
  test_rows(ds, PFC_MANDATES, "intervention_id,role_id,due_on,recurs_months",
            "i3,r1,340,;i14,r2,,12");
  test_rows(ds, PFC_OVERRIDES, "person_id,intervention_id,action",
            "p3,i6,force;p5,i0,block;p10,i9,force;p10,i2,force");
}

static int set_up(void **state) {
  (void)state;
  const pfc_scorer_settings settings = day_of_split();
  assert_ok(pfc_par_init(1, &err));
  ds = company_create_split(test_seed(72), 0);
  put_musts();
  bundle = scoring_train(ds, PFC_TRAIN_ALL);
  assert_ok(pfc_scorer_create(bundle, ds, &settings, &scorer, &err));
  n_people = pfc_dataset_count(ds, "person");
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_scorer_destroy(scorer);
  pfc_bundle_destroy(bundle);
  pfc_dataset_destroy(ds);
  return 0;
}

static pfc_choice_settings first(int top) {
  pfc_choice_settings s;
  pfc_choice_defaults(&s);
  s.top = top;
  return s;
}

/* The list of one person. */
typedef struct chosen {
  int n;
  pfc_choice at[MOST];
  pfc_choice_note note;
} chosen;

static void look_at(int32_t person) {
  assert_ok(pfc_scorer_begin(scorer, 0, 1, &person, &err));
  assert_ok(pfc_scorer_look(scorer, 0, 0, &err));
}

static void choose_with(pfc_chooser *c, int32_t person, int n_before, const int32_t *before,
                        chosen *out) {
  look_at(person);
  assert_ok(pfc_choose(c, 0, person, n_before, before, out->at, &out->n, &out->note, &err));
}

static void choose(const pfc_choice_settings *s, int32_t person, int n_before,
                   const int32_t *before, chosen *out) {
  pfc_chooser *c = NULL;
  assert_ok(pfc_chooser_create(scorer, s, &c, &err));
  choose_with(c, person, n_before, before, out);
  pfc_chooser_destroy(c);
}

static double sum_of(const chosen *c) {
  double sum = 0;
  for (int k = 0; k < c->n; k++) sum += c->at[k].adds;
  return sum;
}

/* --- greedy --------------------------------------------------------------------------------
 */

static pfc_choice_settings random_settings(pfc_rng *rng) {
  pfc_choice_settings s = first(1 + (int)pfc_rng_below(rng, 12));
  if (pfc_rng_below(rng, 2)) s.diversity = (double)pfc_rng_below(rng, 11) / 10;
  if (pfc_rng_below(rng, 3) == 0) s.attention_hours = 0.5 + (double)pfc_rng_below(rng, 20);
  if (pfc_rng_below(rng, 3) == 0) s.min_value = pfc_rng_uniform(rng) * 0.05;
  if (pfc_rng_below(rng, 4) == 0) s.min_value = -1;
  if (pfc_rng_below(rng, 3) == 0) s.rank_by = PFC_RANK_AFFINITY;
  return s;
}

static void each_place_holds_the_best_there_is(void **state) {
  (void)state;
  const uint64_t seed = test_seed(812);
  pfc_rng rng;
  int64_t musts = 0, shrunk = 0;
  pfc_rng_init(&rng, seed, "choice", 0);
  for (int trial = 0; trial < 150; trial++) {
    const pfc_choice_settings s = random_settings(&rng);
    const choice_oracle oracle = {scorer, &s};
    const int32_t person =
        trial < 12 ? trial : (int32_t)pfc_rng_below(&rng, (uint64_t)n_people);
    chosen got;
    choose(&s, person, 0, NULL, &got);
    choice_oracle_check(&oracle, got.n, got.at);
    assert_true(fabs(got.note.value - sum_of(&got)) < 1e-9);
    assert_true(isnan(got.note.value_kept) && !got.note.is_kept);
    for (int k = 0; k < got.n; k++) {
      musts += got.at[k].why != PFC_FOR_VALUE;
      shrunk += got.at[k].adds < got.at[k].score.value;
      assert_true(isnan(got.at[k].propensity));
    }
  }
  assert_true(musts > 20 && shrunk > 100);
}

/* Without likeness in the choice the same settings give the list that value_undiverse is of. */
static void diversity_has_its_price_told(void **state) {
  (void)state;
  int dearer = 0;
  for (int32_t person = 0; person < 30; person++) {
    pfc_choice_settings s = first(4);
    chosen plain, diverse;
    choose(&s, person, 0, NULL, &plain);
    s.diversity = 0.6;
    choose(&s, person, 0, NULL, &diverse);
    assert_true(fabs(diverse.note.value_undiverse - plain.note.value) < 1e-12);
    assert_true(plain.note.value_undiverse == plain.note.value);
    dearer += diverse.note.value < plain.note.value - 1e-9;
  }
  assert_true(dearer > 3);
}

/* --- yesterday -----------------------------------------------------------------------------
 */

static void codes_of(const chosen *c, int32_t *out) {
  for (int k = 0; k < c->n; k++) out[k] = c->at[k].score.intervention;
}

/* A list that is as good stays, whatever its order; one that is worse by more goes. */
static void yesterday_stays_unless_today_is_better(void **state) {
  (void)state;
  int kept = 0, replaced = 0;
  for (int32_t person = 20; person < 70; person++) {
    pfc_choice_settings s = first(3);
    chosen fresh, again, worse;
    int32_t before[MOST], poor[MOST];
    choose(&s, person, 0, NULL, &fresh);
    if (fresh.n < 3 || fresh.at[0].why != PFC_FOR_VALUE) continue;
    for (int k = 0; k < 3; k++) before[k] = fresh.at[2 - k].score.intervention;
    s.keep_unless_gain = 1e-6;
    choose(&s, person, 3, before, &again);
    assert_int_equal(again.n, 3);
    if (again.note.is_kept) {
      for (int k = 0; k < 3; k++) assert_int_equal(again.at[k].score.intervention, before[k]);
      assert_true(fabs(again.note.value - again.note.value_kept) < 1e-12);
      kept++;
    }
    s.top = MOST;
    s.keep_unless_gain = NAN;
    choose(&s, person, 0, NULL, &worse);
    if (worse.n < 6) continue;
    for (int k = 0; k < 3; k++) poor[k] = worse.at[worse.n - 1 - k].score.intervention;
    s.top = 3;
    s.keep_unless_gain = 0;
    choose(&s, person, 3, poor, &again);
    assert_true(again.note.value >= again.note.value_kept - 1e-12);
    assert_false(again.note.is_kept);
    int32_t now[MOST], was[MOST];
    codes_of(&again, now);
    codes_of(&fresh, was);
    assert_memory_equal(now, was, 3 * sizeof *now);
    s.keep_unless_gain = 1e6;
    choose(&s, person, 3, poor, &again);
    assert_true(again.note.is_kept && again.note.value_kept < fresh.note.value);
    replaced++;
  }
  assert_true(kept > 5 && replaced > 5);
}

/* What is blocked, unknown or told twice drops out, and its place is filled. */
static void what_may_not_stay_is_replaced(void **state) {
  (void)state;
  pfc_choice_settings s = first(3);
  s.keep_unless_gain = 1e6;
  const int32_t person = test_code(ds, "person", "p5");
  const int32_t blocked = test_code(ds, "intervention", "i0");
  chosen fresh, got;
  choose(&s, person, 0, NULL, &fresh);
  assert_true(fresh.n >= 2);
  look_at(person);
  assert_true(pfc_bit(pfc_scorer_ruling(scorer, 0)->broken[PFC_RULE_BLOCKED],
                      scorer->candidate_of[blocked]));
  const int32_t stays = fresh.at[fresh.n - 1].score.intervention;
  const int32_t before[] = {blocked, -1, stays, stays};
  choose(&s, person, 4, before, &got);
  assert_true(got.note.is_kept);
  assert_int_equal(got.n, fresh.n);
  int n_stays = 0;
  for (int k = 0; k < got.n; k++) {
    assert_int_not_equal(got.at[k].score.intervention, blocked);
    n_stays += got.at[k].score.intervention == stays;
  }
  assert_int_equal(n_stays, 1);
}

/* --- chance --------------------------------------------------------------------------------
 */

/* Chance of each ordered list of two by the definition, out of what adds something. */
static double chance_of_pair(const pfc_choice_settings *s, int n, const pfc_choice *pool, int a,
                             int b) {
  const choice_oracle oracle = {scorer, s};
  double p = 1, least = INFINITY, most = -INFINITY;
  for (int k = 0; k < n; k++) {
    least = fmin(least, pool[k].score.value);
    most = fmax(most, pool[k].score.value);
  }
  for (int place = 0; place < 2; place++) {
    double sum = 0, mine = 0;
    int left = 0;
    for (int k = 0; k < n; k++) {
      if (place == 1 && k == a) continue;
      const double adds = choice_oracle_adds(&oracle, place, &pool[a], &pool[k].score);
      if (!(adds > 0)) continue;
      const double weight = exp((adds - most) / (s->explore * (most - least)));
      sum += weight;
      left++;
      if (k == (place ? b : a)) mine = weight;
    }
    p *= (1 - s->explore) * mine / sum + s->explore / left;
  }
  return p;
}

/* Somebody with a few allowed candidates and no musts. */
static int32_t somebody(chosen *all) {
  const pfc_choice_settings s = first(MOST);
  for (int32_t person = 0; person < n_people; person++) {
    look_at(person);
    if (pfc_scorer_ruling(scorer, 0)->n_must > 0) continue;
    choose(&s, person, 0, NULL, all);
    if (all->n >= 4 && all->n <= 8) return person;
  }
  fail_msg("nobody has 4 to 8");
  return -1;
}

/* Over all ordered pairs chances add up to 1, what is told is what the definition says, and
 * over 20,000 seeds each pair comes as often: chi-square, at a rate of 1e-4 of failing by
 * chance. */
static void chances_are_exact(void **state) {
  (void)state;
  enum { SEEDS = 20000 };
  chosen all, got;
  pfc_score pool_score[MOST];
  pfc_choice pool[MOST];
  const int32_t person = somebody(&all);
  pfc_choice_settings s = first(2);
  s.explore = 0.3;
  look_at(person);
  const int n = pfc_scorer_shortlist(scorer, 0, 0, 20, 0, pool_score);
  for (int k = 0; k < n; k++) pool[k] = (pfc_choice){.score = pool_score[k]};
  double p[MOST][MOST], total = 0, chi = 0;
  int64_t seen[MOST][MOST] = {{0}};
  int cells = 0;
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      p[a][b] = a == b ? 0 : chance_of_pair(&s, n, pool, a, b);
      total += p[a][b];
    }
  assert_true(fabs(total - 1) < 1e-9);
  for (int seed = 0; seed < SEEDS; seed++) {
    pfc_chooser *c = NULL;
    s.seed = (uint64_t)seed;
    assert_ok(pfc_chooser_create(scorer, &s, &c, &err));
    assert_ok(pfc_choose(c, 0, person, 0, NULL, got.at, &got.n, &got.note, &err));
    pfc_chooser_destroy(c);
    assert_int_equal(got.n, 2);
    int at[2] = {-1, -1};
    for (int k = 0; k < n; k++)
      for (int place = 0; place < 2; place++)
        if (got.at[place].score.intervention == pool[k].score.intervention) at[place] = k;
    assert_true(at[0] >= 0 && at[1] >= 0);
    assert_true(fabs(got.at[0].propensity * got.at[1].propensity - p[at[0]][at[1]]) < 1e-9);
    assert_true(got.at[0].propensity >= s.explore / 20 &&
                got.at[1].propensity >= s.explore / 20);
    seen[at[0]][at[1]]++;
  }
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      if (a == b) continue;
      const double expected = p[a][b] * SEEDS;
      chi += (double)(seen[a][b] - expected) * (double)(seen[a][b] - expected) / expected;
      cells++;
    }
  /* Wilson and Hilferty's quantile of chi-square at 3.72 normal deviations. */
  const double df = cells - 1, h = 2 / (9 * df);
  assert_true(chi < df * pow(1 - h + 3.72 * sqrt(h), 3));
}

/* --- settings and memory -------------------------------------------------------------------
 */

static void settings_are_checked(void **state) {
  (void)state;
  pfc_choice_settings s = first(3);
  s.diversity = 1.5;
  assert_fails(pfc_choice_check(&s, &err), PFC_EUSAGE, "diversity");
  s = first(3);
  s.explore = NAN;
  assert_fails(pfc_choice_check(&s, &err), PFC_EUSAGE, "explore");
  s = first(3);
  s.attention_hours = 0;
  assert_fails(pfc_choice_check(&s, &err), PFC_EUSAGE, "attention_hours");
  s = first(3);
  s.keep_unless_gain = -0.1;
  assert_fails(pfc_choice_check(&s, &err), PFC_EUSAGE, "keep_unless_gain");
  s.keep_unless_gain = 0.1;
  s.explore = 0.1;
  assert_fails(pfc_choice_check(&s, &err), PFC_EUSAGE, "explore, keep_unless_gain");
  s.struct_size--;
  assert_fails(pfc_choice_check(&s, &err), PFC_EUSAGE, "pfc_choice_defaults");
}

static pfc_status choose_once(void *user) {
  const pfc_choice_settings *s = user;
  const int32_t person = test_code(ds, "person", "p10"), before[] = {1, 4, 5};
  pfc_chooser *c = NULL;
  chosen got;
  pfc_status st = pfc_chooser_create(scorer, s, &c, NULL);
  if (st == PFC_OK) st = pfc_choose(c, 0, person, 3, before, got.at, &got.n, &got.note, NULL);
  pfc_chooser_destroy(c);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  pfc_choice_settings s = first(5);
  s.diversity = 0.5;
  s.keep_unless_gain = 0.1;
  look_at(test_code(ds, "person", "p10"));
  assert_true(count_down(choose_once, &s) > 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_place_holds_the_best_there_is),
      cmocka_unit_test(diversity_has_its_price_told),
      cmocka_unit_test(yesterday_stays_unless_today_is_better),
      cmocka_unit_test(what_may_not_stay_is_replaced),
      cmocka_unit_test(chances_are_exact),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("engine/choice", tests, set_up, tear_down);
}
