/* Time to proficiency: discrete-time logistic hazards with competing causes (DESIGN 4.4).
 *
 * Time runs in ticks of tick_days (a day, or less where episodes are short). In each tick
 * the hazard of cause r is h_r = exp(eta_r) / (1 + sum_s exp(eta_s)), and
 *
 *   eta_r(p, target, tick) = baseline_r[bin] + deviation_r[group][bin] + shift_r(p, target),
 *
 * where group is the target's competency where the data carry a deviation, and shift is the
 * linear predictor over the encoded columns. Bins lie on the clock of the cause: days since
 * the start, or, where held-out episodes are told better so, days since a milestone, a day
 * on the episode's own clock at which something is due (a column x_day_... of table
 * interventions). On the second an episode runs from -day to duration - day: a late entry,
 * nothing else. Within a bin the hazard is constant, so that a spell needs one term a bin
 * and never one row a tick. Sources: Begg and Gray, Biometrika 1984 (one binary logistic fit
 * a cause); Tutz and Schmid, Modeling Discrete Time-to-Event Data, 2016. */
#ifndef PROFICIO_MODELS_HAZARD_H
#define PROFICIO_MODELS_HAZARD_H

#include <math.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/episodes.h"
#include "datasets/features.h"
#include "models/posterior.h"

/* No spell is longer and no milestone further away than the calendar of base/date.h: days
 * beyond are no days. */
#define PFC_HAZARD_MAX_DAYS 3652059

/* A value of a clock's column: NaN, unknown, where it is no day. */
static inline double pfc_clock_day(double value) {
  return fabs(value) <= PFC_HAZARD_MAX_DAYS ? value : (double)NAN;
}

/* The clock of a cause, and its bins. Time before the first edge belongs to the first bin,
 * time after the last to the last. */
typedef struct pfc_clock {
  char *column;       /* "": days since the start; else the column of interventions that holds
                         the day from which time counts, e.g. "x_day_due_45" */
  double typical_day; /* taken where an intervention does not tell its day; 0 for "" */
  int32_t n_bins;
  double *edge; /* n_bins + 1, ascending, days on this clock */
} pfc_clock;

typedef struct pfc_hazard {
  pfc_features *features; /* PFC_PLAN_TIME */
  double tick_days;
  double horizon_days; /* H: predictions end here; inside the follow-up */
  int32_t n_groups;    /* competencies with a deviation of their own */
  int32_t *group_of;   /* n_competencies: model code -> group, -1 none */
  int32_t n_competencies;
  pfc_clock clock[PFC_N_CAUSES];
  double *baseline[PFC_N_CAUSES]; /* n_bins, then n_groups x n_bins deviations; NULL where a
                                     cause had no events */
  double *coef[PFC_N_CAUSES];     /* features->n_columns; NULL likewise */
  int64_t n_rows;
  int64_t n_events[PFC_N_CAUSES];
  /* What a later fit begins with (docs/METHODS.md, "Refit"); empty where it is not known. */
  pfc_strengths strengths;               /* of the fit's groups of columns */
  pfc_posterior posterior[PFC_N_CAUSES]; /* of baseline, then coef */
  pfc_ledger ledger;                     /* spells, and how far each was told */
} pfc_hazard;

/* "proficient", "dropped" or "left": the words of table episodes. */
PFC_API const char *pfc_cause_name(pfc_cause cause);

/* Length of a cause's baseline vector. */
static inline int32_t pfc_hazard_n_baseline(const pfc_hazard *m, pfc_cause cause) {
  return m->clock[cause].n_bins * (1 + m->n_groups);
}

/* Frees what the struct holds; safe on a zeroed struct. */
PFC_API void pfc_hazard_clear(pfc_hazard *m);
/* A copy; out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_hazard_copy(const pfc_hazard *m, pfc_hazard *out,
                                                pfc_error *err);

enum {
  PFC_CURVE_PARAMS = 2,     /* bin and deviation */
  PFC_CURVE_SEGMENTS = 256, /* most segments of a curve */
};

/* One target's segments: in (from[s], to[s]] (days since the start, contiguous from 0 to the
 * end) the baseline part of eta_r is the sum of baseline_r[param[s][r][.]], -1 = none. */
typedef struct pfc_curve {
  int32_t n;
  double *from, *to;                                /* n */
  int32_t (*param)[PFC_N_CAUSES][PFC_CURVE_PARAMS]; /* n */
} pfc_curve;

/* The segments of a target: the edges of every cause's bins, on the episode's own clock.
 *   group         -1 none
 *   clock_day[r]  the intervention's value of the clock column of each cause, NaN unknown;
 *                 NULL: all unknown
 *   end_days      where the curve ends: the horizon for predictions, > 0
 * Owned by the caller (pfc_curve_clear). PFC_EUSAGE beyond PFC_CURVE_SEGMENTS segments. */
PFC_API PFC_MUST_USE pfc_status pfc_hazard_curve(const pfc_hazard *m, int32_t group,
                                                 const double *clock_day, double end_days,
                                                 pfc_curve *curve, pfc_error *err);
PFC_API void pfc_curve_clear(pfc_curve *curve);

/* Baseline part of every cause in every segment, ready for scoring: levels[r * curve->n + s]
 * = exp(eta), the odds a tick of a shift of 0 (cut at exp(300)); 0 for a cause without
 * events. Odds, because scoring then takes three exponentials a person and target and not
 * three a segment. */
PFC_API void pfc_hazard_levels(const pfc_hazard *m, const pfc_curve *curve, double *levels);

/* What is told of one person and target. Days; NaN where a quantile is not defined
 * (the cumulative incidence of proficiency is 0). */
typedef struct pfc_outlook {
  double p_by[2];                 /* cumulative incidence of proficiency by the asked days */
  double incidence[PFC_N_CAUSES]; /* by the horizon */
  double quantile[3];             /* Q_.1, Q_.5, Q_.9: the time given proficiency within H */
} pfc_outlook;

/* The outlook of a shift: cumulative incidence by the recursion F_r += S h_r, S *= 1 -
 * sum h over ticks, in closed form within a segment, where the h are constant. Between
 * ticks time is continuous at the rate that gives the same S at every tick: with total odds
 * o a tick, S falls by exp(-t log(1 + o) / tick) and the event is of cause r with
 * probability o_r / o.
 *   levels       of pfc_hazard_levels
 *   shift[r]     linear predictor of each cause
 *   by_days[2]   for p_by; cut at the horizon
 * No allocation, re-entrant. */
PFC_API void pfc_hazard_outlook(const pfc_hazard *m, const pfc_curve *curve,
                                const double *levels, const double shift[PFC_N_CAUSES],
                                const double by_days[2], pfc_outlook *out);

/* Value of a day's delay, for pfc_hazard_worth: discount[curve->n + 1] = exp(-rho day) where
 * each segment begins, and where the last one ends; rho >= 0 a day. */
PFC_API void pfc_hazard_discounts(const pfc_curve *curve, double rho, double *discount);

/* All that a value needs of an outlook, for the many pairs of which only the best are told:
 * *incidence of proficiency by the horizon, and *discounted = E[exp(-rho T) | proficient by
 * the horizon], 0 without incidence. No allocation, re-entrant. */
PFC_API void pfc_hazard_worth(const pfc_hazard *m, const pfc_curve *curve, const double *levels,
                              double rho, const double *discount,
                              const double shift[PFC_N_CAUSES], double *incidence,
                              double *discounted);

/* Cumulative incidence of a cause at n ascending days (cut at the horizon) into
 * incidence[n]; survival[n] when not NULL. */
PFC_API void pfc_hazard_incidence(const pfc_hazard *m, const pfc_curve *curve,
                                  const double *levels, const double shift[PFC_N_CAUSES],
                                  pfc_cause cause, int n, const double *days, double *incidence,
                                  double *survival);

#endif
