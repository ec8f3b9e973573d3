/* What the parts of the scorer share: scorer.c and scorer_build.c make it, scorer_people.c
 * begins and looks, scorer_held.c adds what levels tell, scorer_pair.c tells pairs,
 * scorer_bounds.c says what pairs cannot exceed, scorer_shortlist.c finds the best ones. */
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

/* Linear predictors: one for each cause of the time model, one for reaching a level anyway (by
 * target); the chances of passing and of accepting (by candidate). */
enum {
  PFC__ANYWAY = PFC_N_CAUSES,
  PFC__N_HAZARDS,
  PFC__SUCCESS = PFC__N_HAZARDS,
  PFC__ACCEPT,
  PFC__N_PREDICTORS,
  PFC__AFFINITY = PFC__N_PREDICTORS, /* x . y itself */
  PFC__N_PRODUCTS,
};

/* eta = theta x . y + person part + item part + W[p,c] + S[p,i]. */
typedef struct pfc__predictor {
  const pfc_features *features; /* NULL: there is no such model */
  const double *coef;
  double intercept;
  const double *theta; /* rank entries, NULL when rank is 0 */
  int rank;
  int32_t n_columns; /* candidates, or their targets */
  double *item;      /* n_columns */
  pfc_features bare; /* `features` without what a profile tells; its fields are borrowed */
  const pfc_field *held, *lacking,
      *lack_to; /* that (PFC_WHAT_SHORT: of hazards alone); NULL: none */
} pfc__predictor;

/* What one person adds to every predictor: for a competency, or an intervention met before. */
typedef struct pfc__parts {
  double eta[PFC__N_PREDICTORS];
} pfc__parts;

/* The distinct aims (competency, to_level) of the candidates: those of competency c are
 * first[c] .. first[c + 1] - 1, the candidates of aim a use[first_use[a] .. first_use[a + 1]
 * - 1]. */
typedef struct pfc__aims {
  int32_t n;
  int32_t *first;     /* competencies + 1 */
  double *to_level;   /* n; NaN: as far as what is required */
  int32_t *first_use; /* n + 1 */
  int32_t *use;       /* candidates that teach, */
  float *share;       /* and how much of the way */
} pfc__aims;

/* Cells of the table that bounds accept, and how many there are to a unit of eta. */
enum { PFC__CELLS = 2048, PFC__CELLS_A_UNIT = 64 };

/* Cells of the table that bounds what is missing to a level, and how many there are to a
 * standard deviation. */
enum { PFC__STEPS = 1024, PFC__STEPS_AN_SD = 64 };

/* What a shortlist is ordered by; of any: of candidates that are worth nothing too. */
typedef enum pfc__order {
  PFC__NO_ORDER, /* no list begun yet */
  PFC__BY_VALUE,
  PFC__BY_ANY_VALUE,
  PFC__BY_AFFINITY,
  PFC__BY_ANY_AFFINITY,
} pfc__order;

static inline bool pfc__is_by_affinity(pfc__order order) {
  return order == PFC__BY_AFFINITY || order == PFC__BY_ANY_AFFINITY;
}

/* A candidate that may still come into a shortlist. */
typedef struct pfc__open {
  float bound; /* of the key */
  int32_t candidate;
  bool is_close; /* the bound is that of pfc__scorer_bound_pair */
} pfc__open;

/* One thread's room: for the tile that it began with, and for the person it looks at. */
typedef struct pfc__tile {
  int n;
  int32_t person[PFC_SCORER_TILE];
  float *P[PFC__N_PRODUCTS];       /* theta x, PFC_SCORER_TILE x rank; NULL: products are 0 */
  float *product[PFC__N_PRODUCTS]; /* P . y, PFC_SCORER_TILE x candidates, for bounds; NULL:
                                      nobody asks for all of them */
  float *ranked;                   /* with a baseline: PFC_SCORER_TILE x interventions */

  int looked;                          /* place in the tile, -1 none */
  int32_t measured;                    /* of whom gaps are; -1 nobody */
  bool is_cold;                        /* no history */
  bool is_multiplied[PFC__N_PRODUCTS]; /* `product` of this tile is there */
  int32_t n_touched;                   /* competencies of which anything is known */
  pfc_past *past;                      /* what own, cell and pair are encoded from */
  pfc__parts own;                      /* the person part */
  pfc__parts *cell;                    /* competencies; 0 but for those touched */
  int32_t *touched;                    /* competencies */
  uint8_t *is_touched;                 /* competencies */
  pfc__parts *asked; /* requirements: the cell of whoever is asked for it and has no past */
  uint8_t *is_asked; /* requirements: that cell was worked out */
  int32_t n_met;     /* interventions met before, */
  int32_t *met;      /* the candidates among them, */
  pfc__parts *pair;  /* and what that adds */
  int32_t *met_at;   /* candidates: place in `met`, -1 not met */
  double *held;      /* with a profile: competencies, levels of those touched */
  const pfc_requirement **required; /* scratch: competencies, all NULL */
  pfc_person_gaps *gaps;            /* NULL with a baseline */
  pfc_need *need;                   /* with a baseline: competencies */
  bool has_needs;                   /* something is required of the person */
  pfc_ruling *ruling;

  double *brings;   /* targets of the candidates: of each pair told since the look, what
                       pfc_term has of the same name */
  float *worth;     /* candidates: bounds of what their targets are worth */
  pfc__order order; /* of the shortlist begun */
  int32_t n_open;   /* candidates neither told nor out of the question, */
  pfc__open *open;  /* a heap, the highest bound first */
  int32_t n_told;   /* candidates told for the shortlist, */
  pfc_score *told;  /* in no order */
  int32_t *rank;    /* places in `told`, best first */

  int32_t *col; /* encoding scratch */
  float *val;
} pfc__tile;

struct pfc_scorer {
  const pfc_bundle *bundle;
  const pfc_dataset *ds;
  pfc_scorer_settings settings;
  int32_t as_of;
  pfc_history *history;
  pfc_catalogue *cat;
  pfc_lens *lens;
  pfc_gaps *gaps;     /* NULL with a baseline */
  pfc_ranker *ranker; /* of a baseline; NULL where there are models */
  pfc_latest *latest; /* with a baseline, whose levels these are */
  pfc_rules *rules;
  pfc_fold *fold;            /* NULL without an affinity model */
  pfc_target_curves *curves; /* NULL without a time model */
  double **discount;         /* of each curve, of pfc_hazard_discounts */
  pfc_target_curves *anyway; /* NULL where no model tells */
  double **anyway_discount;
  int32_t n_candidates;
  int32_t *candidate;    /* dataset codes, ascending */
  int32_t *candidate_of; /* dataset code -> candidate, -1 none */
  int32_t n_targets;     /* of the candidates */
  int32_t *first_target; /* n_candidates + 1, into target */
  int32_t *target;       /* catalogue targets */
  float *Y;              /* n_candidates x rank */
  double longest;        /* of their lengths */
  uint8_t *cold;         /* n_candidates: nobody has started it */
  int64_t *evidence;     /* n_candidates */
  double *teaches;       /* n_candidates: share of the way, 1 without a profile */
  double *price;         /* n_candidates, units of value */
  float *least_price;    /* n_candidates: a little less */
  pfc__aims aims;
  float most_accept[PFC__CELLS];  /* by eta from -PFC__CELLS / 2 / PFC__CELLS_A_UNIT on */
  double missing[PFC__STEPS + 1]; /* E[(z - Z)+], Z ~ N(0, 1), by z from -PFC__STEPS / 2 /
                                     PFC__STEPS_AN_SD on */
  int32_t n_competencies;
  pfc__predictor predictor[PFC__N_PREDICTORS];
  int n_told_level, told_level[PFC__N_PREDICTORS]; /* predictors that have held or lacking */
  bool wants_held, wants_lacking;                  /* some predictor has any of the three */
  int n_tiles;
  pfc__tile *tile; /* one a thread */
};

/* scorer_build.c */
PFC_MUST_USE pfc_status pfc__scorer_list_candidates(pfc_scorer *s, pfc_error *err);
PFC_MUST_USE pfc_status pfc__scorer_build_models(pfc_scorer *s, pfc_error *err);
/* What an intervention takes from the value; NaN of either counts 0. */
void pfc__scorer_price(const pfc_scorer *s, int32_t intervention, double *of_cost,
                       double *of_hours);

/* scorer_people.c */
PFC_MUST_USE pfc_status pfc__tile_init(pfc__tile *tile, const pfc_scorer *s, pfc_error *err);
void pfc__tile_clear(pfc__tile *tile);
/* What the models make of a person's own past; looks at the person's gaps and rules no more. */
void pfc__scorer_recall(const pfc_scorer *s, int thread, int p);
/* To be called once somebody has changed tile->gaps: what was derived from them is forgotten.
 */
void pfc__scorer_weigh(const pfc_scorer *s, int thread);
/* Products of everybody in the tile with all candidates; NULL where they are 0. One differs
 * from that of pfc__scorer_product by no more than pfc__scorer_rounding of the person looked
 * at. */
const float *pfc__scorer_multiply(const pfc_scorer *s, pfc__tile *tile, int which);
double pfc__scorer_rounding(const pfc_scorer *s, const pfc__tile *tile, int which);

/* scorer_held.c: what models make of levels as the profile has them on the day. */
PFC_MUST_USE pfc_status pfc__held_split(pfc_scorer *s, pfc_error *err);
void pfc__held_clear(pfc_scorer *s);
/* Adds it to the cells touched, once all of them are encoded without it. */
void pfc__held_add(const pfc_scorer *s, pfc__tile *tile, int32_t person);
/* What a hazard makes of the level that is missing to a target (a place in s->target). */
double pfc__held_to(const pfc_scorer *s, const pfc__tile *tile, int model, int32_t target);

/* scorer_pair.c */
/* theta x . y of the person looked at: the one sum that is told, whoever else is in the tile.
 */
float pfc__scorer_product(const pfc_scorer *s, const pfc__tile *tile, int which,
                          int32_t candidate);
/* A linear predictor, before calibration, of the person looked at. column: a candidate, or of
 * hazards a place in s->target; candidate: whose target that is. And without its product. */
double pfc__scorer_eta(const pfc_scorer *s, const pfc__tile *tile, int model, int32_t candidate,
                       int32_t column);
double pfc__scorer_sums(const pfc_scorer *s, const pfc__tile *tile, int model,
                        int32_t candidate, int32_t column);
/* A bound of a pair's value, by its chances and tile->worth. */
double pfc__scorer_bound_pair(const pfc_scorer *s, int thread, int32_t candidate);

/* scorer_bounds.c */
PFC_MUST_USE pfc_status pfc__aims_create(pfc_scorer *s, pfc_error *err);
void pfc__aims_clear(pfc__aims *a);
/* Tables of what bounds look up. */
void pfc__scorer_tabulate(pfc_scorer *s);
/* Fills tile->open for the person looked at, and begins a shortlist; in no order yet. */
void pfc__scorer_bound(const pfc_scorer *s, int thread, pfc__order order);

#endif
