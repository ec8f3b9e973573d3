/* Who manages whom. People report to the head of their unit, heads to the head of a family of
 * units, those to the first of all, who reports to nobody. A head is whoever has served
 * longest: on the first day all of a unit came after its head, so that positions from before
 * that day have a manager who was there. Nobody is displaced; when a head leaves or moves, the
 * next is found among those who are left, and whoever reported to the old one gets a new
 * position, of the same role and unit, on the day after.
 *
 * On every day heads of families are heads of units of the family, and the first of all is the
 * head of a family: following managers leads up through the three and ends, so there are no
 * loops. */
#include "datasets/simulate_people_internal.h"

enum { UNKNOWN = -2 };

typedef struct row {
  int32_t person, from, to, role, unit, manager;
  pfc__sim_reason reason;
} row;

/* What happens on a day: a career goes on at that place, or (-1) has ended the day before. */
typedef struct event {
  int64_t career;
  int32_t person;
} event;

typedef struct office {
  const pfc__sim *s;
  const pfc__sim_careers *c;
  int32_t *unit_head, *family_head; /* -1 none */
  int32_t top;
  int32_t *family;              /* of a unit */
  int32_t *first, *next, *prev; /* members of a unit, chained; -1 ends */
  row *open;                    /* position held now; unit -1: none */
  int64_t *day_start;           /* events of a day of the history, from first_day */
  event *events;
  int32_t *headless, n_headless; /* units that need a head */
  uint8_t *is_headless;
  uint8_t *is_changed; /* families that got a head today */
  row *rows;           /* positions that have ended */
  int64_t n_rows, capacity;
} office;

/* --- events by day ------------------------------------------------------------------------ */

/* Whoever came before the first day begins on it. */
static int32_t day_of(const office *o, int32_t from) {
  const int32_t first = o->s->truth->first_day;
  return from > first ? from - first : 0;
}

static int32_t n_days(const office *o) {
  return o->s->truth->last_day - o->s->truth->first_day + 1;
}

static pfc_status sort_events(office *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim_careers *c = o->c;
  const int32_t *left = o->s->truth->left_on, n = o->s->truth->n_people;
  int64_t *at = NULL;
  PFC_NEW(o->day_start, n_days(o) + 1);
  PFC_NEW(at, n_days(o));
  for (int64_t k = 0; k < c->start[n]; k++) o->day_start[day_of(o, c->from[k]) + 1]++;
  for (int32_t p = 0; p < n; p++)
    if (left[p] != PFC_NO_DATE) o->day_start[day_of(o, left[p] + 1) + 1]++;
  for (int32_t d = 0; d < n_days(o); d++) {
    at[d] = o->day_start[d];
    o->day_start[d + 1] += o->day_start[d];
  }
  PFC_NEW(o->events, o->day_start[n_days(o)]);
  for (int32_t p = 0; p < n; p++) {
    for (int64_t k = c->start[p]; k < c->start[p + 1]; k++)
      o->events[at[day_of(o, c->from[k])]++] = (event){k, p};
    if (left[p] != PFC_NO_DATE) o->events[at[day_of(o, left[p] + 1)]++] = (event){-1, p};
  }
done:
  pfc_free(at);
  return st;
}

/* --- members of units ----------------------------------------------------------------------
 */

static void needs_head(office *o, int32_t unit) {
  if (!o->is_headless[unit]) o->headless[o->n_headless++] = unit;
  o->is_headless[unit] = 1;
}

static void join(office *o, int32_t p, int32_t unit) {
  const int32_t first = o->first[unit];
  o->next[p] = first;
  o->prev[p] = -1;
  if (first >= 0) o->prev[first] = p;
  o->first[unit] = p;
  if (o->unit_head[unit] < 0) needs_head(o, unit);
}

static void leave(office *o, int32_t p, int32_t unit) {
  if (o->prev[p] >= 0)
    o->next[o->prev[p]] = o->next[p];
  else
    o->first[unit] = o->next[p];
  if (o->next[p] >= 0) o->prev[o->next[p]] = o->prev[p];
  if (o->unit_head[unit] != p) return;
  o->unit_head[unit] = -1;
  needs_head(o, unit);
  if (o->family_head[o->family[unit]] == p) o->family_head[o->family[unit]] = -1;
  if (o->top == p) o->top = -1;
}

/* --- positions ------------------------------------------------------------------------------
 */

/* The position that is open ends on the day before. */
static pfc_status end_position(office *o, int32_t p, int32_t day, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(o->rows, o->capacity, o->n_rows + 1);
  o->open[p].to = day - 1;
  o->rows[o->n_rows++] = o->open[p];
done:
  return st;
}

static pfc_status happen(office *o, const event *e, int32_t day, pfc_error *err) {
  pfc_status st = PFC_OK;
  row *open = &o->open[e->person];
  const int32_t unit = e->career < 0 ? -1 : o->c->unit[e->career];
  const int32_t old = open->unit;
  if (old >= 0) PFC_TRY(end_position(o, e->person, day, err));
  if (old >= 0 && old != unit) leave(o, e->person, old);
  if (unit >= 0 && old != unit) join(o, e->person, unit);
  open->unit = unit;
  if (unit < 0) return st;
  open->from = o->c->from[e->career];
  open->role = o->c->role[e->career];
  open->reason = (pfc__sim_reason)o->c->reason[e->career];
  open->manager = UNKNOWN;
done:
  return st;
}

/* --- heads -----------------------------------------------------------------------------------
 */

/* Of two people, the one who has served longer; -1 is nobody. */
static int32_t senior(const office *o, int32_t a, int32_t b) {
  if (a < 0 || b < 0) return a < 0 ? b : a;
  const int32_t *hired = o->s->hired_on;
  if (hired[a] != hired[b]) return hired[a] < hired[b] ? a : b;
  return a < b ? a : b;
}

/* Finds the heads that are missing; returns whether the first of all is a new one. */
static bool find_heads(office *o) {
  for (int32_t k = 0; k < o->n_headless; k++) {
    const int32_t unit = o->headless[k];
    for (int32_t p = o->first[unit]; p >= 0; p = o->next[p])
      o->unit_head[unit] = senior(o, o->unit_head[unit], p);
  }
  for (int32_t k = 0; k < o->n_headless; k++) {
    const int32_t f = o->family[o->headless[k]];
    if (o->family_head[f] >= 0) continue;
    for (int32_t u = o->c->family_unit[f]; u < o->c->family_unit[f + 1]; u++)
      o->family_head[f] = senior(o, o->family_head[f], o->unit_head[u]);
    o->is_changed[f] = 1;
  }
  if (o->top >= 0) return false;
  for (int32_t f = 0; f < o->c->n_families; f++) o->top = senior(o, o->top, o->family_head[f]);
  return true;
}

static int32_t manager_of(const office *o, int32_t p) {
  const int32_t unit = o->open[p].unit, family = o->family[unit];
  if (o->unit_head[unit] != p) return o->unit_head[unit];
  if (o->family_head[family] != p) return o->family_head[family];
  return o->top != p ? o->top : -1;
}

/* A new manager begins a new position, unless the position begins itself. */
static pfc_status assign(office *o, int32_t p, int32_t day, pfc_error *err) {
  pfc_status st = PFC_OK;
  if (p < 0 || o->open[p].unit < 0) return PFC_OK;
  row *open = &o->open[p];
  const int32_t manager = manager_of(o, p);
  if (open->manager == manager) return PFC_OK;
  if (open->manager != UNKNOWN && open->from != day) {
    PFC_TRY(end_position(o, p, day, err));
    open->from = day;
    open->reason = PFC__SIM_MANAGER;
  }
  open->manager = manager;
done:
  return st;
}

/* Whoever may report to somebody else from today on. */
static pfc_status assign_all(office *o, const event *events, int64_t n_events, bool has_new_top,
                             int32_t day, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim_careers *c = o->c;
  for (int64_t k = 0; k < n_events; k++) PFC_TRY(assign(o, events[k].person, day, err));
  for (int32_t k = 0; k < o->n_headless; k++) {
    const int32_t unit = o->headless[k];
    for (int32_t p = o->first[unit]; p >= 0; p = o->next[p]) PFC_TRY(assign(o, p, day, err));
    o->is_headless[unit] = 0;
  }
  o->n_headless = 0;
  for (int32_t f = 0; f < c->n_families; f++) {
    if (has_new_top) PFC_TRY(assign(o, o->family_head[f], day, err));
    for (int32_t u = c->family_unit[f]; o->is_changed[f] && u < c->family_unit[f + 1]; u++)
      PFC_TRY(assign(o, o->unit_head[u], day, err));
    o->is_changed[f] = 0;
  }
done:
  return st;
}

static pfc_status live(office *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int32_t d = 0; d < n_days(o); d++) {
    const int32_t day = o->s->truth->first_day + d;
    const event *events = o->events + o->day_start[d];
    const int64_t n = o->day_start[d + 1] - o->day_start[d];
    for (int64_t k = 0; k < n; k++) PFC_TRY(happen(o, &events[k], day, err));
    const bool has_new_top = o->n_headless > 0 && find_heads(o);
    PFC_TRY(assign_all(o, events, n, has_new_top, day, err));
  }
  for (int32_t p = 0; p < o->s->truth->n_people; p++) {
    if (o->open[p].unit < 0) continue;
    PFC_TRY(end_position(o, p, 0, err));
    o->rows[o->n_rows - 1].to = PFC_NO_DATE;
  }
done:
  return st;
}

static pfc_status open_office(office *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim_careers *c = o->c;
  const int32_t n = o->s->truth->n_people;
  PFC_NEW(o->unit_head, c->n_units);
  PFC_NEW(o->family_head, c->n_families);
  PFC_NEW(o->family, c->n_units);
  PFC_NEW(o->first, c->n_units);
  PFC_NEW(o->next, n);
  PFC_NEW(o->prev, n);
  PFC_NEW(o->open, n);
  PFC_NEW(o->headless, c->n_units);
  PFC_NEW(o->is_headless, c->n_units);
  PFC_NEW(o->is_changed, c->n_families);
  o->top = -1;
  for (int32_t f = 0; f < c->n_families; f++) {
    o->family_head[f] = -1;
    for (int32_t u = c->family_unit[f]; u < c->family_unit[f + 1]; u++) o->family[u] = f;
  }
  for (int32_t u = 0; u < c->n_units; u++) o->unit_head[u] = o->first[u] = -1;
  for (int32_t p = 0; p < n; p++) o->open[p] = (row){.person = p, .unit = -1};
  PFC_TRY(sort_events(o, err));
done:
  return st;
}

static void close_office(office *o) {
  pfc_free(o->unit_head);
  pfc_free(o->family_head);
  pfc_free(o->family);
  pfc_free(o->first);
  pfc_free(o->next);
  pfc_free(o->prev);
  pfc_free(o->open);
  pfc_free(o->day_start);
  pfc_free(o->events);
  pfc_free(o->headless);
  pfc_free(o->is_headless);
  pfc_free(o->is_changed);
  pfc_free(o->rows);
}

/* --- table positions
 * -------------------------------------------------------------------------- */

typedef struct position_columns {
  int32_t *person, *from, *to, *role, *unit, *manager, *reason;
} position_columns;

static pfc_status add_positions(pfc__sim *s, int64_t n, position_columns *col, pfc_error *err) {
  static const char *const REASONS[PFC__SIM_N_REASONS] = {"hire", "promotion", "move",
                                                          "new_manager"};
  pfc_status st = PFC_OK;
  int32_t code[PFC__SIM_N_REASONS]; /* those of pfc__sim_reason: the dictionary is new */
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "person_id", n, &col->person, err));
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "from", n, &col->from, err));
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "to", n, &col->to, err));
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "role_id", n, &col->role, err));
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "unit_id", n, &col->unit, err));
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "manager_id", n, &col->manager, err));
  PFC_TRY(pfc__sim_ints(s, PFC_POSITIONS, "reason", n, &col->reason, err));
  PFC_TRY(pfc__sim_words(s, "position_reason", PFC__SIM_N_REASONS, REASONS, code, err));
done:
  return st;
}

static pfc_status allocate(pfc__sim *s, int64_t n, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  PFC_NEW(t->position_start, t->n_people + 1);
  PFC_NEW(t->position_from, n);
  PFC_NEW(t->position_role, n);
  PFC_NEW(s->position_unit, n);
  PFC_NEW(s->position_manager, n);
  PFC_NEW(s->unit, t->n_people);
  PFC_NEW(s->manager, t->n_people);
done:
  return st;
}

/* By person; those of a person have ended in order. */
static pfc_status write_positions(pfc__sim *s, const office *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = s->truth;
  position_columns col = {0};
  int64_t *at = NULL;
  PFC_NEW(at, t->n_people);
  PFC_TRY(allocate(s, o->n_rows, err));
  PFC_TRY(add_positions(s, o->n_rows, &col, err));
  for (int64_t k = 0; k < o->n_rows; k++) t->position_start[o->rows[k].person + 1]++;
  for (int32_t p = 0; p < t->n_people; p++) {
    at[p] = t->position_start[p];
    t->position_start[p + 1] += t->position_start[p];
  }
  for (int64_t k = 0; k < o->n_rows; k++) {
    const row *x = &o->rows[k];
    const int64_t r = at[x->person]++;
    col.person[r] = x->person;
    t->position_from[r] = col.from[r] = x->from;
    t->position_role[r] = col.role[r] = x->role;
    s->position_unit[r] = col.unit[r] = x->unit;
    s->position_manager[r] = col.manager[r] = x->manager;
    col.to[r] = x->to;
    col.reason[r] = (int32_t)x->reason;
  }
done:
  pfc_free(at);
  return st;
}

/* Of the last position; of somebody who has left, the manager may have left since. */
static void fill_last(pfc__sim *s) {
  const pfc_truth *t = s->truth;
  for (int32_t p = 0; p < t->n_people; p++) {
    const int64_t last = t->position_start[p + 1] - 1;
    const int32_t manager = s->position_manager[last];
    s->unit[p] = s->position_unit[last];
    s->manager[p] = manager >= 0 && t->left_on[manager] == PFC_NO_DATE ? manager : -1;
  }
}

pfc_status pfc__sim_managers(pfc__sim *s, const pfc__sim_careers *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  office o = {.s = s, .c = c};
  PFC_TRY(open_office(&o, err));
  PFC_TRY(live(&o, err));
  PFC_TRY(write_positions(s, &o, err));
  fill_last(s);
done:
  close_office(&o);
  return st;
}
