// needs: PFC_SQLITE
#include "tests/support/tampering.h"

#include <sqlite3.h>

#include "base/rng.h"
#include "datasets/feedback_store.h"
#include "tests/support/events.h"
#include "tests/support/test.h"

enum { EVENTS = 30 };
#define STORE "tampered.db"

static char head[PFC_HEAD_TEXT];
static char good[1 << 17];
static size_t good_size;

static void make_good(void) {
  pfc_store *s = NULL;
  remove_store(STORE);
  assert_ok(pfc_store_open(STORE, PFC_STORE_WRITE, &s, &err));
  assert_ok(add_events(s, 1, EVENTS, &err));
  pfc_store_head(s, head);
  pfc_store_close(s);
  FILE *file = fopen(STORE, "rb");
  assert_non_null(file);
  good_size = fread(good, 1, sizeof good, file);
  assert_in_range(good_size, 1, sizeof good - 1);
  (void)fclose(file);
}

static void change(const char *sql) {
  sqlite3 *db = NULL;
  char *why = NULL;
  assert_int_equal(sqlite3_open(STORE, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
  (void)sqlite3_close(db);
}

/* A column of an event becomes another value of its type. */
static int change_column(pfc_rng *rng, char sql[400]) {
  static const char *const SETS[] = {
      "event_id = 'x' || event_id",
      "person_id = person_id || 'x'",
      "intervention_id = 'py'",
      "competency_id = 'data'",
      "at = at + 1",
      "kind = CASE kind WHEN 'shown' THEN 'accepted' ELSE 'shown' END",
      "position = ifnull(position, 0) + 1",
      "propensity = ifnull(propensity, 0) + 0.001",
      "model_version = 'm'",
      "value = CASE WHEN value IS NULL THEN 0 END",
      "reason = ifnull(reason, '') || '.'",
      "actor = 'a'",
      "corrects = 'event-1'",
      "recorded_at = recorded_at - 1",
      "salt = zeroblob(16)",
      "digest = zeroblob(32)",
      "chain = zeroblob(32)",
      "checksum = checksum + 1",
      "salt = x'00'",
      "propensity = 1e-320",
  };
  const uint64_t n = sizeof SETS / sizeof *SETS;
  const int seq = 1 + (int)pfc_rng_below(rng, EVENTS);
  (void)snprintf(sql, 400, "UPDATE event SET %s WHERE seq = %d", SETS[pfc_rng_below(rng, n)],
                 seq);
  return seq;
}

static int swap(pfc_rng *rng, char sql[400]) {
  const int a = 1 + (int)pfc_rng_below(rng, EVENTS - 1);
  const int b = a + 1 + (int)pfc_rng_below(rng, (uint64_t)(EVENTS - a));
  (void)snprintf(
      sql, 400,
      "UPDATE event SET seq = 1000 WHERE seq = %d; UPDATE event SET seq = %d WHERE seq = "
      "%d; UPDATE event SET seq = %d WHERE seq = 1000",
      a, a, b, b);
  return a;
}

/* Writes what is done into sql; returns the first event that it touches. */
static int draw(pfc_rng *rng, char sql[400]) {
  const int seq = 1 + (int)pfc_rng_below(rng, EVENTS);
  switch (pfc_rng_below(rng, 4)) {
    case 0:
      (void)snprintf(sql, 400, "DELETE FROM event WHERE seq = %d", seq);
      return seq;
    case 1:
      (void)snprintf(sql, 400, "DELETE FROM event WHERE seq >= %d", seq);
      return seq;
    case 2:
      return swap(rng, sql);
    default:
      return change_column(rng, sql);
  }
}

void tamper(uint64_t seed, int n) {
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "tamper", 0);
  make_good();
  for (int k = 0; k < n; k++) {
    char sql[400] = "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; ";
    const size_t from = strlen(sql);
    pfc_store *s = NULL;
    pfc_store_verdict v;
    remove_store(STORE);
    test_write_file(STORE, good, good_size);
    char act[400];
    const int first = draw(&rng, act);
    (void)snprintf(sql + from, sizeof sql - from, "%s", act);
    change(sql);
    assert_ok(pfc_store_open(STORE, PFC_STORE_READ, &s, &err));
    assert_ok(pfc_store_verify(s, head, &v, &err));
    pfc_store_close(s);
    if (v.is_good || v.bad != first)
      fail_msg("%s: event %d expected, not %d (%s)", act, first, (int)v.bad, v.what);
  }
}
