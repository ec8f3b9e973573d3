/* The rows of a truth by the codes of a dataset. */
#ifndef PROFICIO_TRAINER_TRUTH_MATCH_H
#define PROFICIO_TRAINER_TRUTH_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/dataset.h"
#include "datasets/history.h"
#include "datasets/truth.h"

typedef struct pfc_truth_match {
  int32_t *person, *intervention, *competency; /* dataset code -> row of the truth, -1 none */
  double
      *criticality; /* of the truth's roles, as table roles has it; 1 where it does not tell */
} pfc_truth_match;

/* history and cat are of ds. PFC_EDATA when the truth is of another organisation: people,
 * interventions or competencies that one of both does not know, targets with other levels,
 * people who left on another day, or who learned from what they never began. Nothing is left to
 * clear on failure. */
PFC_API PFC_MUST_USE pfc_status pfc_truth_match_init(pfc_truth_match *m,
                                                     const pfc_history *history,
                                                     const pfc_catalogue *cat,
                                                     const pfc_truth *truth, pfc_error *err);
PFC_API void pfc_truth_match_clear(pfc_truth_match *m);

/* Has the person (a row of the truth) a position on that day, and not left yet? */
PFC_API bool pfc_truth_is_there(const pfc_truth *truth, int32_t person, int32_t day);

/* The target of the truth's intervention in that competency (rows of the truth); -1 none. */
PFC_API int64_t pfc_truth_target(const pfc_truth *truth, int32_t intervention,
                                 int32_t competency);

#endif
