// labels: property check
/* What people make of recommendations follows the laws. Every statistic below is close to
 * standard normal where they hold; LIMIT is passed by chance once in a million (two sides), so
 * that the six looks fail together less than once in 100,000 runs. */
#include "tests/support/test.h"

#include <math.h>

#include "tests/support/responses.h"

static const double LIMIT = 4.9;
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

static void people_accept_by_law(void **state) {
  (void)state;
  static pfc_lead leads[N_PEOPLE];
  const int64_t n = responses_lead(w.org.truth, w.after_all, w.seed, leads);
  test_organisation next = respond(&w.org, w.after_all, N_DAYS, n, leads);
  const pfc_table *before = &w.org.ds->tables[PFC_FEEDBACK];
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
    if (responses_has_start(w.org.ds, leads[k].person, leads[k].intervention, INT32_MAX))
      continue;
    const double p =
        pfc_truth_accept(w.org.truth, leads[k].person, leads[k].intervention, w.after_all);
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
    assert_int_equal(start, opens[item] > w.after_all ? opens[item] : w.after_all);
    return;
  }
  if (start == w.after_all) return; /* a run is open */
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
  const pfc_truth *t = w.org.truth;
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
  const int64_t n = responses_lead(w.org.truth, w.after_all, w.seed, leads);
  test_organisation next = respond(&w.org, w.after_all, N_DAYS, n, leads);
  const int64_t from = w.org.ds->tables[PFC_ENROLMENTS].n_rows;
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
    assert_true(start[row] >= w.after_all);
    assert_opens(next.ds, i, start[row]);
    const double a = pfc_truth_success(w.org.truth, p, i, start[row]);
    const double b = pfc_truth_drop(w.org.truth, p, i, start[row]);
    count(&passes, (status[row] == passed) - a, a * (1 - a));
    count(&drops, (status[row] == dropped) - b, b * (1 - b));
    assert_true(end[row] >= start[row]);
    if (status[row] != dropped)
      assert_int_equal(end[row] - start[row], lround(fmax(1, (double)w.org.truth->days[i])));
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
  const int64_t n = responses_lead(w.org.truth, w.mid, w.seed, leads);
  test_organisation next = respond(&w.org, w.mid, N_DAYS, n, leads);
  const int32_t *person = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "person_id");
  const int32_t *competency = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "competency_id");
  const int32_t *source = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "source");
  const int32_t *on = pfc_dataset_dates(next.ds, PFC_ASSESSMENTS, "assessed_on");
  const double *level = pfc_dataset_reals(next.ds, PFC_ASSESSMENTS, "level");
  const int32_t test = code(next.ds, "source", "test");
  int64_t n_tests = 0;
  for (int64_t row = 0; row < next.ds->tables[PFC_ASSESSMENTS].n_rows; row++) {
    if (source[row] != test || on[row] < w.mid) continue;
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
  test_organisation next = respond(&w.org, w.mid, 365, 0, NULL);
  const pfc_truth *t = w.org.truth;
  const int32_t *hired_on = pfc_dataset_dates(w.org.ds, PFC_PEOPLE, "hired_on");
  const int32_t *person = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "person_id");
  const int32_t *source = pfc_dataset_codes(next.ds, PFC_ASSESSMENTS, "source");
  const int32_t *on = pfc_dataset_dates(next.ds, PFC_ASSESSMENTS, "assessed_on");
  const int32_t review = code(next.ds, "source", "review");
  static int32_t rows[N_PEOPLE];
  tally reviews = {0};
  memset(rows, 0, sizeof rows);
  for (int64_t row = 0; row < next.ds->tables[PFC_ASSESSMENTS].n_rows; row++) {
    assert_true(on[row] < w.mid + 365);
    rows[person[row]] += source[row] == review && on[row] >= w.mid;
  }
  for (int32_t p = 0; p < t->n_people; p++) {
    if (t->left_on[p] != PFC_NO_DATE || hired_on[p] >= w.mid) continue;
    const int32_t begins = hired_on[p] > t->first_day ? hired_on[p] : t->first_day;
    const double head = (w.mid - begins) % 365 / 365.0;
    assert_int_equal(rows[p] % 8, 0);
    count(&reviews, rows[p] / 8.0 - 1, 2 * head * (1 - head));
  }
  assert_tally("reviews", &reviews, 500);
  test_organisation_clear(&next);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(people_accept_by_law),
      cmocka_unit_test(starts_end_by_law),
      cmocka_unit_test(tests_show_levels),
      cmocka_unit_test(reviews_come_once_a_year),
  };
  return cmocka_run_group_tests(tests, draw, drop);
}
