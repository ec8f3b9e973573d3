/* What nobody could do better than: recommending new interventions with the truth of everything
 * but of what they are like. */
#ifndef PROFICIO_BENCH_COLD_CEILING_H
#define PROFICIO_BENCH_COLD_CEILING_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/truth.h"

/* Every new intervention becomes what those of its kind that are not new are on average (all of
 * these where none is of its kind): in what it teaches, in how it is liked and by whom, in how
 * easy it is and who drops out. Hours, weeks and targets stay, as a catalogue tells them.
 * is_new: by code of ds's dictionary "intervention". truth is of ds. PFC_ENOMEM, PFC_EDATA. */
PFC_MUST_USE pfc_status pfc__cold_average(const pfc_dataset *ds, const uint8_t *is_new,
                                          pfc_truth *truth, pfc_error *err);

#endif
