/* Quality figures on plain arrays. docs/METHODS.md, "Quality figures", holds every
 * definition with its ties, empty cases and cut-offs.
 *
 * `weight[i]` is how often row i counts (NULL: once each): finite, >= 0, not only whole
 * numbers. Weight 2 is the row twice, weight 0 the row left out, so that a bootstrap can
 * recompute any figure from resampled weights. A figure that is not defined (one class
 * only, no rows) is NaN, and PFC_OK. Rows that are wrong (NaN predictions, labels other
 * than 0 and 1, negative weights) are PFC_EDATA with the number of the row; a function that
 * returns its figure returns NaN for them. On failure the out-parameters are untouched.
 * All functions may be called from several threads at once. */
#ifndef PROFICIO_TRAINER_METRICS_H
#define PROFICIO_TRAINER_METRICS_H

#include <stdint.h>

#include "base/error.h"

/* --- ranking --------------------------------------------------------------- */

/* One person's list of n_ranked items (best first); hit[j] = 1 marks the relevant ones on
 * it, n_relevant counts all relevant items, on the list or not. NaN when n_relevant or k is
 * below 1; a list shorter than k has no hits beyond its end. */
/* |relevant in the first k| / min(k, n_relevant). */
PFC_API double pfc_recall_at(int k, int n_ranked, const uint8_t *hit, int n_relevant);
/* sum_{j<=k} hit_j / log2(j + 1) over the same of a perfect list. */
PFC_API double pfc_ndcg_at(int k, int n_ranked, const uint8_t *hit, int n_relevant);
/* Mean over all n_relevant items of the precision at their rank; those beyond k, or not on
 * the list, count 0. */
PFC_API double pfc_average_precision_at(int k, int n_ranked, const uint8_t *hit,
                                        int n_relevant);
/* 1 / rank of the first hit, 0 without one. */
PFC_API double pfc_reciprocal_rank(int n_ranked, const uint8_t *hit);
/* Gini coefficient of n exposures >= 0: their mean absolute difference over twice their
 * mean. 0 = all alike, 1 - 1/n = one has everything. NaN when n = 0, all are 0, or one is
 * negative or NaN. */
PFC_API PFC_MUST_USE pfc_status pfc_gini(int n, const double *exposure, double *gini,
                                         pfc_error *err);

/* --- probabilities: y in {0, 1}, p in [0, 1] ------------------------------- */

/* Probability that a random positive scores above a random negative, ties count half; NaN
 * with one class only. O(n log n). */
PFC_API PFC_MUST_USE pfc_status pfc_auc(int64_t n, const double *score, const int8_t *y,
                                        const double *weight, double *auc, pfc_error *err);
/* Mean of -log of the probability given to what happened; p is cut to [1e-15, 1 - 1e-15]. */
PFC_API double pfc_log_loss(int64_t n, const double *p, const int8_t *y, const double *weight);
PFC_API double pfc_brier(int64_t n, const double *p, const int8_t *y, const double *weight);
/* mean(p) - mean(y). */
PFC_API double pfc_mean_gap(int64_t n, const double *p, const int8_t *y, const double *weight);
/* Slope and intercept of the logistic regression of y on logit(p), p cut as above (Cox,
 * Biometrika 1958); 1 and 0 are perfect. Both NaN where no finite maximum exists: one class
 * only, or a threshold on p that parts the classes. */
PFC_API PFC_MUST_USE pfc_status pfc_calibration(int64_t n, const double *p, const int8_t *y,
                                                const double *weight, double *slope,
                                                double *intercept, pfc_error *err);
/* Expected calibration error: rows sorted by p, ties kept together, cut into n_bins (1 to
 * 10000) of equal mass; sum over bins of share * |mean p - mean y|. y may be any value in
 * [0, 1]. A tie goes as a whole to the bin where the middle of its mass falls. */
PFC_API PFC_MUST_USE pfc_status pfc_ece(int64_t n, const double *p, const double *y,
                                        const double *weight, int n_bins, double *ece,
                                        pfc_error *err);

/* --- spells ---------------------------------------------------------------- */

/* Spells as metrics see them. A spell is at risk on the days entry < day <= time, and on
 * day 0 too when its entry is 0 or less (or entry is NULL); one that ends at or before its
 * late entry was never at risk and counts nowhere. On one day, events come before
 * censoring. */
typedef struct pfc_spells {
  int64_t n;
  const double *entry;  /* days; NULL: all from the start */
  const double *time;   /* days, finite, >= 0 */
  const int8_t *event;  /* 1 the cause in question, 0 censored, 2 another cause */
  const double *weight; /* NULL: once each */
} pfc_spells;

/* Harrell's C, cause-specific (other causes censor). A pair is i with event 1 and j at risk
 * on day time_i, except where j had event 1 on that very day too: so a j that is censored on
 * day time_i lives longer, a j that enters on it or later is no pair. C is the share of pairs
 * with risk_i > risk_j, ties in risk count half (as R's survival::concordance, with which
 * the tests compare). NaN without pairs. O(n log n). */
PFC_API PFC_MUST_USE pfc_status pfc_concordance(const pfc_spells *s, const double *risk,
                                                double *c, pfc_error *err);

/* Kaplan-Meier survival of "any event" (or of being uncensored when censoring is not 0) at
 * n_days ascending days, just before each day when left is not 0. Flat beyond the last
 * spell; NaN when there is none. PFC_EUSAGE when the days descend. */
PFC_API PFC_MUST_USE pfc_status pfc_kaplan_meier(const pfc_spells *s, int censoring, int left,
                                                 int n_days, const double *days,
                                                 double *survival, pfc_error *err);

/* Aalen-Johansen cumulative incidence of cause 1 at n_days ascending days; flat and NaN as
 * above. */
PFC_API PFC_MUST_USE pfc_status pfc_aalen_johansen(const pfc_spells *s, int n_days,
                                                   const double *days, double *incidence,
                                                   pfc_error *err);

/* Brier score of the cumulative incidence at one day, weighted by the inverse probability
 * of censoring (Graf et al. 1999; Schoop et al. 2011 for competing causes).
 *
 * incidence[i] is the predicted probability of event 1 by `day`, given that spell i was
 * still running at its entry. Spells that enter on the day or later do not count. NaN when
 * nobody is followed as far as the day while some are censored before it. */
PFC_API PFC_MUST_USE pfc_status pfc_ipcw_brier(const pfc_spells *s, double day,
                                               const double *incidence, double *brier,
                                               pfc_error *err);

/* Integrated Brier score: trapezoid over n_days ascending days, divided by their span; of one
 * day its Brier score. incidence is n x n_days row-major. NaN when any day's score is. */
PFC_API PFC_MUST_USE pfc_status pfc_integrated_brier(const pfc_spells *s, int n_days,
                                                     const double *days, const float *incidence,
                                                     double *ibs, pfc_error *err);

/* Calibration error of incidence (as in pfc_ipcw_brier) at one day: n_bins of equal mass by
 * prediction, cut as in pfc_ece; observed share by Aalen-Johansen within the bin, late
 * entries weighted as in pfc_ipcw_brier. A bin in which nobody is followed as far as the day
 * is left out; NaN when all are. */
PFC_API PFC_MUST_USE pfc_status pfc_incidence_ece(const pfc_spells *s, double day,
                                                  const double *incidence, int n_bins,
                                                  double *ece, pfc_error *err);

/* Mean interval score of [lo, hi] for level 1 - alpha: width + 2/alpha * distance outside
 * (Gneiting and Raftery 2007), and share covered, ends included. Either out-pointer may be
 * NULL. */
PFC_API void pfc_interval_score(int64_t n, const double *lo, const double *hi, const double *y,
                                const double *weight, double alpha, double *score,
                                double *coverage);

#endif
