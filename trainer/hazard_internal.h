/* What the files of the hazard fit share: spells as crossings of segments, the expected
 * place of interval-censored events, and the objective. */
#ifndef PROFICIO_TRAINER_HAZARD_INTERNAL_H
#define PROFICIO_TRAINER_HAZARD_INTERNAL_H

#include <stdbool.h>

#include "trainer/hazard_fit.h"

/* Spells of one curve that are worked on together, in order. */
typedef struct pfc__chunk {
  int32_t curve;
  int64_t from, to; /* places in the order by curve */
  int64_t latent;   /* the first latent spell at or after `from` */
  int64_t partial;  /* its sums by segment begin here */
} pfc__chunk;

/* Spells ordered by curve, each with the segments it crosses. A cell is one segment of one
 * curve. Ticks and events are kept for latent spells alone: those of the others follow from
 * their days, and there may be hundreds of millions of crossings. */
typedef struct pfc__crossings {
  pfc_cause cause; /* the fitted one */
  int64_t n;
  int64_t *order; /* n: spell at each place, by curve, then number */
  int64_t *start; /* n + 1: first crossing of the place */
  int32_t *first; /* n: segment of its first crossing */
  int64_t n_latent;
  int64_t *latent;       /* n_latent: places whose event time is known to an interval only */
  int64_t *latent_start; /* n_latent + 1: first crossing of each in the arrays below */
  double *ticks;         /* expected ticks at risk */
  double *events;        /* expected events of the fitted cause */
  int64_t n_chunks, n_partials;
  pfc__chunk *chunk;
  int64_t *cell; /* n_curves + 1: first cell of each curve */
} pfc__crossings;

pfc_status pfc__crossings_init(pfc__crossings *s, const pfc_hazard_problem *p, pfc_cause cause,
                               pfc_error *err);
void pfc__crossings_clear(pfc__crossings *s);

/* What a spell adds to each segment it crosses, from s->first[place] on. */
typedef struct pfc__crossed {
  int32_t n;
  double ticks[PFC_CURVE_SEGMENTS], events[PFC_CURVE_SEGMENTS];
} pfc__crossed;

/* Of the spell at a place. *latent is the first latent spell at or after it, and is moved on
 * to the one after it: places are walked through in order. */
void pfc__crossings_at(const pfc__crossings *s, const pfc_hazard_problem *p, int64_t place,
                       int64_t *latent, pfc__crossed *crossed);

/* Ticks that the days (from, to] spend in a segment. */
double pfc__ticks_within(const pfc_hazard_problem *p, const pfc_curve *curve, int32_t segment,
                         double from, double to);

/* Start of the interval that a latent spell's event lies in. */
double pfc__latent_from(const pfc_episode *spell);

/* The E step: ticks and events of the latent spells, given the model of the fitted cause
 * (NULL: none yet) and the known ones. */
void pfc__crossings_expect(pfc__crossings *s, const pfc_hazard_problem *p, pfc_cause cause,
                           const double *baseline, const double *coef);

/* Mean number of the tick in which an event falls that comes within `ticks` ticks at the
 * hazard 1 - exp(-theta) a tick: 1 <= mean <= ticks, or 1 where ticks < 1. */
double pfc__mean_tick(double theta, double ticks);

/* The penalized loss of one cause and its derivatives. */
typedef struct pfc__hazard_loss pfc__hazard_loss;
pfc_status pfc__hazard_loss_create(const pfc_hazard_problem *p, const pfc__crossings *s,
                                   pfc__hazard_loss **out, pfc_error *err);
void pfc__hazard_loss_destroy(pfc__hazard_loss *loss);
/* Parameters: baseline, then coefficients. */
pfc_objective pfc__hazard_objective(pfc__hazard_loss *loss);

#endif
