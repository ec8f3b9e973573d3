/* The feedback store, opened and written. One process writes: it holds a lock on PATH.lock for
 * as long, and it alone moves the write-ahead log into the file (SQLite 3.40 may lose what is
 * committed when two do so at a time). */
#include "datasets/feedback_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/mem.h"
#include "datasets/feedback_internal.h"
#include "datasets/feedback_store_internal.h"

/* "PrFb", and the version of the tables. */
#define APPLICATION "1349666402"
#define VERSION "1"

/* Pages of the write-ahead log after which it is moved into the file. */
enum { PAGES_BETWEEN_CHECKPOINTS = 1000 };

static const char TABLES[] =
    "CREATE TABLE event ("
    " seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, person_id TEXT NOT NULL,"
    " intervention_id TEXT NOT NULL, competency_id TEXT, at INTEGER NOT NULL,"
    " kind TEXT NOT NULL, position INTEGER, propensity REAL, model_version TEXT, value REAL,"
    " reason TEXT, actor TEXT, corrects TEXT, recorded_at INTEGER NOT NULL,"
    " salt BLOB NOT NULL, digest BLOB NOT NULL, chain BLOB NOT NULL,"
    " checksum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE store (id BLOB NOT NULL) STRICT;"
    "PRAGMA application_id = " APPLICATION "; PRAGMA user_version = " VERSION ";";

/* --- seals ---------------------------------------------------------------------------------
 */

static void add_whole(pfc_sha256 *d, int64_t value) {
  uint8_t bytes[8];
  for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)((uint64_t)value >> (8 * k));
  pfc_sha256_add(d, bytes, sizeof bytes);
}

void pfc__seal_digest(pfc_sha256 *d, const pfc_event *e, pfc__seal *seal) {
  pfc_sha256_add(d, seal->salt, sizeof seal->salt);
  pfc__event_add(d, e);
  pfc_sha256_bytes(d, seal->digest);
}

void pfc__seal_link(pfc_sha256 *d, const uint8_t before[PFC__LINK], pfc__seal *seal) {
  pfc_sha256_add(d, before, PFC__LINK);
  add_whole(d, seal->seq);
  pfc_sha256_add(d, seal->digest, sizeof seal->digest);
  pfc_sha256_bytes(d, seal->chain);
}

void pfc__seal_checksum(pfc_sha256 *d, const pfc_event *e, pfc__seal *seal) {
  uint8_t bytes[PFC__LINK];
  add_whole(d, seal->seq);
  pfc__event_add(d, e);
  add_whole(d, seal->recorded_at);
  pfc_sha256_add(d, seal->salt, sizeof seal->salt);
  pfc_sha256_add(d, seal->digest, sizeof seal->digest);
  pfc_sha256_add(d, seal->chain, sizeof seal->chain);
  pfc_sha256_bytes(d, bytes);
  uint64_t sum = 0;
  for (int k = 0; k < 8; k++) sum |= (uint64_t)bytes[k] << (8 * k);
  memcpy(&seal->checksum, &sum, sizeof sum);
}

/* --- asking SQLite --------------------------------------------------------------------------
 */

static pfc_status run(pfc_store *s, const char *sql, const char *what, pfc_error *err) {
  const int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
  return code == SQLITE_OK ? PFC_OK
                           : pfc__store_fail(s, sqlite3_extended_errcode(s->db), what, err);
}

static pfc_status prepare(pfc_store *s, const char *sql, sqlite3_stmt **out, pfc_error *err) {
  const int code = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
  return code == SQLITE_OK ? PFC_OK
                           : pfc__store_fail(s, sqlite3_extended_errcode(s->db), "read", err);
}

/* The first column of the first row of a query; 0 of none. */
static pfc_status ask(pfc_store *s, const char *sql, int64_t *value, pfc_error *err) {
  sqlite3_stmt *row = NULL;
  pfc_status st = prepare(s, sql, &row, err);
  *value = 0;
  if (st != PFC_OK) return st;
  const int code = sqlite3_step(row);
  if (code == SQLITE_ROW) *value = sqlite3_column_int64(row, 0);
  if (code != SQLITE_ROW && code != SQLITE_DONE) st = pfc__store_fail(s, code, "read", err);
  (void)sqlite3_finalize(row);
  return st;
}

pfc_status pfc_store_supported(pfc_error *err) {
  (void)err;
  return PFC_OK;
}

/* --- opening -------------------------------------------------------------------------------
 */

/* On a file beside the store: closing another descriptor of the store's own file would drop
 * SQLite's locks. */
static pfc_status take_lock(pfc_store *s, pfc_error *err) {
  char name[PATH_MAX], what[PATH_MAX + 32];
  if (snprintf(name, sizeof name, "%s.lock", s->path) >= (int)sizeof name)
    return pfc_fail(err, PFC_EIO, "feedback store '%s': the name is too long", s->path);
  (void)snprintf(what, sizeof what, "feedback store '%s'", s->path);
  return pfc_lock_take(&s->lock, name, what, err);
}

/* An empty file of mode 0600, in its folder for good, before SQLite makes one of another mode.
 */
static pfc_status make_file(const pfc_store *s, pfc_error *err) {
  const int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return PFC_OK;
  if (fd < 0) return pfc_fail(err, PFC_EIO, "cannot write '%s': %s", s->path, strerror(errno));
  (void)close(fd);
  return pfc_folder_sync(s->path, err);
}

static pfc_status create_tables(pfc_store *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  uint8_t id[PFC__SALT];
  char sql[128] = "INSERT INTO store VALUES (x'";
  if (getrandom(id, sizeof id, 0) != sizeof id)
    return pfc_fail(err, PFC_EIO, "cannot draw random bytes: %s", strerror(errno));
  for (size_t k = 0; k < sizeof id; k++)
    (void)snprintf(sql + strlen(sql), 3, "%02x", (unsigned)id[k]);
  (void)snprintf(sql + strlen(sql), 4, "');");
  PFC_TRY(run(s, "BEGIN IMMEDIATE", "begin", err));
  PFC_TRY(run(s, TABLES, "create its tables", err));
  PFC_TRY(run(s, sql, "create its tables", err));
  PFC_TRY(run(s, "COMMIT", "create its tables", err));
done:
  return st;
}

/* Ours, of this version, or empty and to be made ours. */
static pfc_status check_kind(pfc_store *s, bool may_create, pfc_error *err) {
  pfc_status st = PFC_OK;
  int64_t application, version, tables;
  PFC_TRY(ask(s, "PRAGMA application_id", &application, err));
  PFC_TRY(ask(s, "PRAGMA user_version", &version, err));
  PFC_TRY(ask(s, "SELECT count(*) FROM sqlite_schema", &tables, err));
  if (application == 0 && version == 0 && tables == 0 && may_create)
    return create_tables(s, err);
  if (application != strtoll(APPLICATION, NULL, 10))
    return pfc_fail(err, PFC_EFORMAT, "'%s' is no feedback store", s->path);
  if (version != strtoll(VERSION, NULL, 10))
    return pfc_fail(err, PFC_EFORMAT,
                    "feedback store '%s': version %lld of the tables; this program reads "
                    "version " VERSION,
                    s->path, (long long)version);
done:
  return st;
}

/* What the chain begins with: the digest of the store's own id. */
static pfc_status read_beginning(pfc_store *s, pfc_error *err) {
  sqlite3_stmt *row = NULL;
  pfc_status st = prepare(s, "SELECT id FROM store", &row, err);
  if (st != PFC_OK) return st;
  const int code = sqlite3_step(row);
  if (code == SQLITE_ROW && sqlite3_column_bytes(row, 0) == PFC__SALT) {
    pfc_sha256_add(s->digest, sqlite3_column_blob(row, 0), PFC__SALT);
    pfc_sha256_bytes(s->digest, s->beginning);
    memcpy(s->head.chain, s->beginning, PFC__LINK);
  } else {
    st = code == SQLITE_ROW || code == SQLITE_DONE
             ? pfc_fail(err, PFC_EFORMAT, "feedback store '%s': its id is missing", s->path)
             : pfc__store_fail(s, code, "read", err);
  }
  (void)sqlite3_finalize(row);
  return st;
}

/* The last event. Nothing is added behind a damaged one; who reads is told when they come to
 * it.
 */
static pfc_status read_head(pfc_store *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_event e;
  pfc__seal seal;
  sqlite3_stmt *row = NULL;
  PFC_TRY(read_beginning(s, err));
  PFC_TRY(prepare(s, "SELECT " PFC__STORE_COLUMNS " FROM event ORDER BY seq DESC LIMIT 1", &row,
                  err));
  const int code = sqlite3_step(row);
  if (code == SQLITE_DONE) goto done;
  if (code != SQLITE_ROW) {
    st = pfc__store_fail(s, code, "read", err);
  } else if (!pfc__store_row(row, &e, &seal) && s->lock.fd >= 0) {
    st = pfc_fail(err, PFC_EFORMAT, "feedback store '%s': the last event is damaged", s->path);
  } else {
    s->head.n = seal.seq;
    memcpy(s->head.chain, seal.chain, PFC__LINK);
  }
done:
  (void)sqlite3_finalize(row);
  return st;
}

/* Every commit is synced; files are not mapped into memory; only we move the log. */
static const char *const MODES[] = {"PRAGMA mmap_size = 0", "PRAGMA trusted_schema = OFF",
                                    "PRAGMA cell_size_check = ON"};

static int count_pages(void *user, sqlite3 *db, const char *name, int pages) {
  pfc_store *s = user;
  (void)db;
  (void)name;
  s->log_pages = pages;
  return SQLITE_OK;
}

static pfc_status set_modes(pfc_store *s, bool writes, pfc_error *err) {
  pfc_status st = PFC_OK;
  (void)sqlite3_extended_result_codes(s->db, 1);
  (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !writes, NULL);
  (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void)sqlite3_busy_timeout(s->db, 5000);
  for (size_t k = 0; k < sizeof MODES / sizeof *MODES; k++)
    PFC_TRY(run(s, MODES[k], "set it up", err));
  if (!writes) return PFC_OK;
  (void)sqlite3_wal_hook(s->db, count_pages, s);
  PFC_TRY(run(s, "PRAGMA journal_mode = WAL", "keep a write-ahead log", err));
  PFC_TRY(run(s, "PRAGMA synchronous = FULL", "set it up", err));
done:
  return st;
}

static pfc_status open_db(pfc_store *s, bool writes, pfc_error *err) {
  struct stat info;
  if (!writes && stat(s->path, &info) != 0)
    return pfc_fail(err, PFC_EIO, "cannot read '%s': %s", s->path, strerror(errno));
  const int flags = (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(s->path, &s->db, flags, NULL);
  return code == SQLITE_OK ? PFC_OK : pfc__store_fail(s, code, "open it", err);
}

pfc_status pfc_store_open(const char *path, pfc_store_mode mode, pfc_store **store,
                          pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc_store *s = NULL;
  const bool writes = mode == PFC_STORE_WRITE;
  PFC_NEW(s, 1);
  s->lock = (pfc_lock)PFC_LOCK_INIT;
  if (!(s->path = pfc_strdup(path)) || !(s->digest = pfc_sha256_create())) {
    st = pfc_fail_memory(err, "feedback store");
    goto done;
  }
  if (writes) PFC_TRY(take_lock(s, err));
  if (writes) PFC_TRY(make_file(s, err));
  PFC_TRY(open_db(s, writes, err));
  PFC_TRY(set_modes(s, writes, err));
  if (!writes) PFC_TRY(run(s, "BEGIN", "read", err)); /* one moment, however long we look */
  PFC_TRY(check_kind(s, writes, err));
  PFC_TRY(read_head(s, err));
  *store = s;
  s = NULL;
done:
  pfc_store_close(s);
  return st;
}

void pfc_store_close(pfc_store *s) {
  if (!s) return;
  pfc_store_rollback(s);
  (void)sqlite3_finalize(s->insert);
  (void)sqlite3_finalize(s->find);
  if (s->is_broken) (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  (void)sqlite3_close(s->db);
  pfc_lock_drop(&s->lock);
  pfc_sha256_destroy(s->digest);
  pfc_free(s->path);
  pfc_free(s);
}

/* --- a batch -------------------------------------------------------------------------------
 */

static pfc_status check_writable(const pfc_store *s, bool in_batch, pfc_error *err) {
  if (s->lock.fd < 0)
    return pfc_fail(err, PFC_EUSAGE, "feedback store '%s' is open for reading", s->path);
  if (s->in_batch != in_batch)
    return pfc_fail(err, PFC_EUSAGE, "feedback store '%s': %s", s->path,
                    in_batch ? "no batch was begun" : "a batch was begun already");
  if (!s->is_broken) return PFC_OK;
  return pfc_fail(err, PFC_EIO,
                  "feedback store '%s': a write to the disk failed earlier; open it again",
                  s->path);
}

pfc_status pfc_store_begin(pfc_store *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_writable(s, false, err));
  if (!s->insert)
    PFC_TRY(prepare(
        s,
        "INSERT INTO event (" PFC__STORE_COLUMNS
        ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (event_id) DO NOTHING",
        &s->insert, err));
  if (!s->find)
    PFC_TRY(prepare(s, "SELECT " PFC__STORE_COLUMNS " FROM event WHERE event_id = ?", &s->find,
                    err));
  PFC_TRY(run(s, "BEGIN IMMEDIATE", "begin", err));
  s->in_batch = true;
  s->next = s->head;
done:
  return st;
}

static void bind_field(sqlite3_stmt *to, int at, const pfc_event *e, const pfc__field *f) {
  const void *value = pfc__event_at(e, f);
  if (pfc__event_is_missing(e, f)) {
    (void)sqlite3_bind_null(to, at);
  } else if (f->type == PFC_CODE) {
    (void)sqlite3_bind_text(to, at, *(const char *const *)value, -1, SQLITE_STATIC);
  } else if (f->type == PFC_REAL) {
    (void)sqlite3_bind_double(to, at, *(const double *)value + 0.0);
  } else if (f->type == PFC_TIME) {
    (void)sqlite3_bind_int64(to, at, *(const int64_t *)value);
  } else {
    (void)sqlite3_bind_int(to, at, *(const int32_t *)value);
  }
}

static int insert(pfc_store *s, const pfc_event *e, const pfc__seal *seal) {
  sqlite3_stmt *to = s->insert;
  int at = 1;
  (void)sqlite3_bind_int64(to, at++, seal->seq);
  for (int k = 0; k < PFC__EVENT_FIELDS; k++) bind_field(to, at++, e, &pfc__event_fields[k]);
  (void)sqlite3_bind_int64(to, at++, seal->recorded_at);
  (void)sqlite3_bind_blob(to, at++, seal->salt, sizeof seal->salt, SQLITE_STATIC);
  (void)sqlite3_bind_blob(to, at++, seal->digest, sizeof seal->digest, SQLITE_STATIC);
  (void)sqlite3_bind_blob(to, at++, seal->chain, sizeof seal->chain, SQLITE_STATIC);
  (void)sqlite3_bind_int64(to, at, seal->checksum);
  const int code = sqlite3_step(to);
  (void)sqlite3_reset(to);
  return code;
}

/* An event that is there under the id: the same one, or another. */
static pfc_status compare(const pfc_event *e, const char *difference, pfc_error *err) {
  if (!difference) return PFC_OK;
  return pfc_fail(
      err, PFC_EDATA,
      "event '%s' is there already with another %s; an event never changes: send a new "
      "one that corrects it",
      e->event_id, difference);
}

/* *is_there: an event of that id, in this batch or before; *difference: the first field in
 * which it differs from e, a constant text. */
static pfc_status find(pfc_store *s, const char *id, const pfc_event *e, bool *is_there,
                       const char **difference, pfc_error *err) {
  pfc_event old;
  pfc__seal seal;
  pfc_status st = PFC_OK;
  (void)sqlite3_bind_text(s->find, 1, id, -1, SQLITE_STATIC);
  const int code = sqlite3_step(s->find);
  *is_there = code == SQLITE_ROW;
  *difference = NULL;
  if (*is_there && !pfc__store_row(s->find, &old, &seal)) {
    st = pfc_fail(err, PFC_EFORMAT, "feedback store '%s': event '%s' is damaged", s->path, id);
  } else if (*is_there && e) {
    *difference = pfc_event_difference(e, &old);
  } else if (!*is_there && code != SQLITE_DONE) {
    st = pfc__store_fail(s, code, "read", err);
  }
  (void)sqlite3_reset(s->find);
  return st;
}

static pfc_status draw_salt(pfc_store *s, uint8_t salt[PFC__SALT], pfc_error *err) {
  if (s->salts_left == 0) {
    if (getrandom(s->salts, sizeof s->salts, 0) != sizeof s->salts)
      return pfc_fail(err, PFC_EIO, "cannot draw random bytes: %s", strerror(errno));
    s->salts_left = PFC__SALTS;
  }
  memcpy(salt, s->salts[--s->salts_left], PFC__SALT);
  return PFC_OK;
}

/* Adds the event behind the others, unless its id is there. */
static pfc_status add_new(pfc_store *s, const pfc_event *e, int64_t recorded_at, bool *is_new,
                          pfc_error *err) {
  pfc__seal seal = {.seq = s->next.n + 1, .recorded_at = recorded_at};
  const pfc_status st = draw_salt(s, seal.salt, err);
  if (st != PFC_OK) return st;
  pfc__seal_digest(s->digest, e, &seal);
  pfc__seal_link(s->digest, s->next.chain, &seal);
  pfc__seal_checksum(s->digest, e, &seal);
  const int code = insert(s, e, &seal);
  if (code != SQLITE_DONE) return pfc__store_fail(s, code, "write", err);
  *is_new = sqlite3_changes(s->db) > 0;
  if (!*is_new) return PFC_OK;
  s->next.n = seal.seq;
  memcpy(s->next.chain, seal.chain, PFC__LINK);
  return PFC_OK;
}

/* Is the earlier event there that this one corrects? */
static pfc_status check_corrected(pfc_store *s, const pfc_event *e, pfc_error *err) {
  bool is_there;
  const char *difference;
  const pfc_status st = find(s, e->corrects, NULL, &is_there, &difference, err);
  if (st != PFC_OK || is_there) return st;
  return pfc_fail(err, PFC_EDATA, "event '%s' corrects '%s', which is not there", e->event_id,
                  e->corrects);
}

pfc_status pfc_store_add(pfc_store *s, const pfc_event *e, int64_t recorded_at, bool *is_new,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  bool is_there;
  const char *difference;
  PFC_TRY(check_writable(s, true, err));
  PFC_TRY(pfc_event_check(e, err));
  if (e->corrects[0]) PFC_TRY(check_corrected(s, e, err));
  PFC_TRY(add_new(s, e, recorded_at, is_new, err));
  if (*is_new) return PFC_OK;
  PFC_TRY(find(s, e->event_id, e, &is_there, &difference, err));
  PFC_TRY(compare(e, difference, err));
done:
  return st;
}

/* Moves a long log into the file, as closing does. A reader in the middle of it leaves it for
 * the next time; what fails here loses nothing, for the log stays. */
static void move_log(pfc_store *s) {
  if (s->log_pages >= PAGES_BETWEEN_CHECKPOINTS)
    (void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* A batch that could not be committed is gone; whether a sync that failed has left it on the
 * disk shows when the store is opened again. */
pfc_status pfc_store_commit(pfc_store *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  PFC_TRY(check_writable(s, true, err));
  PFC_TRY(run(s, "COMMIT", "commit", err));
  s->in_batch = false;
  s->head = s->next;
  move_log(s);
done:
  if (st != PFC_OK) pfc_store_rollback(s);
  return st;
}

void pfc_store_rollback(pfc_store *s) {
  if (s->in_batch && !sqlite3_get_autocommit(s->db))
    (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  s->in_batch = false;
}
