/* All that tells what levels people hold: how they were rated, by whom and when; what they
 * passed that teaches a competency; which roles they held. One person's evidence lies together,
 * ordered as the profile model (models/profile.h) reads it: by competency, then by day. */
#ifndef PROFICIO_DATASETS_EVIDENCE_H
#define PROFICIO_DATASETS_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/history.h"

typedef struct pfc_seen {
  int32_t competency;
  int32_t day;    /* PFC_NO_DATE: undated */
  int32_t source; /* dictionary "source"; -1: the table tells none */
  int32_t rater;  /* dictionary "rater"; -1: unknown */
  float level;    /* on the framework's scale */
  int64_t row;    /* in table assessments */
} pfc_seen;

/* One target with a level, of an intervention that was passed. */
typedef struct pfc_taught {
  int32_t competency;
  int32_t intervention; /* dictionary "intervention" */
  int32_t start, end;   /* days, start <= end; end is the day after which the pass is known */
  float to_level;       /* within the scale */
} pfc_taught;

/* A role that was taken up. Between positions, and in one whose role is not told, people go on
 * as who they were; whoever holds the same role again has gone on in it. */
typedef struct pfc_held {
  int32_t from; /* first day; PFC_NO_DATE: since ever */
  int32_t role; /* -1: unknown, which stands alone */
} pfc_held;

typedef struct pfc_evidence {
  int32_t n_people, n_competencies, n_roles, n_sources, n_raters, n_interventions; /* of the
                                                                                      dataset */
  double scale_min, scale_max;
  bool ratings_dated;  /* false: no assessment of the dataset carries a day */
  int64_t *first_seen; /* n_people + 1 */
  pfc_seen *seen;      /* by person, competency, day (undated ones last), row */
  int64_t *first_taught;
  pfc_taught *taught; /* by person, competency, start */
  int64_t *first_held;
  pfc_held *held;    /* by person, from, no two of a day; at least one of everybody. Days before
                        the first one's are known of nobody's role */
  int32_t *joined;   /* n_people: hired_on, else the first position's day; PFC_NO_DATE */
  float *half_life;  /* n_competencies: half_life_days up to 1e9, NaN where not told */
  int8_t *is_anchor; /* n_sources: sources.anchor */
} pfc_evidence;

/* Everything the dataset holds, of any day: whoever reads it leaves out what is dated on or
 * after the day of the decision (rating: day; pass: end; role: from). Passes without a day of
 * start or end teach nobody. ds and h are needed no more afterwards. Owned by the caller;
 * read-only, hence thread-safe. */
PFC_API PFC_MUST_USE pfc_status pfc_evidence_create(const pfc_dataset *ds, const pfc_history *h,
                                                    pfc_evidence **evidence, pfc_error *err);
PFC_API void pfc_evidence_destroy(pfc_evidence *e); /* NULL is allowed */

/* May a decision on `date` see the rating? Those before the day alone; one without a day among
 * dated ones may be later than any. PFC_NO_DATE, or a table without days: yes. */
static inline bool pfc_seen_before(const pfc_evidence *e, const pfc_seen *seen, int32_t date) {
  if (date == PFC_NO_DATE || !e->ratings_dated) return true;
  return seen->day != PFC_NO_DATE && seen->day < date;
}

#endif
