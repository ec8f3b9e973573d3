// labels: property check
/* Levels and traits of simulated people follow their laws. Each statistic would be refused by
 * chance with probability 1e-6, had the seed been drawn; it is fixed. */
#include "tests/support/test.h"

#include <math.h>

#include "datasets/simulate_people_internal.h"
#include "tests/support/workforce.h"

/* --- traits --------------------------------------------------------------------------------
 */

static void assert_mean(const char *what, const double *x, int32_t n, double mean,
                        double spread) {
  char text[80];
  double sum = 0, squares = 0;
  for (int32_t p = 0; p < n; p++) {
    sum += (x[p] - mean) / spread;
    squares += pow((x[p] - mean) / spread, 2);
  }
  (void)snprintf(text, sizeof text, "mean of %s", what);
  workforce_z(text, sum / sqrt(n));
  /* Of normal deviates the squares' variance is 2. */
  (void)snprintf(text, sizeof text, "spread of %s", what);
  workforce_z(text, (squares - n) / sqrt(2.0 * n));
}

/* z of the correlation of two standardized columns. */
static double correlation(const double *x, const double *y, int32_t n) {
  double sum = 0;
  for (int32_t p = 0; p < n; p++) sum += x[p] * y[p];
  return sum / sqrt(n);
}

static void traits_follow_their_laws(void **state) {
  (void)state;
  enum { N = 20000, N_TRAITS = 7 };
  static const char *const NAMES[N_TRAITS] = {"ability", "diligence", "motivation", "growth",
                                              "hours",   "offers",    "taste"};
  for (int hard = 0; hard < 2; hard++) {
    const pfc_simulate_settings set = workforce_settings(test_seed(4), N, hard);
    pfc__sim s = workforce_drawn(&set);
    const pfc_truth *t = s.truth;
    double *x = pfc_alloc_array((size_t)N * (N_TRAITS + 1), sizeof *x), there = 0, group = 0;
    for (int32_t p = 0; p < N; p++) {
      const double pace =
          0.15 * (double)t->ability[p] + (hard ? 0.3 * (double)t->motivation[p] : 0);
      x[p] = (double)t->ability[p];
      x[N + p] = (double)t->diligence[p];
      x[2 * N + p] = (double)t->motivation[p];
      x[3 * N + p] = (log((double)t->growth[p] / 0.35) - pace) / 0.3;
      x[4 * N + p] = log((double)t->hours[p] / 2.5) / 0.4;
      x[5 * N + p] = log((double)t->offers[p] / 0.35) / 0.9;
      x[6 * N + p] = (double)t->taste[p * PFC_TRUTH_TASTES + p % PFC_TRUTH_TASTES] / 0.7;
      x[7 * N + p] = (t->group[p] - 0.3) / sqrt(0.21);
      there += s.hired_on[p] <= t->first_day;
      group += t->group[p];
    }
    for (int k = 0; k < N_TRAITS; k++) {
      assert_mean(NAMES[k], x + (int64_t)k * N, N, 0, 1);
      for (int j = 0; j < k; j++)
        workforce_z(NAMES[k], correlation(x + (int64_t)k * N, x + (int64_t)j * N, N));
      workforce_z("group", correlation(x + (int64_t)k * N, x + 7 * (int64_t)N, N));
    }
    workforce_z("there on the first day", (there - 0.7 * N) / sqrt(0.21 * N));
    workforce_z("of the group", (group - 0.3 * N) / sqrt(0.21 * N));
    pfc_free(x);
    workforce_clear(&s);
  }
}

/* --- levels --------------------------------------------------------------------------------
 */

static double settles_at(const pfc__sim *s, int32_t p, int32_t c) {
  const pfc_truth *t = s->truth;
  const int32_t role = t->position_role[t->position_start[p]];
  const double level = (double)t->required[role * t->n_competencies + c];
  const double at = (isnan(level) ? 0.5 : level) - 0.3 +
                    (double)t->aptitude[(int64_t)p * t->n_competencies + c];
  return fmin(fmax(at, 0), 7);
}

/* People begin below where they will settle, by 1.6 exp(-growth x 0..10 years) |z|, |z| <= 2:
 * on average (1 - exp(-10 growth)) / (10 growth) of 1.6 x 0.7228, where the scale's lower end
 * is out of reach. */
static void people_begin_below_where_they_settle(void **state) {
  (void)state;
  const double mean_z = 0.7228; /* of |z|: 2 (phi(0) - phi(2)) / (Phi(2) - Phi(-2)) */
  const pfc_simulate_settings set = workforce_settings(test_seed(5), 8000, false);
  pfc__sim s = workforce_drawn(&set);
  const pfc_truth *t = s.truth;
  double sum = 0, squares = 0, n = 0;
  for (int32_t p = 0; p < t->n_people; p++) {
    double lacks = 0, cells = 0;
    const double years = 10 * (double)t->growth[p];
    const double law = 1.6 * mean_z * (1 - exp(-years)) / years;
    for (int32_t c = 0; c < t->n_competencies; c++) {
      const double level = (double)t->initial[(int64_t)p * t->n_competencies + c];
      const double at = settles_at(&s, p, c);
      assert_true(level >= 0 && level <= at + 1e-5 && level >= at - 3.2 - 1e-5);
      if (at < 3.2) continue;
      lacks += at - level;
      cells++;
    }
    if (cells == 0) continue;
    const double off = lacks / cells - law;
    sum += off;
    squares += off * off;
    n++;
  }
  workforce_z("deficit", sum / sqrt(squares));
  assert_true(n > 4000);
  workforce_clear(&s);
}

/* z of the mean of products of two columns, which should be `mean`. */
static double product_z(const float *x, int x_step, const float *y, int y_step, int32_t n,
                        double mean) {
  double sum = 0, squares = 0;
  for (int64_t p = 0; p < n; p++) {
    const double off = (double)x[p * x_step] * (double)y[p * y_step] - mean;
    sum += off;
    squares += off * off;
  }
  return sum / sqrt(squares);
}

/* aptitude = 0.45 (ability, z, z) . v_c + 0.35 z: with v_c drawn again from its stream, the
 * covariances with ability and between competencies are known. */
static void aptitude_has_three_factors(void **state) {
  (void)state;
  enum { N = 8000, C = WORKFORCE_COMPETENCIES };
  const pfc_simulate_settings set = workforce_settings(test_seed(6), N, false);
  pfc__sim s = workforce_drawn(&set);
  const pfc_truth *t = s.truth;
  double v[C][3], squares = 0;
  for (int c = 0; c < C; c++) {
    pfc_rng rng =
        pfc__sim_stream(&s, "people.loading", pfc_rng_id(pfc_dict_text(t->competencies, c)));
    for (int k = 0; k < 3; k++) {
      v[c][k] = 0.6 * pfc_rng_normal(&rng);
      squares += v[c][k] * v[c][k] / (0.6 * 0.6);
    }
  }
  assert_true(squares > 18.7 && squares < 96.0); /* chi-square, 48 degrees of freedom, 1e-4 */
  for (int c = 0; c < C; c++) {
    workforce_z("ability", product_z(t->aptitude + c, C, t->ability, 1, N, 0.45 * v[c][0]));
    for (int d = 0; d <= c; d++) {
      double law = c == d ? 0.35 * 0.35 : 0;
      for (int k = 0; k < 3; k++) law += 0.45 * 0.45 * v[c][k] * v[d][k];
      workforce_z("aptitudes", product_z(t->aptitude + c, C, t->aptitude + d, C, N, law));
    }
  }
  workforce_clear(&s);
}

/* Beyond 2.9, five times the usual spread: in hard laws three or four cells of a thousand by
 * e alone, in plain ones some of competencies with unusual loadings. All within half the
 * scale. */
static void hard_laws_have_heavier_tails(void **state) {
  (void)state;
  double share[2] = {0};
  for (int hard = 0; hard < 2; hard++) {
    const pfc_simulate_settings set = workforce_settings(test_seed(9), 4000, hard);
    pfc__sim s = workforce_drawn(&set);
    const int64_t n = (int64_t)set.n_people * WORKFORCE_COMPETENCIES;
    for (int64_t k = 0; k < n; k++) {
      const double level = fabs((double)s.truth->aptitude[k]);
      assert_true(level <= 3.5);
      share[hard] += (double)(level > 2.9) / (double)n;
    }
    workforce_clear(&s);
  }
  assert_true(share[1] > share[0] + 0.0015);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(traits_follow_their_laws),
      cmocka_unit_test(people_begin_below_where_they_settle),
      cmocka_unit_test(aptitude_has_three_factors),
      cmocka_unit_test(hard_laws_have_heavier_tails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
