/* What the parts of the loop share: what happened in each round, by person. */
#ifndef PROFICIO_BENCH_LOOP_INTERNAL_H
#define PROFICIO_BENCH_LOOP_INTERNAL_H

#include "bench/loop.h"
#include "trainer/policy.h"

typedef enum pfc__loop_policy {
  PFC__LOOP_REFIT,
  PFC__LOOP_FROZEN,
  PFC__LOOP_GAP,
  PFC__LOOP_POPULARITY,
  PFC__LOOP_RANDOM,
  PFC__LOOP_POLICIES,
} pfc__loop_policy;

/* One round in one world; arrays by code of the person, 0 of whoever was not there. */
typedef struct pfc__loop_record {
  double *there;         /* 1: somebody to be led */
  double *worth, *hours; /* expected, of what the person was led to */
  double *best;          /* worth of what the oracle had led to */
  double *lacking;       /* weighted shortfall that is left when the round is over */
  int64_t n_led;
} pfc__loop_record;

/* What became of a candidate, and what nobody but the simulator knows of it. */
typedef struct pfc__loop_decision {
  bool is_made; /* false: there was no candidate */
  pfc_gate_verdict verdict;
  char why[200]; /* there is none, or it was not promoted: the rows in its way */
  const char *method;
  double champion, candidate; /* worth of what either would lead people to, a person */
  double oracle, random;      /* the best, and by chance */
} pfc__loop_decision;

typedef struct pfc__loop {
  const pfc_loop_settings *settings;
  int32_t first_day, drift_on;   /* of the first round; PFC_NO_DATE: never */
  int32_t n_people;              /* codes */
  pfc__loop_record *records;     /* rounds x PFC__LOOP_POLICIES */
  pfc__loop_decision *decisions; /* rounds; of gated loops, the first one empty */
  int32_t since_promotion;       /* rounds of the gate */
} pfc__loop;

/* What a bundle would lead everybody to: neither a value nor a gap of 0 leads anybody anywhere.
 * is_worth: of a policy whose scores are worth. */
PFC_MUST_USE pfc_status pfc__loop_assign(const pfc__loop *l, const pfc_bundle *bundle,
                                         const pfc_dataset *ds,
                                         const pfc_policy_problem *problem, bool is_worth,
                                         int32_t *assigned, pfc_error *err);

/* The first model of a gated loop, as the registry would have it. */
PFC_MUST_USE pfc_status pfc__loop_first(const pfc__loop *l, const pfc_dataset *ds,
                                        pfc_bundle **bundle, pfc_error *err);
/* Challenges the champion with all that is known in the training view of ds; *bundle: the
 * candidate where it is promoted, else NULL. */
PFC_MUST_USE pfc_status pfc__loop_challenge(pfc__loop *l, int32_t round, const pfc_dataset *ds,
                                            const pfc_policy_problem *problem,
                                            const pfc_bundle *champion, pfc_bundle **bundle,
                                            pfc_error *err);

static inline pfc__loop_record *pfc__loop_record_of(const pfc__loop *l, int32_t round,
                                                    int policy) {
  return &l->records[(int64_t)round * PFC__LOOP_POLICIES + policy];
}

/* The records as an object. */
PFC_MUST_USE pfc_status pfc__loop_tell(const pfc__loop *l, cJSON **json, pfc_error *err);

#endif
