/* Cold start: what are recommendations worth to people, out of interventions, and in
 * competencies, of which the data tell no history? On simulated people, by hiding what is known
 * of some and comparing with the same ones known. docs/BENCHMARKS.md, "Cold start". */
#ifndef PROFICIO_BENCH_COLD_START_H
#define PROFICIO_BENCH_COLD_START_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/simulate.h"
#include "trainer/train.h"

typedef struct pfc_cold_settings {
  uint32_t struct_size;
  pfc_simulate_settings organisation; /* [medium] */
  double share;                       /* of each kind that is hidden, 0.01..0.9 [0.2] */
  int32_t days;         /* of the history that lie after the decision, 1..10000 [270] */
  int32_t horizon_days; /* after which a recommendation is worth what it closed, 1..720 [365] */
  int resamples;        /* bootstrap over people; 0: no intervals [2000] */
  uint64_t seed;        /* of who is hidden, turns and models [1] */
  pfc_train_settings train;
  pfc_progress progress;
} pfc_cold_settings;
void pfc_cold_defaults(pfc_cold_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range. */
PFC_MUST_USE pfc_status pfc_cold_check(const pfc_cold_settings *s, pfc_error *err);

/* Draws an organisation on the frame (datasets/simulate.h), hides of a share of the people all
 * that they did and were assessed at, and of a share of the interventions all that came of
 * them, and trains on the rest; attributes, roles, requirements and targets stay. In a world
 * apart it hides of a share of the competencies who was assessed in them. Everybody is then led
 * by value as in trainer/policy.h, once as if nothing had been hidden. *json, the caller's: the
 * object of docs/FORMATS.md ("bench cold") without the words of the command line. Every part
 * has what is gained by `value`, by `popularity`, and by value had all been `known`: new_people
 * what newcomers gain, and the `others` new_interventions           what people who are known
 * gain out of new ones alone new_among_old               the same out of the whole catalogue,
 * and what either kind is worth to those led to it new_competencies            what all gain
 * out of what aims at new competencies alone new_competencies_among_old  the same out of the
 * whole catalogue Same settings, same bytes for any number of threads. */
PFC_MUST_USE pfc_status pfc_cold_run(const pfc_dataset *frame, const pfc_cold_settings *s,
                                     cJSON **json, pfc_error *err);

#endif
