/* What ranker.c builds and the kinds of rankers run. */
#ifndef PROFICIO_ENGINE_RANKER_INTERNAL_H
#define PROFICIO_ENGINE_RANKER_INTERNAL_H

#include "engine/latest_ratings.h"
#include "engine/ranker.h"
#include "models/fold.h"

/* One thread's room. Affinity: for a tile; a baseline: for one decision. */
typedef struct pfc__ranker_work {
  float *X;        /* PFC_RANKER_TILE x rank: folded people */
  float *score;    /* PFC_RANKER_TILE x interventions */
  double *share;   /* interventions: of take-ups, as the person's group sees them */
  int32_t *taken;  /* most attempts of anybody: items taken up, model codes */
  uint8_t *is_new; /* model items: 0 while in `taken`, else 1 */
  float *sum;      /* what the items taken up say: fitted ones, or all of the model */
  pfc_need *need;  /* competencies */
} pfc__ranker_work;

/* What a baseline needs beside the model, in codes of the dataset. */
typedef struct pfc__ranker_baseline {
  int32_t *model_item; /* interventions: model code, -1 never seen */
  int32_t *code;       /* model items: intervention, -1 not in the dataset */
  double *count;       /* interventions: take-ups; of what has none, those of its like */
  double *share;       /* the same by all take-ups */
  float *hint;         /* tells apart what the baseline holds for equal, by popularity */
  double *n_role;      /* rows of by_role: all their take-ups */
  double *n_manager;   /* rows of by_manager */
  int32_t *ease_row;   /* model items: row and column of `ease`, -1 none */
  uint64_t *lot;       /* interventions: hash of the id */
  pfc_latest *gaps;
} pfc__ranker_baseline;

struct pfc_ranker {
  const pfc_bundle *bundle;
  pfc_ranker_world world;
  int32_t n; /* interventions of the dataset */
  int n_threads;
  pfc__ranker_work *work;
  /* affinity */
  pfc_fold *fold; /* NULL without */
  float *Y;       /* n x rank */
  /* baseline */
  pfc__ranker_baseline b;
};

PFC_MUST_USE pfc_status pfc__ranker_baseline_init(pfc_ranker *r, pfc_error *err);
void pfc__ranker_baseline_clear(pfc_ranker *r);
/* score[n]: of one decision. */
void pfc__ranker_baseline_score(const pfc_ranker *r, int thread, const pfc_decision *d,
                                float *score);

#endif
