// labels: unit check
/* A world small enough to be enumerated: every policy's value is known, and the log holds every
 * decision as often as it is expected to. */
#include <math.h>

#include "base/mem.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/off_policy_table.h"
#include "trainer/reward_model.h"

enum { ACTIONS = 3, SLOTS = 2, N = 1000 }; /* decisions of a slot */
/* Of a thousand decisions so many take each action, and so many of these have a reward. */
static const int TAKEN[SLOTS][ACTIONS] = {{500, 300, 200}, {100, 100, 800}};
static const int WON[SLOTS][ACTIONS] = {{250, 60, 160}, {10, 90, 400}};

static pfc_logged_table *world(void) {
  pfc_logged_table *t = pfc_alloc_array(1, sizeof *t);
  static const char *const NAMES = "abc", *const PLACES = "12";
  int32_t code;
  assert_non_null(t);
  t->contexts = pfc_dict_create("context");
  t->slots = pfc_dict_create("slot");
  t->actions = pfc_dict_create("action");
  t->slot = pfc_alloc_array(SLOTS * N, sizeof *t->slot);
  t->action = pfc_alloc_array(SLOTS * N, sizeof *t->action);
  t->reward = pfc_alloc_array(SLOTS * N, sizeof *t->reward);
  t->propensity = pfc_alloc_array(SLOTS * N, sizeof *t->propensity);
  for (int k = 0; k < SLOTS; k++) assert_ok(pfc_dict_add(t->slots, PLACES + k, 1, &code, &err));
  for (int a = 0; a < ACTIONS; a++)
    assert_ok(pfc_dict_add(t->actions, NAMES + a, 1, &code, &err));
  for (int k = 0; k < SLOTS; k++) {
    for (int a = 0; a < ACTIONS; a++) {
      for (int i = 0; i < TAKEN[k][a]; i++, t->n++) {
        t->slot[t->n] = k;
        t->action[t->n] = a;
        t->reward[t->n] = i < WON[k][a];
        t->propensity[t->n] = TAKEN[k][a] / (double)N;
      }
    }
  }
  return t;
}

static double value(int slot, const double *policy) {
  double sum = 0;
  for (int a = 0; a < ACTIONS; a++) sum += policy[a] * WON[slot][a] / TAKEN[slot][a];
  return sum;
}

/* All policies whose chances are quarters. SNIPS is exact; so would DR be, were its model not
 * fitted without the decision at hand. */
static void every_policy_has_its_value(void **state) {
  (void)state;
  pfc_logged_table *t = world();
  pfc_off_policy_settings settings;
  pfc_off_policy_defaults(&settings);
  int n = 0;
  for (int i = 0; i <= 4; i++) {
    for (int j = 0; i + j <= 4; j++, n++) {
      double chance[SLOTS * ACTIONS], elsewhere[SLOTS] = {0, 0};
      const double policy[] = {i / 4.0, j / 4.0, (4 - i - j) / 4.0};
      for (int k = 0; k < SLOTS * ACTIONS; k++) chance[k] = policy[k % ACTIONS];
      const pfc_logged_policy p = {SLOTS, ACTIONS, chance, elsewhere};
      pfc_off_policy told[SLOTS + 1];
      assert_ok(pfc_off_policy_of_table(t, &p, &settings, told, &err));
      for (int k = 0; k < SLOTS; k++) {
        const double truth = value(k, policy);
        assert_near(told[k].snips.value, truth, 1e-12);
        assert_near(told[k].dr.value, truth, 0.004);
        assert_near(told[k].mean_weight.value, 1, 1e-12);
        assert_true(told[k].snips.lo < truth && truth < told[k].snips.hi);
        assert_true(told[k].dr.lo < truth && truth < told[k].dr.hi);
        assert_near(told[k].unsupported, 0, 0);
      }
      assert_near(told[SLOTS].snips.value, (value(0, policy) + value(1, policy)) / 2, 1e-12);
    }
  }
  assert_int_equal(n, 15);
  pfc_logged_destroy(t);
}

/* A quarter of what it does in slot 1 nobody ever did anywhere; in slot 2 nobody did b there.
 */
static void what_was_never_done_is_unsupported(void **state) {
  (void)state;
  pfc_logged_table *t = world();
  pfc_off_policy_settings settings;
  pfc_off_policy_defaults(&settings);
  for (int64_t i = 0; i < t->n; i++)
    if (t->slot[i] == 1 && t->action[i] == 1) t->action[i] = 2;
  double chance[] = {0.75, 0, 0, 0.5, 0.3, 0.2}, elsewhere[] = {0.25, 0};
  const pfc_logged_policy p = {SLOTS, ACTIONS, chance, elsewhere};
  pfc_off_policy told[SLOTS + 1];
  assert_ok(pfc_off_policy_of_table(t, &p, &settings, told, &err));
  assert_near(told[0].unsupported, 0.25, 1e-12);
  assert_near(told[1].unsupported, 0.3, 1e-12);
  assert_near(told[SLOTS].unsupported, 0.275, 1e-12);
  assert_int_equal(told[0].enough + told[1].enough, 0);
  pfc_logged_destroy(t);
}

/* Rewards beyond 0 and 1 have no model; a log without policy and column has nothing to say. */
static void what_cannot_be_told_is_not(void **state) {
  (void)state;
  pfc_logged_table *t = world();
  pfc_off_policy_settings settings;
  pfc_logged_policy *p = NULL;
  pfc_off_policy told[SLOTS + 1];
  pfc_off_policy_defaults(&settings);
  assert_fails(pfc_off_policy_of_table(t, NULL, &settings, told, &err), PFC_EUSAGE,
               "no column 'target'");
  for (int64_t i = 0; i < t->n; i++) t->reward[i] = 3 * t->reward[i] - 1;
  assert_ok(pfc_logged_policy_uniform(t, &p, &err));
  assert_ok(pfc_off_policy_of_table(t, p, &settings, told, &err));
  const double equal[] = {1 / 3.0, 1 / 3.0, 1 / 3.0};
  assert_near(told[0].snips.value, 3 * value(0, equal) - 1, 1e-12);
  assert_true(told[0].snips.lo < told[0].snips.value && told[0].snips.value < told[0].snips.hi);
  assert_nan(told[0].dr.value);
  pfc_logged_policy_destroy(p);
  pfc_logged_destroy(t);
}

static double expected(const pfc_reward_model *m, int64_t cluster) {
  return pfc_reward_model_expected(m, pfc_reward_model_fit_of(cluster), 0, 0);
}

/* Of rewards that are all alike the model expects what so many tell, and no certainty; told of
 * a row is what the other rows of its context had no part in. */
static void models_see_nothing_of_what_they_tell(void **state) {
  (void)state;
  enum { ROWS = 40 };
  int32_t action[ROWS] = {0}, cluster[ROWS];
  double reward[ROWS] = {0};
  for (int i = 0; i < ROWS; i++) cluster[i] = i / 4;
  const pfc_rewarded log = {.n = ROWS,
                            .cluster = cluster,
                            .n_slots = 1,
                            .action = action,
                            .n_actions = 1,
                            .reward = reward};
  pfc_reward_model *m = NULL, *other = NULL;
  assert_ok(pfc_reward_model_fit(&log, &m, &err));
  const double none = expected(m, 3);
  assert_true(none > 0 && none < 0.05);
  for (int i = 12; i < 16; i++) reward[i] = 1; /* of cluster 3 */
  assert_ok(pfc_reward_model_fit(&log, &other, &err));
  assert_near(expected(other, 3), none, 0);
  double most = 0;
  for (int c = 0; c < 10; c++) most = fmax(most, expected(other, c));
  assert_true(most > 0.05);
  pfc_reward_model_destroy(m);
  pfc_reward_model_destroy(other);
  reward[0] = 1.5;
  assert_fails(pfc_reward_model_fit(&log, &m, &err), PFC_EUSAGE, "row 0: reward 1.5");
  reward[0] = 1;
  action[1] = 7;
  assert_fails(pfc_reward_model_fit(&log, &m, &err), PFC_EUSAGE, "");
}

static pfc_status ask(void *user) {
  const pfc_logged_table *t = user;
  pfc_off_policy_settings settings;
  pfc_off_policy told[SLOTS + 1];
  double chance[] = {0.5, 0.25, 0.25, 0.5, 0.25, 0.25}, elsewhere[] = {0, 0};
  const pfc_logged_policy p = {SLOTS, ACTIONS, chance, elsewhere};
  pfc_off_policy_defaults(&settings);
  return pfc_off_policy_of_table(t, &p, &settings, told, NULL);
}

static void memory_may_run_out_anywhere(void **state) {
  (void)state;
  pfc_logged_table *t = world();
  assert_true(count_down(ask, t) > 20);
  pfc_logged_destroy(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_policy_has_its_value),
      cmocka_unit_test(what_was_never_done_is_unsupported),
      cmocka_unit_test(what_cannot_be_told_is_not),
      cmocka_unit_test(models_see_nothing_of_what_they_tell),
      cmocka_unit_test(memory_may_run_out_anywhere),
  };
  return cmocka_run_group_tests_name("trainer/off_policy_table", tests, NULL, NULL);
}
