/* What the halves of the feedback store share: feedback_store.c opens and writes,
 * feedback_store_read.c reads and verifies. */
#ifndef PROFICIO_DATASETS_FEEDBACK_STORE_INTERNAL_H
#define PROFICIO_DATASETS_FEEDBACK_STORE_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/lock.h"
#include "datasets/feedback_store.h"

enum { PFC__SALTS = 256 }; /* drawn at a time */
enum { PFC__SALT = 16, PFC__LINK = PFC_SHA256_BYTES };

/* The last event there is: the head of the chain. */
typedef struct pfc__head {
  int64_t n; /* its number; 0: none yet */
  uint8_t chain[PFC__LINK];
} pfc__head;

struct pfc_store {
  char *path;
  sqlite3 *db;
  pfc_lock lock; /* PATH.lock, while we write */
  bool in_batch;
  bool is_broken;               /* an fsync failed: what is on the disk is not known */
  uint8_t beginning[PFC__LINK]; /* what the chain begins with */
  int log_pages;                /* of the write-ahead log */
  pfc__head head;               /* committed */
  pfc__head next;               /* with the events of the batch */
  uint8_t salts[PFC__SALTS][PFC__SALT];
  int salts_left;
  sqlite3_stmt *insert, *find;
  pfc_sha256 *digest;
};

/* What stands beside the fields of an event. */
typedef struct pfc__seal {
  int64_t seq;
  int64_t recorded_at;
  uint8_t salt[PFC__SALT];
  uint8_t digest[PFC__LINK]; /* of salt and fields */
  uint8_t chain[PFC__LINK];  /* of the chain before, seq and digest */
  int64_t checksum;          /* of all other columns */
} pfc__seal;

/* Fill seal->digest, seal->chain and seal->checksum in from what comes before them. */
void pfc__seal_digest(pfc_sha256 *d, const pfc_event *e, pfc__seal *seal);
void pfc__seal_link(pfc_sha256 *d, const uint8_t before[PFC__LINK], pfc__seal *seal);
void pfc__seal_checksum(pfc_sha256 *d, const pfc_event *e, pfc__seal *seal);

/* Columns of table event, in the order in which rows are written and read: seq, the fields,
 * recorded_at, salt, digest, chain, checksum. */
#define PFC__STORE_COLUMNS                                                                     \
  "seq, event_id, person_id, intervention_id, competency_id, at, kind, position, propensity, " \
  "model_version, value, reason, actor, corrects, recorded_at, salt, digest, chain, checksum"

/* The row a statement stands on; texts are the statement's. False where a column is not of its
 * type or size. */
bool pfc__store_row(sqlite3_stmt *row, pfc_event *e, pfc__seal *seal);

/* What SQLite could not do, as an error; marks the store as broken after a failed fsync. */
pfc_status pfc__store_fail(pfc_store *s, int code, const char *what, pfc_error *err);

#endif
