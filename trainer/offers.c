#include "trainer/offers.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/mem.h"
#include "trainer/offers_internal.h"

enum { LEAST_DAYS = 60 };
static const double ANSWERED = 0.95, LEAST_SILENT = 0.25;

/* What a row of feedback is to an offer. */
typedef enum meaning { NOTHING, OFFER, YES, NO, OVERRIDDEN } meaning;

typedef struct event {
  int32_t person, intervention;
  int64_t at; /* seconds */
  meaning is;
  int64_t row;
} event;

typedef struct reading {
  const pfc_history *h;
  int64_t n_events;
  event *events;   /* by person, intervention, time, row */
  int64_t last_at; /* of all events */
  int64_t n_delays;
  int64_t *delay; /* seconds from offers to answers */
  int64_t n_silent;
  event *silent;                      /* offers without an answer */
  int64_t n_shown, n_unasked, n_told; /* as in pfc_offers */
  int64_t capacity, n_offers;
  pfc_offer *offers;
  pfc__item_rows mandates;
} reading;

static void reading_clear(reading *r) {
  pfc_free(r->events);
  pfc_free(r->delay);
  pfc_free(r->silent);
  pfc_free(r->offers);
  pfc__item_rows_clear(&r->mandates);
}

/* --- rows by intervention --------------------------------------------------------------- */

pfc_status pfc__item_rows_init(pfc__item_rows *r, const pfc_dataset *ds, pfc_table_id table,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t n_items = pfc_dataset_count(ds, "intervention");
  const int64_t n = ds->tables[table].n_rows;
  const int32_t *item = pfc_dataset_codes(ds, table, "intervention_id");
  int64_t *next = NULL;
  PFC_NEW(r->first, (size_t)n_items + 1);
  PFC_NEW(r->row, n);
  PFC_NEW(next, (size_t)n_items + 1);
  for (int64_t k = 0; item && k < n; k++)
    if (item[k] >= 0) r->first[item[k] + 1]++;
  for (int32_t i = 0; i < n_items; i++) next[i + 1] = r->first[i + 1] += r->first[i];
  for (int64_t k = 0; item && k < n; k++)
    if (item[k] >= 0) r->row[next[item[k]]++] = k;
done:
  pfc_free(next);
  return st;
}

void pfc__item_rows_clear(pfc__item_rows *r) {
  pfc_free(r->first);
  pfc_free(r->row);
}

/* --- mandates ---------------------------------------------------------------------------- */

static bool holds(const int32_t *wanted, int64_t row, int32_t held) {
  const int32_t code = wanted ? wanted[row] : -1;
  return code < 0 || code == held;
}

/* Required of the role and unit held the day before, as features see it. */
static bool is_mandated(const reading *r, const pfc_decision *d) {
  const pfc_dataset *ds = r->h->ds;
  const int32_t *roles = pfc_dataset_codes(ds, PFC_MANDATES, "role_id");
  const int32_t *units = pfc_dataset_codes(ds, PFC_MANDATES, "unit_id");
  const int32_t role = pfc_history_role(r->h, d->person, d->date - 1);
  const int32_t unit = pfc_history_unit(r->h, d->person, d->date - 1);
  const int64_t *first = r->mandates.first + d->intervention;
  for (int64_t k = first[0]; k < first[1]; k++) {
    const int64_t row = r->mandates.row[k];
    if (holds(roles, row, role) && holds(units, row, unit)) return true;
  }
  return false;
}

/* --- events ------------------------------------------------------------------------------ */

static meaning meaning_of(const pfc_dict *kinds, int32_t code) {
  static const struct {
    const char *word;
    meaning is;
  } WORDS[] = {{"shown", OFFER},   {"accepted", YES}, {"started", YES},
               {"completed", YES}, {"declined", NO},  {"overridden", OVERRIDDEN}};
  for (size_t k = 0; code >= 0 && k < sizeof WORDS / sizeof *WORDS; k++)
    if (pfc_dict_find(kinds, WORDS[k].word) == code) return WORDS[k].is;
  return NOTHING;
}

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int in_turn(const void *a, const void *b) {
  const event *x = a, *y = b;
  if (x->person != y->person) return compare(x->person, y->person);
  if (x->intervention != y->intervention) return compare(x->intervention, y->intervention);
  if (x->at != y->at) return compare(x->at, y->at);
  return compare(x->row, y->row);
}

static pfc_status read_events(reading *r, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_dataset *ds = r->h->ds;
  const int64_t n = ds->tables[PFC_FEEDBACK].n_rows;
  const int32_t *person = pfc_dataset_codes(ds, PFC_FEEDBACK, "person_id");
  const int32_t *item = pfc_dataset_codes(ds, PFC_FEEDBACK, "intervention_id");
  const pfc_column *kind = pfc_dataset_column(ds, PFC_FEEDBACK, "kind");
  const pfc_column *at = pfc_dataset_column(ds, PFC_FEEDBACK, "at");
  PFC_NEW(r->events, n);
  if (!person || !item || !kind || !at) goto done;
  r->last_at = INT64_MIN;
  for (int64_t k = 0; k < n; k++) {
    const meaning is = meaning_of(kind->dict, kind->code[k]);
    if (at->time[k] == PFC_NO_TIME || person[k] < 0 || item[k] < 0 || is == NOTHING) continue;
    r->events[r->n_events++] = (event){person[k], item[k], at->time[k], is, k};
    if (at->time[k] > r->last_at) r->last_at = at->time[k];
  }
  qsort(r->events, (size_t)r->n_events, sizeof *r->events, in_turn);
done:
  return st;
}

/* --- offers ------------------------------------------------------------------------------ */

static int32_t day_of(int64_t at) { return (int32_t)(at / PFC_DAY_S - (at % PFC_DAY_S < 0)); }

static pfc_status add_offer(reading *r, const event *offer, bool accepted, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc_decision d = {offer->person, offer->intervention, -1, day_of(offer->at), -1, -1};
  if (is_mandated(r, &d)) {
    r->n_told++;
    return PFC_OK;
  }
  PFC_RESERVE(r->offers, r->capacity, r->n_offers + 1);
  r->offers[r->n_offers++] = (pfc_offer){d, accepted, offer->row};
done:
  return st;
}

static bool is_same_pair(const event *a, const event *b) {
  return a->person == b->person && a->intervention == b->intervention;
}

/* One offer at events[k], or an answer without one; *next is where its story ends. */
static pfc_status read_offer(reading *r, int64_t k, int64_t *next, pfc_error *err) {
  const event *first = &r->events[k], *end = r->events + r->n_events, *e = first;
  if (first->is == OFFER) e++;
  r->n_shown += first->is == OFFER;
  r->n_unasked += first->is != OFFER;
  const bool answered = e < end && is_same_pair(first, e) && e->is != OFFER;
  if (!answered) {
    *next = k + 1;
    r->silent[r->n_silent++] = *first;
    return PFC_OK;
  }
  /* What follows an answer (started, completed) tells of the same decision. */
  const event *answer = e;
  while (e < end && is_same_pair(first, e) && e->is != OFFER) e++;
  *next = e - r->events;
  if (answer->is == OVERRIDDEN) {
    r->n_told++;
    return PFC_OK;
  }
  if (first->is == OFFER) r->delay[r->n_delays++] = answer->at - first->at;
  return add_offer(r, first, answer->is == YES, err);
}

static int by_length(const void *a, const void *b) {
  return compare(*(const int64_t *)a, *(const int64_t *)b);
}

/* Seconds after which an offer has had time to be answered. */
static int64_t time_to_answer(reading *r) {
  const int64_t least = (int64_t)LEAST_DAYS * PFC_DAY_S;
  if (r->n_delays == 0) return least;
  qsort(r->delay, (size_t)r->n_delays, sizeof *r->delay, by_length);
  const int64_t most = r->delay[(int64_t)(ANSWERED * (double)(r->n_delays - 1))];
  return most > least ? most : least;
}

/* Offers without an answer: those that had time for one come first, in *n of them. */
static bool is_silence_an_answer(reading *r, int64_t *n) {
  const int64_t patience = time_to_answer(r);
  *n = 0;
  for (int64_t k = 0; k < r->n_silent; k++)
    if (r->last_at - r->silent[k].at > patience) r->silent[(*n)++] = r->silent[k];
  return *n > 0 && (double)*n >= LEAST_SILENT * (double)(r->n_delays + *n);
}

static int by_day(const void *a, const void *b) {
  const pfc_offer *x = a, *y = b;
  if (x->d.date != y->d.date) return x->d.date < y->d.date ? -1 : 1;
  return compare(x->row, y->row);
}

static void hand_over(reading *r, pfc_offers *o) {
  qsort(r->offers, (size_t)r->n_offers, sizeof *r->offers, by_day);
  o->n = r->n_offers;
  o->at = r->offers;
  o->n_shown = r->n_shown;
  o->n_unasked = r->n_unasked;
  o->n_told = r->n_told;
  for (int64_t k = 0; k < o->n; k++) o->n_accepted += o->at[k].accepted;
  r->offers = NULL;
}

pfc_status pfc_offers_create(const pfc_history *h, pfc_offers **offers, pfc_error *err) {
  pfc_status st = PFC_OK;
  reading r = {.h = h};
  pfc_offers *o = NULL;
  int64_t n_silent = 0;
  PFC_NEW(o, 1);
  PFC_TRY(pfc__item_rows_init(&r.mandates, h->ds, PFC_MANDATES, err));
  PFC_TRY(read_events(&r, err));
  PFC_NEW(r.delay, r.n_events);
  PFC_NEW(r.silent, r.n_events);
  PFC_RESERVE(r.offers, r.capacity, r.n_events + 1);
  for (int64_t k = 0; k < r.n_events;) PFC_TRY(read_offer(&r, k, &k, err));
  o->silent_no = is_silence_an_answer(&r, &n_silent);
  o->n_silent = n_silent;
  o->n_unanswered = r.n_silent;
  for (int64_t k = 0; o->silent_no && k < n_silent; k++)
    PFC_TRY(add_offer(&r, &r.silent[k], false, err));
  hand_over(&r, o);
  *offers = o;
  o = NULL;
done:
  reading_clear(&r);
  pfc_offers_destroy(o);
  return st;
}

void pfc_offers_destroy(pfc_offers *offers) {
  if (!offers) return;
  pfc_free(offers->at);
  pfc_free(offers);
}
