/* Feeds that stop: units, sources, kinds, providers, whole tables of which no rows come any
 * more. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/drift_internal.h"

/* A feed that goes on is taken to bring this share of the fewest rows that any stretch of the
 * past, as long as the silence, had. */
static const double SHARE = 0.5;
enum { LEAST_SILENCE = 7 };

/* By what rows of which table are told apart; NULL: not at all. Programmes nobody is led to any
 * more, kinds of events and who recommends are for a policy to change; units and sources are
 * not.
 */
typedef struct parting {
  const char *by;
  int facts; /* index of d->facts; -1: all of them */
  pfc_drift_kind kind;
} parting;

static const parting PARTINGS[] = {
    {NULL, 0, PFC_DRIFT_FEED},        {NULL, 1, PFC_DRIFT_FEED},
    {NULL, 2, PFC_DRIFT_FEED},        {NULL, 3, PFC_DRIFT_FEED},
    {"unit", -1, PFC_DRIFT_FEED},     {"source", 1, PFC_DRIFT_FEED},
    {"provider", 0, PFC_DRIFT_WORLD}, {"kind", 0, PFC_DRIFT_WORLD},
    {"kind", 2, PFC_DRIFT_WORLD},     {"actor", 2, PFC_DRIFT_WORLD},
};

/* The rows of each part on each day from `first` to the last of the dataset. */
typedef struct parts {
  const pfc__drift *d;
  const parting *by;
  const pfc_dict *names;  /* NULL: one part, the table */
  const int32_t *codes;   /* of the table's rows; NULL: see part_of() */
  const int32_t *code_of; /* of interventions */
  int32_t n, n_days;
  int32_t *rows; /* n x n_days */
  int32_t *all;  /* n_days: of all parts */
} parts;

/* Rows that are lacking: in so many days before the end there were `rows`, in any stretch as
 * long before them `fewest` at least. */
typedef struct lack {
  int32_t part, days;
  int64_t rows, fewest;
  double p; /* of no more rows, had half of the fewest been due */
} lack;

static int32_t part_of(const parts *q, const pfc__facts *f, int64_t i) {
  if (!q->by->by) return 0;
  if (q->by->facts < 0) return pfc_history_unit(q->d->history, f->person[i], f->day[i]);
  if (q->codes) return q->codes[f->row[i]];
  const int32_t *item = pfc_dataset_codes(q->d->ds, f->table, "intervention_id");
  const int32_t at = item ? item[f->row[i]] : -1;
  const int64_t row = at >= 0 ? q->d->cat->row[at] : -1;
  return row >= 0 && q->code_of ? q->code_of[row] : -1;
}

static void count(const parts *q, const pfc__facts *f) {
  for (int64_t i = pfc__facts_from(f, q->d->first); i < f->n; i++) {
    const int32_t part = part_of(q, f, i);
    if (part >= 0) q->rows[(int64_t)part * q->n_days + (f->day[i] - q->d->first)]++;
  }
}

static pfc_status parts_init(parts *q, const pfc__drift *d, const parting *by, pfc_error *err) {
  pfc_status st = PFC_OK;
  *q = (parts){.d = d, .by = by, .n = 1, .n_days = d->last - d->first + 1};
  if (by->by) {
    const pfc_table_id of = by->facts < 0 ? PFC_PEOPLE : d->facts[by->facts].table;
    const pfc_column *own = by->facts < 0 ? NULL : pfc_dataset_column(d->ds, of, by->by);
    const pfc_column *item = pfc_dataset_column(d->ds, PFC_INTERVENTIONS, by->by);
    q->n = 0;
    if (by->facts < 0)
      q->names = pfc_dataset_find_dict(d->ds, "unit");
    else if (own && own->type == PFC_CODE)
      q->codes = own->code, q->names = own->dict;
    else if (!own && item && item->type == PFC_CODE)
      q->code_of = item->code, q->names = item->dict;
    if (q->names) q->n = pfc_dict_size(q->names);
  }
  PFC_NEW(q->all, q->n_days);
  PFC_NEW(q->rows, (size_t)q->n * (size_t)q->n_days);
  for (int k = 0; k < PFC__N_FACTS && q->n > 0; k++)
    if (by->facts < 0 || by->facts == k) count(q, &d->facts[k]);
  for (int64_t i = 0; i < (int64_t)q->n * q->n_days; i++) q->all[i % q->n_days] += q->rows[i];
done:
  return st;
}

/* People of a unit on a day, who have not left. */
static int32_t heads(const pfc__drift *d, int32_t unit, int32_t day) {
  const int32_t *left = pfc_dataset_dates(d->ds, PFC_PEOPLE, "left_on");
  int32_t n = 0;
  for (int32_t p = 0; p < d->n_people; p++) {
    const int64_t row = d->history->people_row[p];
    if (left && row >= 0 && left[row] != PFC_NO_DATE && left[row] < day) continue;
    n += pfc_history_unit(d->history, p, day) == unit;
  }
  return n;
}

/* A unit that shrank brings fewer rows. */
static double shrunk(const parts *q, const lack *s) {
  const pfc__drift *d = q->d;
  if (q->by->facts >= 0) return 1;
  const int32_t then =
      heads(d, s->part, d->last - s->days - (d->last - s->days - d->first) / 2);
  const int32_t now = heads(d, s->part, d->last);
  return then > 0 && now < then ? (double)now / then : 1;
}

/* Rows of rows[n_days] in the last days, and the fewest in any stretch as long before them,
 * from the first row on. False where those are too few. */
static bool hold(const int32_t *rows, int32_t n_days, int32_t days, int64_t *now,
                 int64_t *fewest) {
  const int32_t end = n_days - days;
  int32_t begin = 0;
  int64_t sum = 0;
  while (begin < end && rows[begin] == 0) begin++;
  if (end - begin < 2 * days) return false;
  *now = 0;
  *fewest = INT64_MAX;
  for (int32_t t = begin; t < end; t++) {
    sum += rows[t];
    if (t - begin >= days) sum -= rows[t - days];
    if (t - begin >= days - 1 && sum < *fewest) *fewest = sum;
  }
  for (int32_t t = end; t < n_days; t++) *now += rows[t];
  return true;
}

/* Where all parts together bring fewer rows, each does. */
static double dwindled(const parts *q, int32_t days) {
  int64_t now, fewest;
  if (!q->by->by || !hold(q->all, q->n_days, days, &now, &fewest)) return 1;
  return now < fewest ? (double)now / (double)fewest : 1;
}

/* Leaves p at 1 where nothing lacks. */
static void measure(const parts *q, int32_t part, int32_t days, lack *s) {
  const int32_t *rows = q->rows + (int64_t)part * q->n_days;
  *s = (lack){.part = part, .days = days, .p = 1};
  if (!hold(rows, q->n_days, days, &s->rows, &s->fewest)) return;
  const double half = SHARE * (double)s->fewest;
  if ((double)s->rows >= half) return;
  const double due = half * dwindled(q, days) * shrunk(q, s);
  if ((double)s->rows < due) s->p = 1 - pfc__poisson_tail(s->rows + 1, due);
}

/* Offers may come by campaigns, with silence between them. */
static bool is_steady(const parts *q) {
  return q->by->facts < 0 || !q->d->facts[q->by->facts].is_steered;
}

/* The days since its last row, and all newest days: the more telling of the two. False where
 * the part is new. */
static bool listen(const parts *q, int32_t part, lack *s) {
  const int32_t *rows = q->rows + (int64_t)part * q->n_days;
  const int32_t n_before = q->d->from - q->d->first;
  int32_t end = q->n_days, begin = 0;
  lack whole;
  while (begin < n_before && rows[begin] == 0) begin++;
  if (begin == n_before) return false;
  while (end > begin && rows[end - 1] == 0) end--;
  measure(q, part, q->d->window, &whole);
  *s = whole;
  if (is_steady(q) && q->n_days - end >= LEAST_SILENCE) measure(q, part, q->n_days - end, s);
  if (whole.p < s->p) *s = whole;
  return true;
}

static const char *name_of(const parts *q, int32_t part) {
  return q->names ? pfc_dict_text(q->names, part) : "all";
}

static pfc_status tell(pfc__drift *d, const parts *q, const lack *s, int32_t n_heard,
                       pfc_error *err) {
  const bool of_people = q->by->facts < 0;
  pfc__drift_row *row = pfc__drift_add(d, "silence", q->by->kind, err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->of, sizeof row->of, "%s%s%s",
                 of_people ? "people" : pfc_schema(d->facts[q->by->facts].table)->name,
                 q->by->by ? "." : "", q->by->by ? q->by->by : "");
  for (int32_t part = 0; part < q->n; part++)
    for (int32_t t = d->from - d->first; t < q->n_days; t++)
      row->n += q->rows[(int64_t)part * q->n_days + t];
  row->p = 1;
  if (s->part < 0) return PFC_OK;
  row->figure = (double)s->rows / (double)s->fewest;
  row->limit = SHARE;
  row->beyond = true;
  /* Both lengths of all parts were looked at. */
  row->p = fmin(1, 2.0 * n_heard * s->p);
  (void)snprintf(row->note, sizeof row->note,
                 "%s: %lld rows in the last %d days; before, never fewer than %lld in as many",
                 name_of(q, s->part), (long long)s->rows, s->days, (long long)s->fewest);
  return PFC_OK;
}

static pfc_status look(pfc__drift *d, const parting *by, pfc_error *err) {
  pfc_status st = PFC_OK;
  parts q;
  lack worst = {.part = -1, .p = 1}, s;
  int32_t n_heard = 0;
  PFC_TRY(parts_init(&q, d, by, err));
  for (int32_t part = 0; part < q.n; part++) {
    if (!listen(&q, part, &s)) continue;
    n_heard++;
    if (s.p < worst.p) worst = s;
  }
  if (n_heard > 0) PFC_TRY(tell(d, &q, &worst, n_heard, err));
done:
  pfc_free(q.rows);
  pfc_free(q.all);
  return st;
}

pfc_status pfc__drift_silence(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (size_t k = 0; k < sizeof PARTINGS / sizeof *PARTINGS; k++)
    PFC_TRY(look(d, &PARTINGS[k], err));
done:
  return st;
}
