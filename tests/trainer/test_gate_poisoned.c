// labels: property nightly
/* A hundred rounds whose newest data came through a broken feed: nobody is promoted by them.
 * PFC_TEST_ROUNDS: fewer. */
#include "tests/support/test.h"

#include "base/par.h"
#include "datasets/split.h"
#include "tests/support/organisation.h"
#include "tests/support/poisoned.h"
#include "trainer/gate.h"
#include "trainer/train.h"

enum { ROUNDS = 100, ROUND_DAYS = 91, PEOPLE = 1000, ITEMS = 150 };

static const pfc_split TRUSTED = {.kind = PFC_SPLIT_PERSON, .fraction = 0.1, .seed = 1};

static pfc_dataset *as_of(const pfc_dataset *ds, int32_t day) {
  pfc_dataset whole = *ds, *view = NULL;
  whole.split = (pfc_split){.kind = PFC_SPLIT_AT, .date = day};
  assert_ok(pfc_split_training_view(&whole, &view, &err));
  return view;
}

static pfc_bundle *trained(const pfc_dataset *ds, int32_t day) {
  pfc_dataset *view = as_of(ds, day);
  pfc_train_settings s;
  pfc_train_report report;
  pfc_bundle *bundle = NULL;
  view->split = TRUSTED;
  pfc_train_defaults(&s);
  assert_ok(pfc_train(view, &s, &bundle, &report, &err));
  pfc_dataset_destroy(view);
  return bundle;
}

/* One round of an organisation of its own. What came since the champion was made is poisoned.
 */
static pfc_gate_verdict play(const pfc_dataset *frame, uint64_t seed) {
  pfc_simulate_settings org = test_simulate_settings(PEOPLE, ITEMS, seed);
  org.hard = true;
  test_organisation o = test_simulate(frame, &org);
  const int32_t today = org.last_day + 1, from = today - ROUND_DAYS;
  pfc_dataset *now = as_of(o.ds, today);
  const test_poison how = (test_poison)(seed % TEST_N_POISONS);
  pfc_dataset *poisoned = test_poisoned(now, how, from, seed);
  pfc_bundle *champion = trained(now, from - ROUND_DAYS);
  pfc_bundle *candidate = trained(poisoned, from);
  pfc_gate_settings s;
  pfc_gate_verdict verdict = PFC_UNDECIDED;
  cJSON *json = NULL;
  pfc_gate_defaults(&s);
  s.slice_from = from;
  s.resamples = 200;
  assert_ok(pfc_gate_judge(champion, candidate, poisoned, &s, &verdict, &json, &err));
  if (verdict != PFC_REJECT)
    print_message("seed %d, %s: %s\n", (int)seed, test_poison_name(how),
                  pfc_gate_verdict_name(verdict));
  cJSON_Delete(json);
  pfc_bundle_destroy(candidate);
  pfc_bundle_destroy(champion);
  pfc_dataset_destroy(poisoned);
  pfc_dataset_destroy(now);
  test_organisation_clear(&o);
  return verdict;
}

static void poisoned_rounds_are_rejected(void **state) {
  (void)state;
  const char *fewer = getenv("PFC_TEST_ROUNDS");
  const uint64_t first = test_seed(1000);
  const int rounds = fewer ? atoi(fewer) : ROUNDS;
  pfc_dataset *frame = test_frame();
  int n = 0;
  for (int k = 0; k < rounds; k++) n += play(frame, first + (uint64_t)k) == PFC_REJECT;
  assert_int_equal(n, rounds);
  pfc_dataset_destroy(frame);
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(2, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(poisoned_rounds_are_rejected)};
  return cmocka_run_group_tests(tests, set_up, NULL);
}
