/* Shared by the files that take one pair's numbers apart. */
#ifndef PROFICIO_ENGINE_EXPLAIN_INTERNAL_H
#define PROFICIO_ENGINE_EXPLAIN_INTERNAL_H

#include "engine/explain.h"
#include "engine/scorer_internal.h"

/* A dataset in which one intervention takes other hours than it does: a view of the scorer's,
 * but for the one column. */
typedef struct pfc__half {
  pfc_dataset ds;
  pfc_column *columns; /* of table interventions */
  double *hours;       /* its column, a copy; NULL: there is none */
  pfc_lens *lens;      /* NULL likewise */
} pfc__half;

struct pfc_explainer {
  const pfc_scorer *s;
  const pfc_ruling *ruling; /* of the person at hand */
  float *x;                 /* rank: factors of the person */
  float *y;                 /* rank: scratch */
  float *x_common;          /* rank: mean factors of the people the model was trained on */
  pfc__half half;
  int32_t *col; /* encoding scratch */
  float *val;
  pfc_part *part;
  int64_t n_parts, parts_size;
  pfc_breakdown *breakdown;           /* PFC__BREAKDOWNS(most targets of an intervention) */
  int64_t *first_part;                /* of each breakdown, in part */
  pfc_term *term;                     /* most targets */
  double *value;                      /* candidates: as they are */
  double *then;                       /* candidates: as they would be */
  uint64_t *may;                      /* candidates that might be recommended then */
  pfc_gap *kept;                      /* most rows of anybody's gaps */
  pfc_what_if *what_if;               /* most targets + PFC_N_RULES + 3 */
  int64_t *starts, *passes, *results; /* interventions */
  uint8_t *is_alike;                  /* interventions */
  pfc_heard *heard;
  int64_t heard_size;
  pfc_lesson *lesson;
  int64_t lesson_size;
  pfc_rule_fact *fact;
  int64_t fact_size;
};

/* Accept and success once; three causes and `anyway` of each target. */
#define PFC__BREAKDOWNS(n_targets) (2 + (PFC_N_CAUSES + 1) * (n_targets))

static inline pfc_decision pfc__explain_decision(const pfc_explainer *e, int32_t person,
                                                 int32_t intervention) {
  return (pfc_decision){person, intervention, -1, e->s->as_of, -1, -1};
}

/* Takes the linear predictors of the pair apart; the scorer has begun with the person. */
PFC_MUST_USE pfc_status pfc__explain_parts(pfc_explainer *e, pfc_explanation *x,
                                           pfc_error *err);
/* Log-odds of accepting by whoever has nothing of their own: without what belongs to the
 * person; NaN where nothing tells. */
double pfc__explain_common_accept(const pfc_explainer *e, const pfc_explanation *x);

/* Chance of taking it up, by factors alone. */
double pfc__explain_take_up(const pfc_affinity *m, const float *x, const float *y);

/* Freed by pfc__half_clear, also after a failure. */
PFC_MUST_USE pfc_status pfc__half_create(const pfc_scorer *s, pfc__half *half, pfc_error *err);
void pfc__half_clear(pfc__half *half);
/* The pair's value if the intervention took half the hours; NaN where the
 * catalogue does not tell how many. */
double pfc__explain_half(pfc_explainer *e, const pfc_explanation *x);

/* Values of all candidates, the rank, its neighbours, and what would change it. */
void pfc__explain_ranks(pfc_explainer *e, pfc_explanation *x);
/* Starts and results of all interventions. */
PFC_MUST_USE pfc_status pfc__explain_count(pfc_explainer *e, pfc_error *err);
/* What the profile heard and counted, how many took it. */
PFC_MUST_USE pfc_status pfc__explain_evidence(pfc_explainer *e, pfc_explanation *x,
                                              pfc_error *err);
/* What speaks against it. */
PFC_MUST_USE pfc_status pfc__explain_rules(pfc_explainer *e, pfc_explanation *x,
                                           pfc_error *err);

#endif
