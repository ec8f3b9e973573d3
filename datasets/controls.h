/* Controls: spells of people who were below a level that others take interventions for, and
 * took none. They tell how soon a level is reached anyway. */
#ifndef PROFICIO_DATASETS_CONTROLS_H
#define PROFICIO_DATASETS_CONTROLS_H

#include "base/error.h"
#include "datasets/catalogue.h"
#include "datasets/episodes.h"
#include "datasets/history.h"

/* At most one of each person and competency. Looks are dated assessments by others than the
 * person, of the cell, in order, before the first start of anything that aims at the
 * competency.
 *
 * - It begins on the day after the first two looks in a row that leave a target above both: one
 *   look may have been low by chance, and who is picked for that would seem to rise.
 * - The target is drawn from those of starts in the competency, a target as often as it was
 *   aimed at, whose level is above both.
 * - Proficient: on the first look from that day on at or above the level that the next look
 *   confirms, for the same reason; last_below is the last look below before it, 0 when that
 *   was before the start.
 * - Else it is censored at the last look below; without one from the start on there is no
 *   control.
 *
 * Cells with a start of a day that nobody knows give none. About `most` are kept where there
 * are more. Draws are keyed by the names of person and competency. By person, then competency;
 * intervention and competency are the target's, row and enrolment_row -1. Owned by the caller
 * (pfc_episodes_destroy). */
PFC_API PFC_MUST_USE pfc_status pfc_controls_create(const pfc_dataset *ds, const pfc_history *h,
                                                    const pfc_catalogue *cat, int64_t most,
                                                    pfc_episodes **controls, pfc_error *err);

#endif
