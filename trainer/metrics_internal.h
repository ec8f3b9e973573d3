/* What the quality figures share: rows in order, spells in order, and follow-up. */
#ifndef PROFICIO_TRAINER_METRICS_INTERNAL_H
#define PROFICIO_TRAINER_METRICS_INTERNAL_H

#include <stdint.h>

#include "base/error.h"
#include "trainer/metrics.h"

/* --- rows in order --------------------------------------------------------- */

typedef struct pfc__key {
  double value;
  int64_t row;
} pfc__key;

/* How often row i counts. */
static inline double pfc__times(const double *weight, int64_t i) {
  return weight ? weight[i] : 1;
}

/* A power of two of the size of the largest weight (1 where there is none): weights are divided
 * by it where they are multiplied with each other, so that no product leaves what a double
 * holds. It changes no digit. */
double pfc__weight_unit(int64_t n, const double *weight);

/* PFC_EDATA unless a weight is finite and not negative. */
PFC_MUST_USE pfc_status pfc__check_weight(const double *weight, int64_t i, pfc_error *err);

/* PFC_EDATA unless an outcome is 0 or 1. */
PFC_MUST_USE pfc_status pfc__check_label(const int8_t *y, int64_t i, pfc_error *err);

/* Ascending by value, equal values by row, so that sums run in one order only. */
void pfc__sort_keys(int64_t n, pfc__key *keys);

/* The rows that count (weight > 0) in ascending order of value. *keys is freed with
 * pfc_free. PFC_EDATA on a NaN, which `what` names in the message, or a bad weight. */
PFC_MUST_USE pfc_status pfc__sort_rows(int64_t n, const double *value, const double *weight,
                                       const char *what, pfc__key **keys, int64_t *n_keys,
                                       pfc_error *err);

/* Cuts n sorted keys into n_bins bins of equal mass: keys of equal value stay together, in
 * the bin where the middle of their mass falls. Bin b is keys end[b - 1] .. end[b] - 1 (from
 * 0 for b = 0) and may be empty. */
void pfc__cut_bins(int64_t n, const pfc__key *keys, const double *weight, int n_bins,
                   int64_t *end);

struct pfc_order {
  int64_t n;
  pfc__key *keys;
};

/* PFC_EUSAGE unless n_bins is in 1..10000. */
PFC_MUST_USE pfc_status pfc__check_bins(int n_bins, pfc_error *err);

/* --- spells in order ------------------------------------------------------- */

/* One distinct day on which spells end. */
typedef struct pfc__moment {
  double day;
  double at_risk;  /* weight of the spells with entry < day <= time */
  double cause;    /* weight of those that end here by event 1 ... */
  double other;    /* ... by event 2 ... */
  double censored; /* ... and unseen */
} pfc__moment;

/* PFC_EDATA unless every time is finite and >= 0, every entry a number, every event in
 * 0..2 and every weight good. */
PFC_MUST_USE pfc_status pfc__check_spells(const pfc_spells *s, pfc_error *err);

/* PFC_EUSAGE unless the days ascend; equal ones may follow each other. */
PFC_MUST_USE pfc_status pfc__check_days(int n_days, const double *days, pfc_error *err);

/* The day from which spell i is seen; at or below 0: from the start, day 0 included. */
static inline double pfc__entry(const pfc_spells *s, int64_t i) {
  return s->entry ? s->entry[i] : 0;
}

/* How often spell i counts; 0 when it was never at risk (it ends at or before its entry). */
static inline double pfc__spell_times(const pfc_spells *s, int64_t i) {
  const double entry = pfc__entry(s, i);
  return entry > 0 && entry >= s->time[i] ? 0 : pfc__times(s->weight, i);
}

/* Keys of the spells that count, sorted. */
typedef struct pfc__spell_keys {
  int64_t n_ends, n_entries;
  pfc__key *ends;    /* by time */
  pfc__key *entries; /* by entry, of those alone that entered after the start */
} pfc__spell_keys;

/* Cleared also when init failed. */
PFC_MUST_USE pfc_status pfc__spell_keys_init(pfc__spell_keys *keys, const pfc_spells *s,
                                             pfc_error *err);
void pfc__spell_keys_clear(pfc__spell_keys *keys);

/* The distinct days in ascending order; freed with pfc_free. keys may be NULL: spells are then
 * sorted here. With keys of other weights there may be days on which nobody ends. */
PFC_MUST_USE pfc_status pfc__moments(const pfc_spells *s, const pfc__spell_keys *keys,
                                     pfc__moment **moments, int64_t *n_moments, pfc_error *err);

/* Share that stays when `lost` of `at_risk` leave. */
double pfc__stay(double at_risk, double lost);

/* Share of those who could be censored at m and were not. Events come before censoring on
 * the same day: whoever had one can no longer be censored there. */
static inline double pfc__stay_uncensored(const pfc__moment *m) {
  return pfc__stay(m->at_risk - m->cause - m->other, m->censored);
}

/* --- weighting by the inverse probability of censoring --------------------- */

/* G, the Kaplan-Meier curve of remaining uncensored, where spells enter and end; a spell that
 * has no key has 0 for both. */
typedef struct pfc__follow_up {
  const pfc_spells *s;
  int64_t n;          /* steps of G */
  pfc__moment *steps; /* their days */
  double *g;          /* [n + 1] G before step j; g[n] after the last */
  double *entered;    /* [rows] G(entry), 1 for those seen from the start */
  double *ended;      /* [rows] G(time-) */
} pfc__follow_up;

/* Borrows s; keys may be NULL. Cleared also when init failed. */
PFC_MUST_USE pfc_status pfc__follow_up_init(pfc__follow_up *f, const pfc_spells *s,
                                            const pfc__spell_keys *keys, pfc_error *err);
void pfc__follow_up_clear(pfc__follow_up *f);

#endif
