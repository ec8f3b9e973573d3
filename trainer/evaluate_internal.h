/* What the parts of an evaluation share. */
#ifndef PROFICIO_TRAINER_EVALUATE_INTERNAL_H
#define PROFICIO_TRAINER_EVALUATE_INTERNAL_H

#include "datasets/catalogue.h"
#include "datasets/episodes.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "models/fold.h"
#include "models/predict.h"
#include "trainer/bootstrap.h"
#include "trainer/evaluate.h"
#include "trainer/judged_rows.h"
#include "trainer/metrics.h"

/* One who is judged, and what it takes to ask them. Everything is NULL that they have not. */
typedef struct pfc__contender {
  const pfc_contestant *is;
  pfc_lens *lens;    /* the dataset through the bundle's eyes */
  pfc_fold *fold;    /* of its affinity */
  bool tells_curves; /* a file: incidence of every test episode */
  cJSON *json;       /* where their figures go; borrowed */
} pfc__contender;

/* A comparison of the first contestant with another one, before it is told. */
typedef struct pfc__comparison {
  char figure[64];
  const char *better; /* "higher", "lower", "nearer 0", "nearer 1" */
  int against;        /* contender */
  int64_t n;
  double value[2]; /* the first contestant's, the other one's */
  double difference, lo, hi, p;
  double gain, error; /* by how much the first is better (NaN where neither way is), and its
                         standard error over the resamples */
} pfc__comparison;

/* The dataset whole, of which each decision sees only what precedes it, and beside it the
 * training view, from which baselines are drawn. */
typedef struct pfc__evaluation {
  const pfc_dataset *ds;
  const pfc_evaluate_settings *settings;
  int n;
  pfc__contender at[PFC_MAX_CONTESTANTS];
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_judged_rows *rows;
  pfc_dataset *training;
  pfc_history *training_history;
  /* Place of each row of table enrolments on each contender's list of its day (n x rows): 0
   * where it is not on it or is no query's. NULL until the lists are judged. */
  int32_t *place;
  int64_t n_comparisons, capacity;
  pfc__comparison *comparisons;
  /* Which figures of rows get intervals; NULL: all. */
  bool (*wants)(const char *section, const char *name);
  /* By person, what two contestants lost on all rows of success, accept and profile (minus log
   * of what they gave to what came), and how many rows these were; n_people x 3. NULL: not
   * wanted. */
  double *lost;
} pfc__evaluation;

/* Two contestants, and what they are compared by. */
typedef struct pfc__duel {
  int64_t n;
  pfc__comparison *list;
  int32_t n_people;
  double *lost; /* as in pfc__evaluation */
} pfc__duel;

/* The first with the second, with intervals for those figures alone that `wants` asks for.
 * Refuses what pfc_evaluate does. Cleared by pfc__duel_clear(), whatever came of it. */
PFC_MUST_USE pfc_status pfc__evaluate_duel(const pfc_contestant contestants[2],
                                           const pfc_dataset *ds,
                                           const pfc_evaluate_settings *settings,
                                           bool (*wants)(const char *, const char *),
                                           pfc__duel *duel, pfc_error *err);
void pfc__duel_clear(pfc__duel *duel);

/* Adds rows of which both told loss[2][n] to e->lost, where it is wanted. */
void pfc__lose(const pfc__evaluation *e, int64_t n, const int32_t *person,
               const double *const loss[2]);

/* Lists, and the places on them. */
PFC_MUST_USE pfc_status pfc__evaluate_affinity(pfc__evaluation *e, pfc_error *err);
/* After the lists. */
PFC_MUST_USE pfc_status pfc__evaluate_success(pfc__evaluation *e, pfc_error *err);
PFC_MUST_USE pfc_status pfc__evaluate_accept(pfc__evaluation *e, pfc_error *err);
PFC_MUST_USE pfc_status pfc__evaluate_time(pfc__evaluation *e, pfc_error *err);
PFC_MUST_USE pfc_status pfc__evaluate_profile(pfc__evaluation *e, pfc_error *err);

/* --- lists -------------------------------------------------------------------------------- */

/* How the rankers list the candidates of every query. */
typedef struct pfc__lists {
  int n;                        /* rankers: contenders, then popularity */
  int who[PFC_MAX_CONTESTANTS]; /* n - 1 contenders, ascending */
  int cut;                      /* as far as lists are kept, and judged for what they show */
  int32_t *n_relevant;          /* of each query */
  int64_t *slot;                /* queries + 1 */
  int32_t *place; /* n x slots: places of the relevant ones from slot[query] on, ascending; 0,
                     after all others, is not on the list */
  int32_t *top;   /* n x queries x cut: interventions; -1 beyond the end of a list */
} pfc__lists;

/* popularity[n_interventions], zeros before: starts in the training rows. */
PFC_MUST_USE pfc_status pfc__popularity(const pfc__evaluation *e, double *popularity,
                                        pfc_error *err);

/* Lists of all that rank; n is 0 when nobody does. Fills e->place, too. */
PFC_MUST_USE pfc_status pfc__rank(pfc__evaluation *e, pfc__lists *lists, pfc_error *err);
void pfc__lists_clear(pfc__lists *lists);

/* --- figures ------------------------------------------------------------------------------ */

/* A figure of one judge on weights of the rows (NULL: once each); `judged` holds what that
 * judge said of them. Called from several threads at once. */
typedef pfc_status (*pfc__figure_fn)(const double *weight, const void *judged, double *value,
                                     pfc_error *err);

typedef struct pfc__figure {
  const char *name;
  const char *better;
  pfc__figure_fn fn;
} pfc__figure;

/* Those who are judged side by side in one section. Where the first of them is the first
 * contestant, they are compared. */
typedef struct pfc__panel {
  const char *section; /* "success", "time.ece_by_day" */
  pfc_owned rows;
  int n;
  int who[PFC_MAX_CONTESTANTS]; /* contenders, ascending */
  const void *judged[PFC_MAX_CONTESTANTS];
  cJSON *object[PFC_MAX_CONTESTANTS]; /* where the figures go; see pfc__panel_open */
  const char *baseline;               /* name of the simpler judge; NULL: none */
  const void *simple;                 /* what it said */
} pfc__panel;

/* Gives every member the object of the section within that of its contender: "success.
 * recommended" is made within "success". */
PFC_MUST_USE pfc_status pfc__panel_open(const pfc__evaluation *e, pfc__panel *panel,
                                        pfc_error *err);

/* Adds the figure, "name": {"value", "lo", "hi", "n", "baselines"}, of every member, and the
 * comparisons. */
PFC_MUST_USE pfc_status pfc__put_figure(pfc__evaluation *e, const pfc__panel *panel,
                                        const pfc__figure *figure, pfc_error *err);

/* A figure that has been worked out: one of each member, of the baseline, and its resamples. */
typedef struct pfc__told {
  const char *name, *better;
  double value[PFC_MAX_CONTESTANTS];
  int64_t n[PFC_MAX_CONTESTANTS];
  double simple;          /* the baseline's; NaN where the panel has none */
  const double *resample; /* that of member i in resample r: resample[r * stride + i]; NULL:
                             no intervals */
  int stride;
} pfc__told;
PFC_MUST_USE pfc_status pfc__tell_figure(pfc__evaluation *e, const pfc__panel *panel,
                                         const pfc__told *told, pfc_error *err);

/* "comparisons" of all that were told, with p values that hold for all of them. */
PFC_MUST_USE pfc_status pfc__tell_comparisons(const pfc__evaluation *e, cJSON *json,
                                              pfc_error *err);

/* A file tells nothing in `column` for `missing` of the n rows of a section, the first of them
 * d. PFC_EDATA, unless it is one of lists: those tell probabilities of what they list alone, by
 * the way. Then the section is left out, and "left_out" of its object says why. */
typedef struct pfc__missing {
  const char *column, *rows; /* "p_success", "starts" */
  int64_t missing, n;
  pfc_decision first;
} pfc__missing;
PFC_MUST_USE pfc_status pfc__leave_out(const pfc__evaluation *e, const pfc__contender *c,
                                       const char *section, const pfc__missing *m,
                                       pfc_error *err);

/* --- curves ------------------------------------------------------------------------------- */

/* "lorenz": {"items", "exposure"}: the least exposed share of n interventions and their share
 * of all exposure. Sorts exposure. Nothing without any. */
PFC_MUST_USE pfc_status pfc__put_lorenz(cJSON *curves, const char *name, int32_t n,
                                        double *exposure, pfc_error *err);

/* "reliability" and "lift" of n predictions, in ten bins of equal mass. */
PFC_MUST_USE pfc_status pfc__put_reliability(const pfc__evaluation *e, cJSON *curves,
                                             const pfc_owned *rows, const double *p,
                                             const int8_t *y, pfc_error *err);

/* An array of n numbers under a name. */
PFC_MUST_USE pfc_status pfc__put_numbers(cJSON *object, const char *name, int n,
                                         const double *value, int stride, pfc_error *err);

/* The object of that name, made where it is not there yet; NULL when memory is short. */
cJSON *pfc__put_object(cJSON *json, const char *name);

/* Weighted mean of values; NaN without weight. */
double pfc__weighted_mean(int64_t n, const double *value, const double *weight);

#endif
