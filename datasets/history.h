/* What was known of each person at a date: the one place that enforces time order.
 * A row at time t sees starts before t and results known before t; rows of equal
 * time never see each other. In a table without dates the order of rows is time.
 *
 * Wherever a function takes a date, PFC_NO_DATE means "now, after all there is". */
#ifndef PROFICIO_DATASETS_HISTORY_H
#define PROFICIO_DATASETS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* One enrolment. In an undated table all its days are PFC_NO_DATE. */
typedef struct pfc_attempt {
  int32_t intervention;
  int32_t registered; /* enrolled_on, or start; days */
  int32_t start;      /* started_on, else enrolled_on, else ended_on; days */
  int32_t end;        /* ended_on; PFC_NO_DATE running, or unknown */
  int32_t known;      /* the result is known from the day after: ended_on, or where a result
                         has none `last_day` below (the start, in a table that has no
                         ended_on at all); PFC_NO_DATE: no result, or no dates */
  int8_t started;     /* 0: status enrolled or dropped and no started_on, where for dropped
                         the table must give some started_on: registered, never begun */
  int8_t result;      /* 1 passed, 0 failed or dropped, -1 unknown or never started */
  int64_t row;        /* in table enrolments */
} pfc_attempt;

/* One assessment with a person, a competency and a level. */
typedef struct pfc_rating {
  int32_t competency;
  int32_t date;   /* days; PFC_NO_DATE unknown */
  double level;   /* on the framework's scale, after sources.scale_min/max */
  int32_t source; /* code in dictionary "source", -1 unknown */
  int8_t self;    /* 1: source is "self", the person's own word */
  int64_t row;    /* in table assessments */
} pfc_rating;

typedef struct pfc_history {
  int32_t n_people;
  bool dated;              /* false: enrolments carry no dates, order of rows is time */
  bool ratings_dated;      /* false: assessments carry no dates */
  int32_t last_day;        /* latest day in enrolments and assessments; PFC_NO_DATE none */
  int64_t *first_attempt;  /* n_people + 1 */
  pfc_attempt *attempts;   /* by person, then start (unknown ones last), then row */
  int64_t *first_rating;   /* n_people + 1 */
  pfc_rating *ratings;     /* by person, then date (unknown ones last), then row */
  int64_t *first_position; /* n_people + 1 */
  int64_t *position_rows;  /* rows of table positions by person, then `from`, then row */
  int64_t *people_row;     /* n_people; row in table people, -1 none */
  const pfc_dataset *ds;   /* borrowed; must outlive the history */
} pfc_history;

/* Rows without a person, and enrolments without an intervention, are left out. Read-only, hence
 * thread-safe, once created. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_history_create(const pfc_dataset *ds, pfc_history **h,
                                                   pfc_error *err);
PFC_API void pfc_history_destroy(pfc_history *h);

/* The most attempts of anybody: room for those of any one person. */
PFC_API int64_t pfc_history_most_attempts(const pfc_history *h);

/* Attempts of a person that began before date: attempts[*from] .. attempts[result-1].
 * Registrations that never became a start (started = 0) are among them. Attempts
 * without a day are seen from "now" alone, in an undated table from every date. */
PFC_API int64_t pfc_history_attempts(const pfc_history *h, int32_t person, int32_t date,
                                     int64_t *from);
/* Undated tables: attempts of the person in rows before `row` of table enrolments. */
PFC_API int64_t pfc_history_attempts_before_row(const pfc_history *h, int32_t person,
                                                int64_t row, int64_t *from);
/* Ratings of a person dated before date, in the same manner. */
PFC_API int64_t pfc_history_ratings(const pfc_history *h, int32_t person, int32_t date,
                                    int64_t *from);

/* Result of an attempt as known at date: -1 until the day after `known`. The result of an
 * attempt without any day is known to whoever may see the attempt. */
PFC_API int pfc_attempt_result(const pfc_attempt *a, int32_t date);

/* Row in table positions of the last one that began on or before that day, ended or not;
 * -1 none. */
PFC_API int64_t pfc_history_position(const pfc_history *h, int32_t person, int32_t date);

/* Role, unit and manager on that day: the last position that began on or before it, if its
 * last day is not before it, else what table people says, unless a later position follows, of
 * which table people then speaks; -1 unknown. */
PFC_API int32_t pfc_history_role(const pfc_history *h, int32_t person, int32_t date);
PFC_API int32_t pfc_history_unit(const pfc_history *h, int32_t person, int32_t date);
PFC_API int32_t pfc_history_manager(const pfc_history *h, int32_t person, int32_t date);

#endif
