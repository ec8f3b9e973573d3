// labels: property check
/* How much ratings of a source scatter, by the truth, against ratings that were drawn. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "tests/support/near.h"
#include "tests/support/organisation.h"

enum { N_SOURCES = 6 };

typedef struct scatter {
  double n, sum, squares;
} scatter;

static double variance(const scatter *s) {
  return (s->squares - s->sum * s->sum / s->n) / (s->n - 1);
}

/* What a rating says beside its source's bias and slope, on the framework's scale; NaN where
 * the end of the scale may have cut it. */
static double rest(const test_organisation *o, int64_t row, int32_t source) {
  static const double MIN[N_SOURCES] = {1, 0, 0, 0, 0, 0},
                      MAX[N_SOURCES] = {5, 7, 7, 7, 100, 7};
  const pfc_truth *t = o->truth;
  const double y = pfc_dataset_reals(o->ds, PFC_ASSESSMENTS, "level")[row];
  const double level =
      pfc_truth_level(t, pfc_dataset_codes(o->ds, PFC_ASSESSMENTS, "person_id")[row],
                      pfc_dataset_codes(o->ds, PFC_ASSESSMENTS, "competency_id")[row],
                      pfc_dataset_dates(o->ds, PFC_ASSESSMENTS, "assessed_on")[row]);
  const double expected = level + (double)t->source_bias[source] +
                          ((double)t->source_slope[source] - 1) * (level - 3.5);
  if (expected < 1.5 || expected > 5.5) return NAN;
  return 7 * (y - MIN[source]) / (MAX[source] - MIN[source]) - expected;
}

static int32_t source_of(const test_organisation *o, int64_t row) {
  const pfc_dict *words = pfc_dataset_find_dict(o->ds, "source");
  const int32_t code = pfc_dataset_codes(o->ds, PFC_ASSESSMENTS, "source")[row];
  return pfc_dict_find(o->truth->sources, pfc_dict_text(words, code));
}

/* Sums over raters of squares about each one's own mean, and degrees of freedom. */
static double within_raters(const test_organisation *o, int32_t source, scatter *of,
                            double *n_free) {
  const int64_t n = o->ds->tables[PFC_ASSESSMENTS].n_rows;
  const int32_t *rater = pfc_dataset_codes(o->ds, PFC_ASSESSMENTS, "rater_id");
  const int32_t n_raters = pfc_dataset_count(o->ds, "rater") + 1;
  double squares = 0, freedom = 0;
  for (int32_t k = 0; k < n_raters; k++) of[k] = (scatter){0};
  for (int64_t r = 0; r < n; r++) {
    const double at = source_of(o, r) == source ? rest(o, r, source) : (double)NAN;
    if (isnan(at)) continue;
    scatter *s = &of[rater[r] + 1];
    s->n++;
    s->sum += at;
    s->squares += at * at;
  }
  for (int32_t k = 0; k < n_raters; k++) {
    if (of[k].n < 2) continue;
    squares += variance(&of[k]) * (of[k].n - 1);
    freedom += of[k].n - 1;
  }
  *n_free = freedom;
  return sqrt(squares / freedom);
}

/* A standard deviation of n draws has a relative standard error of 1 / sqrt(2 n) for normal
 * ones, less for ones that are cut, and panels share what their rater adds; bounds at five of
 * these and a hundredth: fewer than one run in 10,000 fails by chance. */
static void ratings_scatter_as_the_truth_says(void **state) {
  (void)state;
  pfc_dataset *frame = test_frame();
  const pfc_simulate_settings settings = test_simulate_settings(400, 60, test_seed(1));
  test_organisation o = test_simulate(frame, &settings);
  scatter *of = pfc_alloc_array((size_t)pfc_dataset_count(o.ds, "rater") + 1, sizeof *of);
  assert_non_null(of);
  int n_sources = 0;
  for (int32_t s = 0; s < N_SOURCES; s++) {
    const double told = pfc_truth_source_sd(o.truth, s);
    double n;
    const double drawn = within_raters(&o, s, of, &n);
    if (n < 50) continue; /* certificates are rare */
    n_sources++;
    if (fabs(drawn / told - 1) > 0.01 + 5 / sqrt(2 * n))
      fail_msg("%s: %g drawn, %g told", pfc_dict_text(o.truth->sources, s), drawn, told);
  }
  assert_true(n_sources >= 5);
  pfc_free(of);
  test_organisation_clear(&o);
  pfc_dataset_destroy(frame);
}

/* 1 - 3 phi(1.5) / (2 Phi(1.5) - 1) is the variance of a normal draw cut at 1.5: 0.551524. */
static void by_hand(void **state) {
  (void)state;
  const double cut = sqrt(0.551524);
  pfc_truth *t = pfc_truth_create();
  static const char *const WORDS[] = {"self", "review", "test", "somebody"};
  float bias[4] = {0}, slope[4] = {1, 1, 1, 1}, noise[4] = {0.55F, 0.35F, 0.3F, 0.2F},
        leniency[4] = {0.3F, 0.1F, 0, 0.5F};
  int32_t code;
  for (int k = 0; k < 4; k++)
    assert_ok(pfc_dict_add(t->sources, WORDS[k], strlen(WORDS[k]), &code, &err));
  t->source_bias = bias;
  t->source_slope = slope;
  t->source_noise = noise;
  t->source_leniency = leniency;
  /* self: 1 to 5 by halves is 0.875 of the framework's levels a step; raters are named */
  assert_near(pfc_truth_source_sd(t, 0), sqrt(pow(0.55 * cut, 2) + 0.875 * 0.875 / 12), 1e-5);
  assert_near(pfc_truth_source_leniency_sd(t, 0), 0.3 * cut, 1e-5);
  /* review: panels without a name */
  assert_near(pfc_truth_source_sd(t, 1),
              sqrt(pow(0.35 * cut, 2) + pow(0.1 * cut, 2) + 0.25 * 0.25 / 12), 1e-5);
  assert_near(pfc_truth_source_leniency_sd(t, 1), 0, 0);
  assert_near(pfc_truth_source_sd(t, 2), sqrt(pow(0.3 * cut, 2) + 0.07 * 0.07 / 12), 1e-5);
  /* a source the simulator has not: nothing is rounded, nobody named */
  assert_near(pfc_truth_source_sd(t, 3), sqrt(pow(0.2 * cut, 2) + pow(0.5 * cut, 2)), 1e-5);
  t->source_bias = t->source_slope = t->source_noise = t->source_leniency = NULL;
  pfc_truth_destroy(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ratings_scatter_as_the_truth_says),
                                     cmocka_unit_test(by_hand)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
