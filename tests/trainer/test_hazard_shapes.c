// labels: property check
/* The hazard objective, its derivatives, and the horizon on shapes from one spell and one
 * segment up, against their definitions. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/par.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/oracle/hazard_oracle.h"
#include "tests/support/hazard.h"
#include "tests/support/near.h"
#include "trainer/hazard_fit.h"
#include "trainer/hazard_internal.h"

enum { MOST_N = 60, MOST_CURVES = 4, MOST_D = 5, MOST_BASELINE = 64, MOST_LINKS = 8 };

typedef struct scene {
  pfc_hazard m;
  pfc_curve curve[MOST_CURVES];
  pfc_csr x;
  pfc_episode spell[MOST_N];
  int32_t curve_of[MOST_N], link[MOST_LINKS][2];
  double ridge[MOST_D], baseline_ridge[MOST_BASELINE], link_weight[MOST_LINKS];
  pfc_hazard_problem p;
  pfc_cause cause;
} scene;

static void draw_spells(scene *s, pfc_rng *rng, int n, int d, int n_curves, int horizon) {
  const int ties = pfc_rng_below(rng, 3) == 0; /* everything on one day */
  assert_ok(pfc_csr_init(&s->x, n, d, &err));
  for (int i = 0; i < n; i++) {
    int32_t col[MOST_D];
    float val[MOST_D];
    int m = 0;
    for (int32_t j = 0; j < d; j++) {
      if (pfc_rng_below(rng, 2)) continue;
      col[m] = j;
      val[m++] = (float)pfc_rng_normal(rng) * (j == 2 ? 30 : 1);
    }
    assert_ok(pfc_csr_append(&s->x, m, col, val, &err));
    pfc_episode *e = &s->spell[i];
    *e = (pfc_episode){.last_below_days = NAN};
    if (pfc_rng_below(rng, 4) == 0)
      e->entry_days = (double)pfc_rng_below(rng, (uint64_t)horizon);
    e->duration_days =
        e->entry_days + 1 + (ties ? 3 : (double)pfc_rng_below(rng, 2 * (uint64_t)horizon));
    e->event = (pfc_cause)((int)pfc_rng_below(rng, 4) - 1);
    s->curve_of[i] = (int32_t)pfc_rng_below(rng, (uint64_t)n_curves);
  }
  s->spell[0].event = s->cause; /* one at least, within the curve */
  s->spell[0].entry_days = 0;
  s->spell[0].duration_days = 1;
}

static void draw_penalties(scene *s, pfc_rng *rng, int d) {
  for (int j = 0; j < d; j++) s->ridge[j] = pow(10, 6 * pfc_rng_uniform(rng) - 3);
  for (int j = 0; j < s->p.n_baseline; j++)
    s->baseline_ridge[j] = pfc_rng_below(rng, 4) ? pfc_rng_uniform(rng) : 0;
  s->p.n_links = s->p.n_baseline > 1 ? (int64_t)pfc_rng_below(rng, MOST_LINKS + 1) : 0;
  for (int k = 0; k < s->p.n_links; k++) {
    s->link[k][0] = (int32_t)pfc_rng_below(rng, (uint64_t)s->p.n_baseline);
    s->link[k][1] = (s->link[k][0] + 1) % s->p.n_baseline;
    s->link_weight[k] = pfc_rng_below(rng, 4) ? 3 * pfc_rng_uniform(rng) : 0;
  }
}

static scene *draw(pfc_rng *rng) {
  scene *s = pfc_alloc_array(1, sizeof *s);
  const int n = pfc_rng_below(rng, 4) ? 1 + (int)pfc_rng_below(rng, MOST_N) : 1;
  const int d = (int)pfc_rng_below(rng, MOST_D + 1), groups = (int)pfc_rng_below(rng, 3);
  const int n_curves = 1 + (int)pfc_rng_below(rng, MOST_CURVES);
  const int horizon = 12 + (int)pfc_rng_below(rng, 60);
  s->cause = (pfc_cause)pfc_rng_below(rng, PFC_N_CAUSES);
  s->m = test_hazard(rng, horizon, groups, -3);
  for (int c = 0; c < n_curves; c++) {
    const double clock_day[] = {5.0 * c, NAN, NAN};
    assert_ok(pfc_hazard_curve(&s->m, groups ? c % (groups + 1) - 1 : -1, clock_day, horizon,
                               &s->curve[c], &err));
  }
  draw_spells(s, rng, n, d, n_curves, horizon);
  s->p = (pfc_hazard_problem){.n = n,
                              .spell = s->spell,
                              .curve_of = s->curve_of,
                              .n_curves = n_curves,
                              .curves = s->curve,
                              .x = &s->x,
                              .ridge = s->ridge,
                              .tick_days = 1,
                              .n_baseline = pfc_hazard_n_baseline(&s->m, s->cause),
                              .baseline_ridge = s->baseline_ridge,
                              .link = (const int32_t(*)[2])s->link,
                              .link_weight = s->link_weight};
  assert_true(s->p.n_baseline <= MOST_BASELINE);
  draw_penalties(s, rng, d);
  return s;
}

static void drop(scene *s) {
  for (int c = 0; c < s->p.n_curves; c++) pfc_curve_clear(&s->curve[c]);
  pfc_csr_clear(&s->x);
  pfc_hazard_clear(&s->m);
  pfc_free(s);
}

/* At a random point the value is the sum over days and the gradient its slope (central
 * differences of step h: h^2 of third derivatives and EPS / h of the value); the product with
 * the Hessian is the slope of the gradient. */
static void derivatives_are_slopes(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(131), "test.hazard_shapes", 0);
  for (int trial = 0; trial < 120; trial++) {
    enum { MOST = MOST_BASELINE + MOST_D };
    scene *s = draw(&rng);
    pfc__crossings crossings = {0};
    pfc__hazard_loss *loss = NULL;
    double w[MOST], v[MOST], g[MOST], diagonal[MOST], Hv[MOST], up[MOST], down[MOST], value, at;
    assert_ok(pfc__crossings_init(&crossings, &s->p, s->cause, &err));
    assert_ok(pfc__hazard_loss_create(&s->p, &crossings, &loss, &err));
    const pfc_objective f = pfc__hazard_objective(loss);
    oracle_hazard o = {&s->p, s->cause};
    for (int64_t j = 0; j < f.n; j++) {
      w[j] = (j < s->p.n_baseline ? -1.5 : 0) + 0.3 * pfc_rng_normal(&rng);
      v[j] = pfc_rng_normal(&rng);
    }
    assert_ok(f.evaluate(f.self, w, &value, g, diagonal, &err));
    assert_near(value, oracle_hazard_loss(w, &o), 1e-11 * (1 + fabs(value)));
    const double scale = 1 + fabs(value);
    for (int j = 0; j < (int)f.n; j++)
      assert_near(g[j], oracle_slope(oracle_hazard_loss, &o, w, j, 1e-5), 1e-6 * scale * 30);
    f.product(f.self, v, Hv);
    const double h = 1e-5;
    for (int64_t j = 0; j < f.n; j++) {
      double *const unit = up; /* H e_j has the diagonal at its place */
      memset(unit, 0, sizeof up);
      unit[j] = 1;
      f.product(f.self, unit, down);
      if (diagonal[j] != 1 || down[j] != 0)
        assert_near(down[j], diagonal[j], 0x1p-22 * diagonal[j]); /* curvatures are float32 */
    }
    for (int64_t j = 0; j < f.n; j++) w[j] += h * v[j];
    assert_ok(f.evaluate(f.self, w, &at, up, NULL, &err));
    for (int64_t j = 0; j < f.n; j++) w[j] -= 2 * h * v[j];
    assert_ok(f.evaluate(f.self, w, &at, down, NULL, &err));
    double size = 0;
    for (int64_t j = 0; j < f.n; j++) size = fmax(size, fabs(Hv[j]));
    for (int64_t j = 0; j < f.n; j++)
      assert_near(Hv[j], (up[j] - down[j]) / (2 * h),
                  1e-5 * (1 + size) + 1e-9 * scale / h * 1e-2);
    pfc__hazard_loss_destroy(loss);
    pfc__crossings_clear(&crossings);
    drop(s);
  }
}

/* The fit of any shape ends where the sum over days is flat, or says that it did not converge.
 */
static void fits_of_any_shape_are_flat(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(132), "test.hazard_shapes", 1);
  int n_converged = 0;
  for (int trial = 0; trial < 120; trial++) {
    scene *s = draw(&rng);
    double w[MOST_BASELINE + MOST_D] = {0};
    pfc_hazard_fit_settings settings;
    pfc_newton_report report;
    oracle_hazard o = {&s->p, s->cause};
    pfc_hazard_fit_defaults(&settings);
    for (int j = 0; j < s->p.n_baseline; j++) s->baseline_ridge[j] += 0.01;
    assert_ok(
        pfc_hazard_fit(&s->p, s->cause, &settings, w, w + s->p.n_baseline, &report, &err));
    assert_near(report.value, oracle_hazard_loss(w, &o), 1e-10 * (1 + report.value));
    for (int j = 0; j < s->p.n_baseline + s->x.n_cols; j++) assert_true(isfinite(w[j]));
    if (report.converged) {
      n_converged++;
      /* 1e-6 of the gradient at 0, where every tick of every spell pulls. */
      const double pull = 31.0 * 140 * (double)s->p.n;
      for (int j = 0; j < s->p.n_baseline + s->x.n_cols; j++)
        assert_near(oracle_slope(oracle_hazard_loss, &o, w, j, 1e-5), 0, 1e-6 * pull + 1e-5);
    }
    drop(s);
  }
  assert_true(n_converged > 100);
}

/* Every day anew: of those still followed at its beginning, the share censored on it. */
static double slow_horizon(int64_t n, const pfc_episode *spell, double tail) {
  double day = -1, last = 0, stays = 1;
  for (int64_t i = 0; i < n; i++) last = fmax(last, spell[i].duration_days);
  for (;;) {
    double next = INFINITY;
    for (int64_t i = 0; i < n; i++)
      if (spell[i].duration_days > day) next = fmin(next, spell[i].duration_days);
    if (!(next < INFINITY)) break;
    double at_risk = 0, gone = 0;
    for (int64_t i = 0; i < n; i++) {
      at_risk += spell[i].duration_days >= next;
      gone += spell[i].duration_days == next && spell[i].event == PFC_CENSORED;
    }
    stays *= 1 - gone / at_risk;
    day = next;
    if (stays < 1 - tail) {
      last = day;
      break;
    }
  }
  return last > 60 ? 30 * floor(last / 30) : last;
}

static void horizons_equal_the_definition(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(133), "test.hazard_shapes", 2);
  for (int trial = 0; trial < 400; trial++) {
    pfc_episode spell[MOST_N];
    const int n = 1 + (int)pfc_rng_below(&rng, MOST_N);
    const uint64_t days = 1 + pfc_rng_below(&rng, 300), share = 1 + pfc_rng_below(&rng, 4);
    const double tail = trial % 5 ? pfc_rng_uniform(&rng) * 0.9 : 0;
    double horizon;
    for (int i = 0; i < n; i++)
      spell[i] =
          (pfc_episode){.duration_days = 1 + (double)pfc_rng_below(&rng, days),
                        .event = pfc_rng_below(&rng, share) ? PFC_DROPPED : PFC_CENSORED};
    assert_ok(pfc_hazard_horizon(n, spell, tail, &horizon, &err));
    assert_near(horizon, slow_horizon(n, spell, tail), 0);
  }
}

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(derivatives_are_slopes),
      cmocka_unit_test(fits_of_any_shape_are_flat),
      cmocka_unit_test(horizons_equal_the_definition),
  };
  return cmocka_run_group_tests_name("trainer/hazard shapes", tests, set_up, NULL);
}
