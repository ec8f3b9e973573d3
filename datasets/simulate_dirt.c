/* Defects of people, positions and performance figures, and what all defects share. */
#include <string.h>

#include "datasets/columns_internal.h"
#include "datasets/simulate_dirt_internal.h"

/* --- what is shared -------------------------------------------------------------------- */

int32_t pfc__dirt_day_after(const pfc__dirt *d, int32_t bound, pfc_rng *rng) {
  if (bound == PFC_NO_DATE || bound >= d->last_day) return PFC_NO_DATE;
  const int32_t left = d->last_day - bound;
  return bound + pfc__dirt_days(rng, left < PFC__DIRT_BEYOND ? left : PFC__DIRT_BEYOND);
}

/* The three lists have the same room. */
static pfc_status make_room(pfc__dirt *d, pfc_error *err) {
  pfc_truth *t = d->truth;
  int32_t **const lists[] = {&t->dirt_rule, &t->dirt_table, &t->dirt_person};
  if (t->n_dirt < d->capacity) return PFC_OK;
  const int64_t room = d->capacity + d->capacity / 2 + 64;
  for (int i = 0; i < 3; i++) {
    int32_t *grown =
        pfc_resize_array(*lists[i], (size_t)t->n_dirt, (size_t)room, sizeof *grown);
    if (!grown) return pfc_fail_memory(err, "defects");
    *lists[i] = grown;
  }
  d->capacity = room;
  return PFC_OK;
}

pfc_status pfc__dirt_note(pfc__dirt *d, const char *rule, pfc_table_id table, int32_t person,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_truth *t = d->truth;
  const char *name = pfc_schema(table)->name;
  PFC_TRY(make_room(d, err));
  PFC_TRY(pfc_dict_add(t->dirt_rules, rule, strlen(rule), &t->dirt_rule[t->n_dirt], err));
  PFC_TRY(pfc_dict_add(t->dirt_tables, name, strlen(name), &t->dirt_table[t->n_dirt], err));
  t->dirt_person[t->n_dirt++] = person;
done:
  return st;
}

pfc_column *pfc__dirt_column(pfc__dirt *d, pfc_table_id table, const char *name) {
  pfc_table *t = &d->ds->tables[table];
  for (int c = 0; c < t->n_columns; c++)
    if (strcmp(t->columns[c].name, name) == 0) return &t->columns[c];
  return NULL;
}

static void copy_rows(const pfc_column *from, const int64_t *rows, int64_t n, void *to) {
  const size_t size = pfc_type_size(from->type);
  for (int64_t i = 0; i < n; i++)
    memcpy((char *)to + (size_t)i * size, (const char *)from->data + (size_t)rows[i] * size,
           size);
}

pfc_status pfc__dirt_rebuild(pfc__dirt *d, pfc_table_id table, const uint8_t *keep,
                             const int64_t *copies, int64_t n_copies, pfc_error *err) {
  pfc_table *t = &d->ds->tables[table];
  int64_t n_kept = 0;
  for (int64_t r = 0; r < t->n_rows; r++) n_kept += !keep || keep[r];
  /* Columns of different lengths would be no table: on failure the dataset is thrown away. */
  for (int c = 0; c < t->n_columns; c++) {
    pfc_column *column = &t->columns[c];
    const size_t size = pfc_type_size(column->type);
    pfc_column moved = *column;
    moved.data = pfc_alloc_array((size_t)(n_kept + n_copies), size);
    if (!moved.data) return pfc_fail_memory(err, column->name);
    (void)pfc_column_keep(&moved, column, keep, t->n_rows);
    copy_rows(column, copies, n_copies, (char *)moved.data + (size_t)n_kept * size);
    pfc_free(column->data);
    column->data = moved.data;
  }
  t->n_rows = n_kept + n_copies;
  return PFC_OK;
}

/* --- positions ------------------------------------------------------------------------- */

/* The positions of everybody, by the person and their first day. */
typedef struct positions {
  int64_t *first, *row; /* of person p: row[first[p]] .. row[first[p + 1] - 1] */
  int32_t *from, *to, *role, *unit;
} positions;

static void positions_clear(positions *p) {
  pfc_free(p->first);
  pfc_free(p->row);
}

static int32_t *codes_of(pfc__dirt *d, pfc_table_id table, const char *name) {
  const pfc_column *column = pfc__dirt_column(d, table, name);
  return column ? column->code : NULL;
}

static int32_t *dates_of(pfc__dirt *d, pfc_table_id table, const char *name) {
  const pfc_column *column = pfc__dirt_column(d, table, name);
  return column ? column->date : NULL;
}

/* Rows of one person are few. */
static void put_in_order(const positions *p, int32_t person) {
  for (int64_t k = p->first[person] + 1; k < p->first[person + 1]; k++) {
    const int64_t row = p->row[k];
    int64_t at = k;
    for (; at > p->first[person] && p->from[p->row[at - 1]] > p->from[row]; at--)
      p->row[at] = p->row[at - 1];
    p->row[at] = row;
  }
}

static pfc_status read_positions(pfc__dirt *d, positions *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *person = codes_of(d, PFC_POSITIONS, "person_id");
  const int64_t n = d->ds->tables[PFC_POSITIONS].n_rows;
  p->from = dates_of(d, PFC_POSITIONS, "from");
  p->to = dates_of(d, PFC_POSITIONS, "to");
  p->role = codes_of(d, PFC_POSITIONS, "role_id");
  p->unit = codes_of(d, PFC_POSITIONS, "unit_id");
  PFC_NEW(p->first, (size_t)d->n_people + 2);
  PFC_NEW(p->row, n);
  if (!person || !p->from) return PFC_OK;
  /* One place further than it will be: each is moved back while the rows are put in. */
  for (int64_t r = 0; r < n; r++) p->first[person[r] + 2]++;
  for (int32_t i = 0; i < d->n_people; i++) p->first[i + 2] += p->first[i + 1];
  for (int64_t r = 0; r < n; r++) p->row[p->first[person[r] + 1]++] = r;
  for (int32_t i = 0; i < d->n_people; i++) put_in_order(p, i);
done:
  return st;
}

/* As `check` has it: from the day of hiring, or an earlier position, to the last day. */
static pfc_status read_employment(pfc__dirt *d, const positions *p, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t *hired_on = dates_of(d, PFC_PEOPLE, "hired_on");
  const int32_t *left_on = dates_of(d, PFC_PEOPLE, "left_on");
  PFC_NEW(d->employed_from, d->n_people);
  PFC_NEW(d->employed_to, d->n_people);
  for (int32_t i = 0; i < d->n_people; i++) {
    d->employed_from[i] = pfc__date_at(hired_on, i);
    d->employed_to[i] = pfc__date_at(left_on, i);
    if (p->first[i + 1] == p->first[i]) continue;
    const int32_t begin = p->from[p->row[p->first[i]]];
    if (d->employed_from[i] != PFC_NO_DATE && begin < d->employed_from[i])
      d->employed_from[i] = begin;
  }
done:
  return st;
}

/* --- people ---------------------------------------------------------------------------- */

/* Another code than the one that is there. */
static int32_t other_code(int32_t code, int32_t n, pfc_rng *rng) {
  return (code + pfc__dirt_days(rng, n - 1)) % n;
}

/* People says something else than the position that is held at the end. */
static bool disagree(pfc__dirt *d, const positions *p, int32_t person, const char *column,
                     const int32_t *held, pfc_rng *rng) {
  pfc_column *now = pfc__dirt_column(d, PFC_PEOPLE, column);
  if (!now || !held || p->first[person + 1] == p->first[person]) return false;
  const int64_t last = p->row[p->first[person + 1] - 1];
  const int32_t n = strcmp(column, "role_id") == 0 ? (int32_t)d->ds->tables[PFC_ROLES].n_rows
                                                   : pfc_dict_size(now->dict);
  const bool stays = d->employed_to[person] == PFC_NO_DATE &&
                     pfc__date_at(p->to, last) == PFC_NO_DATE &&
                     p->from[last] <= d->last_day - PFC__DIRT_BEYOND;
  if (!stays || n < 2 || held[last] < 0 || now->code[person] != held[last]) return false;
  now->code[person] = other_code(held[last], n, rng);
  return true;
}

/* A position goes on while the next one, in another role, has begun. */
static bool overlap(pfc__dirt *d, const positions *p, int32_t person, pfc_rng *rng) {
  const int64_t first = p->first[person], n = p->first[person + 1] - first;
  if (!p->to || !p->role || n < 2) return false;
  const int64_t k = first + (int64_t)pfc_rng_below(rng, (uint64_t)n - 1);
  const int64_t row = p->row[k], next = p->row[k + 1];
  const int32_t to = p->from[next] + pfc__dirt_days(rng, 20);
  int32_t bound = p->to[next] == PFC_NO_DATE ? d->last_day - PFC__DIRT_BEYOND : p->to[next];
  if (k + 2 < first + n && p->from[p->row[k + 2]] < bound) bound = p->from[p->row[k + 2]];
  const bool fits = p->role[row] >= 0 && p->role[next] >= 0 && p->role[row] != p->role[next] &&
                    p->to[row] != PFC_NO_DATE && p->to[row] <= p->from[next] && to < bound;
  /* One that began before both would clash with the next, not with this one alone. */
  if (!fits || p->from[row] >= p->from[next]) return false;
  p->to[row] = to;
  return true;
}

static pfc_status plant_person(pfc__dirt *d, const positions *p, int32_t person,
                               pfc_error *err) {
  enum { ROLE, UNIT, TWO_ROLES, N };
  pfc_rng rng = pfc__dirt_stream(d, "dirt.people", (uint64_t)person);
  if (pfc_rng_uniform(&rng) >= d->rate) return PFC_OK;
  const uint64_t first = pfc_rng_below(&rng, N);
  for (uint64_t tries = 0; tries < N; tries++) {
    const uint64_t what = (first + tries) % N;
    if (what == ROLE && disagree(d, p, person, "role_id", p->role, &rng))
      return pfc__dirt_note(d, "person_role_disagrees", PFC_PEOPLE, person, err);
    if (what == UNIT && disagree(d, p, person, "unit_id", p->unit, &rng))
      return pfc__dirt_note(d, "person_unit_disagrees", PFC_PEOPLE, person, err);
    if (what == TWO_ROLES && overlap(d, p, person, &rng))
      return pfc__dirt_note(d, "position_two_roles", PFC_POSITIONS, person, err);
  }
  return PFC_OK;
}

/* --- performance ----------------------------------------------------------------------- */

static pfc_status plant_performance(pfc__dirt *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_table_id table = PFC_PERFORMANCE;
  const int32_t *person = codes_of(d, table, "person_id");
  int32_t *on = dates_of(d, table, "on");
  for (int64_t r = 0; person && on && r < d->ds->tables[table].n_rows; r++) {
    const int32_t p = person[r];
    /* A figure has no name but whose it is and of when. */
    const uint64_t id = (uint64_t)p << 32 | (uint32_t)on[r];
    pfc_rng rng = pfc__dirt_stream(d, "dirt.performance", id);
    if (pfc_rng_uniform(&rng) >= d->rate) continue;
    const int32_t after = pfc__dirt_day_after(d, d->employed_to[p], &rng);
    if (after != PFC_NO_DATE && pfc_rng_below(&rng, 2)) {
      on[r] = after;
      PFC_TRY(pfc__dirt_note(d, "performance_after_leaving", table, p, err));
    } else if (d->employed_from[p] != PFC_NO_DATE) {
      on[r] = d->employed_from[p] - pfc__dirt_days(&rng, PFC__DIRT_BEYOND);
      PFC_TRY(pfc__dirt_note(d, "performance_before_hire", table, p, err));
    }
  }
done:
  return st;
}

/* --- all of it ------------------------------------------------------------------------- */

static pfc_status plant(pfc__dirt *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  positions p = {0};
  PFC_TRY(read_positions(d, &p, err));
  PFC_TRY(read_employment(d, &p, err));
  PFC_TRY(pfc__dirt_enrolments(d, err));
  PFC_TRY(pfc__dirt_assessments(d, err));
  PFC_TRY(plant_performance(d, err));
  for (int32_t i = 0; i < d->n_people; i++) PFC_TRY(plant_person(d, &p, i, err));
done:
  positions_clear(&p);
  return st;
}

pfc_status pfc__sim_dirt(pfc__sim *s, pfc_error *err) {
  pfc__dirt d = {.ds = s->ds,
                 .truth = s->truth,
                 .seed = s->settings->seed,
                 .rate = s->settings->dirty,
                 .last_day = s->truth->last_day,
                 .n_people = (int32_t)s->ds->tables[PFC_PEOPLE].n_rows};
  if (!(d.rate > 0)) return PFC_OK;
  const pfc_status st = plant(&d, err);
  pfc_free(d.employed_from);
  pfc_free(d.employed_to);
  return st;
}
