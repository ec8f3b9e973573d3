// labels: property check
#include "tests/support/test.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "datasets/export.h"
#include "datasets/import.h"
#include "tests/support/dataset.h"
#include "tests/support/oom.h"

/* --- a dataset of every table that import takes back ----------------------------------- */

enum { FEW = 40, MANY = 10000 }; /* rows: of most tables, and of enrolments, in three blocks */

static const char *const TEXTS[] = {"plain",   "a, b",       "she said \"no\"",
                                    "\"",      "two\nlines", "two\r\nlines",
                                    " before", "after ",     "\ttab",
                                    " ",       ",",          "\xf0\x9f\x8e\x93 \xc3\xa9",
                                    "=1+1",    "'",          "0",
                                    "NaN",     "a\"\"b",     "#",
                                    "\r"};
static const double REALS[] = {0,
                               -0.0,
                               1,
                               0.25,
                               3.5,
                               0.1,
                               1.0 / 3,
                               1e22,
                               -1e-7,
                               DBL_MAX,
                               DBL_MIN,
                               4.9e-324,
                               0.30000000000000004,
                               1e300,
                               -12345.6789,
                               123456789012.25,
                               1e16};
enum { N_TEXTS = sizeof TEXTS / sizeof *TEXTS, N_REALS = sizeof REALS / sizeof *REALS };

static int64_t rows_of(pfc_table_id t) { return t == PFC_ENROLMENTS ? MANY : FEW; }

static int32_t code_of(pfc_column *column, const char *text) {
  int32_t code;
  assert_ok(pfc_dict_add(column->dict, text, strlen(text), &code, &err));
  return code;
}

static bool is(const pfc_column *column, const char *name) {
  return strcmp(column->name, name) == 0;
}

/* Nobody manages, contains or requires what came after. */
static int32_t earlier(const pfc_dataset *ds, pfc_table_id t, const char *of, int64_t row) {
  const int32_t *code = pfc_dataset_codes(ds, t, of);
  return code[row] - 1;
}

static int32_t reference(pfc_dataset *ds, pfc_table_id t, const pfc_column *column, int64_t row,
                         pfc_rng *rng) {
  if (is(column, "manager_id")) return earlier(ds, t, "person_id", row);
  if (is(column, "parent_id")) return earlier(ds, t, "competency_id", row);
  if (is(column, "requires_intervention_id")) return earlier(ds, t, "intervention_id", row);
  return (int32_t)pfc_rng_below(rng, FEW);
}

static int32_t draw_code(pfc_dataset *ds, pfc_table_id t, pfc_column *column,
                         const pfc_column_decl *decl, int64_t row, pfc_rng *rng) {
  char text[64];
  const bool owned = pfc_schema_owner(pfc_dict_name(column->dict)) >= 0;
  if (decl && decl->words) {
    const char *word = decl->words;
    /* What people did not want of proposals, import leaves out. */
    const bool is_proposal = is(column, "status") && strstr(decl->words, "proposed");
    for (uint64_t skip = pfc_rng_below(rng, is_proposal ? 2 : 6); skip > 0 && strchr(word, '|');
         skip--)
      word = strchr(word, '|') + 1;
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(word, "|"), word);
    return code_of(column, text);
  }
  if (!decl || !(decl->flags & PFC_KEY))
    return owned ? reference(ds, t, column, row, rng)
                 : code_of(column, TEXTS[pfc_rng_below(rng, N_TEXTS)]);
  /* Keys of one column are the rows; of two or more, the digits of the row. */
  const bool first = decl == &pfc_schema(t)->columns[0];
  const pfc_table_decl *table = pfc_schema(t);
  const bool sole = table->n_columns == 1 || !(table->columns[1].flags & PFC_KEY);
  if (sole && first) return (int32_t)row;
  return (int32_t)(first ? row / 7 : row % 7);
}

static double draw_real(const pfc_column *column, const pfc_column_decl *decl, pfc_rng *rng) {
  if (is(column, "scale_min")) return 0;
  if (is(column, "scale_max")) return 5;
  if (is(column, "duration_days")) return 20 + (double)pfc_rng_below(rng, 9);
  if (decl && decl->flags & PFC_LEVEL) return 5 * pfc_rng_uniform(rng);
  for (;;) {
    const double real = REALS[pfc_rng_below(rng, N_REALS)];
    const double max =
        is(column, "entry_days") || is(column, "last_below_days") ? 20 : INFINITY;
    if (!decl || (real >= decl->min && real <= decl->max && real <= max)) return real;
  }
}

/* Columns that end something lie behind those that begin it. */
static int32_t draw_day(const pfc_column *column, pfc_rng *rng) {
  static const char *const LATER[] = {"to", "ended_on", "closes_on", "valid_until"};
  bool later = false;
  for (int i = 0; i < 4; i++) later = later || is(column, LATER[i]);
  if (pfc_rng_below(rng, 5) == 0) return later ? PFC_LAST_DAY : PFC_FIRST_DAY;
  return (int32_t)pfc_rng_below(rng, 20000) + (later ? 20000 : 0);
}

static void draw(pfc_dataset *ds, pfc_table_id t, pfc_column *column,
                 const pfc_column_decl *decl, int64_t row, pfc_rng *rng) {
  switch (column->type) {
    case PFC_CODE:
      column->code[row] = draw_code(ds, t, column, decl, row, rng);
      break;
    case PFC_REAL:
      column->real[row] = draw_real(column, decl, rng);
      break;
    case PFC_INT:
      column->i32[row] = (int32_t)(decl->min + (double)pfc_rng_below(rng, 1201));
      break;
    case PFC_FLAG:
      column->flag[row] = (int8_t)pfc_rng_below(rng, 2);
      break;
    case PFC_DATE:
      column->date[row] = draw_day(column, rng);
      break;
    case PFC_TIME:
      column->time[row] = pfc_rng_below(rng, 2)
                              ? (int64_t)pfc_rng_below(rng, 4000000000u) - 2000000000
                              : (PFC_LAST_DAY + INT64_C(1)) * PFC_DAY_S - 1;
      break;
  }
}

/* A row of one of two says one of them. */
static bool may_miss(pfc_table_id t, const pfc_column *column, const pfc_column_decl *decl) {
  if (decl && decl->flags & (PFC_KEY | PFC_REQUIRED)) return false;
  if (t == PFC_PREREQUISITES) return !is(column, "requires_competency_id");
  if (t == PFC_OVERRIDES) return !is(column, "person_id");
  return (t != PFC_DEMAND && t != PFC_SCENARIOS) || !is(column, "role_id");
}

static void add_column(pfc_dataset *ds, pfc_table_id t, const char *name, pfc_rng *rng) {
  pfc_type type;
  char dictionary[PFC_DICT_NAME];
  pfc_column *column;
  const pfc_table_decl *table = pfc_schema(t);
  const pfc_column_decl *decl = pfc_schema_column(table, name);
  assert_true(pfc_schema_takes(table, name, &type, dictionary));
  assert_ok(pfc_dataset_add_column(ds, t, name, type, dictionary, rows_of(t), &column, &err));
  for (int64_t r = 0; r < rows_of(t); r++)
    if (!may_miss(t, column, decl) || pfc_rng_below(rng, 3)) draw(ds, t, column, decl, r, rng);
}

static pfc_dataset *everything(uint64_t seed) {
  static const char *const EXTRA[] = {"x_a", "c_b", "x_\"odd\", name", "c_\xc3\xa5 "};
  pfc_dataset *ds = pfc_dataset_create();
  assert_non_null(ds);
  pfc_rng rng;
  pfc_rng_init(&rng, seed, "test.export", 0);
  for (int t = 0; t < PFC_N_TABLES; t++) {
    for (int c = 0; c < pfc_schema((pfc_table_id)t)->n_columns; c++) {
      const pfc_column_decl *decl = &pfc_schema((pfc_table_id)t)->columns[c];
      const int owner = decl->dictionary ? pfc_schema_owner(decl->dictionary) : -1;
      pfc_dict *dict = owner >= 0 ? pfc_dataset_dict(ds, decl->dictionary) : NULL;
      for (int i = 0; dict && pfc_dict_size(dict) < FEW; i++) {
        char text[64];
        int32_t code;
        (void)snprintf(text, sizeof text, "%s%d", TEXTS[i % 4], i);
        assert_ok(pfc_dict_add(dict, text, strlen(text), &code, &err));
      }
    }
  }
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table_decl *table = pfc_schema((pfc_table_id)t);
    for (int c = 0; c < table->n_columns; c++)
      add_column(ds, (pfc_table_id)t, table->columns[c].name, &rng);
    for (int e = 0; e < 4 && table->features; e++)
      add_column(ds, (pfc_table_id)t, EXTRA[e], &rng);
    if (table->open_columns) add_column(ds, (pfc_table_id)t, "group, so called", &rng);
  }
  return ds;
}

/* --- round trips ------------------------------------------------------------------------ */

static void cells_equal(const pfc_table *table, const pfc_column *a, const pfc_column *b,
                        int64_t r) {
  const size_t size = pfc_type_size(a->type);
  bool same = pfc_column_missing(a, r) == pfc_column_missing(b, r);
  if (same && !pfc_column_missing(a, r) && a->type == PFC_CODE)
    same = strcmp(pfc_dict_text(a->dict, a->code[r]), pfc_dict_text(b->dict, b->code[r])) == 0;
  else if (same && !pfc_column_missing(a, r))
    same = memcmp((const char *)a->data + (size_t)r * size,
                  (const char *)b->data + (size_t)r * size, size) == 0;
  if (!same) fail_msg("%s.%s differs in row %lld", table->decl->name, a->name, (long long)r);
}

static void datasets_equal(const pfc_dataset *a, const pfc_dataset *b) {
  for (int t = 0; t < PFC_N_TABLES; t++) {
    const pfc_table *x = &a->tables[t], *y = &b->tables[t];
    if (x->n_rows != y->n_rows || x->n_columns != y->n_columns)
      fail_msg("%s: %lld rows of %d columns, %lld of %d", x->decl->name, (long long)x->n_rows,
               x->n_columns, (long long)y->n_rows, y->n_columns);
    for (int c = 0; c < x->n_columns; c++) {
      assert_string_equal(x->columns[c].name, y->columns[c].name);
      assert_int_equal(x->columns[c].type, y->columns[c].type);
      for (int64_t r = 0; r < x->n_rows; r++) cells_equal(x, &x->columns[c], &y->columns[c], r);
    }
  }
}

static pfc_status complain(const pfc_reject *reject, void *user, pfc_error *err) {
  (void)user;
  (void)err;
  print_message("%s:%lld: %s '%s': %s\n", reject->file, (long long)reject->line, reject->column,
                reject->value, reject->reason);
  return PFC_OK;
}

static pfc_dataset *import(const char *folder) {
  pfc_import_settings s;
  pfc_dataset *ds = NULL;
  pfc_import_defaults(&s);
  s.max_bad = 0;
  s.on_reject = complain;
  assert_ok(pfc_import(&folder, 1, &s, &ds, &err));
  for (int t = 0; t < PFC_N_TABLES; t++)
    assert_int_equal(ds->tables[t].origin.rows_rejected, 0);
  return ds;
}

static pfc_export_settings settings(bool replace) {
  pfc_export_settings s;
  pfc_export_defaults(&s);
  s.replace = replace;
  return s;
}

static pfc_status export_to(const pfc_dataset *ds, const char *folder, pfc_error *err) {
  const pfc_export_settings s = settings(true);
  return pfc_export(ds, folder, &s, err);
}

static void what_was_exported_is_imported(void **state) {
  (void)state;
  const uint64_t seed = test_seed(61);
  for (uint64_t round = 0; round < 3; round++) {
    pfc_dataset *ds = everything(seed + round);
    assert_ok(export_to(ds, "all", &err));
    pfc_dataset *back = import("all");
    datasets_equal(ds, back);
    pfc_dataset_destroy(ds);
    pfc_dataset_destroy(back);
  }
}

static void the_same_bytes_for_any_number_of_threads(void **state) {
  (void)state;
  pfc_dataset *ds = everything(5);
  char *one = NULL, *two = NULL;
  size_t n_one, n_two;
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  assert_ok(export_to(ds, "threads", &err));
  assert_ok(pfc_file_read("threads/enrolments.csv", (size_t)1 << 30, &one, &n_one, &err));
  omp_set_num_threads(3);
  assert_ok(export_to(ds, "threads", &err));
  omp_set_num_threads(threads);
  assert_ok(pfc_file_read("threads/enrolments.csv", (size_t)1 << 30, &two, &n_two, &err));
  assert_int_equal(n_one, n_two);
  assert_memory_equal(one, two, n_one);
  pfc_free(one);
  pfc_free(two);
  pfc_dataset_destroy(ds);
}

/* --- what files look like --------------------------------------------------------------- */

static pfc_dataset *two_people(void) {
  pfc_dataset *ds = pfc_dataset_create();
  pfc_column *c;
  assert_ok(
      pfc_dataset_add_column(ds, PFC_PEOPLE, "person_id", PFC_CODE, "person", 2, &c, &err));
  c->code[0] = code_of(c, "P1");
  c->code[1] = code_of(c, "P2, \"the\" second");
  assert_ok(pfc_dataset_add_column(ds, PFC_PEOPLE, "hired_on", PFC_DATE, NULL, 2, &c, &err));
  c->date[0] = 16344;
  assert_ok(
      pfc_dataset_add_column(ds, PFC_PEOPLE, "hours_per_week", PFC_REAL, NULL, 2, &c, &err));
  c->real[1] = 2.5;
  assert_ok(
      pfc_dataset_add_column(ds, PFC_PROTECTED, "person_id", PFC_CODE, "person", 1, &c, &err));
  c->code[0] = 1;
  return ds;
}

static void file_holds(const char *path, const char *expected) {
  char *bytes = NULL;
  size_t size = 0;
  assert_ok(pfc_file_read(path, 10000, &bytes, &size, &err));
  assert_string_equal(bytes, expected);
  pfc_free(bytes);
}

static const char TWO_PEOPLE[] =
    "person_id,hired_on,hours_per_week\nP1,2014-10-01,\n\"P2, \"\"the\"\" second\",,2.5\n";

static void files_are_plain(void **state) {
  (void)state;
  pfc_dataset *ds = two_people();
  struct stat info;
  const mode_t mask = umask(022);
  assert_ok(export_to(ds, "plain", &err));
  (void)umask(mask);
  file_holds("plain/people.csv", TWO_PEOPLE);
  assert_int_equal(stat("plain/people.csv", &info), 0);
  assert_int_equal(info.st_mode & 0777, 0644);
  assert_int_equal(stat("plain/protected.csv", &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(access("plain/roles.csv", F_OK), -1);
  pfc_dataset_destroy(ds);
}

/* --- folders ------------------------------------------------------------------------------ */

static void tables_that_are_there_give_way_on_demand_alone(void **state) {
  (void)state;
  pfc_dataset *ds = two_people();
  const pfc_export_settings careful = settings(false);
  (void)mkdir("there", 0700);
  (void)unlink("there/people.csv");
  (void)unlink("there/protected.csv");
  test_write_file("there/notes.txt", "mine", 4);
  test_write_file("there/roles.csv", "role_id\n", 8);
  assert_fails(pfc_export(ds, "there", &careful, &err), PFC_EUSAGE, "there/roles.csv");
  (void)unlink("there/roles.csv");
  test_write_file("there/people.csv.gz", "?", 1);
  assert_fails(pfc_export(ds, "there", &careful, &err), PFC_EUSAGE, "there/people.csv.gz");
  test_write_file("there/roles.csv", "role_id\n", 8);
  assert_ok(export_to(ds, "there", &err));
  assert_int_equal(access("there/roles.csv", F_OK), -1);
  assert_int_equal(access("there/people.csv.gz", F_OK), -1);
  file_holds("there/people.csv", TWO_PEOPLE);
  file_holds("there/notes.txt", "mine");
  assert_fails(export_to(ds, "there/notes.txt", &err), PFC_EIO, "there/notes.txt");
  assert_fails(export_to(ds, "nowhere/below", &err), PFC_EIO, "nowhere/below");
  pfc_dataset_destroy(ds);
}

static pfc_status refuse(void *user, pfc_error *err) {
  assert_int_equal(access(user, F_OK), -1);
  return pfc_fail(err, PFC_EIO, "no room beside them");
}

static void nothing_appears_when_what_belongs_to_it_cannot(void **state) {
  (void)state;
  pfc_dataset *ds = two_people();
  char path[] = "beside/people.csv";
  pfc_export_settings s = settings(false);
  s.before_commit = refuse;
  s.user = path;
  assert_fails(pfc_export(ds, "beside", &s, &err), PFC_EIO, "no room beside them");
  assert_int_equal(access("beside", F_OK), -1);
  pfc_dataset_destroy(ds);
}

static int stop(const pfc_progress_event *event, void *user) {
  (void)user;
  assert_true(event->done <= event->total);
  return 1;
}

static void it_can_be_cancelled(void **state) {
  (void)state;
  pfc_dataset *ds = two_people();
  pfc_export_settings s = settings(false);
  s.progress.fn = stop;
  assert_int_equal(pfc_export(ds, "stopped", &s, NULL), PFC_ECANCELLED);
  assert_int_equal(access("stopped", F_OK), -1);
  pfc_dataset_destroy(ds);
}

/* --- failures ----------------------------------------------------------------------------- */

static void a_dataset_that_is_none_is_refused(void **state) {
  (void)state;
  pfc_dataset *ds = two_people();
  test_dataset_column(ds, PFC_PEOPLE, "hours_per_week")->real[0] = INFINITY;
  assert_fails(export_to(ds, "bad", &err), PFC_EUSAGE, "/tables/people/hours_per_week");
  assert_int_equal(access("bad", F_OK), -1);
  pfc_dataset_destroy(ds);
}

static void short_memory_leaves_what_was_there(void **state) {
  (void)state;
  pfc_dataset *ds = two_people();
  (void)mkdir("kept", 0700);
  (void)unlink("kept/protected.csv");
  test_write_file("kept/people.csv", "before", 6);
  for (long fail_at = 0;; fail_at++) {
    oom_after(fail_at);
    const pfc_status st = export_to(ds, "kept", NULL);
    const bool failed = oom_happened();
    oom_after(-1);
    assert_int_equal(st, failed ? PFC_ENOMEM : PFC_OK);
    if (!failed) break;
    file_holds("kept/people.csv", "before");
    assert_int_equal(access("kept/protected.csv", F_OK), -1);
  }
  file_holds("kept/people.csv", TWO_PEOPLE);
  pfc_dataset_destroy(ds);
}

/* Files that may not grow stand for a disk that is full. */
static void a_full_disk_is_told(void **state) {
  (void)state;
  pfc_dataset *ds = everything(7);
  struct rlimit before, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 100000;
  (void)signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  pfc_error err = PFC_ERROR_INIT;
  const pfc_status st = export_to(ds, "full", &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(st, PFC_EIO);
  assert_non_null(strstr(err.msg, "cannot write 'full/enrolments.csv': File too large"));
  assert_int_equal(access("full", F_OK), -1);
  pfc_dataset_destroy(ds);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_exported_is_imported),
      cmocka_unit_test(the_same_bytes_for_any_number_of_threads),
      cmocka_unit_test(files_are_plain),
      cmocka_unit_test(tables_that_are_there_give_way_on_demand_alone),
      cmocka_unit_test(nothing_appears_when_what_belongs_to_it_cannot),
      cmocka_unit_test(it_can_be_cancelled),
      cmocka_unit_test(a_dataset_that_is_none_is_refused),
      cmocka_unit_test(short_memory_leaves_what_was_there),
      cmocka_unit_test(a_full_disk_is_told),
  };
  return cmocka_run_group_tests_name("datasets/export", tests, NULL, NULL);
}
