/* Anybody's predictions, as a table: ranked lists, probabilities of success, curves or
 * quantiles of the time to proficiency. docs/FORMATS.md, "Predictions", has the columns; what
 * `recommend` and `predict` write can be read as it stands. */
#ifndef PROFICIO_DATASETS_PREDICTIONS_H
#define PROFICIO_DATASETS_PREDICTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

enum { PFC_MOST_PREDICTION_DAYS = 64 };

/* What a file can tell. */
typedef enum pfc_prediction_kind {
  PFC_PREDICTS_LISTS = 1,     /* there is a rank or a score, if only of nobody */
  PFC_PREDICTS_SUCCESS = 2,   /* p_success in some row */
  PFC_PREDICTS_INCIDENCE = 4, /* p_by_Nd for two days or more in some row */
  PFC_PREDICTS_QUANTILES = 8, /* p10_days, p50_days, p90_days in some row */
} pfc_prediction_kind;

/* Columns that are not there are NULL. Codes are the dataset's. Sorted by person, date,
 * intervention, competency: no two rows are alike in all four. */
typedef struct pfc_predictions {
  unsigned kinds; /* pfc_prediction_kind */
  int64_t n;
  int32_t *person;
  int32_t *intervention; /* -1: of an episode without one */
  int32_t *competency;   /* -1: whatever the intervention aims at */
  int32_t *date;         /* day of the decision; PFC_NO_DATE: whatever the day */
  double *score;     /* the higher the better; from `rank`: minus the rank. NaN: not listed */
  double *p_success; /* NaN: not told */
  int n_days;
  double day[PFC_MOST_PREDICTION_DAYS]; /* ascending */
  float *incidence;                     /* n x n_days, not descending; NaN: not told */
  double *quantile_days;                /* n x 3; NaN: not told */
} pfc_predictions;

/* Reads a file of CSV or JSON Lines (also gzipped) or HDF5, told apart by what it holds.
 * PFC_EDATA names file, line (row, in HDF5), column, value and what is expected: unknown ids,
 * probabilities beyond 0 and 1, incidence that falls, quantiles out of order (what rounding can
 * do, a millionth, is put right), two rows of the same key that tell different things, no
 * column that predicts anything. PFC_EFORMAT for HDF5 that cannot be read. Owned by the caller.
 */
PFC_API PFC_MUST_USE pfc_status pfc_predictions_load(const char *path, const pfc_dataset *ds,
                                                     pfc_predictions **p, pfc_error *err);
PFC_API void pfc_predictions_destroy(pfc_predictions *p); /* NULL is allowed */

/* Rows *from .. result-1 of a person for a decision on that day: those of the day, else those
 * without one. In an order of (intervention, competency). */
PFC_API int64_t pfc_predictions_of(const pfc_predictions *p, int32_t person, int32_t date,
                                   int64_t *from);
/* The row for a person, day, intervention and competency, else the one without competency; of
 * the day, else without one. Whoever asks for no competency takes the first row there is. -1
 * none. */
PFC_API int64_t pfc_predictions_find(const pfc_predictions *p, int32_t person, int32_t date,
                                     int32_t intervention, int32_t competency);

/* Probability of proficiency by `day` in row r: between the days told by straight lines, from 0
 * on day 0, flat after the last. NaN of a row that tells none. */
PFC_API double pfc_predictions_incidence(const pfc_predictions *p, int64_t r, double day);

#endif
