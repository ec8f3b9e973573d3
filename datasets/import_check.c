#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"

/* --- what the checks share ------------------------------------------------ */

/* A cell as text: the dictionary's, or room[]. */
static const char *cell_text(const pfc_column *column, int64_t row, char room[PFC__CELL_TEXT]) {
  pfc__cell cell = {0};
  switch (column->type) {
    case PFC_CODE:
      return pfc_dict_text(column->dict, column->code[row]);
    case PFC_REAL:
      cell.real = column->real[row];
      break;
    case PFC_INT:
    case PFC_DATE:
      cell.i32 = column->i32[row];
      break;
    case PFC_FLAG:
      cell.flag = column->flag[row];
      break;
    case PFC_TIME:
      cell.time = column->time[row];
      break;
  }
  if (pfc_column_missing(column, row)) return "";
  pfc__cell_format(column->type, &cell, room);
  return room;
}

static pfc_status take_back(pfc__builder *b, int64_t row, const pfc_column *column,
                            const char *reason, pfc_error *err) {
  char room[PFC__CELL_TEXT];
  return pfc__build_take_back(b, row, column->name, cell_text(column, row, room), reason, err);
}

/* --- within a row --------------------------------------------------------- */

/* Column `later` must not lie before column `earlier`; dates or reals. */
typedef struct order_rule {
  const char *earlier, *later;
  pfc_table_id table;
  bool strict; /* nor be equal to it */
} order_rule;

static const order_rule ORDERS[] = {
    {"from", "to", PFC_POSITIONS, false},
    {"scale_min", "scale_max", PFC_SOURCES, true},
    {"assessed_on", "valid_until", PFC_ASSESSMENTS, false},
    {"opens_on", "closes_on", PFC_INTERVENTIONS, false},
    {"started_on", "ended_on", PFC_ENROLMENTS, false},
    {"entry_days", "duration_days", PFC_EPISODES, false},
    {"last_below_days", "duration_days", PFC_EPISODES, false},
    {"from", "to", PFC_PROJECTS, false},
    {"opens_on", "closes_on", PFC_OPENINGS, false},
};

static double as_number(const pfc_column *column, int64_t row) {
  return column->type == PFC_REAL ? column->real[row] : column->i32[row];
}

static pfc_status check_order(pfc__builder *b, const order_rule *rule, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *earlier = pfc__build_find(b, rule->earlier);
  const pfc_column *later = pfc__build_find(b, rule->later);
  if (!earlier || !later) return st;
  const char *number = rule->strict ? "a value above" : "a value not below";
  const char *relation = earlier->type == PFC_DATE ? "a day not before" : number;
  for (int64_t r = 0; r < b->n_rows; r++) {
    char room[PFC__CELL_TEXT], reason[PFC__REASON];
    if (pfc_column_missing(earlier, r) || pfc_column_missing(later, r)) continue;
    const double from = as_number(earlier, r), to = as_number(later, r);
    if (rule->strict ? from < to : from <= to) continue;
    (void)snprintf(reason, sizeof reason, "expected %s that of %s, which is %s", relation,
                   rule->earlier, cell_text(earlier, r, room));
    PFC_TRY(take_back(b, r, later, reason, err));
  }
done:
  return st;
}

/* One of two columns must have a value: a row with neither speaks of nothing. */
typedef struct either_rule {
  pfc_table_id table;
  const char *one, *other;
} either_rule;

static const either_rule EITHERS[] = {
    {PFC_PREREQUISITES, "requires_intervention_id", "requires_competency_id"},
    {PFC_OVERRIDES, "person_id", "unit_id"},
    {PFC_DEMAND, "role_id", "competency_id"},
    {PFC_SCENARIOS, "role_id", "competency_id"},
};

static pfc_status check_either(pfc__builder *b, const either_rule *rule, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *one = pfc__build_find(b, rule->one);
  const pfc_column *other = pfc__build_find(b, rule->other);
  char reason[PFC__REASON];
  (void)snprintf(reason, sizeof reason, "expected a value in %s or %s", rule->one, rule->other);
  for (int64_t r = 0; r < b->n_rows; r++) {
    if ((one && one->code[r] >= 0) || (other && other->code[r] >= 0)) continue;
    PFC_TRY(pfc__build_take_back(b, r, rule->one, "", reason, err));
  }
done:
  return st;
}

/* --- levels --------------------------------------------------------------- */

/* Scales of the sources by code, NaN where table sources says nothing. */
typedef struct scales {
  int32_t n;
  double *min, *max;
} scales;

static pfc_status read_scales(const pfc__import *run, scales *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__builder *b = run->builders[PFC_SOURCES];
  s->n = b ? pfc_dataset_count(run->ds, "source") : 0;
  PFC_NEW(s->min, s->n);
  PFC_NEW(s->max, s->n);
  for (int32_t code = 0; code < s->n; code++) s->min[code] = s->max[code] = NAN;
  for (int64_t r = 0; b && r < b->n_rows; r++) {
    const int32_t code = pfc__build_find(b, "source")->code[r];
    if (!b->keep[r]) continue;
    s->min[code] = pfc__build_find(b, "scale_min")->real[r];
    s->max[code] = pfc__build_find(b, "scale_max")->real[r];
  }
done:
  return st;
}

static pfc_status check_level(const pfc__import *run, pfc__builder *b, const pfc_column *level,
                              const scales *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *source = pfc__build_find(b, "source");
  for (int64_t r = 0; r < b->n_rows; r++) {
    const int32_t code = source ? source->code[r] : -1;
    const bool has_own = code >= 0 && code < s->n && !isnan(s->min[code]);
    const double min = has_own ? s->min[code] : run->ds->scale_min;
    const double max = has_own ? s->max[code] : run->ds->scale_max;
    char reason[PFC__REASON];
    if (isnan(level->real[r]) || (level->real[r] >= min && level->real[r] <= max)) continue;
    (void)snprintf(reason, sizeof reason,
                   "expected a level from %.10g to %.10g, the scale of %s%s", min, max,
                   has_own ? "source " : "the framework",
                   has_own ? pfc_dict_text(source->dict, code) : "");
    PFC_TRY(take_back(b, r, level, reason, err));
  }
done:
  return st;
}

static pfc_status check_levels(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  scales s = {0};
  PFC_TRY(read_scales(run, &s, err));
  for (int t = 0; t < PFC_N_TABLES; t++) {
    pfc__builder *b = run->builders[t];
    for (int c = 0; b && c < b->n_columns; c++) {
      const pfc__build_column *column = &b->columns[c];
      if (column->decl && (column->decl->flags & PFC_LEVEL))
        PFC_TRY(check_level(run, b, &column->values, &s, err));
    }
  }
done:
  pfc_free(s.min);
  pfc_free(s.max);
  return st;
}

/* --- keys ----------------------------------------------------------------- */

#define MAX_KEY 4 /* no table has a longer key */

/* The key of a table and a hash table over its rows. */
typedef struct key_index {
  int n;
  const pfc_column *columns[MAX_KEY];
  int64_t *slot; /* row, or -1 */
  size_t n_slots;
} key_index;

static void find_key(const pfc__builder *b, key_index *key) {
  for (int c = 0; c < b->n_columns; c++) {
    const pfc__build_column *column = &b->columns[c];
    if (column->decl && (column->decl->flags & PFC_KEY) && key->n < MAX_KEY)
      key->columns[key->n++] = &column->values;
  }
}

static bool same_key(const key_index *key, int64_t a, int64_t b) {
  for (int i = 0; i < key->n; i++)
    if (key->columns[i]->code[a] != key->columns[i]->code[b]) return false;
  return true;
}

/* The row that has the key of `row` already; else -1, and `row` is entered. */
static int64_t enter(key_index *key, int64_t row) {
  uint64_t hash = 0;
  for (int i = 0; i < key->n; i++) {
    hash = (hash ^ (uint32_t)key->columns[i]->code[row]) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  for (size_t s = hash & (key->n_slots - 1);; s = (s + 1) & (key->n_slots - 1)) {
    if (key->slot[s] >= 0 && !same_key(key, key->slot[s], row)) continue;
    if (key->slot[s] >= 0) return key->slot[s];
    key->slot[s] = row;
    return -1;
  }
}

/* The names of the key's columns: "role_id, competency_id". */
static void name_key(const key_index *key, char *text, size_t size) {
  text[0] = '\0';
  for (int i = 0; i < key->n; i++) pfc__list_name(text, size, key->columns[i]->name);
}

static pfc_status check_keys(pfc__builder *b, pfc_error *err) {
  pfc_status st = PFC_OK;
  key_index key = {.n_slots = 16};
  char names[128], reason[PFC__REASON];
  find_key(b, &key);
  if (key.n == 0) return st;
  while (key.n_slots < (size_t)b->n_rows * 2) key.n_slots *= 2;
  PFC_NEW(key.slot, key.n_slots);
  memset(key.slot, 0xff, key.n_slots * sizeof *key.slot);
  name_key(&key, names, sizeof names);
  for (int64_t r = 0; r < b->n_rows; r++) {
    const int64_t earlier = b->keep[r] ? enter(&key, r) : -1;
    if (earlier < 0) continue;
    (void)snprintf(reason, sizeof reason,
                   "expected a new %s, but line %lld of %.100s has the same; remove one", names,
                   (long long)b->line[earlier], b->files[b->file[earlier]]);
    PFC_TRY(take_back(b, r, key.columns[0], reason, err));
  }
done:
  pfc_free(key.slot);
  return st;
}

/* --- references ----------------------------------------------------------- */

/* Which codes the table that owns a dictionary defines; NULL: the table is not there. */
typedef struct owners {
  uint8_t *defined[PFC_N_TABLES];
} owners;

/* The column whose values are the ids that the table defines, or NULL. */
static const pfc_column *defining_column(const pfc__builder *b) {
  for (int c = 0; c < b->n_columns; c++) {
    const pfc__build_column *column = &b->columns[c];
    if (column->decl && (column->decl->flags & PFC_KEY) && column->decl->dictionary &&
        pfc_schema_owner(column->decl->dictionary) == (int)b->decl->id)
      return &column->values;
  }
  return NULL;
}

static pfc_status find_owners(const pfc__import *run, owners *o, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc__builder *b = run->builders[t];
    const pfc_column *ids = b ? defining_column(b) : NULL;
    if (!ids) continue;
    PFC_NEW(o->defined[t], pfc_dict_size(ids->dict));
    for (int64_t r = 0; r < b->n_rows; r++)
      if (b->keep[r]) o->defined[t][ids->code[r]] = 1;
  }
done:
  return st;
}

/* Rows whose reference is not defined go, and with them what they defined. */
static pfc_status check_column(pfc__builder *b, const pfc_column *column, int owner, owners *o,
                               bool *changed, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *ids = defining_column(b);
  char reason[PFC__REASON];
  (void)snprintf(reason, sizeof reason, "expected an id of table %s, which has no such row",
                 pfc_schema((pfc_table_id)owner)->name);
  for (int64_t r = 0; r < b->n_rows; r++) {
    const int32_t code = column->code[r];
    if (!b->keep[r] || code < 0 || o->defined[owner][code]) continue;
    if (ids) o->defined[b->decl->id][ids->code[r]] = 0;
    *changed = true;
    PFC_TRY(take_back(b, r, column, reason, err));
  }
done:
  return st;
}

static pfc_status check_table(pfc__builder *b, owners *o, bool *changed, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *ids = defining_column(b);
  for (int c = 0; c < b->n_columns; c++) {
    const pfc_column *column = &b->columns[c].values;
    const bool open = b->columns[c].decl && (b->columns[c].decl->flags & PFC_OPEN);
    if (column->type != PFC_CODE || column == ids || open) continue;
    const int owner = pfc_schema_owner(pfc_dict_name(column->dict));
    if (owner >= 0 && o->defined[owner])
      PFC_TRY(check_column(b, column, owner, o, changed, err));
  }
done:
  return st;
}

/* A row taken back may have been what others refer to: until nothing changes. */
static pfc_status check_references(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  owners o = {0};
  PFC_TRY(find_owners(run, &o, err));
  for (bool changed = true; changed;) {
    changed = false;
    for (int t = 0; t < PFC_N_TABLES; t++)
      if (run->builders[t]) PFC_TRY(check_table(run->builders[t], &o, &changed, err));
  }
done:
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(o.defined[t]);
  return st;
}

pfc_status pfc__import_check(pfc__import *run, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (size_t i = 0; i < sizeof ORDERS / sizeof *ORDERS; i++) {
    pfc__builder *b = run->builders[ORDERS[i].table];
    if (b) PFC_TRY(check_order(b, &ORDERS[i], err));
  }
  for (size_t i = 0; i < sizeof EITHERS / sizeof *EITHERS; i++) {
    pfc__builder *b = run->builders[EITHERS[i].table];
    if (b) PFC_TRY(check_either(b, &EITHERS[i], err));
  }
  for (int t = 0; t < PFC_N_TABLES; t++)
    if (run->builders[t]) PFC_TRY(check_keys(run->builders[t], err));
  PFC_TRY(check_levels(run, err));
  PFC_TRY(check_references(run, err));
done:
  return st;
}
