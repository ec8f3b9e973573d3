// labels: unit check
#include "tests/support/test.h"

#include <math.h>

#include "engine/text_match.h"
#include "tests/support/countdown.h"

enum { N = 3 };

/* Two owners with a title each, one with two. */
static pfc_text_index *little(void) {
  pfc_text_index *x = NULL;
  assert_ok(pfc_text_index_create(N, &x, &err));
  assert_ok(pfc_text_index_add(x, 0, "abcd efgh", &err));
  assert_ok(pfc_text_index_add(x, 1, "abcd", &err));
  assert_ok(pfc_text_index_add(x, 2, "ijkl", &err));
  assert_ok(pfc_text_index_add(x, 2, "ijkl of the ijkl", &err));
  assert_ok(pfc_text_index_seal(x, &err));
  return x;
}

static void run(const pfc_text_index *x, const char *text, double score[N]) {
  pfc_text_match *m = NULL;
  assert_ok(pfc_text_match_create(x, &m, &err));
  assert_ok(pfc_text_match_run(x, m, text, score, &err));
  pfc_text_match_destroy(m);
}

/* By hand. Words: abcd is with 2 of 3 owners, idf 1 + ln(4/3); efgh and ijkl with 1 of 3, 1 +
 * ln 2. Runs of " abcd ": " abc", "abcd", "bcd ", three with the idf of abcd, and so for the
 * others. So both kinds give the same cosine: of the query abcd with "abcd efgh" a / sqrt(a^2 +
 * b^2), a the idf of abcd, b that of efgh. */
static void weights_are_those_of_a_calculation_by_hand(void **state) {
  (void)state;
  pfc_text_index *x = little();
  double score[N];
  const double a = 1 + log(4.0 / 3), b = 1 + log(2.0), cosine = a / hypot(a, b);
  run(x, "ABCD", score);
  assert_float_equal(score[0], 2 * cosine, 1e-6);
  assert_float_equal(score[1], 2, 1e-6);
  assert_true(score[2] == 0);
  /* Two texts are equally alike: (1 + 1)^(1/4), held at 1. */
  run(x, "ijkl", score);
  assert_float_equal(score[2], 2, 1e-6);
  /* Known word and unknown one, with an idf of 1 + ln 4; a run of four too has none of it. */
  const double u = 1 + log(4.0), half = a / hypot(a, u);
  run(x, "abcd wxyz", score);
  assert_float_equal(score[1], 2 * half, 1e-6);
  /* Twice counts 1 + ln 2. */
  const double t = (1 + log(2.0)) * a, twice = (t * a + b * b) / (hypot(t, b) * hypot(a, b));
  run(x, "abcd abcd efgh", score);
  assert_float_equal(score[0], 2 * twice, 1e-6);
  pfc_text_index_destroy(x);
}

/* "abce" shares one of its three runs with "abcd", and no word. */
static void letters_know_kin(void **state) {
  (void)state;
  pfc_text_index *x = little();
  double score[N];
  const double a = 1 + log(4.0 / 3), u = 1 + log(4.0);
  run(x, "abce", score);
  assert_float_equal(score[1], 2 * 0.5 * a * a / (sqrt(3) * a * sqrt(a * a + 2 * u * u)), 1e-6);
  pfc_text_index_destroy(x);
}

static void what_is_alike_to_nothing_scores_nothing(void **state) {
  (void)state;
  pfc_text_index *x = little();
  const char *const texts[] = {"", "the of and", "wxyz", ".", "\xff"};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    double score[N];
    run(x, texts[k], score);
    for (int o = 0; o < N; o++) assert_true(score[o] == 0);
  }
  pfc_text_index_destroy(x);
}

/* A word that all queries of the catalogue have tells none from the other. */
static void what_all_queries_say_weighs_next_to_nothing(void **state) {
  (void)state;
  pfc_text_index *x = little();
  double before[N], after[N];
  run(x, "abcd ijkl", before);
  for (int k = 0; k < 999; k++)
    assert_ok(pfc_text_index_see(x, k == 0 ? "abcd ijkl" : "abcd", &err));
  run(x, "abcd ijkl", after);
  assert_true(after[1] < 0.001);
  assert_true(after[2] > 1.99 && before[2] < 1.8);
  pfc_text_index_destroy(x);
}

static void the_nearest_text_is_told(void **state) {
  (void)state;
  pfc_text_index *x = little();
  pfc_text_match *m = NULL;
  double score[N], cosine;
  assert_ok(pfc_text_match_create(x, &m, &err));
  assert_ok(pfc_text_match_run(x, m, "ijkl", score, &err));
  assert_int_equal(pfc_text_match_nearest(m, 2, &cosine), 2);
  assert_float_equal(cosine, 1, 1e-6);
  assert_int_equal(pfc_text_match_nearest(m, 0, &cosine), -1);
  assert_true(cosine == 0);
  pfc_text_match_destroy(m);
  pfc_text_index_destroy(x);
}

static pfc_status whole(void *user) {
  (void)user;
  pfc_status st;
  pfc_error err = PFC_ERROR_INIT;
  pfc_text_index *x = NULL;
  pfc_text_match *m = NULL;
  double score[N];
  if ((st = pfc_text_index_create(N, &x, &err)) != PFC_OK) goto done;
  for (int k = 0; k < 40 && st == PFC_OK; k++) {
    char text[32];
    (void)snprintf(text, sizeof text, "word%d other%d", k, k % 7);
    st = pfc_text_index_add(x, k % N, text, &err);
  }
  if (st != PFC_OK || (st = pfc_text_index_seal(x, &err)) != PFC_OK) goto done;
  if ((st = pfc_text_index_see(x, "word1", &err)) != PFC_OK) goto done;
  if ((st = pfc_text_match_create(x, &m, &err)) != PFC_OK) goto done;
  st = pfc_text_match_run(x, m, "word1 other2 word5", score, &err);
done:
  pfc_text_match_destroy(m);
  pfc_text_index_destroy(x);
  return st;
}

static void short_memory_is_told(void **state) {
  (void)state;
  assert_true(count_down(whole, NULL) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_are_those_of_a_calculation_by_hand),
      cmocka_unit_test(letters_know_kin),
      cmocka_unit_test(what_is_alike_to_nothing_scores_nothing),
      cmocka_unit_test(what_all_queries_say_weighs_next_to_nothing),
      cmocka_unit_test(the_nearest_text_is_told),
      cmocka_unit_test(short_memory_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
