/* Episodes: spells from the start of an intervention towards a target level. */
#ifndef PROFICIO_DATASETS_EPISODES_H
#define PROFICIO_DATASETS_EPISODES_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/history.h"

typedef enum pfc_cause {
  PFC_CENSORED = -1,
  PFC_PROFICIENT = 0,
  PFC_DROPPED = 1,
  PFC_LEFT = 2,
  PFC_N_CAUSES = 3,
} pfc_cause;

typedef struct pfc_episode {
  int32_t person;         /* -1: the table names none */
  int32_t intervention;   /* -1: none */
  int32_t competency;     /* -1: none */
  int32_t start;          /* day; PFC_NO_DATE when undated */
  double entry_days;      /* at risk from here, >= 0 (left truncation) */
  double last_below_days; /* NaN: exact; else the event lies in (last_below, duration] */
  double duration_days;   /* > entry_days */
  pfc_cause event;
  int64_t row;           /* in table episodes, -1 when derived */
  int64_t enrolment_row; /* the enrolment it belongs to (same person, intervention,
                            start), -1 none: its x_ and c_ columns describe it too */
} pfc_episode;

typedef struct pfc_episodes {
  int64_t n;
  pfc_episode *at;
} pfc_episodes;

/* From table episodes where it has rows, else derived. Owned by the caller.
 *
 * Derived (DESIGN, section 3): one for each started and dated enrolment and each target
 * with a level of its intervention. It runs from the start to the first assessment at or
 * above that level by a source other than self; last_below is the last assessment below
 * it before that (0 when that was before the start, or when there is none). Whoever was
 * at the level by the last assessment before the start is left out. It is dropped when
 * the enrolment was dropped (left out if nobody knows when), left when the person left,
 * else censored at the last day in enrolments and assessments; the earliest of these
 * counts, and on the same day proficiency does. By person, start, row and target.
 *
 * Durations of 0 become half a day, shorter ones than a millionth of a day become that. Rows
 * of the table without time at risk are left out; last_below is kept for proficient ones
 * alone. */
PFC_API PFC_MUST_USE pfc_status pfc_episodes_create(const pfc_dataset *ds, const pfc_history *h,
                                                    pfc_episodes **episodes, pfc_error *err);
PFC_API void pfc_episodes_destroy(pfc_episodes *episodes);

#endif
