/* What the parts of judging time to proficiency share. */
#ifndef PROFICIO_TRAINER_EVALUATE_TIME_INTERNAL_H
#define PROFICIO_TRAINER_EVALUATE_TIME_INTERNAL_H

#include "trainer/evaluate_internal.h"

enum {
  PFC__IBS_DAYS = 10,   /* days of the integrated Brier score */
  PFC__CURVE_DAYS = 50, /* days of curves for plots, from 0 */
  PFC__STEPS = 40,      /* in which a spell is followed to its end */
};

/* Test episodes as one cause sees them: the same for all who are judged. */
typedef struct pfc__spell_rows {
  const pfc__evaluation *e;
  pfc_cause cause;
  int64_t n;
  const pfc_episode *at;
  int32_t *person; /* those without one stand for themselves */
  int32_t n_people;
  double *time, *entry; /* time: of pfc__place_events */
  int8_t *event;        /* 1 this cause, 0 censored, 2 another */
  double horizon;       /* days; the shortest of all who are judged */
  double tick;          /* days; the longest of all */
  double ibs_day[PFC__IBS_DAYS];
  double curve_day[PFC__CURVE_DAYS];
  /* those who became proficient within the horizon */
  int64_t n_reached;
  int64_t *reached; /* n: place among them, -1 */
  int32_t *reached_person;
  double *took;
  pfc_episodes *training;
} pfc__spell_rows;

/* What one judge said of them. */
typedef struct pfc__spells_said {
  const pfc__spell_rows *rows;
  double *risk;        /* the higher, the sooner */
  double *by_day;      /* n_days x n: incidence at the asked days */
  float *ibs;          /* n x PFC__IBS_DAYS */
  double *nll;         /* minus log likelihood, time in days */
  double *lasting;     /* of each row: probability, given that it was running at its entry, that
                          the cause alone had not come by its end */
  float *curve;        /* n x PFC__CURVE_DAYS: incidence since the start; NULL: not asked for */
  double *quantile[3]; /* of those reached: p10, p50, p90 */
  pfc_concordance_order *order; /* by risk */
  bool curves, likelihood;      /* has it told incidences, has it told likelihoods? */
  bool quantiles;
  int day; /* which of the asked days; for figures by day */
} pfc__spells_said;

/* time[n]: when each spell ended. An event that lies between two looks is placed between them
 * by chance, with the chances of Turnbull's estimate for all n spells: the same day for all who
 * are judged, whatever they believe. */
PFC_MUST_USE pfc_status pfc__place_events(const pfc_dataset *ds, int64_t n,
                                          const pfc_episode *at, double *time, pfc_error *err);

PFC_MUST_USE pfc_status pfc__spells_said_init(pfc__spells_said *s, const pfc__spell_rows *rows,
                                              pfc_error *err);
void pfc__spells_said_clear(pfc__spells_said *s);

/* Notes in c->tells_curves whether a file tells the incidence of every episode; where it
 * should, and does not, it is refused, or its curves left out (pfc__leave_out). */
PFC_MUST_USE pfc_status pfc__check_curves(pfc__contender *c, const pfc__spell_rows *rows,
                                          pfc_error *err);

/* What a bundle, a file and Aalen-Johansen of the training rows say. Quantiles that a file
 * lacks are treated like curves. */
PFC_MUST_USE pfc_status pfc__ask_hazard(const pfc__contender *c, pfc__spells_said *said,
                                        pfc_error *err);
PFC_MUST_USE pfc_status pfc__ask_predicted(const pfc__contender *c, pfc__spells_said *said,
                                           pfc_error *err);
PFC_MUST_USE pfc_status pfc__ask_training(pfc__spells_said *said, pfc_error *err);

/* "curves" of every member: mean prediction and what was observed, with a band. */
PFC_MUST_USE pfc_status pfc__put_incidence(const pfc__evaluation *e, const pfc__panel *panel,
                                           const pfc__spell_rows *rows, pfc_error *err);

/* 1 the cause, 0 censored, 2 another. */
int8_t pfc__event_code(pfc_cause event, pfc_cause cause);

/* What had come by a spell's late entry. Whoever enters late is judged given that nothing had,
 * as the observed side is (pfc_ipcw_brier). */
typedef struct pfc__entered {
  double incidence, survival;
} pfc__entered;

static inline double pfc__given(const pfc__entered *e, double incidence) {
  if (!(e->survival > 0)) return 0;
  const double left = incidence > e->incidence ? incidence - e->incidence : 0;
  return left < e->survival ? left / e->survival : 1;
}

/* exp(-H) of the cause's own cumulative hazard H between the entry and the last of n days, by
 * incidence and survival at these: exact where hazards are constant between two days. */
double pfc__lasting(const pfc__entered *e, int n, const double *incidence,
                    const double *survival);

/* Probability of what happened: of the cause within the tick that ends at t, or of nothing
 * up to t; as a density a day. Time beyond the horizon counts as censored there. */
double pfc__minus_log(double incidence_before, double incidence_at, double survival,
                      double days, bool happened);

#endif
