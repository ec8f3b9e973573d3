/* Folding a person's history into affinity factors, for any date: what the trainer does
 * for its rows and the engine for its people. */
#ifndef PROFICIO_MODELS_FOLD_H
#define PROFICIO_MODELS_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "models/affinity.h"

/* What folding needs beside the model, made once. */
typedef struct pfc_fold pfc_fold;
/* n_threads workspaces; everything is borrowed and must outlive the fold. */
PFC_API PFC_MUST_USE pfc_status pfc_fold_create(const pfc_affinity *m, const pfc_lens *lens,
                                                const pfc_history *h, const pfc_catalogue *cat,
                                                int n_threads, pfc_fold **fold, pfc_error *err);
PFC_API void pfc_fold_destroy(pfc_fold *fold);

/* x[rank]: a person's factors from what they had taken up before the date, pulled towards
 * the attribute prior; without history the prior itself. Thread-safe for
 * distinct `thread` in 0..n_threads-1. *n_items: distinct interventions folded in. */
PFC_API PFC_MUST_USE pfc_status pfc_fold_person(const pfc_fold *fold, int thread,
                                                const pfc_decision *d, float *x,
                                                int64_t *n_items, pfc_error *err);

/* What those factors are solved from: distinct interventions (rows of the model's items) taken
 * up before the date, and the attribute prior. Points into the thread's workspace, until its
 * next call; n = 0: the factors are the prior. */
typedef struct pfc_fold_past {
  ptrdiff_t n;
  const int32_t *items; /* n */
  const float *conf;    /* n */
  const float *prior;   /* rank */
  double lambda;        /* ridge */
} pfc_fold_past;
PFC_API void pfc_fold_recall(const pfc_fold *fold, int thread, const pfc_decision *d,
                             pfc_fold_past *past);
/* alpha0 Y'Y of the items that were ever taken up, rank x rank. */
PFC_API const float *pfc_fold_gram(const pfc_fold *fold);

/* Factors of an intervention (dataset code): the fitted row, or B f for one the model never
 * saw. Points into the fold. */
PFC_API const float *pfc_fold_item(const pfc_fold *fold, int32_t intervention);
/* True when the fitted row rests on at least one observation. */
PFC_API bool pfc_fold_item_known(const pfc_fold *fold, int32_t intervention);

#endif
