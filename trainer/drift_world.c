/* The days that are compared, and the facts on them. */
#include <stdlib.h>

#include "base/mem.h"
#include "models/predict.h"
#include "trainer/drift_internal.h"

enum { NEWEST_DAYS = 91 }; /* without a model to begin after */

/* The day of a fact: the first of these columns that tells one. */
static const struct {
  const char *day[2];
  pfc_table_id table;
  bool is_steered;
} FACTS[PFC__N_FACTS] = {
    {{"started_on", "enrolled_on"}, PFC_ENROLMENTS, true},
    {{"assessed_on", NULL}, PFC_ASSESSMENTS, false},
    {{"at", NULL}, PFC_FEEDBACK, true},
    {{"started_on", NULL}, PFC_EPISODES, false},
};

static int32_t day_of(const pfc_dataset *ds, int table, int64_t row) {
  for (int k = 0; k < 2 && FACTS[table].day[k]; k++) {
    const pfc_column *c = pfc_dataset_column(ds, FACTS[table].table, FACTS[table].day[k]);
    if (!c || pfc_column_missing(c, row)) continue;
    return c->type == PFC_TIME ? (int32_t)pfc_time_day(c->time[row]) : c->date[row];
  }
  return PFC_NO_DATE;
}

typedef struct dated {
  int32_t day, person;
  int64_t row;
} dated;

static int by_day(const void *a, const void *b) {
  const dated *x = a, *y = b;
  if (x->day != y->day) return x->day < y->day ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static pfc_status read_facts(pfc__drift *d, int table, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t n = d->ds->tables[FACTS[table].table].n_rows;
  const int32_t *person = pfc_dataset_codes(d->ds, FACTS[table].table, "person_id");
  pfc__facts *f = &d->facts[table];
  dated *at = NULL;
  f->table = FACTS[table].table;
  f->is_steered = FACTS[table].is_steered;
  PFC_NEW(at, n);
  for (int64_t i = 0; person && i < n; i++) {
    const int32_t day = day_of(d->ds, table, i);
    if (person[i] >= 0 && day != PFC_NO_DATE) at[f->n++] = (dated){day, person[i], i};
  }
  qsort(at, (size_t)f->n, sizeof *at, by_day);
  PFC_NEW(f->day, f->n);
  PFC_NEW(f->person, f->n);
  PFC_NEW(f->row, f->n);
  for (int64_t i = 0; i < f->n; i++) {
    f->day[i] = at[i].day;
    f->person[i] = at[i].person;
    f->row[i] = at[i].row;
  }
done:
  pfc_free(at);
  return st;
}

int64_t pfc__facts_from(const pfc__facts *f, int32_t day) {
  int64_t low = 0, high = f->n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (f->day[middle] < day)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Which days are new, and which they are held against. */
static pfc_status choose_days(pfc__drift *d, pfc_error *err) {
  const pfc_drift_settings *s = d->settings;
  char from[PFC_DATE_TEXT], last[PFC_DATE_TEXT];
  d->last = pfc_last_day(d->ds, d->history);
  for (int k = 0; k < PFC__N_FACTS; k++) {
    const pfc__facts *f = &d->facts[k];
    if (f->n > 0 && f->day[f->n - 1] > d->last) d->last = f->day[f->n - 1];
  }
  if (d->last == PFC_NO_DATE)
    return pfc_fail(err, PFC_EDATA,
                    "drift is told by days, and no row of this dataset has one");
  d->from = s->from;
  if (d->from == PFC_NO_DATE && d->bundle && d->bundle->trained_as_of != PFC_NO_DATE)
    d->from = d->bundle->trained_as_of + 1;
  if (d->from == PFC_NO_DATE) d->from = d->last - NEWEST_DAYS + 1;
  if (d->from > d->last) d->from = d->last + 1;
  d->first = d->from - s->before_days;
  d->window = d->last - d->from + 1;
  if (d->window > NEWEST_DAYS) d->window = NEWEST_DAYS;
  if (d->window < 1 && s->from != PFC_NO_DATE) {
    pfc_date_format(s->from, from);
    pfc_date_format(d->last, last);
    return pfc_fail(err, PFC_EDATA, "no rows from %s on: the last day of this dataset is %s",
                    from, last);
  }
  return PFC_OK;
}

pfc_status pfc__drift_open(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  d->n_people = pfc_dataset_count(d->ds, "person");
  PFC_TRY(pfc_history_create(d->ds, &d->history, err));
  PFC_TRY(pfc_catalogue_create(d->ds, &d->cat, err));
  for (int k = 0; k < PFC__N_FACTS; k++) PFC_TRY(read_facts(d, k, err));
  PFC_TRY(choose_days(d, err));
done:
  return st;
}

void pfc__drift_close(pfc__drift *d) {
  for (int k = 0; k < PFC__N_FACTS; k++) {
    pfc_free(d->facts[k].day);
    pfc_free(d->facts[k].person);
    pfc_free(d->facts[k].row);
  }
  pfc_free(d->rows);
  pfc_catalogue_destroy(d->cat);
  pfc_history_destroy(d->history);
}
