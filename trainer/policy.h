/* What a policy is worth where the truth is known: who would be led to what, and how much of
 * the gaps that would close, by the laws of the simulator and never by a model's own estimate.
 *
 * The problem: on one day, everybody gets at most one recommendation, out of what may be
 * recommended to them that day; an intervention's next run has its seats, and a person so many
 * hours a week. The worth of leading person p to intervention i is
 *
 *   worth(p, i) = accept(p, i) * sum over c of weight(p, c)
 *                 * ( E[shortfall in c without i] - E[shortfall in c with i] ),
 *
 * shortfall = (required - level)+ `horizon_days` after the day, weight = importance times
 * criticality of the role held then, everything from pfc_truth but for the criticality, which
 * table roles has. */
#ifndef PROFICIO_TRAINER_POLICY_H
#define PROFICIO_TRAINER_POLICY_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/catalogue.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "datasets/truth.h"
#include "models/bundle.h"

/* One day's decisions. Rows are people, columns interventions, matrices row-major. */
typedef struct pfc_policy_problem {
  int32_t day;
  int32_t horizon_days;
  int32_t n_people;
  int32_t *person;  /* n_people: dataset codes, of those who are there that day */
  int32_t n_items;  /* interventions of the dataset */
  int32_t *seats;   /* n_items; INT32_MAX: no limit */
  uint8_t *allowed; /* n_people x n_items: open, not covered, not under way, no mandate, no more
                       hours a week than the person has, the rules of eligibility and
                       prerequisites kept; nothing to who has three under way */
  float *worth;     /* n_people x n_items: expected risk-weighted gap closed; 0 where not
                       allowed; may be negative */
  float *effect;    /* n_people x n_items: the same of who accepts, without the weights: levels
                       gained that count */
  float *hours;     /* n_people x n_items: expected hours spent, accept x hours */
} pfc_policy_problem;

/* At most max_people people (the same ones for the same seed), seats cut in the same
 * proportion; 0: all. PFC_EDATA when the truth is of another organisation than the dataset. */
PFC_API PFC_MUST_USE pfc_status pfc_policy_problem_create(
    const pfc_dataset *ds, const pfc_truth *truth, int32_t day, int32_t horizon_days,
    int32_t max_people, uint64_t seed, pfc_policy_problem **problem, pfc_error *err);
PFC_API void pfc_policy_problem_destroy(pfc_policy_problem *problem); /* NULL is allowed */

/* assigned[n_people]: column of the intervention that a person is led to, -1 none. People come
 * in an order drawn from the seed, the same for every policy; each takes what has the highest
 * score among what is allowed and still has a seat, if the score is above `least`; equal scores
 * by column. score: n_people x n_items. */
PFC_API PFC_MUST_USE pfc_status pfc_policy_assign(const pfc_policy_problem *problem,
                                                  const float *score, double least,
                                                  uint64_t seed, int32_t *assigned,
                                                  pfc_error *err);

/* What a bundle's models say on the day, n_people x n_items each, minus infinity of what they
 * do not tell; value is the score of its baseline where it holds nothing else. NULL: not
 * wanted. */
typedef struct pfc_policy_scores {
  float *affinity, *success, *value;
} pfc_policy_scores;
PFC_API PFC_MUST_USE pfc_status pfc_policy_score(const pfc_bundle *bundle,
                                                 const pfc_dataset *ds,
                                                 const pfc_policy_problem *problem,
                                                 const pfc_policy_scores *scores,
                                                 pfc_error *err);

/* The assignment of greatest total worth: an assignment problem with seats, solved by auction
 * (assignment.c has the sources) to within *slack of the optimum in total, as its dual proves;
 * nobody is led to harm. */
PFC_API PFC_MUST_USE pfc_status pfc_policy_oracle(const pfc_policy_problem *problem,
                                                  int32_t *assigned, double *slack,
                                                  pfc_error *err);

typedef struct pfc_policy_settings {
  uint32_t struct_size;
  int32_t horizon_days; /* 1..720 [365] */
  int32_t max_people;   /* 0: all [10000] */
  int resamples;        /* [500] */
  uint64_t seed;        /* [1] */
  pfc_progress progress;
} pfc_policy_settings;
PFC_API void pfc_policy_defaults(pfc_policy_settings *s);

/* Every policy there is on the day at which the dataset is split: the baselines, fitted on its
 * training rows; affinity, success and value of the bundle; the oracle. *json, the caller's:
 * {"day", "people", "horizon_days", "policies": {name: {"gap_closed": F, "gap_closed_per_hour":
 * F, "effect": F, "regret": F, "led": share}}, "comparisons": [...]} of docs/FORMATS.md. */
PFC_API PFC_MUST_USE pfc_status pfc_policies_judge(const pfc_bundle *bundle,
                                                   const pfc_dataset *ds,
                                                   const pfc_truth *truth,
                                                   const pfc_policy_settings *settings,
                                                   cJSON **json, pfc_error *err);

#endif
