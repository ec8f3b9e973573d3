/* Applying fitted models to decisions: the one path from a decision's encoded features to
 * a number, used by the trainer for its rows and by the engine for its tiles. */
#ifndef PROFICIO_MODELS_PREDICT_H
#define PROFICIO_MODELS_PREDICT_H

#include "base/error.h"
#include "datasets/features.h"
#include "models/fold.h"
#include "models/hazard.h"
#include "models/chance.h"

/* sum of coef over the encoded columns of one scope of a decision. col and val are scratch
 * of pfc_features_max(features, scope, lens) entries. Thread-safe. */
PFC_API double pfc_scope_eta(const pfc_features *features, const pfc_lens *lens,
                             pfc_scope scope, const pfc_decision *d, const double *coef,
                             int32_t *col, float *val);

/* The linear predictor of success of one decision, all scopes and interactions, before
 * calibration. x, y: factors (NULL when m->rank is 0). */
PFC_API double pfc_chance_eta(const pfc_chance *m, const pfc_lens *lens, const pfc_decision *d,
                              const float *x, const float *y, int32_t *col, float *val);
/* Calibrated probability of a linear predictor. */
PFC_API double pfc_chance_probability(const pfc_chance *m, double eta);

/* p[n]: calibrated probabilities of n decisions, in parallel. fold has pfc_par_threads()
 * workspaces; NULL where m->rank is 0. */
PFC_API PFC_MUST_USE pfc_status pfc_chance_predict(const pfc_chance *m, const pfc_lens *lens,
                                                   const pfc_fold *fold, int64_t n,
                                                   const pfc_decision *d, double *p,
                                                   pfc_error *err);

/* shift[r] of each cause for one decision (0 for causes without a model). */
PFC_API void pfc_hazard_shift(const pfc_hazard *m, const pfc_lens *lens, const pfc_decision *d,
                              int32_t *col, float *val, double shift[PFC_N_CAUSES]);

/* The last day that starts, results, assessments or episodes tell of; what is decided "now" is
 * decided the day after. PFC_NO_DATE where nothing is dated. */
PFC_API int32_t pfc_last_day(const pfc_dataset *ds, const pfc_history *h);
/* The day of a decision: the one wished for; of PFC_NO_DATE the date the dataset is split at,
 * else "now" as above, after the last event of a feedback store that joined the data. */
PFC_API int32_t pfc_decision_day(const pfc_dataset *ds, const pfc_history *h, int32_t wished);

/* Entries of scratch that serve every scope of these features. */
PFC_API int pfc_scratch_entries(const pfc_features *features, const pfc_lens *lens);

/* Curves of all targets of a catalogue, with levels, ready for scoring. */
typedef struct pfc_target_curves {
  int32_t n;        /* targets */
  pfc_curve *curve; /* n */
  double **levels;  /* n; of pfc_hazard_levels */
} pfc_target_curves;
PFC_API PFC_MUST_USE pfc_status
pfc_target_curves_create(const pfc_hazard *m, const pfc_dataset *ds, const pfc_lens *lens,
                         const pfc_catalogue *cat, pfc_target_curves **curves, pfc_error *err);
PFC_API void pfc_target_curves_destroy(pfc_target_curves *curves);

#endif
