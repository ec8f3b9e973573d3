#include "tests/support/degenerate_base.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/support/tables.h"
#include "tests/support/test.h"

/* Days 0 .. 400; a course takes three weeks. */
enum { FIRST_DAY = 10, BETWEEN_STARTS = 60 };

typedef struct builder {
  pfc_dataset *ds;
  const degenerate_sizes *size;
  pfc_rng rng;
  char *id;
} builder;

static int roll(builder *b, int n) { return (int)pfc_rng_below(&b->rng, (uint64_t)n); }

/* "p0007": letter and number, as long as asked. */
static void put_id(builder *b, pfc_table_id t, int64_t row, const char *column, char letter,
                   int number) {
  const int width = b->size->pad > 1 ? b->size->pad - 1 : 1;
  (void)snprintf(b->id, (size_t)width + 16, "%c%0*d", letter, width, number);
  test_cell(b->ds, t, row, column, b->id);
}

static void put(builder *b, pfc_table_id t, int64_t row, const char *column, double x) {
  test_number(b->ds, t, row, column, x);
}

/* --- people and catalogue --------------------------------------------------------------- */

static void add_people(builder *b) {
  const pfc_table_id t = PFC_PEOPLE;
  test_table(b->ds, t, b->size->people, "person_id,role_id,unit_id,left_on,x_age,c_region");
  for (int p = 0; p < b->size->people; p++) {
    put_id(b, t, p, "person_id", 'p', p);
    put_id(b, t, p, "role_id", 'r', p % 3);
    put_id(b, t, p, "unit_id", 'u', p % 2);
    put_id(b, t, p, "c_region", 'g', p % 4);
    put(b, t, p, "x_age", 20 + 7 * p % 40);
    if (p % 9 == 4) put(b, t, p, "left_on", 300);
  }
  test_rows(b->ds, PFC_ROLES, "role_id,family,x_span", "r0,f0,1;r1,f0,4;r2,f1,9");
  test_rows(b->ds, PFC_SOURCES, "source,scale_min,scale_max", "review,0,5;test,0,100");
}

static void add_catalogue(builder *b) {
  const pfc_table_id t = PFC_INTERVENTIONS;
  test_table(b->ds, t, b->size->courses,
             "intervention_id,kind,provider,hours,weeks,cost,opens_on,closes_on,x_size,"
             "x_day_due,c_topic");
  test_table(b->ds, PFC_TARGETS, b->size->courses, "intervention_id,competency_id,to_level");
  for (int i = 0; i < b->size->courses; i++) {
    put_id(b, t, i, "intervention_id", 'i', i);
    put_id(b, t, i, "kind", 'k', i % 2);
    put_id(b, t, i, "provider", 'v', i % 3);
    put_id(b, t, i, "c_topic", 't', i % 4);
    put(b, t, i, "hours", 4 + 3 * i);
    put(b, t, i, "weeks", 3);
    put(b, t, i, "cost", 100 * i);
    put(b, t, i, "x_size", i % 5);
    put(b, t, i, "x_day_due", 30 + 5 * (i % 3));
    put_id(b, PFC_TARGETS, i, "intervention_id", 'i', i);
    put_id(b, PFC_TARGETS, i, "competency_id", 'c', i % b->size->competencies);
    put(b, PFC_TARGETS, i, "to_level", 3);
  }
}

/* --- facts ------------------------------------------------------------------------------ */

static void assess(builder *b, int64_t row, int person, int competency, int day, double level) {
  const pfc_table_id t = PFC_ASSESSMENTS;
  put_id(b, t, row, "person_id", 'p', person);
  put_id(b, t, row, "competency_id", 'c', competency);
  test_cell(b->ds, t, row, "source", "review");
  put(b, t, row, "level", level);
  put(b, t, row, "assessed_on", day);
}

/* One start: assessed below the level before it, and after it at the level if passed. */
static void add_start(builder *b, int person, int k) {
  const pfc_table_id t = PFC_ENROLMENTS;
  const int64_t row = (int64_t)person * b->size->starts + k;
  const int course = roll(b, b->size->courses),
            start = FIRST_DAY + BETWEEN_STARTS * k + roll(b, 40);
  const int end = start + 10 + roll(b, 30), luck = roll(b, 100);
  const char *status = luck < 60 ? "passed" : luck < 85 ? "failed" : "dropped";
  put_id(b, t, row, "person_id", 'p', person);
  put_id(b, t, row, "intervention_id", 'i', course);
  put(b, t, row, "enrolled_on", start - 3);
  put(b, t, row, "started_on", start);
  put(b, t, row, "ended_on", end);
  test_cell(b->ds, t, row, "status", status);
  put(b, t, row, "score", luck);
  put(b, t, row, "x_credits", 5 * roll(b, 6));
  put_id(b, t, row, "c_mode", 'm', roll(b, 2));
  const int competency = course % b->size->competencies;
  assess(b, 2 * row, person, competency, start - 5, 1);
  assess(b, 2 * row + 1, person, competency, end + roll(b, 15), luck < 60 ? 4 : 2);
}

static void add_enrolments(builder *b) {
  const int64_t n = (int64_t)b->size->people * b->size->starts;
  test_table(b->ds, PFC_ENROLMENTS, n,
             "person_id,intervention_id,enrolled_on,started_on,ended_on,status,score,x_credits,"
             "c_mode");
  test_table(b->ds, PFC_ASSESSMENTS, 2 * n, "person_id,competency_id,source,level,assessed_on");
  for (int p = 0; p < b->size->people; p++)
    for (int k = 0; k < b->size->starts; k++) add_start(b, p, k);
}

static void add_episodes(builder *b) {
  static const char *const EVENTS[] = {"proficient", "proficient", "dropped", "censored"};
  const pfc_table_id t = PFC_EPISODES;
  const int64_t n = (int64_t)b->size->people * b->size->starts;
  test_table(b->ds, t, n,
             "person_id,intervention_id,competency_id,started_on,entry_days,duration_days,"
             "last_below_days,event,x_load,c_pace");
  for (int64_t r = 0; r < n; r++) {
    const int person = (int)(r / b->size->starts), course = roll(b, b->size->courses);
    const double days = 20 + roll(b, 160), entry = r % 7 == 0 ? 10 : 0;
    put_id(b, t, r, "person_id", 'p', person);
    put_id(b, t, r, "intervention_id", 'i', course);
    put_id(b, t, r, "competency_id", 'c', course % b->size->competencies);
    put(b, t, r, "started_on", FIRST_DAY + roll(b, 200));
    put(b, t, r, "entry_days", entry);
    put(b, t, r, "duration_days", days);
    if (r % 3 == 0) put(b, t, r, "last_below_days", days - 8);
    test_cell(b->ds, t, r, "event", EVENTS[roll(b, 4)]);
    put(b, t, r, "x_load", roll(b, 9));
    put_id(b, t, r, "c_pace", 'q', roll(b, 3));
  }
}

/* Row 2k is an offer and row 2k + 1 its answer, as many offers as starts. */
static void add_offers(builder *b) {
  const pfc_table_id t = PFC_FEEDBACK;
  const int64_t n = (int64_t)b->size->people * b->size->starts;
  test_table(b->ds, t, 2 * n, "person_id,intervention_id,at,kind,position,reason");
  for (int64_t r = 0; r < n; r++) {
    const int person = (int)(r / b->size->starts), k = (int)(r % b->size->starts);
    const int course = roll(b, b->size->courses);
    const int day = FIRST_DAY + BETWEEN_STARTS * k + roll(b, 40), answered = day + roll(b, 9);
    for (int64_t row = 2 * r; row < 2 * r + 2; row++) {
      put_id(b, t, row, "person_id", 'p', person);
      put_id(b, t, row, "intervention_id", 'i', course);
    }
    put(b, t, 2 * r, "at", day * PFC_DAY_S);
    put(b, t, 2 * r + 1, "at", answered * PFC_DAY_S);
    test_cell(b->ds, t, 2 * r, "kind", "shown");
    test_cell(b->ds, t, 2 * r + 1, "kind", roll(b, 100) < 60 ? "accepted" : "declined");
    put(b, t, 2 * r, "position", 1 + roll(b, 5));
  }
}

/* Enrolments that name who took what, and no more. */
static void add_pairs(builder *b) {
  const int64_t n = (int64_t)b->size->people * b->size->starts;
  test_table(b->ds, PFC_ENROLMENTS, n, "person_id,intervention_id");
  for (int64_t r = 0; r < n; r++) {
    put_id(b, PFC_ENROLMENTS, r, "person_id", 'p', (int)(r / b->size->starts));
    put_id(b, PFC_ENROLMENTS, r, "intervention_id", 'i', roll(b, b->size->courses));
  }
}

/* A table of who was found to hold what. */
static void add_ratings(builder *b) {
  const pfc_table_id t = PFC_ASSESSMENTS;
  const int64_t n = (int64_t)b->size->people * b->size->starts;
  test_table(b->ds, t, n, "person_id,competency_id,level");
  for (int64_t r = 0; r < n; r++) {
    put_id(b, t, r, "person_id", 'p', (int)(r / b->size->starts));
    put_id(b, t, r, "competency_id", 'c', roll(b, b->size->competencies));
    put(b, t, r, "level", 1 + roll(b, 4));
  }
}

static void remove_dates(pfc_dataset *ds) {
  for (int t = 0; t < PFC_N_TABLES; t++)
    for (int c = 0; c < ds->tables[t].n_columns; c++)
      if (ds->tables[t].columns[c].type == PFC_DATE)
        pfc_column_clear(&ds->tables[t].columns[c], 0, ds->tables[t].n_rows);
}

/* --- all of it -------------------------------------------------------------------------- */

static int is_one_of(const char *name, const char *list) {
  const char *at = strstr(list, name);
  return at && (at[strlen(name)] == ' ' || !at[strlen(name)]);
}

pfc_dataset *degenerate_base(const char *name, const degenerate_sizes *sizes) {
  builder b = {.ds = pfc_dataset_create(), .size = sizes};
  b.id = pfc_alloc_array((size_t)sizes->pad + 32, 1);
  assert_true(b.ds && b.id);
  if (!is_one_of(name, "learning undated spells both offers pairs ratings nothing"))
    fail_msg("no base '%s'", name);
  pfc_rng_init(&b.rng, 5, "test.degenerate", 0);
  if (!is_one_of(name, "pairs ratings nothing")) {
    add_people(&b);
    add_catalogue(&b);
  }
  if (is_one_of(name, "learning undated both offers")) add_enrolments(&b);
  if (is_one_of(name, "spells both")) add_episodes(&b);
  if (is_one_of(name, "offers")) add_offers(&b);
  if (is_one_of(name, "pairs")) add_pairs(&b);
  if (is_one_of(name, "ratings")) add_ratings(&b);
  if (is_one_of(name, "undated")) remove_dates(b.ds);
  pfc_free(b.id);
  return b.ds;
}
