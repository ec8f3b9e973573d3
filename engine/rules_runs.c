/* What holds for everybody on the day: what is open, which runs are full, how many hours a week
 * each candidate asks for. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/rules_internal.h"

/* An enrolment that never ended is given up after a year, or twice the weeks it takes. */
enum { STALE_DAYS = 365 };

/* --- enrolments ----------------------------------------------------------------------------
 */

bool pfc__rules_is_known(const pfc_rules *r, const pfc_attempt *a) {
  if (!r->history->dated || r->as_of == PFC_NO_DATE) return true;
  return a->registered != PFC_NO_DATE && a->registered < r->as_of;
}

static bool was_called_off(const pfc_rules *r, const pfc_attempt *a) {
  return !a->started && r->status && r->status[a->row] >= 0 && r->status[a->row] == r->dropped;
}

static bool is_stale(const pfc_rules *r, const pfc_attempt *a) {
  const int32_t began = a->started ? a->start : a->registered;
  const double weeks = r->cat->weeks[a->intervention];
  if (began == PFC_NO_DATE || r->as_of == PFC_NO_DATE) return false;
  return (double)r->as_of - began > fmax(STALE_DAYS, isnan(weeks) ? 0 : 14 * weeks);
}

bool pfc__rules_is_under_way(const pfc_rules *r, const pfc_attempt *a) {
  if (a->end != PFC_NO_DATE) return r->as_of != PFC_NO_DATE && a->end >= r->as_of;
  if (was_called_off(r, a) || is_stale(r, a)) return false;
  if (pfc_attempt_result(a, r->as_of) != -1) return false;
  const int32_t status = r->status ? r->status[a->row] : -1;
  return status < 0 ? r->has_ends : status != r->completed;
}

/* --- seats ---------------------------------------------------------------------------------
 */

/* First and last day to begin in a run. */
typedef struct run {
  int32_t from, to; /* to = PFC_NO_DATE: there are no runs */
} run;

static run run_of(const pfc_rules *r, int32_t i) {
  const run none = {0, PFC_NO_DATE};
  const int32_t opens = r->cat->opens_on[i], closes = r->cat->closes_on[i];
  const int32_t recurs = r->cat->recurs_months[i];
  if (closes == PFC_NO_DATE || r->as_of == PFC_NO_DATE) return none;
  if (opens == PFC_NO_DATE) return r->as_of > closes ? none : (run){INT32_MIN + 1, closes};
  if (recurs == 0 || r->as_of < opens) return (run){opens, closes};
  int day;
  const int64_t passed = pfc_date_month(r->as_of, &day) - pfc_date_month(opens, &day);
  int64_t runs = passed / recurs;
  if (pfc_date_add_months(opens, runs * recurs) > r->as_of) runs--;
  return (run){pfc_date_add_months(opens, runs * recurs),
               pfc_date_add_months(closes, runs * recurs)};
}

static bool takes_seat(const pfc_rules *r, const pfc_attempt *a, const run *of) {
  if (!pfc__rules_is_known(r, a) || was_called_off(r, a)) return false;
  if (of->to == PFC_NO_DATE) return pfc__rules_is_under_way(r, a);
  return a->start != PFC_NO_DATE && a->start >= of->from && a->start <= of->to;
}

static pfc_status count_seats(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  run *runs = NULL;
  PFC_NEW(runs, r->n);
  for (int32_t i = 0; i < r->cat->n_interventions; i++) {
    const int32_t j = r->candidate_of[i];
    const int64_t row = r->cat->row[i];
    if (j < 0 || row < 0 || r->seats[row] <= 0) continue;
    r->taken[j] = 0;
    runs[j] = run_of(r, i);
  }
  const pfc_history *h = r->history;
  for (int64_t k = 0; k < h->first_attempt[h->n_people]; k++) {
    const int32_t j = r->candidate_of[h->attempts[k].intervention];
    if (j >= 0 && r->taken[j] >= 0) r->taken[j] += takes_seat(r, &h->attempts[k], &runs[j]);
  }
  for (int32_t i = 0; i < r->cat->n_interventions; i++) {
    const int32_t j = r->candidate_of[i];
    if (j < 0 || r->taken[j] < 0 || pfc_bit(r->closed, j)) continue;
    if (r->taken[j] >= r->seats[r->cat->row[i]]) pfc__set_bit(r->full, j);
  }
done:
  pfc_free(runs);
  return st;
}

pfc_status pfc__rules_runs(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_column *column = pfc_dataset_column(r->ds, PFC_INTERVENTIONS, "seats");
  r->seats = column && column->type == PFC_INT ? column->i32 : NULL;
  PFC_NEW(r->closed, r->n_words);
  PFC_NEW(r->full, r->n_words);
  PFC_NEW(r->taken, r->n);
  for (int32_t j = 0; j < r->n; j++) r->taken[j] = -1;
  for (int32_t i = 0; i < r->cat->n_interventions; i++) {
    const int32_t j = r->candidate_of[i];
    if (j >= 0 && !pfc_catalogue_is_open(r->cat, i, r->as_of)) pfc__set_bit(r->closed, j);
  }
  if (r->seats) PFC_TRY(count_seats(r, err));
done:
  return st;
}

void pfc__rules_seats(const pfc_rules *r, int32_t intervention, double *seats, double *taken) {
  const int32_t j = r->candidate_of[intervention];
  *seats = *taken = (double)NAN;
  if (j < 0 || r->taken[j] < 0) return;
  *seats = r->seats[r->cat->row[intervention]];
  *taken = r->taken[j];
}

/* --- hours ---------------------------------------------------------------------------------
 */

double pfc__rules_load(const pfc_catalogue *cat, int32_t intervention) {
  const double hours = cat->hours[intervention], weeks = cat->weeks[intervention];
  return weeks > 0 && !isnan(hours) ? hours / weeks : (double)NAN;
}

typedef struct heft {
  double load;
  int32_t at;
} heft;

static int by_load(const void *a, const void *b) {
  const heft *x = a, *y = b;
  if (x->load != y->load) return x->load < y->load ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

pfc_status pfc__rules_loads(pfc_rules *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  heft *sorted = NULL;
  pfc__loads *l = &r->loads;
  PFC_NEW(sorted, r->n);
  for (int32_t i = 0; i < r->cat->n_interventions; i++) {
    const double load = pfc__rules_load(r->cat, i);
    if (r->candidate_of[i] >= 0 && !isnan(load))
      sorted[l->n++] = (heft){load, r->candidate_of[i]};
  }
  qsort(sorted, (size_t)l->n, sizeof *sorted, by_load);
  PFC_NEW(l->load, l->n);
  PFC_NEW(l->at, l->n);
  PFC_NEW(l->heavy, ((size_t)l->n / 64 + 1) * (size_t)r->n_words);
  for (int32_t k = 0; k < l->n; k++) {
    l->load[k] = sorted[k].load;
    l->at[k] = sorted[k].at;
    for (int32_t b = 0; b <= k / 64; b++)
      pfc__set_bit(l->heavy + (ptrdiff_t)b * r->n_words, sorted[k].at);
  }
done:
  pfc_free(sorted);
  return st;
}
