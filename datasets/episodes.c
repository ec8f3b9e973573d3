#include "datasets/episodes.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "datasets/catalogue.h"
#include "datasets/columns_internal.h"
#include "datasets/history_internal.h"

#define HALF_A_DAY 0.5      /* what happened within a day took about so long */
#define LEAST_DURATION 1e-6 /* days: a tenth of a second, below which time cannot be cut */

static pfc_status append(pfc_episodes *list, int64_t *capacity, const pfc_episode *e,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_RESERVE(list->at, *capacity, list->n + 1);
  list->at[list->n++] = *e;
done:
  return st;
}

/* --- from the table ------------------------------------------------------------------ */

typedef struct spell_columns {
  const int32_t *person, *intervention, *competency, *started_on;
  const pfc_column *entry, *duration, *last_below, *event;
  int32_t cause_of[PFC_N_CAUSES]; /* codes of the words of `event` */
} spell_columns;

static void open_table(const pfc_dataset *ds, spell_columns *c) {
  static const char *const WORDS[PFC_N_CAUSES] = {
      [PFC_PROFICIENT] = "proficient", [PFC_DROPPED] = "dropped", [PFC_LEFT] = "left"};
  const pfc_table_id t = PFC_EPISODES;
  *c = (spell_columns){
      .person = pfc_dataset_codes(ds, t, "person_id"),
      .intervention = pfc_dataset_codes(ds, t, "intervention_id"),
      .competency = pfc_dataset_codes(ds, t, "competency_id"),
      .started_on = pfc_dataset_dates(ds, t, "started_on"),
      .entry = pfc_dataset_column(ds, t, "entry_days"),
      .duration = pfc_dataset_column(ds, t, "duration_days"),
      .last_below = pfc_dataset_column(ds, t, "last_below_days"),
      .event = pfc_dataset_column(ds, t, "event"),
  };
  for (int k = 0; k < PFC_N_CAUSES; k++)
    c->cause_of[k] = c->event ? pfc_dict_find(c->event->dict, WORDS[k]) : -1;
}

static pfc_cause cause_of(const spell_columns *c, int64_t row) {
  const int32_t word = c->event ? c->event->code[row] : -1;
  for (int k = 0; k < PFC_N_CAUSES; k++)
    if (word >= 0 && word == c->cause_of[k]) return (pfc_cause)k;
  return PFC_CENSORED;
}

/* The person's enrolment in that intervention from that day, the first if several. */
static int64_t find_enrolment(const pfc_history *h, const pfc_episode *e) {
  if (e->person < 0 || e->intervention < 0) return -1;
  for (int64_t k = h->first_attempt[e->person]; k < h->first_attempt[e->person + 1]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (a->intervention == e->intervention && a->start == e->start) return a->row;
  }
  return -1;
}

/* Only the day of becoming proficient is ever known between two others. Being observed
 * from the entry on says that the level was not reached before it. */
static double last_below(const spell_columns *c, int64_t row, const pfc_episode *e) {
  const double below = fmax(pfc__number_at(c->last_below, row), e->entry_days);
  const bool is_between = e->event == PFC_PROFICIENT &&
                          !isnan(pfc__number_at(c->last_below, row)) &&
                          below < e->duration_days;
  return is_between ? below : NAN;
}

/* False when the row has no time at risk. */
static bool read_episode(const spell_columns *c, const pfc_history *h, int64_t row,
                         pfc_episode *e) {
  const double entry = pfc__number_at(c->entry, row);
  *e = (pfc_episode){
      .person = pfc__code_at(c->person, row),
      .intervention = pfc__code_at(c->intervention, row),
      .competency = pfc__code_at(c->competency, row),
      .start = pfc__date_at(c->started_on, row),
      .entry_days = entry > 0 ? entry : 0,
      .duration_days = pfc__number_at(c->duration, row),
      .event = cause_of(c, row),
      .row = row,
  };
  if (e->duration_days <= 0) e->duration_days = HALF_A_DAY;
  if (e->duration_days < LEAST_DURATION) e->duration_days = LEAST_DURATION;
  if (!(e->duration_days > e->entry_days)) return false;
  e->last_below_days = last_below(c, row, e);
  e->enrolment_row = find_enrolment(h, e);
  return true;
}

static pfc_status read_table(const pfc_dataset *ds, const pfc_history *h, pfc_episodes *list,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t capacity = 0;
  spell_columns columns;
  open_table(ds, &columns);
  for (int64_t r = 0; r < ds->tables[PFC_EPISODES].n_rows; r++) {
    pfc_episode e;
    if (read_episode(&columns, h, r, &e)) PFC_TRY(append(list, &capacity, &e, err));
  }
done:
  return st;
}

/* --- derived ------------------------------------------------------------------------- */

/* What stays the same while a person's spells are derived. */
typedef struct deriving {
  const pfc_history *h;
  const pfc_catalogue *cat;
  pfc__enrolments enrolments;
  const int32_t *left_on;
  double slack; /* levels closer than this are the same */
  pfc_episodes *list;
  int64_t capacity;
} deriving;

/* When a spell ends without proficiency: it is dropped, the person leaves, or the data
 * end, whichever comes first. PFC_NO_DATE: it was dropped, nobody knows when. */
static int32_t exit_day(const deriving *d, int32_t person, const pfc_attempt *a,
                        pfc_cause *cause) {
  int32_t day = d->h->last_day;
  const int64_t row = d->h->people_row[person];
  const int32_t left = row < 0 ? PFC_NO_DATE : pfc__date_at(d->left_on, row);
  *cause = PFC_CENSORED;
  if (left != PFC_NO_DATE && left <= day) {
    day = left;
    *cause = PFC_LEFT;
  }
  const int32_t status = pfc__code_at(d->enrolments.status, a->row);
  if (status >= 0 && status == d->enrolments.dropped && a->end <= day) {
    day = a->end;
    *cause = PFC_DROPPED;
  }
  return day;
}

/* What others found of the person in the competency: -1 below the level, 1 at or above
 * it, 0 another competency, the person's own word, or undated. */
static int finding(const deriving *d, const pfc_rating *r, const pfc_episode *e, double level) {
  if (r->competency != e->competency || r->self || r->date == PFC_NO_DATE) return 0;
  return r->level >= level - d->slack ? 1 : -1;
}

/* Did the last finding before the start show the level? */
static bool is_there_already(const deriving *d, const pfc_episode *e, double level) {
  int64_t from;
  const int64_t to = pfc_history_ratings(d->h, e->person, e->start, &from);
  for (int64_t k = to - 1; k >= from; k--) {
    const int found = finding(d, &d->h->ratings[k], e, level);
    if (found) return found > 0;
  }
  return false;
}

/* First day from the start to the last one that shows the level; PFC_NO_DATE none. */
static int32_t first_shown(const deriving *d, const pfc_episode *e, double level,
                           int32_t last_day) {
  int64_t from;
  const int64_t end = d->h->first_rating[e->person + 1];
  for (int64_t k = pfc_history_ratings(d->h, e->person, e->start, &from); k < end; k++) {
    const pfc_rating *r = &d->h->ratings[k];
    if (r->date > last_day) break;
    if (finding(d, r, e, level) > 0) return r->date;
  }
  return PFC_NO_DATE;
}

/* Days from the start to the last finding below the level before the day it was shown; 0 when
 * that was before the start, and when nobody ever looked: the level may have come on any day
 * since, and the day of the first look says nothing of when. */
static double last_seen_below(const deriving *d, const pfc_episode *e, double level,
                              int32_t shown) {
  int64_t from;
  const int64_t to = pfc_history_ratings(d->h, e->person, shown, &from);
  for (int64_t k = to - 1; k >= from; k--) {
    const pfc_rating *r = &d->h->ratings[k];
    if (finding(d, r, e, level) < 0) return fmax(0, (double)r->date - e->start);
  }
  return 0;
}

static pfc_status derive_spell(deriving *d, int32_t person, const pfc_attempt *a,
                               int32_t target, pfc_error *err) {
  const double level = d->cat->to_level[target];
  pfc_episode e = {
      .person = person,
      .intervention = a->intervention,
      .competency = d->cat->competency[target],
      .start = a->start,
      .last_below_days = NAN,
      .row = -1,
      .enrolment_row = a->row,
  };
  int32_t last_day = exit_day(d, person, a, &e.event);
  if (e.competency < 0 || isnan(level) || last_day < e.start) return PFC_OK;
  if (is_there_already(d, &e, level)) return PFC_OK;
  const int32_t shown = first_shown(d, &e, level, last_day);
  if (shown != PFC_NO_DATE) {
    e.event = PFC_PROFICIENT;
    e.last_below_days = last_seen_below(d, &e, level, shown);
    last_day = shown;
  }
  e.duration_days = last_day > e.start ? (double)last_day - e.start : HALF_A_DAY;
  return append(d->list, &d->capacity, &e, err);
}

static pfc_status derive_person(deriving *d, int32_t person, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_history *h = d->h;
  for (int64_t k = h->first_attempt[person]; k < h->first_attempt[person + 1]; k++) {
    const pfc_attempt *a = &h->attempts[k];
    if (!a->started || a->start == PFC_NO_DATE) continue;
    for (int32_t t = d->cat->first[a->intervention]; t < d->cat->first[a->intervention + 1];
         t++)
      PFC_TRY(derive_spell(d, person, a, t, err));
  }
done:
  return st;
}

static pfc_status derive(const pfc_dataset *ds, const pfc_history *h, pfc_episodes *list,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_catalogue *cat = NULL;
  deriving d = {
      .h = h,
      .left_on = pfc_dataset_dates(ds, PFC_PEOPLE, "left_on"),
      .slack = 1e-9 * fabs(ds->scale_max - ds->scale_min),
      .list = list,
  };
  PFC_TRY(pfc_catalogue_create(ds, &cat, err));
  d.cat = cat;
  pfc__enrolments_open(ds, &d.enrolments);
  for (int32_t p = 0; p < h->n_people; p++) PFC_TRY(derive_person(&d, p, err));
done:
  pfc_catalogue_destroy(cat);
  return st;
}

pfc_status pfc_episodes_create(const pfc_dataset *ds, const pfc_history *h,
                               pfc_episodes **episodes, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_episodes *list = NULL;
  *episodes = NULL;
  PFC_NEW(list, 1);
  if (ds->tables[PFC_EPISODES].n_rows > 0) {
    PFC_TRY(read_table(ds, h, list, err));
  } else {
    PFC_TRY(derive(ds, h, list, err));
  }
  *episodes = list;
  list = NULL;
done:
  pfc_episodes_destroy(list);
  return st;
}

void pfc_episodes_destroy(pfc_episodes *episodes) {
  if (!episodes) return;
  pfc_free(episodes->at);
  pfc_free(episodes);
}
