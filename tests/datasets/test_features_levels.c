// labels: property check
/* Fields that are read from a lent profile, against a profile that everybody can compute. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/tables.h"
#include "tests/support/world.h"

static int n_destroyed;

static double held(void *user, int32_t person, int32_t competency, int32_t date) {
  assert_ptr_equal(user, &n_destroyed);
  return 0.11 * person + 0.7 * competency + (date == PFC_NO_DATE ? 3 : 0.013 * date);
}

static double lacking(void *user, int32_t person, int32_t competency, int32_t date,
                      double required) {
  return 5 * required - held(user, person, competency, date);
}

static void destroy(void *user) { ++*(int *)user; }

static void lend(world *w) {
  const pfc_lens_levels levels = {held, lacking, destroy, &n_destroyed};
  pfc_lens_lend(w->lens, &levels);
}

static const pfc_field *find_field(const pfc_features *f, const char *name) {
  for (int k = 0; k < f->n_fields; k++)
    if (strcmp(f->fields[k].name, name) == 0) return &f->fields[k];
  return NULL;
}

/* What the history says by plain search: was the competency rated or tried before the day? */
static bool is_known(const world *w, const pfc_decision *d, int32_t competency) {
  const pfc_history *h = w->h;
  for (int64_t k = h->first_rating[d->person]; k < h->first_rating[d->person + 1]; k++) {
    const pfc_rating *r = &h->ratings[k];
    if (r->competency == competency && r->date != PFC_NO_DATE && r->date < d->date) return true;
  }
  for (int64_t k = h->first_attempt[d->person]; k < h->first_attempt[d->person + 1]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (a->start == PFC_NO_DATE || a->start >= d->date) continue;
    for (int32_t t = w->cat->first[a->intervention]; t < w->cat->first[a->intervention + 1];
         t++)
      if (w->cat->competency[t] == competency) return true;
  }
  return false;
}

static const pfc_requirement *asked(const world *w, const pfc_decision *d, int32_t competency) {
  int64_t n;
  const pfc_requirement *r = pfc_decision_requirements(w->lens, d, &n);
  for (int64_t k = 0; k < n; k++)
    if (r[k].competency == competency) return &r[k];
  return NULL;
}

/* The value behind the entries of a field in a row, NaN where there are none. */
static double value_of(const pfc_field *f, int n, const int32_t *col, const float *val) {
  double x = NAN;
  bool is_there = false;
  for (int k = 0; k < n; k++) {
    is_there = is_there || (col[k] >= f->first && col[k] < f->first + f->n_columns);
    if (col[k] == f->first) x = f->mean + f->sd * (double)val[k];
  }
  return is_there && isnan(x) ? f->mean : x; /* no entry of its own: the mean */
}

static void assert_value(double got, double wanted) {
  if (isnan(wanted)) {
    assert_true(isnan(got));
  } else {
    assert_true(fabs(got - wanted) < 1e-5 * (1 + fabs(wanted)));
  }
}

typedef struct tally {
  int held, lacking, lack_to, nothing;
} tally;

static void check_decision(const world *w, const pfc_features *f, pfc_decision d, tally *n) {
  int32_t col[512];
  float val[512];
  const pfc_field *by_held = find_field(f, "held"), *by_lacking = find_field(f, "lacking"),
                  *by_short = find_field(f, "short");
  const int32_t target = pfc_catalogue_target(w->cat, d.intervention, d.competency);
  const pfc_requirement *r = asked(w, &d, d.competency);
  const bool known = r || is_known(w, &d, d.competency);
  const double level = known ? held(&n_destroyed, d.person, d.competency, d.date) : NAN;
  int m = pfc_features_encode(f, w->lens, PFC_SCOPE_CELL, &d, col, val);
  if (by_held) assert_value(value_of(by_held, m, col, val), level);
  if (by_lacking)
    assert_value(value_of(by_lacking, m, col, val),
                 r && !isnan(r->level)
                     ? lacking(&n_destroyed, d.person, d.competency, d.date, r->level)
                     : NAN);
  m = pfc_features_encode(f, w->lens, PFC_SCOPE_PAIR, &d, col, val);
  const double to = target < 0 ? (double)NAN : w->cat->to_level[target];
  if (by_short)
    assert_value(value_of(by_short, m, col, val), to > level ? to - level : 0 * (to - level));
  n->held += known;
  n->nothing += !known;
  n->lacking += r && !isnan(r->level);
  n->lack_to += known && to > level;
}

static void values_are_the_profiles(void **state) {
  (void)state;
  const uint64_t seed = test_seed(91);
  static const struct {
    pfc_feature_plan plan;
    const char *has, *has_not;
  } PLANS[] = {{PFC_PLAN_SUCCESS, "held", "level"},
               {PFC_PLAN_TIME, "held", "level"},
               {PFC_PLAN_ACCEPT, "lacking", "missing"},
               {PFC_PLAN_ANYWAY, "short", "level"}};
  tally n = {0};
  for (uint64_t s = seed; s < seed + 4; s++) {
    world w;
    pfc_dataset *ds = test_random_dataset(s, 20, 0);
    test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level",
              "r0,c0,2;r0,c1,;r1,c1,3;r1,c2,1;r2,c0,4");
    world_open(&w, ds, NULL);
    world_decide(&w);
    lend(&w);
    for (size_t k = 0; k < sizeof PLANS / sizeof *PLANS; k++) {
      pfc_features *f = world_fit(&w, PLANS[k].plan);
      if (!find_field(f, PLANS[k].has)) fail_msg("no field \"%s\"", PLANS[k].has);
      assert_null(find_field(f, PLANS[k].has_not));
      for (int64_t i = 0; i < w.n; i++) {
        pfc_decision d = w.decisions[i];
        d.competency = w.cat->competency[w.cat->first[d.intervention]];
        if (d.date != PFC_NO_DATE && d.competency >= 0) check_decision(&w, f, d, &n);
      }
      pfc_features_destroy(f);
    }
    n_destroyed = 0;
    world_close(&w);
    assert_int_equal(n_destroyed, 1);
  }
  assert_true(n.held > 100 && n.lacking > 20 && n.lack_to > 20 && n.nothing > 20);
}

static void nobody_lends_undated_decisions_a_level(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(3, 20, 1), NULL);
  world_decide(&w);
  lend(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  assert_null(find_field(f, "held"));
  assert_non_null(find_field(f, "attempts item"));
  pfc_features_destroy(f);
  world_close(&w);
}

static void without_a_profile_nothing_changes(void **state) {
  (void)state;
  world w;
  world_open(&w, test_random_dataset(3, 20, 0), NULL);
  world_decide(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  assert_null(find_field(f, "held"));
  assert_non_null(find_field(f, "level"));
  pfc_features_destroy(f);
  f = world_fit(&w, PFC_PLAN_ANYWAY);
  assert_null(find_field(f, "short"));
  pfc_features_destroy(f);
  world_close(&w);
}

/* A field encoded by whoever knows the value, and by the lens. */
static void one_field_is_encoded_alike(void **state) {
  (void)state;
  world w;
  int32_t col[512], own_col[2];
  float val[512], own_val[2];
  int n_compared = 0;
  world_open(&w, test_random_dataset(5, 20, 0), NULL);
  world_decide(&w);
  lend(&w);
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  const pfc_field *field = find_field(f, "held");
  for (int64_t i = 0; i < w.n; i++) {
    pfc_decision d = w.decisions[i];
    d.competency = w.cat->competency[w.cat->first[d.intervention]];
    if (d.competency < 0 || !is_known(&w, &d, d.competency)) continue;
    const int n = pfc_features_encode(f, w.lens, PFC_SCOPE_CELL, &d, col, val);
    const int m = pfc_field_encode(field, held(&n_destroyed, d.person, d.competency, d.date),
                                   own_col, own_val);
    int found = 0;
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < m; j++)
        found += col[k] == own_col[j] && memcmp(&val[k], &own_val[j], sizeof *val) == 0;
    }
    assert_int_equal(found, m);
    n_compared += m > 0;
  }
  assert_true(n_compared > 20);
  assert_int_equal(pfc_field_encode(field, NAN, own_col, own_val), 0);
  pfc_features_destroy(f);
  world_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_the_profiles),
      cmocka_unit_test(nobody_lends_undated_decisions_a_level),
      cmocka_unit_test(without_a_profile_nothing_changes),
      cmocka_unit_test(one_field_is_encoded_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
