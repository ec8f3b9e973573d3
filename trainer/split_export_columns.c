/* Features as plain columns, for tools that encode them in their own way. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/split_export_internal.h"

/* What is computed of a decision's past. */
enum { ROLE, UNIT, ATTEMPTS, WINS, ITEM_ATTEMPTS, ITEM_WINS, LEVEL, TO_LEVEL, N_COMPUTED };
static const char *const COMPUTED[N_COMPUTED] = {"role_id", "unit_id",       "attempts",
                                                 "wins",    "attempts_item", "wins_item",
                                                 "level",   "to_level"};

/* Columns of interventions that say what it is. */
static const char *const ITEM_COLUMNS[] = {"kind", "modality", "provider", "hours", "weeks"};

/* No fact is dated before this day: what is seen of what happened nobody knows when. */
#define BEFORE_ALL (PFC_NO_DATE + 1)

/* --- names ------------------------------------------------------------------------------- */

static pfc_status add(pfc__plain_columns *c, int table, int what, const char *column,
                      pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(c->at, c->capacity, c->n + 1);
  pfc__plain_column *to = &c->at[c->n++];
  *to = (pfc__plain_column){.table = table, .what = what};
  (void)snprintf(to->column, sizeof to->column, "%s", column);
  const bool is_feature =
      table >= 0 && (strncmp(column, "x_", 2) == 0 || strncmp(column, "c_", 2) == 0);
  (void)snprintf(to->name, sizeof to->name, "%s%s%s",
                 is_feature ? pfc_schema((pfc_table_id)table)->name : "", is_feature ? "." : "",
                 column);
done:
  return st;
}

/* The x_ and c_ columns of a table. */
static pfc_status add_features(pfc__plain_columns *c, const pfc_dataset *ds, pfc_table_id table,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_table *t = &ds->tables[table];
  for (int k = 0; k < t->n_columns; k++) {
    const char *name = t->columns[k].name;
    if (strncmp(name, "x_", 2) != 0 && strncmp(name, "c_", 2) != 0) continue;
    PFC_TRY(add(c, table, 0, name, err));
  }
done:
  return st;
}

pfc_status pfc__plain_list(const pfc_dataset *ds, bool of_episodes, pfc__plain_columns *c,
                           pfc_error *err) {
  static const pfc_table_id TABLES[] = {PFC_PEOPLE, PFC_ROLES, PFC_INTERVENTIONS,
                                        PFC_ENROLMENTS, PFC_EPISODES};
  pfc_status st = PFC_OK;
  *c = (pfc__plain_columns){0};
  for (int what = 0; what < N_COMPUTED; what++) PFC_TRY(add(c, -1, what, COMPUTED[what], err));
  for (size_t k = 0; k < sizeof ITEM_COLUMNS / sizeof *ITEM_COLUMNS; k++) {
    if (pfc_dataset_column(ds, PFC_INTERVENTIONS, ITEM_COLUMNS[k]))
      PFC_TRY(add(c, PFC_INTERVENTIONS, 0, ITEM_COLUMNS[k], err));
  }
  for (int t = 0; t < (of_episodes ? 5 : 4); t++) PFC_TRY(add_features(c, ds, TABLES[t], err));
done:
  return st;
}

void pfc__plain_names(const pfc__plain_columns *c, pfc_csv_out *out) {
  for (int k = 0; k < c->n; k++) pfc_csv_out_text(out, c->at[k].name);
}

/* --- cells ------------------------------------------------------------------------------- */

static int32_t seen_from(const pfc_decision *d) {
  return d->date == PFC_NO_DATE ? BEFORE_ALL : d->date;
}

static int32_t role_of(const pfc__export_side *side, const pfc_decision *d) {
  const int32_t day = d->date == PFC_NO_DATE ? BEFORE_ALL : d->date - 1;
  return d->person < 0 ? -1 : pfc_history_role(side->h, d->person, day);
}

static int32_t unit_of(const pfc__export_side *side, const pfc_decision *d) {
  const int32_t day = d->date == PFC_NO_DATE ? BEFORE_ALL : d->date - 1;
  return d->person < 0 ? -1 : pfc_history_unit(side->h, d->person, day);
}

static int64_t count(const pfc__export_side *side, const pfc_decision *d, bool wins,
                     bool of_item) {
  int64_t from = 0, n = 0;
  const int64_t to = pfc_decision_attempts(side->h, d, &from);
  for (int64_t k = from; k < to; k++) {
    const pfc_attempt *a = &side->h->attempts[k];
    if (!a->started || (of_item && a->intervention != d->intervention)) continue;
    n += !wins || pfc_attempt_result(a, seen_from(d)) == 1;
  }
  return n;
}

/* The latest level by a source other than self. */
static double level_in(const pfc__export_side *side, const pfc_decision *d,
                       int32_t competency) {
  int64_t from = 0;
  if (d->person < 0 || competency < 0 || !side->h->ratings_dated) return NAN;
  const int64_t to = pfc_history_ratings(side->h, d->person, seen_from(d), &from);
  for (int64_t k = to - 1; k >= from; k--) {
    const pfc_rating *r = &side->h->ratings[k];
    if (r->competency == competency && !r->self && r->date != PFC_NO_DATE) return r->level;
  }
  return NAN;
}

/* Mean of what is known over the targets: all of the intervention, or the one aimed at. */
static double mean_over_targets(const pfc__export_side *side, const pfc_decision *d,
                                bool of_aim) {
  double sum = 0, n = 0;
  if (d->intervention < 0) return of_aim ? NAN : level_in(side, d, d->competency);
  for (int32_t t = side->cat->first[d->intervention]; t < side->cat->first[d->intervention + 1];
       t++) {
    if (d->competency >= 0 && side->cat->competency[t] != d->competency) continue;
    const double value =
        of_aim ? side->cat->to_level[t] : level_in(side, d, side->cat->competency[t]);
    if (isnan(value)) continue;
    sum += value;
    n++;
  }
  return n > 0 ? sum / n : (double)NAN;
}

static const char *text_of(const pfc_dataset *ds, const char *dictionary, int32_t code) {
  return code < 0 ? NULL : pfc_dict_text(pfc_dataset_find_dict(ds, dictionary), code);
}

static void put_computed(int what, const pfc__export_side *side, const pfc_decision *d,
                         pfc_csv_out *out) {
  switch (what) {
    case ROLE:
      pfc_csv_out_text(out, text_of(side->ds, "role", role_of(side, d)));
      return;
    case UNIT:
      pfc_csv_out_text(out, text_of(side->ds, "unit", unit_of(side, d)));
      return;
    case LEVEL:
    case TO_LEVEL:
      pfc_csv_out_real(out, mean_over_targets(side, d, what == TO_LEVEL));
      return;
    default:
      pfc_csv_out_whole(out, count(side, d, what == WINS || what == ITEM_WINS,
                                   what == ITEM_ATTEMPTS || what == ITEM_WINS));
      return;
  }
}

static int64_t row_of(const pfc__export_side *side, const pfc_decision *d, int table) {
  int32_t role;
  switch (table) {
    case PFC_PEOPLE:
      return d->person < 0 ? -1 : side->h->people_row[d->person];
    case PFC_ROLES:
      role = role_of(side, d);
      return role < 0 ? -1 : side->role_row[role];
    case PFC_INTERVENTIONS:
      return d->intervention < 0 ? -1 : side->cat->row[d->intervention];
    case PFC_ENROLMENTS:
      return d->enrolment_row;
    default:
      return d->episode_row;
  }
}

void pfc__plain_cells(const pfc__plain_columns *c, const pfc__export_side *side,
                      const pfc_decision *d, pfc_csv_out *out) {
  for (int k = 0; k < c->n; k++) {
    const pfc__plain_column *at = &c->at[k];
    if (at->table < 0) {
      put_computed(at->what, side, d, out);
      continue;
    }
    const pfc_column *column =
        pfc_dataset_column(side->ds, (pfc_table_id)at->table, at->column);
    const int64_t row = column ? row_of(side, d, at->table) : -1;
    if (row < 0) {
      pfc_csv_out_text(out, NULL);
    } else {
      pfc_csv_out_cell(out, column, row);
    }
  }
}
