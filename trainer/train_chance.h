/* What training a chance and updating it share. */
#ifndef PROFICIO_TRAINER_TRAIN_CHANCE_H
#define PROFICIO_TRAINER_TRAIN_CHANCE_H

#include "trainer/train_internal.h"

extern const pfc__chance_plan PFC__SUCCESS, PFC__ACCEPT;

/* z[n x rank]: products x_f y_f of affinity factors, the person's as known before the start;
 * apart: as they were had the row's person not been among those they were fitted to. */
PFC_MUST_USE pfc_status pfc__chance_products(const pfc__training *t, bool apart, int64_t n,
                                             const pfc_decision *d, float *z, pfc_error *err);
/* Puts them on the scale of the other columns: divided by rms[rank], their root mean squares;
 * a product that is noise becomes 0, and its rms 1. */
void pfc__chance_scale(int64_t n, int32_t rank, float *z, double *rms);

/* Of calibration: how much a result of so many days before the last counts. */
double pfc__chance_recency(int32_t days);

/* keys[n]: by what the rows are known in any dataset. */
PFC_MUST_USE pfc_status pfc__chance_keys(const pfc__training *t, int64_t n,
                                         const pfc_decision *d, uint64_t *keys, pfc_error *err);

/* How a chance came to its coefficients. */
typedef struct pfc__chance_fit {
  const pfc_csr *x;           /* columns of the features, then products divided by rms */
  const double *w;            /* solution; then the intercept */
  const double *rms;          /* rank */
  const pfc_posterior *prior; /* of columns as in x; NULL: ridge */
  const double *ridge;
  const pfc_ledger *earlier; /* rows that the prior holds; NULL: none */
  int64_t n;
  const uint64_t *keys; /* n; of the rows of x */
} pfc__chance_fit;
/* Coefficients, posterior and ledger of m, whose features and rank are set. */
PFC_MUST_USE pfc_status pfc__chance_keep(const pfc__chance_fit *fit, pfc_chance *m,
                                         pfc_error *err);

/* Products of a posterior's columns first .. first + n - 1 in another unit: value * unit[k]
 * instead of value. */
void pfc__posterior_rescale(pfc_posterior *p, int32_t first, int32_t n, const double *unit);

#endif
