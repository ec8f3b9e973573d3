// labels: property check
/* The quality figures on no row, one row and few rows, and with weights at both ends of what a
 * double holds. */
#include "tests/support/test.h"

#include <math.h>

#include "base/rng.h"
#include "tests/oracle/metrics_oracle.h"
#include "tests/support/near.h"
#include "trainer/metrics.h"

enum { N = 14, N_FIGURES = 18 };

/* Rows for every figure: few levels, so that nearly all are tied; one weight in four is 0. */
typedef struct sample {
  int64_t n;
  double p[N], observed[N], weight[N], entry[N], time[N], lo[N], hi[N];
  int8_t y[N], event[N];
  pfc_spells s;
} sample;

static void draw(sample *x, pfc_rng *rng) {
  const uint64_t n_levels = 1 + pfc_rng_below(rng, 9);
  x->n = (int64_t)pfc_rng_below(rng, N + 1);
  const int late = (int)pfc_rng_below(rng, 2);
  for (int64_t i = 0; i < x->n; i++) {
    x->p[i] = (1 + (double)pfc_rng_below(rng, n_levels)) / (double)(n_levels + 1);
    x->y[i] = (int8_t)pfc_rng_below(rng, 2);
    x->observed[i] = x->y[i];
    x->weight[i] = (double)pfc_rng_below(rng, 4);
    x->time[i] = (double)(1 + pfc_rng_below(rng, 6));
    x->entry[i] = late ? fmax(0, (double)pfc_rng_below(rng, 5) - 2) : 0;
    x->event[i] = (int8_t)pfc_rng_below(rng, 3);
    x->lo[i] = (double)pfc_rng_below(rng, 4);
    x->hi[i] = x->lo[i] + (double)pfc_rng_below(rng, 3);
  }
  x->s = (pfc_spells){x->n, x->entry, x->time, x->event, x->weight};
}

/* All figures of the rows with their weights times factor. */
static void figures_of(const sample *from, double factor, double out[N_FIGURES]) {
  sample x = *from;
  float incidence[N];
  for (int64_t i = 0; i < x.n; i++) {
    x.weight[i] *= factor;
    incidence[i] = (float)x.p[i];
  }
  x.s = (pfc_spells){x.n, x.entry, x.time, x.event, x.weight};
  const double day = 3;
  double *at = out;
  assert_ok(pfc_auc(x.n, x.p, x.y, x.weight, at++, &err));
  *at++ = pfc_log_loss(x.n, x.p, x.y, x.weight);
  *at++ = pfc_brier(x.n, x.p, x.y, x.weight);
  *at++ = pfc_mean_gap(x.n, x.p, x.y, x.weight);
  assert_ok(pfc_calibration(x.n, x.p, x.y, x.weight, at, at + 1, &err));
  at += 2;
  assert_ok(pfc_ece(x.n, x.p, x.observed, x.weight, 4, at++, &err));
  assert_ok(pfc_concordance(&x.s, x.p, at++, &err));
  assert_ok(pfc_kaplan_meier(&x.s, 0, 0, 1, &day, at++, &err));
  assert_ok(pfc_aalen_johansen(&x.s, 1, &day, at++, &err));
  assert_ok(pfc_integrated_brier(&x.s, 1, &day, incidence, at++, &err));
  pfc_interval_score(x.n, x.lo, x.hi, x.time, x.weight, 0.2, at++, NULL);
  assert_ok(pfc_ipcw_concordance(&x.s, x.p, 4, at++, &err));
  pfc_brier_parts parts;
  assert_ok(pfc_brier_decomposition(x.n, x.p, x.y, x.weight, 4, &parts, &err));
  *at++ = parts.reliability;
  *at++ = parts.resolution;
  *at++ = parts.within_covariance;
  *at++ = pfc_rmse(x.n, x.lo, x.time, x.weight);
  *at++ = pfc_quantile_coverage(x.n, x.lo, x.time, x.weight);
  assert_int_equal(at - out, N_FIGURES);
}

static double total_of(const sample *x) {
  double sum = 0;
  for (int64_t i = 0; i < x->n; i++) sum += x->weight[i];
  return sum;
}

/* The interval score by its definition. */
static double oracle_interval(const sample *x) {
  double sum = 0;
  for (int64_t i = 0; i < x->n; i++) {
    const double below = x->time[i] < x->lo[i] ? x->lo[i] - x->time[i] : 0;
    const double above = x->time[i] > x->hi[i] ? x->time[i] - x->hi[i] : 0;
    sum += x->weight[i] * (x->hi[i] - x->lo[i] + 10 * (below + above));
  }
  return sum / total_of(x);
}

/* Sums of at most N small numbers: nothing but their rounding is allowed. */
static void few_rows_equal_the_definitions(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(91), "test.extremes", 0);
  int n_defined = 0;
  for (int trial = 0; trial < 2000; trial++) {
    sample x;
    double f[N_FIGURES], incidence[N];
    draw(&x, &rng);
    figures_of(&x, 1, f);
    if (total_of(&x) == 0) {
      for (int k = 0; k < N_FIGURES; k++) assert_nan(f[k]);
      continue;
    }
    for (int64_t i = 0; i < x.n; i++) incidence[i] = (double)(float)x.p[i];
    assert_near(f[0], oracle_auc(x.n, x.p, x.y, x.weight), 1e-13);
    assert_near(f[6], oracle_ece(x.n, x.p, x.observed, x.weight, 4), 1e-13);
    assert_near(f[7], oracle_concordance(&x.s, x.p), 1e-13);
    if (!isnan(f[8])) assert_near(f[8], oracle_kaplan_meier(&x.s, 0, 0, 3), 1e-13);
    if (!isnan(f[9])) assert_near(f[9], oracle_aalen_johansen(&x.s, 3), 1e-13);
    if (!isnan(f[10])) assert_near(f[10], oracle_brier(&x.s, 3, incidence), 1e-12);
    assert_near(f[11], oracle_interval(&x), 1e-13);
    if (!isnan(f[12])) assert_near(f[12], oracle_ipcw_concordance(&x.s, x.p, 4), 1e-12);
    pfc_brier_parts parts = {0};
    oracle_brier_parts(x.n, x.p, x.y, x.weight, 4, &parts);
    assert_near(f[13], parts.reliability, 1e-13);
    assert_near(f[14], parts.resolution, 1e-13);
    assert_near(f[15], parts.within_covariance, 1e-13);
    n_defined += !isnan(f[0]) + !isnan(f[7]) + !isnan(f[10]);
  }
  assert_true(n_defined > 3000);
}

/* Only the proportions of weights count, at 1e300 and at 1e-300 as at 1. Powers of two, so that
 * a row on the border of two bins stays on its side. Slope and intercept of a calibration are
 * found by iteration, the others are quotients of sums. */
static void the_size_of_weights_does_not_matter(void **state) {
  (void)state;
  const double factors[] = {0x1p997, 0x1p-997, 0x1p1000, 0x1p-1000};
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(92), "test.extremes", 1);
  for (int trial = 0; trial < 400; trial++) {
    sample x;
    double f[N_FIGURES], g[N_FIGURES];
    draw(&x, &rng);
    figures_of(&x, 1, f);
    for (int k = 0; k < 4; k++) {
      figures_of(&x, factors[k], g);
      for (int j = 0; j < N_FIGURES; j++) {
        const double slack = j == 4 || j == 5 ? 1e-6 : 1e-12;
        if (isnan(f[j]) && isnan(g[j])) continue;
        if (!(fabs(f[j] - g[j]) <= slack * (1 + fabs(f[j]))))
          fail_msg("figure %d is %.17g, with weights times %g %.17g", j, f[j], factors[k],
                   g[j]);
      }
    }
  }
}

/* Beside a weight of 1e300 one of 1 is as good as none: 1e-300 of the whole. Not so where the
 * light decide alone: whether a maximum exists, and who is still there when the heavy are gone.
 */
static void the_heavy_drown_the_light(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(93), "test.extremes", 2);
  for (int trial = 0; trial < 400; trial++) {
    sample x, heavy;
    double f[N_FIGURES], g[N_FIGURES];
    draw(&x, &rng);
    heavy = x;
    for (int64_t i = 0; i < x.n; i++) {
      const int is_heavy = i % 2 == 0;
      x.weight[i] = is_heavy ? 1e300 : 1;
      heavy.weight[i] = is_heavy;
    }
    figures_of(&x, 1, f);
    figures_of(&heavy, 1, g);
    for (int j = 0; j < N_FIGURES; j++) {
      const int light_decide = (j >= 4 && j <= 5) || (j >= 8 && j <= 10) || j == 12;
      if (light_decide || isnan(g[j])) continue;
      if (!(fabs(f[j] - g[j]) <= 1e-12 * (1 + fabs(g[j]))))
        fail_msg("figure %d is %.17g, of the heavy alone %.17g", j, f[j], g[j]);
    }
  }
}

/* --- lists ------------------------------------------------------------------------------- */

/* Every cut-off of every list of up to 6 items, whatever is relevant beyond it. */
static void all_short_lists_equal_the_definitions(void **state) {
  (void)state;
  for (int n = 0; n <= 6; n++) {
    for (int bits = 0; bits < 1 << n; bits++) {
      uint8_t hit[6];
      int hits = 0, first = 0;
      for (int j = 0; j < n; j++) {
        hit[j] = (bits >> j) & 1;
        hits += hit[j];
        if (hit[j] && !first) first = j + 1;
      }
      assert_near(pfc_reciprocal_rank(n, hit), first ? 1.0 / first : 0, 0);
      for (int beyond = hits ? 0 : 1; beyond < 3; beyond++) {
        for (int k = 1; k <= 8; k++) {
          const int relevant = hits + beyond, best = relevant < k ? relevant : k;
          double found = 0, gain = 0, ideal = 0;
          for (int j = 0; j < k; j++) {
            const double discount = log(2) / log(j + 2);
            if (j < n && hit[j]) found++, gain += discount;
            if (j < best) ideal += discount;
          }
          assert_near(pfc_recall_at(k, n, hit, relevant), found / best, 1e-15);
          assert_near(pfc_ndcg_at(k, n, hit, relevant), gain / ideal, 1e-14);
        }
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(few_rows_equal_the_definitions),
      cmocka_unit_test(the_size_of_weights_does_not_matter),
      cmocka_unit_test(the_heavy_drown_the_light),
      cmocka_unit_test(all_short_lists_equal_the_definitions),
  };
  return cmocka_run_group_tests_name("trainer/metrics extremes", tests, NULL, NULL);
}
