/* Training and test: who may see what (DESIGN: splits are part of the dataset). */
#ifndef PROFICIO_DATASETS_SPLIT_H
#define PROFICIO_DATASETS_SPLIT_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* Names what is wrong: no dates to split at, a fraction outside (0, 1), one side
 * empty ... PFC_EUSAGE or PFC_EDATA. */
PFC_API PFC_MUST_USE pfc_status pfc_split_check(const pfc_dataset *ds, const pfc_split *split,
                                                pfc_error *err);

/* is_test[n_rows] of table enrolments, assessments or episodes under ds->split; all 0
 * when there is no split. At a date: enrolments by started_on (else enrolled_on),
 * episodes by started_on, assessments by assessed_on; on or after the date is test. */
PFC_API PFC_MUST_USE pfc_status pfc_split_mark(const pfc_dataset *ds, pfc_table_id table,
                                               uint8_t *is_test, pfc_error *err);

/* The world as training may see it; *view has no split and is owned by the caller.
 * Test rows are gone. For a date also: assessments, performance, projects, feedback ...
 * on or after it are gone, results on or after it are unknown again (status
 * in_progress; ended_on, score, rating missing), episodes that ran on are censored at
 * it, positions that begin on or after it are gone, `to` and people.left_on on or after
 * it missing. Without a split everything stays. */
PFC_API PFC_MUST_USE pfc_status pfc_split_training_view(const pfc_dataset *ds,
                                                        pfc_dataset **view, pfc_error *err);

#endif
