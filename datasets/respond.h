/* How simulated people respond to recommendations: the organisation lives on for some days under
 * a policy of ours instead of its own. */
#ifndef PROFICIO_DATASETS_RESPOND_H
#define PROFICIO_DATASETS_RESPOND_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/truth.h"

/* Who is led to what on the day: rows of tables people and interventions. */
typedef struct pfc_lead {
  int32_t person, intervention;
} pfc_lead;

/* The organisation `n_days` after `day`, when n people were recommended something on `day` and
 * nothing else was offered: by the laws of the truth they accept, start, pass, drop out or fail,
 * learn, and are assessed as the simulator assesses. Rows are appended to enrolments, assessments
 * and feedback; what was under way on `day` ends; *after_truth has the new gains and a last_day
 * of day + n_days. Facts of the given dataset dated after `day` are gone. Both results are the
 * caller's. Draws come from streams of (seed, what, person, day), so that a person who is led to
 * the same thing responds the same way under any policy. */
PFC_API PFC_MUST_USE pfc_status pfc_respond(const pfc_dataset *ds, const pfc_truth *truth,
                                            int32_t day, int32_t n_days, int64_t n,
                                            const pfc_lead *leads, uint64_t seed,
                                            pfc_dataset **after, pfc_truth **after_truth,
                                            pfc_error *err);

#endif
