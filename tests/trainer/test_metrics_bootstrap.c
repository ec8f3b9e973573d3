// labels: property check
#include "tests/support/test.h"

#include <math.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "tests/support/near.h"
#include "tests/support/countdown.h"
#include "trainer/bootstrap.h"
#include "trainer/metrics.h"

enum { PEOPLE = 40, ROWS = 120 };

/* Resamples of so many rows that threads share them (PFC_WORTH_THREADS). */
enum { SHARED = 10000 };

typedef struct rows {
  int64_t n;
  double x[ROWS];
  int32_t person[ROWS];
} rows;

/* People of 1 to 5 rows each; a person's rows share an effect that weighs as much as
 * everything else. */
static void draw_rows(rows *r, uint64_t seed, uint64_t trial, double mean) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.bootstrap", trial);
  r->n = 0;
  for (int32_t p = 0; p < PEOPLE; p++) {
    const double effect = pfc_rng_normal(&rng);
    for (int k = 0; k < 1 + p % 5; k++) {
      r->x[r->n] = mean + effect + pfc_rng_normal(&rng);
      r->person[r->n++] = p;
    }
  }
}

static pfc_status weighted_mean(const double *weight, void *user, double *value,
                                pfc_error *err) {
  (void)err;
  const rows *r = user;
  double sum = 0, mass = 0;
  for (int64_t i = 0; i < r->n; i++) {
    sum += weight[i] * r->x[i];
    mass += weight[i];
  }
  *value = sum / mass;
  return PFC_OK;
}

/* The percentile interval of one figure. */
static pfc_status limits_of(pfc_owned owned, int n_resamples, uint64_t seed, pfc_figures_fn fn,
                            void *user, double *lo, double *hi, pfc_error *err) {
  pfc_status st = PFC_OK;
  double *value = NULL;
  PFC_NEW(value, n_resamples > 0 ? n_resamples : 0);
  PFC_TRY(pfc_bootstrap(&owned, 1, n_resamples, seed, fn, user, value, err));
  PFC_TRY(pfc_percentile_interval(n_resamples, value, 1, lo, hi, err));
done:
  pfc_free(value);
  return st;
}

/* Of nominal 95 % intervals, a percentile bootstrap with 40 people holds the truth a little
 * less often (about 93-94 %). The standard error of the share is 0.8 % with 1000 samples;
 * the band is more than 3 of them wide on either side, so that a right bootstrap fails by
 * chance in fewer than 1 of 500 seeds. Drawing rows instead of people covers about 80 %. */
static void intervals_cover_a_mean(void **state) {
  (void)state;
  enum { SAMPLES = 1000 };
  const uint64_t seed = test_seed(18);
  /* A thousand small bootstraps: starting threads would cost more than they save. */
  assert_ok(pfc_par_init(1, &err));
  int covered = 0;
  for (uint64_t trial = 0; trial < SAMPLES; trial++) {
    rows r;
    double lo, hi;
    draw_rows(&r, seed, trial, 3);
    assert_ok(limits_of((pfc_owned){r.n, r.person, PEOPLE}, 200, trial, weighted_mean, &r, &lo,
                        &hi, &err));
    covered += lo <= 3 && 3 <= hi;
  }
  print_message("covered %d of %d\n", covered, SAMPLES);
  assert_in_range(covered, 905, 970);
}

static void people_are_drawn_whole(void **state) {
  (void)state;
  /* Everybody's rows add up to nothing, so every resample does. */
  rows r = {.n = 6, .x = {1, -1, 2, -2, 5, -5}, .person = {0, 0, 1, 1, 2, 2}};
  double lo, hi;
  assert_ok(limits_of((pfc_owned){6, r.person, 3}, 100, 1, weighted_mean, &r, &lo, &hi, &err));
  assert_near(lo, 0, 0);
  assert_near(hi, 0, 0);
}

/* Every resample has as many people as there are with rows; those without do not matter. */
static pfc_status count_people(const double *weight, void *user, double *value,
                               pfc_error *err) {
  (void)err;
  const rows *r = user;
  *value = 0;
  for (int64_t i = 0; i < r->n; i++)
    if (i == 0 || r->person[i] != r->person[i - 1]) *value += weight[i];
  return PFC_OK;
}

static void people_without_rows_do_not_matter(void **state) {
  (void)state;
  rows r;
  draw_rows(&r, test_seed(19), 0, 0);
  double lo[2], hi[2];
  assert_ok(limits_of((pfc_owned){r.n, r.person, PEOPLE}, 50, 7, count_people, &r, &lo[0],
                      &hi[0], &err));
  assert_near(lo[0], PEOPLE, 0);
  assert_near(hi[0], PEOPLE, 0);
  assert_ok(limits_of((pfc_owned){r.n, r.person, PEOPLE}, 50, 7, weighted_mean, &r, &lo[0],
                      &hi[0], &err));
  for (int64_t i = 0; i < r.n; i++) r.person[i] = 3 * r.person[i] + 5;
  assert_ok(limits_of((pfc_owned){r.n, r.person, 1000}, 50, 7, weighted_mean, &r, &lo[1],
                      &hi[1], &err));
  assert_near(lo[0], lo[1], 0);
  assert_near(hi[0], hi[1], 0);
}

static void limits_are_the_stated_percentiles(void **state) {
  (void)state;
  /* 39 resamples: the 2.5th and 97.5th percentiles are the smallest and the largest. */
  enum { RESAMPLES = 39 };
  rows r;
  draw_rows(&r, test_seed(20), 0, 0);
  double lo, hi, least = INFINITY, most = -INFINITY;
  assert_ok(limits_of((pfc_owned){r.n, r.person, PEOPLE}, RESAMPLES, 3, weighted_mean, &r, &lo,
                      &hi, &err));
  for (uint64_t k = 0; k < RESAMPLES; k++) {
    pfc_rng rng;
    double weight[ROWS] = {0}, drawn[PEOPLE] = {0}, value;
    pfc_rng_init(&rng, 3, "bootstrap", k);
    for (int p = 0; p < PEOPLE; p++) drawn[pfc_rng_below(&rng, PEOPLE)]++;
    for (int64_t i = 0; i < r.n; i++) weight[i] = drawn[r.person[i]];
    assert_ok(weighted_mean(weight, &r, &value, &err));
    least = fmin(least, value);
    most = fmax(most, value);
  }
  assert_near(lo, least, 0);
  assert_near(hi, most, 0);
  assert_ok(
      limits_of((pfc_owned){r.n, r.person, PEOPLE}, 1, 3, weighted_mean, &r, &lo, &hi, &err));
  assert_near(lo, hi, 0);
}

typedef struct scored {
  rows r;
  int8_t y[ROWS];
} scored;

static pfc_status auc(const double *weight, void *user, double *value, pfc_error *err) {
  const scored *s = user;
  return pfc_auc(s->r.n, s->r.x, s->y, weight, value, err);
}

static void any_number_of_threads_gives_the_same_bits(void **state) {
  (void)state;
  scored s;
  draw_rows(&s.r, test_seed(21), 0, 0);
  for (int64_t i = 0; i < s.r.n; i++) s.y[i] = s.r.x[i] + sin((double)i) > 0;
  double limits[3][2];
  for (int threads = 1; threads <= 3; threads++) {
    double *limit = limits[threads - 1];
    assert_ok(pfc_par_init(threads, &err));
    assert_ok(limits_of((pfc_owned){s.r.n, s.r.person, PEOPLE}, SHARED, 9, auc, &s, &limit[0],
                        &limit[1], &err));
    assert_memory_equal(limit, limits[0], sizeof limits[0]);
  }
  assert_true(limits[0][0] < limits[0][1]);
  double other[2];
  assert_ok(limits_of((pfc_owned){s.r.n, s.r.person, PEOPLE}, SHARED, 10, auc, &s, &other[0],
                      &other[1], &err));
  assert_memory_not_equal(other, limits[0], sizeof other);
}

/* --- undefined figures and failures ---------------------------------------- */

/* Defined only where the first person has been drawn. */
static pfc_status needs_first(const double *weight, void *user, double *value, pfc_error *err) {
  (void)user;
  (void)err;
  *value = weight[0] > 0 ? 1 : NAN;
  return PFC_OK;
}

static pfc_status never_defined(const double *weight, void *user, double *value,
                                pfc_error *err) {
  (void)weight;
  (void)user;
  (void)err;
  *value = NAN;
  return PFC_OK;
}

static void undefined_values_are_skipped(void **state) {
  (void)state;
  const int32_t person[3] = {0, 1, 2};
  double lo, hi;
  assert_ok(limits_of((pfc_owned){3, person, 3}, 100, 1, needs_first, NULL, &lo, &hi, &err));
  assert_near(lo, 1, 0);
  assert_near(hi, 1, 0);
  assert_ok(limits_of((pfc_owned){3, person, 3}, 100, 1, never_defined, NULL, &lo, &hi, &err));
  assert_nan(lo);
  assert_nan(hi);
  rows none = {.n = 0};
  assert_ok(limits_of((pfc_owned){0, person, 0}, 100, 1, weighted_mean, &none, &lo, &hi, &err));
  assert_nan(lo);
  assert_nan(hi);
}

/* Fails where the first person has been drawn exactly three times, which no other resample
 * tells in the same words. */
static pfc_status fails_at_three(const double *weight, void *user, double *value,
                                 pfc_error *err) {
  const rows *r = user;
  *value = 0;
  if (weight[0] != 3) return PFC_OK;
  double key = 0;
  for (int64_t i = 0; i < r->n; i++) key += weight[i] * (double)i;
  return pfc_fail(err, PFC_ENUMERIC, "resample %g", key);
}

static void the_first_failure_is_told(void **state) {
  (void)state;
  rows r;
  draw_rows(&r, test_seed(22), 0, 0);
  pfc_error told[3] = {PFC_ERROR_INIT, PFC_ERROR_INIT, PFC_ERROR_INIT};
  for (int threads = 1; threads <= 3; threads++) {
    double lo = -1, hi = -1;
    pfc_error *e = &told[threads - 1];
    assert_ok(pfc_par_init(threads, &err));
    const pfc_status st = limits_of((pfc_owned){r.n, r.person, PEOPLE}, SHARED, 4,
                                    fails_at_three, &r, &lo, &hi, e);
    assert_int_equal(st, PFC_ENUMERIC);
    assert_non_null(strstr(e->msg, "resample"));
    assert_string_equal(e->msg, told[0].msg);
    assert_near(lo, -1, 0);
    assert_near(hi, -1, 0);
  }
}

static void bad_input_is_named(void **state) {
  (void)state;
  rows r = {.n = 2, .person = {0, 3}};
  double lo, hi;
  assert_fails(limits_of((pfc_owned){2, r.person, 3}, 10, 1, weighted_mean, &r, &lo, &hi, &err),
               PFC_EDATA, "row 1: person 3; allowed are 0 to 2");
  assert_fails(limits_of((pfc_owned){2, r.person, 4}, 0, 1, weighted_mean, &r, &lo, &hi, &err),
               PFC_EUSAGE, "resamples is 0");
}

static pfc_status resample_auc(void *user) {
  scored *s = user;
  double lo, hi;
  return limits_of((pfc_owned){s->r.n, s->r.person, PEOPLE}, 5, 1, auc, s, &lo, &hi, NULL);
}

static void short_memory_is_an_error(void **state) {
  (void)state;
  scored s;
  draw_rows(&s.r, 1, 0, 0);
  for (int64_t i = 0; i < s.r.n; i++) s.y[i] = s.r.x[i] > 0;
  /* Values, owners, weights, drawn people; the order and the sorted rows of each AUC. */
  assert_true(count_down(resample_auc, &s) >= 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intervals_cover_a_mean),
      cmocka_unit_test(people_are_drawn_whole),
      cmocka_unit_test(people_without_rows_do_not_matter),
      cmocka_unit_test(limits_are_the_stated_percentiles),
      cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
      cmocka_unit_test(undefined_values_are_skipped),
      cmocka_unit_test(the_first_failure_is_told),
      cmocka_unit_test(bad_input_is_named),
      cmocka_unit_test(short_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("trainer/metrics_bootstrap", tests, NULL, NULL);
}
