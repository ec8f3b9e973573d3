// labels: property check
/* Rounds of responses: what stays, what is undone, and what must not show. */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "datasets/export.h"
#include "datasets/import.h"
#include "datasets/quality.h"
#include "datasets/split.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/responses.h"
#include "tests/support/simulated.h"

enum { N_PEOPLE = RESPONSES_PEOPLE, N_DAYS = RESPONSES_DAYS };

static responses w;

static int draw(void **state) {
  (void)state;
  w = responses_draw();
  return 0;
}

static int drop(void **state) {
  (void)state;
  responses_drop(&w);
  return 0;
}

static test_organisation respond(const test_organisation *o, int32_t day, int32_t n_days,
                                 int64_t n, const pfc_lead *leads) {
  return responses_after(o, &(pfc_round){day, n_days, n, leads, w.seed});
}

/* --- rounds --------------------------------------------------------------------------------
 */

/* Two rounds in which nothing is offered are one of twice the length. */
static void rounds_join(void **state) {
  (void)state;
  test_organisation one = respond(&w.org, w.mid, 2 * N_DAYS, 0, NULL);
  test_organisation first = respond(&w.org, w.mid, N_DAYS, 0, NULL);
  test_organisation second = respond(&first, w.mid + N_DAYS, N_DAYS, 0, NULL);
  const pfc_table *a = &one.ds->tables[PFC_ASSESSMENTS],
                  *b = &second.ds->tables[PFC_ASSESSMENTS];
  assert_true(first.ds->tables[PFC_ASSESSMENTS].n_rows < a->n_rows);
  assert_int_equal(a->n_rows, b->n_rows);
  assert_int_equal(one.ds->tables[PFC_ENROLMENTS].n_rows,
                   second.ds->tables[PFC_ENROLMENTS].n_rows);
  double sum[2] = {0}; /* of all ratings: their order differs */
  for (int64_t row = 0; row < a->n_rows; row++) {
    sum[0] += pfc_dataset_reals(one.ds, PFC_ASSESSMENTS, "level")[row] *
              (1 + pfc_dataset_codes(one.ds, PFC_ASSESSMENTS, "person_id")[row]);
    sum[1] += pfc_dataset_reals(second.ds, PFC_ASSESSMENTS, "level")[row] *
              (1 + pfc_dataset_codes(second.ds, PFC_ASSESSMENTS, "person_id")[row]);
  }
  assert_true(fabs(sum[0] - sum[1]) < 1e-6 * fabs(sum[0]));
  assert_int_equal(one.ds->split.date, second.ds->split.date);
  assert_int_equal(second.truth->last_day, w.mid + 2 * N_DAYS - 1);
  test_organisation_clear(&one);
  test_organisation_clear(&first);
  test_organisation_clear(&second);
}

/* What is known at the end of a round was so, whatever comes later. */
static void later_rounds_change_nothing(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  int64_t n = responses_lead(w.org.truth, w.mid, w.seed, leads);
  test_organisation first = respond(&w.org, w.mid, N_DAYS, n, leads);
  n = responses_lead(first.truth, w.mid + N_DAYS, w.seed + 1, leads);
  test_organisation second = respond(&first, w.mid + N_DAYS, N_DAYS, n, leads);
  pfc_dataset *known[2] = {NULL};
  assert_ok(pfc_split_training_view(first.ds, &known[0], &err));
  second.ds->split.date = w.mid + N_DAYS;
  assert_ok(pfc_split_training_view(second.ds, &known[1], &err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    if (t == PFC_FEEDBACK) continue; /* same rows, of which the dictionary knows more */
    const pfc_table *a = &known[0]->tables[t], *b = &known[1]->tables[t];
    assert_int_equal(a->n_rows, b->n_rows);
    for (int c = 0; c < a->n_columns; c++)
      assert_memory_equal(a->columns[c].data, b->columns[c].data,
                          (size_t)a->n_rows * pfc_type_size(a->columns[c].type));
  }
  pfc_dataset_destroy(known[0]);
  pfc_dataset_destroy(known[1]);
  test_organisation_clear(&first);
  test_organisation_clear(&second);
}

/* --- the cut -------------------------------------------------------------------------------
 */

static int64_t count_from(const pfc_dataset *ds, pfc_table_id table, const char *column,
                          int32_t day) {
  int64_t n = 0;
  const int32_t *date = pfc_dataset_dates(ds, table, column);
  for (int64_t row = 0; row < ds->tables[table].n_rows; row++) n += date[row] >= day;
  return n;
}

static void another_policy_is_undone(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  assert_true(count_from(w.org.ds, PFC_ENROLMENTS, "enrolled_on", w.mid) > 200);
  test_organisation none = respond(&w.org, w.mid, N_DAYS, 0, NULL);
  assert_int_equal(count_from(none.ds, PFC_ENROLMENTS, "enrolled_on", w.mid), 0);
  assert_int_equal(count_from(none.ds, PFC_PERFORMANCE, "on", w.mid), 0);
  assert_int_equal(count_from(none.ds, PFC_POSITIONS, "from", w.mid),
                   count_from(w.org.ds, PFC_POSITIONS, "from", w.mid));
  test_organisation some =
      respond(&w.org, w.mid, N_DAYS, responses_lead(w.org.truth, w.mid, w.seed, leads), leads);
  const test_organisation *both[] = {&none, &some};
  for (int k = 0; k < 2; k++) {
    const pfc_truth *t = both[k]->truth;
    for (int32_t p = 0; p < t->n_people; p++) {
      int64_t before[2] = {0};
      for (int64_t g = w.org.truth->gain_start[p]; g < w.org.truth->gain_start[p + 1]; g++)
        before[0] += w.org.truth->gain_day[g] < w.mid;
      for (int64_t g = t->gain_start[p]; g < t->gain_start[p + 1]; g++) {
        before[1] += t->gain_day[g] < w.mid;
        assert_true(
            responses_has_start(both[k]->ds, p, t->gain_intervention[g], t->gain_day[g]));
      }
      assert_int_equal(before[0], before[1]);
    }
  }
  assert_true(some.truth->gain_start[N_PEOPLE] > none.truth->gain_start[N_PEOPLE]);
  assert_true(none.truth->gain_start[N_PEOPLE] < w.org.truth->gain_start[N_PEOPLE]);
  test_organisation_clear(&none);
  test_organisation_clear(&some);
}

static void assert_clean(const pfc_dataset *ds, int32_t as_of) {
  pfc_quality_settings s;
  pfc_quality *q = NULL;
  pfc_quality_defaults(&s);
  s.as_of = as_of;
  assert_ok(pfc_quality_create(ds, &s, &q, &err));
  for (int k = 0; k < q->n_findings; k++) {
    const pfc_quality_finding *f = &q->findings[k];
    if (f->n > 0)
      fail_msg("%s, %d of %d rows; %s", f->name, (int)f->n, (int)f->of, f->example[0].text);
  }
  pfc_quality_destroy(q);
}

/* Neither what an organisation knows at the end of the round nor what is to come: import takes
 * every row, and check finds no contradiction. */
static void records_do_not_contradict_themselves(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  const char *const folder = "respond_out";
  const int64_t n = responses_lead(w.org.truth, w.mid, w.seed, leads);
  test_organisation next = respond(&w.org, w.mid, N_DAYS, n, leads);
  pfc_dataset *known = NULL, *back = NULL;
  pfc_export_settings out;
  pfc_import_settings in;
  assert_ok(pfc_split_training_view(next.ds, &known, &err));
  assert_clean(known, next.truth->last_day);
  pfc_export_defaults(&out);
  out.replace = true;
  assert_ok(pfc_export(next.ds, folder, &out, &err));
  pfc_import_defaults(&in);
  in.scale_min = 0;
  in.scale_max = 7;
  assert_ok(pfc_import(&folder, 1, &in, &back, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    assert_int_equal(back->tables[t].n_rows, next.ds->tables[t].n_rows);
    assert_int_equal(back->tables[t].origin.rows_rejected, 0);
  }
  assert_clean(back, PFC_NO_DATE);
  pfc_dataset_destroy(known);
  pfc_dataset_destroy(back);
  test_organisation_clear(&next);
}

/* --- the same ------------------------------------------------------------------------------
 */

static void threads_do_not_show(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  const int64_t n = responses_lead(w.org.truth, w.mid, w.seed, leads);
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  test_organisation one = respond(&w.org, w.mid, N_DAYS, n, leads);
  omp_set_num_threads(3);
  test_organisation three = respond(&w.org, w.mid, N_DAYS, n, leads);
  omp_set_num_threads(before);
  test_dataset_equal(one.ds, three.ds, true);
  const int64_t gains = one.truth->gain_start[N_PEOPLE];
  assert_int_equal(gains, three.truth->gain_start[N_PEOPLE]);
  assert_memory_equal(one.truth->gain, three.truth->gain, (size_t)gains * sizeof(float));
  test_organisation_clear(&one);
  test_organisation_clear(&three);
}

/* Results of a person's latest enrolment, -1 none from the day on. */
static int32_t outcome_of(const pfc_dataset *ds, int32_t person, int32_t day,
                          int32_t *ended_on) {
  const int32_t *who = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  const int32_t *on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "enrolled_on");
  for (int64_t row = ds->tables[PFC_ENROLMENTS].n_rows - 1; row >= 0; row--) {
    if (who[row] != person || on[row] < day) continue;
    *ended_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "ended_on")[row];
    return pfc_dataset_codes(ds, PFC_ENROLMENTS, "status")[row];
  }
  return -1;
}

/* Half of the people are led elsewhere: the others answer, finish and learn as before. */
static void other_people_do_not_show(void **state) {
  (void)state;
  static pfc_lead leads[2][N_PEOPLE];
  const int64_t n = responses_lead(w.org.truth, w.mid, w.seed, leads[0]);
  (void)responses_lead(w.org.truth, w.mid, w.seed + 1, leads[1]);
  for (int64_t k = 0; k < n; k += 2) leads[1][k] = leads[0][k];
  test_organisation a = respond(&w.org, w.mid, N_DAYS, n, leads[0]);
  test_organisation b = respond(&w.org, w.mid, N_DAYS, n, leads[1]);
  for (int64_t k = 0; k < n; k += 2) {
    const int32_t p = leads[0][k].person;
    int32_t end[2] = {0};
    assert_int_equal(outcome_of(a.ds, p, w.mid, &end[0]), outcome_of(b.ds, p, w.mid, &end[1]));
    assert_int_equal(end[0], end[1]);
    assert_true(pfc_truth_level(a.truth, p, 3, w.mid + 200) ==
                pfc_truth_level(b.truth, p, 3, w.mid + 200));
  }
  test_organisation_clear(&a);
  test_organisation_clear(&b);
}

static int32_t same_text(const pfc_dataset *from, const pfc_dataset *to, const char *dictionary,
                         int32_t code) {
  return pfc_dict_find(pfc_dataset_find_dict(to, dictionary),
                       pfc_dict_text(pfc_dataset_find_dict(from, dictionary), code));
}

/* The same tables with people in another order, and so with other codes. */
static pfc_dataset *renumbered(const pfc_dataset *ds) {
  pfc_dataset *other = NULL;
  assert_ok(pfc_dataset_filter(ds, NULL, &other, &err));
  pfc_dict *dict = pfc_dataset_dict(other, "person");
  const int32_t n = pfc_dict_size(dict);
  pfc_dict *fresh = pfc_dict_create("person");
  for (int32_t p = n - 1; p >= 0; p--) {
    int32_t unused;
    const char *text = pfc_dict_text(dict, p);
    assert_ok(pfc_dict_add(fresh, text, strlen(text), &unused, &err));
  }
  for (int t = 0; t < PFC_N_TABLES; t++) {
    for (int c = 0; c < other->tables[t].n_columns; c++) {
      pfc_column *column = &other->tables[t].columns[c];
      if (column->dict != dict) continue;
      column->dict = fresh;
      for (int64_t row = 0; row < other->tables[t].n_rows; row++)
        if (column->code[row] >= 0) column->code[row] = n - 1 - column->code[row];
    }
  }
  for (int d = 0; d < other->n_dicts; d++)
    if (other->dicts[d] == dict) other->dicts[d] = fresh;
  pfc_dict_destroy(dict);
  return other;
}

static void codes_do_not_show(void **state) {
  (void)state;
  static pfc_lead leads[2][N_PEOPLE];
  const int64_t n = responses_lead(w.org.truth, w.mid, w.seed, leads[0]);
  const test_organisation turned = {renumbered(w.org.ds), w.org.truth};
  for (int64_t k = 0; k < n; k++)
    leads[1][k] = (pfc_lead){same_text(w.org.ds, turned.ds, "person", leads[0][k].person),
                             leads[0][k].intervention};
  assert_int_equal(leads[1][0].person, N_PEOPLE - 1 - leads[0][0].person);
  test_organisation a = respond(&w.org, w.mid, N_DAYS, n, leads[0]);
  test_organisation b = respond(&turned, w.mid, N_DAYS, n, leads[1]);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    assert_int_equal(a.ds->tables[t].n_rows, b.ds->tables[t].n_rows);
    for (int c = 0; c < a.ds->tables[t].n_columns; c++) {
      const pfc_column *x = &a.ds->tables[t].columns[c], *y = &b.ds->tables[t].columns[c];
      if (x->dict && strcmp(pfc_dict_name(x->dict), "person") == 0) {
        for (int64_t row = 0; row < a.ds->tables[t].n_rows; row++)
          assert_string_equal(pfc_dict_text(x->dict, x->code[row]),
                              pfc_dict_text(y->dict, y->code[row]));
      } else if (a.ds->tables[t].n_rows > 0) {
        assert_memory_equal(x->data, y->data,
                            (size_t)a.ds->tables[t].n_rows * pfc_type_size(x->type));
      }
    }
  }
  pfc_dataset_destroy(turned.ds);
  test_organisation_clear(&a);
  test_organisation_clear(&b);
}

/* --- what cannot be -------------------------------------------------------------------------
 */

static pfc_status respond_wrongly(const test_organisation *o, int32_t day, int32_t n_days,
                                  int64_t n, const pfc_lead *leads, pfc_error *err) {
  pfc_dataset *ds = NULL;
  pfc_truth *truth = NULL;
  const pfc_round round = {day, n_days, n, leads, 1};
  const pfc_status st = pfc_respond(o->ds, o->truth, &round, &ds, &truth, err);
  assert_true(st != PFC_OK && !ds && !truth);
  return st;
}

static void mistakes_are_named(void **state) {
  (void)state;
  const pfc_lead nobody = {-1, 0}, nothing = {0, RESPONSES_ITEMS};
  int32_t gone = 0, here = 0;
  while (responses_is_there(w.org.truth, gone, w.after_all)) gone++;
  while (!responses_is_there(w.org.truth, here, w.after_all)) here++;
  const pfc_lead left = {gone, 0}, twice[] = {{here, 0}, {here, 1}};
  assert_fails(respond_wrongly(&w.org, w.after_all, 91, 1, &nobody, &err), PFC_EUSAGE, "-1");
  assert_fails(respond_wrongly(&w.org, w.after_all, 91, 1, &nothing, &err), PFC_EUSAGE, "100");
  assert_fails(respond_wrongly(&w.org, w.after_all, 91, 1, &left, &err), PFC_EUSAGE,
               "is not with the organisation on 2026-01-01");
  assert_fails(respond_wrongly(&w.org, w.after_all, 91, 2, twice, &err), PFC_EUSAGE,
               "two interventions");
  assert_fails(respond_wrongly(&w.org, w.after_all, 0, 0, NULL, &err), PFC_EUSAGE,
               "n_days is 0");
  assert_fails(respond_wrongly(&w.org, w.after_all + 1, 91, 0, NULL, &err), PFC_EUSAGE,
               "2026-01-01");
  const pfc_simulate_settings s = test_simulate_settings(60, 40, 1);
  test_organisation other = test_simulate(w.frame, &s);
  const test_organisation mixed = {other.ds, w.org.truth}, bare = {w.frame, w.org.truth};
  assert_fails(respond_wrongly(&mixed, w.after_all, 91, 0, NULL, &err), PFC_EDATA,
               "another organisation");
  assert_fails(respond_wrongly(&bare, w.after_all, 91, 0, NULL, &err), PFC_EDATA, "person");
  test_organisation_clear(&other);
}

/* --- memory ---------------------------------------------------------------------------------
 */

typedef struct little {
  test_organisation org;
  int64_t n;
  pfc_lead leads[20];
} little;

static pfc_status respond_once(void *user) {
  const little *l = user;
  test_organisation next = {0};
  const pfc_round round = {l->org.truth->last_day - 60, 30, l->n, l->leads, 1};
  const pfc_status st =
      pfc_respond(l->org.ds, l->org.truth, &round, &next.ds, &next.truth, NULL);
  assert_true((st == PFC_OK) == (next.ds != NULL) && (st == PFC_OK) == (next.truth != NULL));
  test_organisation_clear(&next);
  return st;
}

static void memory_may_be_short(void **state) {
  (void)state;
  little l;
  pfc_dataset *small_frame = simulated_little();
  pfc_simulate_settings s = test_simulate_settings(20, 20, 1);
  s.n_roles = 2;
  s.n_months = 6;
  l.org = test_simulate(small_frame, &s);
  l.n = responses_lead(l.org.truth, l.org.truth->last_day - 60, 1, l.leads);
  assert_true(count_down(respond_once, &l) > 200);
  test_organisation_clear(&l.org);
  pfc_dataset_destroy(small_frame);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounds_join),
      cmocka_unit_test(later_rounds_change_nothing),
      cmocka_unit_test(another_policy_is_undone),
      cmocka_unit_test(records_do_not_contradict_themselves),
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(other_people_do_not_show),
      cmocka_unit_test(codes_do_not_show),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, draw, drop);
}
