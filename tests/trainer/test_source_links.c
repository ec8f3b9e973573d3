// labels: unit check
#include "tests/support/test.h"

#include "base/rng.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/source_links.h"

static pfc_evidence *read_evidence(const pfc_dataset *ds) {
  pfc_history *h = NULL;
  pfc_evidence *e = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_evidence_create(ds, h, &e, &err));
  pfc_history_destroy(h);
  return e;
}

/* test is the anchor. manager shares cells with it, peer with manager alone; self rates what
 * peer rates, but other people; report and review share a cell with nobody that is linked. */
static pfc_dataset *company(void) {
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(
      ds, PFC_SOURCES, "source,scale_min,scale_max,anchor",
      "self,0,5,0;peer,0,5,;manager,0,5,0;test,0,5,1;report,0,5,0;review,0,5,0;idle,0,5,0");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "p,A,1,manager,1;p,A,2,test,9;p,A,3,manager,3;q,B,1,test,2;q,B,2,manager,4;"
            "q,C,1,peer,2;q,C,2,manager,3;r,C,4,self,5;r,B,4,,5;r,B,1,test,5;"
            "s,A,1,report,2;s,A,1,review,3;s,B,1,report,3;s,B,1,,3;s,C,2,,3;s,C,2,test,4");
  return ds;
}

static void assert_link(const pfc_dataset *ds, const pfc_evidence *e, int32_t date,
                        const char *source, int linked, int shared) {
  int8_t is_linked[8];
  int64_t n_shared[8];
  const int32_t s = test_code(ds, "source", source);
  assert_ok(pfc_source_links(e, date, is_linked, n_shared, &err));
  if (is_linked[s] != linked || n_shared[s] != shared)
    fail_msg("%s before %d: linked %d, shared %d", source, date, is_linked[s],
             (int)n_shared[s]);
}

static void sources_are_linked_through_cells(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_evidence *e = read_evidence(ds);
  assert_link(ds, e, PFC_NO_DATE, "test", 1, 2);    /* r's and s's cells name no other source */
  assert_link(ds, e, PFC_NO_DATE, "manager", 1, 2); /* p's A counts once */
  assert_link(ds, e, PFC_NO_DATE, "peer", 1, 0);    /* by way of manager */
  assert_link(ds, e, PFC_NO_DATE, "self", 0, 0);
  assert_link(ds, e, PFC_NO_DATE, "report", 0, 0);
  assert_link(ds, e, PFC_NO_DATE, "review", 0, 0);
  assert_link(ds, e, PFC_NO_DATE, "idle", 0, 0);
  /* Before day 4 no cell has two sources with test among them. */
  assert_link(ds, e, 4, "manager", 0, 0);
  assert_link(ds, e, 4, "test", 1, 0);
  assert_link(ds, e, 5, "manager", 1, 1); /* q's B */
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

static void without_an_anchor_nothing_is_linked(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  int8_t linked[2];
  int64_t shared[2];
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source",
            "p,A,1,self;p,A,2,manager");
  pfc_evidence *e = read_evidence(ds);
  assert_ok(pfc_source_links(e, PFC_NO_DATE, linked, shared, &err));
  assert_int_equal(linked[0] + linked[1], 0);
  assert_int_equal(shared[0] + shared[1], 0);
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

/* Slow twin: a source is linked when a walk over cells that two sources rated reaches it. */
static void walk(const uint8_t *rated, int n_cells, int n, const pfc_evidence *e,
                 int8_t *linked) {
  for (int s = 0; s < n; s++) linked[s] = e->is_anchor[s];
  for (int round = 0; round < n; round++)
    for (int c = 0; c < n_cells; c++)
      for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++)
          if (rated[c * n + a] && rated[c * n + b] && linked[a]) linked[b] = 1;
}

static void any_graph_is_walked_like_its_slow_twin(void **state) {
  (void)state;
  enum { SOURCES = 7, CELLS = 9 };
  const uint64_t seed = test_seed(3000);
  int n_linked = 0, n_alone = 0;
  for (uint64_t k = seed; k < seed + 200; k++) {
    pfc_rng rng;
    uint8_t rated[CELLS * SOURCES] = {0};
    int8_t linked[SOURCES], expected[SOURCES], anchor[SOURCES] = {0};
    int64_t shared[SOURCES], first[2] = {0, 0};
    pfc_seen seen[CELLS * 3];
    pfc_rng_init(&rng, k, "test.links", 0);
    anchor[pfc_rng_below(&rng, SOURCES)] = 1;
    for (int c = 0; c < CELLS; c++) {
      for (int64_t i = 0, n = 1 + (int64_t)pfc_rng_below(&rng, 2); i < n; i++) {
        const int32_t s = (int32_t)pfc_rng_below(&rng, SOURCES);
        seen[first[1]++] = (pfc_seen){.competency = c, .day = 1, .source = s};
        rated[c * SOURCES + s] = 1;
      }
    }
    const pfc_evidence e = {.n_people = 1,
                            .n_sources = SOURCES,
                            .ratings_dated = true,
                            .first_seen = first,
                            .seen = seen,
                            .is_anchor = anchor};
    assert_ok(pfc_source_links(&e, PFC_NO_DATE, linked, shared, &err));
    walk(rated, CELLS, SOURCES, &e, expected);
    assert_memory_equal(linked, expected, sizeof linked);
    for (int s = 0; s < SOURCES; s++) {
      int64_t n = 0;
      for (int c = 0; c < CELLS; c++) {
        int others = 0;
        for (int o = 0; o < SOURCES; o++)
          others += o != s && rated[c * SOURCES + o] && (anchor[s] || anchor[o]);
        n += rated[c * SOURCES + s] && others > 0;
      }
      assert_int_equal(shared[s], n);
      n_linked += linked[s];
      n_alone += !linked[s];
    }
  }
  assert_true(n_linked > 300);
  assert_true(n_alone > 300);
}

static pfc_status link_once(void *user) {
  int8_t linked[8];
  int64_t shared[8];
  return pfc_source_links(user, PFC_NO_DATE, linked, shared, NULL);
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_dataset *ds = company();
  pfc_evidence *e = read_evidence(ds);
  assert_int_equal(count_down(link_once, e), 3);
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sources_are_linked_through_cells),
      cmocka_unit_test(without_an_anchor_nothing_is_linked),
      cmocka_unit_test(any_graph_is_walked_like_its_slow_twin),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
