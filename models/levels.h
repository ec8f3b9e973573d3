/* Posterior levels of people under a fitted profile model.
 *
 * People have no rows in a bundle: whoever is asked about is folded in from the evidence there
 * is, by the row solve of the fit itself. So a new assessment counts at once, a new person is
 * like any other, and any day in the past can be looked at with what was known then. */
#ifndef PROFICIO_MODELS_LEVELS_H
#define PROFICIO_MODELS_LEVELS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

typedef struct pfc_levels pfc_levels;

/* The profile is in the codes of the evidence (pfc_profile_align). All are borrowed and must
 * outlive the levels. Read-only, hence thread-safe, once created. Owned by the caller. */
PFC_API PFC_MUST_USE pfc_status pfc_levels_create(const pfc_profile *profile,
                                                  const pfc_evidence *evidence,
                                                  const pfc_requirements *requirements,
                                                  pfc_levels **levels, pfc_error *err);
PFC_API void pfc_levels_destroy(pfc_levels *l); /* NULL is allowed */
PFC_API const pfc_profile *pfc_levels_profile(const pfc_levels *l);

/* One person as known before a day. One a thread; owned by the caller. */
typedef struct pfc_levels_person pfc_levels_person;
PFC_API PFC_MUST_USE pfc_status pfc_levels_person_create(const pfc_levels *l,
                                                         pfc_levels_person **person,
                                                         pfc_error *err);
PFC_API void pfc_levels_person_destroy(pfc_levels_person *person); /* NULL is allowed */

/* Folds a person (code of the dataset) in, from what is dated before `date` (PFC_NO_DATE: all).
 * Below 0.1 ms with a few dozen ratings. PFC_ENUMERIC when the numbers allow no solution. */
PFC_API PFC_MUST_USE pfc_status pfc_levels_look(const pfc_levels *l, int32_t person,
                                                int32_t date, pfc_levels_person *known,
                                                pfc_error *err);

typedef struct pfc_level {
  double mean, sd;    /* of the level, Gaussian; not cut to the scale */
  int32_t n_ratings;  /* of this cell, before the date */
  int32_t latest_day; /* of them; PFC_NO_DATE none or undated */
} pfc_level;

/* Levels of whoever was looked at last, in n competencies, on `day` (PFC_NO_DATE: the day that
 * was looked from, or as of the latest evidence): any day from the look on; role and teaching
 * as known then. */
PFC_API void pfc_levels_tell(const pfc_levels *l, pfc_levels_person *known, int32_t n,
                             const int32_t *competency, int32_t day, pfc_level *level);

/* E[(required - L)+], L ~ N(mean, sd^2) cut to [scale_min, scale_max]: what is missing on
 * average; and P(L < required). Where `required` is scale_min or less nothing is missing. */
PFC_API double pfc_level_shortfall(double mean, double sd, double required, double scale_min,
                                   double scale_max);
/* By how much that shrinks when L becomes L + share (to_level - L)+, no lower than scale_min:
 * the share of the way to its target that a lesson carries (models/profile.h), which may be
 * negative, cut to [-1, 1]. to_level NaN: as far as `required`. Of share 1 it is
 * E[(min(required, to_level) - L)+]. */
PFC_API double pfc_level_closed(double mean, double sd, double required, double to_level,
                                double share, double scale_min, double scale_max);
PFC_API double pfc_level_p_below(double mean, double sd, double required, double scale_min);

/* Both, of many levels at once, with the bits of one alone. */
typedef struct pfc_level_gap {
  double required;           /* in */
  double shortfall, p_below; /* out */
} pfc_level_gap;
PFC_API void pfc_level_gaps(int32_t n, const pfc_level *level, double scale_min,
                            double scale_max, pfc_level_gap *gap);

#endif
