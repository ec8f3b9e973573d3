/* Raw values of fields: what is known of a decision at its time. */
#include <math.h>
#include <string.h>

#include "datasets/columns_internal.h"
#include "datasets/features_internal.h"

/* No fact is dated before this day: what a decision sees that happened nobody knows when. */
#define BEFORE_ALL (PFC_NO_DATE + 1)

static bool has_happened(const pfc_decision *d) {
  return d->enrolment_row >= 0 || d->episode_row >= 0;
}

/* The date from which a decision looks back. */
static int32_t seen_from(const pfc_decision *d) {
  return d->date == PFC_NO_DATE && has_happened(d) ? BEFORE_ALL : d->date;
}

int64_t pfc_decision_attempts(const pfc_history *h, const pfc_decision *d, int64_t *from) {
  *from = 0;
  if (d->person < 0) return 0;
  if (h->dated || !has_happened(d)) {
    return pfc_history_attempts(h, d->person, seen_from(d), from);
  }
  if (d->enrolment_row < 0) return 0;
  return pfc_history_attempts_before_row(h, d->person, d->enrolment_row, from);
}

void pfc__moment_look(const pfc_lens *lens, const pfc_decision *d, bool with_position,
                      pfc__moment *m) {
  const bool unknown = d->date == PFC_NO_DATE && has_happened(d);
  *m = (pfc__moment){
      .lens = lens,
      .d = d,
      .date = seen_from(d),
      .role = -1,
      .unit = -1,
      .sees_ratings = lens->h->ratings_dated || !has_happened(d),
  };
  m->to = pfc_decision_attempts(lens->h, d, &m->from);
  if (!with_position || d->person < 0) return;
  const bool now = m->date == PFC_NO_DATE || unknown;
  const int32_t day_before = now ? m->date : m->date - 1;
  m->role = pfc_history_role(lens->h, d->person, day_before);
  m->unit = pfc_history_unit(lens->h, d->person, day_before);
}

/* --- targets ------------------------------------------------------------------------- */

bool pfc__field_varies(const pfc_field *f) {
  if (f->scope == PFC_SCOPE_CELL || f->what == PFC_WHAT_TO_LEVEL || f->what == PFC_WHAT_SHORT)
    return true;
  return f->what == PFC_WHAT_ID && strcmp(f->dict, "competency") == 0;
}

int pfc__n_aims(const pfc_lens *lens, const pfc_decision *d) {
  if (d->competency >= 0 || d->intervention < 0) return 1;
  return lens->cat->first[d->intervention + 1] - lens->cat->first[d->intervention];
}

pfc__aim pfc__aim_at(const pfc_lens *lens, const pfc_decision *d, int k) {
  const pfc_catalogue *cat = lens->cat;
  pfc__aim aim = {d->competency, NAN};
  if (d->intervention < 0) return aim;
  int32_t target = cat->first[d->intervention] + k;
  if (d->competency >= 0) {
    while (target < cat->first[d->intervention + 1] && cat->competency[target] != d->competency)
      target++;
    if (target == cat->first[d->intervention + 1]) return aim;
  }
  return (pfc__aim){cat->competency[target], cat->to_level[target]};
}

/* --- rows of tables ------------------------------------------------------------------ */

/* The row that describes the decision in a table of features; -1 none. */
static int64_t row_of(const pfc__moment *m, int table) {
  const pfc_lens *lens = m->lens;
  const pfc_decision *d = m->d;
  switch (table) {
    case PFC_PEOPLE:
      return d->person < 0 ? -1 : lens->h->people_row[d->person];
    case PFC_ROLES:
      return m->role < 0 ? -1 : lens->role_row[m->role];
    case PFC_INTERVENTIONS:
      return d->intervention < 0 ? -1 : lens->cat->row[d->intervention];
    case PFC_ENROLMENTS:
      return d->enrolment_row;
    case PFC_EPISODES:
      return d->episode_row;
    default:
      return -1;
  }
}

/* The same for one column: a decision without an enrolment takes the latest one in
 * which the column is known. */
static int64_t row_with(const pfc__moment *m, int table, const pfc_column *column) {
  const int64_t row = row_of(m, table);
  if (row >= 0 || table != PFC_ENROLMENTS) return row;
  for (int64_t k = m->to - 1; k >= m->from; k--)
    if (!pfc_column_missing(column, m->lens->h->attempts[k].row))
      return m->lens->h->attempts[k].row;
  return -1;
}

static double column_number(const pfc_field *f, const pfc__moment *m) {
  const pfc__lens_column *c = pfc__lens_column_find(m->lens, f->table, f->column);
  const int64_t row = c ? row_with(m, f->table, c->column) : -1;
  if (row < 0) return NAN;
  const double x = pfc__number_at(c->column, row);
  return f->what == PFC_WHAT_LOG ? log1p(x) : x;
}

static int32_t column_code(const pfc_field *f, const pfc__moment *m) {
  const pfc__lens_column *c = pfc__lens_column_find(m->lens, f->table, f->column);
  if (!c || c->column->type != PFC_CODE) return -1;
  const int64_t row = row_with(m, f->table, c->column);
  return row < 0 ? -1 : pfc__map_code(c->map, c->column->code[row]);
}

/* --- history ------------------------------------------------------------------------- */

bool pfc__aims_at(const pfc_catalogue *cat, int32_t intervention, int32_t competency) {
  if (intervention < 0) return false;
  for (int32_t k = cat->first[intervention]; k < cat->first[intervention + 1]; k++)
    if (cat->competency[k] == competency) return true;
  return false;
}

static double counted(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim) {
  const pfc_past *past = m->past;
  const pfc__tally *of = f->scope == PFC_SCOPE_CELL   ? &past->cell[aim->competency]
                         : f->scope == PFC_SCOPE_PAIR ? &past->item[m->d->intervention]
                                                      : &past->all;
  const int32_t n = f->what == PFC_WHAT_WINS ? of->wins : of->starts;
  return n < PFC__LOGS ? past->log[n] : log1p(n);
}

/* Earlier starts, or passes known by now: in all, at the competency, of the item. */
static double count(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim) {
  const pfc_lens *lens = m->lens;
  const bool is_cell = f->scope == PFC_SCOPE_CELL, is_pair = f->scope == PFC_SCOPE_PAIR;
  if (m->d->person < 0 || (is_cell && aim->competency < 0) ||
      (is_pair && m->d->intervention < 0))
    return NAN;
  if (m->past) return counted(f, m, aim);
  int64_t n = 0;
  for (int64_t k = m->from; k < m->to; k++) {
    const pfc_attempt *a = &lens->h->attempts[k];
    if (!a->started) continue;
    if (is_pair && a->intervention != m->d->intervention) continue;
    if (is_cell && !pfc__aims_at(lens->cat, a->intervention, aim->competency)) continue;
    if (f->what == PFC_WHAT_WINS && pfc_attempt_result(a, m->date) != 1) continue;
    n++;
  }
  return log1p((double)n);
}

/* Where ratings are dated, one without a date is not the latest of anything. */
static double latest_level(const pfc__moment *m, int32_t competency) {
  if (m->d->person < 0 || competency < 0 || !m->sees_ratings) return NAN;
  if (m->past) return m->past->level[competency];
  int64_t from;
  const pfc_history *h = m->lens->h;
  const int64_t to = pfc_history_ratings(h, m->d->person, m->date, &from);
  for (int64_t k = to - 1; k >= from; k--) {
    const pfc_rating *r = &h->ratings[k];
    if (r->competency != competency || r->self) continue;
    if (r->date != PFC_NO_DATE || !h->ratings_dated) return r->level;
  }
  return NAN;
}

/* --- requirements -------------------------------------------------------------------- */

const pfc_requirement *pfc_decision_requirements(const pfc_lens *lens, const pfc_decision *d,
                                                 int64_t *n) {
  const pfc_requirements *r = lens->requirements;
  pfc__moment m;
  pfc__moment_look(lens, d, true, &m);
  *n = 0;
  if (m.role < 0 || m.role >= r->n_roles) return NULL;
  *n = r->first[m.role + 1] - r->first[m.role];
  return *n > 0 ? &r->at[r->first[m.role]] : NULL;
}

/* The role is looked up for cells that ask for it alone. */
static const pfc_requirement *required_of(const pfc__moment *m, int32_t competency) {
  pfc__moment held = *m;
  if (held.role < 0) pfc__moment_look(m->lens, m->d, true, &held);
  return pfc_requirements_find(m->lens->requirements, held.role, competency);
}

static double required_level(const pfc__moment *m, int32_t competency) {
  const pfc_requirement *r = required_of(m, competency);
  return r ? r->level : (double)NAN;
}

static double missing_level(const pfc__moment *m, int32_t competency) {
  const double level = latest_level(m, competency);
  if (isnan(level)) return NAN;
  return fmax(required_level(m, competency) - level, 0); /* nothing asked, nothing missing */
}

/* --- the profile's --------------------------------------------------------------------- */

static bool is_of_past(const pfc__moment *m, int32_t competency) {
  if (m->past) return m->past->is_touched[competency];
  int64_t from = 0;
  const pfc_history *h = m->lens->h;
  const int64_t to = m->sees_ratings ? pfc_history_ratings(h, m->d->person, m->date, &from) : 0;
  for (int64_t k = from; k < to; k++)
    if (h->ratings[k].competency == competency) return true;
  for (int64_t k = m->from; k < m->to; k++)
    if (pfc__aims_at(m->lens->cat, h->attempts[k].intervention, competency)) return true;
  return false;
}

/* What happened nobody knows when saw nobody knows what. */
static bool can_tell_level(const pfc__moment *m, int32_t competency) {
  return m->lens->levels.held && m->d->person >= 0 && competency >= 0 && m->date != BEFORE_ALL;
}

/* Told in the cells alone in which others of this scope have entries too: of the rest a scorer
 * need not know. */
static double held_level(const pfc__moment *m, int32_t competency) {
  const pfc_lens_levels *levels = &m->lens->levels;
  if (!can_tell_level(m, competency)) return NAN;
  if (!is_of_past(m, competency) && !required_of(m, competency)) return NAN;
  return levels->held(levels->user, m->d->person, competency, m->date);
}

static double lacking_level(const pfc__moment *m, int32_t competency) {
  const pfc_lens_levels *levels = &m->lens->levels;
  if (!can_tell_level(m, competency)) return NAN;
  const double required = required_level(m, competency);
  if (isnan(required)) return NAN;
  return levels->lacking(levels->user, m->d->person, competency, m->date, required);
}

static double short_level(const pfc__moment *m, const pfc__aim *aim) {
  const double held = held_level(m, aim->competency);
  return isnan(held) || isnan(aim->to_level) ? (double)NAN : fmax(aim->to_level - held, 0);
}

static double weekly_load(const pfc__moment *m) {
  const int32_t i = m->d->intervention;
  if (i < 0 || !(m->lens->cat->weeks[i] > 0)) return NAN;
  return log1p(m->lens->cat->hours[i] / m->lens->cat->weeks[i]);
}

/* --- fields -------------------------------------------------------------------------- */

/* The five ids differ in their first letter. */
static int32_t id_code(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim) {
  const pfc_lens *lens = m->lens;
  switch (f->dict[0]) {
    case 'p':
      return pfc__map_code(lens->person, m->d->person);
    case 'r':
      return pfc__map_code(lens->role, m->role);
    case 'u':
      return pfc__map_code(lens->unit, m->unit);
    case 'i':
      return pfc__map_code(lens->intervention, m->d->intervention);
    default:
      return pfc__map_code(lens->competency, aim->competency);
  }
}

int32_t pfc__field_code(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim) {
  return f->what == PFC_WHAT_ID ? id_code(f, m, aim) : column_code(f, m);
}

double pfc__field_number(const pfc_field *f, const pfc__moment *m, const pfc__aim *aim) {
  switch (f->what) {
    case PFC_WHAT_COLUMN:
    case PFC_WHAT_LOG:
      return column_number(f, m);
    case PFC_WHAT_ATTEMPTS:
    case PFC_WHAT_WINS:
      return count(f, m, aim);
    case PFC_WHAT_LEVEL:
      return latest_level(m, aim->competency);
    case PFC_WHAT_TO_LEVEL:
      return aim->to_level;
    case PFC_WHAT_REQUIRED:
      return required_level(m, aim->competency);
    case PFC_WHAT_MISSING:
      return missing_level(m, aim->competency);
    case PFC_WHAT_LOAD:
      return weekly_load(m);
    case PFC_WHAT_HELD:
      return held_level(m, aim->competency);
    case PFC_WHAT_LACKING:
      return lacking_level(m, aim->competency);
    case PFC_WHAT_SHORT:
      return short_level(m, aim);
    default:
      return NAN;
  }
}
