/* Readiness: what the data can train, what not, why, and what would change that. The reasons
 * are those of pfc_train itself: a model is refused here exactly when it is refused there. */
#ifndef PROFICIO_TRAINER_READINESS_H
#define PROFICIO_TRAINER_READINESS_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "trainer/train.h"

typedef enum pfc_verdict {
  PFC_CANNOT, /* pfc_train leaves the model out, for the reason given */
  PFC_WARNED, /* it trains; what to make of its numbers is told */
  PFC_READY,
} pfc_verdict;

/* "cannot", "warning", "ready" */
PFC_API const char *pfc_verdict_name(pfc_verdict verdict);

typedef struct pfc_readiness_settings {
  uint32_t struct_size;
  double events_per_variable; /* fewer events a variable earn a warning, 0..1000 [10] */
} pfc_readiness_settings;
PFC_API void pfc_readiness_defaults(pfc_readiness_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_readiness_check(const pfc_readiness_settings *s,
                                                    pfc_error *err);

/* Rows that end in one way: "passed", "failed or dropped", "proficient", "left" ...; of profile
 * what its ratings are of: "cells", "sources", "people without a rating". */
typedef struct pfc_ready_events {
  const char *name;
  int64_t n;
  double per_variable; /* n / n_variables; NaN without variables */
} pfc_ready_events;

/* What else a model would go by, as counted: "offers without an answer", n of `of`. */
typedef struct pfc_ready_fact {
  const char *name;
  int64_t n, of; /* of: 0 where it is a part of nothing */
} pfc_ready_fact;

enum {
  PFC_READY_TEXT = 400,
  PFC_READY_WARNINGS = 4,
  PFC_READY_EVENTS = 3,
  PFC_READY_FACTS = 5
};

typedef struct pfc_ready_model {
  const char *model; /* "profile", "affinity", "success", "time" */
  unsigned bit;      /* PFC_TRAIN_... */
  pfc_verdict verdict;
  int64_t n_rows;              /* ratings; pairs of person and intervention; starts; episodes */
  char reason[PFC_READY_TEXT]; /* of PFC_CANNOT: the words of pfc_train; else "" */
  char change[PFC_READY_TEXT]; /* what would change the verdict; "" where it is ready */
  int n_warnings;
  char warning[PFC_READY_WARNINGS][PFC_READY_TEXT];
  int n_events;
  pfc_ready_events events[PFC_READY_EVENTS];
  int n_facts; /* of accept: the feedback; of time: who gets there without an intervention */
  pfc_ready_fact facts[PFC_READY_FACTS];
  char remark[PFC_READY_TEXT]; /* what the facts come to; "": nothing */
  /* What the encoder makes of the rows: all columns, and those that are no name (of a person,
   * a role, a unit, an intervention, a competency). The effects of names are held close to
   * none by their ridge and grow in number with the data; events per variable count the
   * others. 0 where the model cannot be trained or has no such rows. */
  int32_t n_columns, n_variables;
} pfc_ready_model;

typedef struct pfc_readiness {
  int n_models;
  pfc_ready_model models[5];
} pfc_readiness;

/* Looks at the training view of ds with the settings of a training to come; models beyond
 * train->models are left out. Needs as much memory as training does, without the fits. */
PFC_API PFC_MUST_USE pfc_status pfc_readiness_assess(const pfc_dataset *ds,
                                                     const pfc_train_settings *train,
                                                     const pfc_readiness_settings *s,
                                                     pfc_readiness *r, pfc_error *err);

#endif
