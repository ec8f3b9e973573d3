/* The feedback store, read and verified. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/utf8.h"
#include "datasets/feedback_internal.h"
#include "datasets/feedback_store_internal.h"

/* --- what goes wrong -----------------------------------------------------------------------
 */

/* Why the disk gave nothing, as the file or its log noted it; 0: it did not refuse. SQLite
 * takes EIO for damage of the file, which it is not. */
static int disk_refusal(const pfc_store *s) {
  int reason = 0;
  sqlite3_file *log = NULL;
  if (!s->db) return 0;
  (void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
  if (reason == 0 &&
      sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
      log && log->pMethods)
    (void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &reason);
  return reason == EIO || reason == ENXIO || reason == ERANGE ? reason : 0;
}

static pfc_status status_of(int code) {
  if (code == SQLITE_IOERR_NOMEM) return PFC_ENOMEM;
  switch (code & 0xff) {
    case SQLITE_NOMEM:
      return PFC_ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
      return PFC_EFORMAT;
    default:
      return PFC_EIO;
  }
}

pfc_status pfc__store_fail(pfc_store *s, int code, const char *what, pfc_error *err) {
  if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) s->is_broken = true;
  const int refusal = disk_refusal(s);
  const pfc_status st = status_of(code);
  if (st == PFC_ENOMEM) return pfc_fail_memory(err, "feedback store");
  return pfc_fail(err, refusal ? PFC_EIO : st, "feedback store '%s': cannot %s: %s%s", s->path,
                  what,
                  refusal ? strerror(refusal)
                  : s->db ? sqlite3_errmsg(s->db)
                          : sqlite3_errstr(code),
                  s->is_broken ? "; nothing more is written until it is opened again" : "");
}

/* --- rows ----------------------------------------------------------------------------------
 */

static bool read_field(sqlite3_stmt *row, int at, pfc_event *e, const pfc__field *f) {
  void *to = pfc__event_place(e, f);
  const int type = sqlite3_column_type(row, at);
  if (type == SQLITE_NULL) return true;
  if (f->type == PFC_CODE) {
    const char *text = (const char *)sqlite3_column_text(row, at);
    *(const char **)to = text ? text : "";
    return type == SQLITE_TEXT && text && strlen(text) == (size_t)sqlite3_column_bytes(row, at);
  }
  if (f->type == PFC_REAL) {
    *(double *)to = sqlite3_column_double(row, at);
    return type == SQLITE_FLOAT;
  }
  const int64_t value = sqlite3_column_int64(row, at);
  if (f->type == PFC_TIME) *(int64_t *)to = value;
  if (f->type == PFC_INT) *(int32_t *)to = (int32_t)value;
  return type == SQLITE_INTEGER && (f->type == PFC_TIME || value == (int32_t)value);
}

static bool read_bytes(sqlite3_stmt *row, int at, uint8_t *to, int size) {
  const void *data = sqlite3_column_blob(row, at);
  if (!data || sqlite3_column_bytes(row, at) != size) return false;
  memcpy(to, data, (size_t)size);
  return true;
}

bool pfc__store_row(sqlite3_stmt *row, pfc_event *e, pfc__seal *seal) {
  bool is_good = true;
  int at = 0;
  pfc_event_init(e);
  *seal = (pfc__seal){.seq = sqlite3_column_int64(row, at++)};
  for (int k = 0; k < PFC__EVENT_FIELDS; k++)
    is_good &= read_field(row, at++, e, &pfc__event_fields[k]);
  seal->recorded_at = sqlite3_column_int64(row, at++);
  is_good &= read_bytes(row, at++, seal->salt, PFC__SALT);
  is_good &= read_bytes(row, at++, seal->digest, PFC__LINK);
  is_good &= read_bytes(row, at++, seal->chain, PFC__LINK);
  seal->checksum = sqlite3_column_int64(row, at);
  return is_good;
}

static bool has_checksum(pfc_sha256 *d, const pfc_event *e, const pfc__seal *seal) {
  pfc__seal again = *seal;
  pfc__seal_checksum(d, e, &again);
  return again.checksum == seal->checksum;
}

/* --- events --------------------------------------------------------------------------------
 */

int64_t pfc_store_size(const pfc_store *s) { return s->head.n; }

static void head_text(const pfc__head *h, char text[PFC_HEAD_TEXT]) {
  int at = snprintf(text, PFC_HEAD_TEXT, "%" PRId64 "-", h->n);
  for (int k = 0; k < PFC__LINK; k++)
    at += snprintf(text + at, PFC_HEAD_TEXT - (size_t)at, "%02x", (unsigned)h->chain[k]);
}

void pfc_store_head(const pfc_store *s, char head[PFC_HEAD_TEXT]) { head_text(&s->head, head); }

static pfc_status select_from(pfc_store *s, int64_t after, sqlite3_stmt **row, pfc_error *err) {
  const int code = sqlite3_prepare_v2(
      s->db, "SELECT " PFC__STORE_COLUMNS " FROM event WHERE seq > ? ORDER BY seq", -1, row,
      NULL);
  if (code != SQLITE_OK)
    return pfc__store_fail(s, sqlite3_extended_errcode(s->db), "read", err);
  (void)sqlite3_bind_int64(*row, 1, after);
  return PFC_OK;
}

pfc_status pfc_store_each(pfc_store *s, int64_t after, pfc_event_fn fn, void *user,
                          pfc_error *err) {
  sqlite3_stmt *row = NULL;
  int code;
  pfc_status st = select_from(s, after, &row, err);
  while (st == PFC_OK && (code = sqlite3_step(row)) != SQLITE_DONE) {
    pfc_event e;
    pfc__seal seal;
    if (code != SQLITE_ROW) {
      st = pfc__store_fail(s, code, "read", err);
    } else if (!pfc__store_row(row, &e, &seal) || !has_checksum(s->digest, &e, &seal)) {
      st = pfc_fail(err, PFC_EFORMAT,
                    "feedback store '%s': event %" PRId64
                    " is damaged or was changed; `feedback verify` tells more",
                    s->path, seal.seq);
    } else {
      st = fn(&e, seal.seq, user, err);
    }
  }
  (void)sqlite3_finalize(row);
  return st;
}

/* --- verifying -----------------------------------------------------------------------------
 */

static bool hex_byte(const char *text, uint8_t *byte) {
  static const char DIGITS[] = "0123456789abcdef";
  const char *high = text[0] ? strchr(DIGITS, text[0]) : NULL;
  const char *low = high && text[1] ? strchr(DIGITS, text[1]) : NULL;
  if (!low) return false;
  *byte = (uint8_t)((high - DIGITS) << 4 | (low - DIGITS));
  return true;
}

static pfc_status parse_head(const char *text, pfc__head *h, pfc_error *err) {
  char *end = NULL;
  h->n = strtoll(text, &end, 10);
  bool is_good = end != text && *end == '-' && h->n >= 0 && strlen(end) == 1 + 2 * PFC__LINK;
  for (int k = 0; is_good && k < PFC__LINK; k++)
    is_good = hex_byte(end + 1 + (ptrdiff_t)2 * k, &h->chain[k]);
  if (is_good) return PFC_OK;
  return pfc_fail(
      err, PFC_EUSAGE,
      "a head as `feedback verify` prints it expected, such as 12-6a09..., not '%.100s'", text);
}

static void find_bad(pfc_store_verdict *v, int64_t seq, const char *id, const char *what) {
  v->is_good = false;
  v->bad = seq;
  (void)snprintf(v->event_id, sizeof v->event_id, "%.*s", (int)pfc_utf8_cut(id, PFC_EVENT_ID),
                 id);
  (void)snprintf(v->what, sizeof v->what, "%s", what);
}

/* What is wrong with a row, NULL nothing; the chain goes on in *head. */
static const char *judge(pfc_store *s, sqlite3_stmt *row, pfc_event *e, pfc__head *head) {
  pfc__seal seal, again;
  const bool is_whole = pfc__store_row(row, e, &seal);
  if (seal.seq != head->n + 1) return "it is missing";
  if (!is_whole) return "a column is damaged";
  again = seal;
  pfc__seal_digest(s->digest, e, &again);
  if (memcmp(again.digest, seal.digest, PFC__LINK) != 0) return "a field was changed";
  pfc__seal_link(s->digest, head->chain, &again);
  if (memcmp(again.chain, seal.chain, PFC__LINK) != 0)
    return "it does not follow the event before it: one of them was changed or moved";
  if (!has_checksum(s->digest, e, &seal)) return "its checksum does not match";
  head->n = seal.seq;
  memcpy(head->chain, seal.chain, PFC__LINK);
  return NULL;
}

/* The structure of the file: pages, indexes, types. What SQLite cannot read it calls damaged
 * too, in words of its own. */
static pfc_status check_file(pfc_store *s, pfc_store_verdict *v, pfc_error *err) {
  pfc_status st = PFC_OK;
  sqlite3_stmt *row = NULL;
  int code = sqlite3_prepare_v2(s->db, "PRAGMA integrity_check(1)", -1, &row, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(row);
  const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
  if ((!said && status_of(code) != PFC_EFORMAT) || disk_refusal(s)) {
    st = pfc__store_fail(s, sqlite3_extended_errcode(s->db), "read", err);
  } else if (v->is_good && (!said || strcmp(said, "ok") != 0)) {
    find_bad(v, v->n + 1, "", "");
    (void)snprintf(v->what, sizeof v->what, "the file is damaged: %.150s",
                   said ? said : sqlite3_errmsg(s->db));
  }
  (void)sqlite3_finalize(row);
  return st;
}

/* Events up to the head's number must lead to its link. */
static void hold_against(pfc_store_verdict *v, const pfc__head *at, const pfc__head *noted) {
  if (v->is_good && at->n == noted->n && memcmp(at->chain, noted->chain, PFC__LINK) != 0)
    find_bad(v, at->n, "", "the events up to here are not those of the head that was given");
}

static pfc_status walk(pfc_store *s, const pfc__head *noted, pfc__head *at,
                       pfc_store_verdict *v, pfc_error *err) {
  sqlite3_stmt *row = NULL;
  int code = SQLITE_DONE;
  pfc_status st = select_from(s, 0, &row, err);
  hold_against(v, at, noted);
  while (st == PFC_OK && v->is_good && (code = sqlite3_step(row)) == SQLITE_ROW) {
    pfc_event e;
    const char *what = judge(s, row, &e, at);
    if (what) {
      const bool is_gap = sqlite3_column_int64(row, 0) != at->n + 1;
      find_bad(v, at->n + 1, is_gap ? "" : e.event_id, what);
    } else {
      hold_against(v, at, noted);
    }
  }
  if (st == PFC_OK && v->is_good && code != SQLITE_DONE) {
    if ((code & 0xff) == SQLITE_CORRUPT && !disk_refusal(s)) {
      find_bad(v, at->n + 1, "", "the file is damaged there");
    } else {
      st = pfc__store_fail(s, code, "read", err);
    }
  }
  (void)sqlite3_finalize(row);
  return st;
}

pfc_status pfc_store_verify(pfc_store *s, const char *head, pfc_store_verdict *v,
                            pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__head noted = {.n = -1}, at = {0};
  *v = (pfc_store_verdict){.is_good = true};
  if (head) PFC_TRY(parse_head(head, &noted, err));
  memcpy(at.chain, s->beginning, PFC__LINK);
  PFC_TRY(walk(s, &noted, &at, v, err));
  v->n = at.n;
  if (v->is_good && at.n < noted.n)
    find_bad(v, at.n + 1, "", "it and those behind it were cut off");
  PFC_TRY(check_file(s, v, err));
  head_text(&at, v->head);
done:
  return st;
}
