/* The closed loop: does learning from what people did with recommendations make the next ones
 * better? On simulated people, whose truth says what each round was worth. docs/BENCHMARKS.md,
 * "Closed loop". */
#ifndef PROFICIO_BENCH_LOOP_H
#define PROFICIO_BENCH_LOOP_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/simulate.h"
#include "models/bundle.h"
#include "trainer/refit.h"
#include "trainer/train.h"

/* Makes the model of the next round from all data so far; `old` is the one in use. The bundle
 * is the caller's. */
typedef pfc_status (*pfc_refit_fn)(const pfc_dataset *ds, const pfc_train_settings *settings,
                                   const pfc_bundle *old, void *user, pfc_bundle **bundle,
                                   pfc_error *err);

typedef struct pfc_loop_settings {
  uint32_t struct_size;
  pfc_simulate_settings organisation; /* its months lie before the first round; last_day is that
                                         of the last round, drift_on does not count [small] */
  int32_t rounds;                     /* 1..40 [6] */
  int32_t days;                       /* of a round, 7..720 [91] */
  bool drift;           /* the laws change on the first day of the middle round [false] */
  int32_t horizon_days; /* after which a recommendation is worth what it closed, 1..720 [365] */
  int resamples;        /* bootstrap over people; 0: no intervals [2000] */
  uint64_t seed;        /* of turns, answers and models; the organisation has its own [1] */
  pfc_train_settings train;
  pfc_refit_fn refit; /* NULL: trained anew [NULL] */
  void *refit_user;
  bool gated; /* instead: challenged by pfc_refit() and judged by pfc_gate_judge() [false] */
  pfc_refit_settings challenge; /* of that; its train, seeds and round do not count */
  pfc_progress progress;
} pfc_loop_settings;
void pfc_loop_defaults(pfc_loop_settings *s);
/* PFC_EUSAGE names the first bad field and its allowed range. */
PFC_MUST_USE pfc_status pfc_loop_check(const pfc_loop_settings *s, pfc_error *err);

/* Rounds of an organisation drawn on the frame (datasets/simulate.h) in five parallel worlds
 * that share their chance: in each, everybody is led by
 *
 *   refit       the value of a model that is fitted anew each round, on all data of its world;
 *               gated: that of the champion, which a candidate replaces when it may
 *   frozen      that of the first model, for ever
 *   gap         the largest gap first, as far as ratings tell
 *   popularity  what people of the role took up until then
 *   random      chance
 *
 * within seats (trainer/policy.h), answers by the laws (datasets/respond.h), and `days` later
 * the next round begins. *json, the caller's: the object of docs/FORMATS.md ("bench loop")
 * without the words of the command line. Same settings, same bytes for any number of threads.
 */
PFC_MUST_USE pfc_status pfc_loop_run(const pfc_dataset *frame, const pfc_loop_settings *s,
                                     cJSON **json, pfc_error *err);

#endif
