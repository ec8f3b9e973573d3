#include "tests/oracle/rules_oracle.h"

#include <math.h>
#include <string.h>

#include "base/date.h"

/* --- cells ---------------------------------------------------------------------------------
 */

static int64_t rows(const rules_oracle *o, pfc_table_id t) { return o->ds->tables[t].n_rows; }

static int32_t code(const rules_oracle *o, pfc_table_id t, const char *column, int64_t row) {
  const pfc_column *c = pfc_dataset_column(o->ds, t, column);
  return c ? c->code[row] : -1;
}

static int32_t date(const rules_oracle *o, pfc_table_id t, const char *column, int64_t row) {
  const pfc_column *c = pfc_dataset_column(o->ds, t, column);
  return c ? c->date[row] : PFC_NO_DATE;
}

static double real(const rules_oracle *o, pfc_table_id t, const char *column, int64_t row) {
  const pfc_column *c = pfc_dataset_column(o->ds, t, column);
  return c ? c->real[row] : (double)NAN;
}

/* 0 where nothing is told. */
static int32_t count(const rules_oracle *o, pfc_table_id t, const char *column, int64_t row) {
  const pfc_column *c = pfc_dataset_column(o->ds, t, column);
  return c && !pfc_column_missing(c, row) ? c->i32[row] : 0;
}

static const char *word(const rules_oracle *o, pfc_table_id t, const char *column,
                        int64_t row) {
  const pfc_column *c = pfc_dataset_column(o->ds, t, column);
  return c && c->code[row] >= 0 ? pfc_dict_text(c->dict, c->code[row]) : "";
}

static int is_word(const char *a, const char *b) { return strcmp(a, b) == 0; }

static int64_t row_of(const rules_oracle *o, pfc_table_id t, const char *column, int32_t key) {
  for (int64_t r = 0; r < rows(o, t); r++)
    if (code(o, t, column, r) == key) return r;
  return -1;
}

static int has_some_in(const rules_oracle *o, pfc_table_id t, const char *column) {
  for (int64_t r = 0; r < rows(o, t); r++)
    if (date(o, t, column, r) != PFC_NO_DATE) return 1;
  return 0;
}

static int is_dated(const rules_oracle *o) {
  return o->has_enrolled || o->has_started || o->has_ended;
}

/* The last day anything is told of. */
static int32_t last_day(const rules_oracle *o) {
  static const char *const DAYS[] = {"enrolled_on", "started_on", "ended_on"};
  int32_t last = PFC_NO_DATE;
  for (int64_t r = 0; r < rows(o, PFC_ENROLMENTS); r++)
    for (int k = 0; k < 3; k++)
      if (date(o, PFC_ENROLMENTS, DAYS[k], r) > last)
        last = date(o, PFC_ENROLMENTS, DAYS[k], r);
  for (int64_t r = 0; r < rows(o, PFC_ASSESSMENTS); r++)
    if (date(o, PFC_ASSESSMENTS, "assessed_on", r) > last)
      last = date(o, PFC_ASSESSMENTS, "assessed_on", r);
  return last;
}

void rules_oracle_open(rules_oracle *o) {
  o->has_enrolled = has_some_in(o, PFC_ENROLMENTS, "enrolled_on");
  o->has_started = has_some_in(o, PFC_ENROLMENTS, "started_on");
  o->has_ended = has_some_in(o, PFC_ENROLMENTS, "ended_on");
  o->last_day = last_day(o);
}

/* --- where people stand --------------------------------------------------------------------
 */

/* Role or unit on the day. */
static int32_t held(const rules_oracle *o, int32_t person, const char *column) {
  const pfc_table_id t = PFC_POSITIONS;
  int64_t last = -1, later = 0;
  for (int64_t r = 0; r < rows(o, t); r++) {
    if (code(o, t, "person_id", r) != person) continue;
    const int32_t from = date(o, t, "from", r);
    later |= from > o->day;
    if (from <= o->day && (last < 0 || from >= date(o, t, "from", last))) last = r;
  }
  if (last >= 0 && code(o, t, column, last) >= 0) {
    const int32_t to = date(o, t, "to", last);
    if (to == PFC_NO_DATE || to >= o->day) return code(o, t, column, last);
  }
  const int64_t row = row_of(o, PFC_PEOPLE, "person_id", person);
  return later || row < 0 ? -1 : code(o, PFC_PEOPLE, column, row);
}

static int speaks_of(const rules_oracle *o, pfc_table_id t, int64_t row, int32_t person) {
  const int32_t role = code(o, t, "role_id", row), unit = code(o, t, "unit_id", row);
  return (role < 0 || role == held(o, person, "role_id")) &&
         (unit < 0 || unit == held(o, person, "unit_id"));
}

/* --- enrolments ----------------------------------------------------------------------------
 */

typedef struct enrolment {
  int32_t intervention, registered, start, end;
  int begun, known; /* by the day */
  const char *status;
} enrolment;

static enrolment enrolment_at(const rules_oracle *o, int64_t r) {
  const pfc_table_id t = PFC_ENROLMENTS;
  const int32_t enrolled = date(o, t, "enrolled_on", r), started = date(o, t, "started_on", r);
  enrolment e = {.intervention = code(o, t, "intervention_id", r),
                 .registered = enrolled,
                 .start = started,
                 .end = date(o, t, "ended_on", r),
                 .begun = 1,
                 .status = word(o, t, "status", r)};
  if (e.start == PFC_NO_DATE) e.start = enrolled;
  if (e.start == PFC_NO_DATE) e.start = e.end;
  if (e.registered == PFC_NO_DATE) e.registered = e.start;
  if (started == PFC_NO_DATE && is_word(e.status, "enrolled")) e.begun = 0;
  if (started == PFC_NO_DATE && is_word(e.status, "dropped") && o->has_started) e.begun = 0;
  e.known = !is_dated(o) || o->day == PFC_NO_DATE ||
            (e.registered != PFC_NO_DATE && e.registered < o->day);
  return e;
}

/* Is a result known on the day? */
static int has_result(const rules_oracle *o, const enrolment *e) {
  if (!e->begun) return 0;
  if (!is_word(e->status, "passed") && !is_word(e->status, "failed") &&
      !is_word(e->status, "dropped"))
    return 0;
  if (e->start == PFC_NO_DATE || o->day == PFC_NO_DATE) return 1;
  if (e->end != PFC_NO_DATE) return e->end < o->day;
  return (o->has_ended ? o->last_day : e->start) < o->day;
}

static int is_under_way(const rules_oracle *o, const enrolment *e) {
  if (!e->known) return 0;
  if (e->end != PFC_NO_DATE) return o->day != PFC_NO_DATE && e->end >= o->day;
  if (is_word(e->status, "dropped") && !e->begun) return 0;
  if (is_word(e->status, "completed") || has_result(o, e)) return 0;
  if (is_word(e->status, "") && !o->has_ended) return 0;
  const int32_t since = e->begun ? e->start : e->registered;
  if (since == PFC_NO_DATE || o->day == PFC_NO_DATE) return 1;
  const int64_t row = row_of(o, PFC_INTERVENTIONS, "intervention_id", e->intervention);
  const double weeks = row < 0 ? (double)NAN : real(o, PFC_INTERVENTIONS, "weeks", row);
  return o->day - since <= 365 || o->day - since <= 2 * 7 * weeks;
}

static int takes(const rules_oracle *o, int32_t person, int32_t intervention) {
  for (int64_t r = 0; r < rows(o, PFC_ENROLMENTS); r++) {
    const enrolment e = enrolment_at(o, r);
    if (code(o, PFC_ENROLMENTS, "person_id", r) == person && e.intervention == intervention &&
        is_under_way(o, &e))
      return 1;
  }
  return 0;
}

static int n_interventions(const rules_oracle *o) {
  return pfc_dataset_count(o->ds, "intervention");
}

/* Day of the latest pass; PFC_NO_DATE none, INT32_MAX one without a day. */
static int32_t passed_on(const rules_oracle *o, int32_t person, int32_t intervention) {
  int32_t last = PFC_NO_DATE;
  for (int64_t r = 0; r < rows(o, PFC_ENROLMENTS); r++) {
    const enrolment e = enrolment_at(o, r);
    if (code(o, PFC_ENROLMENTS, "person_id", r) != person || e.intervention != intervention)
      continue;
    if (!is_word(e.status, "passed") || !has_result(o, &e)) continue;
    if (is_dated(o) && o->day != PFC_NO_DATE && (e.start == PFC_NO_DATE || e.start >= o->day))
      continue;
    const int32_t day = e.end != PFC_NO_DATE     ? e.end
                        : e.start != PFC_NO_DATE ? e.start
                                                 : INT32_MAX;
    if (day > last) last = day;
  }
  return last;
}

/* Months for which a pass of it stands; 0 for good. */
static int32_t months(const rules_oracle *o, int32_t person, int32_t intervention) {
  int32_t least = 0;
  for (int64_t r = 0; r < rows(o, PFC_MANDATES); r++) {
    const int32_t m = count(o, PFC_MANDATES, "recurs_months", r);
    if (code(o, PFC_MANDATES, "intervention_id", r) != intervention || m <= 0) continue;
    if (speaks_of(o, PFC_MANDATES, r, person) && (least == 0 || m < least)) least = m;
  }
  return least;
}

static int stands(const rules_oracle *o, int32_t person, int32_t intervention) {
  const int32_t day = passed_on(o, person, intervention);
  const int32_t m = months(o, person, intervention);
  if (day == PFC_NO_DATE) return 0;
  if (day == INT32_MAX || m == 0 || o->day == PFC_NO_DATE) return 1;
  return o->day < pfc_date_add_months(day, m);
}

/* --- rules ---------------------------------------------------------------------------------
 */

/* First and last day of the runs that the day could lie in, one after the other. */
static int open_run(const rules_oracle *o, int64_t row, int32_t *from, int32_t *to) {
  const pfc_table_id t = PFC_INTERVENTIONS;
  const int32_t opens = date(o, t, "opens_on", row), closes = date(o, t, "closes_on", row);
  const int32_t recurs = count(o, t, "recurs_months", row);
  *from = *to = PFC_NO_DATE;
  if (o->day == PFC_NO_DATE) return 1;
  if (opens == PFC_NO_DATE && closes != PFC_NO_DATE && o->day > closes) return recurs > 0;
  for (int64_t k = 0;; k += recurs) {
    const int32_t first = opens == PFC_NO_DATE ? INT32_MIN + 1 : pfc_date_add_months(opens, k);
    const int32_t last = closes == PFC_NO_DATE ? INT32_MAX : pfc_date_add_months(closes, k);
    if (first > o->day) return 0;
    *from = first;
    *to = closes == PFC_NO_DATE ? PFC_NO_DATE : last;
    if (closes == PFC_NO_DATE || recurs == 0 || opens == PFC_NO_DATE) return o->day <= last;
    if (pfc_date_add_months(opens, k + recurs) > o->day) return o->day <= last;
  }
}

static int is_full(const rules_oracle *o, int32_t intervention, int64_t row) {
  int32_t from, to, taken = 0;
  const int32_t seats = row < 0 ? 0 : count(o, PFC_INTERVENTIONS, "seats", row);
  if (seats <= 0 || !open_run(o, row, &from, &to)) return 0;
  for (int64_t r = 0; r < rows(o, PFC_ENROLMENTS); r++) {
    const enrolment e = enrolment_at(o, r);
    if (e.intervention != intervention || !e.known) continue;
    if (code(o, PFC_ENROLMENTS, "person_id", r) < 0) continue;
    if (!e.begun && is_word(e.status, "dropped")) continue;
    if (to == PFC_NO_DATE) {
      taken += is_under_way(o, &e);
    } else {
      taken += e.start != PFC_NO_DATE && e.start >= from && e.start <= to;
    }
  }
  return taken >= seats;
}

static int is_shut_out(const rules_oracle *o, int32_t person, int32_t intervention) {
  const pfc_table_id t = PFC_ELIGIBILITY;
  const pfc_column *allow = pfc_dataset_column(o->ds, t, "allow");
  int is_for_some = 0, is_named = 0;
  for (int64_t r = 0; r < rows(o, t); r++) {
    if (code(o, t, "intervention_id", r) != intervention) continue;
    const int speaks = speaks_of(o, t, r, person);
    if (allow->flag[r] == 0 && speaks) return 1;
    is_for_some |= allow->flag[r] != 0;
    is_named |= allow->flag[r] != 0 && speaks;
  }
  return is_for_some && !is_named;
}

static double latest_rating(const rules_oracle *o, int32_t person, int32_t competency) {
  const pfc_table_id t = PFC_ASSESSMENTS;
  const int is_dated_table = has_some_in(o, t, "assessed_on");
  int64_t last = -1;
  for (int64_t r = 0; r < rows(o, t); r++) {
    const int32_t on = date(o, t, "assessed_on", r), until = date(o, t, "valid_until", r);
    if (code(o, t, "person_id", r) != person || code(o, t, "competency_id", r) != competency)
      continue;
    if (is_word(word(o, t, "source", r), "self") || isnan(real(o, t, "level", r))) continue;
    if (is_dated_table && o->day != PFC_NO_DATE && (on == PFC_NO_DATE || on >= o->day))
      continue;
    if (until != PFC_NO_DATE && o->day != PFC_NO_DATE && until < o->day) continue;
    if (last < 0 || on >= date(o, t, "assessed_on", last)) last = r;
  }
  return last < 0 ? (double)NAN : real(o, t, "level", last);
}

static int is_unready(const rules_oracle *o, int32_t person, int32_t intervention) {
  const pfc_table_id t = PFC_PREREQUISITES;
  for (int64_t r = 0; r < rows(o, t); r++) {
    if (code(o, t, "intervention_id", r) != intervention) continue;
    const int32_t before = code(o, t, "requires_intervention_id", r);
    const int32_t c = code(o, t, "requires_competency_id", r);
    const double level = real(o, t, "requires_level", r);
    if (before >= 0 && !stands(o, person, before)) return 1;
    if (c < 0 || isnan(level)) continue;
    if (o->p_held) {
      if (o->p_held(o->user, person, c, level) < o->settings.prerequisite_p) return 1;
    } else if ((latest_rating(o, person, c) >= level) < o->settings.prerequisite_p) {
      return 1;
    }
  }
  return 0;
}

/* Does one lead everywhere the other leads? */
static int leads_as_far(const rules_oracle *o, int32_t done, int32_t intervention) {
  const pfc_table_id t = PFC_TARGETS;
  int n = 0;
  if (done == intervention) return 1;
  for (int64_t r = 0; r < rows(o, t); r++) {
    if (code(o, t, "intervention_id", r) != intervention) continue;
    const double to = real(o, t, "to_level", r);
    int is_there = 0;
    for (int64_t q = 0; q < rows(o, t); q++) {
      if (code(o, t, "intervention_id", q) != done) continue;
      if (code(o, t, "competency_id", q) != code(o, t, "competency_id", r)) continue;
      is_there |= isnan(to) || real(o, t, "to_level", q) >= to;
    }
    if (!is_there) return 0;
    n++;
  }
  return n > 0;
}

static int is_covered(const rules_oracle *o, int32_t person, int32_t intervention) {
  for (int32_t d = 0; d < n_interventions(o); d++)
    if (leads_as_far(o, d, intervention) && stands(o, person, d)) return 1;
  return 0;
}

static double load(const rules_oracle *o, int32_t intervention) {
  const int64_t row = row_of(o, PFC_INTERVENTIONS, "intervention_id", intervention);
  if (row < 0) return (double)NAN;
  const double weeks = real(o, PFC_INTERVENTIONS, "weeks", row);
  return weeks > 0 ? real(o, PFC_INTERVENTIONS, "hours", row) / weeks : (double)NAN;
}

double rules_oracle_hours(const rules_oracle *o, int32_t person) {
  const int64_t row = row_of(o, PFC_PEOPLE, "person_id", person);
  double left = row < 0 ? (double)NAN : real(o, PFC_PEOPLE, "hours_per_week", row);
  for (int32_t i = 0; i < n_interventions(o); i++)
    if (takes(o, person, i) && !isnan(load(o, i))) left -= load(o, i);
  return left;
}

static int is_busy(const rules_oracle *o, int32_t person) {
  int n = 0;
  for (int32_t i = 0; i < n_interventions(o); i++) n += takes(o, person, i);
  return n >= o->settings.most_under_way;
}

static int has_just_begun(const rules_oracle *o, int32_t person) {
  for (int64_t r = 0; r < rows(o, PFC_ENROLMENTS); r++) {
    const enrolment e = enrolment_at(o, r);
    if (code(o, PFC_ENROLMENTS, "person_id", r) != person || !e.begun) continue;
    if (e.intervention < 0) continue; /* of nothing at all */
    if (e.start == PFC_NO_DATE || o->day == PFC_NO_DATE || e.start >= o->day) continue;
    if (o->settings.cool_down_days > 0 && o->day - e.start <= o->settings.cool_down_days)
      return 1;
  }
  return 0;
}

static int64_t second(const rules_oracle *o, int64_t row) {
  const pfc_column *c = pfc_dataset_column(o->ds, PFC_FEEDBACK, "at");
  return c ? c->time[row] : PFC_NO_TIME;
}

static int is_corrected(const rules_oracle *o, int64_t row) {
  const int32_t id = code(o, PFC_FEEDBACK, "event_id", row);
  return id >= 0 && row_of(o, PFC_FEEDBACK, "corrects", id) >= 0;
}

/* Was the last thing that the person said of it, or did about it, a no, and is it fresh? */
static int has_declined(const rules_oracle *o, int32_t person, int32_t i) {
  const pfc_table_id t = PFC_FEEDBACK;
  const int64_t tomorrow = ((int64_t)o->day + 1) * 86400;
  int64_t last = -1;
  if (o->day == PFC_NO_DATE || o->settings.declined_rest_days == 0) return 0;
  for (int64_t r = 0; r < rows(o, t); r++) {
    const char *kind = word(o, t, "kind", r);
    if (code(o, t, "person_id", r) != person || code(o, t, "intervention_id", r) != i) continue;
    if (second(o, r) == PFC_NO_TIME || second(o, r) >= tomorrow || is_corrected(o, r)) continue;
    if (is_word(kind, "shown") || is_word(kind, "overridden") || is_word(kind, "assessed") ||
        is_word(kind, ""))
      continue;
    if (last < 0 || second(o, r) >= second(o, last)) last = r;
  }
  return last >= 0 && is_word(word(o, t, "kind", last), "declined") &&
         second(o, last) >= tomorrow - ((int64_t)o->settings.declined_rest_days + 1) * 86400;
}

/* The override that decides; -1 none. */
static int64_t override_of(const rules_oracle *o, int32_t person, int32_t intervention) {
  const pfc_table_id t = PFC_OVERRIDES;
  for (int rank = 0; rank < 4; rank++) { /* a person's block, their force, a unit's ... */
    for (int64_t r = 0; r < rows(o, t); r++) {
      const int32_t who = code(o, t, "person_id", r), unit = code(o, t, "unit_id", r);
      const int32_t expires = date(o, t, "expires_on", r);
      if (code(o, t, "intervention_id", r) != intervention) continue;
      if (expires != PFC_NO_DATE && o->day != PFC_NO_DATE && expires < o->day) continue;
      if ((who >= 0) != (rank < 2) || (who < 0 && unit < 0)) continue;
      if (who >= 0 && who != person) continue;
      if (unit >= 0 && unit != held(o, person, "unit_id")) continue;
      if (is_word(word(o, t, "action", r), rank % 2 ? "force" : "block")) return r;
    }
  }
  return -1;
}

static int is_forced(const rules_oracle *o, int64_t row) {
  return row >= 0 && is_word(word(o, PFC_OVERRIDES, "action", row), "force");
}

unsigned rules_oracle_against(const rules_oracle *o, int32_t person, int32_t i) {
  int32_t from, to;
  unsigned against = 0;
  const int64_t row = row_of(o, PFC_INTERVENTIONS, "intervention_id", i);
  const int64_t decides = override_of(o, person, i);
  if (row >= 0 && !open_run(o, row, &from, &to)) against |= 1U << PFC_RULE_CLOSED;
  if (is_full(o, i, row)) against |= 1U << PFC_RULE_FULL;
  if (is_shut_out(o, person, i)) against |= 1U << PFC_RULE_ELIGIBILITY;
  if (is_unready(o, person, i)) against |= 1U << PFC_RULE_PREREQUISITE;
  if (is_covered(o, person, i)) against |= 1U << PFC_RULE_COVERED;
  if (is_busy(o, person) || takes(o, person, i)) against |= 1U << PFC_RULE_UNDER_WAY;
  if (load(o, i) > rules_oracle_hours(o, person) + 1e-9) against |= 1U << PFC_RULE_HOURS;
  if (has_just_begun(o, person)) against |= 1U << PFC_RULE_COOL_DOWN;
  if (has_declined(o, person, i)) against |= 1U << PFC_RULE_DECLINED;
  if (decides >= 0 && !is_forced(o, decides)) against |= 1U << PFC_RULE_BLOCKED;
  return against;
}

/* --- musts ---------------------------------------------------------------------------------
 */

/* The earliest day by which a mandate wants it passed; false: none wants anything now. */
static int is_wanted(const rules_oracle *o, int32_t person, int32_t i, int32_t *due_on) {
  const pfc_table_id t = PFC_MANDATES;
  const int32_t passed = passed_on(o, person, i);
  int is_any = 0;
  for (int64_t r = 0; r < rows(o, t); r++) {
    if (code(o, t, "intervention_id", r) != i || !speaks_of(o, t, r, person)) continue;
    int32_t due = date(o, t, "due_on", r);
    const int32_t m = count(o, t, "recurs_months", r);
    if (passed != PFC_NO_DATE) {
      if (m == 0 || passed == INT32_MAX) continue;
      const int32_t again = pfc_date_add_months(passed, m);
      if (due == PFC_NO_DATE || again > due) due = again;
    }
    if (due != PFC_NO_DATE && o->day != PFC_NO_DATE && due - o->settings.due_days > o->day)
      continue;
    if (!is_any || *due_on == PFC_NO_DATE || (due != PFC_NO_DATE && due < *due_on))
      *due_on = due;
    is_any = 1;
  }
  return is_any;
}

static int comes_first(const rules_oracle_must *a, const rules_oracle_must *b) {
  const int forced_a = a->override_row >= 0, forced_b = b->override_row >= 0;
  if (forced_a != forced_b) return forced_a;
  const int64_t due_a = a->due_on == PFC_NO_DATE ? INT64_MAX : a->due_on;
  const int64_t due_b = b->due_on == PFC_NO_DATE ? INT64_MAX : b->due_on;
  return due_a != due_b ? due_a < due_b : a->intervention < b->intervention;
}

int rules_oracle_musts(const rules_oracle *o, int32_t person, int n,
                       const int32_t *interventions, rules_oracle_must *must) {
  int found = 0;
  for (int k = 0; k < n; k++) {
    const int32_t i = interventions[k];
    const unsigned against = rules_oracle_against(o, person, i);
    const int64_t decides = override_of(o, person, i);
    rules_oracle_must m = {i, PFC_NO_DATE, -1};
    if (takes(o, person, i) || (against & 1U << PFC_RULE_CLOSED)) continue;
    if (is_forced(o, decides)) {
      m.override_row = decides;
    } else if ((against & (1U << PFC_RULE_FULL | 1U << PFC_RULE_BLOCKED)) ||
               !is_wanted(o, person, i, &m.due_on)) {
      continue;
    }
    int at = found++;
    for (; at > 0 && comes_first(&m, &must[at - 1]); at--) must[at] = must[at - 1];
    must[at] = m;
  }
  return found;
}
