/* Fitting discrete-time hazards (models/hazard.h), one binary logistic regression a cause
 * against "no event" (Begg and Gray 1984). A spell adds, for each segment of its curve
 * that it crosses, ticks_at_risk * softplus(eta) - events * eta; spells are never expanded
 * into ticks.
 *
 * Ticks at risk are real numbers: days / tick_days. The tick that ends with an event of the
 * fitted cause counts as a whole tick of the segment the event lies in; the tick of another
 * cause's event does not count (it is neither "no event" nor this cause). Days in
 * (from, to] belong to a segment. */
#ifndef PROFICIO_TRAINER_HAZARD_FIT_H
#define PROFICIO_TRAINER_HAZARD_FIT_H

#include "base/error.h"
#include "base/sparse.h"
#include "models/hazard.h"
#include "models/posterior.h"
#include "trainer/newton.h"

typedef struct pfc_hazard_problem {
  int64_t n;                /* spells */
  const pfc_episode *spell; /* n; entry, last_below, duration, event are used */
  const int32_t *curve_of;  /* n: which curve */
  int32_t n_curves;
  const pfc_curve *curves; /* segments in days, from 0 to the end of the follow-up */
  const pfc_csr *x;        /* n rows, d columns */
  const double *ridge;     /* d, > 0 */
  double tick_days;
  int32_t n_baseline;           /* parameters of the baseline part */
  const double *baseline_ridge; /* n_baseline, >= 0 */
  int64_t n_links;              /* smoothing: 1/2 sum link_weight (b[from] - b[to])^2 */
  const int32_t (*link)[2];
  const double *link_weight; /* >= 0 */
  /* Solutions of other causes, where there are any: the E step then knows what else could
   * have ended a spell before its interval-censored event, and when another cause's
   * interval-censored event is likely to have ended it. NULL: not known. */
  const double *known_baseline[PFC_N_CAUSES], *known_coef[PFC_N_CAUSES];
  /* What is known of baseline and coefficients instead of ridges and links, which are then not
   * read: a Gaussian about prior_mean, of both. NULL: nothing but these. */
  const pfc_posterior *prior;
  const double *prior_mean;
} pfc_hazard_problem;

typedef struct pfc_hazard_fit_settings {
  pfc_newton_settings newton;
  int max_em;          /* rounds of EM over interval-censored events [20] */
  double em_tolerance; /* stop when the relative change of the objective is below [1e-6] */
} pfc_hazard_fit_settings;
PFC_API void pfc_hazard_fit_defaults(pfc_hazard_fit_settings *s);

/* Fits one cause: events of that cause count, other events end the spell. Time beyond the
 * last curve edge is cut (censored there). An event whose last_below_days is known lies in
 * (last_below, duration]: the E step spreads it over the segments by the current model,
 * all causes of risk before it included (those known; the first round spreads it evenly),
 * and over the time beyond the curve's end as if the last segment went on.
 *   baseline[n_baseline], coef[d]   start values in (0 is fine), solution out
 *   report   steps are summed over EM rounds; converged also says that EM settled
 * PFC_EUSAGE for inconsistent input, PFC_EDATA when the cause has no event before the
 * curves end. Same bytes for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_hazard_fit(const pfc_hazard_problem *p, pfc_cause cause,
                                               const pfc_hazard_fit_settings *settings,
                                               double *baseline, double *coef,
                                               pfc_newton_report *report, pfc_error *err);

/* What the fit of a cause leaves behind (Laplace): penalties or prior, and the curvature of the
 * loss at the solution, where interval-censored events count as they are expected there. Of
 * baseline, then coefficients; out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_hazard_posterior(const pfc_hazard_problem *p,
                                                     pfc_cause cause, const double *baseline,
                                                     const double *coef, pfc_posterior *out,
                                                     pfc_error *err);

/* Bin edges on a cause's clock: `first`, quantiles of its n event times at j / max_quantiles,
 * `last`; a gap longer than a twentieth of the span is cut into equal parts. Distinct and
 * ascending; *n_bins <= max_quantiles + 21. edge is the caller's. */
PFC_API PFC_MUST_USE pfc_status pfc_hazard_bins(int64_t n, const double *event_day,
                                                double first, double last, int max_quantiles,
                                                double **edge, int32_t *n_bins, pfc_error *err);

/* The horizon of predictions: the day up to which all but the share `tail` of spells were
 * followed, censoring aside by Kaplan-Meier; cut to whole 30 days when longer than 60. */
PFC_API PFC_MUST_USE pfc_status pfc_hazard_horizon(int64_t n, const pfc_episode *spell,
                                                   double tail, double *horizon,
                                                   pfc_error *err);

#endif
