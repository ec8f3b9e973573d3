/* Numbers of one source that lie elsewhere, or wider apart, than they did. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/drift_internal.h"

/* People learn, raters grow milder, easier courses come: means move by less than this many
 * standard deviations in a year, and spreads by less than this factor. */
static const double SHIFT = 0.5, STRETCH = 1.5;
enum { LEAST_PEOPLE = 5 };

static const struct {
  int facts; /* index of d->facts */
  const char *value, *by;
} SCALES[] = {
    {1, "level", "source"},
    {0, "score", NULL},
    {0, "rating", NULL},

};

/* Numbers of one source. */
typedef struct numbers {
  const pfc__facts *f;
  const double *value;
  const int32_t *code; /* NULL: all are of one source */
  int32_t of;
} numbers;

/* By people: numbers, their sum, and the squares of what they differ from a middle. */
typedef struct sums {
  double *count, *sum, *squares;
} sums;

static bool is_of(const numbers *q, int64_t i) {
  const int64_t row = q->f->row[i];
  return (!q->code || q->code[row] == q->of) && isfinite(q->value[row]);
}

typedef struct side {
  pfc__ratio mean, spread; /* variance about the mean */
} side;

/* Numbers of facts first .. last - 1, less `middle`, in units of `unit`. */
static side measure(const numbers *q, int32_t n_people, int64_t first, int64_t last,
                    double middle, double unit, const sums *s) {
  side out;
  const size_t size = (size_t)n_people * sizeof(double);
  memset(s->count, 0, size);
  memset(s->sum, 0, size);
  memset(s->squares, 0, size);
  for (int64_t i = first; i < last; i++) {
    if (!is_of(q, i)) continue;
    s->count[q->f->person[i]]++;
    s->sum[q->f->person[i]] += (q->value[q->f->row[i]] - middle) / unit;
  }
  out.mean = pfc__people_ratio(n_people, s->sum, s->count);
  for (int64_t i = first; i < last; i++) {
    if (!is_of(q, i)) continue;
    const double x = (q->value[q->f->row[i]] - middle) / unit - out.mean.value;
    s->squares[q->f->person[i]] += x * x;
  }
  out.spread = pfc__people_ratio(n_people, s->squares, s->count);
  return out;
}

static pfc_status add_row(pfc__drift *d, const char *name, const char *of, double figure,
                          double limit, double z, const side *now, const side *then,
                          pfc_error *err) {
  const int32_t least =
      now->mean.n_people < then->mean.n_people ? now->mean.n_people : then->mean.n_people;
  pfc__drift_row *row = pfc__drift_add(d, name, PFC_DRIFT_FEED, err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->of, sizeof row->of, "%s", of);
  row->figure = figure;
  row->limit = limit;
  row->beyond = z > 0;
  row->p = fmin(1, 2 * pfc__student_tail(z, least - 1.0));
  row->n = (int64_t)now->mean.count;
  return PFC_OK;
}

static pfc_status compare(pfc__drift *d, const numbers *q, const char *of, const sums *s,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  const int64_t first = pfc__facts_from(q->f, d->first), from = pfc__facts_from(q->f, d->from);
  const side raw = measure(q, d->n_people, first, from, 0, 1, s);
  const double unit = sqrt(raw.spread.value);
  if (raw.mean.n_people < LEAST_PEOPLE || !(unit > 0)) return PFC_OK;
  const side then = measure(q, d->n_people, first, from, raw.mean.value, unit, s);
  const side now = measure(q, d->n_people, from, q->f->n, raw.mean.value, unit, s);
  if (now.mean.n_people < LEAST_PEOPLE) return PFC_OK;
  const double shift = now.mean.value, stretch = sqrt(now.spread.value);
  /* All alike is a scale of one point: as narrow as can be told. */
  const double wide = fmax(stretch, 1e-6);
  /* Of the log of a root of a variance: half the relative error of the variance. */
  const double wide_se = 0.5 * hypot(now.spread.se / (wide * wide), then.spread.se);
  PFC_TRY(add_row(d, "scale", of, shift, shift < 0 ? -SHIFT : SHIFT,
                  (fabs(shift) - SHIFT) / hypot(now.mean.se, then.mean.se), &now, &then, err));
  (void)snprintf(d->rows[d->n_rows - 1].note, PFC__DRIFT_NOTE,
                 "mean %.4g, before %.4g, in standard deviations",
                 raw.mean.value + unit * shift, raw.mean.value);
  PFC_TRY(add_row(d, "stretch", of, stretch, stretch < 1 ? 1 / STRETCH : STRETCH,
                  (fabs(log(wide)) - log(STRETCH)) / wide_se, &now, &then, err));
  (void)snprintf(d->rows[d->n_rows - 1].note, PFC__DRIFT_NOTE,
                 "standard deviation %.4g, before %.4g", unit * stretch, unit);
done:
  return st;
}

static pfc_status look(pfc__drift *d, int scale, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__facts *f = &d->facts[SCALES[scale].facts];
  const pfc_column *by =
      SCALES[scale].by ? pfc_dataset_column(d->ds, f->table, SCALES[scale].by) : NULL;
  numbers q = {.f = f, .value = pfc_dataset_reals(d->ds, f->table, SCALES[scale].value)};
  sums s = {NULL, NULL, NULL};
  char of[PFC__DRIFT_OF];
  if (!q.value || (by && by->type != PFC_CODE)) return PFC_OK;
  PFC_NEW(s.count, d->n_people);
  PFC_NEW(s.sum, d->n_people);
  PFC_NEW(s.squares, d->n_people);
  q.code = by ? by->code : NULL;
  const int32_t n = by ? pfc_dict_size(by->dict) : 1;
  for (q.of = 0; q.of < n; q.of++) {
    (void)snprintf(of, sizeof of, "%s.%s%s%s", pfc_schema(f->table)->name, SCALES[scale].value,
                   by ? " of " : "", by ? pfc_dict_text(by->dict, q.of) : "");
    PFC_TRY(compare(d, &q, of, &s, err));
  }
done:
  pfc_free(s.count);
  pfc_free(s.sum);
  pfc_free(s.squares);
  return st;
}

pfc_status pfc__drift_scale(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (size_t k = 0; k < sizeof SCALES / sizeof *SCALES; k++) PFC_TRY(look(d, (int)k, err));
done:
  return st;
}
