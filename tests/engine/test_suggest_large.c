// labels: property nightly
/* Catalogues of 25,000 and 100,000 interventions with texts of their own: four times as many
 * take no more than seven times as long, of the processor's own time. */
#include "tests/support/test.h"

#include <time.h>

#include "engine/suggest.h"
#include "tests/support/tables.h"

enum { N_COMPETENCIES = 200, LARGE = 100000 };

static pfc_status count(const pfc_suggestion *s, void *user, pfc_error *err) {
  (void)s;
  (void)err;
  ++*(int64_t *)user;
  return PFC_OK;
}

static pfc_dataset *framework(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_COMPETENCIES, N_COMPETENCIES, "competency_id,name,description");
  for (int c = 0; c < N_COMPETENCIES; c++) {
    char text[80];
    (void)snprintf(text, sizeof text, "c%d", c);
    test_cell(ds, PFC_COMPETENCIES, c, "competency_id", text);
    (void)snprintf(text, sizeof text, "Craft %d of the trade", c);
    test_cell(ds, PFC_COMPETENCIES, c, "name", text);
    (void)snprintf(text, sizeof text, "Working by hand with matter%d and tool%d", c % 17,
                   c % 23);
    test_cell(ds, PFC_COMPETENCIES, c, "description", text);
  }
  return ds;
}

/* Two in three name a competency, the third is like some. */
static pfc_dataset *catalogue(int n) {
  pfc_dataset *ds = pfc_dataset_create();
  test_table(ds, PFC_INTERVENTIONS, n, "intervention_id,title,description");
  for (int i = 0; i < n; i++) {
    char text[160];
    (void)snprintf(text, sizeof text, "i%d", i);
    test_cell(ds, PFC_INTERVENTIONS, i, "intervention_id", text);
    (void)snprintf(text, sizeof text, "%s %d of the trade, run %d", i % 3 ? "Craft" : "Art",
                   i % N_COMPETENCIES, i);
    test_cell(ds, PFC_INTERVENTIONS, i, "title", text);
    (void)snprintf(text, sizeof text,
                   "Lesson %d: matter%d and tool%d. From level 1 to level 3. Plan %d hours.", i,
                   i % 17, i % 23, i % 40);
    test_cell(ds, PFC_INTERVENTIONS, i, "description", text);
  }
  return ds;
}

static double seconds_of(int n) {
  pfc_dataset *frame = framework(), *ds = catalogue(n);
  pfc_suggest_totals totals;
  int64_t told = 0;
  const clock_t began = clock();
  assert_ok(pfc_suggest_targets(ds, frame, NULL, count, &told, &totals, &err));
  const double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
  assert_int_equal(totals.items, n);
  assert_int_equal(totals.n_proposed, told);
  assert_true(totals.with_any >= n / 3 * 2);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(frame);
  return seconds;
}

static void large_catalogues_take_time_by_their_size(void **state) {
  (void)state;
  const double quarter = seconds_of(LARGE / 4), whole = seconds_of(LARGE);
  print_message("%.2f s and %.2f s\n", quarter, whole);
  assert_true(whole <= 7 * quarter);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(large_catalogues_take_time_by_their_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
