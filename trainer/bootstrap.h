/* Uncertainty of quality figures: bootstrap over people, paired comparisons, and many of them
 * at once.
 *
 * All resamples draw people the same way: those who own rows, with replacement, as many as
 * there are, resample r from the stream (seed, "bootstrap", r). So the r-th value of one model
 * and the r-th of another rest on the same people whenever their rows have the same owners, and
 * their difference is a paired one. */
#ifndef PROFICIO_TRAINER_BOOTSTRAP_H
#define PROFICIO_TRAINER_BOOTSTRAP_H

#include <stdint.h>

#include "base/error.h"

/* Rows of a figure: person[i] in 0..n_people-1 owns row i. Borrowed. */
typedef struct pfc_owned {
  int64_t n;
  const int32_t *person;
  int32_t n_people;
} pfc_owned;

/* One figure of m models, recomputed on weights of the rows (NULL: once each): value[m]. Called
 * from several threads at once. */
typedef pfc_status (*pfc_figures_fn)(const double *weight, void *user, double *value,
                                     pfc_error *err);

/* value[n_resamples x m], row-major: fn on the weights of each resample. Same seed, same values
 * for any number of threads; when fn fails, the error told is that of the first resample that
 * fails, and all values are NaN. PFC_EDATA when an owner is out of range. */
PFC_API PFC_MUST_USE pfc_status pfc_bootstrap(const pfc_owned *rows, int m, int n_resamples,
                                              uint64_t seed, pfc_figures_fn fn, void *user,
                                              double *value, pfc_error *err);

/* The same for m weighted means at once, by products of matrices: mean j of a resample is the
 * sum over drawn people of sum[p, j] over that of count[p, j]; NaN where the count is 0. sum
 * and count are n_people x m, row-major, finite, count >= 0; whoever has no count in any of the
 * m owns nothing. 10,000 resamples of 100,000 people take seconds. */
PFC_API PFC_MUST_USE pfc_status pfc_bootstrap_means(int32_t n_people, int m, const double *sum,
                                                    const double *count, int n_resamples,
                                                    uint64_t seed, double *value,
                                                    pfc_error *err);

/* Percentile interval of n values, `stride` apart: the 2.5th and 97.5th percentiles (Davison
 * and Hinkley 1997, section 5.2.1); NaN values are skipped, without any other the limits are
 * NaN. Reads only. PFC_ENOMEM. */
PFC_API PFC_MUST_USE pfc_status pfc_percentile_interval(int n, const double *value, int stride,
                                                        double *lo, double *hi, pfc_error *err);

/* Two-sided p value of "no difference": twice the smaller share of resampled differences on
 * either side of 0, those at 0 on both, with one added to every count (so never 0); at most 1.
 * NaN values are skipped; NaN without any other. */
PFC_API double pfc_bootstrap_p(int n, const double *difference);

/* adjusted[n]: p values that hold for all n comparisons together (Holm, Scandinavian Journal of
 * Statistics 6, 1979): in ascending order the k-th of m is multiplied by m - k + 1 and never
 * below its predecessor, at most 1. NaN stays NaN and does not count among the m. PFC_ENOMEM.
 */
PFC_API PFC_MUST_USE pfc_status pfc_holm(int n, const double *p, double *adjusted,
                                         pfc_error *err);

#endif
