/* labels: property check
 * Seeds are fixed; bounds on shares are those of a binomial at 4.9 standard deviations, which a
 * right program leaves less than once in a million seeds. */
#include "tests/support/test.h"

#include <math.h>

#include "datasets/catalogue.h"
#include "datasets/quality.h"
#include "datasets/simulate_catalogue_internal.h"
#include "datasets/storage.h"
#include "tests/support/dataset.h"
#include "tests/support/near.h"
#include "tests/support/organisation.h"
#include "tests/support/simulated.h"
#include "tests/support/told.h"

#define Z 4.9

static pfc_dataset *onet;

static int import_onet(void **state) {
  (void)state;
  onet = test_frame();
  return 0;
}

static int drop_onet(void **state) {
  (void)state;
  pfc_dataset_destroy(onet);
  return 0;
}

static void catalogue_of(pfc__sim *s, pfc_simulate_settings *settings, uint64_t seed,
                         int32_t n_interventions) {
  *settings = simulated_preset("medium");
  settings->seed = seed;
  settings->n_interventions = n_interventions;
  simulated_begin(s, onet, settings);
  assert_ok(pfc__sim_frame(s, &err));
  assert_ok(pfc__sim_catalogue(s, &err));
}

static bool is_mandated(const pfc__sim *s, int32_t i) { return s->mandated_family[i] != -1; }

/* --- the dataset as a whole -----------------------------------------------------------------
 */

static void assert_unbroken(const pfc_dataset *ds, const char *rule) {
  pfc_quality_settings settings;
  pfc_quality *q = NULL;
  pfc_quality_defaults(&settings);
  assert_ok(pfc_quality_create(ds, &settings, &q, &err));
  for (int f = 0; f < q->n_findings; f++) {
    if (strcmp(q->findings[f].name, rule) != 0) continue;
    assert_true(q->findings[f].is_checked);
    assert_true(q->findings[f].of > 0);
    assert_int_equal(q->findings[f].n, 0);
    pfc_quality_destroy(q);
    return;
  }
  fail_msg("no rule %s", rule);
}

static void it_saves_and_contradicts_itself_nowhere(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    pfc_simulate_settings settings;
    pfc__sim s;
    pfc_dataset *back = NULL;
    catalogue_of(&s, &settings, seed, 400);
    assert_ok(pfc_dataset_save(s.ds, "catalogue.h5", &err));
    assert_ok(pfc_dataset_load("catalogue.h5", &back, &err));
    test_dataset_equal(s.ds, back, false);
    assert_unbroken(s.ds, "target_not_upward");
    assert_unbroken(s.ds, "prerequisite_above_target");
    assert_unbroken(s.ds, "prerequisite_never_met");
    pfc_dataset_destroy(back);
    simulated_end(&s);
  }
}

static void the_seed_decides(void **state) {
  (void)state;
  pfc_simulate_settings settings[3];
  pfc__sim s[3];
  for (int k = 0; k < 3; k++) catalogue_of(&s[k], &settings[k], k < 2 ? 7 : 8, 200);
  test_dataset_equal(s[0].ds, s[1].ds, true);
  assert_memory_equal(s[0].truth->effect, s[1].truth->effect, 200 * sizeof(float));
  assert_memory_equal(s[0].truth->pull, s[1].truth->pull, 800 * sizeof(float));
  assert_memory_not_equal(s[0].truth->effect, s[2].truth->effect, 200 * sizeof(float));
  for (int k = 0; k < 3; k++) simulated_end(&s[k]);
}

/* More interventions leave those that were there as they are: no draw belongs to two. */
static void draws_belong_to_one_intervention(void **state) {
  (void)state;
  enum { FEW = 150, MANY = 300 };
  pfc_simulate_settings a_settings, b_settings;
  pfc__sim a, b;
  catalogue_of(&a, &a_settings, 5, FEW);
  catalogue_of(&b, &b_settings, 5, MANY);
  const size_t ints = FEW * sizeof(int32_t), floats = FEW * sizeof(float);
  assert_memory_equal(a.kind, b.kind, ints);
  assert_memory_equal(a.opens_on, b.opens_on, ints);
  assert_memory_equal(a.only_family, b.only_family, ints);
  assert_memory_equal(a.requires_intervention, b.requires_intervention, ints);
  assert_memory_equal(a.truth->effect, b.truth->effect, floats);
  assert_memory_equal(a.truth->appeal, b.truth->appeal, floats);
  assert_memory_equal(a.truth->load, b.truth->load, floats);
  assert_memory_equal(a.truth->target_start, b.truth->target_start, FEW * sizeof(int64_t));
  assert_memory_equal(a.truth->target_to, b.truth->target_to,
                      (size_t)a.truth->target_start[FEW] * sizeof(float));
  simulated_end(&a);
  simulated_end(&b);
}

/* --- shares
 * ----------------------------------------------------------------------------------- */

static void assert_share(const char *what, double count, double n, double p) {
  const double sd = sqrt(n * p * (1 - p));
  if (fabs(count - n * p) > Z * sd)
    fail_msg("%s: %g of %g, expected %g +- %g", what, count, n, n * p, Z * sd);
}

static void kinds_and_rules_come_in_their_shares(void **state) {
  (void)state;
  enum { N = 20000 };
  pfc_simulate_settings settings;
  pfc__sim s;
  double kinds[PFC__SIM_N_KINDS] = {0}, n = 0, closed = 0, required = 0, mandated = 0;
  catalogue_of(&s, &settings, 11, N);
  for (int32_t i = 0; i < N; i++) {
    mandated += is_mandated(&s, i);
    if (is_mandated(&s, i)) continue;
    n++;
    kinds[s.kind[i]]++;
    closed += s.only_family[i] >= 0;
    required += s.requires_intervention[i] >= 0 || s.requires_competency[i] >= 0;
  }
  double shares = 0;
  for (int k = 0; k < pfc__sim_n_kinds; k++) {
    assert_share(pfc__sim_kinds[k].name, kinds[k], n, pfc__sim_kinds[k].share);
    shares += pfc__sim_kinds[k].share;
  }
  assert_near(shares, 1, 1e-12);
  assert_share("eligibility", closed, n, 0.15);
  assert_share("prerequisites", required, n, 0.15);
  assert_true(mandated >= 1 && mandated <= 22);
  simulated_end(&s);
}

/* One in ten does nothing, three in a hundred do harm; the others' mean is the kind's. An
 * effect has a standard deviation of 0.17 at most: 1.2 times the root of 1/4 / 13, of Beta(6,
 * 6). */
static void effects_come_in_their_shares(void **state) {
  (void)state;
  enum { N = 20000 };
  pfc_simulate_settings settings;
  pfc__sim s;
  double none = 0, harm = 0, sum[PFC__SIM_N_KINDS] = {0}, n[PFC__SIM_N_KINDS] = {0};
  catalogue_of(&s, &settings, 12, N);
  for (int32_t i = 0; i < N; i++) {
    const double e = (double)s.truth->effect[i];
    none += e == 0;
    harm += e < 0;
    assert_true(e >= -0.45 && e <= 1.2);
    if (e <= 0) continue;
    sum[s.kind[i]] += e;
    n[s.kind[i]]++;
  }
  assert_share("no effect", none, N, 0.10);
  assert_share("harm", harm, N, 0.03);
  for (int k = 0; k < PFC__SIM_N_KINDS; k++)
    assert_near(sum[k] / n[k], pfc__sim_kinds[k].effect, Z * 0.17 / sqrt(n[k]));
  simulated_end(&s);
}

static void assert_normal(const char *what, const float *x, int64_t n, double mean, double sd,
                          double slack) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) sum += (double)x[i];
  for (int64_t i = 0; i < n; i++) squares += pow((double)x[i] - sum / (double)n, 2);
  if (fabs(sum / (double)n - mean) > slack + Z * sd / sqrt((double)n))
    fail_msg("%s: mean %g, expected %g", what, sum / (double)n, mean);
  if (fabs(sqrt(squares / (double)n) / sd - 1) > Z / sqrt(2 * (double)n) + slack)
    fail_msg("%s: sd %g, expected %g", what, sqrt(squares / (double)n), sd);
}

/* Appeal varies between kinds too, by 0.2 around the mean of all. */
static void what_nobody_sees_has_its_spread(void **state) {
  (void)state;
  enum { N = 20000 };
  pfc_simulate_settings settings;
  pfc__sim s;
  catalogue_of(&s, &settings, 13, N);
  assert_normal("ease", s.truth->ease, N, 0, 0.5, 0);
  assert_normal("sway", s.truth->sway, N, 0, 0.4, 0);
  assert_normal("pull", s.truth->pull, 4 * N, 0, 0.5, 0);
  assert_normal("appeal", s.truth->appeal, N, -0.6, 0.5, 0.4);
  simulated_end(&s);
}

/* --- one by one
 * --------------------------------------------------------------------------------- */

static void assert_targets_serve(const pfc__sim *s, int32_t i, int64_t *n_needed) {
  const pfc_truth *t = s->truth;
  const int64_t from = t->target_start[i], to = t->target_start[i + 1];
  assert_true(to - from >= 1 && to - from <= 3);
  for (int64_t k = from; k < to; k++) {
    const double low = (double)t->target_from[k], high = (double)t->target_to[k];
    assert_true(low >= 0 && high >= 2 && high <= 6.5);
    assert_true(high - low >= 0.8 && high - low <= 2);
    for (int64_t l = from; l < k; l++)
      assert_int_not_equal(t->target_competency[l], t->target_competency[k]);
    bool is_needed = false;
    for (int32_t r = 0; r < t->n_roles; r++) {
      const double level =
          (double)t->required[(int64_t)r * t->n_competencies + t->target_competency[k]];
      is_needed |= pfc__sim_lets_in(s, i, r) && level >= 2;
    }
    *n_needed += is_needed;
  }
}

static void targets_serve_the_roles(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  int64_t n_needed = 0;
  catalogue_of(&s, &settings, 14, 2000);
  for (int32_t i = 0; i < 2000; i++) assert_targets_serve(&s, i, &n_needed);
  assert_true((double)n_needed > 0.99 * (double)s.truth->target_start[2000]);
  const double *hours = pfc_dataset_reals(s.ds, PFC_INTERVENTIONS, "hours");
  const double *weeks = pfc_dataset_reals(s.ds, PFC_INTERVENTIONS, "weeks");
  for (int32_t i = 0; i < 2000; i++) {
    assert_true(hours[i] > 0 && weeks[i] >= 1);
    assert_near((double)s.truth->days[i], 7 * weeks[i], 1e-6);
    assert_near((double)s.truth->load[i], hours[i] / weeks[i], 1e-5);
  }
  simulated_end(&s);
}

static void prerequisites_can_be_met(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  catalogue_of(&s, &settings, 15, 2000);
  int n_interventions = 0, n_levels = 0;
  for (int32_t i = 0; i < 2000; i++) {
    const pfc_truth *t = s.truth;
    const int64_t k = t->target_start[i];
    const int32_t j = s.requires_intervention[i];
    if (s.requires_competency[i] >= 0) {
      n_levels++;
      assert_int_equal(j, -1);
      assert_int_equal(s.requires_competency[i], t->target_competency[k]);
      assert_true(s.requires_level[i] > 0 && s.requires_level[i] < t->target_to[k]);
    }
    if (j < 0) continue;
    n_interventions++;
    assert_true(j < i && !is_mandated(&s, j) && !is_mandated(&s, i));
    bool is_lower = false;
    for (int64_t l = t->target_start[j]; l < t->target_start[j + 1]; l++)
      is_lower |= t->target_competency[l] == t->target_competency[k] &&
                  t->target_to[l] < t->target_to[k];
    assert_true(is_lower);
    for (int32_t r = 0; r < t->n_roles; r++)
      assert_true(!pfc__sim_lets_in(&s, i, r) || pfc__sim_lets_in(&s, j, r));
  }
  assert_true(n_interventions > 20 && n_levels > 20);
  simulated_end(&s);
}

static void eligibility_is_for_a_family(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  int64_t expected = 0;
  catalogue_of(&s, &settings, 16, 400);
  for (int32_t i = 0; i < 400; i++)
    for (int32_t r = 0; r < s.truth->n_roles && s.only_family[i] >= 0; r++)
      expected += s.role_family[r] == s.only_family[i];
  const int64_t n = s.ds->tables[PFC_ELIGIBILITY].n_rows;
  const int32_t *i = pfc_dataset_codes(s.ds, PFC_ELIGIBILITY, "intervention_id");
  const int32_t *r = pfc_dataset_codes(s.ds, PFC_ELIGIBILITY, "role_id");
  const int8_t *allow = pfc_dataset_flags(s.ds, PFC_ELIGIBILITY, "allow");
  assert_int_equal(n, expected);
  for (int64_t k = 0; k < n; k++) {
    assert_int_equal(s.role_family[r[k]], s.only_family[i[k]]);
    assert_int_equal(allow[k], 1);
  }
  simulated_end(&s);
}

/* Every catalogue has one; what is mandated is short, on demand, and open to those who must. */
static void mandates_can_be_obeyed(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    pfc_simulate_settings settings;
    pfc__sim s;
    catalogue_of(&s, &settings, seed, seed < 5 ? 20 : 400);
    const int64_t n = s.ds->tables[PFC_MANDATES].n_rows;
    const int32_t *id = pfc_dataset_codes(s.ds, PFC_MANDATES, "intervention_id");
    const int32_t *role = pfc_dataset_codes(s.ds, PFC_MANDATES, "role_id");
    const int32_t *due = pfc_dataset_dates(s.ds, PFC_MANDATES, "due_on");
    assert_true(n >= 1);
    for (int64_t k = 0; k < n; k++) {
      const int32_t i = id[k], family = s.mandated_family[i];
      assert_int_equal(family == -2, role[k] < 0);
      if (role[k] >= 0) assert_int_equal(s.role_family[role[k]], family);
      assert_true(due[k] > s.truth->first_day);
      assert_int_equal(s.opens_on[i], PFC_NO_DATE);
      assert_int_equal(s.only_family[i], -1);
      assert_true(s.requires_intervention[i] < 0 && s.requires_competency[i] < 0);
      assert_true(s.truth->days[i] <= 7);
    }
    simulated_end(&s);
  }
}

/* --- texts
 * ---------------------------------------------------------------------------------------- */

static void assert_named(const pfc__sim *s, int32_t i) {
  const pfc_truth *t = s->truth;
  const char *title = told_cell(s->ds, PFC_INTERVENTIONS, "title", i);
  const char *description = told_cell(s->ds, PFC_INTERVENTIONS, "description", i);
  char expected[160];
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++) {
    const char *name = told_cell(s->ds, PFC_COMPETENCIES, "name", t->target_competency[k]);
    (void)snprintf(expected, sizeof expected, "%s (to level %g)", name,
                   (double)t->target_to[k]);
    assert_non_null(strstr(description, expected));
  }
  const char *first =
      told_cell(s->ds, PFC_COMPETENCIES, "name", t->target_competency[t->target_start[i]]);
  assert_true(strstr(title, first) || strstr(title, "Rotation into the work of "));
  assert_null(strpbrk(title, "{}"));
  assert_null(strpbrk(description, "{}"));
  (void)snprintf(expected, sizeof expected, "https://learning.example/%s",
                 pfc_dict_text(t->interventions, i));
  assert_string_equal(told_cell(s->ds, PFC_INTERVENTIONS, "url", i), expected);
}

static void texts_name_what_is_learned(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  catalogue_of(&s, &settings, 17, 2000);
  for (int32_t i = 0; i < 2000; i++) assert_named(&s, i);
  assert_string_equal(told_cell(s.ds, PFC_INTERVENTIONS, "intervention_id", 0), "I0001");
  assert_string_equal(pfc_dict_text(s.truth->interventions, 1999), "I2000");
  assert_int_equal(pfc_dataset_count(s.ds, "provider"), PFC__SIM_N_PROVIDERS);
  for (int32_t i = 0; i < 2000; i++)
    assert_int_equal(pfc_dataset_codes(s.ds, PFC_INTERVENTIONS, "provider")[i], s.provider[i]);
  simulated_end(&s);
}

/* --- the calendar
 * ----------------------------------------------------------------------------------- */

enum { BEFORE = 500, AFTER = 900 };

/* Walks backwards over the days: the next start of a day is that day where the catalogue is
 * open, else the next start of the day after. */
static void assert_calendar(const pfc__sim *s, const pfc_catalogue *cat, int32_t i,
                            int32_t first, int32_t last) {
  int32_t next = PFC_NO_DATE;
  for (int32_t day = last + AFTER; day >= first - BEFORE; day--) {
    if (pfc_catalogue_is_open(cat, i, day)) next = day;
    if (day > last) continue;
    const int32_t found = pfc__sim_next_start(s, i, day);
    if (found != next) fail_msg("intervention %d, day %d: %d, not %d", i, day, found, next);
  }
}

static void starts_are_those_of_the_catalogue(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  pfc_catalogue *cat = NULL;
  catalogue_of(&s, &settings, 18, 400);
  assert_ok(pfc_catalogue_create(s.ds, &cat, &err));
  int n_new = 0, n_recurring = 0;
  for (int32_t i = 0; i < 400; i++) {
    n_new += s.opens_on[i] != PFC_NO_DATE && s.opens_on[i] > s.truth->first_day;
    n_recurring += s.recurs_months[i] > 0;
    assert_true(s.opens_on[i] == PFC_NO_DATE || s.opens_on[i] <= s.truth->last_day);
    assert_int_equal(s.closes_on[i] != PFC_NO_DATE, s.recurs_months[i] > 0);
    assert_calendar(&s, cat, i, s.truth->first_day, s.truth->last_day);
  }
  assert_share("new", n_new, 400, 0.2);
  assert_true(n_recurring > 80);
  pfc_catalogue_destroy(cat);
  simulated_end(&s);
}

/* Calendars that no catalogue of ours has: ends of months, windows as long as the cycle,
 * windows that open once, or close without having opened. */
static void starts_hold_at_the_ends_of_months(void **state) {
  (void)state;
  static const struct {
    const char *opens, *closes;
    int32_t recurs;
  } ODD[] = {{"2023-01-31", "2023-02-02", 1}, {"2023-01-29", "2023-01-31", 1},
             {"2023-12-31", "2024-01-01", 2}, {"2024-02-29", "2024-03-01", 12},
             {"2023-08-31", "2023-09-29", 1}, {"2023-08-31", "2023-10-15", 1},
             {"2023-05-10", "2023-05-20", 0}, {"", "2023-05-20", 0},
             {"2023-05-10", "", 6},           {"", "2023-05-20", 3},
             {"2023-10-30", "2023-10-31", 4}};
  enum { N = sizeof ODD / sizeof *ODD };
  int32_t opens[N], closes[N], recurs[N];
  for (int k = 0; k < N; k++) {
    opens[k] = closes[k] = PFC_NO_DATE;
    if (*ODD[k].opens) assert_true(pfc_date_parse(ODD[k].opens, &opens[k]));
    if (*ODD[k].closes) assert_true(pfc_date_parse(ODD[k].closes, &closes[k]));
    recurs[k] = ODD[k].recurs;
  }
  const pfc__sim s = {.opens_on = opens, .closes_on = closes, .recurs_months = recurs};
  const pfc_catalogue cat = {
      .n_interventions = N, .opens_on = opens, .closes_on = closes, .recurs_months = recurs};
  int32_t first = 0, last = 0;
  assert_true(pfc_date_parse("2022-06-01", &first) && pfc_date_parse("2029-01-01", &last));
  for (int32_t i = 0; i < N; i++) assert_calendar(&s, &cat, i, first, last);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_saves_and_contradicts_itself_nowhere),
      cmocka_unit_test(the_seed_decides),
      cmocka_unit_test(draws_belong_to_one_intervention),
      cmocka_unit_test(kinds_and_rules_come_in_their_shares),
      cmocka_unit_test(effects_come_in_their_shares),
      cmocka_unit_test(what_nobody_sees_has_its_spread),
      cmocka_unit_test(targets_serve_the_roles),
      cmocka_unit_test(prerequisites_can_be_met),
      cmocka_unit_test(eligibility_is_for_a_family),
      cmocka_unit_test(mandates_can_be_obeyed),
      cmocka_unit_test(texts_name_what_is_learned),
      cmocka_unit_test(starts_are_those_of_the_catalogue),
      cmocka_unit_test(starts_hold_at_the_ends_of_months),
  };
  return cmocka_run_group_tests(tests, import_onet, drop_onet);
}
