// labels: property check
/* What is recorded follows the laws. Every statistic below is close to standard normal where
 * they hold; LIMIT is passed by chance once in a million (two sides), so that the about 60
 * looks of this file fail together less than once in 1,000 nights of a dozen seeds each. The
 * seed of a single run is fixed. */
#include "tests/support/test.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/organisation.h"

static const double LIMIT = 4.9;

/* What must show: over twenty seeds confounding was at 6.5 +- 0.9 and programmes that teach
 * much at 8.8 +- 0.7, so that either is missed less than once in 10,000. */
static const double POWER = 3;

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

/* Days from the start to the first gain in the competency after it, and whether this
 * intervention brought it; PFC_TRUTH_DAYS and false when there is none by then. */
static int32_t first_gain(const pfc_truth *t, const enrolment *e, int32_t competency,
                          bool *own) {
  *own = false;
  for (int64_t g = t->gain_start[e->person]; g < t->gain_start[e->person + 1]; g++) {
    const int32_t after = t->gain_day[g] - e->started_on;
    if (t->gain_competency[g] != competency || after <= 0) continue;
    if (after > PFC_TRUTH_DAYS) break;
    *own = t->gain_intervention[g] == e->intervention;
    return after;
  }
  return PFC_TRUTH_DAYS;
}

/* Would an arrival leave a trace on whatever day it came before anything else is learned? Not
 * where it changes nothing: the target must lie ahead all the time. */
static bool leaves_a_trace(const pfc_truth *t, const enrolment *e, int64_t k) {
  const double effect = (double)t->effect[e->intervention];
  if (effect == 0) return false;
  const double settled =
      pfc_truth_level_without(t, e->person, k, e->started_on, PFC_TRUTH_DAYS);
  const double now = pfc_truth_level(t, e->person, t->target_competency[k], e->started_on);
  return effect < 0 || fmax(now, settled) <= (double)t->target_to[k] - 0.5;
}

/* Whoever learns the same from something else first is followed to the day before: what comes
 * after would be told from levels that this start does not explain. */
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
      bool own;
      const int32_t first = first_gain(t, &e, t->target_competency[k], &own);
      const int32_t until = own || first == PFC_TRUTH_DAYS ? first : first - 1;
      pfc_truth_hazard(t, e.person, e.intervention, k, e.started_on, until, hazard);
      for (int32_t d = 1, bin = 0; d <= until; d++) {
        while (d > BIN_TO[bin]) bin++;
        const double h = hazard[d - 1];
        count(&bins[bin], (own && d == first) - h, h * (1 - h));
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
    /* Some catalogues have hardly a certification. */
    const bool may_be_rare = strcmp(pfc_dict_text(t->sources, s), "certificate") == 0;
    assert_true(all[s].n >= 50 || may_be_rare);
    if (all[s].n >= 50) check_source(&managed, s, &all[s]);
  }
}

/* --- confounding
 * ------------------------------------------------------------------------------ */

static double need_of(const pfc_truth *t, int32_t person, int32_t intervention, int32_t day) {
  const int64_t k = t->target_start[intervention];
  return (double)t->target_to[k] - pfc_truth_level(t, person, t->target_competency[k], day);
}

typedef struct offer {
  int32_t person, intervention, day, role, month;
} offer;

static int by_role_and_month(const void *a, const void *b) {
  const offer *x = a, *y = b;
  if (x->role != y->role) return x->role < y->role ? -1 : 1;
  if (x->month != y->month) return x->month < y->month ? -1 : 1;
  return (x->person > y->person) - (x->person < y->person);
}

/* Everybody's first offer but for mandates, so that each counts once and nothing was learned
 * before. Returns how many. */
static int64_t first_offers(const test_organisation *o, offer *offers) {
  const pfc_dataset *ds = o->ds;
  const int32_t *person = pfc_dataset_codes(ds, PFC_FEEDBACK, "person_id"),
                *intervention = pfc_dataset_codes(ds, PFC_FEEDBACK, "intervention_id"),
                *actor = pfc_dataset_codes(ds, PFC_FEEDBACK, "actor");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  const int32_t compliance = pfc_dict_find(pfc_dataset_find_dict(ds, "actor"), "compliance");
  int32_t last = -1;
  int64_t n = 0;
  for (int64_t row = 0; row < ds->tables[PFC_FEEDBACK].n_rows; row++) {
    if (person[row] == last || actor[row] < 0 || actor[row] == compliance) continue;
    last = person[row];
    const int32_t day = (int32_t)pfc_time_day(at->time[row]);
    const double months = (double)(o->truth->last_day + 1 - day) * 12 / 365.2425;
    offers[n++] = (offer){last, intervention[row], day, pfc_truth_role(o->truth, last, day),
                          (int32_t)ceil(months)};
  }
  qsort(offers, (size_t)n, sizeof *offers, by_role_and_month);
  return n;
}

/* z of the mean over pairs of people of one role who got their first offers in one month: where
 * these were dealt by chance, the two might as well have been offered each other's. `differ`
 * says by how much the deal as it was exceeds the other one; false: the pair says nothing. */
typedef bool (*differ_fn)(const pfc_truth *t, const offer *a, const offer *b, double *d);

static double dealt(const test_organisation *o, differ_fn differ) {
  offer *offers = pfc_alloc_array((size_t)o->truth->n_people, sizeof *offers);
  assert_non_null(offers);
  const int64_t n = first_offers(o, offers);
  seen all = {0};
  for (int64_t k = 0; k + 1 < n; k++) {
    const offer *a = &offers[k], *b = a + 1;
    double d;
    if (a->role != b->role || a->month != b->month || a->intervention == b->intervention)
      continue;
    k++; /* nobody stands in two pairs */
    if (!differ(o->truth, a, b, &d)) continue;
    all.n++;
    all.sum += d;
    all.squares += d * d;
  }
  pfc_free(offers);
  assert_true(all.n > 15);
  return all.sum / sqrt(all.squares);
}

/* Need is met better than by the other deal. */
static bool by_need(const pfc_truth *t, const offer *a, const offer *b, double *d) {
  *d = need_of(t, a->person, a->intervention, a->day) +
       need_of(t, b->person, b->intervention, b->day) -
       need_of(t, a->person, b->intervention, a->day) -
       need_of(t, b->person, a->intervention, b->day);
  return true;
}

static void history_is_confounded_unless_it_is_random(void **state) {
  (void)state;
  const double by_managers = dealt(&managed, by_need);
  if (by_managers < POWER) fail_msg("need of whom managers chose: z = %.2f", by_managers);
  assert_normal("need of whom chance chose", dealt(&even, by_need));
}

static bool aims_at(const pfc_truth *t, int32_t intervention, int32_t competency) {
  for (int64_t k = t->target_start[intervention]; k < t->target_start[intervention + 1]; k++)
    if (t->target_competency[k] == competency) return true;
  return false;
}

/* How the first target's level changes in the year after the offer, in whoever was offered it
 * (taken up or not) and in the other. */
static double gained(const pfc_truth *t, const offer *offered, const offer *other) {
  const int32_t c = t->target_competency[t->target_start[offered->intervention]];
  return pfc_truth_level(t, offered->person, c, offered->day + 365) -
         pfc_truth_level(t, offered->person, c, offered->day) -
         pfc_truth_level(t, other->person, c, other->day + 365) +
         pfc_truth_level(t, other->person, c, other->day);
}

/* Of the first of the two whose intervention is in question and teaches what the other's does
 * not. */
static bool by_gain(const pfc_truth *t, const offer *a, const offer *b, bool null, double *d) {
  for (int turn = 0; turn < 2; turn++) {
    const offer *offered = turn ? b : a, *other = turn ? a : b;
    const double effect = (double)t->effect[offered->intervention];
    const int32_t c = t->target_competency[t->target_start[offered->intervention]];
    if ((null ? effect != 0 : effect < 0.5) || aims_at(t, other->intervention, c)) continue;
    *d = gained(t, offered, other);
    return true;
  }
  return false;
}

static bool by_null(const pfc_truth *t, const offer *a, const offer *b, double *d) {
  return by_gain(t, a, b, true, d);
}

static bool by_effect(const pfc_truth *t, const offer *a, const offer *b, double *d) {
  return by_gain(t, a, b, false, d);
}

static void what_does_nothing_does_nothing_under_chance(void **state) {
  (void)state;
  assert_normal("programmes without effect", dealt(&even, by_null));
  const double much = dealt(&even, by_effect);
  if (much < POWER) fail_msg("programmes with an effect: z = %.2f", much);
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
