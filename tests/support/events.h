/* Events of feedback to test with. */
#ifndef PROFICIO_TESTS_SUPPORT_EVENTS_H
#define PROFICIO_TESTS_SUPPORT_EVENTS_H

#include <stdint.h>

#include "datasets/feedback_store.h"

/* The k-th of a row of events that differ in everything, with room for its texts. */
typedef struct numbered_event {
  pfc_event e;
  char id[32], person[32], reason[64];
} numbered_event;
void numbered_event_make(numbered_event *to, int64_t k);

/* Adds events first .. first + n - 1 in one batch and commits. */
PFC_MUST_USE pfc_status add_events(pfc_store *s, int64_t first, int64_t n, pfc_error *err);

/* Removes PATH and what SQLite keeps beside it. */
void remove_store(const char *path);

#endif
