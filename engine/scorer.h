/* Scoring: a fitted bundle, a dataset and a decision date become, for every person and
 * every intervention that can be started, the numbers a recommendation rests on.
 *
 * Each model is a linear predictor  P Q' + W[p,c] + S[p,i]  followed by its link. All of it is
 * added up where a pair is asked for: products of factors, what belongs to the person or the
 * item alone, W (what the person did with a competency) and S (with that very intervention).
 * Only where many pairs have to be bounded by a product are all products of a tile one SGEMM.
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
#include "engine/rules.h"
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
  double hour_price;       /* price of an hour of the person's, value units, >= 0 [0.0005] */
  int include_closed;      /* 1: every intervention is a candidate, open or not, passed or not
                              (for predictions of given pairs) [0] */
  pfc_gap_settings gaps;   /* what gaps weigh; its as_of is the scorer's [pfc_gap_defaults] */
  pfc_rule_settings rules; /* [pfc_rule_defaults] */
} pfc_scorer_settings;
PFC_API void pfc_scorer_defaults(pfc_scorer_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range in err. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_check(const pfc_scorer_settings *s, pfc_error *err);

/* Numbers of one person and one candidate. What no model gives is NaN. Time columns describe
 * the main target, the one that carries most of the value. */
typedef struct pfc_score {
  int32_t intervention; /* dataset code */
  int32_t target;       /* main target, index in the catalogue */
  double value;         /* accept * (sum of what the targets bring - price), weighted levels; a
                           target brings weight * levels * success * discount * (1 - anyway) */
  double accept;        /* probability of accepting it when offered; without feedback, of taking
                           it up, given that something is taken up */
  double affinity;      /* x.y */
  double p_success;
  double p_by[2];
  double quantile_days[3]; /* p10, p50, p90 given proficiency within the horizon */
  double incidence;        /* proficient within the horizon */
  double discount; /* E[exp(-rho T) | T <= H] of the main target; 1 without a time model */
  double anyway;   /* D0 of the main target: discounted chance that the person reaches its
                      level within the horizon without it; 0 where no model tells */
  double teaches;  /* share of the way to its targets that it carries, -1..1; 1 without a
                      profile */
  double gap;      /* what the main target can close, levels as expected; NaN without
                      requirements */
  double
      gap_closed; /* sum over targets of gap * p_success; gap `teaches` without requirements */
  double price;   /* of cost and hours, in units of value */
  int cold;       /* PFC_COLD_PERSON | PFC_COLD_INTERVENTION */
  int64_t evidence_n; /* earlier starts: its own, or those that aimed at one of its
                         competencies, whichever are more */
  pfc_basis basis;    /* of a baseline, once pfc_scorer_tell_basis told it */
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

/* What one target of a pair contributes to its value. */
typedef struct pfc_term {
  int32_t target; /* index in the catalogue */
  double levels;  /* of the gap that it can close as expected, a share `teaches` of the way;
                     that share where nothing is required of the person */
  double worth;   /* the same, each row of the gap times its weight (engine/gaps.h) */
  double success; /* of the intervention; of data without results the incidence */
  double discount, anyway;
  double brings; /* worth * success * discount * (1 - anyway): worth * (D1 - D0), where who does
                    not get there by the intervention may get there anyway, D1 = 1 - (1 -
                    success discount)(1 - anyway) */
} pfc_term;

/* Scoring has three steps: a tile of people begins together (factors folded in), one
 * of them is looked at (gaps, rules), and pairs of that one are told. Calls with distinct
 * threads (0..pfc_par_threads()-1) may run side by side. A person scored alone gets the same
 * bits as in a tile. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_begin(const pfc_scorer *s, int thread, int n,
                                                 const int32_t *people, pfc_error *err);
/* p: place among the people that the thread began with. */
PFC_API PFC_MUST_USE pfc_status pfc_scorer_look(const pfc_scorer *s, int thread, int p,
                                                pfc_error *err);
/* Of the person looked at: what the rules say; their gaps (NULL with a baseline). */
PFC_API const pfc_ruling *pfc_scorer_ruling(const pfc_scorer *s, int thread);
PFC_API const pfc_person_gaps *pfc_scorer_gaps_of(const pfc_scorer *s, int thread);
/* One pair, allowed or not; candidate: place among the candidates. What the value does not need
 * is not told yet: p_by and quantile_days are NaN. */
PFC_API void pfc_scorer_pair(const pfc_scorer *s, int thread, int32_t candidate,
                             pfc_score *score);
/* What each of its targets contributes: terms[] has room for all targets of the intervention;
 * returns how many. */
PFC_API int pfc_scorer_terms(const pfc_scorer *s, int thread, const pfc_score *score,
                             pfc_term *terms);
/* The `most` allowed candidates of highest value, exactly, best first, equal ones by code, at
 * least `least` in value and, of models, above 0 unless `least` is below; by what people are
 * most likely to take up with by_affinity. Looks only at candidates whose bound is high enough,
 * and of the same look never twice at one: a longer list goes on from a shorter one. Returns
 * how many. list[most]. */
PFC_API int pfc_scorer_shortlist(const pfc_scorer *s, int thread, int by_affinity, int most,
                                 double least, pfc_score *list);

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

/* Tells p_by and quantile_days of a score: that of place p among the people with whom this
 * thread began last. Cheapest of the person looked at; of another it recalls the past anew. */
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
