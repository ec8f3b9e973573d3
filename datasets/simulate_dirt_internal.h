/* Planting defects: each breaks one rule of docs/CHECK.md, once, and no other; import takes the
 * row all the same. */
#ifndef PROFICIO_DATASETS_SIMULATE_DIRT_INTERNAL_H
#define PROFICIO_DATASETS_SIMULATE_DIRT_INTERNAL_H

#include <stdbool.h>

#include "datasets/simulate_internal.h"

/* A fact moves so many days beyond what bounds it, 1 .. */
enum { PFC__DIRT_BEYOND = 60 };

typedef struct pfc__dirt {
  pfc_dataset *ds;
  pfc_truth *truth;
  uint64_t seed;
  double rate;
  int32_t last_day;
  int32_t n_people;
  int32_t *employed_from; /* of each person; PFC_NO_DATE: not known */
  int32_t *employed_to;   /* PFC_NO_DATE: still there */
  int64_t capacity;       /* of the truth's list of defects */
} pfc__dirt;

/* The stream of what is to be planted in one row, or in what stands for it. */
static inline pfc_rng pfc__dirt_stream(const pfc__dirt *d, const char *what, uint64_t id) {
  pfc_rng rng;
  pfc_rng_init(&rng, d->seed, what, id);
  return rng;
}

/* 1 .. most */
static inline int32_t pfc__dirt_days(pfc_rng *rng, int32_t most) {
  return 1 + (int32_t)pfc_rng_below(rng, (uint64_t)most);
}

/* A day after the person left, or else after `bound`, not after the last day; PFC_NO_DATE when
 * there is none. */
int32_t pfc__dirt_day_after(const pfc__dirt *d, int32_t bound, pfc_rng *rng);

/* Notes a defect; person -1: of a feed. */
PFC_MUST_USE pfc_status pfc__dirt_note(pfc__dirt *d, const char *rule, pfc_table_id table,
                                       int32_t person, pfc_error *err);

/* A column to write to; NULL when the table has none of that name. */
pfc_column *pfc__dirt_column(pfc__dirt *d, pfc_table_id table, const char *name);

/* Puts the rows of a table anew: those where keep is not 0 (all when it is NULL), in order,
 * then copies of the rows named. */
PFC_MUST_USE pfc_status pfc__dirt_rebuild(pfc__dirt *d, pfc_table_id table, const uint8_t *keep,
                                          const int64_t *copies, int64_t n_copies,
                                          pfc_error *err);

PFC_MUST_USE pfc_status pfc__dirt_enrolments(pfc__dirt *d, pfc_error *err);
PFC_MUST_USE pfc_status pfc__dirt_assessments(pfc__dirt *d, pfc_error *err);

#endif
