// labels: unit property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "models/bundle.h"
#include "tests/support/bundle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

enum { RANK = 2 };

/* --- looking up ------------------------------------------------------------------------ */

static void effects_are_those_of_the_pair(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(3, RANK);
  const pfc_profile *p = &b->profile;
  int n_found = 0;
  for (int32_t r = -1; r <= p->n_roles; r++) {
    for (int32_t c = 0; c < p->n_competencies; c++) {
      double mean, var, expected = 0, expected_var = p->sd_role * p->sd_role;
      for (int64_t k = 0; k < p->n_role_effects; k++) {
        if (p->effect_role[k] != r || p->effect_competency[k] != c) continue;
        expected = p->effect[k];
        expected_var = p->effect_var[k];
        n_found++;
      }
      pfc_profile_role_effect(p, r, c, &mean, &var);
      assert_near(mean, expected, 0);
      assert_near(var, expected_var, 0);
    }
  }
  assert_int_equal(n_found, p->n_role_effects);
  pfc_bundle_destroy(b);
}

static void raters_are_found_by_source_and_code(void **state) {
  (void)state;
  int32_t source[] = {0, 0, 2, 2, 2}, code[] = {4, 9, 0, 4, 5};
  const pfc_profile p = {.n_raters = 5, .rater_source = source, .rater_code = code};
  for (int32_t s = -1; s < 4; s++) {
    for (int32_t r = -1; r < 11; r++) {
      int64_t expected = -1;
      for (int k = 0; k < 5; k++)
        if (source[k] == s && code[k] == r) expected = k;
      assert_int_equal(pfc_profile_find_rater(&p, s, r), expected);
    }
  }
  assert_int_equal(pfc_profile_find_rater(&(pfc_profile){0}, 0, 0), -1);
}

static void interventions_teach_around_what_all_do(void **state) {
  (void)state;
  float mean[] = {0.2F, -0.7F}, var[] = {0.01F, 0.04F};
  const pfc_profile p = {.taught = 0.5,
                         .sd_programme = 0.3,
                         .n_interventions = 2,
                         .programme = mean,
                         .programme_var = var};
  double m, v;
  for (int32_t i = -1; i < 3; i++) {
    const bool told = i == 0 || i == 1;
    pfc_profile_teaches(&p, i, &m, &v);
    assert_near(m, told ? 0.5 + mean[i] : 0.5, 1e-15);
    assert_near(v, told ? var[i] : 0.3 * 0.3, 1e-15);
  }
}

static void newcomers_are_new_for_a_while(void **state) {
  (void)state;
  const pfc_profile p = {.newcomer_days = 730};
  assert_near(pfc_profile_newcomer(&p, 0), 1, 0);
  assert_near(pfc_profile_newcomer(&p, -100), 1, 0);
  assert_near(pfc_profile_newcomer(&p, 730), 0.367879441171442, 1e-14);
}

/* --- aligning -------------------------------------------------------------------------- */

static void dicts_of(const pfc_bundle *b, const pfc_dict *dicts[PFC_PROFILE_DICTS]) {
  for (int k = 0; k < PFC_PROFILE_DICTS; k++)
    dicts[k] = pfc_bundle_dict(b, PFC_PROFILE_DICT_NAMES[k]);
}

static void learn(pfc_dataset *ds, const char *name, const char *text) {
  int32_t code;
  assert_ok(pfc_dict_add(pfc_dataset_dict(ds, name), text, strlen(text), &code, &err));
}

/* The profile's texts in reverse, with some that it does not know between them. */
static pfc_dataset *mirrored(const pfc_bundle *b) {
  pfc_dataset *ds = pfc_dataset_create();
  ds->scale_min = b->profile.scale_min;
  ds->scale_max = b->profile.scale_max;
  for (int32_t d = 0; d < b->n_dicts; d++) {
    const char *name = pfc_dict_name(b->dicts[d]);
    learn(ds, name, "stranger");
    for (int32_t c = pfc_dict_size(b->dicts[d]) - 1; c >= 0; c--)
      learn(ds, name, pfc_dict_text(b->dicts[d], c));
    learn(ds, name, "stranger too");
  }
  return ds;
}

/* The code in the profile of the dataset's code c of n: 0 and n + 1 are strangers. */
static int32_t back(int32_t c, int32_t n) { return c == 0 || c == n + 1 ? -1 : n - c; }

static void compare_competency(const pfc_profile *p, int32_t from, const pfc_profile *q,
                               int32_t to) {
  for (int i = 0; i < RANK; i++) {
    assert_near(q->factor[to * RANK + i], from < 0 ? 0 : p->factor[from * RANK + i], 0);
    for (int j = 0; j < RANK; j++) {
      const float prior = i == j ? p->factor_sd[i] * p->factor_sd[i] : 0;
      assert_near(q->factor_cov[(to * RANK + i) * RANK + j],
                  from < 0 ? prior : p->factor_cov[(from * RANK + i) * RANK + j], 0);
    }
  }
  assert_near(q->competency[to], from < 0 ? 0 : p->competency[from], 0);
  assert_near(q->competency_var[to], from < 0 ? 0.25 : p->competency_var[from], 1e-7);
}

static void texts_decide_whatever_the_codes(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(7, RANK);
  const pfc_profile *p = &b->profile;
  pfc_dataset *ds = mirrored(b);
  pfc_profile q = {0};
  const pfc_dict *dicts[PFC_PROFILE_DICTS];
  dicts_of(b, dicts);
  assert_ok(pfc_profile_align(p, dicts, ds, &q, &err));
  assert_int_equal(q.n_competencies, p->n_competencies + 2);
  assert_int_equal(q.n_roles, p->n_roles + 2);
  assert_int_equal(q.n_sources, p->n_sources + 2);
  assert_near(q.sd_moving, p->sd_moving, 0);
  assert_near(q.beta[2], p->beta[2], 0);
  for (int32_t c = 0; c < q.n_competencies; c++) {
    const int32_t from = back(c, p->n_competencies);
    compare_competency(p, from, &q, c);
    assert_near(q.half_life[c], from < 0 ? 1460 : p->half_life[from], 0);
    for (int32_t r = 0; r < q.n_roles; r++) {
      double mean, var, expected, expected_var;
      pfc_profile_role_effect(&q, r, c, &mean, &var);
      pfc_profile_role_effect(p, back(r, p->n_roles), from, &expected, &expected_var);
      assert_near(mean, expected, 0);
      assert_near(var, expected_var, 0);
    }
  }
  for (int32_t s = 0; s < q.n_sources; s++) {
    const int32_t from = back(s, p->n_sources);
    const pfc_profile_source *is = &q.source[s],
                             *was = from < 0 ? &p->unknown : &p->source[from];
    assert_near(is->bias, was->bias, 0);
    assert_near(is->noise, was->noise, 0);
    assert_int_equal(is->n_ratings, was->n_ratings);
    for (int32_t r = 0; r < 6; r++) {
      const int64_t at = pfc_profile_find_rater(&q, s, r);
      const int64_t old = pfc_profile_find_rater(p, from, back(r, 4));
      assert_int_equal(at < 0, old < 0);
      if (at >= 0) assert_near(q.rater[at], p->rater[old], 0);
      if (at >= 0) assert_near(q.rater_var[at], p->rater_var[old], 0);
    }
  }
  assert_int_equal(q.n_raters, 2);
  assert_int_equal(q.n_role_effects, p->n_role_effects);
  pfc_profile_clear(&q);
  pfc_dataset_destroy(ds);
  pfc_bundle_destroy(b);
}

static void half_lives_of_the_dataset_come_first(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(7, RANK);
  pfc_dataset *ds = pfc_dataset_create();
  pfc_profile q = {0};
  const pfc_dict *dicts[PFC_PROFILE_DICTS];
  dicts_of(b, dicts);
  ds->scale_max = 5;
  const char *second = pfc_dict_text(dicts[0], 1);
  test_table(ds, PFC_COMPETENCIES, 3, "competency_id,half_life_days");
  test_cell(ds, PFC_COMPETENCIES, 0, "competency_id", "new");
  test_cell(ds, PFC_COMPETENCIES, 0, "half_life_days", "90");
  test_cell(ds, PFC_COMPETENCIES, 1, "competency_id", second);
  test_cell(ds, PFC_COMPETENCIES, 1, "half_life_days", "45");
  test_cell(ds, PFC_COMPETENCIES, 2, "competency_id", pfc_dict_text(dicts[0], 2));
  assert_ok(pfc_profile_align(&b->profile, dicts, ds, &q, &err));
  assert_near(q.half_life[test_code(ds, "competency", "new")], 90, 0);
  assert_near(q.half_life[test_code(ds, "competency", second)], 45, 0);
  assert_near(q.half_life[test_code(ds, "competency", pfc_dict_text(dicts[0], 2))],
              b->profile.half_life[2], 0);
  assert_int_equal(q.n_sources, 0);
  assert_int_equal(q.n_roles, 0);
  assert_int_equal(q.n_role_effects, 0);
  assert_int_equal(q.n_raters, 0);
  pfc_profile_clear(&q);
  pfc_dataset_destroy(ds);
  pfc_bundle_destroy(b);
}

/* A model of no dictionary knows nobody; one of another scale speaks of other levels. */
static void what_cannot_be_aligned(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(7, RANK);
  pfc_dataset *ds = mirrored(b);
  pfc_profile q = {0};
  const pfc_dict *none[PFC_PROFILE_DICTS] = {NULL};
  assert_ok(pfc_profile_align(&b->profile, none, ds, &q, &err));
  assert_near(q.competency[2], 0, 0);
  assert_near(q.source[2].noise, b->profile.unknown.noise, 0);
  assert_int_equal(q.n_raters, 0);
  pfc_profile_clear(&q);
  ds->scale_max = 7;
  assert_fails(pfc_profile_align(&b->profile, none, ds, &q, &err), PFC_EDATA,
               "levels from 0 to 5, and those of the data go from 0 to 7");
  assert_null(q.half_life);
  pfc_dataset_destroy(ds);
  pfc_bundle_destroy(b);
}

/* --- memory ---------------------------------------------------------------------------- */

typedef struct aligning {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
} aligning;

static pfc_status align(void *user) {
  const aligning *a = user;
  const pfc_dict *dicts[PFC_PROFILE_DICTS];
  pfc_profile q = {0};
  dicts_of(a->bundle, dicts);
  const pfc_status st = pfc_profile_align(&a->bundle->profile, dicts, a->ds, &q, NULL);
  assert_int_equal(st == PFC_OK, q.half_life != NULL);
  pfc_profile_clear(&q);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_bundle *b = test_profile_bundle(7, RANK);
  pfc_dataset *ds = mirrored(b);
  aligning a = {b, ds};
  assert_true(count_down(align, &a) >= 20);
  pfc_profile_clear(&(pfc_profile){0});
  pfc_dataset_destroy(ds);
  pfc_bundle_destroy(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(effects_are_those_of_the_pair),
      cmocka_unit_test(raters_are_found_by_source_and_code),
      cmocka_unit_test(interventions_teach_around_what_all_do),
      cmocka_unit_test(newcomers_are_new_for_a_while),
      cmocka_unit_test(texts_decide_whatever_the_codes),
      cmocka_unit_test(half_lives_of_the_dataset_come_first),
      cmocka_unit_test(what_cannot_be_aligned),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
