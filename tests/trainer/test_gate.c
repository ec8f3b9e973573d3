// labels: property check
/* Models whose predictions are known before rows whose law is known. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "datasets/split.h"
#include "tests/support/oom.h"
#include "tests/support/scoring.h"
#include "tests/support/tables.h"
#include "trainer/gate_internal.h"
#include "trainer/train.h"

enum { PEOPLE = 400, COURSES = 8, EACH = 5, DAYS = 400, TAKES = 10, FROM = 300 };

static const pfc_split TRUSTED = {.kind = PFC_SPLIT_PERSON, .fraction = 0.2, .seed = 3};

/* Courses of even numbers are passed by nine of ten, the others by three of ten. */
static double law(int course) { return course % 2 ? 0.3 : 0.9; }

static pfc_dataset *ds;
static pfc_bundle *knows, *guesses; /* the law; the share that passes, whatever the course */

static pfc_dataset *school(uint64_t seed) {
  pfc_dataset *of = pfc_dataset_create();
  pfc_rng rng;
  char text[32];
  assert_non_null(of);
  pfc_rng_init(&rng, seed, "test.school", 0);
  test_table(of, PFC_PEOPLE, PEOPLE, "person_id");
  test_table(of, PFC_INTERVENTIONS, COURSES, "intervention_id");
  test_table(of, PFC_ENROLMENTS, PEOPLE * EACH,
             "person_id,intervention_id,started_on,ended_on,status");
  for (int k = 0; k < COURSES; k++) {
    (void)snprintf(text, sizeof text, "i%d", k);
    test_cell(of, PFC_INTERVENTIONS, k, "intervention_id", text);
  }
  for (int r = 0; r < PEOPLE * EACH; r++) {
    const int course = (int)pfc_rng_below(&rng, COURSES);
    const int day = (int)pfc_rng_below(&rng, DAYS);
    (void)snprintf(text, sizeof text, "p%d", r / EACH);
    if (r % EACH == 0) test_cell(of, PFC_PEOPLE, r / EACH, "person_id", text);
    test_cell(of, PFC_ENROLMENTS, r, "person_id", text);
    (void)snprintf(text, sizeof text, "i%d", course);
    test_cell(of, PFC_ENROLMENTS, r, "intervention_id", text);
    test_number(of, PFC_ENROLMENTS, r, "started_on", day);
    const bool passes = pfc_rng_uniform(&rng) < law(course), is_over = day + TAKES < DAYS;
    if (is_over) test_number(of, PFC_ENROLMENTS, r, "ended_on", day + TAKES);
    test_cell(of, PFC_ENROLMENTS, r, "status",
              !is_over ? "in_progress"
              : passes ? "passed"
                       : "failed");
  }
  return of;
}

/* Trained on what was known on the day, without the trusted people. */
static pfc_bundle *trained(const pfc_dataset *of, int32_t day) {
  pfc_dataset whole = *of, *view = NULL;
  whole.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = day};
  assert_ok(pfc_split_training_view(&whole, &view, &err));
  view->split = TRUSTED;
  pfc_bundle *b = scoring_train(view, PFC_TRAIN_SUCCESS);
  pfc_dataset_destroy(view);
  return b;
}

/* What it learned of courses and people, times so much. */
static void scale(pfc_bundle *b, double times) {
  for (int32_t j = 0; j < b->success.features->n_columns; j++) b->success.coef[j] *= times;
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  ds = school(test_seed(5));
  knows = trained(ds, FROM);
  guesses = trained(ds, FROM);
  scale(guesses, 0);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pfc_bundle_destroy(guesses);
  pfc_bundle_destroy(knows);
  pfc_dataset_destroy(ds);
  return 0;
}

static pfc_gate_settings settings(void) {
  pfc_gate_settings s;
  pfc_gate_defaults(&s);
  s.trusted_share = TRUSTED.fraction;
  s.trusted_seed = TRUSTED.seed;
  s.slice_from = FROM;
  s.resamples = 200;
  return s;
}

static pfc_gate_verdict judge(const pfc_bundle *champion, const pfc_bundle *candidate,
                              cJSON **json) {
  const pfc_gate_settings s = settings();
  pfc_gate_verdict v = PFC_UNDECIDED;
  assert_ok(pfc_gate_judge(champion, candidate, ds, &s, &v, json, &err));
  assert_string_equal(cJSON_GetObjectItem(*json, "verdict")->valuestring,
                      pfc_gate_verdict_name(v));
  return v;
}

static pfc_gate_verdict verdict_of(const pfc_bundle *champion, const pfc_bundle *candidate) {
  cJSON *json = NULL;
  const pfc_gate_verdict v = judge(champion, candidate, &json);
  cJSON_Delete(json);
  return v;
}

static const cJSON *row_of(const cJSON *json, const char *slice, const char *name) {
  const cJSON *row;
  cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "rows")) {
    if (strcmp(cJSON_GetObjectItem(row, "slice")->valuestring, slice) == 0 &&
        strcmp(cJSON_GetObjectItem(row, "name")->valuestring, name) == 0)
      return row;
  }
  fail_msg("no row %s of slice %s", name, slice);
  return NULL;
}

static double number(const cJSON *json, const char *slice, const char *name, const char *key) {
  const cJSON *value = cJSON_GetObjectItem(row_of(json, slice, name), key);
  assert_true(cJSON_IsNumber(value));
  return value->valuedouble;
}

/* --- verdicts ----------------------------------------------------------------------------- */

static void the_law_is_promoted_over_a_guess(void **state) {
  (void)state;
  assert_int_equal(verdict_of(guesses, knows), PFC_PROMOTE);
}

static void a_guess_is_rejected_against_the_law(void **state) {
  (void)state;
  assert_int_equal(verdict_of(knows, guesses), PFC_REJECT);
}

static void the_law_upside_down_is_rejected(void **state) {
  (void)state;
  pfc_bundle *wrong = trained(ds, FROM);
  scale(wrong, -1);
  assert_int_equal(verdict_of(guesses, wrong), PFC_REJECT);
  pfc_bundle_destroy(wrong);
}

static void a_candidate_like_the_champion_is_undecided(void **state) {
  (void)state;
  pfc_bundle *same = trained(ds, FROM);
  cJSON *json = NULL;
  assert_int_equal(judge(knows, same, &json), PFC_UNDECIDED);
  assert_true(number(json, "both", "all.log_loss", "figure") == 0);
  assert_true(number(json, "both", "all.log_loss", "hi") == 0);
  cJSON_Delete(json);
  pfc_bundle_destroy(same);
}

static void a_candidate_that_lacks_a_model_is_rejected(void **state) {
  (void)state;
  pfc_bundle *none = trained(ds, FROM);
  cJSON *json = NULL;
  none->has_success = false;
  assert_int_equal(judge(guesses, none, &json), PFC_REJECT);
  const cJSON *row = row_of(json, "data", "schema.models");
  assert_string_equal(cJSON_GetObjectItem(row, "note")->valuestring, "lacks success");
  cJSON_Delete(json);
  none->has_success = true;
  pfc_bundle_destroy(none);
}

/* --- rows --------------------------------------------------------------------------------- */

static bool is_trusted(const pfc_dataset *of, int64_t row) {
  const pfc_column *person = pfc_dataset_column(of, PFC_ENROLMENTS, "person_id");
  pfc_rng rng;
  pfc_rng_init(&rng, TRUSTED.seed, "split.person",
               pfc_rng_id(pfc_dict_text(person->dict, person->code[row])));
  return pfc_rng_uniform(&rng) < TRUSTED.fraction;
}

/* Log loss of one chance for all, counted by hand: of starts in the newest slice, or of the
 * trusted people before it whose result was known by then. */
static double loss_of_guess(bool newest, int64_t *n) {
  const int32_t *start = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  const pfc_column *status = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  const double p = 1 / (1 + exp(-guesses->success.intercept));
  const int32_t known = guesses->trained_as_of + 1;
  double sum = 0;
  *n = 0;
  for (int64_t r = 0; r < PEOPLE * EACH; r++) {
    const bool counts =
        newest ? start[r] >= FROM : is_trusted(ds, r) && start[r] + TAKES < known;
    if (!counts || start[r] + TAKES >= DAYS) continue;
    const bool passed = strcmp(pfc_dict_text(status->dict, status->code[r]), "passed") == 0;
    sum -= log(passed ? p : 1 - p);
    (*n)++;
  }
  return sum / (double)*n;
}

static void figures_are_those_counted_by_hand(void **state) {
  (void)state;
  cJSON *json = NULL;
  (void)judge(guesses, knows, &json);
  double sum = 0, total = 0;
  for (int newest = 0; newest < 2; newest++) {
    const char *slice = newest ? "newest" : "trusted";
    int64_t n = 0;
    const double loss = loss_of_guess(newest, &n);
    assert_true(number(json, slice, "success.log_loss", "n") == (double)n);
    assert_true(fabs(number(json, slice, "success.log_loss", "champion") - loss) < 1e-9);
    assert_true(number(json, slice, "success.auc", "champion") == 0.5);
    sum += loss * (double)n;
    total += (double)n;
  }
  assert_true(fabs(number(json, "both", "all.log_loss", "champion") - sum / total) < 1e-9);
  assert_true(number(json, "both", "all.log_loss", "n") == total);
  cJSON_Delete(json);
}

static void a_trusted_slice_that_was_seen_is_left_out(void **state) {
  (void)state;
  pfc_bundle *hand_made = trained(ds, FROM);
  cJSON *json = NULL;
  scale(hand_made, 0);
  hand_made->split[0] = 'B';
  assert_int_equal(judge(hand_made, knows, &json), PFC_PROMOTE);
  const cJSON *row = row_of(json, "trusted", "slice");
  assert_non_null(strstr(cJSON_GetObjectItem(row, "note")->valuestring, "champion"));
  cJSON_Delete(json);
  pfc_bundle_destroy(hand_made);
}

static void nothing_is_decided_on_a_newest_slice_that_was_seen(void **state) {
  (void)state;
  pfc_bundle *late = trained(ds, FROM + 30);
  const pfc_gate_settings s = settings();
  pfc_gate_verdict v;
  cJSON *json = NULL;
  scale(late, 0);
  assert_int_equal(judge(late, knows, &json), PFC_UNDECIDED);
  assert_non_null(row_of(json, "newest", "slice"));
  cJSON_Delete(json);
  json = NULL;
  assert_fails(pfc_gate_judge(guesses, late, ds, &s, &v, &json, &err), PFC_EUSAGE,
               "may have been trained on");
  assert_null(json);
  pfc_bundle_destroy(late);
}

/* --- parity ------------------------------------------------------------------------------- */

/* Two groups by turns, of people told of in another order than the dataset has them, and one
 * too small to be told of. */
static pfc_dataset *attributes(void) {
  pfc_dataset *of = pfc_dataset_create();
  char text[32];
  assert_non_null(of);
  pfc_column *id = NULL, *group = NULL;
  assert_ok(pfc_dataset_add_column(of, PFC_PROTECTED, "person_id", PFC_CODE, "person", PEOPLE,
                                   &id, &err));
  assert_ok(pfc_dataset_add_column(of, PFC_PROTECTED, "group", PFC_CODE, "protected.group",
                                   PEOPLE, &group, &err));
  id = &of->tables[PFC_PROTECTED].columns[0]; /* adding the other one has moved it */
  for (int r = 0; r < PEOPLE; r++) {
    const char *word = r < 5 ? "few" : r % 2 ? "odd" : "even";
    (void)snprintf(text, sizeof text, "p%d", PEOPLE - 1 - r);
    assert_ok(pfc_dict_add(id->dict, text, strlen(text), &id->code[r], &err));
    assert_ok(pfc_dict_add(group->dict, word, strlen(word), &group->code[r], &err));
  }
  return of;
}

static void groups_are_compared_where_they_are_known(void **state) {
  (void)state;
  pfc_dataset *protected = attributes();
  pfc_gate_settings s = settings();
  pfc_gate_verdict v;
  cJSON *json = NULL;
  s.audited = protected;
  assert_ok(pfc_gate_judge(knows, knows, ds, &s, &v, &json, &err));
  assert_true(number(json, "data", "parity.group", "n") == PEOPLE);
  assert_true(number(json, "data", "parity.group", "figure") == 0);
  const double ratio = number(json, "data", "parity.group", "champion");
  assert_true(ratio > 0.5 && ratio <= 1); /* by turns: what differs is chance */
  cJSON_Delete(json);
  pfc_dataset_destroy(protected);
}

/* --- error rates ---------------------------------------------------------------------------
 */

/* Ten rows whose gains share half their chance and are `at` standard errors on average. */
static pfc_gate_verdict drawn(uint64_t seed, double at, int32_t round) {
  pfc_gate_settings s = settings();
  pfc__gate g = {.settings = &s, .alpha = pfc__gate_spend(s.alpha, round)};
  pfc_gate_verdict v;
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.gate", 0);
  const double shared = pfc_rng_normal(&rng);
  for (int k = 0; k < 10; k++) {
    pfc_error err = PFC_ERROR_INIT;
    pfc__gate_row *row = pfc__gate_add(&g, "row", "newest", &err);
    assert_non_null(row);
    row->role = k == 0 ? PFC__MAY_GAIN : PFC__MUST_HOLD;
    row->figure = at + (shared + pfc_rng_normal(&rng)) / sqrt(2);
    row->error = 1;
    row->limit = -0.5;
    row->n = 1000;
    if (k > 0) row->limit = -20;
  }
  for (int64_t k = 0; k < g.n; k += 2) g.rows[k].limit = k ? -1 : -20;
  assert_ok(pfc__gate_decide(&g, &v, &err));
  pfc_free(g.rows);
  return v;
}

static int count(pfc_gate_verdict wanted, double at, int32_t round) {
  int n = 0;
  for (uint64_t seed = 0; seed < 2000; seed++) n += drawn(seed, at, round) == wanted;
  return n;
}

/* Of candidates that are no worse at most 5 of 100 are rejected in the first 50 rounds
 * together, and of those that are no better at most 5 of 100 promoted in one. 2,000 draws: 129
 * or more of them have a chance below 0.001 where the rate is 0.05. */
static void error_rates_are_kept(void **state) {
  (void)state;
  double spent = 0;
  for (int32_t round = 1; round <= 50; round++) spent += pfc__gate_spend(0.05, round);
  assert_true(spent < 0.05);
  assert_true(spent > 0.049);
  assert_true(count(PFC_REJECT, 0, 1) < 129);
  assert_true(count(PFC_PROMOTE, 0, 1) < 129);
  assert_true(count(PFC_REJECT, 0, 5) <= count(PFC_REJECT, 0, 1));
  assert_true(count(PFC_REJECT, -5, 1) > 1990);
}

/* --- settings, memory, threads --------------------------------------------------------------
 */

static void settings_are_checked(void **state) {
  (void)state;
  pfc_gate_settings s = settings();
  pfc_gate_verdict v;
  cJSON *json = NULL;
  s.alpha = 0.6;
  assert_fails(pfc_gate_check(&s, &err), PFC_EUSAGE, "alpha is 0.6, allowed is 0.001 to 0.5");
  s = settings();
  s.round = 0;
  assert_fails(pfc_gate_check(&s, &err), PFC_EUSAGE, "round is 0");
  s = settings();
  s.candidates = 17;
  assert_fails(pfc_gate_check(&s, &err), PFC_EUSAGE, "candidates is 17");
  s = settings();
  s.margin = NAN;
  assert_fails(pfc_gate_check(&s, &err), PFC_EUSAGE, "margin is nan");
  s = settings();
  s.struct_size--;
  assert_fails(pfc_gate_check(&s, &err), PFC_EUSAGE, "pfc_gate_defaults");
  s = settings();
  s.slice_from = PFC_NO_DATE;
  assert_fails(pfc_gate_judge(guesses, knows, ds, &s, &v, &json, &err), PFC_EUSAGE,
               "first day of the newest slice");
}

static pfc_status judge_once(void *user) {
  const pfc_gate_settings *s = user;
  pfc_error err = PFC_ERROR_INIT;
  pfc_gate_verdict v;
  cJSON *json = NULL;
  const pfc_status st = pfc_gate_judge(guesses, knows, ds, s, &v, &json, &err);
  cJSON_Delete(json);
  return st;
}

static void threads_do_not_show(void **state) {
  (void)state;
  char *text[2];
  for (int t = 0; t < 2; t++) {
    cJSON *json = NULL;
    assert_ok(pfc_par_init(1 + t, &err));
    (void)judge(guesses, knows, &json);
    text[t] = cJSON_Print(json);
    cJSON_Delete(json);
  }
  assert_string_equal(text[0], text[1]);
  free(text[0]);
  free(text[1]);
}

/* The first allocations one by one, later ones in growing steps: what is far in is deep within
 * parts that have walks of their own. */
static void memory_that_runs_short_is_told(void **state) {
  (void)state;
  pfc_gate_settings s = settings();
  int happened = 1, n = 0;
  s.resamples = 100;
  assert_ok(pfc_par_init(1, &err));
  for (long after = 0; happened; after += 1 + after / 12, n++) {
    oom_after(after);
    const pfc_status st = judge_once(&s);
    happened = oom_happened();
    oom_after(-1);
    assert_int_equal(st, happened ? PFC_ENOMEM : PFC_OK);
  }
  assert_true(n > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_law_is_promoted_over_a_guess),
      cmocka_unit_test(a_guess_is_rejected_against_the_law),
      cmocka_unit_test(the_law_upside_down_is_rejected),
      cmocka_unit_test(a_candidate_like_the_champion_is_undecided),
      cmocka_unit_test(a_candidate_that_lacks_a_model_is_rejected),
      cmocka_unit_test(figures_are_those_counted_by_hand),
      cmocka_unit_test(a_trusted_slice_that_was_seen_is_left_out),
      cmocka_unit_test(nothing_is_decided_on_a_newest_slice_that_was_seen),
      cmocka_unit_test(groups_are_compared_where_they_are_known),
      cmocka_unit_test(error_rates_are_kept),
      cmocka_unit_test(settings_are_checked),
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(memory_that_runs_short_is_told),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
