#include "datasets/split.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "datasets/columns_internal.h"
#include "datasets/split_internal.h"

/* The tables whose rows are on one side or the other, the columns that tell when a row
 * began, best first, and the name of the stream that deals their rows at random. */
typedef struct side {
  pfc_table_id table;
  const char *start[2];
  const char *stream;
} side;

static const side SIDES[] = {
    {PFC_ENROLMENTS, {"started_on", "enrolled_on"}, "split.enrolments"},
    {PFC_ASSESSMENTS, {"assessed_on", NULL}, "split.assessments"},
    {PFC_EPISODES, {"started_on", NULL}, "split.episodes"},
};
enum { N_SIDES = sizeof SIDES / sizeof *SIDES };

static const side *find_side(pfc_table_id table) {
  for (int k = 0; k < N_SIDES; k++)
    if (SIDES[k].table == table) return &SIDES[k];
  return NULL;
}

/* The columns of a side's starts, NULL where the table lacks one. */
typedef struct starts {
  const int32_t *best, *second;
} starts;

static starts open_starts(const pfc_dataset *ds, const side *s) {
  return (starts){
      .best = pfc_dataset_dates(ds, s->table, s->start[0]),
      .second = s->start[1] ? pfc_dataset_dates(ds, s->table, s->start[1]) : NULL,
  };
}

static int32_t start_of(const starts *s, int64_t row) {
  const int32_t day = pfc__date_at(s->best, row);
  return day != PFC_NO_DATE ? day : pfc__date_at(s->second, row);
}

static int64_t count_dated(const pfc_dataset *ds, const side *s) {
  const starts day = open_starts(ds, s);
  int64_t n = 0;
  for (int64_t r = 0; r < ds->tables[s->table].n_rows; r++)
    n += start_of(&day, r) != PFC_NO_DATE;
  return n;
}

/* A row without a day cannot be shown to be late; a missing day is the least. */
static void mark_late(const pfc_dataset *ds, int32_t date, const side *s, uint8_t *is_test) {
  const starts day = open_starts(ds, s);
  for (int64_t r = 0; r < ds->tables[s->table].n_rows; r++)
    is_test[r] = start_of(&day, r) >= date;
}

/* Which side the stream of (seed, what, id) falls on. */
static bool draw(const pfc_split *split, const char *what, uint64_t id) {
  pfc_rng rng;
  pfc_rng_init(&rng, split->seed, what, id);
  if (split->folds > 0)
    return pfc_rng_below(&rng, (uint64_t)split->folds) == (uint64_t)split->fold;
  return pfc_rng_uniform(&rng) < split->fraction;
}

pfc_status pfc__split_people(const pfc_dataset *ds, const pfc_split *split, uint8_t **is_test,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dict *people = pfc_dataset_find_dict(ds, "person");
  const int32_t n = people ? pfc_dict_size(people) : 0;
  PFC_NEW(*is_test, n);
  for (int32_t p = 0; p < n; p++)
    (*is_test)[p] = draw(split, "split.person", pfc_rng_id(pfc_dict_text(people, p)));
done:
  return st;
}

/* A row that names nobody counts as a person of its own. */
static pfc_status mark_people(const pfc_dataset *ds, const pfc_split *split, const side *s,
                              uint8_t *is_test, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *people = NULL;
  const int32_t *person = pfc_dataset_codes(ds, s->table, "person_id");
  PFC_TRY(pfc__split_people(ds, split, &people, err));
  for (int64_t r = 0; r < ds->tables[s->table].n_rows; r++) {
    const int32_t p = pfc__code_at(person, r);
    is_test[r] = p >= 0 ? people[p] : draw(split, s->stream, (uint64_t)r);
  }
done:
  pfc_free(people);
  return st;
}

static void mark_column(const pfc_dataset *ds, const side *s, uint8_t *is_test) {
  const pfc_column *column = pfc_dataset_column(ds, s->table, "split");
  const bool usable = column && column->type == PFC_CODE;
  const int32_t test = usable ? pfc_dict_find(column->dict, "test") : -1;
  for (int64_t r = 0; r < ds->tables[s->table].n_rows; r++)
    is_test[r] = test >= 0 && column->code[r] == test;
}

static pfc_status mark(const pfc_dataset *ds, const pfc_split *split, const side *s,
                       uint8_t *is_test, pfc_error *err) {
  const int64_t n = ds->tables[s->table].n_rows;
  switch (split->kind) {
    case PFC_SPLIT_NONE:
      for (int64_t r = 0; r < n; r++) is_test[r] = 0;
      return PFC_OK;
    case PFC_SPLIT_AT:
      mark_late(ds, split->date, s, is_test);
      return PFC_OK;
    case PFC_SPLIT_PERSON:
      return mark_people(ds, split, s, is_test, err);
    case PFC_SPLIT_RANDOM:
      for (int64_t r = 0; r < n; r++) is_test[r] = draw(split, s->stream, (uint64_t)r);
      return PFC_OK;
    case PFC_SPLIT_COLUMN:
      mark_column(ds, s, is_test);
      return PFC_OK;
  }
  return pfc_fail(err, PFC_EUSAGE, "unknown kind %d", (int)split->kind);
}

/* Answers are on a side where the day or the person tells; they are never dealt. */
static pfc_status mark_feedback(const pfc_dataset *ds, uint8_t *is_test, pfc_error *err) {
  static const side feedback = {PFC_FEEDBACK, {NULL, NULL}, "split.feedback"};
  const int64_t n = ds->tables[PFC_FEEDBACK].n_rows;
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  if (ds->split.kind == PFC_SPLIT_PERSON)
    return mark_people(ds, &ds->split, &feedback, is_test, err);
  for (int64_t r = 0; r < n; r++)
    is_test[r] = ds->split.kind == PFC_SPLIT_AT && at && at->type == PFC_TIME &&
                 at->time[r] >= (int64_t)ds->split.date * PFC_DAY_S;
  return PFC_OK;
}

pfc_status pfc_split_mark(const pfc_dataset *ds, pfc_table_id table, uint8_t *is_test,
                          pfc_error *err) {
  if (table == PFC_FEEDBACK) return mark_feedback(ds, is_test, err);
  const side *s = find_side(table);
  if (!s)
    return pfc_fail(err, PFC_EUSAGE, "table '%s' is not split into training and test",
                    pfc_schema(table)->name);
  return mark(ds, &ds->split, s, is_test, err);
}

/* --- checking ------------------------------------------------------------------------ */

static pfc_status check_share(const pfc_split *split, pfc_error *err) {
  if (split->folds == 0) {
    if (split->fold != 0)
      return pfc_fail(err, PFC_EUSAGE, "fold %d needs a number of folds", (int)split->fold);
    if (split->fraction > 0 && split->fraction < 1) return PFC_OK;
    return pfc_fail(err, PFC_EUSAGE, "fraction %g must lie between 0 and 1", split->fraction);
  }
  if (split->folds < 2)
    return pfc_fail(err, PFC_EUSAGE, "folds %d must be 2 or more", (int)split->folds);
  if (split->fold < 0 || split->fold >= split->folds)
    return pfc_fail(err, PFC_EUSAGE, "fold %d is outside 0..%d", (int)split->fold,
                    (int)split->folds - 1);
  return PFC_OK;
}

static pfc_status check_date(const pfc_dataset *ds, const pfc_split *split, pfc_error *err) {
  if (split->date == PFC_NO_DATE) return pfc_fail(err, PFC_EUSAGE, "no date given");
  for (int k = 0; k < N_SIDES; k++)
    if (count_dated(ds, &SIDES[k]) > 0) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "split: there are no dates to split at; enrolments need started_on or "
                  "enrolled_on, assessments assessed_on, or episodes started_on");
}

static pfc_status check_column(const pfc_dataset *ds, pfc_error *err) {
  for (int k = 0; k < N_SIDES; k++)
    if (pfc_dataset_codes(ds, SIDES[k].table, "split")) return PFC_OK;
  return pfc_fail(err, PFC_EDATA,
                  "split: none of enrolments, assessments and episodes has a column 'split'");
}

static pfc_status check_settings(const pfc_dataset *ds, const pfc_split *split,
                                 pfc_error *err) {
  switch (split->kind) {
    case PFC_SPLIT_NONE:
      return PFC_OK;
    case PFC_SPLIT_AT:
      return check_date(ds, split, err);
    case PFC_SPLIT_PERSON:
    case PFC_SPLIT_RANDOM:
      return check_share(split, err);
    case PFC_SPLIT_COLUMN:
      return check_column(ds, err);
  }
  return pfc_fail(err, PFC_EUSAGE, "unknown kind %d", (int)split->kind);
}

/* Both sides must have rows; at a date, rows that have one. */
static pfc_status check_sides(const pfc_dataset *ds, const pfc_split *split, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t *is_test = NULL;
  int64_t n = 0, n_test = 0;
  for (int k = 0; k < N_SIDES; k++) {
    const int64_t n_rows = ds->tables[SIDES[k].table].n_rows;
    PFC_NEW(is_test, n_rows);
    PFC_TRY(mark(ds, split, &SIDES[k], is_test, err));
    for (int64_t r = 0; r < n_rows; r++) n_test += is_test[r];
    n += split->kind == PFC_SPLIT_AT ? count_dated(ds, &SIDES[k]) : n_rows;
    pfc_free(is_test);
    is_test = NULL;
  }
  if (n_test == 0 || n_test == n)
    st = pfc_fail(err, PFC_EDATA, "split: all %lld rows would be %s", (long long)n,
                  n_test == 0 ? "training, none test" : "test, none training");
done:
  pfc_free(is_test);
  return st;
}

pfc_status pfc_split_check(const pfc_dataset *ds, const pfc_split *split, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_settings(ds, split, err));
  if (split->kind != PFC_SPLIT_NONE) PFC_TRY(check_sides(ds, split, err));
done:
  return st;
}

void pfc_split_describe(const pfc_split *split, char text[PFC_SPLIT_TEXT]) {
  static const char *const kinds[] = {"none", "at", "by person", "random", "by column"};
  char date[PFC_DATE_TEXT];
  int at = snprintf(text, PFC_SPLIT_TEXT, "%s", kinds[split->kind]);
  if (split->kind == PFC_SPLIT_AT) {
    pfc_date_format(split->date, date);
    snprintf(text + at, PFC_SPLIT_TEXT - (size_t)at, " %s", date);
  }
  if (split->kind != PFC_SPLIT_PERSON && split->kind != PFC_SPLIT_RANDOM) return;
  if (split->folds > 0) {
    at += snprintf(text + at, PFC_SPLIT_TEXT - (size_t)at, ", fold %d of %d", split->fold,
                   split->folds);
  } else {
    at += snprintf(text + at, PFC_SPLIT_TEXT - (size_t)at, ", fraction %.9g", split->fraction);
  }
  snprintf(text + at, PFC_SPLIT_TEXT - (size_t)at, ", seed %llu",
           (unsigned long long)split->seed);
}
