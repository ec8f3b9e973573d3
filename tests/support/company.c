#include "tests/support/company.h"

#include <math.h>

#include "base/date.h"
#include "base/rng.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

enum {
  N_RUNS = 2 * COMPANY_COURSES + COMPANY_EXTRA,
  MAX_ENROLMENTS = 8 * (COMPANY_PEOPLE + COMPANY_STRANGERS),
  SECOND_RUN = 150, /* opens then */
};

/* Tables are made with room for the most there can be and cut in the end. */
typedef struct builder {
  pfc_dataset *ds;
  pfc_rng rng;
  int strangers, n_enrolments, n_assessments;
} builder;

static int roll(builder *b, int n) { return (int)pfc_rng_below(&b->rng, (uint64_t)n); }

static void set(builder *b, pfc_table_id t, int64_t row, const char *column, char letter,
                int number) {
  char text[24];
  (void)snprintf(text, sizeof text, "%c%d", letter, number);
  test_cell(b->ds, t, row, column, text);
}

static void set_number(builder *b, pfc_table_id t, int64_t row, const char *column, double x) {
  test_number(b->ds, t, row, column, x);
}

/* --- people ------------------------------------------------------------------------------ */

static void add_person(builder *b, int64_t row, int person) {
  const pfc_table_id t = PFC_PEOPLE;
  const int is_stranger = person >= COMPANY_PEOPLE;
  set(b, t, row, "person_id", is_stranger ? 's' : 'p',
      is_stranger ? person - COMPANY_PEOPLE : person);
  set(b, t, row, "role_id", 'r', person % 4);
  set(b, t, row, "c_region", is_stranger ? 'z' : 'g', person % 3);
  if (person % 6) set_number(b, t, row, "x_age", 20 + person % 40);
  if (person % 10 == 3) set_number(b, t, row, "left_on", 250 + 2 * person);
}

static void add_people(builder *b) {
  const int n = COMPANY_PEOPLE + (b->strangers ? COMPANY_STRANGERS : 0);
  test_table(b->ds, PFC_PEOPLE, n, "person_id,role_id,c_region,x_age,left_on");
  for (int p = 0; p < n; p++) add_person(b, p, b->strangers ? n - 1 - p : p);
}

/* --- catalogue --------------------------------------------------------------------------- */

static void add_intervention(builder *b, int64_t row, int run) {
  const pfc_table_id t = PFC_INTERVENTIONS;
  const int is_new = run >= N_RUNS, course = run / 2;
  set(b, t, row, "intervention_id", 'i', run);
  set(b, t, row, "kind", is_new ? 'z' : 'k', course % 3);
  set(b, t, row, "c_topic", is_new ? 'y' : 't', run % 4);
  if (run % 5) set_number(b, t, row, "hours", 4 + run);
  if (run % 3) set_number(b, t, row, "cost", 100 * run);
  set_number(b, t, row, "x_day_due", 60 + 10 * (run % 5));
  if (run % 2 && run < N_RUNS) set_number(b, t, row, "opens_on", run == 15 ? 0 : SECOND_RUN);
  if (run == 15) set_number(b, t, row, "closes_on", 100);
  if (run == 3) {
    set_number(b, t, row, "closes_on", SECOND_RUN + 20);
    set_number(b, t, row, "recurs_months", 6);
  }
}

static void add_target(builder *b, int64_t *row, int run, int competency, int level) {
  set(b, PFC_TARGETS, *row, "intervention_id", 'i', run);
  set(b, PFC_TARGETS, *row, "competency_id", 'c', competency);
  if (level) set_number(b, PFC_TARGETS, *row, "to_level", level);
  ++*row;
}

static void add_targets(builder *b) {
  int64_t row = 0;
  test_table(b->ds, PFC_TARGETS, 24, "intervention_id,competency_id,to_level");
  for (int run = 0; run < 2 * COMPANY_COURSES; run++) {
    const int course = run / 2, higher = course == 4 && run % 2;
    if (course == 5) continue;
    add_target(b, &row, run, course % 5, course == 6 ? 0 : 3 + higher);
    if (course < 5 && course % 2 == 0) add_target(b, &row, run, (course + 1) % 5, 2 + higher);
  }
  add_target(b, &row, 14, 2, 4);
  add_target(b, &row, 15, 3, 3);
  if (b->strangers) add_target(b, &row, N_RUNS, 9, 3);
  if (b->strangers) add_target(b, &row, N_RUNS, 1, 3);
  b->ds->tables[PFC_TARGETS].n_rows = row;
}

static void add_catalogue(builder *b) {
  const int n = N_RUNS + (b->strangers ? 1 : 0);
  test_table(b->ds, PFC_INTERVENTIONS, n,
             "intervention_id,kind,c_topic,hours,cost,x_day_due,opens_on,closes_on,"
             "recurs_months");
  for (int i = 0; i < n; i++) add_intervention(b, i, b->strangers ? n - 1 - i : i);
  add_targets(b);
}

/* --- facts ------------------------------------------------------------------------------- */

static void assess(builder *b, int person, int competency, int day, double level,
                   const char *source) {
  const pfc_table_id t = PFC_ASSESSMENTS;
  if (day < 0 || day >= COMPANY_DAYS) return;
  set(b, t, b->n_assessments, "person_id", 'p', person);
  set(b, t, b->n_assessments, "competency_id", 'c', competency);
  set_number(b, t, b->n_assessments, "level", level);
  set_number(b, t, b->n_assessments, "assessed_on", day);
  test_cell(b->ds, t, b->n_assessments++, "source", source);
}

/* Below the level before the start, sometimes once more after it; at it some time after
 * the start when passed. */
static void assess_around(builder *b, int person, int run, int start, int passed) {
  const int competency[2] = {run / 2 % 5, (run / 2 + 1) % 5};
  const int n = run / 2 == 5 ? 0 : run / 2 < 5 && run / 2 % 2 == 0 ? 2 : 1;
  for (int k = 0; k < n; k++) {
    if (roll(b, 2)) assess(b, person, competency[k], start - 1 - roll(b, 20), 1, "test");
    if (roll(b, 4) == 0) assess(b, person, competency[k], start + 5, 1.5, "test");
    if (roll(b, 4) == 0) assess(b, person, competency[k], start + 9, 4.5, "self");
    if (!passed) continue;
    const int took = 8 + run * 3 + (int)(-40 * log1p(-pfc_rng_uniform(&b->rng)));
    assess(b, person, competency[k], start + took, 4, roll(b, 2) ? "test" : "manager");
  }
}

static void enrol(builder *b, int person, double ability) {
  const pfc_table_id t = PFC_ENROLMENTS;
  const int64_t row = b->n_enrolments++;
  const int start = roll(b, COMPANY_DAYS - 20),
            course = roll(b, COMPANY_COURSES + 2) % COMPANY_COURSES;
  const int run = 2 * course + (start >= SECOND_RUN ? roll(b, 2) : 0);
  const double eta = ability + 1.2 - 0.4 * course;
  const int passed = pfc_rng_uniform(&b->rng) < 1 / (1 + exp(-eta));
  const int end = start + 20 + roll(b, 60), is_over = end < COMPANY_DAYS && roll(b, 15) > 0;
  set(b, t, row, "person_id", 'p', person);
  set(b, t, row, "intervention_id", 'i', run);
  set_number(b, t, row, "enrolled_on", start - roll(b, 10));
  if (roll(b, 4)) set_number(b, t, row, "x_credits", 10 * (1 + roll(b, 6)) + 20 * passed);
  set(b, t, row, "c_mode", 'm', roll(b, 3));
  if (roll(b, 12) == 0) {
    test_cell(b->ds, t, row, "status", "enrolled");
    return;
  }
  set_number(b, t, row, "started_on", start);
  if (is_over) set_number(b, t, row, "ended_on", end);
  test_cell(b->ds, t, row, "status",
            !is_over     ? "in_progress"
            : passed     ? "passed"
            : roll(b, 2) ? "failed"
                         : "dropped");
  assess_around(b, person, run, start, passed);
}

static void add_facts(builder *b, uint64_t seed) {
  test_table(b->ds, PFC_ENROLMENTS, MAX_ENROLMENTS,
             "person_id,intervention_id,enrolled_on,started_on,ended_on,status,x_credits,"
             "c_mode");
  test_table(b->ds, PFC_ASSESSMENTS, 8 * MAX_ENROLMENTS,
             "person_id,competency_id,level,source,assessed_on");
  for (int p = 0; p < COMPANY_PEOPLE; p++) {
    pfc_rng_init(&b->rng, seed, "test.company", (uint64_t)p);
    const double ability = pfc_rng_normal(&b->rng);
    const int n = p % 7 == 6 ? 0 : 2 + roll(b, 6);
    for (int e = 0; e < n; e++) enrol(b, p, ability);
  }
  b->ds->tables[PFC_ENROLMENTS].n_rows = b->n_enrolments;
  b->ds->tables[PFC_ASSESSMENTS].n_rows = b->n_assessments;
}

/* Three offers each, some hours before their answers; of a stream of their own. */
static void add_feedback(builder *b, uint64_t seed) {
  enum { OFFERS = 3 };
  const pfc_table_id t = PFC_FEEDBACK;
  int64_t row = 0;
  test_table(b->ds, t, (int64_t)2 * OFFERS * COMPANY_PEOPLE,
             "event_id,person_id,intervention_id,at,kind");
  for (int p = 0; p < COMPANY_PEOPLE; p++) {
    pfc_rng_init(&b->rng, seed, "test.company.offers", (uint64_t)p);
    for (int k = 0; k < OFFERS; k++) {
      const int run = roll(b, N_RUNS), day = roll(b, COMPANY_DAYS), course = run / 2;
      const int yes = pfc_rng_uniform(&b->rng) < 1 / (1 + exp(0.5 * course - 1));
      for (int answer = 0; answer < 2; answer++, row++) {
        set(b, t, row, "event_id", 'e', (int)row);
        set(b, t, row, "person_id", 'p', p);
        set(b, t, row, "intervention_id", 'i', run);
        pfc_dataset_column(b->ds, t, "at")->time[row] =
            (int64_t)day * PFC_DAY_S + 3600 * answer;
        test_cell(b->ds, t, row, "kind", !answer ? "shown" : yes ? "accepted" : "declined");
      }
    }
  }
}

pfc_dataset *company_create(uint64_t seed, int with_strangers) {
  builder b = {.ds = pfc_dataset_create(), .strangers = with_strangers};
  assert_non_null(b.ds);
  add_people(&b);
  add_catalogue(&b);
  add_facts(&b, seed);
  add_feedback(&b, seed);
  return b.ds;
}

pfc_dataset *company_create_split(uint64_t seed, int with_strangers) {
  pfc_dataset *ds = company_create(seed, with_strangers);
  ds->split.kind = PFC_SPLIT_AT;
  ds->split.date = COMPANY_SPLIT;
  return ds;
}
