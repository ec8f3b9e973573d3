/* What ranker.c builds and the kinds of rankers run. */
#ifndef PROFICIO_ENGINE_RANKER_INTERNAL_H
#define PROFICIO_ENGINE_RANKER_INTERNAL_H

#include "engine/ranker.h"
#include "models/fold.h"

/* One thread's room for a tile. */
typedef struct pfc__ranker_work {
  float *X;     /* PFC_RANKER_TILE x rank: folded people */
  float *score; /* PFC_RANKER_TILE x interventions */
} pfc__ranker_work;

struct pfc_ranker {
  const pfc_bundle *bundle;
  pfc_ranker_world world;
  int32_t n; /* interventions of the dataset */
  int n_threads;
  pfc__ranker_work *work;
  /* affinity */
  pfc_fold *fold; /* NULL without */
  float *Y;       /* n x rank */
};

#endif
