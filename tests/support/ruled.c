#include "tests/support/ruled.h"

#include <string.h>

#include "tests/support/tables.h"
#include "tests/support/test.h"

enum { N_ROLES = 4, N_UNITS = 3, N_COMPETENCIES = 5 };

/* A table being filled. */
typedef struct filling {
  pfc_rng *rng;
  pfc_dataset *ds;
  pfc_table_id table;
  int64_t row;
} filling;

static int below(pfc_rng *rng, int n) { return (int)pfc_rng_below(rng, (uint64_t)n); }

static int chance(pfc_rng *rng, double p) { return pfc_rng_uniform(rng) < p; }

/* Cells of columns that the table was given; others are passed over. */
static void put(const filling *f, const char *column, const char *text) {
  if (pfc_dataset_column(f->ds, f->table, column))
    test_cell(f->ds, f->table, f->row, column, text);
}

/* "r3", or nothing with a chance. */
static void put_id(const filling *f, const char *column, const char *prefix, int n,
                   double missing) {
  char text[16];
  (void)snprintf(text, sizeof text, "%s%d", prefix, below(f->rng, n));
  put(f, column, chance(f->rng, missing) ? "" : text);
}

static void put_number(const filling *f, const char *column, int from, int n, double missing) {
  char text[16];
  (void)snprintf(text, sizeof text, "%d", from + below(f->rng, n));
  put(f, column, chance(f->rng, missing) ? "" : text);
}

/* Now and then a table has no such column at all. */
static void begin(filling *f, pfc_table_id table, int64_t n, const char *always,
                  const char *sometimes) {
  char columns[256];
  (void)snprintf(columns, sizeof columns, "%s", always);
  char names[256];
  (void)snprintf(names, sizeof names, "%s", sometimes);
  for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
    if (chance(f->rng, 0.12)) continue;
    (void)snprintf(columns + strlen(columns), sizeof columns - strlen(columns), ",%s", name);
  }
  f->table = table;
  test_table(f->ds, table, n, columns);
}

static void put_people(filling *f, int is_undated) {
  char id[16];
  begin(f, PFC_PEOPLE, RULED_PEOPLE, "person_id", "role_id,unit_id,hours_per_week");
  for (f->row = 0; f->row < RULED_PEOPLE; f->row++) {
    (void)snprintf(id, sizeof id, "p%d", (int)f->row);
    put(f, "person_id", id);
    put_id(f, "role_id", "r", N_ROLES, 0.1);
    put_id(f, "unit_id", "u", N_UNITS, 0.1);
    put_number(f, "hours_per_week", 0, 9, 0.2);
  }
  if (is_undated) return;
  begin(f, PFC_POSITIONS, RULED_PEOPLE, "person_id,from", "to,role_id,unit_id");
  for (f->row = 0; f->row < RULED_PEOPLE; f->row++) {
    put_id(f, "person_id", "p", RULED_PEOPLE, 0);
    put_number(f, "from", 0, RULED_DAYS, 0);
    put_number(f, "to", 200, RULED_DAYS, 0.6);
    put_id(f, "role_id", "r", N_ROLES, 0.1);
    put_id(f, "unit_id", "u", N_UNITS, 0.3);
  }
}

static void put_catalogue(filling *f) {
  char id[16];
  begin(f, PFC_INTERVENTIONS, RULED_ITEMS, "intervention_id",
        "hours,weeks,seats,opens_on,closes_on,recurs_months");
  for (f->row = 0; f->row < RULED_ITEMS; f->row++) {
    (void)snprintf(id, sizeof id, "i%d", (int)f->row);
    put(f, "intervention_id", id);
    put_number(f, "hours", 1, 40, 0.2);
    put_number(f, "weeks", 0, 60, 0.2);
    put_number(f, "seats", 0, 6, 0.3);
    put_number(f, "opens_on", 0, 700, 0.4);
    put_number(f, "closes_on", 300, 700, 0.4);
    put_number(f, "recurs_months", 0, 14, 0.4);
  }
  test_table(f->ds, PFC_TARGETS, (int64_t)RULED_ITEMS * 2,
             "intervention_id,competency_id,to_level");
  f->table = PFC_TARGETS;
  for (f->row = 0; f->row < (int64_t)RULED_ITEMS * 2; f->row++) {
    /* A pair stands once: first and second half differ in the competency. */
    const int second = f->row >= RULED_ITEMS;
    char competency[16];
    (void)snprintf(id, sizeof id, "i%d", (int)f->row % RULED_ITEMS);
    (void)snprintf(competency, sizeof competency, "c%d",
                   second ? 3 + below(f->rng, 2) : below(f->rng, 3));
    put(f, "intervention_id", chance(f->rng, second ? 0.6 : 0.2) ? "" : id);
    put(f, "competency_id", competency);
    put_number(f, "to_level", 1, 4, 0.15);
  }
}

static void put_who_may(filling *f) {
  begin(f, PFC_PREREQUISITES, 8, "intervention_id",
        "requires_intervention_id,requires_competency_id,requires_level");
  for (f->row = 0; f->row < 8; f->row++) {
    put_id(f, "intervention_id", "i", RULED_ITEMS, 0);
    put_id(f, "requires_intervention_id", "i", RULED_ITEMS, 0.4);
    put_id(f, "requires_competency_id", "c", N_COMPETENCIES, 0.4);
    put_number(f, "requires_level", 0, 5, 0.1);
  }
  begin(f, PFC_ELIGIBILITY, 7, "intervention_id,allow", "role_id,unit_id");
  for (f->row = 0; f->row < 7; f->row++) {
    put_id(f, "intervention_id", "i", RULED_ITEMS, 0);
    put_id(f, "role_id", "r", N_ROLES, 0.4);
    put_id(f, "unit_id", "u", N_UNITS, 0.6);
    put(f, "allow", chance(f->rng, 0.6) ? "1" : "0");
  }
}

static void put_who_must(filling *f) {
  begin(f, PFC_MANDATES, 8, "intervention_id", "role_id,unit_id,due_on,recurs_months");
  for (f->row = 0; f->row < 8; f->row++) {
    put_id(f, "intervention_id", "i", RULED_ITEMS, 0);
    put_id(f, "role_id", "r", N_ROLES, 0.4);
    put_id(f, "unit_id", "u", N_UNITS, 0.6);
    put_number(f, "due_on", 0, RULED_DAYS, 0.3);
    put_number(f, "recurs_months", 0, 20, 0.4);
  }
  begin(f, PFC_OVERRIDES, 14, "intervention_id,action", "person_id,unit_id,expires_on");
  for (f->row = 0; f->row < 14; f->row++) {
    put_id(f, "intervention_id", "i", RULED_ITEMS, 0);
    put_id(f, "person_id", "p", RULED_PEOPLE, 0.5);
    put_id(f, "unit_id", "u", N_UNITS, 0.5);
    put(f, "action", chance(f->rng, 0.5) ? "block" : "force");
    put_number(f, "expires_on", 0, RULED_DAYS, 0.4);
  }
}

static void put_past(filling *f, int is_undated) {
  static const char *const STATUS[] = {"enrolled", "in_progress", "completed", "passed",
                                       "passed",   "failed",      "dropped"};
  static const char *const SOURCES[] = {"self", "test", "manager"};
  const int n = 30 + below(f->rng, 40);
  const double no_end = chance(f->rng, 0.2) ? 1 : 0.4;
  begin(f, PFC_ENROLMENTS, n, "person_id,intervention_id",
        is_undated ? "status" : "enrolled_on,started_on,ended_on,status");
  for (f->row = 0; f->row < n; f->row++) {
    put_id(f, "person_id", "p", RULED_PEOPLE, 0.05);
    put_id(f, "intervention_id", "i", RULED_ITEMS, 0.02);
    put(f, "status", chance(f->rng, 0.1) ? "" : STATUS[below(f->rng, 7)]);
    const int from = below(f->rng, RULED_DAYS);
    put_number(f, "enrolled_on", from, 20, 0.3);
    put_number(f, "started_on", from + 10, 40, 0.3);
    put_number(f, "ended_on", from + 30, 200, no_end);
  }
  begin(f, PFC_ASSESSMENTS, 40, "person_id,competency_id,level",
        is_undated ? "source" : "source,assessed_on,valid_until");
  for (f->row = 0; f->row < 40; f->row++) {
    put_id(f, "person_id", "p", RULED_PEOPLE, 0);
    put_id(f, "competency_id", "c", N_COMPETENCIES, 0);
    put_number(f, "level", 0, 6, 0);
    put(f, "source", SOURCES[below(f->rng, 3)]);
    put_number(f, "assessed_on", 0, RULED_DAYS, 0.1);
    put_number(f, "valid_until", 0, RULED_DAYS, 0.7);
  }
}

/* Answers, of days with room before and behind; some are taken back, some in vain. */
static void put_answers(filling *f) {
  static const char *const KINDS[] = {"shown",    "declined",   "declined", "declined",
                                      "accepted", "overridden", "started",  "completed",
                                      "assessed", "declined"};
  const int n = 40 + below(f->rng, 80);
  char text[32];
  begin(f, PFC_FEEDBACK, n, "person_id,intervention_id,kind", "at,event_id,corrects");
  for (f->row = 0; f->row < n; f->row++) {
    put_id(f, "person_id", "p", RULED_PEOPLE, 0);
    put_id(f, "intervention_id", "i", RULED_ITEMS, 0);
    put(f, "kind", KINDS[below(f->rng, 10)]);
    (void)snprintf(text, sizeof text, "%lld",
                   (long long)below(f->rng, RULED_DAYS + 100) * 86400 +
                       (chance(f->rng, 0.3) ? 86399 : below(f->rng, 3)));
    put(f, "at", chance(f->rng, 0.05) ? "" : text);
    (void)snprintf(text, sizeof text, "e%d", (int)f->row);
    put(f, "event_id", text);
    put_id(f, "corrects", "e", n, 0.85);
  }
}

pfc_dataset *ruled_organisation(pfc_rng *rng, int is_undated) {
  filling f = {.rng = rng, .ds = pfc_dataset_create()};
  assert_non_null(f.ds);
  put_people(&f, is_undated);
  put_catalogue(&f);
  put_who_may(&f);
  put_who_must(&f);
  put_past(&f, is_undated);
  put_answers(&f);
  return f.ds;
}

pfc_rule_settings ruled_settings(pfc_rng *rng) {
  pfc_rule_settings s;
  pfc_rule_defaults(&s);
  s.prerequisite_p = below(rng, 11) / 10.0;
  s.cool_down_days = chance(rng, 0.6) ? 0 : below(rng, 60);
  s.declined_rest_days = chance(rng, 0.1) ? 0 : below(rng, 500);
  s.most_under_way = 1 + below(rng, 4);
  s.due_days = chance(rng, 0.1) ? 3650 : below(rng, 200);
  return s;
}
