// labels: property check
/* What figures of drift rest on: tails against scipy 1.x, areas and ratios against sums over
 * pairs and people written out. */
#include <math.h>

#include "base/rng.h"
#include "tests/support/countdown.h"
#include "trainer/drift_internal.h"

static void assert_close(double got, double expected) {
  if (!(fabs(got - expected) <= 1e-11 * expected))
    fail_msg("%.17g, expected %.17g", got, expected);
}

/* scipy.stats: norm.sf, t.sf, chi2.sf, poisson.sf(k - 1). */
static void tails_are_those_of_scipy(void **state) {
  static const double normal[][2] = {{-1.5, 0.9331927987311419},
                                     {0.3, 0.3820885778110474},
                                     {4, 3.167124183311986e-05},
                                     {9, 1.1285884059538324e-19}};
  static const double student[][3] = {{0.7, 1, 0.3055998877857853},
                                      {2.5, 4, 0.03338327240599406},
                                      {-1.2, 9, 0.8696134013047692},
                                      {6, 30, 6.971384383602359e-07},
                                      {12, 250, 8.367648113491745e-27}};
  static const double chi2[][3] = {{0.5, 0.7, 0.3509752970315835},
                                   {3, 4, 0.5578254003710748},
                                   {40, 9.5, 1.1429411406228222e-05},
                                   {120, 60, 6.876264968732136e-06},
                                   {300, 20, 8.082849629775851e-52}};
  static const double poisson[][3] = {{1, 0.2, 0.18126924692201815},
                                      {5, 5, 0.5595067149347879},
                                      {30, 10, 2.509951201527959e-07},
                                      {90, 120, 0.998139118517365},
                                      {200, 60, 6.749696006975858e-46}};
  (void)state;
  for (int i = 0; i < 4; i++) assert_close(pfc__normal_tail(normal[i][0]), normal[i][1]);
  for (int i = 0; i < 5; i++) {
    assert_close(pfc__student_tail(student[i][0], student[i][1]), student[i][2]);
    assert_close(pfc__chi2_tail(chi2[i][0], chi2[i][1]), chi2[i][2]);
    assert_close(pfc__poisson_tail((int64_t)poisson[i][0], poisson[i][1]), poisson[i][2]);
  }
  assert_true(isnan(pfc__student_tail(1, 0)) && isnan(pfc__student_tail(NAN, 5)));
  assert_true(pfc__student_tail(INFINITY, 5) == 0 && pfc__student_tail(-INFINITY, 5) == 1);
  assert_true(pfc__poisson_tail(0, 3) == 1 && pfc__poisson_tail(2, 0) == 0);
}

/* Three people: 1 of 2, 3 of 4, 0 of 2: 4 / 8; left over 0, 1, -1. */
static void a_ratio_by_hand(void **state) {
  const double sum[] = {1, 3, 0, 0}, count[] = {2, 4, 2, 0};
  const pfc__ratio r = pfc__people_ratio(4, sum, count);
  (void)state;
  assert_true(r.value == 0.5 && r.count == 8 && r.n_people == 3);
  assert_close(r.se, sqrt(2 * 3 / 2.0) / 8);
  const double none[4] = {0};
  assert_true(isnan(pfc__people_ratio(4, none, none).value));
}

/* (.5-.4) ln(.5/.4) + (.3-.4) ln(.3/.4), by numpy. */
static void an_index_by_hand(void **state) {
  const double now[] = {0.5, 0.3, 0.2}, then[] = {0.4, 0.4, 0.2}, gone[] = {0.7, 0.3, 0};
  (void)state;
  assert_close(pfc__psi(3, now, then, 0.01), 0.05108256237659908);
  assert_close(pfc__psi(3, gone, gone, 0.01) + 1, 1);
  assert_close(pfc__psi(3, gone, then, 0.01),
               0.3 * log(0.7 / 0.4) - 0.1 * log(0.3 / 0.4) - 0.19 * log(0.01 / 0.2));
}

enum { ROWS = 60, PEOPLE = 12 };

typedef struct area_rows {
  double score[ROWS];
  int8_t y[ROWS];
  int32_t person[ROWS];
} area_rows;

static void draw(area_rows *r, uint64_t seed) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.area", 0);
  for (int i = 0; i < ROWS; i++) {
    r->person[i] = (int32_t)pfc_rng_below(&rng, PEOPLE - 1);
    r->y[i] = pfc_rng_uniform(&rng) < 0.4;
    r->score[i] = (double)pfc_rng_below(&rng, 9) + r->y[i]; /* many ties */
  }
}

static double beats(double a, double b) { return a > b ? 1 : a == b ? 0.5 : 0; }

/* Obuchowski's variance from sums over pairs. */
static void area_and_error_are_those_of_pairs(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    area_rows r;
    pfc__area area;
    double n[2] = {0}, won = 0, of[PEOPLE] = {0}, squares = 0;
    int owns[PEOPLE] = {0}, owners = 0;
    draw(&r, seed);
    for (int i = 0; i < ROWS; i++) n[r.y[i]]++;
    for (int i = 0; i < ROWS; i++)
      for (int j = 0; j < ROWS; j++)
        if (r.y[i] && !r.y[j]) won += beats(r.score[i], r.score[j]) / (n[0] * n[1]);
    for (int i = 0; i < ROWS; i++) {
      double share = 0;
      for (int j = 0; j < ROWS; j++) {
        if (r.y[i] == r.y[j]) continue;
        share += r.y[i] ? beats(r.score[i], r.score[j]) : beats(r.score[j], r.score[i]);
      }
      of[r.person[i]] += (share / n[!r.y[i]] - won) / n[r.y[i]];
      owns[r.person[i]] = 1;
    }
    for (int p = 0; p < PEOPLE; p++) {
      squares += of[p] * of[p];
      owners += owns[p];
    }
    assert_ok(pfc__people_auc(ROWS, r.score, r.y, r.person, PEOPLE, &area, &err));
    assert_close(area.value, won);
    assert_close(area.se, sqrt(squares * owners / (owners - 1)));
    assert_int_equal(area.n_people, owners);
  }
}

static void one_kind_of_result_has_no_area(void **state) {
  area_rows r;
  pfc__area area;
  (void)state;
  draw(&r, 1);
  memset(r.y, 1, sizeof r.y);
  assert_ok(pfc__people_auc(ROWS, r.score, r.y, r.person, PEOPLE, &area, &err));
  assert_true(isnan(area.value));
}

static pfc_status area(void *user) {
  const area_rows *r = user;
  pfc__area out;
  pfc_error err = PFC_ERROR_INIT;
  return pfc__people_auc(ROWS, r->score, r->y, r->person, PEOPLE, &out, &err);
}

static void memory_may_be_short(void **state) {
  area_rows r;
  (void)state;
  draw(&r, 1);
  assert_true(count_down(area, &r) > 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tails_are_those_of_scipy),
      cmocka_unit_test(a_ratio_by_hand),
      cmocka_unit_test(an_index_by_hand),
      cmocka_unit_test(area_and_error_are_those_of_pairs),
      cmocka_unit_test(one_kind_of_result_has_no_area),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
