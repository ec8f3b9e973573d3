// labels: fuzz check
/* Files of events: any bytes are refused with a message, or every row of them is an event, an
 * answer of a sheet, or rejected with its line; and the events, written as JSON Lines, are read
 * back as the same ones.
 *
 * The first byte of an input tells how the rest is called: j JSON Lines, else CSV or a sheet.
 */
#include "base/date.h"
#include "base/json.h"
#include "datasets/csv.h"
#include "datasets/feedback_internal.h"
#include "tests/fuzz/input.h"

typedef struct reading {
  bool is_strict;
  int64_t n_events, n_rejects, n_lines_told, last_line;
  pfc_sha256 *digest; /* of all events */
  fuzz_bytes *copy;   /* of them as JSON Lines; NULL: none */
  char hex[PFC_SHA256_HEX];
  pfc_feedback_file file;
} reading;

static void put(cJSON *json, const char *name, const char *text) {
  HOLDS(cJSON_AddStringToObject(json, name, text));
}

static void copy_event(const pfc_event *e, fuzz_bytes *to) {
  char at[PFC_TIME_TEXT];
  cJSON *json = cJSON_CreateObject();
  HOLDS(json);
  pfc_time_format(e->at, at);
  put(json, "event_id", e->event_id);
  put(json, "person_id", e->person_id);
  put(json, "intervention_id", e->intervention_id);
  put(json, "competency_id", e->competency_id);
  put(json, "at", at);
  put(json, "kind", e->kind);
  put(json, "model_version", e->model_version);
  put(json, "reason", e->reason);
  put(json, "actor", e->actor);
  put(json, "corrects", e->corrects);
  HOLDS(pfc_json_put_number(json, "propensity", e->propensity, NULL) == PFC_OK);
  HOLDS(pfc_json_put_number(json, "value", e->value, NULL) == PFC_OK);
  if (e->position != INT32_MIN)
    HOLDS(pfc_json_put_number(json, "position", e->position, NULL) == PFC_OK);
  char *text = cJSON_PrintUnformatted(json);
  HOLDS(text);
  fuzz_add(to, text, strlen(text));
  fuzz_add(to, "\n", 1);
  cJSON_free(text);
  cJSON_Delete(json);
}

static void tell_line(reading *r, int64_t line) {
  HOLDS(line >= r->last_line && line >= 1);
  r->n_lines_told += line > r->last_line;
  r->last_line = line;
}

static pfc_status take_event(const pfc_event *e, int64_t line, void *user, pfc_error *err) {
  reading *r = user;
  HOLDS(pfc_event_check(e, err) == PFC_OK);
  tell_line(r, line);
  r->n_events++;
  pfc__event_add(r->digest, e);
  if (r->copy) copy_event(e, r->copy);
  return PFC_OK;
}

static pfc_status take_reject(const pfc_reject *reject, void *user, pfc_error *err) {
  reading *r = user;
  (void)err;
  HOLDS(reject->reason[0] && reject->file[0]);
  tell_line(r, reject->line);
  r->n_rejects++;
  return PFC_OK;
}

static pfc_status read_all(const char *path, reading *r) {
  pfc_error err = PFC_ERROR_INIT;
  r->digest = pfc_sha256_create();
  HOLDS(r->digest);
  r->file =
      (pfc_feedback_file){.on_reject = r->is_strict ? NULL : take_reject, .reject_user = r};
  const pfc_status st = pfc_feedback_read(path, &r->file, take_event, r, &err);
  HOLDS(st == PFC_OK || st == PFC_EDATA);
  holds_error(st, &err);
  pfc_sha256_hex(r->digest, r->hex);
  pfc_sha256_destroy(r->digest);
  return st;
}

static pfc_status count_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  (void)row;
  (void)err;
  ++*(int64_t *)user;
  return PFC_OK;
}

/* No row was passed over. */
static void holds_every_row(const char *path, bool is_csv, const reading *r) {
  int64_t n_rows = -1; /* the first one has the names of columns */
  HOLDS(r->n_lines_told == r->file.n_rows);
  HOLDS(r->file.n_rejected <= r->n_rejects);
  HOLDS(r->n_events + r->file.n_rejected >= r->file.n_rows);
  if (!is_csv) return;
  HOLDS(pfc_csv_read(path, NULL, count_row, &n_rows, NULL) == PFC_OK);
  HOLDS(n_rows == r->file.n_rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  fuzz_bytes copy = {0};
  const bool is_csv = data[0] != 'j';
  const char *path =
      is_csv ? fuzz_file(0, data + 1, size - 1) : fuzz_named(0, "a.jsonl", data + 1, size - 1);
  reading all = {.copy = &copy}, strict = {.is_strict = true}, again = {.is_strict = true};
  const pfc_status st = read_all(path, &all);
  HOLDS((read_all(path, &strict) == PFC_OK) == (st == PFC_OK && all.n_rejects == 0));
  if (st == PFC_OK) {
    holds_every_row(path, is_csv, &all);
    if (all.n_rejects == 0) HOLDS(strcmp(all.hex, strict.hex) == 0);
    const char *written = fuzz_named(1, "b.jsonl", copy.at, copy.size);
    HOLDS(read_all(written, &again) == PFC_OK);
    HOLDS(again.n_events == all.n_events && strcmp(again.hex, all.hex) == 0);
  }
  free(copy.at);
  return 0;
}
