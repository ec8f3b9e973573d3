// labels: unit property check
#include "tests/support/test.h"

#include <math.h>

#include "base/date.h"
#include "base/rng.h"
#include "tests/support/folder.h"

/* --- loops ---------------------------------------------------------------- */

static void loops_are_named_by_their_members(void **state) {
  static const struct {
    const char *file, *text;
    int n_rejects, line; /* of one of them */
    const char *column, *value, *reason;
  } cases[] = {
      {"people.csv", "person_id,manager_id\na,b\nb,c\nc,a\nd,a\n", 4, 2, "manager_id", "b",
       "no loop of managers, but a -> b -> c -> a; mend one"},
      {"people.csv", "person_id,manager_id\na,a\nb,\n", 1, 2, "manager_id", "a", "a -> a;"},
      {"people.csv", "person_id,manager_id\na,b\nb,\nc,d\nd,c\n", 2, 5, "manager_id", "c",
       "c -> d -> c;"},
      {"people.csv", "person_id,manager_id\n1,2\n2,3\n3,4\n4,5\n5,6\n6,7\n7,1\n", 7, 8,
       "manager_id", "1", "1 -> 2 -> 3 -> 4 -> 5 -> ... (7 in all) -> 1;"},
      {"competencies.csv", "competency_id,parent_id\na,b\nb,a\nc,a\n", 3, 3, "parent_id", "a",
       "no loop of parents, but a -> b -> a;"},
      {"prerequisites.csv", "intervention_id,requires_intervention_id\na,b\na,c\nc,d\nd,a\n", 3,
       3, "requires_intervention_id", "c", "no loop of prerequisites, but a -> c -> d -> a;"},
      {"positions.csv",
       "person_id,from,to,manager_id\na,2014-01-01,2014-12-31,b\na,2015-01-01,,\n"
       "b,2014-01-01,,a\nc,2014-01-01,,d\nd,2014-01-01,,c\n",
       2, 5, "manager_id", "d", "c -> d -> c;"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    (void)folder_begin(state);
    folder_write(cases[i].file, cases[i].text);
    pfc_dataset *ds = folder_import_all();
    folder_said(cases[i].file, cases[i].line, cases[i].column, cases[i].value, cases[i].reason);
    assert_int_equal(folder_rejects.n, cases[i].n_rejects);
    pfc_dataset_destroy(ds);
  }
}

static void what_only_looks_like_a_loop_stays(void **state) {
  (void)state;
  folder_write("people.csv", "person_id,manager_id\na,b\nb,c\nc,\nd,b\n");
  folder_write("prerequisites.csv",
               "intervention_id,requires_intervention_id,requires_competency_id\n"
               "a,b,\na,c,\nb,d,\nc,d,\na,d,\na,d,\nd,,x\n");
  folder_write("positions.csv", /* each managed the other, one after the other */
               "person_id,from,manager_id\na,2014-01-01,b\na,2015-01-01,\nb,2015-01-01,a\n");
  pfc_dataset_destroy(folder_import_all());
  assert_int_equal(folder_rejects.n, 0);
}

/* --- against reachability, by brute force --------------------------------- */

enum { NODES = 9, EDGES = 18 };

typedef struct graph {
  int n;
  int from[EDGES], to[EDGES];
  bool gone[EDGES];
} graph;

static bool reaches(const graph *g, int from, int to, bool with_gone) {
  bool seen[NODES] = {false};
  seen[from] = true;
  for (int round = 0; round < NODES; round++)
    for (int e = 0; e < g->n; e++)
      if (seen[g->from[e]] && (with_gone || !g->gone[e])) seen[g->to[e]] = true;
  return seen[to];
}

/* No loop is left, and only rows on a loop are gone. */
static void random_prerequisites_are_left_without_loops(void **state) {
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(1), "loops", 0);
  for (int round = 0; round < 300; round++) {
    graph g = {.n = 1 + (int)pfc_rng_below(&rng, EDGES)};
    char text[1024] = "intervention_id,requires_intervention_id\n";
    (void)folder_begin(state);
    for (int e = 0; e < g.n; e++) {
      g.from[e] = (int)pfc_rng_below(&rng, NODES);
      g.to[e] = (int)pfc_rng_below(&rng, NODES);
      (void)snprintf(text + strlen(text), 16, "%d,%d\n", g.from[e], g.to[e]);
    }
    folder_write("prerequisites.csv", text);
    pfc_dataset_destroy(folder_import_all());
    for (int i = 0; i < folder_rejects.n; i++) g.gone[folder_rejects.at[i].line - 2] = true;
    for (int e = 0; e < g.n; e++) {
      if (g.gone[e])
        assert_true(reaches(&g, g.to[e], g.from[e], true));
      else
        assert_false(reaches(&g, g.to[e], g.from[e], false));
    }
  }
}

/* A loop of so many would overflow any stack. */
static void loops_may_be_long(void **state) {
  (void)state;
  enum { N = 200000 };
  FILE *f = fopen(FOLDER "/people.csv", "w");
  (void)fputs("person_id,manager_id\n", f);
  for (int i = 0; i < N; i++) (void)fprintf(f, "%d,%d\n", i, (i + 1) % N);
  assert_int_equal(fclose(f), 0);
  pfc_import_settings s;
  pfc_import_defaults(&s);
  pfc_dataset *ds = NULL;
  assert_fails(folder_import(&s, &ds, &err), PFC_EDATA,
               "200000 of 200000 rows rejected, 200000 of them for keys or references");
  assert_fails(folder_import(&s, &ds, &err), PFC_EDATA, "(200000 in all)");
}

/* --- the future ----------------------------------------------------------- */

static void facts_from_the_future_are_rejected(void **state) {
  static const struct {
    const char *file, *text;
    const char *column; /* NULL: it stays */
  } cases[] = {
      {"assessments.csv", "person_id,competency_id,level,assessed_on\np,c,1,2020-01-02\n",
       NULL},
      {"assessments.csv", "person_id,competency_id,level,assessed_on\np,c,1,2020-01-03\n",
       "assessed_on"},
      {"assessments.csv",
       "person_id,competency_id,level,assessed_on,valid_until\np,c,1,2020-01-01,2030-01-01\n",
       NULL},
      {"performance.csv", "person_id,on,kind,value\np,2020-01-03,k,1\n", "on"},
      {"applications.csv", "person_id,opening_id,on\np,o,2020-01-03\n", "on"},
      {"feedback.csv",
       "event_id,person_id,intervention_id,at,kind\ne,p,i,2020-01-03T00:00:00Z,shown\n", "at"},
      {"feedback.csv",
       "event_id,person_id,intervention_id,at,kind\ne,p,i,2020-01-02T23:59:59Z,shown\n", NULL},
      {"enrolments.csv", "person_id,intervention_id,ended_on,status\np,i,2020-01-03,passed\n",
       "ended_on"},
      {"enrolments.csv", "person_id,intervention_id,ended_on,status\np,i,2020-01-03,dropped\n",
       "ended_on"},
      {"enrolments.csv",
       "person_id,intervention_id,ended_on,status\np,i,2020-01-03,in_progress\n", NULL},
      {"enrolments.csv",
       "person_id,intervention_id,started_on,status\np,i,2020-02-01,enrolled\n", NULL},
      {"enrolments.csv", "person_id,intervention_id,started_on,status\np,i,2020-02-01,failed\n",
       "started_on"},
      {"enrolments.csv", "person_id,intervention_id,started_on\np,i,2020-02-01\n", NULL},
      {"episodes.csv", "started_on,duration_days,event\n2020-02-01,1,left\n", "started_on"},
      {"episodes.csv", "started_on,duration_days,event\n2019-12-31,3,censored\n",
       "duration_days"},
      {"episodes.csv", "started_on,duration_days,event\n2019-12-31,2,censored\n", NULL},
      {"people.csv", "person_id,hired_on,left_on\np,2021-01-01,2022-01-01\n", NULL},
      {"interventions.csv", "intervention_id,opens_on,closes_on\ni,2021-01-01,2022-01-01\n",
       NULL},
  };
  pfc_import_settings s = folder_tolerant();
  pfc_dataset *ds = NULL;
  assert_true(pfc_date_parse("2020-01-01", &s.as_of)); /* and a day of grace */
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    (void)folder_begin(state);
    folder_write(cases[i].file, cases[i].text);
    assert_ok(folder_import(&s, &ds, &err));
    assert_int_equal(folder_rejects.n, cases[i].column != NULL);
    if (cases[i].column) {
      assert_string_equal(folder_rejects.at[0].column, cases[i].column);
      assert_non_null(strstr(folder_rejects.at[0].reason, "expected a day up to 2020-01-01"));
    }
    pfc_dataset_destroy(ds);
    (void)folder_begin(state);
    folder_write(cases[i].file, cases[i].text);
    pfc_dataset_destroy(folder_import_all());
    assert_int_equal(folder_rejects.n, 0); /* without as_of any date will do */
  }
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup(f, folder_begin)
  const struct CMUnitTest tests[] = {
      TEST(loops_are_named_by_their_members),
      TEST(what_only_looks_like_a_loop_stays),
      TEST(random_prerequisites_are_left_without_loops),
      TEST(loops_may_be_long),
      TEST(facts_from_the_future_are_rejected),
  };
  return cmocka_run_group_tests_name("datasets/import_loops", tests, NULL, NULL);
}
