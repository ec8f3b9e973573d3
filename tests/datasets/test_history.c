// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "datasets/history.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

/* --- what a row means ---------------------------------------------------------------- */

static const pfc_attempt *attempt_of_row(const pfc_history *h, int64_t row) {
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++)
    if (h->attempts[k].row == row) return &h->attempts[k];
  fail_msg("no attempt for row %lld", (long long)row);
  return NULL;
}

static void status_and_dates_tell_start_and_result(void **state) {
  (void)state;
  static const struct {
    const char *row; /* enrolled_on, started_on, ended_on, status */
    int registered, start, end, known, started, result;
  } cases[] = {
      {"p,i,1,5,9,passed", 1, 5, 9, 9, 1, 1},
      {"p,i,1,5,9,failed", 1, 5, 9, 9, 1, 0},
      {"p,i,1,5,9,dropped", 1, 5, 9, 9, 1, 0},
      {"p,i,1,5,9,completed", 1, 5, 9, 9, 1, -1},
      {"p,i,1,5,9,", 1, 5, 9, 9, 1, -1},
      {"p,i,,5,,in_progress", 5, 5, PFC_NO_DATE, PFC_NO_DATE, 1, -1},
      {"p,i,1,,,enrolled", 1, 1, PFC_NO_DATE, PFC_NO_DATE, 0, -1},
      {"p,i,1,3,,enrolled", 1, 3, PFC_NO_DATE, PFC_NO_DATE, 1, -1},
      {"p,i,1,,9,passed", 1, 1, 9, 9, 1, 1},
      /* dropped before the first day: never begun, and nothing to learn from */
      {"p,i,1,,,dropped", 1, 1, PFC_NO_DATE, PFC_NO_DATE, 0, -1},
      {"p,i,4,,4,dropped", 4, 4, 4, 4, 0, -1},
      {"p,i,4,,2,dropped", 4, 4, 2, 2, 0, -1},
      {"p,i,1,,9,dropped", 1, 1, 9, 9, 0, -1}, /* others have a first day */
      {"p,i,1,5,5,dropped", 1, 5, 5, 5, 1, 0},
      /* a result of nobody knows when is known by the last day of the data */
      {"p,i,1,5,,passed", 1, 5, PFC_NO_DATE, 77, 1, 1},
      {"p,i,,,9,failed", 9, 9, 9, 9, 1, 0},
      {"p,i,,,,passed", PFC_NO_DATE, PFC_NO_DATE, PFC_NO_DATE, PFC_NO_DATE, 1, 1},
      {"p,i,1,5,77,passed", 1, 5, 77, 77, 1, 1},
  };
  enum { N = sizeof cases / sizeof *cases };
  char rows[N * 64] = "";
  for (int k = 0; k < N; k++) {
    strcat(rows, k ? ";" : "");
    strcat(rows, cases[k].row);
  }
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS,
            "person_id,intervention_id,enrolled_on,started_on,ended_on,status", rows);
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_int_equal(h->last_day, 77);
  for (int k = 0; k < N; k++) {
    const pfc_attempt *a = attempt_of_row(h, k);
    if (a->registered != cases[k].registered || a->start != cases[k].start ||
        a->end != cases[k].end || a->known != cases[k].known ||
        a->started != cases[k].started || a->result != cases[k].result)
      fail_msg("\"%s\" became registered %d, start %d, end %d, known %d, started %d, result %d",
               cases[k].row, a->registered, a->start, a->end, a->known, a->started, a->result);
  }
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void rows_that_name_nobody_or_nothing_are_left_out(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on",
            "p,i,1;,i,2;p,,3;,,4;p,i,5");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_int_equal(h->first_attempt[h->n_people], 2);
  assert_int_equal(h->attempts[0].row, 0);
  assert_int_equal(h->attempts[1].row, 4);
  assert_int_equal(h->last_day, 5);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

/* Feeds that tell less: what no row has cannot be asked of one. */
static void poorer_tables_are_taken_at_their_word(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,enrolled_on,status",
            "p,i,3,dropped;p,i,4,passed;p,i,5,enrolled");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  const pfc_attempt *dropped = attempt_of_row(h, 0), *passed = attempt_of_row(h, 1);
  assert_int_equal(dropped->started, 1); /* nobody's first day is known */
  assert_int_equal(dropped->result, 0);
  assert_int_equal(passed->known, 4); /* nobody's last day is known */
  assert_int_equal(pfc_attempt_result(passed, 4), -1);
  assert_int_equal(pfc_attempt_result(passed, 5), 1);
  assert_int_equal(attempt_of_row(h, 2)->started, 0);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

/* The data go on after the last enrolment: so may the result have come. */
static void a_result_without_an_end_is_known_after_all_there_is(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "p,i,1,,passed;p,i,1,5,passed");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,assessed_on", "q,c,1,9");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_int_equal(attempt_of_row(h, 0)->known, 9);
  assert_int_equal(attempt_of_row(h, 1)->known, 5);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void levels_come_onto_the_frameworks_scale(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  ds->scale_min = 0;
  ds->scale_max = 7;
  test_rows(ds, PFC_SOURCES, "source,scale_min,scale_max", "test,0,100;manager,1,5;odd,3,3");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,source,assessed_on",
            "p,c,50,test,1;p,c,5,manager,2;p,c,1,manager,3;p,c,6,self,4;"
            "p,c,2,odd,5;p,c,4,,6;p,c,3,peer,7;p,c,,peer,8;p,,3,peer,9;,c,3,peer,10");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  const double levels[] = {3.5, 7, 0, 6, 2, 4, 3};
  assert_int_equal(h->first_rating[h->n_people], 7); /* the last three lack something */
  for (int k = 0; k < 7; k++) {
    assert_float_equal(h->ratings[k].level, levels[k], 1e-12);
    assert_int_equal(h->ratings[k].date, k + 1);
    assert_int_equal(h->ratings[k].self, k == 3);
    assert_int_equal(h->ratings[k].row, k);
  }
  assert_int_equal(h->ratings[5].source, -1);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void positions_say_what_was_held(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create();
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,unit_id", "p,now,here;q,now,;r,,");
  test_rows(ds, PFC_POSITIONS, "person_id,from,to,role_id,unit_id",
            "p,20,,second,;p,10,19,first,there;q,5,8,old,");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  static const struct {
    const char *person;
    int date;
    const char *role, *unit; /* "" unknown */
  } cases[] = {
      {"p", 9, "", ""}, /* table people speaks of day 20 */
      {"p", 10, "first", "there"},
      {"p", 19, "first", "there"},
      {"p", 20, "second", "here"},
      {"p", PFC_NO_DATE, "second", "here"},
      {"q", 5, "old", ""},
      {"q", 8, "old", ""},
      {"q", 9, "now", ""},
      {"q", PFC_NO_DATE, "now", ""},
      {"r", 7, "", ""},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const int32_t p = test_code(ds, "person", cases[k].person);
    assert_int_equal(pfc_history_role(h, p, cases[k].date),
                     test_code(ds, "role", cases[k].role));
    assert_int_equal(pfc_history_unit(h, p, cases[k].date),
                     test_code(ds, "unit", cases[k].unit));
  }
  assert_int_equal(pfc_history_position(h, test_code(ds, "person", "q"), 100), 2);
  assert_int_equal(pfc_history_position(h, test_code(ds, "person", "q"), 4), -1);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

/* --- looking back, against a scan of the whole table
 * ------------------------------------------ */

static int32_t first_of(const int32_t *a, const int32_t *b, const int32_t *c, int64_t row) {
  if (a[row] != PFC_NO_DATE) return a[row];
  return b[row] != PFC_NO_DATE ? b[row] : c[row];
}

/* Is what the history shows of a person at a date just the rows that began before? */
static void assert_attempts(const pfc_dataset *ds, const pfc_history *h, int32_t p,
                            int32_t date) {
  const pfc_table_id t = PFC_ENROLMENTS;
  const int32_t *person = pfc_dataset_codes(ds, t, "person_id");
  const int32_t *enrolled = pfc_dataset_dates(ds, t, "enrolled_on");
  const int32_t *started = pfc_dataset_dates(ds, t, "started_on");
  const int32_t *ended = pfc_dataset_dates(ds, t, "ended_on");
  int64_t from, n = 0;
  const int64_t to = pfc_history_attempts(h, p, date, &from);
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++) {
    const int32_t start = first_of(started, enrolled, ended, r);
    const int is_seen =
        person[r] == p && (date == PFC_NO_DATE || (start != PFC_NO_DATE && start < date));
    int found = 0;
    for (int64_t k = from; k < to; k++) found += h->attempts[k].row == r;
    assert_int_equal(found, is_seen);
    n += is_seen;
    if (!is_seen || date == PFC_NO_DATE || ended[r] == PFC_NO_DATE) continue;
    const pfc_attempt *a = attempt_of_row(h, r);
    assert_int_equal(pfc_attempt_result(a, date), ended[r] < date ? a->result : -1);
  }
  assert_int_equal(to - from, n);
}

static void assert_ratings(const pfc_dataset *ds, const pfc_history *h, int32_t p,
                           int32_t date) {
  const int32_t *person = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "person_id");
  const int32_t *on = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on");
  int64_t from, n = 0;
  const int64_t to = pfc_history_ratings(h, p, date, &from);
  for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++)
    n += person[r] == p && (date == PFC_NO_DATE || (on[r] != PFC_NO_DATE && on[r] < date));
  assert_int_equal(to - from, n);
  for (int64_t k = from; k < to; k++) {
    const pfc_rating *r = &h->ratings[k];
    assert_int_equal(person[r->row], p);
    assert_int_equal(on[r->row], r->date);
    if (date != PFC_NO_DATE) assert_true(r->date < date);
    if (k > from && r->date != PFC_NO_DATE) assert_true(h->ratings[k - 1].date <= r->date);
    if (k > from && r->date == h->ratings[k - 1].date) assert_true(r[-1].row < r->row);
  }
}

static void what_is_seen_began_before(void **state) {
  (void)state;
  const uint64_t seed = test_seed(1);
  for (uint64_t s = seed; s < seed + 5; s++) {
    pfc_dataset *ds = test_random_dataset(s, 12, 0);
    pfc_history *h;
    assert_ok(pfc_history_create(ds, &h, &err));
    assert_true(h->dated);
    assert_true(h->ratings_dated);
    for (int32_t p = 0; p < h->n_people; p++) {
      for (int32_t date = 0; date <= 101; date += 7) {
        assert_attempts(ds, h, p, date);
        assert_ratings(ds, h, p, date);
      }
      assert_attempts(ds, h, p, PFC_NO_DATE);
      assert_ratings(ds, h, p, PFC_NO_DATE);
    }
    pfc_history_destroy(h);
    pfc_dataset_destroy(ds);
  }
}

static void the_last_day_is_the_last(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(3, 12, 0);
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  int32_t last = PFC_NO_DATE;
  static const struct {
    pfc_table_id table;
    const char *column;
  } days[] = {{PFC_ENROLMENTS, "enrolled_on"},
              {PFC_ENROLMENTS, "started_on"},
              {PFC_ENROLMENTS, "ended_on"},
              {PFC_ASSESSMENTS, "assessed_on"}};
  for (int k = 0; k < 4; k++)
    for (int64_t r = 0; r < ds->tables[days[k].table].n_rows; r++) {
      const int32_t day = pfc_dataset_dates(ds, days[k].table, days[k].column)[r];
      if (day > last) last = day;
    }
  assert_int_equal(h->last_day, last);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static void without_dates_rows_are_time(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(2, 10, 1);
  const int32_t *person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  pfc_history *h;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_false(h->dated);
  assert_false(h->ratings_dated);
  assert_int_equal(h->last_day, PFC_NO_DATE);
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++) {
    int64_t from, expected = 0;
    const int64_t to = pfc_history_attempts_before_row(h, person[r], r, &from);
    for (int64_t earlier = 0; earlier < r; earlier++) expected += person[earlier] == person[r];
    assert_int_equal(to - from, expected);
    for (int64_t k = from; k < to; k++) {
      assert_true(h->attempts[k].row < r);
      assert_int_equal(pfc_attempt_result(&h->attempts[k], 12345), h->attempts[k].result);
    }
    /* Seen from any day, all of it has been. */
    assert_int_equal(pfc_history_attempts(h, person[r], 12345, &from),
                     h->first_attempt[person[r] + 1]);
  }
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

static pfc_status create(void *ds) {
  pfc_history *h;
  const pfc_status st = pfc_history_create(ds, &h, NULL);
  if (st != PFC_OK) assert_null(h);
  pfc_history_destroy(h);
  return st;
}

static void nothing_and_short_memory_are_survived(void **state) {
  (void)state;
  pfc_dataset *empty = pfc_dataset_create(), *ds = test_random_dataset(4, 3, 0);
  assert_int_equal(create(empty), PFC_OK);
  assert_true(count_down(create, ds) >= 9);
  pfc_history_destroy(NULL);
  pfc_dataset_destroy(ds);
  pfc_dataset_destroy(empty);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(status_and_dates_tell_start_and_result),
      cmocka_unit_test(rows_that_name_nobody_or_nothing_are_left_out),
      cmocka_unit_test(poorer_tables_are_taken_at_their_word),
      cmocka_unit_test(a_result_without_an_end_is_known_after_all_there_is),
      cmocka_unit_test(levels_come_onto_the_frameworks_scale),
      cmocka_unit_test(positions_say_what_was_held),
      cmocka_unit_test(what_is_seen_began_before),
      cmocka_unit_test(the_last_day_is_the_last),
      cmocka_unit_test(without_dates_rows_are_time),
      cmocka_unit_test(nothing_and_short_memory_are_survived),
  };
  return cmocka_run_group_tests_name("datasets/history", tests, NULL, NULL);
}
