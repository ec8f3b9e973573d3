/* Profiles of random numbers, and comparing them. */
#include "tests/support/bundle_internal.h"

#include "base/rng.h"

enum { N_COMPETENCIES = 5, N_ROLES = 6, N_SOURCES = 3, N_RATERS = 4, N_INTERVENTIONS = 3 };

static float *positive(pfc_rng *rng, int64_t n, double least) {
  float *x = test__array(n, sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = (float)(least + pfc_rng_uniform(rng));
  return x;
}

/* B B' + 0.01 I of a random B each. */
static float *covariances(pfc_rng *rng, int64_t n, int k) {
  float *cov = test__array(n * k * k, sizeof *cov), b[PFC_PROFILE_MOST_RANK];
  for (int64_t c = 0; c < n; c++) {
    for (int i = 0; i < k; i++) b[i] = 0.2f * (float)pfc_rng_normal(rng);
    for (int i = 0; i < k; i++)
      for (int j = 0; j < k; j++) cov[(c * k + i) * k + j] = b[i] * b[j] + 0.01f * (i == j);
  }
  return cov;
}

static void fill_effects(pfc_profile *m, pfc_rng *rng) {
  m->effect_role = test__array(N_ROLES * N_COMPETENCIES, sizeof *m->effect_role);
  m->effect_competency = test__array(N_ROLES * N_COMPETENCIES, sizeof *m->effect_competency);
  for (int32_t r = 0; r < N_ROLES; r++) {
    for (int32_t c = 0; c < N_COMPETENCIES; c++) {
      if (pfc_rng_below(rng, 3) == 0) continue;
      m->effect_role[m->n_role_effects] = r;
      m->effect_competency[m->n_role_effects++] = c;
    }
  }
  m->effect = test__floats(rng, m->n_role_effects);
  m->effect_var = positive(rng, m->n_role_effects, 0.01);
}

static void fill_sources(pfc_profile *m, pfc_rng *rng) {
  m->n_sources = N_SOURCES;
  m->source = test__array(N_SOURCES, sizeof *m->source);
  for (int32_t s = 0; s < N_SOURCES; s++)
    m->source[s] = (pfc_profile_source){.bias = s == 2 ? 0 : pfc_rng_normal(rng),
                                        .slope = s == 2 ? 1 : 0.5 + pfc_rng_uniform(rng),
                                        .noise = 0.2 + pfc_rng_uniform(rng),
                                        .leniency = s == 0 ? 0.25 : 0,
                                        .anchor = s == 2,
                                        .linked = s != 1,
                                        .n_ratings = 100 + s};
  m->unknown = (pfc_profile_source){.bias = 0.1, .slope = 0.9, .noise = 0.5, .n_ratings = 7};
  m->n_raters = 2;
  m->rater_source = test__array(2, sizeof *m->rater_source);
  m->rater_code = test__array(2, sizeof *m->rater_code);
  m->rater_code[0] = 1;
  m->rater_code[1] = 3;
  m->rater = test__floats(rng, 2);
  m->rater_var = positive(rng, 2, 0.01);
}

static void fill_profile(pfc_profile *m, pfc_rng *rng, int32_t rank) {
  *m = (pfc_profile){.n_competencies = N_COMPETENCIES,
                     .n_roles = N_ROLES,
                     .rank = rank,
                     .scale_max = 5,
                     .beta = {0.3, 0.4, 0.5, -0.6},
                     .newcomer_days = 730,
                     .taught = 0.5,
                     .sd_taught = 0.3,
                     .teaching_days = 60,
                     .sd_programme = 0.3,
                     .sd_person = 0.35,
                     .sd_competency = 0.5,
                     .sd_role = 0.25,
                     .sd_cell = 0.2,
                     .sd_moving = 0.4,
                     .half_life_days = 1460};
  m->half_life = positive(rng, N_COMPETENCIES, 500);
  m->competency = test__floats(rng, N_COMPETENCIES);
  m->competency_var = positive(rng, N_COMPETENCIES, 0.01);
  m->factor = test__floats(rng, (int64_t)N_COMPETENCIES * rank);
  m->factor_cov = covariances(rng, N_COMPETENCIES, rank);
  m->factor_sd = positive(rng, rank, 0.1);
  fill_effects(m, rng);
  fill_sources(m, rng);
  m->n_interventions = N_INTERVENTIONS;
  m->programme = test__floats(rng, N_INTERVENTIONS);
  m->programme_var = positive(rng, N_INTERVENTIONS, 0.01);
}

pfc_bundle *test_profile_bundle(uint64_t seed, int32_t rank) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test profile", 0);
  pfc_bundle *b = pfc_bundle_create();
  assert_non_null(b);
  b->n_dicts = 5;
  b->dicts = test__array(b->n_dicts, sizeof *b->dicts);
  b->dicts[0] = test__dict("competency", N_COMPETENCIES);
  b->dicts[1] = test__dict("role", N_ROLES);
  b->dicts[2] = test__dict("source", N_SOURCES);
  b->dicts[3] = test__dict("intervention", N_INTERVENTIONS);
  b->dicts[4] = test__dict("rater", N_RATERS);
  b->has_profile = true;
  fill_profile(&b->profile, &rng, rank);
  test__fill_provenance(b, seed);
  return b;
}

/* --- comparing -------------------------------------------------------------- */

static void compare_sources(const pfc_profile_source *a, const pfc_profile_source *b) {
  SAME_MEMBER(a, b, bias);
  SAME_MEMBER(a, b, slope);
  SAME_MEMBER(a, b, noise);
  SAME_MEMBER(a, b, leniency);
  SAME_MEMBER(a, b, anchor);
  SAME_MEMBER(a, b, linked);
  SAME_MEMBER(a, b, n_ratings);
}

static void compare_profile_numbers(const pfc_profile *a, const pfc_profile *b) {
  SAME_MEMBER(a, b, rank);
  SAME_MEMBER(a, b, n_roles);
  SAME_MEMBER(a, b, scale_min);
  SAME_MEMBER(a, b, scale_max);
  SAME_MEMBER(a, b, relative);
  SAME_MEMBER(a, b, beta);
  SAME_MEMBER(a, b, newcomer_days);
  SAME_MEMBER(a, b, taught);
  SAME_MEMBER(a, b, sd_taught);
  SAME_MEMBER(a, b, teaching_days);
  SAME_MEMBER(a, b, sd_programme);
  SAME_MEMBER(a, b, sd_person);
  SAME_MEMBER(a, b, sd_competency);
  SAME_MEMBER(a, b, sd_role);
  SAME_MEMBER(a, b, sd_cell);
  SAME_MEMBER(a, b, sd_moving);
  SAME_MEMBER(a, b, half_life_days);
}

void test__compare_profile(const pfc_profile *a, const pfc_profile *b) {
  compare_profile_numbers(a, b);
  const int64_t n = a->n_competencies, k = a->rank;
  assert_int_equal(n, b->n_competencies);
  SAME(a->half_life, b->half_life, n);
  SAME(a->competency, b->competency, n);
  SAME(a->competency_var, b->competency_var, n);
  SAME(a->factor, b->factor, n * k);
  SAME(a->factor_cov, b->factor_cov, n * k * k);
  SAME(a->factor_sd, b->factor_sd, k);
  assert_int_equal(a->n_role_effects, b->n_role_effects);
  SAME(a->effect_role, b->effect_role, a->n_role_effects);
  SAME(a->effect_competency, b->effect_competency, a->n_role_effects);
  SAME(a->effect, b->effect, a->n_role_effects);
  SAME(a->effect_var, b->effect_var, a->n_role_effects);
  assert_int_equal(a->n_sources, b->n_sources);
  for (int32_t s = 0; s < a->n_sources; s++) compare_sources(&a->source[s], &b->source[s]);
  compare_sources(&a->unknown, &b->unknown);
  assert_int_equal(a->n_raters, b->n_raters);
  SAME(a->rater_source, b->rater_source, a->n_raters);
  SAME(a->rater_code, b->rater_code, a->n_raters);
  SAME(a->rater, b->rater, a->n_raters);
  SAME(a->rater_var, b->rater_var, a->n_raters);
  assert_int_equal(a->n_interventions, b->n_interventions);
  SAME(a->programme, b->programme, a->n_interventions);
  SAME(a->programme_var, b->programme_var, a->n_interventions);
}
