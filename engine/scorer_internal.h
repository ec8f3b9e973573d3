/* What scorer.c builds and scorer_tile.c runs. */
#ifndef PROFICIO_ENGINE_SCORER_INTERNAL_H
#define PROFICIO_ENGINE_SCORER_INTERNAL_H

#include <stdint.h>

#include "datasets/catalogue.h"
#include "datasets/features.h"
#include "datasets/history.h"
#include "engine/gaps.h"
#include "engine/latest_ratings.h"
#include "engine/scorer.h"
#include "models/fold.h"
#include "models/predict.h"

/* Success, and one for each cause of the time model. */
enum { PFC__SUCCESS = PFC_N_CAUSES, PFC__N_PREDICTORS = PFC_N_CAUSES + 1 };

/* One linear predictor in pair form: eta = P Q' + W + S with
 *   P row = [theta * x, person part, 1],  Q row = [y, 1, target part]. */
typedef struct pfc__predictor {
  const pfc_features *features; /* NULL: there is no such model */
  const double *coef;
  double intercept;
  const double *theta; /* rank entries, NULL when rank is 0 */
  int rank;
  int width;         /* rank + 2 */
  int32_t n_columns; /* candidates (success) or their targets (causes) */
  float *Q;          /* n_columns x width */
} pfc__predictor;

/* One thread's room for a tile. */
typedef struct pfc__tile {
  float *X;                      /* PFC_SCORER_TILE x rank */
  float *P;                      /* PFC_SCORER_TILE x widest predictor */
  float *affinity;               /* PFC_SCORER_TILE x candidates */
  float *eta[PFC__N_PREDICTORS]; /* PFC_SCORER_TILE x n_columns */
  float *cell;                   /* competencies: W of one person and predictor */
  int32_t *touched;              /* competencies with an entry in `cell` */
  uint8_t *is_touched;           /* competencies */
  int32_t *col;                  /* encoding scratch */
  float *val;
  uint8_t *cold;         /* PFC_SCORER_TILE: person without history */
  pfc_person_gaps *gaps; /* of the person being scored; NULL with a baseline */
  /* with a baseline: */
  float *ranked;  /* PFC_SCORER_TILE x interventions */
  pfc_need *need; /* competencies: of the person being scored */
  bool has_needs; /* something is required of that person */
} pfc__tile;

struct pfc_scorer {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  pfc_scorer_settings settings;
  int32_t as_of;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_gaps *gaps;            /* NULL with a baseline */
  pfc_ranker *ranker;        /* of a baseline; NULL where there are models */
  pfc_latest *latest;        /* with a baseline, whose levels these are */
  pfc_fold *fold;            /* NULL without an affinity model */
  pfc_target_curves *curves; /* NULL without a time model */
  double **discount;         /* of each curve, of pfc_hazard_discounts */
  int32_t n_candidates;
  int32_t *candidate;    /* dataset codes, ascending */
  int32_t *candidate_of; /* dataset code -> candidate, -1 none */
  int32_t n_targets;     /* of the candidates */
  int32_t *first_target; /* n_candidates + 1, into target */
  int32_t *target;       /* catalogue targets */
  float *Y;              /* n_candidates x rank */
  uint8_t *cold;         /* n_candidates: nobody has started it */
  int64_t *evidence;     /* n_candidates */
  int32_t n_competencies;
  pfc__predictor predictor[PFC__N_PREDICTORS];
  int n_tiles;
  pfc__tile *tile; /* one a thread */
};

#endif
