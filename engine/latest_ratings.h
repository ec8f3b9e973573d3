/* Levels the crude way, for comparison: the mean of a person's latest three ratings by others,
 * their own word where nobody else rated, and where nobody rated at all the mean of those who
 * hold the same role, else of all people. The baseline `gap` ranks by it, and recovery shows
 * what the profile model (models/profile.h) is better by. */
#ifndef PROFICIO_ENGINE_LATEST_RATINGS_H
#define PROFICIO_ENGINE_LATEST_RATINGS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/history.h"

typedef struct pfc_latest pfc_latest;

/* What was known at as_of. ds and history are borrowed and must outlive the gaps; read-only,
 * hence thread-safe, once created. Owned by the caller. Memory: a few numbers for each row of
 * table requirements. */
PFC_API PFC_MUST_USE pfc_status pfc_latest_create(const pfc_dataset *ds, const pfc_history *h,
                                                  int32_t as_of, pfc_latest **out,
                                                  pfc_error *err);
PFC_API void pfc_latest_destroy(pfc_latest *g); /* NULL is allowed */

/* What one person needs of one competency, on the framework's scale. */
typedef struct pfc_need {
  double required;   /* NaN: the role does not ask for it */
  double level;      /* NaN: nobody has ever been rated in it */
  double importance; /* as table requirements has it, 1 where it does not tell */
  double sum[2];     /* of the ratings that make the level: by others, the person's own */
  int32_t n[2];      /* how many these are */
} pfc_need;

/* need[competencies of the dataset]; false where nothing is required of the person: no role, or
 * one without requirements. */
PFC_API bool pfc_latest_of(const pfc_latest *g, int32_t person, pfc_need *need);
/* The same as a decision on that day may see it: by the role held on the day before, and by
 * the person's ratings before the day. PFC_NO_DATE: now. */
PFC_API bool pfc_latest_at(const pfc_latest *g, int32_t person, int32_t date, pfc_need *need);

/* Levels from what the person holds up to what is required and the target reaches, whichever is
 * lower; to_level NaN: what is required. 0 where nothing is asked for, 1 where the level is
 * unknown. */
static inline double pfc_latest_gap(const pfc_need *need, double to_level) {
  if (isnan(need->required)) return 0;
  if (isnan(need->level)) return 1;
  return fmax(fmin(need->required, isnan(to_level) ? INFINITY : to_level) - need->level, 0);
}

#endif
