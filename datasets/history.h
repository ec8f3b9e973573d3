/* What was known of each person at a date: the one place that enforces time order.
 * A row at time t sees starts before t and results known before t; rows of equal
 * time never see each other. In a table without dates the order of rows is time. */
#ifndef PROFICIO_DATASETS_HISTORY_H
#define PROFICIO_DATASETS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* One enrolment. */
typedef struct pfc_attempt {
  int32_t intervention;
  int32_t registered; /* enrolled_on, or start; days */
  int32_t start;      /* started_on, or enrolled_on where there is no start; days */
  int32_t end;    /* ended_on: from the day after, the result is known; PFC_NO_DATE running */
  int8_t started; /* 0: registered only, or dropped before starting */
  int8_t result;  /* 1 passed, 0 failed or dropped, -1 unknown or never started */
  int64_t row;    /* in table enrolments */
} pfc_attempt;

/* One assessment. */
typedef struct pfc_rating {
  int32_t competency;
  int32_t date;   /* days */
  double level;   /* on the framework's scale, after sources.scale_min/max */
  int32_t source; /* code in dictionary "source", -1 unknown */
  int8_t self;    /* 1: the person's own word */
} pfc_rating;

typedef struct pfc_history {
  int32_t n_people;
  bool dated;              /* false: enrolments carry no dates, order of rows is time */
  int64_t *first_attempt;  /* n_people + 1 */
  pfc_attempt *attempts;   /* by person, then start, then row */
  int64_t *first_rating;   /* n_people + 1 */
  pfc_rating *ratings;     /* by person, then date, then row */
  int64_t *first_position; /* n_people + 1 */
  int64_t *position_rows;  /* rows of table positions by person, then `from` */
  const pfc_dataset *ds;   /* borrowed; must outlive the history */
} pfc_history;

PFC_API PFC_MUST_USE pfc_status pfc_history_create(const pfc_dataset *ds, pfc_history **h,
                                                   pfc_error *err);
PFC_API void pfc_history_destroy(pfc_history *h);

/* Attempts of a person that began before date: attempts[*from] .. attempts[result-1]. */
PFC_API int64_t pfc_history_attempts(const pfc_history *h, int32_t person, int32_t date,
                                     int64_t *from);
/* The same for ratings. */
PFC_API int64_t pfc_history_ratings(const pfc_history *h, int32_t person, int32_t date,
                                    int64_t *from);

/* Result of an attempt as known at date: -1 until the day after its end. */
PFC_API int pfc_attempt_result(const pfc_attempt *a, int32_t date);

/* Role and unit held on that day: the last position that began on or before it and
 * had not ended, else what table people says; -1 unknown. */
PFC_API int32_t pfc_history_role(const pfc_history *h, int32_t person, int32_t date);
PFC_API int32_t pfc_history_unit(const pfc_history *h, int32_t person, int32_t date);

#endif
