// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/oracle/als_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "trainer/als.h"

/* A small world: people and items in groups, which their attributes tell; every ninth
 * person and item without observations. */
typedef struct world {
  int people, items, d;
  pfc_csr conf, person_attributes, item_attributes;
} world;

enum { GROUPS = 3 };

static bool unseen(int i) { return i % 9 == 4; }

static void draw_person(world *w, pfc_rng *rng, int p) {
  int32_t col[64];
  float val[64];
  int n = 0;
  for (int i = 0; i < w->items && i < 64; i++) {
    const double chance = i % GROUPS == p % GROUPS ? 0.6 : 0.1;
    const double u = pfc_rng_uniform(rng), c = 0.5 + pfc_rng_uniform(rng);
    if (unseen(p) || unseen(i) || u > chance) continue;
    col[n] = i;
    val[n++] = (float)c;
  }
  assert_ok(pfc_csr_append(&w->conf, n, col, val, &err));
}

/* Group, two noisy numbers, and columns that stay empty up to d. */
static void draw_attributes(pfc_csr *m, int n, int d, uint64_t seed) {
  assert_ok(pfc_csr_init(m, n, d, &err));
  for (int i = 0; i < n; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.als.attributes", (uint64_t)i);
    const int32_t col[] = {i % GROUPS, GROUPS, GROUPS + 1};
    const float val[] = {1, (float)pfc_rng_normal(&rng), (float)pfc_rng_uniform(&rng)};
    assert_ok(pfc_csr_append(m, 3, col, val, &err));
  }
}

static world draw(uint64_t seed, int people, int items, int d) {
  world w = {.people = people, .items = items, .d = d};
  assert_ok(pfc_csr_init(&w.conf, people, items, &err));
  for (int p = 0; p < people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.als", (uint64_t)p);
    draw_person(&w, &rng, p);
  }
  draw_attributes(&w.person_attributes, people, d, seed);
  draw_attributes(&w.item_attributes, items, d, seed + 1);
  return w;
}

static void drop(world *w) {
  pfc_csr_clear(&w->conf);
  pfc_csr_clear(&w->person_attributes);
  pfc_csr_clear(&w->item_attributes);
}

static pfc_als_settings settings_of(int rank, int sweeps, double tolerance) {
  pfc_als_settings s;
  pfc_als_defaults(&s);
  s.rank = rank;
  s.max_sweeps = sweeps;
  s.tolerance = tolerance;
  s.kappa_people = 0.7;
  s.kappa_items = 0.4;
  s.prior_ridge = 0.3;
  return s;
}

static pfc_status fit(const world *w, const pfc_als_settings *s, pfc_affinity *m,
                      pfc_als_report *report, pfc_error *err) {
  return pfc_als_fit(&w->conf, &w->person_attributes, &w->item_attributes, s, m, report, err);
}

static double *densify(const pfc_csr *m) {
  double *dense = pfc_alloc_array((size_t)m->n_rows * (size_t)m->n_cols, sizeof *dense);
  for (int64_t i = 0; i < m->n_rows; i++) {
    for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
      dense[i * m->n_cols + m->col[e]] = (double)m->val[e];
  }
  return dense;
}

/* An oracle of the same world; factors and regressions 0, or those of m. */
static oracle_als make_oracle(const world *w, const pfc_als_settings *s,
                              const pfc_affinity *m) {
  const size_t k = (size_t)s->rank;
  oracle_als o = {.k = s->rank,
                  .n = {w->people, w->items},
                  .d = {w->d, w->d},
                  .alpha0 = s->alpha0,
                  .lambda = s->lambda,
                  .nu = s->nu,
                  .kappa = {s->kappa_people, s->kappa_items},
                  .prior_ridge = s->prior_ridge};
  o.conf = densify(&w->conf);
  o.F[0] = densify(&w->person_attributes);
  o.F[1] = densify(&w->item_attributes);
  const float *X[2] = {m ? m->people : NULL, m ? m->items : NULL};
  const float *A[2] = {m ? m->person_prior : NULL, m ? m->item_prior : NULL};
  for (int side = 0; side < 2; side++) {
    o.X[side] = pfc_alloc_array((size_t)o.n[side] * k, sizeof(double));
    o.A[side] = pfc_alloc_array((size_t)o.d[side] * k, sizeof(double));
    for (int e = 0; m && e < o.n[side] * o.k; e++) o.X[side][e] = (double)X[side][e];
    for (int e = 0; m && e < o.d[side] * o.k; e++) o.A[side][e] = (double)A[side][e];
  }
  return o;
}

static void drop_oracle(oracle_als *o) {
  pfc_free(o->conf);
  for (int side = 0; side < 2; side++) {
    pfc_free(o->F[side]);
    pfc_free(o->X[side]);
    pfc_free(o->A[side]);
  }
}

/* The items the fit begins with. */
static void draw_items(oracle_als *o, uint64_t seed) {
  for (int i = 0; i < o->n[1]; i++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "als.items", (uint64_t)i);
    for (int f = 0; f < o->k && !unseen(i); f++)
      o->X[1][i * o->k + f] = (double)(float)(0.1 / sqrt(o->k) * pfc_rng_normal(&rng));
  }
}

static void assert_rows_near(int n, const float *a, const double *b, double eps) {
  for (int e = 0; e < n; e++) assert_near((double)a[e], b[e], eps);
}

static void sweeps_follow_dense_least_squares(void **state) {
  (void)state;
  const uint64_t seed = test_seed(31);
  for (int sweeps = 1; sweeps <= 4; sweeps++) {
    world w = draw(seed, 40, 30, 6);
    const pfc_als_settings s = settings_of(4, sweeps, 0);
    pfc_affinity m = {0};
    pfc_als_report report;
    assert_ok(fit(&w, &s, &m, &report, &err));
    assert_int_equal(report.sweeps, sweeps);
    oracle_als o = make_oracle(&w, &s, NULL);
    draw_items(&o, s.seed);
    for (int sweep = 0; sweep < sweeps; sweep++) {
      for (int side = 0; side < 2; side++) {
        oracle_als_solve_side(&o, side);
        oracle_als_regress_side(&o, side);
      }
    }
    assert_near(report.objective, oracle_als_objective(&o), 1e-5 * report.objective);
    for (int side = 0; side < 2; side++) oracle_als_place(&o, side);
    assert_rows_near(w.people * 4, m.people, o.X[0], 2e-4);
    assert_rows_near(w.items * 4, m.items, o.X[1], 2e-4);
    assert_rows_near(w.d * 4, m.person_prior, o.A[0], 2e-4);
    assert_rows_near(w.d * 4, m.item_prior, o.A[1], 2e-4);
    drop_oracle(&o);
    pfc_affinity_clear(&m);
    drop(&w);
  }
}

static void the_objective_is_the_sum_over_all_pairs(void **state) {
  (void)state;
  world w = draw(3, 60, 40, 7);
  const pfc_als_settings s = settings_of(5, 3, 0);
  pfc_affinity m = {0};
  pfc_als_report report;
  double value;
  assert_ok(fit(&w, &s, &m, &report, &err));
  oracle_als o = make_oracle(&w, &s, &m);
  assert_ok(pfc_als_objective(&w.conf, &w.person_attributes, &w.item_attributes, s.prior_ridge,
                              &m, &value, &err));
  assert_near(value, oracle_als_objective(&o), 1e-6 * value); /* priors are float32 */
  assert_near(report.objective, value, 1e-9 * value);
  drop_oracle(&o);
  pfc_affinity_clear(&m);
  drop(&w);
}

/* At the end no part-step can lower the objective: float64 solves of each part, from the
 * fitted point, gain next to nothing. */
static void a_converged_fit_is_stationary(void **state) {
  (void)state;
  world w = draw(4, 60, 40, 6);
  pfc_als_settings s = settings_of(4, 3000, 1e-9);
  pfc_affinity m = {0};
  pfc_als_report report;
  assert_ok(fit(&w, &s, &m, &report, &err));
  assert_int_equal(report.converged, 1);
  for (int part = 0; part < 4; part++) {
    oracle_als o = make_oracle(&w, &s, &m);
    const double before = oracle_als_objective(&o);
    if (part < 2) {
      oracle_als_solve_side(&o, part);
    } else {
      oracle_als_regress_side(&o, part - 2);
    }
    const double gain = before - oracle_als_objective(&o);
    assert_true(gain >= -1e-9 * before);
    assert_true(gain <= 1e-7 * before);
    drop_oracle(&o);
  }
  pfc_affinity_clear(&m);
  drop(&w);
}

typedef struct trail {
  int n;
  double value[200];
  int stop_at;
} trail;

static int note(const pfc_progress_event *event, void *user) {
  trail *t = user;
  assert_string_equal(event->stage, "affinity");
  if (t->n < 200) t->value[t->n++] = event->objective;
  return t->n == t->stop_at;
}

static void the_objective_never_rises(void **state) {
  (void)state;
  const uint64_t seed = test_seed(32);
  for (uint64_t trial = 0; trial < 10; trial++) {
    world w = draw(seed + trial, 50, 40, 8);
    pfc_als_settings s = settings_of(1 + (int)trial, 60, 1e-7);
    trail t = {0};
    s.alpha0 = trial % 2 ? 0.01 : 1;
    s.nu = (double)(trial % 3) / 2;
    s.progress = (pfc_progress){note, &t};
    pfc_affinity m = {0};
    pfc_als_report report;
    assert_ok(fit(&w, &s, &m, &report, &err));
    assert_true(t.n >= 2);
    for (int i = 1; i < t.n; i++) assert_true(t.value[i] <= t.value[i - 1] * (1 + 2e-6));
    assert_true(t.value[t.n - 1] < t.value[0]);
    pfc_affinity_clear(&m);
    drop(&w);
  }
}

static void the_unobserved_stand_where_attributes_put_them(void **state) {
  (void)state;
  world w = draw(5, 50, 40, 6);
  const pfc_als_settings s = settings_of(4, 20, 1e-6);
  pfc_affinity m = {0};
  pfc_als_report report;
  assert_ok(fit(&w, &s, &m, &report, &err));
  const struct {
    const pfc_csr *F;
    const float *X, *A;
  } sides[] = {{&w.person_attributes, m.people, m.person_prior},
               {&w.item_attributes, m.items, m.item_prior}};
  for (int side = 0; side < 2; side++) {
    for (int64_t i = 4; i < sides[side].F->n_rows; i += 9) {
      const int64_t from = sides[side].F->start[i];
      float prior[4];
      pfc_affinity_prior(4, sides[side].A, 3, sides[side].F->col + from,
                         sides[side].F->val + from, prior);
      assert_memory_equal(prior, sides[side].X + i * 4, sizeof prior);
    }
  }
  assert_int_equal(m.item_count[4], 0);
  assert_true(m.item_count[5] > 0);
  pfc_affinity_clear(&m);
  drop(&w);
}

/* Items nobody has taken up say nothing: a catalogue with 20 more of them gives the same
 * bytes for everybody and everything else. */
static void items_nobody_took_change_nothing(void **state) {
  (void)state;
  world w = draw(6, 50, 40, 6), more = draw(6, 50, 40, 6);
  more.conf.n_cols = more.items = 60;
  pfc_csr_clear(&more.item_attributes);
  draw_attributes(&more.item_attributes, 60, 6, 7);
  const pfc_als_settings s = settings_of(4, 10, 0);
  pfc_affinity m = {0}, n = {0};
  pfc_als_report report;
  assert_ok(fit(&w, &s, &m, &report, &err));
  assert_ok(fit(&more, &s, &n, &report, &err));
  assert_int_equal(n.n_items, 60);
  assert_memory_equal(m.people, n.people, sizeof(float) * 50 * 4);
  assert_memory_equal(m.items, n.items, sizeof(float) * 40 * 4);
  assert_memory_equal(m.item_prior, n.item_prior, sizeof(float) * 6 * 4);
  pfc_affinity_clear(&m);
  pfc_affinity_clear(&n);
  drop(&w);
  drop(&more);
}

/* 2100 columns of attributes, of which 5 are ever used: solved by conjugate gradients, and
 * the same as with the 6 columns that are solved by Cholesky. */
static void many_attributes_are_regressed_alike(void **state) {
  (void)state;
  world few = draw(8, 50, 40, 6), many = draw(8, 50, 40, 2100);
  const pfc_als_settings s = settings_of(4, 10, 0);
  pfc_affinity m = {0}, n = {0};
  pfc_als_report report;
  assert_ok(fit(&few, &s, &m, &report, &err));
  assert_ok(fit(&many, &s, &n, &report, &err));
  for (int e = 0; e < 50 * 4; e++) assert_near(m.people[e], n.people[e], 2e-4);
  for (int e = 0; e < 6 * 4; e++) assert_near(m.person_prior[e], n.person_prior[e], 2e-4);
  for (int e = 6 * 4; e < 2100 * 4; e++) assert_near(n.person_prior[e], 0, 0);
  pfc_affinity_clear(&m);
  pfc_affinity_clear(&n);
  drop(&few);
  drop(&many);
}

static void without_attributes_the_prior_is_nothing(void **state) {
  (void)state;
  world w = draw(9, 50, 40, 6);
  const pfc_als_settings s = settings_of(4, 10, 0);
  pfc_affinity m = {0};
  pfc_als_report report;
  assert_ok(pfc_als_fit(&w.conf, NULL, NULL, &s, &m, &report, &err));
  for (int f = 0; f < 4; f++) assert_near(m.people[4 * 4 + f], 0, 0); /* person 4: unseen */
  double value;
  assert_ok(pfc_als_objective(&w.conf, NULL, NULL, s.prior_ridge, &m, &value, &err));
  assert_near(value, report.objective, 1e-9 * value);
  /* A second fit replaces what the first one left. */
  assert_ok(fit(&w, &s, &m, &report, &err));
  assert_true(m.person_prior[0] != 0);
  pfc_affinity_clear(&m);
  drop(&w);
}

static void bits_do_not_depend_on_threads(void **state) {
  (void)state;
  for (int d = 6; d <= 2100; d += 2094) {
    world w = draw(10, 3000, 50, d); /* 3 tiles of people */
    const pfc_als_settings s = settings_of(7, 4, 0);
    pfc_affinity m[3] = {{0}};
    pfc_als_report report[3];
    for (int threads = 1; threads <= 3; threads++) {
      omp_set_num_threads(threads);
      assert_ok(fit(&w, &s, &m[threads - 1], &report[threads - 1], &err));
    }
    omp_set_num_threads(2);
    for (int t = 1; t < 3; t++) {
      assert_memory_equal(m[0].people, m[t].people, sizeof(float) * 3000 * 7);
      assert_memory_equal(m[0].items, m[t].items, sizeof(float) * 50 * 7);
      assert_memory_equal(m[0].person_prior, m[t].person_prior, sizeof(float) * 6 * 7);
      assert_memory_equal(&report[0].objective, &report[t].objective, sizeof(double));
    }
    for (int t = 0; t < 3; t++) pfc_affinity_clear(&m[t]);
    drop(&w);
  }
}

static void progress_can_cancel(void **state) {
  (void)state;
  world w = draw(11, 40, 30, 6);
  pfc_als_settings s = settings_of(4, 10, 0);
  trail t = {.stop_at = 2};
  s.progress = (pfc_progress){note, &t};
  pfc_affinity m = {.accept_slope = 2};
  pfc_als_report report;
  assert_fails(fit(&w, &s, &m, &report, &err), PFC_ECANCELLED, "");
  assert_null(m.people);
  assert_near(m.accept_slope, 2, 0);
  drop(&w);
}

static void bad_settings_are_named(void **state) {
  (void)state;
  pfc_als_settings s;
#define REFUSES(change, text)                                  \
  do {                                                         \
    pfc_als_defaults(&s);                                      \
    change;                                                    \
    assert_fails(pfc_als_check(&s, &err), PFC_EUSAGE, (text)); \
  } while (0)
  REFUSES(s.rank = 0, "rank is 0; allowed is 1 to 512");
  REFUSES(s.rank = 513, "rank");
  REFUSES(s.alpha0 = 0, "alpha0");
  REFUSES(s.lambda = NAN, "lambda");
  REFUSES(s.nu = 1.1, "nu");
  REFUSES(s.kappa_people = -1, "kappa_people");
  REFUSES(s.kappa_items = INFINITY, "kappa_items");
  REFUSES(s.prior_ridge = 0, "prior_ridge");
  REFUSES(s.max_sweeps = 0, "max_sweeps");
  REFUSES(s.tolerance = -1, "tolerance");
  REFUSES(s.struct_size = 3, "pfc_als_defaults");
#undef REFUSES
  pfc_als_defaults(&s);
  assert_ok(pfc_als_check(&s, &err));
}

static void bad_pairs_and_attributes_are_named(void **state) {
  (void)state;
  world w = draw(12, 40, 30, 6), other = draw(12, 41, 30, 6);
  const pfc_als_settings s = settings_of(4, 10, 0);
  pfc_affinity m = {0};
  pfc_als_report report;
  w.conf.val[0] = 0;
  assert_fails(fit(&w, &s, &m, &report, &err), PFC_EDATA, "confidence of person 0");
  w.conf.val[0] = NAN;
  assert_fails(fit(&w, &s, &m, &report, &err), PFC_EDATA, "confidence of person 0");
  w.conf.val[0] = 1;
  w.item_attributes.val[1] = INFINITY;
  assert_fails(fit(&w, &s, &m, &report, &err), PFC_EDATA, "attribute 3 of items");
  assert_fails(pfc_als_fit(&w.conf, &other.person_attributes, NULL, &s, &m, &report, &err),
               PFC_EUSAGE, "attributes of 41 people, but there are 40");
  const pfc_csr nothing = {.n_rows = 1, .n_cols = 5, .start = (int64_t[]){0, 0}};
  assert_fails(pfc_als_fit(&nothing, NULL, NULL, &s, &m, &report, &err), PFC_EDATA,
               "nobody has taken up anything");
  assert_null(m.people);
  drop(&w);
  drop(&other);
}

static pfc_status fit_once(void *user) {
  const pfc_als_settings s = settings_of(2, 1, 0);
  pfc_affinity m = {0};
  pfc_als_report report;
  const pfc_status st = fit(user, &s, &m, &report, NULL);
  assert_true((st == PFC_OK) == (m.people != NULL));
  pfc_affinity_clear(&m);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  world w = draw(13, 20, 20, 6);
  assert_true(count_down(fit_once, &w) >= 30);
  drop(&w);
}

static int set_up(void **state) {
  (void)state;
  return pfc_par_init(2, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sweeps_follow_dense_least_squares),
      cmocka_unit_test(the_objective_is_the_sum_over_all_pairs),
      cmocka_unit_test(a_converged_fit_is_stationary),
      cmocka_unit_test(the_objective_never_rises),
      cmocka_unit_test(the_unobserved_stand_where_attributes_put_them),
      cmocka_unit_test(items_nobody_took_change_nothing),
      cmocka_unit_test(many_attributes_are_regressed_alike),
      cmocka_unit_test(without_attributes_the_prior_is_nothing),
      cmocka_unit_test(bits_do_not_depend_on_threads),
      cmocka_unit_test(progress_can_cancel),
      cmocka_unit_test(bad_settings_are_named),
      cmocka_unit_test(bad_pairs_and_attributes_are_named),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/als", tests, set_up, NULL);
}
