/* Judging calibrated chances (of passing, of accepting) on rows whose result is known. */
#ifndef PROFICIO_TRAINER_EVALUATE_CHANCE_INTERNAL_H
#define PROFICIO_TRAINER_EVALUATE_CHANCE_INTERNAL_H

#include "trainer/evaluate_internal.h"

/* What one judge said of some rows. */
typedef struct pfc__said {
  int64_t n;
  double *p;
  const int8_t *y;
  const double *real_y; /* the same */
  pfc_order *order;     /* by p */
} pfc__said;
void pfc__said_clear(pfc__said *j);

/* Figures of a pfc__said: all of them; from the first of calibration on, those that say whether
 * too much is promised. */
enum { PFC__N_CHANCE_FIGURES = 10, PFC__FIRST_OF_CALIBRATION = 6 };
extern const pfc__figure PFC__CHANCE_FIGURES[PFC__N_CHANCE_FIGURES];

/* Rows, the same for all; and what everybody said of them, in the panel's order. */
typedef struct pfc__outcomes {
  pfc__evaluation *e;
  int64_t n;
  pfc_decision *d;
  int8_t *y;
  double *real_y;
  int32_t *person;
  pfc__said said[PFC_MAX_CONTESTANTS];
  pfc__said base;
} pfc__outcomes;

/* Room for n rows, each of which pfc__outcomes_put() fills. */
PFC_MUST_USE pfc_status pfc__outcomes_init(pfc__outcomes *s, pfc__evaluation *e, int64_t n,
                                           pfc_error *err);
void pfc__outcomes_put(pfc__outcomes *s, int64_t i, const pfc_decision *d, int8_t y);
void pfc__outcomes_clear(pfc__outcomes *s);

/* Asks a contender for p[s->n]. *left_out (false before): there is nothing to judge. */
typedef pfc_status (*pfc__ask_fn)(const pfc__outcomes *s, const pfc__contender *c, double *p,
                                  bool *left_out, pfc_error *err);

/* Contender `who` joins the panel with what it says. */
PFC_MUST_USE pfc_status pfc__outcomes_ask(pfc__outcomes *s, pfc__panel *panel, int who,
                                          pfc__ask_fn ask, pfc_error *err);

/* All figures of the panel, beside those of one rate for all. */
PFC_MUST_USE pfc_status pfc__outcomes_judge(pfc__outcomes *s, pfc__panel *panel, double rate,
                                            pfc_error *err);

#endif
