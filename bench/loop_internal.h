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

typedef struct pfc__loop {
  const pfc_loop_settings *settings;
  int32_t first_day, drift_on; /* of the first round; PFC_NO_DATE: never */
  int32_t n_people;            /* codes */
  pfc__loop_record *records;   /* rounds x PFC__LOOP_POLICIES */
} pfc__loop;

static inline pfc__loop_record *pfc__loop_record_of(const pfc__loop *l, int32_t round,
                                                    int policy) {
  return &l->records[(int64_t)round * PFC__LOOP_POLICIES + policy];
}

/* The records as an object. */
PFC_MUST_USE pfc_status pfc__loop_tell(const pfc__loop *l, cJSON **json, pfc_error *err);

#endif
