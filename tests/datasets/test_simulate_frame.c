/* labels: property check */
#include "tests/support/test.h"

#include <math.h>

#include "datasets/simulate_choice_internal.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/near.h"
#include "tests/support/organisation.h"
#include "tests/support/simulated.h"
#include "tests/support/told.h"

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

/* An organisation of so many roles; families may be NULL. */
static void frame_of(pfc__sim *s, pfc_simulate_settings *settings, uint64_t seed,
                     int32_t n_roles, const char *families) {
  *settings = simulated_preset("small");
  settings->seed = seed;
  settings->n_roles = n_roles;
  settings->families = families;
  simulated_begin(s, onet, settings);
  assert_ok(pfc__sim_frame(s, &err));
}

/* --- what is published ---------------------------------------------------------------------
 */

/* Places of the framework's requirements by role and competency, -1 none. */
static int64_t *published(void) {
  const int32_t n = pfc_dataset_count(onet, "competency");
  const int64_t size = (int64_t)pfc_dataset_count(onet, "role") * n;
  int64_t *row = pfc_alloc_array((size_t)size, sizeof *row);
  assert_non_null(row);
  for (int64_t k = 0; k < size; k++) row[k] = -1;
  const int32_t *role = pfc_dataset_codes(onet, PFC_REQUIREMENTS, "role_id");
  const int32_t *competency = pfc_dataset_codes(onet, PFC_REQUIREMENTS, "competency_id");
  for (int64_t q = 0; q < onet->tables[PFC_REQUIREMENTS].n_rows; q++)
    row[(int64_t)role[q] * n + competency[q]] = q;
  return row;
}

static void assert_published(const pfc__sim *s, const int64_t *row, int32_t r, int32_t c,
                             int64_t *n_found) {
  const pfc_truth *t = s->truth;
  const pfc_dict *roles = pfc_dataset_find_dict(onet, "role");
  const pfc_dict *competencies = pfc_dataset_find_dict(onet, "competency");
  const int32_t role = pfc_dict_find(roles, pfc_dict_text(t->roles, r));
  const int32_t competency = pfc_dict_find(competencies, pfc_dict_text(t->competencies, c));
  const int64_t q = row[(int64_t)role * pfc_dict_size(competencies) + competency];
  const int64_t at = (int64_t)r * t->n_competencies + c;
  if (q < 0) {
    assert_nan((double)t->required[at]);
    assert_near((double)t->importance[at], 0, 0);
    return;
  }
  const double importance = pfc_dataset_reals(onet, PFC_REQUIREMENTS, "importance")[q];
  assert_near((double)t->required[at], pfc_dataset_reals(onet, PFC_REQUIREMENTS, "level")[q],
              1e-6);
  assert_near((double)t->importance[at], isnan(importance) ? 0 : importance, 1e-7);
  ++*n_found;
}

/* Cells of the truth against the framework, and rows of the table against the cells. */
static void requirements_are_as_published(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  int64_t *row = published(), n_found = 0;
  frame_of(&s, &settings, 3, 60, NULL);
  const pfc_truth *t = s.truth;
  for (int32_t r = 0; r < t->n_roles; r++)
    for (int32_t c = 0; c < t->n_competencies; c++) assert_published(&s, row, r, c, &n_found);
  assert_int_equal(s.ds->tables[PFC_REQUIREMENTS].n_rows, n_found);
  const int32_t *role = pfc_dataset_codes(s.ds, PFC_REQUIREMENTS, "role_id");
  const int32_t *competency = pfc_dataset_codes(s.ds, PFC_REQUIREMENTS, "competency_id");
  const double *level = pfc_dataset_reals(s.ds, PFC_REQUIREMENTS, "level");
  const int8_t *compliance = pfc_dataset_flags(s.ds, PFC_REQUIREMENTS, "compliance");
  int n_compliance = 0;
  for (int64_t q = 0; q < n_found; q++) {
    assert_near(level[q], (double)t->required[role[q] * t->n_competencies + competency[q]],
                1e-6);
    n_compliance += compliance[q];
  }
  assert_true(n_compliance > 0 && n_compliance < n_found / 20);
  pfc_free(row);
  simulated_end(&s);
}

static void competencies_are_those_that_occupations_need(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  frame_of(&s, &settings, 1, 12, NULL);
  assert_int_equal(s.truth->n_competencies, 84);
  assert_int_equal(told_count(s.ds, PFC_COMPETENCIES, "kind", "skill"), 35);
  assert_int_equal(told_count(s.ds, PFC_COMPETENCIES, "kind", "knowledge"), 33);
  assert_int_equal(told_count(s.ds, PFC_COMPETENCIES, "kind", "behavioural"), 16);
  assert_string_equal(s.ds->framework, "O*NET 29.0");
  assert_near(s.ds->scale_max, 7, 0);
  /* Half-lives: knowledge about 2 years, skills 4, behaviour 8. The median of 16 to 35 draws
   * of spread 0.2 is off by a factor of 1.3 less than once in a million times. */
  const double *half_life = pfc_dataset_reals(s.ds, PFC_COMPETENCIES, "half_life_days");
  double sum[3] = {0};
  int n[3] = {0};
  for (int32_t c = 0; c < 84; c++) {
    const char kind = told_cell(s.ds, PFC_COMPETENCIES, "kind", c)[0];
    const int k = kind == 'k' ? 0 : kind == 's' ? 1 : 2;
    sum[k] += log(half_life[c] / 365.2425);
    n[k]++;
    assert_near((double)s.truth->half_life[c], half_life[c], 1e-3);
  }
  for (int k = 0; k < 3; k++) assert_near(sum[k] / n[k], log(2 << k), log(1.3));
  simulated_end(&s);
}

/* --- the choice -----------------------------------------------------------------------------
 */

static void roles_are_distinct_and_have_requirements(void **state) {
  (void)state;
  static const int32_t N[] = {2, 5, 12, 40, 120, 800};
  for (size_t k = 0; k < sizeof N / sizeof *N; k++) {
    pfc_simulate_settings settings;
    pfc__sim s;
    frame_of(&s, &settings, 10 + k, N[k], NULL);
    assert_int_equal(s.truth->n_roles, N[k]);
    assert_int_equal(pfc_dict_size(s.truth->roles), N[k]);
    assert_int_equal(s.ds->tables[PFC_ROLES].n_rows, N[k]);
    for (int32_t r = 0; r < N[k]; r++) {
      const char *id = told_cell(s.ds, PFC_ROLES, "role_id", r);
      char family[3];
      (void)snprintf(family, sizeof family, "%02d", (int)s.role_family[r]);
      assert_memory_equal(id, family, 2);
      assert_true(s.role_zone[r] >= 1 && s.role_zone[r] <= 5);
      bool asks = false;
      for (int32_t c = 0; c < s.truth->n_competencies; c++)
        asks |= !isnan(s.truth->required[(int64_t)r * s.truth->n_competencies + c]);
      assert_true(asks);
    }
    simulated_end(&s);
  }
}

static int n_families(const pfc__sim *s, int *per_family) {
  int n = 0;
  memset(per_family, 0, sizeof *per_family * PFC__SIM_FAMILIES);
  for (int32_t r = 0; r < s->truth->n_roles; r++) n += per_family[s->role_family[r]]++ == 0;
  return n;
}

static bool has_zones(const pfc__sim *s, int family) {
  int32_t first = 0;
  for (int32_t r = 0; r < s->truth->n_roles; r++) {
    if (s->role_family[r] != family) continue;
    if (first == 0) first = s->role_zone[r];
    if (s->role_zone[r] != first) return true;
  }
  return false;
}

/* In each family a promotion is possible: all of those with four roles or more have two job
 * zones in O*NET 29.0. */
static void small_organisations_have_few_families(void **state) {
  (void)state;
  bool seen[6] = {false};
  for (uint64_t seed = 1; seed <= 30; seed++) {
    pfc_simulate_settings settings;
    pfc__sim s;
    int per_family[PFC__SIM_FAMILIES];
    frame_of(&s, &settings, seed, 12, NULL);
    const int n = n_families(&s, per_family);
    assert_true(n >= 3 && n <= 5);
    seen[n] = true;
    for (int f = 0; f < PFC__SIM_FAMILIES; f++)
      if (per_family[f]) assert_true(per_family[f] >= 2 && has_zones(&s, f));
    simulated_end(&s);
  }
  assert_true(seen[3] && seen[4] && seen[5]);
}

static void families_can_be_asked_for(void **state) {
  (void)state;
  pfc_simulate_settings settings;
  pfc__sim s;
  int per_family[PFC__SIM_FAMILIES];
  frame_of(&s, &settings, 4, 12, "15,13,15");
  assert_int_equal(n_families(&s, per_family), 2);
  assert_int_equal(per_family[15], 6);
  assert_int_equal(per_family[13], 6);
  simulated_end(&s);
}

static void families_that_cannot_be_had_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *families, *says;
  } BAD[] = {{"99",
              "family '99' is not one of the framework that has roles with requirements: "
              "11,13,15,17,"},
             {"15,", "family ''"},
             {"", "family ''"},
             {"15, 13", "family ' 13'"},
             {"1", "family '1'"},
             {"55", "family '55'"}, /* the military: nobody rated it */
             {"151,13", "family '151'"},
             {"23", "roles is 60, but the framework has "}};
  for (size_t k = 0; k < sizeof BAD / sizeof *BAD; k++) {
    pfc_simulate_settings settings = simulated_preset("small");
    pfc__sim s;
    settings.families = BAD[k].families;
    settings.n_roles = 60;
    simulated_begin(&s, onet, &settings);
    assert_fails(pfc__sim_frame(&s, &err), PFC_EUSAGE, BAD[k].says);
    simulated_end(&s);
  }
}

/* What an organisation knows of a role belongs to the role, whatever else there is. */
static void facts_belong_to_roles(void **state) {
  (void)state;
  pfc_simulate_settings few_settings, many_settings;
  pfc__sim few, many;
  int n_shared = 0;
  frame_of(&few, &few_settings, 8, 12, NULL);
  frame_of(&many, &many_settings, 8, 800, NULL);
  const double *a = pfc_dataset_reals(few.ds, PFC_ROLES, "criticality");
  const double *b = pfc_dataset_reals(many.ds, PFC_ROLES, "criticality");
  const double *cost_a = pfc_dataset_reals(few.ds, PFC_ROLES, "hire_cost");
  const double *cost_b = pfc_dataset_reals(many.ds, PFC_ROLES, "hire_cost");
  for (int32_t r = 0; r < few.truth->n_roles; r++) {
    const int32_t q = pfc_dict_find(many.truth->roles, pfc_dict_text(few.truth->roles, r));
    if (q < 0) continue;
    assert_near(a[r], b[q], 0);
    assert_near(cost_a[r], cost_b[q], 0);
    n_shared++;
  }
  assert_true(n_shared >= 8);
  simulated_end(&few);
  simulated_end(&many);
}

static void higher_zones_are_dearer(void **state) {
  (void)state;
  static const char *const NAMES[] = {"hire_cost", "hire_days", "ramp_days"};
  pfc_simulate_settings settings;
  pfc__sim s;
  frame_of(&s, &settings, 5, 800, NULL);
  for (size_t k = 0; k < sizeof NAMES / sizeof *NAMES; k++) {
    double sum[6] = {0}, n[6] = {0};
    const double *x = pfc_dataset_reals(s.ds, PFC_ROLES, NAMES[k]);
    for (int32_t r = 0; r < 800; r++) {
      sum[s.role_zone[r]] += x[r];
      n[s.role_zone[r]]++;
    }
    for (int zone = 2; zone <= 5; zone++)
      assert_true(sum[zone] / n[zone] > sum[zone - 1] / n[zone - 1]);
  }
  const double *criticality = pfc_dataset_reals(s.ds, PFC_ROLES, "criticality");
  for (int32_t r = 0; r < 800; r++) assert_true(criticality[r] > 0 && criticality[r] <= 1);
  simulated_end(&s);
}

static void the_seed_decides(void **state) {
  (void)state;
  pfc_simulate_settings settings[3];
  pfc__sim s[3];
  for (int k = 0; k < 3; k++) frame_of(&s[k], &settings[k], k < 2 ? 21 : 22, 40, NULL);
  test_dataset_equal(s[0].ds, s[1].ds, true);
  bool differs = false;
  for (int32_t r = 0; r < 40; r++)
    differs |=
        strcmp(pfc_dict_text(s[0].truth->roles, r), pfc_dict_text(s[2].truth->roles, r)) != 0;
  assert_true(differs);
  for (int k = 0; k < 3; k++) simulated_end(&s[k]);
}

/* --- frameworks that are none
 * ----------------------------------------------------------------- */

static void frameworks_that_lack_something_are_refused(void **state) {
  (void)state;
  pfc_simulate_settings settings = simulated_preset("small");
  pfc__sim s;
  pfc_dataset *empty = pfc_dataset_create();
  simulated_begin(&s, empty, &settings);
  assert_fails(pfc__sim_frame(&s, &err), PFC_EDATA, "table roles has no column role_id");
  simulated_end(&s);
  pfc_dataset_destroy(empty);

  pfc_dataset *little = simulated_little();
  little->scale_max = 5;
  simulated_begin(&s, little, &settings);
  assert_fails(pfc__sim_frame(&s, &err), PFC_EDATA, "levels go from 0 to 5; expected 0 to 7");
  simulated_end(&s);

  little->scale_max = 7;
  simulated_begin(&s, little, &settings);
  assert_fails(pfc__sim_frame(&s, &err), PFC_EUSAGE,
               "roles is 12, but the framework has 4 with requirements in all its families");
  simulated_end(&s);
  pfc_dataset_destroy(little);
}

static pfc_status run_little(void *user) {
  pfc_error err = PFC_ERROR_INIT;
  pfc_simulate_settings settings = {.seed = 1,
                                    .n_people = 20,
                                    .n_interventions = 20,
                                    .n_months = 12,
                                    .n_roles = 4,
                                    .last_day = 20453};
  pfc__sim s = {.settings = &settings, .frame = user};
  pfc_status st = PFC_ENOMEM;
  s.ds = pfc_dataset_create();
  s.truth = pfc_truth_create();
  if (s.ds && s.truth) {
    s.truth->last_day = settings.last_day;
    s.truth->first_day = pfc__sim_month_day(&s, 0);
    st = pfc__sim_frame(&s, &err);
    if (st == PFC_OK) st = pfc__sim_catalogue(&s, &err);
  }
  simulated_end(&s);
  return st;
}

static void memory_may_end_anywhere(void **state) {
  (void)state;
  pfc_dataset *little = simulated_little();
  count_down(run_little, little);
  pfc_dataset_destroy(little);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requirements_are_as_published),
      cmocka_unit_test(competencies_are_those_that_occupations_need),
      cmocka_unit_test(roles_are_distinct_and_have_requirements),
      cmocka_unit_test(small_organisations_have_few_families),
      cmocka_unit_test(families_can_be_asked_for),
      cmocka_unit_test(families_that_cannot_be_had_are_refused),
      cmocka_unit_test(facts_belong_to_roles),
      cmocka_unit_test(higher_zones_are_dearer),
      cmocka_unit_test(the_seed_decides),
      cmocka_unit_test(frameworks_that_lack_something_are_refused),
      cmocka_unit_test(memory_may_end_anywhere),
  };
  return cmocka_run_group_tests(tests, import_onet, drop_onet);
}
