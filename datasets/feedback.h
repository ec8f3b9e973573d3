/* Feedback: what people did with recommendations, event by event. An event never changes; what
 * was wrong is put right by another one that `corrects` it. docs/FEEDBACK.md. */
#ifndef PROFICIO_DATASETS_FEEDBACK_H
#define PROFICIO_DATASETS_FEEDBACK_H

#include <stdint.h>

#include "base/error.h"
#include "datasets/import.h"

/* Longest id, longest text, bytes. */
enum { PFC_EVENT_ID = 200, PFC_EVENT_TEXT = 2000 };

/* One row of table feedback (datasets/schema.c says what the columns mean). "" is a missing
 * text; all texts are borrowed. */
typedef struct pfc_event {
  const char *event_id; /* the same event has the same id however often it is sent */
  const char *person_id;
  const char *intervention_id;
  const char *competency_id; /* of what was assessed */
  int64_t at;                /* seconds since 1970; PFC_NO_TIME missing */
  const char *kind;
  int32_t position;  /* INT32_MIN missing */
  double propensity; /* NaN missing */
  const char *model_version;
  double value; /* NaN missing */
  const char *reason;
  const char *actor;
  const char *corrects; /* id of an earlier event, which counts no more */
} pfc_event;
PFC_API void pfc_event_init(pfc_event *e); /* all missing */

/* Sets a field, by its name in table feedback, from the text of a cell; "" is missing. The text
 * stays borrowed. PFC_EUSAGE for a field that there is not, PFC_EDATA for a text that is none
 * of its values. */
PFC_API PFC_MUST_USE pfc_status pfc_event_set(pfc_event *e, const char *field, const char *text,
                                              pfc_error *err);

/* PFC_EDATA names the first field that is wrong, what stands there and what is expected. */
PFC_API PFC_MUST_USE pfc_status pfc_event_check(const pfc_event *e, pfc_error *err);

/* The name of the first field in which two events differ; NULL where they are the same. */
PFC_API const char *pfc_event_difference(const pfc_event *a, const pfc_event *b);

typedef pfc_status (*pfc_event_fn)(const pfc_event *e, int64_t line, void *user,
                                   pfc_error *err);

typedef struct pfc_feedback_file {
  const char *encoding;    /* of CSV, as iconv names it; NULL or "": UTF-8 */
  pfc_reject_fn on_reject; /* NULL: the first bad row fails */
  void *reject_user;
  int64_t n_rows, n_rejected; /* out */
} pfc_feedback_file;

/* Calls fn for every event of a file: CSV with the columns of table feedback, plain or gzip;
 * JSON Lines, one object a line with the same names (.jsonl); or an answer sheet, known by its
 * columns decision_id and decision: a list whose rows become an event `shown` each, and, where
 * a person wrote something under decision, one of their answer. Rows that break a rule are
 * reported to on_reject and left out. */
PFC_API PFC_MUST_USE pfc_status pfc_feedback_read(const char *path, pfc_feedback_file *file,
                                                  pfc_event_fn fn, void *user, pfc_error *err);

#endif
