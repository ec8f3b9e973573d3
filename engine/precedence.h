/* What comes after what: relations `precedes`, followed over several steps. */
#ifndef PROFICIO_ENGINE_PRECEDENCE_H
#define PROFICIO_ENGINE_PRECEDENCE_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* Steps that are followed: farther than that nobody waits for anything. */
enum { PFC_PRECEDENCE_STEPS = 5 };

/* Successors of each competency, once each, never itself, in ascending order. */
typedef struct pfc_precedence {
  int32_t n_competencies;
  int64_t *first; /* n_competencies + 1 */
  int32_t *to;
  double *weight; /* 0..1: of the ways there, the greatest product of the weights on one */
} pfc_precedence;

/* Weights above 1 count as 1, missing ones too; of weight 0 is no way at all. Cycles do no
 * harm. Without the table nothing follows anything. Owned by the caller; read-only, needs the
 * dataset no more. */
PFC_API PFC_MUST_USE pfc_status pfc_precedence_create(const pfc_dataset *ds,
                                                      pfc_precedence **precedence,
                                                      pfc_error *err);
PFC_API void pfc_precedence_destroy(pfc_precedence *p); /* NULL is allowed */

#endif
