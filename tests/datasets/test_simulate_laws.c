// labels: property check
/* What is recorded follows the laws. Every statistic below is close to standard normal where
 * they hold; LIMIT is passed by chance once in 10,000 (two sides), so that all of the about 60
 * looks of this file fail together less than once in 150 seeds. The seed is fixed. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/organisation.h"

static const double LIMIT = 3.89;

static pfc_dataset *frame;
static test_organisation managed, even; /* both policies */

static int draw(void **state) {
  (void)state;
  frame = test_frame();
  pfc_simulate_settings s = test_simulate_settings(2500, 150, test_seed(11));
  managed = test_simulate(frame, &s);
  s.random = true;
  even = test_simulate(frame, &s);
  return 0;
}

static int drop(void **state) {
  (void)state;
  test_organisation_clear(&managed);
  test_organisation_clear(&even);
  pfc_dataset_destroy(frame);
  return 0;
}

static void assert_normal(const char *what, double z) {
  if (!(fabs(z) < LIMIT)) fail_msg("%s: z = %.2f, beyond %.2f", what, z, LIMIT);
}

/* Sum of differences from what was expected, and its variance. */
typedef struct tally {
  int64_t n;
  double sum, variance;
} tally;

static void count(tally *t, double difference, double variance) {
  t->n++;
  t->sum += difference;
  t->variance += variance;
}

static double z_of(const tally *t) { return t->sum / sqrt(t->variance); }

/* --- enrolments ------------------------------------------------------------------------ */

typedef struct enrolment {
  int32_t person, intervention, started_on;
  bool passed, dropped;
} enrolment;

/* The k-th enrolment, where everything about it is known by the end of the history: a start
 * whose planned end lies before it and before the person left. */
static bool known_start(const test_organisation *o, int64_t row, enrolment *e) {
  const pfc_dataset *ds = o->ds;
  const pfc_truth *t = o->truth;
  const pfc_dict *words = pfc_dataset_find_dict(ds, "status");
  const int32_t status = pfc_dataset_codes(ds, PFC_ENROLMENTS, "status")[row];
  e->person = pfc_dataset_codes(ds, PFC_ENROLMENTS, "person_id")[row];
  e->intervention = pfc_dataset_codes(ds, PFC_ENROLMENTS, "intervention_id")[row];
  e->started_on = pfc_dataset_dates(ds, PFC_ENROLMENTS, "started_on")[row];
  e->passed = status == pfc_dict_find(words, "passed");
  e->dropped = status == pfc_dict_find(words, "dropped");
  if (e->started_on == PFC_NO_DATE) return false;
  const int32_t until =
      e->started_on + (int32_t)lround(fmax(1, (double)t->days[e->intervention]));
  const int32_t left_on = t->left_on[e->person];
  return until <= t->last_day && (left_on == PFC_NO_DATE || until <= left_on);
}

enum { N_STRATA = 8 };

static int stratum(const pfc_truth *t, const enrolment *e) {
  const int64_t k = t->target_start[e->intervention];
  const double level = pfc_truth_level(t, e->person, t->target_competency[k], e->started_on);
  return ((double)t->ability[e->person] > 0) + 2 * ((double)t->target_to[k] - level > 1) +
         4 * ((double)t->days[e->intervention] > 30);
}

static void results_follow_success_and_drop(void **state) {
  (void)state;
  tally passes[N_STRATA] = {0}, drops[N_STRATA] = {0};
  for (int64_t row = 0; row < managed.ds->tables[PFC_ENROLMENTS].n_rows; row++) {
    enrolment e;
    if (!known_start(&managed, row, &e)) continue;
    const double p = pfc_truth_success(managed.truth, e.person, e.intervention, e.started_on);
    const double q = pfc_truth_drop(managed.truth, e.person, e.intervention, e.started_on);
    const int at = stratum(managed.truth, &e);
    count(&passes[at], e.passed - p, p * (1 - p));
    count(&drops[at], e.dropped - q, q * (1 - q));
  }
  for (int k = 0; k < N_STRATA; k++) {
    assert_true(passes[k].n > 50);
    assert_normal("passes of a stratum", z_of(&passes[k]));
    assert_normal("drops of a stratum", z_of(&drops[k]));
  }
}

/* --- the day on which what was learned arrives -------------------------------------------- */

enum { N_BINS = 8 };
static const int32_t BIN_TO[N_BINS] = {14, 30, 60, 90, 120, 180, 360, PFC_TRUTH_DAYS};

static int64_t n_gains_of(const pfc_truth *t, int32_t person, int32_t competency) {
  int64_t n = 0;
  for (int64_t g = t->gain_start[person]; g < t->gain_start[person + 1]; g++)
    n += t->gain_competency[g] == competency;
  return n;
}

/* Days from the start to the gain that it brought; 0 none. */
static int32_t arrival(const pfc_truth *t, const enrolment *e, int32_t competency) {
  for (int64_t g = t->gain_start[e->person]; g < t->gain_start[e->person + 1]; g++) {
    if (t->gain_intervention[g] == e->intervention && t->gain_competency[g] == competency &&
        t->gain_day[g] > e->started_on)
      return t->gain_day[g] - e->started_on;
  }
  return 0;
}

/* Would an arrival leave a trace on whatever day it came? Only what is below its target all the
 * time, and learns this from nobody else, can be told from what came and changed nothing. */
static bool leaves_a_trace(const pfc_truth *t, const enrolment *e, int64_t k) {
  const int32_t c = t->target_competency[k];
  const double effect = (double)t->effect[e->intervention];
  if (effect == 0) return false;
  const double settled =
      pfc_truth_level_without(t, e->person, k, e->started_on, PFC_TRUTH_DAYS);
  const double now = pfc_truth_level(t, e->person, c, e->started_on);
  if (effect > 0 && fmax(now, settled) > (double)t->target_to[k] - 0.5) return false;
  return n_gains_of(t, e->person, c) <= 1;
}

static void arrivals_follow_the_hazard(void **state) {
  (void)state;
  tally bins[N_BINS] = {0};
  double hazard[PFC_TRUTH_DAYS];
  const pfc_truth *t = managed.truth;
  for (int64_t row = 0; row < managed.ds->tables[PFC_ENROLMENTS].n_rows; row++) {
    enrolment e;
    if (!known_start(&managed, row, &e) || !e.passed) continue;
    for (int64_t k = t->target_start[e.intervention]; k < t->target_start[e.intervention + 1];
         k++) {
      if (!leaves_a_trace(t, &e, k)) continue;
      const int32_t came = arrival(t, &e, t->target_competency[k]);
      const int32_t until = came ? came : PFC_TRUTH_DAYS;
      pfc_truth_hazard(t, e.person, e.intervention, k, e.started_on, until, hazard);
      for (int32_t d = 1, bin = 0; d <= until; d++) {
        while (d > BIN_TO[bin]) bin++;
        const double h = hazard[d - 1];
        count(&bins[bin], (d == came) - h, h * (1 - h));
      }
    }
  }
  for (int k = 0; k < N_BINS; k++) {
    assert_true(bins[k].n > 500);
    assert_normal("arrivals in a bin", z_of(&bins[k]));
  }
}

/* --- acceptance ------------------------------------------------------------------------------
 */

/* Who had the time and the prerequisites says yes by the law. */
static void answers_follow_acceptance(void **state) {
  (void)state;
  tally all[2] = {0};
  const pfc_dataset *ds = managed.ds;
  const pfc_truth *t = managed.truth;
  const pfc_dict *kinds = pfc_dataset_find_dict(ds, "feedback_kind");
  const int32_t accepted = pfc_dict_find(kinds, "accepted"),
                shown = pfc_dict_find(kinds, "shown"),
                compliance = pfc_dict_find(pfc_dataset_find_dict(ds, "actor"), "compliance");
  const int32_t *kind = pfc_dataset_codes(ds, PFC_FEEDBACK, "kind"),
                *person = pfc_dataset_codes(ds, PFC_FEEDBACK, "person_id"),
                *intervention = pfc_dataset_codes(ds, PFC_FEEDBACK, "intervention_id"),
                *reason = pfc_dataset_codes(ds, PFC_FEEDBACK, "reason"),
                *actor = pfc_dataset_codes(ds, PFC_FEEDBACK, "actor");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  for (int64_t row = 0; row + 1 < ds->tables[PFC_FEEDBACK].n_rows; row++) {
    if (kind[row] != shown || actor[row] == compliance || reason[row + 1] >= 0) continue;
    const int32_t day = (int32_t)pfc_time_day(at->time[row]);
    const double p = pfc_truth_accept(t, person[row], intervention[row], day);
    count(&all[(double)t->ability[person[row]] > 0], (kind[row + 1] == accepted) - p,
          p * (1 - p));
  }
  for (int k = 0; k < 2; k++) {
    assert_true(all[k].n > 1000);
    assert_normal("acceptances", z_of(&all[k]));
  }
}

/* --- sources --------------------------------------------------------------------------------
 */

/* Of a standard normal that is cut at 1.5: 1 - 3 phi(1.5) / (2 Phi(1.5) - 1). */
static const double CUT_VARIANCE = 0.55154;

typedef struct seen {
  int64_t n;
  double sum, squares;
} seen;

static void check_source(const test_organisation *o, int32_t source, const seen *s) {
  const pfc_truth *t = o->truth;
  const pfc_dataset *ds = o->ds;
  const double noise = (double)t->source_noise[source],
               lenient = (double)t->source_leniency[source];
  const double range = pfc_dataset_reals(ds, PFC_SOURCES, "scale_max")[source] -
                       pfc_dataset_reals(ds, PFC_SOURCES, "scale_min")[source];
  const char *name = pfc_dict_text(t->sources, source);
  const double step = (strcmp(name, "test") == 0     ? 1
                       : strcmp(name, "review") == 0 ? 0.25
                                                     : 0.5) *
                      7 / range;
  const double own = CUT_VARIANCE * noise * noise + step * step / 12;
  const double mean = s->sum / (double)s->n;
  const double variance = s->squares / (double)s->n - mean * mean;
  if (lenient == 0) {
    assert_normal(name, (mean - (double)t->source_bias[source]) / sqrt(own / (double)s->n));
    assert_normal(name, (variance - own) / (own * sqrt(2 / (double)s->n)));
    return;
  }
  /* A rater's leniency is shared by all they rate: at least 100 raters stand behind these. */
  const double shared = CUT_VARIANCE * lenient * lenient;
  assert_normal(
      name, (mean - (double)t->source_bias[source]) / sqrt(own / (double)s->n + shared / 100));
  assert_true(variance > 0.8 * own && variance < 1.2 * (own + shared));
}

static void ratings_follow_their_source(void **state) {
  (void)state;
  const pfc_dataset *ds = managed.ds;
  const pfc_truth *t = managed.truth;
  const int32_t *person = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "person_id"),
                *competency = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "competency_id"),
                *source = pfc_dataset_codes(ds, PFC_ASSESSMENTS, "source"),
                *day = pfc_dataset_dates(ds, PFC_ASSESSMENTS, "assessed_on");
  const double *level = pfc_dataset_reals(ds, PFC_ASSESSMENTS, "level"),
               *min = pfc_dataset_reals(ds, PFC_SOURCES, "scale_min"),
               *max = pfc_dataset_reals(ds, PFC_SOURCES, "scale_max");
  seen all[16] = {0};
  assert_true(t->n_sources <= 16);
  for (int64_t row = 0; row < ds->tables[PFC_ASSESSMENTS].n_rows; row++) {
    const int32_t s = source[row];
    const double held = pfc_truth_level(t, person[row], competency[row], day[row]);
    if (held < 1.7 || held > 5.2) continue; /* the ends of a scale hold ratings back */
    const double rated = 7 * (level[row] - min[s]) / (max[s] - min[s]);
    const double off = rated - held - ((double)t->source_slope[s] - 1) * (held - 3.5);
    all[s].n++;
    all[s].sum += off;
    all[s].squares += off * off;
  }
  for (int32_t s = 0; s < t->n_sources; s++) {
    if (all[s].n < 50) fail_msg("%s: %d ratings", pfc_dict_text(t->sources, s), (int)all[s].n);
    check_source(&managed, s, &all[s]);
  }
}

/* --- confounding
 * ------------------------------------------------------------------------------ */

static double need_of(const pfc_truth *t, int32_t person, int32_t intervention, int32_t day) {
  const int64_t k = t->target_start[intervention];
  return (double)t->target_to[k] - pfc_truth_level(t, person, t->target_competency[k], day);
}

static bool is_employed(const pfc_truth *t, int32_t person, int32_t day) {
  return t->position_from[t->position_start[person]] < day &&
         (t->left_on[person] == PFC_NO_DATE || t->left_on[person] > day);
}

/* Somebody of the same role on that day, -1 when twenty tries find nobody. */
static int32_t colleague(const pfc_truth *t, int32_t person, int32_t day, pfc_rng *rng) {
  const int32_t role = pfc_truth_role(t, person, day);
  for (int k = 0; k < 200; k++) {
    const int32_t other = (int32_t)pfc_rng_below(rng, (uint64_t)t->n_people);
    if (other != person && is_employed(t, other, day) && pfc_truth_role(t, other, day) == role)
      return other;
  }
  return -1;
}

/* z of the difference of `measure` between whoever was offered something first in their time
 * and a colleague, who might have been: people are independent, each counts once. */
static double first_offers(const test_organisation *o,
                           double (*measure)(const pfc_truth *t, int32_t person,
                                             int32_t intervention, int32_t day),
                           bool (*concerns)(const pfc_truth *t, int32_t intervention)) {
  const pfc_dataset *ds = o->ds;
  const int32_t *person = pfc_dataset_codes(ds, PFC_FEEDBACK, "person_id"),
                *intervention = pfc_dataset_codes(ds, PFC_FEEDBACK, "intervention_id"),
                *actor = pfc_dataset_codes(ds, PFC_FEEDBACK, "actor");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  const int32_t compliance = pfc_dict_find(pfc_dataset_find_dict(ds, "actor"), "compliance");
  pfc_rng rng;
  pfc_rng_init(&rng, 5, "tests.colleagues", 0);
  int32_t last = -1;
  seen d = {0};
  for (int64_t row = 0; row < ds->tables[PFC_FEEDBACK].n_rows; row++) {
    if (person[row] == last || actor[row] < 0 || actor[row] == compliance) continue;
    last = person[row];
    const int32_t day = (int32_t)pfc_time_day(at->time[row]);
    const int32_t other = colleague(o->truth, last, day, &rng);
    if (other < 0 || !concerns(o->truth, intervention[row])) continue;
    const double difference = measure(o->truth, last, intervention[row], day) -
                              measure(o->truth, other, intervention[row], day);
    d.n++;
    d.sum += difference;
    d.squares += difference * difference;
  }
  assert_true(d.n > 50);
  return d.sum / sqrt(d.squares);
}

static bool any(const pfc_truth *t, int32_t intervention) {
  (void)t;
  (void)intervention;
  return true;
}

static void history_is_confounded_unless_it_is_random(void **state) {
  (void)state;
  const double by_managers = first_offers(&managed, need_of, any);
  if (by_managers < 6) fail_msg("need of whom managers chose: z = %.2f", by_managers);
  assert_normal("need of whom chance chose", first_offers(&even, need_of, any));
}

/* How a level changes in the year after an offer. */
static double change_of(const pfc_truth *t, int32_t person, int32_t intervention, int32_t day) {
  const int32_t c = t->target_competency[t->target_start[intervention]];
  return pfc_truth_level(t, person, c, day + 365) - pfc_truth_level(t, person, c, day);
}

static bool does_nothing(const pfc_truth *t, int32_t intervention) {
  return t->effect[intervention] == 0;
}

static bool does_much(const pfc_truth *t, int32_t intervention) {
  return (double)t->effect[intervention] > 0.5;
}

/* By intention to treat: whoever was offered it, whether it was taken up or not. */
static void what_does_nothing_does_nothing_under_chance(void **state) {
  (void)state;
  assert_normal("programmes without effect", first_offers(&even, change_of, does_nothing));
  const double much = first_offers(&even, change_of, does_much);
  if (much < 4) fail_msg("programmes with an effect: z = %.2f", much);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_follow_success_and_drop),
      cmocka_unit_test(arrivals_follow_the_hazard),
      cmocka_unit_test(answers_follow_acceptance),
      cmocka_unit_test(ratings_follow_their_source),
      cmocka_unit_test(history_is_confounded_unless_it_is_random),
      cmocka_unit_test(what_does_nothing_does_nothing_under_chance),
  };
  return cmocka_run_group_tests(tests, draw, drop);
}
