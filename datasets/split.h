/* Training and test: who may see what (DESIGN: splits are part of the dataset). */
#ifndef PROFICIO_DATASETS_SPLIT_H
#define PROFICIO_DATASETS_SPLIT_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"

/* Names what is wrong: no dates to split at, a fraction outside (0, 1), one side
 * empty ... PFC_EUSAGE or PFC_EDATA. What is dealt at random is dealt by streams of
 * (seed, what, id), where a person's id is the hash of its text: the same people are test
 * whatever the order of the file. Rows are dealt by their index. */
PFC_API PFC_MUST_USE pfc_status pfc_split_check(const pfc_dataset *ds, const pfc_split *split,
                                                pfc_error *err);

enum { PFC_SPLIT_TEXT = 96 };

/* "none", "at 2014-10-01", "by person, fraction 0.2, seed 1" ...: the same text for the same
 * split, recorded in models so that they are not judged on rows they have seen. */
PFC_API void pfc_split_describe(const pfc_split *split, char text[PFC_SPLIT_TEXT]);

/* is_test[n_rows] of table enrolments, assessments or episodes under ds->split; all 0
 * when there is no split. At a date: enrolments by started_on (else enrolled_on),
 * episodes by started_on, assessments by assessed_on; on or after the date is test. */
PFC_API PFC_MUST_USE pfc_status pfc_split_mark(const pfc_dataset *ds, pfc_table_id table,
                                               uint8_t *is_test, pfc_error *err);

/* The world as training may see it; *view has no split and is owned by the caller.
 * Test rows are gone. Without a split everything stays.
 *
 * By person also: positions, performance, projects, applications and feedback of test
 * people are gone, and their hired_on and left_on are missing; the rest of their rows in
 * table people describes them and stays.
 *
 * At a date also: positions, performance, projects, openings, applications, feedback and
 * demand on or after it are gone; `to` of positions and projects and people.left_on on or
 * after it are missing; role, unit and manager in table people are those of the position
 * held on the day before, missing where none was and one follows. Enrolments whose end is on or
 * after it, or missing in a table that has ends, are open again: ended_on, score and
 * rating missing, status in_progress (enrolled if never started). Episodes that ran until
 * it or longer are censored at it; those not yet observed by then are gone. Facts without
 * a day stay. */
PFC_API PFC_MUST_USE pfc_status pfc_split_training_view(const pfc_dataset *ds,
                                                        pfc_dataset **view, pfc_error *err);

#endif
