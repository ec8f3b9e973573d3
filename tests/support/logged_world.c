#include "tests/support/logged_world.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/test.h"

#define OWN_SPREAD 0.5 /* of people's own inclination */

static double logistic(double x) { return 1 / (1 + exp(-x)); }

/* Mean over a normal inclination, by the trapezoid rule, whose error is far below 1e-9. */
static double mean_over_people(double appeal) {
  double sum = 0, weights = 0;
  for (int k = -80; k <= 80; k++) {
    const double z = k / 10.0, weight = exp(-z * z / 2);
    sum += weight * logistic(appeal + OWN_SPREAD * z);
    weights += weight;
  }
  return sum / weights;
}

void logged_world_draw(logged_world *w, pfc_rng *rng, double skew, double base) {
  double sum = 0;
  for (int a = 0; a < LOGGED_ACTIONS; a++) {
    w->chance[a] = exp(skew * pfc_rng_normal(rng));
    w->appeal[a] = base + 0.8 * pfc_rng_normal(rng);
    w->reward[a] = mean_over_people(w->appeal[a]);
    sum += w->chance[a];
  }
  for (int a = 0; a < LOGGED_ACTIONS; a++) w->chance[a] /= sum;
}

double logged_world_value(const logged_world *w, const double *policy) {
  double sum = 0;
  for (int a = 0; a < LOGGED_ACTIONS; a++) sum += policy[a] * w->reward[a];
  return sum;
}

/* --- logs ----------------------------------------------------------------------------------
 */

typedef struct columns {
  int32_t *cluster, *action;
  double *reward, *propensity, *target[2], *expected, *of_target[2];
} columns;

static int draw_action(const double *chance, pfc_rng *rng) {
  double u = pfc_rng_uniform(rng);
  int a = 0;
  for (; a < LOGGED_ACTIONS - 1 && u >= chance[a]; a++) u -= chance[a];
  return a;
}

static void fill_expected(columns *c, int64_t n, const double *const *policy) {
  for (int half = 0; half < 2; half++) {
    double sum[LOGGED_ACTIONS] = {0}, count[LOGGED_ACTIONS] = {0}, all = 0, rows = 0;
    double mean[LOGGED_ACTIONS], of_target[2] = {0, 0};
    for (int64_t i = 0; i < n; i++) {
      if (c->cluster[i] % 2 == half) continue;
      sum[c->action[i]] += c->reward[i];
      count[c->action[i]]++;
      all += c->reward[i];
      rows++;
    }
    for (int a = 0; a < LOGGED_ACTIONS; a++) {
      mean[a] = (sum[a] + 10 * all / rows) / (count[a] + 10);
      for (int k = 0; k < 2; k++) of_target[k] += policy[k][a] * mean[a];
    }
    for (int64_t i = 0; i < n; i++) {
      if (c->cluster[i] % 2 != half) continue;
      c->expected[i] = mean[c->action[i]];
      for (int k = 0; k < 2; k++) c->of_target[k][i] = of_target[k];
    }
  }
}

static void *array(int64_t n, size_t size) {
  void *p = pfc_alloc_array((size_t)n, size);
  assert_non_null(p);
  return p;
}

void drawn_log_init(drawn_log *log, const logged_world *w, pfc_rng *rng, int32_t n_people,
                    const double *policy_a, const double *policy_b) {
  const double *policy[2] = {policy_a, policy_b};
  const int64_t most = 5 * (int64_t)n_people;
  columns c = {.cluster = array(most, sizeof(int32_t)), .action = array(most, sizeof(int32_t))};
  *log = (drawn_log){0};
  double **reals[] = {&c.reward,   &c.propensity,   &c.target[0],   &c.target[1],
                      &c.expected, &c.of_target[0], &c.of_target[1]};
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    log->owned[log->n_owned++] = *reals[k] = array(most, sizeof(double));
  log->owned[log->n_owned++] = c.cluster;
  int64_t n = 0;
  for (int32_t p = 0; p < n_people; p++) {
    const double own = OWN_SPREAD * pfc_rng_normal(rng);
    for (uint64_t times = 1 + pfc_rng_below(rng, 5); times > 0; times--, n++) {
      const int a = draw_action(w->chance, rng);
      c.cluster[n] = p;
      c.action[n] = a;
      c.reward[n] = pfc_rng_uniform(rng) < logistic(w->appeal[a] + own) ? 1 : 0;
      c.propensity[n] = w->chance[a];
      for (int k = 0; k < 2; k++) c.target[k][n] = policy[k][a];
    }
  }
  fill_expected(&c, n, policy);
  pfc_free(c.action);
  log->a = (pfc_logged){.n = n,
                        .cluster = c.cluster,
                        .n_slots = 1,
                        .reward = c.reward,
                        .propensity = c.propensity,
                        .target = c.target[0],
                        .expected = c.expected,
                        .expected_target = c.of_target[0]};
  log->b = log->a;
  log->b.target = c.target[1];
  log->b.expected_target = c.of_target[1];
}

void drawn_log_clear(drawn_log *log) {
  for (int k = 0; k < log->n_owned; k++) pfc_free(log->owned[k]);
  *log = (drawn_log){0};
}

/* --- coverage ------------------------------------------------------------------------------
 */

const char *const LOGGED_FIGURE[LOGGED_FIGURES] = {
    "SNIPS of a",     "DR of a",     "Switch-DR of a", "SNIPS of b",     "DR of b",
    "Switch-DR of b", "SNIPS b - a", "DR b - a",       "Switch-DR b - a"};

const logged_shape LOGGED_SHAPE[LOGGED_SHAPES] = {
    {0.7, -4.5, 300, 0.3}, {1.2, -4.5, 600, 0.3}, {1.6, -4.5, 3000, 0.3}, {0.7, -1, 150, 0.3},
    {1.2, -1, 600, 0.3},   {1.6, -1, 3000, 0.3},  {1.2, -3, 2000, 0.7},   {1.6, -1, 3000, 0.9},
};

static void count_run(const pfc_off_policy_difference *d, double a, double b,
                      logged_coverage *told) {
  const pfc_estimate figure[LOGGED_FIGURES] = {d->a.snips, d->a.dr, d->a.switch_dr,
                                               d->b.snips, d->b.dr, d->b.switch_dr,
                                               d->snips,   d->dr,   d->switch_dr};
  const double truth[] = {a, b, b - a};
  told->runs++;
  told->ess += d->b.ess;
  if (!d->enough) return;
  told->enough++;
  for (int k = 0; k < LOGGED_FIGURES; k++)
    told->held[k] += figure[k].lo <= truth[k / 3] && truth[k / 3] <= figure[k].hi;
}

static void fill_policies(const logged_world *w, const logged_shape *shape, pfc_rng *rng,
                          double *a, double *b) {
  int best = 0;
  double most = -INFINITY;
  for (int k = 0; k < LOGGED_ACTIONS; k++) {
    const double seems = w->appeal[k] + 0.5 * pfc_rng_normal(rng);
    if (seems > most) {
      most = seems;
      best = k;
    }
    a[k] = 1.0 / LOGGED_ACTIONS;
    b[k] = (1 - shape->greed) / LOGGED_ACTIONS;
  }
  b[best] += shape->greed;
}

void logged_coverage_count(const logged_shape *shape, int runs, uint64_t seed,
                           logged_coverage *told) {
  pfc_off_policy_settings settings;
  pfc_off_policy_defaults(&settings);
  for (int r = 0; r < runs; r++) {
    pfc_rng rng;
    logged_world w;
    drawn_log log;
    pfc_off_policy_difference d;
    double a[LOGGED_ACTIONS], b[LOGGED_ACTIONS];
    pfc_rng_init(&rng, seed, "test.logged", (uint64_t)r);
    logged_world_draw(&w, &rng, shape->skew, shape->base);
    fill_policies(&w, shape, &rng, a, b);
    drawn_log_init(&log, &w, &rng, shape->n_people, a, b);
    assert_ok(pfc_off_policy_compare(&log.a, &log.b, &settings, &d, &err));
    count_run(&d, logged_world_value(&w, a), logged_world_value(&w, b), told);
    drawn_log_clear(&log);
  }
}
