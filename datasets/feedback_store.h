/* The feedback store: events in the order in which they came, for good. One SQLite file
 * (docs/FEEDBACK.md has its tables), append-only, written by one process at a time.
 *
 * Every event has a number, 1, 2, 3 ... without holes; a checksum over all of its columns,
 * which finds damage; and a link of a chain over salted digests, which finds what was changed,
 * taken out, moved or, held against a head noted elsewhere, cut off. */
#ifndef PROFICIO_DATASETS_FEEDBACK_STORE_H
#define PROFICIO_DATASETS_FEEDBACK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "datasets/feedback.h"

typedef struct pfc_store pfc_store;

typedef enum pfc_store_mode {
  PFC_STORE_READ,  /* the store as it is now */
  PFC_STORE_WRITE, /* creates what is not there, mode 0600; one process at a time */
} pfc_store_mode;

/* PFC_EUSAGE in a build without SQLite: it has no store, and opens none. */
PFC_API PFC_MUST_USE pfc_status pfc_store_supported(pfc_error *err);

/* Who reads sees the store as it was at that moment, whatever is written meanwhile. PFC_EIO
 * when the system refuses, or another process writes; PFC_EFORMAT when the file is no feedback
 * store, or damaged. The caller's. */
PFC_API PFC_MUST_USE pfc_status pfc_store_open(const char *path, pfc_store_mode mode,
                                               pfc_store **store, pfc_error *err);
/* What was not committed is as if it had never come. NULL is allowed. */
PFC_API void pfc_store_close(pfc_store *s);

/* --- writing -------------------------------------------------------------------------------
 * A batch: events are added, and all of them are durable once pfc_store_commit() has returned
 * PFC_OK. Whether one that failed has come through is known when the store is opened again;
 * adding it once more does no harm. After a failed fsync nothing is written any more: PFC_EIO
 * until the store is opened anew. */
PFC_API PFC_MUST_USE pfc_status pfc_store_begin(pfc_store *s, pfc_error *err);

/* recorded_at: now, seconds since 1970. *is_new: false where the event is there already.
 * Another event under the same id is PFC_EDATA: the message names the field in which they
 * differ; the batch is as before. So is an event that breaks a rule (pfc_event_check), or
 * corrects one that is not there. */
PFC_API PFC_MUST_USE pfc_status pfc_store_add(pfc_store *s, const pfc_event *e,
                                              int64_t recorded_at, bool *is_new,
                                              pfc_error *err);
PFC_API PFC_MUST_USE pfc_status pfc_store_commit(pfc_store *s, pfc_error *err);
PFC_API void pfc_store_rollback(pfc_store *s); /* does nothing outside of a batch */

/* --- reading -------------------------------------------------------------------------------
 */

/* Number of committed events, and "N-CHAIN" of the last one, to be noted elsewhere: whoever
 * holds it can tell that the N events are still those. (PFC_HEAD_TEXT: datasets/dataset.h.) */
PFC_API int64_t pfc_store_size(const pfc_store *s);
PFC_API void pfc_store_head(const pfc_store *s, char head[PFC_HEAD_TEXT]);

/* Calls fn for the committed events after number `after`, in their order; `line` is the number.
 * PFC_EFORMAT names an event whose checksum does not match. */
PFC_API PFC_MUST_USE pfc_status pfc_store_each(pfc_store *s, int64_t after, pfc_event_fn fn,
                                               void *user, pfc_error *err);

typedef struct pfc_store_verdict {
  int64_t n;                       /* events found good, from the first on */
  bool is_good;                    /* all are, and they lead to the head that was given */
  int64_t bad;                     /* number of the first bad event; 0 none */
  char event_id[PFC_EVENT_ID + 1]; /* its id, "" where it is missing */
  char what[200];                  /* is wrong with it */
  char head[PFC_HEAD_TEXT];        /* of the good ones */
} pfc_store_verdict;

/* Holds everything against checksums, chain, the file's own structure and `head` (NULL: none is
 * known). PFC_EUSAGE for a text that is no head. */
PFC_API PFC_MUST_USE pfc_status pfc_store_verify(pfc_store *s, const char *head,
                                                 pfc_store_verdict *verdict, pfc_error *err);

#endif
