// labels: unit check
/* Off-policy estimates, reckoned by hand on logs of four rows. */
#include <math.h>

#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/test.h"
#include "trainer/off_policy_internal.h"

/* Weights 0.5, 2, 1, 1. */
static const double REWARD[] = {1, 0, 1, 0};
static const double PROPENSITY[] = {0.5, 0.25, 0.25, 0.5};
static const double TARGET[] = {0.25, 0.5, 0.25, 0.5};
static const double EXPECTED[] = {0.5, 0.5, 0.5, 0.25};
static const double OF_TARGET[] = {0.4, 0.4, 0.4, 0.4};

static pfc_logged four_rows(void) {
  return (pfc_logged){.n = 4,
                      .n_slots = 1,
                      .reward = REWARD,
                      .propensity = PROPENSITY,
                      .target = TARGET,
                      .expected = EXPECTED,
                      .expected_target = OF_TARGET};
}

static pfc_off_policy_settings settings_of(double switch_above, double least_ess) {
  pfc_off_policy_settings s;
  pfc_off_policy_defaults(&s);
  s.switch_above = switch_above;
  s.least_ess = least_ess;
  return s;
}

static void values_are_those_of_the_formulas(void **state) {
  (void)state;
  const pfc_logged log = four_rows();
  const pfc_off_policy_settings s = settings_of(1.5, 100);
  pfc_off_policy told[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_near(told[0].logged.value, 0.5, 1e-15);
  assert_near(told[0].snips.value, 1.5 / 4.5, 1e-15);
  /* w (r - e): 0.25, -1, 0.5, -0.25 */
  assert_near(told[0].dr.value, 0.4 - 0.5 / 4, 1e-15);
  assert_near(told[0].switch_dr.value, 0.4 + 0.5 / 4, 1e-15);
  assert_near(told[0].ess, 4.5 * 4.5 / 6.25, 1e-15);
  assert_near(told[0].mean_weight.value, 4.5 / 4, 1e-15);
  assert_near(told[0].unsupported, 0, 0);
  assert_int_equal(told[0].enough, 0);
  assert_non_null(strstr(told[0].why, "weigh like 3 of the policy asked about; at least 100"));
  assert_memory_equal(&told[0], &told[1], sizeof told[0]); /* one slot is all */
}

/* By numpy and scipy, from the definitions in METHODS:
 *   x = w r; R = sum x / sum w; jackknife by leaving out each row; n_eff = min(R (1 - R) /
 *   max(jackknife, R (1 - R) / ess), ess); z = t.ppf(.975, ess - 1), Wilson's limits;
 *   the mean weight +- t.ppf(.975, (sum d^2)^2 / sum d^4) * jackknife's root. */
static void intervals_are_those_of_scipy(void **state) {
  (void)state;
  const pfc_logged log = four_rows();
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy told[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_near(told[0].snips.lo, 0.01622103626389526, 1e-9);
  assert_near(told[0].snips.hi, 0.9381267973369034, 1e-9);
  assert_near(told[0].mean_weight.lo, -0.2933759167827268, 1e-9);
  assert_near(told[0].mean_weight.hi, 2.543375916782727, 1e-9);
  assert_int_equal(told[0].enough, 1);
  assert_string_equal(told[0].why, "");
}

static void student_is_that_of_the_tables(void **state) {
  (void)state;
  assert_near(pfc__student(1), tan(0.475 * acos(-1)), 1e-8); /* Cauchy */
  assert_near(pfc__student(2), 0.95 / sqrt(2 * 0.975 * 0.025), 1e-10);
  assert_near(pfc__student(2.5), 3.5746548420118773, 1e-8);
  assert_near(pfc__student(10), 2.228138851964939, 1e-10);
  assert_near(pfc__student(1000), 1.9623390808264078, 1e-10);
  assert_near(pfc__student(INFINITY), 1.959963984540054, 1e-12);
}

static void rows_of_a_person_stand_together(void **state) {
  (void)state;
  pfc_logged log = four_rows();
  static const int32_t PERSON[] = {7, 3, 7, 3};
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy alone[2], together[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, alone, &err));
  log.cluster = PERSON;
  assert_ok(pfc_off_policy_estimate(&log, &s, together, &err));
  assert_int_equal(together[0].n_clusters, 2);
  assert_near(together[0].snips.value, alone[0].snips.value, 1e-15);
  assert_true(together[0].snips.hi - together[0].snips.lo >
              alone[0].snips.hi - alone[0].snips.lo);
}

static void slots_are_told_apart(void **state) {
  (void)state;
  pfc_logged log = four_rows();
  static const int32_t SLOT[] = {0, 0, 2, 2};
  log.slot = SLOT;
  log.n_slots = 3;
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy told[4];
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_near(told[0].snips.value, 0.5 / 2.5, 1e-15);
  assert_near(told[2].snips.value, 0.5, 1e-15);
  assert_near(told[3].snips.value, 1.5 / 4.5, 1e-15);
  assert_nan(told[1].snips.value);
  assert_int_equal(told[1].enough, 0);
  assert_string_equal(told[1].why, "no decisions");
}

/* Exactly the same reward under the model: what weights do cannot matter. */
static void a_perfect_model_knows_no_weights(void **state) {
  (void)state;
  pfc_logged log = four_rows();
  log.expected = REWARD;
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy told[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_near(told[0].dr.value, 0.4, 1e-15);
  static const double OTHER[] = {1, 0.01, 0.9, 0.2};
  log.target = OTHER;
  pfc_off_policy again[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, again, &err));
  assert_near(again[0].dr.value, 0.4, 1e-15);
}

static void propensities_of_another_scale_change_the_mean_weight_alone(void **state) {
  (void)state;
  pfc_logged log = four_rows();
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy told[2], again[2];
  double half[4];
  for (int i = 0; i < 4; i++) half[i] = PROPENSITY[i] / 2;
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  log.propensity = half;
  assert_ok(pfc_off_policy_estimate(&log, &s, again, &err));
  assert_near(again[0].snips.value, told[0].snips.value, 1e-15);
  assert_near(again[0].snips.lo, told[0].snips.lo, 1e-12);
  assert_near(again[0].snips.hi, told[0].snips.hi, 1e-12);
  assert_near(again[0].ess, told[0].ess, 1e-12);
  assert_near(again[0].mean_weight.value, 2 * told[0].mean_weight.value, 1e-12);
}

static void nothing_seen_is_not_nothing_there(void **state) {
  (void)state;
  enum { N = 200 };
  double reward[N] = {0}, one[N];
  for (int i = 0; i < N; i++) one[i] = 0.5;
  const pfc_logged log = {
      .n = N, .n_slots = 1, .reward = reward, .propensity = one, .target = one};
  const pfc_off_policy_settings s = settings_of(10, 100);
  pfc_off_policy told[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_near(told[0].snips.lo, 0, 0);
  const double z = pfc__student(N - 1);
  assert_near(told[0].snips.hi, z * z / (N + z * z), 1e-12); /* Wilson's limit at 0 */
  assert_nan(told[0].dr.value);
  assert_int_equal(told[0].enough, 1);
}

static void thin_support_is_not_enough(void **state) {
  (void)state;
  enum { N = 400 };
  double reward[N], propensity[N], target[N], unsupported[N];
  for (int i = 0; i < N; i++) {
    reward[i] = i % 2;
    propensity[i] = target[i] = 0.5;
    unsupported[i] = 0.1;
  }
  pfc_logged log = {
      .n = N, .n_slots = 1, .reward = reward, .propensity = propensity, .target = target};
  const pfc_off_policy_settings s = settings_of(10, 100);
  pfc_off_policy told[2];
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_int_equal(told[0].enough, 1);
  log.unsupported = unsupported;
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_int_equal(told[0].enough, 0);
  assert_non_null(strstr(told[0].why, "10.0 % of what the policy asked about does was never"));
  log.unsupported = NULL;
  for (int i = 0; i < N; i++) propensity[i] = i % 3 ? 0.6 : 0.8;
  assert_ok(pfc_off_policy_estimate(&log, &s, told, &err));
  assert_int_equal(told[0].enough, 0);
  assert_non_null(strstr(told[0].why, "the mean weight is 0.76"));
}

static void differences_are_paired(void **state) {
  (void)state;
  const pfc_logged a = four_rows();
  pfc_logged b = a;
  static const double OTHER[] = {0.5, 0.25, 0.125, 0.5}; /* weights 1, 1, 0.5, 1 */
  b.target = OTHER;
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy_difference d;
  assert_ok(pfc_off_policy_compare(&a, &b, &s, &d, &err));
  assert_near(d.snips.value, 1.5 / 3.5 - 1.5 / 4.5, 1e-15);
  assert_near(d.dr.value, (0.5 - 0.5 + 0.25 - 0.25) / 4 + 0.5 / 4, 1e-15);
  assert_near(d.a.snips.value, 1.5 / 4.5, 1e-15);
  assert_near(d.b.snips.value, 1.5 / 3.5, 1e-15);
  assert_ok(pfc_off_policy_compare(&a, &a, &s, &d, &err));
  assert_near(d.snips.value, 0, 0);
  assert_near(d.snips.lo, 0, 1e-9);
  assert_near(d.snips.hi, 0, 1e-9);
  b.reward = OF_TARGET;
  assert_fails(pfc_off_policy_compare(&a, &b, &s, &d, &err), PFC_EUSAGE, "not asked about on");
}

static void what_is_out_of_range_is_named(void **state) {
  (void)state;
  static const double ZERO[] = {0.5, 0.25, 0, 0.5}, TWO[] = {0.5, 2, 0.25, 0.5},
                      NONE[] = {1, 0, 1, NAN};
  static const int32_t SLOT[] = {0, 1, 0, 0}, CLUSTER[] = {0, 0, 0, -1};
  pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy told[2];
  pfc_logged log = four_rows();
  log.propensity = ZERO;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE,
               "row 2: propensity 0");
  log = four_rows();
  log.target = TWO;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "row 1: target 2");
  log = four_rows();
  log.reward = NONE;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "row 3: reward");
  log = four_rows();
  log.slot = SLOT;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "row 1: slot 1");
  log = four_rows();
  log.cluster = CLUSTER;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "row 3: cluster -1");
  log = four_rows();
  log.expected_target = NULL;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "both or neither");
  log = four_rows();
  log.n = 0;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "no decisions");
  log = four_rows();
  s.least_ess = 1;
  assert_fails(pfc_off_policy_estimate(&log, &s, told, &err), PFC_EUSAGE, "least_ess");
}

static pfc_status compare(void *user) {
  (void)user;
  const pfc_logged a = four_rows();
  const pfc_off_policy_settings s = settings_of(10, 2);
  pfc_off_policy told[2];
  pfc_off_policy_difference d;
  const pfc_status st = pfc_off_policy_estimate(&a, &s, told, NULL);
  return st == PFC_OK ? pfc_off_policy_compare(&a, &a, &s, &d, NULL) : st;
}

static void memory_may_run_out_anywhere(void **state) {
  (void)state;
  assert_true(count_down(compare, NULL) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_those_of_the_formulas),
      cmocka_unit_test(intervals_are_those_of_scipy),
      cmocka_unit_test(student_is_that_of_the_tables),
      cmocka_unit_test(rows_of_a_person_stand_together),
      cmocka_unit_test(slots_are_told_apart),
      cmocka_unit_test(a_perfect_model_knows_no_weights),
      cmocka_unit_test(propensities_of_another_scale_change_the_mean_weight_alone),
      cmocka_unit_test(nothing_seen_is_not_nothing_there),
      cmocka_unit_test(thin_support_is_not_enough),
      cmocka_unit_test(differences_are_paired),
      cmocka_unit_test(what_is_out_of_range_is_named),
      cmocka_unit_test(memory_may_run_out_anywhere),
  };
  return cmocka_run_group_tests_name("trainer/off_policy", tests, NULL, NULL);
}
