/* Quality figures on plain arrays, each with its exact definition. Every figure is the
 * mean, or another smooth function, of per-row terms, so that a bootstrap over people can
 * recompute it from resampled weights: `weight[i]` is how often row i counts (NULL: once).
 * A figure that is not defined (one class only, no rows) is NaN. */
#ifndef PROFICIO_TRAINER_METRICS_H
#define PROFICIO_TRAINER_METRICS_H

#include <stdint.h>

#include "base/error.h"

/* --- ranking --------------------------------------------------------------- */

/* One person's list of n_ranked items (best first) judged against n_relevant relevant ones
 * of which hits[j] = 1 marks those on the list. */
/* |relevant in the first k| / min(k, n_relevant). */
PFC_API double pfc_recall_at(int k, int n_ranked, const uint8_t *hit, int n_relevant);
/* sum_{j<=k} hit_j / log2(j + 1) over the same of a perfect list. */
PFC_API double pfc_ndcg_at(int k, int n_ranked, const uint8_t *hit, int n_relevant);
/* Mean over relevant items of the precision at their rank, those beyond k count 0. */
PFC_API double pfc_average_precision_at(int k, int n_ranked, const uint8_t *hit,
                                        int n_relevant);
/* 1 / rank of the first hit, 0 without one. */
PFC_API double pfc_reciprocal_rank(int n_ranked, const uint8_t *hit);
/* Gini coefficient of n non-negative exposures; 0 = all alike. */
PFC_API double pfc_gini(int n, const double *exposure);

/* --- probabilities: y in {0, 1}, p in (0, 1) ------------------------------- */

/* Probability that a random positive scores above a random negative, ties count half. */
PFC_API PFC_MUST_USE pfc_status pfc_auc(int64_t n, const double *score, const int8_t *y,
                                        const double *weight, double *auc, pfc_error *err);
/* Mean of -log of the probability given to what happened; p is cut to [1e-15, 1 - 1e-15]. */
PFC_API double pfc_log_loss(int64_t n, const double *p, const int8_t *y, const double *weight);
PFC_API double pfc_brier(int64_t n, const double *p, const int8_t *y, const double *weight);
/* mean(p) - mean(y). */
PFC_API double pfc_mean_gap(int64_t n, const double *p, const int8_t *y, const double *weight);
/* Slope and intercept of the logistic regression of y on logit(p) (Cox 1958). */
PFC_API PFC_MUST_USE pfc_status pfc_calibration(int64_t n, const double *p, const int8_t *y,
                                                const double *weight, double *slope,
                                                double *intercept, pfc_error *err);
/* Expected calibration error: rows sorted by p, ties kept together, cut into n_bins of
 * equal mass; sum over bins of share * |mean p - mean y|. y may be any value in [0, 1]. */
PFC_API PFC_MUST_USE pfc_status pfc_ece(int64_t n, const double *p, const double *y,
                                        const double *weight, int n_bins, double *ece,
                                        pfc_error *err);

/* --- spells ---------------------------------------------------------------- */

/* Spells as metrics see them: event 1 = the cause in question, 0 = censored, 2 = another
 * cause. entry may be NULL (0). */
typedef struct pfc_spells {
  int64_t n;
  const double *entry; /* days */
  const double *time;  /* days */
  const int8_t *event;
  const double *weight; /* NULL: once each */
} pfc_spells;

/* Harrell's C, cause-specific (other causes censor): among pairs where i had the event and
 * j was still at risk after time_i (or censored at that very time), the share in which
 * risk_i > risk_j, ties in risk count half; pairs with events at the same time do not
 * count (R survival::concordance, which the tests compare with). O(n log n). */
PFC_API PFC_MUST_USE pfc_status pfc_concordance(const pfc_spells *s, const double *risk,
                                                double *c, pfc_error *err);

/* Kaplan-Meier survival of "any event" (or of being uncensored when censoring is not 0) at
 * n_days ascending days, just before each day when left is not 0. */
PFC_API PFC_MUST_USE pfc_status pfc_kaplan_meier(const pfc_spells *s, int censoring, int left,
                                                 int n_days, const double *days,
                                                 double *survival, pfc_error *err);

/* Aalen-Johansen cumulative incidence of cause 1 at n_days ascending days. */
PFC_API PFC_MUST_USE pfc_status pfc_aalen_johansen(const pfc_spells *s, int n_days,
                                                   const double *days, double *incidence,
                                                   pfc_error *err);

/* Brier score of the cumulative incidence at one day, weighted by the inverse probability
 * of censoring (Graf et al. 1999; Schoop et al. 2011 for competing causes). */
PFC_API PFC_MUST_USE pfc_status pfc_ipcw_brier(const pfc_spells *s, double day,
                                               const double *incidence, double *brier,
                                               pfc_error *err);

/* Integrated Brier score: trapezoid over the days, divided by their span. incidence is
 * n x n_days row-major. */
PFC_API PFC_MUST_USE pfc_status pfc_integrated_brier(const pfc_spells *s, int n_days,
                                                     const double *days, const float *incidence,
                                                     double *ibs, pfc_error *err);

/* Calibration error of incidence at one day, n_bins of equal mass by prediction, observed
 * share by Aalen-Johansen within the bin. */
PFC_API PFC_MUST_USE pfc_status pfc_incidence_ece(const pfc_spells *s, double day,
                                                  const double *incidence, int n_bins,
                                                  double *ece, pfc_error *err);

/* Mean interval score of [lo, hi] for level 1 - alpha: width + 2/alpha * distance outside
 * (Gneiting and Raftery 2007), and share covered. Either out-pointer may be NULL. */
PFC_API void pfc_interval_score(int64_t n, const double *lo, const double *hi, const double *y,
                                const double *weight, double alpha, double *score,
                                double *coverage);

/* --- uncertainty ----------------------------------------------------------- */

/* A figure recomputed on weights; user carries its rows. */
typedef pfc_status (*pfc_figure_fn)(const double *weight, void *user, double *value,
                                    pfc_error *err);

/* Percentile bootstrap over people: person[i] in 0..n_people-1 owns row i; people are drawn
 * with replacement n_resamples times and fn is called with row weights. *lo and *hi are the
 * 2.5th and 97.5th percentiles; NaN values are skipped. Same seed, same result for any
 * number of threads; fn is called from several threads at once. */
PFC_API PFC_MUST_USE pfc_status pfc_bootstrap(int64_t n, const int32_t *person,
                                              int32_t n_people, int n_resamples, uint64_t seed,
                                              pfc_figure_fn fn, void *user, double *lo,
                                              double *hi, pfc_error *err);

#endif
