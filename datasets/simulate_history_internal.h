/* What the parts of the simulated history share: what is on offer, and what became of it. */
#ifndef PROFICIO_DATASETS_SIMULATE_HISTORY_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_HISTORY_INTERNAL_H

#include "datasets/simulate_internal.h"
#include "datasets/truth_internal.h"

typedef enum pfc__sim_status {
  PFC__SIM_PENDING, /* accepted this month; seats are not given out yet */
  PFC__SIM_BOOKED,  /* has a seat, begins in a later month */
  PFC__SIM_WAITING, /* no seat, no run, or the person left before the start */
  PFC__SIM_RUNNING, /* at the end of the history, or the person left on the way */
  PFC__SIM_PASSED,
  PFC__SIM_FAILED,
  PFC__SIM_DROPPED,
  PFC__SIM_N_STATUS,
} pfc__sim_status;

typedef struct pfc__sim_start {
  int32_t intervention;
  int32_t enrolled_on, started_on;
  int32_t until;    /* planned, then actual last day */
  uint64_t lottery; /* who comes first among those who enrol on one day */
  pfc__sim_status status;
} pfc__sim_start;

typedef enum pfc__sim_answer {
  PFC__SIM_ACCEPTED,
  PFC__SIM_DECLINED,
  PFC__SIM_NOT_READY, /* a prerequisite is not met */
  PFC__SIM_NO_TIME,   /* too much under way */
} pfc__sim_answer;

typedef enum pfc__sim_channel {
  PFC__SIM_MANAGER, /* assigned by perceived need */
  PFC__SIM_POPULAR, /* what others take */
  PFC__SIM_BROWSED, /* found by looking, to one's taste */
  PFC__SIM_EVEN,    /* policy random */
  PFC__SIM_MANDATE,
} pfc__sim_channel;

typedef struct pfc__sim_offer {
  int32_t intervention, day, second; /* of the day */
  float propensity;                  /* of being what was offered; NaN: nobody knows */
  pfc__sim_channel channel;
  pfc__sim_answer answer;
} pfc__sim_offer;

/* What happened to one person, in order. */
typedef struct pfc__sim_past {
  pfc__sim_start *starts;
  pfc__sim_offer *offers;
  int32_t *gain_day, *gain_competency, *gain_intervention; /* by day */
  float *gain;
  int32_t n_starts, starts_capacity;
  int32_t n_offers, offers_capacity;
  int32_t n_gains, gains_capacity, gain_competency_capacity, gain_intervention_capacity,
      gain_day_capacity;
} pfc__sim_past;

/* Who enrols for a start on that day, or waits where there is none (PFC_NO_DATE). */
static inline pfc__sim_start pfc__sim_booking(const pfc__sim *s, int32_t intervention,
                                              int32_t enrolled_on, int32_t started_on) {
  const bool runs = started_on != PFC_NO_DATE;
  const int32_t days = (int32_t)lround(fmax(1, (double)s->truth->days[intervention]));
  return (pfc__sim_start){.intervention = intervention,
                          .enrolled_on = enrolled_on,
                          .started_on = started_on,
                          .until = runs ? started_on + days : PFC_NO_DATE,
                          .status = runs ? PFC__SIM_PENDING : PFC__SIM_WAITING};
}

static inline pfc__life pfc__sim_life(const pfc__sim *s, int32_t person,
                                      const pfc__sim_past *past) {
  return (pfc__life){.t = s->truth,
                     .person = person,
                     .n_gains = past->n_gains,
                     .gain_day = past->gain_day,
                     .gain_competency = past->gain_competency,
                     .gain = past->gain};
}

/* --- the market ------------------------------------------------------------------------- */

/* What can be offered in a month. */
typedef struct pfc__sim_market {
  const pfc__sim *s;
  int64_t *open_start; /* PFC__SIM_FAMILIES + 1 */
  int32_t *open;       /* interventions that people of a family can start soon */
  int64_t open_capacity;
  double *cumulated;             /* n_interventions: popularity, summed up */
  double *popularity;            /* n_interventions: starts, older ones count less */
  int64_t *by_competency_start;  /* n_competencies + 1 */
  int64_t *by_competency;        /* targets of each competency */
  int32_t n_mandates, *mandates; /* interventions that somebody must take */
} pfc__sim_market;

pfc_status pfc__sim_market_init(pfc__sim_market *m, const pfc__sim *s, pfc_error *err);
void pfc__sim_market_clear(pfc__sim_market *m);
/* Opens a month: what can be started in it or soon after, and what is popular by now. */
pfc_status pfc__sim_market_open(pfc__sim_market *m, int month, pfc_error *err);

/* What a person is offered on a day, -1 nothing; fills channel and propensity. */
int32_t pfc__sim_market_draw(const pfc__sim_market *m, const pfc__life *life, int32_t day,
                             pfc_rng *rng, pfc__sim_offer *offer);

/* --- outcomes ----------------------------------------------------------------------------- */

/* Draws how a start ends, whenever that is, and what it teaches. */
pfc_status pfc__sim_end(const pfc__sim *s, int32_t person, pfc__sim_past *past,
                        pfc__sim_start *start, pfc_rng *rng, pfc_error *err);

/* The same of the person's i-th start, as far as the history goes. */
pfc_status pfc__sim_finish(const pfc__sim *s, int32_t person, pfc__sim_past *past, int32_t i,
                           pfc_error *err);

/* Marks out of 100 and what the person thought of it, NaN where there are none. */
void pfc__sim_marks(const pfc__sim_start *e, pfc_rng *rng, double *score, double *rating);

/* status[PFC__SIM_N_STATUS]: codes of the words for them in that dictionary. */
pfc_status pfc__sim_status_words(pfc__sim *s, int32_t *status, pfc_error *err);

/* The gains of all people, n_people, as the truth has them; it has none before. */
pfc_status pfc__sim_pack_gains(pfc_truth *t, const pfc__sim_past *past, pfc_error *err);

/* Frees what the pasts of n people hold, and themselves; NULL is allowed. */
void pfc__sim_pasts_free(int32_t n, pfc__sim_past *past);

/* Tables enrolments and feedback, and the gains of the truth. */
pfc_status pfc__sim_tell(pfc__sim *s, const pfc__sim_past *past, pfc_error *err);

#endif
