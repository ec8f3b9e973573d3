/* Rows a day of each table, against stretches of its own past. */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "trainer/drift_internal.h"

/* Seasons, reviews and campaigns make some months fuller than others: what no stretch of the
 * past year came near is no season. */
static const double MORE = 1.5, LESS = 0.5;
static const double BURST = 2; /* times the fullest day */
enum { WEEK = 7, LEAST_ROWS = 50, LEAST_STRETCHES = 2 };

static pfc_drift_kind kind_of(const pfc__facts *f) {
  return f->is_steered ? PFC_DRIFT_WORLD : PFC_DRIFT_FEED;
}

static int64_t between(const pfc__facts *f, int32_t from, int32_t to) {
  return pfc__facts_from(f, to) - pfc__facts_from(f, from);
}

/* Rows of the stretches of d->window days before the newest: of the fullest and emptiest. */
typedef struct past {
  int n; /* stretches */
  int64_t most, least;
  double phi; /* variance of a week's rows over their mean, at least 1 */
} past;

static void look_back(const pfc__drift *d, const pfc__facts *f, past *of) {
  const int32_t begin = f->day[0] > d->first ? f->day[0] : d->first;
  double n = 0, sum = 0, squares = 0;
  *of = (past){.least = INT64_MAX};
  for (int32_t to = d->from; to - d->window >= begin; to -= d->window) {
    const int64_t rows = between(f, to - d->window, to);
    of->n++;
    of->most = rows > of->most ? rows : of->most;
    of->least = rows < of->least ? rows : of->least;
  }
  for (int32_t to = d->from; to - WEEK >= begin; to -= WEEK) {
    const double rows = (double)between(f, to - WEEK, to);
    n++;
    sum += rows;
    squares += rows * rows;
  }
  of->phi = n > 1 && sum > 0 ? (squares - sum * sum / n) / (n - 1) / (sum / n) : 1;
  of->phi = fmax(of->phi, 1);
}

/* The ratio to the fullest stretch where it is above it, to the emptiest otherwise; chance of
 * one so far beyond its limit where counts of rows are phi times as variable as a Poisson's. */
static void compare(double now, int64_t n, const past *of, pfc__drift_row *row) {
  const bool is_more = now >= (double)of->least;
  const double then = (double)(is_more ? of->most : of->least);
  const double se = sqrt(of->phi * (1 / fmax((double)n, 1) + 1 / fmax(then, 1)));
  row->figure = now / then;
  row->limit = is_more ? MORE : LESS;
  const double above = log(fmax(row->figure, 1e-9) / row->limit);
  row->beyond = is_more ? above > 0 : above < 0;
  row->p = fmin(1, 2 * pfc__normal_tail((is_more ? above : -above) / se));
}

static pfc_status tell_volume(pfc__drift *d, const pfc__facts *f, const past *of,
                              pfc_error *err) {
  const double days = d->last - d->from + 1.0;
  const int64_t n = between(f, d->from, d->last + 1);
  pfc__drift_row *row = pfc__drift_add(d, "volume", kind_of(f), err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->of, sizeof row->of, "%s", pfc_schema(f->table)->name);
  row->n = n;
  compare((double)n * d->window / days, n, of, row);
  (void)snprintf(row->note, sizeof row->note,
                 "%.1f rows a day; in stretches of %d days before, %.1f to %.1f",
                 (double)n / days, d->window, (double)of->least / d->window,
                 (double)of->most / d->window);
  return PFC_OK;
}

/* Rows of the fullest day from `from` on, before `to`; *day: it. */
static int64_t fullest(const pfc__facts *f, int32_t from, int32_t to, int32_t *day) {
  int64_t most = 0;
  for (int64_t i = pfc__facts_from(f, from), end; i < f->n && f->day[i] < to; i = end) {
    for (end = i; end < f->n && f->day[end] == f->day[i];) end++;
    if (end - i <= most) continue;
    most = end - i;
    *day = f->day[i];
  }
  return most;
}

static pfc_status tell_burst(pfc__drift *d, const pfc__facts *f, pfc_error *err) {
  int32_t day = d->from, earlier = 0;
  char text[PFC_DATE_TEXT];
  const int64_t now = fullest(f, d->from, d->last + 1, &day);
  const int64_t then = fullest(f, d->first, d->from, &earlier);
  pfc__drift_row *row = pfc__drift_add(d, "burst", kind_of(f), err);
  if (!row) return PFC_ENOMEM;
  (void)snprintf(row->of, sizeof row->of, "%s", pfc_schema(f->table)->name);
  pfc_date_format(day, text);
  row->figure = (double)now / (double)then;
  row->limit = BURST;
  row->n = between(f, d->from, d->last + 1);
  row->beyond = row->figure > BURST;
  row->p = fmin(1, (d->last - d->from + 1) * pfc__poisson_tail(now, BURST * (double)then));
  (void)snprintf(row->note, sizeof row->note, "%lld rows on %s; on the fullest day before %lld",
                 (long long)now, text, (long long)then);
  return PFC_OK;
}

static pfc_status look(pfc__drift *d, const pfc__facts *f, pfc_error *err) {
  pfc_status st = PFC_OK;
  past of;
  if (f->n == 0) return PFC_OK;
  look_back(d, f, &of);
  if (of.n < LEAST_STRETCHES || of.least < 1 || between(f, d->first, d->from) < LEAST_ROWS)
    return PFC_OK;
  PFC_TRY(tell_volume(d, f, &of, err));
  PFC_TRY(tell_burst(d, f, err));
done:
  return st;
}

pfc_status pfc__drift_volume(pfc__drift *d, pfc_error *err) {
  pfc_status st = PFC_OK;
  for (int k = 0; k < PFC__N_FACTS; k++) PFC_TRY(look(d, &d->facts[k], err));
done:
  return st;
}
