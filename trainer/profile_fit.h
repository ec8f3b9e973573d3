/* Fits the profile model (models/profile.h) by variational inference: rows, effects and
 * leniencies are Gaussian posteriors, everything else maximizes the evidence lower bound. */
#ifndef PROFICIO_TRAINER_PROFILE_FIT_H
#define PROFICIO_TRAINER_PROFILE_FIT_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/profile.h"

typedef struct pfc_profile_settings {
  uint32_t struct_size;
  int32_t rank;          /* 0..32; -1: the best of 0, 1, 2, 4, 8, 16 on held-out cells [-1] */
  double newcomer_days;  /* 1..36500 [730] */
  double teaching_days;  /* 1..3650; 0: learned, and 60 where nobody was taught [0] */
  double half_life_days; /* of competencies that tell none, 1..36500 [1460] */
  double holdout;        /* share of cells held out to choose the rank, 0.01..0.5 [0.1] */
  int32_t sample_people; /* at most so many choose the rank, and begin the fit [20000] */
  int32_t max_sweeps;    /* [200] */
  double tolerance;      /* relative change of the bound a sweep, 0..0.99 [1e-6] */
  int32_t min_ratings;   /* fewer: no profile [50] */
  uint64_t seed;         /* [1] */
  pfc_progress progress;
} pfc_profile_settings;
PFC_API void pfc_profile_settings_defaults(pfc_profile_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_profile_settings_check(const pfc_profile_settings *s,
                                                           pfc_error *err);

typedef struct pfc_profile_fit {
  int64_t n_ratings, n_cells, sweeps;
  double bound;  /* evidence lower bound, nats */
  double change; /* relative, in the last sweep */
  int converged;
  int64_t n_held;     /* cells held out to choose the rank; 0 when it was given */
  double holdout_nll; /* mean over held-out cells of -log density of their ratings, given the
                         person's other cells; NaN when the rank was given */
} pfc_profile_fit;

/* From ratings dated before `date` (PFC_NO_DATE: all). *profile is the caller's, in the codes
 * of the evidence. PFC_EDATA when there are too few ratings, or none that vary. The same bytes
 * for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_profile_fit_run(const pfc_evidence *evidence,
                                                    const pfc_requirements *requirements,
                                                    int32_t date,
                                                    const pfc_profile_settings *settings,
                                                    pfc_profile *profile, pfc_profile_fit *fit,
                                                    pfc_error *err);

#endif
