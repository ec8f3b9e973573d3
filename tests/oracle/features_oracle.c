#include "tests/oracle/features_oracle.h"

#include <math.h>
#include <string.h>

static int has_happened(const pfc_decision *d) {
  return d->enrolment_row >= 0 || d->episode_row >= 0;
}

/* Does the decision come after a fact of that day? */
static int is_after(const pfc_decision *d, int32_t day) {
  if (d->date == PFC_NO_DATE) return !has_happened(d);
  return day != PFC_NO_DATE && day < d->date;
}

static int sees_attempt(const oracle *o, const pfc_decision *d, int32_t person,
                        const pfc_attempt *a) {
  if (person != d->person) return 0;
  if (o->h->dated) return is_after(d, a->start);
  return has_happened(d) ? a->row < d->enrolment_row : 1;
}

static int is_known_win(const oracle *o, const pfc_decision *d, const pfc_attempt *a) {
  return a->result == 1 && (!o->h->dated || is_after(d, a->known));
}

static int aims_at(const oracle *o, int32_t intervention, int32_t competency) {
  for (int32_t t = 0; t < o->cat->n_targets; t++)
    if (o->cat->intervention[t] == intervention && o->cat->competency[t] == competency)
      return 1;
  return 0;
}

static double count(const oracle *o, const pfc_field *f, const pfc_decision *d,
                    int32_t competency) {
  int n = 0;
  if (d->person < 0) return NAN;
  if (f->scope == PFC_SCOPE_CELL && competency < 0) return NAN;
  if (f->scope == PFC_SCOPE_PAIR && d->intervention < 0) return NAN;
  for (int32_t p = 0; p < o->h->n_people; p++) {
    for (int64_t k = o->h->first_attempt[p]; k < o->h->first_attempt[p + 1]; k++) {
      const pfc_attempt *a = &o->h->attempts[k];
      if (!sees_attempt(o, d, p, a) || !a->started) continue;
      if (f->scope == PFC_SCOPE_CELL && !aims_at(o, a->intervention, competency)) continue;
      if (f->scope == PFC_SCOPE_PAIR && a->intervention != d->intervention) continue;
      n += f->what == PFC_WHAT_ATTEMPTS || is_known_win(o, d, a);
    }
  }
  return log(1.0 + n);
}

static int sees_rating(const oracle *o, const pfc_decision *d, const pfc_rating *r) {
  if (!o->h->ratings_dated) return !has_happened(d);
  return r->date != PFC_NO_DATE && is_after(d, r->date);
}

static double level(const oracle *o, const pfc_decision *d, int32_t competency) {
  const pfc_rating *latest = NULL;
  if (d->person < 0 || competency < 0) return NAN;
  for (int64_t k = o->h->first_rating[d->person]; k < o->h->first_rating[d->person + 1]; k++) {
    const pfc_rating *r = &o->h->ratings[k];
    if (r->competency != competency || r->self || !sees_rating(o, d, r)) continue;
    if (!latest || r->date > latest->date || (r->date == latest->date && r->row > latest->row))
      latest = r;
  }
  return latest ? latest->level : NAN;
}

/* Row of the position held at the end of the day before; -1 none. */
static int64_t position(const oracle *o, const pfc_decision *d) {
  const pfc_table_id t = PFC_POSITIONS;
  const int32_t *person = pfc_dataset_codes(o->ds, t, "person_id");
  const int32_t *from = pfc_dataset_dates(o->ds, t, "from");
  const int32_t *to = pfc_dataset_dates(o->ds, t, "to");
  int64_t last = -1;
  for (int64_t r = 0; r < o->ds->tables[t].n_rows; r++)
    if (person[r] == d->person && is_after(d, from[r]) && (last < 0 || from[r] >= from[last]))
      last = r;
  if (last < 0 || to[last] == PFC_NO_DATE) return last;
  return d->date != PFC_NO_DATE && to[last] >= d->date - 1 ? last : -1;
}

static int64_t people_row(const oracle *o, int32_t person) {
  const int32_t *id = pfc_dataset_codes(o->ds, PFC_PEOPLE, "person_id");
  for (int64_t r = 0; id && r < o->ds->tables[PFC_PEOPLE].n_rows; r++)
    if (person >= 0 && id[r] == person) return r;
  return -1;
}

/* A position of the person that begins on the day of the decision or later. */
static bool moves_later(const oracle *o, const pfc_decision *d) {
  const int32_t *person = pfc_dataset_codes(o->ds, PFC_POSITIONS, "person_id");
  const int32_t *from = pfc_dataset_dates(o->ds, PFC_POSITIONS, "from");
  for (int64_t r = 0; r < o->ds->tables[PFC_POSITIONS].n_rows; r++)
    if (person[r] == d->person && !is_after(d, from[r])) return true;
  return false;
}

static int32_t held(const oracle *o, const pfc_decision *d, const char *column) {
  const int64_t at = position(o, d), row = people_row(o, d->person);
  const int32_t *then = pfc_dataset_codes(o->ds, PFC_POSITIONS, column);
  const int32_t *now = pfc_dataset_codes(o->ds, PFC_PEOPLE, column);
  if (d->person < 0) return -1;
  if (at >= 0 && then[at] >= 0) return then[at];
  if (moves_later(o, d)) return -1;
  return row >= 0 && now ? now[row] : -1;
}

static int64_t keyed_row(const oracle *o, pfc_table_id t, const char *key, int32_t code) {
  const int32_t *id = pfc_dataset_codes(o->ds, t, key);
  for (int64_t r = 0; id && r < o->ds->tables[t].n_rows; r++)
    if (code >= 0 && id[r] == code) return r;
  return -1;
}

/* The enrolment that describes a decision which has none: of those seen in which the
 * column is known, the one that began last. */
static int64_t carried_row(const oracle *o, const pfc_decision *d, const pfc_column *column) {
  const pfc_attempt *latest = NULL;
  for (int32_t p = 0; p < o->h->n_people; p++) {
    for (int64_t k = o->h->first_attempt[p]; k < o->h->first_attempt[p + 1]; k++) {
      const pfc_attempt *a = &o->h->attempts[k];
      if (sees_attempt(o, d, p, a) && !pfc_column_missing(column, a->row)) latest = a;
    }
  }
  return latest ? latest->row : -1;
}

static int64_t row_of(const oracle *o, const pfc_field *f, const pfc_decision *d,
                      const pfc_column *column) {
  switch (f->table) {
    case PFC_PEOPLE:
      return people_row(o, d->person);
    case PFC_ROLES:
      return keyed_row(o, PFC_ROLES, "role_id", held(o, d, "role_id"));
    case PFC_INTERVENTIONS:
      return keyed_row(o, PFC_INTERVENTIONS, "intervention_id", d->intervention);
    case PFC_ENROLMENTS:
      return d->enrolment_row >= 0 ? d->enrolment_row : carried_row(o, d, column);
    default:
      return d->episode_row;
  }
}

const char *oracle_word(const oracle *o, const pfc_field *f, const pfc_decision *d,
                        int32_t competency) {
  const pfc_dict *dict = pfc_dataset_find_dict(o->ds, f->dict);
  if (f->what == PFC_WHAT_ID) {
    int32_t code = -1;
    if (strcmp(f->name, "person") == 0) code = d->person;
    if (strcmp(f->name, "role") == 0) code = held(o, d, "role_id");
    if (strcmp(f->name, "unit") == 0) code = held(o, d, "unit_id");
    if (strcmp(f->name, "intervention") == 0) code = d->intervention;
    if (strcmp(f->name, "competency") == 0) code = competency;
    return dict ? pfc_dict_text(dict, code) : "";
  }
  const pfc_column *column = pfc_dataset_column(o->ds, (pfc_table_id)f->table, f->column);
  const int64_t row = column ? row_of(o, f, d, column) : -1;
  return row < 0 ? "" : pfc_dict_text(dict, column->code[row]);
}

static double to_level(const oracle *o, const pfc_decision *d, int32_t competency) {
  for (int32_t t = 0; t < o->cat->n_targets; t++)
    if (o->cat->intervention[t] == d->intervention && o->cat->competency[t] == competency)
      return o->cat->to_level[t];
  return NAN;
}

double oracle_number(const oracle *o, const pfc_field *f, const pfc_decision *d,
                     int32_t competency) {
  if (f->what == PFC_WHAT_LEVEL) return level(o, d, competency);
  if (f->what == PFC_WHAT_TO_LEVEL) return to_level(o, d, competency);
  if (f->what != PFC_WHAT_COLUMN && f->what != PFC_WHAT_LOG) return count(o, f, d, competency);
  const pfc_column *column = pfc_dataset_column(o->ds, (pfc_table_id)f->table, f->column);
  const int64_t row = column ? row_of(o, f, d, column) : -1;
  if (row < 0) return NAN;
  return f->what == PFC_WHAT_LOG ? log(1.0 + column->real[row]) : column->real[row];
}

int oracle_aims(const oracle *o, const pfc_decision *d, int32_t aims[16]) {
  int n = 0;
  if (d->competency < 0 && d->intervention >= 0) {
    for (int32_t t = 0; t < o->cat->n_targets; t++)
      if (o->cat->intervention[t] == d->intervention) aims[n++] = o->cat->competency[t];
    return n;
  }
  aims[0] = d->competency;
  return 1;
}
