/* Training: everything the data allow, into one bundle. */
#ifndef PROFICIO_TRAINER_TRAIN_H
#define PROFICIO_TRAINER_TRAIN_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"
#include "models/bundle.h"
#include "trainer/als.h"
#include "trainer/profile_fit.h"

enum {
  PFC_TRAIN_AFFINITY = 1,
  PFC_TRAIN_SUCCESS = 2,
  PFC_TRAIN_TIME = 4,
  PFC_TRAIN_PROFILE = 8,
  PFC_TRAIN_ACCEPT = 16,
  PFC_TRAIN_ALL = 31,
};

/* models/baseline.h says what these do. */
typedef struct pfc_baseline_settings {
  pfc_baseline_kind kind; /* trained instead of all models [none] */
  double shrinkage;       /* popularity, recent, manager: take-ups that the level above counts
                             for, 0..1e6 [10] */
  double half_life_days;  /* recent: age at which a start counts half, 1..1e6 [90] */
  int32_t neighbours;     /* itemknn: of each item, 1..1e6 [50] */
  double knn_shrinkage;   /* itemknn: cosine * common / (common + this), 0..1e6 [20] */
  double ease_lambda;     /* ease: ridge, in people, 1e-6..1e9 [100] */
} pfc_baseline_settings;

typedef struct pfc_train_settings {
  uint32_t struct_size;
  unsigned models;      /* PFC_TRAIN_... [all] */
  unsigned require;     /* of these, models that must be trained or training fails [0] */
  uint64_t seed;        /* [1] */
  pfc_als_settings als; /* its seed and progress do not count: those beside it do */
  pfc_affinity_weights weights;
  int32_t success_min_rows; /* fewer labelled starts: no success model [50] */
  int32_t accept_min_rows;  /* fewer offers with an answer: no model of accepting [50] */
  double holdout;    /* share of the latest starts held out to choose ridges and to calibrate
                        affinity, and of the latest episodes to choose a clock, 0.01..0.9
                        [0.2] */
  int32_t time_bins; /* quantiles of event times that cut the baseline, 1..40 [12] */
  int32_t time_min_events; /* fewer events of a cause: no hazard for it [20] */
  double time_tail;  /* the horizon lies where this share has been lost to follow-up, or, up to
                        180 days, where half has [0.05] */
  double time_ridge; /* ridge of standardized columns, > 0 [10] */
  pfc_profile_settings profile; /* likewise */
  pfc_baseline_settings baseline;
  pfc_progress progress;
} pfc_train_settings;
PFC_API void pfc_train_defaults(pfc_train_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_train_check(const pfc_train_settings *s, pfc_error *err);

/* What became of each model: trained, or why not. */
typedef struct pfc_train_note {
  const char *model; /* "profile", "affinity", "success", "accept", "time"; "baseline" */
  int trained;
  int64_t n_rows;
  char text[400]; /* e.g. "no negatives: enrolments hold completions only" */
} pfc_train_note;

typedef struct pfc_train_report {
  int n_notes;
  pfc_train_note notes[8];
} pfc_train_report;

/* Trains on the training view of ds (datasets/split.h). A model the data do not carry is
 * left out with a note, or fails with PFC_EDATA when required. With a kind of baseline that one
 * is trained, alone, whatever `models` names; PFC_EDATA says why it cannot be. The bundle is
 * the caller's. */
PFC_API PFC_MUST_USE pfc_status pfc_train(const pfc_dataset *ds,
                                          const pfc_train_settings *settings,
                                          pfc_bundle **bundle, pfc_train_report *report,
                                          pfc_error *err);

#endif
