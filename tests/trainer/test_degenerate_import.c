// labels: degenerate check
/* Files out of order, from their text to a sound model or to a reason that names the cell. */
#include "tests/support/test.h"

#include "base/mem.h"
#include "base/par.h"
#include "datasets/storage.h"
#include "tests/support/folder.h"
#include "tests/support/sound.h"
#include "trainer/train.h"

enum { GOOD_ROWS = 120, MOST_TEXT = 300000 };
#define HEADER "person_id,intervention_id,started_on,ended_on,status,x_a"

/* One row after 120 good ones. LONG stands for an id of so many letters. */
typedef struct row_case {
  const char *row;
  int letters;
  const char *said; /* why it is rejected; NULL: it is taken */
} row_case;

static row_case row_cases[] = {
    {"LONG,i0,2020-01-05,2020-02-20,passed,1", 10000, "at most 8192 bytes"},
    {"LONG,i0,2020-01-05,2020-02-20,passed,1", 8193, "at most 8192 bytes"},
    {"LONG,i0,2020-01-05,2020-02-20,passed,1", 8192, NULL},
    {"p0,LONG,2020-01-05,2020-02-20,passed,1", 10000, "at most 8192 bytes"},
    {"p0,LONG,2020-01-05,2020-02-20,passed,1", 8192, NULL},
    {"p0,i0,2020-01-05,2020-02-20,LONG,1", 10000, "at most 8192 bytes"},
    {",i0,2020-01-05,2020-02-20,passed,1", 0, "expected a value"},
    {"p0,,2020-01-05,2020-02-20,passed,1", 0, "expected a value"},
    {"p0,i0,,,,", 0, NULL},
    {"p0,i0,2020-01-05,2020-02-20,passed,1e300", 0, NULL},
    {"p0,i0,2020-01-05,2020-02-20,passed,-1.7e308", 0, NULL},
    {"p0,i0,2020-01-05,2020-02-20,passed,1e-300", 0, NULL},
    {"p0,i0,2020-01-05,2020-02-20,passed,4e-324", 0, NULL},
    {"p0,i0,2020-01-05,2020-02-20,passed,1e400", 0, "larger than any number"},
    {"p0,i0,2020-01-05,2020-02-20,passed,nan", 0, "number"},
    {"p0,i0,2020-01-05,2020-02-20,passed,inf", 0, "number"},
    {"p0,i0,0001-01-01,9999-12-31,passed,1", 0, NULL},
    {"p0,i0,0000-01-01,2020-02-20,passed,1", 0, "date"},
    {"p0,i0,2020-01-05,10000-01-01,passed,1", 0, "date"},
    {"p0,i0,2019-02-29,2020-02-20,passed,1", 0, "date"},
    {"p0,i0,2020-03-05,2020-02-20,passed,1", 0, "before"},
};

static char text[MOST_TEXT];

static void add(const char *format, ...) {
  va_list args;
  const size_t used = strlen(text);
  va_start(args, format);
  (void)vsnprintf(text + used, sizeof text - used, format, args);
  va_end(args);
}

static void add_good_rows(int n) {
  for (int r = 0; r < n; r++)
    add("p%d,i%d,2020-0%d-05,2020-0%d-20,%s,%d\n", r / 4, r % 5, 1 + r % 6, 2 + r % 6,
        r % 3 ? "passed" : "failed", r % 7);
}

/* Writes a row with its LONG spelt out. */
static void add_row(const row_case *c) {
  const char *at = strstr(c->row, "LONG");
  add("%.*s", at ? (int)(at - c->row) : (int)strlen(c->row), c->row);
  for (int k = 0; at && k < c->letters; k++) add("a");
  add("%s\n", at ? at + 4 : "");
}

static int is_said(const char *reason) {
  for (int i = 0; i < folder_rejects.n; i++)
    if (strstr(folder_rejects.at[i].reason, reason)) return 1;
  return 0;
}

/* Packed and unpacked, trained, judged by what it holds and tells. */
static void train_soundly(const pfc_dataset *ds) {
  pfc_dataset *packed = NULL;
  pfc_bundle *b = NULL;
  pfc_train_settings s;
  pfc_train_report report;
  sound_tally tally = {0};
  pfc_train_defaults(&s);
  s.als.rank = 2;
  s.als.max_sweeps = 5;
  s.models = s.require = PFC_TRAIN_AFFINITY | PFC_TRAIN_SUCCESS;
  assert_ok(pfc_dataset_save(ds, "data.h5", &err));
  assert_ok(pfc_dataset_load("data.h5", &packed, &err));
  assert_ok(pfc_train(packed, &s, &b, &report, &err));
  sound_bundle(b, &tally);
  sound_predictions(b, packed, &tally);
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(packed);
}

static void a_row(void **state) {
  const row_case *c = *state;
  strcpy(text, HEADER "\n");
  (void)folder_begin(NULL);
  add_good_rows(GOOD_ROWS);
  add_row(c);
  folder_write("enrolments.csv", text);
  pfc_dataset *ds = folder_import_all();
  const int64_t n = ds->tables[PFC_ENROLMENTS].n_rows;
  assert_int_equal(n, GOOD_ROWS + (c->said ? 0 : 1));
  if (c->said && !is_said(c->said)) {
    for (int i = 0; i < folder_rejects.n; i++)
      print_message("said: %s\n", folder_rejects.at[i].reason);
    fail_msg("nothing speaks of \"%s\"", c->said);
  }
  train_soundly(ds);
  pfc_dataset_destroy(ds);
}

/* --- whole files ---------------------------------------------------------------------------
 */

typedef struct file_case {
  const char *name, *begin;
  int good_rows;
  const char *fails; /* import fails and says so; NULL: training does, and says `trains` */
  const char *trains;
} file_case;

static file_case file_cases[] = {
    {"an empty file", "", 0, "enrolments.csv", NULL},
    {"a header alone", HEADER "\n", 0, NULL, "nothing can be trained"},
    {"a blank line", "\n", 0, "enrolments.csv", NULL},
    {"no column of people", "intervention_id\n", 0, "person_id", NULL},
    {"nothing but noise", "\x01\x02\n\x03\n", 0, "enrolments.csv", NULL},
    {"a column twice", "person_id,person_id,intervention_id\n", 0, "person_id", NULL},
    {"one row", HEADER "\n", 1, NULL, NULL},
    {"few rows", HEADER "\n", 49, NULL, NULL},
};

static void a_file(void **state) {
  const file_case *c = *state;
  pfc_error err = PFC_ERROR_INIT;
  pfc_dataset *ds = NULL;
  pfc_bundle *b = NULL;
  pfc_train_settings s;
  pfc_train_report report;
  const pfc_import_settings import = folder_tolerant();
  strcpy(text, c->begin);
  (void)folder_begin(NULL);
  add_good_rows(c->good_rows);
  folder_write("enrolments.csv", text);
  pfc_status st = folder_import(&import, &ds, &err);
  if (c->fails) {
    if (st != PFC_EDATA || !strstr(err.msg, c->fails)) fail_msg("status %d, %s", st, err.msg);
    return;
  }
  if (st != PFC_OK) fail_msg("status %d, %s", st, err.msg);
  pfc_train_defaults(&s);
  st = pfc_train(ds, &s, &b, &report, &err);
  if (c->trains) {
    if (st != PFC_EDATA || !strstr(err.msg, c->trains)) fail_msg("status %d, %s", st, err.msg);
  } else {
    sound_tally tally = {0};
    if (st != PFC_OK) fail_msg("status %d, %s", st, err.msg);
    sound_bundle(b, &tally);
    sound_predictions(b, ds, &tally);
  }
  pfc_bundle_destroy(b);
  pfc_dataset_destroy(ds);
}

enum {
  N_ROWS = sizeof row_cases / sizeof *row_cases,
  N_FILES = sizeof file_cases / sizeof *file_cases
};

static int set_up(void **state) {
  (void)state;
  assert_ok(pfc_par_init(1, &err));
  return 0;
}

int main(void) {
  static char names[N_ROWS][160];
  static struct CMUnitTest tests[N_ROWS + N_FILES];
  for (int r = 0; r < N_ROWS; r++) {
    row_case *c = &row_cases[r];
    (void)snprintf(names[r], sizeof names[r], "%s (%d letters)", c->row, c->letters);
    tests[r] = (struct CMUnitTest){names[r], a_row, NULL, NULL, c};
  }
  for (int f = 0; f < N_FILES; f++)
    tests[N_ROWS + f] =
        (struct CMUnitTest){file_cases[f].name, a_file, NULL, NULL, &file_cases[f]};
  const int failed =
      _cmocka_run_group_tests("degenerate import", tests, N_ROWS + N_FILES, set_up, NULL);
  print_error("{\"files\":%d,\"failed\":%d}\n", N_ROWS + N_FILES, failed);
  return failed;
}
