// labels: property check
/* Simulated work: nothing before somebody came, after somebody left or after the last day;
 * openings are filled by those who moved; figures follow how well people match their roles;
 * demand has its season. Each statistic would be refused by chance with probability 1e-4, had
 * the seed been drawn; it is fixed. */
#include "tests/support/test.h"

#include <math.h>

#include "base/par.h"
#include "datasets/simulate_people_internal.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/workforce.h"

/* Of a standard normal, both sides, one in a million: there are some hundred looks, and a dozen
 * seeds in a night. */
#define Z_LIMIT 4.9

static pfc__sim organisation(const pfc_simulate_settings *settings) {
  pfc__sim s;
  assert_ok(workforce_work(&s, settings, &err));
  return s;
}

static void assert_z(const char *what, double z) {
  if (!(fabs(z) < Z_LIMIT)) fail_msg("%s: z = %.2f", what, z);
}

static int64_t n_rows(const pfc__sim *s, pfc_table_id table) {
  return s->ds->tables[table].n_rows;
}

static bool is_there(const pfc__sim *s, int32_t person, int32_t day) {
  const int32_t left = s->truth->left_on[person];
  return day >= s->hired_on[person] && (left == PFC_NO_DATE || day <= left);
}

static const char *word(const pfc__sim *s, const char *dictionary, int32_t code) {
  return pfc_dict_text(pfc_dataset_find_dict(s->ds, dictionary), code);
}

/* --- performance ---------------------------------------------------------------------------
 */

static void assert_performance(const pfc__sim *s) {
  const int32_t *person = pfc_dataset_codes(s->ds, PFC_PERFORMANCE, "person_id");
  const int32_t *on = pfc_dataset_dates(s->ds, PFC_PERFORMANCE, "on");
  const int32_t *kind = pfc_dataset_codes(s->ds, PFC_PERFORMANCE, "kind");
  const double *value = pfc_dataset_reals(s->ds, PFC_PERFORMANCE, "value");
  int64_t due = 0;
  for (int64_t k = 0; k < n_rows(s, PFC_PERFORMANCE); k++) {
    const bool is_rating = strcmp(word(s, "performance_kind", kind[k]), "rating") == 0;
    assert_true(is_there(s, person[k], on[k]));
    assert_true(on[k] >= s->truth->first_day && on[k] <= s->truth->last_day);
    if (is_rating)
      assert_true(value[k] == floor(value[k]) && value[k] >= 1 && value[k] <= 5);
    else
      assert_true(value[k] >= 0 && value[k] <= 100);
  }
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    for (int m = 3; m <= s->settings->n_months; m += 3) {
      const int32_t day = pfc__sim_month_day(s, m) - 1, tenure = day - s->hired_on[p];
      due += is_there(s, p, day) && tenure >= 30;
      due += is_there(s, p, day) && tenure >= 90 && m % 12 == 0;
    }
  }
  assert_int_equal(n_rows(s, PFC_PERFORMANCE), due);
}

/* --- openings ------------------------------------------------------------------------------
 */

typedef struct openings {
  const int32_t *role, *unit, *opens, *closes;   /* table openings */
  const int32_t *person, *opening, *on, *result; /* table applications */
} openings;

static openings openings_of(const pfc__sim *s) {
  const pfc_dataset *ds = s->ds;
  return (openings){
      pfc_dataset_codes(ds, PFC_OPENINGS, "role_id"),
      pfc_dataset_codes(ds, PFC_OPENINGS, "unit_id"),
      pfc_dataset_dates(ds, PFC_OPENINGS, "opens_on"),
      pfc_dataset_dates(ds, PFC_OPENINGS, "closes_on"),
      pfc_dataset_codes(ds, PFC_APPLICATIONS, "person_id"),
      pfc_dataset_codes(ds, PFC_APPLICATIONS, "opening_id"),
      pfc_dataset_dates(ds, PFC_APPLICATIONS, "on"),
      pfc_dataset_codes(ds, PFC_APPLICATIONS, "result"),
  };
}

/* Whoever was hired began in that role and unit within three months after applying. */
static void assert_hired(const pfc__sim *s, const openings *x, int64_t k) {
  const pfc_truth *t = s->truth;
  const int32_t p = x->person[k], o = x->opening[k];
  const int32_t *reason = pfc_dataset_codes(s->ds, PFC_POSITIONS, "reason");
  for (int64_t j = t->position_start[p]; j < t->position_start[p + 1]; j++) {
    const bool is_it = t->position_role[j] == x->role[o] && s->position_unit[j] == x->unit[o] &&
                       t->position_from[j] > x->closes[o] &&
                       t->position_from[j] < x->opens[o] + 90 &&
                       (reason[j] == PFC__SIM_PROMOTION || reason[j] == PFC__SIM_MOVE);
    if (is_it) return;
  }
  fail_msg("application %lld: hired for nothing", (long long)k);
}

static void assert_application(const pfc__sim *s, const openings *x, int64_t k) {
  const pfc_truth *t = s->truth;
  const int32_t p = x->person[k], o = x->opening[k];
  assert_true(x->on[k] >= x->opens[o] && x->on[k] <= x->closes[o]);
  assert_true(x->on[k] <= t->last_day && is_there(s, p, x->on[k]));
  for (int64_t j = k - 1; j >= 0 && x->opening[j] == o; j--)
    assert_int_not_equal(x->person[j], p);
  if (x->result[k] < 0) {
    assert_true(x->closes[o] > t->last_day);
  } else if (strcmp(word(s, "application_result", x->result[k]), "hired") == 0) {
    assert_hired(s, x, k);
  } else {
    const int64_t position = pfc__sim_position(s, p, x->on[k]);
    assert_string_equal(word(s, "application_result", x->result[k]), "rejected");
    assert_true(x->closes[o] <= t->last_day);
    assert_int_equal(s->role_family[t->position_role[position]], s->role_family[x->role[o]]);
  }
}

/* As many as there were promotions and moves, with one hired each, and leavers long enough
 * ago. */
static void assert_openings(const pfc__sim *s) {
  const pfc_truth *t = s->truth;
  const openings x = openings_of(s);
  const int32_t *reason = pfc_dataset_codes(s->ds, PFC_POSITIONS, "reason");
  int64_t changes = 0, left = 0, left_long_ago = 0, hired = 0;
  for (int64_t k = 0; k < n_rows(s, PFC_POSITIONS); k++)
    changes += reason[k] == PFC__SIM_PROMOTION || reason[k] == PFC__SIM_MOVE;
  for (int32_t p = 0; p < t->n_people; p++) {
    left += t->left_on[p] != PFC_NO_DATE;
    left_long_ago += t->left_on[p] != PFC_NO_DATE && t->left_on[p] <= t->last_day - 30;
  }
  for (int64_t k = 0; k < n_rows(s, PFC_APPLICATIONS); k++) {
    assert_application(s, &x, k);
    hired +=
        x.result[k] >= 0 && strcmp(word(s, "application_result", x.result[k]), "hired") == 0;
  }
  for (int64_t o = 0; o < n_rows(s, PFC_OPENINGS); o++)
    assert_true(x.opens[o] <= t->last_day && x.opens[o] <= x.closes[o] &&
                x.opens[o] > t->first_day);
  assert_int_equal(hired, changes);
  assert_true(n_rows(s, PFC_OPENINGS) >= changes + left_long_ago);
  assert_true(n_rows(s, PFC_OPENINGS) <= changes + left);
}

/* --- projects, overrides, scenarios --------------------------------------------------------
 */

static void assert_projects(const pfc__sim *s) {
  const pfc_truth *t = s->truth;
  const int32_t *person = pfc_dataset_codes(s->ds, PFC_PROJECTS, "person_id");
  const int32_t *from = pfc_dataset_dates(s->ds, PFC_PROJECTS, "from");
  const int32_t *to = pfc_dataset_dates(s->ds, PFC_PROJECTS, "to");
  const int32_t *used = pfc_dataset_codes(s->ds, PFC_PROJECTS, "competency_id");
  for (int64_t k = 0; k < n_rows(s, PFC_PROJECTS); k++) {
    const int32_t end = to[k] == PFC_NO_DATE ? t->last_day : to[k];
    assert_true(from[k] >= t->first_day && from[k] <= end && end <= t->last_day);
    assert_true(is_there(s, person[k], from[k]) && is_there(s, person[k], end));
    const int32_t role = t->position_role[pfc__sim_position(s, person[k], from[k])];
    assert_true(!isnan(t->required[role * t->n_competencies + used[k]]));
  }
}

static void assert_overrides(const pfc__sim *s) {
  const int32_t *person = pfc_dataset_codes(s->ds, PFC_OVERRIDES, "person_id");
  const int32_t *unit = pfc_dataset_codes(s->ds, PFC_OVERRIDES, "unit_id");
  const int32_t *intervention = pfc_dataset_codes(s->ds, PFC_OVERRIDES, "intervention_id");
  const int32_t *action = pfc_dataset_codes(s->ds, PFC_OVERRIDES, "action");
  const int32_t *expires = pfc_dataset_dates(s->ds, PFC_OVERRIDES, "expires_on");
  assert_in_range(n_rows(s, PFC_OVERRIDES), 1, 200); /* some are not fit for anybody */
  for (int64_t k = 0; k < n_rows(s, PFC_OVERRIDES); k++) {
    assert_true((person[k] < 0) != (unit[k] < 0));
    assert_true(expires[k] == PFC_NO_DATE || expires[k] > s->truth->last_day);
    if (person[k] >= 0) assert_true(is_there(s, person[k], s->truth->last_day));
    if (strcmp(word(s, "action", action[k]), "force") != 0) continue;
    const int64_t position = pfc__sim_position(s, person[k], s->truth->last_day);
    assert_true(pfc__sim_lets_in(s, intervention[k], s->truth->position_role[position]));
  }
}

/* Of the months after the last day; people of today in all of them where nothing changes. */
static void assert_scenarios(const pfc__sim *s) {
  const pfc_truth *t = s->truth;
  const int32_t *scenario = pfc_dataset_codes(s->ds, PFC_SCENARIOS, "scenario");
  const int32_t *role = pfc_dataset_codes(s->ds, PFC_SCENARIOS, "role_id");
  const int32_t *competency = pfc_dataset_codes(s->ds, PFC_SCENARIOS, "competency_id");
  const int32_t *month = pfc_dataset_dates(s->ds, PFC_SCENARIOS, "month");
  const double *headcount = pfc_dataset_reals(s->ds, PFC_SCENARIOS, "headcount");
  const double *level = pfc_dataset_reals(s->ds, PFC_SCENARIOS, "required_level");
  double base = 0, there = 0;
  int day;
  const int64_t today = pfc_date_month(t->last_day, &day);
  for (int32_t p = 0; p < t->n_people; p++) there += t->left_on[p] == PFC_NO_DATE;
  assert_int_equal(n_rows(s, PFC_SCENARIOS), 3 * 24 * (t->n_roles + 8));
  for (int64_t k = 0; k < n_rows(s, PFC_SCENARIOS); k++) {
    const int64_t ahead = pfc_date_month(month[k], &day) - today;
    assert_int_equal(day, 1);
    assert_in_range(ahead, 1, 24);
    assert_true((role[k] < 0) != (competency[k] < 0));
    if (role[k] >= 0)
      assert_true(headcount[k] >= 0 && isnan(level[k]));
    else
      assert_true(level[k] >= 0 && level[k] <= 7 && isnan(headcount[k]));
    if (role[k] >= 0 && strcmp(word(s, "scenario", scenario[k]), "base") == 0)
      base += headcount[k];
  }
  assert_true(base == 24 * there);
}

static void work_has_no_contradictions(void **state) {
  (void)state;
  static const char *const RULES[] = {"performance_before_hire",   "performance_after_leaving",
                                      "performance_in_the_future", "application_in_the_future",
                                      "position_two_roles",        NULL};
  static const char *const NONE[] = {NULL};
  const uint64_t seed = test_seed(1);
  for (int k = 0; k < 12; k++) {
    const int32_t sizes[] = {20, 60, 400, 3000};
    pfc_simulate_settings set = workforce_settings(seed + (uint64_t)k, sizes[k % 4], k % 2);
    set.n_months = k < 4 ? 3 : k < 8 ? 36 : 120;
    set.last_day += 11 * k; /* in the middle of months too */
    pfc__sim s = organisation(&set);
    workforce_is_sound(&s, set.n_people > 60 && set.n_months > 3 ? RULES : NONE);
    assert_performance(&s);
    assert_openings(&s);
    assert_projects(&s);
    assert_overrides(&s);
    assert_scenarios(&s);
    workforce_clear(&s);
  }
}

/* --- figures follow the match --------------------------------------------------------------
 */

/* Mean of level - required over what is required first, at most ten. */
static double match_of(const pfc__sim *s, int32_t person, int32_t day) {
  const pfc_truth *t = s->truth;
  const int32_t role = t->position_role[pfc__sim_position(s, person, day)];
  double sum = 0;
  int n = 0;
  for (int c = 0; c < WORKFORCE_COMPETENCIES && n < 10; c++) {
    const double required = (double)t->required[role * WORKFORCE_COMPETENCIES + c];
    if (isnan(required)) continue;
    sum += pfc_truth_level(t, person, c, day) - required;
    n++;
  }
  return sum / n;
}

/* Least squares of the figure on the match: line and spread as documented. */
static void figures_follow_the_match(void **state) {
  (void)state;
  const pfc_simulate_settings set = workforce_settings(test_seed(2), 3000, false);
  pfc__sim s = organisation(&set);
  const int32_t *person = pfc_dataset_codes(s.ds, PFC_PERFORMANCE, "person_id");
  const int32_t *on = pfc_dataset_dates(s.ds, PFC_PERFORMANCE, "on");
  const int32_t *kind = pfc_dataset_codes(s.ds, PFC_PERFORMANCE, "kind");
  const double *value = pfc_dataset_reals(s.ds, PFC_PERFORMANCE, "value");
  double n[2] = {0}, x[2] = {0}, y[2] = {0}, xx[2] = {0}, xy[2] = {0}, yy[2] = {0};
  for (int64_t k = 0; k < n_rows(&s, PFC_PERFORMANCE); k++) {
    const double match = match_of(&s, person[k], on[k]) + 0.5;
    const int f = strcmp(word(&s, "performance_kind", kind[k]), "rating") == 0;
    n[f]++;
    x[f] += match;
    y[f] += value[k];
    xx[f] += match * match;
    xy[f] += match * value[k];
    yy[f] += value[k] * value[k];
  }
  static const double MEAN[] = {80, 3}, SLOPE[] = {10, 1.2}, SPREAD[] = {6, 0.5};
  for (int f = 0; f < 2; f++) {
    /* A rating is rounded to 1, which adds a twelfth to its variance. */
    const double var = SPREAD[f] * SPREAD[f] + (f ? 1.0 / 12 : 0);
    const double sxx = xx[f] - x[f] * x[f] / n[f], sxy = xy[f] - x[f] * y[f] / n[f];
    const double slope = sxy / sxx, syy = yy[f] - y[f] * y[f] / n[f];
    const double left = (syy - slope * sxy) / (n[f] - 2);
    assert_true(n[f] > 3000);
    assert_z("slope", (slope - SLOPE[f]) / sqrt(var / sxx));
    assert_z("mean", (y[f] / n[f] - MEAN[f] - SLOPE[f] * x[f] / n[f]) / sqrt(var / n[f]));
    assert_z("spread", (left / var - 1) / sqrt(2 / n[f]));
  }
  workforce_clear(&s);
}

/* --- demand --------------------------------------------------------------------------------
 */

/* Least squares of y on 1, m, cos and sin of the year, by the normal equations. */
static void regress(const double *y, int n, double b[4]) {
  double A[4][5] = {{0}};
  for (int m = 0; m < n; m++) {
    const double turn = 2 * 3.14159265358979323846 * m / 12;
    const double x[4] = {1, m, cos(turn), sin(turn)};
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) A[i][j] += x[i] * x[j];
      A[i][4] += x[i] * y[m];
    }
  }
  for (int i = 0; i < 4; i++) {
    for (int k = 0; k < 4; k++) {
      const double by = A[k][i] / A[i][i];
      for (int j = i; k != i && j < 5; j++) A[k][j] -= by * A[i][j];
    }
  }
  for (int i = 0; i < 4; i++) b[i] = A[i][4] / A[i][i];
}

/* Over 20 years the season's two numbers are known to about 0.005 each: innovations of 0.02
 * that persist by 0.7 have, at the frequency of a year, the spectrum
 * 0.0004 / |1 - 0.7 exp(i pi / 6)|^2 = 0.00144, and a coefficient the variance 2 x that / 240.
 */
static void demand_has_its_season(void **state) {
  (void)state;
  pfc_simulate_settings set = workforce_settings(test_seed(3), 20, false);
  set.n_months = 240;
  pfc__sim s = organisation(&set);
  enum { N = WORKFORCE_ROLES + WORKFORCE_COMPETENCIES };
  const int32_t *month = pfc_dataset_dates(s.ds, PFC_DEMAND, "month");
  const int32_t *role = pfc_dataset_codes(s.ds, PFC_DEMAND, "role_id");
  const int32_t *competency = pfc_dataset_codes(s.ds, PFC_DEMAND, "competency_id");
  const double *index = pfc_dataset_reals(s.ds, PFC_DEMAND, "index");
  const int n = (int)(n_rows(&s, PFC_DEMAND) / N);
  const double error = sqrt(2 * 0.00144 / n);
  double y[241], b[4], sum = 0;
  int day;
  assert_true(n == 240 || n == 241);
  for (int k = 0; k < N; k++) {
    for (int m = 0; m < n; m++) {
      const int64_t row = (int64_t)k * n + m;
      assert_int_equal(pfc_date_month(month[row], &day),
                       pfc_date_month(set.last_day, &day) - (n - 1 - m));
      assert_true((role[row] < 0) != (competency[row] < 0));
      y[m] = log(index[row]);
    }
    assert_true(index[(int64_t)k * n + n - 1] == 1);
    regress(y, n, b);
    const double amplitude = hypot(b[2], b[3]);
    /* The peak is a month of the year. */
    const double peak = atan2(b[3], b[2]) * 12 / (2 * 3.14159265358979323846);
    assert_z("amplitude", (amplitude - 0.10) / error);
    assert_z("peak", (peak - round(peak)) * 2 * 3.14159265358979323846 / 12 * 0.1 / error);
    sum += b[1] * b[1];
  }
  /* Trends: 29 of spread 0.004; chi-square, 29 degrees of freedom, 1e-4 and the regression's
   * own error of less than a tenth of that. */
  assert_true(sum / 1.6e-5 > 8 && sum / 1.6e-5 < 69);
  workforce_clear(&s);
}

/* --- the same again ------------------------------------------------------------------------
 */

static void threads_change_nothing(void **state) {
  (void)state;
  const pfc_simulate_settings set = workforce_settings(test_seed(4), 1500, false);
  assert_ok(pfc_par_init(1, &err));
  pfc__sim one = organisation(&set);
  assert_ok(pfc_par_init(2, &err));
  pfc__sim two = organisation(&set);
  test_dataset_equal(one.ds, two.ds, true);
  workforce_clear(&one);
  workforce_clear(&two);
}

static pfc_status draw(void *user) {
  pfc__sim s;
  const pfc_status st = workforce_work(&s, user, NULL);
  workforce_clear(&s);
  return st;
}

static void memory_may_be_short(void **state) {
  (void)state;
  pfc_simulate_settings set = workforce_settings(1, 50, false);
  assert_true(count_down(draw, &set) > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(work_has_no_contradictions), cmocka_unit_test(figures_follow_the_match),
      cmocka_unit_test(demand_has_its_season),      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
