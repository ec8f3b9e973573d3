/* What the parts of judging policies share. */
#ifndef PROFICIO_TRAINER_POLICY_INTERNAL_H
#define PROFICIO_TRAINER_POLICY_INTERNAL_H

#include <stdbool.h>

#include "trainer/policy.h"
#include "trainer/truth_match.h"

/* Rows of a table by intervention: row[start[i]] ... row[start[i + 1] - 1]. */
typedef struct pfc__rows_of {
  int64_t *start, *row;
} pfc__rows_of;

/* What may be recommended to whom on a day: the rules that the simulated organisation keeps to
 * (datasets/simulate_history.c), and besides no mandate and nothing that asks for more hours a
 * week than the person has. */
typedef struct pfc__policy_rules {
  const pfc_dataset *ds;
  const pfc_history *history;
  const pfc_catalogue *cat;
  const pfc_truth *truth;
  const pfc_truth_match *match;
  int32_t day;
  pfc__rows_of eligibility, prerequisites, mandates;
} pfc__policy_rules;

/* Fills the tables by intervention of rules whose other fields are set. */
PFC_MUST_USE pfc_status pfc__policy_rules_init(pfc__policy_rules *r, pfc_error *err);
void pfc__policy_rules_clear(pfc__policy_rules *r);

/* allowed[n_interventions] of one person, dataset codes. Read-only, hence thread-safe. */
void pfc__policy_allow(const pfc__policy_rules *r, int32_t person, uint8_t *allowed);

/* --- scores --------------------------------------------------------------------------------
 */

/* score[n_people x n_items] of the problem, by the baseline that the bundle holds. */
PFC_MUST_USE pfc_status pfc__policy_rank(const pfc_bundle *bundle, const pfc_dataset *ds,
                                         const pfc_policy_problem *problem, float *score,
                                         pfc_error *err);

/* score[n_people x n_items]: an order of its own for everybody, by chance, of the draw-th draw.
 */
void pfc__policy_draw(const pfc_policy_problem *problem, uint64_t seed, int draw, float *score);

#endif
