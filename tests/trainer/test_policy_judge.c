// labels: property check
/* Policies judged at the truth: chance against enumeration, figures against sums over people,
 * and what must hold of any of them. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/oracle/assignment_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/organisation.h"
#include "tests/support/scoring.h"
#include "trainer/means.h"
#include "trainer/policy_internal.h"
#include "trainer/train.h"

/* --- chance ----------------------------------------------------------------------------------
 */

enum { FEW = 4, ITEMS = 3 };

typedef struct tiny {
  int32_t person[FEW], seats[ITEMS];
  uint8_t allowed[FEW * ITEMS];
  float worth[FEW * ITEMS];
  pfc_policy_problem problem;
} tiny;

static void tiny_init(tiny *t, const int32_t seats[ITEMS], uint64_t seed) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.policy", 0);
  for (int p = 0; p < FEW; p++) t->person[p] = p;
  for (int i = 0; i < ITEMS; i++) t->seats[i] = seats[i];
  for (int k = 0; k < FEW * ITEMS; k++) {
    t->allowed[k] = pfc_rng_uniform(&rng) < 0.8;
    t->worth[k] = t->allowed[k] ? (float)(pfc_rng_uniform(&rng) - 0.2) : 0;
  }
  t->problem = (pfc_policy_problem){.n_people = FEW,
                                    .person = t->person,
                                    .n_items = ITEMS,
                                    .seats = t->seats,
                                    .allowed = t->allowed,
                                    .worth = t->worth};
}

/* The order in which people come shows where all want the same thing: with k seats of it, the
 * first k get one. */
static void find_turns(uint64_t seed, int32_t turn[FEW]) {
  int32_t person[FEW], assigned[FEW], seats;
  uint8_t allowed[FEW];
  float score[FEW];
  bool seen[FEW] = {false};
  for (int p = 0; p < FEW; p++) {
    person[p] = p;
    allowed[p] = 1;
    score[p] = 1;
  }
  const pfc_policy_problem q = {
      .n_people = FEW, .person = person, .n_items = 1, .seats = &seats, .allowed = allowed};
  for (seats = 1; seats <= FEW; seats++) {
    assert_ok(pfc_policy_assign(&q, score, 0, seed, assigned, &err));
    for (int p = 0; p < FEW; p++) {
      if (assigned[p] < 0 || seen[p]) continue;
      seen[p] = true;
      turn[seats - 1] = p;
    }
  }
}

/* Mean total worth when each in turn takes one of what is left for them, all as likely. */
static double expected(const tiny *t, const int32_t turn[FEW], int k, int32_t left[ITEMS]) {
  if (k == FEW) return 0;
  const int32_t p = turn[k];
  double sum = 0;
  int n = 0;
  for (int i = 0; i < ITEMS; i++) {
    if (!t->allowed[p * ITEMS + i] || left[i] == 0) continue;
    left[i]--;
    sum += (double)t->worth[p * ITEMS + i] + expected(t, turn, k + 1, left);
    left[i]++;
    n++;
  }
  return n > 0 ? sum / n : expected(t, turn, k + 1, left);
}

/* Draws of the whole lot: a wrong alarm once in 60,000 runs (4.9 standard errors, 16 cases).
 */
static void chance_is_worth_what_enumeration_says(void **state) {
  (void)state;
  enum { DRAWS = 20000 };
  static const int32_t SEATS[4][ITEMS] = {
      {INT32_MAX, INT32_MAX, INT32_MAX}, {1, 1, 1}, {1, 2, INT32_MAX}, {0, 2, 1}};
  const uint64_t seed = test_seed(1);
  for (int k = 0; k < 16; k++) {
    tiny t;
    int32_t turn[FEW], assigned[FEW], left[ITEMS];
    float score[FEW * ITEMS];
    double sum = 0, squares = 0;
    tiny_init(&t, SEATS[k % 4], seed * 16 + (uint64_t)k);
    find_turns(seed, turn);
    for (int d = 0; d < DRAWS; d++) {
      pfc__policy_draw(&t.problem, seed, d, score);
      assert_ok(pfc_policy_assign(&t.problem, score, -INFINITY, seed, assigned, &err));
      const double total = oracle_assignment_worth(&t.problem, assigned) * FEW;
      sum += total;
      squares += total * total;
    }
    for (int i = 0; i < ITEMS; i++) left[i] = t.seats[i];
    const double mean = sum / DRAWS, best = expected(&t, turn, 0, left);
    const double error = sqrt(fmax(squares / DRAWS - mean * mean, 0) / DRAWS);
    if (fabs(mean - best) > 4.9 * error + 1e-6)
      fail_msg("case %d: %g by draws, %g by enumeration, standard error %g", k, mean, best,
               error);
  }
}

/* --- means
 * ------------------------------------------------------------------------------------
 */

static double number_at(const cJSON *json, const char *a, const char *b) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, a);
  if (b) item = cJSON_GetObjectItemCaseSensitive(item, b);
  assert_non_null(item);
  return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

/* By hand: person 0 has 2 and 4, person 2 has 9 counting three times; person 1 nothing. */
static void means_are_sums_by_counts(void **state) {
  (void)state;
  pfc_means t;
  cJSON *json = cJSON_CreateObject();
  assert_ok(pfc_means_init(&t, 3, 2, &err));
  pfc_means_add(&t, 0, 0, 2, 1);
  pfc_means_add(&t, 0, 0, 4, 1);
  pfc_means_add(&t, 2, 0, 9, 3);
  pfc_means_add(&t, 1, 1, 7, 0);
  assert_ok(pfc_means_draw(&t, 200, 1, &err));
  assert_ok(pfc_means_put(&t, 0, PFC_MEANS_PLAIN, "plain", json, &err));
  assert_ok(pfc_means_put(&t, 0, PFC_MEANS_ROOT, "root", json, &err));
  assert_ok(pfc_means_put(&t, 1, PFC_MEANS_PLAIN, "none", json, &err));
  assert_near(number_at(json, "plain", "value"), 15.0 / 5, 1e-12);
  assert_near(number_at(json, "plain", "n"), 3, 0);
  /* Resamples of two people: both the first (3), one of each (15 / 5), both the other (3). */
  assert_near(number_at(json, "plain", "lo"), 3, 1e-12);
  assert_near(number_at(json, "root", "value"), sqrt(3), 1e-12);
  assert_nan(number_at(json, "none", "value"));
  assert_near(number_at(json, "none", "n"), 0, 0);
  cJSON_Delete(json);
  pfc_means_clear(&t);
}

static pfc_status make_means(void *user) {
  (void)user;
  pfc_status st = PFC_OK;
  pfc_means t = {0};
  pfc_error *err = NULL;
  cJSON *json = cJSON_CreateObject();
  PFC_TRY(pfc_means_init(&t, 4, 2, err));
  for (int p = 0; p < 4; p++) pfc_means_add(&t, p, p % 2, p, 1);
  PFC_TRY(pfc_means_draw(&t, 10, 1, err));
  PFC_TRY(pfc_means_put(&t, 0, PFC_MEANS_PLAIN, "plain", json, err));
done:
  cJSON_Delete(json);
  pfc_means_clear(&t);
  return st;
}

static void means_need_memory(void **state) {
  (void)state;
  assert_true(count_down(make_means, NULL) >= 6);
}

/* --- policies of an organisation
 * ---------------------------------------------------------------
 */

static const char *const NAMES[] = {"random",  "popularity", "recent", "manager",
                                    "itemknn", "ease",       "gap",    "affinity",
                                    "success", "value",      "oracle"};
enum { N_NAMES = sizeof NAMES / sizeof *NAMES };

typedef struct world {
  pfc_dataset *frame;
  test_organisation org;
  pfc_bundle *bundle;
  pfc_policy_settings settings;
} world;

static world w;

static int open_world(void **state) {
  (void)state;
  w.frame = test_frame();
  const pfc_simulate_settings settings = test_simulate_settings(200, 60, 11);
  w.org = test_simulate(w.frame, &settings);
  const int32_t day = w.org.truth->last_day - 270;
  w.org.ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = day};
  w.bundle = scoring_train(w.org.ds, PFC_TRAIN_ALL);
  pfc_policy_defaults(&w.settings);
  w.settings.resamples = 100;
  return 0;
}

static int close_world(void **state) {
  (void)state;
  pfc_bundle_destroy(w.bundle);
  test_organisation_clear(&w.org);
  pfc_dataset_destroy(w.frame);
  return 0;
}

static cJSON *judge(const pfc_bundle *bundle) {
  cJSON *json = NULL;
  assert_ok(pfc_policies_judge(bundle, w.org.ds, w.org.truth, &w.settings, &json, &err));
  return json;
}

static const cJSON *policy_of(const cJSON *json, const char *name) {
  const cJSON *all = cJSON_GetObjectItemCaseSensitive(json, "policies");
  return cJSON_GetObjectItemCaseSensitive(all, name);
}

static void what_holds_of_any_policy(void **state) {
  (void)state;
  cJSON *json = judge(w.bundle);
  const double best = number_at(policy_of(json, "oracle"), "gap_closed", "value");
  for (int k = 0; k < N_NAMES; k++) {
    const cJSON *policy = policy_of(json, NAMES[k]);
    assert_non_null(policy);
    const double closed = number_at(policy, "gap_closed", "value");
    const double regret = number_at(policy, "regret", "value");
    const double led = number_at(policy, "led", NULL);
    assert_true(closed <= best + 1e-9 && led > 0 && led <= 1);
    assert_near(regret, best - closed, 1e-12);
    assert_true(number_at(policy, "gap_closed", "lo") <= closed);
    assert_true(number_at(policy, "gap_closed", "hi") >= closed);
  }
  assert_near(number_at(policy_of(json, "oracle"), "regret", "hi"), 0, 0);
  /* Chance leads whoever can be led, so does what never rates less than nothing. */
  assert_near(number_at(policy_of(json, "random"), "led", NULL),
              number_at(policy_of(json, "popularity"), "led", NULL), 0.02);
  const cJSON *comparisons = cJSON_GetObjectItemCaseSensitive(json, "comparisons"), *c;
  assert_int_equal(cJSON_GetArraySize(comparisons), N_NAMES - 2);
  cJSON_ArrayForEach(c, comparisons) {
    const char *against = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c, "against"));
    assert_near(number_at(c, "difference", NULL),
                number_at(policy_of(json, "value"), "gap_closed", "value") -
                    number_at(policy_of(json, against), "gap_closed", "value"),
                1e-12);
    assert_true(number_at(c, "lo", NULL) <= number_at(c, "hi", NULL));
    assert_near(number_at(c, "per_hour", "difference"),
                number_at(policy_of(json, "value"), "gap_closed_per_hour", "value") -
                    number_at(policy_of(json, against), "gap_closed_per_hour", "value"),
                1e-12);
    assert_true(number_at(c, "per_hour", "lo") <= number_at(c, "per_hour", "hi"));
    assert_near(number_at(c, "regret_less", "value"),
                1 - number_at(policy_of(json, "value"), "regret", "value") /
                        number_at(policy_of(json, against), "regret", "value"),
                1e-12);
    assert_true(number_at(c, "regret_less", "lo") <= number_at(c, "regret_less", "hi"));
    assert_true(number_at(c, "p_holm", NULL) >= number_at(c, "p", NULL));
  }
  cJSON_Delete(json);
}

/* A number that the scorer tells of a pair. */
typedef double (*told_fn)(const pfc_score *s);
static double told_success(const pfc_score *s) { return s->p_success; }
static double told_value(const pfc_score *s) { return s->value; }
static double told_affinity(const pfc_score *s) { return s->affinity; }

/* Follows a model by hand: scores from the scorer, everybody in one go. */
static void check_model(const cJSON *json, const char *name, told_fn told, double least) {
  const int32_t day = w.org.ds->split.date;
  pfc_scorer_settings settings;
  pfc_policy_problem *q = NULL;
  pfc_scorer_defaults(&settings);
  settings.as_of = day;
  scored s = scoring_run(w.bundle, w.org.ds, &settings);
  assert_ok(pfc_policy_problem_create(w.org.ds, w.org.truth, day, 365, 0, 1, &q, &err));
  const size_t pairs = (size_t)q->n_people * (size_t)q->n_items;
  float *score = pfc_alloc_array(pairs, sizeof *score);
  int32_t *assigned = pfc_alloc_array((size_t)q->n_people, sizeof *assigned);
  assert_true(score && assigned);
  for (size_t k = 0; k < pairs; k++) score[k] = NAN;
  for (int32_t p = 0; p < q->n_people; p++)
    for (int32_t c = 0; c < s.n; c++) {
      const pfc_score *at = &s.scores[(int64_t)q->person[p] * s.n + c];
      score[(int64_t)p * q->n_items + at->intervention] = (float)told(at);
    }
  assert_ok(pfc_policy_assign(q, score, least, 1, assigned, &err));
  double worth = 0, hours = 0, effect = 0, led = 0;
  for (int32_t p = 0; p < q->n_people; p++) {
    if (assigned[p] < 0) continue;
    const int64_t at = (int64_t)p * q->n_items + assigned[p];
    worth += (double)q->worth[at];
    hours += (double)q->hours[at];
    effect += (double)q->effect[at];
    led++;
  }
  const cJSON *policy = policy_of(json, name);
  assert_near(number_at(policy, "gap_closed", "value"), worth / q->n_people, 1e-9);
  assert_near(number_at(policy, "gap_closed_per_hour", "value"), worth / hours, 1e-9);
  assert_near(number_at(policy, "effect", "value"), effect / led, 1e-9);
  assert_near(number_at(policy, "led", NULL), led / q->n_people, 1e-9);
  pfc_free(score);
  pfc_free(assigned);
  scoring_clear(&s);
  pfc_policy_problem_destroy(q);
}

static void models_are_followed(void **state) {
  (void)state;
  cJSON *json = judge(w.bundle);
  check_model(json, "affinity", told_affinity, -INFINITY);
  check_model(json, "success", told_success, -INFINITY);
  check_model(json, "value", told_value, 0);
  cJSON_Delete(json);
}

static void threads_change_nothing(void **state) {
  (void)state;
  char *text[2];
  for (int k = 0; k < 2; k++) {
    omp_set_num_threads(1 + 2 * k);
    cJSON *json = judge(w.bundle);
    text[k] = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
  }
  omp_set_num_threads(2);
  assert_string_equal(text[0], text[1]);
  cJSON_free(text[0]);
  cJSON_free(text[1]);
}

/* A bundle without models: nothing of its own to follow, and nothing to compare. */
static void without_models_baselines_remain(void **state) {
  (void)state;
  pfc_bundle *empty = pfc_bundle_create();
  w.settings.resamples = 0;
  w.settings.max_people = 20;
  cJSON *json = judge(empty);
  assert_null(policy_of(json, "value"));
  assert_null(policy_of(json, "affinity"));
  assert_non_null(policy_of(json, "ease"));
  assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "comparisons")),
                   0);
  assert_near(number_at(json, "people", NULL), 20, 0);
  assert_nan(number_at(policy_of(json, "ease"), "regret", "lo"));
  w.settings.max_people = 10000;
  w.settings.resamples = 100;
  cJSON_Delete(json);
  pfc_bundle_destroy(empty);
}

static void refused(const char *text) {
  cJSON *json = NULL;
  assert_fails(pfc_policies_judge(w.bundle, w.org.ds, w.org.truth, &w.settings, &json, &err),
               PFC_EUSAGE, text);
  assert_null(json);
}

static void what_has_no_meaning_is_refused(void **state) {
  (void)state;
  const pfc_split kept = w.org.ds->split;
  const pfc_policy_settings settings = w.settings;
  w.org.ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.2, .seed = 1};
  refused("split DATA --at DATE");
  w.org.ds->split = kept;
  w.settings.horizon_days = 721;
  refused("1 to 720");
  w.settings = settings;
  w.settings.max_people = -1;
  refused("max_people");
  w.settings = settings;
  w.settings.resamples = -1;
  refused("resamples");
  w.settings = settings;
  w.settings.struct_size = 0;
  refused("pfc_policy_defaults");
  w.settings = settings;
}

/* Some allocations alone: what trains and scores inside of it has its own countdown. */
static void memory_is_short(void **state) {
  (void)state;
  pfc_policy_settings settings = w.settings;
  settings.max_people = 10;
  settings.resamples = 5;
  bool happened = true;
  const long step = 1499;
  for (long after = 3; happened; after += step) {
    cJSON *json = NULL;
    oom_after(after);
    const pfc_status st =
        pfc_policies_judge(w.bundle, w.org.ds, w.org.truth, &settings, &json, NULL);
    happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
    if (happened) assert_null(json);
    cJSON_Delete(json);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chance_is_worth_what_enumeration_says),
      cmocka_unit_test(means_are_sums_by_counts),
      cmocka_unit_test(means_need_memory),
      cmocka_unit_test(what_holds_of_any_policy),
      cmocka_unit_test(models_are_followed),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(without_models_baselines_remain),
      cmocka_unit_test(what_has_no_meaning_is_refused),
      cmocka_unit_test(memory_is_short),
  };
  return cmocka_run_group_tests(tests, open_world, close_world);
}
