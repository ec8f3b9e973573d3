#include "tests/support/events.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

void numbered_event_make(numbered_event *to, int64_t k) {
  static const char *const KINDS[] = {"shown", "accepted", "declined", "started"};
  (void)snprintf(to->id, sizeof to->id, "event-%lld", (long long)k);
  (void)snprintf(to->person, sizeof to->person, "p%lld", (long long)(k % 7));
  to->reason[0] = '\0';
  if (k % 3 == 0)
    (void)snprintf(to->reason, sizeof to->reason, "because of %lld", (long long)k);
  pfc_event_init(&to->e);
  to->e.event_id = to->id;
  to->e.person_id = to->person;
  to->e.intervention_id = k % 2 ? "sql" : "r";
  to->e.at = 1700000000 + 60 * k;
  to->e.kind = KINDS[k % 4];
  if (k % 4 == 0) to->e.position = (int32_t)(1 + k % 10);
  if (k % 4 == 0) to->e.propensity = 0.25;
  if (k % 4 == 0) to->e.value = 0.1 * (double)k;
  to->e.reason = to->reason;
}

pfc_status add_events(pfc_store *s, int64_t first, int64_t n, pfc_error *err) {
  bool is_new;
  pfc_status st = pfc_store_begin(s, err);
  for (int64_t k = first; st == PFC_OK && k < first + n; k++) {
    numbered_event e;
    numbered_event_make(&e, k);
    st = pfc_store_add(s, &e.e, 1800000000, &is_new, err);
  }
  return st == PFC_OK ? pfc_store_commit(s, err) : st;
}

void remove_store(const char *path) {
  static const char *const TAILS[] = {"", "-wal", "-shm", ".lock"};
  char name[256];
  for (size_t k = 0; k < sizeof TAILS / sizeof *TAILS; k++) {
    (void)snprintf(name, sizeof name, "%s%s", path, TAILS[k]);
    (void)unlink(name);
  }
}
