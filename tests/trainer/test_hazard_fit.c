// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "tests/oracle/dense_oracle.h"
#include "tests/oracle/hazard_oracle.h"
#include "tests/support/countdown.h"
#include "tests/support/hazard_scene.h"
#include "tests/support/near.h"
#include "trainer/hazard_fit.h"
#include "trainer/hazard_internal.h"

/* Some events that end by `last` become known to an interval only. */
static void blur(scene *s, uint64_t seed, pfc_cause cause, double last) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.hazard_fit.blur", 0);
  for (int64_t i = 0; i < s->p.n; i++) {
    pfc_episode *e = &s->spell[i];
    if (e->event != cause || e->duration_days > last || pfc_rng_below(&rng, 2)) continue;
    e->last_below_days = floor(e->duration_days * pfc_rng_uniform(&rng));
  }
}

static pfc_hazard_fit_settings tight(void) {
  pfc_hazard_fit_settings s;
  pfc_hazard_fit_defaults(&s);
  s.newton.tolerance = 1e-11;
  s.max_em = 2000;
  s.em_tolerance = 1e-13;
  return s;
}

/* w = baseline, coefficients. */
static pfc_newton_report fit(const scene *s, pfc_cause cause, double *w) {
  const pfc_hazard_fit_settings settings = tight();
  pfc_newton_report report;
  memset(w, 0, sizeof *w * (MAX_BASELINE + D));
  assert_ok(pfc_hazard_fit(&s->p, cause, &settings, w, w + s->p.n_baseline, &report, &err));
  return report;
}

/* The fit, which never sees a tick, stands where the likelihood of all ticks is flat. */
static void person_periods_are_stationary(void **state) {
  (void)state;
  const uint64_t seed = test_seed(61);
  for (int trial = 0; trial < 9; trial++) {
    const pfc_cause cause = (pfc_cause)(trial % PFC_N_CAUSES);
    scene *s = scene_draw(seed + (uint64_t)trial, 60 + 40 * trial, cause);
    oracle_hazard o = {&s->p, cause};
    double w[MAX_BASELINE + D];
    const pfc_newton_report report = fit(s, cause, w);
    assert_int_equal(report.converged, 1);
    assert_near(report.value, oracle_hazard_loss(w, &o), 1e-9 * report.value);
    for (int j = 0; j < s->p.n_baseline + D; j++)
      assert_near(oracle_slope(oracle_hazard_loss, &o, w, j, 1e-5), 0, 2e-6);
    scene_drop(s);
  }
}

/* Where EM has settled, the likelihood that sums over all days an event may have come on is
 * flat too (for intervals within the horizon; beyond it nothing is fitted). */
static void em_ends_where_the_observed_likelihood_is_flat(void **state) {
  (void)state;
  const uint64_t seed = test_seed(62);
  for (int trial = 0; trial < 6; trial++) {
    const pfc_cause cause = (pfc_cause)(trial % PFC_N_CAUSES);
    scene *s = scene_draw(seed + (uint64_t)trial, 150, cause);
    blur(s, seed, cause, H);
    oracle_hazard o = {&s->p, cause};
    double w[MAX_BASELINE + D];
    const pfc_newton_report report = fit(s, cause, w);
    assert_int_equal(report.converged, 1);
    for (int j = 0; j < s->p.n_baseline + D; j++)
      assert_near(oracle_slope(oracle_hazard_loss, &o, w, j, 1e-5), 0, 2e-4);
    scene_drop(s);
  }
}

/* Rounds of EM never lower the observed likelihood. */
static void em_climbs(void **state) {
  (void)state;
  scene *s = scene_draw(63, 200, PFC_PROFICIENT);
  blur(s, 63, PFC_PROFICIENT, H);
  oracle_hazard o = {&s->p, PFC_PROFICIENT};
  double before = INFINITY;
  for (int rounds = 1; rounds <= 8; rounds++) {
    pfc_hazard_fit_settings settings = tight();
    settings.max_em = rounds;
    pfc_newton_report report;
    double w[MAX_BASELINE + D] = {0};
    assert_ok(pfc_hazard_fit(&s->p, PFC_PROFICIENT, &settings, w, w + s->p.n_baseline, &report,
                             &err));
    assert_int_equal(report.converged, 0);
    const double loss = oracle_hazard_loss(w, &o);
    assert_true(loss <= before + 1e-9 * loss);
    before = loss;
  }
  scene_drop(s);
}

/* Odds of each cause in every segment of a curve, from the models known to the E step. */
static void odds_of_segments(const scene *s, int64_t i, double *const baseline[],
                             double *const coef[], double (*odds)[PFC_N_CAUSES]) {
  const pfc_curve *curve = &s->curve[s->curve_of[i]];
  for (int32_t seg = 0; seg < curve->n; seg++) {
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      odds[seg][r] = 0;
      if (!baseline[r]) continue;
      double eta = 0;
      for (int e = 0; e < PFC_CURVE_PARAMS; e++) {
        const int32_t param = curve->param[seg][r][e];
        if (param >= 0) eta += baseline[r][param];
      }
      for (int64_t e = s->x.start[i]; e < s->x.start[i + 1]; e++)
        eta += coef[r][s->x.col[e]] * (double)s->x.val[e];
      odds[seg][r] = exp(eta);
    }
  }
}

/* Compares the crossings of the k-th latent spell with the oracle's. */
static void assert_expected(const scene *s, const pfc__crossings *c, int64_t k, pfc_cause cause,
                            double (*odds)[PFC_N_CAUSES]) {
  double ticks[PFC_CURVE_SEGMENTS] = {0}, events[PFC_CURVE_SEGMENTS] = {0};
  const int64_t i = c->order[c->latent[k]];
  pfc__crossed crossed;
  oracle_hazard_expect(&s->p, cause, i, odds, ticks, events);
  pfc__crossings_at(c, &s->p, c->latent[k], &(int64_t){k}, &crossed);
  for (int32_t e = 0; e < crossed.n; e++) {
    const int64_t seg = c->first[c->latent[k]] + e;
    assert_near(crossed.ticks[e], ticks[seg], 1e-6);
    assert_near(crossed.events[e], events[seg], 1e-7);
    ticks[seg] = events[seg] = 0;
  }
  for (int seg = 0; seg < s->curve[s->curve_of[i]].n; seg++)
    assert_near(ticks[seg] + events[seg], 0, 0); /* nothing outside the crossings */
}

static void expectations_are_sums_over_days(void **state) {
  (void)state;
  const uint64_t seed = test_seed(64);
  for (int trial = 0; trial < 12; trial++) {
    const pfc_cause cause = (pfc_cause)(trial % PFC_N_CAUSES), event = (pfc_cause)(trial / 4);
    scene *s = scene_draw(seed + (uint64_t)trial, 400, cause);
    blur(s, seed, event, INFINITY);
    double *baseline[PFC_N_CAUSES] = {NULL}, coef_of[PFC_N_CAUSES][D] = {{0}};
    double *coef[PFC_N_CAUSES] = {coef_of[0], coef_of[1], coef_of[2]};
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      /* Even rounds know the fitted cause alone, or nothing. */
      if (trial % 2 == 1 || r == (int)cause) baseline[r] = s->m.baseline[r];
      for (int j = 0; j < D; j++) coef_of[r][j] = 0.2 * (r + j - 2);
      s->p.known_baseline[r] = baseline[r];
      s->p.known_coef[r] = coef[r];
    }
    pfc__crossings c;
    assert_ok(pfc__crossings_init(&c, &s->p, cause, &err));
    pfc__crossings_expect(&c, &s->p, cause, baseline[cause], coef[cause]);
    assert_true(c.n_latent > 5);
    for (int64_t k = 0; k < c.n_latent; k++) {
      double odds[PFC_CURVE_SEGMENTS][PFC_N_CAUSES];
      odds_of_segments(s, c.order[c.latent[k]], baseline, coef, odds);
      for (int seg = 0; !baseline[event] && seg < PFC_CURVE_SEGMENTS; seg++) {
        memset(odds[seg], 0, sizeof odds[seg]);
        odds[seg][event] = 1e-9; /* evenly: small hazards */
      }
      assert_expected(s, &c, k, cause, odds);
    }
    pfc__crossings_clear(&c);
    scene_drop(s);
  }
}

static void the_mean_tick_is_that_of_a_cut_geometric(void **state) {
  (void)state;
  const double thetas[] = {1e-12, 1e-9, 1e-6, 1e-4, 9e-4, 1.1e-3, 0.02, 0.7, 3, 40, 400};
  for (size_t t = 0; t < sizeof thetas / sizeof thetas[0]; t++) {
    for (int n = 1; n <= 1000; n = n * 3 + 1) {
      double sum = 0, mean = 0, stay = 1;
      const double h = -expm1(-thetas[t]);
      for (int k = 1; k <= n; k++) {
        sum += stay * h;
        mean += k * stay * h;
        stay *= 1 - h;
      }
      assert_near(pfc__mean_tick(thetas[t], n), mean / sum, 1e-9 * n);
    }
  }
  assert_near(pfc__mean_tick(0.1, 0.3), 1, 0); /* never less than the event's own tick */
}

/* Simulated with known baselines and coefficients, fitted without much of a penalty: the
 * truth comes back within its standard errors. */
static void the_truth_comes_back(void **state) {
  (void)state;
  const uint64_t seed = test_seed(65);
  scene *s = scene_draw(seed, MAX_N, PFC_DROPPED);
  const double truth[D] = {0.5, -0.5, 0.8, -0.3};
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.hazard_fit.truth", 0);
  for (int64_t i = 0; i < MAX_N; i++) {
    double clock_day[] = {10.0 * s->curve_of[i], NAN, NAN}, shift[PFC_N_CAUSES] = {0};
    double incidence[H][PFC_N_CAUSES], survival[H];
    for (int64_t e = s->x.start[i]; e < s->x.start[i + 1]; e++)
      shift[PFC_DROPPED] += truth[s->x.col[e]] * (double)s->x.val[e];
    oracle_hazard_walk(&s->m, s->curve_of[i] % 2 - 1, clock_day, shift, H, incidence, survival);
    const double u = pfc_rng_uniform(&rng), which = pfc_rng_uniform(&rng);
    int day = 1;
    while (day < H && survival[day - 1] > u) day++;
    s->spell[i] =
        (pfc_episode){.last_below_days = NAN, .duration_days = day, .event = PFC_CENSORED};
    if (survival[day - 1] > u) continue;
    double gain[PFC_N_CAUSES], total = 0;
    for (int r = 0; r < PFC_N_CAUSES; r++) {
      gain[r] = incidence[day - 1][r] - (day > 1 ? incidence[day - 2][r] : 0);
      total += gain[r];
    }
    s->spell[i].event = which * total < gain[0]             ? PFC_PROFICIENT
                        : which * total < gain[0] + gain[1] ? PFC_DROPPED
                                                            : PFC_LEFT;
  }
  s->p.n_links = 0;
  for (int j = 0; j < D; j++) s->ridge[j] = 0.01;
  double w[MAX_BASELINE + D];
  fit(s, PFC_DROPPED, w);
  for (int j = 0; j < D; j++) assert_near(w[s->p.n_baseline + j], truth[j], 0.2);
  for (int b = 0; b < s->m.clock[PFC_DROPPED].n_bins; b++)
    assert_near(w[b], s->m.baseline[PFC_DROPPED][b], 0.6);
  scene_drop(s);
}

/* An interval of one tick is an exact event, to the byte; so is everything fitted in one
 * round. */
static void exact_events_need_no_em(void **state) {
  (void)state;
  scene *s = scene_draw(66, 300, PFC_LEFT);
  double w[MAX_BASELINE + D], v[MAX_BASELINE + D];
  const pfc_newton_report exact = fit(s, PFC_LEFT, w);
  for (int64_t i = 0; i < s->p.n; i++)
    s->spell[i].last_below_days = s->spell[i].duration_days - 1;
  const pfc_newton_report again = fit(s, PFC_LEFT, v);
  assert_memory_equal(w, v, sizeof *w * (size_t)(s->p.n_baseline + D));
  assert_int_equal(exact.steps, again.steps);
  blur(s, 66, PFC_LEFT, H);
  assert_true(fit(s, PFC_LEFT, v).steps > exact.steps);
  scene_drop(s);
}

/* What lies beyond the horizon is not told apart: events there are censored at it, and who
 * enters there is not seen. */
static void time_beyond_the_horizon_is_cut(void **state) {
  (void)state;
  scene *s = scene_draw(67, 300, PFC_PROFICIENT);
  double w[MAX_BASELINE + D], v[MAX_BASELINE + D];
  fit(s, PFC_PROFICIENT, w);
  int changed = 0;
  for (int64_t i = 0; i < s->p.n; i++) {
    pfc_episode *e = &s->spell[i];
    if (e->duration_days <= H) continue;
    e->event = PFC_CENSORED;
    e->duration_days += 100;
    changed++;
  }
  assert_true(changed > 20);
  fit(s, PFC_PROFICIENT, v);
  assert_memory_equal(w, v, sizeof *w * (size_t)(s->p.n_baseline + D));
  scene_drop(s);
}

/* Half a day on days of a tick: the event still has its whole tick. */
static void short_spells_have_a_finite_fit(void **state) {
  (void)state;
  scene *s = scene_draw(68, 200, PFC_PROFICIENT);
  for (int64_t i = 0; i < s->p.n; i++)
    s->spell[i] = (pfc_episode){.last_below_days = NAN,
                                .duration_days = 0.5,
                                .event = i % 2 ? PFC_PROFICIENT : PFC_DROPPED};
  double w[MAX_BASELINE + D];
  assert_int_equal(fit(s, PFC_PROFICIENT, w).converged, 1);
  for (int j = 0; j < s->p.n_baseline + D; j++) assert_true(fabs(w[j]) < 30);
  scene_drop(s);
}

static void bits_do_not_depend_on_threads(void **state) {
  (void)state;
  scene *s = scene_draw(69, MAX_N, PFC_PROFICIENT); /* more than one chunk a curve */
  blur(s, 69, PFC_PROFICIENT, H);
  double w[3][MAX_BASELINE + D] = {{0}};
  for (int threads = 1; threads <= 3; threads++) {
    omp_set_num_threads(threads);
    pfc_hazard_fit_settings settings;
    pfc_hazard_fit_defaults(&settings);
    settings.max_em = 3;
    pfc_newton_report report;
    assert_ok(pfc_hazard_fit(&s->p, PFC_PROFICIENT, &settings, w[threads - 1],
                             w[threads - 1] + s->p.n_baseline, &report, &err));
  }
  omp_set_num_threads(2);
  assert_memory_equal(w[0], w[1], sizeof w[0]);
  assert_memory_equal(w[0], w[2], sizeof w[0]);
  scene_drop(s);
}

static void bad_problems_are_named(void **state) {
  (void)state;
  scene *s = scene_draw(70, 50, PFC_PROFICIENT);
  const pfc_hazard_fit_settings settings = tight();
  const scene good = *s;
  double w[MAX_BASELINE + D] = {0};
  pfc_newton_report report;
#define REFUSES(change, status, text)                                                     \
  do {                                                                                    \
    change;                                                                               \
    assert_fails(pfc_hazard_fit(&s->p, PFC_PROFICIENT, &settings, w, w + s->p.n_baseline, \
                                &report, &err),                                           \
                 status, text);                                                           \
    *s = good;                                                                            \
  } while (0)
  REFUSES(s->p.n = 0, PFC_EUSAGE, "no spells");
  REFUSES(s->p.tick_days = 0, PFC_EUSAGE, "a tick of 0 days");
  REFUSES(s->p.n = 49, PFC_EUSAGE, "features of 50 spells, but there are 49");
  REFUSES(s->curve_of[7] = CURVES, PFC_EUSAGE, "curve of spell 7 is 3");
  REFUSES(s->spell[8].entry_days = -1, PFC_EUSAGE, "spell 8 runs from day -1");
  REFUSES(s->spell[8].duration_days = s->spell[8].entry_days, PFC_EUSAGE, "spell 8");
  REFUSES(s->spell[8].duration_days = INFINITY, PFC_EUSAGE, "spell 8");
  REFUSES(s->spell[8].event = (pfc_cause)7, PFC_EUSAGE, "event of spell 8 is 7");
  REFUSES(s->ridge[1] = 0, PFC_EUSAGE, "ridge of column 1 is 0");
  REFUSES(s->baseline_ridge[1] = -1, PFC_EUSAGE, "ridge of baseline parameter 1 is -1");
  REFUSES(s->link[1][0] = 99, PFC_EUSAGE, "link 1, 99 to 0");
  REFUSES(s->link_weight[0] = NAN, PFC_EUSAGE, "link 0");
  REFUSES(s->p.n_baseline = 1, PFC_EUSAGE, "baseline parameter");
  REFUSES(s->curve[1].n = 0, PFC_EUSAGE, "curve 1 has 0 segments");
  REFUSES(for (int i = 0; i < 50; i++) s->spell[i].event = PFC_LEFT, PFC_EDATA,
          "no spell ends as 'proficient'");
#undef REFUSES
  s->x.val[0] = NAN;
  assert_fails(
      pfc_hazard_fit(&s->p, PFC_PROFICIENT, &settings, w, w + s->p.n_baseline, &report, &err),
      PFC_EUSAGE, "value of column");
  for (int j = 0; j < MAX_BASELINE + D; j++) assert_near(w[j], 0, 0);
  scene_drop(s);
}

static pfc_status fit_once(void *user) {
  const scene *s = user;
  pfc_hazard_fit_settings settings;
  pfc_hazard_fit_defaults(&settings);
  pfc_newton_report report;
  double w[MAX_BASELINE + D] = {0};
  return pfc_hazard_fit(&s->p, PFC_PROFICIENT, &settings, w, w + s->p.n_baseline, &report,
                        NULL);
}

static void memory_may_run_out(void **state) {
  (void)state;
  scene *s = scene_draw(71, 40, PFC_PROFICIENT);
  assert_true(count_down(fit_once, s) >= 30);
  scene_drop(s);
}

static int set_up(void **state) {
  (void)state;
  return pfc_par_init(2, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(person_periods_are_stationary),
      cmocka_unit_test(em_ends_where_the_observed_likelihood_is_flat),
      cmocka_unit_test(em_climbs),
      cmocka_unit_test(expectations_are_sums_over_days),
      cmocka_unit_test(the_mean_tick_is_that_of_a_cut_geometric),
      cmocka_unit_test(the_truth_comes_back),
      cmocka_unit_test(exact_events_need_no_em),
      cmocka_unit_test(time_beyond_the_horizon_is_cut),
      cmocka_unit_test(short_spells_have_a_finite_fit),
      cmocka_unit_test(bits_do_not_depend_on_threads),
      cmocka_unit_test(bad_problems_are_named),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/hazard_fit", tests, set_up, NULL);
}
