/* What the parts of the gate share: its rows. */
#ifndef PROFICIO_TRAINER_GATE_INTERNAL_H
#define PROFICIO_TRAINER_GATE_INTERNAL_H

#include <stdbool.h>

#include "trainer/gate.h"

/* What a row says in the end. */
typedef enum pfc__row_verdict {
  PFC__ROW_TOLD,    /* nothing hangs on it */
  PFC__ROW_BETTER,  /* the candidate is */
  PFC__ROW_HOLDS,   /* no worse than its limit allows */
  PFC__ROW_UNCLEAR, /* neither this nor that can be told */
  PFC__ROW_WORSE,   /* the candidate is, and it is refused for it */
} pfc__row_verdict;

/* What a row is there for. */
typedef enum pfc__row_role {
  PFC__FOR_THE_RECORD,
  PFC__CAN_REFUSE, /* a candidate that is worse by it is refused */
  PFC__MUST_HOLD,  /* that too, and without it nobody is promoted */
  PFC__MAY_GAIN,   /* all that, and by it a candidate is the better one */
} pfc__row_role;

/* A figure by which the candidate is held against the champion. Positive is better: whichever
 * way the figures themselves point. */
typedef struct pfc__gate_row {
  char name[64];     /* "success.log_loss" */
  const char *slice; /* "newest", "trusted", "both", "data" */
  double champion, candidate;
  double figure, error; /* gain, its standard error; NaN: as it stands */
  double lo, hi;        /* 95 % */
  double limit;         /* a gain below it does not hold; NaN: none */
  double p;             /* one-sided, of a gain so far below 0 where there is none; Holm's */
  int64_t n;
  pfc__row_role role;
  bool is_refused; /* whatever intervals say */
  pfc__row_verdict verdict;
  char note[200];
} pfc__gate_row;

typedef struct pfc__gate {
  const pfc_bundle *champion, *candidate;
  const pfc_dataset *ds;
  const pfc_gate_settings *settings;
  double alpha; /* of this round */
  int64_t n, capacity;
  pfc__gate_row *rows;
  double *lost; /* of both slices, as in pfc__duel; n_people x 3 */
} pfc__gate;

/* Another row, named and otherwise empty; NULL: no memory, err says so. Valid until the next
 * one. */
pfc__gate_row *pfc__gate_add(pfc__gate *g, const char *name, const char *slice, pfc_error *err);

/* Rows of what both models said of the two slices. */
PFC_MUST_USE pfc_status pfc__gate_forward(pfc__gate *g, pfc_error *err);
/* Rows of what the candidate is made of: models and words that it lacks. */
PFC_MUST_USE pfc_status pfc__gate_schema(pfc__gate *g, pfc_error *err);
/* What chance let the feedback tell of both models' lists, where anything was drawn. */
PFC_MUST_USE pfc_status pfc__gate_off_policy(pfc__gate *g, pfc_error *err);
/* Impact ratios by protected attributes, where there are any. */
PFC_MUST_USE pfc_status pfc__gate_parity(pfc__gate *g, pfc_error *err);
/* Are the newest rows of the kind that the champion was made from? */
PFC_MUST_USE pfc_status pfc__gate_drift(pfc__gate *g, pfc_error *err);

/* Of the error rate over all rounds, what this one may spend. */
double pfc__gate_spend(double alpha, int32_t round);

/* Verdicts of the rows, and of all of them together. */
PFC_MUST_USE pfc_status pfc__gate_decide(pfc__gate *g, pfc_gate_verdict *verdict,
                                         pfc_error *err);

#endif
