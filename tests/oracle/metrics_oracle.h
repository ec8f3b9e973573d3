/* The quality figures by their definitions: every pair looked at, every risk set counted
 * anew, in double precision. Contracts as in trainer/metrics.h. */
#ifndef PROFICIO_TESTS_ORACLE_METRICS_ORACLE_H
#define PROFICIO_TESTS_ORACLE_METRICS_ORACLE_H

#include <stdint.h>

#include "trainer/metrics.h"

double oracle_average_precision(int k, int n_ranked, const uint8_t *hit, int n_relevant);
double oracle_gini(int n, const double *exposure);

double oracle_auc(int64_t n, const double *score, const int8_t *y, const double *weight);
double oracle_ece(int64_t n, const double *p, const double *y, const double *weight,
                  int n_bins);
/* parts->brier is left alone. */
void oracle_brier_parts(int64_t n, const double *p, const int8_t *y, const double *weight,
                        int n_bins, pfc_brier_parts *parts);

double oracle_concordance(const pfc_spells *s, const double *risk);
double oracle_ipcw_concordance(const pfc_spells *s, const double *risk, double tau);
double oracle_kaplan_meier(const pfc_spells *s, int censoring, int left, double day);
double oracle_aalen_johansen(const pfc_spells *s, double day);
double oracle_brier(const pfc_spells *s, double day, const double *incidence);
/* Observed shares by Aalen-Johansen: for spells without late entries. */
double oracle_incidence_ece(const pfc_spells *s, double day, const double *incidence,
                            int n_bins);

/* Chi square of D-calibration. */
double oracle_d_calibration(int64_t n, const double *survival, const int8_t *observed,
                            const double *weight, int n_bins);
/* P(chi square with f >= 2 degrees of freedom > x) by Simpson's rule over its density. */
double oracle_chi_square_tail(int f, double x);

#endif
