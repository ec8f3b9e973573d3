/* The history, month by month: everybody is offered something and answers, and who had a seat
 * begins, which decides how it ends and what is learned when; at the end of the month seats are
 * given out in the order of enrolment, for starts from the next month on. So nobody depends on
 * anybody else within a month, and every draw sees all gains that lie before its day. */
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "datasets/simulate_history_internal.h"

enum { BUSY = 3 };                          /* that many under way leave no time for another */
static const double MANDATE_A_MONTH = 0.35; /* that who must take something is told so */
static const double MANDATE_TAKEN = 0.95;
static const double BIAS_OFFERS = -0.4; /* what `bias` costs in opportunities, as a logarithm */
static const double MOTIVATED_OFFERS = 0.4; /* hard: the motivated are asked more often, and no
                                               table says who they are */

/* --- what is in the way --------------------------------------------------------------- */

enum { FORGOTTEN = 90 }; /* days after which who waited for a seat is asked again */

/* Does this enrolment stand in the way of another one of the same intervention? Who passed
 * needs it no more, unless it expires after some months (0: never). */
static bool stands(const pfc__sim_start *e, int32_t day, int32_t expires_months) {
  switch (e->status) {
    case PFC__SIM_FAILED:
    case PFC__SIM_DROPPED:
      return e->until >= day;
    case PFC__SIM_WAITING:
      return e->enrolled_on + FORGOTTEN >= day;
    case PFC__SIM_PASSED:
      return expires_months == 0 || day < e->until + (int32_t)(expires_months * 30.4);
    default:
      return true;
  }
}

static bool has_taken(const pfc__sim *s, const pfc__sim_past *past, int32_t intervention,
                      int32_t day) {
  for (int32_t k = 0; k < past->n_starts; k++) {
    const pfc__sim_start *e = &past->starts[k];
    if (e->intervention == intervention && stands(e, day, s->mandate_months[intervention]))
      return true;
  }
  return false;
}

static int n_under_way(const pfc__sim_past *past, int32_t day) {
  int n = 0;
  for (int32_t k = 0; k < past->n_starts; k++)
    n += past->starts[k].status != PFC__SIM_WAITING && past->starts[k].until >= day;
  return n;
}

static bool has_passed(const pfc__sim_past *past, int32_t intervention, int32_t day) {
  for (int32_t k = 0; k < past->n_starts; k++) {
    const pfc__sim_start *e = &past->starts[k];
    if (e->intervention == intervention && e->status == PFC__SIM_PASSED && e->until < day)
      return true;
  }
  return false;
}

static bool is_ready(const pfc__sim *s, const pfc__life *life, const pfc__sim_past *past,
                     int32_t i, int32_t day) {
  if (s->requires_intervention[i] >= 0 && !has_passed(past, s->requires_intervention[i], day))
    return false;
  const int32_t c = s->requires_competency[i];
  return c < 0 || pfc__life_level(life, c, day) >= (double)s->requires_level[i];
}

/* --- offers ------------------------------------------------------------------------------ */

enum { NOTICE = 28 }; /* days in which a start on demand falls, from the next month on */

static pfc_status enrol(const pfc__sim *s, pfc__sim_past *past, const pfc__sim_offer *offer,
                        int32_t next_month, pfc_rng *rng, pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t i = offer->intervention;
  const int32_t start =
      pfc__sim_next_start(s, i, next_month + (int32_t)pfc_rng_below(rng, NOTICE));
  PFC_RESERVE(past->starts, past->starts_capacity, past->n_starts + 1);
  pfc__sim_start booking = pfc__sim_booking(s, i, offer->day, start);
  booking.lottery = pfc_rng_next(rng);
  past->starts[past->n_starts++] = booking;
done:
  return st;
}

/* Asks; the answer goes on record, and an acceptance waits for its seat. */
static pfc_status make_offer(const pfc__sim *s, const pfc__life *life, pfc__sim_past *past,
                             pfc__sim_offer *offer, int32_t next_month, pfc_rng *rng,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const int32_t i = offer->intervention, day = offer->day;
  const double accept =
      offer->channel == PFC__SIM_MANDATE ? MANDATE_TAKEN : pfc__life_accept(life, i, day);
  if (!is_ready(s, life, past, i, day)) {
    offer->answer = PFC__SIM_NOT_READY;
  } else if (offer->channel != PFC__SIM_MANDATE && n_under_way(past, day) >= BUSY) {
    offer->answer = PFC__SIM_NO_TIME;
  } else {
    offer->answer = pfc_rng_uniform(rng) < accept ? PFC__SIM_ACCEPTED : PFC__SIM_DECLINED;
  }
  offer->second = 8 * 3600 + (int32_t)pfc_rng_below(rng, 8 * 3600);
  PFC_RESERVE(past->offers, past->offers_capacity, past->n_offers + 1);
  past->offers[past->n_offers++] = *offer;
  if (offer->answer == PFC__SIM_ACCEPTED) PFC_TRY(enrol(s, past, offer, next_month, rng, err));
done:
  return st;
}

static pfc_status offer_mandates(const pfc__sim_market *m, const pfc__life *life,
                                 pfc__sim_past *past, int32_t day, int32_t next_month,
                                 pfc_rng *rng, pfc_error *err) {
  const pfc__sim *s = m->s;
  const int32_t role = pfc_truth_role(s->truth, life->person, day);
  for (int32_t k = 0; k < m->n_mandates; k++) {
    const int32_t i = m->mandates[k], family = s->mandated_family[i];
    const bool told = pfc_rng_uniform(rng) < MANDATE_A_MONTH;
    if (!told || (family >= 0 && family != s->role_family[role])) continue;
    if (!pfc__sim_lets_in(s, i, role) || has_taken(s, past, i, day)) continue;
    pfc__sim_offer offer = {
        .intervention = i, .day = day, .channel = PFC__SIM_MANDATE, .propensity = NAN};
    const pfc_status st = make_offer(s, life, past, &offer, next_month, rng, err);
    if (st != PFC_OK) return st;
  }
  return PFC_OK;
}

/* Poisson, by products of uniforms (Knuth, The Art of Computer Programming 2, 3.4.1): means
 * are small. */
static int draw_count(pfc_rng *rng, double mean) {
  const double end = exp(-fmin(mean, 30));
  int n = 0;
  double product = pfc_rng_uniform(rng);
  while (product > end) {
    product *= pfc_rng_uniform(rng);
    n++;
  }
  return n;
}

static double offers_a_month(const pfc_truth *t, int32_t person) {
  double rate = log((double)t->offers[person]);
  if (t->group[person]) rate += BIAS_OFFERS * t->bias;
  if (t->hard) rate += MOTIVATED_OFFERS * (double)t->motivation[person];
  return exp(rate);
}

static int by_day(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

enum { MOST_OFFERS = 40 }; /* a month */

/* Days of the month on which offers come, in order; fewer where the person is there for part of
 * the month only. */
static int draw_days(const pfc__sim *s, int32_t person, int month, pfc_rng *rng,
                     int32_t day[MOST_OFFERS]) {
  const int32_t first = pfc__sim_month_day(s, month), next = pfc__sim_month_day(s, month + 1);
  const int32_t left_on = s->truth->left_on[person];
  const int drawn = draw_count(rng, offers_a_month(s->truth, person));
  int n = 0;
  for (int k = 0; k < drawn && k < MOST_OFFERS; k++) {
    const int32_t on = first + (int32_t)pfc_rng_below(rng, (uint64_t)(next - first));
    if (on > s->hired_on[person] && (left_on == PFC_NO_DATE || on < left_on)) day[n++] = on;
  }
  qsort(day, (size_t)n, sizeof *day, by_day);
  return n;
}

/* Begins what is booked for before that day, the earliest first. */
static pfc_status begin_booked(const pfc__sim *s, int32_t person, pfc__sim_past *past,
                               int32_t before, pfc_error *err) {
  for (;;) {
    int32_t next = -1;
    for (int32_t k = 0; k < past->n_starts; k++) {
      const pfc__sim_start *e = &past->starts[k];
      if (e->status != PFC__SIM_BOOKED || e->started_on >= before) continue;
      if (next < 0 || e->started_on < past->starts[next].started_on) next = k;
    }
    if (next < 0) return PFC_OK;
    const pfc_status st = pfc__sim_finish(s, person, past, next, err);
    if (st != PFC_OK) return st;
  }
}

static pfc_status live_month(const pfc__sim_market *m, int32_t person, int month,
                             pfc__sim_past *past, pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim *s = m->s;
  const int32_t next_month = pfc__sim_month_day(s, month + 1);
  int32_t day[MOST_OFFERS];
  const uint64_t id = (uint64_t)(uint32_t)person << 32 | (uint32_t)month;
  pfc_rng rng = pfc__sim_stream(s, "history.offers", id);
  const int n = draw_days(s, person, month, &rng, day);
  for (int k = 0; k < n; k++) {
    PFC_TRY(begin_booked(s, person, past, day[k], err));
    const pfc__life life = pfc__sim_life(s, person, past);
    if (k == 0) PFC_TRY(offer_mandates(m, &life, past, day[k], next_month, &rng, err));
    pfc__sim_offer offer = {.day = day[k]};
    offer.intervention = pfc__sim_market_draw(m, &life, day[k], &rng, &offer);
    if (offer.intervention < 0 || has_taken(s, past, offer.intervention, day[k])) continue;
    PFC_TRY(make_offer(s, &life, past, &offer, next_month, &rng, err));
  }
  PFC_TRY(begin_booked(s, person, past, next_month, err));
done:
  return st;
}

/* --- seats ------------------------------------------------------------------------------ */

typedef struct claim {
  int32_t person, start;
  const pfc__sim_start *e;
} claim;

static int by_enrolment(const void *a, const void *b) {
  const pfc__sim_start *x = ((const claim *)a)->e, *y = ((const claim *)b)->e;
  if (x->enrolled_on != y->enrolled_on) return x->enrolled_on < y->enrolled_on ? -1 : 1;
  if (x->lottery != y->lottery) return x->lottery < y->lottery ? -1 : 1;
  return 0;
}

/* Seats taken in the latest two runs of an intervention: nobody enrols for a run further
 * ahead than that. */
typedef struct runs {
  int32_t number[2], taken[2];
} runs;

/* Which run a first day belongs to, from 1: windows to start in are shorter than half of the
 * time from run to run. */
static int32_t run_number(const pfc__sim *s, int32_t i, int32_t day) {
  const double apart = s->recurs_months[i] * 365.2425 / 12;
  return 1 + (int32_t)lround((day - s->opens_on[i]) / apart);
}

static bool take_seat(runs *r, int32_t number, int32_t seats) {
  int k = r->number[1] == number;
  if (!k && r->number[0] != number) {
    k = r->number[1] < r->number[0]; /* the older run makes room */
    r->number[k] = number;
    r->taken[k] = 0;
  }
  if (seats > 0 && r->taken[k] >= seats) return false;
  r->taken[k]++;
  return true;
}

/* Of the people's latest enrolments, those that wait for a seat. */
static int32_t n_pending(const pfc__sim_past *past) {
  int32_t n = 0;
  while (n < past->n_starts && past->starts[past->n_starts - 1 - n].status == PFC__SIM_PENDING)
    n++;
  return n;
}

/* run: n_interventions. */
static pfc_status give_seats(pfc__sim_market *m, pfc__sim_past *past, runs *run,
                             pfc_error *err) {
  pfc_status st = PFC_OK;
  const pfc__sim *s = m->s;
  claim *claims = NULL;
  int64_t n = 0;
  for (int32_t p = 0; p < s->truth->n_people; p++) n += n_pending(&past[p]);
  PFC_NEW(claims, n);
  n = 0;
  for (int32_t p = 0; p < s->truth->n_people; p++) {
    for (int32_t k = past[p].n_starts - n_pending(&past[p]); k < past[p].n_starts; k++)
      claims[n++] = (claim){p, k, &past[p].starts[k]};
  }
  qsort(claims, (size_t)n, sizeof *claims, by_enrolment);
  for (int64_t k = 0; k < n; k++) {
    pfc__sim_start *e = &past[claims[k].person].starts[claims[k].start];
    const int32_t i = e->intervention;
    m->popularity[i] += 1;
    const bool seated = s->recurs_months[i] == 0 ||
                        take_seat(&run[i], run_number(s, i, e->started_on), s->seats[i]);
    e->status = seated ? PFC__SIM_BOOKED : PFC__SIM_WAITING;
  }
done:
  pfc_free(claims);
  return st;
}

/* --- all of it ---------------------------------------------------------------------------- */

typedef struct month_of {
  const pfc__sim_market *market;
  pfc__sim_past *past;
  int month;
} month_of;

static pfc_status live_person(int32_t person, void *user, pfc_error *err) {
  const month_of *m = user;
  return live_month(m->market, person, m->month, &m->past[person], err);
}

void pfc__sim_pasts_free(int32_t n, pfc__sim_past *past) {
  for (int32_t p = 0; past && p < n; p++) {
    pfc_free(past[p].starts);
    pfc_free(past[p].offers);
    pfc_free(past[p].gain_day);
    pfc_free(past[p].gain_competency);
    pfc_free(past[p].gain_intervention);
    pfc_free(past[p].gain);
  }
  pfc_free(past);
}

pfc_status pfc__sim_history(pfc__sim *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__sim_market m = {0};
  runs *run = NULL;
  pfc__sim_past *past = NULL;
  const int n_months = s->settings->n_months;
  PFC_NEW(past, s->truth->n_people);
  PFC_NEW(run, s->truth->n_interventions);
  PFC_TRY(pfc__sim_market_init(&m, s, err));
  for (int month = 0; month < n_months; month++) {
    PFC_TRY(pfc_progress_report(&s->settings->progress, "history", month, n_months, (double)NAN,
                                err));
    PFC_TRY(pfc__sim_market_open(&m, month, err));
    month_of now = {&m, past, month};
    PFC_TRY(pfc__sim_each_person(s, live_person, &now, err));
    PFC_TRY(give_seats(&m, past, run, err));
  }
  PFC_TRY(pfc__sim_tell(s, past, err));
done:
  pfc__sim_pasts_free(s->truth->n_people, past);
  pfc__sim_market_clear(&m);
  pfc_free(run);
  return st;
}
