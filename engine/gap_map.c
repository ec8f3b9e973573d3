#include "engine/gap_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/catalogue.h"
#include "engine/gap_map_internal.h"

enum { MOST_GROUP = 1000000, MOST_AFFECTED = 1000 };

void pfc_gap_map_defaults(pfc_gap_map_settings *s) {
  *s = (pfc_gap_map_settings){
      .struct_size = sizeof *s, .by = PFC_GAPS_BY_ROLE, .min_group = 5, .n_affected = 0};
}

pfc_status pfc_gap_map_check(const pfc_gap_map_settings *s, pfc_error *err) {
  if (s->struct_size != sizeof *s) {
    return pfc_fail(err, PFC_EUSAGE, "gap map settings: start from pfc_gap_map_defaults()");
  }
  if ((int)s->by < PFC_GAPS_BY_UNIT || (int)s->by > PFC_GAPS_UNCOVERED) {
    return pfc_fail(err, PFC_EUSAGE, "by: one of pfc_gap_by expected, not %d", (int)s->by);
  }
  if (s->min_group < 1 || s->min_group > MOST_GROUP) {
    return pfc_fail(err, PFC_EUSAGE, "min_group: 1 to %d people expected, not %d", MOST_GROUP,
                    s->min_group);
  }
  if (s->n_affected < 0 || s->n_affected > MOST_AFFECTED) {
    return pfc_fail(err, PFC_EUSAGE, "n_affected: 0 to %d people expected, not %d",
                    MOST_AFFECTED, s->n_affected);
  }
  return PFC_OK;
}

bool pfc_gap_person_is_there(const pfc_dataset *ds, const pfc_history *h, int32_t person,
                             int32_t day) {
  const int32_t *hired = pfc_dataset_dates(ds, PFC_PEOPLE, "hired_on");
  const int32_t *left = pfc_dataset_dates(ds, PFC_PEOPLE, "left_on");
  const int64_t row = person < h->n_people ? h->people_row[person] : -1;
  if (row < 0 || day == PFC_NO_DATE) return true;
  if (hired && hired[row] != PFC_NO_DATE && hired[row] > day) return false;
  return !left || left[row] == PFC_NO_DATE || left[row] >= day;
}

/* --- counting --------------------------------------------------------------------------------
 */

typedef struct affected {
  double priority;
  int32_t person; /* -1: nobody yet */
} affected;

typedef struct counting {
  const pfc_gap_map_settings *settings;
  const pfc_dataset *ds;
  const pfc_history *history;
  int32_t as_of, day; /* role and unit are those of `day` */
  pfc__tallies t;
  double *open_level; /* n_competencies: the highest level that can be worked towards; -inf */
  double level_min, level_step;
  affected *affected; /* n_affected of each group, the greatest first */
  int64_t affected_capacity;
} counting;

static void counting_clear(counting *c) {
  pfc__cross_clear(&c->t.units);
  pfc__cross_clear(&c->t.roles);
  pfc__cross_clear(&c->t.uncovered);
  pfc_free(c->t.competency);
  pfc_free(c->open_level);
  pfc_free(c->affected);
}

/* Of a target without a level anything may come. */
static pfc_status read_open_levels(counting *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_catalogue *cat = NULL;
  PFC_NEW(c->open_level, c->t.n_competencies);
  for (int32_t k = 0; k < c->t.n_competencies; k++) c->open_level[k] = -HUGE_VAL;
  PFC_TRY(pfc_catalogue_create(c->ds, &cat, err));
  for (int32_t t = 0; t < cat->n_targets; t++) {
    const int32_t k = cat->competency[t];
    const double to = isnan(cat->to_level[t]) ? HUGE_VAL : cat->to_level[t];
    if (k < 0 || to <= c->open_level[k]) continue;
    if (pfc_catalogue_is_open(cat, cat->intervention[t], c->as_of)) c->open_level[k] = to;
  }
done:
  pfc_catalogue_destroy(cat);
  return st;
}

/* Levels of 0 to 5 or 7 go by 1, those of 0 to 100 by 10. */
static void set_steps(counting *c) {
  const double range = c->ds->scale_max - c->ds->scale_min;
  c->level_min = c->ds->scale_min;
  c->level_step = pow(10, floor(log10(range / 3)));
}

static int32_t step_of(const counting *c, double required) {
  const double step = round((required - c->level_min) / c->level_step);
  return (int32_t)fmin(fmax(step, 0), c->t.uncovered.n_columns - 1);
}

static pfc_status counting_init(counting *c, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = pfc_dataset_count(c->ds, "competency");
  c->t.n_competencies = n;
  set_steps(c);
  const int32_t steps = 1 + (int32_t)ceil((c->ds->scale_max - c->level_min) / c->level_step);
  PFC_TRY(pfc__cross_init(&c->t.units, pfc_dataset_count(c->ds, "unit") + 1, n, err));
  PFC_TRY(pfc__cross_init(&c->t.roles, pfc_dataset_count(c->ds, "role") + 1, n, err));
  PFC_TRY(pfc__cross_init(&c->t.uncovered, n, steps, err));
  PFC_NEW(c->t.competency, n);
  PFC_TRY(read_open_levels(c, err));
done:
  return st;
}

static void add(pfc__tally *to, const pfc__tally *t) {
  to->people += t->people;
  to->asked += t->asked;
  to->likely_below += t->likely_below;
  to->behind_n += t->behind_n;
  to->expected_below += t->expected_below;
  to->shortfall += t->shortfall;
  to->priority += t->priority;
  to->compliance += t->compliance;
  to->behind += t->behind;
}

static pfc__tally tally_of(const pfc_gap_row *row) {
  const pfc_gap *gap = &row->gap;
  const bool below = gap->p_gap > 0.5;
  return (pfc__tally){
      .people = 1,
      .asked = 1,
      .likely_below = below,
      .behind_n = row->behind_n,
      .expected_below = gap->p_gap,
      .shortfall = gap->shortfall,
      .priority = gap->priority,
      .compliance = gap->is_compliance ? gap->priority : 0,
      .behind = row->behind,
  };
}

/* A list of the greatest, kept in order; of equals whoever came first stays in front. */
static pfc_status offer(counting *c, int64_t group, double priority, int32_t person,
                        pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n = c->settings->n_affected;
  const int64_t before = c->affected_capacity;
  if (n == 0 || !(priority > 0)) return PFC_OK;
  PFC_RESERVE(c->affected, c->affected_capacity, (group + 1) * n);
  for (int64_t i = before; i < c->affected_capacity; i++) c->affected[i].person = -1;
  affected *list = c->affected + group * n;
  int32_t at = n;
  while (at > 0 && (list[at - 1].person < 0 || priority > list[at - 1].priority)) at--;
  if (at == n) return PFC_OK;
  memmove(list + at + 1, list + at, (size_t)(n - 1 - at) * sizeof *list);
  list[at] = (affected){priority, person};
done:
  return st;
}

static pfc_status add_to_cross(counting *c, pfc__cross *x, pfc_gap_by by, pfc__tally_cell cell,
                               int32_t person, pfc_error *err) {
  int64_t place;
  pfc_status st = pfc__cross_place(x, cell.row, cell.column, &place, err);
  if (st != PFC_OK) return st;
  add(&x->cell[place].sums, &cell.sums);
  return c->settings->by == by ? offer(c, place, cell.sums.priority, person, err) : PFC_OK;
}

/* Nothing that is open brings the person above the level held. */
static pfc_status count_cover(counting *c, const pfc_gap *gap, const pfc__tally *t,
                              int32_t person, pfc_error *err) {
  pfc__cross *x = &c->t.uncovered;
  if (c->open_level[gap->competency] > gap->level) {
    add(&x->row[gap->competency], t);
    return PFC_OK;
  }
  const pfc__tally_cell cell = {gap->competency, step_of(c, gap->required), *t};
  return add_to_cross(c, x, PFC_GAPS_UNCOVERED, cell, person, err);
}

static pfc_status count_row(counting *c, const pfc_gap_row *row, int32_t unit, int32_t role,
                            int32_t person, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t competency = row->gap.competency;
  const pfc__tally t = tally_of(row);
  const pfc__tally_cell in_unit = {unit, competency, t}, in_role = {role, competency, t};
  add(&c->t.competency[competency], &t);
  PFC_TRY(add_to_cross(c, &c->t.units, PFC_GAPS_BY_UNIT_COMPETENCY, in_unit, person, err));
  PFC_TRY(add_to_cross(c, &c->t.roles, PFC_GAPS_BY_ROLE_COMPETENCY, in_role, person, err));
  PFC_TRY(count_cover(c, &row->gap, &t, person, err));
  if (c->settings->by == PFC_GAPS_BY_COMPETENCY) {
    PFC_TRY(offer(c, competency, t.priority, person, err));
  }
done:
  return st;
}

static pfc_status count_person(int32_t person, int32_t n, const pfc_gap_row *rows, void *user,
                               pfc_error *err) {
  counting *c = user;
  pfc_status st = PFC_OK;
  pfc__tally sum = {0};
  const int32_t held = pfc_history_role(c->history, person, c->day);
  if (n == 0 || held < 0 || !pfc_gap_person_is_there(c->ds, c->history, person, c->as_of)) {
    return PFC_OK;
  }
  int32_t unit = pfc_history_unit(c->history, person, c->day);
  if (unit < 0) unit = c->t.units.n_rows - 1;
  for (int32_t r = 0; r < n; r++) {
    if (rows[r].gap.role != held || !isnan(rows[r].gap.beyond)) continue;
    const pfc__tally t = tally_of(&rows[r]);
    add(&sum, &t);
    PFC_TRY(count_row(c, &rows[r], unit, held, person, err));
  }
  if (sum.asked == 0) return PFC_OK;
  sum.people = 1;
  add(&c->t.units.row[unit], &sum);
  add(&c->t.roles.row[held], &sum);
  add(&c->t.total, &sum);
  if (c->settings->by == PFC_GAPS_BY_UNIT) st = offer(c, unit, sum.priority, person, err);
  if (c->settings->by == PFC_GAPS_BY_ROLE) st = offer(c, held, sum.priority, person, err);
done:
  return st;
}

/* --- groups ----------------------------------------------------------------------------------
 */

/* All but few are below: that is told in tens at most, and of small groups in what leaves as
 * many to guess. */
static double cut_share(const pfc__tally *t, int64_t min_group) {
  const bool all = t->people - t->likely_below < min_group, few = t->likely_below < min_group;
  if (t->hidden || !t->hidden_below || !all || few) return NAN;
  return fmin(floor(100.0 * (double)(t->people - min_group) / (double)t->people) / 100, 0.9);
}

static pfc_gap_group group_of(const pfc__tally *t, int32_t competency, int64_t min_group) {
  const bool untold = t->hidden, unsaid = t->hidden || t->hidden_below;
  const bool several = competency < 0;
  return (pfc_gap_group){
      .unit = -1,
      .role = -1,
      .competency = competency,
      .required = NAN,
      .hidden = untold,
      .hidden_below = unsaid,
      .people = untold ? -1 : t->people,
      .likely_below = unsaid ? -1 : t->likely_below,
      .expected_below = unsaid ? NAN : t->expected_below,
      .share_below = unsaid || several ? NAN : (double)t->likely_below / (double)t->people,
      .share_above = several ? NAN : cut_share(t, min_group),
      .shortfall = untold ? NAN : t->shortfall,
      .priority = untold ? NAN : t->priority,
      .compliance_share = untold ? NAN : t->compliance / t->priority,
      .behind = untold ? NAN : t->behind,
      .behind_n = untold ? -1 : t->behind_n,
  };
}

/* Takes the people of group `from` of the counting. */
static void take_affected(const counting *c, int64_t from, pfc_gap_group *g, pfc_gap_map *map) {
  const int32_t n = c->settings->n_affected;
  int32_t *to = map->affected + map->n_groups * n;
  g->affected = to;
  if (g->hidden || (from + 1) * n > c->affected_capacity) return;
  for (int32_t i = 0; i < n && c->affected[from * n + i].person >= 0; i++) {
    to[g->n_affected++] = c->affected[from * n + i].person;
  }
}

static void put_group(const counting *c, const pfc__tally *t, int64_t from, pfc_gap_group keys,
                      pfc_gap_map *map) {
  if (t->people == 0) return;
  pfc_gap_group g = group_of(t, keys.competency, c->settings->min_group);
  g.unit = keys.unit;
  g.role = keys.role;
  g.required = keys.required;
  take_affected(c, from, &g, map);
  if (!g.hidden) map->worth += g.priority;
  map->n_hidden += g.hidden;
  map->group[map->n_groups++] = g;
}

/* The last row is of those who have none. */
static int32_t known(const pfc__cross *x, int32_t row) {
  return row < x->n_rows - 1 ? row : -1;
}

static void put_rows(const counting *c, const pfc__cross *x, pfc_gap_map *map) {
  for (int32_t r = 0; r < x->n_rows; r++) {
    pfc_gap_group keys = {.unit = -1, .role = -1, .competency = -1, .required = NAN};
    *(x == &c->t.units ? &keys.unit : &keys.role) = known(x, r);
    put_group(c, &x->row[r], r, keys, map);
  }
}

static void put_cells(const counting *c, const pfc__cross *x, pfc_gap_map *map) {
  for (int64_t k = 0; k < x->n; k++) {
    const pfc__tally_cell *cell = &x->cell[k];
    pfc_gap_group keys = {.unit = -1, .role = -1, .competency = cell->column, .required = NAN};
    *(x == &c->t.units ? &keys.unit : &keys.role) = known(x, cell->row);
    put_group(c, &cell->sums, k, keys, map);
  }
}

static void put_competencies(const counting *c, pfc_gap_map *map) {
  for (int32_t j = 0; j < c->t.n_competencies; j++) {
    const pfc_gap_group keys = {.unit = -1, .role = -1, .competency = j, .required = NAN};
    put_group(c, &c->t.competency[j], j, keys, map);
  }
}

static void put_uncovered(const counting *c, pfc_gap_map *map) {
  for (int64_t k = 0; k < c->t.uncovered.n; k++) {
    const pfc__tally_cell *cell = &c->t.uncovered.cell[k];
    const pfc_gap_group keys = {.unit = -1,
                                .role = -1,
                                .competency = cell->row,
                                .required = c->level_min + c->level_step * cell->column};
    put_group(c, &cell->sums, k, keys, map);
  }
}

static int64_t n_possible(const counting *c) {
  switch (c->settings->by) {
    case PFC_GAPS_BY_UNIT:
      return c->t.units.n_rows;
    case PFC_GAPS_BY_ROLE:
      return c->t.roles.n_rows;
    case PFC_GAPS_BY_COMPETENCY:
      return c->t.n_competencies;
    case PFC_GAPS_BY_UNIT_COMPETENCY:
      return c->t.units.n;
    case PFC_GAPS_BY_ROLE_COMPETENCY:
      return c->t.roles.n;
    case PFC_GAPS_UNCOVERED:
      return c->t.uncovered.n;
  }
  return 0;
}

static void put_groups(const counting *c, pfc_gap_map *map) {
  switch (c->settings->by) {
    case PFC_GAPS_BY_UNIT:
      put_rows(c, &c->t.units, map);
      break;
    case PFC_GAPS_BY_ROLE:
      put_rows(c, &c->t.roles, map);
      break;
    case PFC_GAPS_BY_COMPETENCY:
      put_competencies(c, map);
      break;
    case PFC_GAPS_BY_UNIT_COMPETENCY:
      put_cells(c, &c->t.units, map);
      break;
    case PFC_GAPS_BY_ROLE_COMPETENCY:
      put_cells(c, &c->t.roles, map);
      break;
    case PFC_GAPS_UNCOVERED:
      put_uncovered(c, map);
      break;
  }
}

static int compare_codes(int32_t a, int32_t b) { return (a > b) - (a < b); }

/* The order of hidden groups says nothing about them. */
static int compare_groups(const void *x, const void *y) {
  const pfc_gap_group *a = x, *b = y;
  if (a->hidden != b->hidden) return a->hidden ? 1 : -1;
  if (!a->hidden && a->priority != b->priority) return a->priority < b->priority ? 1 : -1;
  if (a->unit != b->unit) return compare_codes(a->unit, b->unit);
  if (a->role != b->role) return compare_codes(a->role, b->role);
  if (a->competency != b->competency) return compare_codes(a->competency, b->competency);
  return (a->required > b->required) - (a->required < b->required);
}

static pfc_status make_map(const counting *c, pfc_gap_map **result, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_gap_map *map = NULL;
  PFC_NEW(map, 1);
  PFC_NEW(map->group, n_possible(c));
  PFC_NEW(map->affected, n_possible(c) * c->settings->n_affected);
  map->level_step = c->level_step;
  put_groups(c, map);
  qsort(map->group, (size_t)map->n_groups, sizeof *map->group, compare_groups);
  map->total = group_of(&c->t.total, -1, c->settings->min_group);
  *result = map;
  map = NULL;
done:
  pfc_gap_map_destroy(map);
  return st;
}

pfc_status pfc_gap_map_create(const pfc_gaps *g, const pfc_precedence *precedence,
                              const pfc_dataset *ds, const pfc_history *h,
                              const pfc_gap_map_settings *settings, pfc_gap_map **map,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  counting c = {.settings = settings, .ds = ds, .history = h, .as_of = pfc_gaps_as_of(g)};
  PFC_TRY(pfc_gap_map_check(settings, err));
  if (!pfc_gaps_levels(g)) {
    return pfc_fail(err, PFC_EDATA, "the model holds no profile: no level is known");
  }
  c.day = c.as_of == PFC_NO_DATE ? PFC_NO_DATE : c.as_of - 1;
  PFC_TRY(counting_init(&c, err));
  PFC_TRY(pfc_gap_people(g, precedence, pfc_dataset_count(ds, "person"), NULL, false,
                         &settings->progress, count_person, &c, err));
  PFC_TRY(pfc__gap_hide(&c.t, settings->min_group, err));
  PFC_TRY(make_map(&c, map, err));
done:
  counting_clear(&c);
  return st;
}

void pfc_gap_map_destroy(pfc_gap_map *m) {
  if (!m) return;
  pfc_free(m->group);
  pfc_free(m->affected);
  pfc_free(m);
}
