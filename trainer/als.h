/* Alternating least squares for the affinity model (models/affinity.h). */
#ifndef PROFICIO_TRAINER_ALS_H
#define PROFICIO_TRAINER_ALS_H

#include "base/error.h"
#include "base/progress.h"
#include "base/sparse.h"
#include "models/affinity.h"

typedef struct pfc_als_settings {
  uint32_t struct_size;  /* set by pfc_als_defaults(); checked by the fit */
  int32_t rank;          /* latent dimensions, 1..512 [16] */
  double alpha0;         /* weight of every pair, > 0 [0.03] */
  double lambda;         /* ridge, > 0 [0.1] */
  double nu;             /* frequency exponent, 0..1 [1] */
  double kappa_people;   /* pull of people towards A f, >= 0 [0.02] */
  double kappa_items;    /* pull of items towards B f, >= 0 [10] */
  double prior_ridge;    /* ridge of A and B, > 0 [1] */
  int32_t max_sweeps;    /* [40] */
  int32_t update_sweeps; /* most of a fit that begins where another ended [3] */
  double tolerance;      /* stop when the relative change of the objective is below [1e-5] */
  uint64_t seed;         /* [1] */
  pfc_progress progress;
} pfc_als_settings;
PFC_API void pfc_als_defaults(pfc_als_settings *s);
/* Names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_als_check(const pfc_als_settings *s, pfc_error *err);

typedef struct pfc_als_report {
  int64_t sweeps;
  double objective, change; /* at the end; relative change of the last sweep */
  int converged;
} pfc_als_report;

/* Fits people, items, person_prior and item_prior of m from confidences conf (people x
 * items, val = c_pi > 0) and attributes (people x m->person_features->n_columns, items x
 * ...; NULL: no attributes, prior 0). Sets m's rank, sizes, settings, item_count and arrays
 * (those it held are freed); its feature pointers and weights are left alone. A failure
 * leaves m as it was.
 *
 * A sweep solves people, regresses A, solves items, regresses B. The objective falls in each
 * of these part-steps up to float32 rounding (1e-6 of it); where it does not, PFC_ENUMERIC
 * names the step. PFC_EDATA when there is no pair, or a confidence is not above 0. With
 * kappa = 0 the attributes have no say and A = B = 0. Same bytes for any number of threads;
 * call pfc_par_init first. Memory: k^2 floats a thread, and d^2 doubles for d <= 2048
 * attribute columns. */
PFC_API PFC_MUST_USE pfc_status pfc_als_fit(const pfc_csr *conf,
                                            const pfc_csr *person_attributes,
                                            const pfc_csr *item_attributes,
                                            const pfc_als_settings *settings, pfc_affinity *m,
                                            pfc_als_report *report, pfc_error *err);

/* Where a fit begins instead of random items. */
typedef struct pfc_als_start {
  const float *items;                     /* items x rank */
  const float *person_prior, *item_prior; /* attributes' columns x rank; NULL without them */
} pfc_als_start;

/* pfc_als_fit that begins there, makes at most update_sweeps sweeps, and may end after the
 * first one. */
PFC_API PFC_MUST_USE pfc_status pfc_als_update(const pfc_csr *conf,
                                               const pfc_csr *person_attributes,
                                               const pfc_csr *item_attributes,
                                               const pfc_als_settings *settings,
                                               const pfc_als_start *start, pfc_affinity *m,
                                               pfc_als_report *report, pfc_error *err);

/* Turns m's factors and maps, which no score notices, so that the factors of the first n items
 * that both have seen come as close as they can to those in `to` (n x rank), by the sum of
 * squares: orthogonal Procrustes (Schoenemann, Psychometrika 1966). seen[n]: people who took
 * the item up in `to`. */
PFC_API PFC_MUST_USE pfc_status pfc_als_align(pfc_affinity *m, int32_t n, const float *to,
                                              const int32_t *seen, pfc_error *err);

/* The objective of the header of models/affinity.h in float64, for tests and reports. */
PFC_API PFC_MUST_USE pfc_status pfc_als_objective(const pfc_csr *conf,
                                                  const pfc_csr *person_attributes,
                                                  const pfc_csr *item_attributes,
                                                  double prior_ridge, const pfc_affinity *m,
                                                  double *value, pfc_error *err);

#endif
