/* How simulated people respond to recommendations: the organisation lives on for some days
 * under a policy of ours instead of its own. docs/SIMULATOR.md, "Responses". */
#ifndef PROFICIO_DATASETS_RESPOND_H
#define PROFICIO_DATASETS_RESPOND_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/truth.h"

/* Who is led to what on the day: codes of the dataset's person and intervention. */
typedef struct pfc_lead {
  int32_t person, intervention;
} pfc_lead;

/* What happens on one day, and how long people are left to it. */
typedef struct pfc_round {
  int32_t day;
  int32_t n_days; /* 1 .. PFC_TRUTH_DAYS */
  int64_t n;      /* leads; each person at most once */
  const pfc_lead *leads;
  uint64_t seed;
} pfc_round;

/* The organisation after the days `day` .. day + n_days - 1 of a round, when on `day` people
 * were led to something and nothing else was offered meanwhile: by the laws of the truth they
 * accept, start, pass, drop out or fail, learn, and are assessed. Who has the intervention
 * booked or under way declines; whether somebody may be led there else (seats, prerequisites,
 * time) is the caller's to decide.
 *
 * Of the given dataset, what was offered and agreed before `day` stays, and comes to the end
 * that it has there; enrolments, feedback, assessments, performance and projects from `day` on
 * are gone, and gains of the truth with the enrolments that brought them. What no
 * recommendation moves (careers, openings, demand ...) stays as it is, whenever it happens.
 *
 * *after: rows appended to enrolments and feedback, with the end that they will come to, and to
 * assessments those of these days; split at day + n_days, so that what lies later is known to
 * nobody who asks the split, and the next round may begin. *after_truth has the new gains and
 * ends the day before. Both are the caller's.
 *
 * Draws come from streams of (seed, what, person, day), so that a person led to the same thing
 * in the same state responds the same way under any policy; same bytes for any number of
 * threads. PFC_EUSAGE names days or a lead that cannot be, PFC_EDATA a dataset that was not
 * simulated, or of another organisation than the truth. */
PFC_API PFC_MUST_USE pfc_status pfc_respond(const pfc_dataset *ds, const pfc_truth *truth,
                                            const pfc_round *round, pfc_dataset **after,
                                            pfc_truth **after_truth, pfc_error *err);

#endif
