/* Defects of assessments, and a feed that has stopped. What a source said of a cell (a person
 * and a competency) on a day is told apart from what it said before and after: a defect is
 * planted only in cells that are calm, where nothing falls by more than a quarter of the
 * scale, and one in a cell, so that what it does to the order of levels breaks no other
 * rule. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/columns_internal.h"
#include "datasets/simulate_dirt_internal.h"

static const double CALM = 0.25;          /* falls below this share of the scale are noise */
static const double FALL = 0.4;           /* that `check` asks for */
static const double MARGIN = 0.02;        /* beyond it */
static const double FEED_SHARE = 1.0 / 3; /* of the history, at its end, that a feed misses */

typedef struct place {
  int32_t person, competency, source, day;
  int64_t row;
} place;

/* Ratings of a cell by one source on one day. */
typedef struct group {
  int32_t source, day;
  int32_t valid_until; /* PFC_LAST_DAY: counts for ever */
  int64_t row;         /* the first of them */
  int n;
  bool gone;    /* of the feed that has stopped */
  int previous; /* group of the same source before; -1 none */
  int next;     /* and after */
  double level; /* mean, on the framework's scale */
} group;

typedef struct scale {
  double min, range; /* of a source */
} scale;

typedef struct ratings {
  pfc__dirt *d;
  int64_t n_rows;
  const int32_t *person, *competency, *source, *rater;
  int32_t *assessed_on, *valid_until; /* the latter may be NULL */
  double *level;
  double min, range; /* of the framework */
  scale *scales;
  int32_t n_sources, n_competencies, self;
  int32_t stopped;         /* the source whose feed has; -1 none */
  const double *half_life; /* of competencies; may be NULL */
  place *places;           /* all rows: by person, competency, source, day, row */
  group *groups;           /* of the cell at hand */
  int capacity, n;
  uint8_t *keep;
  int64_t *copies; /* rows that are to stand there twice, and what the copy says */
  double *copy_level;
  int64_t n_copies, copy_capacity, level_capacity;
} ratings;

/* --- cells ------------------------------------------------------------------------------ */

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int by_place(const void *a, const void *b) {
  const place *x = a, *y = b;
  int order = compare(x->person, y->person);
  if (!order) order = compare(x->competency, y->competency);
  if (!order) order = compare(x->source, y->source);
  if (!order) order = compare(x->day, y->day);
  return order ? order : compare(x->row, y->row);
}

static double on_framework(const ratings *x, int64_t row) {
  const scale *own = &x->scales[x->source[row]];
  return x->min + (x->level[row] - own->min) / own->range * x->range;
}

/* The groups of the cell from .. to - 1; false where a row has no day or no source. */
static pfc_status read_cell(ratings *x, int64_t from, int64_t to, bool *dated, pfc_error *err) {
  pfc_status st = PFC_OK;
  x->n = 0;
  *dated = true;
  for (int64_t k = from; k < to; k++) {
    const place *p = &x->places[k];
    if (p->source < 0 || p->day == PFC_NO_DATE) {
      *dated = false;
      return PFC_OK;
    }
    group *last = x->n > 0 ? &x->groups[x->n - 1] : NULL;
    const int32_t until = pfc__date_at(x->valid_until, p->row);
    const int32_t valid = until == PFC_NO_DATE ? PFC_LAST_DAY : until;
    const double level = on_framework(x, p->row);
    if (last && last->source == p->source && last->day == p->day) {
      last->level += (level - last->level) / ++last->n;
      if (valid > last->valid_until) last->valid_until = valid;
      continue;
    }
    PFC_RESERVE(x->groups, x->capacity, x->n + 1);
    const bool goes_on = x->n > 0 && x->groups[x->n - 1].source == p->source;
    if (goes_on) x->groups[x->n - 1].next = x->n;
    x->groups[x->n] = (group){.source = p->source,
                              .day = p->day,
                              .valid_until = valid,
                              .row = p->row,
                              .n = 1,
                              .previous = goes_on ? x->n - 1 : -1,
                              .next = -1,
                              .gone = !x->keep[p->row],
                              .level = level};
    x->n++;
  }
done:
  return st;
}

/* Of what lies above the lowest level, forgetting leaves half each half-life. */
static double remains(const ratings *x, int32_t competency, const group *before, int32_t day) {
  const double half_life = x->half_life ? x->half_life[competency] : (double)NAN;
  if (isnan(half_life)) return before->level;
  return x->min + (before->level - x->min) * exp2(-(double)(day - before->day) / half_life);
}

static bool is_calm(const ratings *x) {
  for (int g = 0; g < x->n; g++) {
    const group *at = &x->groups[g];
    if (at->previous < 0) continue;
    if (x->groups[at->previous].level - at->level > CALM * x->range) return false;
  }
  return true;
}

/* Did another source look at the cell after one day and up to the other? */
static bool others_between(const ratings *x, int32_t source, int32_t after, int32_t to) {
  for (int g = 0; g < x->n; g++) {
    const group *at = &x->groups[g];
    if (at->source != source && at->day > after && at->day <= to) return true;
  }
  return false;
}

/* --- one defect each: false where the group is not fit for it ---------------------------- */

/* A rater says another level on the same day: by one of the source's own, or a quarter of a
 * short scale, so that the day's mean moves by an eighth of the scale at most. */
static pfc_status say_twice(ratings *x, const group *at, bool *planted, pfc_error *err) {
  pfc_status st = PFC_OK;
  const scale *own = &x->scales[at->source];
  const double step = own->range >= 4 ? fmax(1, floor(own->range / 10)) : own->range / 4;
  const double level = x->level[at->row];
  *planted = x->rater[at->row] >= 0 || at->source == x->self;
  if (!*planted) return PFC_OK;
  PFC_RESERVE(x->copies, x->copy_capacity, x->n_copies + 1);
  PFC_RESERVE(x->copy_level, x->level_capacity, x->n_copies + 1);
  x->copies[x->n_copies] = at->row;
  x->copy_level[x->n_copies++] =
      level + step <= own->min + own->range ? level + step : level - step;
done:
  return st;
}

/* The source's first word on the cell comes before the person did. */
static bool come_early(ratings *x, const group *at, pfc_rng *rng) {
  const int32_t hired = x->d->employed_from[x->person[at->row]];
  if (at->previous >= 0 || hired == PFC_NO_DATE) return false;
  x->assessed_on[at->row] = hired - pfc__dirt_days(rng, PFC__DIRT_BEYOND);
  return true;
}

/* The source's last word comes after the person had gone; a feed that has stopped says none. */
static bool come_late(ratings *x, const group *at, pfc_rng *rng) {
  const int32_t left = x->d->employed_to[x->person[at->row]];
  const int32_t day = pfc__dirt_day_after(x->d, left, rng);
  if (at->next >= 0 || day == PFC_NO_DATE || at->source == x->stopped) return false;
  x->assessed_on[at->row] = day;
  if (x->valid_until && x->valid_until[at->row] != PFC_NO_DATE)
    x->valid_until[at->row] += day - at->day;
  return true;
}

/* The source's last word is far below the one before, which still counts, and nobody else has
 * looked since. */
static bool fall(ratings *x, const group *at) {
  if (at->next >= 0 || at->previous < 0) return false;
  const group *before = &x->groups[at->previous];
  const scale *own = &x->scales[at->source];
  const double left = remains(x, x->competency[at->row], before, at->day);
  const double level = left - (FALL + MARGIN) * x->range;
  if (level < x->min || before->valid_until < at->day ||
      others_between(x, at->source, before->day, at->day))
    return false;
  /* Down to a step of the source's scale. */
  const double said = own->min + (level - x->min) / x->range * own->range;
  x->level[at->row] = fmax(own->min, own->min + floor(2 * (said - own->min)) / 2);
  return true;
}

enum { TWO_LEVELS, EARLY, LATE, DROP, N_DEFECTS };
static const char *const RULES[N_DEFECTS] = {"assessment_two_levels", "assessment_before_hire",
                                             "assessment_after_leaving",
                                             "assessment_level_drop"};

static pfc_status plant_in(ratings *x, int what, const group *at, pfc_rng *rng, bool *planted,
                           pfc_error *err) {
  *planted = false;
  if (at->n > 1) return PFC_OK;
  if (what == TWO_LEVELS) return say_twice(x, at, planted, err);
  if (what == EARLY) *planted = come_early(x, at, rng);
  if (what == LATE) *planted = come_late(x, at, rng);
  if (what == DROP) *planted = fall(x, at);
  return PFC_OK;
}

/* The first defect and group, from those drawn, that go together. */
static pfc_status plant_cell(ratings *x, const place *p, pfc_rng *rng, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int first = (int)pfc_rng_below(rng, N_DEFECTS);
  const int start = (int)pfc_rng_below(rng, (uint64_t)x->n);
  for (int tries = 0; tries < N_DEFECTS * x->n; tries++) {
    const int what = (first + tries / x->n) % N_DEFECTS;
    bool planted;
    PFC_TRY(plant_in(x, what, &x->groups[(start + tries) % x->n], rng, &planted, err));
    if (!planted) continue;
    st = pfc__dirt_note(x->d, RULES[what], PFC_ASSESSMENTS, p->person, err);
    break;
  }
done:
  return st;
}

/* --- the feed that has stopped ---------------------------------------------------------- */

/* Falls that `check` would ask about, had no other source seen them: those sources must
 * stay. */
static void note_witnesses(const ratings *x, int32_t competency, int32_t cutoff,
                           uint8_t *needed) {
  for (int g = 0; g < x->n; g++) {
    const group *at = &x->groups[g];
    const group *before = at->previous < 0 ? NULL : &x->groups[at->previous];
    if (!before || before->valid_until < at->day) continue;
    if (remains(x, competency, before, at->day) - at->level <= (FALL - MARGIN) * x->range)
      continue;
    for (int o = 0; o < x->n; o++) {
      const group *other = &x->groups[o];
      if (other->source != at->source && other->day > before->day && other->day <= at->day &&
          other->day > cutoff)
        needed[other->source] = 1;
    }
  }
}

typedef pfc_status (*cell_fn)(ratings *x, int64_t from, int64_t to, void *user, pfc_error *err);

static pfc_status each_cell(ratings *x, cell_fn fn, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int64_t k = 0, next; k < x->n_rows; k = next) {
    const place *p = &x->places[k];
    bool dated;
    for (next = k + 1; next < x->n_rows; next++)
      if (x->places[next].person != p->person || x->places[next].competency != p->competency)
        break;
    PFC_TRY(read_cell(x, k, next, &dated, err));
    if (dated) PFC_TRY(fn(x, k, next, user, err));
  }
done:
  return st;
}

typedef struct feed {
  int32_t cutoff;
  uint8_t *needed;
  int64_t *before, *after; /* rows of each source */
} feed;

static pfc_status look_at_feed(ratings *x, int64_t from, int64_t to, void *user,
                               pfc_error *err) {
  feed *f = user;
  (void)err;
  for (int64_t k = from; k < to; k++)
    (x->places[k].day > f->cutoff ? f->after : f->before)[x->places[k].source]++;
  note_witnesses(x, x->places[from].competency, f->cutoff, f->needed);
  return PFC_OK;
}

/* The first source, from one drawn, whose feed can stop; -1 none. */
static int32_t choose_feed(const ratings *x, const feed *f) {
  pfc_rng rng = pfc__dirt_stream(x->d, "dirt.feed", 0);
  if (x->n_sources == 0) return -1;
  const int32_t first = (int32_t)pfc_rng_below(&rng, (uint64_t)x->n_sources);
  for (int32_t tries = 0; tries < x->n_sources; tries++) {
    const int32_t s = (first + tries) % x->n_sources;
    if (!f->needed[s] && f->before[s] > 0 && f->after[s] > 0) return s;
  }
  return -1;
}

static pfc_status stop_feed(ratings *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_truth *t = x->d->truth;
  feed f = {.cutoff = t->last_day -
                      (int32_t)lround(FEED_SHARE * (double)(t->last_day - t->first_day))};
  char rule[200];
  PFC_NEW(f.needed, x->n_sources);
  PFC_NEW(f.before, x->n_sources);
  PFC_NEW(f.after, x->n_sources);
  PFC_TRY(each_cell(x, look_at_feed, &f, err));
  const int32_t source = choose_feed(x, &f);
  if (source < 0) goto done;
  x->stopped = source;
  for (int64_t r = 0; r < x->n_rows; r++)
    x->keep[r] = x->source[r] != source || x->assessed_on[r] <= f.cutoff;
  (void)snprintf(rule, sizeof rule, "stale_feed source=%.150s",
                 pfc_dict_text(pfc_dataset_find_dict(x->d->ds, "source"), source));
  PFC_TRY(pfc__dirt_note(x->d, rule, PFC_ASSESSMENTS, -1, err));
done:
  pfc_free(f.needed);
  pfc_free(f.before);
  pfc_free(f.after);
  return st;
}

/* --- all of it -------------------------------------------------------------------------- */

/* What is left of a cell without the feed. */
static void leave_out_gone(ratings *x) {
  int n = 0;
  for (int g = 0; g < x->n; g++) {
    if (x->groups[g].gone) continue;
    x->groups[n] = x->groups[g];
    const bool goes_on = n > 0 && x->groups[n - 1].source == x->groups[n].source;
    x->groups[n].previous = goes_on ? n - 1 : -1;
    x->groups[n].next = -1;
    if (goes_on) x->groups[n - 1].next = n;
    n++;
  }
  x->n = n;
}

static pfc_status look_at_cell(ratings *x, int64_t from, int64_t to, void *user,
                               pfc_error *err) {
  (void)user;
  const place *p = &x->places[from];
  const uint64_t id =
      (uint64_t)p->person * (uint64_t)x->n_competencies + (uint64_t)p->competency;
  pfc_rng rng = pfc__dirt_stream(x->d, "dirt.assessments", id);
  leave_out_gone(x);
  const double share = 1 - pow(1 - x->d->rate, (double)(to - from));
  if (pfc_rng_uniform(&rng) >= share || x->n == 0 || !is_calm(x)) return PFC_OK;
  return plant_cell(x, p, &rng, err);
}

/* A source without a scale of its own is on the framework's. */
static pfc_status read_scales(ratings *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = x->d->ds;
  const int32_t *source = pfc_dataset_codes(ds, PFC_SOURCES, "source");
  const double *min = pfc_dataset_reals(ds, PFC_SOURCES, "scale_min");
  const double *max = pfc_dataset_reals(ds, PFC_SOURCES, "scale_max");
  PFC_NEW(x->scales, x->n_sources);
  for (int32_t s = 0; s < x->n_sources; s++) x->scales[s] = (scale){x->min, x->range};
  for (int64_t r = 0; source && min && max && r < ds->tables[PFC_SOURCES].n_rows; r++)
    x->scales[source[r]] = (scale){min[r], max[r] - min[r]};
done:
  return st;
}

static pfc_status read_places(ratings *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_NEW(x->places, x->n_rows);
  PFC_NEW(x->keep, x->n_rows);
  memset(x->keep, 1, (size_t)x->n_rows);
  for (int64_t r = 0; r < x->n_rows; r++)
    x->places[r] = (place){x->person[r], x->competency[r], pfc__code_at(x->source, r),
                           x->assessed_on[r], r};
  qsort(x->places, (size_t)x->n_rows, sizeof *x->places, by_place);
done:
  return st;
}

static pfc_status rebuild(ratings *x, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(pfc__dirt_rebuild(x->d, PFC_ASSESSMENTS, x->keep, x->copies, x->n_copies, err));
  double *level = pfc__dirt_column(x->d, PFC_ASSESSMENTS, "level")->real;
  const int64_t first = x->d->ds->tables[PFC_ASSESSMENTS].n_rows - x->n_copies;
  for (int64_t i = 0; i < x->n_copies; i++) level[first + i] = x->copy_level[i];
done:
  return st;
}

static void ratings_clear(ratings *x) {
  pfc_free(x->scales);
  pfc_free(x->places);
  pfc_free(x->groups);
  pfc_free(x->keep);
  pfc_free(x->copies);
  pfc_free(x->copy_level);
}

static int32_t *data_of(pfc__dirt *d, const char *name) {
  const pfc_column *column = pfc__dirt_column(d, PFC_ASSESSMENTS, name);
  return column ? column->code : NULL; /* dates are int32_t too */
}

pfc_status pfc__dirt_assessments(pfc__dirt *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *level = pfc__dirt_column(d, PFC_ASSESSMENTS, "level");
  const pfc_dict *sources = pfc_dataset_find_dict(d->ds, "source");
  ratings x = {.d = d,
               .n_rows = d->ds->tables[PFC_ASSESSMENTS].n_rows,
               .person = data_of(d, "person_id"),
               .competency = data_of(d, "competency_id"),
               .source = data_of(d, "source"),
               .rater = data_of(d, "rater_id"),
               .assessed_on = data_of(d, "assessed_on"),
               .valid_until = data_of(d, "valid_until"),
               .level = level ? level->real : NULL,
               .min = d->ds->scale_min,
               .range = d->ds->scale_max - d->ds->scale_min,
               .n_sources = pfc_dataset_count(d->ds, "source"),
               .n_competencies = pfc_dataset_count(d->ds, "competency"),
               .stopped = -1,
               .self = sources ? pfc_dict_find(sources, "self") : -1,
               .half_life = pfc_dataset_reals(d->ds, PFC_COMPETENCIES, "half_life_days")};
  if (!x.person || !x.competency || !x.source || !x.rater || !x.assessed_on || !x.level)
    return PFC_OK;
  PFC_TRY(read_scales(&x, err));
  PFC_TRY(read_places(&x, err));
  PFC_TRY(stop_feed(&x, err));
  PFC_TRY(each_cell(&x, look_at_cell, NULL, err));
  PFC_TRY(rebuild(&x, err));
done:
  ratings_clear(&x);
  return st;
}
