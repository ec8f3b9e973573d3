/* The gate: may a candidate take the champion's place? Every reason is a row: figure, interval,
 * limit, verdict. docs/METHODS.md, "Gate". */
#ifndef PROFICIO_TRAINER_GATE_H
#define PROFICIO_TRAINER_GATE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/dataset.h"
#include "models/bundle.h"

typedef enum pfc_gate_verdict {
  PFC_PROMOTE,   /* every row that must hold does, and one of gain says better */
  PFC_REJECT,    /* a row says worse, at the error rate of this round */
  PFC_UNDECIDED, /* neither: not enough evidence, the champion stays */
} pfc_gate_verdict;
PFC_API const char *pfc_gate_verdict_name(
    pfc_gate_verdict v); /* "promote", "reject", "undecided" */

typedef struct pfc_gate_settings {
  uint32_t struct_size;
  double alpha;       /* chance of promoting one that is no better, in one round, and of
                         rejecting one that is no worse, in all rounds together, 0.001..0.5
                         [0.05] */
  int32_t round;      /* of this series, from 1: spends its share of alpha on rejecting [1] */
  int32_t candidates; /* out of which this one was chosen on the newest slice: each gets its
                         share of alpha, 1..16 [1] */
  double margin; /* a figure may be worse by this share of the champion's, with what is left
                    of the interval, before a row does not hold, 0..0.5 [0.05] */
  double trusted_share;       /* of people who train nobody, as the models were trained [0.1] */
  uint64_t trusted_seed;      /* who they are [1] */
  int32_t slice_from;         /* first day of the newest slice; both models end before it */
  int resamples;              /* of people, for standard errors, 100..1,000,000 [500] */
  uint64_t seed;              /* [1] */
  const pfc_dataset *audited; /* whose table `protected` tells of groups, persons matched by id;
                                 borrowed; NULL: parity is not judged [NULL] */
  pfc_progress progress;
} pfc_gate_settings;
PFC_API void pfc_gate_defaults(pfc_gate_settings *s);
PFC_API PFC_MUST_USE pfc_status pfc_gate_check(const pfc_gate_settings *s, pfc_error *err);

/* Judges on the rows of ds, which holds everything known today (its split does not count):
 *
 *   newest    starts, offers, episodes and ratings from slice_from on, results that are mature
 *   trusted   those of the trusted people, in the world as it stood the day after the
 *             champion's last day
 *
 * A slice that the champion may have been trained on is left out, and a row says so, like a
 * trusted one that the candidate may have seen; a candidate that may have seen the newest one
 * is refused with PFC_EUSAGE. *json, the caller's: {"verdict", "alpha", "rows": [{"name",
 * "slice", "champion", "candidate", "figure", "lo", "hi", "n", "limit", "must", "verdict",
 * "note"}]} of docs/FORMATS.md; figures are gains of the candidate, above 0 where it is better.
 * Same arguments, same object for any number of threads. */
PFC_API PFC_MUST_USE pfc_status pfc_gate_judge(
    const pfc_bundle *champion, const pfc_bundle *candidate, const pfc_dataset *ds,
    const pfc_gate_settings *settings, pfc_gate_verdict *verdict, cJSON **json, pfc_error *err);

#endif
