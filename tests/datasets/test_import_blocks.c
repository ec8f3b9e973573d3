// labels: property check
/* Tables typed by blocks and columns against the same rows given one by one to the builder;
 * by any number of threads, with blocks of any size. */
#include "tests/support/test.h"

#include <stdbool.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "datasets/import_internal.h"

enum { ROWS = 1500, COLUMNS = 8 };

/* --- random tables --------------------------------------------------------- */

/* Forms of a cell by column: right ones, in all the ways there are, and some wrong ones. */
static const char *const DATES[] = {
    "2014-10-01", "2016-02-29",    "2014-10-01T08:30:00Z", "",
    "2014-10-31", "0001-01-01",    "2015-02-29",           "14-10-01",
    "2014-13-01", "\"2014-01-02\""};
static const char *const NUMBERS[] = {"12",
                                      "-3.5",
                                      "0.1",
                                      "",
                                      "1e3",
                                      "+7",
                                      ".5",
                                      "5.",
                                      "-0",
                                      "1..2",
                                      "123456789012345678",
                                      "0x1",
                                      "nan",
                                      "0.30000000000000004",
                                      "9007199254740993"};
static const char *const FLAGS[] = {"1", "0", "true", "FALSE", "", "2"};
static const char *const COUNTS[] = {"12", "0", "1.0", "", "1.5", "-1", "2147483648", "7"};
static const char *const WORDS[] = {"passed",  "failed", "",
                                    "dropped", "Passed", "\"completed\""};

typedef struct sheet {
  pfc_table_id table;
  const char *path, *header;
} sheet;

static const sheet SHEETS[] = {
    {PFC_PEOPLE, "people.csv", "manager_id,person_id,hired_on,hours_per_week,c_a,x_b"},
    {PFC_INTERVENTIONS, "interventions.csv", "intervention_id,seats,title,x_a,opens_on"},
    {PFC_ELIGIBILITY, "eligibility.csv", "allow,intervention_id,role_id"},
    {PFC_ENROLMENTS, "enrolments.csv",
     "person_id,intervention_id,started_on,ended_on,status,score"},
};
enum { N_SHEETS = sizeof SHEETS / sizeof *SHEETS };

#define ANY(list) (list)[pfc_rng_below(rng, sizeof(list) / sizeof *(list))]

/* Good mostly, so that most rows of several cells are kept. */
#define MOSTLY(list) (pfc_rng_below(rng, 16) ? (list)[0] : ANY(list))

static void write_cell(FILE *to, const char *column, int row, pfc_rng *rng) {
  const int32_t any = (int32_t)pfc_rng_below(rng, ROWS);
  if (strcmp(column, "person_id") == 0 || strcmp(column, "intervention_id") == 0)
    (void)fprintf(to, pfc_rng_below(rng, 4) ? "id%d" : "\"id%d\"",
                  pfc_rng_below(rng, 60) ? row : any);
  else if (strcmp(column, "manager_id") == 0 && pfc_rng_below(rng, 40))
    return; /* most are missing: a row that goes takes those along that refer to it */
  else if (strcmp(column, "manager_id") == 0)
    (void)fprintf(to, "id%d", any);
  else if (strstr(column, "_on"))
    (void)fputs(MOSTLY(DATES), to);
  else if (strcmp(column, "allow") == 0)
    (void)fputs(MOSTLY(FLAGS), to);
  else if (strcmp(column, "seats") == 0)
    (void)fputs(MOSTLY(COUNTS), to);
  else if (strcmp(column, "status") == 0)
    (void)fputs(MOSTLY(WORDS), to);
  else if (strncmp(column, "c_", 2) == 0 || strcmp(column, "role_id") == 0)
    (void)fprintf(to, " w%d ", any % 7);
  else if (strcmp(column, "title") == 0)
    (void)fprintf(to, "\"The \"\"%d\"\",\nagain\"", any);
  else
    (void)fputs(MOSTLY(NUMBERS), to);
}

static void write_sheet(const sheet *s, bool is_ragged, pfc_rng *rng) {
  FILE *to = fopen(s->path, "w");
  assert_non_null(to);
  (void)fprintf(to, "%s\n", s->header);
  for (int row = 0; row < ROWS; row++) {
    char names[128], *rest = names;
    (void)snprintf(names, sizeof names, "%s", s->header);
    for (const char *name; (name = strsep(&rest, ","));) {
      if (is_ragged && pfc_rng_below(rng, 300) == 0) continue;
      write_cell(to, name, row, rng);
      if (rest) (void)fputc(',', to);
    }
    (void)fputs(pfc_rng_below(rng, 5) ? "\n" : "\r\n", to);
  }
  assert_int_equal(fclose(to), 0);
}

/* --- two ways to read them ------------------------------------------------- */

/* What was said, and the datasets that came of it. */
typedef struct outcome {
  pfc_dataset *ds;
  char *said;
  size_t size, capacity;
} outcome;

static pfc_status note(const pfc_reject *reject, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  outcome *o = user;
  PFC_RESERVE(o->said, o->capacity, o->size + 1200);
  o->size +=
      (size_t)snprintf(o->said + o->size, 1200, "%s:%lld %s '%s' %s\n", reject->file,
                       (long long)reject->line, reject->column, reject->value, reject->reason);
done:
  return st;
}

typedef struct one_by_one {
  pfc__import *run;
  const sheet *sheet;
  pfc__builder *b;
} one_by_one;

static pfc_status give_row(const pfc_csv_row *row, void *user, pfc_error *err) {
  pfc_status st = PFC_OK;
  one_by_one *o = user;
  if (!o->b)
    return pfc__build_begin(o->run, o->sheet->table, o->sheet->path, row->cell, row->n_cells,
                            &o->b, err);
  pfc__build_row(o->b, row->line);
  for (int c = 0; c < row->n_cells; c++) PFC_TRY(pfc__build_text(o->b, c, row->cell[c], err));
  PFC_TRY(pfc__build_end(o->b, err));
done:
  return st;
}

/* block_size < 0: row by row. */
static void read_all(outcome *o, int64_t block_size) {
  pfc_import_settings settings;
  pfc_import_defaults(&settings);
  settings.max_bad_share = 1;
  settings.on_reject = note;
  settings.reject_user = o;
  pfc__import run = {.settings = &settings, .ds = pfc_dataset_create()};
  run.block_size = block_size < 0 ? 0 : (size_t)block_size;
  for (int s = 0; s < N_SHEETS; s++) {
    one_by_one rows = {.run = &run, .sheet = &SHEETS[s]};
    if (block_size < 0)
      assert_ok(pfc_csv_read(SHEETS[s].path, NULL, give_row, &rows, &err));
    else
      assert_ok(pfc__import_table(&run, SHEETS[s].table, SHEETS[s].path, &err));
  }
  assert_ok(pfc__import_finish(&run, &err));
  for (int t = 0; t < PFC_N_TABLES; t++) pfc__builder_destroy(run.builders[t]);
  o->ds = run.ds;
}

static void clear(outcome *o) {
  pfc_dataset_destroy(o->ds);
  pfc_free(o->said);
  *o = (outcome){0};
}

/* --- are they the same? ---------------------------------------------------- */

static void tables_agree(const pfc_table *a, const pfc_table *b) {
  assert_int_equal(a->n_rows, b->n_rows);
  assert_int_equal(a->n_columns, b->n_columns);
  assert_int_equal(a->origin.rows_read, b->origin.rows_read);
  assert_int_equal(a->origin.rows_rejected, b->origin.rows_rejected);
  for (int c = 0; c < a->n_columns; c++) {
    const pfc_column *x = &a->columns[c], *y = &b->columns[c];
    assert_string_equal(x->name, y->name);
    assert_int_equal(x->type, y->type);
    assert_memory_equal(x->data, y->data, (size_t)a->n_rows * pfc_type_size(x->type));
    if (x->dict) assert_string_equal(pfc_dict_name(x->dict), pfc_dict_name(y->dict));
  }
  if (!a->origin.source) return;
  assert_string_equal(a->origin.source, b->origin.source);
  assert_string_equal(a->origin.sha256, b->origin.sha256);
}

/* All that is said would not fit a message: the first line that differs. */
static void said_agree(const char *a, const char *b) {
  while (*a && *b) {
    const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
    if (n != m || memcmp(a, b, n) != 0) fail_msg("%.*s, not %.*s", (int)m, b, (int)n, a);
    a += n + (a[n] == '\n');
    b += m + (b[m] == '\n');
  }
  assert_string_equal(a, b);
}

static void outcomes_agree(const outcome *a, const outcome *b) {
  said_agree(a->said ? a->said : "", b->said ? b->said : "");
  for (int t = 0; t < PFC_N_TABLES; t++) tables_agree(&a->ds->tables[t], &b->ds->tables[t]);
  assert_int_equal(a->ds->n_dicts, b->ds->n_dicts);
  for (int d = 0; d < a->ds->n_dicts; d++) {
    const pfc_dict *x = a->ds->dicts[d];
    const pfc_dict *y = pfc_dataset_find_dict(b->ds, pfc_dict_name(x));
    assert_non_null(y);
    assert_int_equal(pfc_dict_size(x), pfc_dict_size(y));
    for (int32_t code = 0; code < pfc_dict_size(x); code++) {
      assert_string_equal(pfc_dict_text(x, code), pfc_dict_text(y, code));
      assert_int_equal(pfc_dict_find(y, pfc_dict_text(x, code)), code);
    }
  }
}

static void compare(const outcome *wanted) {
  static const int64_t BLOCKS[] = {0, 1, 777, 20000};
  for (int threads = 1; threads <= 3; threads++) {
    assert_ok(pfc_par_init(threads, &err));
    for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++) {
      outcome got = {0};
      if (BLOCKS[i] == 1 && threads > 1) continue; /* as many rows as blocks: slow, not new */
      read_all(&got, BLOCKS[i]);
      outcomes_agree(wanted, &got);
      clear(&got);
    }
  }
}

static void blocks_agree_with_rows(void **state) {
  (void)state;
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(31), "test.import_blocks", 0);
  for (int is_ragged = 0; is_ragged < 2; is_ragged++) {
    outcome wanted = {0};
    for (int s = 0; s < N_SHEETS; s++) write_sheet(&SHEETS[s], is_ragged, &rng);
    assert_ok(pfc_par_init(1, &err));
    /* The builder knows no ragged rows: there, blocks are held against one block. */
    read_all(&wanted, is_ragged ? 0 : -1);
    const pfc_table *enrolments = &wanted.ds->tables[PFC_ENROLMENTS];
    assert_in_range(enrolments->origin.rows_rejected, ROWS / 20, ROWS - ROWS / 20);
    assert_non_null(strstr(wanted.said, "expected a date"));
    if (is_ragged) assert_non_null(strstr(wanted.said, "cells as in the header"));
    compare(&wanted);
    clear(&wanted);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_agree_with_rows)};
  return cmocka_run_group_tests_name("datasets/import_blocks", tests, NULL, NULL);
}
