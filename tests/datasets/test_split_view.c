// labels: property check
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "datasets/split.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"

static const pfc_table_id MARKED[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_EPISODES};

/* 1 for each test row of the table under ds->split; freed by the caller. */
static uint8_t *marks(const pfc_dataset *ds, pfc_table_id table) {
  uint8_t *is_test = pfc_alloc_array((size_t)ds->tables[table].n_rows, 1);
  assert_non_null(is_test);
  assert_ok(pfc_split_mark(ds, table, is_test, &err));
  return is_test;
}

static void without_a_split_all_is_training(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(1, 10, 0), *view;
  for (int k = 0; k < 3; k++) {
    uint8_t *is_test = marks(ds, MARKED[k]);
    for (int64_t r = 0; r < ds->tables[MARKED[k]].n_rows; r++) assert_int_equal(is_test[r], 0);
    pfc_free(is_test);
  }
  assert_ok(pfc_split_training_view(ds, &view, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    assert_int_equal(view->tables[t].n_rows, ds->tables[t].n_rows);
    for (int c = 0; c < ds->tables[t].n_columns; c++)
      assert_memory_equal(
          view->tables[t].columns[c].data, ds->tables[t].columns[c].data,
          (size_t)ds->tables[t].n_rows * pfc_type_size(ds->tables[t].columns[c].type));
  }
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

/* A cell as text, so that cells of any type compare; missing is "". */
static const char *cell(const pfc_dataset *ds, pfc_table_id t, const char *name, int64_t row,
                        char text[128]) {
  const pfc_column *c = pfc_dataset_column(ds, t, name);
  assert_non_null(c);
  text[0] = '\0';
  if (pfc_column_missing(c, row)) return text;
  if (c->type == PFC_CODE)
    (void)snprintf(text, 128, "%s", pfc_dict_text(c->dict, c->code[row]));
  if (c->type == PFC_REAL) (void)snprintf(text, 128, "%g", c->real[row]);
  if (c->type == PFC_DATE) (void)snprintf(text, 128, "%d", (int)c->date[row]);
  if (c->type == PFC_TIME) (void)snprintf(text, 128, "%lld", (long long)c->time[row]);
  return text;
}

/* The table reads "cell,cell;cell,cell ...". */
static void assert_table(const pfc_dataset *ds, pfc_table_id t, const char *columns,
                         const char *expected) {
  char all[4096] = "", names[256], text[128];
  for (int64_t r = 0; r < ds->tables[t].n_rows; r++) {
    (void)snprintf(names, sizeof names, "%s", columns);
    if (r) strcat(all, ";");
    char *rest = NULL;
    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
      if (name != names) strcat(all, ",");
      strcat(all, cell(ds, t, name, r, text));
    }
  }
  assert_string_equal(all, expected);
}

static void at_a_date_later_results_are_unknown(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create(), *view;
  const char *columns =
      "person_id,intervention_id,enrolled_on,started_on,ended_on,status,score,rating,x_a";
  test_rows(ds, PFC_ENROLMENTS, columns,
            "a,i,1,2,19,passed,80,4,7;" /* over before the date: stays */
            "b,i,1,2,20,passed,80,4,7;" /* ended on it: open again */
            "c,i,1,2,90,failed,10,1,;"
            "d,i,1,2,,passed,80,4,7;" /* ended nobody knows when */
            "e,i,1,2,,in_progress,,,;"
            "f,i,1,,,enrolled,,,;"
            "g,i,1,,,dropped,,,;"   /* never began */
            "h,i,1,,25,dropped,,,;" /* nor did this one, to be taken off the list later */
            "j,i,1,2,30,,5,,;"
            "k,i,1,20,21,passed,80,4,7;" /* test */
            "l,i,21,,,enrolled,,,;"      /* test */
            "m,i,1,2,30,completed,9,9,");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 20};
  assert_ok(pfc_split_training_view(ds, &view, &err));
  assert_int_equal(view->split.kind, PFC_SPLIT_NONE);
  assert_table(view, PFC_ENROLMENTS, columns,
               "a,i,1,2,19,passed,80,4,7;b,i,1,2,,in_progress,,,7;c,i,1,2,,in_progress,,,;"
               "d,i,1,2,,in_progress,,,7;e,i,1,2,,in_progress,,,;f,i,1,,,enrolled,,,;"
               "g,i,1,,,enrolled,,,;h,i,1,,,enrolled,,,;j,i,1,2,,,,,;"
               "m,i,1,2,,in_progress,,,");
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

/* Where no row tells an end, results cannot be told to be later. */
static void at_a_date_undated_results_stay(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create(), *view;
  test_rows(ds, PFC_ENROLMENTS, "person_id,intervention_id,started_on,ended_on,status",
            "a,i,2,,passed;b,i,3,,failed;c,i,30,,passed");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 20};
  assert_ok(pfc_split_training_view(ds, &view, &err));
  assert_table(view, PFC_ENROLMENTS, "person_id,status", "a,passed;b,failed");
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

static void at_a_date_running_episodes_are_censored(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create(), *view;
  test_rows(ds, PFC_EPISODES,
            "person_id,started_on,entry_days,duration_days,last_below_days,event",
            "a,10,,9.5,3,proficient;"  /* over before the date */
            "b,10,,10,3,proficient;"   /* on it: not known */
            "c,10,2,50,30,proficient;" /* last seen below after the date */
            "d,10,2,50,9,dropped;"
            "e,10,10,50,,left;" /* not observed by then */
            "f,10,9,50,,left;"
            "g,20,,1,,left;" /* test */
            "h,,,50,,left;"  /* undated */
            "i,10,,50,,censored;"
            "j,10,,50,10,proficient"); /* seen below on the date */
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 20};
  assert_ok(pfc_split_training_view(ds, &view, &err));
  assert_table(view, PFC_EPISODES,
               "person_id,started_on,entry_days,duration_days,last_below_days,event",
               "a,10,,9.5,3,proficient;b,10,,10,3,censored;c,10,2,10,,censored;"
               "d,10,2,10,9,censored;f,10,9,10,,censored;h,,,50,,left;i,10,,10,,censored;"
               "j,10,,10,,censored");
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

static void at_a_date_later_facts_are_gone(void **state) {
  (void)state;
  pfc_dataset *ds = pfc_dataset_create(), *view;
  test_rows(ds, PFC_PEOPLE, "person_id,role_id,unit_id,left_on",
            "a,boss,u2,25;b,boss,u2,19;c,boss,u2,;d,boss,u2,20;e,boss,u2,;f,boss,u2,");
  test_rows(ds, PFC_POSITIONS, "person_id,from,to,role_id,unit_id",
            "a,5,19,clerk,u1;a,20,,boss,u2;b,20,,boss,u2;d,2,30,clerk,;e,1,9,clerk,u1;"
            "a,1,4,trainee,;f,1,9,clerk,u1;f,30,,boss,u2");
  test_rows(ds, PFC_PROJECTS, "person_id,project_id,from,to",
            "a,x,5,19;a,x,5,20;a,x,20,21;a,x,,");
  test_rows(ds, PFC_PERFORMANCE, "person_id,on,kind,value", "a,19,k,1;a,20,k,2");
  test_rows(ds, PFC_OPENINGS, "opening_id,opens_on", "o1,19;o2,20;o3,");
  test_rows(ds, PFC_APPLICATIONS, "person_id,opening_id,on", "a,o1,19;a,o2,20;a,o3,");
  test_rows(ds, PFC_FEEDBACK, "event_id,person_id,intervention_id,at,kind",
            "e1,a,i,1727999,shown;e2,a,i,1728000,accepted"); /* 20 days x 86400 s */
  test_rows(ds, PFC_DEMAND, "month,role_id,index", "19,clerk,1;20,clerk,2");
  test_rows(ds, PFC_SCENARIOS, "scenario,month", "s,400");
  test_rows(ds, PFC_MANDATES, "intervention_id,due_on", "i,400");
  test_rows(ds, PFC_ASSESSMENTS, "person_id,competency_id,level,assessed_on,valid_until",
            "a,c,1,19,400;a,c,2,20,400;a,c,3,,");
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 20};
  assert_ok(pfc_split_training_view(ds, &view, &err));
  /* a held clerk the day before; b had no position by then; c and e have no later word;
   * what table people says of f is of day 30 */
  assert_table(view, PFC_PEOPLE, "person_id,role_id,unit_id,left_on",
               "a,clerk,u1,;b,,,19;c,boss,u2,;d,clerk,,;e,boss,u2,;f,,,");
  assert_table(view, PFC_POSITIONS, "person_id,from,to,role_id",
               "a,5,19,clerk;d,2,,clerk;e,1,9,clerk;a,1,4,trainee;f,1,9,clerk");
  assert_table(view, PFC_PROJECTS, "from,to", "5,19;5,;,");
  assert_table(view, PFC_PERFORMANCE, "on,value", "19,1");
  assert_table(view, PFC_OPENINGS, "opening_id", "o1;o3");
  assert_table(view, PFC_APPLICATIONS, "opening_id", "o1;o3");
  assert_table(view, PFC_FEEDBACK, "event_id", "e1");
  assert_table(view, PFC_DEMAND, "index", "1");
  assert_table(view, PFC_SCENARIOS, "month", "400");
  assert_table(view, PFC_MANDATES, "due_on", "400");
  assert_table(view, PFC_ASSESSMENTS, "level,valid_until", "1,400;3,");
  /* The dataset itself is as it was. */
  assert_table(ds, PFC_PEOPLE, "person_id,role_id,left_on",
               "a,boss,25;b,boss,19;c,boss,;d,boss,20;e,boss,;f,boss,");
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

static void by_person_nothing_dated_of_test_people_is_left(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(12, 30, 0), *view;
  ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.4, .seed = 2};
  const int32_t *person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  uint8_t is_test_person[30] = {0}, *is_test = marks(ds, PFC_ENROLMENTS);
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++)
    is_test_person[person[r]] = is_test[r];
  assert_ok(pfc_split_training_view(ds, &view, &err));
  assert_int_equal(view->tables[PFC_PEOPLE].n_rows, 30);
  static const pfc_table_id tables[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_POSITIONS};
  for (int k = 0; k < 3; k++) {
    int64_t expected = 0;
    const int32_t *all = pfc_dataset_codes(ds, tables[k], "person_id");
    const int32_t *seen = pfc_dataset_codes(view, tables[k], "person_id");
    for (int64_t r = 0; r < ds->tables[tables[k]].n_rows; r++)
      expected += !is_test_person[all[r]];
    assert_int_equal(view->tables[tables[k]].n_rows, expected);
    for (int64_t r = 0; r < expected; r++) assert_false(is_test_person[seen[r]]);
  }
  const int32_t *left = pfc_dataset_dates(view, PFC_PEOPLE, "left_on");
  const int32_t *left_on = pfc_dataset_dates(ds, PFC_PEOPLE, "left_on");
  for (int p = 0; p < 30; p++)
    assert_int_equal(left[p], is_test_person[p] ? PFC_NO_DATE : left_on[p]);
  pfc_free(is_test);
  pfc_dataset_destroy(view);
  pfc_dataset_destroy(ds);
}

/* --- properties on random data ------------------------------------------------------- */

/* No date that tells of something that happened is on or after the date. */
static void nothing_in_the_view_is_later(void **state) {
  (void)state;
  static const struct {
    pfc_table_id table;
    const char *column;
  } days[] = {{PFC_ASSESSMENTS, "assessed_on"},
              {PFC_ENROLMENTS, "started_on"},
              {PFC_ENROLMENTS, "ended_on"},
              {PFC_POSITIONS, "from"},
              {PFC_POSITIONS, "to"},
              {PFC_PEOPLE, "left_on"}};
  const uint64_t seed = test_seed(21);
  for (uint64_t s = seed; s < seed + 5; s++) {
    pfc_dataset *ds = test_random_dataset(s, 25, 0), *view;
    for (int32_t date = 10; date < 100; date += 17) {
      ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = date};
      assert_ok(pfc_split_training_view(ds, &view, &err));
      for (size_t k = 0; k < sizeof days / sizeof *days; k++) {
        const int32_t *day = pfc_dataset_dates(view, days[k].table, days[k].column);
        for (int64_t r = 0; r < view->tables[days[k].table].n_rows; r++)
          assert_true(day[r] < date);
      }
      pfc_dataset_destroy(view);
    }
    pfc_dataset_destroy(ds);
  }
}

static void changed_number(pfc_dataset *ds, pfc_table_id t, const char *column, int64_t row) {
  const pfc_column *c = pfc_dataset_column(ds, t, column);
  c->real[row] = 1 + 2 * (isnan(c->real[row]) ? 0 : c->real[row]);
}

/* Rewrites all that happened on or after the date, leaving it there. */
static void rewrite_the_future(pfc_dataset *ds, int32_t date) {
  const int32_t *started = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  const int32_t *enrolled = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on");
  const pfc_column *ended = pfc_dataset_column(ds, PFC_ENROLMENTS, "ended_on");
  const pfc_column *status = pfc_dataset_column(ds, PFC_ENROLMENTS, "status");
  const pfc_column *item = pfc_dataset_column(ds, PFC_ENROLMENTS, "intervention_id");
  const int32_t failed = pfc_dict_find(status->dict, "failed");
  for (int64_t r = 0; r < ds->tables[PFC_ENROLMENTS].n_rows; r++) {
    const int32_t start = started[r] != PFC_NO_DATE ? started[r] : enrolled[r];
    if (start >= date) item->code[r] = 0;
    if (ended->date[r] < date) continue;
    ended->date[r] += 3;
    if (status->code[r] >= 0 && (start >= date || started[r] != PFC_NO_DATE))
      status->code[r] = failed;
    changed_number(ds, PFC_ENROLMENTS, "score", r);
  }
  const pfc_column *on = pfc_dataset_column(ds, PFC_ASSESSMENTS, "assessed_on");
  for (int64_t r = 0; r < ds->tables[PFC_ASSESSMENTS].n_rows; r++)
    if (on->date[r] >= date) changed_number(ds, PFC_ASSESSMENTS, "level", r);
  const pfc_column *from = pfc_dataset_column(ds, PFC_POSITIONS, "from");
  const pfc_column *role = pfc_dataset_column(ds, PFC_POSITIONS, "role_id");
  for (int64_t r = 0; r < ds->tables[PFC_POSITIONS].n_rows; r++)
    if (from->date[r] >= date) role->code[r] = 0;
}

/* Two worlds that differ after the date alone look the same to training. */
static void the_view_does_not_know_the_future(void **state) {
  (void)state;
  const uint64_t seed = test_seed(31);
  for (uint64_t s = seed; s < seed + 5; s++) {
    const int32_t date = 55;
    pfc_dataset *ds = test_random_dataset(s, 25, 0), *other = test_random_dataset(s, 25, 0);
    rewrite_the_future(other, date);
    ds->split = other->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = date};
    pfc_dataset *a, *b;
    assert_ok(pfc_split_training_view(ds, &a, &err));
    assert_ok(pfc_split_training_view(other, &b, &err));
    for (int t = 0; t < PFC_N_TABLES; t++) {
      assert_int_equal(a->tables[t].n_rows, b->tables[t].n_rows);
      for (int c = 0; c < a->tables[t].n_columns; c++)
        assert_memory_equal(
            a->tables[t].columns[c].data, b->tables[t].columns[c].data,
            (size_t)a->tables[t].n_rows * pfc_type_size(a->tables[t].columns[c].type));
    }
    pfc_dataset_destroy(a);
    pfc_dataset_destroy(b);
    pfc_dataset_destroy(ds);
    pfc_dataset_destroy(other);
  }
}

static pfc_status check_and_view(void *user) {
  const pfc_dataset *ds = user;
  pfc_dataset *view;
  pfc_status st = pfc_split_check(ds, &ds->split, NULL);
  if (st == PFC_OK) {
    st = pfc_split_training_view(ds, &view, NULL);
    if (st != PFC_OK) assert_null(view);
    if (st == PFC_OK) pfc_dataset_destroy(view);
  }
  return st;
}

static void short_memory_is_survived(void **state) {
  (void)state;
  pfc_dataset *ds = test_random_dataset(4, 6, 0);
  ds->split = (pfc_split){.kind = PFC_SPLIT_AT, .date = 50};
  assert_true(count_down(check_and_view, ds) > 20);
  ds->split = (pfc_split){.kind = PFC_SPLIT_PERSON, .fraction = 0.5, .seed = 1};
  assert_true(count_down(check_and_view, ds) > 20);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_split_all_is_training),
      cmocka_unit_test(at_a_date_later_results_are_unknown),
      cmocka_unit_test(at_a_date_undated_results_stay),
      cmocka_unit_test(at_a_date_running_episodes_are_censored),
      cmocka_unit_test(at_a_date_later_facts_are_gone),
      cmocka_unit_test(by_person_nothing_dated_of_test_people_is_left),
      cmocka_unit_test(nothing_in_the_view_is_later),
      cmocka_unit_test(the_view_does_not_know_the_future),
      cmocka_unit_test(short_memory_is_survived),
  };
  return cmocka_run_group_tests_name("datasets/split_view", tests, NULL, NULL);
}
