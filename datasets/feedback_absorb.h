/* Feedback joins the data: what has happened since the data were exported counts at once. */
#ifndef PROFICIO_DATASETS_FEEDBACK_ABSORB_H
#define PROFICIO_DATASETS_FEEDBACK_ABSORB_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/feedback_store.h"

/* What became of the events of a store. */
typedef struct pfc_absorbed {
  int64_t events;    /* in the store, */
  int64_t corrected; /* of them, by a later one, or nothing but such a correction */
  int64_t known;     /* of them, that the data tell already */
  int64_t
      strangers; /* of them, about interventions or competencies that the data do not know */
  int64_t feedback, enrolments, assessments; /* rows added */
  int64_t changed;                           /* rows of enrolments that went on */
  char head[PFC_HEAD_TEXT];                  /* of the store as it was read */
} pfc_absorbed;

/* Adds the events of a store to a dataset:
 *
 *   every event   a row of table feedback, unless its event_id is there already
 *   started       an enrolment under way: the one that is open gets its first day, else a new
 * one completed     the open enrolment ends that day: passed, failed, or by `value` missing
 *                 completed; else a new one that has ended
 *   assessed      an assessment; `actor` is its source (test, manager, self ...)
 *
 * A start or an end within 30 days of one that the data tell is the same one, told twice.
 * Events that another one corrects do not count. People whom the data do not know are added to
 * them. The dataset notes the head beside the digest of its file, and with it every model
 * trained on it. PFC_EFORMAT when the store is damaged; the dataset then is of no more use. */
PFC_API PFC_MUST_USE pfc_status pfc_feedback_absorb(pfc_dataset *ds, pfc_store *store,
                                                    pfc_absorbed *told, pfc_error *err);

#endif
