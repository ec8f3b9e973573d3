/* Scoring: a fitted bundle, a dataset and a decision date become, for every person and
 * every intervention that can be started, the numbers a recommendation rests on.
 *
 * Each model is a linear predictor  P Q' + W[p,c] + S[p,i]  followed by its link. P Q' is
 * one SGEMM for a tile of people; W (what the person did with a competency) and S (with that
 * very intervention) are sparse and are added in the epilogue.
 *
 * Of a bundle that holds nothing but a baseline, value is the baseline's score, and what it
 * does not tell (accept, affinity, chances, times, gap_closed) is NaN. */
#ifndef PROFICIO_ENGINE_SCORER_H
#define PROFICIO_ENGINE_SCORER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/dataset.h"
#include "engine/gaps.h"
#include "engine/ranker.h"
#include "models/bundle.h"

/* People in one tile. */
enum { PFC_SCORER_TILE = 64 };

typedef struct pfc_scorer_settings {
  uint32_t struct_size;
  int32_t as_of;     /* decision date; PFC_NO_DATE: the date the dataset is split at, else the
                        day after the last one in the data */
  double by_days[2]; /* p_by_... columns, days [90, 180] */
  double discount_per_day; /* rho of the value, >= 0 [0.001] */
  double cost_weight;      /* lambda of the value, value units per unit of cost, >= 0 [0] */
  int include_closed;      /* 1: every intervention is a candidate, open or not, passed or not
                              (for predictions of given pairs) [0] */
  pfc_gap_settings gaps;   /* what gaps weigh; its as_of is the scorer's [pfc_gap_defaults] */
} pfc_scorer_settings;
PFC_API void pfc_scorer_defaults(pfc_scorer_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_check(const pfc_scorer_settings *s, pfc_error *err);

/* Numbers of one person and one candidate. What no model gives is NaN. Time columns describe
 * the main target, the one that carries most of the value. */
typedef struct pfc_score {
  int32_t intervention; /* dataset code */
  int32_t target;       /* main target, index in the catalogue */
  double value;         /* accept * (sum over targets of weight * gap * success * discount
                           - cost), weight being the product of a gap's factors
                           (engine/gaps.h); without requirements weight and gap are 1 */
  double accept;        /* probability of taking it up, given that something is taken up */
  double affinity;      /* x.y */
  double p_success;
  double p_by[2];
  double quantile_days[3]; /* p10, p50, p90 given proficiency within the horizon */
  double incidence;        /* proficient within the horizon */
  double gap;              /* what the main target can close, levels as expected; NaN without
                              requirements */
  double gap_closed;       /* sum over targets of gap * p_success; gap 1 without requirements */
  int cold;                /* PFC_COLD_PERSON | PFC_COLD_INTERVENTION */
  int64_t evidence_n;      /* earlier starts: its own, or those that aimed at one of its
                              competencies, whichever are more */
  pfc_basis basis;         /* of a baseline, once pfc_scorer_tell_basis told it */
} pfc_score;
enum { PFC_COLD_PERSON = 1, PFC_COLD_INTERVENTION = 2 };

typedef struct pfc_scorer pfc_scorer;

/* ds and bundle are borrowed and must outlive the scorer. PFC_EDATA when the dataset has
 * nothing the models can work on. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_create(const pfc_bundle *bundle,
                                                  const pfc_dataset *ds,
                                                  const pfc_scorer_settings *settings,
                                                  pfc_scorer **scorer, pfc_error *err);
PFC_API void pfc_scorer_destroy(pfc_scorer *s);

PFC_API int32_t pfc_scorer_as_of(const pfc_scorer *s);
PFC_API bool pfc_scorer_has_affinity(const pfc_scorer *s);
/* Candidates, in order of their codes: all scores of a person come in this order. */
PFC_API int32_t pfc_scorer_n_candidates(const pfc_scorer *s);
PFC_API const int32_t *pfc_scorer_candidates(const pfc_scorer *s);
PFC_API const pfc_catalogue *pfc_scorer_catalogue(const pfc_scorer *s);

/* Scores n <= PFC_SCORER_TILE people (dataset codes) against all candidates.
 *   scores[n * n_candidates]
 *   allowed[n * n_candidates]  1 when a candidate may be recommended: open and nothing the
 *                              person has passed covers it
 *   thread                     0..pfc_par_threads()-1; calls with distinct threads may run
 *                              side by side
 * A person scored alone gets the same bits as in a tile. What the value does not need is not
 * told yet: p_by and quantile_days are NaN. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_tile(const pfc_scorer *s, int thread, int n,
                                                const int32_t *people, pfc_score *scores,
                                                uint8_t *allowed, pfc_error *err);

/* Tells p_by and quantile_days of a score: that of place p among the people whom this
 * thread scored last. */
PFC_API void pfc_scorer_tell_times(const pfc_scorer *s, int thread, int p, pfc_score *score);

/* Tells what speaks for a person's score in the eyes of a baseline; does nothing where there is
 * none. */
PFC_API void pfc_scorer_tell_basis(const pfc_scorer *s, int thread, int32_t person,
                                   pfc_score *score);

/* incidence[n]: cumulative incidence of proficiency of one person (dataset code) and target
 * (index in the catalogue) at n ascending days since the start, cut at the horizon. PFC_EDATA
 * without a time model. Shares scratch with thread 0 of pfc_scorer_tile: never beside it. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_curve(const pfc_scorer *s, int32_t person,
                                                 int32_t target, int n, const double *days,
                                                 double *incidence, pfc_error *err);

#endif
