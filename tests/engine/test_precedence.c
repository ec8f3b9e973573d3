// labels: unit check
#include "tests/support/test.h"

#include "engine/precedence.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

/* The weight with which `to` follows `from`; 0: not at all. */
static double follows(const pfc_precedence *p, int32_t from, int32_t to) {
  for (int64_t k = p->first[from]; k < p->first[from + 1]; k++) {
    if (p->to[k] == to) return p->weight[k];
  }
  return 0;
}

static pfc_dataset *chain(const char *relations) {
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B;C;D;E;F;G");
  test_rows(ds, PFC_RELATIONS, "from_competency_id,to_competency_id,relation,weight",
            relations);
  return ds;
}

enum { A, B, C, D, E, F, G };

static void the_best_way_counts(void **state) {
  (void)state;
  pfc_precedence *p = NULL;
  /* To C: straight 0.3, by B 0.8 * 0.5 = 0.4. The other relations lead nowhere. */
  pfc_dataset *ds = chain(
      "A,B,precedes,0.8;B,C,precedes,0.5;A,C,precedes,0.3;A,D,related,1;D,E,exact,1;"
      "C,C,precedes,1;B,G,precedes,0;E,F,precedes,7;F,G,precedes,");
  assert_ok(pfc_precedence_create(ds, &p, &err));
  assert_int_equal(p->first[1] - p->first[0], 2);
  assert_near(follows(p, A, B), 0.8, 0);
  assert_near(follows(p, A, C), 0.4, 1e-15);
  assert_near(follows(p, B, C), 0.5, 0);
  assert_int_equal(p->first[C + 1] - p->first[C], 0);
  assert_int_equal(p->first[D + 1] - p->first[D], 0);
  assert_near(follows(p, E, F), 1, 0);
  assert_near(follows(p, E, G), 1, 0);
  pfc_precedence_destroy(p);
  pfc_dataset_destroy(ds);
}

/* Five steps and no more; a cycle ends where it began. */
static void ways_end(void **state) {
  (void)state;
  pfc_precedence *p = NULL;
  pfc_dataset *ds = chain(
      "A,B,precedes,0.5;B,C,precedes,0.5;C,D,precedes,0.5;D,E,precedes,0.5;E,F,precedes,0.5;"
      "F,G,precedes,0.5;C,A,precedes,1");
  assert_ok(pfc_precedence_create(ds, &p, &err));
  assert_near(follows(p, A, F), 1.0 / 32, 0);
  assert_near(follows(p, A, G), 0, 0);
  assert_near(follows(p, A, A), 0, 0);
  assert_near(follows(p, B, G), 1.0 / 32, 0);
  assert_near(follows(p, B, A), 0.5, 0);
  assert_near(follows(p, B, B), 0, 0);
  assert_near(follows(p, C, B), 0.5, 0);
  pfc_precedence_destroy(p);
  pfc_dataset_destroy(ds);
}

/* A heavier way of six steps must not lend its weight to one of five. */
static void a_way_too_long_counts_for_nothing(void **state) {
  (void)state;
  pfc_precedence *p = NULL;
  pfc_dataset *ds = chain(
      "A,B,precedes,1;B,C,precedes,1;C,D,precedes,1;D,E,precedes,1;E,F,precedes,1;F,G,precedes,"
      "1;"
      "A,F,precedes,0.1");
  assert_ok(pfc_precedence_create(ds, &p, &err));
  assert_near(follows(p, A, F), 1, 0);
  assert_near(follows(p, A, G), 0.1, 0);
  pfc_precedence_destroy(p);
  pfc_dataset_destroy(ds);
}

static void nothing_follows_without_the_table(void **state) {
  (void)state;
  pfc_precedence *p = NULL;
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B");
  assert_ok(pfc_precedence_create(ds, &p, &err));
  assert_int_equal(p->first[2], 0);
  pfc_precedence_destroy(p);
  pfc_precedence_destroy(NULL);
  pfc_dataset_destroy(ds);
}

static pfc_status once(void *user) {
  pfc_precedence *p = NULL;
  const pfc_status st = pfc_precedence_create(user, &p, NULL);
  pfc_precedence_destroy(p);
  return st;
}

static void memory_runs_short(void **state) {
  (void)state;
  pfc_dataset *ds = chain("A,B,precedes,0.8;B,C,precedes,0.5;A,C,precedes,0.3");
  assert_true(count_down(once, ds) > 5);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_best_way_counts),
      cmocka_unit_test(ways_end),
      cmocka_unit_test(a_way_too_long_counts_for_nothing),
      cmocka_unit_test(nothing_follows_without_the_table),
      cmocka_unit_test(memory_runs_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
