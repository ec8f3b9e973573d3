#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/import_build_internal.h"

/* --- what the checks share ------------------------------------------------ */

static pfc_status take_back(pfc__builder *b, int64_t row, const pfc_column *column,
                            const char *reason, pfc_error *err) {
  char room[PFC__CELL_TEXT];
  return pfc__build_take_back(b, row, PFC__BY_VALUE, column->name,
                              pfc__cell_text(column, row, room), reason, err);
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
                   rule->earlier, pfc__cell_text(earlier, r, room));
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
    PFC_TRY(pfc__build_take_back(b, r, PFC__BY_VALUE, rule->one, "", reason, err));
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
    if (run->builders[t]) PFC_TRY(pfc__check_keys(run->builders[t], err));
  PFC_TRY(check_levels(run, err));
  PFC_TRY(pfc__check_future(run, err));
  PFC_TRY(pfc__check_loops(run, err));
  PFC_TRY(pfc__check_references(run, err));
done:
  return st;
}
