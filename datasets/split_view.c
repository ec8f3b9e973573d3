/* The world as training may see it. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "datasets/columns_internal.h"
#include "datasets/history_internal.h"
#include "datasets/split.h"
#include "datasets/split_internal.h"

typedef struct place {
  pfc_table_id table;
  const char *column;
} place;

/* Facts that have a day: on or after the date they have not happened yet. Rows of
 * enrolments, assessments and episodes are marked by the split itself. */
static const place HAPPENS[] = {
    {PFC_POSITIONS, "from"},    {PFC_PERFORMANCE, "on"},  {PFC_PROJECTS, "from"},
    {PFC_OPENINGS, "opens_on"}, {PFC_APPLICATIONS, "on"}, {PFC_FEEDBACK, "at"},
    {PFC_DEMAND, "month"},
};

/* Days on which something that began before comes to its end: not known yet. */
static const place ENDS[] = {
    {PFC_PEOPLE, "left_on"},
    {PFC_POSITIONS, "to"},
    {PFC_PROJECTS, "to"},
};

/* What is known of people by name, besides the three tables that a split marks ... */
static const place NAMES[] = {
    {PFC_POSITIONS, "person_id"}, {PFC_PERFORMANCE, "person_id"},
    {PFC_PROJECTS, "person_id"},  {PFC_APPLICATIONS, "person_id"},
    {PFC_FEEDBACK, "person_id"},
};

/* ... and what their rows in table people tell of an exit. The rest of the row describes
 * the person and stays. */
static const place SPELLS[] = {
    {PFC_PEOPLE, "hired_on"},
    {PFC_PEOPLE, "left_on"},
};

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

typedef uint8_t *keeps[PFC_N_TABLES]; /* NULL: every row */

static pfc_status need_keep(const pfc_dataset *ds, keeps keep, pfc_table_id table,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  if (keep[table]) return PFC_OK;
  PFC_NEW(keep[table], ds->tables[table].n_rows);
  for (int64_t r = 0; r < ds->tables[table].n_rows; r++) keep[table][r] = 1;
done:
  return st;
}

static bool is_late(const pfc_column *column, int64_t row, int32_t date) {
  if (pfc_column_missing(column, row)) return false;
  if (column->type == PFC_DATE) return column->date[row] >= date;
  return column->type == PFC_TIME && pfc_time_day(column->time[row]) >= date;
}

static pfc_status drop_marked(const pfc_dataset *ds, keeps keep, pfc_error *err) {
  static const pfc_table_id MARKED[] = {PFC_ENROLMENTS, PFC_ASSESSMENTS, PFC_EPISODES};
  pfc_status st = PFC_OK;
  for (int k = 0; k < COUNT(MARKED); k++) {
    const pfc_table_id t = MARKED[k];
    PFC_TRY(need_keep(ds, keep, t, err));
    PFC_TRY(pfc_split_mark(ds, t, keep[t], err));
    for (int64_t r = 0; r < ds->tables[t].n_rows; r++) keep[t][r] = !keep[t][r];
  }
done:
  return st;
}

/* --- by person ----------------------------------------------------------------------- */

static pfc_status drop_people(const pfc_dataset *ds, const uint8_t *is_test, keeps keep,
                              pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < COUNT(NAMES); k++) {
    const pfc_table_id t = NAMES[k].table;
    const int32_t *person = pfc_dataset_codes(ds, t, NAMES[k].column);
    if (!person) continue;
    PFC_TRY(need_keep(ds, keep, t, err));
    for (int64_t r = 0; r < ds->tables[t].n_rows; r++)
      if (person[r] >= 0 && is_test[person[r]]) keep[t][r] = 0;
  }
done:
  return st;
}

static void clear_spells(pfc_dataset *view, const uint8_t *is_test) {
  const int32_t *person = pfc_dataset_codes(view, PFC_PEOPLE, "person_id");
  for (int k = 0; person && k < COUNT(SPELLS); k++) {
    const pfc_column *day = pfc_dataset_column(view, SPELLS[k].table, SPELLS[k].column);
    if (!day || day->type != PFC_DATE) continue;
    for (int64_t r = 0; r < view->tables[PFC_PEOPLE].n_rows; r++)
      if (person[r] >= 0 && is_test[person[r]]) day->date[r] = PFC_NO_DATE;
  }
}

/* --- at a date ----------------------------------------------------------------------- */

typedef struct spells {
  const pfc_column *start, *entry, *duration, *last_below, *event;
} spells;

static spells open_episodes(const pfc_dataset *ds) {
  return (spells){
      .start = pfc_dataset_column(ds, PFC_EPISODES, "started_on"),
      .entry = pfc_dataset_column(ds, PFC_EPISODES, "entry_days"),
      .duration = pfc_dataset_column(ds, PFC_EPISODES, "duration_days"),
      .last_below = pfc_dataset_column(ds, PFC_EPISODES, "last_below_days"),
      .event = pfc_dataset_column(ds, PFC_EPISODES, "event"),
  };
}

/* Days from the start to the date when the episode was still running then, else NaN. */
static double days_so_far(const spells *s, int64_t row, int32_t date) {
  if (!s->start || !s->duration || pfc_column_missing(s->start, row)) return NAN;
  const double so_far = (double)date - s->start->date[row];
  return pfc__number_at(s->duration, row) >= so_far ? so_far : NAN;
}

static pfc_status drop_late(const pfc_dataset *ds, int32_t date, keeps keep, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < COUNT(HAPPENS); k++) {
    const pfc_table_id t = HAPPENS[k].table;
    const pfc_column *day = pfc_dataset_column(ds, t, HAPPENS[k].column);
    if (!day) continue;
    PFC_TRY(need_keep(ds, keep, t, err));
    for (int64_t r = 0; r < ds->tables[t].n_rows; r++)
      if (is_late(day, r, date)) keep[t][r] = 0;
  }
  /* Of episodes cut short, those first observed after the date. */
  const spells s = open_episodes(ds);
  for (int64_t r = 0; r < ds->tables[PFC_EPISODES].n_rows; r++)
    if (pfc__number_at(s.entry, r) >= days_so_far(&s, r, date)) keep[PFC_EPISODES][r] = 0;
done:
  return st;
}

static void clear_ends(pfc_dataset *view, int32_t date) {
  for (int k = 0; k < COUNT(ENDS); k++) {
    const pfc_column *day = pfc_dataset_column(view, ENDS[k].table, ENDS[k].column);
    if (!day || day->type != PFC_DATE) continue;
    for (int64_t r = 0; r < view->tables[ENDS[k].table].n_rows; r++)
      if (is_late(day, r, date)) day->date[r] = PFC_NO_DATE;
  }
}

static pfc_status add_word(const pfc_column *column, const char *word, int32_t *code,
                           pfc_error *err) {
  return pfc_dict_add(column->dict, word, strlen(word), code, err);
}

static pfc_status censor_episodes(pfc_dataset *view, int32_t date, pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t censored = -1;
  const spells s = open_episodes(view);
  if (!s.start || !s.duration) return PFC_OK;
  if (s.event) PFC_TRY(add_word(s.event, "censored", &censored, err));
  for (int64_t r = 0; r < view->tables[PFC_EPISODES].n_rows; r++) {
    const double so_far = days_so_far(&s, r, date);
    if (isnan(so_far)) continue;
    s.duration->real[r] = so_far;
    if (s.event) s.event->code[r] = censored;
    if (s.last_below && !(s.last_below->real[r] < so_far)) s.last_below->real[r] = NAN;
  }
done:
  return st;
}

static void clear_number(pfc_dataset *view, const char *column, int64_t row) {
  const pfc_column *c = pfc_dataset_column(view, PFC_ENROLMENTS, column);
  if (c && c->type == PFC_REAL) c->real[row] = NAN;
}

/* Enrolments that had not ended by then. Where the table tells ends at all, a row
 * without one may have ended later, so what came of it is not known either. A
 * registration that was never taken up stands as one. */
static pfc_status reopen_enrolments(pfc_dataset *view, bool has_ends, int32_t date,
                                    pfc_error *err) {
  pfc_status st = PFC_OK;
  int32_t in_progress = -1, enrolled = -1;
  pfc__enrolments e;
  const pfc_column *status = pfc_dataset_column(view, PFC_ENROLMENTS, "status");
  const pfc_column *ended = pfc_dataset_column(view, PFC_ENROLMENTS, "ended_on");
  if (!ended || !has_ends) return PFC_OK;
  if (status) {
    PFC_TRY(add_word(status, "in_progress", &in_progress, err));
    PFC_TRY(add_word(status, "enrolled", &enrolled, err));
  }
  pfc__enrolments_open(view, &e);
  for (int64_t r = 0; r < e.n_rows; r++) {
    if (ended->date[r] != PFC_NO_DATE && ended->date[r] < date) continue;
    pfc_attempt a;
    pfc__enrolments_attempt(&e, r, &a);
    if (status && status->code[r] >= 0) status->code[r] = a.started ? in_progress : enrolled;
    ended->date[r] = PFC_NO_DATE;
    clear_number(view, "score", r);
    clear_number(view, "rating", r);
  }
done:
  return st;
}

/* The last position that each person began before the date, -1 none, and whether another
 * follows: of that one table people speaks then. */
static pfc_status last_positions(const pfc_dataset *ds, int32_t date, int64_t **last,
                                 uint8_t **moves_later, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_people = pfc_dataset_count(ds, "person");
  const int32_t *person = pfc_dataset_codes(ds, PFC_POSITIONS, "person_id");
  const int32_t *from = pfc_dataset_dates(ds, PFC_POSITIONS, "from");
  PFC_NEW(*last, n_people);
  PFC_NEW(*moves_later, n_people);
  for (int32_t p = 0; p < n_people; p++) (*last)[p] = -1;
  for (int64_t r = 0; person && from && r < ds->tables[PFC_POSITIONS].n_rows; r++) {
    if (person[r] < 0) continue;
    int64_t *best = &(*last)[person[r]];
    if (from[r] >= date) {
      (*moves_later)[person[r]] = 1;
    } else if (*best < 0 || from[r] >= from[*best]) {
      *best = r;
    }
  }
done:
  return st;
}

/* role_id, unit_id and manager_id of table people say what is held now: put them back
 * to the position held on the day before the date. */
static pfc_status reset_people(const pfc_dataset *ds, pfc_dataset *view, int32_t date,
                               pfc_error *err) {
  static const char *const HELD[] = {"role_id", "unit_id", "manager_id"};
  pfc_status st = PFC_OK;
  int64_t *last = NULL;
  uint8_t *moves_later = NULL;
  const int32_t *person = pfc_dataset_codes(view, PFC_PEOPLE, "person_id");
  const int32_t *to = pfc_dataset_dates(ds, PFC_POSITIONS, "to");
  PFC_TRY(last_positions(ds, date, &last, &moves_later, err));
  for (int k = 0; person && k < COUNT(HELD); k++) {
    const pfc_column *now = pfc_dataset_column(view, PFC_PEOPLE, HELD[k]);
    const int32_t *then = pfc_dataset_codes(ds, PFC_POSITIONS, HELD[k]);
    if (!now || now->type != PFC_CODE || !then) continue;
    for (int64_t r = 0; r < view->tables[PFC_PEOPLE].n_rows; r++) {
      if (person[r] < 0) continue;
      const int64_t row = last[person[r]];
      const int32_t end = row < 0 ? 0 : pfc__date_at(to, row);
      if (row >= 0 && (end == PFC_NO_DATE || end >= date - 1)) {
        now->code[r] = then[row];
      } else if (moves_later[person[r]]) {
        now->code[r] = -1;
      }
    }
  }
done:
  pfc_free(last);
  pfc_free(moves_later);
  return st;
}

static pfc_status go_back(const pfc_dataset *ds, pfc_dataset *view, int32_t date,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__enrolments e;
  pfc__enrolments_open(ds, &e);
  clear_ends(view, date);
  PFC_TRY(censor_episodes(view, date, err));
  PFC_TRY(reopen_enrolments(view, e.has_ends, date, err));
  PFC_TRY(reset_people(ds, view, date, err));
done:
  return st;
}

pfc_status pfc_split_training_view(const pfc_dataset *ds, pfc_dataset **view, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_dataset *seen = NULL;
  uint8_t *people = NULL;
  keeps keep = {NULL};
  const pfc_split *split = &ds->split;
  *view = NULL;
  PFC_TRY(drop_marked(ds, keep, err));
  if (split->kind == PFC_SPLIT_PERSON) {
    PFC_TRY(pfc__split_people(ds, split, &people, err));
    PFC_TRY(drop_people(ds, people, keep, err));
  }
  if (split->kind == PFC_SPLIT_AT) PFC_TRY(drop_late(ds, split->date, keep, err));
  PFC_TRY(pfc_dataset_filter(ds, (const uint8_t *const *)keep, &seen, err));
  if (people) clear_spells(seen, people);
  if (split->kind == PFC_SPLIT_AT) PFC_TRY(go_back(ds, seen, split->date, err));
  seen->split = (pfc_split){.kind = PFC_SPLIT_NONE};
  *view = seen;
  seen = NULL;
done:
  for (int t = 0; t < PFC_N_TABLES; t++) pfc_free(keep[t]);
  pfc_free(people);
  pfc_dataset_destroy(seen);
  return st;
}
