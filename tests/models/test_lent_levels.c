// labels: property check
/* What a profile lends to a lens: the levels that looking at each person tells, whether they
 * are worked out before or asked for, and nothing that is dated later. */
#include "tests/support/test.h"

#include <math.h>

#include "models/lent_levels.h"
#include "tests/support/countdown.h"
#include "tests/support/profiled.h"
#include "tests/support/tables.h"
#include "tests/support/world.h"

static const double LEVELS[] = {1, 2, 3, 2.5};

static pfc_dataset *random_dataset(uint64_t seed) {
  pfc_dataset *ds = test_random_dataset(seed, 20, 0);
  ds->scale_min = 0;
  ds->scale_max = 5;
  test_rows(ds, PFC_REQUIREMENTS, "role_id,competency_id,level",
            "r0,c0,2;r0,c1,4;r1,c1,3;r1,c2,1;r2,c0,4");
  return ds;
}

static const pfc_field *find_field(const pfc_features *f, const char *name) {
  for (int k = 0; k < f->n_fields; k++)
    if (strcmp(f->fields[k].name, name) == 0) return &f->fields[k];
  return NULL;
}

/* The sum of the entries of a field's first column, unscaled; NaN without any of the field. */
static double value_of(const pfc_features *f, const world *w, const char *name,
                       const pfc_decision *d) {
  int32_t col[512];
  float val[512];
  const pfc_field *field = find_field(f, name);
  assert_non_null(field);
  const int n = pfc_features_encode(f, w->lens, field->scope, d, col, val);
  double z = 0;
  bool is_there = false;
  for (int k = 0; k < n; k++) {
    is_there = is_there || (col[k] >= field->first && col[k] < field->first + field->n_columns);
    if (col[k] == field->first) z = (double)val[k];
  }
  return is_there ? field->mean + field->sd * z : (double)NAN;
}

typedef struct by_hand {
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_profile profile;
  pfc_levels *levels;
  pfc_levels_person *known;
} by_hand;

static void look_up(by_hand *b, const pfc_bundle *bundle, const world *w) {
  assert_ok(pfc_bundle_align_profile(bundle, w->ds, &b->profile, &err));
  assert_ok(pfc_evidence_create(w->ds, w->h, &b->evidence, &err));
  assert_ok(pfc_requirements_create(w->ds, &b->requirements, &err));
  assert_ok(pfc_levels_create(&b->profile, b->evidence, b->requirements, &b->levels, &err));
  assert_ok(pfc_levels_person_create(b->levels, &b->known, &err));
}

static void forget(by_hand *b) {
  pfc_levels_person_destroy(b->known);
  pfc_levels_destroy(b->levels);
  pfc_requirements_destroy(b->requirements);
  pfc_evidence_destroy(b->evidence);
  pfc_profile_clear(&b->profile);
}

/* Decisions at one competency each, on their days. */
static void aim(world *w) {
  world_decide(w);
  int64_t n = 0;
  for (int64_t i = 0; i < w->n; i++) {
    pfc_decision d = w->decisions[i];
    d.competency = w->cat->competency[w->cat->first[d.intervention]];
    if (d.competency >= 0 && d.date != PFC_NO_DATE) w->decisions[n++] = d;
  }
  w->n = n;
}

static void levels_are_those_of_the_day(void **state) {
  (void)state;
  const uint64_t seed = test_seed(17);
  int n_known = 0, n_rated = 0;
  for (uint64_t s = seed; s < seed + 3; s++) {
    world w;
    by_hand b = {0};
    world_open(&w, random_dataset(s), NULL);
    pfc_bundle *bundle = profiled_bundle(w.ds, 4, LEVELS);
    aim(&w);
    assert_ok(pfc_lend_bundle(bundle, w.ds, w.h, w.lens, &err));
    pfc_features *success = world_fit(&w, PFC_PLAN_SUCCESS);
    pfc_features *accept = world_fit(&w, PFC_PLAN_ACCEPT);
    look_up(&b, bundle, &w);
    for (int64_t i = 0; i < w.n; i++) {
      const pfc_decision *d = &w.decisions[i];
      const double held = value_of(success, &w, "held", d);
      const double lacking = value_of(accept, &w, "lacking", d);
      pfc_level level;
      assert_ok(pfc_levels_look(b.levels, d->person, d->date, b.known, &err));
      pfc_levels_tell(b.levels, b.known, 1, &d->competency, d->date, &level);
      const pfc_requirement *r = pfc_requirements_find(
          b.requirements, pfc_history_role(w.h, d->person, d->date - 1), d->competency);
      if (!isnan(held)) assert_true(fabs(held - level.mean) < 1e-5);
      assert_int_equal(isnan(lacking), !r);
      if (r)
        assert_true(fabs(lacking - pfc_level_shortfall(level.mean, level.sd, r->level, 0, 5)) <
                    1e-5);
      n_known += !isnan(held);
      n_rated += level.n_ratings > 0;
    }
    forget(&b);
    pfc_features_destroy(success);
    pfc_features_destroy(accept);
    world_close(&w);
    pfc_bundle_destroy(bundle);
  }
  assert_true(n_known > 30 && n_rated > 10);
}

/* Rows of any decision, before and after what they ask for was worked out, are the same bytes.
 */
static void working_out_changes_nothing(void **state) {
  (void)state;
  world w;
  pfc_lent_levels *lent = NULL;
  world_open(&w, random_dataset(5), NULL);
  pfc_bundle *bundle = profiled_bundle(w.ds, 4, LEVELS);
  world_decide(&w);
  assert_ok(pfc_lend_profile(&bundle->profile, w.ds, w.h, w.lens, &lent, &err));
  pfc_features *f = world_fit(&w, PFC_PLAN_SUCCESS);
  double before[64][512], after[512];
  assert_true(f->n_columns <= 512 && w.n > 64);
  for (int64_t i = 0; i < 64; i++) world_encode(f, w.lens, &w.decisions[i], before[i]);
  for (int round = 0; round < 2; round++) { /* of half of them; of none */
    assert_ok(pfc_lent_levels_expect(lent, w.cat, round ? 0 : w.n / 2, w.decisions, &err));
    for (int64_t i = 0; i < 64; i++) {
      world_encode(f, w.lens, &w.decisions[i], after);
      assert_memory_equal(after, before[i], sizeof(double) * (size_t)f->n_columns);
    }
  }
  pfc_features_destroy(f);
  world_close(&w);
  pfc_bundle_destroy(bundle);
}

/* Every rating dated on or after a day is another; what is told of that day stays. */
static void later_ratings_are_not_seen(void **state) {
  (void)state;
  enum { DAY = 50 };
  double told[2][32][8];
  int n_changed = 0;
  for (int later = 0; later < 2; later++) {
    world w;
    pfc_dataset *ds = random_dataset(7);
    double *level = pfc_dataset_column(ds, PFC_ASSESSMENTS, "level")->real;
    const int32_t *day = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on");
    for (int64_t r = 0; later && r < ds->tables[PFC_ASSESSMENTS].n_rows; r++) {
      if (day[r] == PFC_NO_DATE || day[r] < DAY) continue;
      level[r] = level[r] > 2 ? 0 : 5;
      n_changed++;
    }
    world_open(&w, ds, NULL);
    pfc_bundle *bundle = profiled_bundle(w.ds, 4, LEVELS);
    world_decide(&w);
    assert_ok(pfc_lend_bundle(bundle, w.ds, w.h, w.lens, &err));
    pfc_features *f = world_fit(&w, PFC_PLAN_TIME);
    for (int32_t p = 0; p < 20; p++) {
      for (int32_t i = 0; i < 8; i++) {
        const pfc_decision d = {p, i, w.cat->competency[w.cat->first[i]], DAY, -1, -1};
        told[later][p][i] = d.competency < 0 ? -1 : value_of(f, &w, "held", &d);
        if (isnan(told[later][p][i])) told[later][p][i] = -1;
      }
    }
    pfc_features_destroy(f);
    world_close(&w);
    pfc_bundle_destroy(bundle);
  }
  assert_true(n_changed > 20);
  for (int32_t p = 0; p < 20; p++) {
    for (int32_t i = 0; i < 8; i++) assert_true(fabs(told[0][p][i] - told[1][p][i]) < 1e-5);
  }
}

typedef struct lending {
  world *w;
  pfc_bundle *bundle;
} lending;

static pfc_status lend_and_expect(void *user) {
  const lending *l = user;
  pfc_lens *lens = NULL;
  pfc_lent_levels *lent = NULL;
  world *w = l->w;
  pfc_status st = pfc_lens_create(w->ds, w->h, w->cat, NULL, 0, &lens, NULL);
  if (st == PFC_OK) st = pfc_lend_profile(&l->bundle->profile, w->ds, w->h, lens, &lent, NULL);
  if (st == PFC_OK) st = pfc_lent_levels_expect(lent, w->cat, w->n, w->decisions, NULL);
  pfc_lens_destroy(lens);
  return st;
}

static pfc_status lend_bundle(void *user) {
  const lending *l = user;
  pfc_lens *lens = NULL;
  world *w = l->w;
  pfc_status st = pfc_lens_create(w->ds, w->h, w->cat, NULL, 0, &lens, NULL);
  if (st == PFC_OK) st = pfc_lend_bundle(l->bundle, w->ds, w->h, lens, NULL);
  pfc_lens_destroy(lens);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  world w;
  world_open(&w, random_dataset(9), NULL);
  lending l = {&w, profiled_bundle(w.ds, 4, LEVELS)};
  world_decide(&w);
  assert_true(count_down(lend_and_expect, &l) > 10);
  assert_true(count_down(lend_bundle, &l) > 10);
  world_close(&w);
  pfc_bundle_destroy(l.bundle);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_are_those_of_the_day),
      cmocka_unit_test(working_out_changes_nothing),
      cmocka_unit_test(later_ratings_are_not_seen),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
