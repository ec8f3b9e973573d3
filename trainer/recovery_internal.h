/* What the parts of recovery share. */
#ifndef PROFICIO_TRAINER_RECOVERY_INTERNAL_H
#define PROFICIO_TRAINER_RECOVERY_INTERNAL_H

#include "datasets/evidence.h"
#include "datasets/requirements.h"
#include "models/fold.h"
#include "models/levels.h"
#include "models/predict.h"
#include "trainer/bootstrap.h"
#include "trainer/crude_levels.h"
#include "trainer/judged_rows.h"
#include "trainer/means.h"
#include "trainer/recovery.h"
#include "trainer/truth_match.h"

/* Rules that levels are held against: those of trainer/crude_levels.h, of rated cells, and the
 * baseline's (engine/latest_ratings.h), of all. */
enum { PFC__LATEST_THREE = PFC_N_CRUDE, PFC__N_RULES };

/* What a role asks of a person who is there on the day: the level held, and levels as told. */
typedef struct pfc__cell {
  int32_t person, competency;
  int32_t n_ratings;                 /* known of the cell */
  double held, required, importance; /* required: NaN where the role gives no level */
  double mean, sd;                   /* of the bundle's profile */
  double true_mean, true_sd;         /* of the posterior under the true parameters */
  double rule[PFC__N_RULES];         /* NaN: the rule tells nothing */
} pfc__cell;

typedef struct pfc__cells {
  int64_t n, capacity;
  pfc__cell *at;  /* by person, then competency */
  int64_t *first; /* n_people + 1 */
} pfc__cells;

typedef struct pfc__recovery {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  const pfc_truth *truth;
  const pfc_recovery_settings *settings;
  int32_t day; /* on which levels are looked at */
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_truth_match match;
  pfc_lens *lens;
  pfc_fold *fold;            /* NULL without an affinity model */
  pfc_target_curves *curves; /* NULL without a time model */
  pfc_judged_rows *rows;
  int32_t *source_of; /* code of a source -> row of the truth, -1 none */
  /* With a profile alone. */
  pfc_evidence *evidence;
  pfc_requirements *requirements;
  pfc_profile profile; /* in the dataset's codes */
  pfc__cells cells;
} pfc__recovery;

/* Opens what levels need, fits the profile of the truth, and looks at everybody. */
PFC_MUST_USE pfc_status pfc__recovery_look(pfc__recovery *r, pfc_error *err);
void pfc__recovery_forget(pfc__recovery *r);

/* The profile under the true parameters. Of the population: those the fit finds when every
 * rating tells the level itself. Of sources: bias, slope, noise and leniency as they are.
 * Leniencies of raters: what the bundle's profile knows of them. In the dataset's codes; the
 * caller's, to clear. */
PFC_MUST_USE pfc_status pfc__true_profile(const pfc__recovery *r, pfc_profile *profile,
                                          pfc_error *err);

/* Each adds what it finds to an object of its own. */
PFC_MUST_USE pfc_status pfc__recover_levels(const pfc__recovery *r, cJSON *object,
                                            pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_sources(const pfc__recovery *r, cJSON *object,
                                             pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_effects(const pfc__recovery *r, cJSON *object,
                                             pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_gaps(const pfc__recovery *r, cJSON *object,
                                          pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_success(const pfc__recovery *r, cJSON *object,
                                             pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_accept(const pfc__recovery *r, cJSON *object,
                                            pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_time(const pfc__recovery *r, cJSON *object,
                                          pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_anyway(const pfc__recovery *r, cJSON *object,
                                            pfc_error *err);
PFC_MUST_USE pfc_status pfc__recover_recommended(const pfc__recovery *r, cJSON *object,
                                                 pfc_error *err);

/* True chance that who (codes of the dataset) starts the intervention on that day holds the
 * level of its target (a place in the truth's) on some day until `day` days later. */
double pfc__true_reach(const pfc__recovery *r, int32_t person, int32_t intervention,
                       int64_t target, int32_t start, double day);

/* The truth's target of a dated episode whose target the catalogue has, -1 none. */
int64_t pfc__true_target(const pfc__recovery *r, const pfc_episode *at);

/* Columns `first` and first + 1 of a table: squares of errors and errors, told as "rmse" and
 * "bias". */
void pfc__add_error(pfc_means *t, int32_t person, int first, double error);
PFC_MUST_USE pfc_status pfc__put_error(const pfc_means *t, int first, cJSON *object,
                                       pfc_error *err);

/* Of two such columns of squares: the roots' ratio, or by which share the first is smaller. */
typedef enum pfc__two { PFC__RATIO, PFC__IMPROVEMENT } pfc__two;
PFC_MUST_USE pfc_status pfc__put_ratio(const pfc_means *t, int k, int other, pfc__two as,
                                       const char *name, cJSON *object, pfc_error *err);

/* m figures that are no means: `fn` on the resamples of people, each under its name in its
 * object. */
PFC_MUST_USE pfc_status pfc__put_figures(const pfc__recovery *r, const pfc_owned *rows, int m,
                                         pfc_figures_fn fn, void *user,
                                         const char *const *names, cJSON *const *objects,
                                         pfc_error *err);

/* The object of that name, added; fails when memory is short. */
PFC_MUST_USE pfc_status pfc__put_part(cJSON *object, const char *name, cJSON **part,
                                      pfc_error *err);

#endif
