// labels: unit check
#include "tests/support/test.h"

#include "datasets/evidence.h"
#include "tests/support/countdown.h"
#include "tests/support/near.h"
#include "tests/support/tables.h"

static pfc_evidence *read_evidence(const pfc_dataset *ds) {
  pfc_history *h = NULL;
  pfc_evidence *e = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_evidence_create(ds, h, &e, &err));
  pfc_history_destroy(h);
  return e;
}

/* --- ratings --------------------------------------------------------------------------- */

static void ratings_lie_by_competency_then_day_then_row(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  ds->scale_min = 0;
  ds->scale_max = 7;
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max,anchor", "test,0,100,1;self,0,7,0");
  test_rows(ds, PFC_COMPETENCIES, "competency_id,half_life_days", "A,;B,300;C,1e300");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,rater_id,assessed_on",
            "p,B,1,self,,30;p,A,50,test,,20;q,A,2,peer,r2,5;p,B,2,self,,;p,A,3,,r1,10;"
            "p,B,4,self,,30;p,B,5,self,,-7;p,,6,self,,1;,A,6,self,,1;p,A,,self,,1;"
            "p,A,3,,r1,10");
  pfc_evidence *e = read_evidence(ds);
  /* Rows 7 to 9 lack something; the last one says what row 4 says, and counts again. */
  static const struct {
    const char *competency;
    int day;
    double level;
    int64_t row;
  } expected[] = {{"A", 10, 3, 4}, {"A", 10, 3, 10}, {"A", 20, 3.5, 1},       {"B", -7, 5, 6},
                  {"B", 30, 1, 0}, {"B", 30, 4, 5},  {"B", PFC_NO_DATE, 2, 3}};
  const int32_t p = test_code(ds, "person", "p"), q = test_code(ds, "person", "q");
  assert_int_equal(e->n_people, 2);
  assert_int_equal(e->first_seen[p + 1] - e->first_seen[p], 7);
  for (int k = 0; k < 7; k++) {
    const pfc_seen *at = &e->seen[e->first_seen[p] + k];
    assert_int_equal(at->competency, test_code(ds, "competency", expected[k].competency));
    assert_int_equal(at->day, expected[k].day);
    assert_near(at->level, expected[k].level, 0);
    assert_int_equal(at->row, expected[k].row);
  }
  const pfc_seen *no_source = &e->seen[e->first_seen[p]], *peer = &e->seen[e->first_seen[q]];
  assert_int_equal(no_source->source, -1);
  assert_int_equal(no_source->rater, test_code(ds, "rater", "r1"));
  assert_int_equal(e->first_seen[q + 1] - e->first_seen[q], 1);
  assert_int_equal(peer->source, test_code(ds, "source", "peer"));
  assert_int_equal(peer->rater, test_code(ds, "rater", "r2"));
  assert_int_equal(e->seen[e->first_seen[p] + 2].rater, -1);

  assert_int_equal(e->n_sources, 3);
  assert_int_equal(e->is_anchor[test_code(ds, "source", "test")], 1);
  assert_int_equal(e->is_anchor[test_code(ds, "source", "self")], 0);
  assert_int_equal(e->is_anchor[peer->source], 0); /* not in table sources */
  assert_nan(e->half_life[test_code(ds, "competency", "A")]);
  assert_near(e->half_life[test_code(ds, "competency", "B")], 300, 0);
  assert_near(e->half_life[test_code(ds, "competency", "C")], 1e9, 0);
  assert_near(e->scale_max, 7, 0);
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

/* The same rows as pfc_history_ratings() lets a decision see, whatever the day. */
static void what_a_decision_sees_is_what_history_lets_it_see(void **state) {
  (void)state;
  const uint64_t first = test_seed(1000);
  for (uint64_t seed = first; seed < first + 20; seed++) {
    pfc_dataset *ds = test_random_dataset(seed, 12, seed % 4 == 0);
    pfc_history *h = NULL;
    pfc_evidence *e = NULL;
    assert_ok(pfc_history_create(ds, &h, &err));
    assert_ok(pfc_evidence_create(ds, h, &e, &err));
    for (int32_t p = 0; p < h->n_people; p++) {
      for (int32_t day = -3; day < 104; day++) {
        const int32_t date = day == 103 ? PFC_NO_DATE : day;
        int64_t from, sum = 0, n = 0;
        const int64_t to = pfc_history_ratings(h, p, date, &from);
        for (int64_t k = from; k < to; k++) sum += h->ratings[k].row;
        for (int64_t k = e->first_seen[p]; k < e->first_seen[p + 1]; k++) {
          if (!pfc_seen_before(e, &e->seen[k], date)) continue;
          sum -= e->seen[k].row;
          n++;
        }
        assert_int_equal(n, to - from);
        assert_int_equal(sum, 0);
      }
    }
    pfc_evidence_destroy(e);
    pfc_history_destroy(h);
    pfc_dataset_destroy(ds);
  }
}

/* --- lessons --------------------------------------------------------------------------- */

static void passes_teach_what_has_a_level(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_COMPETENCIES, "competency_id", "A;B");
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level",
            "two,B,3;two,A,2.5;vague,A,;one,A,4;high,A,1e300;low,A,-1e300");
  test_rows(ds, PFC_ENROLMENTS,
            "person_id,intervention_id,enrolled_on,started_on,ended_on,status",
            "p,one,1,50,60,passed;p,two,1,10,20,passed;"
            "p,one,1,5,6,failed;p,one,1,5,,in_progress;p,vague,1,5,6,passed;"
            "p,nothing,1,5,6,passed;p,one,,,,passed;"
            "q,one,1,30,25,passed;q,one,1,2,,passed;q,high,,40,41,passed;q,low,,42,43,passed");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,assessed_on", "r,A,1,90");
  pfc_evidence *e = read_evidence(ds);
  static const struct {
    const char *person, *competency;
    int start, end;
    double to_level;
  } expected[] = {
      {"p", "A", 10, 20, 2.5}, {"p", "A", 50, 60, 4}, {"p", "B", 10, 20, 3},
      {"q", "A", 2, 90, 4},  /* known by the last day of the data at the latest */
      {"q", "A", 30, 30, 4}, /* ended before it began */
      {"q", "A", 40, 41, 5},   {"q", "A", 42, 43, 0}, /* the scale ends at 0 and 5 */
  };
  assert_int_equal(e->first_taught[e->n_people], 7);
  for (int k = 0; k < 7; k++) {
    const int32_t person = test_code(ds, "person", expected[k].person);
    const pfc_taught *at = &e->taught[e->first_taught[person] + (k < 3 ? k : k - 3)];
    assert_int_equal(at->competency, test_code(ds, "competency", expected[k].competency));
    assert_int_equal(at->start, expected[k].start);
    assert_int_equal(at->end, expected[k].end);
    assert_near(at->to_level, expected[k].to_level, 0);
  }
  const int32_t r = test_code(ds, "person", "r");
  assert_int_equal(e->first_taught[r], e->first_taught[r + 1]);
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

/* A table without days says nothing about when a level was lifted. */
static void undated_passes_teach_nobody(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level", "one,A,4");
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,status", "p,one,passed");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level", "p,A,1;p,A,2");
  pfc_evidence *e = read_evidence(ds);
  assert_int_equal(e->first_taught[1], 0);
  assert_false(e->ratings_dated);
  assert_int_equal(e->seen[0].row, 0);
  assert_int_equal(e->seen[1].row, 1);
  assert_int_equal(e->seen[0].source, -1);
  assert_int_equal(e->held[0].role, -1);
  assert_int_equal(e->joined[0], PFC_NO_DATE);
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

/* --- roles ----------------------------------------------------------------------------- */

static void assert_held(const pfc_dataset *ds, const pfc_evidence *e, const char *person,
                        int place, int from, const char *role) {
  const int32_t p = test_code(ds, "person", person);
  assert_true(place < e->first_held[p + 1] - e->first_held[p]);
  const pfc_held *at = &e->held[e->first_held[p] + place];
  if (at->from != from || at->role != test_code(ds, "role", role))
    fail_msg("%s, place %d: from %d role %d, expected from %d role %s", person, place, at->from,
             at->role, from, role);
}

static void roles_go_on_until_another_is_taken_up(void **state) {
  (void)state;
  static const struct {
    const char *person;
    int n, from[3];
    const char *role[3];
    int joined;
  } expected[] = {
      {"none", 1, {PFC_NO_DATE}, {"A"}, 3},   /* no position */
      {"nobody", 1, {PFC_NO_DATE}, {"?"}, 7}, /* no role anywhere */
      {"moves", 2, {10, 30}, {"A", "B"}, 10}, /* with a gap, and A twice */
      {"left", 2, {10, 21}, {"A", "C"}, 1},   /* ended; table people knows what since */
      {"twice", 1, {10}, {"B"}, 10},          /* two on one day: the later row */
      {"untold", 3, {10, 20, 30}, {"A", "B", "C"}, 10}, /* the last one's role is in people */
      {"same", 2, {10, 30}, {"A", "C"}, 10}, /* of two on one day the later row, untold */
      {"backwards", 1, {10}, {"C"}, 10},     /* ends before it begins */
  };
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,hired_on",
            "none,A,3;nobody,,7;moves,B,;left,C,1;twice,A,;untold,C,;backwards,C,");
  test_rows(ds, PFC_POSITIONS, "person_id,from,to,role_id",
            "moves,30,,B;moves,10,14,A;moves,20,25,A;left,10,20,A;twice,10,,A;twice,10,,B;"
            "same,10,,A;same,20,,B;same,20,,;same,30,,C;untold,10,19,A;untold,15,19,;untold,20,"
            ",B;untold,30,,;backwards,10,5,A");
  pfc_evidence *e = read_evidence(ds);
  for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
    const int32_t p = test_code(ds, "person", expected[k].person);
    if (e->first_held[p + 1] - e->first_held[p] != expected[k].n)
      fail_msg("%s: %d roles", expected[k].person,
               (int)(e->first_held[p + 1] - e->first_held[p]));
    for (int i = 0; i < expected[k].n; i++)
      assert_held(ds, e, expected[k].person, i, expected[k].from[i], expected[k].role[i]);
    assert_int_equal(e->joined[p], expected[k].joined);
  }
  pfc_evidence_destroy(e);
  pfc_dataset_destroy(ds);
}

/* The role on a day as the evidence has it; -2 before the first. */
static int32_t role_by_evidence(const pfc_evidence *e, int32_t person, int32_t day) {
  int32_t role = -2;
  for (int64_t k = e->first_held[person]; k < e->first_held[person + 1]; k++)
    if (e->held[k].from <= day) role = e->held[k].role;
  return role;
}

/* Day by day against pfc_history_role(), which knows no role in a gap. */
static void roles_are_those_of_history_but_for_gaps(void **state) {
  (void)state;
  int n_told = 0, n_carried = 0;
  const uint64_t first = test_seed(2000);
  for (uint64_t seed = first; seed < first + 40; seed++) {
    pfc_dataset *ds = test_random_dataset(seed, 12, 0);
    pfc_history *h = NULL;
    pfc_evidence *e = NULL;
    assert_ok(pfc_history_create(ds, &h, &err));
    assert_ok(pfc_evidence_create(ds, h, &e, &err));
    for (int32_t p = 0; p < h->n_people; p++) {
      assert_true(e->first_held[p] < e->first_held[p + 1]);
      int32_t known = -1;
      for (int32_t day = -5; day < 130; day++) {
        const int32_t told = pfc_history_role(h, p, day), held = role_by_evidence(e, p, day);
        n_told += told >= 0;
        n_carried += told < 0 && known >= 0;
        if (told >= 0) known = told;
        assert_int_equal(held < 0 ? -1 : held, known);
      }
    }
    pfc_evidence_destroy(e);
    pfc_history_destroy(h);
    pfc_dataset_destroy(ds);
  }
  assert_true(n_told > 1000);
  assert_true(n_carried > 100);
}

/* --- memory ---------------------------------------------------------------------------- */

static pfc_status create_once(void *user) {
  const pfc_history *h = user;
  pfc_evidence *e = NULL;
  const pfc_status st = pfc_evidence_create(h->ds, h, &e, NULL);
  assert_true((e != NULL) == (st == PFC_OK));
  pfc_evidence_destroy(e);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(1, 8, 0);
  pfc_history *h = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_true(count_down(create_once, h) >= 10);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void nothing_gives_nothing(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  pfc_evidence *e = read_evidence(ds);
  assert_int_equal(e->n_people, 0);
  assert_int_equal(e->first_seen[0] + e->first_taught[0] + e->first_held[0], 0);
  pfc_evidence_destroy(e);
  pfc_evidence_destroy(NULL);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ratings_lie_by_competency_then_day_then_row),
      cmocka_unit_test(what_a_decision_sees_is_what_history_lets_it_see),
      cmocka_unit_test(passes_teach_what_has_a_level),
      cmocka_unit_test(undated_passes_teach_nobody),
      cmocka_unit_test(roles_go_on_until_another_is_taken_up),
      cmocka_unit_test(roles_are_those_of_history_but_for_gaps),
      cmocka_unit_test(memory_may_run_out),
      cmocka_unit_test(nothing_gives_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
