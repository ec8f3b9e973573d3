/* Affinity: which interventions does a person take up? Weighted implicit matrix
 * factorization with an attribute prior (DESIGN 4.2). It minimizes
 *
 *   sum_p sum_i alpha0 (x_p.y_i)^2  +  sum_{(p,i) observed} c_pi (1 - x_p.y_i)^2
 *   + sum_p [ lambda_p |x_p|^2 + kappa_people |x_p - A f_p|^2 ]
 *   + sum_i [ lambda_i |y_i|^2 + kappa_items |y_i - B f_i|^2 ]
 *   + ridge (|A|^2 + |B|^2),
 *
 * with lambda_p = lambda (n_p + alpha0 n_items)^nu. Every sum runs over the people and
 * items that were observed at least once: of an item nobody took up yet, "not taken" says
 * nothing (it may not have been on offer), so it pulls at nobody's factors and stands where
 * its attributes put it, y = B f; likewise x = A f for people. Sources: Hu, Koren,
 * Volinsky, ICDM 2008 (confidences); Rendle, Krichene, Zhang, Koren, RecSys 2022 (alpha0
 * and frequency scaling); Agarwal and Chen, KDD 2009 (factors regressed on attributes). */
#ifndef PROFICIO_MODELS_AFFINITY_H
#define PROFICIO_MODELS_AFFINITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/features.h"
#include "models/calibration.h"

/* Confidence of an enrolment by what came of it. */
typedef struct pfc_affinity_weights {
  double registered;     /* enrolled, not (yet) started [0.5] */
  double started;        /* started, whatever came of it [1] */
  double passed;         /* [1] */
  double half_life_days; /* confidence halves with age; 0: does not age [0] */
} pfc_affinity_weights;

typedef struct pfc_affinity {
  int32_t rank;     /* k, 1..512 */
  int32_t n_people; /* model codes of "person" */
  int32_t n_items;  /* model codes of "intervention" */
  double alpha0, lambda, nu, kappa_people, kappa_items;
  pfc_affinity_weights weights;
  int32_t *item_count; /* n_items; people who took it up. Items with 0 stand at B f and take
                          no part in the sums over all items */
  float *people;       /* n_people x k, row-major */
  float *items;        /* n_items x k */
  float *person_prior; /* A: person_features->n_columns x k */
  float *item_prior;   /* B: item_features->n_columns x k */
  pfc_features *person_features; /* PFC_PLAN_PERSON_ATTRIBUTES */
  pfc_features *item_features;   /* PFC_PLAN_ITEM_ATTRIBUTES */
  /* Probability of starting i, given that the person starts something that is open then:
   * logistic(accept_slope * x.y + accept_intercept), calibrated. */
  double accept_slope, accept_intercept;
  pfc_beta accept_calibration;
} pfc_affinity;

/* Frees what the struct holds; safe on a zeroed struct. */
PFC_API void pfc_affinity_clear(pfc_affinity *m);
/* A copy; out is empty before. */
PFC_API PFC_MUST_USE pfc_status pfc_affinity_copy(const pfc_affinity *m, pfc_affinity *out,
                                                  pfc_error *err);

/* That probability of a score x.y. */
static inline double pfc_affinity_accept(const pfc_affinity *m, double score) {
  return pfc_beta_probability(&m->accept_calibration,
                              m->accept_slope * score + m->accept_intercept);
}

/* Floats of scratch for one row solve of rank k. */
#define PFC_AFFINITY_SCRATCH(k) ((ptrdiff_t)(k) * (k) + (ptrdiff_t)64 * (k))

/* Confidence of one attempt as known at date (PFC_NO_DATE: all of it is known). */
PFC_API double pfc_affinity_confidence(const pfc_affinity_weights *w, const pfc_attempt *a,
                                       int32_t date);

/* S = Y'Y, k x k, both triangles, in float64 over fixed tiles: the same bytes for any
 * number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_affinity_moments(int32_t k, int32_t n, const float *Y,
                                                     double *S, pfc_error *err);

/* G = alpha0 Y'Y in float32, lower triangle (summed in float64): shared by every row of a
 * half-sweep. Y holds the rows that were observed at least once (or 0 for the others). */
PFC_API PFC_MUST_USE pfc_status pfc_affinity_gram(int32_t k, int32_t n, const float *Y,
                                                  double alpha0, float *G, pfc_error *err);

/* What the rows of one side share while they are solved against the other side. */
typedef struct pfc_affinity_rows {
  int32_t k;
  const float *Y; /* the other side's factors, n x k */
  const float *G; /* pfc_affinity_gram of those observed at least once */
  double kappa;   /* pull of this side towards its priors, >= 0 */
} pfc_affinity_rows;

/* One row: x = argmin alpha0 sum_i (x.y_i)^2 + sum_j c_j (1 - x.y_j)^2 + lambda |x|^2
 * + kappa |x - prior|^2, that is (G + sum c_j y_j y_j' + (lambda + kappa) I) x =
 * sum c_j y_j + kappa prior. Used by the fit and to fold in a person's history.
 *   n, cols[n], conf[n]   observed columns and confidences >= 0; n = 0 allowed
 *   lambda                already scaled for this row, > 0
 *   prior[k]              NULL means 0
 *   scratch               PFC_AFFINITY_SCRATCH(k) floats, contents destroyed
 * No allocation, no locks, re-entrant. PFC_ENUMERIC when not positive definite. */
PFC_API PFC_MUST_USE pfc_status pfc_affinity_row(const pfc_affinity_rows *rows, ptrdiff_t n,
                                                 const int32_t *cols, const float *conf,
                                                 double lambda, const float *prior,
                                                 float *scratch, float *x, pfc_error *err);

/* prior = sum_j val_j A[col_j, :], the factor that attributes alone predict. */
PFC_API void pfc_affinity_prior(int32_t k, const float *A, int n, const int32_t *col,
                                const float *val, float *prior);

/* lambda (n + alpha0 N)^nu: n observed pairs of the row, N rows of the other side that
 * were observed at least once. */
PFC_API double pfc_affinity_ridge(const pfc_affinity *m, double n, double n_other);

#endif
