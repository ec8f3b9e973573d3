// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "datasets/catalogue.h"
#include "datasets/episodes.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

static pfc_episodes *episodes_of(const pfc_dataset *ds, pfc_history **h) {
  pfc_episodes *list;
  assert_ok(pfc_history_create(ds, h, &err));
  assert_ok(pfc_episodes_create(ds, *h, &list, &err));
  return list;
}

static void assert_same_number(double a, double b) {
  if (isnan(b)) {
    assert_true(isnan(a));
  } else {
    assert_float_equal(a, b, 0);
  }
}

/* --- from the table ------------------------------------------------------------------ */

static void a_table_is_read_as_it_stands(void **state) {
  (void)state;
  static const struct {
    const char *row; /* entry, duration, last below, event */
    double entry, duration, last_below;
    int event; /* -2: left out */
  } cases[] = {
      {",30,,proficient", 0, 30, NAN, PFC_PROFICIENT},
      {",30,10,proficient", 0, 30, 10, PFC_PROFICIENT},
      {",30,0,proficient", 0, 30, 0, PFC_PROFICIENT},
      {",30,30,proficient", 0, 30, NAN, PFC_PROFICIENT}, /* nothing lies between */
      {"15,30,10,proficient", 15, 30, 15, PFC_PROFICIENT},
      {"15,30,20,proficient", 15, 30, 20, PFC_PROFICIENT},
      {",30,10,dropped", 0, 30, NAN, PFC_DROPPED},
      {",30,10,left", 0, 30, NAN, PFC_LEFT},
      {",30,10,censored", 0, 30, NAN, PFC_CENSORED},
      {",0,,left", 0, 0.5, NAN, PFC_LEFT},
      {",1e-300,,left", 0, 1e-6, NAN, PFC_LEFT},
      {"30,30,,left", 0, 0, 0, -2}, /* never at risk */
      {"31,30,,left", 0, 0, 0, -2},
      {",,,left", 0, 0, 0, -2},
  };
  enum { N = sizeof cases / sizeof *cases };
  char rows[N * 64] = "";
  for (int k = 0; k < N; k++) {
    strcat(rows, k ? ";" : "");
    strcat(rows, cases[k].row);
  }
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_EPISODES, "entry_days,duration_days,last_below_days,event", rows);
  pfc_history *h;
  pfc_episodes *list = episodes_of(ds, &h);
  int64_t n = 0;
  for (int k = 0; k < N; k++) {
    if (cases[k].event == -2) continue;
    const pfc_episode *e = &list->at[n++];
    assert_int_equal(e->row, k);
    assert_float_equal(e->entry_days, cases[k].entry, 0);
    assert_float_equal(e->duration_days, cases[k].duration, 0);
    assert_same_number(e->last_below_days, cases[k].last_below);
    assert_int_equal(e->event, cases[k].event);
    assert_int_equal(e->person, -1);
    assert_int_equal(e->start, PFC_NO_DATE);
    assert_int_equal(e->enrolment_row, -1);
  }
  assert_int_equal(list->n, n);
  pfc_episodes_destroy(list);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void rows_find_their_enrolment(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,enrolled_on,started_on",
            "p,i,1,10;q,i,1,10;p,j,1,10;p,i,40,50;p,i,20,;p,i,9,10");
  test_rows(ds, PFC_EPISODES, "person_id,intervention_id,started_on,duration_days,event",
            "p,i,10,5,left;p,i,50,5,left;p,i,20,5,left;p,i,11,5,left;"
            "q,j,10,5,left;p,,10,5,left;,i,10,5,left;q,i,10,5,left;p,i,,5,left");
  static const int64_t expected[] = {0, 3, 4, -1, -1, -1, -1, 1, -1};
  pfc_history *h;
  pfc_episodes *list = episodes_of(ds, &h);
  assert_int_equal(list->n, 9);
  for (int k = 0; k < 9; k++) assert_int_equal(list->at[k].enrolment_row, expected[k]);
  pfc_episodes_destroy(list);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

/* --- derived ------------------------------------------------------------------------- */

/* One person, one course towards level 3 in c from day 10; the data end on day 100. */
static void spells_end_by_what_comes_first(void **state) {
  (void)state;
  static const struct {
    const char *enrolment, *left_on, *ratings;
    double duration, last_below;
    int event; /* -2: no episode */
  } cases[] = {
      {"in_progress,", "", "c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,2,test,20;c,2,test,25;c,3,test,40;c,5,test,50", 30, 15, 0},
      {"in_progress,", "", "c,2,test,9;c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,2,test,10;c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,2,test,40;c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,3,test,10", 0.5, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,3,self,40;c,4,test,60", 50, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,3,self,40", 90, NAN, PFC_CENSORED},
      {"in_progress,", "", "d,3,test,40", 90, NAN, PFC_CENSORED},
      {"in_progress,", "", "c,3,test,", 90, NAN, PFC_CENSORED},
      {"in_progress,", "", "c,2.9,test,50", 90, NAN, PFC_CENSORED},
      {"in_progress,", "", "c,3,test,9", 0, 0, -2}, /* there already */
      {"in_progress,", "", "c,3,test,8;c,2,test,9;c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "", "c,3,self,9;c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"passed,30", "", "c,3,test,40", 30, 0, PFC_PROFICIENT}, /* a pass is not a level */
      {"failed,30", "", "d,3,test,40", 90, NAN, PFC_CENSORED},
      {"dropped,30", "", "c,3,test,40", 20, NAN, PFC_DROPPED},
      {"dropped,40", "", "c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"dropped,10", "", "d,3,test,40", 0.5, NAN, PFC_DROPPED},
      {"dropped,", "", "c,3,test,40", 0, 0, -2}, /* dropped nobody knows when */
      {"dropped,30", "25", "c,3,test,40", 15, NAN, PFC_LEFT},
      {"dropped,30", "30", "d,3,test,40", 20, NAN, PFC_DROPPED},
      {"in_progress,", "35", "c,2,test,20;c,3,test,40", 25, NAN, PFC_LEFT},
      {"in_progress,", "40", "c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "100", "d,3,test,40", 90, NAN, PFC_LEFT},
      {"in_progress,", "300", "d,3,test,40", 90, NAN, PFC_CENSORED},
      {"enrolled,", "", "c,3,test,40", 30, 0, PFC_PROFICIENT},
      {"in_progress,", "5", "c,3,test,40", 0, 0, -2}, /* gone before it began */
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char text[256];
    pfc_dataset *ds = pfc_dataset_create();
    test_rows(ds, PFC_TARGETS, "intervention_id,competency_id,to_level", "i,c,3;j,d,");
    (void)snprintf(text, sizeof text, "p,i,10,%s;q,j,100,enrolled,", cases[k].enrolment);
    test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,status,ended_on", text);
    (void)snprintf(text, sizeof text, "p,%s", cases[k].left_on);
    test_rows(ds, PFC_PEOPLE, "person_id,left_on", text);
    (void)snprintf(text, sizeof text, "%s", cases[k].ratings);
    test_rows(ds, PFC_ASSESSMENTS, "competency_id,level,source,assessed_on", text);
    pfc_column *person;
    assert_ok(pfc_dataset_add_column(ds, PFC_ASSESSMENTS, "person_id", PFC_CODE, "person",
                                     ds->tables[PFC_ASSESSMENTS].n_rows, &person, &err));
    for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++) person->code[r] = 0;

    pfc_history *h;
    pfc_episodes *list = episodes_of(ds, &h);
    const int is_there = cases[k].event != -2;
    if (list->n != is_there) fail_msg("case %d: %d episodes", (int)k, (int)list->n);
    if (is_there) {
      const pfc_episode *e = &list->at[0];
      if (e->event != (pfc_cause)cases[k].event || e->duration_days != cases[k].duration ||
          isnan(e->last_below_days) != isnan(cases[k].last_below) ||
          e->last_below_days > cases[k].last_below || e->last_below_days < cases[k].last_below)
        fail_msg("case %d: event %d after %g days, last below %g", (int)k, (int)e->event,
                 e->duration_days, e->last_below_days);
      assert_int_equal(e->start, 10);
      assert_int_equal(e->row, -1);
      assert_int_equal(e->enrolment_row, 0);
      assert_float_equal(e->entry_days, 0, 0);
    }
    pfc_episodes_destroy(list);
    pfc_history_destroy(h);
    pfc_dataset_destroy(ds);
  }
}

/* The definition once more, by scanning all assessments for each enrolment and target. */
typedef struct scan {
  const pfc_dataset *ds;
  const pfc_history *h; /* for levels on the framework's scale alone */
  const int32_t *person, *competency, *on;
} scan;

static int found_at(const scan *s, int64_t k, int32_t person, int32_t competency) {
  const pfc_rating *r = &s->h->ratings[k];
  return s->person[r->row] == person && s->competency[r->row] == competency && !r->self &&
         s->on[r->row] != PFC_NO_DATE;
}

/* The expected episode of an attempt and a target; 0 when there should be none. */
static int expect_episode(const scan *s, int32_t person, const pfc_attempt *a, int32_t c,
                          double level, pfc_episode *e) {
  const int64_t n = s->h->first_rating[s->h->n_people];
  const int32_t *status = pfc_dataset_codes(s->ds, PFC_ENROLMENTS, "status");
  const int32_t dropped = pfc_dict_find(pfc_dataset_find_dict(s->ds, "status"), "dropped");
  if (!a->started || a->start == PFC_NO_DATE || c < 0 || isnan(level)) return 0;
  int32_t last_before = PFC_NO_DATE, end = s->h->last_day, shown = PFC_NO_DATE;
  int was_there = 0;
  for (int64_t k = 0; k < n; k++) { /* of a day's several, the last row counts */
    const pfc_rating *r = &s->h->ratings[k];
    if (!found_at(s, k, person, c)) continue;
    if (r->date < a->start && r->date >= last_before) {
      last_before = r->date;
      was_there = r->level >= level - 1e-9;
    }
    if (r->date >= a->start && r->level >= level - 1e-9 &&
        (shown == PFC_NO_DATE || r->date < shown))
      shown = r->date;
  }
  e->event = PFC_CENSORED;
  const int32_t left = pfc_dataset_dates(s->ds, PFC_PEOPLE, "left_on")[person];
  if (left != PFC_NO_DATE && left <= end) {
    end = left;
    e->event = PFC_LEFT;
  }
  if (status[a->row] == dropped && a->end <= end) {
    end = a->end;
    e->event = PFC_DROPPED;
  }
  if (was_there || end == PFC_NO_DATE || end < a->start) return 0;
  e->last_below_days = NAN;
  if (shown != PFC_NO_DATE && shown <= end) {
    end = shown;
    e->event = PFC_PROFICIENT;
    for (int64_t k = 0; k < n; k++) {
      const pfc_rating *r = &s->h->ratings[k];
      if (!found_at(s, k, person, c) || r->date >= shown || r->level >= level - 1e-9) continue;
      const double below = r->date > a->start ? r->date - a->start : 0;
      if (!(below <= e->last_below_days)) e->last_below_days = below;
    }
    /* Nobody looked before: it came on any day since the start. */
    if (isnan(e->last_below_days)) e->last_below_days = 0;
  }
  e->duration_days = end > a->start ? end - a->start : 0.5;
  return 1;
}

static int64_t compare_person(const scan *s, const pfc_catalogue *cat, int32_t p,
                              const pfc_episodes *list, int64_t at, int n_events[4]) {
  for (int64_t k = s->h->first_attempt[p]; k < s->h->first_attempt[p + 1]; k++) {
    const pfc_attempt *a = &s->h->attempts[k];
    for (int32_t t = cat->first[a->intervention]; t < cat->first[a->intervention + 1]; t++) {
      pfc_episode e;
      if (!expect_episode(s, p, a, cat->competency[t], cat->to_level[t], &e)) continue;
      assert_true(at < list->n);
      const pfc_episode *got = &list->at[at++];
      assert_int_equal(got->person, p);
      assert_int_equal(got->intervention, a->intervention);
      assert_int_equal(got->competency, cat->competency[t]);
      assert_int_equal(got->start, a->start);
      assert_int_equal(got->enrolment_row, a->row);
      assert_int_equal(got->event, e.event);
      assert_float_equal(got->duration_days, e.duration_days, 0);
      assert_same_number(got->last_below_days, e.last_below_days);
      n_events[e.event + 1]++;
    }
  }
  return at;
}

static void derived_spells_agree_with_a_scan(void **state) {
  (void)state;
  const uint64_t seed = test_seed(41);
  int n_events[4] = {0};
  for (uint64_t s = seed; s < seed + 5; s++) {
    pfc_dataset *ds = test_random_dataset(s, 20, 0);
    pfc_history *h;
    pfc_catalogue *cat;
    pfc_episodes *list = episodes_of(ds, &h);
    assert_ok(pfc_catalogue_create(ds, &cat, &err));
    const scan all = {ds, h, pfc_dataset_codes(ds, PFC_ASSESSMENTS, "person_id"),
                      pfc_dataset_codes(ds, PFC_ASSESSMENTS, "competency_id"),
                      pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on")};
    int64_t at = 0;
    for (int32_t p = 0; p < h->n_people; p++)
      at = compare_person(&all, cat, p, list, at, n_events);
    assert_int_equal(at, list->n);
    pfc_catalogue_destroy(cat);
    pfc_episodes_destroy(list);
    pfc_history_destroy(h);
    pfc_dataset_destroy(ds);
  }
  for (int k = 0; k < 4; k++) assert_true(n_events[k] > 20); /* every end was met */
}

static void undated_enrolments_give_none(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(3, 10, 1);
  pfc_history *h;
  pfc_episodes *list = episodes_of(ds, &h);
  assert_int_equal(list->n, 0);
  pfc_episodes_destroy(list);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

typedef struct given {
  pfc_dataset *ds;
  pfc_history *h;
} given;

static pfc_status create(void *user) {
  const given *g = user;
  pfc_episodes *list;
  const pfc_status st = pfc_episodes_create(g->ds, g->h, &list, NULL);
  if (st != PFC_OK) assert_null(list);
  pfc_episodes_destroy(list);
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  given g = {.ds = test_random_dataset(4, 6, 0)};
  assert_ok(pfc_history_create(g.ds, &g.h, &err));
  assert_true(count_down(create, &g) > 12);
  pfc_history_destroy(g.h);
  pfc_dataset_destroy(g.ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_table_is_read_as_it_stands),
      cmocka_unit_test(rows_find_their_enrolment),
      cmocka_unit_test(spells_end_by_what_comes_first),
      cmocka_unit_test(derived_spells_agree_with_a_scan),
      cmocka_unit_test(undated_enrolments_give_none),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/episodes", tests, NULL, NULL);
}
