// labels: property check
/* What people make of recommendations follows the laws. Every statistic below is close to
 * standard normal where they hold; LIMIT is passed by chance once in a million (two sides). */
#include "tests/support/test.h"

#include <math.h>
#include <omp.h>

#include "base/rng.h"
#include "datasets/export.h"
#include "datasets/import.h"
#include "datasets/quality.h"
#include "datasets/respond.h"
#include "datasets/split.h"
#include "tests/support/countdown.h"
#include "tests/support/dataset.h"
#include "tests/support/organisation.h"
#include "tests/support/simulated.h"

static const double LIMIT = 4.9;
enum { N_PEOPLE = 1500, N_ITEMS = 100, N_DAYS = 91 };

static pfc_dataset *frame;
static test_organisation org;
static int32_t after_all, mid; /* the day after the history, and one in it */
static uint64_t seed;

static int draw(void **state) {
  (void)state;
  frame = test_frame();
  const pfc_simulate_settings s = test_simulate_settings(N_PEOPLE, N_ITEMS, test_seed(17));
  seed = s.seed;
  org = test_simulate(frame, &s);
  after_all = org.truth->last_day + 1;
  mid = org.truth->last_day - 200;
  return 0;
}

static int drop(void **state) {
  (void)state;
  test_organisation_clear(&org);
  pfc_dataset_destroy(frame);
  return 0;
}

static bool is_there(const pfc_truth *t, int32_t p, int32_t day) {
  return pfc_truth_role(t, p, day) >= 0 &&
         (t->left_on[p] == PFC_NO_DATE || t->left_on[p] >= day);
}

/* Everybody who is there is led somewhere, by chance. */
static int64_t lead_all(const pfc_truth *t, int32_t day, uint64_t from, pfc_lead *leads) {
  int64_t n = 0;
  for (int32_t p = 0; p < t->n_people; p++) {
    pfc_rng rng;
    pfc_rng_init(&rng, from, "test.leads", (uint64_t)p);
    if (!is_there(t, p, day)) continue;
    leads[n++] = (pfc_lead){p, (int32_t)pfc_rng_below(&rng, (uint64_t)t->n_interventions)};
  }
  return n;
}

static test_organisation respond(const test_organisation *o, int32_t day, int32_t n_days,
                                 int64_t n, const pfc_lead *leads) {
  test_organisation next = {0};
  const pfc_round round = {day, n_days, n, leads, seed};
  assert_ok(pfc_respond(o->ds, o->truth, &round, &next.ds, &next.truth, &err));
  return next;
}

static int32_t code(const pfc_dataset *ds, const char *dictionary, const char *word) {
  return pfc_dict_find(pfc_dataset_find_dict(ds, dictionary), word);
}

static void assert_normal(const char *what, double z) {
  if (!(fabs(z) < LIMIT)) fail_msg("%s: z = %.2f, beyond %.2f", what, z, LIMIT);
}

typedef struct tally {
  int64_t n;
  double sum, variance;
} tally;

static void count(tally *t, double difference, double variance) {
  t->n++;
  t->sum += difference;
  t->variance += variance;
}

static void assert_tally(const char *what, const tally *t, int64_t at_least) {
  if (t->n < at_least) fail_msg("%s: %d rows only", what, (int)t->n);
  print_message("%s: n %d, z %.2f\n", what, (int)t->n, t->sum / sqrt(t->variance));
  assert_normal(what, t->sum / sqrt(t->variance));
}

/* Has the person a start of it before that day? */
static bool has_start(const pfc_dataset *ds, int32_t person, int32_t item, int32_t before) {
  const int32_t *who = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id");
  const int32_t *what = pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id");
  const int32_t *start = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on");
  for (int64_t row = 0; row < ds->tables[PFC_ENROLMENTS].n_rows; row++)
    if (who[row] == person && what[row] == item && start[row] != PFC_NO_DATE &&
        start[row] < before)
      return true;
  return false;
}

/* --- laws ----------------------------------------------------------------------------------
 */

static void people_accept_by_law(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  const int64_t n = lead_all(org.truth, after_all, seed, leads);
  test_organisation next = respond(&org, after_all, N_DAYS, n, leads);
  const pfc_table *before = &org.ds->tables[PFC_FEEDBACK];
  const int32_t *kind = pfc_dataset_codes(next.ds, PFC_FEEDBACK, "kind");
  const int32_t *person = pfc_dataset_codes(next.ds, PFC_FEEDBACK, "person_id");
  const int32_t *item = pfc_dataset_codes(next.ds, PFC_FEEDBACK, "intervention_id");
  const int32_t shown = code(next.ds, "feedback_kind", "shown"),
                accepted = code(next.ds, "feedback_kind", "accepted"),
                declined = code(next.ds, "feedback_kind", "declined");
  tally likely = {0}, unlikely = {0};
  assert_int_equal(next.ds->tables[PFC_FEEDBACK].n_rows, before->n_rows + 2 * n);
  for (int64_t k = 0; k < n; k++) {
    const int64_t row = before->n_rows + 2 * k;
    assert_int_equal(kind[row], shown);
    assert_true(kind[row + 1] == accepted || kind[row + 1] == declined);
    assert_true(person[row] == leads[k].person && person[row + 1] == leads[k].person);
    assert_true(item[row] == leads[k].intervention);
    if (has_start(org.ds, leads[k].person, leads[k].intervention, INT32_MAX)) continue;
    const double p =
        pfc_truth_accept(org.truth, leads[k].person, leads[k].intervention, after_all);
    count(p > 0.45 ? &likely : &unlikely, (kind[row + 1] == accepted) - p, p * (1 - p));
  }
  assert_tally("acceptance, where likely", &likely, 100);
  assert_tally("acceptance, where not", &unlikely, 100);
  test_organisation_clear(&next);
}

/* Started later than the day: at the first day on which the catalogue has it open. */
static void assert_opens(const pfc_dataset *ds, int32_t item, int32_t start) {
  const int32_t *opens = pfc_dataset_dates(ds, PFC_INTERVENTIONS, "opens_on");
  const int32_t *closes = pfc_dataset_dates(ds, PFC_INTERVENTIONS, "closes_on");
  if (closes[item] == PFC_NO_DATE) {
    assert_int_equal(start, opens[item] > after_all ? opens[item] : after_all);
    return;
  }
  if (start == after_all) return; /* a run is open */
  int opens_day, start_day;
  (void)pfc_date_month(opens[item], &opens_day);
  (void)pfc_date_month(start, &start_day);
  assert_true(start_day == opens_day ||
              (start_day >= 28 && start_day < opens_day)); /* of a short month the last day */
}

/* Levels of all targets a year after the start, against the expectation that enumerates the
 * arrival day: the differences have mean 0, and their own squares tell the variance. */
static void count_levels(const test_organisation *next, int32_t p, int32_t i, int32_t start,
                         tally *levels) {
  const pfc_truth *t = org.truth;
  double sum = 0;
  for (int64_t g = t->gain_start[p]; g < t->gain_start[p + 1]; g++)
    if (t->gain_day[g] > start) return; /* of an earlier start, still to come */
  for (int64_t k = t->target_start[i]; k < t->target_start[i + 1]; k++)
    sum += pfc_truth_level(next->truth, p, t->target_competency[k], start + 365) -
           pfc_truth_level_with(t, p, i, k, start, 365);
  count(levels, sum, sum * sum);
}

static void starts_end_by_law(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  const int64_t n = lead_all(org.truth, after_all, seed, leads);
  test_organisation next = respond(&org, after_all, N_DAYS, n, leads);
  const int64_t from = org.ds->tables[PFC_ENROLMENTS].n_rows;
  const int64_t to = next.ds->tables[PFC_ENROLMENTS].n_rows;
  const int32_t *person = pfc_dataset_codes(next.ds, PFC_ENROLMENTS, "person_id");
  const int32_t *item = pfc_dataset_codes(next.ds, PFC_ENROLMENTS, "intervention_id");
  const int32_t *status = pfc_dataset_codes(next.ds, PFC_ENROLMENTS, "status");
  const int32_t *start = pfc_dataset_dates(next.ds, PFC_ENROLMENTS, "started_on");
  const int32_t *end = pfc_dataset_dates(next.ds, PFC_ENROLMENTS, "ended_on");
  const int32_t passed = code(next.ds, "status", "passed"),
                dropped = code(next.ds, "status", "dropped");
  tally passes = {0}, drops = {0}, levels = {0};
  for (int64_t row = from; row < to; row++) {
    const int32_t p = person[row], i = item[row];
    if (start[row] == PFC_NO_DATE) continue; /* never opens again */
    assert_true(start[row] >= after_all);
    assert_opens(next.ds, i, start[row]);
    const double a = pfc_truth_success(org.truth, p, i, start[row]);
    const double b = pfc_truth_drop(org.truth, p, i, start[row]);
    count(&passes, (status[row] == passed) - a, a * (1 - a));
    count(&drops, (status[row] == dropped) - b, b * (1 - b));
    assert_true(end[row] >= start[row]);
    if (status[row] != dropped)
      assert_int_equal(end[row] - start[row], lround(fmax(1, (double)org.truth->days[i])));
    count_levels(&next, p, i, start[row], &levels);
  }
  assert_tally("passes", &passes, 200);
  assert_tally("drops", &drops, 200);
  assert_tally("levels", &levels, 100);
  test_organisation_clear(&next);
}

/* A test shows the level but for its noise, which is cut at 1.5 x 0.3 levels, and rounding to
 * whole points of 100. */
static void tests_show_levels(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  const int64_t n = lead_all(org.truth, mid, seed, leads);
  test_organisation next = respond(&org, mid, N_DAYS, n, leads);
  const int32_t *person = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "person_id");
  const int32_t *competency = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "competency_id");
  const int32_t *source = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "source");
  const int32_t *on = pfc_dataset_dates(next.ds, PFC_ASSESSMENTS, "assessed_on");
  const double *level = pfc_dataset_reals(next.ds, PFC_ASSESSMENTS, "level");
  const int32_t test = code(next.ds, "source", "test");
  int64_t n_tests = 0;
  for (int64_t row = 0; row < next.ds->tables[PFC_ASSESSMENTS].n_rows; row++) {
    if (source[row] != test || on[row] < mid) continue;
    const double truth = pfc_truth_level(next.truth, person[row], competency[row], on[row]);
    assert_true(fabs(level[row] * 7 / 100 - truth) <= 1.5 * 0.3 + 0.5 * 7 / 100 + 1e-6);
    n_tests++;
  }
  assert_true(n_tests > 50);
  test_organisation_clear(&next);
}

/* One review a year, a day of it drawn evenly: of a window of a year the tail of one of the
 * person's own years and the head of the next are seen, so on average one review, and its
 * variance is 2 f (1 - f), f the share of the head; 8 competencies each where the role asks for
 * as many. */
static void reviews_come_once_a_year(void **state) {
  (void)state;
  test_organisation next = respond(&org, mid, 365, 0, NULL);
  const pfc_truth *t = org.truth;
  const int32_t *hired_on = pfc_dataset_dates(org.ds, PFC_PEOPLE, "hired_on");
  const int32_t *person = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "person_id");
  const int32_t *source = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "source");
  const int32_t *on = pfc_dataset_dates(next.ds, PFC_ASSESSMENTS, "assessed_on");
  const int32_t review = code(next.ds, "source", "review");
  static int32_t rows[N_PEOPLE];
  tally reviews = {0};
  memset(rows, 0, sizeof rows);
  for (int64_t row = 0; row < next.ds->tables[PFC_ASSESSMENTS].n_rows; row++) {
    assert_true(on[row] < mid + 365);
    rows[person[row]] += source[row] == review && on[row] >= mid;
  }
  for (int32_t p = 0; p < t->n_people; p++) {
    if (t->left_on[p] != PFC_NO_DATE || hired_on[p] >= mid) continue;
    const int32_t begins = hired_on[p] > t->first_day ? hired_on[p] : t->first_day;
    const double head = (mid - begins) % 365 / 365.0;
    assert_int_equal(rows[p] % 8, 0);
    count(&reviews, rows[p] / 8.0 - 1, 2 * head * (1 - head));
  }
  assert_tally("reviews", &reviews, 500);
  test_organisation_clear(&next);
}

/* --- rounds --------------------------------------------------------------------------------
 */

/* Two rounds in which nothing is offered are one of twice the length. */
static void rounds_join(void **state) {
  (void)state;
  test_organisation one = respond(&org, mid, 2 * N_DAYS, 0, NULL);
  test_organisation first = respond(&org, mid, N_DAYS, 0, NULL);
  test_organisation second = respond(&first, mid + N_DAYS, N_DAYS, 0, NULL);
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
  assert_int_equal(second.truth->last_day, mid + 2 * N_DAYS - 1);
  test_organisation_clear(&one);
  test_organisation_clear(&first);
  test_organisation_clear(&second);
}

/* What is known at the end of a round was so, whatever comes later. */
static void later_rounds_change_nothing(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  int64_t n = lead_all(org.truth, mid, seed, leads);
  test_organisation first = respond(&org, mid, N_DAYS, n, leads);
  n = lead_all(first.truth, mid + N_DAYS, seed + 1, leads);
  test_organisation second = respond(&first, mid + N_DAYS, N_DAYS, n, leads);
  pfc_dataset *known[2] = {NULL};
  assert_ok(pfc_split_training_view(first.ds, &known[0], &err));
  second.ds->split.date = mid + N_DAYS;
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
  assert_true(count_from(org.ds, PFC_ENROLMENTS, "enrolled_on", mid) > 200);
  test_organisation none = respond(&org, mid, N_DAYS, 0, NULL);
  assert_int_equal(count_from(none.ds, PFC_ENROLMENTS, "enrolled_on", mid), 0);
  assert_int_equal(count_from(none.ds, PFC_PERFORMANCE, "on", mid), 0);
  assert_int_equal(count_from(none.ds, PFC_POSITIONS, "from", mid),
                   count_from(org.ds, PFC_POSITIONS, "from", mid));
  test_organisation some =
      respond(&org, mid, N_DAYS, lead_all(org.truth, mid, seed, leads), leads);
  const test_organisation *both[] = {&none, &some};
  for (int k = 0; k < 2; k++) {
    const pfc_truth *t = both[k]->truth;
    for (int32_t p = 0; p < t->n_people; p++) {
      int64_t before[2] = {0};
      for (int64_t g = org.truth->gain_start[p]; g < org.truth->gain_start[p + 1]; g++)
        before[0] += org.truth->gain_day[g] < mid;
      for (int64_t g = t->gain_start[p]; g < t->gain_start[p + 1]; g++) {
        before[1] += t->gain_day[g] < mid;
        assert_true(has_start(both[k]->ds, p, t->gain_intervention[g], t->gain_day[g]));
      }
      assert_int_equal(before[0], before[1]);
    }
  }
  assert_true(some.truth->gain_start[N_PEOPLE] > none.truth->gain_start[N_PEOPLE]);
  assert_true(none.truth->gain_start[N_PEOPLE] < org.truth->gain_start[N_PEOPLE]);
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
  const int64_t n = lead_all(org.truth, mid, seed, leads);
  test_organisation next = respond(&org, mid, N_DAYS, n, leads);
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
  const int64_t n = lead_all(org.truth, mid, seed, leads);
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  test_organisation one = respond(&org, mid, N_DAYS, n, leads);
  omp_set_num_threads(3);
  test_organisation three = respond(&org, mid, N_DAYS, n, leads);
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
  const int64_t n = lead_all(org.truth, mid, seed, leads[0]);
  (void)lead_all(org.truth, mid, seed + 1, leads[1]);
  for (int64_t k = 0; k < n; k += 2) leads[1][k] = leads[0][k];
  test_organisation a = respond(&org, mid, N_DAYS, n, leads[0]);
  test_organisation b = respond(&org, mid, N_DAYS, n, leads[1]);
  for (int64_t k = 0; k < n; k += 2) {
    const int32_t p = leads[0][k].person;
    int32_t end[2] = {0};
    assert_int_equal(outcome_of(a.ds, p, mid, &end[0]), outcome_of(b.ds, p, mid, &end[1]));
    assert_int_equal(end[0], end[1]);
    assert_true(pfc_truth_level(a.truth, p, 3, mid + 200) ==
                pfc_truth_level(b.truth, p, 3, mid + 200));
  }
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
  const pfc_lead nobody = {-1, 0}, nothing = {0, N_ITEMS};
  int32_t gone = 0, here = 0;
  while (is_there(org.truth, gone, after_all)) gone++;
  while (!is_there(org.truth, here, after_all)) here++;
  const pfc_lead left = {gone, 0}, twice[] = {{here, 0}, {here, 1}};
  assert_fails(respond_wrongly(&org, after_all, 91, 1, &nobody, &err), PFC_EUSAGE, "-1");
  assert_fails(respond_wrongly(&org, after_all, 91, 1, &nothing, &err), PFC_EUSAGE, "100");
  assert_fails(respond_wrongly(&org, after_all, 91, 1, &left, &err), PFC_EUSAGE,
               "is not with the organisation on 2026-01-01");
  assert_fails(respond_wrongly(&org, after_all, 91, 2, twice, &err), PFC_EUSAGE,
               "two interventions");
  assert_fails(respond_wrongly(&org, after_all, 0, 0, NULL, &err), PFC_EUSAGE, "n_days is 0");
  assert_fails(respond_wrongly(&org, after_all + 1, 91, 0, NULL, &err), PFC_EUSAGE,
               "2026-01-01");
  const pfc_simulate_settings s = test_simulate_settings(60, 40, 1);
  test_organisation other = test_simulate(frame, &s);
  const test_organisation mixed = {other.ds, org.truth}, bare = {frame, org.truth};
  assert_fails(respond_wrongly(&mixed, after_all, 91, 0, NULL, &err), PFC_EDATA,
               "another organisation");
  assert_fails(respond_wrongly(&bare, after_all, 91, 0, NULL, &err), PFC_EDATA, "person");
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
  l.n = lead_all(l.org.truth, l.org.truth->last_day - 60, 1, l.leads);
  assert_true(count_down(respond_once, &l) > 200);
  test_organisation_clear(&l.org);
  pfc_dataset_destroy(small_frame);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(people_accept_by_law),
      cmocka_unit_test(starts_end_by_law),
      cmocka_unit_test(tests_show_levels),
      cmocka_unit_test(reviews_come_once_a_year),
      cmocka_unit_test(rounds_join),
      cmocka_unit_test(later_rounds_change_nothing),
      cmocka_unit_test(another_policy_is_undone),
      cmocka_unit_test(records_do_not_contradict_themselves),
      cmocka_unit_test(threads_do_not_show),
      cmocka_unit_test(other_people_do_not_show),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, draw, drop);
}
