/* The gaps of many people, computed side by side and handed on one person after the other. */
#ifndef PROFICIO_ENGINE_GAP_PEOPLE_H
#define PROFICIO_ENGINE_GAP_PEOPLE_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "engine/gaps.h"
#include "engine/precedence.h"

typedef struct pfc_gap_row {
  pfc_gap gap;
  double behind;    /* priority of what falls behind as long as this stays open: of all that
                       comes after the competency and is asked of the person too, times the
                       weight of the way there */
  int32_t behind_n; /* competencies among them with a priority */
} pfc_gap_row;

/* One person's rows, in the order of pfc_gaps_order() where that was wanted, else by
 * competency; n = 0 where nothing is asked. They live until the call returns. A status other
 * than PFC_OK ends the run. */
typedef pfc_status (*pfc_gap_rows_fn)(int32_t person, int32_t n, const pfc_gap_row *rows,
                                      void *user, pfc_error *err);

/* Calls fn for n people (codes; NULL: those of codes 0 .. n - 1) in the order given, from one
 * thread at a time. Memory is bounded by blocks of people. Same rows for any number of threads.
 */
PFC_API PFC_MUST_USE pfc_status pfc_gap_people(const pfc_gaps *g,
                                               const pfc_precedence *precedence, int64_t n,
                                               const int32_t *people, bool ordered,
                                               const pfc_progress *progress, pfc_gap_rows_fn fn,
                                               void *user, pfc_error *err);

#endif
