// labels: unit check
/* Files of events: each field is read, each fault named with its line and column, and no file
 * is half understood. */
#include "tests/support/test.h"

#include <limits.h>
#include <math.h>
#include <zlib.h>

#include "base/date.h"
#include "datasets/feedback.h"
#include "tests/support/countdown.h"

/* What a file told: events as text, and rejects as "line column: reason, not 'value'". */
enum { MOST = 20, TEXT = 400 };
static struct told {
  int n, n_rejects;
  char event[MOST][TEXT], reject[MOST][TEXT];
  int64_t line[MOST];
} told;

static pfc_status note_event(const pfc_event *e, int64_t line, void *user, pfc_error *err) {
  (void)user;
  char at[PFC_TIME_TEXT];
  if (told.n == MOST) return pfc_fail(err, PFC_EIO, "too many");
  pfc_time_format(e->at, at);
  told.line[told.n] = line;
  (void)snprintf(told.event[told.n++], TEXT, "%s %s %s %s %s %s %d %g %s %g [%s] %s %s",
                 e->event_id, e->person_id, e->intervention_id, e->competency_id, at, e->kind,
                 (int)e->position, e->propensity, e->model_version, e->value, e->reason,
                 e->actor, e->corrects);
  return PFC_OK;
}

static pfc_status note_reject(const pfc_reject *r, void *user, pfc_error *err) {
  (void)user;
  (void)err;
  assert_true(told.n_rejects < MOST);
  (void)snprintf(told.reject[told.n_rejects++], TEXT, "%lld %s: %s, not '%.40s'",
                 (long long)r->line, r->column, r->reason, r->value);
  return PFC_OK;
}

/* Reads `size` bytes under a name; with rejects told apart, or failing at the first. */
static pfc_status read_bytes(const char *name, const char *bytes, size_t size, bool strict,
                             pfc_error *err) {
  pfc_feedback_file file = {.on_reject = strict ? NULL : note_reject};
  test_write_file(name, bytes, size);
  told = (struct told){0};
  const pfc_status st = pfc_feedback_read(name, &file, note_event, NULL, err);
  if (st == PFC_OK && !strict) assert_true(file.n_rejected <= told.n_rejects);
  return st;
}

static pfc_status read_text(const char *name, const char *text, pfc_error *err) {
  return read_bytes(name, text, strlen(text), false, err);
}

/* --- what is well written ------------------------------------------------------------------
 */

static const char ALL[] =
    "e1 P1 I1 C1 2025-01-02T03:04:05Z assessed 3 0.25 m1 2.5 [too \"long\", later] boss e0";

/* The same event, with every field, in every way that it may be written. */
static void an_event_is_the_same_in_every_file(void **state) {
  (void)state;
  static const char CSV[] =
      "corrects,event_id,x,person_id,intervention_id,competency_id,at,kind,position,propensity,"
      "model_version,value,reason,actor\n"
      "e0,e1,ignored,P1,I1,C1,2025-01-02T03:04:05Z,assessed,3,0.25,m1,2.5,"
      "\"too \"\"long\"\", later\",boss";
  static const char JSON[] =
      "{\"number\":7,\"event_id\":\"e1\",\"person_id\":\"P1\",\"intervention_id\":\"I1\","
      "\"competency_id\":\"C1\",\"at\":\"2025-01-02T03:04:05Z\",\"kind\":\"assessed\","
      "\"position\":3,\"propensity\":0.25,\"model_version\":\"m1\",\"value\":\"2.5\","
      "\"reason\":\"too \\\"long\\\", later\",\"actor\":\"boss\",\"corrects\":\"e0\"}";
  char text[2000];
  static const struct {
    const char *name, *before, *text, *end;
  } FILES[] = {{"a.csv", "", CSV, "\n"},
               {"a.csv", "", CSV, ""},
               {"a.csv", "\xef\xbb\xbf", CSV, ""},
               {"a.csv", "", CSV, "\r\n\r\n\n"},
               {"a.jsonl", "", JSON, ""},
               {"a.jsonl", "\xef\xbb\xbf", JSON, "\r\n"},
               {"a.jsonl", "\n \r\n", JSON, "\n\n"}};
  for (size_t k = 0; k < sizeof FILES / sizeof *FILES; k++) {
    (void)snprintf(text, sizeof text, "%s%s%s", FILES[k].before, FILES[k].text, FILES[k].end);
    assert_ok(read_text(FILES[k].name, text, &err));
    assert_int_equal(told.n_rejects, 0);
    assert_int_equal(told.n, 1);
    assert_string_equal(told.event[0], ALL);
    assert_int_equal(told.line[0], FILES[k].text == CSV ? 2 : k == 6 ? 3 : 1);
  }
  gzFile packed = gzopen("a.jsonl.gz", "wb");
  assert_int_equal(gzwrite(packed, JSON, sizeof JSON - 1), sizeof JSON - 1);
  assert_int_equal(gzclose(packed), Z_OK);
  pfc_feedback_file file = {0};
  told = (struct told){0};
  assert_ok(pfc_feedback_read("a.jsonl.gz", &file, note_event, NULL, &err));
  assert_string_equal(told.event[0], ALL);
  assert_int_equal(file.n_rows, 1);
}

static void what_is_missing_is_missing(void **state) {
  (void)state;
  static const char SAID[] = "e1 P1 I1  2025-01-02T00:00:00Z shown -2147483648 nan  nan []  ";
  assert_ok(read_text("a.csv",
                      "event_id,person_id,intervention_id,at,kind,value,position,reason\n"
                      "e1,P1,I1,2025-01-02,shown,,,\n",
                      &err));
  assert_string_equal(told.event[0], SAID);
  assert_ok(
      read_text("a.jsonl",
                "{\"event_id\":\"e1\",\"person_id\":\"P1\",\"intervention_id\":\"I1\","
                "\"at\":\"2025-01-02\",\"kind\":\"shown\",\"value\":null,\"reason\":\"\"}",
                &err));
  assert_string_equal(told.event[0], SAID);
}

static void a_sheet_tells_what_was_shown_and_answered(void **state) {
  (void)state;
  assert_ok(read_text("s.csv",
                      "\xef\xbb\xbf"
                      "decision_id,person_id,intervention_id,as_of,rank,decision,"
                      "reason,answered_on\r\n"
                      "d1,P1,I1,2025-01-02,1,YES,,2025-01-05\r\n"
                      "d2,P1,I2,2025-01-02,2,decline,\"no, thanks\",\r\n"
                      "d3,P1,I3,2025-01-02,3,,,\r\n",
                      &err));
  static const char *const SAID[] = {
      "shown-d1 P1 I1  2025-01-02T00:00:00Z shown 1 nan  nan []  ",
      "accepted-d1 P1 I1  2025-01-05T00:00:00Z accepted -2147483648 nan  nan [] P1 ",
      "shown-d2 P1 I2  2025-01-02T00:00:00Z shown 2 nan  nan []  ",
      "declined-d2 P1 I2  2025-01-02T00:00:00Z declined -2147483648 nan  nan [no, thanks] P1 ",
      "shown-d3 P1 I3  2025-01-02T00:00:00Z shown 3 nan  nan []  "};
  assert_int_equal(told.n, 5);
  for (int k = 0; k < 5; k++) assert_string_equal(told.event[k], SAID[k]);
  assert_int_equal(told.line[3], 3);
}

/* --- what is not ---------------------------------------------------------------------------
 */

/* Good cells in the order event_id, person_id, intervention_id, at, kind, competency_id,
 * position, propensity, value, reason, actor, corrects; and a bad one in one of them. */
static const char *const FIELDS[] = {
    "event_id", "person_id",  "intervention_id", "at",     "kind",  "competency_id",
    "position", "propensity", "value",           "reason", "actor", "corrects"};
enum { N_FIELDS = sizeof FIELDS / sizeof *FIELDS };
static const char *const GOOD[N_FIELDS] = {"e1", "P1",  "I1", "2025-01-02", "shown", "C1",
                                           "1",  "0.5", "2",  "why",        "boss",  "e0"};

typedef struct bad_cell {
  const char *field, *value, *said;
} bad_cell;

static char *repeated(char c, int n) {
  static char text[4000];
  memset(text, c, (size_t)n);
  text[n] = '\0';
  return text;
}

/* One row whose field holds `value`, as CSV or as JSON Lines, in line 3 behind a good one. */
static const char *file_with(bool json, const bad_cell *bad) {
  static char text[12000];
  size_t n = 0;
#define PUT(...) n += (size_t)snprintf(text + n, sizeof text - n, __VA_ARGS__)
  for (int k = 0; k < N_FIELDS && !json; k++) PUT("%s%s", k ? "," : "", FIELDS[k]);
  PUT("%s", "\n");
  for (int row = 0; row < 2; row++) {
    for (int k = 0; k < N_FIELDS; k++) {
      const bool is_bad = row == 1 && strcmp(FIELDS[k], bad->field) == 0;
      const char *value = is_bad ? bad->value : GOOD[k];
      if (json) {
        PUT("%s\"%s\":\"%s\"", k ? "," : "{", FIELDS[k], value);
      } else {
        PUT("%s\"%s\"", k ? "," : "", value);
      }
    }
    PUT("%s", json ? "}\n" : "\n");
  }
#undef PUT
  return text;
}

static void every_bad_cell_is_named(void **state) {
  (void)state;
  char *const long_id = strdup(repeated('x', PFC_EVENT_ID + 1));
  char *const long_text = strdup(repeated('y', PFC_EVENT_TEXT + 1));
  const bad_cell CASES[] = {
      {"event_id", "", "expected a value"},
      {"event_id", long_id, "at most 200 bytes"},
      {"person_id", "", "expected a value"},
      {"person_id", long_id, "at most 200 bytes"},
      {"intervention_id", "", "expected a value"},
      {"intervention_id", long_id, "at most 200 bytes"},
      {"at", "", "expected a value"},
      {"at", "2025-02-29", "date"},
      {"at", "yesterday", "date"},
      {"at", "2025-01-0", "date"},
      {"kind", "", "expected a value"},
      {"kind", "liked", "accepted"},
      {"competency_id", long_id, "at most 200 bytes"},
      {"position", "0", "1"},
      {"position", "1.5", "whole number"},
      {"position", "99999999999", "whole number"},
      {"propensity", "1.01", "1"},
      {"propensity", "-0.01", "0"},
      {"propensity", "nan", "number"},
      {"propensity", "1e999", ""},
      {"value", "two", "number"},
      {"value", "inf", "number"},
      {"reason", long_text, "at most 2000 bytes"},
      {"actor", long_id, "at most 200 bytes"},
      {"corrects", long_id, "at most 200 bytes"},
      {"corrects", "e1", "id of another event"},
  };
  for (size_t k = 0; k < 2 * sizeof CASES / sizeof *CASES; k++) {
    const bad_cell *bad = &CASES[k / 2];
    char where[80], said[80];
    assert_ok(read_text(k % 2 ? "b.jsonl" : "b.csv", file_with(k % 2, bad), &err));
    assert_int_equal(told.n, 1);
    assert_int_equal(told.n_rejects, 1);
    (void)snprintf(where, sizeof where, "3 %s: ", bad->field);
    (void)snprintf(said, sizeof said, "not '%.40s", bad->value);
    assert_memory_equal(told.reject[0], where, strlen(where));
    assert_non_null(strstr(told.reject[0], bad->said));
    assert_non_null(strstr(told.reject[0], said));
    assert_int_equal(read_bytes(k % 2 ? "b.jsonl" : "b.csv", file_with(k % 2, bad),
                                strlen(file_with(k % 2, bad)), true, NULL),
                     PFC_EDATA);
  }
  free(long_id);
  free(long_text);
}

/* Control characters come in by quotes or by JSON's escapes. */
static void a_text_of_two_lines_is_none(void **state) {
  (void)state;
  const bad_cell csv = {"reason", "two\nlines", NULL}, json = {"reason", "two\\nlines", NULL};
  assert_ok(read_text("b.csv", file_with(false, &csv), &err));
  assert_string_equal(
      told.reject[0],
      "3 reason: expected one line without control characters, not 'two\nlines'");
  assert_ok(read_text("b.jsonl", file_with(true, &json), &err));
  assert_string_equal(
      told.reject[0],
      "3 reason: expected one line without control characters, not 'two\nlines'");
}

static void a_bad_line_is_named(void **state) {
  (void)state;
  static const struct {
    const char *name, *text, *said;
  } CASES[] = {
      {"b.csv", "event_id,person_id,intervention_id,at,kind\ne1,P1,I1,2025-01-02\n",
       "2 : expected 5 cells as in the first line, not 4"},
      {"b.csv", "event_id,person_id,intervention_id,at,kind\n\ne1,P1,I1,2025-01-02,shown,x\n",
       "3 : expected 5 cells as in the first line, not 6"},
      {"b.jsonl", "[1]", "1 : expected an object"},
      {"b.jsonl", "\n7", "2 : expected an object"},
      {"b.jsonl", "{\"event_id\":\"e1\"", "1 : this line"},
      {"b.jsonl", "{\"event_id\":\"e1\",\"event_id\":\"e2\"}", "1 : this line"},
      {"b.jsonl", "{\"event_i\":\"e1\"}",
       "1 event_i: no field of an event; is 'event_id' meant?"},
      {"b.jsonl", "{\"event_id\":[1]}", "1 event_id: expected a text, a whole number or null"},
      {"b.jsonl", "{\"event_id\":1.5}", "1 event_id: expected a text, a whole number or null"},
      {"b.jsonl", "{\"value\":true}", "1 value: expected a text, a number or null"},
      {"b.jsonl", "{\"reason\":\"\\u0000\"}", "1 : this line"},
      {"b.jsonl", "{\"reason\":\"\xff\"}", "1 : this line"},
  };
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    assert_ok(read_text(CASES[k].name, CASES[k].text, &err));
    assert_int_equal(told.n, 0);
    assert_true(told.n_rejects >= 1);
    assert_memory_equal(told.reject[0], CASES[k].said, strlen(CASES[k].said));
  }
}

static void a_bad_answer_is_named_by_the_columns_of_the_sheet(void **state) {
  (void)state;
  char row[600];
  static const char HEADER[] =
      "decision_id,person_id,intervention_id,as_of,rank,value,propensity,decision,reason,"
      "answered_on\n";
  static const struct {
    const char *row, *said;
  } CASES[] = {
      {",P1,I1,2025-01-02,1,,,,,", "2 decision_id: expected a value"},
      {"d1,,I1,2025-01-02,1,,,,,", "2 person_id: expected a value"},
      {"d1,P1,,2025-01-02,1,,,,,", "2 intervention_id: expected a value"},
      {"d1,P1,I1,,1,,,,,", "2 as_of: expected a value"},
      {"d1,P1,I1,soon,1,,,,,", "2 as_of: expected a date"},
      {"d1,P1,I1,2025-01-02,first,,,,,", "2 rank: expected a whole number"},
      {"d1,P1,I1,2025-01-02,1,much,,,,", "2 value: expected a number"},
      {"d1,P1,I1,2025-01-02,1,,2,,,", "2 propensity: "},
      {"d1,P1,I1,2025-01-02,1,,,perhaps,,",
       "2 decision: expected accepted (yes), declined (no) or nothing, not 'perhaps'"},
      {"d1,P1,I1,2025-01-02,1,,,yes,,soon", "2 answered_on: expected a date"},
      {"d1,P1,I1,2025-01-02,1,,,no,\"a\nb\",", "2 reason: expected one line"},
      {"d1,P1,I1,2025-01-02,1,,,yes", "2 : expected 10 cells as in the first line, not 8"},
  };
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    (void)snprintf(row, sizeof row, "%s%s\n", HEADER, CASES[k].row);
    assert_ok(read_text("s.csv", row, &err));
    assert_int_equal(told.n_rejects, 1);
    assert_memory_equal(told.reject[0], CASES[k].said, strlen(CASES[k].said));
  }
  (void)snprintf(row, sizeof row, "%s%s,P1,I1,2025-01-02,1,,,,,\n", HEADER,
                 repeated('d', PFC_EVENT_ID - 8));
  assert_ok(read_text("s.csv", row, &err));
  assert_non_null(strstr(told.reject[0], "2 decision_id: expected at most 191 bytes"));
}

/* What ends a file for good: what was read before it is for the caller to take back. */
static void what_is_no_file_of_events_is_refused(void **state) {
  (void)state;
  static const char HEADER[] = "event_id,person_id,intervention_id,at,kind\n";
  char text[400];
  static const struct {
    const char *name, *row, *said;
  } CASES[] = {
      {"c.csv", "e1,P1,I1,2025-01-02,\"shown\n", "c.csv:2"},
      {"c.csv", "e1,P1,I1,2025-01-02,\"sh\"own\n", "c.csv:2"},
      {"c.csv", "e1,P\xff,I1,2025-01-02,shown\n", "c.csv:2"},
  };
  for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
    (void)snprintf(text, sizeof text, "%s%s", HEADER, CASES[k].row);
    assert_fails(read_text(CASES[k].name, text, &err), PFC_EDATA, CASES[k].said);
  }
  static const struct {
    const char *text, *said;
  } HEADERS[] = {
      {"", "c.csv: empty"},
      {"event_id,person_id,at,kind\n", "lacks intervention_id"},
      {"event_id;person_id;intervention_id;at;kind\n", "have ';' between its cells"},
      {"event_id,person_id,intervention_id,at,kind,at\n",
       "columns 4 and 6 are both named 'at'"},
      {"decision_id,decision,person_id,as_of\n", "no column intervention_id"},
      {"decision_id,decision,person_id,intervention_id,as_of,rank,decision\n",
       "columns 2 and 7 are both named 'decision'"},
  };
  for (size_t k = 0; k < sizeof HEADERS / sizeof *HEADERS; k++)
    assert_fails(read_text("c.csv", HEADERS[k].text, &err), PFC_EDATA, HEADERS[k].said);
  static const char NUL[] =
      "event_id,person_id,intervention_id,at,kind\ne\0,P1,I1,2025-01-02,shown\n";
  assert_fails(read_bytes("c.csv", NUL, sizeof NUL - 1, false, &err), PFC_EDATA, "c.csv:2");
  static const char NUL_LINE[] = "\0\n";
  assert_ok(read_bytes("c.jsonl", NUL_LINE, 2, false, &err));
  assert_int_equal(told.n_rejects, 1);
}

static void a_line_without_end_is_refused(void **state) {
  (void)state;
  const size_t size = ((size_t)1 << 20) + 70000;
  char *text = malloc(size);
  assert_non_null(text);
  memset(text, 'x', size);
  text[0] = '\n';
  assert_fails(read_bytes("c.jsonl", text, size, false, &err), PFC_EDATA,
               "c.jsonl:2: a line of more than 1048576 bytes is no event");
  free(text);
}

static void a_packed_file_that_was_cut_is_refused(void **state) {
  (void)state;
  static char packed[4000];
  gzFile out = gzopen("whole.jsonl.gz", "wb");
  for (int k = 0; k < 200; k++)
    (void)gzprintf(out,
                   "{\"event_id\":\"e%d\",\"person_id\":\"P%d\",\"intervention_id\":\"I1\","
                   "\"at\":\"2025-01-02\",\"kind\":\"shown\"}\n",
                   k, k * k % 97);
  assert_int_equal(gzclose(out), Z_OK);
  FILE *in = fopen("whole.jsonl.gz", "rb");
  assert_non_null(in);
  const size_t size = fread(packed, 1, sizeof packed, in);
  (void)fclose(in);
  for (size_t cut = 1; cut < 40 && cut < size; cut += 3) {
    pfc_feedback_file file = {.on_reject = note_reject};
    told = (struct told){0};
    test_write_file("cut.jsonl.gz", packed, size - cut);
    pfc_error err = PFC_ERROR_INIT;
    assert_true(pfc_feedback_read("cut.jsonl.gz", &file, note_event, NULL, &err) != PFC_OK);
  }
}

static pfc_status read_again(void *user) {
  pfc_feedback_file file = {0};
  told = (struct told){0};
  return pfc_feedback_read(user, &file, note_event, NULL, NULL);
}

static void memory_may_be_short(void **state) {
  (void)state;
  static const char *const NAMES[] = {"m.csv", "m.jsonl"};
  for (int k = 0; k < 2; k++) {
    char name[16];
    const bad_cell none = {"", "", NULL};
    const char *text = file_with(k == 1, &none);
    (void)snprintf(name, sizeof name, "%s", NAMES[k]);
    test_write_file(name, text, strlen(text));
    told = (struct told){0};
    assert_true(count_down(read_again, name) > 0);
    assert_int_equal(told.n, 2);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_is_the_same_in_every_file),
      cmocka_unit_test(what_is_missing_is_missing),
      cmocka_unit_test(a_sheet_tells_what_was_shown_and_answered),
      cmocka_unit_test(every_bad_cell_is_named),
      cmocka_unit_test(a_text_of_two_lines_is_none),
      cmocka_unit_test(a_bad_line_is_named),
      cmocka_unit_test(a_bad_answer_is_named_by_the_columns_of_the_sheet),
      cmocka_unit_test(what_is_no_file_of_events_is_refused),
      cmocka_unit_test(a_line_without_end_is_refused),
      cmocka_unit_test(a_packed_file_that_was_cut_is_refused),
      cmocka_unit_test(memory_may_be_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
