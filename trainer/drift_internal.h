/* What the parts of drift share. */
#ifndef PROFICIO_TRAINER_DRIFT_INTERNAL_H
#define PROFICIO_TRAINER_DRIFT_INTERNAL_H

#include "base/sparse.h"
#include "datasets/catalogue.h"
#include "datasets/history.h"
#include "trainer/drift.h"

/* Tables of dated facts about people that models are fitted to. */
enum { PFC__N_FACTS = 4 };

/* The rows of one of them that tell a person and a day, by day, then row. */
typedef struct pfc__facts {
  pfc_table_id table;
  int64_t n;
  int32_t *day, *person;
  int64_t *row;
  bool is_steered; /* whoever recommends decides what comes: that this changes breaks no feed */
} pfc__facts;

enum { PFC__DRIFT_NOTE = 240, PFC__DRIFT_OF = 96 };

typedef struct pfc__drift_row {
  const char *name; /* static */
  char of[PFC__DRIFT_OF];
  pfc_drift_kind kind;
  double figure, limit; /* beyond the limit a difference matters; NaN: not told */
  double p;    /* of so much without drift; NaN: the row keeps an error rate of its own */
  int64_t n;   /* newest rows it speaks of */
  bool beyond; /* does the figure lie beyond the limit? */
  char note[PFC__DRIFT_NOTE];
} pfc__drift_row;

typedef struct pfc__drift {
  const pfc_dataset *ds;
  const pfc_bundle *bundle; /* NULL: none */
  const pfc_drift_settings *settings;
  pfc_history *history;
  pfc_catalogue *cat;
  int32_t n_people;
  int32_t first, from, last; /* reference first .. from - 1, newest from .. last */
  int32_t window; /* days of the stretches that the reference is compared with itself in */
  pfc__facts facts[PFC__N_FACTS];
  int n_rows, capacity;
  pfc__drift_row *rows;
} pfc__drift;

/* A row more, zeroed but for name, of (printed) and kind; NULL when memory is short. */
pfc__drift_row *pfc__drift_add(pfc__drift *d, const char *name, pfc_drift_kind kind,
                               pfc_error *err);

/* --- the world (drift_world.c) ------------------------------------------------------------ */

/* Days, history, facts. To be cleared even when this failed. */
PFC_MUST_USE pfc_status pfc__drift_open(pfc__drift *d, pfc_error *err);
void pfc__drift_close(pfc__drift *d);
/* First row of the facts on that day or later. */
int64_t pfc__facts_from(const pfc__facts *f, int32_t day);

/* --- chances (drift_tails.c) -------------------------------------------------------------- */

double pfc__normal_tail(double z);                /* P(Z >= z) */
double pfc__student_tail(double t, double df);    /* P(T >= t); NaN where df <= 0 */
double pfc__chi2_tail(double x, double df);       /* P(X >= x); df > 0 */
double pfc__poisson_tail(int64_t k, double mean); /* P(N >= k) */

/* --- figures of rows that people own (drift_figures.c) ------------------------------------ */

/* sum / count, where person p brings sum[p] of count[p]; its standard error by people. */
typedef struct pfc__ratio {
  double value, se;
  double count;
  int32_t n_people; /* who own any */
} pfc__ratio;
pfc__ratio pfc__people_ratio(int32_t n_people, const double *sum, const double *count);

/* Area under the curve of rows of people, its standard error by people (Obuchowski 1997). NaN
 * with results of one kind. */
typedef struct pfc__area {
  double value, se;
  int32_t n_people;
} pfc__area;
PFC_MUST_USE pfc_status pfc__people_auc(int64_t n, const double *score, const int8_t *y,
                                        const int32_t *person, int32_t n_people,
                                        pfc__area *area, pfc_error *err);

/* Population stability index of n shares, which count at least `least` each:
 * sum (now - then) log(now / then). */
double pfc__psi(int n, const double *now, const double *then, double least);

/* Rows with results 1 or 0, and what is known of each; the reference first. */
typedef struct pfc__judgeable {
  int64_t n, n_before;
  const int32_t *person;
  const float *y;
  const pfc_csr *x;
  const double *ridge; /* of the columns of x */
} pfc__judgeable;
/* eta[n]: what fits to rows of other people say of everybody's; to those of the reference
 * alone, or to all. *told: false where a fold leaves results of one kind. */
PFC_MUST_USE pfc_status pfc__drift_cross_fit(const pfc__drift *d, const pfc__judgeable *rows,
                                             bool of_reference, double *eta, bool *told,
                                             pfc_error *err);

/* --- parts, each of which adds its rows --------------------------------------------------- */

PFC_MUST_USE pfc_status pfc__drift_doubled(pfc__drift *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__drift_volume(pfc__drift *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__drift_silence(pfc__drift *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__drift_scale(pfc__drift *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__drift_labels(pfc__drift *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__drift_psi(pfc__drift *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__drift_starts(pfc__drift *d, pfc_error *err);
/* What the bundle says of the newest rows, and the CUSUM of results. */
PFC_MUST_USE pfc_status pfc__drift_chances(pfc__drift *d, pfc_error *err);

#endif
