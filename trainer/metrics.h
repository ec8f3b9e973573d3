/* Quality figures on plain arrays. docs/METHODS.md, "Quality figures", holds every
 * definition with its ties, empty cases and cut-offs.
 *
 * `weight[i]` is how often row i counts (NULL: once each): finite, >= 0, not only whole
 * numbers. Weight 2 is the row twice, weight 0 the row left out, so that a bootstrap can
 * recompute any figure from resampled weights. A figure that is not defined (one class
 * only, no rows) is NaN, and PFC_OK. Rows that are wrong (NaN predictions, labels other
 * than 0 and 1, negative weights) are PFC_EDATA with the number of the row; a function that
 * returns its figure returns NaN for them. On failure the out-parameters are untouched.
 * All functions may be called from several threads at once.
 *
 * For a bootstrap, which asks for the same figure under thousands of weights, rows are sorted
 * once (pfc_order, pfc_concordance_order) and the functions that end in _ordered take that
 * order: O(n) a call, or O(n log n) for concordances, and the same number as the plain
 * function. An order is never written to after it is made: any number of threads may use one
 * at once, each with weights of its own; what scratch a call needs it allocates itself. */
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
/* |relevant in the first k| / k, also of a list shorter than k. */
PFC_API double pfc_precision_at(int k, int n_ranked, const uint8_t *hit, int n_relevant);
/* 1 when a relevant item is among the first k, else 0. */
PFC_API double pfc_hit_rate_at(int k, int n_ranked, const uint8_t *hit, int n_relevant);

/* Figures of the lists themselves, whatever was relevant: item[j] is at rank j + 1. */
/* Mean over the first k of -log2((takers[item] + 1) / (n_people + 2)): takers[i] of n_people
 * took item i up in training. 0 bits would be what everybody has. NaN for an empty list. */
PFC_API double pfc_novelty_at(int k, int n_ranked, const int32_t *item, const int32_t *takers,
                              int32_t n_people);
/* Similarity of two items, 0 to 1. */
typedef double (*pfc_similarity_fn)(int32_t a, int32_t b, void *user);
/* Mean over the pairs of the first k of 1 - similarity. NaN below two items. */
PFC_API double pfc_diversity_at(int k, int n_ranked, const int32_t *item,
                                pfc_similarity_fn similarity, void *user);
/* What items are about: item i has the members first[i] .. first[i + 1] - 1, in any order, no
 * value twice; negative ones stand for nothing. Borrowed. A pfc_catalogue's first and
 * competency fit. */
typedef struct pfc_item_sets {
  const int32_t *first, *member;
} pfc_item_sets;
/* |in both| / |in either| (Jaccard 1901), for pfc_diversity_at with a pfc_item_sets as user. An
 * item is like itself; otherwise two without members share nothing, and this is 0. */
PFC_API double pfc_jaccard(int32_t a, int32_t b, void *sets);
/* Share of n items with any exposure. NaN when n = 0, or one is negative or NaN. */
PFC_API double pfc_coverage(int n, const double *exposure);
/* Gini coefficient of n exposures >= 0: their mean absolute difference over twice their
 * mean. 0 = all alike, 1 - 1/n = one has everything. NaN when n = 0, all are 0, or one is
 * negative or NaN. */
PFC_API PFC_MUST_USE pfc_status pfc_gini(int n, const double *exposure, double *gini,
                                         pfc_error *err);

/* --- rows sorted once ------------------------------------------------------- */

/* n rows in ascending order of a score or a prediction. */
typedef struct pfc_order pfc_order;
/* Copies what it needs. PFC_EDATA on a NaN. O(n log n). */
PFC_API PFC_MUST_USE pfc_status pfc_order_create(int64_t n, const double *value,
                                                 pfc_order **order, pfc_error *err);
PFC_API void pfc_order_destroy(pfc_order *order); /* NULL is allowed */

/* --- probabilities: y in {0, 1}, p in [0, 1] ------------------------------- */

/* Probability that a random positive scores above a random negative, ties count half; NaN
 * with one class only. O(n log n). */
PFC_API PFC_MUST_USE pfc_status pfc_auc(int64_t n, const double *score, const int8_t *y,
                                        const double *weight, double *auc, pfc_error *err);
/* The same by an order of the scores; NaN for wrong rows too. O(n), allocates nothing. */
PFC_API double pfc_auc_ordered(const pfc_order *order, const int8_t *y, const double *weight);
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
PFC_API PFC_MUST_USE pfc_status pfc_ece_ordered(const pfc_order *order, const double *y,
                                                const double *weight, int n_bins, double *ece,
                                                pfc_error *err);

/* Why a Brier score is what it is: bins as in pfc_ece (Murphy 1973; the last two terms are
 * those of Stephenson, Coelho and Jolliffe 2008, without which bins of unequal predictions do
 * not add up). brier = reliability - resolution + uncertainty + within_variance -
 * within_covariance. All NaN without rows. */
typedef struct pfc_brier_parts {
  double brier;
  double reliability;       /* mean over rows of (mean p - mean y of the bin)^2: lower better */
  double resolution;        /* ... of (mean y of the bin - mean y)^2: higher better */
  double uncertainty;       /* mean y (1 - mean y): of the data, not of the model */
  double within_variance;   /* mean of (p - mean p of the bin)^2 */
  double within_covariance; /* 2 mean of (p - mean p)(y - mean y), both of the bin */
} pfc_brier_parts;
PFC_API PFC_MUST_USE pfc_status pfc_brier_decomposition(int64_t n, const double *p,
                                                        const int8_t *y, const double *weight,
                                                        int n_bins, pfc_brier_parts *parts,
                                                        pfc_error *err);
PFC_API PFC_MUST_USE pfc_status
pfc_brier_decomposition_ordered(const pfc_order *order, const int8_t *y, const double *weight,
                                int n_bins, pfc_brier_parts *parts, pfc_error *err);

/* --- numbers --------------------------------------------------------------- */

/* Square root of the mean of (prediction - y)^2. */
PFC_API double pfc_rmse(int64_t n, const double *prediction, const double *y,
                        const double *weight);
/* Mean of |prediction - y|. */
PFC_API double pfc_mae(int64_t n, const double *prediction, const double *y,
                       const double *weight);
/* Mean pinball loss of predicted quantiles q (0 to 1): q (y - f) above f, (1 - q)(f - y) below
 * (Koenker and Bassett 1978). At 1/2 it is half the mean absolute error. */
PFC_API double pfc_pinball(int64_t n, const double *quantile, const double *y,
                           const double *weight, double q);
/* Share of y at or below their predicted quantiles, to be held against q. For intervals see
 * pfc_interval_score. */
PFC_API double pfc_quantile_coverage(int64_t n, const double *quantile, const double *y,
                                     const double *weight);

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

/* C of the days up to tau (INFINITY: all), free of how people were censored: the pairs of
 * pfc_concordance with time_i <= tau, each divided by the probability that both were still
 * followed then, (G(time_i-))^2 / (G(entry_i) G(entry_j)), G as in pfc_ipcw_brier (Uno et al.
 * 2011). Other causes end a spell and are no censoring, so this is the probability that of two
 * the one with event 1 first, by tau and before anything ended the other, had the higher risk.
 * NaN without pairs, or where G has fallen to 0 before late entries. PFC_EUSAGE when tau is
 * NaN. O(n log n). */
PFC_API PFC_MUST_USE pfc_status pfc_ipcw_concordance(const pfc_spells *s, const double *risk,
                                                     double tau, double *c, pfc_error *err);

/* Spells in order of time, entry and risk. */
typedef struct pfc_concordance_order pfc_concordance_order;
/* Borrows entry, time and event of s, which must outlive it; weight is not read, risk may go.
 */
PFC_API PFC_MUST_USE pfc_status pfc_concordance_order_create(const pfc_spells *s,
                                                             const double *risk,
                                                             pfc_concordance_order **order,
                                                             pfc_error *err);
PFC_API void pfc_concordance_order_destroy(pfc_concordance_order *order); /* NULL is allowed */
PFC_API PFC_MUST_USE pfc_status pfc_concordance_ordered(const pfc_concordance_order *order,
                                                        const double *weight, double *c,
                                                        pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_ipcw_concordance_ordered(const pfc_concordance_order *order,
                                                             const double *weight, double tau,
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

/* D-calibration (Haider et al. 2020): are the predicted probabilities of lasting beyond the
 * spell's own end spread evenly, as they are when the curves are right? survival[i] in [0, 1]
 * is that probability given that the spell was running at its entry; observed[i] is 1 where it
 * ended by the event, 0 where it was censored. An event counts in the bin of its survival s, of
 * n_bins (2 to 10000) of equal width; a censored spell, which would have ended somewhere in
 * [0, s], is spread evenly over that. statistic is Pearson's chi square against equal shares,
 * p_value its upper tail at n_bins - 1 degrees of freedom: right for rows of independent
 * people, too small where people own several, conservative with many censored. Either may be
 * NULL; NaN without rows. For one of several causes give the survival against that cause alone,
 * exp(-its cumulative hazard), other causes as censored. */
PFC_API PFC_MUST_USE pfc_status pfc_d_calibration(int64_t n, const double *survival,
                                                  const int8_t *observed, const double *weight,
                                                  int n_bins, double *statistic,
                                                  double *p_value, pfc_error *err);

/* Mean interval score of [lo, hi] for level 1 - alpha: width + 2/alpha * distance outside
 * (Gneiting and Raftery 2007), and share covered, ends included. Either out-pointer may be
 * NULL. */
PFC_API void pfc_interval_score(int64_t n, const double *lo, const double *hi, const double *y,
                                const double *weight, double alpha, double *score,
                                double *coverage);

#endif
