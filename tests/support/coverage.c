#include "tests/support/coverage.h"

#include <math.h>

#include "base/par.h"
#include "base/rng.h"
#include "tests/support/test.h"
#include "trainer/bootstrap.h"
#include "trainer/metrics.h"

enum { PEOPLE = 400, MAX_ROWS = 5 * PEOPLE, MAX_RESAMPLES = 999 };

static int holds(int n, const double *value, double truth) {
  double lo, hi;
  assert_ok(pfc_percentile_interval(n, value, 1, &lo, &hi, &err));
  return lo <= truth && truth <= hi;
}

/* --- a mean ---------------------------------------------------------------- */

/* A person's chance of a hit is the second smallest of three uniform draws: Beta(2, 2), mean
 * 1/2, mean square 3/10. */
static double draw_chance(pfc_rng *rng) {
  const double a = pfc_rng_uniform(rng), b = pfc_rng_uniform(rng), c = pfc_rng_uniform(rng);
  return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

static int draw_hits(pfc_rng *rng, int n, double chance) {
  int hits = 0;
  for (int i = 0; i < n; i++) hits += pfc_rng_uniform(rng) < chance;
  return hits;
}

/* A person of chance q has 1 + Binomial(4, q) queries; the recall of one is Binomial(3, q) / 3.
 * Over queries the mean is E[(1 + 4 q) q] / E[1 + 4 q] = (1/2 + 4 * 3/10) / (1 + 2). */
static const double MEAN_RECALL = (0.5 + 1.2) / 3;

static void recall(pfc_rng *rng, int n_resamples, uint64_t seed, coverage *c) {
  double sum[PEOPLE], count[PEOPLE], single[MAX_ROWS], one[MAX_ROWS], value[MAX_RESAMPLES];
  int32_t n = 0;
  for (int p = 0; p < PEOPLE; p++) {
    const double q = draw_chance(rng);
    count[p] = 1 + draw_hits(rng, 4, q);
    sum[p] = 0;
    for (int i = 0; i < (int)count[p]; i++) {
      single[n] = draw_hits(rng, 3, q) / 3.0;
      one[n] = 1;
      sum[p] += single[n++];
    }
  }
  assert_ok(pfc_bootstrap_means(PEOPLE, 1, sum, count, n_resamples, seed, value, &err));
  c->recall += holds(n_resamples, value, MEAN_RECALL);
  assert_ok(pfc_bootstrap_means(n, 1, single, one, n_resamples, seed, value, &err));
  c->naive += holds(n_resamples, value, MEAN_RECALL);
}

/* --- AUC ------------------------------------------------------------------- */

typedef struct scored {
  pfc_owned rows;
  int32_t person[MAX_ROWS];
  double score[MAX_ROWS];
  int8_t y[MAX_ROWS];
  pfc_order *order;
} scored;

static pfc_status auc_of(const double *weight, void *user, double *value, pfc_error *err) {
  (void)err;
  const scored *s = user;
  *value = pfc_auc_ordered(s->order, s->y, weight);
  return PFC_OK;
}

/* Scores N(y, 1), of whose variance half is the person's; outcomes whose chance is the person's
 * own. AUC = P(N(1, 2) > 0) = Phi(1 / sqrt 2). Pairs of one person differ less, but are one in
 * 400 and move it by 0.0002. */
static int auc(pfc_rng *rng, int n_resamples, uint64_t seed) {
  const double truth = 0.5 * erfc(-0.5);
  double value[MAX_RESAMPLES];
  scored s = {.rows = {.n_people = PEOPLE}};
  for (int32_t p = 0; p < PEOPLE; p++) {
    const double effect = pfc_rng_normal(rng) * sqrt(0.5), chance = draw_chance(rng);
    for (uint64_t k = 1 + pfc_rng_below(rng, 5); k > 0; k--) {
      const int64_t i = s.rows.n++;
      s.person[i] = p;
      s.y[i] = pfc_rng_uniform(rng) < chance;
      s.score[i] = s.y[i] + effect + pfc_rng_normal(rng) * sqrt(0.5);
    }
  }
  s.rows.person = s.person;
  assert_ok(pfc_order_create(s.rows.n, s.score, &s.order, &err));
  assert_ok(pfc_bootstrap(&s.rows, 1, n_resamples, seed, auc_of, &s, value, &err));
  pfc_order_destroy(s.order);
  return holds(n_resamples, value, truth);
}

/* --- Harrell's C ----------------------------------------------------------- */

/* Hazards exp(x), x ~ N(0, 1). Of two the one with hazard h ends first with probability
 * h / (h + h'), and where censoring has the hazard h too, half of all pairs can be compared
 * whatever their hazards. So C is the mean of 1 / (1 + exp(-|d|)) over d = x - x' ~ N(0, 2):
 * Simpson's rule, over ten standard deviations. */
static double true_concordance(void) {
  enum { STEPS = 2000 };
  const double step = 10 * sqrt(2) / STEPS;
  double sum = 0;
  for (int k = 0; k <= STEPS; k++) {
    const double d = k * step, density = exp(-d * d / 4) / sqrt(acos(-1));
    sum += density / (1 + exp(-d)) * (k == 0 || k == STEPS ? 1 : k % 2 ? 4 : 2);
  }
  return sum * step / 3;
}

typedef struct timed {
  pfc_owned rows;
  int32_t person[MAX_ROWS];
  double time[MAX_ROWS], risk[MAX_ROWS];
  int8_t event[MAX_ROWS];
  pfc_concordance_order *order;
} timed;

static pfc_status concordance_of(const double *weight, void *user, double *value,
                                 pfc_error *err) {
  const timed *t = user;
  return pfc_concordance_ordered(t->order, weight, value, err);
}

/* Standard normal of which half of the variance is the person's. */
static double alike(pfc_rng *rng, double effect) {
  return (effect + pfc_rng_normal(rng)) * sqrt(0.5);
}

static int concordance(pfc_rng *rng, int n_resamples, uint64_t seed) {
  double value[MAX_RESAMPLES];
  timed t = {.rows = {.n_people = PEOPLE}};
  for (int32_t p = 0; p < PEOPLE; p++) {
    const double risk = pfc_rng_normal(rng), luck = pfc_rng_normal(rng);
    for (uint64_t k = 1 + pfc_rng_below(rng, 5); k > 0; k--) {
      const int64_t i = t.rows.n++;
      t.person[i] = p;
      t.risk[i] = alike(rng, risk);
      /* Exponential times from normal draws, so that luck is alike within a person too. */
      const double end = -log(0.5 * erfc(alike(rng, luck) / sqrt(2)));
      const double limit = -log1p(-pfc_rng_uniform(rng));
      t.event[i] = end <= limit;
      t.time[i] = fmin(end, limit) * exp(-t.risk[i]);
    }
  }
  t.rows.person = t.person;
  const pfc_spells s = {.n = t.rows.n, .time = t.time, .event = t.event};
  assert_ok(pfc_concordance_order_create(&s, t.risk, &t.order, &err));
  assert_ok(pfc_bootstrap(&t.rows, 1, n_resamples, seed, concordance_of, &t, value, &err));
  pfc_concordance_order_destroy(t.order);
  return holds(n_resamples, value, true_concordance());
}

coverage coverage_count(uint64_t seed, int n_replications, int n_resamples) {
  coverage c = {0};
  assert_true(n_resamples <= MAX_RESAMPLES);
  /* Thousands of small bootstraps: to wake threads for each would cost more than they save. */
  assert_ok(pfc_par_init(1, &err));
  for (int r = 0; r < n_replications; r++) {
    pfc_rng rng;
    pfc_rng_init(&rng, seed, "test.coverage", (uint64_t)r);
    const uint64_t own = pfc_rng_next(&rng);
    recall(&rng, n_resamples, own, &c);
    c.auc += auc(&rng, n_resamples, own);
    c.concordance += concordance(&rng, n_resamples, own);
  }
  print_message("of %d: recall %d, AUC %d, C %d; recall, had queries been people, %d\n",
                n_replications, c.recall, c.auc, c.concordance, c.naive);
  return c;
}
