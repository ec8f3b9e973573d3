// labels: unit check
/* What table feedback says of offers, row by row. */
#include "tests/support/test.h"

#include "base/date.h"
#include "base/mem.h"
#include "datasets/history.h"
#include "tests/support/countdown.h"
#include "tests/support/tables.h"
#include "trainer/offers.h"

typedef struct told {
  int person, intervention, day;
  const char *kind;
} told;

static pfc_dataset *feedback_of(int n, const told *rows) {
  pfc_dataset *ds = pfc_dataset_create();
  char text[24];
  test_table(ds, PFC_FEEDBACK, n, "event_id,person_id,intervention_id,at,kind");
  for (int r = 0; r < n; r++) {
    (void)snprintf(text, sizeof text, "e%d", r);
    test_cell(ds, PFC_FEEDBACK, r, "event_id", text);
    (void)snprintf(text, sizeof text, "p%d", rows[r].person);
    test_cell(ds, PFC_FEEDBACK, r, "person_id", text);
    (void)snprintf(text, sizeof text, "i%d", rows[r].intervention);
    test_cell(ds, PFC_FEEDBACK, r, "intervention_id", text);
    test_cell(ds, PFC_FEEDBACK, r, "kind", rows[r].kind);
    pfc_dataset_column(ds, PFC_FEEDBACK, "at")->time[r] =
        (int64_t)rows[r].day * PFC_DAY_S + 3600;
  }
  return ds;
}

static pfc_offers *offers_of(const pfc_dataset *ds) {
  pfc_history *h = NULL;
  pfc_offers *o = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_ok(pfc_offers_create(h, &o, &err));
  pfc_history_destroy(h);
  return o;
}

static void answers_find_their_offers(void **state) {
  (void)state;
  static const told ROWS[] = {
      {0, 0, 10, "shown"},    {0, 0, 12, "accepted"},
      {0, 0, 20, "started"},  {0, 0, 90, "completed"},  /* one yes, of day 10 */
      {1, 0, 11, "shown"},    {1, 0, 14, "shown"},      /* a first one unanswered */
      {1, 0, 15, "declined"},                           /* a no, of day 14 */
      {2, 1, 30, "declined"},                           /* no offer: of its own day */
      {3, 1, 31, "shown"},    {3, 1, 31, "overridden"}, /* does not count */
      {4, 1, 5, "shown"},     {4, 1, 6, "started"},     /* a yes */
      {4, 0, 7, "assessed"},                            /* says nothing */
      {5, 1, 95, "shown"},                              /* had no time yet */
      {6, 1, 40, "shown"},    {6, 1, 41, "declined"},
  };
  static const struct {
    int day, accepted;
    int64_t row;
  } WANTED[] = {{5, 1, 10}, {10, 1, 0}, {14, 0, 5}, {30, 0, 7}, {40, 0, 14}};
  pfc_dataset *ds = feedback_of((int)(sizeof ROWS / sizeof *ROWS), ROWS);
  pfc_offers *o = offers_of(ds);
  assert_int_equal(o->n, 5);
  assert_int_equal(o->n_accepted, 2);
  assert_int_equal(o->n_silent, 1); /* of five: no kind of answer */
  assert_int_equal(o->silent_no, 0);
  for (int k = 0; k < 5; k++) {
    assert_int_equal(o->at[k].d.date, WANTED[k].day);
    assert_int_equal(o->at[k].accepted, WANTED[k].accepted);
    assert_int_equal(o->at[k].row, WANTED[k].row);
    assert_int_equal(o->at[k].d.competency, -1);
    assert_int_equal(o->at[k].d.enrolment_row, -1);
  }
  pfc_offers_destroy(o);
  pfc_dataset_destroy(ds);
}

/* Three answered offers, then silence: one in four that had time is enough, fewer is not, and
 * an offer of the last sixty days has had none. */
static void silence_is_a_no_where_it_is_usual(void **state) {
  (void)state;
  static const told ROWS[] = {
      {0, 0, 1, "shown"}, {0, 0, 2, "accepted"}, {1, 0, 1, "shown"},  {1, 0, 2, "declined"},
      {2, 0, 1, "shown"}, {2, 0, 2, "accepted"}, {3, 0, 38, "shown"}, {4, 0, 99, "shown"}};
  for (int late = 0; late < 2; late++) {
    told rows[8];
    memcpy(rows, ROWS, sizeof rows);
    if (late) rows[6].day = 39; /* 60 days before the last word */
    pfc_dataset *ds = feedback_of(8, rows);
    pfc_offers *o = offers_of(ds);
    assert_int_equal(o->silent_no, !late);
    assert_int_equal(o->n, late ? 3 : 4);
    assert_int_equal(o->n_accepted, 2);
    if (!late) assert_int_equal(o->at[3].row, 6);
    pfc_offers_destroy(o);
    pfc_dataset_destroy(ds);
  }
}

static void what_is_mandated_is_no_offer(void **state) {
  (void)state;
  static const told ROWS[] = {{0, 0, 1, "shown"}, {0, 0, 2, "accepted"},
                              {0, 1, 1, "shown"}, {0, 1, 2, "accepted"},
                              {1, 0, 1, "shown"}, {1, 0, 2, "accepted"}};
  pfc_dataset *ds = feedback_of(6, ROWS);
  test_rows(ds, PFC_PEOPLE, "person_id,role_id", "p0,r;p1,s");
  test_rows(ds, PFC_MANDATES, "intervention_id,role_id", "i0,r");
  pfc_offers *o = offers_of(ds);
  assert_int_equal(o->n, 2);
  assert_int_equal(o->at[0].row, 2);
  assert_int_equal(o->at[1].row, 4);
  pfc_offers_destroy(o);
  pfc_dataset_destroy(ds);
}

static pfc_status create_once(void *user) {
  pfc_offers *o = NULL;
  const pfc_status st = pfc_offers_create(user, &o, NULL);
  pfc_offers_destroy(o);
  return st;
}

static void memory_may_run_out(void **state) {
  (void)state;
  static const told ROWS[] = {{0, 0, 1, "shown"}, {0, 0, 2, "accepted"}};
  pfc_dataset *ds = feedback_of(2, ROWS);
  pfc_history *h = NULL;
  assert_ok(pfc_history_create(ds, &h, &err));
  assert_true(count_down(create_once, h) >= 6);
  pfc_history_destroy(h);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers_find_their_offers),
      cmocka_unit_test(silence_is_a_no_where_it_is_usual),
      cmocka_unit_test(what_is_mandated_is_no_offer),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests_name("trainer/offers", tests, NULL, NULL);
}
